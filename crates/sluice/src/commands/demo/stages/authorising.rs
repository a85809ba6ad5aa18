//! Suppliers authorise, and what happens to their authorisations before the cut-off.

use crate::commands::demo::inventory;
use crate::commands::demo::programme::{Supplier, WEEKS};
use crate::commands::demo::stage::{APPROVER, Stage};
use crate::failure::Failure;
use crate::show::count;
use jiff::ToSpan;
use jiff::civil::{Date, Time, time};
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::LONDON;
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::point::{Mpan, Mprn};
use sluice_rules::reference::ReferenceKind;
use sluice_service::act::actor::Actor;
use sluice_service::act::work::Look;
use sluice_service::books::calendar::local_date;
use sluice_service::books::terms::MamTerms;
use sluice_service::days::cut::ChangeCapacity;
use sluice_service::error::Result as Done;
use sluice_service::facts::dossier::Dossier;
use sluice_service::facts::s1sp::Facts;
use sluice_service::rows::asked::{self, Waiting};
use sluice_service::rows::propose::{Proposed, propose};
use sluice_service::service::HandedIn;
use sluice_service::weeks::redistribute::Refill;
use sluice_store::tables::authorisations;
use sluice_wire::authorisation::Action;
use sluice_wire::name::FileName;
use sluice_wire::written::{ProposedRow, write_csv};
use std::collections::BTreeMap;
use std::io::{Cursor, Write};

type Rows = Vec<ProposedRow<'static>>;
type Counts = BTreeMap<String, u64>;

impl Stage {
    /// Each supplier sends what was proposed to it; in the first week one with slips in it.
    pub(in super::super) fn authorise(&mut self, week: Date) -> Result<(), Failure> {
        let mut counts = Counts::new();
        let suppliers = self.suppliers.clone();
        for s1sp in self.s1sps()? {
            for supplier in &suppliers {
                if self.sends_protected(week, supplier, s1sp)? {
                    continue;
                }
                let party = supplier.party;
                let proposal = self.look(|work| propose(work, &Actor::supplier(party), party, s1sp, week))?;
                let rows = proposal.rows.iter().map(Proposed::row).collect();
                let slips = week == WEEKS[0] && (party.as_str(), s1sp.as_str()) == ("ALBION1", "CGI");
                self.send(week, supplier, s1sp, time(9, 0, 0, 0), rows, slips, &mut counts)?;
            }
        }
        self.tell(week, format!("Suppliers authorise what was proposed to them: {}.", in_words(&counts)));
        Ok(())
    }

    /// The file that one supplier sends protected, two days later.
    fn sends_protected(&self, week: Date, supplier: &Supplier, s1sp: S1sp) -> Result<bool, Failure> {
        Ok(week == WEEKS[1] && supplier.party == self.suppliers[7].party && s1sp == self.s1sps()?[1])
    }

    /// MAM-10: a file that 7-Zip or WinZip could have protected; its password comes by another route, an hour later.
    pub(in super::super) fn protected(&mut self, week: Date) -> Result<(), Failure> {
        let (supplier, s1sp) = (self.suppliers[7], self.s1sps()?[1]);
        let party = supplier.party;
        let proposal = self.look(|work| propose(work, &Actor::supplier(party), party, s1sp, week))?;
        let name = self.name(&supplier, s1sp, time(15, 0, 0, 0));
        let mut text = Vec::new();
        write_csv(proposal.rows.iter().map(Proposed::row), &mut text).map_err(Failure::internal)?;
        let archive = protect(&name.to_string(), &text)?;
        let waits = self.hand_in(week, party, &format!("{name}.zip"), &archive)?;
        let password = FileName { kind: FileKind::Password, ..name };
        self.wait_until(self.session.now + 1.hour())?;
        let opened = self.session.service.hand_in(
            self.session.now,
            &Actor::supplier(party),
            &format!("{password}.txt"),
            PASSWORD.as_bytes(),
        )?;
        let status = |handed: &HandedIn| {
            handed.verdict.as_ref().map_or_else(String::new, |verdict| verdict.status.word().to_ascii_lowercase())
        };
        let mut counts = Counts::new();
        add(&mut counts, &opened);
        let words = format!(
            "{party} sends {s1sp} a protected file: {}; its password comes an hour later: {}, {}.",
            status(&waits),
            status(&opened),
            in_words(&counts)
        );
        self.tell(week, words);
        Ok(())
    }

    fn name(&self, supplier: &Supplier, s1sp: S1sp, stamp: Time) -> FileName {
        let date = self.session.now.to_zoned(LONDON).date();
        let (kind, user_id) = (FileKind::Authorisation, Some(supplier.user_id));
        FileName { kind, party: None, user_id, s1sp, date, time: Some(stamp), version: None }
    }

    /// Sends rows as an authorisation file.
    #[allow(clippy::too_many_arguments, reason = "what a file is made of")]
    fn send(
        &mut self,
        week: Date,
        supplier: &Supplier,
        s1sp: S1sp,
        stamp: Time,
        rows: Vec<ProposedRow<'_>>,
        slips: bool,
        counts: &mut Counts,
    ) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let name = self.name(supplier, s1sp, stamp);
        let mut bytes = Vec::new();
        write_csv(rows, &mut bytes).map_err(Failure::internal)?;
        if slips {
            bytes.extend_from_slice(SLIPS.as_bytes());
        }
        let handed = self.hand_in(week, supplier.party, &format!("{name}.csv"), &bytes)?;
        add(counts, &handed);
        Ok(())
    }

    /// MAM-1: where both meters are Active with different suppliers, the other one authorises too; most do.
    pub(in super::super) fn partners(&mut self, week: Date) -> Result<(), Failure> {
        let mut counts = Counts::new();
        for s1sp in self.s1sps()? {
            let held = self.look(|work| missing(work, s1sp, week))?;
            for (party, rows) in held {
                let Some(supplier) = self.suppliers.iter().find(|supplier| supplier.party == party).copied() else {
                    continue;
                };
                let rows = rows.into_iter().filter(|_| self.random.u8(..100) < 85);
                let rows = rows.map(|row| ProposedRow { critical_supplier: supplier.user_id, ..row }).collect();
                self.send(week, &supplier, s1sp, time(14, 0, 0, 0), rows, false, &mut counts)?;
            }
        }
        self.tell(week, format!("Suppliers of the other meter complete what is held: {}.", in_words(&counts)));
        Ok(())
    }

    /// MSM-13: what was given back and what nobody had is shared again.
    pub(in super::super) fn refill(&mut self, week: Date) -> Result<(), Failure> {
        let mut refilled = 0;
        for s1sp in self.s1sps()? {
            refilled += self.act(Refill { s1sp, week })?.added;
        }
        self.tell(
            week,
            format!("Refill: {} shared among those who asked for more (MSM-13).", count(refilled, "free unit")),
        );
        Ok(())
    }

    /// MAM-6: some homes are taken back.
    pub(in super::super) fn withdraw(&mut self, week: Date) -> Result<(), Failure> {
        let (supplier, s1sp) = (self.suppliers[1], self.s1sps()?[0]);
        let standing = self.look(|work| {
            let rows = authorisations::of_day(&mut work.tx, &s1sp, week)?;
            Ok(rows
                .into_iter()
                .filter(|stored| stored.row.party == supplier.party && stored.row.state == State::Accepted))
        })?;
        let homes = standing.take(3).map(|stored| stored.chf).collect::<Vec<_>>();
        let rows = self.look(|work| withdrawals(work, s1sp, &supplier, week, &homes))?;
        let number = rows.len();
        self.send(week, &supplier, s1sp, time(10, 0, 0, 0), rows, false, &mut Counts::new())?;
        let homes = count(number, "home");
        self.tell(week, format!("{} withdraws {homes} of {week}; standby moves up (MAM-6, MAM-3).", supplier.party));
        Ok(())
    }

    /// MAM-8: customers change their supplier in or before the first two weeks.
    pub(in super::super) fn change_of_supplier(&mut self, week: Date) -> Result<(), Failure> {
        let homes = std::mem::take(&mut self.homes);
        let text = inventory::registrations(&homes, 97, &mut self.random)?;
        self.homes = homes;
        let imported = self.import(ReferenceKind::Registrations, &text, Some(APPROVER))?;
        let (homes, ended) = (imported.added, imported.accepted_rows);
        self.tell(
            week,
            format!(
                "{homes} homes change their supplier; {ended} authorisations that stood lose their ground (MAM-8)."
            ),
        );
        Ok(())
    }

    /// MSM-12: the capacity of a day falls.
    pub(in super::super) fn cut(&mut self, week: Date) -> Result<(), Failure> {
        let (s1sp, date) = (self.s1sps()?[2], Self::migration_days(week)?[3]);
        let capacity = self.scaled(1_000);
        let act = ChangeCapacity { s1sp, date, capacity, approve: Some(APPROVER.to_owned()) };
        let version = self.act(act)?;
        let left = version.days.first().map_or(0, |day| day.3);
        self.tell(week, format!("{s1sp} can do {capacity} on {date}: what remains, {left}, is shared again (MSM-12)."));
        Ok(())
    }

    /// MAM-1: what is still held has expired.
    pub(in super::super) fn closed(&mut self, week: Date) -> Result<(), Failure> {
        let mut states = Counts::new();
        for s1sp in self.s1sps()? {
            for date in Self::migration_days(week)? {
                for stored in self.look(|work| Ok(authorisations::of_day(&mut work.tx, &s1sp, date)?))? {
                    *states.entry(stored.row.state.to_string()).or_default() += 1;
                }
            }
        }
        self.tell(week, format!("Authorisation has closed: {}.", in_words(&states)));
        Ok(())
    }
}

fn add(counts: &mut Counts, handed: &HandedIn) {
    for (verdict, rows) in handed.verdict.iter().flat_map(|verdict| &verdict.rows) {
        *counts.entry(verdict.clone()).or_default() += rows;
    }
}

/// Counts in words: "12 accepted, 3 held".
pub(super) fn in_words(counts: &Counts) -> String {
    let words: Vec<String> =
        counts.iter().map(|(state, rows)| format!("{rows} {}", state.to_ascii_lowercase().replace('_', " "))).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// The password of the protected file.
const PASSWORD: &str = "correct horse battery staple";

/// A ZIP with one member, AES-256 as 7-Zip and WinZip write it.
fn protect(name: &str, text: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().with_aes_encryption(zip::AesMode::Aes256, PASSWORD);
    writer.start_file(format!("{name}.csv"), options).map_err(Failure::internal)?;
    writer.write_all(text).map_err(Failure::internal)?;
    Ok(writer.finish().map_err(Failure::internal)?.into_inner())
}

/// Rows that their sender would like to have seen before it sent them.
const SLIPS: &str = "\
1200000000001,,70-B3-D5-1F-40-00-00-00,2021-07-27,AUTHORISE,70-B3-D5-1F-30-00-A0-00,,check digit\n\
1.20006E+12,,70-B3-D5-1F-40-00-00-10,2021-07-27,AUTHORISE,70-B3-D5-1F-30-00-A0-00,,spreadsheet\n\
,,70-B3-D5-1F-FF-00-00-00,soon,AUTHORISE,70-B3-D5-1F-30-00-A0-00,,no such home\n";

/// The rows by which suppliers of the other meter complete what is held.
fn missing(work: &mut Look<'_>, s1sp: S1sp, week: Date) -> Done<BTreeMap<Party, Rows>> {
    let calendar = work.week(week)?;
    let mut rows: BTreeMap<Party, Rows> = BTreeMap::new();
    for waiting in asked::of_week(work, s1sp, &calendar)? {
        let Waiting { chf, mpan, mprn, missing, .. } = waiting;
        let row = row(chf, (mpan, mprn), missing.date, Action::Authorise);
        rows.entry(missing.of).or_default().push(row);
    }
    Ok(rows)
}

fn withdrawals(work: &mut Look<'_>, s1sp: S1sp, supplier: &Supplier, week: Date, homes: &[Eui64]) -> Done<Rows> {
    let terms = MamTerms::on(work.books, local_date(work.now))?;
    let mut facts = Facts::open(work, s1sp, terms)?;
    facts.load(work, homes.iter().copied())?;
    let rows = homes.iter().filter_map(|chf| facts.dossier(*chf)).map(|file| {
        let row = row(file.installation.chf, own(file, supplier.party, week), week, Action::Withdraw);
        ProposedRow { critical_supplier: supplier.user_id, ..row }
    });
    Ok(rows.collect())
}

/// The meter points of an installation that are a party's own.
fn own(file: &Dossier, party: Party, date: Date) -> (Option<Mpan>, Option<Mprn>) {
    let meters = &file.case.meters;
    let own = |supplier: Option<Party>| supplier == Some(party);
    let gas = meters.gas.as_ref().and_then(|gas| gas.supplier_on(date));
    let mpan = Some(file.installation.mpan).filter(|_| own(meters.electricity.supplier_on(date)));
    (mpan, file.installation.mprn.filter(|_| own(gas)))
}

/// A row about an installation, whose sender is still to be filled in.
fn row(chf: Eui64, (mpan, mprn): (Option<Mpan>, Option<Mprn>), date: Date, action: Action) -> ProposedRow<'static> {
    ProposedRow { mpan, mprn, chf, date, action, critical_supplier: chf, priority: None, reference: "" }
}
