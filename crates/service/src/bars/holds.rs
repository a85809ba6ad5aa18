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
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::bars::{HoldEntry, Weekdays};
use sluice_rules::authorisation::held::HeldDates;
use sluice_rules::authorisation::judge::Finding;
use sluice_rules::authorisation::settle::Authorisation;
use sluice_rules::codes::{FileCode, RowCode};
use sluice_rules::installation::Fuel;
use sluice_rules::party::{Eui64, Party};
use sluice_rules::point::{Mpan, Mprn};
use sluice_store::tables::bars;
use sluice_store::tables::convert::number;
use sluice_store::tables::files::FileRecord;
use sluice_store::tables::installations;
use sluice_store::tables::record::Received;
use sluice_wire::FileFinding;
use sluice_wire::hold::{HoldRow, Holds, Named};
use std::collections::{BTreeMap, HashMap};

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
        // A hold can be cleared however many there are.
        if self.sets
            && !work.is_again()
            && let Some(words) = too_many_kept(&board, party, chf, 1, SETS_OF_ONE)
        {
            return Err(ServiceError::rule("MAM-12", words));
        }
        let changed = Taking::default().take(work, &mut board, chf, entry, None)?;
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

/// Entries of one supplier on their way, with the dates on which it holds the installations that they name.
#[derive(Default)]
struct Taking {
    held: HashMap<Eui64, HeldDates>,
}

impl Taking {
    /// Takes an entry; false if it clears what is not held, so that there is nothing to take.
    fn take(
        &mut self,
        work: &mut Work<'_>,
        board: &mut Board,
        chf: Eui64,
        entry: HoldEntry,
        file: Option<i64>,
    ) -> Result<bool> {
        let Some((case, _)) = board.change(chf) else { return Ok(false) };
        let held = self.held.entry(chf).or_insert_with(|| HeldDates::of(&case.holds, entry.party));
        if !entry.sets && !held.meets(&entry) {
            return Ok(false);
        }
        bars::add_hold(&mut work.tx, chf, &entry, work.now, file)?;
        case.holds.push(entry);
        held.add(&entry);
        Ok(true)
    }
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
    if let Some(finding) = order(work, &file)? {
        return refuse_whole(work, file, received.at, &[finding]);
    }
    let read = said(work, &file, received)?;
    let not_too_many = |holds| if work.engine > 3 { not_too_many(holds).map(|()| holds) } else { Ok(holds) };
    let holds = match read.holds()?.as_ref().map_err(Clone::clone).and_then(not_too_many) {
        Ok(holds) => holds,
        Err(finding) => return refuse_whole(work, file, received.at, &[finding]),
    };
    match take_all(work, &file, holds)? {
        Ok((rows, ended)) => Ok(Verdict { ended, ..accept_rows(work, &mut file, rows)? }),
        Err(finding) => refuse_whole(work, file, received.at, &[finding]),
    }
}

/// Entries of a party that are kept for an installation, in all, when one more is set; and, so that what is set can be cleared,
/// when one more is cleared by a file. Whatever is decided on an installation reads them.
const SETS_OF_ONE: usize = 10_000;
const ENTRIES_OF_ONE: usize = 2 * SETS_OF_ONE;

/// Why no more entries of a party are taken for an installation, if they would be too many.
fn too_many_kept(board: &Board, party: Party, chf: Eui64, more: usize, most: usize) -> Option<String> {
    let kept = board.facts.dossier(chf)?.holds.iter().filter(|hold| hold.party == party).count();
    let words = || {
        format!(
            "{kept} entries of yours are kept for installation {chf}, and with {more} more there would be more than {most}: name dates together, with From, To and Weekdays"
        )
    };
    (kept + more > most).then(words)
}

/// FI09: the first of the installations that rows name for which too many entries would be kept.
fn too_many_in_all(board: &Board, party: Party, named: impl Iterator<Item = (bool, Eui64)>) -> Option<FileFinding> {
    let mut rows: BTreeMap<Eui64, (usize, usize)> = BTreeMap::new();
    for (sets, chf) in named {
        let (set, all) = rows.entry(chf).or_default();
        (*set, *all) = (*set + usize::from(sets), *all + 1);
    }
    let too_many = |chf, (set, all)| {
        let sets = if set > 0 { too_many_kept(board, party, chf, set, SETS_OF_ONE) } else { None };
        sets.or_else(|| too_many_kept(board, party, chf, all, ENTRIES_OF_ONE))
    };
    let words = rows.into_iter().find_map(|(chf, more)| too_many(chf, more));
    words.map(|words| FileFinding::new(FileCode::FI09, words))
}

/// Rows of a file about one installation: more than any customer's wishes need. Each is kept, and read by every act on it.
const ROWS_OF_ONE: usize = 1_000;

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
    let most = rows.into_iter().filter(|(_, times)| *times > ROWS_OF_ONE).min();
    most.map_or(Ok(()), |(name, times)| {
        let message = format!(
            "{times} of its rows name {name}, more than {ROWS_OF_ONE}: name dates together, with From, To and Weekdays"
        );
        Err(FileFinding::new(FileCode::FI09, message))
    })
}

/// Takes the rows of a file in their order; gives what they are answered, and what ended.
fn take_all<'r>(
    work: &mut Work<'_>,
    file: &FileRecord,
    read: &'r Holds,
) -> Result<std::result::Result<(RowAnswers<'r>, Ended), FileFinding>> {
    let Holds { rows, refused, unseen } = read;
    let mut answers = RowAnswers::of(refused, unseen);
    let today = local_date(work.now);
    let terms = work.mam_terms()?;
    let mut board = Board::open(work, file.s1sp, terms)?;
    let points = Points::find(work, rows.iter().map(|row| &row.named))?;
    let found: Vec<_> = rows.iter().map(|row| points.of(&row.named)).collect();
    board.facts.load(work, found.iter().flatten().flatten().copied())?;
    let named = rows.iter().zip(&found);
    let named = named.filter_map(|(row, found)| Some((row.sets, *found.as_ref().ok()?.first()?)));
    if work.engine > 3
        && let Some(finding) = too_many_in_all(&board, file.sender, named)
    {
        board.finish(work)?;
        return Ok(Err(finding));
    }
    let (mut touched, mut taking) = (Vec::new(), Taking::default());
    for (row, found) in rows.iter().zip(found) {
        let HoldRow { from, to, weekdays, sets, .. } = *row;
        let entry = HoldEntry { party: file.sender, from, to, weekdays, sets };
        match found.and_then(|found| checked(&board, &row.named, &found, &entry, today)) {
            Ok(chf) => {
                if taking.take(work, &mut board, chf, entry, Some(file.id))? {
                    touched.push(chf);
                }
                answers.taken.push(row.row);
            }
            Err(finding) => answers.refuse(row.row, finding),
        }
    }
    touched.sort_unstable();
    touched.dedup();
    let ended = settle(work, board, &touched)?;
    Ok(Ok((answers, ended)))
}

#[cfg(test)]
#[path = "holds_tests.rs"]
mod tests;
