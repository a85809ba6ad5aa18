use super::*;
use crate::act::actor::Actor;
use crate::act::fault::set_meanwhile;
use crate::files::handed::{Content, Handed, Wish};
use crate::service::intake::tests::{DEMAND, OF_ALPHA, OF_BETA, Place, alpha, at, beta, status};
use sluice_rules::file::FileStatus;
use sluice_store::Scope;
use sluice_store::tables::files;
use sluice_store::tables::record;
use std::cell::RefCell;
use std::rc::Rc;

/// A process that heeds others, as on a database that is not simulated.
fn process(place: &Place) -> Service {
    let mut service = place.process();
    service.turns.heeds = Some(true);
    service
}

/// Something waits of a party under a name, in a form that may take long to read.
fn arrives(service: &mut Service, by: &Actor, name: &str, second: i8) -> Arrival {
    let mut tx = service.store.intake().unwrap();
    let (digest, packed) = crate::act::digests::digest_and_pack(DEMAND.as_bytes()).unwrap();
    let arrival = Arrival {
        id: random_id().unwrap(),
        party: by.party().unwrap(),
        actor: serde_json::to_string(by).unwrap(),
        channel: "TEST".to_owned(),
        name: name.to_owned(),
        size: packed.size,
        digest: Some(digest),
        at: at(12, 0, second),
        taken: None,
        why: None,
        place: 0,
        confirm: false,
    };
    intake::add(&mut tx, &arrival, Some(&packed)).unwrap();
    tx.commit().unwrap();
    arrival
}

/// The names of the files that have a verdict, in the order of their numbers.
fn decided(service: &mut Service) -> Vec<String> {
    let mut view = service.store.view(Scope::Dcc).unwrap();
    let last = record::next_received(&mut view).unwrap();
    let mut names = Vec::new();
    for id in 1..last {
        let file = files::get(&mut view, id).unwrap();
        if file.is_some_and(|file| file.status != FileStatus::Received) {
            names.push(record::received(&mut view, id).unwrap().name);
        }
    }
    names
}

fn workbook(name: &str) -> String {
    name.replace(".csv", ".xlsx")
}

#[test]
fn mam_9_a_file_in_checking_is_left_to_who_checks_it_and_nobody_is_judged_before_it() {
    for place in Place::all() {
        let (mut one, mut other) = (process(&place), process(&place));
        let first = arrives(&mut one, &alpha(), &workbook(OF_ALPHA), 0);
        assert!(one.claim(at(12, 0, 1), &first).unwrap());
        other.turns.patience = Duration::ZERO;
        // Not by name alone: a small table is read by whoever comes first, and it waits for its turn too.
        let handed = other.submit(at(12, 0, 1), &beta(), OF_BETA, Content::Whole(DEMAND.as_bytes()), true).unwrap();
        assert!(matches!(handed, Handed::Pending(..)), "{handed:?}");
        assert_eq!(other.catch_up(at(12, 0, 10)).unwrap(), 0);
        assert_eq!(decided(&mut other), [""; 0]);
        // Who checks it is silent for ten seconds.
        other.catch_up(at(12, 0, 11)).unwrap();
        assert_eq!(decided(&mut other), [workbook(OF_ALPHA), OF_BETA.to_owned()]);
        assert_eq!(intake::waiting(&mut other.store.intake().unwrap()).unwrap(), []);
    }
}

#[test]
fn mam_9_while_one_file_is_checked_elsewhere_the_next_of_another_party_is() {
    for place in Place::all() {
        let (mut one, mut other) = (process(&place), process(&place));
        let first = arrives(&mut one, &alpha(), &workbook(OF_ALPHA), 0);
        arrives(&mut one, &alpha(), &workbook(&OF_ALPHA.replace("20210726", "20210802")), 1);
        arrives(&mut one, &beta(), &workbook(OF_BETA), 2);
        assert!(one.claim(at(12, 0, 3), &first).unwrap());
        let read = Rc::new(RefCell::new(Vec::new()));
        let (noted, url) = (Rc::clone(&read), place.url.clone());
        set_meanwhile(Some(Box::new(move || {
            let mut store = sluice_store::Store::open(&url).unwrap();
            let mut view = store.intake_view().unwrap().unwrap();
            noted.borrow_mut().push(intake::in_checking(&mut view, "", at(12, 0, 3)).unwrap());
        })));
        other.turns.patience = Duration::ZERO;
        assert!(other.check_another(at(12, 0, 3)).unwrap());
        assert!(!other.check_another(at(12, 0, 3)).unwrap(), "it holds one, and the other party is at its one");
        // Of the first party nothing else, though it came earlier.
        assert_eq!(*read.borrow(), [[alpha().party().unwrap(), beta().party().unwrap()]]);
        assert_eq!(other.work_off(at(12, 0, 3), None).unwrap(), 0, "it is not its turn to be judged");
        one.give_back().unwrap();
        assert_eq!(other.work_off(at(12, 0, 3), None).unwrap(), 3);
        set_meanwhile(None);
        let wanted = [OF_ALPHA.to_owned(), OF_ALPHA.replace("20210726", "20210802"), OF_BETA.to_owned()];
        assert_eq!(decided(&mut other), wanted.map(|name| workbook(&name)));
        assert_eq!(read.borrow().len(), 3, "each was read once");
    }
}

#[test]
fn cal_3_no_verdict_is_given_before_one_on_what_arrived_earlier_nor_the_work_of_a_cut_off_done() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        // Another process has taken a file over, and is about to judge it.
        let received = one.receive(at(16, 59, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
        let place_of =
            |service: &mut Service| files::get(&mut service.store.view(Scope::Dcc).unwrap(), received.id).unwrap();
        assert_eq!(place_of(&mut other).unwrap().status, FileStatus::Received);
        let next = arrives(&mut one, &beta(), OF_BETA, 0);
        assert!(!other.take_over(at(16, 59, 1), next, None).unwrap(), "its turn has not come");
        other.sealed = at(17, 0, 0);
        let due = other.next_due(at(17, 0, 0)).unwrap();
        assert!(due.is_none_or(|due| due.at < at(17, 0, 0)), "the cut-off waits for the verdict");
        other.catch_up(at(17, 0, 0)).unwrap();
        assert_eq!(decided(&mut other), [OF_ALPHA, OF_BETA]);
        assert_eq!(place_of(&mut other).unwrap().status, FileStatus::Accepted);
        assert_eq!(one.replay_here(), None);
    }
}

#[test]
fn mam_9_of_many_at_once_each_is_judged_in_its_turn_and_not_read_by_all() {
    const EACH: usize = 3;
    let users = [(alpha(), OF_ALPHA), (beta(), OF_BETA)];
    for place in Place::all() {
        let handed = std::thread::scope(|scope| {
            let hand_in = |(number, (by, name)): (usize, &(Actor, &str))| {
                let name = workbook(&name.replace("20210726", ["20210726", "20210802", "20210809"][number / 2]));
                // One that waits for the others' acts.
                let (mut one, by) = (Service::open(&place.url).unwrap(), by.clone());
                one.turns.heeds = Some(true);
                scope.spawn(move || {
                    let read = Rc::new(RefCell::new(0));
                    let counted = Rc::clone(&read);
                    set_meanwhile(Some(Box::new(move || *counted.borrow_mut() += 1)));
                    one.turns.patience = Duration::from_secs(120);
                    let handed = one.hand_in(at(12, 0, 0), &by, &name, DEMAND.as_bytes()).unwrap();
                    set_meanwhile(None);
                    (status(&handed), *read.borrow())
                })
            };
            let threads: Vec<_> = users.iter().cycle().take(2 * EACH).enumerate().map(hand_in).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(handed.iter().all(|(status, _)| *status == FileStatus::Refused), "no workbook: {handed:?}");
        // Once each; and once more at most for what a process had read ahead when it had done its own.
        let read: usize = handed.iter().map(|(_, read)| read).sum();
        assert!((2 * EACH..=4 * EACH).contains(&read), "{handed:?}");
        let mut one = process(&place);
        assert_eq!(decided(&mut one).len(), 2 * EACH);
        assert_eq!(intake::waiting(&mut one.store.intake().unwrap()).unwrap(), []);
        assert_eq!(one.replay_here(), None);
    }
}

#[test]
fn mam_9_who_has_handed_in_gives_the_place_of_its_party_back() {
    for place in Place::all() {
        let mut one = process(&place);
        let name = workbook(OF_ALPHA);
        let handed = one.hand_in(at(12, 0, 0), &alpha(), &name, DEMAND.as_bytes()).unwrap();
        assert_eq!(status(&handed), FileStatus::Refused, "it is no workbook");
        let mut view = one.store.intake_view().unwrap().unwrap();
        assert_eq!(intake::in_checking(&mut view, "", at(12, 0, 0)).unwrap(), []);
    }
}

#[test]
fn cal_3_a_receipt_comes_before_anything_is_read_however_large_the_file_is() {
    let large = format!("{DEMAND}{}", "\n".repeat(1 << 20));
    for place in Place::all() {
        let mut one = process(&place);
        let own = one.arrive(at(12, 0, 0), &alpha(), OF_ALPHA, Content::Whole(large.as_bytes()), Wish::default());
        let own = own.unwrap();
        let checked = |url: &sluice_store::Url| {
            let mut store = Store::open(url).unwrap();
            let mut view = store.intake_view().unwrap().unwrap();
            intake::in_checking(&mut view, "", at(12, 0, 0)).unwrap()
        };
        assert_eq!(checked(&place.url), [], "nobody reads it yet");
        let (seen, url) = (Rc::new(RefCell::new(Vec::new())), place.url.clone());
        let noted = Rc::clone(&seen);
        set_meanwhile(Some(Box::new(move || noted.borrow_mut().push(checked(&url)))));
        assert!(matches!(one.take(at(12, 0, 0), own), Handed::Taken(_)));
        set_meanwhile(None);
        assert_eq!(*seen.borrow(), [[alpha().party().unwrap()]], "it is read once, and others know who reads it");
    }
}

#[test]
fn cal_3_what_depends_on_files_waits_for_the_verdict_that_another_process_is_about_to_give() {
    for place in Place::all() {
        let (mut one, mut other) = (process(&place), process(&place));
        let received = one.receive(at(12, 0, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
        let arrival = intake::arrival_of(&mut one.store.view(Scope::Dcc).unwrap(), received.id).unwrap().unwrap();
        let arrival = one.arrival(&arrival).unwrap().unwrap();
        one.claim(at(12, 0, 0), &arrival).unwrap();
        other.turns.patience = Duration::ZERO;
        let ends = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            one.give_back().unwrap();
        });
        other.take_over_until(at(12, 0, 1)).unwrap();
        assert_eq!(decided(&mut other), [OF_ALPHA]);
        ends.join().unwrap();
    }
}
