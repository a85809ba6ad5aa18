//! What DCC decided about parties and installations: responsibility events and exclusions.

use crate::act::work::Work;
use crate::bars::exclusions::s1sp_of;
use crate::books::calendar::{in_words, local_date};
use crate::error::{Result, ServiceError};
use crate::events::event::mpids_in_words;
use crate::read::reports::conduct::events::{Detail, Event, What};
use jiff::Timestamp;
use serde::Deserialize;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::party::Eui64;
use sluice_rules::reference::category_on;
use sluice_store::tables::record::{self, RecordedAct};
use sluice_store::tables::reports::Sight;
use sluice_store::tables::{issued, responsibility};

/// MAM-11: the events, each told to the two parties from and to whom ids pass; they are not told why.
pub(crate) fn responsibility(work: &mut Work<'_>, sight: &Sight) -> Result<Vec<Event>> {
    let of = |event: responsibility::ResponsibilityEvent| {
        let (from, to, mpids) = (event.from, event.to, mpids_in_words(&event.mpids));
        let what = match event.kind {
            EventKind::Transfer => format!("event {}: transfer of {mpids} from {from} to {to}", event.id),
            EventKind::Appointment => {
                format!("event {}: {to} is appointed in the place of {from} for {mpids}", event.id)
            }
        };
        let when = match (event.done_at, event.cancelled_at) {
            (_, Some(at)) => format!("cancelled at {}", in_words(at)),
            (Some(at), None) => format!("done at {}", in_words(at)),
            (None, None) => format!("to be done at {}", in_words(event.effective)),
        };
        let why = if sight.sees_all() { format!(": {}", event.reason) } else { String::new() };
        let base = Event::new(event.recorded_at, What::Responsibility, "MAM-11", format!("{what}, {when}{why}"));
        let told = sight.party().is_some_and(|party| [from, to].contains(&party));
        Event { day: Some(local_date(event.effective)), by: event.recorded_by, told, ..base }
    };
    Ok(responsibility::all(&mut work.tx)?.into_iter().map(of).collect())
}

/// What the report takes of a decision.
#[derive(Deserialize)]
struct Decision {
    chf: String,
    exclude: Option<String>,
    fuel: Option<String>,
    why: String,
}

impl Decision {
    /// What was decided under which rule, in words; nothing if it is not about an exclusion.
    fn words(&self, work: &Work<'_>, kind: &str, at: Timestamp) -> Option<(&'static str, String)> {
        let Self { chf, exclude, fuel, why } = self;
        let category = exclude.as_deref().map(str::trim).map(|word| {
            let known = category_on(&work.books.categories, word, local_date(at));
            known.map_or(word, |category| category.name.as_str())
        });
        let why = why.trim();
        match (kind, category) {
            ("exclusion-lift", _) => {
                let meter =
                    fuel.as_ref().map_or(String::new(), |fuel| format!("the {} meter of ", fuel.to_lowercase()));
                Some(("EXC-1", format!("{meter}{chf} is no longer excluded: {why}")))
            }
            ("exclusion-decision", Some(category)) => {
                Some(("OUT-2", format!("{chf} is excluded in the category {category}: {why}")))
            }
            ("exclusion-decision", None) => {
                Some(("OUT-2", format!("{chf} is not excluded, and its count of attempts restarts: {why}")))
            }
            (_, Some(category)) => {
                Some(("DMT-4", format!("{chf} is excluded in the category {category} upon an objection: {why}")))
            }
            _ => None,
        }
    }
}

/// OUT-2, DMT-4, EXC-1: what operators decided on exclusions, each told to the suppliers that had a notice of it.
pub(crate) fn exclusions(work: &mut Work<'_>) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let kinds = ["exclusion-decision", "exclusion-lift", "dormant-decide"];
    for RecordedAct { kind, at, actor, detail, .. } in record::acts_of(&mut work.tx, &kinds)? {
        let decision = serde_json::from_str::<Detail<Decision>>(&detail).map_err(ServiceError::defect)?.act;
        let Some((rule, words)) = decision.words(work, kind, at) else { continue };
        let chf: Eui64 = decision.chf.parse().map_err(ServiceError::defect)?;
        // The scope of the reader leaves its own notices.
        let told = issued::notices_about(&mut work.tx, chf)?.iter().any(|told| told.at == at && told.rule == rule);
        // An installation may have left the inventory since.
        let s1sp = s1sp_of(work, chf).ok();
        let by = actor.split_once(' ').map_or(actor.as_str(), |(_, name)| name).to_owned();
        events.push(Event { s1sp, by, told, ..Event::new(at, What::Exclusion, rule, words) });
    }
    Ok(events)
}
