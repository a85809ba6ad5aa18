//! Reference data: staged, the difference shown, applied or not, undone (REF-1, REF-2).

use crate::act::actor::Actor;
use crate::act::digests::digest_and_pack;
use crate::act::prepared::{Prepared, PreparedImport};
use crate::act::work::{Act, Work};
use crate::board::changed::Changed;
use crate::books::calendar;
use crate::dormant::review::{Reviewed, give_back, review_all};
use crate::error::{Result, ServiceError};
use crate::form::extension_of;
use crate::imports::cancelled::tell_changes;
use crate::imports::prepare::{
    Content, compare, compare_before, compare_received, digest_of, is_compared, put_in_place, ready, ready_before,
};
use crate::imports::reach::Reach;
use crate::imports::retract::{retract, retract_asked, retract_authorised};
use crate::imports::rows::{
    asked_before, in_words, known_before, lapse, restore, return_cancelled, schedules_follow, with_ended,
};
use crate::imports::shown::Difference;
use crate::imports::touched::{installations_of, s1sps_of};
use crate::imports::weight::{before_import, before_undoing, is_a_slice, must_be_approved, was_signed_by_two};
use crate::imports::{expired, inventory, tables};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::party::S1sp;
use sluice_rules::reference::{ImportDifference, ReferenceKind};
use sluice_store::Tx;
use sluice_store::tables::imports::{self, ImportRecord};
use sluice_store::tables::log::Input;
use sluice_store::tables::record::{self, Digest, Packed};
use sluice_store::tables::schedules;
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

    fn digest(&self) -> Result<Digest> {
        Ok(self.packed().as_ref().map_err(ServiceError::defect)?.0)
    }

    /// Compares it with what stands.
    fn compare(&self, work: &mut Work<'_>, kind: ReferenceKind) -> Result<PreparedImport> {
        compare(work, kind, Some(kind), &Content { name: &self.name, bytes: &self.bytes }, || self.digest())
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
    /// Authorisations that are back, since the change of supplier with which they had lapsed is cancelled (MAM-8). In what programs
    /// of before did it was not told.
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub returned: u64,
    /// Dormant notices that are issued, since other suppliers have to be told (DMT-5).
    #[serde(skip_serializing_if = "crate::words::is_zero")]
    pub notices: u64,
    /// Does it need a second operator?
    pub needs_approval: bool,
    /// The first rows that are added, changed or gone, and authorisations that are changed or ended, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<String>,
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
        let prepared = self.compared(work)?;
        let touched = installations_of(work, prepared.as_deref())?;
        let (touched, mut known) = (touched.as_deref(), known_before(work, touched.as_deref())?);
        let Difference { figures: mut difference, mut first } = self.apply(work, prepared.as_deref())?;
        let (mut dormant, mut notices, mut returned, mut unscheduled) = (0, 0, 0, false);
        // What changes nothing takes no ground away, and many imports only say that the data are fresh.
        if difference.added + difference.changed + difference.gone > 0 {
            // DMT-5: the suppliers of noticed installations may have changed with it.
            let reviewed = review_all(work, Some(id))?;
            returned = return_cancelled(work, Some(id), touched, &mut known)?;
            let lapsed = lapse(work, Some(id), touched, &mut known)?;
            tell_changes(work, touched)?;
            (difference.accepted_rows, first) = (number(lapsed.len()), [first, told(work, &lapsed)].concat());
            (dormant, notices, unscheduled) = issue(work, reviewed)?;
            schedules_follow(work, self.kind, touched)?;
        }
        let slice = self.with_earlier && {
            let earlier = before_import(work, self.kind)?;
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
            act: work.by_act(),
            difference,
            by_two: needs_approval && work.engine > 3,
            undone_at: None,
            undone_by: None,
        };
        imports::add(&mut work.tx, &import)?;
        let returned = if work.engine > 3 { returned } else { 0 };
        let ImportDifference { before, added, changed, gone, accepted_rows } = difference;
        Ok(Imported { before, added, changed, gone, accepted_rows, dormant, returned, notices, needs_approval, first })
    }

    const PREPARES: bool = true;

    fn prepare(&self, work: &mut Work<'_>) -> Result<Option<Prepared>> {
        // What describes a moment that lies ahead is refused unread.
        if self.as_at > work.now {
            return Ok(None);
        }
        // Nor is there anything to compare a first inventory with.
        if is_first_inventory(work, self.kind)? {
            return Ok(None);
        }
        let (kind, compared) = (self.kind, is_compared(self.kind));
        let Some(file) = &self.at_hand else {
            let found = compared.then(|| compare_received(work, (kind, self.received), Some(kind))).transpose()?;
            return Ok(found.map(Arc::new).map(Prepared::Import));
        };
        // It is packed while it is read.
        std::thread::scope(|scope| {
            scope.spawn(|| _ = file.packed());
            let found = compared.then(|| file.compare(work, kind)).transpose()?;
            Ok(found.map(Arc::new).map(Prepared::Import))
        })
    }

    fn inputs(&self) -> Vec<Input> {
        vec![Input::Received(self.received)]
    }
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// REF-2: authorisations that are changed or ended, in words; programs before version 4 told their number alone.
fn told(work: &Work<'_>, lapsed: &[Changed]) -> Vec<String> {
    if work.engine > 3 { in_words(lapsed) } else { Vec::new() }
}

impl Import {
    /// What the file changes; nothing where that is found out while it is done.
    fn compared(&self, work: &mut Work<'_>) -> Result<Option<Arc<PreparedImport>>> {
        if !is_compared(self.kind) || is_first_inventory(work, self.kind)? {
            return Ok(None);
        }
        let Some(file) = &self.at_hand else { return ready_again(work, self.kind, self.received).map(Some) };
        let digest = file.digest()?;
        ready(work, (self.kind, digest), |work| file.compare(work, self.kind)).map(Some)
    }

    /// Brings the table to what the file says, and keeps the file.
    fn apply(&self, work: &mut Work<'_>, prepared: Option<&PreparedImport>) -> Result<Difference> {
        let difference = match (prepared, &self.at_hand) {
            (Some(prepared), _) => put_in_place(work, prepared)?,
            (None, Some(file)) => {
                let (extension, mut content) = (extension_of(&file.name), Cursor::new(&file.bytes[..]));
                match self.kind {
                    ReferenceKind::Inventory => {
                        inventory::load_first(work, &extension, &mut content, || _ = file.packed())?
                    }
                    kind => tables::apply(work, kind, &extension, &mut content)?,
                }
            }
            (None, None) => apply_again(work, self.kind, self.received)?,
        };
        if let Some(file) = &self.at_hand
            && file.keep(&mut work.tx, work.now)? != self.received
        {
            return Err(ServiceError::defect("a receipt has another number"));
        }
        Ok(difference)
    }
}

/// Brings a table that is not compared to what a file says that was received before.
fn apply_again(work: &mut Work<'_>, kind: ReferenceKind, received: i64) -> Result<Difference> {
    let (digest, name) = (digest_of(work, received)?, record::received(&mut work.tx, received)?.name);
    let content = record::content(&mut work.tx, &digest)?;
    let (extension, mut content) = (extension_of(&name), Cursor::new(&content[..]));
    match kind {
        ReferenceKind::Inventory => inventory::load_first(work, &extension, &mut content, || ()),
        kind => tables::apply(work, kind, &extension, &mut content),
    }
}

/// Is it an inventory, and none stands?
fn is_first_inventory(work: &mut Work<'_>, kind: ReferenceKind) -> Result<bool> {
    Ok(kind == ReferenceKind::Inventory && !imports::has_installations(&mut work.tx)?)
}

/// What a file changes that was received before.
fn ready_again(work: &mut Work<'_>, kind: ReferenceKind, received: i64) -> Result<Arc<PreparedImport>> {
    let digest = digest_of(work, received)?;
    ready(work, (kind, digest), |work| compare_received(work, (kind, received), Some(kind)))
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

/// Notes that an import is undone, and takes back what it told.
fn take_back(work: &mut Work<'_>, last: &ImportRecord) -> Result<()> {
    let (act, now) = (work.by_act(), work.now);
    imports::set_undone(&mut work.tx, last.id, now, act)?;
    retract(work, last)
}

impl Act for UndoImport {
    const KIND: &'static str = "import-undo";
    type Answer = Undone;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("undoing an import")
    }

    const PREPARES: bool = true;

    fn prepare(&self, work: &mut Work<'_>) -> Result<Option<Prepared>> {
        let standing = imports::standing(&mut work.tx)?;
        let Some(last) = standing.first() else { return Ok(None) };
        let before = standing.iter().skip(1).find(|import| import.kind == last.kind);
        let found = compare_before(work, last.kind, before.map(|before| before.received))?;
        Ok(found.map(Arc::new).map(Prepared::Import))
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Undone> {
        let standing = imports::standing(&mut work.tx)?;
        let Some(last) = standing.first() else {
            return Err(ServiceError::rule("REF-2", "nothing was imported that could be undone"));
        };
        if work.engine < 3 {
            must_precede_every_version(work, last)?;
        }
        let same = standing.iter().skip(1).filter(|import| import.kind == last.kind);
        let earlier: Vec<i64> = same.map(|import| import.received).collect();
        let before = earlier.first().copied();
        let prepared = ready_before(work, last.kind, before)?;
        let reach = match work.engine {
            ..=2 => None,
            _ => {
                let s1sps = |work: &mut Work<'_>| prepared.as_deref().map(|after| s1sps_of(work, after)).transpose();
                Some(Reach::of(work, last, s1sps)?)
            }
        };
        let touched = installations_of(work, prepared.as_deref())?;
        let touched = with_ended(work, touched, last.id)?;
        let (touched, mut known) = (touched.as_deref(), known_before(work, touched.as_deref())?);
        let (asked, expired) = (asked_before(&known), expired::since(work, last, touched)?);
        let Difference { figures: mut difference, mut first } = match (&prepared, before, last.kind) {
            (Some(prepared), ..) => put_in_place(work, prepared)?,
            (None, _, ReferenceKind::Capacity) => {
                let (id, file) = (last.id, record::received(&mut work.tx, last.received)?.name);
                let undone = crate::imports::capacity::undo(work, last.received, &earlier);
                undone.map_err(|error| error.about(&format!("the last import, {id} of capacity from {file}, stays")))?
            }
            (None, Some(before), kind) => apply_again(work, kind, before)?,
            (None, None, ReferenceKind::Inventory) => inventory::empty(work)?,
            (None, None, kind) => tables::empty(work, kind)?,
        };
        if let Some(reach) = reach {
            reach.must_not_be_locked(work, last.kind)?;
        }
        take_back(work, last)?;
        let (mut restored, moved) = restore(work, last, (touched, expired), &mut known)?;
        // What ends now is found by what follows as what the import ended is; programs of before did not note why it ended.
        let cause = Some(last.id).filter(|_| work.engine > 4);
        restored += return_cancelled(work, cause, touched, &mut known)?;
        let mut dormant = give_back(work, last.id)?;
        // MAM-8: what stood on the import itself has lost its ground with it.
        let lapsed = lapse(work, cause, touched, &mut known)?;
        retract_asked(work, last, &asked)?;
        tell_changes(work, touched)?;
        (difference.accepted_rows, first) = (moved + number(lapsed.len()), [first, told(work, &lapsed)].concat());
        // Programs of before did not note why Dormant installations left with it either.
        let left = cause.filter(|_| work.engine > 5);
        let reviewed = review_all(work, left)?;
        let (changed, notices, unscheduled) = issue(work, reviewed)?;
        dormant += changed;
        schedules_follow(work, last.kind, touched)?;
        retract_authorised(work, last)?;
        let (id, kind, file) = (last.id, last.kind, record::received(&mut work.tx, last.received)?.name);
        let needs_approval = self.weigh(work, last, &file, &difference, unscheduled)?;
        let ImportDifference { before, added, changed, gone, accepted_rows } = difference;
        // What is back is told with what the import itself had ended.
        let returned = 0;
        let imported =
            Imported { before, added, changed, gone, accepted_rows, dormant, returned, notices, needs_approval, first };
        Ok(Undone { id, kind, file, applied_at: last.applied_at, imported, restored })
    }
}

/// Issues the schedules again that a review of Dormant installations changed. Gives how many it changed, how many notices were issued
/// with it, and whether any has left a schedule.
fn issue(work: &mut Work<'_>, all: Vec<(S1sp, Reviewed)>) -> Result<(u64, u64, bool)> {
    let (mut changed, mut notices, mut unscheduled) = (0, 0, false);
    for (s1sp, reviewed) in all {
        changed += reviewed.changed;
        notices += reviewed.notices;
        unscheduled |= !reviewed.from_schedules.is_empty();
        reviewed.issue(work, s1sp)?;
    }
    Ok((changed, notices, unscheduled))
}

impl UndoImport {
    /// REF-2: does the undoing need a second operator? By what it changes, with what was undone before it, and where two signed for
    /// what it takes back.
    fn weigh(
        &self,
        work: &mut Work<'_>,
        last: &ImportRecord,
        file: &str,
        difference: &ImportDifference,
        unscheduled: bool,
    ) -> Result<bool> {
        let ImportRecord { id, kind, .. } = *last;
        let slice = work.engine > 2 && {
            let earlier = before_undoing(work, last)?;
            is_a_slice(work, kind, difference, &earlier)?
        };
        let signed = was_signed_by_two(work, last)?;
        let why = match (signed, slice) {
            (true, _) => " which two people signed for,",
            (false, true) => " which with those of the 24 hours before changes much,",
            (false, false) => "",
        };
        let what = format!("undoing import {id}, of {kind} from {file},{why}");
        let (what, beside) = ((what.as_str(), kind), unscheduled || slice || signed);
        must_be_approved(work, self.approve.as_deref(), what, difference, beside)
    }
}

/// Programs of before undid nothing that any version of any schedule came after.
fn must_precede_every_version(work: &mut Work<'_>, last: &ImportRecord) -> Result<()> {
    let locked = schedules::locked(&mut work.tx)?;
    let Some((s1sp, date, _, at)) = locked.iter().find(|(.., at)| *at > last.applied_at) else { return Ok(()) };
    let at = calendar::in_words(*at);
    let message = format!("the import of {} was used for the schedule of {s1sp} on {date} at {at}", last.kind);
    Err(ServiceError::rule("REF-2", format!("{message}; import corrected data instead")))
}
