//! What was counted for a party is read by those to whom its demand passed with everything else, and by nobody else (MAM-11, MSM-14):
//! the lines of published results, and units that are noted as passed, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, both};
use jiff::Timestamp;
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::schema::MIGRATIONS;
use sluice_store::{Scope, Store};

const PARTIES: [&str; 4] = ["AAA", "BBB", "CCC", "DDD"];

/// Midnight of 14 July 2021 in Great Britain.
fn midnight() -> i64 {
    "2021-07-13T23:00:00Z".parse::<Timestamp>().unwrap().as_millisecond()
}

/// An event that passes everything of one party to another.
struct Whole {
    from: &'static str,
    to: &'static str,
    /// Done so many minutes after midnight, when it had been due so many.
    done: i64,
    due: i64,
}

const fn whole(from: &'static str, to: &'static str, done: i64) -> Whole {
    Whole { from, to, done, due: done }
}

/// A store with events, and a result of a week whose versions were made so many minutes after midnight. Each has a line of each party
/// for the days from 13 to 15 July.
fn store(place: &Place, events: &[Whole], made: &[i64]) -> Store {
    let mut store = Store::create_with(place.url(), both::options()).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let mut tx = store.decide().unwrap();
    let at = |minutes: i64| midnight() + minutes * 60_000;
    for (id, Whole { from, to, done, due }) in (1..).zip(events) {
        let (done, due) = (at(*done), at(*due));
        let sql = format!(
            "INSERT INTO responsibility_event (id, kind, from_party, to_party, effective, recorded_at, recorded_by, reason, done_at, \
             whole) VALUES ({id}, 'TRANSFER', '{from}', '{to}', {due}, 0, '', '', {done}, 1)"
        );
        tx.execute(&sql, &[]).unwrap();
    }
    for (version, made) in (1..).zip(made) {
        let made = at(*made);
        let sql = format!(
            "INSERT INTO result (s1sp, week, version, stage, rulebook, made_at, published_at, firm_at) \
             VALUES ('CGI', 20210712, {version}, 'FIRM', '', {made}, {made}, {made})"
        );
        tx.execute(&sql, &[]).unwrap();
        for (day, party) in (20_210_713..=20_210_715).flat_map(|day| PARTIES.map(|party| (day, party))) {
            let sql = format!(
                "INSERT INTO result_line (s1sp, date, version, party, demand, counted, flat, entitlement, extra, allocation, opening, \
                 closing, derivation) VALUES ('CGI', {day}, {version}, '{party}', 3, 2, 1, 'secret', 0, 1, 0, 0, 'secret')"
            );
            tx.execute(&sql, &[]).unwrap();
        }
    }
    tx.commit().unwrap();
    store
}

/// Whose lines of a version a party reads beside its own, each with the first day of those that it reads.
fn reads(store: &mut Store, party: &str, version: i64) -> String {
    let mut view = store.view(Scope::Party(party.parse().unwrap())).unwrap();
    let sql = format!(
        "SELECT party, min(date), count(*) FROM result_line WHERE version = {version} AND party <> '{party}' \
         GROUP BY party ORDER BY party"
    );
    let found = view.query(&sql, &[], |row| {
        let (first, days) = (row.int(1)? - 20_210_700, row.int(2)?);
        assert_eq!(first + days, 16, "the days from one on");
        Ok(format!("{} {first}", row.text(0)?))
    });
    found.unwrap().join(", ")
}

fn all_read(store: &mut Store, version: i64) -> [String; 4] {
    PARTIES.map(|party| reads(store, party, version))
}

both!(msm_14_a_chain_of_transfers_is_read_along_in_the_order_in_which_they_were_done, |place| {
    let mut store = store(place, &[whole("AAA", "BBB", 10), whole("BBB", "CCC", 20)], &[0, 15, 25]);
    assert_eq!(all_read(&mut store, 1), ["", "AAA 14", "AAA 14, BBB 14", ""]);
    assert_eq!(all_read(&mut store, 2), ["", "", "BBB 14", ""], "what was counted later has not gone with it");
    assert_eq!(all_read(&mut store, 3), ["", "", "", ""]);
});

both!(msm_14_what_comes_to_a_party_after_it_passed_everything_is_its_own, |place| {
    let mut store = store(place, &[whole("BBB", "CCC", 10), whole("AAA", "BBB", 20)], &[0, 15]);
    assert_eq!(all_read(&mut store, 1), ["", "AAA 14", "BBB 14", ""]);
    assert_eq!(all_read(&mut store, 2), ["", "AAA 14", "", ""]);
});

both!(msm_14_what_passed_there_and_back_is_read_by_who_had_it, |place| {
    let events = [whole("AAA", "BBB", 10), whole("BBB", "AAA", 20), whole("AAA", "CCC", 30)];
    let mut store = store(place, &events, &[0, 15, 25]);
    assert_eq!(all_read(&mut store, 1), ["BBB 14", "AAA 14", "AAA 14, BBB 14", ""]);
    assert_eq!(all_read(&mut store, 2), ["BBB 14", "", "AAA 14, BBB 14", ""], "that went on to CCC, not to BBB");
    assert_eq!(all_read(&mut store, 3), ["", "", "AAA 14", ""]);
});

both!(msm_14_what_passed_to_one_is_not_read_by_who_gets_the_rest_later, |place| {
    let mut store = store(place, &[whole("AAA", "BBB", 10), whole("AAA", "CCC", 20)], &[0, 15]);
    assert_eq!(all_read(&mut store, 1), ["", "AAA 14", "", ""]);
    assert_eq!(all_read(&mut store, 2), ["", "", "AAA 14", ""]);
});

both!(msm_14_transfers_of_one_moment_count_as_the_clock_did_them, |place| {
    let events =
        [Whole { from: "BBB", to: "CCC", done: 10, due: 5 }, Whole { from: "AAA", to: "BBB", done: 10, due: 3 }];
    let mut store = store(place, &events, &[0]);
    assert_eq!(all_read(&mut store, 1), ["", "AAA 14", "AAA 14, BBB 14", ""]);
});

both!(msm_14_demand_of_days_before_the_transfer_stays_with_who_had_it, |place| {
    let mut store =
        store(place, &[whole("AAA", "BBB", -1), whole("BBB", "CCC", 0), whole("DDD", "CCC", 24 * 60)], &[-9]);
    assert_eq!(all_read(&mut store, 1), ["", "AAA 13", "AAA 14, BBB 14, DDD 15", ""]);
});

both!(msm_14_passed_units_are_read_by_who_has_them_now, |place| {
    let mut store =
        store(place, &[whole("AAA", "CCC", 10), whole("BBB", "CCC", 20), whole("AAA", "BBB", 30)], &[0, 15]);
    // Noted before any program named the event, and after each.
    let mut tx = store.decide().unwrap();
    for (event, party) in (0..=3).flat_map(|event| ["AAA", "BBB"].map(|party| (event, party))) {
        let sql = format!(
            "INSERT INTO passed_demand (s1sp, date, party, event, units) VALUES ('CGI', 20210714, '{party}', {event}, 1)"
        );
        tx.execute(&sql, &[]).unwrap();
    }
    tx.commit().unwrap();
    let mut reads = |party: &str| {
        let mut view = store.view(Scope::Party(party.parse().unwrap())).unwrap();
        let sql = format!("SELECT party, event FROM passed_demand WHERE party <> '{party}' ORDER BY party, event");
        let found = view.query(&sql, &[], |row| Ok(format!("{} {}", row.text(0)?, row.int(1)?)));
        found.unwrap().join(", ")
    };
    assert_eq!(PARTIES.map(&mut reads), ["", "AAA 1, AAA 2", "AAA 0, BBB 0, BBB 1", ""]);
});
