//! Holds: a supplier keeps an installation from being migrated on some dates, and gives no reason (MAM-12).

use super::authorise::order;
use super::verdict::{Verdict, answer_rows, refuse, set_findings, verdict_of};
use crate::actor::Actor;
use crate::calendar::local_date;
use crate::cases::dormant::review;
use crate::cases::lock::{issue_changed, lapse_unfounded};
use crate::desk::{CaseFile, Desk, MamTerms};
use crate::error::{Result, ServiceError};
use crate::work::{UseCase, Work};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::bars::{HoldEntry, Weekdays};
use sluice_rules::authorisation::judge::Finding;
use sluice_rules::authorisation::settle::Authorisation;
use sluice_rules::codes::RowCode;
use sluice_rules::installation::Fuel;
use sluice_rules::party::{Eui64, S1sp};
use sluice_rules::point::{Mpan, Mprn};
use sluice_store::tables::bars;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::installations;
use sluice_store::tables::parties::Dictionary;
use sluice_store::tables::record::{self, Received};
use sluice_wire::hold::{HoldRow, Holds, Named, read_holds};
use sluice_wire::limits::Limits;
use sluice_wire::{FileFinding, RowFinding};
use std::io::Cursor;

/// Refused rows whose words are given with the verdict; all of them are kept.
const NAMED: usize = 20;

/// A supplier sets a hold, or clears it.
#[derive(Debug, Serialize, Deserialize)]
pub struct SetHold {
    /// CHF Device ID of the installation.
    #[serde(with = "crate::words::optional")]
    pub chf: Option<Eui64>,
    /// Or its Import MPAN.
    #[serde(with = "crate::words::optional")]
    pub mpan: Option<Mpan>,
    /// Or its MPRN.
    #[serde(with = "crate::words::optional")]
    pub mprn: Option<Mprn>,
    /// The first date.
    #[serde(with = "crate::words")]
    pub from: Date,
    /// The last date; nothing if there is none.
    #[serde(with = "crate::words::optional")]
    pub to: Option<Date>,
    /// On which days of the week.
    #[serde(with = "crate::words")]
    pub weekdays: Weekdays,
    /// Does it set a hold? Else it clears one.
    pub sets: bool,
}

/// What a hold did.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    /// The installation.
    #[serde(with = "crate::words")]
    pub chf: Eui64,
    /// Authorisations that it ended.
    pub ended: usize,
}

impl UseCase for SetHold {
    const KIND: &'static str = "hold";
    type Answer = Held;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("setting a hold").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Held> {
        let party = work.by.must_be_party("setting a hold")?;
        super::responsibility::must_not_have_failed(&mut work.tx, party)?;
        if self.to.is_some_and(|to| to < self.from) {
            return Err(ServiceError::rule("MAM-12", format!("a hold cannot end before it begins on {}", self.from)));
        }
        let named = Named { chf: self.chf, mpan: self.mpan, mprn: self.mprn };
        let refused = |(code, words): Finding| ServiceError::rule("MAM-12", format!("{code}: {words}"));
        let (chf, s1sp) = match find(work, &named)? {
            Ok(found) => found,
            Err(finding) => return Err(refused(finding)),
        };
        let entry = HoldEntry { party, from: self.from, to: self.to, weekdays: self.weekdays, sets: self.sets };
        let terms = MamTerms::on(work.books, local_date(work.now)).or_else(|_| MamTerms::latest(work.books))?;
        work.rulebook.clone_from(&terms.rulebook);
        let mut desk = Desk::open(work, s1sp, terms)?;
        if let Some(finding) = take(work, &mut desk, chf, entry, None)? {
            return Err(refused(finding));
        }
        let ended = settle(work, desk, &[chf])?;
        Ok(Held { chf, ended })
    }
}

/// The installation of what a hold names, with its S1SP; the finding if there is none, or if it names several.
fn find(work: &mut Work<'_>, named: &Named) -> Result<std::result::Result<(Eui64, S1sp), Finding>> {
    let mut found: Vec<Eui64> = Vec::new();
    let missing = |what: String| Ok(Err((RowCode::MA108, format!("there is no installation with {what}"))));
    found.extend(named.chf);
    for (fuel, point, what) in [
        (Fuel::Electricity, named.mpan.map(Mpan::number), named.mpan.map(|mpan| format!("MPAN {mpan}"))),
        (Fuel::Gas, named.mprn.map(Mprn::number), named.mprn.map(|mprn| format!("MPRN {mprn}"))),
    ] {
        let (Some(point), Some(what)) = (point, what) else { continue };
        match installations::by_point(&mut work.tx, fuel, point)? {
            Some(chf) => found.push(chf),
            None => return missing(what),
        }
    }
    let Some(&chf) = found.first() else {
        return Ok(Err((RowCode::MA101, "name an installation by its CHF Device ID, its MPAN or its MPRN".to_owned())));
    };
    // MA109: every identifier that is given must be the installation's own.
    if found.iter().any(|other| *other != chf) {
        return Ok(Err((RowCode::MA109, "the identifiers belong to different installations".to_owned())));
    }
    let dictionary = Dictionary::load(&mut work.tx)?;
    let key = sluice_store::tables::convert::eui_number(chf);
    let s1sp = installations::find(&mut work.tx, &dictionary, &[key])?.first().map(|installation| installation.s1sp);
    match s1sp {
        Some(s1sp) => Ok(Ok((chf, s1sp))),
        None => missing(format!("CHF Device ID {chf}")),
    }
}

/// Takes an entry; the finding if it is refused.
fn take(
    work: &mut Work<'_>,
    desk: &mut Desk,
    chf: Eui64,
    entry: HoldEntry,
    file: Option<i64>,
) -> Result<Option<Finding>> {
    desk.load(work, [chf])?;
    let Some(case) = desk.case(chf) else {
        return Ok(Some((RowCode::MA108, format!("there is no installation with CHF Device ID {chf}"))));
    };
    if let Some(finding) = refusal(desk, case, &entry, local_date(work.now)) {
        return Ok(Some(finding));
    }
    bars::add_hold(&mut work.tx, chf, &entry, work.now, file)?;
    if let Some((case, _)) = desk.case_mut(chf) {
        case.holds.push(entry);
    }
    Ok(None)
}

/// MAM-12: only a supplier of one of its meters holds an installation, and only until the S1SP has reported its start.
fn refusal(desk: &Desk, case: &CaseFile, entry: &HoldEntry, today: Date) -> Option<Finding> {
    let meters = &case.case.meters;
    let chf = case.installation.chf;
    if ![today, entry.from.max(today)].iter().any(|date| meters.concerns(entry.party, *date)) {
        let words = format!("you are not the supplier of a meter of installation {chf}");
        return Some((RowCode::MA111, words));
    }
    let under_way = |row: &&Authorisation| entry.covers(row.date) && row.date >= today && desk.is_under_way(chf, row);
    let dormant = case.dormant.filter(|date| entry.covers(*date) && *date >= today && desk.has_begun(chf, *date));
    let begun = case.case.rows.iter().find(under_way).map(|row| row.date).or(dormant);
    if let Some(date) = begun.filter(|_| entry.sets) {
        let words = format!("the S1SP has begun with installation {chf} on {date}; hold it from the next day on");
        return Some((RowCode::DO105, words));
    }
    None
}

/// What holds have taken the ground from ends, its units are given on, and schedules are issued again. Gives how many
/// authorisations ended.
fn settle(work: &mut Work<'_>, mut desk: Desk, installations: &[Eui64]) -> Result<usize> {
    // MAM-12: a hold binds Dormant planning too.
    let dormant = review(work, desk.s1sp, Some(&installations.iter().copied().collect()), None)?;
    let rows: Vec<(Eui64, Vec<Authorisation>)> = installations
        .iter()
        .filter_map(|chf| {
            let live = desk.case(*chf)?.case.rows.iter().filter(|row| row.state.is_live());
            Some((*chf, live.copied().collect()))
        })
        .collect();
    let ended = lapse_unfounded(work, &mut desk, &rows, None)?;
    desk.promote(work)?;
    let s1sp = desk.s1sp;
    let changed = desk.save(work, None)?;
    issue_changed(work, s1sp, &changed, None)?;
    dormant.issue(work, s1sp)?;
    Ok(usize::try_from(ended).unwrap_or(usize::MAX))
}

/// Judges a file of holds: a wrong row gets its codes and disturbs no other.
pub(super) fn judge(work: &mut Work<'_>, mut file: FileRecord, received: &Received) -> Result<Verdict> {
    let limits = Limits::of(work.books.get(&file.rulebook)?)?;
    let digest = received.digest.ok_or_else(|| ServiceError::defect("a file has no content"))?;
    let mut content = Cursor::new(record::content(&mut work.tx, &digest)?);
    let read = match order(work, &file)? {
        Some(finding) => Err(finding),
        None => read_holds(&file.extension, &mut content, &limits),
    };
    let read = match read {
        Ok(read) => read,
        Err(finding) => return refuse_whole(work, file, &finding),
    };
    "ACCEPTED".clone_into(&mut file.status);
    set_findings(&mut file, &[]);
    file.verdict_at = Some(work.now);
    files::set_verdict(&mut work.tx, &file)?;
    let refused = take_all(work, &file, read)?;
    let mut verdict = verdict_of(&file, &[]);
    verdict.findings = refused
        .iter()
        .take(NAMED)
        .map(|finding| (finding.codes().join(" "), format!("row {}: {}", finding.row, finding.message())))
        .collect();
    Ok(verdict)
}

fn refuse_whole(work: &mut Work<'_>, mut file: FileRecord, finding: &FileFinding) -> Result<Verdict> {
    refuse(&mut file, std::slice::from_ref(finding), work.now);
    files::set_verdict(&mut work.tx, &file)?;
    Ok(verdict_of(&file, std::slice::from_ref(finding)))
}

/// Takes the rows of a file in their order; gives those that are refused.
fn take_all(work: &mut Work<'_>, file: &FileRecord, read: Holds) -> Result<Vec<RowFinding>> {
    let Holds { rows, mut refused } = read;
    let count = rows.len() + refused.len();
    let terms = MamTerms::on(work.books, local_date(work.now)).or_else(|_| MamTerms::latest(work.books))?;
    let mut desk = Desk::open(work, file.s1sp, terms)?;
    let mut taken = Vec::new();
    for row in &rows {
        match one(work, &mut desk, file, row)? {
            Ok(chf) => taken.push(chf),
            Err(finding) => refused.push(RowFinding { row: row.row, findings: vec![finding] }),
        }
    }
    taken.sort_unstable();
    taken.dedup();
    settle(work, desk, &taken)?;
    answer_rows(work, file, count, &mut refused)?;
    Ok(refused)
}

fn one(
    work: &mut Work<'_>,
    desk: &mut Desk,
    file: &FileRecord,
    row: &HoldRow,
) -> Result<std::result::Result<Eui64, Finding>> {
    let (chf, s1sp) = match find(work, &row.named)? {
        Ok(found) => found,
        Err(finding) => return Ok(Err(finding)),
    };
    // MA113: the S1SP in the file's name must serve the installation.
    if s1sp != file.s1sp {
        let words = format!("{s1sp} serves it; send it in a file for that S1SP");
        return Ok(Err((RowCode::MA113, words)));
    }
    let HoldRow { from, to, weekdays, sets, .. } = *row;
    let entry = HoldEntry { party: file.sender, from, to, weekdays, sets };
    Ok(take(work, desk, chf, entry, Some(file.id))?.map_or(Ok(chf), Err))
}
