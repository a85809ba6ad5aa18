//! Protected files are opened by the passwords that this process remembers (MAM-10). From the moment on at which password and file are there
//! nothing later is decided before the file has its verdict, as with any file that came then (CAL-3).

use crate::act::aside::{JUDGE, of_file};
use crate::error::{Result, ServiceError};
use crate::files::unsealed::Unsealed;
use crate::files::verdict::Opening;
use crate::service::Service;
use crate::service::checking::beating;
use jiff::Timestamp;
use sluice_rules::file::FileStatus;
use sluice_store::tables::{aside, files, intake, record};
use sluice_store::{Scope, View};

impl Service {
    /// Opens a protected file whose password is remembered, or was when the file was set aside.
    pub(super) fn try_open(&mut self, now: Timestamp, file: i64) -> Result<Option<Unsealed>> {
        let mut view = self.store.view(Scope::Dcc)?;
        let Some(file) = files::get(&mut view, file)? else { return Ok(None) };
        let Some(came) = self.passwords.came(&file) else {
            return if file.status == FileStatus::Aside { opened_before(&mut view, file.id) } else { Ok(None) };
        };
        let received = record::received(&mut view, file.id)?;
        let digest = received.digest.ok_or_else(|| ServiceError::defect("a file has no content"))?;
        let content = record::content(&mut view, &digest)?;
        drop(view);
        self.hold(now, came.max(received.at))?;
        #[cfg(any(test, feature = "faults"))]
        crate::act::fault::meanwhile();
        let now = self.is_simulated()?.then_some(now);
        let Self { store, books, passwords, turns, .. } = self;
        beating(store, (now, turns.process.as_deref()), || {
            let opened = passwords.open(books, &file, &content)?;
            opened.map(|opened| Unsealed::of(opened, came)).transpose()
        })
    }

    /// CAL-3: no cut-off after a moment does its work before this process lets go, or is silent for too long.
    pub(super) fn hold(&mut self, now: Timestamp, since: Timestamp) -> Result<()> {
        self.turns.holds.push(since);
        self.say_what_it_holds(now)
    }

    /// Holds something no more that came at a moment.
    pub(super) fn let_go(&mut self, now: Timestamp, since: Timestamp) {
        let place = self.turns.holds.iter().position(|held| *held == since);
        if place.map(|place| self.turns.holds.swap_remove(place)).is_some() {
            // Who cannot say so is waited for no longer than who is silent.
            drop(self.say_what_it_holds(now));
        }
    }

    /// Holds no more than so many, the first ones.
    pub(super) fn let_go_of_others(&mut self, now: Timestamp, than: usize) {
        if self.turns.holds.len() > than {
            self.turns.holds.truncate(than);
            drop(self.say_what_it_holds(now));
        }
    }

    /// Says what it holds, and that it lives.
    pub(super) fn say_what_it_holds(&mut self, now: Timestamp) -> Result<()> {
        let (process, clock) = (self.process()?, self.intake_moment(now)?);
        let since = self.turns.holds.iter().min().copied();
        let mut tx = self.store.intake_notes()?;
        intake::hold(&mut tx, &process, since, clock)?;
        Ok(tx.commit()?)
    }
}

/// FI24: what came of opening a file that was set aside afterwards.
fn opened_before(view: &mut View<'_>, file: i64) -> Result<Option<Unsealed>> {
    let aside = aside::find(view, JUDGE, &of_file(file))?;
    let Some((opening, came)) = aside.and_then(|aside| aside.opening.zip(aside.password_at)) else { return Ok(None) };
    let opening: Opening = serde_json::from_str(&opening).map_err(ServiceError::defect)?;
    let member = opening.member().map(|digest| record::content(view, &digest)).transpose()?.unwrap_or_default();
    Ok(Some(Unsealed { opening, member, packed: None, came }))
}

#[cfg(test)]
#[path = "opening_tests.rs"]
mod tests;
