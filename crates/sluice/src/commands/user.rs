//! `sluice user`: accounts and their tokens (ACC-1).

use super::proposal::tell_proposed;
use crate::cli::database::Database;
use crate::cli::user::{MakeToken, TokenAction, Tokens, UserAction};
use crate::failure::{Done, Failure, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::{rfc3339, table};
use crate::token;
use jiff::Timestamp;
use serde_json::json;
use sluice_service::books::calendar::in_words;
use sluice_service::people::accounts::{AddUser, DisableUser, Listed};
use sluice_service::people::tokens::{Fingerprint, RevokeToken, Secret};
use sluice_service::service::by_two::Asked;
use sluice_store::tables::tokens::Token;

/// Runs `sluice user`.
///
/// # Errors
/// If the name is taken, or there is none.
pub fn run(action: UserAction) -> Outcome {
    match action {
        UserAction::Add { name, role, party, at } => {
            let mut session = Session::open_for_tokens(&at)?;
            let by = session.operator(None)?;
            let act = AddUser { name: name.clone(), role, party, approve: None };
            if let Asked::Waits(proposed) = session.service.ask(session.now, &by, act)? {
                return tell_proposed(&proposed, at.json);
            }
            print_line(&format!("User {name} is added as {}.", role.word().to_ascii_lowercase()))?;
        }
        UserAction::Disable { name, at } => {
            let mut session = Session::open(&at)?;
            let by = session.operator(None)?;
            let act = DisableUser { name: name.clone(), approve: None };
            if let Asked::Waits(proposed) = session.service.ask(session.now, &by, act)? {
                return tell_proposed(&proposed, at.json);
            }
            print_line(&format!("User {name} may no longer act."))?;
        }
        UserAction::List { at } => list_users(&at)?,
        UserAction::Token(Tokens { action: Some(TokenAction::New { file }), .. }) => {
            let secret = Secret::new()?;
            let fingerprint = secret.fingerprint();
            token::keep(&file, secret)?;
            print_line(&format!("Your token is in {}; nobody else has seen it. Its fingerprint:", file.display()))?;
            print_line(&fingerprint.to_string())?;
            print_line("Give that to an operator, who names it with sluice user token NAME --fingerprint.")?;
            print_line("The token is taken once another has approved that.")?;
        }
        UserAction::Token(Tokens { action: Some(TokenAction::List { name, at }), .. }) => {
            list(&at, name.as_deref())?;
        }
        UserAction::Token(Tokens { action: Some(TokenAction::Revoke { id, at }), .. }) => {
            let mut session = Session::open(&at)?;
            let by = session.operator(None)?;
            let act = RevokeToken { id: id.clone(), approve: None };
            if let Asked::Waits(proposed) = session.service.ask(session.now, &by, act)? {
                return tell_proposed(&proposed, at.json);
            }
            print_line(&format!("Token {id} is taken no more."))?;
        }
        UserAction::Token(Tokens { action: None, make: MakeToken { name, days, fingerprint, at } }) => {
            let name = name.ok_or_else(|| Failure::Use("name the user that the token is for".to_owned()))?;
            let mut session = Session::open_for_tokens(&at)?;
            match fingerprint {
                Some(fingerprint) => return known_token(&mut session, &name, days, fingerprint, at.json),
                None => NewToken::make(&mut session, &name, days)?.show(at.json)?,
            }
        }
    }
    Ok(Done::Clean)
}

/// A token that was made and is to be shown, once.
pub struct NewToken {
    id: String,
    name: String,
    expires_at: Timestamp,
    secret: Secret,
}

impl NewToken {
    /// Makes a token.
    ///
    /// # Errors
    /// If there is no such user that may act, or the days are too many.
    pub fn make(session: &mut Session, name: &str, days: u16) -> Result<Self, Failure> {
        let by = session.operator(None)?;
        let secret = Secret::new()?;
        let (id, expires_at) = session.service.make_token(session.now, &by, (name, days), &secret)?;
        Ok(Self { id, name: name.to_owned(), expires_at, secret })
    }

    /// Shows it.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn show(self, as_json: bool) -> Result<(), Failure> {
        let Self { id, name, expires_at, secret } = self;
        if as_json {
            let (expires_at, token) = (rfc3339(expires_at), secret.shown_once());
            return print_json(&json!({ "id": id, "user": name, "expires_at": expires_at, "token": token }));
        }
        let until = in_words(expires_at);
        print_line(&format!("Token {id} of {name}, taken until {until}; it is shown this once, so keep it now:"))?;
        print_line(&secret.shown_once())?;
        print_line("Give it as SLUICE_TOKEN or in a file that only you may read, with --token-file FILE.")
    }
}

/// Makes a token that its owner made and keeps, or proposes it.
fn known_token(session: &mut Session, name: &str, days: u16, fingerprint: Fingerprint, as_json: bool) -> Outcome {
    let by = session.operator(None)?;
    match session.service.ask_token(session.now, &by, (name, days), fingerprint)? {
        Asked::Waits(proposed) => return tell_proposed(&proposed, as_json),
        Asked::Done(made) if as_json => {
            print_json(&json!({ "user": name, "expires_at": rfc3339(made.expires_at) }))?;
        }
        Asked::Done(made) => {
            print_line(&format!("The token of {name} is taken until {}.", in_words(made.expires_at)))?;
        }
    }
    Ok(Done::Clean)
}

fn list_users(at: &Database) -> Result<(), Failure> {
    let mut session = Session::open_to_read(at)?;
    let reader = session.reader(None)?;
    let users = session.service.users(session.now, &reader)?;
    if at.json {
        let users = users.iter().map(|Listed { account, until }| {
            json!({
                "name": account.name, "role": account.role.word(), "party": account.party.map(|party| party.to_string()),
                "disabled": account.disabled, "until": until.map(rfc3339),
            })
        });
        return print_json(&json!({ "users": users.collect::<Vec<_>>() }));
    }
    if users.is_empty() {
        return print_line("There is no user; add one with sluice user add.");
    }
    let rows = users.into_iter().map(|Listed { account, until }| {
        let party = account.party.map(|party| party.to_string()).unwrap_or_default();
        let state = match until {
            Some(until) => format!("until {}", in_words(until)),
            None if account.disabled => "disabled".to_owned(),
            None => "no token".to_owned(),
        };
        vec![account.name, account.role.word().to_ascii_lowercase(), party, state]
    });
    print_line(&table(&["User", "Role", "Party", "Signs in"], rows))
}

fn list(at: &Database, name: Option<&str>) -> Result<(), Failure> {
    let mut session = Session::open_to_read(at)?;
    let reader = session.reader(None)?;
    let now = session.now;
    let tokens = session.service.tokens(now, &reader, name)?;
    if at.json {
        let moment = |at: Option<Timestamp>| at.map(rfc3339);
        let tokens = tokens.iter().map(|token| {
            json!({
                "id": token.id, "user": token.account, "made_at": rfc3339(token.made_at), "made_by": token.made_by,
                "expires_at": rfc3339(token.expires_at), "revoked_at": moment(token.revoked_at),
                "used_at": moment(token.used_at),
            })
        });
        return print_json(&json!({ "tokens": tokens.collect::<Vec<_>>() }));
    }
    if tokens.is_empty() {
        return print_line("There is no token.");
    }
    let rows = tokens.into_iter().map(|token| {
        let (state, used) = (state(&token, now), token.used_at.map_or_else(|| "never".to_owned(), in_words));
        vec![token.id, token.account, state, used, token.made_by]
    });
    print_line(&table(&["Token", "User", "State", "Used last", "Made by"], rows))
}

fn state(token: &Token, now: Timestamp) -> String {
    match token.revoked_at {
        Some(at) => format!("revoked at {}", in_words(at)),
        None if token.expires_at <= now => format!("expired at {}", in_words(token.expires_at)),
        None => format!("taken until {}", in_words(token.expires_at)),
    }
}
