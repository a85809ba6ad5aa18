//! What DCC decided about parties and installations: responsibility events and exclusions.

use crate::act::work::Act;
use crate::act::work::Look;
use crate::bars::exclusions::s1sp_of;
use crate::bars::exclusions::{DecideExclusion, LiftExclusion};
use crate::books::calendar::{in_words, local_date};
use crate::dormant::decide::DecideObjection;
use crate::error::Result;
use crate::events::event::mpids_in_words;
use crate::read::reports::conduct::acts::{names, typed};
use crate::read::reports::conduct::event::{ConductEvent, What};
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::party::Eui64;
use sluice_rules::reference::category_on;
use sluice_store::tables::log::RecordedAct;
use sluice_store::tables::reports::Sight;
use sluice_store::tables::{issued, responsibility};

/// MAM-11: the events, each told to the two parties from and to whom ids pass; they are not told why.
pub(crate) fn responsibility(work: &mut Look<'_>, sight: &Sight) -> Result<Vec<ConductEvent>> {
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
        let base = ConductEvent::new(event.recorded_at, What::Responsibility, "MAM-11", format!("{what}, {when}{why}"));
        let told = sight.party().is_some_and(|party| [from, to].contains(&party));
        ConductEvent { day: Some(local_date(event.effective)), by: event.recorded_by, told, ..base }
    };
    Ok(responsibility::all(&mut work.tx)?.into_iter().map(of).collect())
}

/// What was decided on an exclusion: on which installation, under which rule, in words.
type Decided = (Eui64, &'static str, String);

/// What a recorded act decided; nothing if it is not about an exclusion.
fn decided(work: &Look<'_>, recorded: &RecordedAct) -> Result<Option<Decided>> {
    let named = |category: &str| {
        let known = category_on(&work.books.categories, category.trim(), local_date(recorded.at));
        known.map_or_else(|| category.trim().to_owned(), |category| category.name.clone())
    };
    Ok(match recorded.kind {
        LiftExclusion::KIND => {
            let LiftExclusion { chf, fuel, why } = typed(recorded)?;
            let meter = fuel.map_or_else(String::new, |fuel| format!("the {} meter of ", fuel.word().to_lowercase()));
            Some((chf, "EXC-1", format!("{meter}{chf} is no longer excluded: {}", why.trim())))
        }
        DecideExclusion::KIND => {
            let DecideExclusion { chf, exclude, why } = typed(recorded)?;
            let what = match exclude {
                Some(category) => format!("{chf} is excluded in the category {}", named(&category)),
                None => format!("{chf} is not excluded, and its count of attempts restarts"),
            };
            Some((chf, "OUT-2", format!("{what}: {}", why.trim())))
        }
        _ => {
            let DecideObjection { chf, exclude, why, .. } = typed(recorded)?;
            exclude.map(|category| {
                let category = named(&category);
                let words = format!("{chf} is excluded in the category {category} upon an objection: {}", why.trim());
                (chf, "DMT-4", words)
            })
        }
    })
}

/// The kinds of acts that decide on exclusions.
pub(crate) const KINDS: [&str; 3] = [DecideExclusion::KIND, LiftExclusion::KIND, DecideObjection::KIND];

/// OUT-2, DMT-4, EXC-1: what operators decided on exclusions, each told to the suppliers that had a notice of it.
pub(crate) fn exclusions(work: &mut Look<'_>, sight: &Sight) -> Result<Vec<ConductEvent>> {
    let mut events = Vec::new();
    for recorded in sight.acts.iter().filter(|recorded| KINDS.contains(&recorded.kind)) {
        let Some((chf, rule, words)) = decided(work, recorded)? else { continue };
        let at = recorded.at;
        // The scope of the reader leaves its own notices.
        let told = issued::notices_about(&mut work.tx, chf)?.iter().any(|told| told.at == at && told.rule == rule);
        // An installation may have left the inventory since.
        let s1sp = s1sp_of(work, chf).ok();
        let by = names(recorded, None)?;
        events.push(ConductEvent { s1sp, by, told, ..ConductEvent::new(at, What::Exclusion, rule, words) });
    }
    Ok(events)
}
