//! Every code, verdict, state and rule that the program has by now is shown by a scenario that names it in `rules`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod scenario;

use scenario::{Scenario, folders};
use sluice_rules::authorisation::state::{State, Verdict};
use sluice_rules::codes::{FileCode, RowCode};
use std::collections::BTreeSet;

/// The rules of this stage.
const RULES: &str = "RB-2 CAL-1 CAL-3 CAL-4 CAL-5 CAL-7 MSM-2 MSM-2a MSM-3 MSM-4 MSM-5 MSM-6 MSM-7 MSM-8 MSM-9 MSM-11 \
                     MSM-12 MSM-13 MSM-14 MSM-15 MAM-1 MAM-2 MAM-3 MAM-4 MAM-5 MAM-6 MAM-7 MAM-8 MAM-9 MAM-10 \
                     MAM-11 MAM-12 MAM-13 SCH-1 SCH-2 OUT-1 OUT-2 OUT-3 OUT-4 EXC-1 STOP-1 REF-1 REF-2 REF-3 DMT-1 DMT-2 \
                     DMT-3 DMT-4 DMT-5 REP-1";

/// The families of which each rule has a folder of its own; the other rules are shown by worked examples and bases.
const FAMILIES: [&str; 7] = ["MAM-", "SCH-", "OUT-", "EXC-", "STOP-", "REF-", "DMT-"];

/// The codes and rules that scenarios on a database must show; the others may be shown without one.
fn wanted() -> BTreeSet<String> {
    let files = FileCode::ALL.iter().map(ToString::to_string);
    let rows = RowCode::ALL.iter().map(ToString::to_string).filter(|code| code.starts_with("MA"));
    let verdicts = Verdict::ALL.iter().map(ToString::to_string);
    let states = State::ALL.iter().map(ToString::to_string);
    files.chain(rows).chain(verdicts).chain(states).collect()
}

fn shown(only_on_a_database: bool) -> BTreeSet<String> {
    let scenarios = folders().into_iter().map(|folder| Scenario::load(&folder).unwrap());
    scenarios.filter(|scenario| scenario.database || !only_on_a_database).flat_map(|scenario| scenario.rules).collect()
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
}

#[test]
fn every_code_verdict_and_state_has_a_scenario_on_a_database() {
    let missing: Vec<String> = wanted().difference(&shown(true)).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_code_of_answers_and_outcomes_has_a_scenario() {
    let codes = RowCode::ALL.iter().map(ToString::to_string).filter(|code| code.starts_with("DO"));
    let missing: Vec<String> = codes.filter(|code| !shown(false).contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_code_verdict_state_and_later_rule_has_a_folder_of_its_own() {
    let folders = folders();
    let names: BTreeSet<&str> = folders.iter().filter_map(|folder| folder.file_name()?.to_str()).collect();
    let codes = RowCode::ALL.iter().map(ToString::to_string);
    let rules = words(RULES).into_iter().filter(|rule| FAMILIES.iter().any(|family| rule.starts_with(family)));
    let begins = |id: &String| names.iter().any(|name| name.starts_with(&format!("{id}-")));
    let missing: Vec<String> = wanted().into_iter().chain(codes).chain(rules).filter(|id| !begins(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_rule_has_a_scenario() {
    let missing: BTreeSet<String> = words(RULES).difference(&shown(false)).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn scenarios_name_only_what_there_is() {
    let other = |word: &String| {
        let rule = word.split_once('-').is_some_and(|(family, number)| {
            family.bytes().all(|byte| byte.is_ascii_uppercase())
                && number.starts_with(|digit: char| digit.is_ascii_digit())
        });
        !rule && !word.starts_with("DO1") && !wanted().contains(word)
    };
    let unknown: Vec<String> = shown(false).into_iter().filter(other).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
