//! Reference data: what changes in the world, imported; imports undone; the same data again, so that they are fresh.

use crate::error::Result;
use crate::run::Simulation;
use crate::world::{Exclusion, Registration};
use jiff::ToSpan;
use sluice_rules::reference::ReferenceKind;
use sluice_service::act::actor::Actor;
use sluice_service::imports::import::{Imported, UndoImport};
use sluice_service::service::ImportFile;

impl Simulation<'_> {
    /// Everything, at the beginning.
    pub(crate) fn import_everything(&mut self) -> Result<()> {
        let capacity = self.world.capacity_of(|_, _| true);
        for (kind, text) in [
            (ReferenceKind::Parties, self.world.parties()),
            (ReferenceKind::Capacity, capacity),
            (ReferenceKind::Dmc, self.world.combination_table()),
            (ReferenceKind::Epcl, self.world.epcl()),
            (ReferenceKind::Inventory, self.world.inventory()),
            (ReferenceKind::Registrations, self.world.registration_table()),
            (ReferenceKind::OutcomeCodes, crate::world::World::outcome_codes()),
        ] {
            // Nothing stands that it could change, so the console may do it; without it there is nothing to play with.
            if self.import_by(&Actor::console(), None, kind, &text)?.is_none() {
                return Err(crate::error::SimError::Defect(format!("the first import of {kind} was refused")));
            }
        }
        Ok(())
    }

    fn import(&mut self, kind: ReferenceKind, text: &str) -> Result<Option<Imported>> {
        let (by, approve) = self.operator();
        self.import_by(&by, approve.as_deref(), kind, text)
    }

    fn import_by(
        &mut self,
        by: &Actor,
        approve: Option<&str>,
        kind: ReferenceKind,
        text: &str,
    ) -> Result<Option<Imported>> {
        let (name, bytes) = (format!("{kind}.csv"), text.as_bytes().to_vec());
        let as_at = if self.chance(10) { self.now.saturating_sub(30.hours()).ok() } else { None };
        let file = ImportFile { kind, name: &name, bytes, as_at, approve, only_shown: false };
        let only_shown = ImportFile { only_shown: true, ..file.clone() };
        if self.chance(10) {
            // What is only shown changes nothing, and neither does what is refused.
            let shown = self.service.import(self.now, by, only_shown);
            let shown =
                shown.and_then(|_| Err::<(), _>(sluice_service::error::ServiceError::Use("only shown".to_owned())));
            self.after(&format!("shows an import of {kind}"), shown)?;
        }
        let result = self.service.import(self.now, by, file);
        self.after(&format!("imports {kind}"), result)
    }

    /// Something in the world changes, and the table that says so is imported.
    pub(crate) fn import_change(&mut self) -> Result<()> {
        let kept = self.world.clone();
        let kind = match self.random.u8(..100) {
            0..35 => self.change_supplier(),
            35..60 => self.change_inventory(),
            60..80 => self.change_exclusions(),
            80..92 => self.change_epcl(),
            _ => ReferenceKind::Capacity,
        };
        let text = match kind {
            ReferenceKind::Registrations => self.world.registration_table(),
            ReferenceKind::Inventory => self.world.inventory(),
            ReferenceKind::Exclusions => self.world.exclusion_table(),
            ReferenceKind::Epcl => self.world.epcl(),
            _ => self.capacity_of_a_week(),
        };
        if self.import(kind, &text)?.is_none() {
            self.world = kept;
        }
        Ok(())
    }

    fn a_home(&mut self) -> usize {
        self.random.usize(..self.world.homes.len())
    }

    /// MAM-8: a change of supplier, of a home that is authorised more often than of others.
    fn change_supplier(&mut self) -> ReferenceKind {
        let homes = self.random.usize(1..=3);
        for _ in 0..homes {
            let home = self.busy_home();
            let gas = self.world.homes[home].gas.is_some() && self.chance(50);
            let supplier = self.random.usize(..self.world.suppliers.len());
            let from = self.today().saturating_add(self.random.i64(-2..25).days());
            self.world.registrations.push(Registration { home, gas, supplier, from });
        }
        ReferenceKind::Registrations
    }

    pub(crate) fn busy_home(&mut self) -> usize {
        let busy: Vec<i64> =
            self.look.auths.iter().filter(|(_, auth)| auth.is_live()).map(|((chf, _), _)| *chf).collect();
        let home = if self.chance(70) { self.one(&busy) } else { None };
        let home = home.and_then(|chf| self.world.home_of(sluice_rules::party::Eui64(chf.cast_unsigned())));
        home.unwrap_or_else(|| self.a_home())
    }

    /// A meter becomes Active or Dormant, a supplier takes over, a home changes its S1SP, leaves or returns.
    fn change_inventory(&mut self) -> ReferenceKind {
        let homes = self.random.usize(1..=3);
        for _ in 0..homes {
            let place = self.busy_home();
            let supplier = self.random.usize(..self.world.suppliers.len());
            let s1sp = self.random.usize(..self.world.s1sps.len());
            let (registered, today) = (self.world.registrations.clone(), self.today());
            let what = self.random.u8(..100);
            let home = &mut self.world.homes[place];
            match what {
                0..25 => home.active = !home.active,
                25..45 => home.gas.iter_mut().for_each(|gas| gas.active = !gas.active),
                // MAM-8: the inventory names the supplier that is registered, and says Active.
                45..75 => {
                    for line in registered.iter().filter(|line| line.home == place && line.from <= today) {
                        match (&mut home.gas, line.gas) {
                            (Some(gas), true) => (gas.supplier, gas.active) = (line.supplier, true),
                            (_, false) => (home.supplier, home.active) = (line.supplier, true),
                            _ => {}
                        }
                    }
                }
                75..85 => home.supplier = supplier,
                85..92 => home.s1sp = s1sp,
                _ => home.listed = !home.listed,
            }
        }
        ReferenceKind::Inventory
    }

    /// EXC-1: an exclusion comes or goes.
    fn change_exclusions(&mut self) -> ReferenceKind {
        if self.chance(25) && !self.world.exclusions.is_empty() {
            let place = self.random.usize(..self.world.exclusions.len());
            self.world.exclusions.remove(place);
            return ReferenceKind::Exclusions;
        }
        let home = self.busy_home();
        let gas = self.world.homes[home].gas.is_some() && self.chance(30);
        let category = if self.chance(80) { "OTHER" } else { "NO_WAN" };
        let from = self.today().saturating_add(self.random.i64(-2..20).days());
        self.world.exclusions.push(Exclusion { home, gas, category, from });
        ReferenceKind::Exclusions
    }

    /// MA110: a combination leaves the list, or returns.
    fn change_epcl(&mut self) -> ReferenceKind {
        let place = self.random.usize(..self.world.proven.len());
        let date = self.today().saturating_add(self.random.i64(0..15).days());
        let line = &mut self.world.proven[place];
        line.removed = match line.removed {
            None if date > line.added => Some(date),
            _ => None,
        };
        ReferenceKind::Epcl
    }

    fn capacity_of_a_week(&mut self) -> String {
        let week = self.random.usize(..self.world.weeks.len());
        let monday = self.world.weeks[week];
        let s1sp = self.random.usize(..self.world.s1sps.len());
        let days: Vec<_> = self.world.capacity.keys().copied().collect();
        for key in days
            .into_iter()
            .filter(|(of, date)| *of == s1sp && monday <= *date && *date < monday.saturating_add(7.days()))
        {
            let total = self.random.u64(0..=9);
            let reserve = self.random.u64(0..=total * 2 / 5);
            self.world.capacity.insert(key, (total, reserve));
        }
        self.world.capacity_of(|of, date| of == s1sp && monday <= date && date < monday.saturating_add(7.days()))
    }

    /// REF-1: what may be too old for a lock is imported again.
    pub(crate) fn freshen(&mut self) -> Result<()> {
        let epcl = self.world.epcl();
        self.import(ReferenceKind::Epcl, &epcl)?;
        if self.chance(40) {
            let registrations = self.world.registration_table();
            self.import(ReferenceKind::Registrations, &registrations)?;
        }
        if self.chance(25) {
            let inventory = self.world.inventory();
            self.import(ReferenceKind::Inventory, &inventory)?;
        }
        Ok(())
    }

    /// REF-2: the last import is undone.
    pub(crate) fn undo(&mut self) -> Result<()> {
        let (by, approve) = self.operator();
        if self.chance(10) {
            // What is only shown changes nothing, and neither does what is refused.
            let shown = self.service.preview(self.now, &by, UndoImport { approve: approve.clone() });
            let shown =
                shown.and_then(|_| Err::<(), _>(sluice_service::error::ServiceError::Use("only shown".to_owned())));
            self.after("shows the undoing of an import", shown)?;
        }
        self.act("undoes an import", &by, UndoImport { approve }).map(drop)
    }
}
