//! An account shows who it is by a token (ACC-1).

use crate::act::actor::Actor;
use crate::act::work::by_the_record;
use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use crate::people::tokens::Secret;
use jiff::{SignedDuration, Timestamp};
use sluice_store::tables::tokens;
use sluice_store::{Options, Scope, Store};
use std::time::Duration;

/// How exactly the last use of a token is known. More would make every reading command a writing one.
const LAST_USE: SignedDuration = SignedDuration::from_mins(1);

/// How long noting the last use waits for somebody who writes; then it is left to the next command.
const PATIENCE: Duration = Duration::from_millis(200);

/// ACC-1: whoever has the token of an account is that account. What is not known, revoked, or of an account that may not act
/// is refused in the same words, so that nobody learns more by trying.
///
/// # Errors
/// If it is refused; that it expired is told.
pub(crate) fn sign_in(store: &mut Store, now: Timestamp, secret: &Secret) -> Result<Actor> {
    let mut view = store.view(Scope::Dcc)?;
    let found = tokens::of_digest(&mut view, &secret.digest())?;
    // A token that expired by the record stays so when the machine's clock goes back.
    let now = by_the_record(&mut view, now)?;
    drop(view);
    let standing = found.filter(|(token, account)| token.revoked_at.is_none() && !account.disabled);
    let (token, account) = standing.ok_or_else(|| {
        let message = "this token is not taken: it is not known, was revoked, or its user acts no more; ask an operator for another";
        ServiceError::rule("ACC-1", message)
    })?;
    if token.expires_at <= now {
        let at = in_words(token.expires_at);
        let message = format!("token {} expired at {at}; ask an operator for another", token.id);
        return Err(ServiceError::rule("ACC-1", message));
    }
    if token.used_at.is_none_or(|used| now.duration_since(used) >= LAST_USE) {
        note_use(store, &token.id, now)?;
    }
    Actor::signed_in(account, token.id)
}

/// Notes the last use on a connection of its own: who only reads does not wait for who writes, nor fail where nobody can
/// write, or there is no room.
fn note_use(store: &Store, id: &str, now: Timestamp) -> Result<()> {
    #[allow(clippy::needless_update, reason = "other options stay as they are, whatever there are")]
    let options = Options { patience: PATIENCE, ..Options::default() };
    let noted = Store::open_with(store.url(), options).and_then(|mut store| {
        let mut tx = store.decide()?;
        tokens::used(&mut tx, id, now)?;
        tx.commit()
    });
    match noted {
        Err(error) if error.passes() => Ok(()),
        other => Ok(other?),
    }
}
