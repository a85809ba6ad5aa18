use super::*;
use crate::act::work::begin;
use crate::books::rulebooks::Books;
use crate::rows::propose::propose;
use crate::service::{ImportFile, Service};
use jiff::Timestamp;
use sluice_rules::authorisation::bars::{HoldEntry, StopScope, Weekdays};
use sluice_rules::authorisation::settle::{Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::installation::Fuel;
use sluice_rules::reference::ReferenceKind;
use sluice_store::tables::attempts::{self, Attempts};
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::bars::{self, StopOrder};
use sluice_store::tables::convert::eui_of;
use sluice_store::tables::imports::{self, OwnedValue};
use sluice_store::tables::installations::{IMPORTED, StoredExclusion, add_exclusion};
use sluice_store::{SchemaForCopy, Tx, Url, View};

/// 09:00 on Tuesday 6 July 2021.
const AT: Timestamp = Timestamp::constant(1_625_558_400, 0);

const PARTIES: &str =
    "Party,Name,Role,User IDs,Electricity MPIDs,Gas MPIDs,S1SP,Operations Contact,Out-of-hours Contact
AAA123,A,SUPPLIER,70-B3-D5-1F-30-00-A0-08,ALPH,ALG,,,
BBB456,B,SUPPLIER,70-B3-D5-1F-30-00-B0-01,BETA,BEG,,,
CGI,C,S1SP,70-B3-D5-1F-30-00-F0-01,,,CGI,,
";

#[test]
fn acc_1_a_list_is_given_to_its_party_and_to_dcc_alone() {
    let folder = tempfile::tempdir().unwrap();
    let url: Url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    let mut service = Service::create(&url, true).unwrap();
    let console = Actor::console();
    let file = ImportFile {
        kind: ReferenceKind::Parties,
        name: "parties.csv",
        bytes: PARTIES.as_bytes().to_vec(),
        as_at: None,
        approve: None,
        only_shown: false,
    };
    service.import(AT, &console, file).unwrap();
    let [own, other]: [Party; 2] = ["AAA123", "BBB456"].map(|code| code.parse().unwrap());
    let (s1sp, monday): (S1sp, Date) = ("CGI".parse().unwrap(), jiff::civil::date(2021, 7, 26));
    for reader in [Actor::supplier(own), Actor::console()] {
        let lines = service.look(AT, &console, |work| list(work, &reader, own, s1sp, monday)).unwrap();
        assert!(lines.is_empty());
    }
    for reader in [Actor::supplier(other), Actor::observer(other)] {
        let listed = service.look(AT, &console, |work| list(work, &reader, own, s1sp, monday)).unwrap_err();
        let proposed = service.look(AT, &console, |work| propose(work, &reader, own, s1sp, monday)).unwrap_err();
        for error in [listed, proposed] {
            assert!(error.to_string().contains("of AAA123 is for AAA123 and DCC"), "{error}");
        }
    }
}

const BASE: [(ReferenceKind, &str); 5] = [
    (ReferenceKind::Parties, include_str!("../../../../scenarios-base/programme/given/parties.csv")),
    (ReferenceKind::Dmc, include_str!("../../../../scenarios-base/programme/given/dmc.csv")),
    (ReferenceKind::Epcl, include_str!("../../../../scenarios-base/programme/given/epcl.csv")),
    (ReferenceKind::Inventory, include_str!("../../../../scenarios-base/programme/given/inventory.csv")),
    (ReferenceKind::Registrations, REGISTRATIONS),
];

/// A change of supplier before the week and one after it, and one in which nothing changes.
const REGISTRATIONS: &str = "MPxN,Fuel,Effective From,MPID
1200000000002,ELECTRICITY,2021-07-01,BETA
2000000000,GAS,2021-07-20,BEG
1200000000011,ELECTRICITY,2021-08-20,BETA
2000000002,GAS,2021-01-01,ALG
";

/// The installations of an S1SP.
fn homes(tx: &mut View<'_>, s1sp: S1sp) -> Vec<Eui64> {
    let number = Dictionary::load(tx).unwrap().s1sp_numbers.get(&s1sp).copied();
    let home = |(key, others): (&Vec<OwnedValue>, &Vec<OwnedValue>)| match (&key[..], &others[..]) {
        ([OwnedValue::Int(chf)], [OwnedValue::Int(of), ..]) if Some(*of) == number => Some(eui_of(*chf)),
        _ => None,
    };
    imports::rows(tx, imports::INSTALLATION).unwrap().iter().filter_map(home).collect()
}

/// What is counted home by home, with all that is known of each.
fn home_by_home(work: &mut Work<'_>, s1sp: S1sp, week: Date, today: Date) -> BTreeMap<Party, u64> {
    let terms = work.mam_terms_on(today).unwrap();
    let mut counts = BTreeMap::new();
    let homes = homes(&mut work.tx, s1sp);
    each_of(work, s1sp, &terms, &homes, &mut |file| {
        let authorised = file.case.rows.iter().any(|row| row.state.is_live());
        let open = !authorised && ground(&file.subject(), week, terms.attempts).is_empty();
        if let Some(lead) = file.case.meters.lead_on(today).filter(|_| open) {
            *counts.entry(lead).or_default() += 1;
        }
    })
    .unwrap();
    counts
}

/// Lets something be known of each home from a place on, another thing of each of them.
fn tell(tx: &mut Tx<'_>, homes: &[Eui64], from: usize) {
    let [own, other]: [Party; 2] = ["AAA123", "BBB456"].map(|code| code.parse().unwrap());
    let [monday, early] = [jiff::civil::date(2021, 7, 26), jiff::civil::date(2021, 1, 1)];
    let attempt = |tx: &mut Tx<'_>, home: usize, attempts: Attempts| {
        attempts::set(tx, homes[from + home], &attempts).unwrap();
    };
    attempt(tx, 0, Attempts { migrated: Some(early), ..Attempts::default() });
    attempt(tx, 1, Attempts { failed: 99, ..Attempts::default() });
    attempt(tx, 2, Attempts { failed: 1, ..Attempts::default() });
    attempt(tx, 3, Attempts { failed: 1, retry_from: Some(monday.tomorrow().unwrap()), ..Attempts::default() });
    let fuels = [None, Some(Fuel::Electricity), Some(Fuel::Gas)];
    for (home, fuel) in (4..).zip(fuels) {
        let (category, origin) = ("NO_WAN".to_owned(), IMPORTED.to_owned());
        add_exclusion(tx, homes[from + home], &StoredExclusion { fuel, category, from: early, origin }).unwrap();
    }
    for (home, (party, to)) in (7..).zip([(own, None), (other, None), (own, Some(early))]) {
        let weekdays = Weekdays::ALL;
        let entry = HoldEntry { party, from: early, to, weekdays, sets: true };
        bars::add_hold(tx, homes[from + home], &entry, AT, None).unwrap();
    }
    let s1sps: [S1sp; 2] = ["CGI", "XSP"].map(|code| code.parse().unwrap());
    let rows = [(State::Accepted, 0), (State::Lapsed, 0), (State::Unknown, 0), (State::Accepted, 1)];
    for (home, (state, s1sp)) in (10..).zip(rows) {
        let id = RowId { file: 1, row: 1 };
        let row = Authorisation {
            id,
            party: own,
            date: monday,
            state,
            unit: false,
            differs: false,
            narrowed: false,
            place: None,
            led: None,
        };
        let (chf, s1sp) = (homes[from + home], s1sps[s1sp]);
        let (reference, codes) = (String::new(), String::new());
        let stored = StoredAuthorisation { chf, s1sp, row, priority: 1, reference, codes, cause: None };
        authorisations::add(tx, [&stored]).unwrap();
    }
}

fn stop(tx: &mut Tx<'_>, scope: StopScope, value: &str, listed: &[Eui64]) {
    let (value, reason, by) = (value.to_owned(), "fire".to_owned(), "olga".to_owned());
    let order = StopOrder { id: 0, scope, value, reason, imposed_at: AT, imposed_by: by, lifted: None };
    bars::add_stop(tx, &order, listed).unwrap();
}

#[test]
fn msm_2a_the_eligible_homes_are_as_many_whether_counted_by_kind_or_home_by_home() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls: Vec<Url> = vec![format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap()];
    if let Ok(server) = std::env::var("SLUICE_TEST_POSTGRES") {
        urls.push(SchemaForCopy::beside(&server.parse().unwrap()).unwrap().url().clone());
    }
    for url in urls {
        let mut service = Service::create(&url, true).unwrap();
        for (kind, text) in BASE {
            let bytes = text.as_bytes().to_vec();
            let file = ImportFile { kind, name: "a.csv", bytes, as_at: None, approve: None, only_shown: false };
            service.import(AT, &Actor::console(), file).unwrap();
        }
        let books = Books::load().unwrap();
        let [cgi, xsp]: [S1sp; 2] = ["CGI", "XSP"].map(|code| code.parse().unwrap());
        let homes = homes(&mut service.store.decide().unwrap(), cgi);
        let (week, today) = (jiff::civil::date(2021, 7, 26), jiff::civil::date(2021, 7, 6));
        let mut all = Vec::new();
        for step in 0..6 {
            // What is counted is counted when an act commits.
            let mut tx = service.store.decide().unwrap();
            match step {
                1 => tell(&mut tx, &homes, 0),
                2 => tell(&mut tx, &homes, 16),
                3 => stop(&mut tx, StopScope::List, "", &homes[8..34]),
                4 => stop(&mut tx, StopScope::Supplier, "BBB456", &[]),
                5 => stop(&mut tx, StopScope::Combination, "D1", &[]),
                _ => {}
            }
            tx.commit().unwrap();
            let mut work = begin(&mut service.store, &books, AT, &Actor::console()).unwrap();
            for s1sp in [cgi, xsp] {
                let mut counted = counts(&mut work, s1sp, week, today).unwrap();
                counted.retain(|_, homes| *homes > 0);
                assert_eq!(counted, home_by_home(&mut work, s1sp, week, today), "{step} {s1sp}");
                all.push(counted.into_values().sum::<u64>());
            }
        }
        // Each step says something.
        assert!(all.iter().step_by(2).is_sorted_by(|one, next| one > next), "{all:?}");
        service.store.remove().unwrap();
    }
}
