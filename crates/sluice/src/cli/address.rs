//! The address of a database, as it was typed.

use sluice_store::{StoreError, Url};
use std::convert::Infallible;
use std::str::FromStr;

/// The address of a database as it was typed, whatever is wrong with it: it may hold a password, so it is not shown.
#[derive(Clone)]
pub struct Address(String);

impl From<String> for Address {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for Address {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

impl Address {
    /// Where that is.
    ///
    /// # Errors
    /// If it is no address.
    pub fn url(&self) -> Result<Url, StoreError> {
        self.0.parse()
    }
}
