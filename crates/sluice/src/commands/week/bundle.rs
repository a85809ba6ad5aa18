//! `sluice week bundle`: a published result out of the database, so that anybody can recompute it without one.

use crate::cli::ResponseForm;
use crate::cli::database::Database;
use crate::commands::scale::write_result;
use crate::failure::{Done, Outcome};
use crate::offline::{Books, Computed, DemandInput, InputFile, Inputs, Settings, programme};
use crate::output::Staged;
use crate::print::{complain, print_json, print_line};
use crate::session::Session;
use jiff::civil::Date;
use serde_json::json;
use sluice_rules::party::S1sp;
use sluice_rules::scaling::{WITHOUT_CAPACITY, write_derivation, write_own_derivation};
use sluice_service::read::published::{Published, published};
use sluice_store::tables::results::ResultLineRecord;
use sluice_wire::reference::{
    DemandLine, Standing, write_balances, write_capacity, write_demand_table, write_eligible, write_standings,
};
use std::path::Path;

/// Writes the folder. MSM-14: a bundle has everybody's demand, so it is for DCC and observers.
///
/// # Errors
/// If there is no such result, or the folder cannot be written.
pub fn run(at: &Database, week: Date, s1sp: S1sp, version: Option<i64>, (out, force): (&Path, bool)) -> Outcome {
    let mut session = Session::open_to_read(at)?;
    let reader = session.overseer("a bundle")?;
    session.s1sps(Some(s1sp))?;
    let found = session.service.look(session.now, &reader, |work| published(work, s1sp, week, version))?;
    let (books, staged) = (Books::load()?, Staged::new(out, None, force)?);
    let inputs = inputs_of(s1sp, &found);
    let programme = programme(&inputs, &books)?;
    let (computed, _) = write_result(&staged, &inputs, &programme, ResponseForm::Csv, &books)?;
    let version = found.result.version;
    if let Some(difference) = first_difference(&found, &computed) {
        // MAM-11: of a version of an earlier program only what is eligible today is known.
        let since = match found.eligible.is_some() && !found.counts_kept {
            true => {
                ". An earlier program made it, and did not keep the eligible installations with which it was counted; a transfer of \
                 everything may have passed them on since"
            }
            false => "",
        };
        complain(&format!(
            "sluice: version {version} of the week of {week} at {s1sp} is not what its inputs give: {difference}{since}. Nothing was \
             written; sluice replay says whether the database was changed"
        ));
        return Ok(Done::WithRefusals);
    }
    staged.finish(None)?;
    let bundle = out.join("bundle.json");
    if at.json {
        let bundle = bundle.display().to_string();
        print_json(&json!({ "s1sp": s1sp.as_str(), "week": week.to_string(), "version": version, "bundle": bundle }))?;
        return Ok(Done::Clean);
    }
    let stage = found.result.stage;
    print_line(&format!("Version {version} ({stage}) of the week of {week} at {s1sp}, recomputed and the same."))?;
    print_line(&format!("Verify:  sluice verify {}", bundle.display()))?;
    Ok(Done::Clean)
}

/// What the result was made of, as the tables that `sluice scale` takes.
fn inputs_of(s1sp: S1sp, found: &Published) -> Inputs {
    let file = |name: &str, text: String| InputFile::from_bytes(name.to_owned(), text.into_bytes());
    let capacities = found.capacities.iter().map(|(date, capacity)| ((s1sp, *date), *capacity)).collect();
    let settings = Settings { rulebook: Some(found.result.rulebook.clone()), ..Settings::default() };
    let capacity = file("capacity.csv", write_capacity(&capacities));
    if let Some(again) = found.again {
        let standings = file("standings.csv", write_standings(&standings(s1sp, found)));
        let demand = DemandInput::Standings(again, standings);
        return Inputs { capacity, demand, eligible: None, balances: None, settings };
    }
    let demand: Vec<_> = found
        .lines
        .iter()
        .map(|line| DemandLine { s1sp, date: line.date, party: line.party, units: line.demand })
        .collect();
    let eligible =
        found.eligible.as_ref().map(|counts| [(s1sp, counts.iter().copied().collect())].into_iter().collect());
    let balances = found.opening.iter().map(|(party, nano)| ((s1sp, *party), *nano)).collect();
    Inputs {
        capacity,
        demand: DemandInput::Table(file("demand.csv", write_demand_table(&demand))),
        eligible: eligible.map(|counts| file("eligible.csv", write_eligible(&counts))),
        balances: Some(file("opening-balances.csv", write_balances(&balances))),
        settings,
    }
}

/// What stood when pools were shared again.
fn standings(s1sp: S1sp, found: &Published) -> Vec<Standing> {
    let standing = |line: &ResultLineRecord| Standing {
        s1sp,
        date: line.date,
        party: line.party,
        demand: line.demand,
        beside: line.beside.unwrap_or(0),
        opening: line.opening,
    };
    found.lines.iter().map(standing).collect()
}

/// The first line that is not the same when it is computed again.
fn first_difference(found: &Published, computed: &Computed) -> Option<String> {
    let mut again = computed.pools.iter().flat_map(|pool| pool.lines.iter().map(move |line| (pool, line)));
    for kept in &found.lines {
        let Some((pool, line)) = again.next() else {
            return Some(format!("{} on {} is not there again", kept.party, kept.date));
        };
        let date = pool.date;
        let before = (kept.date, kept.party, kept.counted, kept.flat, kept.allocation, kept.opening, kept.closing);
        let now = (date, line.party, line.counted, line.flat, line.allocation, line.opening, line.closing);
        if before != now {
            return Some(format!(
                "{} on {} has {} of {} counted, and {} on {date} would have {} of {}",
                kept.party, kept.date, kept.allocation, kept.counted, line.party, line.allocation, line.counted
            ));
        }
        let mut sentence = String::new();
        let write = if found.public.contains(&date) { write_derivation } else { write_own_derivation };
        write(pool, line, &mut sentence);
        // What is added for a day without capacity says what its pool says already.
        if sentence != kept.derivation.trim_end_matches(WITHOUT_CAPACITY) {
            return Some(format!(
                "{} on {date} has the sentence \"{}\", and would have \"{sentence}\"",
                kept.party, kept.derivation
            ));
        }
    }
    again.next().map(|(pool, line)| format!("{} on {} was not there", line.party, pool.date))
}
