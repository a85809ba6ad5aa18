//! The codes of outcomes: who acts, whether it counts as an attempt, and when the next one may be.

use super::cells::{Once, TableErrors, table};
use crate::layout::OUTCOME_CODES;
use crate::limits::Reading;
use crate::outcome::stage_of;
use crate::source::Content;
use sluice_rules::outcome::Stage;
use sluice_rules::outcome::WhoActs;

/// A row of the outcome codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeCodeRow {
    /// The code, in upper case.
    pub code: String,
    /// The stage at which it means this; nothing for any.
    pub stage: Option<Stage>,
    /// Who has to act.
    pub who_acts: WhoActs,
    /// Does it count as an attempt?
    pub attempt: bool,
    /// Days until the next attempt may be.
    pub retry_after_days: u16,
}

/// The longest code, in characters.
const LONGEST: usize = 32;

/// Reads the outcome codes; a code stands at a stage only once.
///
/// # Errors
/// All rows that are wrong, or why the whole file cannot be used.
pub fn read_outcome_codes(
    extension: &str,
    content: &mut dyn Content,
    reading: Reading,
) -> Result<Vec<OutcomeCodeRow>, TableErrors> {
    let mut seen = Once::new();
    table(extension, content, reading, &OUTCOME_CODES, |cells| {
        let code = cells.get(0, "a code: 1 to 32 letters, digits and _ -", code);
        let stage = cells.optional(1, "VALIDATION, DEVICE_TEST or COMMISSIONING", stage_of);
        let who_acts = cells.get(2, "DCC, S1SP or SUPPLIER", |text| text.parse::<WhoActs>().ok());
        let attempt = cells.get(3, "YES or NO", yes);
        let days = "a whole number of days from 0 to 65,535";
        let retry = cells.get(4, days, |text| text.parse().ok().filter(|_| !text.starts_with('+')));
        if let Some(code) = &code {
            let key = (code.clone(), stage);
            seen.check(cells, key, || format!("the code {code} at this stage"));
        }
        Some(OutcomeCodeRow {
            code: code?,
            stage: stage?,
            who_acts: who_acts?,
            attempt: attempt?,
            retry_after_days: retry?,
        })
    })
}

fn code(text: &str) -> Option<String> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    ((1..=LONGEST).contains(&text.len()) && text.bytes().all(known)).then(|| text.to_ascii_uppercase())
}

fn yes(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("YES") => Some(true),
        _ if text.eq_ignore_ascii_case("NO") => Some(false),
        _ => None,
    }
}
