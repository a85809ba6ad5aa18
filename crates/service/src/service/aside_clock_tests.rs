use super::tests::{A, AT, B, C, Programme, WEEK, later, on_both, outage};
use super::*;
use crate::act::fault::{Fault, put};
use crate::events::event::{CancelEvent, RecordEvent};
use crate::files::handed::Wish;
use crate::weeks::move_milestone::MoveMilestone;
use jiff::SignedDuration;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::calendar::Milestone;
use sluice_store::tables::weeks;

#[test]
fn an_act_of_the_clock_that_fails_is_set_aside_and_the_others_are_done() {
    for fault in [Fault::Defect, Fault::Panic] {
        on_both(|mut programme| {
            // The forecast of the week was due two weeks ago, and is the first of what is due.
            put("milestone", fault);
            programme.hand_in(AT, A.0, A.1, 4);
            assert_eq!(programme.service.stuck().len(), 1, "{:?}", programme.service.stuck());
            assert!(!programme.has_passed(Milestone::ForecastTaken));
            assert_eq!(programme.aside()[0].1, 1);
            put("milestone", fault);
            programme.service.catch_up(later(120)).unwrap();
            assert_eq!(programme.aside().len(), 1);
            let done = [Milestone::ForecastTaken, Milestone::DemandCutoff].map(|one| programme.has_passed(one));
            assert_eq!(done, [false, true]);
            assert_eq!(programme.aside()[0].1, 2);
            assert_eq!(programme.try_again(later(121)), TriedAgain::Done);
            assert!(programme.has_passed(Milestone::ForecastTaken) && programme.aside().is_empty());
            programme.ends();
        });
    }
}

#[test]
fn msm_15_a_forecast_that_is_taken_late_is_what_stood_at_its_milestone() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    // 17:00 on Monday 21 June 2021.
    let milestone = Timestamp::constant(1_624_291_200, 0);
    let after = |minutes| milestone + SignedDuration::from_mins(minutes);
    let mut programme = Programme::begun(after(-10_000), url, folder);
    programme.hand_in(after(-30), A.0, A.1, 4);
    programme.hand_in(after(-20), A.0, A.1, 5);
    programme.hand_in(after(-10), C.0, C.1, 3);
    put("milestone", Fault::Defect);
    programme.service.catch_up(milestone).unwrap();
    assert!(!programme.has_passed(Milestone::ForecastTaken));
    // Two change their demand, and one comes with its first.
    programme.hand_in(after(0), A.0, A.1, 6);
    programme.hand_in(after(0), C.0, C.1, 2);
    programme.hand_in(after(0), B.0, B.1, 7);
    assert_eq!(programme.try_again(after(0)), TriedAgain::Done);
    let mut view = programme.service.store.view(Scope::Dcc).unwrap();
    let forecast = weeks::forecast(&mut view, &"CGI".parse().unwrap(), WEEK, WEEK).unwrap();
    drop(view);
    let forecast: Vec<(&str, u64)> = forecast.iter().map(|(_, party, units)| (party.as_str(), *units)).collect();
    assert_eq!(forecast, [(A.0, 5), (C.0, 3)]);
    assert_eq!(programme.demand(A.0), Some(6));
    programme.ends();
}

#[test]
fn msm_15_what_was_overtaken_stands_in_no_forecast_if_fi21_would_have_held_it() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    // 17:00 on Monday 21 June 2021.
    let milestone = Timestamp::constant(1_624_291_200, 0);
    let after = |minutes| milestone + SignedDuration::from_mins(minutes);
    let [mut programme, mut lost] = folders.map(|folder| {
        let url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
        Programme::begun(after(-10_000), url, folder)
    });
    let receipts = [(A, 500), (C, 12)].map(|(by, units)| {
        let handed = lost.submit(after(-20), by, units, false);
        let arrival = lost.service.arrival(&handed.arrival).unwrap().unwrap();
        (by, units, lost.service.receipt(&arrival).unwrap())
    });
    for (party, user) in [A, C] {
        programme.hand_in(after(-30), party, user, 10);
    }
    put("milestone", Fault::Defect);
    programme.service.catch_up(milestone).unwrap();
    for (party, user) in [A, C] {
        programme.hand_in(after(0), party, user, 13);
    }
    for (by, units, receipt) in &receipts {
        let handed = programme.hand_in_with(after(0), *by, *units, Wish::default(), Some(receipt));
        assert_eq!(handed.verdict.unwrap().status, FileStatus::Replaced);
    }
    assert_eq!(programme.try_again(after(0)), TriedAgain::Done);
    let mut view = programme.service.store.view(Scope::Dcc).unwrap();
    let forecast = weeks::forecast(&mut view, &"CGI".parse().unwrap(), WEEK, WEEK).unwrap();
    drop(view);
    let forecast: Vec<(&str, u64)> = forecast.iter().map(|(_, party, units)| (party.as_str(), *units)).collect();
    assert_eq!(forecast, [(A.0, 10), (C.0, 12)]);
    programme.ends();
}

#[test]
fn what_is_set_aside_and_not_to_be_done_any_more_leaves_the_list() {
    on_both(|mut programme| {
        programme.service.catch_up(AT).unwrap();
        let event = RecordEvent {
            kind: EventKind::Transfer,
            from: A.0.parse().unwrap(),
            to: B.0.parse().unwrap(),
            mpids: Vec::new(),
            at: Some(later(10)),
            reason: "sold".to_owned(),
            approve: Some("tom".to_owned()),
        };
        for name in ["ruth", "tom"] {
            programme.add_operator(name);
        }
        let ruth = programme.service.account("ruth").unwrap();
        programme.service.act(AT, &ruth, event).unwrap();
        put("responsibility-done", Fault::Panic);
        programme.service.catch_up(later(10)).unwrap();
        assert_eq!(programme.aside().len(), 1);
        let cancel = CancelEvent { event: 1, approve: Some("tom".to_owned()) };
        programme.service.act(later(10), &ruth, cancel).unwrap();
        programme.service.catch_up(later(10)).unwrap();
        assert!(programme.aside().is_empty());
        programme.ends();
    });
}

#[test]
fn where_what_is_due_cannot_be_looked_for_the_rest_is_done() {
    on_both(|mut programme| {
        for fault in [Fault::Defect, Fault::Panic] {
            put("due", fault);
            programme.service.catch_up(later(120)).unwrap();
            let stuck = programme.service.stuck();
            assert!(stuck.len() == 1 && stuck[0].contains("cannot be found"), "{stuck:?}");
        }
        assert!(programme.has_passed(Milestone::DemandCutoff) && programme.aside().is_empty());
        programme.ends();
    });
}

/// The demand cut-off as somebody has found it to be due who has not come to do it yet.
fn found(programme: &mut Programme) -> Due {
    programme.service.catch_up(AT).unwrap();
    programme.service.sealed = later(120);
    let due = programme.service.next_due(later(120)).unwrap().unwrap();
    assert!(due.key().unwrap().1.contains("demand_cutoff"), "{:?}", due.key());
    due
}

#[test]
fn cal_1_what_was_found_due_is_not_done_if_its_moment_has_moved_meanwhile() {
    on_both(|mut programme| {
        let due = found(&mut programme);
        for name in ["ruth", "tom"] {
            programme.add_operator(name);
        }
        let ruth = programme.service.account("ruth").unwrap();
        let (to, reason, approve) = (later(180), "a fire".to_owned(), Some("tom".to_owned()));
        let moved = MoveMilestone { week: WEEK, milestone: Milestone::DemandCutoff, to, reason, approve };
        programme.service.act(later(60), &ruth, moved).unwrap();
        let Service { store, books, .. } = &mut programme.service;
        assert!(!due.perform(store, books, later(120), later(120)).unwrap());
        programme.service.catch_up(later(179)).unwrap();
        assert!(!programme.has_passed(Milestone::DemandCutoff));
        programme.service.catch_up(later(180)).unwrap();
        assert!(programme.has_passed(Milestone::DemandCutoff));
        programme.ends();
    });
}

#[test]
fn cal_3_what_was_found_due_is_not_done_while_a_grace_is_open_that_was_granted_meanwhile() {
    on_both(|mut programme| {
        let due = found(&mut programme);
        let by = Actor::supplier(A.0.parse().unwrap());
        let name = format!("DC_{}_70-B3-D5-1F-30-00-{}_CGI_20210726.csv", A.0, A.1);
        let handed = programme.service.hand_in(later(119), &by, &name, b"nothing").unwrap();
        assert_eq!(handed.verdict.unwrap().status, FileStatus::Refused);
        let Service { store, books, .. } = &mut programme.service;
        assert!(!due.perform(store, books, later(120), later(120)).unwrap());
        // Nor before all is taken over that arrived before the grace ended, whatever time it is.
        let Service { store, books, .. } = &mut programme.service;
        assert!(!due.perform(store, books, later(400), later(150)).unwrap());
        programme.service.catch_up(later(400)).unwrap();
        assert!(programme.has_passed(Milestone::DemandCutoff));
        programme.ends();
    });
}

#[test]
fn fi24_how_often_an_act_failed_is_not_forgotten_while_it_may_be_due_again() {
    on_both(|mut programme| {
        programme.service.catch_up(AT).unwrap();
        put("milestone", Fault::Defect);
        programme.service.catch_up(later(120)).unwrap();
        let [(id, 1)] = programme.aside()[..] else { panic!("{:?}", programme.aside()) };
        outage(&mut programme, later(121), [later(60), later(118)]);
        programme.service.catch_up(later(122)).unwrap();
        assert_eq!(programme.aside(), [(id, 1)], "it is due again an hour after the outage");
        assert_eq!(programme.try_again(later(122)), TriedAgain::NotYet);
        put("milestone", Fault::Defect);
        programme.service.catch_up(later(178)).unwrap();
        assert_eq!(programme.aside(), [(id, 2)]);
        assert_eq!(programme.try_again(later(178)), TriedAgain::Done);
        assert!(programme.aside().is_empty());
        programme.ends();
    });
}

#[test]
fn cal_4_an_act_that_was_set_aside_is_due_again_at_its_moment_when_its_milestone_moves() {
    on_both(|mut programme| {
        programme.service.catch_up(AT).unwrap();
        for minutes in [120, 121, 126, 141] {
            put("milestone", Fault::Defect);
            programme.service.catch_up(later(minutes)).unwrap();
        }
        let [(_, 4)] = programme.aside()[..] else { panic!("{:?}", programme.aside()) };
        // Otherwise it would be tried again at 18:21; the cut-off moves to 17:58.
        outage(&mut programme, later(142), [later(60), later(118)]);
        programme.service.catch_up(later(177)).unwrap();
        assert!(!programme.has_passed(Milestone::DemandCutoff));
        programme.service.catch_up(later(178)).unwrap();
        assert!(programme.has_passed(Milestone::DemandCutoff) && programme.aside().is_empty());
        programme.ends();
    });
}
