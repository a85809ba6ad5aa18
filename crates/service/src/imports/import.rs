//! Reference data: staged, the difference shown, applied or not, undone (REF-1, REF-2).

use crate::act::actor::Actor;
use crate::act::digests::digest_and_pack;
use crate::act::second::second_operator;
use crate::act::tell::tell;
use crate::act::work::{Act, Work};
use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use crate::imports::reach::Reach;
use crate::imports::rows::{lapse, restore, return_cancelled};
use crate::words::count;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sluice_rules::party::S1sp;
use sluice_rules::reference::{ImportDifference, ReferenceKind, needs_second_operator, needs_second_with_earlier};
use sluice_rules::rulebook::Rulebook;
use sluice_store::Tx;
use sluice_store::tables::imports::{self, ImportRecord};
use sluice_store::tables::issued;
use sluice_store::tables::log::Input;
use sluice_store::tables::record::{self, Digest, Packed};
use sluice_store::tables::schedules;
use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::{Arc, OnceLock};

/// A table of reference data is imported: all of it or nothing.
#[derive(Debug, Serialize, Deserialize)]
pub struct Import {
    /// What it is.
    #[serde(with = "crate::words")]
    pub kind: ReferenceKind,
    /// The receipt of the file.
    pub received: i64,
    /// The moment that the data describe.
    #[serde(with = "crate::words")]
    pub as_at: Timestamp,
    /// The second operator, where one is needed.
    pub approve: Option<String>,
    /// Does what was imported of the kind in the hours before count with it (REF-2)? For programs of before it did not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_earlier: bool,
    /// The file, where it is at hand and not yet kept; else it is read from the record.
    #[serde(skip)]
    pub at_hand: Option<Arc<AtHand>>,
}

/// A file that is at hand. It is packed once, by whoever has a processor for it first.
#[derive(Debug)]
pub struct AtHand {
    name: String,
    bytes: Vec<u8>,
    packed: OnceLock<Result<(Digest, Packed)>>,
}

impl AtHand {
    /// A file by its name and content.
    #[must_use]
    pub const fn new(name: String, bytes: Vec<u8>) -> Self {
        Self { name, bytes, packed: OnceLock::new() }
    }

    fn packed(&self) -> &Result<(Digest, Packed)> {
        self.packed.get_or_init(|| digest_and_pack(&self.bytes))
    }

    /// Keeps it as received at a moment, and gives the number of its receipt.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn keep(&self, tx: &mut Tx<'_>, at: Timestamp) -> Result<i64> {
        let (digest, packed) = self.packed().as_ref().map_err(ServiceError::defect)?;
        record::keep(tx, digest, packed)?;
        Ok(record::add_received(tx, &self.name, "DCC", at, Some(digest), packed.size)?)
    }
}

/// What an import changes.
#[derive(Debug, Clone, Serialize)]
pub struct Imported {
    /// Rows before it.
    pub before: u64,
    /// Rows added.
    pub added: u64,
    /// Rows changed.
    pub changed: u64,
    /// Rows that went.
    pub gone: u64,
    /// Authorisations that lost their ground.
    pub accepted_rows: u64,
    /// Dormant installations that left their week or came back into it.
    pub dormant: u64,
    /// Dormant notices that are issued, since other suppliers have to be told (DMT-5).
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub notices: u64,
    /// Does it need a second operator?
    pub needs_approval: bool,
}

impl Act for Import {
    const KIND: &'static str = "import";
    type Answer = Imported;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("importing reference data")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Imported> {
        if self.as_at > work.now {
            return Err(ServiceError::rule("REF-1", "data cannot describe a moment that lies ahead; correct --as-at"));
        }
        let id = imports::next(&mut work.tx)?;
        let mut difference = match &self.at_hand {
            Some(file) => {
                let beside = || _ = file.packed();
                let difference = apply(work, self.kind, &file.name, &file.bytes, beside)?;
                if file.keep(&mut work.tx, work.now)? != self.received {
                    return Err(ServiceError::defect("a receipt has another number"));
                }
                difference
            }
            None => apply_again(work, self.kind, self.received)?,
        };
        let (mut dormant, mut notices, mut unscheduled) = (0, 0, false);
        // What changes nothing takes no ground away, and many imports only say that the data are fresh.
        if difference.added + difference.changed + difference.gone > 0 {
            // DMT-5: the suppliers of noticed installations may have changed with it.
            let reviewed = crate::dormant::review::review_all(work, Some(id))?;
            return_cancelled(work)?;
            difference.accepted_rows = lapse(work, Some(id))?;
            for (s1sp, reviewed) in reviewed {
                dormant += reviewed.changed;
                notices += reviewed.notices;
                unscheduled |= !reviewed.from_schedules.is_empty();
                reviewed.issue(work, s1sp)?;
            }
        }
        let slice = self.with_earlier && {
            let mut earlier = imports::standing(&mut work.tx)?;
            let since = since(work)?;
            earlier.retain(|import| import.kind == self.kind && import.applied_at > since);
            is_a_slice(work, self.kind, &difference, &earlier)?
        };
        let together = if slice { ", which with those of the 24 hours before changes much," } else { "" };
        let what = format!("an import of {}{together}", self.kind);
        let (what, beside) = ((what.as_str(), self.kind), unscheduled || slice);
        let needs_approval = must_be_approved(work, self.approve.as_deref(), what, &difference, beside)?;
        let import = ImportRecord {
            id,
            kind: self.kind,
            received: self.received,
            as_at: self.as_at,
            applied_at: work.now,
            difference,
            undone_at: None,
        };
        imports::add(&mut work.tx, &import)?;
        let ImportDifference { before, added, changed, gone, accepted_rows } = difference;
        Ok(Imported { before, added, changed, gone, accepted_rows, dormant, notices, needs_approval })
    }

    fn inputs(&self) -> Vec<Input> {
        vec![Input::Received(self.received)]
    }
}

/// The hours in which imports of one kind count as one change.
const TOGETHER: SignedDuration = SignedDuration::from_hours(24);

/// From when on what was imported or undone counts with it.
fn since(work: &Work<'_>) -> Result<Timestamp> {
    work.now.checked_sub(TOGETHER).map_err(ServiceError::defect)
}

/// REF-2: does a change of a kind of data, that is small by itself, change much together with the ones before it?
fn is_a_slice(
    work: &mut Work<'_>,
    kind: ReferenceKind,
    difference: &ImportDifference,
    earlier: &[ImportRecord],
) -> Result<bool> {
    let percent = second_signature(work)?.number("second_signature_percent")?;
    let weighed = |difference: &ImportDifference| weighed(work, kind, difference);
    let whole = weighed(difference);
    if needs_second_operator(&whole, percent) {
        return Ok(false);
    }
    // Rows that came without counting as a change are no more than that: else whoever adds many can change a few alone.
    let uncounted = |import: &ImportRecord| import.difference.added - weighed(&import.difference).added;
    let new: u64 = earlier.iter().filter(|_| work.engine > 2).map(uncounted).sum();
    let before = whole.before.saturating_sub(new).max(whole.before.min(1));
    let earlier: Vec<ImportDifference> = earlier.iter().map(|import| weighed(&import.difference)).collect();
    Ok(needs_second_with_earlier(&ImportDifference { before, ..whole }, &earlier, percent))
}

/// What of a difference counts for that: new days of capacity change nothing that was there.
fn weighed(work: &Work<'_>, kind: ReferenceKind, difference: &ImportDifference) -> ImportDifference {
    let only_new = kind == ReferenceKind::Capacity && (work.engine > 1 || difference.changed == 0);
    ImportDifference { added: if only_new { 0 } else { difference.added }, ..*difference }
}

/// The rulebook that says when a second operator signs.
fn second_signature<'a>(work: &Work<'a>) -> Result<&'a Rulebook> {
    work.mam_rulebook()
}

/// REF-2: a second operator signs for what changes much, or anything that was accepted. What leaves a locked schedule was
/// accepted, too, and what is so for a reason `beside` its figures. Gives whether one is needed; what is only shown needs none yet.
///
/// # Errors
/// If one is needed and missing.
fn must_be_approved(
    work: &mut Work<'_>,
    approve: Option<&str>,
    (what, kind): (&str, ReferenceKind),
    difference: &ImportDifference,
    beside: bool,
) -> Result<bool> {
    let weighed = weighed(work, kind, difference);
    let book = second_signature(work)?;
    work.rulebook.clone_from(&book.id);
    let needed = needs_second_operator(&weighed, book.number("second_signature_percent")?) || beside;
    if needed {
        second_operator(work, approve, "REF-2", &in_figures(what, difference))?;
    }
    Ok(needed)
}

/// A change of reference data in figures, as a person signs for it.
fn in_figures(what: &str, difference: &ImportDifference) -> String {
    let ImportDifference { before, added, changed, gone, accepted_rows } = difference;
    let ended = match accepted_rows {
        0 => String::new(),
        rows => format!(" and changes or ends {},", count(*rows, "authorisation")),
    };
    let rows = count(*before, "row");
    format!("{what} that adds {added}, changes {changed} and takes away {gone} of {rows},{ended}")
}

/// Brings the table of a kind to what a file says.
fn apply(
    work: &mut Work<'_>,
    kind: ReferenceKind,
    name: &str,
    content: &[u8],
    beside: impl FnOnce() + Send,
) -> Result<ImportDifference> {
    let mut content = Cursor::new(content);
    let extension = extension_of(name);
    match kind {
        ReferenceKind::Inventory => crate::imports::inventory::apply(work, &extension, &mut content, beside),
        _ => crate::imports::tables::apply(work, kind, &extension, &mut content),
    }
}

/// Brings the table of a kind to what a file says that was received before.
fn apply_again(work: &mut Work<'_>, kind: ReferenceKind, received: i64) -> Result<ImportDifference> {
    let received = record::received(&mut work.tx, received)?;
    let digest = received.digest.ok_or_else(|| ServiceError::defect("an import has no content"))?;
    let content = record::content(&mut work.tx, &digest)?;
    apply(work, kind, &received.name, &content, || ())
}

/// REF-2: the last import is undone, until a day that it bears on is locked. The file before it stands again.
#[derive(Debug, Serialize, Deserialize)]
pub struct UndoImport {
    /// The second operator, where one is needed.
    pub approve: Option<String>,
}

/// What undoing an import changes.
#[derive(Debug, Clone, Serialize)]
pub struct Undone {
    /// The number of the import.
    pub id: i64,
    /// What was imported.
    #[serde(with = "crate::words")]
    pub kind: ReferenceKind,
    /// The name of its file.
    pub file: String,
    /// When it was imported.
    #[serde(with = "crate::words")]
    pub applied_at: Timestamp,
    /// The difference from the table as the import left it.
    #[serde(flatten)]
    pub imported: Imported,
    /// Authorisations that the import had ended and that are back.
    pub restored: u64,
}

impl Act for UndoImport {
    const KIND: &'static str = "import-undo";
    type Answer = Undone;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("undoing an import")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Undone> {
        let standing = imports::standing(&mut work.tx)?;
        let Some(last) = standing.first() else {
            return Err(ServiceError::rule("REF-2", "nothing was imported that could be undone"));
        };
        if work.engine < 3 {
            must_precede_every_version(work, last)?;
        }
        let earlier: Vec<i64> =
            standing.iter().skip(1).filter(|import| import.kind == last.kind).map(|import| import.received).collect();
        let before = standing.iter().skip(1).find(|import| import.kind == last.kind);
        let reach = match work.engine {
            ..=2 => None,
            _ => Some(Reach::of(work, last, |work| before.map(|before| touched_s1sps(work, before)).transpose())?),
        };
        let mut difference = match (before, last.kind) {
            (_, ReferenceKind::Capacity) => crate::imports::capacity::undo(work, last.received, &earlier)?,
            (Some(before), _) => apply_again(work, last.kind, before.received)?,
            (None, ReferenceKind::Inventory) => crate::imports::inventory::empty(work)?,
            (None, kind) => crate::imports::tables::empty(work, kind)?,
        };
        if let Some(reach) = reach {
            reach.must_not_be_locked(work, last.kind)?;
        }
        imports::set_undone(&mut work.tx, last.id, work.now)?;
        retract(work, last)?;
        let (restored, moved) = restore(work, last.id)?;
        let restored = restored + return_cancelled(work)?;
        let mut dormant = crate::dormant::review::give_back(work, last.id)?;
        // MAM-8: what stood on the import itself has lost its ground with it.
        difference.accepted_rows = moved + lapse(work, None)?;
        let (mut notices, mut unscheduled) = (0, false);
        for (s1sp, reviewed) in crate::dormant::review::review_all(work, None)? {
            dormant += reviewed.changed;
            notices += reviewed.notices;
            unscheduled |= !reviewed.from_schedules.is_empty();
            reviewed.issue(work, s1sp)?;
        }
        let (id, kind) = (last.id, last.kind);
        let file = record::received(&mut work.tx, last.received)?.name;
        let slice = work.engine > 2 && {
            // What was taken back in these hours counts as what was imported in them.
            let (mut earlier, since) = (imports::all(&mut work.tx)?, since(work)?);
            earlier.retain(|import| import.kind == kind && import.id != id);
            earlier.retain(|import| import.applied_at > since || import.undone_at.is_some_and(|at| at > since));
            is_a_slice(work, kind, &difference, &earlier)?
        };
        let together = if slice { " which with those of the 24 hours before changes much," } else { "" };
        let what = format!("undoing import {id}, of {kind} from {file},{together}");
        let what = (what.as_str(), kind);
        let needs_approval = must_be_approved(work, self.approve.as_deref(), what, &difference, unscheduled || slice)?;
        let ImportDifference { before, added, changed, gone, accepted_rows } = difference;
        let imported = Imported { before, added, changed, gone, accepted_rows, dormant, notices, needs_approval };
        Ok(Undone { id, kind, file, applied_at: last.applied_at, imported, restored })
    }
}

/// REF-2: who was told by an import that an authorisation has lost its ground with a change of supplier is told that this holds no
/// more.
fn retract(work: &mut Work<'_>, import: &ImportRecord) -> Result<()> {
    if work.engine < 3 {
        return Ok(());
    }
    let ImportRecord { id, kind, .. } = import;
    for told in issued::notices_at(&mut work.tx, import.applied_at, "MAM-8")? {
        let words = format!("the import of {kind} is undone (number {id}), so this holds no more: {}", told.words);
        tell(work, told.party, "REF-2", told.chf, &words)?;
    }
    Ok(())
}

/// Programs of before undid nothing that any version of any schedule came after.
fn must_precede_every_version(work: &mut Work<'_>, last: &ImportRecord) -> Result<()> {
    let locked = schedules::locked(&mut work.tx)?;
    let Some((s1sp, date, _, at)) = locked.iter().find(|(.., at)| *at > last.applied_at) else { return Ok(()) };
    let at = in_words(*at);
    let message = format!("the import of {} was used for the schedule of {s1sp} on {date} at {at}", last.kind);
    Err(ServiceError::rule("REF-2", format!("{message}; import corrected data instead")))
}

/// The S1SPs whose installations would be others if the inventory of an earlier import stood again.
fn touched_s1sps(work: &mut Work<'_>, before: &ImportRecord) -> Result<BTreeSet<S1sp>> {
    let received = record::received(&mut work.tx, before.received)?;
    let digest = received.digest.ok_or_else(|| ServiceError::defect("an import has no content"))?;
    let content = record::content(&mut work.tx, &digest)?;
    crate::imports::inventory::touched(work, &extension_of(&received.name), &mut Cursor::new(&content[..]))
}

fn extension_of(name: &str) -> String {
    name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase()
}
