//! Files that were refused by their names: their content is not in the record but in the intake, for a while (MAM-9).

use crate::act::actor::Actor;
use crate::act::contain::contained;
use crate::act::digests::hexadecimal;
use crate::act::leaf::ENGINE;
use crate::act::perform::perform_on;
use crate::act::reading::ReadFile;
use crate::basis::Basis;
use crate::error::{Result, ServiceError};
use crate::files::content::basis;
use crate::files::verdict::Verdict;
use crate::service::Service;
use crate::weeks::take_refused::TakeRefused;
use jiff::Timestamp;
use sluice_store::Scope;
use sluice_store::tables::record::{self, Packed, Received};
use sluice_store::tables::{files, intake};
use std::sync::Arc;

impl Service {
    /// MSM-11: an operator takes a demand file that was wrongly refused. Content that the record has not comes into it from the intake.
    ///
    /// # Errors
    /// If there is no such file, its content is not kept any more or cannot be taken, or the database fails.
    pub fn take_refused(&mut self, now: Timestamp, by: &Actor, file: i64, reason: &str) -> Result<Verdict> {
        self.admit::<TakeRefused>(now, by)?;
        let kept = self.unkept(file)?;
        // What the record has not is read from what the intake has.
        let read = |(basis, _, bytes): &(Basis, Packed, Vec<u8>)| {
            #[cfg(any(test, feature = "faults"))]
            crate::act::fault::meanwhile();
            ReadFile::of(&self.books, basis.clone(), bytes, None)
        };
        let read = kept.as_ref().map(|kept| contained(|| read(kept))).transpose()?;
        let taken =
            perform_on::<TakeRefused, _>(&mut self.store, &self.books, (now, by), read.map(Arc::new), |work| {
                if let Some((basis, packed, _)) = &kept {
                    record::keep(&mut work.tx, &basis.digest, packed)?;
                }
                let content = kept.as_ref().map(|(basis, ..)| hexadecimal(&basis.digest));
                Ok(Some(TakeRefused { file, reason: reason.to_owned(), content }))
            })?;
        taken.ok_or_else(|| ServiceError::defect("an act was not done"))
    }

    /// The content of a file that the intake alone has, and by what it is read.
    fn unkept(&mut self, file: i64) -> Result<Option<(Basis, Packed, Vec<u8>)>> {
        let mut view = self.store.view(Scope::Dcc)?;
        let Some(record) = files::get(&mut view, file)? else { return Ok(None) };
        let received = record::received(&mut view, file)?;
        let Some(digest) = received.unkept else { return Ok(None) };
        let basis = basis(ENGINE, &record, &Received { digest: Some(digest), ..received }, None)?;
        let Some(id) = intake::arrival_of(&mut view, file)? else { return Ok(None) };
        drop(view);
        let Some(mut kept) = self.store.intake_view()? else { return Ok(None) };
        let Some(arrival) = intake::get(&mut kept, &id)? else { return Ok(None) };
        Ok(intake::content(&mut kept, &arrival)?.map(|(packed, bytes)| (basis, packed, bytes)))
    }
}
