//! `sluice calendar` (CAL-2).

use crate::cli::Calendar;
use crate::failure::{Done, Failure, Outcome};
use crate::offline::Books;
use crate::print::{complain, print_file, print_json, print_line};
use crate::show::{day, local, moment, table};
use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sluice_rules::calendar::{DayDeadlines, Milestone, WeekError, WorkingDays, day_deadlines, milestones};
use sluice_rules::rulebook::Rulebook;

/// The calendar of one week.
struct Week<'a> {
    working_days: &'a WorkingDays,
    book: &'a Rulebook,
    milestones: Vec<(Milestone, Zoned)>,
    days: Vec<DayDeadlines>,
}

/// Runs `sluice calendar`.
///
/// # Errors
/// If it could not do its work.
pub fn run(args: &Calendar) -> Outcome {
    let books = Books::load()?;
    let book = match books.chosen(args.rulebook.as_deref())? {
        Some(book) => book,
        None => books.at_cutoff(args.week)?.unwrap_or_else(|| {
            // Before the first rulebook on record its offsets are the best answer; nothing is decided by showing them.
            let book = books.earliest();
            complain(&format!("sluice: no MSM rulebook on record is in effect for this week; shown by {}", book.id));
            book
        }),
    };
    let offsets = book.offsets().map_err(Failure::internal)?;
    let failed = |error: WeekError| Failure::usage(error);
    let week = Week {
        working_days: &books.working_days,
        book,
        milestones: milestones(&books.working_days, args.week, &offsets).map_err(failed)?,
        days: day_deadlines(&books.working_days, args.week, Books::day_offsets(book)?).map_err(failed)?,
    };
    if args.json {
        print_json(&week.json(args))?;
    } else if args.ical {
        print_file(&week.ical(args))?;
    } else {
        week.print(args)?;
    }
    Ok(Done::Clean)
}

impl Week<'_> {
    fn print(&self, args: &Calendar) -> Result<(), Failure> {
        print_line(&format!("Migration Week of {} (rulebook {})", day(args.week), self.book.id))?;
        let rows = self
            .milestones
            .iter()
            .map(|(milestone, at)| vec![local(at), milestone.title().to_owned(), milestone.id().to_owned()]);
        print_line(&table(&["When (UK time)", "What", "Id"], rows))?;
        let rows = self.days.iter().map(|deadlines| {
            let at = |at: &Zoned| at.strftime("%a %-d %b %H:%M").to_string();
            vec![
                self.day_name(deadlines.date),
                at(&deadlines.withdrawal_cutoff),
                at(&deadlines.schedule_lock),
                at(&deadlines.outcomes_due),
            ]
        });
        print_line(&table(&["Migration date", "Withdrawal cut-off", "Schedule locked", "Outcomes due"], rows))?;
        print_line("A file is in time if it is complete before the moment shown; at the moment itself it is late.")?;
        print_line(&may_be_moved(args.week))
    }

    /// A day, and what makes it no Working Day.
    fn day_name(&self, date: Date) -> String {
        let holiday = self.working_days.holiday(date).map_or_else(String::new, |name| format!(" ({name})"));
        format!("{}{holiday}", date.strftime("%a %-d %b"))
    }

    fn json(&self, args: &Calendar) -> Value {
        let milestones: Vec<Value> =
            self.milestones.iter().map(|(milestone, at)| json!({ "id": milestone.id(), "at": rfc3339(at) })).collect();
        let days: Vec<Value> = self
            .days
            .iter()
            .map(|deadlines| {
                json!({
                    "date": deadlines.date.to_string(),
                    "withdrawal_cutoff": rfc3339(&deadlines.withdrawal_cutoff),
                    "schedule_lock": rfc3339(&deadlines.schedule_lock),
                    "outcomes_due": rfc3339(&deadlines.outcomes_due),
                })
            })
            .collect();
        json!({
            "week": args.week.to_string(), "rulebook": self.book.id, "milestones": milestones, "days": days,
        })
    }

    /// An iCalendar file (RFC 5545); each event's identity depends on week and milestone only, so that a calendar
    /// program replaces an event that was moved.
    fn ical(&self, args: &Calendar) -> String {
        let (mut events, moved) = (Vec::new(), may_be_moved(args.week));
        let mut event = |id: String, at: &Zoned, summary: String| {
            let stamp = at.with_time_zone(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string();
            events.extend([
                "BEGIN:VEVENT".to_owned(),
                format!("UID:{id}-{}@sluice", args.week),
                format!("DTSTAMP:{}T000000Z", self.book.in_effect.strftime("%Y%m%d")),
                format!("DTSTART:{stamp}"),
                format!("SUMMARY:{}", escaped(&summary)),
                format!("DESCRIPTION:{}", escaped(&format!("{}, rulebook {}. {moved}", moment(at), self.book.id))),
                "END:VEVENT".to_owned(),
            ]);
        };
        for (milestone, at) in &self.milestones {
            event(milestone.id().to_owned(), at, format!("{} (week of {})", milestone.title(), args.week));
        }
        for deadlines in &self.days {
            let date = deadlines.date;
            event(
                format!("withdrawal_cutoff-{date}"),
                &deadlines.withdrawal_cutoff,
                format!("Withdrawal cut-off for {date}"),
            );
            event(format!("schedule_lock-{date}"), &deadlines.schedule_lock, format!("Schedule of {date} locked"));
            event(format!("outcomes_due-{date}"), &deadlines.outcomes_due, format!("Outcomes of {date} due"));
        }
        let head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sluice//Migration Week//EN"].map(str::to_owned);
        let lines = head.into_iter().chain(events).chain(["END:VCALENDAR".to_owned()]);
        lines.map(|line| folded(&line)).collect()
    }
}

/// CAL-4: the command knows no database, where a moment may have been moved.
fn may_be_moved(week: Date) -> String {
    format!("These are the rulebook's moments; sluice week show {week} has those that were moved (CAL-4).")
}

fn rfc3339(at: &Zoned) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

/// A line of at most 75 octets, continued on the next where it is longer, with its line break.
fn folded(line: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for character in line.chars() {
        if width + character.len_utf8() > 75 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(character);
        width += character.len_utf8();
    }
    out.push_str("\r\n");
    out
}
