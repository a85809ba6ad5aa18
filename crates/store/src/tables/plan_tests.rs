//! What is asked of one installation after the other is found by that installation, and not among all that there is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::parties::Dictionary;
use super::{
    answers, attempts, authorisations, bars, counts, dormant, installations, issued, outcomes, plain, schedules,
    state_changes,
};
use crate::schema::MIGRATIONS;
use crate::scope::Scope;
use crate::store::Store;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::date;
use sluice_rules::authorisation::state::State;
use sluice_rules::installation::Fuel;
use sluice_rules::party::Eui64;
use std::cell::RefCell;
use std::path::Path;

thread_local! {
    static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Notes a statement that is prepared.
pub(crate) fn note(sql: &str) {
    SEEN.with_borrow_mut(|seen| seen.push(sql.to_owned()));
}

/// The statements that were prepared since this was asked last.
pub(super) fn seen() -> Vec<String> {
    SEEN.take()
}

pub(super) fn store(folder: &Path) -> Store {
    let url = format!("sqlite:{}", folder.join("a.db").display()).parse().unwrap();
    let mut store = Store::create(&url).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let mut tx = store.decide().unwrap();
    for sql in SOMETHING {
        tx.execute(sql, &[]).unwrap();
    }
    tx.commit().unwrap();
    store
}

/// Something of each kind: where there is nothing, no key is looked up.
const SOMETHING: [&str; 7] = [
    "INSERT INTO s1sp (id, code) VALUES (1, 'CGI')",
    "INSERT INTO authorisation (chf, file, row, party, s1sp, date, priority, state, unit, differs, reference, codes) \
     VALUES (9, 1, 2, 'AAA', 'CGI', 20210726, 1, 'LAPSED', 0, 0, '', '')",
    "INSERT INTO attempt (chf, failed) VALUES (9, 1)",
    "INSERT INTO exclusion (chf, fuel, origin, category, effective) VALUES (9, '', '', '', 20210726)",
    "INSERT INTO hold (chf, party, first, weekdays, action, at) VALUES (9, 'AAA', 20210726, 1, 'SET', 0)",
    "INSERT INTO registration (point, fuel, effective, mpid) VALUES (9, 'GAS', 20210726, 1)",
    "INSERT INTO dormant_line (s1sp, week, chf, line, place, date, state, codes) \
     VALUES ('CGI', 20210726, 9, 'PLANNED', 1, 20210726, 'SCHEDULED', '')",
];

/// The steps by which SQLite finds what a statement asks for.
fn steps(tx: &mut View<'_>, sql: &str) -> Vec<String> {
    let values = vec![Value::Int(1); crate::sql::parameters(sql)];
    let sql = format!("EXPLAIN QUERY PLAN {}", sql.replace("$key", "1"));
    tx.query(&sql, &values, |row| Ok(row.text(3)?.to_owned())).unwrap()
}

/// Does a step look for rows by something that few of them have?
fn is_found(step: &str) -> bool {
    !step.starts_with("SCAN") && !step.contains("(s1sp=?)") && !step.contains("authorisation_by_state")
}

#[test]
fn what_is_asked_of_each_installation_is_found_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(folder.path());
    let mut tx = store.view(Scope::Dcc).unwrap();
    let (of, day, chf, keys) = ("CGI".parse().unwrap(), date(2021, 7, 26), Eui64(1), [1, 2]);
    let dictionary = Dictionary::load(&mut tx).unwrap();
    SEEN.take();
    answers::about(&mut tx, chf).unwrap();
    issued::notices_about(&mut tx, chf).unwrap();
    authorisations::live(&mut tx, &keys).unwrap();
    state_changes::changes(&mut tx, chf).unwrap();
    authorisations::of_installation(&mut tx, chf).unwrap();
    state_changes::lapsed_at(&mut tx, chf, Timestamp::UNIX_EPOCH, day).unwrap();
    attempts::find(&mut tx, &keys).unwrap();
    bars::holds(&mut tx, &keys).unwrap();
    dormant::in_schedule(&mut tx, &keys).unwrap();
    installations::find(&mut tx, &dictionary, &keys).unwrap();
    installations::registrations(&mut tx, &dictionary, &keys).unwrap();
    installations::exclusions(&mut tx, &keys).unwrap();
    installations::by_points(&mut tx, Fuel::Electricity, &keys).unwrap();
    installations::by_points(&mut tx, Fuel::Gas, &keys).unwrap();
    installations::s1sp_of(&mut tx, chf).unwrap();
    outcomes::of_installation(&mut tx, chf).unwrap();
    outcomes::attempted(&mut tx, &of, day).unwrap();
    schedules::line(&mut tx, &of, day, 1, chf).unwrap();
    let asked = SEEN.take();
    assert!(asked.len() > 20);
    // Whether there is anything is found at once.
    for sql in asked.iter().filter(|sql| !sql.contains(" LIMIT ")) {
        let steps = steps(&mut tx, sql);
        assert!(steps.iter().all(|step| is_found(step)), "{sql}: {steps:#?}");
    }
}

#[test]
fn msm_2a_what_is_known_of_each_installation_of_an_s1sp_is_found_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(folder.path());
    let mut tx = store.view(Scope::Dcc).unwrap();
    let (of, mut dictionary) = ("CGI".parse().unwrap(), Dictionary::default());
    dictionary.s1sp_numbers.insert(of, 1);
    SEEN.take();
    plain::each(&mut tx, &dictionary, &of, |_| ()).unwrap();
    plain::others(&mut tx, &dictionary, &of).unwrap();
    for sql in SEEN.take() {
        let steps = steps(&mut tx, &sql);
        assert!(steps.iter().all(|step| !step.contains("authorisation_by_state")), "{sql}: {steps:#?}");
    }
}

/// REP-1: what an act has touched of a day is counted from what the day has.
#[test]
fn a_day_is_counted_again_from_its_own_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(folder.path());
    let mut tx = store.decide().unwrap();
    tx.touched.day("CGI".parse().unwrap(), date(2021, 7, 26));
    tx.touched.rows((1, "AAA123".parse().unwrap(), State::Lapsed), "", 1);
    SEEN.take();
    counts::homes::leave(&mut tx, [9]).unwrap();
    counts::settle(&mut tx).unwrap();
    let asked = SEEN.take();
    assert!(asked.len() > 5);
    for sql in asked.iter().filter(|sql| !sql.starts_with("DELETE FROM file_count")) {
        let steps = steps(&mut tx, sql);
        // What is found stands in tables of the query's own, which are read whole.
        let own = ["scheduled", "counted", "x", "v", "c", "d"].map(|name| format!("SCAN {name}"));
        let read = steps.iter().filter(|step| step.starts_with("SCAN") && !own.contains(step));
        assert_eq!(read.collect::<Vec<_>>(), [""; 0], "{sql}: {steps:#?}");
        let by_s1sp = steps.iter().filter(|step| step.contains("(s1sp=?)")).collect::<Vec<_>>();
        assert!(by_s1sp.is_empty(), "{sql}: {by_s1sp:?}");
    }
}
