//! Reading it.

use super::{
    Attempts, Auth, DormantLine, File, Hold, Installation, Look, Meter, Outcome, Passing, Received, Reference,
    Schedule, ScheduleLine, Step, Stop,
};
use sluice_store::raw::Queries;
use sluice_store::tables::answers;
use sluice_store::{Row, Scope, Store, StoreError, View};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

type Read<T> = std::result::Result<T, StoreError>;

fn all<K: Ord, V>(tx: &mut View<'_>, sql: &str, pair: impl FnMut(&Row<'_>) -> Read<(K, V)>) -> Read<BTreeMap<K, V>> {
    Ok(tx.query(sql, &[], pair)?.into_iter().collect())
}

fn set<K: Ord>(tx: &mut View<'_>, sql: &str, key: impl FnMut(&Row<'_>) -> Read<K>) -> Read<BTreeSet<K>> {
    Ok(tx.query(sql, &[], key)?.into_iter().collect())
}

fn pool(row: &Row<'_>, at: usize) -> Read<super::Pool> {
    Ok((row.text(at)?.to_owned(), row.int(at + 1)?))
}

impl Look {
    /// Reads everything at one moment. What only grows, and the reference data, are taken over from the look before where
    /// nothing was added.
    ///
    /// # Errors
    /// If the database fails.
    pub fn read(store: &mut Store, before: &Self) -> Read<Self> {
        let mut tx = store.view(Scope::Dcc)?;
        let tx = &mut tx;
        let audit = tx.query_one("SELECT count(*) FROM audit", &[], |row| row.int(0))?;
        let mut look = Self { audit, attempts_allowed: before.attempts_allowed, ..Self::default() };
        look.read_authorisations(tx, before)?;
        look.read_files(tx, before)?;
        look.read_weeks(tx)?;
        look.read_days(tx)?;
        look.read_bars(tx)?;
        look.read_dormant(tx)?;
        look.read_events(tx)?;
        look.imports = set(tx, "SELECT received FROM import", |row| row.int(0))?;
        look.reference = reference(tx, before, audit)?;
        Ok(look)
    }

    fn read_authorisations(&mut self, tx: &mut View<'_>, before: &Self) -> Read<()> {
        let sql = "SELECT chf, file, row, party, s1sp, date, state, unit, codes, \
                   CASE WHEN led_unit = 2 THEN led END, led_unit = 3 AND led = party FROM authorisation";
        self.auths = all(tx, sql, |row| {
            let auth = Auth {
                row: row.int(2)?,
                party: row.text(3)?.to_owned(),
                s1sp: row.text(4)?.to_owned(),
                date: row.int(5)?,
                state: row.text(6)?.to_owned(),
                unit: row.int(7)? == 1,
                codes: row.text(8)?.to_owned(),
                kept: row.opt_text(9)?.map(str::to_owned),
                own: row.int(10)? == 1,
            };
            Ok(((row.int(0)?, row.int(1)?), auth))
        })?;
        // Steps and answers are only added to.
        self.steps.clone_from(&before.steps);
        // What is narrowed steps from a state to the same.
        let sql =
            "SELECT chf, file, at, was, became, unit FROM state_change WHERE id > $1 AND was <> became ORDER BY id";
        let last = "SELECT coalesce(max(id), 0) FROM state_change";
        self.last_step = tx.query_one(last, &[], |row| row.int(0))?;
        self.steps.extend(tx.query(sql, &[before.last_step.into()], |row| {
            let key = (row.int(0)?, row.int(1)?);
            let (was, became) = (row.text(3)?.to_owned(), row.text(4)?.to_owned());
            Ok(Step { key, at: row.int(2)?, was, became, unit: row.int(5)? == 1 })
        })?);
        self.answers.clear();
        answers::each(tx, |file, answer| {
            self.answers.insert((file, i64::try_from(answer.row).unwrap_or(i64::MAX)), answer.verdict.to_owned());
        })?;
        let sql = "SELECT file, max(at) FROM issued WHERE file IS NOT NULL GROUP BY file";
        self.answered = all(tx, sql, |row| Ok((row.int(0)?, row.int(1)?)))?;
        let sql = "SELECT party, max(at) FROM (SELECT party, at FROM issued UNION ALL SELECT party, at FROM notice) AS sent \
                   GROUP BY party";
        self.told = all(tx, sql, |row| Ok((row.text(0)?.to_owned(), row.int(1)?)))?;
        Ok(())
    }

    fn read_files(&mut self, tx: &mut View<'_>, before: &Self) -> Read<()> {
        self.files = all(tx, "SELECT id, kind, sender, user_id, s1sp, date, status, codes FROM file", |row| {
            let file = File {
                kind: row.text(1)?.to_owned(),
                sender: row.text(2)?.to_owned(),
                user_id: row.opt_int(3)?,
                s1sp: row.text(4)?.to_owned(),
                date: row.int(5)?,
                status: row.text(6)?.to_owned(),
                codes: row.text(7)?.to_owned(),
            };
            Ok((row.int(0)?, file))
        })?;
        self.misnamed = set(tx, "SELECT id FROM misnamed", |row| row.int(0))?;
        self.received.clone_from(&before.received);
        let known = before.received.keys().last().copied().unwrap_or(0);
        let sql = "SELECT id, name, sender, COALESCE(digest, unkept) FROM received WHERE id > $1 ORDER BY id";
        self.received.extend(tx.query(sql, &[known.into()], |row| {
            let (name, sender) = (row.text(1)?.to_owned(), row.text(2)?.to_owned());
            Ok((row.int(0)?, Received { name, sender, digest: row.opt_bytes(3)?.map(<[u8]>::to_vec) }))
        })?);
        Ok(())
    }

    fn read_weeks(&mut self, tx: &mut View<'_>) -> Read<()> {
        let sql = "SELECT s1sp, date, total, reserve FROM capacity";
        self.capacity = all(tx, sql, |row| Ok((pool(row, 0)?, (row.int(2)?, row.int(3)?))))?;
        let sql = "SELECT s1sp, date, party, units FROM allocation";
        self.allocations = all(tx, sql, |row| Ok(((pool(row, 0)?, row.text(2)?.to_owned()), row.int(3)?)))?;
        let sql = "SELECT s1sp, date, party, user_id, units FROM demand";
        self.demand = all(tx, sql, |row| Ok(((pool(row, 0)?, row.text(2)?.to_owned(), row.int(3)?), row.int(4)?)))?;
        self.firm = set(tx, "SELECT s1sp, week FROM result WHERE firm_at IS NOT NULL", |row| pool(row, 0))?;
        let sql = "SELECT s1sp, party, nano FROM balance";
        self.balances = all(tx, sql, |row| Ok(((row.text(0)?.to_owned(), row.text(1)?.to_owned()), row.int(2)?)))?;
        let sql = "SELECT s1sp, week, milestone FROM passed_milestone";
        self.passed = set(tx, sql, |row| Ok((row.text(0)?.to_owned(), row.int(1)?, row.text(2)?.to_owned())))?;
        self.questions = set(tx, "SELECT id FROM question WHERE answered_at IS NULL", |row| row.int(0))?;
        Ok(())
    }

    fn read_days(&mut self, tx: &mut View<'_>) -> Read<()> {
        let sql = "SELECT s1sp, date, max(version) FROM schedule GROUP BY s1sp, date";
        self.schedules =
            all(tx, sql, |row| Ok((pool(row, 0)?, Schedule { version: row.int(2)?, lines: BTreeMap::new() })))?;
        self.over = set(tx, "SELECT s1sp, date FROM passed_day", |row| pool(row, 0))?;
        if !self.schedules.is_empty() {
            let schedules = &mut self.schedules;
            tx.each("SELECT s1sp, date, version, chf, type FROM schedule_line", &[], |row| {
                if let Some(schedule) = schedules.get_mut(&pool(row, 0)?)
                    && schedule.version == row.int(2)?
                {
                    schedule.lines.insert(row.int(3)?, ScheduleLine { kind: row.text(4)?.to_owned() });
                }
                Ok(())
            })?;
            self.outcomes = all(tx, "SELECT s1sp, date, chf, started_at, outcome FROM outcome", |row| {
                let outcome =
                    Outcome { started: row.opt_int(3)?.is_some(), outcome: row.opt_text(4)?.map(str::to_owned) };
                Ok(((pool(row, 0)?, row.int(2)?), outcome))
            })?;
        }
        self.attempts = all(tx, "SELECT chf, migrated, failed, retry_from FROM attempt", |row| {
            let attempts = Attempts { migrated: row.opt_int(1)?, failed: row.int(2)?, retry_from: row.opt_int(3)? };
            Ok((row.int(0)?, attempts))
        })?;
        Ok(())
    }

    fn read_bars(&mut self, tx: &mut View<'_>) -> Read<()> {
        let sql = "SELECT chf, fuel, min(effective) FROM exclusion GROUP BY chf, fuel";
        self.exclusions = all(tx, sql, |row| Ok(((row.int(0)?, row.text(1)?.to_owned()), row.int(2)?)))?;
        let sql = "SELECT chf, party, first, last, weekdays, action FROM hold ORDER BY id";
        self.holds = tx.query(sql, &[], |row| {
            let dates = (row.int(2)?, row.opt_int(3)?);
            let (chf, party, weekdays) = (row.int(0)?, row.text(1)?.to_owned(), row.int(4)?);
            Ok(Hold { chf, party, dates, weekdays, sets: row.text(5)? == "SET" })
        })?;
        let sql = "SELECT id, scope, value FROM stop_order WHERE lifted_at IS NULL ORDER BY id";
        let mut stops = all(tx, sql, |row| {
            let (scope, value) = (row.text(1)?.to_owned(), row.text(2)?.to_owned());
            Ok((row.int(0)?, Stop { id: row.int(0)?, scope, value, listed: BTreeSet::new() }))
        })?;
        if !stops.is_empty() {
            tx.each("SELECT stop_order, chf FROM stop_entry", &[], |row| {
                if let Some(stop) = stops.get_mut(&row.int(0)?) {
                    stop.listed.insert(row.int(1)?);
                }
                Ok(())
            })?;
        }
        let sql = "SELECT id FROM countersignature WHERE second_operator IS NULL";
        self.unsigned = set(tx, sql, |row| row.int(0))?;
        self.stops = stops.into_values().collect();
        Ok(())
    }

    fn read_events(&mut self, tx: &mut View<'_>) -> Read<()> {
        let sql = "SELECT id, from_party, to_party, kind, done_at FROM responsibility_event ORDER BY id";
        self.events = tx.query(sql, &[], |row| {
            let (from, to) = (row.text(1)?.to_owned(), row.text(2)?.to_owned());
            let (appoints, done) = (row.text(3)? == "APPOINTMENT", row.opt_int(4)?.is_some());
            Ok(Passing { id: row.int(0)?, from, to, appoints, done, mpids: BTreeSet::new() })
        })?;
        if !self.events.is_empty() {
            let events = &mut self.events;
            tx.each("SELECT event, fuel, mpid FROM responsibility_mpid", &[], |row| {
                let of = row.int(0)?;
                if let Some(event) = events.iter_mut().find(|event| event.id == of) {
                    event.mpids.insert((row.text(1)?.to_owned(), row.text(2)?.to_owned()));
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn read_dormant(&mut self, tx: &mut View<'_>) -> Read<()> {
        self.dormant = all(tx, "SELECT s1sp, week, chf, line, date, state FROM dormant_line", |row| {
            let line =
                DormantLine { line: row.text(3)?.to_owned(), date: row.opt_int(4)?, state: row.text(5)?.to_owned() };
            Ok(((pool(row, 0)?, row.int(2)?), line))
        })?;
        if self.dormant.is_empty() {
            return Ok(());
        }
        self.noticed = set(tx, "SELECT s1sp, week, chf FROM dormant_notice", |row| Ok((pool(row, 0)?, row.int(2)?)))?;
        // DMT-3: that it has become Active is true until an inventory of a later moment says what it is.
        let sql = "SELECT a.s1sp, a.week, a.chf, a.party FROM dormant_answer a JOIN file ON file.id = a.file \
                   WHERE answer <> 'NO_OBJECTION' AND (decision IS NULL OR decision <> 'REJECTED') \
                   AND (answer <> 'ACTIVE' OR file.verdict_at > (SELECT as_at FROM import \
                        WHERE kind = 'inventory' AND undone_at IS NULL ORDER BY id DESC LIMIT 1))";
        self.objections = set(tx, sql, |row| Ok((pool(row, 0)?, row.int(2)?, row.text(3)?.to_owned())))?;
        Ok(())
    }
}

/// Reference data, where an import came since, or its undoing.
fn reference(tx: &mut View<'_>, before: &Look, audit: i64) -> Read<Rc<Reference>> {
    let sql = "SELECT count(*) FROM audit WHERE seq > $1 AND seq <= $2 AND kind LIKE 'import%'";
    let imports = tx.query_one(sql, &[before.audit.into(), audit.into()], |row| row.int(0))?;
    if imports == 0 {
        return Ok(before.reference.clone());
    }
    let mut reference = Reference { installations: installations(tx)?, ..Reference::default() };
    tx.each("SELECT point, fuel, effective, mpid FROM registration ORDER BY point, fuel, effective", &[], |row| {
        let key = (row.int(0)?, row.text(1)?.to_owned());
        reference.registrations.entry(key).or_default().push((row.int(2)?, row.int(3)?));
        Ok(())
    })?;
    let text = |row: &Row<'_>, at: usize| row.text(at).map(str::to_owned);
    reference.mpids = all(tx, "SELECT id, fuel, mpid, party FROM mpid", |row| {
        Ok((row.int(0)?, (text(row, 1)?, text(row, 2)?, text(row, 3)?)))
    })?;
    tx.each("SELECT s1sp, dmc, added, removed FROM epcl", &[], |row| {
        reference.proven.entry(pool(row, 0)?).or_default().push((row.int(2)?, row.opt_int(3)?));
        Ok(())
    })?;
    let sql = "SELECT id, code, chf_model, esme_model, gsme_model FROM dmc";
    reference.combinations = all(tx, sql, |row| {
        let mut models = vec![row.text(2)?.to_owned(), row.text(3)?.to_owned()];
        models.extend(row.opt_text(4)?.map(str::to_owned));
        Ok((row.int(0)?, (row.text(1)?.to_owned(), models)))
    })?;
    Ok(Rc::new(reference))
}

fn installations(tx: &mut View<'_>) -> Read<BTreeMap<i64, Installation>> {
    let s1sps: BTreeMap<i64, String> =
        all(tx, "SELECT id, code FROM s1sp", |row| Ok((row.int(0)?, row.text(1)?.to_owned())))?;
    let sql = "SELECT chf, s1sp, dmc, mpan, electricity_mpid, electricity_status, mprn, gas_mpid, gas_status \
               FROM installation";
    all(tx, sql, |row| {
        let gas = match (row.opt_int(6)?, row.opt_int(7)?, row.opt_int(8)?) {
            (Some(point), Some(mpid), Some(status)) => Some(Meter { point, mpid, active: status == 1 }),
            _ => None,
        };
        let electricity = Meter { point: row.int(3)?, mpid: row.int(4)?, active: row.int(5)? == 1 };
        let s1sp = s1sps.get(&row.int(1)?).cloned().unwrap_or_default();
        Ok((row.int(0)?, Installation { s1sp, dmc: row.int(2)?, electricity, gas }))
    })
}
