//! `sluice explain`.

use crate::cli::Explain;
use crate::failure::{Done, Failure, Outcome};
use crate::offline::{Books, Verification, line_value, verify};
use crate::print::{Lines, print_json, print_line};
use crate::show::{count, day, folded, table};
use serde_json::{Value, json};
use sluice_rules::calendar::monday_of;
use sluice_rules::scaling::{Again, Line, PoolResult, Sharing, write_derivation};
use sluice_wire::report::Cell;

/// Runs `sluice explain`.
///
/// # Errors
/// If it could not do its work.
pub fn run(args: &Explain) -> Outcome {
    let verification = verify(&args.bundle, &Books::load()?)?;
    // An explanation of a result that does not follow from its inputs would only lend it weight.
    if let Some(difference) = &verification.difference {
        print_line(&format!("{} does not verify, so it is not explained.", args.bundle.display()))?;
        print_line(&format!("First difference: {difference}"))?;
        return Ok(Done::WithRefusals);
    }
    let lines = lines_of(args, &verification);
    if lines.is_empty() {
        let on = args.date.map_or(String::new(), |date| format!(" on {date}"));
        return Err(Failure::Use(format!(
            "{} has no line in this bundle{on}; check the party and the date",
            args.party
        )));
    }
    if args.json {
        print_json(&lines.iter().map(|(pool, line)| explained(pool, line)).collect())?;
        return Ok(Done::Clean);
    }
    for (pool, line) in lines {
        print_line(&in_words(pool, line, rulebook(&verification, pool)))?;
    }
    Ok(Done::Clean)
}

fn lines_of<'a>(args: &Explain, verification: &'a Verification) -> Vec<(&'a PoolResult, &'a Line)> {
    let pools = verification.computed.pools.iter().filter(|pool| args.date.is_none_or(|date| date == pool.date));
    pools.filter_map(|pool| Some((pool, pool.line(args.party)?))).collect()
}

fn rulebook<'a>(verification: &'a Verification, pool: &PoolResult) -> &'a str {
    let monday = monday_of(pool.date).ok();
    let weeks = &verification.computed.weeks;
    let week = weeks.iter().find(|week| week.s1sp == pool.s1sp && Some(week.monday) == monday);
    week.map_or("", |week| week.terms.rulebook.as_str())
}

fn explained(pool: &PoolResult, line: &Line) -> Value {
    let mut value = line_value(pool, line);
    if let Value::Object(fields) = &mut value {
        fields.insert("s1sp".to_owned(), json!(pool.s1sp.as_str()));
        fields.insert("date".to_owned(), json!(pool.date.to_string()));
        fields.insert("capacity".to_owned(), json!(pool.capacity.available()));
        fields.insert("counted_demand_of_all".to_owned(), json!(pool.total));
    }
    value
}

/// A day's result of a party: where, the sentence, and the figures.
pub fn in_words(pool: &PoolResult, line: &Line, rulebook: &str) -> Lines {
    let mut sentence = String::new();
    write_derivation(pool, line, &mut sentence);
    let facts = match &pool.sharing {
        Sharing::Met => "demand is within it".to_owned(),
        Sharing::ProRata { rest, unmet } => format!("{rest} left after the flat parts for {unmet} unmet"),
        Sharing::Short { flat, level } => format!("flat parts of {flat} are more than it; level {level}"),
    };
    let why = pool.again.map_or_else(String::new, |again| format!("{again}, "));
    let title = format!("{} at {} on {} ({why}rulebook {rulebook})", line.party, pool.s1sp, day(pool.date));
    let units = pool.capacity.available();
    let shared = match pool.again {
        // MSM-13: what is free is shared, not the capacity of the day.
        Some(Again::Refill | Again::Rise) => format!("{} to share", count(units, "free unit")),
        _ => {
            let (total, reserve) = (pool.capacity.total(), pool.capacity.reserve());
            format!("Net capacity {units} = {total} in all - {reserve} dormant reserve")
        }
    };
    let asking = match pool.lines.iter().filter(|line| line.demand > 0).count() {
        1 => "1 party asks".to_owned(),
        many => format!("{many} parties ask"),
    };
    let capacity = format!("{shared}; {asking} for {}, of which {} count; {facts}.", pool.asked(), pool.total);
    let header = ["Demand", "Counted", "Flat", "Entitlement", "Pro rata", "Allocation", "Unmet"];
    let row = vec![
        line.demand.to_string(),
        line.counted.to_string(),
        line.flat.to_string(),
        line.entitlement.to_string(),
        line.pro_rata().to_string(),
        line.allocation.to_string(),
        line.unmet_demand().to_string(),
    ];
    let [opening, closing] = [line.opening, line.closing].map(|nano| Cell::balance(nano).shown());
    let balance = format!("Rounding balance: {opening} before, {closing} after (MSM-8).");
    let told = Lines::of([title.as_str()]).and(&folded("", &capacity)).and(&folded("", &sentence));
    told.and(&table(&header, [row])).and(&Lines::of([balance.as_str(), ""]))
}
