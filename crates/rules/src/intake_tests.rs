use super::*;
use crate::calendar::local;
use jiff::civil::{date, datetime, time};

fn at(hour: i8, minute: i8) -> Timestamp {
    local(date(2021, 7, 5), time(hour, minute, 0, 0)).unwrap().timestamp()
}

fn window(grace: Option<Timestamp>) -> Window {
    Window { opens: at(9, 0), cutoff: at(17, 0), grace }
}

#[test]
fn fi16_and_fi17_a_file_counts_from_the_opening_to_just_before_the_cutoff() {
    assert_eq!(window(None).admits(at(8, 59)), Err(FileCode::FI17));
    assert_eq!(window(None).admits(at(9, 0)), Ok(()));
    assert_eq!(window(None).admits(at(16, 59)), Ok(()));
    assert_eq!(window(None).admits(at(17, 0)), Err(FileCode::FI16));
}

const TERMS: GraceTerms = GraceTerms { minutes: 60, limit: 120 };

fn second(hour: i8, minute: i8, second: i8) -> Timestamp {
    local(date(2021, 7, 5), time(hour, minute, second, 0)).unwrap().timestamp()
}

fn grace(received: Timestamp, verdict: Timestamp, delay: Delay) -> Option<Timestamp> {
    grace_end(received, verdict, at(17, 0), TERMS, delay)
}

#[test]
fn cal_3_received_1658_verdict_1703_taken_at_1802_late_at_1803() {
    let grace = grace(at(16, 58), at(17, 3), Delay::Dcc);
    assert_eq!(grace, Some(at(18, 3)));
    assert_eq!(window(grace).admits(at(18, 2)), Ok(()));
    assert_eq!(window(grace).admits(second(18, 2, 59)), Ok(()));
    assert_eq!(window(grace).admits(at(18, 3)), Err(FileCode::FI16));
}

#[test]
fn cal_3_the_verdict_counts_and_not_when_the_file_came() {
    // However long it waited for DCC: who sent early gets no less than who sent late.
    assert_eq!(grace(at(9, 0), at(17, 3), Delay::Dcc), Some(at(18, 3)));
    assert_eq!(grace(second(16, 59, 59), at(17, 3), Delay::Dcc), Some(at(18, 3)));
    // And no more: at the cut-off it is late, and so has no grace.
    assert_eq!(grace(at(17, 0), at(17, 3), Delay::Dcc), None);
}

#[test]
fn cal_3_a_verdict_an_hour_before_the_cutoff_leaves_that_hour() {
    assert_eq!(grace(at(15, 0), at(16, 0), Delay::Dcc), None, "not later than 60 minutes before");
    assert_eq!(grace(at(15, 0), second(16, 0, 1), Delay::Dcc), Some(second(17, 0, 1)));
}

#[test]
fn cal_3_two_hours_after_the_cutoff_it_ends_unless_the_delay_was_dccs() {
    assert_eq!(grace(at(16, 30), at(18, 0), Delay::Sender), Some(at(19, 0)));
    assert_eq!(grace(at(16, 30), second(18, 0, 1), Delay::Sender), Some(at(19, 0)));
    assert_eq!(grace(at(16, 30), second(18, 59, 59), Delay::Sender), Some(at(19, 0)));
    assert_eq!(grace(at(16, 30), at(19, 0), Delay::Sender), None, "it would be over with the verdict");
    assert_eq!(grace(at(16, 30), at(22, 0), Delay::Dcc), Some(at(23, 0)));
}

#[test]
fn cal_3_before_version_4_only_files_of_the_last_hour_had_grace() {
    let before = |received, verdict| grace_before_4(received, verdict, at(17, 0), 60);
    assert_eq!(before(at(15, 59), at(17, 3)), None);
    assert_eq!(before(at(16, 0), at(16, 1)), Some(at(17, 1)));
    assert_eq!(before(at(17, 0), at(17, 1)), None);
}

const OUTAGE: OutageTerms = OutageTerms { minutes: 10, window: 120, after: 60 };

fn working_days() -> WorkingDays {
    // Christmas stands for the years on record.
    let holidays =
        [(date(2020, 12, 25), "Christmas Day"), (date(2022, 12, 26), "Boxing Day"), (date(2021, 7, 7), "a holiday")];
    WorkingDays::new(holidays.into_iter().map(|(date, name)| (date, name.to_owned())).collect())
}

fn on(day: i8, hour: i8, minute: i8, second: i8) -> Timestamp {
    local(date(2021, 7, day), time(hour, minute, second, 0)).unwrap().timestamp()
}

/// Where outages move the cut-off of Monday 5 July 17:00.
fn moved(outages: &[(Timestamp, Timestamp)]) -> Option<Timestamp> {
    let outages: Vec<Outage> = outages.iter().map(|&(from, to)| Outage { from, to }).collect();
    moved_by_outages(at(17, 0), &outages, OUTAGE, &working_days()).unwrap()
}

#[test]
fn cal_7_down_for_more_than_ten_minutes_moves_the_cutoff_to_an_hour_after_the_return() {
    assert_eq!(moved(&[(at(16, 49), at(17, 20))]), Some(on(6, 10, 0, 0)), "18:20 is past 18:00");
    assert_eq!(moved(&[(at(16, 30), at(16, 50))]), Some(at(17, 50)));
    assert_eq!(moved(&[(at(16, 30), second(16, 40, 0))]), None, "ten minutes are not more than ten");
    assert_eq!(moved(&[(at(16, 30), second(16, 40, 1))]), Some(second(17, 40, 1)));
    // Who gets more than the rule: an outage from 16:50 on that lasts all evening was ten minutes before the cut-off.
    assert_eq!(moved(&[(at(16, 50), at(21, 0))]), None);
    assert_eq!(moved(&[(second(16, 49, 59), second(17, 0, 0))]), Some(at(18, 0)), "18:00 is not past 18:00");
}

#[test]
fn cal_7_only_the_last_two_hours_count() {
    assert_eq!(moved(&[(at(9, 0), second(15, 10, 0))]), None);
    // Down until 15:10:01 is more than ten minutes of them, but an hour after it the cut-off is still to come.
    assert_eq!(moved(&[(at(9, 0), second(15, 10, 1))]), None);
    assert_eq!(moved(&[(at(15, 50), at(16, 0))]), None);
    assert_eq!(moved(&[(second(15, 49, 59), at(16, 0))]), None, "17:00 is the cut-off");
    assert_eq!(moved(&[(second(15, 49, 59), second(16, 0, 1))]), Some(second(17, 0, 1)));
    assert_eq!(moved(&[(at(17, 0), at(17, 40))]), None, "it was up until the cut-off");
}

#[test]
fn cal_7_outages_add_up_and_are_counted_once() {
    let two = [(at(16, 50), at(16, 56)), (at(16, 30), at(16, 36))];
    assert_eq!(moved(&two), Some(at(17, 56)));
    assert_eq!(moved(&two[..1]), None);
    // Told twice, or in parts that meet, it is no longer.
    assert_eq!(moved(&[(at(16, 40), at(16, 48)), (at(16, 42), at(16, 50))]), None);
    assert_eq!(moved(&[(at(16, 40), at(16, 48)), (at(16, 48), at(16, 51))]), Some(at(17, 51)));
}

#[test]
fn cal_7_past_18_00_it_is_10_00_of_the_next_working_day() {
    assert_eq!(moved(&[(at(16, 0), at(17, 0))]), Some(at(18, 0)));
    assert_eq!(moved(&[(at(16, 0), second(17, 0, 1))]), Some(on(6, 10, 0, 0)));
    // Back at night, it is the same morning; in the morning, an hour later; and 7 July is a day off here.
    assert_eq!(moved(&[(at(16, 0), on(6, 3, 0, 0))]), Some(on(6, 10, 0, 0)));
    assert_eq!(moved(&[(at(16, 0), on(6, 9, 0, 1))]), Some(on(6, 10, 0, 1)));
    assert_eq!(moved(&[(at(16, 0), on(6, 17, 0, 1))]), Some(on(8, 10, 0, 0)));
    assert_eq!(moved(&[(at(16, 0), on(7, 12, 0, 0))]), Some(on(8, 10, 0, 0)));
    assert_eq!(moved(&[(at(16, 0), on(9, 17, 30, 0))]), Some(on(12, 10, 0, 0)), "no weekend");
}

#[test]
fn fi21_a_change_is_confirmed_when_it_is_large_in_percent_and_in_units() {
    let terms = ConfirmationTerms { percent: 50, units: 100 };
    let held = |standing, new| needs_confirmation(standing, new, terms);
    assert!(held(Some(1000), 1501) && held(Some(1000), 499) && held(Some(0), 101));
    assert!(!held(Some(1000), 1500) && !held(Some(1000), 500), "half is not more than half");
    assert!(!held(Some(100), 200) && !held(Some(0), 100), "a hundred is not more than a hundred");
    assert!(!held(None, 1_000_000), "a first file is never held");
}

#[test]
fn fi08_stamps_rise_except_in_octobers_repeated_hour() {
    let last = Some(datetime(2021, 7, 20, 9, 30, 0, 0));
    assert!(is_in_order(datetime(2021, 7, 20, 9, 30, 1, 0), last));
    assert!(!is_in_order(datetime(2021, 7, 20, 9, 30, 0, 0), last));
    assert!(!is_in_order(datetime(2021, 7, 20, 9, 29, 59, 0), last));
    assert!(is_in_order(datetime(2021, 7, 20, 9, 29, 59, 0), None));
    let repeated = Some(datetime(2021, 10, 31, 1, 40, 0, 0));
    assert!(is_in_order(datetime(2021, 10, 31, 1, 10, 0, 0), repeated));
    assert!(!is_in_order(datetime(2021, 10, 31, 1, 40, 0, 0), repeated));
    assert!(!is_in_order(datetime(2021, 10, 31, 0, 59, 0, 0), repeated));
}

#[test]
fn mam_10_a_chain_of_lost_passwords_has_the_moment_of_its_first_and_the_end_that_was_told_first() {
    let lost = |at, until| LostPassword { at, until };
    let (told, again) = (lost(at(16, 50), Some(at(18, 0))), lost(at(17, 59), Some(at(18, 59))));
    let cases: [(&[LostPassword], Timestamp, Timestamp); 7] = [
        (&[], at(17, 10), at(17, 10)),
        (&[told], at(17, 59), at(16, 50)),
        (&[told], at(18, 0), at(18, 0)),
        (&[told, again], at(17, 59), at(16, 50)),
        (&[told, again], at(18, 0), at(18, 0)),
        // What was lost before anybody was told has the end that is told first.
        (&[lost(at(16, 50), None), lost(at(16, 55), Some(at(18, 0)))], at(17, 59), at(16, 50)),
        // When the time is over, one that is lost keeps its own moment.
        (&[told, lost(at(18, 0), Some(at(19, 5)))], at(19, 4), at(18, 0)),
    ];
    for (lost, comes, counts) in cases {
        assert_eq!(password_counts(lost, comes), counts, "{lost:?} {comes}");
    }
}
