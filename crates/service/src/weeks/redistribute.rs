//! After the firm result: hand-back and refill (MSM-13), and a capacity that changes (MSM-12).

use crate::act::actor::Actor;
use crate::act::tell::tell;
use crate::act::work::{Act, Reads, Work};
use crate::board::open::Board;
use crate::books::calendar::{WeekCalendar, in_words, week_of};
use crate::books::rulebooks::Settings;
use crate::error::{Result, ServiceError};
use crate::responsibility::heirs::{Heirs, Moved, moved};
use crate::weeks::chain::{is_overtaken, is_without_result, must_not_be_closed, pass_waiting_balances};
use crate::weeks::scale::{ScaleWeek, Version, add_version, line_record, save_pools};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::kept;
use sluice_rules::authorisation::led::{Led, LedUnit};
use sluice_rules::authorisation::settle;
use sluice_rules::authorisation::standby::{Allowance, PartyDay};
use sluice_rules::calendar::Milestone;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::PoolResult;
use sluice_rules::scaling::redistribute::{Holding, PoolDay, refill, refill_late};
use sluice_rules::scaling::stage::ResultStage;
use sluice_store::tables::authorisations::StoredAuthorisation;
use sluice_store::tables::results::{self, AllocationRecord, ResultLineRecord};
use sluice_store::tables::{authorisations, outcomes, uses, weeks};
use std::collections::{BTreeMap, BTreeSet};

/// The firm result of a week, which cuts and refills go back to; of a week that a later one has overtaken its first refill (CAL-5).
pub(crate) struct Firm {
    rulebook: String,
    lines: Vec<ResultLineRecord>,
    dmin: u64,
    heirs: Heirs,
    moved: Moved,
}

impl Firm {
    pub(crate) fn load<'w>(
        work: &mut Work<'w, impl Reads<'w>>,
        s1sp: &S1sp,
        calendar: &WeekCalendar<'_>,
        rule: &'static str,
    ) -> Result<Self> {
        if let Some(firm) = Self::find(work, s1sp, calendar)? {
            return Ok(firm);
        }
        must_not_be_closed(work, s1sp, calendar.monday)?;
        let message = format!("the result of {s1sp} for the week of {} is not firm yet", calendar.monday);
        Err(ServiceError::rule(rule, message))
    }

    /// The same, or nothing where no result is firm.
    pub(crate) fn find<'w>(
        work: &mut Work<'w, impl Reads<'w>>,
        s1sp: &S1sp,
        calendar: &WeekCalendar<'_>,
    ) -> Result<Option<Self>> {
        let versions = results::versions(&mut work.tx, s1sp, calendar.monday)?;
        let Some(result) = versions.into_iter().find(|result| result.firm_at.is_some()) else { return Ok(None) };
        let lines = results::lines(&mut work.tx, s1sp, calendar.monday, calendar.sunday(), result.version)?;
        let dmin = work
            .books
            .terms(calendar.monday, &Settings { rulebook: Some(result.rulebook.clone()), ..Settings::default() })?
            .dmin;
        work.rulebook.clone_from(&result.rulebook);
        let heirs = Heirs::since(work, result.firm_at)?;
        let moved = match work.engine {
            ..=2 => Moved::new(),
            _ => {
                let days = (calendar.monday, calendar.sunday());
                moved(work, (s1sp, days), &result, &lines, |party, _, after| heirs.of(party, after))?
            }
        };
        Ok(Some(Self { rulebook: result.rulebook, lines, dmin, heirs, moved }))
    }

    pub(crate) fn day(&self, s1sp: S1sp, date: Date) -> PoolDay<'_> {
        PoolDay { rulebook: &self.rulebook, s1sp, date, dmin: self.dmin }
    }

    /// The lines of a day that count for a party: its own, and those of parties that it took over (MAM-11).
    pub(crate) fn lines_of(&self, party: Party, date: Date) -> impl Iterator<Item = &ResultLineRecord> {
        self.lines.iter().filter(move |line| line.date == date && self.heirs.of(line.party, 0) == Some(party))
    }

    /// The parties for which lines of a day count, in order.
    pub(crate) fn parties_on(&self, date: Date) -> BTreeSet<Party> {
        let lines = self.lines.iter().filter(|line| line.date == date);
        let came = self.moved.iter().filter(|((day, _), units)| *day == date && **units > 0);
        lines.filter_map(|line| self.heirs.of(line.party, 0)).chain(came.map(|((_, party), _)| *party)).collect()
    }

    /// MSM-13: the counted demand of a day that is a party's now: what has come to it with rows of others, and not what has gone
    /// with its own (MAM-11).
    pub(crate) fn demand_of(&self, party: Party, date: Date) -> u64 {
        let counted: u64 = self.lines_of(party, date).map(|line| line.counted).sum();
        counted.saturating_add_signed(self.moved.get(&(date, party)).copied().unwrap_or(0))
    }

    /// The sum of counted demand of a day.
    pub(crate) fn counted_on(&self, date: Date) -> u64 {
        self.lines.iter().filter(|line| line.date == date).map(|line| line.counted).sum()
    }

    pub(crate) fn opening(&self, party: Party, date: Date) -> i64 {
        self.lines_of(party, date).map(|line| line.opening).sum()
    }
}

/// MSM-13: a supplier gives units of a day back that no row of its uses.
#[derive(Debug, Serialize, Deserialize)]
pub struct HandBack {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The day.
    #[serde(with = "crate::words")]
    pub date: Date,
    /// How many installations.
    pub units: u64,
}

impl Act for HandBack {
    const KIND: &'static str = "hand-back";
    /// What the party has left of the day.
    type Answer = u64;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("handing back").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<u64> {
        let party = work.by.must_be_party("handing back")?;
        crate::responsibility::intake::must_not_have_failed(&mut work.tx, party)?;
        let calendar = work.week(week_of(self.date)?)?;
        Firm::load(work, &self.s1sp, &calendar, "MSM-13")?;
        let cutoff = calendar.at(Milestone::HandbackCutoff);
        if work.now >= cutoff {
            return Err(ServiceError::rule("MSM-13", format!("the hand-back cut-off was at {}", in_words(cutoff))));
        }
        let found = results::allocations(&mut work.tx, &self.s1sp, self.date, self.date)?;
        let held = found.into_iter().find(|record| record.party == party);
        let allowances = uses::allowances(&mut work.tx, &self.s1sp, self.date, self.date)?;
        let allowance = allowances.get(&(party, self.date)).copied().unwrap_or_default();
        let Some(mut record) = held.filter(|_| 0 < self.units && self.units <= allowance.free()) else {
            return Err(ServiceError::rule("MSM-13", self.not_free(party, allowance)));
        };
        record.units -= self.units;
        record.handed_back += self.units;
        results::set_allocation(&mut work.tx, &self.s1sp, &record)?;
        if work.engine > 2 {
            let Self { s1sp, date, units } = self;
            let words = format!("you gave {units} of {date} at {s1sp} back and keep {} of that day", record.units);
            tell(work, party, "MSM-13", None, &words)?;
        }
        Ok(record.units)
    }
}

impl HandBack {
    /// Why so many cannot be given back; MAM-11: what is kept for installations is not the supplier's to give.
    fn not_free(&self, party: Party, allowance: Allowance) -> String {
        let date = self.date;
        let kept = match allowance.kept {
            0 => String::new(),
            kept => format!(
                "; kept until the authorisation cut-off for homes that came to it with the lead, and that it has not authorised yet: {kept} (MAM-11)"
            ),
        };
        match allowance.free() {
            0 => format!("{party} has no unit of {date} that no row uses, so there is nothing to give back{kept}"),
            free => format!("{party} can give back from 1 to {free} of {date}: so many of its units no row uses{kept}"),
        }
    }
}

/// MSM-13: what was handed back and what nobody had is shared among those with unmet demand.
#[derive(Debug, Serialize, Deserialize)]
pub struct Refill {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The week's Monday.
    #[serde(with = "crate::words")]
    pub week: Date,
}

impl Act for Refill {
    const KIND: &'static str = "refill";
    type Answer = Version;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("refilling")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Version> {
        let calendar = work.week(self.week)?;
        let (firm, pools) = self.pools(work, &calendar)?;
        if pools.is_empty() {
            return unchanged(work, &self.s1sp, self.week);
        }
        // MSM-8: balances waited for a result that was published before the week was overtaken, unless it was closed since.
        let waited = is_overtaken(work, self.s1sp, self.week)? && !is_without_result(work, self.s1sp, self.week)?;
        let version = finish(work, &self.s1sp, &calendar, ResultStage::Refill, &firm, &pools)?;
        if waited {
            pass_waiting_balances(work, &self.s1sp, self.week)?;
        }
        Ok(version)
    }
}

impl Refill {
    /// The units that would be given now.
    ///
    /// # Errors
    /// If there cannot be a refill now, or the database fails.
    pub fn units<'w>(&self, work: &mut Work<'w, impl Reads<'w>>, calendar: &WeekCalendar<'_>) -> Result<u64> {
        Ok(self.pools(work, calendar)?.1.iter().map(PoolResult::allocated).sum())
    }

    /// The result that stands, and the pools as they would be shared now.
    fn pools<'w>(
        &self,
        work: &mut Work<'w, impl Reads<'w>>,
        calendar: &WeekCalendar<'_>,
    ) -> Result<(Firm, Vec<PoolResult>)> {
        let firm = match is_overtaken(work, self.s1sp, self.week)? {
            true => None,
            false => Some(Firm::load(work, &self.s1sp, calendar, "MSM-13")?),
        };
        let cutoff = calendar.at(Milestone::HandbackCutoff);
        if work.now < cutoff {
            let message = format!("units can be handed back until {}; refill after that", in_words(cutoff));
            return Err(ServiceError::rule("MSM-13", message));
        }
        if work.now >= calendar.at(Milestone::AuthorisationCutoff) {
            let at = in_words(calendar.at(Milestone::AuthorisationCutoff));
            return Err(ServiceError::rule(
                "MSM-13",
                format!("authorisation closed at {at}; a refill has no use any more"),
            ));
        }
        let Some(firm) = firm else { return self.share_late(work, calendar) };
        let pools = self.share(work, calendar, &firm)?;
        Ok((firm, pools))
    }

    /// CAL-5: of a week that a later firm one has overtaken nobody has anything, so all of its capacity is shared, and what it
    /// gives is what later cuts and refills go back to. Nothing, where nobody would get anything.
    fn share_late<'w>(
        &self,
        work: &mut Work<'w, impl Reads<'w>>,
        calendar: &WeekCalendar<'_>,
    ) -> Result<(Firm, Vec<PoolResult>)> {
        let scaling = ScaleWeek { s1sp: self.s1sp, week: self.week };
        let terms = work.books.terms(self.week, &Settings::default())?;
        work.rulebook.clone_from(&terms.rulebook);
        let (days, eligible) = (scaling.days(work, calendar)?, scaling.eligible(work)?);
        let balances = results::balances(&mut work.tx, &self.s1sp)?.into_iter().collect();
        let mut pools =
            refill_late(self.s1sp, &days, &terms, eligible.as_ref(), &balances).map_err(ServiceError::wrong)?;
        if pools.iter().all(|pool| pool.allocated() == 0) {
            pools.clear();
        }
        let lines = pools.iter().flat_map(|pool| pool.lines.iter().map(|line| line_record(pool, line, false)));
        let (lines, heirs) = (lines.collect(), Heirs::default());
        Ok((Firm { rulebook: terms.rulebook, lines, dmin: terms.dmin, heirs, moved: Moved::new() }, pools))
    }

    /// The pools in which anything was free for somebody.
    fn share<'w>(
        &self,
        work: &mut Work<'w, impl Reads<'w>>,
        calendar: &WeekCalendar<'_>,
        firm: &Firm,
    ) -> Result<Vec<PoolResult>> {
        let (from, to) = (calendar.monday, calendar.sunday());
        let capacity = weeks::capacity(&mut work.tx, &self.s1sp, from, to)?;
        let held = results::allocations(&mut work.tx, &self.s1sp, from, to)?;
        let mut pools = Vec::new();
        for (&date, capacity) in &capacity {
            // CAL-7: what is locked has no use for more.
            if work.engine > 6 && calendar.closes(date) <= work.now {
                continue;
            }
            let used: u64 = held.iter().filter(|record| record.date == date).map(|record| record.units).sum();
            let free = capacity.available().saturating_sub(used);
            let holding = |party: Party| {
                let record = held_by(&held, party, date);
                Holding {
                    party,
                    demand: firm.demand_of(party, date),
                    held: record.map_or(0, |record| record.units),
                    gave_back: record.is_some_and(|record| record.handed_back > 0),
                    opening: firm.opening(party, date),
                }
            };
            let holdings: Vec<Holding> = firm.parties_on(date).into_iter().map(holding).collect();
            let pool = refill(firm.day(self.s1sp, date), free, &holdings).map_err(ServiceError::wrong)?;
            if pool.allocated() > 0 {
                pools.push(pool);
            }
        }
        Ok(pools)
    }
}

/// The version that stands, where nothing is shared anew.
pub(crate) fn unchanged(work: &mut Work<'_>, s1sp: &S1sp, week: Date) -> Result<Version> {
    let version = results::versions(&mut work.tx, s1sp, week)?.last().map_or(0, |last| last.version);
    Ok(Version { version, days: Vec::new(), added: 0, responses: Vec::new(), sign: None, touched: Vec::new() })
}

fn held_by(held: &[AllocationRecord], party: Party, date: Date) -> Option<&AllocationRecord> {
    held.iter().find(|record| (record.party, record.date) == (party, date))
}

/// Saves a version that changes allocations, tells the parties, and gives free units to those in line.
pub(crate) fn finish(
    work: &mut Work<'_>,
    s1sp: &S1sp,
    calendar: &WeekCalendar<'_>,
    stage: ResultStage,
    firm: &Firm,
    pools: &[PoolResult],
) -> Result<Version> {
    let version = add_version(work, s1sp, calendar.monday, stage, &firm.rulebook)?;
    save_pools(work, calendar.rulebook, *s1sp, version, pools)?;
    let held = results::allocations(&mut work.tx, s1sp, calendar.monday, calendar.sunday())?;
    let mut added = 0;
    for pool in pools {
        for line in &pool.lines {
            let before = held_by(&held, line.party, pool.date).copied();
            let mut record =
                before.unwrap_or(AllocationRecord { date: pool.date, party: line.party, units: 0, handed_back: 0 });
            let after = line.afterwards();
            added += after.saturating_sub(record.units);
            record.units = after;
            results::set_allocation(&mut work.tx, s1sp, &record)?;
        }
    }
    let lines = results::lines(&mut work.tx, s1sp, calendar.monday, calendar.sunday(), version)?;
    let versions = results::versions(&mut work.tx, s1sp, calendar.monday)?;
    let result = versions.last().ok_or_else(|| ServiceError::defect("a version is missing"))?;
    let responses = crate::weeks::respond::demand_responses(work, s1sp, calendar, result, &lines)?;
    settle_units(work, s1sp, pools)?;
    let mut days = Vec::with_capacity(pools.len());
    for date in pools.iter().map(|pool| pool.date) {
        days.push(day_now(work, s1sp, firm, date)?);
    }
    Ok(Version { version, days, added, responses, sign: None, touched: Vec::new() })
}

/// A day as it stands now, not only what has changed: capacity, counted demand and allocation.
fn day_now(work: &mut Work<'_>, s1sp: &S1sp, firm: &Firm, date: Date) -> Result<(String, u64, u64, u64)> {
    let capacity = weeks::capacity(&mut work.tx, s1sp, date, date)?.get(&date).map_or(0, |now| now.available());
    let allocated = results::allocations(&mut work.tx, s1sp, date, date)?.iter().map(|record| record.units).sum();
    Ok((date.to_string(), capacity, firm.counted_on(date), allocated))
}

/// Defers what a party has in use beyond its allocation, and promotes who waits where units are free.
fn settle_units(work: &mut Work<'_>, s1sp: &S1sp, pools: &[PoolResult]) -> Result<()> {
    let terms = work.mam_terms()?;
    let mut board = Board::open(work, *s1sp, terms)?;
    for pool in pools {
        let attempted = attempted(work, s1sp, pool.date)?;
        for line in &pool.lines {
            let attempted = attempted.get(&line.party).copied().unwrap_or(0);
            defer_excess(work, &mut board, s1sp, (line.party, pool.date), attempted)?;
            board.keep_aside(work, line.party, pool.date)?;
            board.promote_day(work, line.party, pool.date)?;
        }
    }
    board.finish(work).map(drop)
}

/// MSM-12: what was attempted before a cut stays in the allocation, and is no place for anything else. Programs of before left it
/// out.
pub(crate) fn attempted(work: &mut Work<'_>, s1sp: &S1sp, date: Date) -> Result<BTreeMap<Party, u64>> {
    let attempted = if work.engine > 2 { outcomes::attempted(&mut work.tx, s1sp, date)? } else { Vec::new() };
    Ok(attempted.into_iter().collect())
}

/// MSM-12: before rows lose their units to a cut, what is kept for installations that the supplier has not authorised (MAM-11) goes: the
/// last in line first, by the rows that it came with.
fn cut_kept(
    work: &mut Work<'_>,
    board: &mut Board,
    rows: &[StoredAuthorisation],
    (party, date): PartyDay,
    left: u64,
) -> Result<()> {
    let kept = Some(Led { party, unit: LedUnit::Kept });
    let mut kept: Vec<&StoredAuthorisation> = rows.iter().filter(|stored| stored.row.led == kept).collect();
    kept.sort_by_key(|stored| (stored.priority, stored.row.id));
    board.facts.load(work, kept.iter().map(|stored| stored.chf))?;
    let stays = usize::try_from(left.saturating_sub(board.ledger.allowance((party, date)).used)).unwrap_or(usize::MAX);
    for stored in kept.into_iter().skip(stays) {
        if let Some((file, ledger)) = board.change(stored.chf) {
            kept::cut_away(&mut file.case, stored.row.id, ledger);
        }
    }
    Ok(())
}

/// MSM-12: a supplier over its new allocation keeps the rows with the lowest priority, then earliest received; the others
/// are deferred.
fn defer_excess(
    work: &mut Work<'_>,
    board: &mut Board,
    s1sp: &S1sp,
    (party, date): PartyDay,
    attempted: u64,
) -> Result<()> {
    let allowance = board.ledger.allowance((party, date));
    let left = allowance.allocation.saturating_sub(attempted);
    let keeps = usize::try_from(left).unwrap_or(usize::MAX);
    if allowance.used + allowance.kept <= left {
        return Ok(());
    }
    let mut rows = authorisations::of_day(&mut work.tx, s1sp, date)?;
    cut_kept(work, board, &rows, (party, date), left)?;
    if allowance.used <= left {
        return Ok(());
    }
    rows.retain(|stored| stored.row.party == party && stored.row.unit);
    // OUT-1: what the S1SP has begun with stays in any case.
    rows.sort_by_key(|stored| (!board.facts.is_under_way(stored.chf, &stored.row), stored.priority, stored.row.id));
    board.facts.load(work, rows.iter().map(|stored| stored.chf))?;
    let under_way = |board: &Board, stored: &StoredAuthorisation| board.facts.is_under_way(stored.chf, &stored.row);
    for stored in rows.into_iter().skip(keeps) {
        if under_way(board, &stored) {
            continue;
        }
        if let Some((case, ledger)) = board.change(stored.chf) {
            settle::defer(&mut case.case, stored.row.id, ledger);
        }
    }
    Ok(())
}
