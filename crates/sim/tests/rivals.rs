//! MSM-14: what a party can read is the same, byte for byte, whatever its rivals send, as long as that decides nothing. Random weeks
//! are played twice: once with a rival that sends as others do, once with one that writes the same tables and names otherwise
//! and sends files under other parties' names before them. `SLUICE_SIM_SEED=17` plays one seed.

use sluice_sim::place::Place;
use sluice_sim::{Bug, Documents, Trace, Way, documents, documents_beside_versions};

/// Seeds of the short suite.
const SEEDS: u64 = 3;

fn play(seed: u64, place: &Place, way: Way, bug: Option<Bug>) -> (Documents, Vec<String>) {
    let trace = Trace::default();
    let found = documents(seed, place, way, &trace, bug);
    let steps = trace.steps();
    let last = steps[steps.len().saturating_sub(12)..].join("\n");
    (found.unwrap_or_else(|error| panic!("seed {seed}, {way:?}:\n{last}\n{error}")), steps)
}

/// The first line in which two texts differ, from both.
fn difference(one: &str, other: &str) -> String {
    let (mut one, mut other) = (one.lines(), other.lines());
    loop {
        match (one.next(), other.next()) {
            (None, None) => return String::new(),
            (one, other) if one == other => {}
            (one, other) => return format!("\n  {}\n  {}", one.unwrap_or("nothing"), other.unwrap_or("nothing")),
        }
    }
}

fn first_difference(plain: &Documents, otherwise: &Documents) -> Option<String> {
    let names = plain.keys().chain(otherwise.keys());
    let nothing = String::new();
    names.into_iter().find_map(|name| {
        let (one, other) = (plain.get(name).unwrap_or(&nothing), otherwise.get(name).unwrap_or(&nothing));
        (one != other).then(|| format!("{name} is another one:{}", difference(one, other)))
    })
}

fn seeds() -> Vec<u64> {
    match std::env::var("SLUICE_SIM_SEED") {
        Ok(seed) => vec![seed.parse().unwrap_or_else(|_| panic!("SLUICE_SIM_SEED is a number, not '{seed}'"))],
        Err(_) => (1..=SEEDS).collect(),
    }
}

#[test]
fn what_tells_how_a_rival_writes_its_names_is_found() {
    let place = Place::sqlite().unwrap_or_else(|error| panic!("{error}"));
    let leak =
        Bug("UPDATE notice SET words = 'a rival sent ' || (SELECT max(name) FROM received WHERE name LIKE 'dc-%') \
                    WHERE EXISTS (SELECT 1 FROM received WHERE name LIKE 'dc-%')");
    let (plain, _) = play(1, &place, Way::Plain, Some(leak));
    let (otherwise, steps) = play(1, &place, Way::Otherwise, Some(leak));
    assert!(steps.iter().any(|step| step.contains("the bug is in")), "there was nothing to write it to");
    let words = first_difference(&plain, &otherwise).expect("nobody noticed");
    assert!(words.contains("a rival sent dc-"), "{words}");
}

#[test]
fn msm_14_what_a_party_reads_is_the_same_whatever_rivals_send() {
    let place = Place::sqlite().unwrap_or_else(|error| panic!("{error}"));
    let mut under_their_names = 0;
    for seed in seeds() {
        let (plain, _) = play(seed, &place, Way::Plain, None);
        let (otherwise, steps) = play(seed, &place, Way::Otherwise, None);
        under_their_names += steps.iter().filter(|step| step.contains("\"FI04\"")).count();
        assert!(plain.len() > 200, "seed {seed}: only {} documents", plain.len());
        if let Some(words) = first_difference(&plain, &otherwise) {
            panic!("seed {seed}: {words}");
        }
    }
    assert!(under_their_names > 10, "only {under_their_names} files came under other parties' names");
}

/// MSM-14: after the lock of a day a schedule has another version whenever anybody's row changes.
#[test]
fn msm_14_a_version_of_a_schedule_tells_a_supplier_nothing_of_rivals() {
    let place = Place::sqlite().unwrap_or_else(|error| panic!("{error}"));
    for seed in seeds() {
        let read = documents_beside_versions(seed, &place, &Trace::default());
        let (before, after) = read.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert!(before.values().any(|text| text.contains("locked: true")), "seed {seed}: no day is locked");
        if let Some(words) = first_difference(&before, &after) {
            panic!("seed {seed}: {words}");
        }
    }
}
