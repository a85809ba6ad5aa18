//! The inventory: loaded as it is read, so that ten million installations need little memory.

use crate::act::work::Work;
use crate::error::{Result, ServiceError};
use crate::imports::shown::{self, Difference};
use crate::words::FIRST;
use sluice_rules::installation::{Cohort, Fuel, Installation, MeterStatus, Mpid};
use sluice_rules::party::S1sp;
use sluice_rules::reference::ImportDifference;
use sluice_store::tables::convert::{count, eui_number};
use sluice_store::tables::imports;
use sluice_store::tables::parties::Dictionary;
use sluice_store::tables::stage::{self, Change, Part};
use sluice_store::{Inserter, Value};
use sluice_wire::limits::Reading;
use sluice_wire::reference_data::{
    DuplicateCheck, Duplicates, RowErrors, RowProblem, TableErrors, list_duplicates, read_inventory,
};
use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::mpsc::{SyncSender, sync_channel};

/// Puts what a file says on the stage, and compares it with what stands.
pub(crate) fn compare(
    work: &mut Work<'_>,
    dictionary: &Dictionary,
    extension: &str,
    content: &mut Cursor<&[u8]>,
) -> Result<(Difference, Change)> {
    stage::make(&mut work.tx)?;
    let reading = Reading::of_engine(work.engine);
    load(stage::inserter(&mut work.tx)?, dictionary, extension, content, reading)?;
    let (figures, change) = stage::compare(&mut work.tx)?;
    let first = first_staged(work, &figures)?;
    Ok((Difference { figures, first }, change))
}

/// Loads what a file says into an empty inventory: there is nothing to compare it with. What is to be done `beside` it has a processor for
/// itself while the database sorts the indexes.
pub(crate) fn load_first(
    work: &mut Work<'_>,
    extension: &str,
    content: &mut Cursor<&[u8]>,
    beside: impl FnOnce() + Send,
) -> Result<Difference> {
    let dictionary = Dictionary::load(&mut work.tx)?;
    let reading = Reading::of_engine(work.engine);
    let added = load(stage::first_inserter(&mut work.tx)?, &dictionary, extension, content, reading)?;
    std::thread::scope(|scope| {
        scope.spawn(beside);
        stage::end_first(&mut work.tx)
    })?;
    Ok(Difference { figures: ImportDifference { added, ..ImportDifference::default() }, first: Vec::new() })
}

/// REF-2: the first installations that differ from those that stand, in words, and how many more there are.
fn first_staged(work: &mut Work<'_>, figures: &ImportDifference) -> Result<Vec<String>> {
    if work.engine < 4 || figures.before == 0 {
        return Ok(Vec::new());
    }
    let mut lines = Vec::new();
    let parts = [(Part::Added, figures.added), (Part::Changed, figures.changed), (Part::Gone, figures.gone)];
    for (part, all) in parts.into_iter().filter(|(_, all)| *all > 0) {
        let (before, after) = stage::first(&mut work.tx, part, FIRST)?;
        lines.extend(shown::rows(work, imports::INSTALLATION, &before, &after)?);
        let more = all.saturating_sub(u64::try_from(FIRST).unwrap_or(u64::MAX));
        lines.extend((more > 0).then(|| format!("and {more} more {}", part.word())));
    }
    Ok(lines)
}

/// REF-2: the S1SPs whose installations would be others, or gone, if the inventory were brought to what is on the stage.
pub(crate) fn touched(work: &mut Work<'_>) -> Result<BTreeSet<S1sp>> {
    let numbers = stage::s1sps(&mut work.tx)?;
    let codes = Dictionary::load(&mut work.tx)?.s1sp_numbers;
    Ok(codes.into_iter().filter(|(_, number)| numbers.contains(number)).map(|(code, _)| code).collect())
}

/// Empties the inventory.
pub(crate) fn empty(work: &mut Work<'_>) -> Result<Difference> {
    let before = imports::installations(&mut work.tx)?;
    imports::empty_installations(&mut work.tx)?;
    let figures = ImportDifference { before, gone: before, ..ImportDifference::default() };
    Ok(Difference { figures, first: Vec::new() })
}

/// How many rows go from the reader to the database at a time, and how many such lots may wait.
const LOT: usize = 1_000;
const WAITING: usize = 8;

/// Reads a file into a table: one thread reads and judges while the other hands on to the database. Gives the number of rows.
fn load(
    mut insert: Inserter<'_>,
    dictionary: &Dictionary,
    extension: &str,
    content: &mut Cursor<&[u8]>,
    as_read: Reading,
) -> Result<u64> {
    let (sender, lots) = sync_channel(WAITING);
    let mut reader = Reader { dictionary, check: DuplicateCheck::default(), lot: Vec::new(), sender };
    let mut again = content.clone();
    let (read, check, stored) = std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let read = read_inventory(extension, content, as_read, &mut |_, installation| reader.take(&installation));
            (read.and_then(|rows| reader.hand_on().map(|()| rows)), reader.check)
        });
        // Where the table itself finds the same CHF Device ID twice, it is told with both lines below.
        let stored = lots.iter().flatten().try_for_each(|row: InventoryRow| insert.row(&row));
        drop(lots);
        let (read, check) = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (read, check, stored)
    });
    let duplicates = check.finish();
    match (read, stored) {
        (Err(TableErrors::Rows(errors)), Ok(())) => Err(ServiceError::Table(in_lines(&errors))),
        (Err(errors), Ok(())) => Err(ServiceError::Table(errors.to_string())),
        _ if !duplicates.is_empty() => Err(twice(extension, &mut again, as_read, &duplicates)),
        (_, Err(error)) => Err(error.into()),
        (Ok(_), Ok(())) => Ok(insert.finish()?),
    }
}

/// The lines in which something stands twice.
fn twice(extension: &str, content: &mut Cursor<&[u8]>, reading: Reading, duplicates: &Duplicates) -> ServiceError {
    match list_duplicates(extension, content, reading, duplicates) {
        Ok(()) => ServiceError::defect("an installation that stood twice stands once"),
        Err(TableErrors::Rows(errors)) => ServiceError::Table(in_lines(&errors)),
        Err(errors) => ServiceError::Table(errors.to_string()),
    }
}

/// The values of a row, in the order of the columns.
type InventoryRow = [Value<'static>; 12];

/// Makes rows of the table of what is read.
struct Reader<'a> {
    dictionary: &'a Dictionary,
    check: DuplicateCheck,
    lot: Vec<InventoryRow>,
    sender: SyncSender<Vec<InventoryRow>>,
}

impl Reader<'_> {
    fn take(&mut self, installation: &Installation) -> std::result::Result<(), RowProblem> {
        let numbers = Numbers::of(installation, self.dictionary).map_err(RowProblem::Wrong)?;
        self.check.add(installation);
        self.lot.push(numbers.values(installation));
        if self.lot.len() < LOT {
            return Ok(());
        }
        self.hand_on().map_err(|error| RowProblem::Stop(error.to_string()))
    }

    /// Hands on what was read; fails where the database has stopped, which has the better words for it.
    fn hand_on(&mut self) -> std::result::Result<(), TableErrors> {
        let lot = std::mem::replace(&mut self.lot, Vec::with_capacity(LOT));
        self.sender.send(lot).map_err(|_| TableErrors::Whole("the database has stopped".to_owned()))
    }
}

/// Wrong rows, one a line.
pub(crate) fn in_lines(errors: &RowErrors) -> String {
    let mut lines: Vec<String> = errors.rows.iter().map(|(line, message)| format!("line {line}: {message}")).collect();
    let listed = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    if errors.total > listed {
        lines.push(format!("and {} more", errors.total - listed));
    }
    lines.push("nothing was imported; correct these rows and import the whole file again (REF-2)".to_owned());
    lines.join("\n")
}

/// The numbers that the inventory holds in place of codes.
struct Numbers {
    s1sp: i64,
    dmc: i64,
    electricity: i64,
    gas: Option<i64>,
}

impl Numbers {
    fn of(installation: &Installation, dictionary: &Dictionary) -> std::result::Result<Self, String> {
        let mpid = |fuel: Fuel, mpid: Mpid| {
            let found = dictionary.mpid_numbers.get(&(fuel, mpid)).copied();
            found.ok_or_else(|| format!("{fuel} MPID {mpid} belongs to no party"))
        };
        let s1sp = dictionary.s1sp_numbers.get(&installation.s1sp).copied();
        let dmc = dictionary.dmc_numbers.get(installation.dmc.as_str()).copied();
        Ok(Self {
            s1sp: s1sp.ok_or_else(|| format!("S1SP {} is not known", installation.s1sp))?,
            dmc: dmc.ok_or_else(|| format!("Device Model Combination {} is not known", installation.dmc))?,
            electricity: mpid(Fuel::Electricity, installation.electricity.mpid)?,
            gas: installation.gas.map(|gas| mpid(Fuel::Gas, gas.mpid)).transpose()?,
        })
    }

    fn values(&self, installation: &Installation) -> [Value<'static>; 12] {
        let gas = installation.gas;
        let status = |status: MeterStatus| Value::Int(i64::from(status == MeterStatus::Active));
        [
            Value::Int(eui_number(installation.chf)),
            Value::Int(self.s1sp),
            Value::Int(cohort_number(installation.cohort)),
            Value::Int(self.dmc),
            Value::Int(eui_number(installation.electricity.device)),
            count(installation.electricity.mpan.number()),
            Value::Int(self.electricity),
            status(installation.electricity.status),
            gas.map_or(Value::Null, |gas| Value::Int(eui_number(gas.device))),
            gas.map_or(Value::Null, |gas| count(gas.mprn.number())),
            self.gas.map_or(Value::Null, Value::Int),
            gas.map_or(Value::Null, |gas| status(gas.status)),
        ]
    }
}

/// The place of a cohort in the list of all of them.
fn cohort_number(cohort: Cohort) -> i64 {
    let place = Cohort::ALL.iter().position(|other| *other == cohort).unwrap_or(0);
    i64::try_from(place).unwrap_or(0)
}
