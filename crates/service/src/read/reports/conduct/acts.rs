//! Acts that changed what was laid down.

use crate::act::work::{Act, Look, Recorded};
use crate::books::calendar::{in_words, local_date, week_of};
use crate::days::cut::ChangeCapacity;
use crate::days::lock::{LockDay, stale};
use crate::error::{Result, ServiceError};
use crate::files::end_intake::{EndIntake, ResumeIntake};
use crate::files::outage::RecordOutage;
use crate::imports::import::UndoImport;
use crate::read::reports::conduct::event::{ConductEvent, What};
use crate::read::reports::parts::long;
use crate::weeks::close::CloseWeek;
use crate::weeks::move_milestone::MoveMilestone;
use crate::weeks::take_refused::TakeRefused;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::IgnoredAny;
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::tables::imports::{self, ImportRecord};
use sluice_store::tables::log::RecordedAct;
use sluice_store::tables::reports::Sight;
use sluice_store::tables::signatures::{self, Countersignature};
use sluice_store::tables::{files, record, results};
use sluice_wire::report::grouped;
use sluice_wire::text::shown;

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

/// Was something done by a recorded act? Of what an earlier program did only the moment is known.
fn was_by(recorded: &RecordedAct, act: Option<i64>, at: Option<Timestamp>) -> bool {
    act.map_or(at == Some(recorded.at), |act| act == recorded.seq)
}

/// The kinds of acts that changed what was laid down, or let something pass.
pub(crate) const KINDS: [&str; 9] = [
    MoveMilestone::KIND,
    CloseWeek::KIND,
    ChangeCapacity::KIND,
    TakeRefused::KIND,
    UndoImport::KIND,
    LockDay::KIND,
    EndIntake::KIND,
    ResumeIntake::KIND,
    RecordOutage::KIND,
];

/// What acts of several kinds are told with, read once for all of them.
struct Beside {
    imports: Vec<ImportRecord>,
    signatures: Vec<Countersignature>,
    /// Changes of capacity with the numbers of their acts, in order.
    capacities: Vec<(i64, ChangeCapacity)>,
}

impl Beside {
    fn load(work: &mut Look<'_>, sight: &Sight) -> Result<Self> {
        let changed = sight.acts.iter().filter(|recorded| recorded.kind == ChangeCapacity::KIND);
        Ok(Self {
            imports: imports::all(&mut work.tx)?,
            signatures: signatures::all(&mut work.tx)?,
            capacities: changed.map(|recorded| Ok((recorded.seq, typed(recorded)?))).collect::<Result<_>>()?,
        })
    }
}

/// Acts that changed what was laid down, or let something pass; what only those who see all read of, for them alone.
pub(crate) fn changes(work: &mut Look<'_>, sight: &Sight) -> Result<Vec<ConductEvent>> {
    let beside = Beside::load(work, sight)?;
    let mut events = Vec::new();
    for recorded in sight.acts.iter().filter(|recorded| KINDS.contains(&recorded.kind)) {
        events.extend(match recorded.kind {
            MoveMilestone::KIND => Some(moved(recorded, &typed(recorded)?)?),
            RecordOutage::KIND => Some(outage(recorded, &typed(recorded)?)?),
            CloseWeek::KIND => Some(closed(recorded, &typed(recorded)?)?),
            ChangeCapacity::KIND => capacity(work, recorded, &typed(recorded)?, (sight, &beside))?,
            _ if !sight.sees_all() => None,
            TakeRefused::KIND => Some(taken(work, recorded, &typed(recorded)?)?),
            UndoImport::KIND => Some(undone(work, recorded, &typed(recorded)?, &beside)?),
            EndIntake::KIND => {
                let EndIntake { user_id, reason } = typed(recorded)?;
                Some(intake(recorded, &format!("intake under User ID {user_id} was ended: {reason}"), None)?)
            }
            ResumeIntake::KIND => {
                let ResumeIntake { user_id, reason, approve } = typed(recorded)?;
                let words = format!("intake under User ID {user_id} was opened again: {reason}");
                Some(intake(recorded, &words, approve.as_deref())?)
            }
            _ => waived(work, recorded, typed(recorded)?, (sight, &beside))?,
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

/// CAL-7: that intake was down; the week shows what it moved.
fn outage(recorded: &RecordedAct, act: &RecordOutage) -> Result<ConductEvent> {
    let (from, to) = (in_words(act.from), in_words(act.to));
    let words = format!("nothing could be handed in from {from} to {to}: {}", act.reason.trim());
    let by = names(recorded, act.approve.as_deref())?;
    let event = ConductEvent::new(recorded.at, What::Outage, "CAL-7", words);
    Ok(ConductEvent { day: Some(local_date(act.from)), by, ..event })
}

/// CAL-5: a week that was closed without a result, with both who answer for it.
fn closed(recorded: &RecordedAct, act: &CloseWeek) -> Result<ConductEvent> {
    let words = format!("the week was closed without a result: {}", act.reason.trim());
    let by = names(recorded, act.approve.as_deref())?;
    let event = ConductEvent::new(recorded.at, What::Closed, "CAL-5", words);
    Ok(ConductEvent { s1sp: Some(act.s1sp), day: Some(act.week), by, ..event })
}

/// REF-3: whose files are taken under a User ID.
fn intake(recorded: &RecordedAct, words: &str, second: Option<&str>) -> Result<ConductEvent> {
    let event = ConductEvent::new(recorded.at, What::Override, "REF-3", words.to_owned());
    Ok(ConductEvent { by: names(recorded, second)?, ..event })
}

/// MSM-12: a capacity that was changed, with both who answer for it. MSM-14: what a pool has is not for suppliers here; where it
/// is public, the week shows it.
fn capacity(
    work: &mut Look<'_>,
    recorded: &RecordedAct,
    act: &ChangeCapacity,
    (sight, beside): (&Sight, &Beside),
) -> Result<Option<ConductEvent>> {
    if !is_asked_for(sight, act.date) {
        return Ok(None);
    }
    let words = match sight.party() {
        None => {
            let from = capacity_before(work, recorded.seq, act, beside)?.map(|from| format!(" from {}", grouped(from)));
            format!("the total capacity was set to {}{}", grouped(act.capacity), from.unwrap_or_default())
        }
        Some(_) => "the total capacity was changed".to_owned(),
    };
    // On the day itself one operator acts and a second one signs afterwards.
    let is_of = |asked: &&Countersignature| (asked.s1sp, asked.date) == (act.s1sp, act.date);
    let asked = beside.signatures.iter().find(|asked| is_of(asked) && was_by(recorded, asked.act, Some(asked.at)));
    let first = names(recorded, act.approve.as_deref())?;
    let by = match asked.map(|asked| &asked.signed) {
        None => first,
        Some(Some((second, at))) => format!("{first}; signed by {second} at {}", in_words(*at)),
        Some(None) => format!("{first}; no second operator has signed"),
    };
    let event = ConductEvent::new(recorded.at, What::Capacity, "MSM-12", words);
    Ok(Some(ConductEvent { s1sp: Some(act.s1sp), day: Some(act.date), by, ..event }))
}

/// Is a day in the period of the report? What is told of it reads more.
fn is_asked_for(sight: &Sight, day: Date) -> bool {
    sight.from() <= day && day <= sight.to()
}

/// What the total capacity of a day was before a change: what the change before it had set, else that of the firm result.
fn capacity_before(work: &mut Look<'_>, seq: i64, act: &ChangeCapacity, beside: &Beside) -> Result<Option<u64>> {
    let earlier = beside.capacities.iter().rev().filter(|(other, _)| *other < seq);
    let before = earlier.map(|(_, other)| other).find(|other| (other.s1sp, other.date) == (act.s1sp, act.date));
    if let Some(before) = before {
        return Ok(Some(before.capacity));
    }
    let versions = results::versions(&mut work.tx, &act.s1sp, week_of(act.date)?)?;
    let Some(firm) = versions.iter().find(|version| version.stage == ResultStage::Firm) else { return Ok(None) };
    let pools = results::pools(&mut work.tx, &act.s1sp, act.date, act.date, firm.version)?;
    Ok(pools.first().map(|pool| pool.total))
}

/// MSM-11: a refused file that was taken: whose, and of which week.
fn taken(work: &mut Look<'_>, recorded: &RecordedAct, act: &TakeRefused) -> Result<ConductEvent> {
    let file = files::get(&mut work.tx, act.file)?;
    let whose = file.as_ref().map_or_else(String::new, |file| {
        format!(", {}'s demand for the week of {} at {},", file.sender, long(file.date), file.s1sp)
    });
    let words = format!("file {}{whose} was taken though it had been refused: {}", act.file, act.reason);
    let event = ConductEvent::new(recorded.at, What::Override, "MSM-11", words);
    let (s1sp, day) = (file.as_ref().map(|file| file.s1sp), file.as_ref().map(|file| file.date));
    Ok(ConductEvent { s1sp, day, by: names(recorded, None)?, ..event })
}

/// REF-2: an import that was undone: which one.
fn undone(work: &mut Look<'_>, recorded: &RecordedAct, act: &UndoImport, beside: &Beside) -> Result<ConductEvent> {
    let import = beside.imports.iter().find(|import| was_by(recorded, import.undone_by, import.undone_at));
    let words = match import {
        None => "an import was undone".to_owned(),
        Some(import) => {
            let file = record::received(&mut work.tx, import.received)?.name;
            let at = in_words(import.applied_at);
            format!("import {}, of {} from {}, applied at {at}, was undone", import.id, import.kind, shown(&file))
        }
    };
    let event = ConductEvent::new(recorded.at, What::Override, "REF-2", words);
    Ok(ConductEvent { by: names(recorded, act.approve.as_deref())?, ..event })
}

/// REF-1: old reference data that were let pass at a lock. A waiver that nothing needed let nothing pass.
fn waived(
    work: &Look<'_>,
    recorded: &RecordedAct,
    act: LockDay,
    (sight, beside): (&Sight, &Beside),
) -> Result<Option<ConductEvent>> {
    let Some(waiver) = act.waiver.filter(|_| is_asked_for(sight, act.date)) else { return Ok(None) };
    let at = recorded.at;
    let before = |act: Option<i64>, moment| act.map_or(moment <= at, |act| act < recorded.seq);
    let undone = |import: &ImportRecord| import.undone_at.is_some_and(|moment| before(import.undone_by, moment));
    let stood = beside.imports.iter().filter(|import| before(import.act, import.applied_at) && !undone(import));
    let stood: Vec<ImportRecord> = stood.cloned().collect();
    let old = stale(work.books, &stood, local_date(at))?;
    if old.is_empty() {
        return Ok(None);
    }
    let old: Vec<String> = old.iter().map(ToString::to_string).collect();
    let words = format!("{}, and were let pass at the lock: {waiver}", old.join("; "));
    let event = ConductEvent::new(at, What::Waiver, "REF-1", words);
    Ok(Some(ConductEvent { s1sp: Some(act.s1sp), day: Some(act.date), by: names(recorded, None)?, ..event }))
}
