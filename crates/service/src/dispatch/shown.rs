//! What two people are shown of each act that they answer for, and until when they can (ACC-2).

use crate::act::leaf::ENGINE;
use crate::act::work::{Look, Work};
use crate::bars::stops::{LiftStop, StoppedAt, Stopping, standing};
use crate::books::calendar::{in_words, week_of};
use crate::days::cut::ChangeCapacity;
use crate::dispatch::two::ByTwo;
use crate::error::Result;
use crate::events::effect::Effect;
use crate::events::event::{CancelEvent, RecordEvent};
use crate::files::end_intake::{IntakeOf, ResumeIntake, must_be_ended};
use crate::files::outage::{MovedBy, Outaged, RecordOutage};
use crate::imports::import::{Import, Imported, UndoImport, Undone};
use crate::people::accounts::{AddUser, DisableUser};
use crate::people::tokens::{Made, MakeToken, RevokeToken};
use crate::weeks::close::CloseWeek;
use crate::weeks::move_milestone::MoveMilestone;
use crate::weeks::publish::Publish;
use crate::weeks::scale::Version;
use crate::words::count;
use jiff::Timestamp;
use sluice_rules::calendar::Milestone;
use sluice_rules::scaling::Capacity;
use sluice_store::tables::{results, weeks};

/// ACC-2: why the right of one to sign is taken by two.
const TOO_FEW: &str = "too few are left who can sign, now or within 30 days";

/// A version of a result, a line a day.
fn days(version: &Version) -> Vec<String> {
    let day = |(date, capacity, demand, allocated): &(String, u64, u64, u64)| {
        format!("{date}: capacity {capacity}, counted demand {demand}, allocated {allocated}")
    };
    let mut lines = vec![format!("version {}", version.version)];
    lines.extend(version.days.iter().map(day));
    if version.added > 0 {
        lines.push(format!("added to what parties have: {}", count(version.added, "unit")));
    }
    lines.extend(version.touched.iter().cloned());
    if !version.responses.is_empty() {
        lines.push(count(version.responses.len(), "Demand Response"));
    }
    lines
}

impl ByTwo for Publish {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        let word = if self.firm { "firm" } else { "provisional" };
        format!("publish the result of {} for the week of {} as {word}", self.s1sp, self.week)
    }

    fn must_not_be_overtaken(&self, work: &mut Look<'_>) -> Result<()> {
        let calendar = work.week(self.week)?;
        self.fitting(work, &calendar).map(drop)
    }

    fn figures(&self, version: &Version) -> Vec<String> {
        days(version)
    }

    /// MSM-11: what is firm opens authorisation, so until that closes.
    fn deadline(&self, work: &mut Work<'_>) -> Result<Option<Timestamp>> {
        let calendar = work.week(self.week)?;
        Ok(Some(calendar.at(Milestone::AuthorisationCutoff)))
    }
}

impl ByTwo for CloseWeek {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        format!("close the week of {} at {} without a result: {}", self.week, self.s1sp, self.reason)
    }

    fn standing(&self, work: &mut Work<'_>) -> Result<Vec<String>> {
        let versions = results::versions(&mut work.tx, &self.s1sp, self.week)?;
        let words = versions.last().map_or_else(
            || "no result stands".to_owned(),
            |result| {
                let published = if result.published_at.is_some() { "published" } else { "not published" };
                format!("version {} stands, {published}", result.version)
            },
        );
        Ok(vec![words])
    }

    fn must_not_be_overtaken(&self, work: &mut Look<'_>) -> Result<()> {
        self.must_be_open(work)
    }

    fn figures(&self, (): &()) -> Vec<String> {
        vec!["no result, and rounding balances as they are".to_owned()]
    }
}

impl ByTwo for MoveMilestone {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        let (title, week, to) = (self.milestone.title(), self.week, in_words(self.to));
        format!("move '{title}' of the week of {week} to {to}: {}", self.reason)
    }

    fn standing(&self, work: &mut Work<'_>) -> Result<Vec<String>> {
        let at = work.week(self.week)?.at(self.milestone);
        Ok(vec![format!("'{}' stands at {}", self.milestone.title(), in_words(at))])
    }

    fn figures(&self, (): &()) -> Vec<String> {
        vec![format!("'{}' at {}", self.milestone.title(), in_words(self.to))]
    }

    /// CAL-4: a milestone is moved while it lies ahead, to a later moment.
    fn deadline(&self, work: &mut Work<'_>) -> Result<Option<Timestamp>> {
        let calendar = work.week(self.week)?;
        Ok(Some(self.to.min(calendar.at(self.milestone))))
    }
}

impl ByTwo for ChangeCapacity {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        format!("set the capacity of {} on {} to {}", self.s1sp, self.date, self.capacity)
    }

    fn standing(&self, work: &mut Work<'_>) -> Result<Vec<String>> {
        let stands = weeks::capacity(&mut work.tx, &self.s1sp, self.date, self.date)?;
        let stands = stands.get(&self.date).copied().unwrap_or_else(Capacity::none);
        let (total, reserve) = (stands.total(), stands.reserve());
        let next = self.capacity;
        Ok(vec![format!("the capacity stands at {total}, {reserve} of it Dormant reserve, and would be {next}")])
    }

    fn figures(&self, version: &Version) -> Vec<String> {
        days(version)
    }

    /// SCH-1: until the day is locked.
    fn deadline(&self, work: &mut Work<'_>) -> Result<Option<Timestamp>> {
        let calendar = work.week(week_of(self.date)?)?;
        Ok(calendar.day(self.date).map(|day| day.schedule_lock.timestamp()))
    }
}

/// What an import changes, a line for each part.
fn imported(imported: &Imported) -> Vec<String> {
    let Imported { before, added, changed, gone, accepted_rows, dormant, returned, notices, first, .. } = imported;
    let rows = count(*before, "row");
    let mut lines = vec![format!("{rows} before: {added} added, {changed} changed, {gone} gone")];
    let more = [
        (accepted_rows, "authorisation", "that stood changed or ended"),
        (returned, "authorisation", "back, since a change of supplier is cancelled"),
        (dormant, "Dormant installation", "changed in the plan of a week"),
        (notices, "Dormant notice", "issued"),
    ];
    let more = more.into_iter().filter(|(number, ..)| **number > 0);
    lines.extend(more.map(|(number, what, word)| format!("{} {word}", count(*number, what))));
    lines.extend(first.iter().cloned());
    lines
}

impl ByTwo for Import {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        format!("import {} as of {} (receipt {})", self.kind, in_words(self.as_at), self.received)
    }

    fn figures(&self, answer: &Imported) -> Vec<String> {
        imported(answer)
    }
}

impl ByTwo for UndoImport {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()) }
    }

    fn title(&self) -> String {
        "undo the last import".to_owned()
    }

    fn figures(&self, undone: &Undone) -> Vec<String> {
        let Undone { id, kind, file, restored, .. } = undone;
        let mut lines = vec![format!("import {id}, of {kind} from {file}")];
        lines.extend(imported(&undone.imported));
        if *restored > 0 {
            lines.push(format!("{} back", count(*restored, "authorisation")));
        }
        lines
    }
}

/// What a responsibility event touches and does.
fn touched(effect: &Effect) -> Vec<String> {
    let Effect { mpids, installations, became, dormant, .. } = effect;
    let (places, planned) = (count(*installations, "installation"), count(*dormant, "Dormant installation"));
    let mut lines = vec![format!("{}: {places}, {planned} planned", mpids.join(", "))];
    let rows = if became.is_empty() { &effect.rows } else { became };
    lines.extend(rows.iter().map(|(word, rows)| format!("{} {}", count(*rows, "authorisation"), word.to_lowercase())));
    lines.extend(effect.changed.iter().cloned());
    lines
}

impl ByTwo for RecordEvent {
    /// MAM-11: demand, forecast and counts pass from the day of the event on.
    const FROM_ITS_DAY_ON: bool = true;

    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        let at = self.at.map_or_else(|| "at once".to_owned(), in_words);
        let Self { kind, from, to, reason, .. } = self;
        format!("{} from {from} to {to}, {at}: {reason}", kind.word().to_lowercase())
    }

    fn figures(&self, effect: &Effect) -> Vec<String> {
        touched(effect)
    }

    /// MAM-11: an event that lies ahead is recorded before it.
    fn deadline(&self, _: &mut Work<'_>) -> Result<Option<Timestamp>> {
        Ok(self.at)
    }
}

impl ByTwo for CancelEvent {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        format!("cancel responsibility event {}", self.event)
    }

    fn must_not_be_overtaken(&self, work: &mut Look<'_>) -> Result<()> {
        self.to_come(&mut work.tx).map(drop)
    }

    fn figures(&self, (): &()) -> Vec<String> {
        vec![format!("responsibility event {} does not come", self.event)]
    }
}

impl ByTwo for LiftStop {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        format!("lift stop order {}", self.id)
    }

    fn must_not_be_overtaken(&self, work: &mut Look<'_>) -> Result<()> {
        standing(&mut work.tx, self.id).map(drop)
    }

    fn figures(&self, stopping: &Stopping) -> Vec<String> {
        self.figures_of(ENGINE, stopping)
    }

    fn figures_of(&self, engine: i64, stopping: &Stopping) -> Vec<String> {
        match stopping.at.is_empty() {
            true => vec!["no authorisation is stopped by it alone".to_owned()],
            false => stopping.at.iter().map(|at| lifted_at(at, engine)).collect(),
        }
    }
}

/// What comes of a lifted stop order at an S1SP. Programs of before left out what is lost by it all the same.
fn lifted_at(at: &StoppedAt, engine: i64) -> String {
    let became = at.lifted().into_iter().map(|(number, what)| format!("{number} {what}"));
    let (rows, lifted) = (count(at.rows, "authorisation"), became.collect::<Vec<_>>().join(", "));
    let dormant = count(at.dormant, "Dormant installation");
    let mut told = format!("{}: {rows} that it had stopped, {lifted}; {dormant} in the plan again", at.s1sp);
    if engine > 8 && at.dormant_later > 0 {
        told.push_str(&format!(
            ", {} of them for a later day, since theirs is locked or over (DMT-1)",
            at.dormant_later
        ));
    }
    if engine > 8 && at.in_line() > 0 {
        told.push_str("; what waits gets the next unit that is free, and to a day that has begun nothing is added (STOP-1, SCH-1)");
    }
    told
}

impl ByTwo for AddUser {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        format!("add {} as {}", self.name, self.role.word().to_ascii_lowercase())
    }

    fn figures(&self, (): &()) -> Vec<String> {
        vec![format!("{} may sign for DCC, once there is a token", self.name)]
    }
}

impl ByTwo for MakeToken {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        format!("make token {} of {} for {}", self.id, self.account, count(u64::from(self.days), "day"))
    }

    fn figures(&self, made: &Made) -> Vec<String> {
        let until = format!("whoever has it is {} until {}", self.account, in_words(made.expires_at));
        let known_by = self.fingerprint.map(|fingerprint| {
            format!("its fingerprint is {fingerprint}; ask {} whether that is the one", self.account)
        });
        std::iter::once(until).chain(known_by).collect()
    }
}

impl ByTwo for DisableUser {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        format!("disable {}", self.name)
    }

    fn figures(&self, (): &()) -> Vec<String> {
        vec![format!("{} may no longer act, and {TOO_FEW}", self.name)]
    }

    fn figures_of(&self, engine: i64, (): &()) -> Vec<String> {
        match engine {
            ..=3 => vec![format!("{} may no longer act, and too few are left who can sign", self.name)],
            _ => self.figures(&()),
        }
    }
}

impl ByTwo for RevokeToken {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        format!("revoke token {}", self.id)
    }

    fn figures(&self, (): &()) -> Vec<String> {
        vec![format!("it is taken no more, and {TOO_FEW}")]
    }

    fn figures_of(&self, engine: i64, (): &()) -> Vec<String> {
        match engine {
            ..=3 => vec!["it is taken no more, and too few are left who can sign".to_owned()],
            _ => self.figures(&()),
        }
    }
}

impl ByTwo for ResumeIntake {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        format!("open the intake under User ID {} again: {}", self.user_id, self.reason)
    }

    fn must_not_be_overtaken(&self, work: &mut Look<'_>) -> Result<()> {
        must_be_ended(&mut work.tx, self.user_id).map(drop)
    }

    fn figures(&self, intake: &IntakeOf) -> Vec<String> {
        vec![format!("files of {} are taken under it again", intake.party)]
    }
}

impl ByTwo for RecordOutage {
    fn signed(self, second: &str) -> Self {
        Self { approve: Some(second.to_owned()), ..self }
    }

    fn title(&self) -> String {
        let (from, to) = (in_words(self.from), in_words(self.to));
        format!("record that nothing could be handed in from {from} to {to}: {}", self.reason)
    }

    fn figures(&self, outaged: &Outaged) -> Vec<String> {
        let mut lines: Vec<String> = outaged.moved.iter().map(MovedBy::words).collect();
        if lines.is_empty() {
            lines.push("no cut-off moves".to_owned());
        }
        lines.extend((!outaged.again.is_empty()).then(|| format!("{} as in time", count(outaged.again.len(), "file"))));
        let unconfirmed = count(outaged.unconfirmed.len(), "file");
        lines.extend((!outaged.unconfirmed.is_empty()).then(|| {
            format!(
                "{unconfirmed} that lapsed as refused, which DCC alone can take: nobody can confirm any more (FI21)"
            )
        }));
        lines
    }
}
