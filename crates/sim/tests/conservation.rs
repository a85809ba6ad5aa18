//! Conservation (issue: the days): random weeks on both databases, checked after every step.
//!
//! `SLUICE_SIM_SEED=17` plays one seed and prints its steps, and `SLUICE_SIM_KEEP=FILE` with it keeps the SQLite database
//! as it was at the end; `SLUICE_SIM_SEEDS=1000` says how many are played, from `SLUICE_SIM_FIRST` on, and
//! `SLUICE_SIM_GO_ON=1` that the first wrong one is not the last.

use sluice_sim::place::Place;
use sluice_sim::{Report, Trace, simulate};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds of the short suite.
const SEEDS: u64 = 50;

/// In the short suite every so many seeds are played on PostgreSQL too, which takes four times as long as SQLite.
const ON_BOTH: u64 = 2;

/// In the short suite every so many seeds are replayed: a replay takes as long as the simulation.
const REPLAYS: u64 = 5;

/// The last steps that are printed when one fails.
const SHOWN: usize = 12;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, not '{text}'")))
}

fn places() -> Vec<Place> {
    let mut places = vec![Place::sqlite().unwrap_or_else(|error| panic!("{error}"))];
    if let Ok(server) = std::env::var("SLUICE_TEST_POSTGRES") {
        places.push(Place::postgres(&server).unwrap_or_else(|error| panic!("{error}")));
    }
    places
}

/// Plays a seed at a place; what went wrong in words.
fn play(seed: u64, place: &Place, replayed: bool, verbose: bool) -> Result<Report, String> {
    let trace = Trace::default();
    let result = catch_unwind(AssertUnwindSafe(|| simulate(seed, place, replayed, &trace, None)));
    let steps = trace.steps();
    if verbose {
        if let Ok(path) = std::env::var("SLUICE_SIM_KEEP") {
            place.keep(path.as_ref()).unwrap_or_else(|error| panic!("{error}"));
        }
        println!("seed {seed} on {}\n{}", place.word(), steps.join("\n"));
    }
    let wrong = match result {
        Ok(Ok(report)) => return Ok(report),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
            format!("panic: {}", words.unwrap_or("without words"))
        }
    };
    let last = steps[steps.len().saturating_sub(SHOWN)..].join("\n");
    Err(format!(
        "seed {seed} on {}, after {} steps:\n{last}\n{wrong}\n\
         again with its steps: SLUICE_SIM_SEED={seed} cargo test -p sluice-sim --test conservation -- --nocapture",
        place.word(),
        steps.len()
    ))
}

/// Plays a seed on all places and compares what came of it.
fn compare(seed: u64, places: &[Place], all_replayed: bool, verbose: bool) -> Result<Report, String> {
    let mut first: Option<Report> = None;
    for place in places {
        let replayed = all_replayed || seed.is_multiple_of(REPLAYS);
        let report = play(seed, place, replayed, verbose)?;
        match &first {
            Some(other) if *other != report => {
                let differs = other.tables.iter().zip(&report.tables).find(|(one, other)| one != other);
                return Err(format!("seed {seed}: the two databases differ, first in {differs:?}"));
            }
            Some(_) => {}
            None => first = Some(report),
        }
    }
    first.ok_or_else(|| "there is no database".to_owned())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[test]
fn nothing_is_lost_used_twice_or_left_without_a_reason() {
    if let Some(seed) = number("SLUICE_SIM_SEED") {
        let report = compare(seed, &places(), true, true).unwrap_or_else(|wrong| panic!("{wrong}"));
        println!("{:#?}\n{:?}", report.done, report.states);
        return;
    }
    let seeds = number("SLUICE_SIM_SEEDS").unwrap_or(SEEDS);
    let go_on = std::env::var_os("SLUICE_SIM_GO_ON").is_some();
    let first = number("SLUICE_SIM_FIRST").unwrap_or(1);
    let next = AtomicU64::new(first);
    let (wrong, reports) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let places = places();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds || (!go_on && !lock(&wrong).is_empty()) {
                        return;
                    }
                    let on = if seeds > SEEDS || seed.is_multiple_of(ON_BOTH) { &places[..] } else { &places[..1] };
                    match compare(seed, on, seeds > SEEDS, false) {
                        Ok(report) => lock(&reports).push(report),
                        Err(words) => {
                            // A long run is stopped sometimes: what it found is said at once.
                            println!("{words}\n");
                            lock(&wrong).push(words);
                        }
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap_or_default();
    assert!(wrong.is_empty(), "{} of {seeds} seeds are wrong, first {}", wrong.len(), wrong[0]);
    tell(&reports.into_inner().unwrap_or_default());
}

/// What the simulations did, so that nobody believes in weeks in which nothing happened.
fn tell(reports: &[Report]) {
    let (mut done, mut states) = (BTreeMap::<&str, (u64, u64)>::new(), BTreeMap::<&str, u64>::new());
    for report in reports {
        for (what, (times, refused)) in &report.done {
            let sum = done.entry(what).or_default();
            *sum = (sum.0 + times, sum.1 + refused);
        }
        for (state, count) in &report.states {
            *states.entry(state).or_default() += count;
        }
    }
    println!("{} seeds, {} acts", reports.len(), reports.iter().map(|report| report.acts).sum::<i64>());
    for (what, (times, refused)) in &done {
        println!("{times:7} done, {refused:7} refused: {what}");
    }
    println!("{states:?}");
    // OUT-2: what needs several failed attempts at one installation is not reached of itself.
    let seldom = ["excludes candidate", "keeps candidate", "lifts an"];
    let missing = seldom.iter().find(|what| done.get(**what).is_none_or(|(times, _)| *times == 0));
    assert!(
        reports.len() < usize::try_from(SEEDS).unwrap_or(usize::MAX) || missing.is_none(),
        "never done: {missing:?}"
    );
}
