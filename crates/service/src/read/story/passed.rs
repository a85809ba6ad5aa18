//! How the meters of an installation passed from one supplier to another (MAM-11).

use crate::act::work::Look;
use crate::books::calendar::local_date;
use crate::error::Result;
use crate::read::story::reader::{Happening, Reader};
use jiff::civil::Date;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::installation::Fuel;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::responsibility::{self, FuelMpid, ResponsibilityEvent};

/// The responsibility events by which a meter of the installation passed, in the order in which they were done. MSM-14: a supplier reads
/// its own name and that another supplier is another; who `supplies` none of its meters any more, nothing after the last of its own.
pub(crate) fn passed(work: &mut Look<'_>, chf: Eui64, reader: Reader, supplies: bool) -> Result<Vec<Happening>> {
    let mut events = responsibility::all(&mut work.tx)?;
    if events.is_empty() {
        return Ok(Vec::new());
    }
    events.sort_by_key(ResponsibilityEvent::place);
    let ids = responsibility::mpids_of(&mut work.tx, chf)?;
    let (mut passed, mut own) = (Vec::new(), 0);
    for event in &events {
        let Some(at) = event.done_at else { continue };
        for fuel in Fuel::ALL
            .iter()
            .filter(|fuel| holding(&ids, **fuel, local_date(at)).is_some_and(|id| event.mpids.contains(&id)))
        {
            passed.push(Happening { at, who: "DCC".to_owned(), what: in_words(event, *fuel, reader) });
            if [event.from, event.to].into_iter().any(|party| reader.reads(party)) {
                own = passed.len();
            }
        }
    }
    passed.truncate(if supplies { usize::MAX } else { own });
    Ok(passed)
}

/// The market participant id of a meter on a day.
fn holding(ids: &[(FuelMpid, Option<Date>)], fuel: Fuel, day: Date) -> Option<FuelMpid> {
    let of = |((own, _), from): &&(FuelMpid, Option<Date>)| *own == fuel && from.is_none_or(|from| from <= day);
    ids.iter().rfind(of).map(|(id, _)| *id)
}

fn in_words(event: &ResponsibilityEvent, fuel: Fuel, reader: Reader) -> String {
    let name = |party: Party| if reader.knows(party) { party.to_string() } else { "another supplier".to_owned() };
    let failed = if event.kind == EventKind::Appointment { ", which failed," } else { "" };
    let (fuel, from, to, id) = (fuel.word().to_ascii_lowercase(), name(event.from), name(event.to), event.id);
    format!("the {fuel} meter passed from {from}{failed} to {to} (responsibility event {id}, MAM-11)")
}
