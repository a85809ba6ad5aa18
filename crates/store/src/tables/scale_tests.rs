//! What acts and reports ask for is found by what they are about, on both databases, however large the inventory is and however long
//! the programme has run. What is not, stands in docs/scale.md.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::counts::{self, homes};
use super::parties::Dictionary;
use super::plan_tests::{seen, store};
use super::reports::{Sight, days, intake, programme};
use super::{answers, authorisations, files, issued, outcomes, results, schedules, state_changes, weeks};
use crate::schema::MIGRATIONS;
use crate::scope::Scope;
use crate::sql;
use crate::store::Store;
use crate::value::Value;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::date;
use sluice_rules::authorisation::state::State;
use sluice_rules::calendar::Milestone;
use sluice_rules::file::FileStatus;
use sluice_rules::party::Eui64;

/// What may be read whole, by its name in the queries: tables of what there are few of, passings (`p`), of which there are more with
/// responsibility events alone, what a query has found itself, and indexes of what there is little of at any time.
const FEW: [&str; 19] = [
    "s1sp",
    "mpid",
    "m",
    "dmc",
    "responsibility_event",
    "responsibility_mpid",
    "e",
    "p",
    "place_count",
    "scheduled",
    "counted",
    "x",
    "v",
    "c",
    "a",
    "outcome_started",
    "authorisation_deferred",
    "authorisation_stopped",
    "CONSTANT",
];

/// The tables that grow with installations, files or acts.
const GROW: [&str; 25] = [
    "act",
    "allocation",
    "answer",
    "answered",
    "attempt",
    "audit",
    "authorisation",
    "content_part",
    "day_count",
    "demand",
    "dormant_answer",
    "dormant_line",
    "dormant_notice",
    "exclusion",
    "file",
    "file_count",
    "hold",
    "input",
    "installation",
    "issued",
    "notice",
    "outcome",
    "received",
    "schedule_line",
    "state_change",
];

/// The statements of a report or an act, once each.
fn asked(tx: &mut View<'_>) -> Vec<String> {
    let of = "CGI".parse().unwrap();
    let (from, to, at) = (date(2021, 7, 26), date(2021, 8, 1), Timestamp::UNIX_EPOCH);
    let sight = Sight::of(tx, None, from, to).unwrap();
    let party = "AAA123".parse().unwrap();
    Dictionary::load(tx).unwrap();
    seen();
    // Reports: outcomes, weeks and idle; progress and backlog; refusals.
    days::outcomes(tx, &sight).unwrap();
    days::failures(tx, &sight).unwrap();
    days::given_up(tx, &sight).unwrap();
    days::dropped(tx, &sight).unwrap();
    days::accepted(tx, &sight).unwrap();
    days::in_use(tx, &sight).unwrap();
    days::forecast(tx, &sight).unwrap();
    days::demand(tx, &sight).unwrap();
    days::known(tx, &sight).unwrap();
    days::held(tx, &of, (from, to)).unwrap();
    programme::progress(tx, &sight, to, from).unwrap();
    programme::waiting(tx, &sight, to, 3, &[to, to, from, from]).unwrap();
    intake::files(tx, &sight, at, at).unwrap();
    intake::rows(tx, &sight, at, at).unwrap();
    intake::authorisations(tx, &sight, at, at).unwrap();
    // Acts: a board, the days of a file, a lock, outcomes, what waits, what is answered.
    authorisations::uses(tx, &of, from, to).unwrap();
    authorisations::allowances(tx, &of, from, to).unwrap();
    authorisations::of_day(tx, &of, from).unwrap();
    authorisations::from_day(tx, &of, from).unwrap();
    authorisations::in_line(tx, &of, &party, from).unwrap();
    authorisations::deferred(tx, from).unwrap();
    authorisations::stopped(tx).unwrap();
    authorisations::summary(tx, 1).unwrap();
    authorisations::of_installation(tx, Eui64(1)).unwrap();
    results::allocations(tx, &of, from, to).unwrap();
    schedules::locked_days(tx, &of).unwrap();
    schedules::version(tx, &of, from).unwrap();
    schedules::lines(tx, &of, from, 1).unwrap();
    weeks::has_passed(tx, &of, from, Milestone::DemandCutoff).unwrap();
    weeks::demand(tx, &of, from, to).unwrap();
    outcomes::has_passed(tx, &of, from, outcomes::OUTCOMES_DUE).unwrap();
    outcomes::started(tx).unwrap();
    outcomes::of_day(tx, &of, from).unwrap();
    outcomes::of_installation(tx, Eui64(1)).unwrap();
    outcomes::attempted(tx, &of, from).unwrap();
    files::of_status(tx, FileStatus::Held).unwrap();
    files::get(tx, 1).unwrap();
    issued::answering(tx, 1).unwrap();
    issued::notices_about(tx, Eui64(1)).unwrap();
    answers::about(tx, Eui64(1)).unwrap();
    state_changes::changes(tx, Eui64(1)).unwrap();
    seen()
}

/// What an act asks for that has touched something of each kind.
fn counted(store: &mut Store) -> Vec<String> {
    let mut tx = store.decide().unwrap();
    seen();
    homes::leave(&mut tx, [9]).unwrap();
    tx.touched.day("CGI".parse().unwrap(), date(2021, 7, 26));
    tx.touched.rows((1, "AAA123".parse().unwrap(), State::Lapsed), "", 1);
    counts::settle(&mut tx).unwrap();
    seen().into_iter().filter(|sql| !sql.starts_with("INSERT INTO file_count")).collect()
}

/// The steps of SQLite that read all of something that grows.
fn whole_on_sqlite(tx: &mut View<'_>, sql: &str) -> Vec<String> {
    let values = vec![Value::Int(1); sql::parameters(sql)];
    let sql = format!("EXPLAIN QUERY PLAN {}", sql.replace("$key", "1"));
    let steps = tx.query(&sql, &values, |row| Ok(row.text(3)?.to_owned())).unwrap();
    let few = |step: &str| FEW.iter().any(|few| step.split_ascii_whitespace().any(|word| word == *few));
    steps.into_iter().filter(|step| step.starts_with("SCAN") && !few(step)).collect()
}

/// The same on PostgreSQL, which reads tables whole only where nothing else can be done when that is made dear: then its plan shows
/// whether there is an index, however few rows there are.
fn whole_on_postgresql(tx: &mut View<'_>, sql: &str) -> Vec<String> {
    let parameters = sql::parameters(sql);
    let text = sql::with_keys(sql, parameters + 1).unwrap_or_else(|| sql.to_owned());
    let text = text.replace(&format!("ANY(${})", parameters + 1), "ANY('{1}'::bigint[])");
    let text = (1..=parameters).rev().fold(text, |text, number| text.replace(&format!("${number}"), "'1'"));
    let lines = tx.query(&format!("EXPLAIN {text}"), &[], |row| Ok(row.text(0)?.to_owned())).unwrap();
    let mut whole = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let table = line.split(" on ").nth(1).and_then(|rest| rest.split_ascii_whitespace().next()).unwrap_or_default();
        let grows = |name: &str| GROW.iter().any(|table| name == *table || name.starts_with(&format!("{table}_")));
        let is_few = |line: &str| FEW.iter().any(|few| line.split([' ', '(']).any(|word| word == *few));
        let by_index = lines.get(place + 1).is_some_and(|next| next.contains("Index Cond:"));
        let seq = line.contains("Seq Scan on") && grows(table);
        let index = line.contains("Index") && line.contains("Scan") && grows(table) && !by_index && !is_few(line);
        if seq || index {
            whole.push(line.clone());
        }
    }
    whole
}

#[test]
fn what_acts_and_reports_ask_for_is_never_all_that_there_is_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(folder.path());
    let mut all = asked(&mut store.view(Scope::Dcc).unwrap());
    all.extend(counted(&mut store));
    assert!(all.len() > 45, "{}", all.len());
    let mut tx = store.decide().unwrap();
    let whole = all.iter().map(|sql| (sql, whole_on_sqlite(&mut tx, sql))).filter(|(_, whole)| !whole.is_empty());
    assert_eq!(whole.collect::<Vec<_>>(), []);
}

#[test]
fn what_acts_and_reports_ask_for_is_never_all_that_there_is_on_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    let mut sqlite = store(folder.path());
    let mut all = asked(&mut sqlite.view(Scope::Dcc).unwrap());
    all.extend(counted(&mut sqlite));
    let server: crate::url::Url = std::env::var("SLUICE_TEST_POSTGRES")
        .expect("no PostgreSQL to test with: run ./test, or set SLUICE_TEST_POSTGRES")
        .parse()
        .unwrap();
    let mut store = Store::create(&server.with_schema(&format!("plans_{}", std::process::id())).unwrap()).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let mut tx = store.decide().unwrap();
    tx.execute("SET LOCAL enable_seqscan = off", &[]).unwrap();
    let whole = all.iter().map(|sql| (sql, whole_on_postgresql(&mut tx, sql))).filter(|(_, whole)| !whole.is_empty());
    assert_eq!(whole.collect::<Vec<_>>(), []);
}
