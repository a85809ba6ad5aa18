//! What is kept is kept once: an act is done again when the connection was lost or another change came in between, and a commit
//! whose answer was lost is looked up.

use crate::act::contain::contained;
use crate::act::digests::hexadecimal;
use crate::books::rulebooks::Books;
use crate::error::{Result, ServiceError};
use sluice_store::tables::log;
use sluice_store::{Store, StoreError, Tx};
use std::time::Duration;

/// By what an act is recognised that was done: random, and in the record with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key([u8; 16]);

impl Key {
    fn new() -> Result<Self> {
        let mut key = [0; 16];
        getrandom::fill(&mut key).map_err(ServiceError::defect)?;
        Ok(Self(key))
    }

    /// As it is in the database.
    #[must_use]
    pub const fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is in the details of its act.
    #[must_use]
    pub fn in_words(&self) -> String {
        hexadecimal(&self.0)
    }
}

/// How long it is waited before something is done again, each time; so often it is.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];

/// The tries that are left of something that failed with the connection.
pub(crate) struct Tries(std::slice::Iter<'static, Duration>);

impl Tries {
    pub(crate) fn new() -> Self {
        Self(PAUSES.iter())
    }

    /// Waits, and makes a new connection, before another try. A file is not lost as a server is, so there trying again helps with nothing
    /// but what is in doubt and does not matter.
    ///
    /// # Errors
    /// What failed, if none is left or it would be the same again.
    pub(crate) fn another(&mut self, store: &mut Store, error: StoreError, whatever: bool) -> Result<()> {
        let is_lost = store.url().path().is_none() && error.is_worth_another_try();
        let Some(pause) = self.0.next().filter(|_| is_lost || whatever) else { return Err(error.into()) };
        std::thread::sleep(*pause);
        // If it is away still, the next try says so.
        drop(store.renew());
        Ok(())
    }
}

/// Does something in a transaction of its own and keeps it; without a transaction there is nothing to keep. The key is noted in
/// the transaction by who wants it to be done once. After a panic the store has a new connection.
///
/// # Errors
/// What it says; [`ServiceError::Panic`] if it panicked; [`StoreError::InDoubt`] if it cannot be found out whether it was kept.
pub(crate) fn in_one<T>(
    store: &mut Store,
    books: &Books,
    mut attempt: impl for<'s> FnMut(&'s mut Store, &'s Books, Key) -> Result<(Option<Tx<'s>>, T)>,
) -> Result<T> {
    let key = Key::new()?;
    let mut tries = Tries::new();
    loop {
        let done = contained(|| {
            let (tx, answer) = attempt(store, books, key)?;
            let kept = tx.map_or(Ok(()), Tx::commit);
            Ok((answer, kept))
        });
        let error = match done {
            Ok((answer, Ok(()))) => return Ok(answer),
            Ok((answer, Err(error @ StoreError::InDoubt(_)))) => match was_kept(store, key) {
                Ok(true) => return Ok(answer),
                Ok(false) => error.known_lost(store.url().path().is_some()),
                Err(_) => return Err(error.into()),
            },
            Ok((_, Err(error))) | Err(ServiceError::Store(error)) => error,
            Err(error) => {
                if matches!(error, ServiceError::Panic(_)) {
                    store.renew()?;
                }
                return Err(error);
            }
        };
        tries.another(store, error, false)?;
    }
}

/// Was something kept? It is asked as a writer, so that it has ended.
fn was_kept(store: &mut Store, key: Key) -> Result<bool> {
    store.renew()?;
    let mut tx = store.decide()?;
    Ok(log::has_key(&mut tx, key.bytes())?)
}
