use super::*;
use crate::read::reports::conduct::event::how_late;
use crate::read::reports::idle::places::{DayFacts, FreeFacts, Use, attribute, attribute_free};
use crate::read::reports::outcomes::Outcomes;
use crate::read::reports::progress::days_to_go;

/// A day with 10 units: 4 migrated, 1 failed, 1 unknown in the schedule.
fn day() -> DayFacts {
    let outcomes = Outcomes { migrated: 4, failed: 1, unknown: 1, ..Outcomes::default() };
    DayFacts { units: 10, outcomes, closed: true, ..DayFacts::default() }
}

fn adds_up(used: &Use) {
    assert_eq!(used.units + used.beyond, used.migrated + used.open + used.idle(), "{used:?}");
}

#[test]
fn rep_1_every_unit_has_one_place() {
    for rows in [0, 1, 2, 5, 50] {
        for outcomes in [Outcomes::default(), day().outcomes, Outcomes { migrated: 30, ..Outcomes::default() }] {
            for closed in [false, true] {
                let facts = DayFacts {
                    outcomes,
                    closed,
                    in_use: rows / 2,
                    stopped: rows,
                    deferred: rows / 5,
                    lapsed: rows / 2,
                    expired: 1,
                    withdrawn: rows,
                    ..day()
                };
                adds_up(&attribute(&facts));
            }
        }
    }
}

#[test]
fn rep_1_an_idle_unit_has_the_first_reason_that_applies() {
    // Four units are left: one row was stopped, two lapsed, of nine expired ones one had a unit.
    let used = attribute(&DayFacts { stopped: 1, lapsed: 2, expired: 9, withdrawn: 3, ..day() });
    assert_eq!((used.migrated, used.open, used.reasons), (4, 0, [1, 0, 1, 0, 1, 2, 1, 0, 0, 0, 0]));
    let used = attribute(&day());
    assert_eq!(used.reasons[8], 4, "nobody sent a row for the rest");
}

#[test]
fn rep_1_what_a_cut_took_is_idle_last_and_what_nobody_locked_first() {
    let facts = DayFacts { deferred: 3, lapsed: 2, ..day() };
    assert_eq!(attribute(&DayFacts { locked: true, ..facts }).reasons[3..6], [2, 0, 2]);
    assert_eq!(attribute(&facts).reasons[3..6], [3, 0, 1]);
}

#[test]
fn rep_1_units_of_a_day_ahead_are_open() {
    let used = attribute(&DayFacts { units: 10, in_use: 3, lapsed: 2, ..DayFacts::default() });
    assert_eq!((used.open, used.idle()), (10, 0));
    assert_eq!(attribute_free(&FreeFacts { free: 5, ..FreeFacts::default() }).open, 5);
}

#[test]
fn rep_1_work_that_had_begun_when_a_cut_came_is_beyond_the_units() {
    let used = attribute(&DayFacts { units: 5, ..day() });
    assert_eq!((used.beyond, used.idle()), (1, 2));
    adds_up(&used);
}

#[test]
fn rep_1_what_nobody_has_was_not_shared_handed_back_or_not_asked() {
    let free = FreeFacts { free: 10, handed_back: 4, unmet: 3, closed: true };
    let used = attribute_free(&free);
    assert_eq!((used.reasons[3], used.reasons[9], used.reasons[10]), (3, 4, 3));
    adds_up(&used);
}

#[test]
fn rep_1_the_rate_says_how_many_working_days_are_left() {
    assert_eq!(days_to_go(100, 20), Some(100), "one a day");
    assert_eq!(days_to_go(101, 40), Some(51), "half a day is a day");
    assert_eq!(days_to_go(5, 0), None, "no rate");
}

#[test]
fn rep_1_the_smallest_share_is_named_where_there_is_a_choice() {
    let of = |shares: &[(&'static str, u64, u64)]| parts::least(shares.iter().copied());
    assert_eq!(of(&[("A", 1, 2), ("B", 33, 100), ("C", 0, 0)]), Some(("B", "33.0 %".to_owned())));
    assert_eq!(of(&[("A", 1, 2), ("C", 0, 0)]), None, "of one there is no least");
    assert_eq!(
        (parts::of(40_562, 50_000), parts::share(0, 0)),
        ("40,562 of 50,000 (81.1 %)".to_owned(), "none".to_owned())
    );
}

#[test]
fn lateness_is_told_in_its_two_largest_units() {
    let moment = |text: &str| text.parse::<Timestamp>().expect("a moment");
    let due = moment("2021-07-12T16:00:00Z");
    assert_eq!(how_late(due, moment("2021-07-12T16:01:00Z")), "1 minute");
    assert_eq!(how_late(due, moment("2021-07-12T18:30:00Z")), "2 hours 30 minutes");
    assert_eq!(how_late(due, moment("2021-07-14T17:00:00Z")), "2 days 1 hour");
}

#[test]
fn rep_1_every_report_has_a_name_of_its_own_and_explains_itself() {
    let names: std::collections::BTreeSet<&str> = REPORTS.iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), REPORTS.len());
    assert!(REPORTS.iter().all(|entry| !entry.about.is_empty() && !entry.title.is_empty()));
}

#[test]
fn days_are_asked_for_in_one_way() {
    let monday = date(2021, 7, 26);
    let asked = |week: Option<Date>, from, to| Asked { s1sp: None, week, from, to };
    let of = |entry: &'static Entry, asked: Asked| period(entry, &asked);
    assert_eq!(of(&weeks::ENTRY, asked(Some(monday), None, None)).ok(), Some((monday, date(2021, 8, 1))));
    assert_eq!(of(&weeks::ENTRY, asked(None, None, None)).ok(), Some(ALWAYS));
    assert!(of(&weeks::ENTRY, asked(Some(monday), Some(monday), None)).is_err(), "a week and a first day");
    assert!(of(&weeks::ENTRY, asked(Some(date(2021, 7, 27)), None, None)).is_err(), "a Tuesday");
    assert!(of(&weeks::ENTRY, asked(None, Some(monday), Some(date(2021, 7, 25)))).is_err(), "backwards");
    assert!(of(&fairness::ENTRY, asked(None, None, None)).is_err(), "a week is missing");
    assert!(of(&progress::ENTRY, asked(Some(monday), None, None)).is_err(), "it takes no days");
}
