//! Authorisation files: rows that fit, rows that do not, moves, the other supplier's half, withdrawals, and protected files with
//! their passwords.

use super::demand::stamped;
use crate::check::Content;
use crate::error::{Result, SimError};
use crate::run::Simulation;
use crate::world::Supplier;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use sluice_rules::calendar::{LONDON, days_of_week};
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::tables::convert::{date_number, date_of, eui_number};
use sluice_wire::layout;
use sluice_wire::text::csv_line;
use std::io::{Cursor, Write as _};
use zip::write::FileOptions;
use zip::{AesMode, ZipWriter};

/// A row in the making.
struct Wish {
    home: usize,
    date: Date,
    withdraws: bool,
}

impl Simulation<'_> {
    /// A supplier sends an authorisation file for a week; sometimes an earlier file again, or another one under its name.
    pub(crate) fn authorise(&mut self, s1sp: usize, week: usize) -> Result<()> {
        if self.chance(5) {
            return self.send_again();
        }
        let supplier = self.random.usize(..self.world.suppliers.len());
        let supplier = self.world.suppliers[supplier].clone();
        let days = days_of_week(self.world.weeks[week]).map_err(SimError::defect)?;
        let count = if self.chance(2) { 0 } else { self.random.usize(1..=9) };
        let mut wishes = Vec::new();
        for _ in 0..count {
            let wish = self.wish(&supplier, s1sp, &days);
            wishes.extend(wish);
        }
        self.send_wishes(&supplier, self.s1sp(s1sp), &wishes)
    }

    /// A supplier takes some of its authorisations back.
    pub(crate) fn withdraw(&mut self, s1sp: usize) -> Result<()> {
        let supplier = self.random.usize(..self.world.suppliers.len());
        let supplier = self.world.suppliers[supplier].clone();
        let s1sp = self.s1sp(s1sp);
        let own: Vec<(i64, i64)> = self
            .look
            .auths
            .iter()
            .filter(|(_, auth)| auth.party == supplier.party.as_str() && auth.s1sp == s1sp.as_str() && auth.is_live())
            .map(|((chf, _), auth)| (*chf, auth.date))
            .collect();
        let mut wishes = Vec::new();
        for _ in 0..self.random.usize(1..=3) {
            let Some((chf, date)) = self.one(&own) else { break };
            let Some(home) = self.world.home_of(Eui64(chf.cast_unsigned())) else { continue };
            wishes.push(Wish { home, date: date_of(date)?, withdraws: true });
        }
        if wishes.is_empty() {
            return Ok(());
        }
        self.send_wishes(&supplier, s1sp, &wishes)
    }

    fn wish(&mut self, supplier: &Supplier, s1sp: usize, days: &[Date; 7]) -> Option<Wish> {
        let open: Vec<Date> = days.iter().copied().filter(|day| self.has_capacity(s1sp, *day)).collect();
        // Days on which the supplier has a unit left.
        let free: Vec<Date> = open.iter().copied().filter(|day| self.free_units(supplier, s1sp, *day) > 0).collect();
        let date = match self.random.u8(..100) {
            0..60 if !free.is_empty() => self.one(&free)?,
            0..94 => self.one(&open)?,
            94..97 => days[self.random.usize(..7)],
            _ => self.today().saturating_add(self.random.i64(-3..20).days()),
        };
        let withdraws = self.chance(5);
        let kind = self.random.u8(..100);
        let chf = match kind {
            // The other half of what another supplier has authorised.
            0..30 => self.half(supplier, s1sp, days),
            // Another date for what is authorised already.
            30..42 => self.own(supplier, s1sp).map(|chf| (chf, date)),
            42..90 => self.fitting(supplier, s1sp, date).map(|chf| (chf, date)),
            _ => None,
        };
        let (home, date) =
            match chf.and_then(|(chf, date)| Some((self.world.home_of(Eui64(chf.cast_unsigned()))?, date))) {
                Some(found) => found,
                None => (self.random.usize(..self.world.homes.len()), date),
            };
        Some(Wish { home, date, withdraws })
    }

    fn has_capacity(&self, s1sp: usize, day: Date) -> bool {
        let pool = (self.s1sp(s1sp).to_string(), date_number(day));
        self.look.capacity.get(&pool).is_some_and(|(total, _)| *total > 0)
    }

    /// The units of a day that no row of a supplier uses.
    fn free_units(&self, supplier: &Supplier, s1sp: usize, day: Date) -> i64 {
        let (pool, party) = ((self.s1sp(s1sp).to_string(), date_number(day)), supplier.party.to_string());
        let uses = |auth: &&crate::look::Auth| auth.unit && auth.party == party && auth.pool() == pool;
        let used = self.look.auths.values().filter(uses).count();
        let allocation = self.look.allocations.get(&(pool.clone(), party.clone())).copied().unwrap_or(0);
        allocation - i64::try_from(used).unwrap_or(i64::MAX)
    }

    /// What is held for a supplier's authorisation, with its date.
    fn half(&mut self, supplier: &Supplier, s1sp: usize, days: &[Date; 7]) -> Option<(i64, Date)> {
        let (party, s1sp) = (supplier.party.to_string(), self.s1sp(s1sp));
        let held = self.look.auths.iter().filter(|(_, auth)| {
            matches!(auth.state.as_str(), "HELD" | "STANDBY") && auth.s1sp == s1sp.as_str() && auth.party != party
        });
        let halves: Vec<(i64, Date)> = held
            .filter_map(|((chf, _), auth)| Some((*chf, *days.iter().find(|day| date_number(**day) == auth.date)?)))
            .filter(|(chf, day)| self.facts().required(*chf, date_number(*day)).contains(&&party))
            .collect();
        self.one(&halves)
    }

    fn own(&mut self, supplier: &Supplier, s1sp: usize) -> Option<i64> {
        let (party, s1sp) = (supplier.party, self.s1sp(s1sp));
        let own = self
            .look
            .auths
            .iter()
            .filter(|(_, auth)| auth.party == party.as_str() && auth.s1sp == s1sp.as_str() && auth.is_live());
        let own: Vec<i64> = own.map(|((chf, _), _)| *chf).collect();
        self.one(&own)
    }

    fn fitting(&mut self, supplier: &Supplier, s1sp: usize, date: Date) -> Option<i64> {
        let (party, s1sp) = (supplier.party.to_string(), self.s1sp(s1sp).to_string());
        let date = date_number(date);
        let homes = self.look.reference.installations.iter().filter(|(_, installation)| installation.s1sp == s1sp);
        let fits: Vec<i64> = homes
            .map(|(chf, _)| *chf)
            .filter(|chf| self.facts().required(*chf, date).contains(&&party))
            .filter(|chf| self.facts().bars(*chf, date).is_empty())
            .collect();
        self.one(&fits)
    }

    /// The stamp of a new file: of now, now and then of another moment.
    pub(crate) fn stamp(&mut self) -> DateTime {
        let now = self.now.to_zoned(LONDON).datetime();
        match self.random.u8(..100) {
            0..4 => now.saturating_sub(self.random.i64(1..4000).minutes()),
            4..6 => now.saturating_add(30.hours()),
            _ => now,
        }
    }

    fn send_wishes(&mut self, supplier: &Supplier, s1sp: S1sp, wishes: &[Wish]) -> Result<()> {
        let user_id = supplier.ids[self.random.usize(..supplier.ids.len())];
        let mut text = csv_line(layout::AUTHORISATION.columns.iter().copied());
        for (place, wish) in wishes.iter().enumerate() {
            let row = self.row(supplier, wish, user_id, place);
            text.push_str(&csv_line(row.iter().map(String::as_str)));
        }
        let rows = (2..).take(wishes.len()).collect();
        let stamp = self.stamp();
        let name = stamped("MA", s1sp, user_id, stamp);
        if !self.chance(8) {
            return self
                .hand_in(supplier.party, &format!("{name}.csv"), text.as_bytes(), Content::Rows(rows))
                .map(drop);
        }
        self.send_protected(supplier, &name, &text, rows)
    }

    fn row(&mut self, supplier: &Supplier, wish: &Wish, user_id: Eui64, place: usize) -> [String; 8] {
        let home = self.world.homes[wish.home].clone();
        let mut mpan = home.mpan.to_string();
        let mut mprn = home.gas.as_ref().map(|gas| gas.mprn.to_string()).unwrap_or_default();
        let (mut chf, mut action, mut critical) = (home.chf.to_string(), "AUTHORISE".to_owned(), user_id.to_string());
        if wish.withdraws {
            "WITHDRAW".clone_into(&mut action);
        }
        // MA101 to MA109, MA123: slips of the pen.
        match self.random.u8(..200) {
            0 => mpan = "1.20006E+12".to_owned(),
            1 => mpan.clear(),
            2 => mprn.clear(),
            3 => "2000000001".clone_into(&mut mprn),
            4 => chf = Eui64(eui_number(home.chf).cast_unsigned() + 4096 * 16).to_string(),
            5 => "CANCEL".clone_into(&mut action),
            6 => critical = self.world.suppliers[0].ids[0].to_string(),
            7 => critical.clear(),
            _ => {}
        }
        let priority = if self.chance(60) { self.random.u16(1..=5).to_string() } else { String::new() };
        let date = if self.chance(50) { wish.date.to_string() } else { wish.date.strftime("%d/%m/%Y").to_string() };
        [mpan, mprn, chf, date, action, critical, priority, format!("{}-{place}", supplier.party)]
    }

    /// MAM-10: a protected file. Its password comes before it, at once, later or never; now and then it is a wrong one, or is lost.
    fn send_protected(&mut self, supplier: &Supplier, name: &str, text: &str, rows: Vec<i64>) -> Result<()> {
        let secret = "a right password";
        let bytes = protect(text.as_bytes(), secret).map_err(SimError::defect)?;
        let password = if self.chance(10) { "a wrong password" } else { secret };
        let key = name.replacen("MA_", "MAPASSWORD_", 1);
        let send = |simulation: &mut Self| {
            let (name, text) = (format!("{key}.txt"), format!("{password}\n"));
            simulation.hand_in(supplier.party, &name, text.as_bytes(), Content::Password).map(drop)
        };
        let when = self.random.u8(..100);
        if when < 25 {
            send(self)?;
        }
        self.hand_in(supplier.party, &format!("{name}.zip"), &bytes, Content::Rows(rows))?;
        match when {
            40..50 => self.lose_password(supplier.party, format!("{key}.txt"), password),
            25..40 => send(self),
            50..90 => {
                self.passwords.push((supplier.party, format!("{key}.txt"), format!("{password}\n")));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A password comes, late.
    pub(crate) fn password(&mut self) -> Result<()> {
        let Some((party, name, text)) = self.passwords.pop() else { return Ok(()) };
        self.hand_in(party, &name, text.as_bytes(), Content::Password).map(drop)
    }

    /// MAM-10: a password is lost with its process. It comes again when its sender has been asked for it, or when the hour for that may
    /// be over.
    fn lose_password(&mut self, party: Party, name: String, password: &str) -> Result<()> {
        let text = format!("{password}\n");
        self.loses = true;
        self.hand_in(party, &name, text.as_bytes(), Content::Password)?;
        if self.chance(50) {
            self.now = self.now.saturating_add(5.minutes()).map_err(SimError::defect)?;
            self.catch_up()?;
            return self.hand_in(party, &name, text.as_bytes(), Content::Password).map(drop);
        }
        self.passwords.push((party, name, text));
        Ok(())
    }

    /// FI07, MAM-9: an earlier file again, or other content under its name.
    fn send_again(&mut self) -> Result<()> {
        let again: Vec<_> = self.files.iter().filter(|(_, name, ..)| name.starts_with("MA_")).cloned().collect();
        let Some((party, name, mut bytes, content)) = self.one(&again) else { return Ok(()) };
        // An archive has other bytes each time it is made; its digest would tell one database from another.
        if self.chance(40) && name.ends_with(".csv") {
            bytes.extend_from_slice(b"\n");
        }
        self.hand_in(party, &name, &bytes, content).map(drop)
    }
}

fn protect(text: &[u8], password: &str) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = FileOptions::<()>::default().with_aes_encryption(AesMode::Aes256, password);
    writer.start_file("authorisation.csv", options)?;
    writer.write_all(text)?;
    Ok(writer.finish()?.into_inner())
}
