use super::*;
use jiff::civil::{date, time};

fn working_days() -> WorkingDays {
    let holidays = [
        (date(2021, 1, 1), "New Year's Day"),
        (date(2021, 4, 2), "Good Friday"),
        (date(2021, 4, 5), "Easter Monday"),
        (date(2021, 8, 30), "Summer bank holiday"),
        (date(2021, 12, 27), "Christmas Day (substitute)"),
        (date(2021, 12, 28), "Boxing Day (substitute)"),
    ];
    WorkingDays::new(holidays.into_iter().map(|(date, name)| (date, name.to_owned())).collect())
}

fn offset(working_days: u16, hour: i8) -> Offset {
    Offset { working_days, at: time(hour, 0, 0, 0) }
}

#[test]
fn cal_1_counts_working_days_back_from_the_monday() {
    let days = working_days();
    // Friday, then over the weekend and over Easter.
    assert_eq!(days.before(date(2021, 7, 26), 1).unwrap(), date(2021, 7, 23));
    assert_eq!(days.before(date(2021, 7, 26), 15).unwrap(), date(2021, 7, 5));
    assert_eq!(days.before(date(2021, 4, 12), 5).unwrap(), date(2021, 4, 1));
    // A Monday that is a bank holiday is no Working Day, but counting starts from it all the same.
    assert_eq!(days.before(date(2021, 4, 5), 1).unwrap(), date(2021, 4, 1));
    assert_eq!(days.before(date(2021, 7, 26), 0).unwrap(), date(2021, 7, 26));
    assert_eq!(days.next(date(2021, 4, 1)).unwrap(), date(2021, 4, 6));
}

#[test]
fn cal_1_at_the_instant_itself_it_is_late() {
    let cutoff = instant(&working_days(), date(2021, 7, 26), offset(15, 17)).unwrap();
    let at = |hour, minute, second| local(date(2021, 7, 5), time(hour, minute, second, 0)).unwrap();
    assert!(is_before_cutoff(&at(16, 59, 59), &cutoff));
    assert!(!is_before_cutoff(&at(17, 0, 0), &cutoff));
}

#[test]
fn cal_1_deadlines_are_local_time_across_the_clock_changes() {
    let days = working_days();
    // Clocks go forward on 28 March and back on 31 October 2021.
    let before = instant(&days, date(2021, 3, 29), offset(1, 17)).unwrap();
    let after = instant(&days, date(2021, 4, 1), offset(1, 17)).unwrap();
    assert_eq!(before.to_string(), "2021-03-26T17:00:00+00:00[Europe/London]");
    assert_eq!(after.to_string(), "2021-03-31T17:00:00+01:00[Europe/London]");
    let autumn = instant(&days, date(2021, 11, 1), offset(1, 17)).unwrap();
    assert_eq!(autumn.timestamp().to_string(), "2021-10-29T16:00:00Z");
}

#[test]
fn cal_1_names_a_day_outside_the_record() {
    let error = working_days().before(date(2021, 1, 4), 2).unwrap_err();
    assert_eq!(error, OutOfRange(date(2020, 12, 31), 2021, 2021));
}

#[test]
fn a_week_is_named_by_its_monday() {
    assert_eq!(days_of_week(date(2021, 7, 13)), Err(WeekError::NotMonday(date(2021, 7, 13))));
    assert_eq!(days_of_week(date(2021, 7, 12)).unwrap()[6], date(2021, 7, 18));
    assert_eq!(monday_of(date(2021, 7, 18)).unwrap(), date(2021, 7, 12));
    assert_eq!(monday_of(date(2021, 7, 12)).unwrap(), date(2021, 7, 12));
}

#[test]
fn the_deadlines_of_a_day_count_from_that_day() {
    let offsets = DayOffsets { withdrawal: offset(1, 17), lock: offset(1, 18), outcomes: time(12, 0, 0, 0) };
    let deadlines = day_deadlines(&working_days(), date(2021, 8, 30), offsets).unwrap();
    // Tuesday after the bank holiday: everything before it is on Friday.
    let tuesday = &deadlines[1];
    assert_eq!(tuesday.withdrawal_cutoff.to_string(), "2021-08-27T17:00:00+01:00[Europe/London]");
    assert_eq!(tuesday.schedule_lock.to_string(), "2021-08-27T18:00:00+01:00[Europe/London]");
    assert_eq!(tuesday.outcomes_due.to_string(), "2021-09-01T12:00:00+01:00[Europe/London]");
    assert_eq!(deadlines[6].outcomes_due.to_string(), "2021-09-06T12:00:00+01:00[Europe/London]");
}

#[test]
fn cal_4_a_milestone_moves_but_passes_no_other() {
    let at = |day, hour| local(jiff::civil::date(2021, 7, day), jiff::civil::time(hour, 0, 0, 0)).unwrap();
    let week = || {
        vec![
            (Milestone::DemandCutoff, at(5, 17)),
            (Milestone::FirmDue, at(12, 17)),
            (Milestone::DmmsResponse, at(12, 17)),
            (Milestone::HandbackCutoff, at(16, 17)),
        ]
    };
    let mut moved = week();
    move_milestone(&mut moved, Milestone::FirmDue, at(9, 12)).unwrap();
    assert_eq!(moved[1].1, at(9, 12));
    let mut parted = week();
    move_milestone(&mut parted, Milestone::DmmsResponse, at(14, 17)).unwrap();
    assert_eq!(parted[2].1, at(14, 17));
    assert!(move_milestone(&mut week(), Milestone::FirmDue, at(5, 16)).is_err());
    let error = move_milestone(&mut week(), Milestone::FirmDue, at(13, 17)).unwrap_err();
    assert!(error.to_string().contains("Answers to Dormant notices due"), "{error}");
}
