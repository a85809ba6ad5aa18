//! Holds: a supplier keeps an installation from being migrated on some dates, and gives no reason (MAM-12).

use crate::act::actor::Actor;
use crate::act::work::{Act, Work};
use crate::board::finish::Ending;
use crate::board::ground::lapse_unfounded;
use crate::board::open::Board;
use crate::books::calendar::local_date;
use crate::dormant::review::review;
use crate::error::{Result, ServiceError};
use crate::facts::dossier::Dossier;
use crate::files::content::said;
use crate::files::order::order;
use crate::files::refuse::refuse_whole;
use crate::files::verdict::{Ended, RowAnswers, Verdict, accept_rows};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::bars::{HoldEntry, Weekdays};
use sluice_rules::authorisation::held::{HeldDates, deciding};
use sluice_rules::authorisation::judge::Finding;
use sluice_rules::authorisation::settle::Authorisation;
use sluice_rules::codes::{FileCode, RowCode};
use sluice_rules::installation::Fuel;
use sluice_rules::party::{Eui64, Party};
use sluice_rules::point::{Mpan, Mprn};
use sluice_store::tables::convert::number;
use sluice_store::tables::files::FileRecord;
use sluice_store::tables::installations;
use sluice_store::tables::record::Received;
use sluice_store::tables::{bars, counts};
use sluice_wire::FileFinding;
use sluice_wire::hold::{HoldRow, Holds, Named};
use std::collections::HashMap;

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
    /// What it ended.
    #[serde(flatten)]
    pub ended: Ended,
    /// Did it change anything? A hold that nobody set cannot be cleared.
    pub changed: bool,
}

impl Act for SetHold {
    const KIND: &'static str = "hold";
    type Answer = Held;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("setting a hold").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Held> {
        let party = work.by.must_be_party("setting a hold")?;
        crate::responsibility::intake::must_not_have_failed(&mut work.tx, party)?;
        if self.to.is_some_and(|to| to < self.from) {
            return Err(ServiceError::rule("MAM-12", format!("a hold cannot end before it begins on {}", self.from)));
        }
        let named = Named { chf: self.chf, mpan: self.mpan, mprn: self.mprn };
        let refused = |(code, words): Finding| ServiceError::rule("MAM-12", format!("{code}: {words}"));
        let points = Points::find(work, std::slice::from_ref(&named))?;
        let found = points.of(&named).map_err(refused)?;
        let first = installations::s1sp_of(&mut work.tx, found[0])?;
        let s1sp = first.ok_or_else(|| refused(missing(&named)))?;
        let entry = HoldEntry { party, from: self.from, to: self.to, weekdays: self.weekdays, sets: self.sets };
        let terms = work.mam_terms()?;
        let mut board = Board::open(work, s1sp, terms)?;
        board.facts.load(work, found.iter().copied())?;
        let chf = checked(&board, &named, &found, &entry, local_date(work.now)).map_err(refused)?;
        let changed = match Taking::default().take(work, &mut board, chf, entry, None)? {
            Taken::Full => return Err(refused(full(chf))),
            Taken::Nothing => false,
            Taken::Entry => true,
        };
        let ended = settle(work, board, &[chf])?;
        Ok(Held { chf, ended, changed })
    }
}

/// The installations of the meter points that holds name.
#[derive(Default)]
struct Points {
    electricity: HashMap<i64, Eui64>,
    gas: HashMap<i64, Eui64>,
}

impl Points {
    fn find<'n>(work: &mut Work<'_>, named: impl IntoIterator<Item = &'n Named>) -> Result<Self> {
        let (mut mpans, mut mprns) = (Vec::new(), Vec::new());
        for one in named {
            mpans.extend(one.mpan.map(|mpan| number(mpan.number())));
            mprns.extend(one.mprn.map(|mprn| number(mprn.number())));
        }
        for points in [&mut mpans, &mut mprns] {
            points.sort_unstable();
            points.dedup();
        }
        Ok(Self {
            electricity: installations::by_points(&mut work.tx, Fuel::Electricity, &mpans)?,
            gas: installations::by_points(&mut work.tx, Fuel::Gas, &mprns)?,
        })
    }

    /// What a hold names, one for each identifier; the finding if it names nothing, or what does not exist.
    fn of(&self, named: &Named) -> std::result::Result<Vec<Eui64>, Finding> {
        let mut found: Vec<Eui64> = named.chf.into_iter().collect();
        let mpan = named.mpan.map(|mpan| self.electricity.get(&number(mpan.number())));
        let mprn = named.mprn.map(|mprn| self.gas.get(&number(mprn.number())));
        for point in [mpan, mprn].into_iter().flatten() {
            found.push(*point.ok_or_else(|| missing(named))?);
        }
        if found.is_empty() {
            return Err((RowCode::MA101, "name an installation by its CHF Device ID, its MPAN or its MPRN".to_owned()));
        }
        Ok(found)
    }
}

fn missing(named: &Named) -> Finding {
    let chf = named.chf.map(|chf| format!("CHF Device ID {chf}"));
    let mpan = named.mpan.map(|mpan| format!("MPAN {mpan}"));
    let mprn = named.mprn.map(|mprn| format!("MPRN {mprn}"));
    let what: Vec<String> = [chf, mpan, mprn].into_iter().flatten().collect();
    (RowCode::MA108, format!("there is no installation with {}", what.join(" and ")))
}

/// MAM-12: the installation that an entry is about, or why it is not taken. Who supplies no meter of what it names is told that
/// and nothing more: not which identifiers belong together, nor which S1SP serves them (MSM-14).
fn checked(
    board: &Board,
    named: &Named,
    found: &[Eui64],
    entry: &HoldEntry,
    today: Date,
) -> std::result::Result<Eui64, Finding> {
    let cases: Vec<&Dossier> = found.iter().filter_map(|chf| board.facts.dossier(*chf)).collect();
    let Some(case) = cases.first().filter(|_| cases.len() == found.len()) else { return Err(missing(named)) };
    let concerned = |case: &&Dossier| {
        let meters = &case.case.meters;
        [today, entry.from.max(today)].iter().any(|date| meters.concerns(entry.party, *date))
    };
    if !cases.iter().any(concerned) {
        return Err((RowCode::MA111, "you are not the supplier of a meter of this installation".to_owned()));
    }
    // MA109: every identifier that is given must be the installation's own.
    if found.iter().any(|other| *other != found[0]) {
        return Err((RowCode::MA109, "the identifiers belong to different installations".to_owned()));
    }
    // MA113: the S1SP in a file's name must serve the installation.
    if case.installation.s1sp != board.facts.s1sp {
        let words = format!("{} serves it; send it in a file for that S1SP", case.installation.s1sp);
        return Err((RowCode::MA113, words));
    }
    begun(board, case, entry, today).map_or(Ok(found[0]), Err)
}

/// MAM-12: an installation is held only until the S1SP has reported its start.
fn begun(board: &Board, case: &Dossier, entry: &HoldEntry, today: Date) -> Option<Finding> {
    let chf = case.installation.chf;
    let under_way =
        |row: &&Authorisation| entry.covers(row.date) && row.date >= today && board.facts.is_under_way(chf, row);
    let dormant =
        case.dormant.filter(|date| entry.covers(*date) && *date >= today && board.facts.has_begun(chf, *date));
    let begun = case.case.rows.iter().find(under_way).map(|row| row.date).or(dormant);
    let date = begun.filter(|_| entry.sets)?;
    let words = format!("the S1SP has begun with installation {chf} on {date}; hold it from the next day on");
    Some((RowCode::DO105, words))
}

/// So many entries of one supplier about one installation are kept: more than any customer's wishes need. Each is read by every act on
/// the installation.
const KEPT: usize = 1_000;

/// Entries of one supplier on their way, with the dates on which it holds the installations that they name.
#[derive(Default)]
struct Taking {
    held: HashMap<Eui64, Holding>,
}

/// What a supplier has of an installation.
struct Holding {
    dates: HeldDates,
    entries: usize,
    full: bool,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// It is kept.
    Entry,
    /// It clears what is not held, so that there is nothing to take.
    Nothing,
    /// Too many others are.
    Full,
}

impl Taking {
    fn take(
        &mut self,
        work: &mut Work<'_>,
        board: &mut Board,
        chf: Eui64,
        entry: HoldEntry,
        file: Option<i64>,
    ) -> Result<Taken> {
        let Some((case, _)) = board.change(chf) else { return Ok(Taken::Nothing) };
        let held = self.held.entry(chf).or_insert_with(|| Holding::of(&case.holds, entry.party));
        if !entry.sets && !held.dates.meets(&entry) {
            return Ok(Taken::Nothing);
        }
        if work.engine > 3 && !held.make_room(work, chf, &mut case.holds, &entry)? {
            return Ok(Taken::Full);
        }
        bars::add_hold(&mut work.tx, chf, &entry, work.now, file)?;
        case.holds.push(entry);
        held.dates.add(&entry);
        held.entries += 1;
        Ok(Taken::Entry)
    }
}

impl Holding {
    fn of(entries: &[HoldEntry], party: Party) -> Self {
        let own = entries.iter().filter(|entry| entry.party == party).count();
        Self { dates: HeldDates::of(entries, party), entries: own, full: false }
    }

    /// MAM-12: is there room for an entry? Where too many stand, those go that decide nothing any more with it. Fewer than half must be
    /// left, so that rows cost the same however many there are; where that fails the rest of a file fails too.
    fn make_room(
        &mut self,
        work: &mut Work<'_>,
        chf: Eui64,
        all: &mut Vec<HoldEntry>,
        entry: &HoldEntry,
    ) -> Result<bool> {
        if self.full || self.entries < KEPT {
            return Ok(!self.full);
        }
        let mut own: Vec<HoldEntry> = all.iter().filter(|one| one.party == entry.party).copied().collect();
        own.push(*entry);
        let mut keep = deciding(&own, local_date(work.now));
        keep.pop();
        let left = keep.iter().filter(|keep| **keep).count();
        self.full = left > KEPT / 2;
        if self.full {
            return Ok(false);
        }
        bars::keep_holds(&mut work.tx, chf, &entry.party, &keep)?;
        let mut keep = keep.into_iter();
        all.retain(|one| one.party != entry.party || keep.next().unwrap_or(true));
        self.entries = left;
        Ok(true)
    }
}

/// MAM-12: what an entry is told that would be one too many.
fn full(chf: Eui64) -> Finding {
    let words = format!(
        "{KEPT} holds of yours stand about installation {chf}, and most of them are about days to come: name dates together, with From, To and Weekdays; one for all days from today on takes the place of them all"
    );
    (RowCode::DO108, words)
}

/// What holds have taken the ground from ends, its units are given on, and schedules are issued again.
fn settle(work: &mut Work<'_>, mut board: Board, installations: &[Eui64]) -> Result<Ended> {
    // MAM-12: a hold binds Dormant planning too.
    let dormant = review(work, board.facts.s1sp, Some(&installations.iter().copied().collect()), None)?;
    let live = |chf: &Eui64| Some((*chf, board.facts.dossier(*chf)?.live_rows()));
    let rows: Vec<(Eui64, Vec<Authorisation>)> = installations.iter().filter_map(live).collect();
    let ended = lapse_unfounded(work, &mut board, &rows, None)?;
    let ended = Ended { rows: ended, dormant: dormant.left, waiting: dormant.changed - dormant.left };
    board.settle(work)?.finish(work, Ending { also: dormant.days(), ..Ending::default() })?;
    Ok(ended)
}

/// Judges a file of holds: a wrong row gets its codes and disturbs no other.
pub(crate) fn judge(work: &mut Work<'_>, mut file: FileRecord, received: &Received) -> Result<Verdict> {
    if let Some(finding) = order(work, &file, received.at)? {
        return refuse_whole(work, file, received.at, &[finding]);
    }
    let read = said(work, &file, received)?;
    let not_too_many = |holds| if work.engine > 3 { not_too_many(holds).map(|()| holds) } else { Ok(holds) };
    let holds = match read.holds()?.as_ref().map_err(Clone::clone).and_then(not_too_many) {
        Ok(holds) => holds,
        Err(finding) => return refuse_whole(work, file, received.at, &[finding]),
    };
    let (rows, ended) = take_all(work, (&file, received.at), holds)?;
    Ok(Verdict { ended, ..accept_rows(work, &mut file, rows)? })
}

/// FI09: no installation is named by too many rows.
fn not_too_many(read: &Holds) -> std::result::Result<(), FileFinding> {
    let mut rows: HashMap<String, usize> = HashMap::new();
    for HoldRow { named: Named { chf, mpan, mprn }, .. } in &read.rows {
        let named =
            [chf.map(|chf| chf.to_string()), mpan.map(|mpan| mpan.to_string()), mprn.map(|mprn| mprn.to_string())];
        for name in named.into_iter().flatten() {
            let times = rows.entry(name).or_default();
            *times += 1;
        }
    }
    let most = rows.into_iter().filter(|(_, times)| *times > KEPT).min();
    most.map_or(Ok(()), |(name, times)| {
        let message = format!(
            "{times} of its rows name {name}, more than {KEPT}: name dates together, with From, To and Weekdays"
        );
        Err(FileFinding::new(FileCode::FI09, message))
    })
}

/// MAM-12: does an entry of the same supplier, which arrived later and was taken before, say something of any of an entry's dates?
fn has_later(work: &mut Work<'_>, chf: Eui64, entry: &HoldEntry, received: Timestamp) -> Result<bool> {
    let mut later = bars::holds_since(&mut work.tx, chf, &entry.party, received)?;
    later.iter_mut().for_each(|later| later.sets = true);
    Ok(HeldDates::of(&later, entry.party).meets(entry))
}

/// Takes the rows of a file in their order; gives what they are answered, and what ended.
fn take_all<'r>(
    work: &mut Work<'_>,
    (file, received): (&FileRecord, Timestamp),
    read: &'r Holds,
) -> Result<(RowAnswers<'r>, Ended)> {
    let Holds { rows, refused, unseen } = read;
    let mut answers = RowAnswers::of(refused, unseen);
    let today = local_date(work.now);
    let terms = work.mam_terms()?;
    let mut board = Board::open(work, file.s1sp, terms)?;
    let points = Points::find(work, rows.iter().map(|row| &row.named))?;
    let found: Vec<_> = rows.iter().map(|row| points.of(&row.named)).collect();
    board.facts.load(work, found.iter().flatten().flatten().copied())?;
    counts::take_out(&mut work.tx, found.iter().flatten().flatten().copied())?;
    let asks_for_later = work.engine > 4 && bars::any_hold_since(&mut work.tx, received)?;
    let (mut touched, mut taking) = (Vec::new(), Taking::default());
    for (row, found) in rows.iter().zip(found) {
        let HoldRow { from, to, weekdays, sets, .. } = *row;
        let entry = HoldEntry { party: file.sender, from, to, weekdays, sets };
        let chf = match found.and_then(|found| checked(&board, &row.named, &found, &entry, today)) {
            Ok(chf) => chf,
            Err(finding) => {
                answers.refuse(row.row, finding);
                continue;
            }
        };
        if asks_for_later && has_later(work, chf, &entry, received)? {
            let words =
                format!("you said otherwise of installation {chf} on some of these dates after this file; that counts");
            answers.refuse(row.row, (RowCode::DO105, words));
            continue;
        }
        match taking.take(work, &mut board, chf, entry, Some(file.id))? {
            Taken::Full => {
                answers.refuse(row.row, full(chf));
                continue;
            }
            Taken::Entry => touched.push(chf),
            Taken::Nothing => {}
        }
        answers.taken.push(row.row);
    }
    touched.sort_unstable();
    touched.dedup();
    let ended = settle(work, board, &touched)?;
    Ok((answers, ended))
}

#[cfg(test)]
#[path = "holds_tests.rs"]
mod tests;
