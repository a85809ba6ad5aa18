//! A database with its clock, for the time of one command.

use crate::cli::database::Database;
use crate::cli::signatures::Signatures;
use crate::failure::Failure;
use crate::print::{complain, confirm};
use crate::token;
use jiff::{SignedDuration, Timestamp};
use sluice_rules::party::PartyRole;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::role::Role;
use sluice_service::act::actor::Actor;
use sluice_service::books::calendar::in_words;
use sluice_service::clock::must_fit;
use sluice_service::dispatch::two::ByTwo;
use sluice_service::error::ServiceError;
use sluice_service::service::Service;
use sluice_service::service::by_two::Asked;
use sluice_store::{StoreError, Url};

/// A database with its clock, and who works on it.
pub struct Session {
    /// The service on it.
    pub service: Service,
    /// The moment of this command.
    pub now: Timestamp,
    simulated: bool,
    caller: Caller,
}

/// Who gave the command.
enum Caller {
    /// Somebody at a simulated database, who is whoever they say.
    Anyone,
    /// The account whose token was given.
    Account(Actor),
    /// Whoever holds a database that is not simulated, for what needs no account.
    Holder,
}

/// What a database that is not simulated asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// A token.
    Token,
    /// A token, once an operator has one and another who signs.
    TokenOfAnOperator,
    /// Nothing: who holds the database can do as much without the program.
    Nothing,
}

impl Session {
    /// Makes a new database at an address.
    ///
    /// # Errors
    /// If there is one already, or a moment is given where none is to be, or the reverse.
    pub fn create(url: &Url, at: &Database, simulated: bool) -> Result<Self, Failure> {
        must_fit(simulated, at.now)?;
        Self::with(Service::create(url, simulated)?, at)
    }

    /// Opens a database that is there and up to date, and does what milestones ask for up to now. One that is not simulated
    /// asks for a token (ACC-1).
    ///
    /// # Errors
    /// If it is missing, of an older, newer or other program, cannot be opened, the moment is not one that its clock allows, or
    /// the token is missing or not taken.
    pub fn open(at: &Database) -> Result<Self, Failure> {
        Self::opened(at, Need::Token)
    }

    /// Opens the database to read from it. What is due is done first, but reading does not fail because of it: where nobody can write
    /// now, it goes on with what stands, and says so.
    ///
    /// # Errors
    /// As [`Session::open`], but for what is due.
    pub fn open_to_read(at: &Database) -> Result<Self, Failure> {
        let mut session = Self::with(Service::open(&at.database.url()?)?, at)?;
        session.sign_in(at, Need::Token)?;
        match session.service.catch_up(session.now) {
            Ok(_) => session.tell_stuck(),
            Err(ServiceError::Store(StoreError::Locked)) => complain(
                "sluice: another command is at work, what is due is done after it; this is what stands until then",
            ),
            Err(error) => complain(&format!("sluice: {}; this is what stands", session.not_done(error))),
        }
        Ok(session)
    }

    /// Opens the database to hand something in: that is kept first, and what is due is done with it, in the order of time.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn open_to_hand_in(at: &Database) -> Result<Self, Failure> {
        let mut session = Self::with(Service::open(&at.database.url()?)?, at)?;
        session.sign_in(at, Need::Token)?;
        Ok(session)
    }

    /// Opens the database to check it as a whole, for which no account is needed: who holds it can copy it and do so.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn open_as_holder(at: &Database) -> Result<Self, Failure> {
        Self::opened(at, Need::Nothing)
    }

    /// Opens the database to check it: what is due may fail for what the check is to find, so that comes beside the session.
    ///
    /// # Errors
    /// As [`Session::open`], but for what is due.
    pub fn open_to_check(at: &Database) -> Result<(Self, Result<(), Failure>), Failure> {
        let mut session = Self::with(Service::open(&at.database.url()?)?, at)?;
        let caught_up = session.catch_up();
        Ok((session, caught_up))
    }

    /// Opens the database to make users or tokens. While too few can sign, whoever holds it makes the first, or the next
    /// (ACC-1).
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn open_for_tokens(at: &Database) -> Result<Self, Failure> {
        Self::opened(at, Need::TokenOfAnOperator)
    }

    fn opened(at: &Database, need: Need) -> Result<Self, Failure> {
        let mut session = Self::with(Service::open(&at.database.url()?)?, at)?;
        session.sign_in(at, need)?;
        session.catch_up()?;
        Ok(session)
    }

    /// Does what is due. What of it could not be done, and why, is told to DCC alone: it may be about another party.
    ///
    /// # Errors
    /// If the database itself fails.
    pub fn catch_up(&mut self) -> Result<(), Failure> {
        self.service.catch_up(self.now).map_err(|error| self.not_done(error))?;
        self.tell_stuck();
        Ok(())
    }

    fn is_of_dcc(&self) -> bool {
        !matches!(&self.caller, Caller::Account(actor) if !actor.is_dcc())
    }

    /// Tells DCC of what could not be done: it may be about another party.
    pub fn tell_stuck(&self) {
        for words in self.service.stuck().iter().filter(|_| self.is_of_dcc()) {
            complain(&format!("sluice: {words}; see sluice aside"));
        }
        for words in self.service.restored().iter().filter(|_| self.is_of_dcc()) {
            complain(&format!("sluice: {words}"));
        }
    }

    /// Why what is due could not be done. That the database is busy, full or away is about nobody, and told to all.
    fn not_done(&self, error: ServiceError) -> Failure {
        let of_nobody = matches!(&error, ServiceError::Store(error) if error.passes());
        if of_nobody || self.is_of_dcc() {
            return error.into();
        }
        let words = "what is due could not be done; tell DCC, whose commands say why";
        Failure::Internal(words.to_owned())
    }

    /// ACC-1: finds out who gave the command.
    fn sign_in(&mut self, at: &Database, need: Need) -> Result<(), Failure> {
        if need == Need::Nothing {
            return Ok(());
        }
        if let Some(secret) = token::given(at.token_file.as_deref())? {
            self.caller = Caller::Account(self.service.sign_in(self.now, &secret)?);
            return Ok(());
        }
        if self.is_simulated() || (need == Need::TokenOfAnOperator && self.service.too_few_can_sign(self.now)?) {
            return Ok(());
        }
        Err(Failure::Use(
            "this database is not simulated, so everybody shows who they are: set SLUICE_TOKEN or name a file with \
             --token-file; an operator makes tokens with sluice user token (ACC-1)"
                .to_owned(),
        ))
    }

    /// Is its clock given, and may everybody say who they are?
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.simulated
    }

    fn with(mut service: Service, at: &Database) -> Result<Self, Failure> {
        may_move_far(&mut service, at.now)?;
        let (now, simulated) = (service.moment(at.now)?, service.is_simulated()?);
        let caller = if simulated { Caller::Anyone } else { Caller::Holder };
        Ok(Self { service, now, simulated, caller })
    }

    /// Leaves the clock of a simulated database at the moment that this command has reached.
    ///
    /// # Errors
    /// If the database fails.
    pub fn keep_clock(&mut self) -> Result<(), Failure> {
        Ok(self.service.set_clock(self.now)?)
    }

    /// The actor of a command: the account of the token; on a simulated database the one that is named, or the operator at
    /// the console.
    ///
    /// # Errors
    /// If there is no such account, or a name is given where a token says who acts.
    pub fn operator(&mut self, by: Option<&str>) -> Result<Actor, Failure> {
        match (&self.caller, by) {
            (Caller::Account(actor), None) => Ok(actor.clone()),
            (Caller::Account(actor), Some(name)) if self.simulated && actor.name() == name => Ok(actor.clone()),
            (Caller::Account(actor), Some(_)) if self.simulated => {
                Err(Failure::Use(format!("the token is that of {}: leave out --by, or the token", actor.name())))
            }
            (Caller::Account(_) | Caller::Holder, Some(_)) => Err(only_tokens("--by")),
            (Caller::Anyone, Some(name)) => Ok(self.service.account(name)?),
            (Caller::Anyone | Caller::Holder, None) => Ok(Actor::console()),
        }
    }

    /// The actor of a command that somebody with a name answers for.
    ///
    /// # Errors
    /// As [`Session::operator`], and if nobody is named.
    pub fn named(&mut self, by: Option<&str>) -> Result<Actor, Failure> {
        match (&self.caller, by) {
            (Caller::Anyone, None) => Err(Failure::Use("say who acts with --by USER".to_owned())),
            _ => self.operator(by),
        }
    }

    /// The second operator of an act, who on a simulated database may be named by the first.
    ///
    /// # Errors
    /// If one is named where each signs for themselves (ACC-2).
    pub fn second(&self, approve: Option<String>) -> Result<Option<String>, Failure> {
        if approve.is_some() && !self.simulated { Err(only_tokens("--approve")) } else { Ok(approve) }
    }

    /// Is what two people answer for proposed, and not done at once?
    #[must_use]
    pub fn proposes(&self, signatures: &Signatures) -> bool {
        signatures.propose || !self.simulated
    }

    /// Who signs an act first, and the second where one is named.
    ///
    /// # Errors
    /// As [`Session::named`] and [`Session::second`].
    pub fn signed(&mut self, signatures: &Signatures) -> Result<(Actor, Option<String>), Failure> {
        let second = self.second(signatures.approve.clone())?;
        Ok((self.named(signatures.by.as_deref())?, second))
    }

    /// Who looks at what would come of an act, for which nobody answers yet.
    ///
    /// # Errors
    /// As [`Session::operator`] and [`Session::second`].
    pub fn looking(&mut self, signatures: &Signatures) -> Result<(Actor, Option<String>), Failure> {
        let second = self.second(signatures.approve.clone())?;
        Ok((self.operator(signatures.by.as_deref())?, second))
    }

    /// Does what two people answer for, or proposes it (ACC-2).
    ///
    /// # Errors
    /// If it cannot be done.
    pub fn by_two<A: ByTwo>(
        &mut self,
        signatures: &Signatures,
        by: &Actor,
        act: A,
    ) -> Result<Asked<A::Answer>, ServiceError> {
        if self.proposes(signatures) {
            return self.service.ask(self.now, by, act);
        }
        self.service.act(self.now, by, act).map(Asked::Done)
    }

    /// The actor of a party's own act.
    ///
    /// # Errors
    /// If the party is not registered, or the token is not one of its own.
    pub fn supplier(&mut self, party: Party) -> Result<Actor, Failure> {
        let actor = match &self.caller {
            Caller::Anyone => Actor::supplier(party),
            Caller::Account(actor) if actor.party() == Some(party) => actor.clone(),
            Caller::Account(actor) => return Err(not_of_party(actor, party)),
            Caller::Holder => return Err(only_tokens("--as")),
        };
        self.registered(party)?;
        Ok(actor)
    }

    fn registered(&mut self, party: Party) -> Result<PartyRole, Failure> {
        Ok(self.service.registered(self.now, party)?)
    }

    /// Who reads: the account of the token; on a simulated database a party as itself, or the operator at the console.
    /// DCC, which sees all, may look as a party does (MSM-14).
    ///
    /// # Errors
    /// If the party is not registered, or not that of the token.
    pub fn reader(&mut self, party: Option<Party>) -> Result<Actor, Failure> {
        let Some(party) = party else { return self.operator(None) };
        let reader = match &self.caller {
            Caller::Account(actor) if actor.party() == Some(party) => return Ok(actor.clone()),
            Caller::Account(actor) if !actor.is_dcc() && actor.role() != Role::Observer => {
                return Err(not_of_party(actor, party));
            }
            Caller::Holder => return Err(only_tokens("--as")),
            Caller::Account(actor) => actor.clone(),
            Caller::Anyone => Actor::console(),
        };
        let role = self.registered(party)?;
        // CAL-4: observers are told too, and who is one, which acts for no party, reads what they are told.
        if reader.role() != Role::Observer {
            return Ok(reader.looking_as(party, role)?);
        }
        if role == PartyRole::Observer { Ok(reader) } else { Err(not_of_party(&reader, party)) }
    }

    /// Whoever reads what is of all parties: DCC, and observers.
    ///
    /// # Errors
    /// If the token is that of a party.
    pub fn overseer(&mut self, what: &str) -> Result<Actor, Failure> {
        let reader = self.operator(None)?;
        match reader.party() {
            None => Ok(reader),
            Some(party) => {
                Err(Failure::Use(format!("{what} is for DCC and observers; {} acts for {party}", reader.name())))
            }
        }
    }

    /// The S1SP that is named, or all.
    ///
    /// # Errors
    /// If there are none.
    pub fn s1sps(&mut self, one: Option<S1sp>) -> Result<Vec<S1sp>, Failure> {
        let all = self.service.s1sps(self.now)?;
        match one {
            Some(s1sp) if all.contains(&s1sp) => Ok(vec![s1sp]),
            Some(s1sp) => Err(Failure::Use(format!("S1SP {s1sp} is not known; import its party"))),
            None if all.is_empty() => Err(Failure::Use("no S1SP is known; import the parties first".to_owned())),
            None => Ok(all),
        }
    }
}

/// A jump of a given clock that is told before it is made: a week that was missed cannot be gone back to.
const FAR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Tells of a far jump of the clock; at a terminal, asks whether it is meant.
fn may_move_far(service: &mut Service, to: Option<Timestamp>) -> Result<(), Failure> {
    let (Some(from), Some(to)) = (service.clock()?, to) else { return Ok(()) };
    let days = to.duration_since(from).as_hours() / 24;
    if to.duration_since(from) <= FAR || !service.is_simulated()? {
        return Ok(());
    }
    let (from, to) = (in_words(from), in_words(to));
    if confirm(
        &format!("sluice: the clock goes from {from} to {to}, {days} days on, and never back."),
        "Is that meant?",
    ) {
        return Ok(());
    }
    Err(Failure::Use(format!("nothing was done: the clock stays at {from}")))
}

fn only_tokens(option: &str) -> Failure {
    let message = "is for simulated databases: here everybody shows who they are by a token of their own, and what needs two \
                   people is proposed by the first and approved by the second with sluice proposal";
    Failure::Use(format!("{option} {message} (ACC-1, ACC-2)"))
}

fn not_of_party(actor: &Actor, party: Party) -> Failure {
    let of = actor.party().map_or_else(|| "no party".to_owned(), |party| party.to_string());
    Failure::Use(format!("the token is that of {}, who acts for {of}, not for {party} (ACC-1)", actor.name()))
}
