//! The page that leads to reports which are written beside each other.

use super::look::{PageError, STYLE};
use askama::Template as _;

/// A page that can be gone to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its address, from the page that has the link.
    pub href: String,
    /// What it is named.
    pub title: String,
    /// What is found there, in a sentence.
    pub words: String,
    /// The same in other forms: addresses, and what they are.
    pub others: Vec<(String, String)>,
}

#[derive(askama::Template)]
#[template(path = "index.html")]
struct Index<'a> {
    title: &'a str,
    remark: Option<&'a str>,
    lead: &'a str,
    links: &'a [Link],
    style: &'static str,
    program: &'static str,
}

/// The page that leads to reports: a remark on their data, for whom and of what moment they are, and what each found.
///
/// # Errors
/// If it cannot be made: a defect.
pub fn index(title: &str, remark: Option<&str>, lead: &str, links: &[Link]) -> Result<String, PageError> {
    let page =
        Index { title, remark, lead, links, style: STYLE, program: concat!("Sluice ", env!("CARGO_PKG_VERSION")) };
    Ok(page.render()?)
}
