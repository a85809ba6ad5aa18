//! Dormant installations: what was planned, who was told, who objected (DMT-1 to DMT-5).

use crate::act::work::Look;
use crate::error::Result;
use crate::read::reports::parts::{Days, Entry, Parts, Readers, of, week_label};
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::reports::Sight;
use sluice_store::tables::reports::dormant::{self, LineCount, NoticeCount};
use sluice_wire::report::{Bar, Cell, Chart, Column, Form, Kind, Series, Table, Tone, Totals};
use std::collections::BTreeMap;

pub(crate) const ENTRY: Entry = Entry {
    name: "dormant",
    title: "Dormant notices and objections",
    about: &[
        "The Dormant installations that DCC planned for each week, what became of them, which suppliers were told, what they \
         answered, and how their objections were decided. No answer is no objection (DMT-3).",
        "The weeks are those whose Monday lies in the period.",
    ],
    days: Days::Period,
    readers: Readers::Suppliers,
    make,
};

const EMPTY: &str = "No Dormant installation was planned for these weeks.";

fn make(work: &mut Look<'_>, sight: &Sight) -> Result<Parts> {
    let lines = dormant::lines(&mut work.tx, sight)?;
    let notices = dormant::notices(&mut work.tx, sight)?;
    let told = sight.party().map(|party| format!("Of the plans you see what {party} was told of."));
    Ok(Parts {
        verdict: verdict(&lines, &notices),
        notes: told.into_iter().collect(),
        tables: vec![plans(&lines), objections(&notices), told_suppliers(&notices)],
        main: "plans",
    })
}

fn migrated(lines: &[LineCount]) -> (u64, u64) {
    let migrated = lines.iter().filter(|line| line.state == "MIGRATED").map(|line| line.count).sum();
    (migrated, lines.iter().map(|line| line.count).sum())
}

fn verdict(lines: &[LineCount], notices: &[NoticeCount]) -> String {
    let (migrated, all) = migrated(lines);
    let mut answers = Answers::default();
    notices.iter().for_each(|notice| answers.add(notice));
    let objected = match answers.objections() {
        0 => "No supplier objected".to_owned(),
        objections => {
            let Answers { upheld, rejected, undecided, .. } = answers;
            format!(
                "{}: {upheld} upheld, {rejected} rejected, {undecided} undecided",
                crate::words::count(objections, "objection")
            )
        }
    };
    format!("{} Dormant installations that were planned or stood by were migrated. {objected}.", of(migrated, all))
}

/// The states of a plan's line in the order of the columns, each with its heading and what it says.
const STATES: [(&str, Column); 10] = [
    ("PLANNED", Column::number("in_plan", "Not noticed", "In the plan; its supplier was not told yet.")),
    ("NOTICED", Column::number("noticed", "Noticed", "Its supplier was told, and its day is not locked.")),
    ("SCHEDULED", Column::number("scheduled", "Scheduled", "In the locked schedule of its day, without an outcome.")),
    ("MIGRATED", Column::number("migrated", "Migrated", "Reported as MIGRATED.")),
    ("FAILED", Column::number("failed", "Failed", "Reported as FAILED.")),
    ("NOT_ATTEMPTED", Column::number("not_attempted", "Not attempted", "Reported as NOT_ATTEMPTED.")),
    ("UNKNOWN", Column::number("unknown", "Unknown", "Its outcome is due and not known (OUT-4).")),
    ("STOPPED", Column::number("stopped", "Stopped", "A stop order covers it (STOP-1).")),
    (
        "OUT",
        Column::number(
            "out",
            "Taken out",
            "An objection, a change of supplier or a lost ground took it out of the week.",
        ),
    ),
    ("UNUSED", Column::number("unused", "Not used", "Standby that no day had room for.")),
];

fn plans(lines: &[LineCount]) -> Table {
    let mut sums: BTreeMap<(Date, S1sp, &str), [u64; STATES.len()]> = BTreeMap::new();
    for line in lines {
        let entry = sums.entry((line.week, line.s1sp, &line.line)).or_default();
        if let Some(place) = STATES.iter().position(|(state, _)| *state == line.state) {
            entry[place] += line.count;
        }
    }
    let row = |((week, s1sp, line), counts): (&(Date, S1sp, &str), &[u64; STATES.len()])| {
        let key = [Cell::Date(*week), Cell::text(s1sp), Cell::text(line), Cell::Number(counts.iter().sum())];
        key.into_iter().chain(counts.map(Cell::Number)).collect()
    };
    let mut columns = vec![
        Column::of(Kind::Date, "week", "Week", "The Monday of the Migration Week."),
        Column::text("s1sp", "S1SP", "The S1SP."),
        Column::text("line", "Line", "PLANNED for a day, or STANDBY for what falls out."),
        Column::number("installations", "Installations", "The sum of the states that follow."),
    ];
    columns.extend(STATES.map(|(_, column)| column));
    Table {
        id: "plans",
        title: "Plans by week",
        about: "A row is the planned or the standby lines of one week at one S1SP, by what has become of them.",
        columns,
        rows: sums.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: EMPTY,
        charts: vec![chart(lines)],
    }
}

fn chart(lines: &[LineCount]) -> Chart {
    let mut weeks: BTreeMap<Date, Vec<u64>> = BTreeMap::new();
    for line in lines {
        let place = match line.state.as_str() {
            "MIGRATED" => 0,
            "PLANNED" | "NOTICED" | "SCHEDULED" => 1,
            "FAILED" | "NOT_ATTEMPTED" | "UNKNOWN" => 2,
            "STOPPED" | "OUT" => 3,
            _ => 4,
        };
        weeks.entry(line.week).or_insert_with(|| vec![0; 5])[place] += line.count;
    }
    Chart {
        title: format!("{} were migrated", of(migrated(lines).0, migrated(lines).1)),
        measure: "Planned and standby installations by what has become of them",
        unit: "installations",
        form: Form::Stacked,
        series: vec![
            Series { name: "Migrated", tone: Tone::Migrated },
            Series { name: "On their way", tone: Tone::Scheduled },
            Series { name: "Failed, not attempted or unknown", tone: Tone::Failed },
            Series { name: "Stopped or taken out", tone: Tone::Lost1 },
            Series { name: "Standby not used", tone: Tone::Lost3 },
        ],
        bars: weeks.into_iter().map(|(week, counts)| Bar::new(week_label(week), counts)).collect(),
    }
}

/// What a supplier answered.
#[derive(Debug, Clone, Copy, Default)]
struct Answers {
    silent: u64,
    no_objection: u64,
    active: u64,
    upheld: u64,
    rejected: u64,
    undecided: u64,
}

impl Answers {
    fn add(&mut self, notice: &NoticeCount) {
        let of = match (notice.answer.as_str(), notice.decision.as_str()) {
            ("NO_OBJECTION", _) => &mut self.no_objection,
            ("ACTIVE", _) => &mut self.active,
            ("OBJECT", "UPHELD") => &mut self.upheld,
            ("OBJECT", "REJECTED") => &mut self.rejected,
            ("OBJECT", _) => &mut self.undecided,
            _ => &mut self.silent,
        };
        *of += notice.count;
    }

    fn objections(&self) -> u64 {
        self.upheld + self.rejected + self.undecided
    }
}

const DECISIONS: [Column; 4] = [
    Column::number("objections", "Objections", "The sum of the next three."),
    Column::number("upheld", "Upheld", "An operator agreed, and took it out (DMT-4)."),
    Column::number("rejected", "Rejected", "An operator did not agree, and said why."),
    Column::number("undecided", "Undecided", "Not decided; if it is so at the lock, it is not scheduled."),
];

fn decisions(answers: &Answers) -> [Cell; 4] {
    [answers.objections(), answers.upheld, answers.rejected, answers.undecided].map(Cell::Number)
}

fn told_suppliers(notices: &[NoticeCount]) -> Table {
    let mut sums: BTreeMap<(Date, S1sp, Party), Answers> = BTreeMap::new();
    for notice in notices {
        sums.entry((notice.week, notice.s1sp, notice.party)).or_default().add(notice);
    }
    let row = |((week, s1sp, party), answers): (&(Date, S1sp, Party), &Answers)| {
        let all = answers.silent + answers.no_objection + answers.active + answers.objections();
        let key = [Cell::Date(*week), Cell::text(s1sp), Cell::text(party)];
        let numbers = [all, answers.silent, answers.no_objection, answers.active].map(Cell::Number);
        key.into_iter().chain(numbers).chain(decisions(answers)).collect()
    };
    let mut columns = vec![
        Column::of(Kind::Date, "week", "Week", "The Monday of the Migration Week."),
        Column::text("s1sp", "S1SP", "The S1SP."),
        Column::text("party", "Supplier", "Who was told."),
        Column::number(
            "notices",
            "Notices",
            "Installations that it was told of; one with two suppliers is in both their lines.",
        ),
        Column::number("silent", "No answer", "No answer, which is no objection."),
        Column::number("no_objection", "No objection", "Answered NO_OBJECTION."),
        Column::number("active", "Active", "Answered that the meter has become Active."),
    ];
    columns.extend(DECISIONS);
    Table {
        id: "notices",
        title: "Notices and answers by supplier",
        about: "A row is what one supplier was told of one week at one S1SP, by its answers.",
        columns,
        rows: sums.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "No supplier was told of a Dormant installation in these weeks.",
        charts: Vec::new(),
    }
}

fn objections(notices: &[NoticeCount]) -> Table {
    let mut sums: BTreeMap<&str, Answers> = BTreeMap::new();
    for notice in notices.iter().filter(|notice| notice.answer == "OBJECT") {
        sums.entry(&notice.reason).or_default().add(notice);
    }
    let row =
        |(reason, answers): (&&str, &Answers)| [Cell::text(reason)].into_iter().chain(decisions(answers)).collect();
    let mut columns = vec![Column::text("reason", "Reason", "The supplier's reason (DMT-3).")];
    columns.extend(DECISIONS);
    Table {
        id: "objections",
        title: "Objections by reason",
        about: "A row is one reason, all weeks together.",
        columns,
        rows: sums.iter().map(row).collect(),
        totals: Totals::Sums,
        empty: "No supplier objected.",
        charts: Vec::new(),
    }
}
