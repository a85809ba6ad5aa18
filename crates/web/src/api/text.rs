//! Values of requests and answers as text.

use crate::problem::Problem;
use jiff::Timestamp;
use sluice_wire::text::shown;
use std::fmt::Display;
use std::str::FromStr;

/// A moment as it is told: RFC 3339 in UTC.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_string()
}

/// A value of a query or an address that may be left out.
///
/// # Errors
/// If it is there and is none.
pub(super) fn parsed<T: FromStr>(what: &str, text: Option<String>) -> Result<Option<T>, Problem>
where
    T::Err: Display,
{
    text.map(|text| required(what, text)).transpose()
}

/// A value of a query or an address.
///
/// # Errors
/// If it is none.
#[allow(clippy::needless_pass_by_value, reason = "what was taken out of a request")]
pub(super) fn required<T: FromStr>(what: &str, text: String) -> Result<T, Problem>
where
    T::Err: Display,
{
    text.parse().map_err(|error| Problem::bad(format!("{what} '{}': {error}", shown(&text))))
}

/// How many entries a page has: 50 where nothing is said.
///
/// # Errors
/// If more are asked for than a page may have, or none.
pub(super) fn limit(asked: Option<u16>) -> Result<u16, Problem> {
    let limit = asked.unwrap_or(50);
    if (1..=200).contains(&limit) { Ok(limit) } else { Err(Problem::bad(format!("limit is 1 to 200, not {limit}"))) }
}
