//! What an act finds out before its transaction, so that others go on meanwhile. It is taken only if what it was found out from still
//! stands when the act begins.
//!
//! A file is no part of it (`act/reading.rs`): what it says does not depend on what stands, and by what it is to be read only the act
//! knows, so it is asked for from within and needs neither a transaction nor a question whether it still holds.

use crate::error::Result;
use sluice_rules::reference::{ImportDifference, ReferenceKind};
use sluice_store::tables::imports::{self, Replacement};
use sluice_store::tables::log;
use sluice_store::tables::parties::Dictionary;
use sluice_store::tables::record::Digest;
use sluice_store::tables::stage;
use sluice_store::{Tx, View};
use std::any::Any;
use std::sync::Arc;

/// What was found out before an act.
#[derive(Debug, Clone)]
pub enum Prepared {
    /// What a file of reference data changes.
    Import(Arc<PreparedImport>),
    /// What nearly every act can make another thing, so it holds until there is one after that of this number.
    UntilNextAct(i64, Arc<dyn Any + Send + Sync>),
}

impl Prepared {
    /// What holds until there is a next act, if it is of this kind.
    pub(crate) fn found<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        match self {
            Self::UntilNextAct(_, found) => found.clone().downcast().ok(),
            Self::Import(_) => None,
        }
    }

    /// Does it still hold?
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn holds(&self, tx: &mut Tx<'_>) -> Result<bool> {
        match self {
            Self::Import(import) => import.holds(tx),
            Self::UntilNextAct(after, _) => Ok(last_act(tx)? == *after),
        }
    }
}

/// The number of the last act.
pub(crate) fn last_act(view: &mut View<'_>) -> Result<i64> {
    Ok(log::last(view)?.map_or(0, |(last, _)| last))
}

/// What a table of reference data is compared with (REF-2).
#[derive(Debug)]
pub struct Ground {
    /// The kind whose imports and undoings make it another one; any, where none is named.
    kind: Option<ReferenceKind>,
    version: (i64, i64),
    /// The numbers that stand for codes.
    pub(crate) dictionary: Dictionary,
}

impl Ground {
    /// The ground of now. It is looked at before what is compared with it, so that it is never later than that.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) fn load(tx: &mut View<'_>, kind: Option<ReferenceKind>) -> Result<Self> {
        Ok(Self { kind, version: imports::version(tx, kind)?, dictionary: Dictionary::load(tx)? })
    }

    fn holds(&self, tx: &mut View<'_>) -> Result<bool> {
        let now = Self::load(tx, self.kind)?;
        Ok(now.version == self.version && now.dictionary.has_same_numbers(&self.dictionary))
    }
}

/// What a file of reference data changes, found out before the act that imports it.
#[derive(Debug)]
pub struct PreparedImport {
    /// Of what.
    pub(crate) kind: ReferenceKind,
    /// The digest of the file.
    pub(crate) digest: Digest,
    /// What it was compared with.
    pub(crate) ground: Ground,
    /// In figures.
    pub(crate) figures: ImportDifference,
    /// The first rows that change, in words.
    pub(crate) first: Vec<String>,
    /// The rows.
    pub(crate) rows: Rows,
}

/// The rows that an import writes.
#[derive(Debug)]
pub(crate) enum Rows {
    /// They are on the stage of the inventory.
    Staged(stage::Change),
    /// They are at hand.
    AtHand(Replacement),
}

impl PreparedImport {
    fn holds(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if matches!(self.rows, Rows::Staged(_)) && !stage::is_there(tx)? {
            return Ok(false);
        }
        self.ground.holds(tx)
    }
}
