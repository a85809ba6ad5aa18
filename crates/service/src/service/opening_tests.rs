use super::*;
use crate::act::actor::Actor;
use crate::act::fault::{Fault, put, set_meanwhile};
use crate::act::perform::perform;
use crate::files::handed::{Content, Handed, HandedIn, Wish};
use crate::rows::lost::AskForPassword;
use crate::service::intake::tests::{Place, alpha, at, status};
use jiff::SignedDuration;
use sluice_rules::calendar::Milestone;
use sluice_rules::file::FileStatus;
use sluice_store::tables::{issued, log, passwords, weeks};

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
fn mam_10_a_process_that_stood_still_with_a_password_has_as_long_as_its_sender_to_go_on_with_it() {
    for (goes_on, since) in [(of(20), of(-1)), (of(13 + HOUR - 1), of(-1)), (of(13 + HOUR), of(13 + HOUR))] {
        for place in Place::all() {
            let (mut one, mut other) = (place.process(), place.process());
            let file = waits_from(&mut one, of(-60));
            let name = format!("MAPASSWORD_{KEY}.txt");
            let own = one.arrive(of(-1), &alpha(), &name, Content::Whole(WORDS), Wish::default()).unwrap();
            // It stands still, and is waited for no longer: its sender is asked for the password, and the work of the cut-off is done.
            other.catch_up(of(13)).unwrap();
            assert_eq!(status_of(&mut other, file), FileStatus::Waiting);
            let Handed::Taken(handed) = one.take(goes_on, own) else { panic!("it is taken over") };
            assert_eq!((handed.judged, status(&handed)), (file, FileStatus::Accepted));
            assert_eq!(counts(&mut one), since);
            assert_eq!(one.replay_here(), None);
        }
    }
}

/// A moment before or after the authorisation cut-off of the week of 19 July.
fn of(seconds: i64) -> Timestamp {
    at(17, 0, 0) + SignedDuration::from_hours(8 * 24) + SignedDuration::from_secs(seconds)
}

const HOUR: i64 = 3600;

/// From when the password counts by which the last file was judged.
fn counts(service: &mut Service) -> Timestamp {
    let acts = log::acts_of(&mut service.store.view(Scope::Dcc).unwrap(), &["judge"]).unwrap();
    let detail: serde_json::Value = serde_json::from_str(&acts.last().unwrap().detail).unwrap();
    let act = detail.get("act").unwrap_or(&detail);
    act["password_at"].as_str().unwrap_or_else(|| panic!("{detail}")).parse().unwrap()
}

/// What the sender was told of passwords that were lost.
fn asked(service: &mut Service) -> Vec<String> {
    let notices = issued::notices(&mut service.store.view(Scope::Dcc).unwrap()).unwrap();
    notices.into_iter().filter(|notice| notice.rule == "MAM-10").map(|notice| notice.words).collect()
}

fn send_password(service: &mut Service, at: Timestamp, words: &[u8]) -> HandedIn {
    service.hand_in(at, &alpha(), &format!("MAPASSWORD_{KEY}.txt"), words).unwrap()
}

/// A password comes at a moment to a process that ends before it opens anything with it.
fn lose(place: &Place, came: Timestamp) {
    let mut one = place.process();
    let name = format!("MAPASSWORD_{KEY}.txt");
    drop(one.arrive(came, &alpha(), &name, Content::Whole(WORDS), Wish::default()).unwrap());
}

#[test]
fn mam_10_a_password_that_was_lost_keeps_its_moment_until_an_hour_after_it_was_asked_for() {
    for (comes, since) in [(of(13 + HOUR - 1), of(-60)), (of(13 + HOUR), of(13 + HOUR))] {
        for place in Place::all() {
            let mut other = place.process();
            let file = waits_from(&mut other, of(-120));
            lose(&place, of(-60));
            other.catch_up(of(13)).unwrap();
            let words = asked(&mut other);
            assert!(
                matches!(&words[..], [words] if words.contains("Before 18:00 on Tuesday 13 July 2021")),
                "{words:?}"
            );
            assert!(other.catch_up(of(14)).unwrap() == 0, "once");
            let handed = send_password(&mut other, comes, WORDS);
            assert_eq!((handed.judged, status(&handed)), (file, FileStatus::Accepted));
            assert_eq!(counts(&mut other), since);
            assert_eq!((other.verify(&[]).unwrap().bad, other.replay_here()), (None, None));
        }
    }
}

#[test]
fn cal_3_the_work_of_a_cut_off_waits_for_a_password_that_was_lost_as_long_as_it_may_come_again() {
    let cutoff: Timestamp = "2021-07-21T16:00:00Z".parse().unwrap();
    let of = |seconds| cutoff + SignedDuration::from_secs(seconds);
    let is_passed = |service: &mut Service| {
        let of = (&"CGI".parse().unwrap(), jiff::civil::date(2021, 7, 26), Milestone::AuthorisationCutoff);
        weeks::has_passed(&mut service.store.view(Scope::Dcc).unwrap(), of.0, of.1, of.2).unwrap()
    };
    for comes in [Some(HOUR), None] {
        for place in Place::all() {
            let mut other = place.process();
            waits_from(&mut other, of(-1800));
            lose(&place, of(-60));
            other.catch_up(of(13)).unwrap();
            assert!(!is_passed(&mut other), "what waits for the rows of the file has not expired");
            if let Some(seconds) = comes {
                send_password(&mut other, of(seconds), WORDS);
                assert_eq!(counts(&mut other), of(-60));
            }
            other.catch_up(of(12 + HOUR)).unwrap();
            assert_eq!(is_passed(&mut other), comes.is_some());
            other.catch_up(of(14 + HOUR)).unwrap();
            assert!(is_passed(&mut other));
            assert_eq!((other.verify(&[]).unwrap().bad, other.replay_here()), (None, None));
        }
    }
}

#[test]
fn mam_10_one_that_is_lost_twice_keeps_its_first_moment_and_gets_no_new_hour() {
    for (comes, since) in [(of(13 + HOUR - 1), of(-60)), (of(13 + HOUR), of(13 + HOUR))] {
        for place in Place::all() {
            let mut other = place.process();
            waits_from(&mut other, of(-120));
            lose(&place, of(-60));
            other.catch_up(of(13)).unwrap();
            lose(&place, of(HOUR - 60));
            other.catch_up(of(HOUR)).unwrap();
            let words = asked(&mut other);
            assert_eq!(words.len(), 2);
            assert!(words.iter().all(|words| words.contains("Before 18:00")), "{words:?}");
            send_password(&mut other, comes, WORDS);
            assert_eq!(counts(&mut other), since);
            assert_eq!(other.replay_here(), None);
        }
    }
}

#[test]
fn mam_10_one_whose_loss_is_found_when_its_time_is_over_counts_from_when_it_comes() {
    for place in Place::all() {
        let mut other = place.process();
        waits_from(&mut other, of(-120));
        lose(&place, of(-60));
        other.catch_up(of(13)).unwrap();
        lose(&place, of(HOUR));
        other.catch_up(of(2 * HOUR)).unwrap();
        let words = asked(&mut other);
        assert!(words.len() == 2 && words[1].contains("It counts from when it comes"), "{words:?}");
        send_password(&mut other, of(2 * HOUR + 60), WORDS);
        assert_eq!(counts(&mut other), of(2 * HOUR + 60));
        assert_eq!(other.replay_here(), None);
    }
}

#[test]
fn mam_10_one_that_comes_before_anybody_looked_keeps_the_moment_of_the_lost_one() {
    for place in Place::all() {
        let mut other = place.process();
        waits_from(&mut other, of(-120));
        lose(&place, of(-60));
        send_password(&mut other, of(5), WORDS);
        assert_eq!((counts(&mut other), asked(&mut other).len()), (of(-60), 1));
        assert_eq!(other.replay_here(), None);
    }
}

#[test]
fn mam_10_who_sent_no_password_for_a_file_that_was_there_has_no_earlier_moment() {
    type Before = fn(&Place, &mut Service);
    let nothing: Before = |_, _| {};
    let before_its_file: Before = |_, other| {
        send_password(other, of(-180), WORDS);
    };
    let unreadable: Before = |_, other| {
        waits_from(other, of(-120));
        assert_eq!(status(&send_password(other, of(-60), b"\xff\xfe\xff")), FileStatus::Refused);
    };
    // Another process has taken its receipt over before it is found that it cannot be read.
    let unreadable_elsewhere: Before = |place, other| {
        waits_from(other, of(-120));
        let (mut one, name) = (place.process(), format!("MAPASSWORD_{KEY}.txt"));
        let own = one.arrive(of(-60), &alpha(), &name, Content::Whole(b"\xff\xfe\xff"), Wish::default()).unwrap();
        other.catch_up(of(-55)).unwrap();
        let Handed::Taken(handed) = one.take(of(-55), own) else { panic!("it is taken over") };
        assert_eq!(status(&handed), FileStatus::Refused);
    };
    for before in [nothing, before_its_file, unreadable, unreadable_elsewhere] {
        for place in Place::all() {
            let mut other = place.process();
            before(&place, &mut other);
            // What it remembers is forgotten when it ends.
            drop(other);
            let mut other = place.process();
            if files::of_status(&mut other.store.view(Scope::Dcc).unwrap(), FileStatus::Waiting).unwrap().is_empty() {
                waits_from(&mut other, of(-120));
            }
            other.catch_up(of(13)).unwrap();
            assert_eq!(asked(&mut other), [""; 0]);
            send_password(&mut other, of(20), WORDS);
            assert_eq!(counts(&mut other), of(20));
            assert_eq!(other.replay_here(), None);
        }
    }
}

#[test]
fn mam_10_a_file_whose_password_may_come_again_waits_for_it_longer_than_a_day() {
    for place in Place::all() {
        let mut other = place.process();
        let file = waits(&mut other);
        lose(&place, due(-5));
        other.catch_up(due(20)).unwrap();
        assert_eq!(status_of(&mut other, file), FileStatus::Waiting);
        // One that is lost again makes it wait no longer.
        lose(&place, due(HOUR));
        other.catch_up(due(20 + HOUR - 1)).unwrap();
        assert_eq!(status_of(&mut other, file), FileStatus::Waiting);
        other.catch_up(due(20 + HOUR)).unwrap();
        let refused = files::get(&mut other.store.view(Scope::Dcc).unwrap(), file).unwrap().unwrap();
        let words =
            "came at 11:59 on Wednesday 14 July 2021 (UK time), could not be used, and did not come again before 13:00";
        assert!(refused.status == FileStatus::Refused && refused.message.contains(words), "{}", refused.message);
        assert_eq!(other.replay_here(), None);
    }
}

#[test]
fn fi08_of_a_file_that_is_overtaken_no_password_is_noted_any_more() {
    for place in Place::all() {
        let mut other = place.process();
        let file = waits_from(&mut other, of(-120));
        lose(&place, of(-60));
        other.catch_up(of(-30)).unwrap();
        let later = format!("MA_{}.csv", KEY.replace("090000", "091500"));
        let rows = include_bytes!(
            "../../../../scenarios/ACCEPTED-it-stands/given/MA_CGI_70-B3-D5-1F-30-00-A0-08_20210713_090000.csv"
        );
        assert_eq!(status(&other.hand_in(of(-20), &alpha(), &later, rows).unwrap()), FileStatus::Accepted);
        assert_eq!(status_of(&mut other, file), FileStatus::Refused);
        assert_eq!(passwords::of_file(&mut other.store.view(Scope::Dcc).unwrap(), file).unwrap(), []);
        assert_eq!(other.replay_here(), None);
    }
}

#[test]
fn acc_1_a_replay_finds_a_password_that_was_asked_for_again_although_it_was_not_due() {
    let place = Place::all().remove(0);
    let mut other = place.process();
    waits_from(&mut other, of(-120));
    lose(&place, of(-60));
    other.catch_up(of(13)).unwrap();
    let noted = log::acts_of(&mut other.store.view(Scope::Dcc).unwrap(), &["password-lost"]).unwrap();
    let detail: serde_json::Value = serde_json::from_str(&noted[0].detail).unwrap();
    let password = detail.get("act").unwrap_or(&detail)["password"].as_i64().unwrap();
    // Its sender was told already.
    let again = |_: &mut sluice_store::Tx<'_>| Ok(AskForPassword { password });
    perform(&mut other.store, &other.books, of(20), &Actor::clock(), again).unwrap();
    let difference = other.replay_here();
    assert!(difference.as_ref().is_some_and(|words| words.contains("not due")), "{difference:?}");
}
