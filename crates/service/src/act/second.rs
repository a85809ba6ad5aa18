//! What two people answer for: the second signature of an act.

use crate::act::actor::{Actor, must_have_a_name};
use crate::act::work::{Second, Work};
use crate::error::{Result, ServiceError};

/// ACC-2, MSM-11, REF-2: the second operator of an act: another account than the first, of an operator or approver. What is
/// proposed waits for the second, so there only the first is looked at; what is only shown needs none.
///
/// # Errors
/// If there is none, or it is no second one.
pub fn second_operator(work: &mut Work<'_>, approve: Option<&str>, rule: &'static str, what: &str) -> Result<()> {
    if work.only_shown {
        return Ok(());
    }
    match work.second {
        Second::Named => {
            let Some(name) = approve else {
                let message = format!("{what} needs a second operator; name one with --approve USER");
                return Err(ServiceError::rule(rule, message));
            };
            let second = Actor::account(&mut work.tx, name)?;
            second.must_sign(what)?;
            if second.name() == work.by.name() {
                let message = format!("{what} needs two people; '{name}' is the first one again");
                return Err(ServiceError::rule(rule, message));
            }
        }
        Second::Nobody => {
            let message = format!(
                "{what} needs two people: one proposes it, and another approves it with sluice proposal approve"
            );
            return Err(ServiceError::rule(rule, message));
        }
        Second::Asked => work.second = Second::Needed,
        Second::Needed | Second::ToCome => {}
    }
    must_have_a_name(&work.by, rule, &format!("{what} needs two people by name; name the first"))
}

/// Both names of an act, as rows keep them; the second is empty while it is only proposed.
#[must_use]
pub fn both(first: &str, second: Option<&str>) -> String {
    format!("{first} and {}", second.unwrap_or_default())
}
