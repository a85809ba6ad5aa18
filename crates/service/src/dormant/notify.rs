//! DMT-2: the Responsible Suppliers of the planned installations are told, each in a file of its own.

use crate::act::actor::Actor;
use crate::act::prepared::Prepared;
use crate::act::tell::{next_version, send};
use crate::act::work::{Act, Work};
use crate::books::calendar::{Moment, WeekCalendar, in_words};
use crate::dormant::plan::{draft, draft_now, must_be_before_notice};
use crate::dormant::roster::{Roster, book, suppliers_on};
use crate::error::{Result, ServiceError};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::calendar::Milestone;
use sluice_rules::dormant::{DormantEvent, DormantState};
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::tables::dormant::{self, DormantLineRecord};
use sluice_store::tables::parties::{self, Dictionary};
use sluice_wire::name::FileName;
use sluice_wire::written::{NoticeRow, write_csv};
use std::collections::BTreeSet;

/// DMT-2: the suppliers of a week's planned installations are told.
#[derive(Debug, Serialize, Deserialize)]
pub struct NotifyDormant {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The week's Monday.
    #[serde(with = "crate::words")]
    pub week: Date,
}

/// The notices of a week.
#[derive(Debug, Clone, Serialize)]
pub struct Notified {
    /// The notices.
    pub files: Vec<NoticeFile>,
    /// Until when they may answer.
    pub respond_by: Moment,
}

/// The notice of a supplier.
#[derive(Debug, Clone, Serialize)]
pub struct NoticeFile {
    /// The supplier.
    pub party: String,
    /// The name of the file.
    pub name: String,
    /// How many installations it has.
    pub installations: u64,
}

impl Act for NotifyDormant {
    const KIND: &'static str = "dormant-notify";
    type Answer = Notified;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("sending Dormant notices")
    }

    const PREPARES: bool = true;

    /// What the data of this moment give is found out as the plan was.
    fn prepare(&self, work: &mut Work<'_>) -> Result<Option<Prepared>> {
        let calendar = self.must_be_allowed(work)?;
        work.until_next_act(|work| draft_now(work, self.s1sp, &calendar))
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Notified> {
        let calendar = self.must_be_allowed(work)?;
        let stored = self.must_be_fresh(work, &calendar)?;
        let chfs: BTreeSet<Eui64> = stored.iter().map(|line| line.chf).collect();
        let mut roster = Roster::with(work, self.s1sp, self.week, &chfs)?;
        for chf in &chfs {
            roster.step(*chf, DormantEvent::Notify);
            roster.tell_suppliers(work, *chf)?;
            roster.must_be_told(*chf)?;
        }
        roster.save(work)?;
        // DMT-1: a plan of nothing tells nobody, so it can be made anew. Programs before version 4 took it for sent.
        if !stored.is_empty() || work.engine < 4 {
            dormant::set_noticed(&mut work.tx, &self.s1sp, self.week, work.now)?;
        }
        let parties: BTreeSet<Party> = roster.noticed.values().flatten().copied().collect();
        let mut files = Vec::new();
        for party in parties {
            let (name, installations) = roster.issue_notice(work, party)?;
            files.push(NoticeFile { party: party.to_string(), name, installations });
        }
        Ok(Notified { files, respond_by: Moment::new(Some(calendar.at(Milestone::DmmsResponse)), work.engine) })
    }
}

/// Has a supplier a User ID under which something can be sent to it?
pub(crate) fn can_be_sent(work: &mut Work<'_>, party: Party) -> Result<bool> {
    Ok(!parties::user_ids(&mut work.tx, &party)?.is_empty())
}

fn without_user_id(party: Party) -> ServiceError {
    let message = format!("{party} has no registered User ID, under which its notice is sent");
    ServiceError::rule("DMT-2", format!("{message}; import its User ID with the parties"))
}

impl NotifyDormant {
    fn must_be_allowed<'w>(&self, work: &mut Work<'w>) -> Result<WeekCalendar<'w>> {
        let calendar = work.week(self.week)?;
        work.rulebook.clone_from(&book(work)?.id);
        self.must_be_planned(work)?;
        must_be_before_notice(work, &calendar)?;
        Ok(calendar)
    }

    fn must_be_planned(&self, work: &mut Work<'_>) -> Result<()> {
        let plan = dormant::plan(&mut work.tx, &self.s1sp, self.week)?;
        let Some(plan) = plan else {
            let message = format!("the week of {} at {} is not planned yet", self.week, self.s1sp);
            return Err(ServiceError::rule("DMT-2", format!("{message}; plan it with sluice dormant plan")));
        };
        if let Some(at) = plan.noticed {
            let message = format!("the suppliers of the week of {} were told at {}", self.week, in_words(at));
            return Err(ServiceError::rule("DMT-2", message));
        }
        Ok(())
    }

    /// DMT-1: nobody is told of what cannot be migrated: what is sent out is what the data of this moment give.
    fn must_be_fresh(&self, work: &mut Work<'_>, calendar: &WeekCalendar<'_>) -> Result<Vec<DormantLineRecord>> {
        let stored = dormant::of_week(&mut work.tx, &self.s1sp, self.week)?;
        let draft = draft(work, self.s1sp, calendar)?;
        let key = |line: &DormantLineRecord| (line.chf, line.date);
        let stored_keys: BTreeSet<_> = stored.iter().map(key).collect();
        let fresh_keys: BTreeSet<_> = draft.lines.iter().map(key).collect();
        if stored_keys != fresh_keys {
            let other = stored_keys.symmetric_difference(&fresh_keys).map(|(chf, _)| chf).collect::<BTreeSet<_>>();
            let message = format!(
                "data have changed since the week of {} was planned, and {} of its installations with them; plan it again",
                self.week,
                other.len()
            );
            return Err(ServiceError::rule("DMT-1", message));
        }
        Ok(stored)
    }
}

impl Roster<'_> {
    /// DMT-2: every supplier of an installation has been told.
    fn must_be_told(&self, chf: Eui64) -> Result<()> {
        let (Some(line), Some(file)) = (self.lines.get(&chf), self.facts.dossier(chf)) else { return Ok(()) };
        let told = self.noticed.get(&chf);
        let suppliers = self.days_for(line).into_iter().flat_map(|day| suppliers_on(file, day));
        match suppliers.into_iter().find(|party| told.is_none_or(|told| !told.contains(party))) {
            Some(party) => Err(without_user_id(party)),
            None => Ok(()),
        }
    }

    /// DMT-2, DMT-5: notes that the suppliers of an installation are told, on every day on which it may be migrated; gives
    /// those who did not know.
    pub(crate) fn tell_suppliers(&mut self, work: &mut Work<'_>, chf: Eui64) -> Result<BTreeSet<Party>> {
        let (Some(line), Some(file)) = (self.lines.get(&chf), self.facts.dossier(chf)) else {
            return Ok(BTreeSet::new());
        };
        let days = self.days_for(line);
        let mut new: BTreeSet<Party> = days.iter().flat_map(|day| suppliers_on(file, *day)).collect();
        let known = self.noticed.entry(chf).or_default();
        new.retain(|party| !known.contains(party));
        // Who has no User ID can be sent nothing.
        let mut reached = BTreeSet::new();
        for party in new {
            if can_be_sent(work, party)? {
                reached.insert(party);
            }
        }
        let new = reached;
        known.extend(&new);
        let told = new.iter().map(|party| (chf, *party));
        dormant::add_notices(&mut work.tx, &self.s1sp, self.calendar.monday, told, work.now)?;
        Ok(new)
    }

    /// DMT-2: issues the notice of a supplier with everything of the week that it was told of and that is still in; from the
    /// second one on with a version. Gives its name and how many installations it has.
    pub(crate) fn issue_notice(&mut self, work: &mut Work<'_>, party: Party) -> Result<(String, u64)> {
        let ids = parties::user_ids(&mut work.tx, &party)?;
        let id = ids.first().ok_or_else(|| without_user_id(party))?;
        let name = FileName::of_week(FileKind::DormantNotice, None, *id, self.s1sp, self.week());
        let name = match next_version(work, &party, &name)? {
            1 => name,
            version => name.with_version(version),
        };
        let dictionary = Dictionary::load(&mut work.tx)?;
        let mut lines: Vec<&DormantLineRecord> =
            self.lines.values().filter(|line| self.is_in_notice(line, party)).collect();
        lines.sort_by_key(|line| line.place);
        self.facts.load(work, lines.iter().map(|line| line.chf))?;
        let respond_by = self.calendar.at(Milestone::DmmsResponse).to_zoned(sluice_rules::calendar::LONDON);
        let rows: Vec<NoticeRow<'_>> =
            lines.iter().filter_map(|line| self.notice_row(line, party, &dictionary, &respond_by)).collect();
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        write_csv(rows, &mut bytes).map_err(ServiceError::defect)?;
        let name = format!("{name}.csv");
        send(work, &party, &name, None, &bytes)?;
        Ok((name, count))
    }

    fn is_in_notice(&self, line: &DormantLineRecord, party: Party) -> bool {
        let told = self.noticed.get(&line.chf).is_some_and(|noticed| noticed.contains(&party));
        told && matches!(line.state, DormantState::Noticed | DormantState::Stopped)
    }

    fn notice_row<'r>(
        &self,
        line: &DormantLineRecord,
        party: Party,
        dictionary: &'r Dictionary,
        respond_by: &'r jiff::Zoned,
    ) -> Option<NoticeRow<'r>> {
        let file = self.facts.dossier(line.chf)?;
        let days = self.days_for(line);
        let own = |meter: &sluice_rules::authorisation::responsibility::Meter| {
            days.iter().any(|day| meter.counts_on(*day) && meter.supplier_on(*day) == Some(party))
        };
        let meters = &file.case.meters;
        Some(NoticeRow {
            chf: line.chf,
            mpan: Some(file.installation.mpan).filter(|_| own(&meters.electricity)),
            mprn: file.installation.mprn.filter(|_| meters.gas.as_ref().is_some_and(own)),
            dmc: dictionary.dmcs.get(&file.installation.dmc).map_or("", String::as_str),
            line: line.line,
            date: line.date,
            respond_by,
        })
    }
}
