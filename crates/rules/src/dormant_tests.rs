use super::*;
use jiff::civil::date;

const WEEK: ByDay<Date> = [
    date(2021, 7, 26),
    date(2021, 7, 27),
    date(2021, 7, 28),
    date(2021, 7, 29),
    date(2021, 7, 30),
    date(2021, 7, 31),
    date(2021, 8, 1),
];

const ALWAYS: ByDay<bool> = [true, true, true, true, true, false, false];

fn only(day: usize) -> ByDay<bool> {
    let mut open = [false; 7];
    open[day] = true;
    open
}

fn candidate(chf: u64, failed: u64, last_failed: Option<Date>, open_on: ByDay<bool>) -> Candidate {
    Candidate { chf: Eui64(chf), failed, last_failed, open_on }
}

fn shown(plan: &[Planned]) -> Vec<(u64, Option<i8>)> {
    plan.iter().map(|line| (line.chf.0, line.date.map(|date| date.day()))).collect()
}

#[test]
fn dmt_1_the_reserve_holds_no_more_than_its_share_of_the_capacity() {
    let of = |total, reserve| places(Capacity::new(total, reserve).unwrap(), 40);
    assert_eq!([of(10, 2), of(10, 4), of(10, 5), of(9, 9), of(0, 0)], [2, 4, 4, 3, 0]);
}

#[test]
fn dmt_1_never_attempted_first_then_the_oldest_failure_then_the_device() {
    let candidates = vec![
        candidate(1, 2, Some(date(2021, 1, 1)), ALWAYS),
        candidate(2, 1, Some(date(2021, 5, 1)), ALWAYS),
        candidate(3, 1, Some(date(2021, 4, 1)), ALWAYS),
        candidate(5, 0, None, ALWAYS),
        candidate(4, 0, None, ALWAYS),
    ];
    let plan = plan(candidates, &WEEK, &[2, 2, 1, 0, 0, 0, 0], 50);
    let monday_first = [(4, Some(26)), (5, Some(26)), (3, Some(27)), (2, Some(27)), (1, Some(28))];
    assert_eq!(shown(&plan), monday_first);
}

#[test]
fn dmt_1_half_of_the_planned_stand_by_rounded_down() {
    let candidates: Vec<Candidate> = (1..=9).map(|chf| candidate(chf, 0, None, ALWAYS)).collect();
    let plan = plan(candidates, &WEEK, &[2, 1, 0, 0, 0, 0, 0], 50);
    assert_eq!(shown(&plan), [(1, Some(26)), (2, Some(26)), (3, Some(27)), (4, None)]);
    assert_eq!([plan[0].line(), plan[3].line()], [Line::Planned, Line::Standby]);
}

#[test]
fn dmt_1_a_day_takes_only_what_nothing_speaks_against_on_that_day() {
    let candidates = vec![
        candidate(1, 0, None, only(1)),
        candidate(2, 0, None, only(6)),
        candidate(3, 0, None, [false; 7]),
        candidate(4, 0, None, only(0)),
    ];
    // Number 2 has no place on its only day, and so stands by; number 3 can be migrated on none.
    let plan = plan(candidates, &WEEK, &[1, 1, 1, 0, 0, 0, 0], 100);
    assert_eq!(shown(&plan), [(1, Some(27)), (4, Some(26)), (2, None)]);
}

fn waiting(chf: u64, date: Option<Date>, objected: bool) -> Waiting {
    let line = if date.is_some() { Line::Planned } else { Line::Standby };
    Waiting { chf: Eui64(chf), line, date, place: chf, objected, open_on: ALWAYS }
}

#[test]
fn dmt_1_the_room_of_a_day_takes_its_own_then_earlier_ones_then_standby() {
    let lines = [
        waiting(1, Some(WEEK[0]), false),
        waiting(2, Some(WEEK[1]), false),
        waiting(3, Some(WEEK[1]), true),
        waiting(4, Some(WEEK[2]), false),
        waiting(5, None, false),
        waiting(6, None, false),
    ];
    let taken = |room| fill_day(&lines, WEEK[1], room).iter().map(|chf| chf.0).collect::<Vec<_>>();
    assert_eq!(taken(9), [2, 1, 5, 6], "3 has an objection, 4 is planned for later");
    assert_eq!(taken(2), [2, 1]);
    assert_eq!(taken(0), Vec::<u64>::new());
}

#[test]
fn dmt_1_what_the_reserve_does_not_need_when_answers_are_due() {
    let places = [2, 2, 0, 0, 0, 0, 0];
    // One of Monday has left, one of Tuesday has an objection that is not decided.
    let mut lines = vec![waiting(1, Some(WEEK[0]), false), waiting(3, Some(WEEK[1]), true)];
    assert_eq!(settle_reserve(&lines, &WEEK, &places), Needed { reserve: [1, 1, 0, 0, 0, 0, 0], moved: vec![] });
    // Two on standby: the first has an objection and does not move up, the second does.
    lines.extend([waiting(5, None, true), waiting(6, None, false)]);
    let needed = settle_reserve(&lines, &WEEK, &places);
    assert_eq!(needed, Needed { reserve: [2, 1, 0, 0, 0, 0, 0], moved: vec![(Eui64(6), WEEK[0])] });
}

#[test]
fn dmt_1_what_is_held_on_its_day_moves_to_a_later_one_before_standby() {
    let held =
        Waiting { open_on: [false, true, false, false, false, false, false], ..waiting(1, Some(WEEK[0]), false) };
    let lines = [waiting(5, None, false), held];
    let needed = settle_reserve(&lines, &WEEK, &[0, 1, 0, 0, 0, 0, 0]);
    assert_eq!(needed.moved, [(Eui64(1), WEEK[1])]);
    assert_eq!(needed.reserve[1], 1);
}

#[test]
fn dmt_1_a_reserve_that_was_lowered_needs_no_more_than_it_has() {
    let lines = [waiting(1, Some(WEEK[0]), false), waiting(2, Some(WEEK[0]), false)];
    assert_eq!(settle_reserve(&lines, &WEEK, &[1, 0, 0, 0, 0, 0, 0]).reserve[0], 1);
}

#[test]
fn out_4_only_an_outcome_follows_what_is_not_known() {
    assert_eq!(DormantState::Unknown.after(DormantEvent::Conclude(DormantState::Failed)), Some(DormantState::Failed));
    assert_eq!(DormantState::Unknown.after(DormantEvent::Conclude(DormantState::Unknown)), None);
    assert_eq!(DormantState::Unknown.after(DormantEvent::Leave), None);
    assert_eq!(DormantState::Scheduled.after(DormantEvent::Conclude(DormantState::Unused)), None);
}
