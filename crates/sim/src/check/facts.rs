//! Who is responsible and what bars a migration, worked out once more from the tables.

use crate::look::{Look, Meter};
use jiff::civil::Date;
use sluice_rules::calendar::{LONDON, WorkingDays};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The facts of a moment.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a>(pub &'a Look);

impl<'a> Facts<'a> {
    fn supplier(self, fuel: &str, meter: &Meter, date: i64) -> Option<&'a String> {
        let reference = &self.0.reference;
        let registered = reference.registrations.get(&(meter.point, fuel.to_owned()));
        let mpid = registered.and_then(|all| all.iter().rev().find(|(from, _)| *from <= date)).map(|(_, mpid)| *mpid);
        self.party(mpid.unwrap_or(meter.mpid))
    }

    /// The party of a market participant id: in whose name it stands, or to whom it has passed since (MAM-11).
    fn party(self, mpid: i64) -> Option<&'a String> {
        let (fuel, id, party) = self.0.reference.mpids.get(&mpid)?;
        let passed = |event: &&crate::look::Passing| {
            event.done && event.mpids.iter().any(|(of, passed)| (of, passed) == (fuel, id))
        };
        let events = self.0.events.iter().filter(passed);
        Some(events.fold(party, |party, event| if *party == event.from { &event.to } else { party }))
    }

    /// MAM-8, OUT-3: Active in the inventory, still with the supplier that it names, and not excluded.
    fn is_active(self, chf: i64, fuel: &str, meter: &Meter, date: i64) -> bool {
        let excluded = self.0.exclusions.get(&(chf, fuel.to_owned())).is_some_and(|from| *from <= date);
        !excluded && meter.active && self.supplier(fuel, meter, date) == self.party(meter.mpid)
    }

    fn meters(self, chf: i64) -> Vec<(&'static str, &'a Meter)> {
        let Some(installation) = self.0.reference.installations.get(&chf) else { return Vec::new() };
        let gas = installation.gas.as_ref().map(|gas| ("GAS", gas));
        std::iter::once(("ELECTRICITY", &installation.electricity)).chain(gas).collect()
    }

    /// MAM-1: whose authorisation is needed, the Lead Supplier's first.
    #[must_use]
    pub fn required(self, chf: i64, date: i64) -> Vec<&'a String> {
        let mut required = Vec::new();
        for (fuel, meter) in self.meters(chf) {
            let supplier = self.supplier(fuel, meter, date).filter(|_| self.is_active(chf, fuel, meter, date));
            required.extend(supplier.filter(|supplier| !required.contains(supplier)));
        }
        required
    }

    /// The suppliers of its meters, Active or not.
    #[must_use]
    pub fn suppliers(self, chf: i64, date: i64) -> BTreeSet<&'a String> {
        self.meters(chf).into_iter().filter_map(|(fuel, meter)| self.supplier(fuel, meter, date)).collect()
    }

    /// MA112: is no meter Active?
    #[must_use]
    pub fn is_dormant(self, chf: i64, date: i64) -> bool {
        self.required(chf, date).is_empty()
    }

    /// Is it excluded as a whole on a date?
    #[must_use]
    pub fn is_excluded(self, chf: i64, date: i64) -> bool {
        self.0.exclusions.get(&(chf, String::new())).is_some_and(|from| *from <= date)
    }

    /// STOP-1: does an order in force cover it on a date?
    #[must_use]
    pub fn is_stopped(self, chf: i64, date: i64) -> bool {
        let Some(installation) = self.0.reference.installations.get(&chf) else { return false };
        let combination = self.0.reference.combinations.get(&installation.dmc);
        self.0.stops.iter().any(|stop| match stop.scope.as_str() {
            "S1SP" => stop.value == installation.s1sp,
            "DMC" => combination.is_some_and(|(code, _)| *code == stop.value),
            "MODEL" => combination.is_some_and(|(_, models)| models.iter().any(|model| is_model(&stop.value, model))),
            "SUPPLIER" => self.suppliers(chf, date).contains(&stop.value),
            _ => stop.listed.contains(&chf),
        })
    }

    /// MAM-12: does a supplier of it hold it on a date? Of each supplier's entries about the date the latest decides.
    #[must_use]
    pub fn is_held(self, chf: i64, date: i64) -> bool {
        self.suppliers(chf, date).into_iter().any(|supplier| {
            let about = |hold: &&crate::look::Hold| {
                let (from, to) = hold.dates;
                let covers = from <= date && to.is_none_or(|to| date <= to);
                hold.chf == chf && hold.party == *supplier && covers && hold.weekdays & (1 << weekday(date)) != 0
            };
            self.0.holds.iter().rfind(about).is_some_and(|hold| hold.sets)
        })
    }

    /// Everything that bars a migration of it on a date, whoever asks.
    #[must_use]
    pub fn bars(self, chf: i64, date: i64) -> Vec<&'static str> {
        let Some(installation) = self.0.reference.installations.get(&chf) else { return vec!["not in the inventory"] };
        let proven = self.0.reference.proven.get(&(installation.s1sp.clone(), installation.dmc));
        let holds =
            |(added, removed): &(i64, Option<i64>)| *added <= date && removed.is_none_or(|removed| removed > date);
        let attempts = self.0.attempts.get(&chf).cloned().unwrap_or_default();
        [
            (!proven.is_some_and(|all| all.iter().any(holds)), "not on the EPCL"),
            (self.is_excluded(chf, date), "excluded"),
            (attempts.migrated.is_some(), "migrated"),
            (self.0.is_candidate(chf), "failed too often"),
            (attempts.retry_from.is_some_and(|from| date < from), "tried too soon"),
            (self.is_stopped(chf, date), "stopped"),
            (self.is_held(chf, date), "on hold"),
        ]
        .into_iter()
        .filter_map(|(bars, words)| bars.then_some(words))
        .collect()
    }
}

fn is_model(named: &str, model: &str) -> bool {
    let (named, model) = (named.to_ascii_lowercase(), model.to_ascii_lowercase());
    model == named || model.starts_with(&format!("{named}:"))
}

/// The day of the week of a date `yyyymmdd`, Monday 0 (Zeller's congruence).
pub(crate) fn weekday(date: i64) -> i64 {
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let (year, month) = if month < 3 { (year - 1, month + 12) } else { (year, month) };
    let sum = day + 13 * (month + 1) / 5 + year + year / 4 - year / 100 + year / 400;
    (sum + 5) % 7
}

/// A date of its number `yyyymmdd`.
pub(crate) fn day(number: i64) -> Date {
    let fits = |part: i64| i8::try_from(part).unwrap_or(1);
    let year = i16::try_from(number / 10_000).unwrap_or(2000);
    Date::new(year, fits(number / 100 % 100), fits(number % 100)).unwrap_or_default()
}

/// The local date of a moment in milliseconds, as `yyyymmdd`.
pub(crate) fn local_date(at: i64) -> i64 {
    let date = jiff::Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(LONDON).date();
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

/// How many Working Days lie between two dates, neither of them counted; none outside those on record.
pub(crate) fn working_days_between(from: i64, to: i64) -> usize {
    static WORKING_DAYS: OnceLock<Option<WorkingDays>> = OnceLock::new();
    let Some(days) = WORKING_DAYS.get_or_init(|| sluice_wire::rulebooks::working_days().ok()) else { return 0 };
    let between = day(from).series(jiff::ToSpan::days(1)).skip(1).take_while(|date| *date < day(to));
    between.filter(|date| days.is_working_day(*date).unwrap_or(false)).count()
}

/// Is a date in the week of a Monday?
pub(crate) fn is_in_week(date: i64, monday: i64) -> bool {
    let monday = day(monday);
    (monday..monday.saturating_add(jiff::ToSpan::days(7))).contains(&day(date))
}

#[cfg(test)]
mod tests {
    use super::{is_in_week, local_date, weekday, working_days_between};

    #[test]
    fn a_week_has_seven_days() {
        let days = [20_211_226, 20_211_227, 20_220_102, 20_220_103].map(|date| is_in_week(date, 20_211_227));
        assert_eq!(days, [false, true, true, false]);
    }

    #[test]
    fn working_days_lie_between() {
        // Monday 27 and Tuesday 28 December 2021 are bank holidays for Christmas Day and Boxing Day.
        assert_eq!([20_211_224, 20_211_229, 20_211_230].map(|to| working_days_between(20_211_223, to)), [0, 1, 2]);
        assert_eq!(local_date(1_628_549_999_999), 20_210_809);
        assert_eq!(local_date(1_628_550_000_000), 20_210_810);
    }

    #[test]
    fn the_day_of_the_week_is_right() {
        for (date, day) in [(20_210_726, 0), (20_211_031, 6), (20_220_101, 5), (20_240_229, 3), (20_000_301, 2)] {
            assert_eq!(weekday(date), day, "{date}");
        }
    }
}
