//! Files that were refused by their names: their content is not in the record but in the intake, for a while (MAM-9).

use crate::act::actor::Actor;
use crate::act::digests::hexadecimal;
use crate::act::work::perform;
use crate::error::Result;
use crate::files::verdict::Verdict;
use crate::service::Service;
use crate::weeks::demand::TakeRefused;
use jiff::Timestamp;
use sluice_store::Scope;
use sluice_store::tables::record::{self, Digest, Packed};
use sluice_store::tables::{files, intake};

impl Service {
    /// MSM-11: an operator takes a demand file that was wrongly refused. Content that the record has not comes into it from the intake.
    ///
    /// # Errors
    /// If there is no such file, its content is not kept any more or cannot be taken, or the database fails.
    pub fn take_refused(&mut self, now: Timestamp, by: &Actor, file: i64, reason: &str) -> Result<Verdict> {
        self.admit::<TakeRefused>(now, by)?;
        let kept = self.unkept(file)?;
        perform(&mut self.store, &self.books, now, by, |tx| {
            if let Some((digest, packed)) = &kept {
                record::keep(tx, digest, packed)?;
            }
            let content = kept.as_ref().map(|(digest, _)| hexadecimal(digest));
            Ok(TakeRefused { file, reason: reason.to_owned(), content })
        })
    }

    /// The content of a file that the intake alone has.
    fn unkept(&mut self, file: i64) -> Result<Option<(Digest, Packed)>> {
        let mut view = self.store.view(Scope::Dcc)?;
        if files::get(&mut view, file)?.is_none() {
            return Ok(None);
        }
        let Some(digest) = record::received(&mut view, file)?.unkept else { return Ok(None) };
        let Some(id) = intake::arrival_of(&mut view, file)? else { return Ok(None) };
        drop(view);
        let Some(mut kept) = self.store.intake_view()? else { return Ok(None) };
        let Some(arrival) = intake::get(&mut kept, &id)? else { return Ok(None) };
        Ok(intake::content(&mut kept, &arrival)?.map(|packed| (digest, packed)))
    }
}
