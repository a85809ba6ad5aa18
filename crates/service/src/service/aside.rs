//! What is due is done, and what fails by a fault of the program's is set aside and tried again: one failing file or act of the
//! clock keeps nobody waiting. Only a failure of the database itself does.

use crate::act::actor::Actor;
use crate::act::aside::Aside;
use crate::act::clock::Due;
use crate::act::contain::contained;
use crate::act::perform::perform_if;
use crate::act::work::Work;
use crate::dispatch::again::of_clock;
use crate::dispatch::aside::{EndAside, SetAside, TRIES};
use crate::dispatch::due::Search;
use crate::error::{Result, ServiceError};
use crate::files::unsealed::Unsealed;
use crate::service::Service;
use jiff::Timestamp;
use sluice_rules::file::FileStatus;
use sluice_store::Scope;
use sluice_store::tables::aside::{self, Aside as SetAsideBefore};
use sluice_store::tables::files;

/// What came of trying again what was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriedAgain {
    /// It is done, or the file has its verdict.
    Done,
    /// It is not to be done any more.
    Over,
    /// It is not to be done yet: its moment has moved, or what it waits for has not come.
    NotYet,
    /// It failed once more, for this reason.
    Failed(String),
}

impl Service {
    /// Tries again what is set aside under a number, whenever it would be tried by itself.
    ///
    /// # Errors
    /// If the caller is no operator, there is no such number, the rule does not allow it any more, or the database fails.
    pub fn try_again(&mut self, now: Timestamp, by: &Actor, id: i64) -> Result<TriedAgain> {
        by.must_operate("trying again what is set aside")?;
        self.must_be_known(by)?;
        let all = self.all_aside(now)?;
        let found = all.into_iter().find(|aside| aside.id == id);
        let found = found.ok_or_else(|| {
            ServiceError::Use(format!("nothing is set aside under the number {id}; see sluice aside"))
        })?;
        self.again(now, &found)
    }

    fn all_aside(&mut self, now: Timestamp) -> Result<Vec<SetAsideBefore>> {
        self.look_at_all(now, |work| Ok(aside::all(&mut work.tx)?))
    }

    /// Tries again what is to be tried by now, and ends what is not to be done any more. Gives how many acts that took.
    pub(super) fn try_what_is_aside(&mut self, now: Timestamp) -> Result<usize> {
        let mut done = 0;
        for aside in self.all_aside(now)? {
            // What a cut-off has overtaken is not read again: only DCC takes it.
            let is_time = aside.next.is_some_and(|next| next <= now) && !self.is_over_for(now, &aside)?;
            // An act of the clock is found by where it comes from. How often it was tried is not forgotten while it may be due again.
            if (aside.file.is_some() && is_time) || !self.is_to_be_done(now, &aside)? {
                match self.again(now, &aside) {
                    // A cut-off that was moved has overtaken it.
                    Err(ServiceError::Rule { rule: "FI24", .. }) => continue,
                    again => drop(again?),
                }
                done += 1;
            }
        }
        Ok(done)
    }

    /// FI24: has the cut-off of a file that is set aside done its work?
    fn is_over_for(&mut self, now: Timestamp, aside: &SetAsideBefore) -> Result<bool> {
        let Some(file) = aside.file else { return Ok(false) };
        let asked = self.contained(|service| service.is_overtaken(now, file));
        match asked {
            Err(error) if error.is_of_the_database() => Err(error),
            asked => Ok(asked.unwrap_or(false)),
        }
    }

    /// Is something that is set aside still to be done? What cannot be found out is.
    fn is_to_be_done(&mut self, now: Timestamp, aside: &SetAsideBefore) -> Result<bool> {
        let asked = self.contained(|service| match aside.file {
            Some(file) => {
                let file = files::get(&mut service.store.view(Scope::Dcc)?, file)?;
                Ok(file.is_some_and(|file| file.status == FileStatus::Aside))
            }
            None => {
                let due = of_clock(&aside.kind, &aside.details, now)?;
                service.look_at_all(now, |work| Ok(!due.is_over(work)?))
            }
        });
        match asked {
            Err(error) if error.is_of_the_database() => Err(error),
            asked => Ok(asked.unwrap_or(true)),
        }
    }

    fn again(&mut self, now: Timestamp, aside: &SetAsideBefore) -> Result<TriedAgain> {
        if !self.is_to_be_done(now, aside)? {
            let (kind, details) = (aside.kind.clone(), aside.details.clone());
            self.by_clock(now, EndAside { kind, details })?;
            return Ok(TriedAgain::Over);
        }
        match aside.file {
            Some(file) => {
                let failed = self.judge_or_set_aside(now, file, Ok(None), false)?.err();
                Ok(failed.map_or(TriedAgain::Done, TriedAgain::Failed))
            }
            None => self.do_due(now, &of_clock(&aside.kind, &aside.details, now)?),
        }
    }

    /// Does an act of the clock that is due, or sets it aside. `undone` has those that another process seemed to have done before.
    pub(super) fn do_or_set_aside(
        &mut self,
        now: Timestamp,
        due: &Due,
        undone: &mut Vec<(&str, String)>,
    ) -> Result<()> {
        let key = due.key()?;
        match due.perform(&mut self.store, &self.books, now, self.sealed) {
            Ok(true) => Ok(()),
            // Another process was first; then it is not found again.
            Ok(false) if !undone.contains(&key) => {
                undone.push(key);
                Ok(())
            }
            Ok(false) => self.set_aside_act(now, due, ServiceError::defect("it is due, and is not done")).map(drop),
            Err(error) => self.set_aside_act(now, due, error).map(drop),
        }
    }

    pub(super) fn next_due(&mut self, now: Timestamp) -> Result<Option<Due>> {
        let aside = self.look_at_all(now, Aside::load)?;
        let mut search = Search::default();
        while !search.is_over() {
            match self.contained(|service| service.look_at_all(now, |work| search.go_on(work, &aside))) {
                Err(error) if error.is_of_the_database() => return Err(error),
                Err(error) => self.note(format!("some of what is due cannot be found: {error}")),
                Ok(()) => {}
            }
        }
        Ok(search.found())
    }

    /// Does an act of the clock by hand, or sets it aside.
    fn do_due(&mut self, now: Timestamp, due: &Due) -> Result<TriedAgain> {
        let sealed = self.sealed_by(now)?;
        match due.perform(&mut self.store, &self.books, now, sealed) {
            Ok(true) => Ok(TriedAgain::Done),
            Ok(false) => Ok(TriedAgain::NotYet),
            Err(error) => self.set_aside_act(now, due, error).map(TriedAgain::Failed),
        }
    }

    fn set_aside_act(&mut self, now: Timestamp, due: &Due, error: ServiceError) -> Result<String> {
        let (kind, details) = due.key()?;
        let words = format!("the act of the clock {kind} {details} is set aside");
        self.set_aside(now, (SetAside::act((kind, details), &error), None), &words, error)
    }

    /// FI24: a file that could not be judged is set aside, with what its password has opened. Gives the reason.
    pub(super) fn set_aside_file(
        &mut self,
        now: Timestamp,
        file: i64,
        error: ServiceError,
        unsealed: Option<Unsealed>,
    ) -> Result<String> {
        let act = SetAside::file(file, &error);
        let act = match &unsealed {
            Some(Unsealed { opening, came, .. }) => act.opened(opening.clone(), *came),
            None => act,
        };
        self.set_aside(now, (act, unsealed), &format!("file {file} is set aside (FI24)"), error)
    }

    /// Sets something aside. Operators are told when it is first, and when it is not tried again by itself.
    fn set_aside(
        &mut self,
        now: Timestamp,
        (act, unsealed): (SetAside, Option<Unsealed>),
        what: &str,
        error: ServiceError,
    ) -> Result<String> {
        if error.is_of_the_database() {
            return Err(error);
        }
        let (store, books) = (&mut self.store, &self.books);
        let prepare = |work: &mut Work<'_>| {
            if !act.is_so(work)? {
                return Ok(None);
            }
            unsealed.as_ref().map_or(Ok(()), |unsealed| unsealed.keep(&mut work.tx))?;
            Ok(Some(&act))
        };
        let tries = perform_if::<SetAside, _>(store, books, now, &Actor::clock(), prepare)?;
        match tries {
            Some(1) => self.note(format!("{what}: {error}")),
            Some(TRIES) => self.note(format!("{what}, and is not tried again by itself: {error}")),
            _ => {}
        }
        Ok(error.to_string())
    }

    fn by_clock(&mut self, now: Timestamp, act: EndAside) -> Result<()> {
        perform_if::<EndAside, _>(&mut self.store, &self.books, now, &Actor::clock(), |_| Ok(Some(&act))).map(drop)
    }

    pub(super) fn note(&mut self, words: String) {
        if !self.stuck.contains(&words) {
            self.stuck.push(words);
        }
    }

    /// Does something with the service. After a panic the store has a new connection.
    pub(super) fn contained<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let done = contained(|| work(self));
        if matches!(done, Err(ServiceError::Panic(_))) {
            self.store.renew()?;
        }
        done
    }
}

#[cfg(test)]
#[path = "aside_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "aside_clock_tests.rs"]
mod clock_tests;
