//! What acts, reports and readings ask for is found by what they are about, on both databases, however large the inventory is and however
//! long the programme has run. What is not, stands in docs/scale.md.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::counts::{self, homes, left, open};
use super::parties::Dictionary;
use super::reports::{Sight, days, intake, programme};
use super::{
    answers, attempts, authorisations, bars, dormant, files, installations, issued, outcomes, results, schedules,
    state_changes, uses, weeks,
};
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
use sluice_rules::installation::Fuel;
use sluice_rules::party::Eui64;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

thread_local! {
    static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Notes a statement that is prepared.
pub(crate) fn note(sql: &str) {
    SEEN.with_borrow_mut(|seen| seen.push(sql.to_owned()));
}

/// The statements that were prepared since this was asked last.
fn seen() -> Vec<String> {
    SEEN.take()
}

fn store(folder: &Path) -> Store {
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

/// Indexes of what there is little of at any time, which may be read whole.
const LITTLE: [&str; 3] = ["outcome_started", "authorisation_deferred", "authorisation_stopped"];

/// Indexes of what there is much of, which are read for more than one installation.
const BROAD: [&str; 2] = ["authorisation_by_state", "authorisation_of_day"];

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
    let mut dictionary = Dictionary::load(tx).unwrap();
    dictionary.s1sp_numbers.insert(of, 1);
    dictionary.mpids.insert(1, (Fuel::Electricity, "ALPH".parse().unwrap(), party));
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
    programme::exclusions(tx, &sight, to).unwrap();
    programme::waiting(tx, &sight, to, 3, &[to, to, from, from]).unwrap();
    intake::files(tx, &sight, at, at).unwrap();
    intake::rows(tx, &sight, at, at).unwrap();
    intake::authorisations(tx, &sight, at, at).unwrap();
    // Every command: what the clock has left to do.
    left::days(tx, from).unwrap();
    left::weeks_before(tx, from).unwrap();
    weeks::passed_of_open(tx).unwrap();
    // A cut-off, a plan for Dormant Meters, an eligible list.
    open::of_s1sp(tx, &dictionary, &of).unwrap();
    open::of_homes(tx, &dictionary, &of, [Eui64(1)]).unwrap();
    installations::may_concern(tx, &dictionary, &of, party).unwrap();
    // Acts: a board, the days of a file, a lock, outcomes, what waits, what is answered.
    uses::of(tx, &of, from, to).unwrap();
    uses::allowances(tx, &of, from, to).unwrap();
    uses::waiting(tx, &of, from, to).unwrap();
    authorisations::of_day(tx, &of, from).unwrap();
    authorisations::from_day(tx, &of, from).unwrap();
    authorisations::in_line(tx, &of, &party, from).unwrap();
    authorisations::deferred(tx, from).unwrap();
    authorisations::stopped(tx).unwrap();
    authorisations::summary(tx, 1).unwrap();
    results::allocations(tx, &of, from, to).unwrap();
    schedules::locked_days(tx, &of, from).unwrap();
    results::allocations_of(tx, &of, &BTreeSet::from([from, to])).unwrap();
    schedules::version(tx, &of, from).unwrap();
    schedules::lines(tx, &of, from, 1).unwrap();
    weeks::has_passed(tx, &of, from, Milestone::DemandCutoff).unwrap();
    weeks::demand(tx, &of, from, to).unwrap();
    outcomes::has_passed(tx, &of, from, outcomes::OUTCOMES_DUE).unwrap();
    outcomes::started(tx).unwrap();
    outcomes::of_day(tx, &of, from).unwrap();
    files::of_status(tx, FileStatus::Held).unwrap();
    files::get(tx, 1).unwrap();
    issued::answering(tx, 1).unwrap();
    issued::to_party(tx, &party, Some(at)).unwrap();
    issued::notices_to(tx, &party, None).unwrap();
    seen()
}

/// What is asked of one installation after the other, once each.
fn asked_of_homes(tx: &mut View<'_>) -> Vec<String> {
    let (of, day, chf, keys) = ("CGI".parse().unwrap(), date(2021, 7, 26), Eui64(1), [1, 2]);
    let dictionary = Dictionary::load(tx).unwrap();
    seen();
    answers::about(tx, chf).unwrap();
    issued::notices_about(tx, chf).unwrap();
    authorisations::live(tx, &keys).unwrap();
    state_changes::changes(tx, chf).unwrap();
    authorisations::of_installation(tx, chf).unwrap();
    state_changes::lapsed_at(tx, chf, Timestamp::UNIX_EPOCH, day).unwrap();
    attempts::find(tx, &keys).unwrap();
    bars::holds(tx, &keys).unwrap();
    dormant::in_schedule(tx, &keys).unwrap();
    installations::find(tx, &dictionary, &keys).unwrap();
    installations::registrations(tx, &dictionary, &keys).unwrap();
    installations::exclusions(tx, &keys).unwrap();
    installations::by_points(tx, Fuel::Electricity, &keys).unwrap();
    installations::by_points(tx, Fuel::Gas, &keys).unwrap();
    installations::s1sp_of(tx, chf).unwrap();
    outcomes::of_installation(tx, chf).unwrap();
    outcomes::attempted(tx, &of, day).unwrap();
    schedules::line(tx, &of, day, 1, chf).unwrap();
    // Whether there is anything is found at once.
    seen().into_iter().filter(|sql| !sql.contains(" LIMIT ")).collect()
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

/// Is a step of SQLite wide: does it read all of something that grows, or all that an S1SP has of it? One that looks for a key, or for an
/// installation, is wide if it reads all that is in a state, or all of a day.
fn is_wide(sql: &str, step: &str, of_key: bool) -> bool {
    let name = step.split_ascii_whitespace().nth(1).unwrap_or_default();
    let has = |word: &str| step.split_ascii_whitespace().any(|found| found == word);
    let of_many = |index: &&str| has(index);
    tables(sql, name).iter().any(|table| GROW.contains(table))
        && (step.starts_with("SCAN") && !LITTLE.iter().any(of_many)
            || step.contains("(s1sp=?)")
            || of_key && BROAD.iter().any(of_many))
}

/// The steps of SQLite that are wide.
fn wide_on_sqlite(tx: &mut View<'_>, (sql, of_key): &(String, bool)) -> Vec<String> {
    let values = vec![Value::Int(1); sql::parameters(sql)];
    let explained = format!("EXPLAIN QUERY PLAN {}", sql.replace("$key", "1"));
    let steps = tx.query(&explained, &values, |row| Ok(row.text(3)?.to_owned())).unwrap();
    steps.into_iter().filter(|step| is_wide(sql, step, *of_key)).collect()
}

#[test]
fn p8_a_table_is_known_by_its_other_names() {
    assert_eq!(tables("SELECT 1 FROM authorisation AS a JOIN outcome o ON 1 = 1", "a"), ["authorisation", "a"]);
    assert_eq!(tables("SELECT 1 FROM outcome", "outcome"), ["outcome"]);
    assert_eq!(tables("SELECT 1 FROM (SELECT chf FROM hold) counted", "counted"), ["hold", "counted"]);
}

/// The same on PostgreSQL, which reads tables whole only where nothing else can be done when that is made dear: then its plan shows
/// whether there is an index, however few rows there are. What it finds by an S1SP alone there, it may have chosen since there are few.
fn whole_on_postgresql(tx: &mut View<'_>, (sql, _): &(String, bool)) -> Vec<String> {
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

/// All that is asked, and whether it is asked of one key after the other.
fn all_asked(store: &mut Store) -> Vec<(String, bool)> {
    let mut all: Vec<(String, bool)> = Vec::new();
    let mut tx = store.view(Scope::Dcc).unwrap();
    all.extend(asked_of_homes(&mut tx).into_iter().map(|sql| (sql, true)));
    let more = asked(&mut tx);
    drop(tx);
    all.extend(more.into_iter().chain(counted(store)).map(|sql| (sql.clone(), sql.contains("$key"))));
    assert!(all.len() > 80, "{}", all.len());
    all
}

#[test]
fn p8_what_acts_and_reports_ask_for_is_never_all_that_there_is_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(folder.path());
    let all = all_asked(&mut store);
    let mut tx = store.decide().unwrap();
    let wide = all.iter().map(|asked| (&asked.0, wide_on_sqlite(&mut tx, asked))).filter(|(_, wide)| !wide.is_empty());
    assert_eq!(wide.collect::<Vec<_>>(), []);
}

/// MSM-14: whether somebody sent a file is asked of that file, and not of all that it sent.
#[test]
fn p8_a_supplier_finds_what_is_known_of_an_installation_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(folder.path());
    let mut tx = store.view(Scope::Party("AAA123".parse().unwrap())).unwrap();
    seen();
    answers::about(&mut tx, Eui64(1)).unwrap();
    authorisations::of_installation(&mut tx, Eui64(1)).unwrap();
    for sql in seen() {
        let explained = format!("EXPLAIN QUERY PLAN {sql}");
        let steps = tx.query(&explained, &[Value::Int(1)], |row| Ok(row.text(3)?.to_owned())).unwrap();
        let of_file = |step: &&String| step.split_ascii_whitespace().nth(1) == Some("f");
        let found: Vec<_> = steps.iter().filter(of_file).collect();
        assert!(!found.is_empty(), "{sql}: {steps:#?}");
        assert!(found.iter().all(|step| step.contains("rowid=?")), "{sql}: {found:#?}");
    }
}

/// MSM-14: who reads the state of a row in other words finds what is asked for all the same.
#[test]
fn p8_what_others_may_see_of_a_day_is_found_by_the_day() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(folder.path());
    let (of, day) = ("CGI".parse().unwrap(), date(2021, 7, 26));
    for scope in [Scope::Party("AAA123".parse().unwrap()), Scope::S1sp(of), Scope::Observer] {
        let mut tx = store.view(scope).unwrap();
        seen();
        super::uses::of(&mut tx, &of, day, day).unwrap();
        super::uses::waiting(&mut tx, &of, day, day).unwrap();
        authorisations::of_day(&mut tx, &of, day).unwrap();
        for sql in seen() {
            let values = vec![Value::Int(1); sql::parameters(&sql)];
            let explained = format!("EXPLAIN QUERY PLAN {sql}");
            let steps = tx.query(&explained, &values, |row| Ok(row.text(3)?.to_owned())).unwrap();
            let by_day = |step: &String| step.contains("authorisation_") && step.contains("date");
            assert!(steps.iter().any(by_day), "{scope:?} {sql}: {steps:#?}");
            assert!(steps.iter().all(|step| !step.contains("(s1sp=?)")), "{scope:?} {sql}: {steps:#?}");
        }
    }
}

#[test]
fn p8_what_acts_and_reports_ask_for_is_never_all_that_there_is_on_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    let all = all_asked(&mut self::store(folder.path()));
    let server: crate::url::Url = std::env::var("SLUICE_TEST_POSTGRES")
        .expect("no PostgreSQL to test with: run ./test, or set SLUICE_TEST_POSTGRES")
        .parse()
        .unwrap();
    let mut store = Store::create(&server.with_schema(&format!("plans_{}", std::process::id())).unwrap()).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let mut tx = store.decide().unwrap();
    tx.execute("SET LOCAL enable_seqscan = off", &[]).unwrap();
    let whole =
        all.iter().map(|asked| (&asked.0, whole_on_postgresql(&mut tx, asked))).filter(|(_, whole)| !whole.is_empty());
    assert_eq!(whole.collect::<Vec<_>>(), []);
}
