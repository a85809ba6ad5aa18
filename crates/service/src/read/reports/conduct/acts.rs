//! Acts that changed what was laid down.

use crate::act::work::{Act, Recorded};
use crate::books::calendar::in_words;
use crate::days::cut::ChangeCapacity;
use crate::days::lock::LockDay;
use crate::error::{Result, ServiceError};
use crate::imports::import::UndoImport;
use crate::read::reports::conduct::event::{ConductEvent, What};
use crate::weeks::demand::TakeRefused;
use crate::weeks::move_milestone::MoveMilestone;
use serde::de::IgnoredAny;
use sluice_store::tables::log::RecordedAct;
use sluice_store::tables::reports::Sight;

/// The act that was recorded.
pub(crate) fn typed<A: Act>(recorded: &RecordedAct) -> Result<A> {
    let recorded: Recorded<A> = serde_json::from_str(&recorded.detail).map_err(ServiceError::defect)?;
    Ok(recorded.act)
}

/// Who did an act: the first, and where two were needed, the second.
pub(crate) fn names(recorded: &RecordedAct, second: Option<&str>) -> Result<String> {
    let recorded: Recorded<IgnoredAny> = serde_json::from_str(&recorded.detail).map_err(ServiceError::defect)?;
    let first = recorded.by.name().to_owned();
    Ok(match second {
        Some(second) => format!("{first} and {second}"),
        None => first,
    })
}

/// The kinds of acts that changed what was laid down, or let something pass.
pub(crate) const KINDS: [&str; 5] =
    [MoveMilestone::KIND, ChangeCapacity::KIND, TakeRefused::KIND, UndoImport::KIND, LockDay::KIND];

/// Acts that changed what was laid down, or let something pass.
pub(crate) fn changes(sight: &Sight) -> Result<Vec<ConductEvent>> {
    let mut events = Vec::new();
    for recorded in sight.acts.iter().filter(|recorded| KINDS.contains(&recorded.kind)) {
        events.extend(match recorded.kind {
            MoveMilestone::KIND => Some(moved(recorded, &typed(recorded)?)?),
            ChangeCapacity::KIND => Some(capacity(recorded, typed(recorded)?, sight)?),
            TakeRefused::KIND => Some(taken(recorded, &typed(recorded)?)?),
            UndoImport::KIND => Some(undone(recorded, &typed(recorded)?)?),
            _ => waived(recorded, typed(recorded)?)?,
        });
    }
    Ok(events)
}

/// CAL-4: a milestone that was moved.
fn moved(recorded: &RecordedAct, act: &MoveMilestone) -> Result<ConductEvent> {
    let words = format!("'{}' moved to {}: {}", act.milestone.title(), in_words(act.to), act.reason);
    let by = names(recorded, act.approve.as_deref())?;
    Ok(ConductEvent { day: Some(act.week), by, ..ConductEvent::new(recorded.at, What::Moved, "CAL-4", words) })
}

/// MSM-12: a capacity that was changed. MSM-14: what a pool has is not for suppliers here; where it is public, the week shows
/// it.
fn capacity(recorded: &RecordedAct, act: ChangeCapacity, sight: &Sight) -> Result<ConductEvent> {
    let words = match sight.party() {
        None => format!("the total capacity was set to {}", act.capacity),
        Some(_) => "the total capacity was changed".to_owned(),
    };
    let by = names(recorded, act.approve.as_deref())?;
    let event = ConductEvent::new(recorded.at, What::Capacity, "MSM-12", words);
    Ok(ConductEvent { s1sp: Some(act.s1sp), day: Some(act.date), by, ..event })
}

/// MSM-11: a refused file that was taken.
fn taken(recorded: &RecordedAct, act: &TakeRefused) -> Result<ConductEvent> {
    let words = format!("file {} was taken though it had been refused: {}", act.file, act.reason);
    Ok(ConductEvent { by: names(recorded, None)?, ..ConductEvent::new(recorded.at, What::Override, "MSM-11", words) })
}

/// REF-2: an import that was undone.
fn undone(recorded: &RecordedAct, act: &UndoImport) -> Result<ConductEvent> {
    let event = ConductEvent::new(recorded.at, What::Override, "REF-2", "the last import was undone".to_owned());
    Ok(ConductEvent { by: names(recorded, act.approve.as_deref())?, ..event })
}

/// REF-1: old reference data that were let pass at a lock.
fn waived(recorded: &RecordedAct, act: LockDay) -> Result<Option<ConductEvent>> {
    let Some(waiver) = act.waiver else { return Ok(None) };
    let words = format!("old reference data were let pass at the lock: {waiver}");
    let event = ConductEvent::new(recorded.at, What::Waiver, "REF-1", words);
    Ok(Some(ConductEvent { s1sp: Some(act.s1sp), day: Some(act.date), by: names(recorded, None)?, ..event }))
}
