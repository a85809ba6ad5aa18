use super::*;
use crate::people::accounts::AddUser;
use crate::people::tokens::Secret;
use crate::service::intake::tests::OF_ALPHA;
use crate::service::{Content, Handed, ImportFile, Wish};
use jiff::{SignedDuration, Timestamp};
use sluice_rules::reference::ReferenceKind;
use sluice_rules::role::Role;
use sluice_store::tables::{intake, log};
use sluice_store::{Scope, StoreError, Url};

fn user(service: &mut Service, by: &Actor, (name, role, party): (&str, Role, Option<&str>)) -> Actor {
    let now = service.moment(None).unwrap();
    let party = party.map(|party| party.parse().unwrap());
    service.act(now, by, AddUser { name: name.to_owned(), role, party, approve: None }).unwrap();
    let secret = Secret::new().unwrap();
    service.make_token(now, by, (name, 1), &secret).unwrap();
    service.sign_in(now, &secret).unwrap()
}

/// As if the clock had been set forward by so much since it was noted; backward, if it is less than nothing.
fn set_forward(service: &mut Service, by: SignedDuration) {
    let mut tx = service.store.intake().unwrap();
    let noted = intake::fact(&mut tx, "clock").unwrap().unwrap();
    let words: Vec<&str> = noted.split(' ').collect();
    let says: i64 = words[2].parse().unwrap();
    let says = says - i64::try_from(by.as_millis()).unwrap();
    intake::set_fact(&mut tx, "clock", &format!("{} {} {says}", words[0], words[1])).unwrap();
    tx.commit().unwrap();
}

#[test]
fn cal_3_a_clock_that_was_set_stops_acts_and_neither_readings_nor_hand_ins() {
    let folder = tempfile::tempdir().unwrap();
    let url: Url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    let mut one = Service::create(&url, false).unwrap();
    let console = Actor::console();
    let ruth = user(&mut one, &console, ("ruth", Role::Operator, None));
    let now = one.moment(None).unwrap();
    let bytes = include_str!("../../../../scenarios-base/programme/given/parties.csv").as_bytes().to_vec();
    let (kind, name) = (ReferenceKind::Parties, "parties.csv");
    one.import(now, &ruth, ImportFile { kind, name, bytes, as_at: None, approve: None, only_shown: false }).unwrap();
    let alex = user(&mut one, &ruth, ("alex", Role::Supplier, Some("AAA123")));
    for hours in [1, -1] {
        set_forward(&mut one, SignedDuration::from_hours(hours));
        let mut next = Service::open(&url).unwrap();
        let error = next.accept_clock(&alex).map(drop).unwrap_err().to_string();
        assert!(error.contains("operator"), "{error}");
        let add = || AddUser { name: "eve".to_owned(), role: Role::Observer, party: None, approve: None };
        let error = next.act(now, &ruth, add()).unwrap_err();
        assert!(matches!(error, ServiceError::Store(StoreError::Clock { .. })), "{error}");
        assert!(error.to_string().contains("sluice clock accept"), "{error}");
        next.look(now, &ruth, |_| Ok(())).unwrap();
        // A file has the moment that the clock would have given.
        let told = next.moment(None).unwrap();
        let name = format!("nothing {hours}.csv");
        let handed = next.submit(told, &alex, &name, Content::Whole(b"A\n"), true).unwrap();
        let Handed::Pending(arrival, ServiceError::Store(StoreError::Clock { .. })) = handed else {
            panic!("{handed:?}")
        };
        let off = Timestamp::now().duration_since(arrival.at);
        assert!((off - SignedDuration::from_hours(hours)).abs() < SignedDuration::from_mins(1), "{off:?}");
        next.accept_clock(&ruth).unwrap();
        // It is taken over, with a moment that is over; the next one has that of the clock as it is now.
        let now = next.moment(None).unwrap();
        next.catch_up(now).unwrap();
        let arrival = next.arrival(&arrival.id).unwrap().unwrap();
        assert!(arrival.taken.is_some() && arrival.at <= Timestamp::now());
        let error = next.accept_clock(&ruth).unwrap_err().to_string();
        assert!(error.contains("nothing to accept"), "{error}");
        assert_eq!(next.verify(&[]).unwrap().bad, None);
    }
}

#[test]
fn cal_3_what_waited_for_a_clock_is_taken_over_in_the_order_in_which_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let url: Url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    let mut one = Service::create(&url, false).unwrap();
    let ruth = user(&mut one, &Actor::console(), ("ruth", Role::Operator, None));
    let now = one.moment(None).unwrap();
    let bytes = include_str!("../../../../scenarios-base/programme/given/parties.csv").as_bytes().to_vec();
    let (kind, name) = (ReferenceKind::Parties, "parties.csv");
    one.import(now, &ruth, ImportFile { kind, name, bytes, as_at: None, approve: None, only_shown: false }).unwrap();
    let alex = user(&mut one, &ruth, ("alex", Role::Supplier, Some("AAA123")));
    // It is put back by an hour: what comes before that is said has moments that lie ahead.
    set_forward(&mut one, SignedDuration::from_hours(-1));
    let mut next = Service::open(&url).unwrap();
    let names: Vec<String> = (0..8).map(|number| format!("nothing {number}.csv")).collect();
    for name in &names {
        let told = next.moment(None).unwrap();
        let handed = next.submit(told, &alex, name, Content::Whole(name.as_bytes()), true).unwrap();
        assert!(matches!(handed, Handed::Pending(..)), "{handed:?}");
        // The clock that is gone on with ticks a hundred times a second.
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    next.accept_clock(&ruth).unwrap();
    let now = next.moment(None).unwrap();
    next.catch_up(now).unwrap();
    let mut view = next.store.view(Scope::Dcc).unwrap();
    let last = sluice_store::tables::record::next_received(&mut view).unwrap();
    let taken: Vec<String> =
        (last - 8..last).map(|id| sluice_store::tables::record::received(&mut view, id).unwrap().name).collect();
    assert_eq!(taken, names);
}

#[test]
fn cal_3_a_verdict_has_the_moment_at_which_it_is_given_however_long_it_waited() {
    let folder = tempfile::tempdir().unwrap();
    let url: Url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    let mut one = Service::create(&url, false).unwrap();
    let ruth = user(&mut one, &Actor::console(), ("ruth", Role::Operator, None));
    let began = one.moment(None).unwrap();
    let bytes = include_str!("../../../../scenarios-base/programme/given/parties.csv").as_bytes().to_vec();
    let (kind, name) = (ReferenceKind::Parties, "parties.csv");
    one.import(began, &ruth, ImportFile { kind, name, bytes, as_at: None, approve: None, only_shown: false }).unwrap();
    let alex = user(&mut one, &ruth, ("alex", Role::Supplier, Some("AAA123")));
    // One is judged, the other refused by its name.
    for name in [OF_ALPHA, "nothing.csv"] {
        let own = one.arrive(began, &alex, name, Content::Whole(b"x"), Wish::default()).unwrap();
        let given = loop {
            let clock = one.store.clock().unwrap();
            if clock > own.arrival.at {
                break clock;
            }
        };
        assert!(matches!(one.take(began, own), Handed::Taken(_)));
        let last = log::last(&mut one.store.view(Scope::Dcc).unwrap()).unwrap().unwrap();
        assert!(last.1 >= given, "{name}: {} {given}", last.1);
    }
    assert_eq!(one.verify(&[]).unwrap().bad, None);
}

#[test]
fn cal_3_a_minute_is_no_jump() {
    let folder = tempfile::tempdir().unwrap();
    let url: Url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    let mut one = Service::create(&url, false).unwrap();
    user(&mut one, &Actor::console(), ("ruth", Role::Operator, None));
    set_forward(&mut one, SignedDuration::from_secs(50));
    user(&mut one, &Actor::console(), ("tom", Role::Approver, None));
}
