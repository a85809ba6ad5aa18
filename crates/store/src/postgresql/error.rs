//! PostgreSQL's errors as the store's.

#[cfg(unix)]
use super::socket::NotThere;
use crate::error::{Rule, StoreError};
use postgres::error::SqlState;
use std::error::Error;

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        of(&error)
    }
}

fn of(error: &postgres::Error) -> StoreError {
    let Some(refusal) = error.as_db_error() else {
        let cause = error.source();
        let message = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
        let io = cause.and_then(|cause| cause.downcast_ref::<std::io::Error>());
        let inner = io.and_then(std::io::Error::get_ref);
        if inner.is_some_and(|inner| inner.is::<rustls::Error>()) {
            return StoreError::Untrusted(message);
        }
        #[cfg(unix)]
        if let Some(not_there) = inner.and_then(|inner| inner.downcast_ref::<NotThere>()) {
            return StoreError::Unreachable(not_there.to_string());
        }
        if message.ends_with("password missing") {
            let words = "it asks for a password; give it by PGPASSWORD, or in a file by PGPASSFILE or as ~/.pgpass";
            return StoreError::Denied(words.to_owned());
        }
        return if error.is_closed() || io.is_some() || message.contains("connect") {
            StoreError::Unreachable(message)
        } else if message.contains("TLS") {
            StoreError::Untrusted(message)
        } else {
            StoreError::Other(message)
        };
    };
    refused(refusal.code(), refusal.message().to_owned())
}

/// The error behind one of writing.
pub(crate) fn io_error(failed: std::io::Error) -> StoreError {
    let message = failed.to_string();
    match failed.into_inner().map(|inner| inner.downcast::<postgres::Error>()) {
        Some(Ok(inner)) => of(&inner),
        _ => StoreError::Unreachable(message),
    }
}

fn refused(code: &SqlState, message: String) -> StoreError {
    let rule = match *code {
        SqlState::UNIQUE_VIOLATION => Some(Rule::Unique),
        SqlState::FOREIGN_KEY_VIOLATION => Some(Rule::ForeignKey),
        SqlState::CHECK_VIOLATION => Some(Rule::Check),
        SqlState::NOT_NULL_VIOLATION => Some(Rule::NotNull),
        _ => None,
    };
    if let Some(rule) = rule {
        return StoreError::Constraint { rule, message };
    }
    match code.code() {
        // Lock not available.
        "55P03" => StoreError::Locked,
        // Serialisation failure, deadlock.
        "40001" | "40P01" => StoreError::Overtaken(message),
        "57014" => StoreError::Slow(message),
        // The server ended it, since the program stood still in the midst of it.
        "25P03" => StoreError::Unreachable(message),
        "25006" => StoreError::ReadOnly(message),
        "53100" => StoreError::Full(message),
        "58030" => StoreError::Disk(message),
        "XX001" | "XX002" => StoreError::Damaged(message),
        "3D000" => StoreError::Missing(message),
        "25P02" => StoreError::Ended,
        // Datatype mismatch, undefined function or operator for these kinds, wrong values.
        "42804" | "42883" => StoreError::Type(message),
        other => match &other[..2] {
            "22" => StoreError::Type(message),
            // Who is not let in gets no further by trying again.
            "28" => StoreError::Denied(message),
            // Connections, resources, intervention of an operator.
            "08" | "53" | "57" => StoreError::Unreachable(message),
            _ => StoreError::Other(message),
        },
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
