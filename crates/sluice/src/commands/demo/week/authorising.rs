//! Suppliers authorise, and what happens to their authorisations before the cut-off.

use super::{APPROVER, Supplier, WEEK, Week, at};
use crate::commands::demo::inventory;
use crate::commands::print_line;
use crate::failure::Failure;
use crate::show::table;
use jiff::civil::{Time, time};
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::LONDON;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::reference::ReferenceKind;
use sluice_service::Result as Done;
use sluice_service::actor::Actor;
use sluice_service::calendar::local_date;
use sluice_service::cases::eligible::propose;
use sluice_service::cases::redistribute::{ChangeCapacity, Refill};
use sluice_service::desk::{Desk, MamTerms};
use sluice_service::work::Work;
use sluice_store::tables::authorisations;
use sluice_wire::authorisation::Action;
use sluice_wire::name::{FileName, Kind};
use sluice_wire::written::{ProposedRow, write_csv};
use std::collections::BTreeMap;

type Rows = Vec<ProposedRow<'static>>;

impl Week {
    /// Each supplier sends what was proposed to it; one with slips in it. Then those whose meter is the other one.
    ///
    /// # Errors
    /// If the database fails.
    pub fn authorise(&mut self) -> Result<(), Failure> {
        print_line("\n4. Suppliers authorise against their allocations; every row has its verdict\n")?;
        self.wait_until(at(7, 13, 9, 0)?)?;
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let suppliers = self.suppliers.clone();
        for s1sp in self.s1sps()? {
            for supplier in &suppliers {
                let by = Actor::console();
                let party = supplier.party;
                let rows = self.session.service.look(self.session.now, &by, |work| propose(work, party, s1sp, WEEK))?;
                let slips = (supplier.party.as_str(), s1sp.as_str()) == ("ALBION1", "CGI");
                self.send(supplier, s1sp, time(9, 0, 0, 0), rows, slips, &mut counts)?;
            }
        }
        self.partners(&mut counts)?;
        let rows = counts.iter().map(|(verdict, rows)| vec![verdict.to_ascii_lowercase(), rows.to_string()]);
        print_line(&table(&["Verdict", "Rows"], rows))
    }

    /// Sends rows as an authorisation file.
    fn send(
        &mut self,
        supplier: &Supplier,
        s1sp: S1sp,
        stamp: Time,
        rows: Rows,
        slips: bool,
        counts: &mut BTreeMap<String, u64>,
    ) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let date = self.session.now.to_zoned(LONDON).date();
        let user_id = Some(supplier.user_id);
        let (kind, time) = (Kind::Authorisation, Some(stamp));
        let name = FileName { kind, party: None, user_id, s1sp, date, time, version: None };
        let mut bytes = Vec::new();
        write_csv(rows, &mut bytes).map_err(Failure::internal)?;
        if slips {
            bytes.extend_from_slice(SLIPS.as_bytes());
        }
        let handed = self.hand_in(supplier, &format!("{name}.csv"), &bytes)?;
        for (verdict, rows) in handed.verdict.into_iter().flat_map(|verdict| verdict.rows) {
            *counts.entry(verdict).or_default() += rows;
        }
        Ok(())
    }

    /// MAM-1: where both meters are Active with different suppliers, the other one authorises too; most do.
    fn partners(&mut self, counts: &mut BTreeMap<String, u64>) -> Result<(), Failure> {
        self.wait_until(at(7, 15, 14, 0)?)?;
        for s1sp in self.s1sps()? {
            let held = self.session.service.look(self.session.now, &Actor::console(), |work| missing(work, s1sp))?;
            for (party, rows) in held {
                let Some(supplier) = self.suppliers.iter().find(|supplier| supplier.party == party).copied() else {
                    continue;
                };
                let rows = rows.into_iter().filter(|_| self.random.u8(..100) < 85);
                let rows = rows.map(|row| ProposedRow { critical_supplier: supplier.user_id, ..row }).collect();
                self.send(&supplier, s1sp, time(14, 0, 0, 0), rows, false, counts)?;
            }
        }
        Ok(())
    }

    /// A withdrawal, the refill, a change of supplier, a cut: what moves a week before its cut-off.
    ///
    /// # Errors
    /// If the database fails.
    pub fn changes(&mut self) -> Result<(), Failure> {
        print_line("\n5. Before the authorisation cut-off the week moves\n")?;
        self.withdraw()?;
        self.wait_until(at(7, 16, 17, 30)?)?;
        let mut refilled = 0;
        for s1sp in self.s1sps()? {
            let version = self.session.service.act(self.session.now, &self.operator, Refill { s1sp, week: WEEK })?;
            refilled += version.days.iter().map(|day| day.3).sum::<u64>();
        }
        print_line(&format!("   Refill: {refilled} units that were free go to those who asked for more (MSM-13)."))?;
        self.change_of_supplier()?;
        self.cut()
    }

    /// MAM-6: some homes are taken back.
    fn withdraw(&mut self) -> Result<(), Failure> {
        self.wait_until(at(7, 16, 10, 0)?)?;
        let (supplier, s1sp) = (self.suppliers[1], self.s1sps()?[0]);
        let standing = self.session.service.look(self.session.now, &Actor::console(), |work| {
            let rows = authorisations::of_day(&mut work.tx, &s1sp, WEEK)?;
            Ok(rows
                .into_iter()
                .filter(|stored| stored.row.party == supplier.party && stored.row.state == State::Accepted))
        })?;
        let homes = standing.take(3).map(|stored| stored.chf).collect::<Vec<_>>();
        let rows = self
            .session
            .service
            .look(self.session.now, &Actor::console(), |work| withdrawals(work, s1sp, &supplier, &homes))?;
        let number = rows.len();
        self.send(&supplier, s1sp, time(10, 0, 0, 0), rows, false, &mut BTreeMap::new())?;
        print_line(&format!(
            "   {} withdraws {number} homes of {WEEK}; standby moves up (MAM-6, MAM-3).",
            supplier.party
        ))
    }

    /// MAM-8: customers change their supplier in or before the week.
    fn change_of_supplier(&mut self) -> Result<(), Failure> {
        self.wait_until(at(7, 19, 10, 0)?)?;
        let homes = std::mem::take(&mut self.homes);
        let text = inventory::registrations(&homes, 97, &mut self.random)?;
        self.homes = homes;
        let imported = self.import(ReferenceKind::Registrations, &text, Some(APPROVER))?;
        print_line(&format!(
            "   {} homes change their supplier; {} authorisations that stood lose their ground (MAM-8).",
            imported.added, imported.accepted_rows
        ))
    }

    /// MSM-12: the capacity of a day falls.
    fn cut(&mut self) -> Result<(), Failure> {
        self.wait_until(at(7, 20, 9, 0)?)?;
        let (s1sp, date) = (self.s1sps()?[2], Week::migration_days()?[3]);
        let capacity = 1_000 * self.installations / super::programme::SIZE;
        let act = ChangeCapacity { s1sp, date, capacity, approve: Some(APPROVER.to_owned()) };
        let version = self.session.service.act(self.session.now, &self.operator, act)?;
        let left = version.days.first().map_or(0, |day| day.3);
        print_line(&format!("   {s1sp} can do {capacity} on {date}: what remains, {left}, is shared again (MSM-12)."))
    }
}

/// Rows that their sender would like to have seen before it sent them.
const SLIPS: &str = "\
1200000000001,,70-B3-D5-1F-40-00-00-00,2021-07-27,AUTHORISE,70-B3-D5-1F-30-00-A0-00,,check digit\n\
1.20006E+12,,70-B3-D5-1F-40-00-00-10,2021-07-27,AUTHORISE,70-B3-D5-1F-30-00-A0-00,,spreadsheet\n\
,,70-B3-D5-1F-FF-00-00-00,soon,AUTHORISE,70-B3-D5-1F-30-00-A0-00,,no such home\n";

/// The rows by which suppliers of the other meter complete what is held.
fn missing(work: &mut Work<'_>, s1sp: S1sp) -> Done<BTreeMap<Party, Rows>> {
    let terms = MamTerms::on(work.books, local_date(work.now))?;
    let mut desk = Desk::open(work, s1sp, terms)?;
    let mut rows: BTreeMap<Party, Rows> = BTreeMap::new();
    for date in sluice_rules::calendar::days_of_week(WEEK)? {
        let stored = authorisations::of_day(&mut work.tx, &s1sp, date)?;
        let held: Vec<_> = stored.iter().filter(|stored| stored.row.state == State::Held).collect();
        desk.load(work, held.iter().map(|stored| stored.chf))?;
        for stored in held {
            let Some(file) = desk.case(stored.chf) else { continue };
            for party in file.case.meters.required_on(date).into_iter().filter(|party| *party != stored.row.party) {
                rows.entry(party).or_default().push(row(file, party, date, Action::Authorise));
            }
        }
    }
    Ok(rows)
}

fn withdrawals(
    work: &mut Work<'_>,
    s1sp: S1sp,
    supplier: &Supplier,
    homes: &[sluice_rules::party::Eui64],
) -> Done<Rows> {
    let terms = MamTerms::on(work.books, local_date(work.now))?;
    let mut desk = Desk::open(work, s1sp, terms)?;
    desk.load(work, homes.iter().copied())?;
    let rows = homes.iter().filter_map(|chf| desk.case(*chf)).map(|file| ProposedRow {
        critical_supplier: supplier.user_id,
        ..row(file, supplier.party, WEEK, Action::Withdraw)
    });
    Ok(rows.collect())
}

/// A row about an installation with the meter points that are the party's own.
fn row(
    file: &sluice_service::desk::CaseFile,
    party: Party,
    date: jiff::civil::Date,
    action: Action,
) -> ProposedRow<'static> {
    let meters = &file.case.meters;
    let own = |supplier: Option<Party>| supplier == Some(party);
    let gas = meters.gas.as_ref().and_then(|gas| gas.supplier_on(date));
    ProposedRow {
        mpan: Some(file.installation.mpan).filter(|_| own(meters.electricity.supplier_on(date))),
        mprn: file.installation.mprn.filter(|_| own(gas)),
        chf: file.installation.chf,
        date,
        action,
        critical_supplier: file.installation.chf,
        priority: None,
        reference: "",
    }
}
