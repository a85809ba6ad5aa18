use super::*;
use crate::act::fault::{Fault, put};
use crate::act::work::Act as _;
use crate::files::handed::{Content, Handed, HandedIn, Wish};
use crate::files::outage::RecordOutage;
use crate::files::receive::Receive;
use crate::files::signed::SignedReceipt;
use crate::people::accounts::AddUser;
use crate::record::replay::Replayed;
use crate::service::ImportFile;
use crate::weeks::move_milestone::MoveMilestone;
use crate::weeks::publish::Publish;
use crate::weeks::scale::ScaleWeek;
use crate::weeks::take_refused::TakeRefused;
use jiff::SignedDuration;
use sluice_rules::calendar::Milestone;
use sluice_rules::reference::ReferenceKind;
use sluice_rules::role::Role;
use sluice_store::tables::{issued, weeks};
use sluice_store::{SchemaForCopy, Url};

/// 15:00 on Monday 5 July 2021; the demand of the week of 26 July is cut off at 17:00.
pub(super) const AT: Timestamp = Timestamp::constant(1_625_493_600, 0);

pub(super) const WEEK: jiff::civil::Date = jiff::civil::date(2021, 7, 26);

pub(super) fn later(minutes: i64) -> Timestamp {
    AT + SignedDuration::from_mins(minutes)
}

/// A programme in which demand is taken, on a database that goes with it.
pub(super) struct Programme {
    pub(super) service: Service,
    folder: tempfile::TempDir,
}

impl Programme {
    pub(super) fn new(url: Url, folder: tempfile::TempDir) -> Self {
        Self::begun(later(-48 * 60), url, folder)
    }

    /// Its reference data are imported at a moment.
    pub(super) fn begun(at: Timestamp, url: Url, folder: tempfile::TempDir) -> Self {
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

    pub(super) fn hand_in(&mut self, now: Timestamp, party: &str, user: &str, units: u32) -> (i64, FileStatus) {
        let handed = self.submit(now, (party, user), units, false);
        (handed.receipt.id, handed.verdict.unwrap().status)
    }

    /// The same, confirmed if it would be held.
    pub(super) fn submit(&mut self, now: Timestamp, by: (&str, &str), units: u32, confirms: bool) -> HandedIn {
        self.hand_in_with(now, by, units, Wish { confirms, ..Wish::default() }, None)
    }

    pub(super) fn hand_in_with(
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

    pub(super) fn status(&mut self, file: i64) -> FileStatus {
        files::get(&mut self.service.store.view(Scope::Dcc).unwrap(), file).unwrap().unwrap().status
    }

    /// The demand of a party on Monday.
    pub(super) fn demand(&mut self, party: &str) -> Option<u64> {
        let mut view = self.service.store.view(Scope::Dcc).unwrap();
        let all = weeks::demand(&mut view, &"CGI".parse().unwrap(), WEEK, WEEK).unwrap();
        all.iter().find(|line| line.party.as_str() == party).map(|line| line.units)
    }

    pub(super) fn has_passed(&mut self, milestone: Milestone) -> bool {
        let mut view = self.service.store.view(Scope::Dcc).unwrap();
        weeks::passed(&mut view).unwrap().contains(&("CGI".parse().unwrap(), WEEK, milestone))
    }

    pub(super) fn add_operator(&mut self, name: &str) {
        let user = AddUser { name: name.to_owned(), role: Role::Operator, party: None, approve: None };
        self.service.act(AT, &Actor::console(), user).unwrap();
    }

    /// What is set aside: number and tries.
    pub(super) fn aside(&mut self) -> Vec<(i64, i64)> {
        let all = self.service.all_aside(AT).unwrap();
        all.iter().map(|aside| (aside.id, aside.tries)).collect()
    }

    pub(super) fn try_again(&mut self, now: Timestamp) -> TriedAgain {
        let id = self.aside()[0].0;
        self.service.try_again(now, &Actor::console(), id).unwrap()
    }

    /// The record is whole, and everything comes out of it again.
    pub(super) fn ends(mut self) {
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
pub(super) fn on_both(test: impl Fn(Programme)) {
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

pub(super) const A: (&str, &str) = ("AAA123", "A0-08");
pub(super) const B: (&str, &str) = ("BBB456", "B0-01");
pub(super) const C: (&str, &str) = ("CCC789", "C0-01");

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

pub(super) fn outage(programme: &mut Programme, at: Timestamp, [from, to]: [Timestamp; 2]) {
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

#[test]
fn msm_14_what_is_set_aside_is_confirmed_by_nobody_when_the_result_is_published() {
    on_both(|mut programme| {
        programme.hand_in(AT, A.0, A.1, 10);
        put("judge", Fault::Defect);
        let (file, _) = programme.hand_in(later(1), A.0, A.1, 500);
        put("judge", Fault::Defect);
        programme.service.catch_up(later(121)).unwrap();
        let (s1sp, week) = ("CGI".parse().unwrap(), WEEK);
        programme.service.act(later(122), &Actor::console(), ScaleWeek { s1sp, week }).unwrap();
        let publish = Publish { s1sp, week, firm: false, approve: None };
        programme.service.act(later(122), &Actor::console(), publish).unwrap();
        // The cut-off moves behind the publication.
        outage(&mut programme, later(130), [later(60), later(120)]);
        put("judge", Fault::Defect);
        let confirmed = programme.submit(later(131), A, 500, true);
        assert_eq!((confirmed.receipt.repeat, confirmed.confirmed), (true, Some(false)));
        programme.try_again(later(132));
        assert_eq!((programme.status(file), programme.demand(A.0)), (FileStatus::Refused, Some(10)));
        programme.ends();
    });
}
