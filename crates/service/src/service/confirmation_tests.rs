use super::tests::{DEMAND, OF_ALPHA, Place, alpha, at, is_closed, status, the_file_of};
use super::*;
use crate::service::arrive::random_id;
use crate::service::taking::Taken;
use sluice_rules::file::FileStatus;
use sluice_store::Scope;
use sluice_store::tables::files;

#[test]
fn msm_2_what_is_taken_over_late_does_not_replace_what_came_after_it() {
    for place in Place::all() {
        let mut one = place.process();
        let mut own =
            one.arrive(at(12, 0, 0), &alpha(), OF_ALPHA, Content::Whole(DEMAND.as_bytes()), Wish::default()).unwrap();
        own.arrival.id = random_id().unwrap();
        let mut tx = one.store.intake().unwrap();
        intake::add(&mut tx, &own.arrival, own.packed.as_ref()).unwrap();
        intake::set_aside(&mut tx, &own.arrival.id, "a fault of ours").unwrap();
        tx.commit().unwrap();
        let later = DEMAND.replace(",1", ",2");
        assert_ne!(later, DEMAND);
        let taken = one.hand_in(at(12, 10, 0), &alpha(), OF_ALPHA, later.as_bytes()).unwrap();
        assert_eq!(status(&taken), FileStatus::Accepted);
        one.catch_up(at(12, 20, 0)).unwrap();
        assert_eq!(the_file_of(&mut one, &own.arrival.id).status, FileStatus::Replaced);
        let stands = files::get(&mut one.store.view(Scope::Dcc).unwrap(), taken.receipt.id).unwrap().unwrap();
        assert_eq!(stands.status, FileStatus::Accepted);
    }
}

#[test]
fn msm_15_what_is_overtaken_says_that_it_came_with_its_confirmation() {
    for place in Place::all() {
        let mut one = place.process();
        let wish = Wish { confirms: true, ..Wish::default() };
        let mut own = one.arrive(at(12, 0, 0), &alpha(), OF_ALPHA, Content::Whole(DEMAND.as_bytes()), wish).unwrap();
        own.arrival.id = random_id().unwrap();
        let mut tx = one.store.intake().unwrap();
        intake::add(&mut tx, &own.arrival, own.packed.as_ref()).unwrap();
        intake::set_aside(&mut tx, &own.arrival.id, "a fault of ours").unwrap();
        tx.commit().unwrap();
        one.hand_in(at(12, 10, 0), &alpha(), OF_ALPHA, DEMAND.replace(",1", ",2").as_bytes()).unwrap();
        one.catch_up(at(12, 20, 0)).unwrap();
        let overtaken = the_file_of(&mut one, &own.arrival.id);
        assert_eq!(overtaken.status, FileStatus::Replaced);
        assert!(
            overtaken.message.starts_with("confirmed by its sender; another of its name, "),
            "{}",
            overtaken.message
        );
    }
}

#[test]
fn fi21_a_confirmation_that_arrives_before_the_cut_off_counts_though_it_is_taken_over_after_it() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let first = one.hand_in(at(12, 0, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
        assert_eq!(status(&first), FileStatus::Accepted);
        let much = DEMAND.replace(",5", ",5000");
        let wish = Wish { confirms: true, ..Wish::default() };
        // It comes once without and once with the confirmation, and while it waits another one confirms it.
        let own =
            one.arrive(at(16, 59, 58), &alpha(), OF_ALPHA, Content::Whole(much.as_bytes()), Wish::default()).unwrap();
        let again = one.arrive(at(16, 59, 59), &alpha(), OF_ALPHA, Content::Whole(much.as_bytes()), wish).unwrap();
        assert_eq!(again.arrival.id, own.arrival.id);
        other.catch_up(at(17, 0, 8)).unwrap();
        assert_eq!(the_file_of(&mut other, &own.arrival.id).status, FileStatus::Accepted);
        assert!(is_closed(&mut other), "the cut-off goes on");
    }
}

#[test]
fn fi21_what_is_held_is_confirmed_by_the_same_file_that_comes_with_a_confirmation() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        one.hand_in(at(12, 0, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
        let much = DEMAND.replace(",5", ",5000");
        let held = one.hand_in(at(12, 1, 0), &alpha(), OF_ALPHA, much.as_bytes()).unwrap();
        assert_eq!(status(&held), FileStatus::Held);
        let wish = Wish { confirms: true, ..Wish::default() };
        one.arrive(at(16, 59, 59), &alpha(), OF_ALPHA, Content::Whole(much.as_bytes()), wish).unwrap();
        other.catch_up(at(17, 0, 8)).unwrap();
        let stands = files::get(&mut other.store.view(Scope::Dcc).unwrap(), held.receipt.id).unwrap().unwrap();
        assert_eq!(stands.status, FileStatus::Accepted);
        // One that comes after the cut-off confirms nothing.
        let (mut late, next) = (place.process(), at(17, 0, 9));
        let told = late.submit(next, &alpha(), OF_ALPHA, Content::Whole(much.as_bytes()), true).unwrap();
        let Handed::Taken(told) = told else { panic!("{told:?}") };
        assert!(told.receipt.repeat && told.confirmed == Some(false));
    }
}

#[test]
fn fi21_a_confirmation_that_comes_when_there_is_a_verdict_has_its_own_moment() {
    for (moment, becomes) in [(at(16, 59, 59), FileStatus::Accepted), (at(17, 0, 5), FileStatus::Lapsed)] {
        for place in Place::all() {
            let (mut one, mut other) = (place.process(), place.process());
            one.hand_in(at(12, 0, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
            let much = DEMAND.replace(",5", ",5000");
            let content = Content::Whole(much.as_bytes());
            let own = one.arrive(at(12, 1, 0), &alpha(), OF_ALPHA, content, Wish::default()).unwrap();
            // The process ends before it notes that it has taken the file over, and another one judges it.
            let Taken::Now(receipt, _) = one.record(at(12, 1, 0), &own.arrival, None).unwrap() else { panic!() };
            assert_eq!(other.judge(at(12, 1, 0), receipt.id).unwrap().status, FileStatus::Held);
            let wish = Wish { confirms: true, ..Wish::default() };
            let confirms = one.arrive(moment, &alpha(), OF_ALPHA, content, wish).unwrap();
            assert_ne!(confirms.arrival.id, own.arrival.id);
            other.catch_up(at(17, 0, 8)).unwrap();
            assert_eq!(the_file_of(&mut other, &own.arrival.id).status, becomes);
            assert!(
                !intake::confirm(&mut other.store.intake().unwrap(), &own.arrival.id).unwrap(),
                "it was taken over"
            );
            assert_eq!(other.replay_here(), None);
        }
    }
}

#[test]
fn fi21_what_comes_with_its_receipt_can_be_confirmed() {
    for place in Place::all() {
        let mut one = place.process();
        one.hand_in(at(12, 0, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
        let wish = Wish { confirms: true, ..Wish::default() };
        // While it waits, and when it is held.
        for (second, waits) in [(0, true), (10, false)] {
            let (first, again) = (at(12, 1, second), at(12, 1, second + 5));
            let much = DEMAND.replace(",5", &format!(",5000{second}"));
            let own = one.arrive(first, &alpha(), OF_ALPHA, Content::Whole(much.as_bytes()), Wish::default()).unwrap();
            let (arrival, receipt) = (own.arrival.clone(), one.receipt(&own.arrival).unwrap());
            if !waits {
                assert!(matches!(one.take(first, own), Handed::Taken(handed) if status(&handed) == FileStatus::Held));
            }
            let content = Content::Again(much.as_bytes(), &receipt);
            let own = one.arrive(again, &alpha(), OF_ALPHA, content, wish).unwrap();
            assert_eq!(own.arrival.id == arrival.id, waits);
            assert!(matches!(one.take(again, own), Handed::Taken(_)));
            assert_eq!(the_file_of(&mut one, &arrival.id).status, FileStatus::Accepted);
        }
        assert_eq!(one.replay_here(), None);
    }
}
