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
        Second::Asked | Second::Needed | Second::ToCome => {}
    }
    must_have_a_name(&work.by, rule, &format!("{what} needs two people by name; name the first"))?;
    if work.second == Second::Asked {
        work.second = Second::Needed;
        // Whatever else there is to find out, who proposes it will.
        return Err(ServiceError::rule(rule, format!("{what} needs two people")));
    }
    Ok(())
}

/// Both names of an act, as rows keep them; the second is empty while it is only proposed.
#[must_use]
pub fn both(first: &str, second: Option<&str>) -> String {
    format!("{first} and {}", second.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;
    use crate::act::work::begin;
    use crate::books::rulebooks::Books;
    use crate::service::Service;
    use jiff::Timestamp;
    use sluice_rules::role::Role;
    use sluice_store::tables::accounts::{self, Account};

    #[test]
    fn acc_2_that_an_act_needs_two_is_all_that_is_found_out_before_it_is_proposed() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
        let mut service = Service::create(&url, true).unwrap();
        let books = Books::load().unwrap();
        let mut work = begin(&mut service.store, &books, Timestamp::UNIX_EPOCH, &Actor::console()).unwrap();
        let olga = Account { name: "olga".to_owned(), role: Role::Operator, party: None, disabled: false };
        accounts::add(&mut work.tx, &olga).unwrap();
        work.by = Actor::account(&mut work.tx, "olga").unwrap();
        for (second, then, ends) in [
            (Second::Asked, Second::Needed, true),
            (Second::Needed, Second::Needed, false),
            (Second::ToCome, Second::ToCome, false),
        ] {
            work.second = second;
            let needed = second_operator(&mut work, None, "MAM-11", "a responsibility event");
            assert_eq!((work.second, needed.is_err()), (then, ends));
        }
    }
}
