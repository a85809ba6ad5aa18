use super::*;
use crate::act::actor::Actor;
use crate::act::fault::set_meanwhile;
use crate::people::accounts::AddUser;
use crate::service::intake::tests::{DEMAND, OF_ALPHA, OF_BETA, Place, alpha, at, beta, status};
use sluice_rules::file::FileStatus;
use sluice_rules::role::Role;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

const ALPHA: &str = "70-B3-D5-1F-30-00-A0-08";

/// A file of every kind that is read, as a party sends it.
fn kinds() -> Vec<(Actor, String, String)> {
    let cgi = Actor::s1sp("CGI".parse().unwrap());
    let form = |party: &Actor, name: &str, text: &str| (party.clone(), name.replace("ID", ALPHA), text.to_owned());
    let columns = "Import MPAN,MPRN,CHF Device ID,Migration Date,Action,Notified Critical Supplier ID,Priority,Supplier Reference";
    vec![
        form(&alpha(), "DC_AAA123_ID_CGI_20210726.csv", DEMAND),
        form(&alpha(), "DMMSR_CGI_ID_20210726.csv", "CHF Device ID,Answer,Reason,Statement\nx,ACTIVE,,\n"),
        form(
            &alpha(),
            "HOLD_CGI_ID_20210705_090000.csv",
            "CHF Device ID,Import MPAN,MPRN,From,To,Weekdays,Action\nx,,,,,,SET\n",
        ),
        form(&alpha(), "MA_CGI_ID_20210705_090000.csv", &format!("{columns}\n,,x,,,,,\n")),
        form(&cgi, "OUTCOME_CGI_20210705_090000.csv", "CHF Device ID,Outcome,Stage,Code,At\nx,STARTED,,,\n"),
    ]
}

/// Counts how often files are read, and does something each time.
fn meanwhile(mut doing: impl FnMut(usize) + 'static) -> Rc<Cell<usize>> {
    let times = Rc::new(Cell::new(0));
    let counted = Rc::clone(&times);
    set_meanwhile(Some(Box::new(move || {
        counted.set(counted.get() + 1);
        doing(counted.get());
    })));
    times
}

#[test]
fn mam_9_while_a_file_is_read_another_party_acts() {
    for place in Place::all() {
        let mut one = place.process();
        for (by, name, text) in kinds() {
            let mut rival = place.process();
            let user = name.split('_').next().unwrap().to_ascii_lowercase();
            let times = meanwhile(move |_| {
                let add = AddUser { name: user.clone(), role: Role::Observer, party: None, approve: None };
                rival.act(at(12, 0, 0), &Actor::console(), add).unwrap();
            });
            let handed = one.hand_in(at(12, 0, 0), &by, &name, text.as_bytes()).unwrap();
            assert_eq!((times.get(), status(&handed)), (1, FileStatus::Accepted), "{name}: {handed:?}");
            set_meanwhile(None);
            let user = name.split('_').next().unwrap().to_ascii_lowercase();
            assert!(one.account(&user).is_ok(), "{user} was added meanwhile");
        }
        // Done again, the same files are read by the same way.
        let times = meanwhile(|_| {});
        assert_eq!(one.replay_here(), None);
        assert_eq!(times.get(), kinds().len());
        set_meanwhile(None);
    }
}

#[test]
fn fi24_a_file_that_is_wanted_otherwise_than_it_was_read_is_read_again() {
    for place in Place::all() {
        let (mut one, url) = (place.process(), place.url.clone());
        let handed = one.receive(at(12, 0, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
        let times = meanwhile(move |time| {
            let mut store = sluice_store::Store::open(&url).unwrap();
            let mut tx = store.decide().unwrap();
            let mut file = files::get(&mut tx, handed.id).unwrap().unwrap();
            // Twice it is another one: that the file was first read by counts no more.
            file.rulebook = if time == 1 { "msm-4.0".to_owned() } else { "msm-5.0".to_owned() };
            files::set_verdict(&mut tx, &file).unwrap();
            tx.commit().unwrap();
        });
        let verdict = one.judge(at(12, 0, 0), handed.id).unwrap();
        set_meanwhile(None);
        assert_eq!((verdict.status, times.get()), (FileStatus::Accepted, 3));
    }
}

#[test]
fn mam_4_what_is_refused_whatever_it_says_is_not_read() {
    for place in Place::all() {
        let mut one = place.process();
        let all = kinds();
        for (by, name, text) in &all {
            one.hand_in(at(12, 0, 0), by, name, text.as_bytes()).unwrap();
        }
        let times = meanwhile(|_| {});
        let mut refused = |hour, by: &Actor, name: &str, code: &str| {
            let handed = one.hand_in(at(hour, 0, 1), by, name, b"another one").unwrap();
            let findings = match &handed.verdict {
                Some(verdict) => verdict.findings.clone(),
                None => handed.receipt.refused.clone(),
            };
            let codes: Vec<&str> = findings.iter().map(|(code, _)| &**code).collect();
            assert_eq!((codes, times.get()), (vec![code], 0), "{name}");
        };
        for (by, name, _) in &all[2..] {
            refused(13, by, name, "FI07");
        }
        refused(13, &alpha(), "nothing.csv", "FI01");
        refused(13, &alpha(), &all[0].1.replace("CGI", "NON"), "FI03");
        for (by, name, _) in &all[..4] {
            let by = if *by == alpha() { beta() } else { alpha() };
            let handed = one.hand_in(at(13, 0, 2), &by, name, b"another one").unwrap();
            assert!(handed.receipt.refused.iter().any(|(code, _)| code == "FI04"), "{name}");
        }
        let mut refused = |by: &Actor, name: &str, code: &str| {
            let handed = one.hand_in(at(17, 0, 0), by, name, b"another one").unwrap();
            let codes: Vec<String> = handed.verdict.unwrap().findings.into_iter().map(|(code, _)| code).collect();
            assert_eq!((codes, times.get()), (vec![code.to_owned()], 0), "{name}");
        };
        for (_, name, _) in &all[2..4] {
            refused(&alpha(), &name.replace("090000", "085959"), "FI08");
        }
        refused(&alpha(), &all[0].1, "FI16");
        set_meanwhile(None);
    }
}

#[test]
fn fi24_what_takes_longer_to_read_than_it_may_is_set_aside_and_never_refused() {
    for place in Place::all() {
        let mut one = place.process();
        one.turns.reads = Duration::ZERO;
        for (by, name, text) in kinds() {
            let handed = one.hand_in(at(12, 0, 0), &by, &name, text.as_bytes()).unwrap();
            assert_eq!(status(&handed), FileStatus::Aside, "{name}");
            let findings = handed.verdict.unwrap().findings;
            assert!(findings[0].1.starts_with("no refusal: its checking took longer than it may"), "{findings:?}");
        }
        let large = format!("{DEMAND}{}", "\n".repeat(2 << 20));
        let handed = one.hand_in(at(12, 0, 0), &beta(), OF_BETA, large.as_bytes()).unwrap();
        assert_eq!(status(&handed), FileStatus::Aside);
        let aside = sluice_store::tables::aside::all(&mut one.store.view(Scope::Dcc).unwrap()).unwrap();
        let class: Vec<&str> = aside.iter().map(|aside| &*aside.class).collect();
        assert_eq!(class, ["BUDGET"; 6]);
        // With more time it is what any file is.
        one.turns.reads = Duration::from_secs(600);
        one.catch_up(at(12, 1, 0)).unwrap();
        let mut view = one.store.view(Scope::Dcc).unwrap();
        assert_eq!(files::of_status(&mut view, FileStatus::Aside).unwrap(), []);
        assert_eq!(files::of_status(&mut view, FileStatus::Accepted).unwrap().len(), 6);
        drop(view);
        assert_eq!(one.replay_here(), None);
    }
}
