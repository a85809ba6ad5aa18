//! One simulation: a world, an agenda, and a check after every step.

use crate::agenda::{Event, agenda};
use crate::check::{AuditTrail, Content, Facts, Found, Sending, Sent, check};
use crate::error::{Result, SimError};
use crate::look::Look;
use crate::place::Place;
use crate::rival::{Documents, Rival, Way};
use crate::world::World;
use fastrand::Rng;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use sha2::{Digest as _, Sha256};
use sluice_rules::party::Party;
use sluice_rules::rulebook::Value;
use sluice_service::act::actor::Actor;
use sluice_service::act::simulated::set_simulated;
use sluice_service::act::work::Act;
use sluice_service::books::calendar::local_date;
use sluice_service::books::rulebooks::Books;
use sluice_service::error::ServiceError;
use sluice_service::record::replay::replay;
use sluice_service::service::{HandedIn, Service};
use sluice_store::raw::Writes;
use sluice_store::schema::DERIVED;
use sluice_store::tables::convert::date_number;
use sluice_store::tables::{intake, record};
use sluice_store::{Scope, Store};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The steps of a simulation in words, which stay readable when it ends in a panic.
#[derive(Debug, Default)]
pub struct Trace(RefCell<Vec<String>>);

impl Trace {
    fn add(&self, words: String) {
        self.0.borrow_mut().push(words);
    }

    /// Every step.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}

/// A bug that is put into a simulation: what it writes, once, as soon as there is something to write it to. Nothing in it
/// is an act, so it is a change that no rule made.
#[derive(Debug, Clone, Copy)]
pub struct Bug(pub &'static str);

/// What a simulation was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How often each thing was done, and how often it was refused.
    pub done: BTreeMap<String, (u64, u64)>,
    /// How many authorisations there are in each state, at the end.
    pub states: BTreeMap<String, u64>,
    /// The digests of the derived tables at the end.
    pub tables: Vec<(&'static str, String)>,
    /// Acts in the log.
    pub acts: i64,
}

/// A simulation under way.
pub(crate) struct Simulation<'a> {
    pub(crate) service: Service,
    /// Another process on the same database, which takes turns with the first one: neither knows what the other remembers.
    beside: Service,
    /// Which of both is next; chance of its own.
    turns: Rng,
    pub(crate) world: World,
    pub(crate) random: Rng,
    pub(crate) now: Timestamp,
    pub(crate) look: Look,
    pub(crate) operators: Vec<Actor>,
    /// Passwords of protected files that have not come yet: who, the file's name with the password's, and the text.
    pub(crate) passwords: Vec<(Party, String, String)>,
    /// Files that were handed in, to be handed in again.
    pub(crate) files: Vec<(Party, String, Vec<u8>, Content)>,
    pub(crate) sent: Sent,
    trail: AuditTrail,
    trace: &'a Trace,
    report: Report,
    bug: Option<Bug>,
    pub(crate) rival: Option<Rival>,
    /// Chance of its own, so that the weeks are the same with faults and without.
    pub(crate) faults: Rng,
    /// The process ends when the next password has arrived.
    pub(crate) loses: bool,
    pub(crate) seed: u64,
    pub(crate) place: &'a Place,
}

/// Plays a seed at a place, and checks it after every step; at the end, if that is asked for, also that a replay is identical.
///
/// # Errors
/// What was found wrong, or the database's.
pub fn simulate(seed: u64, place: &Place, replayed: bool, trace: &Trace, bug: Option<Bug>) -> Result<Report> {
    let (mut simulation, agenda) = Simulation::of_seed(seed, place, trace)?;
    simulation.bug = bug;
    simulation.begin()?;
    for (at, event) in agenda {
        simulation.step_to(at, event)?;
    }
    simulation.end(replayed.then(|| place.beside()).transpose()?, &books(seed)?)
}

/// MSM-14: plays a seed with a rival whose files come in a way, and gives what all others could read: at the end everything, and
/// on the way what was sent to them and what they see of the weeks.
///
/// # Errors
/// What was found wrong, or the database's.
pub fn documents(seed: u64, place: &Place, way: Way, trace: &Trace, bug: Option<Bug>) -> Result<Documents> {
    let (mut simulation, agenda) = Simulation::of_seed(seed, place, trace)?;
    simulation.bug = bug;
    let suppliers = &simulation.world.suppliers;
    let party = suppliers[usize::try_from(seed).unwrap_or(0) % suppliers.len()].party;
    simulation.rival = Some(Rival { party, way });
    simulation.begin()?;
    let mut documents = Documents::new();
    for (number, (at, event)) in agenda.into_iter().enumerate() {
        simulation.step_to(at, event)?;
        if number % BETWEEN == 0 {
            simulation.read_all(party, &format!("after event {number:4}"), false, &mut documents)?;
        }
    }
    simulation.read_all(party, "at the end", true, &mut documents)?;
    Ok(documents)
}

/// MSM-14: plays a seed, and gives what the suppliers can read at its end twice: as it is, and after each locked schedule had another
/// version in which no line of theirs is another one, as when only a rival's row has changed.
///
/// # Errors
/// What was found wrong, or the database's.
pub fn documents_beside_versions(seed: u64, place: &Place, trace: &Trace) -> Result<(Documents, Documents)> {
    let (mut simulation, agenda) = Simulation::of_seed(seed, place, trace)?;
    let suppliers = &simulation.world.suppliers;
    let party = suppliers[usize::try_from(seed).unwrap_or(0) % suppliers.len()].party;
    simulation.begin()?;
    for (at, event) in agenda {
        simulation.step_to(at, event)?;
    }
    let (mut before, mut after) = (Documents::new(), Documents::new());
    simulation.read_all(party, "at the end", true, &mut before)?;
    simulation.issue_all_again()?;
    simulation.read_all(party, "at the end", true, &mut after)?;
    // An S1SP is sent each version.
    let of_suppliers: Vec<String> = simulation.world.suppliers.iter().map(|of| format!(", {}: ", of.party)).collect();
    for documents in [&mut before, &mut after] {
        documents.retain(|name, _| of_suppliers.iter().any(|of| name.contains(of)));
    }
    Ok((before, after))
}

/// After so many events everybody reads.
const BETWEEN: usize = 40;

impl<'a> Simulation<'a> {
    /// A simulation before its first act, and what is going to happen.
    fn of_seed(seed: u64, place: &'a Place, trace: &'a Trace) -> Result<(Self, Vec<(Timestamp, Event)>)> {
        let mut random = Rng::with_seed(seed);
        let world = World::make(&mut random)?;
        let agenda = agenda(&world, &books(seed)?, &mut random)?;
        let first = agenda.first().map_or(Timestamp::UNIX_EPOCH, |(at, _)| *at);
        let simulation = Self {
            service: Service::with_books(simulated(place.fresh()?)?, self::books(seed)?),
            beside: Service::with_books(place.again()?, self::books(seed)?),
            turns: Rng::with_seed(seed.rotate_left(32)),
            now: first.saturating_sub(24.hours()).map_err(SimError::defect)?,
            world,
            random,
            look: Look { attempts_allowed: attempts_allowed(seed), ..Look::default() },
            operators: Vec::new(),
            passwords: Vec::new(),
            files: Vec::new(),
            sent: Sent::default(),
            trail: AuditTrail::default(),
            trace,
            report: Report::default(),
            bug: None,
            rival: None,
            faults: Rng::with_seed(!seed),
            loses: false,
            seed,
            place,
        };
        Ok((simulation, agenda))
    }

    fn step_to(&mut self, at: Timestamp, event: Event) -> Result<()> {
        self.now = self.now.max(at);
        if self.turns.u8(..4) == 0 {
            std::mem::swap(&mut self.service, &mut self.beside);
        }
        self.catch_up()?;
        self.play(event)
    }
}

/// OUT-2: after how many failed attempts it is decided on an exclusion. A few weeks have no five; in some seeds the first is
/// enough.
const fn attempts_allowed(seed: u64) -> u64 {
    if seed.is_multiple_of(3) { 1 } else { 5 }
}

/// The rulebooks that a seed is played by.
pub(crate) fn books(seed: u64) -> Result<Books> {
    let mut books = Books::load()?;
    let parameters = books.all.iter_mut().flat_map(|book| &mut book.parameters);
    for attempts in parameters.filter(|parameter| parameter.name == "failed_attempts") {
        attempts.value = Value::Number(attempts_allowed(seed));
    }
    Ok(books)
}

impl Simulation<'_> {
    /// Chance: true so many times of a hundred.
    pub(crate) fn chance(&mut self, percent: u8) -> bool {
        self.random.u8(..100) < percent
    }

    /// One of several.
    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { Some(of[self.random.usize(..of.len())].clone()) }
    }

    /// The local date.
    pub(crate) fn today(&self) -> Date {
        local_date(self.now)
    }

    /// What the tables say, worked out.
    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts(&self.look)
    }

    /// An operator, and the name of the other one most of the time.
    pub(crate) fn operator(&mut self) -> (Actor, Option<String>) {
        // The last one is the approver, who may sign only as the second.
        let (people, approver) = (self.operators.len().max(1), self.operators.len().saturating_sub(1));
        let first = if self.chance(2) { approver } else { self.random.usize(..approver.max(1)) };
        let by = self.operators.get(first).cloned().unwrap_or_else(Actor::console);
        let second = match self.random.u8(..100) {
            0..4 => None,
            4..8 => Some(first),
            _ => Some((first + self.random.usize(1..people.max(2))) % people),
        };
        (by, second.and_then(|place| self.operators.get(place)).map(|actor| actor.name().to_owned()))
    }

    /// Does an act and checks what came of it. A refusal is nothing wrong; then nothing has changed.
    pub(crate) fn act<U: Act>(&mut self, what: &str, by: &Actor, act: U) -> Result<Option<U::Answer>> {
        let result = self.service.act(self.now, by, act);
        self.after(what, result)
    }

    /// Checks what came of an act.
    pub(crate) fn after<T>(&mut self, what: &str, result: std::result::Result<T, ServiceError>) -> Result<Option<T>> {
        match result {
            Ok(answer) => {
                self.tell(what, Ok(()));
                self.checked(false)?;
                Ok(Some(answer))
            }
            Err(
                error @ (ServiceError::Rule { .. }
                | ServiceError::Use(_)
                | ServiceError::Role(_)
                | ServiceError::Table(_)),
            ) => {
                self.tell(what, Err(error.to_string()));
                self.checked(true)?;
                Ok(None)
            }
            Err(error) => {
                self.tell(what, Err(error.to_string()));
                self.found(&[error.to_string()]).map(|()| None)
            }
        }
    }

    /// Hands a file in as a party, and checks what came of it. A rival has its own ways.
    pub(crate) fn hand_in(
        &mut self,
        party: Party,
        name: &str,
        bytes: &[u8],
        content: Content,
    ) -> Result<Option<HandedIn>> {
        let own = self.rival.filter(|rival| rival.party == party).map(|rival| rival.form(name, bytes));
        let others = self.rival.filter(|rival| rival.party != party && self.look.received.len().is_multiple_of(3));
        if let Some((rival, (name, bytes))) = others.and_then(|rival| Some((rival, rival.before(name)?))) {
            self.send(rival.party, &name, &bytes, Content::Other)?;
        }
        let sent = match &own {
            Some((name, bytes)) => self.send(party, name, bytes, content.clone())?,
            None => self.send(party, name, bytes, content.clone())?,
        };
        if sent.is_some() && !matches!(content, Content::Password) {
            self.files.push((party, name.to_owned(), bytes.to_vec(), content));
        }
        Ok(sent)
    }

    fn send(&mut self, party: Party, name: &str, bytes: &[u8], content: Content) -> Result<Option<HandedIn>> {
        let id = i64::try_from(self.look.received.len() + 1).unwrap_or(i64::MAX);
        let digest = Sha256::digest(bytes).to_vec();
        let mut sending = Sending { party: party.to_string(), name: name.to_owned(), digest, content, repeats: None };
        let ends = matches!(sending.content, Content::Password) && std::mem::take(&mut self.loses);
        let result = match self.with_faults(party, name, bytes, ends) {
            Ok(None) => return self.killed(id, sending).map(|()| None),
            Ok(Some(handed)) => Ok(handed),
            Err(error) => Err(error),
        };
        if let Ok(handed) = &result {
            sending.repeats = handed.receipt.repeat.then_some(handed.receipt.id);
            self.sent.0.insert(id, sending);
        }
        let verdict = result.as_ref().ok().map(|handed| match &handed.verdict {
            _ if handed.receipt.repeat => "a repeat".to_owned(),
            Some(verdict) => {
                let codes: Vec<&str> = verdict.findings.iter().map(|(code, _)| code.as_str()).collect();
                format!("{} {} {:?}", verdict.status, codes.join(" "), verdict.rows)
            }
            None => format!("{:?}", handed.receipt.refused.iter().map(|(code, _)| code).collect::<Vec<_>>()),
        });
        self.after(&format!("{party} hands in {name}: {}", verdict.unwrap_or_default()), result)
    }

    pub(crate) fn tell(&mut self, what: &str, result: std::result::Result<(), String>) {
        let word: String = what
            .split(' ')
            .filter(|word| word.chars().all(|letter| letter.is_ascii_lowercase()))
            .take(2)
            .collect::<Vec<_>>()
            .join(" ");
        let counts = self.report.done.entry(word).or_default();
        let number = self.trace.0.borrow().len() + 1;
        let at = self.now.to_zoned(sluice_rules::calendar::LONDON).strftime("%F %a %H:%M").to_string();
        match result {
            Ok(()) => {
                counts.0 += 1;
                self.trace.add(format!("{number:4} {at} {what}"));
            }
            Err(why) => {
                counts.1 += 1;
                self.trace.add(format!("{number:4} {at} {what} – refused: {why}"));
            }
        }
    }

    pub(crate) fn found(&self, words: &[String]) -> Result<()> {
        Err(SimError::Found(words.join("\n")))
    }

    /// Looks at the database again and checks it.
    pub(crate) fn checked(&mut self, refused: bool) -> Result<()> {
        let today = date_number(self.today());
        self.write_bug()?;
        let after = Look::read(self.service.store(), &self.look)?;
        let mut found = Found::default();
        if refused {
            found.unless(after == self.look, || "what was refused has changed something".to_owned());
        }
        let before = std::mem::replace(&mut self.look, after);
        let more = check(self.service.store(), &before, &self.look, &self.sent, &mut self.trail, today)?;
        more.words().iter().for_each(|words| found.add(words));
        if found.words().is_empty() { Ok(()) } else { self.found(found.words()) }
    }

    /// Writes the bug that was put in, if it has anything to be written to.
    fn write_bug(&mut self) -> Result<()> {
        let Some(Bug(sql)) = self.bug else { return Ok(()) };
        let mut tx = self.service.store().decide()?;
        if tx.execute(sql, &[])? > 0 {
            self.bug = None;
            self.trace.add(format!("     the bug is in: {sql}"));
        }
        Ok(tx.commit()?)
    }

    /// What holds at the end: the log verifies, content is kept as it came, and a replay is identical.
    fn end(mut self, beside: Option<sluice_store::Url>, books: &Books) -> Result<Report> {
        let verified = sluice_service::record::verify::verify(self.service.store(), &[])?;
        if verified.bad.is_some() || verified.rows != self.trail.acts() {
            self.found(&[format!("the log does not verify: {verified:?}")])?;
        }
        self.contents()?;
        if let Some(target) = beside {
            let replayed = replay(self.service.store(), books, &target)?;
            if let Some(difference) = replayed.difference {
                self.found(&[format!("a replay differs: {difference}")])?;
            }
        }
        for auth in self.look.auths.values() {
            *self.report.states.entry(auth.state.clone()).or_default() += 1;
        }
        let mut tx = self.service.store().view(Scope::Dcc)?;
        for (table, order) in DERIVED {
            self.report.tables.push((table, tx.digest_table(table, order)?));
        }
        drop(tx);
        self.report.acts = self.trail.acts();
        Ok(self.report)
    }

    /// MAM-9: every file is kept as it came; in the intake, if it was refused by its name.
    fn contents(&mut self) -> Result<()> {
        for (id, sending) in &self.sent.0 {
            if matches!(sending.content, Content::Password) {
                continue;
            }
            let mut tx = self.service.store().view(Scope::Dcc)?;
            let received = record::received(&mut tx, *id)?;
            let (arrival, lost) = (intake::arrival_of(&mut tx, *id)?, format!("the content of file {id} was lost"));
            if let Some(digest) = received.digest {
                let kept = record::content(&mut tx, &digest)?;
                if Sha256::digest(&kept).as_slice() != sending.digest {
                    drop(tx);
                    return Err(SimError::Found(lost));
                }
                continue;
            }
            drop(tx);
            // It is kept for a while only, and what is read is held against its digest.
            if let Some((mut kept, id)) = self.service.store().intake_view()?.zip(arrival)
                && let Some(arrival) = intake::get(&mut kept, &id)?
                && (intake::content(&mut kept, &arrival)?.is_none() || received.unkept != arrival.digest)
            {
                drop(kept);
                return Err(SimError::Found(lost));
            }
        }
        Ok(())
    }
}

/// A database in which everybody is who they say.
fn simulated(mut store: Store) -> Result<Store> {
    let mut tx = store.decide()?;
    set_simulated(&mut tx, true)?;
    tx.commit()?;
    Ok(store)
}
