//! A request that is done once, however often it is sent: it is known by a key, which is kept with its act.

use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sluice_store::Tx;
use sluice_store::tables::record::Digest;
use sluice_store::tables::requests::{self, Done};

/// A request with the key that its sender gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    key: Digest,
    request: Digest,
}

impl Request {
    /// A request of an account: keys of others are others.
    #[must_use]
    pub fn of(account: &str, key: &str, asked: &[u8]) -> Self {
        let text = format!("{}:{account}:{key}", account.len());
        Self { key: Sha256::digest(text.as_bytes()).into(), request: Sha256::digest(asked).into() }
    }

    /// By what it is kept.
    pub(crate) const fn key(&self) -> &Digest {
        &self.key
    }

    /// The answer of the first time.
    ///
    /// # Errors
    /// If something else was asked then.
    pub(crate) fn answered(&self, before: Done) -> Result<String> {
        if before.request == self.request {
            return Ok(before.answer);
        }
        let message = "another request was done under this Idempotency-Key; give each request a key of its own";
        Err(ServiceError::rule("REQUEST-KEY", message))
    }

    /// Keeps it in the transaction of the act that it asked for, with what came of that.
    pub(crate) fn keep<A: Serialize>(&self, tx: &mut Tx<'_>, now: Timestamp, answer: &A) -> Result<()> {
        let answer = serde_json::to_string(answer).map_err(ServiceError::defect)?;
        Ok(requests::keep(tx, &self.key, now, &Done { request: self.request, answer })?)
    }
}
