//! Files are read before they are taken over and judged, while no transaction is open: what takes long to read keeps nobody waiting.

use crate::act::leaf::ENGINE;
use crate::act::reading::{Ahead, ReadFile};
use crate::act::work::Look;
use crate::basis::Basis;
use crate::dispatch::ahead;
use crate::error::{Result, ServiceError};
use crate::files::unsealed::Unsealed;
use crate::rows::authorise::basis_of;
use crate::service::Service;
use jiff::Timestamp;
use sluice_store::Scope;
use sluice_store::tables::files;
use sluice_store::tables::intake::Arrival;
use sluice_store::tables::record::{self, Digest, Received};
use std::sync::Arc;

impl Service {
    /// By what an arrival will be read, with the digest that its content has; nothing if it will be refused whatever it says.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn wanted(&mut self, now: Timestamp, of: &Arrival, digest: Digest) -> Result<Option<Basis>> {
        let Arrival { name, party, at, size, .. } = of;
        let (sender, name, digest) = (party.to_string(), name.clone(), Some(digest));
        let received = Received { id: 0, name, sender, at: *at, digest, size: *size, unkept: None };
        self.not_failing(now, |work| ahead::of_arrival(work, &received))
    }

    /// What cannot be found out before is found out when the file is judged.
    fn not_failing(
        &mut self,
        now: Timestamp,
        read: impl FnOnce(&mut Look<'_>) -> Result<Option<Basis>>,
    ) -> Result<Option<Basis>> {
        match self.contained(|service| service.look_at_all(now, read)) {
            Err(error) if error.is_of_the_database() => Err(error),
            found => Ok(found.unwrap_or_default()),
        }
    }

    /// Reads an arrival from its bytes before it is taken over.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn read_arrival(&mut self, now: Timestamp, of: &Arrival, bytes: &[u8]) -> Result<Ahead> {
        let Some(digest) = of.digest else { return Ok(Ok(None)) };
        let basis = self.wanted(now, of, digest)?;
        Ok(basis.map(|basis| self.read_from(now, basis, bytes)).transpose())
    }

    fn read_from(&mut self, now: Timestamp, basis: Basis, bytes: &[u8]) -> Result<Arc<ReadFile>> {
        #[cfg(any(test, feature = "faults"))]
        crate::act::fault::meanwhile();
        self.read_beating(now, basis, bytes).map(Arc::new)
    }

    /// What a received file says that is to be judged, where a password has opened it from its member.
    ///
    /// # Errors
    /// If it cannot be read, or the database fails.
    pub(super) fn read_to_judge(
        &mut self,
        now: Timestamp,
        file: i64,
        unsealed: Option<&Unsealed>,
        ahead: Option<Arc<ReadFile>>,
    ) -> Result<Option<Arc<ReadFile>>> {
        let Some(Unsealed { opening, member, .. }) = unsealed else {
            return if ahead.is_some() { Ok(ahead) } else { self.read_received(now, file) };
        };
        if opening.member().is_none() {
            return Ok(None);
        }
        let mut view = self.store.view(Scope::Dcc)?;
        let found = files::get(&mut view, file)?;
        let found = found.ok_or_else(|| ServiceError::defect("a file to be judged is missing"))?;
        let received = record::received(&mut view, file)?;
        drop(view);
        let basis = basis_of(ENGINE, &found, &received, Some(opening))?;
        self.read_from(now, basis, member).map(Some)
    }

    /// Reads a received file from the record.
    fn read_received(&mut self, now: Timestamp, file: i64) -> Result<Option<Arc<ReadFile>>> {
        let Some(basis) = self.not_failing(now, |work| ahead::of_received(work, file))? else { return Ok(None) };
        let bytes = record::content(&mut self.store.view(Scope::Dcc)?, &basis.digest)?;
        self.read_from(now, basis, &bytes).map(Some)
    }
}

#[cfg(test)]
#[path = "ahead_tests.rs"]
mod tests;
