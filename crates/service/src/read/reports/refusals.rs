//! What was sent, and what of it was refused, by code.

use crate::act::work::Look;
use crate::error::{Result, ServiceError};
use crate::read::reports::parts::{Days, Entry, Parts, Readers, lower, of, start_of};
use sluice_rules::codes::{FileCode, RowCode};
use sluice_store::tables::reports::Sight;
use sluice_store::tables::reports::intake::{self, AnswerCount};
use sluice_wire::report::{Bar, Cell, Chart, Column, Form, Kind, Series, Table, Tone, Totals, grouped};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const ENTRY: Entry = Entry {
    name: "refusals",
    title: "Refusals by code",
    about: &[
        "Files and rows that were received in the period, how they were answered, and why those that were refused were. A file \
         that is refused whole has no rows here.",
        "A row has every code that applies, so the codes add up to more than the rows. Rows that were accepted and ended \
         later are no refusals; they stand in a table of their own.",
    ],
    days: Days::Period,
    readers: Readers::Suppliers,
    make,
};

fn make(work: &mut Look<'_>, sight: &Sight) -> Result<Parts> {
    let (from, to) = (start_of(sight.from())?, start_of(sight.to().tomorrow().map_err(ServiceError::defect)?)?);
    let files = intake::files(&mut work.tx, sight, from, to)?;
    let rows = intake::rows(&mut work.tx, sight, from, to)?;
    let taken = intake::authorisations(&mut work.tx, sight, from, to)?;
    let misnamed = intake::misnamed(&mut work.tx, sight, from, to)?;
    let refused: Vec<Refused> = refused_files(&files, &misnamed).into_iter().chain(refused_rows(&rows)).collect();
    let sent = by_sender(&files, &rows, &taken, &misnamed);
    let tables = vec![by_code(&refused), senders(&sent), later(&taken)];
    Ok(Parts { verdict: verdict(&refused, &sent), notes: Vec::new(), tables, main: "codes" })
}

fn verdict(refused: &[Refused], sent: &BTreeMap<String, Sent>) -> String {
    let sum = |value: fn(&Sent) -> u64| sent.values().map(value).sum::<u64>();
    let files = of(sum(|sent| sent.files_refused), sum(|sent| sent.files));
    let rows = of(sum(|sent| sent.refused), sum(Sent::rows));
    let most = most(refused).map_or_else(String::new, |(code, count)| {
        format!(" Most often with {code}: {} ({} times).", lower(meaning(code)), grouped(count))
    });
    format!("{files} files and {rows} rows were refused.{most}")
}

/// The code that was given most often, and how often.
fn most(refused: &[Refused]) -> Option<(&str, u64)> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    refused.iter().for_each(|one| *sums.entry(&one.code).or_default() += one.count);
    sums.into_iter().max_by_key(|(code, count)| (*count, std::cmp::Reverse(*code)))
}

/// Something that was refused with a code.
struct Refused {
    what: &'static str,
    code: String,
    sender: String,
    count: u64,
}

fn each_code(codes: &str) -> impl Iterator<Item = String> {
    codes.split_ascii_whitespace().map(str::to_owned)
}

fn refused_files(files: &[AnswerCount], misnamed: &[(String, String, u64)]) -> Vec<Refused> {
    let of = |code: String, sender: String, count: u64| Refused { what: "FILE", code, sender, count };
    let refused = files.iter().filter(|file| matches!(file.answer.as_str(), "REFUSED" | "LAPSED"));
    let named =
        refused.flat_map(|file| each_code(&file.codes).map(move |code| of(code, file.party.to_string(), file.count)));
    let without = misnamed.iter().map(|(sender, code, count)| of(code.clone(), sender.clone(), *count));
    named.chain(without).collect()
}

fn refused_rows(rows: &[AnswerCount]) -> Vec<Refused> {
    let refused = rows.iter().filter(|row| row.answer == "REFUSED");
    let each = refused.flat_map(|row| {
        each_code(&row.codes).map(move |code| Refused {
            what: "ROW",
            code,
            sender: row.party.to_string(),
            count: row.count,
        })
    });
    each.collect()
}

/// What a code means; empty for one that this version does not know.
fn meaning(code: &str) -> &'static str {
    let file = code.parse::<FileCode>().ok().map(FileCode::meaning);
    file.or_else(|| code.parse::<RowCode>().ok().map(RowCode::meaning)).unwrap_or_default()
}

fn by_code(refused: &[Refused]) -> Table {
    let mut sums: BTreeMap<(&str, &str), (u64, BTreeSet<&str>)> = BTreeMap::new();
    for one in refused {
        let entry = sums.entry((one.what, &one.code)).or_default();
        entry.0 += one.count;
        entry.1.insert(&one.sender);
    }
    let row = |((what, code), (count, senders)): (&(&str, &str), &(u64, BTreeSet<&str>))| {
        let parties = u64::try_from(senders.len()).unwrap_or(u64::MAX);
        vec![Cell::text(code), Cell::text(what), Cell::Number(*count), Cell::Number(parties), Cell::text(meaning(code))]
    };
    let bar = |((what, code), (count, _)): (&(&str, &str), &(u64, BTreeSet<&str>))| {
        Bar::new(format!("{code} ({})", what.to_lowercase()), vec![*count])
    };
    Table {
        id: "codes",
        title: "By code",
        about: "A row is one code; docs/rules says of each what to do.",
        columns: vec![
            Column::text("code", "Code", "The code of the answer."),
            Column::text("what", "What", "FILE: a file refused whole. ROW: a row of a file that was taken."),
            Column::number("count", "Refused", "How many files or rows have the code."),
            Column { summed: false, ..Column::number("senders", "Senders", "How many parties sent them.") },
            Column::text("meaning", "What it means", "In short."),
        ],
        rows: sums.iter().map(row).collect(),
        totals: Totals::None,
        empty: "Nothing was refused.",
        charts: vec![Chart {
            title: most(refused).map_or_else(String::new, |(code, count)| {
                format!("{code} was given most often: {} times", grouped(count))
            }),
            measure: "Refused files and rows by code",
            unit: "refusals",
            form: Form::Stacked,
            series: vec![Series { name: "Refused", tone: Tone::Failed }],
            bars: sums.iter().map(bar).collect(),
        }],
    }
}

/// What a party sent, and how it was answered.
#[derive(Default)]
struct Sent {
    files: u64,
    files_refused: u64,
    taken: u64,
    withdrawn: u64,
    no_change: u64,
    refused: u64,
}

impl Sent {
    fn rows(&self) -> u64 {
        self.taken + self.withdrawn + self.no_change + self.refused
    }
}

fn by_sender(
    files: &[AnswerCount],
    rows: &[AnswerCount],
    taken: &[AnswerCount],
    misnamed: &[(String, String, u64)],
) -> BTreeMap<String, Sent> {
    let mut sent: BTreeMap<String, Sent> = BTreeMap::new();
    for file in files {
        let entry = sent.entry(file.party.to_string()).or_default();
        entry.files += file.count;
        let refused = matches!(file.answer.as_str(), "REFUSED" | "LAPSED");
        entry.files_refused += if refused { file.count } else { 0 };
    }
    for (sender, _, count) in misnamed {
        let entry = sent.entry(sender.clone()).or_default();
        entry.files += count;
        entry.files_refused += count;
    }
    for row in rows {
        let entry = sent.entry(row.party.to_string()).or_default();
        match row.answer.as_str() {
            "TAKEN" => entry.taken += row.count,
            "REFUSED" => entry.refused += row.count,
            "WITHDRAWN" => entry.withdrawn += row.count,
            _ => entry.no_change += row.count,
        }
    }
    for row in taken {
        sent.entry(row.party.to_string()).or_default().taken += row.count;
    }
    sent
}

fn senders(sent: &BTreeMap<String, Sent>) -> Table {
    let row = |(sender, sent): (&String, &Sent)| {
        let rows = sent.rows();
        let numbers = [sent.files, sent.files_refused, rows, sent.taken, sent.withdrawn, sent.no_change, sent.refused]
            .map(Cell::Number);
        let share = Cell::Share { part: sent.refused, whole: rows };
        [Cell::text(sender)].into_iter().chain(numbers).chain([share]).collect()
    };
    Table {
        id: "senders",
        title: "By sender",
        about: "A row is one party that sent files.",
        columns: vec![
            Column::text("party", "Sender", "The supplier or S1SP."),
            Column::number("files", "Files", "Files of every kind that were received."),
            Column::number(
                "files_refused",
                "Files refused",
                "Of them, those refused whole, or held and not confirmed in time.",
            ),
            Column::number("rows", "Rows", "Rows of all files but demand: the sum of the next four."),
            Column::number("taken", "Taken", "Rows that did what they say, whatever came of it later."),
            Column::number("withdrawn", "Withdrawing", "Rows that took an authorisation back."),
            Column::number("no_change", "No change", "Rows that said what stood already."),
            Column::number("refused", "Refused", "Rows with a code."),
            Column::of(Kind::Share, "share", "Refused share", "Refused of all rows."),
        ],
        rows: sent.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "No file was received.",
        charts: Vec::new(),
    }
}

/// Rows that ended without a migration though they had been taken, by the codes of their end.
fn later(taken: &[AnswerCount]) -> Table {
    let mut sums: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for row in taken.iter().filter(|row| matches!(row.answer.as_str(), "LAPSED" | "EXPIRED" | "STOPPED")) {
        let mut codes: Vec<String> = each_code(&row.codes).collect();
        if codes.is_empty() {
            codes.push(String::new());
        }
        for code in codes {
            *sums.entry((&row.answer, code)).or_default() += row.count;
        }
    }
    let row = |((state, code), count): (&(&str, String), &u64)| {
        // What only waited too long has no code: it lost no ground (docs/rules/states.md).
        let expired = *state == "EXPIRED" && code.is_empty();
        let words = if expired { "the other supplier's row, or a unit, did not come in time" } else { meaning(code) };
        vec![Cell::text(state), Cell::text(code), Cell::Number(*count), Cell::text(words)]
    };
    Table {
        id: "later",
        title: "Rows that ended later",
        about: "Rows that were taken and have since lapsed, expired or been stopped.",
        columns: vec![
            Column::text("state", "State", "LAPSED, EXPIRED or STOPPED (docs/rules/states.md)."),
            Column::text("code", "Code", "Why; what only waited too long has none."),
            Column::number("count", "Rows", "How many; a row with two codes counts with both."),
            Column::text("meaning", "What it means", "In short."),
        ],
        rows: sums.iter().map(row).collect(),
        totals: Totals::None,
        empty: "No row that was taken has ended so.",
        charts: Vec::new(),
    }
}
