use super::*;
use crate::act::fault::{Fault, put, set_meanwhile};
use crate::files::handed::{Content, Handed, Wish};
use crate::service::intake::tests::{Place, alpha, at, status};
use jiff::SignedDuration;
use sluice_rules::file::FileStatus;
use sluice_store::tables::authorisations;

const KEY: &str = "CGI_70-B3-D5-1F-30-00-A0-08_20210713_090000";
const WORDS: &[u8] = b"correct horse";

/// A second of the day before or after that at which the password of a file is due that came at noon on 13 July.
fn due(seconds: i64) -> Timestamp {
    at(12, 0, 0) + SignedDuration::from_hours(9 * 24) + SignedDuration::from_secs(seconds)
}

/// A protected file waits for its password.
fn waits(service: &mut Service) -> i64 {
    waits_from(service, due(0) - SignedDuration::from_hours(24))
}

/// The same of one that came at a moment.
fn waits_from(service: &mut Service, came: Timestamp) -> i64 {
    let zip = include_bytes!(
        "../../../../scenarios/MAM-10-password-after-the-cut-off/given/MA_CGI_70-B3-D5-1F-30-00-A0-08_20210713_090000.zip"
    );
    let handed = service.hand_in(came, &alpha(), &format!("MA_{KEY}.zip"), zip).unwrap();
    assert_eq!(status(&handed), FileStatus::Waiting);
    handed.receipt.id
}

fn status_of(service: &mut Service, file: i64) -> FileStatus {
    files::get(&mut service.store.view(Scope::Dcc).unwrap(), file).unwrap().unwrap().status
}

fn live(service: &mut Service) -> usize {
    intake::live(&mut service.store.intake().unwrap()).unwrap().len()
}

#[test]
fn cal_3_while_a_file_is_being_opened_nothing_later_is_decided() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let file = waits(&mut one);
        set_meanwhile(Some(Box::new(move || {
            other.catch_up(due(2)).unwrap();
            assert_eq!(status_of(&mut other, file), FileStatus::Waiting, "its password came in time");
        })));
        let handed = one.hand_in(due(-1), &alpha(), &format!("MAPASSWORD_{KEY}.txt"), WORDS).unwrap();
        set_meanwhile(None);
        assert_eq!((handed.judged, status(&handed)), (file, FileStatus::Accepted));
        assert_eq!(live(&mut one), 0);
        assert_eq!(one.replay_here(), None);
    }
}

#[test]
fn mam_10_a_password_that_another_process_takes_over_opens_its_file_all_the_same() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let file = waits(&mut one);
        let name = format!("MAPASSWORD_{KEY}.txt");
        let own = one.arrive(due(-1), &alpha(), &name, Content::Whole(WORDS), Wish::default()).unwrap();
        other.catch_up(due(2)).unwrap();
        let arrival = other.arrival(&own.arrival.id).unwrap().unwrap();
        assert!(arrival.taken.is_some());
        assert_eq!(status_of(&mut other, file), FileStatus::Waiting);
        let Handed::Taken(handed) = one.take(due(-1), own) else { panic!("it is taken over") };
        assert_eq!((handed.judged, status(&handed)), (file, FileStatus::Accepted));
        assert_eq!(live(&mut one), 0);
        // Who is silent is waited for no longer than ten seconds.
        let own = one.arrive(due(3), &alpha(), &name, Content::Whole(WORDS), Wish::default()).unwrap();
        assert_eq!(live(&mut one), 1);
        drop(own);
        other.catch_up(due(13)).unwrap();
        assert_eq!(live(&mut one), 0);
    }
}

#[test]
fn fi24_what_a_password_has_opened_is_tried_again_without_it() {
    for fault in [Fault::Defect, Fault::Panic] {
        for place in Place::all() {
            let mut one = place.process();
            let file = waits(&mut one);
            put("judge", fault);
            let handed = one.hand_in(due(-60), &alpha(), &format!("MAPASSWORD_{KEY}.txt"), WORDS).unwrap();
            assert_eq!((handed.judged, status(&handed)), (file, FileStatus::Aside));
            assert_eq!(live(&mut one), 0);
            // Its process ends, and nobody knows the password any more.
            let mut next = place.process();
            next.catch_up(due(0)).unwrap();
            assert_eq!(status_of(&mut next, file), FileStatus::Accepted);
            assert_eq!((next.verify(&[]).unwrap().bad, next.replay_here()), (None, None));
        }
    }
}

#[test]
fn fi24_a_password_that_comes_for_a_file_that_is_set_aside_opens_it() {
    for place in Place::all() {
        let mut one = place.process();
        put("judge", Fault::Defect);
        let zip = include_bytes!(
            "../../../../scenarios/MAM-10-password-after-the-cut-off/given/MA_CGI_70-B3-D5-1F-30-00-A0-08_20210713_090000.zip"
        );
        let file = one.hand_in(due(-90), &alpha(), &format!("MA_{KEY}.zip"), zip).unwrap();
        assert_eq!(status(&file), FileStatus::Aside);
        let handed = one.hand_in(due(-80), &alpha(), &format!("MAPASSWORD_{KEY}.txt"), WORDS).unwrap();
        assert_eq!((handed.judged, status(&handed)), (file.judged, FileStatus::Accepted));
        assert_eq!(one.replay_here(), None);
    }
}

#[test]
fn mam_10_a_file_that_was_closed_at_the_cut_off_has_missed_it_though_its_password_came() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let cutoff = at(17, 0, 0) + SignedDuration::from_hours(8 * 24);
        let of = |seconds| cutoff + SignedDuration::from_secs(seconds);
        let file = waits_from(&mut one, of(-60));
        let name = format!("MAPASSWORD_{KEY}.txt");
        let own = one.arrive(of(-1), &alpha(), &name, Content::Whole(WORDS), Wish::default()).unwrap();
        // It stands still, and is waited for no longer: the work of the cut-off is done.
        other.catch_up(of(13)).unwrap();
        assert_eq!(status_of(&mut other, file), FileStatus::Waiting);
        let Handed::Taken(handed) = one.take(of(20), own) else { panic!("it is taken over") };
        assert_eq!((handed.judged, status(&handed)), (file, FileStatus::Accepted));
        let rows = authorisations::summary(&mut one.store.view(Scope::Dcc).unwrap(), file).unwrap();
        assert_eq!(rows.iter().map(|(verdict, _)| verdict.as_str()).collect::<Vec<_>>(), ["REFUSED"]);
        assert_eq!(one.replay_here(), None);
    }
}
