//! Who makes those that sign: one person who could make a second could sign for two (ACC-2).

use crate::act::second::second_operator;
use crate::act::simulated::is_simulated;
use crate::act::work::{Second, Work, by_the_record};
use crate::error::{Result, ServiceError};
use jiff::{SignedDuration, Timestamp};
use sluice_rules::role::Role;
use sluice_store::View;
use sluice_store::tables::tokens;

/// ACC-1: are those who can sign so few that whoever holds the database makes others, without a token? While no operator can
/// sign in nothing can be done, and while one person can, nobody could vouch for a second.
///
/// # Errors
/// If the database fails.
pub fn too_few_can_sign(view: &mut View<'_>, now: Timestamp) -> Result<bool> {
    let now = by_the_record(view, now)?;
    Ok(too_few_from(view)? <= now)
}

/// The moment from which on too few can sign, if nobody does anything: their tokens have expired then.
fn too_few_from(view: &mut View<'_>) -> Result<Timestamp> {
    let signers = tokens::signers(view)?;
    let operators = signers.iter().filter(|(role, _)| *role == Role::Operator);
    let last_operator = operators.map(|(_, until)| *until).max();
    let mut until: Vec<Timestamp> = signers.iter().map(|(_, until)| *until).collect();
    until.sort_unstable();
    let second_last = until.iter().rev().nth(1).copied();
    Ok(last_operator.zip(second_last).map_or(Timestamp::MIN, |(one, two)| one.min(two)))
}

/// How many operators can sign, and how many operators and approvers.
fn can_sign(view: &mut View<'_>, at: Timestamp) -> Result<(usize, usize)> {
    let mut signers = tokens::signers(view)?;
    signers.retain(|(_, until)| *until > at);
    Ok((signers.iter().filter(|(role, _)| *role == Role::Operator).count(), signers.len()))
}

/// ACC-2: do two people make an account of a role that signs for DCC, and what shows that somebody is one? Whoever holds the
/// database makes the first two alone; on a simulated one everybody is who they say.
///
/// # Errors
/// If whoever holds the database asks for a signer that is not missing, or the database fails.
pub fn takes_two(work: &mut Work<'_>, role: Role) -> Result<bool> {
    // A replay has no secrets by which to look again.
    if work.is_again() || is_simulated(&mut work.tx)? {
        return Ok(false);
    }
    if !work.by.is_console() {
        return Ok(role.signs());
    }
    // Looked at again within the transaction: another may have been first. An operator comes first, or the door that it would
    // close would be open twice.
    match can_sign(&mut work.tx, work.now)? {
        (0, _) if role == Role::Operator => {}
        (0, _) => {
            let message = "no operator can sign in: an operator is made first, and nobody before";
            return Err(ServiceError::rule("ACC-2", message));
        }
        (_, signers) if signers < 2 || !role.signs() => {}
        _ => {
            let message = "two can sign: whoever else signs is made by them, with their tokens";
            return Err(ServiceError::rule("ACC-2", message));
        }
    }
    Ok(false)
}

/// ACC-2: has who makes such an account or token the signature of a second?
///
/// # Errors
/// If it is missing, or nobody could give it.
pub fn must_be_vouched_for(work: &mut Work<'_>, approve: Option<&str>, what: &str) -> Result<()> {
    must_be_enough(work, what)?;
    second_operator(work, approve, "ACC-2", what)
}

/// ACC-2: is there anybody who could be the second?
///
/// # Errors
/// If too few can sign: then it is done without a token.
pub fn must_be_enough(work: &mut Work<'_>, what: &str) -> Result<()> {
    if matches!(work.second, Second::Nobody | Second::Asked) && too_few_can_sign(&mut work.tx, work.now)? {
        let message = format!(
            "{what} needs two people, and too few can sign: whoever holds the database makes the second without a token; \
             leave out SLUICE_TOKEN and --token-file"
        );
        return Err(ServiceError::rule("ACC-2", message));
    }
    Ok(())
}

/// How long before too few can sign it takes two to bring that nearer: time enough for the others to make their next tokens.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// ACC-2: takes somebody's right to sign. Where too few would be left, at once or when the tokens of the others expire soon, it is
/// taken by two people, one's own too: one who could take it alone could make the next alone, as whoever holds the database.
///
/// # Errors
/// If the signature of a second is missing, or what `take` says.
pub fn take_right(
    work: &mut Work<'_>,
    approve: Option<&str>,
    what: &str,
    take: impl FnOnce(&mut Work<'_>) -> Result<()>,
) -> Result<()> {
    let asked = !work.is_again() && !is_simulated(&mut work.tx)? && !too_few_can_sign(&mut work.tx, work.now)?;
    let before = too_few_from(&mut work.tx)?;
    let soon = work.now.checked_add(SOON).map_err(ServiceError::defect)?;
    let what = format!("{what} leaves too few who can sign, now or within 30 days, and");
    // Who signed is looked at before it is taken: it may be that one's.
    let named = work.second == Second::Named;
    let signed = (asked && named).then(|| second_operator(work, approve, "ACC-2", &what));
    take(work)?;
    let after = too_few_from(&mut work.tx)?;
    if !asked || after >= before.min(soon) {
        return Ok(());
    }
    signed.unwrap_or_else(|| second_operator(work, approve, "ACC-2", &what))
}
