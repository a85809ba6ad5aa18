//! Scaling a programme, S1SP by S1SP and week by week.

use super::programme::Programme;
use crate::failure::Failure;
use jiff::civil::Date;
use sluice_rules::calendar::{days_of_week, monday_of};
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::redistribute::{HeldUnits, Holding, PoolDay, cut, refill, rise};
use sluice_rules::scaling::week::{Balances, Day, Terms, scale_week};
use sluice_rules::scaling::{Again, Capacity, PoolResult};
use sluice_service::books::rulebooks::Books;
use sluice_wire::reference::{BalanceTable, DemandLine, Standing};
use sluice_wire::response::push_allocation;
use std::collections::VecDeque;
use std::io::Write;
use std::sync::mpsc;

/// The rulebook of a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeekTerms {
    /// The S1SP.
    pub s1sp: S1sp,
    /// The week's Monday.
    pub monday: Date,
    /// What its rulebook gave.
    pub terms: Terms,
}

/// The result of a run.
#[derive(Debug, Default)]
pub struct Computed {
    /// The weeks in the order of S1SP and date.
    pub weeks: Vec<WeekTerms>,
    /// The pools in the same order.
    pub pools: Vec<PoolResult>,
    /// Closing balances.
    pub balances: BalanceTable,
}

/// Scales everything.
///
/// # Errors
/// If a week has no rulebook.
pub fn compute(programme: &Programme, books: &Books) -> Result<Computed, Failure> {
    let mut computed = Computed { balances: programme.balances.clone(), ..Computed::default() };
    if let Some((again, standings)) = &programme.again {
        return share_again(programme, books, *again, standings);
    }
    for &s1sp in programme.weeks.keys() {
        let balances = scale_s1sp(programme, books, s1sp, &mut |week, pools| {
            computed.weeks.push(week);
            computed.pools.extend(pools);
            true
        })?;
        computed.balances.extend(balances.into_iter().map(|(party, balance)| ((s1sp, party), balance)));
    }
    Ok(computed)
}

/// MSM-12, MSM-13: shares pools again, on what stands.
fn share_again(
    programme: &Programme,
    books: &Books,
    again: Again,
    standings: &[Standing],
) -> Result<Computed, Failure> {
    let mut computed = Computed::default();
    for (&(s1sp, date), &capacity) in &programme.capacities {
        let monday = monday_of(date).map_err(Failure::usage)?;
        let terms = books.terms(monday, &programme.settings)?;
        let day = PoolDay { rulebook: &terms.rulebook, s1sp, date, dmin: terms.dmin };
        let own = standings.iter().filter(|one| (one.s1sp, one.date) == (s1sp, date));
        let pool = match again {
            Again::Cut => {
                let units = |one: &Standing| HeldUnits {
                    party: one.party,
                    units: one.demand,
                    attempted: one.beside,
                    opening: one.opening,
                };
                cut(day, capacity, &own.map(units).collect::<Vec<_>>())
            }
            Again::Refill | Again::Rise => {
                let holding = |one: &Standing| Holding {
                    party: one.party,
                    demand: one.demand + one.beside,
                    held: one.beside,
                    gave_back: false,
                    opening: one.opening,
                };
                let add = if again == Again::Refill { refill } else { rise };
                add(day, capacity.available(), &own.map(holding).collect::<Vec<_>>())
            }
        };
        computed.pools.push(pool.map_err(Failure::usage)?);
        if !computed.weeks.iter().any(|week| (week.s1sp, week.monday) == (s1sp, monday)) {
            computed.weeks.push(WeekTerms { s1sp, monday, terms });
        }
    }
    Ok(computed)
}

/// Takes the results of a week; says whether more are wanted.
type OnWeek<'a> = &'a mut dyn FnMut(WeekTerms, Vec<PoolResult>) -> bool;

/// Scales one S1SP: its weeks in order, each opening with the balances that the one before closed with (CAL-5).
fn scale_s1sp(programme: &Programme, books: &Books, s1sp: S1sp, on_week: OnWeek<'_>) -> Result<Balances, Failure> {
    let mut balances: Balances = programme
        .balances
        .range((s1sp, Party::FIRST)..)
        .take_while(|((other, _), _)| *other == s1sp)
        .map(|((_, party), balance)| (*party, *balance))
        .collect();
    let eligible = programme.eligible.as_ref().map(|counts| counts.get(&s1sp).cloned().unwrap_or_default());
    let first = programme.demand.partition_point(|line| line.s1sp < s1sp);
    let mut demand = &programme.demand[first..];
    // CAL-5: the balances chain, so a week is scaled only after the one before it.
    for &monday in programme.weeks.get(&s1sp).into_iter().flatten() {
        let terms = books.terms(monday, &programme.settings)?;
        let days: Vec<Day> = days_of_week(monday)
            .map_err(Failure::usage)?
            .into_iter()
            .map(|date| Day {
                date,
                capacity: programme.capacities.get(&(s1sp, date)).copied().unwrap_or_else(Capacity::none),
                demand: take_day(&mut demand, s1sp, date),
            })
            .collect();
        let pools = scale_week(s1sp, &days, &terms, eligible.as_ref(), &mut balances).map_err(Failure::usage)?;
        if !on_week(WeekTerms { s1sp, monday, terms }, pools) {
            break;
        }
    }
    Ok(balances)
}

/// Takes the lines of a day off the front of the demand, which is in the order of days.
fn take_day(demand: &mut &[DemandLine], s1sp: S1sp, date: Date) -> Vec<(Party, u64)> {
    let end = demand.partition_point(|line| (line.s1sp, line.date) <= (s1sp, date));
    let (day, rest) = demand.split_at(end);
    *demand = rest;
    day.iter().map(|line| (line.party, line.units)).collect()
}

/// Text of `allocation.csv` that is handed from a worker to the writer at once, in bytes.
const CHUNK: usize = 256 << 10;

/// Chunks that may wait for the writer, so that a fast worker does not fill the memory.
const WAITING: usize = 64;

/// The two ends of a worker's pipe: full chunks go out, empty ones come back to be filled again.
struct Pipe {
    full: mpsc::SyncSender<String>,
    empty: mpsc::Receiver<String>,
}

/// Scales everything and writes `allocation.csv` on the way, without keeping the results: a few S1SPs at a
/// time, each by a worker of its own, the text in their order. Returns the closing balances. `failed` says where a write failed.
///
/// # Errors
/// If a week has no rulebook, or the text cannot be written.
pub fn compute_streaming(
    programme: &Programme,
    books: &Books,
    out: &mut dyn Write,
    failed: &dyn Fn(std::io::Error) -> Failure,
) -> Result<BalanceTable, Failure> {
    let mut closing = programme.balances.clone();
    std::thread::scope(|scope| {
        let start = |s1sp: S1sp| {
            let (full, chunks) = mpsc::sync_channel(WAITING);
            let (back, empty) = mpsc::channel();
            let worker = scope.spawn(move || stream_s1sp(programme, books, s1sp, &Pipe { full, empty }));
            (s1sp, chunks, back, worker)
        };
        let mut waiting = programme.weeks.keys().copied();
        let mut running: VecDeque<_> = waiting.by_ref().take(workers()).map(start).collect();
        while let Some((s1sp, chunks, back, worker)) = running.pop_front() {
            for mut chunk in chunks {
                out.write_all(String::as_bytes(&chunk)).map_err(failed)?;
                chunk.clear();
                back.send(chunk).ok();
            }
            let balances = worker.join().map_err(|_| Failure::internal("a worker stopped; this is a defect"))??;
            closing.extend(balances.into_iter().map(|(party, balance)| ((s1sp, party), balance)));
            running.extend(waiting.next().map(start));
        }
        Ok(closing)
    })
}

/// How many S1SPs are scaled at a time: one more than there are processors, so that none waits for the writer.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, |processors| processors.get() + 1)
}

fn stream_s1sp(programme: &Programme, books: &Books, s1sp: S1sp, pipe: &Pipe) -> Result<Balances, Failure> {
    let fresh = || String::with_capacity(CHUNK + CHUNK / 2);
    let mut text = fresh();
    let balances = scale_s1sp(programme, books, s1sp, &mut |_, pools| {
        for pool in &pools {
            push_allocation(&mut text, pool);
            if text.len() > CHUNK {
                let next = pipe.empty.try_recv().unwrap_or_else(|_| fresh());
                // The writer is gone only after a failed write, which it tells itself.
                if pipe.full.send(std::mem::replace(&mut text, next)).is_err() {
                    return false;
                }
            }
        }
        true
    })?;
    pipe.full.send(text).ok();
    Ok(balances)
}
