use super::*;
use crate::act::fault::{Fault, put};
use crate::act::work::Act as _;
use crate::events::event::{CancelEvent, RecordEvent};
use crate::files::handed::{Content, Handed, HandedIn, Wish};
use crate::files::outage::RecordOutage;
use crate::files::receive::Receive;
use crate::files::signed::SignedReceipt;
use crate::people::accounts::AddUser;
use crate::record::replay::Replayed;
use crate::service::ImportFile;
use crate::weeks::demand::TakeRefused;
use crate::weeks::move_milestone::MoveMilestone;
use jiff::SignedDuration;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::calendar::Milestone;
use sluice_rules::reference::ReferenceKind;
use sluice_rules::role::Role;
use sluice_store::tables::{issued, weeks};
use sluice_store::{SchemaForCopy, Url};

/// 15:00 on Monday 5 July 2021; the demand of the week of 26 July is cut off at 17:00.
const AT: Timestamp = Timestamp::constant(1_625_493_600, 0);

const WEEK: jiff::civil::Date = jiff::civil::date(2021, 7, 26);

fn later(minutes: i64) -> Timestamp {
    AT + SignedDuration::from_mins(minutes)
}

/// A programme in which demand is taken, on a database that goes with it.
struct Programme {
    service: Service,
    folder: tempfile::TempDir,
}

impl Programme {
    fn new(url: Url, folder: tempfile::TempDir) -> Self {
        Self::begun(later(-48 * 60), url, folder)
    }

    /// Its reference data are imported at a moment.
    fn begun(at: Timestamp, url: Url, folder: tempfile::TempDir) -> Self {
        let mut service = Service::create(&url, true).unwrap();
        for (kind, name, bytes) in [
            (
                ReferenceKind::Parties,
                "parties.csv",
                &include_bytes!("../../../../scenarios-base/programme/given/parties.csv")[..],
            ),
            (
                ReferenceKind::Capacity,
                "capacity.csv",
                include_bytes!("../../../../scenarios-base/programme/given/capacity.csv"),
            ),
        ] {
            let (bytes, as_at, approve, only_shown) = (bytes.to_vec(), None, None, false);
            let file = ImportFile { kind, name, bytes, as_at, approve, only_shown };
            service.import(at, &Actor::console(), file).unwrap();
        }
        Self { service, folder }
    }

    fn hand_in(&mut self, now: Timestamp, party: &str, user: &str, units: u32) -> (i64, FileStatus) {
        let handed = self.submit(now, (party, user), units, false);
        (handed.receipt.id, handed.verdict.unwrap().status)
    }

    /// The same, confirmed if it would be held.
    fn submit(&mut self, now: Timestamp, by: (&str, &str), units: u32, confirms: bool) -> HandedIn {
        self.hand_in_with(now, by, units, Wish { confirms, ..Wish::default() }, None)
    }

    fn hand_in_with(
        &mut self,
        now: Timestamp,
        (party, user): (&str, &str),
        units: u32,
        wish: Wish,
        receipt: Option<&SignedReceipt>,
    ) -> HandedIn {
        let name = format!("DC_{party}_70-B3-D5-1F-30-00-{user}_CGI_20210726.csv");
        let mut text = "Migration Date,Demand\n".to_owned();
        for day in 0..7 {
            text += &format!("{},{units}\n", WEEK + jiff::Span::new().days(day));
        }
        let by = Actor::supplier(party.parse().unwrap());
        let content = match receipt {
            Some(receipt) => Content::Again(text.as_bytes(), receipt),
            None => Content::Whole(text.as_bytes()),
        };
        let own = self.service.arrive(now, &by, &name, content, wish).unwrap();
        match self.service.take(now, own) {
            Handed::Taken(handed) => handed,
            other => panic!("{other:?}"),
        }
    }

    fn status(&mut self, file: i64) -> FileStatus {
        files::get(&mut self.service.store.view(Scope::Dcc).unwrap(), file).unwrap().unwrap().status
    }

    /// The demand of a party on Monday.
    fn demand(&mut self, party: &str) -> Option<u64> {
        let mut view = self.service.store.view(Scope::Dcc).unwrap();
        let all = weeks::demand(&mut view, &"CGI".parse().unwrap(), WEEK, WEEK).unwrap();
        all.iter().find(|line| line.party.as_str() == party).map(|line| line.units)
    }

    fn has_passed(&mut self, milestone: Milestone) -> bool {
        let mut view = self.service.store.view(Scope::Dcc).unwrap();
        weeks::passed(&mut view).unwrap().contains(&("CGI".parse().unwrap(), WEEK, milestone))
    }

    fn add_operator(&mut self, name: &str) {
        let user = AddUser { name: name.to_owned(), role: Role::Operator, party: None, approve: None };
        self.service.act(AT, &Actor::console(), user).unwrap();
    }

    /// What is set aside: number and tries.
    fn aside(&mut self) -> Vec<(i64, i64)> {
        let all = self.service.all_aside(AT).unwrap();
        all.iter().map(|aside| (aside.id, aside.tries)).collect()
    }

    fn try_again(&mut self, now: Timestamp) -> TriedAgain {
        let id = self.aside()[0].0;
        self.service.try_again(now, &Actor::console(), id).unwrap()
    }

    /// The record is whole, and everything comes out of it again.
    fn ends(mut self) {
        let Replayed { difference, .. } = match self.service.url().path() {
            Some(_) => {
                let copy = format!("sqlite:{}", self.folder.path().join("copy.db").display());
                self.service.replay(&copy.parse().unwrap()).unwrap()
            }
            None => {
                let copy = SchemaForCopy::beside(self.service.url()).unwrap();
                self.service.replay(copy.url()).unwrap()
            }
        };
        assert_eq!(difference, None);
        assert_eq!(self.service.verify(&[]).unwrap().bad, None);
        self.service.store.remove().unwrap();
    }
}

/// Runs a test on SQLite, and on PostgreSQL where there is a server for tests.
fn on_both(test: impl Fn(Programme)) {
    let folder = || tempfile::tempdir().unwrap();
    let own = folder();
    let url = format!("sqlite:{}", own.path().join("a.db").display());
    test(Programme::new(url.parse().unwrap(), own));
    if let Ok(server) = std::env::var("SLUICE_TEST_POSTGRES") {
        let server: Url = server.parse().unwrap();
        let free = SchemaForCopy::beside(&server).unwrap().url().clone();
        test(Programme::new(free, folder()));
    }
}

const A: (&str, &str) = ("AAA123", "A0-08");
const B: (&str, &str) = ("BBB456", "B0-01");
const C: (&str, &str) = ("CCC789", "C0-01");

#[test]
fn fi24_a_file_that_fails_is_set_aside_and_everybody_else_goes_on() {
    for fault in [Fault::Defect, Fault::Panic] {
        on_both(|mut programme| {
            put("judge", fault);
            let (file, status) = programme.hand_in(AT, A.0, A.1, 4);
            assert_eq!((status, programme.demand(A.0)), (FileStatus::Aside, None));
            assert_eq!(programme.service.stuck().len(), 1, "{:?}", programme.service.stuck());
            assert_eq!(programme.hand_in(AT, B.0, B.1, 3).1, FileStatus::Accepted);
            let mut view = programme.service.store.view(Scope::Dcc).unwrap();
            let notices = issued::notices(&mut view).unwrap();
            drop(view);
            assert!(notices.iter().any(|notice| notice.rule == "FI24" && notice.party.as_str() == A.0), "{notices:?}");
            // It is not tried before its time, then it is, and then it is what any file is.
            put("judge", fault);
            programme.service.catch_up(later(0)).unwrap();
            assert_eq!(programme.aside()[0].1, 1);
            programme.service.catch_up(later(1)).unwrap();
            assert_eq!((programme.aside()[0].1, programme.status(file)), (2, FileStatus::Aside));
            assert!(programme.service.stuck().is_empty(), "{:?}", programme.service.stuck());
            put("judge", fault);
            assert!(matches!(programme.try_again(later(2)), TriedAgain::Failed(_)));
            programme.service.catch_up(later(17)).unwrap();
            assert_eq!((programme.status(file), programme.demand(A.0)), (FileStatus::Accepted, Some(4)));
            assert!(programme.aside().is_empty());
            programme.ends();
        });
    }
}

#[test]
fn fi24_a_later_file_takes_the_place_of_one_that_is_set_aside() {
    on_both(|mut programme| {
        put("judge", Fault::Panic);
        let (first, _) = programme.hand_in(AT, A.0, A.1, 4);
        let (second, status) = programme.hand_in(AT, A.0, A.1, 5);
        assert_eq!((status, programme.status(first)), (FileStatus::Accepted, FileStatus::Replaced));
        programme.service.catch_up(AT).unwrap();
        assert!(programme.aside().is_empty());
        // Of two that are set aside the later one counts, whichever is judged first.
        for units in [6, 7] {
            put("judge", Fault::Defect);
            programme.hand_in(AT, A.0, A.1, units);
        }
        let [_, (last, _)] = programme.aside()[..] else { panic!("two are set aside") };
        assert_eq!(programme.service.try_again(AT, &Actor::console(), last).unwrap(), TriedAgain::Done);
        programme.service.catch_up(later(1)).unwrap();
        assert_eq!((programme.demand(A.0), programme.status(second)), (Some(7), FileStatus::Replaced));
        programme.ends();
    });
}

#[test]
fn fi24_what_its_cut_off_overtakes_counts_only_as_a_correction_by_dcc() {
    on_both(|mut programme| {
        programme.hand_in(AT, A.0, A.1, 4);
        put("judge", Fault::Defect);
        let (file, _) = programme.hand_in(later(119), A.0, A.1, 5);
        // It has its verdict, and keeps the cut-off from nothing.
        programme.service.catch_up(later(120)).unwrap();
        assert!(programme.has_passed(Milestone::DemandCutoff));
        programme.service.catch_up(later(240)).unwrap();
        let id = programme.aside()[0].0;
        let error = programme.service.try_again(later(240), &Actor::console(), id).unwrap_err().to_string();
        assert!(error.contains("sluice week take-file") && error.contains("FI24"), "{error}");
        assert_eq!((programme.demand(A.0), programme.status(file)), (Some(4), FileStatus::Aside));
        let take = TakeRefused { file, reason: "its checking failed".to_owned(), content: None };
        programme.service.act(later(240), &Actor::console(), take).unwrap();
        assert_eq!((programme.demand(A.0), programme.status(file)), (Some(5), FileStatus::Accepted));
        assert!(programme.aside().is_empty());
        programme.ends();
    });
}

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

#[test]
fn only_a_failure_of_the_database_itself_makes_callers_wait() {
    on_both(|mut programme| {
        put("milestone", Fault::Busy);
        assert!(programme.service.catch_up(AT).unwrap_err().is_of_the_database());
        programme.service.catch_up(AT).unwrap();
        put("judge", Fault::Busy);
        let by = Actor::supplier(A.0.parse().unwrap());
        let bytes = b"Migration Date,Demand\n2021-07-26,x\n";
        let name = format!("DC_{}_70-B3-D5-1F-30-00-{}_CGI_20210726.csv", A.0, A.1);
        let error = programme.service.hand_in(AT, &by, &name, bytes).unwrap_err();
        assert!(error.is_of_the_database(), "{error}");
        assert!(programme.aside().is_empty());
        put(Receive::KIND, Fault::Panic);
        let error = programme.service.hand_in(later(1), &by, &name, bytes).unwrap_err().to_string();
        assert!(error.contains("it panicked") && error.contains("a panic of a test"), "{error}");
        programme.service.catch_up(later(1)).unwrap();
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

fn outage(programme: &mut Programme, at: Timestamp, [from, to]: [Timestamp; 2]) {
    for name in ["ruth", "tom"] {
        programme.add_operator(name);
    }
    let ruth = programme.service.account("ruth").unwrap();
    let outage = RecordOutage { from, to, reason: "a fire".to_owned(), approve: Some("tom".to_owned()) };
    programme.service.act(at, &ruth, outage).unwrap();
}

#[test]
fn cal_7_what_was_set_aside_is_tried_again_at_once_when_its_cut_off_moves() {
    on_both(|mut programme| {
        put("judge", Fault::Defect);
        let (file, _) = programme.hand_in(later(119), A.0, A.1, 5);
        programme.service.catch_up(later(125)).unwrap();
        assert!(programme.has_passed(Milestone::DemandCutoff));
        outage(&mut programme, later(130), [later(60), later(118)]);
        programme.service.catch_up(later(130)).unwrap();
        assert_eq!((programme.status(file), programme.demand(A.0)), (FileStatus::Accepted, Some(5)));
        assert!(programme.aside().is_empty());
        programme.ends();
    });
}

#[test]
fn cal_4_what_was_set_aside_is_tried_again_at_once_when_its_milestone_moves() {
    on_both(|mut programme| {
        put("judge", Fault::Defect);
        let (file, _) = programme.hand_in(later(119), A.0, A.1, 5);
        for name in ["ruth", "tom"] {
            programme.add_operator(name);
        }
        let ruth = programme.service.account("ruth").unwrap();
        let (to, reason, approve) = (later(180), "a fire".to_owned(), Some("tom".to_owned()));
        let moved = MoveMilestone { week: WEEK, milestone: Milestone::DemandCutoff, to, reason, approve };
        programme.service.act(later(119), &ruth, moved).unwrap();
        programme.service.catch_up(later(119)).unwrap();
        assert_eq!(programme.status(file), FileStatus::Accepted);
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

#[test]
fn fi21_a_confirmation_of_what_is_set_aside_is_kept_with_it_if_it_came_in_time() {
    on_both(|mut programme| {
        for (party, user) in [A, B] {
            programme.hand_in(AT, party, user, 10);
            put("judge", Fault::Defect);
            assert_eq!(programme.hand_in(later(1), party, user, 500).1, FileStatus::Aside);
        }
        let confirmed = programme.submit(later(1), A, 500, true);
        assert_eq!((confirmed.receipt.repeat, confirmed.confirmed), (true, Some(true)));
        programme.service.catch_up(later(3)).unwrap();
        assert_eq!([A, B].map(|(party, _)| programme.demand(party)), [Some(500), Some(10)]);
        programme.ends();
    });
}
