use super::tests::{DEMAND, OF_ALPHA, OF_BETA, Place, alpha, at, beta, is_closed, pending, status};
use super::*;
use crate::service::arrive::{Keeping, random_id};
use jiff::civil::date;
use sluice_rules::file::FileStatus;
use sluice_store::Scope;
use sluice_store::tables::record::Packed;
use sluice_store::tables::weeks;

/// Keeps an arrival as its process does that has announced it.
fn keep(
    service: &mut Service,
    now: Timestamp,
    process: &str,
    of: &Arrival,
    packed: Option<&Packed>,
) -> Result<Arrival> {
    Keeping { store: &mut service.store, simulated: Some(now), process, barrier: None }.keep(of, packed)
}

#[test]
fn cal_3_all_files_of_a_command_have_their_moment_before_one_is_judged() {
    for place in Place::all() {
        let mut one = place.process();
        let texts: Vec<String> = (1..9).map(|units| DEMAND.replace(",5", &format!(",{units}"))).collect();
        let arrived: Vec<_> = (0..)
            .zip(&texts)
            .map(|(place, text)| {
                let wish = Wish { place, ..Wish::default() };
                one.arrive(at(16, 59, 59), &alpha(), OF_ALPHA, Content::Whole(text.as_bytes()), wish).unwrap()
            })
            .collect();
        let mut last = None;
        for own in arrived {
            let Handed::Taken(handed) = one.take(at(17, 0, 8), own) else { panic!("it is taken over") };
            assert_eq!(status(&handed), FileStatus::Accepted, "each in its turn");
            assert!(last.replace(handed.receipt.id) < Some(handed.receipt.id), "in the order of the command");
        }
        let stands = weeks::demand(
            &mut one.store.view(Scope::Dcc).unwrap(),
            &"CGI".parse().unwrap(),
            date(2021, 7, 30),
            date(2021, 7, 30),
        );
        assert_eq!(stands.unwrap().iter().map(|line| line.units).collect::<Vec<_>>(), [8]);
    }
}

#[test]
fn cal_3_a_cut_off_waits_for_who_began_before_it() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let mut own =
            one.arrive(at(16, 59, 0), &alpha(), OF_ALPHA, Content::Whole(DEMAND.as_bytes()), Wish::default()).unwrap();
        // It holds between having read its last byte and keeping it.
        let process = random_id().unwrap();
        one.announce(at(16, 59, 59), &process).unwrap();
        other.catch_up(at(17, 0, 8)).unwrap();
        assert!(!is_closed(&mut other), "something may come with a moment before it");
        own.arrival.id = random_id().unwrap();
        OF_BETA.clone_into(&mut own.arrival.name);
        own.arrival.party = "BBB456".parse().unwrap();
        own.arrival.actor = serde_json::to_string(&beta()).unwrap();
        own.arrival.at = at(16, 59, 59);
        keep(&mut one, at(17, 0, 8), &process, &own.arrival, own.packed.as_ref()).unwrap();
        other.catch_up(at(17, 0, 8)).unwrap();
        assert!(is_closed(&mut other));
        let told = one.read_back(at(17, 0, 8), &own).unwrap().unwrap();
        assert_eq!(status(&told), FileStatus::Accepted, "it was in time");
    }
}

#[test]
fn cal_3_a_cut_off_waits_ten_seconds_for_who_is_silent_and_he_keeps_nothing_then() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let own =
            one.arrive(at(16, 0, 0), &alpha(), OF_ALPHA, Content::Whole(DEMAND.as_bytes()), Wish::default()).unwrap();
        let process = random_id().unwrap();
        one.announce(at(16, 59, 59), &process).unwrap();
        other.catch_up(at(17, 0, 8)).unwrap();
        assert!(!is_closed(&mut other));
        other.catch_up(at(17, 0, 9)).unwrap();
        assert!(is_closed(&mut other));
        let late = Arrival { id: random_id().unwrap(), at: at(16, 59, 59), ..own.arrival };
        let error = keep(&mut one, at(17, 0, 9), &process, &late, own.packed.as_ref()).unwrap_err().to_string();
        assert!(error.contains("hand it in again"), "{error}");
        assert_eq!(intake::waiting(&mut one.store.intake().unwrap()).unwrap(), [], "no receipt, and nothing kept");
    }
}

#[test]
fn cal_3_a_lock_and_every_act_of_the_clock_wait_for_who_began_before_them() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let process = random_id().unwrap();
        one.announce(at(16, 59, 59), &process).unwrap();
        let ends = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            let mut tx = one.store.intake().unwrap();
            assert!(intake::end(&mut tx, &process, at(17, 0, 1)).unwrap());
            tx.commit().unwrap();
        });
        let began = Instant::now();
        other.take_over_until(at(17, 0, 1)).unwrap();
        assert!(began.elapsed() >= Duration::from_millis(250), "it waited");
        ends.join().unwrap();
        assert!(is_closed(&mut other));
    }
}

#[test]
fn cal_3_nobody_overtakes_who_began_before_him() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let process = random_id().unwrap();
        one.announce(at(12, 0, 0), &process).unwrap();
        pending(other.submit(at(12, 0, 1), &beta(), OF_BETA, Content::Whole(DEMAND.as_bytes()), true));
        let mut tx = one.store.intake().unwrap();
        assert!(intake::end(&mut tx, &process, at(12, 0, 1)).unwrap());
        tx.commit().unwrap();
        other.catch_up(at(12, 0, 1)).unwrap();
        assert_eq!(intake::waiting(&mut other.store.intake().unwrap()).unwrap(), []);
    }
}
