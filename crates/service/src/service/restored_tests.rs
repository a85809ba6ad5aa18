use super::*;
use crate::act::actor::Actor;
use crate::act::digests::sha256;
use crate::files::handed::{Content, Handed, HandedIn};
use crate::files::signed::SignedReceipt;
use crate::service::intake::tests::{DEMAND, OF_ALPHA, OF_BETA, Place, alpha, at, beta, is_closed, status};
use sluice_rules::file::FileStatus;
use sluice_store::tables::files;
use std::path::{Path, PathBuf};

fn file(place: &Place) -> PathBuf {
    place.url.path().unwrap().to_owned()
}

fn beside(path: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", path.display()))
}

/// The database as it is on the disk, with no process at work.
fn copy_of(place: &Place) -> Vec<u8> {
    std::fs::read(file(place)).unwrap()
}

fn put_back(place: &Place, copy: &[u8]) {
    std::fs::write(file(place), copy).unwrap();
}

fn moment_of(service: &mut Service, arrival: &str) -> Timestamp {
    let mut view = service.store.view(Scope::Dcc).unwrap();
    let id = intake::of_arrival(&mut view, arrival).unwrap().unwrap();
    record::received(&mut view, id).unwrap().at
}

fn accepted(service: &mut Service) -> usize {
    files::of_status(&mut service.store.view(Scope::Dcc).unwrap(), FileStatus::Accepted).unwrap().len()
}

/// The place that is a file.
fn place() -> Place {
    Place::all().into_iter().next().unwrap()
}

#[test]
fn mam_9_what_a_database_that_is_put_back_lacks_is_taken_over_again_from_the_intake() {
    let place = place();
    let before = copy_of(&place);
    let mut one = place.process();
    let first = one.hand_in(at(16, 58, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
    let other = one.hand_in(at(16, 59, 0), &beta(), OF_BETA, DEMAND.as_bytes()).unwrap();
    drop(one);
    put_back(&place, &before);
    let mut next = place.process();
    assert_eq!(accepted(&mut next), 0);
    next.catch_up(at(17, 10, 0)).unwrap();
    // Both are in time, since they came before the cut-off, which did its work after them.
    assert_eq!(accepted(&mut next), 2);
    assert!(is_closed(&mut next));
    assert_eq!(moment_of(&mut next, &first.arrival), at(16, 58, 0));
    assert_eq!(moment_of(&mut next, &other.arrival), at(16, 59, 0));
    let [words] = next.restored() else { panic!("{:?}", next.restored()) };
    assert!(words.contains("2 files handed in since are taken over again"), "{words}");
    let mut again = place.process();
    assert_eq!(again.catch_up(at(17, 10, 0)).unwrap(), 0, "once");
    assert_eq!(again.restored(), [""; 0]);
    assert_eq!(again.verify(&[]).unwrap().bad, None);
}

#[test]
fn mam_9_the_intake_of_another_database_is_refused_with_words() {
    let (one, other) = (place(), place());
    for place in [&one, &other] {
        place.process().hand_in(at(12, 0, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
    }
    std::fs::copy(beside(&file(&one), "-intake"), beside(&file(&other), "-intake")).unwrap();
    let mut wrong = other.process();
    let handed = wrong.hand_in(at(12, 0, 1), &beta(), OF_BETA, DEMAND.as_bytes()).map(drop);
    for error in [handed, wrong.catch_up(at(12, 0, 1)).map(drop)] {
        let words = error.unwrap_err().to_string();
        assert!(words.contains("is that of another database"), "{words}");
    }
    assert_eq!(wrong.look(at(12, 0, 1), &Actor::console(), |_| Ok(1)).unwrap(), 1, "reading goes on");
    drop(wrong);
    // Without one it gets an empty one.
    std::fs::remove_file(beside(&file(&other), "-intake")).unwrap();
    other.process().hand_in(at(12, 0, 1), &beta(), OF_BETA, DEMAND.as_bytes()).unwrap();
}

fn taken(handed: Result<Handed>) -> HandedIn {
    match handed.unwrap() {
        Handed::Taken(handed) => handed,
        other => panic!("{other:?}"),
    }
}

#[test]
fn cal_7_what_is_unknown_after_a_restore_is_handed_in_again_with_its_receipt_and_keeps_its_moment() {
    let place = place();
    let before = copy_of(&place);
    let mut one = place.process();
    let first = one.hand_in(at(16, 58, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
    let arrival = one.arrival(&first.arrival).unwrap().unwrap();
    let receipt = one.receipt(&arrival).unwrap();
    drop(one);
    put_back(&place, &before);
    std::fs::remove_file(beside(&file(&place), "-intake")).unwrap();
    let mut next = place.process();
    next.catch_up(at(17, 30, 0)).unwrap();
    assert!(is_closed(&mut next), "it was lost");
    let again = Content::Again(DEMAND.as_bytes(), &receipt);
    let handed = taken(next.submit(at(17, 30, 0), &alpha(), OF_ALPHA, again, true));
    assert_eq!((status(&handed), &handed.arrival), (FileStatus::Accepted, &first.arrival));
    assert_eq!(moment_of(&mut next, &first.arrival), at(16, 58, 0));
    // What the cut-off had done is done again.
    assert!(!is_closed(&mut next));
    next.catch_up(at(17, 30, 0)).unwrap();
    assert!(is_closed(&mut next));
    // Once more it is known, and without the receipt, from another party, or with other content it is late or refused.
    let known = taken(next.submit(at(17, 31, 0), &alpha(), OF_ALPHA, again, true));
    assert_eq!((known.arrival, known.judged), (first.arrival, handed.judged));
    let mut forged = receipt.clone();
    forged.receipt.arrived_at = at(9, 0, 0).to_string();
    let wrong = [
        (alpha(), Content::Again(DEMAND.as_bytes(), &forged), "does not verify"),
        (alpha(), Content::Again(b"x", &receipt), "is of another file"),
        (beta(), again, "is of another file"),
    ];
    for (by, content, words) in wrong {
        let error = next.submit(at(17, 32, 0), &by, OF_ALPHA, content, true).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("CAL-7"), "{error}");
    }
    let late = next.hand_in(at(17, 33, 0), &beta(), OF_BETA, DEMAND.as_bytes()).unwrap();
    assert_eq!(status(&late), FileStatus::Refused);
    assert_eq!(next.replay_here(), None);
}

#[test]
fn mam_9_what_is_refused_by_its_name_is_in_the_intake_for_a_while_and_not_in_the_record() {
    for place in Place::all() {
        let mut one = place.process();
        let (noise, most) = (b"noise".as_slice(), vec![7; (1 << 20) + 1]);
        let kept = |service: &mut Service, arrival: &str| {
            let mut tx = service.store.intake().unwrap();
            let arrival = intake::get(&mut tx, arrival).unwrap()?;
            intake::content(&mut tx, &arrival).unwrap()
        };
        let small = one.hand_in(at(12, 0, 0), &alpha(), "noise.csv", noise).unwrap();
        let large = one.hand_in(at(12, 0, 1), &alpha(), "large.csv", &most).unwrap();
        for (handed, content) in [(&small, noise), (&large, &most)] {
            let mut view = one.store.view(Scope::Dcc).unwrap();
            let received = record::received(&mut view, handed.receipt.id).unwrap();
            let digest = sha256(content);
            assert_eq!((received.digest, received.unkept), (None, Some(digest)));
            assert_eq!(received.size, u64::try_from(content.len()).unwrap());
            assert!(!record::contents(&mut view).unwrap().contains(&digest));
        }
        assert!(kept(&mut one, &small.arrival).is_some());
        assert!(kept(&mut one, &large.arrival).is_none(), "more than 1 MiB");
        assert_eq!((one.verify(&[]).unwrap().bad, one.replay_here()), (None, None));
        // Thirty days later it goes with the next one that is taken over.
        let month = jiff::SignedDuration::from_hours(30 * 24);
        for (after, there) in [(month, true), (month + jiff::SignedDuration::from_secs(1), false)] {
            one.hand_in(at(12, 0, 0) + after, &alpha(), "noise.csv", noise).unwrap();
            assert_eq!(kept(&mut one, &small.arrival).is_some(), there);
        }
        assert_eq!(one.replay_here(), None);
    }
}

#[test]
fn msm_11_dcc_takes_what_was_refused_by_its_name_while_the_intake_has_it() {
    for place in Place::all() {
        let mut one = place.process();
        // Another party's User ID: refused by its name (FI04).
        let name = OF_ALPHA.replace("70-B3-D5-1F-30-00-A0-08", "70-B3-D5-1F-30-00-B0-01");
        let handed = one.hand_in(at(12, 0, 0), &alpha(), &name, DEMAND.as_bytes()).unwrap();
        assert_eq!(handed.receipt.refused.first().unwrap().0, "FI04");
        let console = Actor::console();
        // A panic while it is read is no end of the program.
        crate::act::fault::set_meanwhile(Some(Box::new(|| panic!("a panic of a test"))));
        let error = one.take_refused(at(12, 0, 1), &console, handed.receipt.id, "the register was wrong").unwrap_err();
        assert!(matches!(error, ServiceError::Panic(_)), "{error}");
        let taken = one.take_refused(at(12, 0, 1), &console, handed.receipt.id, "the register was wrong").unwrap();
        assert_eq!(taken.status, FileStatus::Accepted);
        assert_eq!((one.verify(&[]).unwrap().bad, one.replay_here()), (None, None));
        let gone = one.hand_in(at(12, 0, 2), &alpha(), &name, b"Migration Date,Demand\n").unwrap();
        let mut tx = one.store.intake().unwrap();
        intake::drop_content(&mut tx, &gone.arrival).unwrap();
        tx.commit().unwrap();
        let error = one.take_refused(at(12, 0, 3), &console, gone.receipt.id, "why").unwrap_err().to_string();
        assert!(error.contains("is not kept any more"), "{error}");
    }
}

/// A file that was handed in and is lost, with its receipt; the database is put back as it was before.
fn lost(place: &Place, at: Timestamp, by: &Actor, name: &str, content: &[u8]) -> SignedReceipt {
    let before = copy_of(place);
    let mut one = place.process();
    let first = one.hand_in(at, by, name, content).unwrap();
    let arrival = one.arrival(&first.arrival).unwrap().unwrap();
    let receipt = one.receipt(&arrival).unwrap();
    drop(one);
    put_back(place, &before);
    std::fs::remove_file(beside(&file(place), "-intake")).unwrap();
    receipt
}

#[test]
fn msm_2_only_the_version_that_arrived_last_is_repeated_however_they_were_taken_over() {
    let place = place();
    let other = DEMAND.replace(",4\n", ",3\n");
    let receipt = lost(&place, at(9, 0, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes());
    let mut next = place.process();
    next.hand_in(at(10, 0, 0), &alpha(), OF_ALPHA, other.as_bytes()).unwrap();
    let again = Content::Again(DEMAND.as_bytes(), &receipt);
    let old = taken(next.submit(at(11, 0, 0), &alpha(), OF_ALPHA, again, true));
    assert_eq!(status(&old), FileStatus::Replaced);
    let same = next.hand_in(at(12, 0, 0), &alpha(), OF_ALPHA, other.as_bytes()).unwrap();
    assert!(same.receipt.repeat);
    let new = next.hand_in(at(13, 0, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
    assert_eq!((new.receipt.repeat, status(&new)), (false, FileStatus::Accepted));
    assert_eq!(next.verify(&[]).unwrap().bad, None);
}

#[test]
fn cal_7_a_protected_file_and_its_password_keep_their_moments_with_their_receipts() {
    let place = place();
    let before = copy_of(&place);
    let zip = include_bytes!(
        "../../../../scenarios/MAM-10-password-after-the-cut-off/given/MA_CGI_70-B3-D5-1F-30-00-A0-08_20210713_090000.zip"
    );
    let key = "CGI_70-B3-D5-1F-30-00-A0-08_20210713_090000";
    let (name, password) = (format!("MA_{key}.zip"), format!("MAPASSWORD_{key}.txt"));
    let of = |seconds: i64| at(17, 0, 0) + jiff::SignedDuration::from_secs(8 * 24 * 3600 + seconds);
    let mut one = place.process();
    let mut receipts = Vec::new();
    for (at, name, content) in [(of(-120), &name, &zip[..]), (of(-60), &password, b"correct horse")] {
        let handed = one.hand_in(at, &alpha(), name, content).unwrap();
        let arrival = one.arrival(&handed.arrival).unwrap().unwrap();
        receipts.push(one.receipt(&arrival).unwrap());
    }
    drop(one);
    let (of_file, of_password) = (&receipts[0], &receipts[1]);
    let counts = |service: &mut Service| {
        let acts = log::acts_of(&mut service.store.view(Scope::Dcc).unwrap(), &["judge"]).unwrap();
        let detail: serde_json::Value = serde_json::from_str(&acts.last().unwrap().detail).unwrap();
        let act = detail.get("act").unwrap_or(&detail);
        act["password_at"].as_str().map(|at| at.parse::<Timestamp>().unwrap())
    };
    // Both are lost, or the password alone.
    for with_receipt in [true, false] {
        put_back(&place, &before);
        drop(std::fs::remove_file(beside(&file(&place), "-intake")));
        let mut next = place.process();
        if !with_receipt {
            next.hand_in(of(-120), &alpha(), &name, zip).unwrap();
        }
        next.catch_up(of(1800)).unwrap();
        if with_receipt {
            // Its receipt is not used up by what comes before the file.
            let early = next.submit(of(1790), &alpha(), &password, Content::Again(b"correct horse", of_password), true);
            assert!(early.unwrap_err().to_string().contains("hand the file in first"));
            let first = taken(next.submit(of(1800), &alpha(), &name, Content::Again(zip, of_file), true));
            assert_eq!(status(&first), FileStatus::Waiting);
        }
        let again = Content::Again(b"correct horse", of_password);
        let error = next.submit(of(1800), &beta(), &password, again, true).unwrap_err().to_string();
        assert!(error.contains("is of another file"), "{error}");
        let opened = taken(next.submit(of(1800), &alpha(), &password, again, true));
        assert_eq!((status(&opened), &opened.arrival), (FileStatus::Accepted, &of_password.receipt.id));
        assert_eq!(counts(&mut next), Some(of(-60)));
        // Known already, it is one more password, with a moment of its own, and no other file is earlier by it.
        let other = name.replace("_090000", "_091500");
        let known = taken(next.submit(of(1860), &alpha(), &password, again, true));
        assert_ne!(known.arrival, of_password.receipt.id);
        let renamed = password.replace("_090000", "_091500");
        next.hand_in(of(1900), &alpha(), &other, zip).unwrap();
        let error = next.submit(of(1900), &alpha(), &renamed, again, true).unwrap_err().to_string();
        assert!(error.contains("is of another file"), "{error}");
        assert_eq!((next.verify(&[]).unwrap().bad, next.replay_here()), (None, None));
    }
}
