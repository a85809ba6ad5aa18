//! What acts and reports ask for is found by what they are about, on both databases, however large the inventory is and however long
//! the programme has run. What is not, stands in docs/scale.md.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::counts::{self, homes, left};
use super::parties::Dictionary;
use super::plan_tests::{seen, store};
use super::reports::{Sight, days, intake, programme};
use super::{answers, authorisations, files, issued, outcomes, results, schedules, state_changes, uses, weeks};
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

/// Indexes of what there is little of at any time, which may be read whole.
const LITTLE: [&str; 3] = ["outcome_started", "authorisation_deferred", "authorisation_stopped"];

/// The tables that grow with installations, files, acts or weeks. Passings, of which there are more with responsibility events alone, are
/// none of them.
const GROW: [&str; 31] = [
    "act",
    "allocation",
    "answer",
    "answered",
    "attempt",
    "audit",
    "authorisation",
    "capacity",
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
    "passed_day",
    "passed_milestone",
    "received",
    "result",
    "result_line",
    "schedule",
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
    // Every command: what the clock has left to do.
    left::days(tx, from).unwrap();
    left::weeks_before(tx, from).unwrap();
    weeks::passed_of_open(tx).unwrap();
    // Acts: a board, the days of a file, a lock, outcomes, what waits, what is answered.
    uses::of(tx, &of, from, to).unwrap();
    uses::allowances(tx, &of, from, to).unwrap();
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
    tx.touched.clock("CGI".parse().unwrap(), date(2021, 7, 26));
    tx.touched.rows((1, "AAA123".parse().unwrap(), State::Lapsed), "", 1);
    counts::settle(&mut tx).unwrap();
    seen().into_iter().filter(|sql| !sql.starts_with("INSERT INTO file_count")).collect()
}

/// The tables that a name stands for in a query: itself, or those that have it as another name somewhere in it.
fn tables<'q>(sql: &'q str, name: &'q str) -> Vec<&'q str> {
    let words: Vec<&str> = sql.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty() && *word != "AS").collect();
    let named = words.windows(3).filter(|words| matches!(words[0], "FROM" | "JOIN") && words[2] == name);
    named.map(|words| words[1]).chain([name]).collect()
}

/// The steps of SQLite that read all of something that grows.
fn whole_on_sqlite(tx: &mut View<'_>, sql: &str) -> Vec<String> {
    let values = vec![Value::Int(1); sql::parameters(sql)];
    let explained = format!("EXPLAIN QUERY PLAN {}", sql.replace("$key", "1"));
    let steps = tx.query(&explained, &values, |row| Ok(row.text(3)?.to_owned())).unwrap();
    let grows = |step: &str| {
        let name = step.split_ascii_whitespace().nth(1).unwrap_or_default();
        tables(sql, name).iter().any(|table| GROW.contains(table))
    };
    let little = |step: &str| step.split_ascii_whitespace().any(|word| LITTLE.contains(&word));
    steps.into_iter().filter(|step| step.starts_with("SCAN") && grows(step) && !little(step)).collect()
}

#[test]
fn p8_a_table_is_known_by_its_other_names() {
    assert_eq!(tables("SELECT 1 FROM authorisation AS a JOIN outcome o ON 1 = 1", "a"), ["authorisation", "a"]);
    assert_eq!(tables("SELECT 1 FROM outcome", "outcome"), ["outcome"]);
    assert_eq!(tables("SELECT 1 FROM (SELECT chf FROM hold) counted", "counted"), ["hold", "counted"]);
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
        let little = |line: &str| LITTLE.iter().any(|index| line.split([' ', '(']).any(|word| word == *index));
        let by_index = lines.get(place + 1).is_some_and(|next| next.contains("Index Cond:"));
        let seq = line.contains("Seq Scan on") && grows(table);
        let index = line.contains("Index") && line.contains("Scan") && grows(table) && !by_index && !little(line);
        if seq || index {
            whole.push(line.clone());
        }
    }
    whole
}

#[test]
fn p8_what_acts_and_reports_ask_for_is_never_all_that_there_is_on_sqlite() {
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
fn p8_what_acts_and_reports_ask_for_is_never_all_that_there_is_on_postgresql() {
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
