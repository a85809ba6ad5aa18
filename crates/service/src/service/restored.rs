//! A database that was put back from a copy, beside an intake that is newer: what was taken over since is taken over again.

use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use crate::service::Service;
use crate::words::count;
use jiff::Timestamp;
use sluice_store::tables::{intake, log, record};
use sluice_store::{Scope, View};

/// The name of the fact that says up to which act of which record the intake was taken over.
const RECORD: &str = "record";

/// A row of a record, with the first one, by which the record is known.
struct Mark {
    seq: i64,
    leaf: String,
    first: String,
}

impl Mark {
    /// That of the last row; none of a record that has none.
    fn last(view: &mut View<'_>) -> Result<Option<Self>> {
        let Some((seq, _)) = log::last(view)? else { return Ok(None) };
        let (leaf, first) = (leaf_of(view, seq)?, leaf_of(view, 1)?);
        Ok(leaf.zip(first).map(|(leaf, first)| Self { seq, leaf, first }))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (seq, leaf, first) = (words.next()?.parse().ok()?, words.next()?.to_owned(), words.next()?.to_owned());
        Some(Self { seq, leaf, first })
    }

    fn text(&self) -> String {
        format!("{} {} {}", self.seq, self.leaf, self.first)
    }
}

fn leaf_of(view: &mut View<'_>, seq: i64) -> Result<Option<String>> {
    Ok(log::leaf_of(view, seq)?.map(|leaf| record::hexadecimal(&leaf)))
}

impl Service {
    /// What the record has of the intake now, to be noted there.
    pub(super) fn mark(&mut self) -> Result<Option<(&'static str, String)>> {
        let mark = Mark::last(&mut self.store.view(Scope::Dcc)?)?;
        Ok(mark.map(|mark| (RECORD, mark.text())))
    }

    /// Holds the intake against the record. A record that was put back from a copy lacks what was taken over since: that waits again,
    /// under its own ids and with its own moments.
    ///
    /// # Errors
    /// If the intake is that of another database, or one of the two fails.
    pub(super) fn must_fit_the_intake(&mut self, now: Timestamp) -> Result<()> {
        let Some(mut kept) = self.store.intake_view()? else { return Ok(()) };
        let Some(mark) = intake::fact(&mut kept, RECORD)?.as_deref().and_then(Mark::parse) else { return Ok(()) };
        drop(kept);
        let mut view = self.store.view(Scope::Dcc)?;
        if leaf_of(&mut view, mark.seq)?.is_some_and(|leaf| leaf == mark.leaf) {
            return Ok(());
        }
        let is_its_own = leaf_of(&mut view, 1)?.is_some_and(|first| first == mark.first);
        drop(view);
        if !is_its_own {
            return Err(ServiceError::Use(format!(
                "the intake beside {} is that of another database: put the one back that belongs to it, or take this one away, and the \
                 database gets an empty one; nothing is changed",
                self.url()
            )));
        }
        self.take_over_again(now)
    }

    fn take_over_again(&mut self, now: Timestamp) -> Result<()> {
        let kept = match self.store.intake_view()? {
            Some(mut view) => intake::taken(&mut view)?,
            None => Vec::new(),
        };
        let mut view = self.store.view(Scope::Dcc)?;
        let mut missing = Vec::new();
        for id in kept {
            if intake::of_arrival(&mut view, &id)?.is_none() {
                missing.push(id);
            }
        }
        let until = log::last(&mut view)?.map(|(_, at)| at);
        drop(view);
        let mark = self.mark()?;
        let mut tx = self.store.intake()?;
        missing.iter().try_for_each(|id| intake::take_again(&mut tx, id))?;
        if let Some((name, mark)) = mark {
            intake::set_fact(&mut tx, name, &mark)?;
        }
        tx.commit()?;
        let until = until.unwrap_or(now);
        let (files, at) = (count(missing.len(), "file"), in_words(until));
        let are = if missing.len() == 1 { "is" } else { "are" };
        self.restored.push(format!(
            "the database was put back from a copy of {at}: {files} handed in since {are} taken over again; what people did since is not in it, so look at what stands"
        ));
        let kept = now.saturating_sub(self.keeps(now)?).unwrap_or(Timestamp::MIN);
        if until < kept {
            self.restored.push(format!(
                "what was handed in before {} is not in the intake any more: whoever has a receipt of it can hand it in again with that (CAL-7)",
                in_words(kept)
            ));
        }
        Ok(())
    }

    /// Of a database that was put back from a copy: what became of that, in words for DCC.
    #[must_use]
    pub fn restored(&self) -> &[String] {
        &self.restored
    }
}

#[cfg(test)]
#[path = "restored_tests.rs"]
mod tests;
