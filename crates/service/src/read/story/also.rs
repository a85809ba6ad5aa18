//! What bears on an installation beside its own way: holds, stop orders, exclusions, changes of supplier.

use crate::facts::dossier::Dossier;
use crate::read::story::reader::{Reader, word};
use jiff::civil::Date;
use sluice_rules::authorisation::bars::holder_on;
use sluice_rules::authorisation::responsibility::Registration;
use sluice_rules::party::Party;

/// How many days ahead holds are looked for: a hold of some Mondays is found, and one without an end is known for one.
const AHEAD: usize = 366;

/// How many stretches of days on hold are written out.
const WRITTEN: usize = 3;

/// Holds, stop orders, exclusions of a meter, failed attempts and changes of supplier that bear on it.
pub(crate) fn also(file: &Dossier, reader: Reader, today: Date) -> Vec<String> {
    let meters = &file.case.meters;
    let told = |party: Party| reader.knows(party);
    let mut also = Vec::new();
    for stop in file.stops.iter().filter(|stop| stop.covers(meters, today)) {
        // Why the meters of another supplier stand still is that one's (MSM-14).
        let why = if stop.supplier.is_none_or(told) { format!(": {}", stop.reason) } else { String::new() };
        also.push(format!("stop order {} covers it{why}", stop.id));
    }
    also.extend(held(file, today));
    if let Some(exclusion) = &file.exclusion {
        also.push(format!("excluded from {} on, category {}", exclusion.from, exclusion.category));
    }
    for meter in meters.each() {
        let fuel = word(meter);
        if let Some(from) = meter.excluded {
            also.push(format!("the {fuel} meter is excluded from {from} on and counts as absent then"));
        }
        // A registration in another name of the same supplier is no change (MAM-11).
        let supplier = meter.supplier_on(today);
        let change = supplier.and_then(|supplier| meter.change_before(supplier, today, Date::MAX));
        // Whom another supplier wins or loses is between those two.
        let concerns = |change: &Registration| match reader {
            Reader::Supplier(party) => [supplier, change.party].contains(&Some(party)),
            Reader::Dcc | Reader::S1sp => true,
        };
        if let Some(change) = change.filter(concerns) {
            also.push(format!("the {fuel} meter changes supplier on {}", change.from));
        }
    }
    if let Some(from) = file.attempts.retry_from.filter(|from| *from > today) {
        also.push(format!("it can be tried again from {from} on"));
    }
    also
}

/// MAM-12: the dates on which it is on hold, whoever holds it.
fn held(file: &Dossier, today: Date) -> Option<String> {
    let mut stretches: Vec<(Date, Date)> = Vec::new();
    let mut last = today;
    for day in today.series(jiff::Span::new().days(1)).take(AHEAD) {
        last = day;
        if holder_on(&file.holds, &file.case.meters, day).is_none() {
            continue;
        }
        match stretches.last_mut() {
            Some((_, end)) if end.tomorrow().ok() == Some(day) => *end = day,
            _ => stretches.push((day, day)),
        }
    }
    // A hold that has begun is told from its first day on.
    if let Some((from, _)) = stretches.first_mut().filter(|(from, _)| *from == today) {
        let earlier = today.series(jiff::Span::new().days(-1)).take(AHEAD);
        let held = |day: &Date| holder_on(&file.holds, &file.case.meters, *day).is_some();
        *from = earlier.take_while(held).last().unwrap_or(today);
    }
    let words = |(from, end): &(Date, Date)| match (from == end, *end == last) {
        (_, true) => format!("from {from} onwards"),
        (true, _) => from.to_string(),
        (false, _) => format!("{from} until {end}"),
    };
    let mut written: Vec<String> = stretches.iter().take(WRITTEN).map(words).collect();
    if stretches.len() > WRITTEN {
        written.push("and later days".to_owned());
    }
    (!written.is_empty()).then(|| format!("on hold: {}", written.join(", ")))
}
