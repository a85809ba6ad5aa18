//! What bars a migration for a time: holds of suppliers (MAM-12) and stop orders (STOP-1).

use super::responsibility::Meters;
use crate::party::Party;
use crate::words::words;
use jiff::civil::{Date, Weekday};

words! {
    /// What a stop order covers.
    StopScope ["S1SP, DMC, MODEL, SUPPLIER, LIST"] {
        /// Everything that an S1SP serves.
        S1sp = "S1SP",
        /// A Device Model Combination.
        Combination = "DMC",
        /// A device model, or one firmware version of it.
        Model = "MODEL",
        /// The installations with a meter of a supplier.
        Supplier = "SUPPLIER",
        /// A list of installations.
        List = "LIST",
    }
}

/// A stop order in force that may cover an installation: by its devices, its S1SP or its being listed; or, for a supplier, by
/// who is responsible for its meters on the date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Its number.
    pub id: i64,
    /// The supplier that it is about, if it is about one.
    pub supplier: Option<Party>,
    /// Why it was imposed.
    pub reason: String,
}

impl Stop {
    /// STOP-1: does it cover an installation with these meters on a date?
    #[must_use]
    pub fn covers(&self, meters: &Meters, date: Date) -> bool {
        self.supplier.is_none_or(|supplier| meters.concerns(supplier, date))
    }
}

/// STOP-1: is a device model, written `manufacturer:model:firmware`, the one that an order names? An order may leave the
/// firmware out. Letters count in any case.
#[must_use]
pub fn is_model(named: &str, device: &str) -> bool {
    let mut parts = device.split(':');
    named.split(':').all(|name| parts.next().is_some_and(|part| part.trim().eq_ignore_ascii_case(name.trim())))
}

/// The days of the week that a hold is about: Monday 1, Tuesday 2, Wednesday 4, and so on, added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weekdays(u8);

/// The days of the week as they are written, Monday first.
const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "MON"),
    (Weekday::Tuesday, "TUE"),
    (Weekday::Wednesday, "WED"),
    (Weekday::Thursday, "THU"),
    (Weekday::Friday, "FRI"),
    (Weekday::Saturday, "SAT"),
    (Weekday::Sunday, "SUN"),
];

/// A text that names no days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected days of the week, such as MON WED FRI")]
pub struct WeekdaysError;

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self(0x7F);

    /// The sum, from 1 to 127.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// The days of a sum; nothing outside 1 to 127.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        (1..=Self::ALL.0).contains(&number).then_some(Self(number))
    }

    /// Is a date one of the days?
    #[must_use]
    pub fn includes(self, date: Date) -> bool {
        self.0 & (1 << date.weekday().to_monday_zero_offset()) != 0
    }
}

impl std::str::FromStr for Weekdays {
    type Err = WeekdaysError;

    /// Names of days with blanks or commas between them, in full or by their first three letters; every day if there are none.
    fn from_str(text: &str) -> Result<Self, WeekdaysError> {
        let mut sum = 0;
        for word in text.split([' ', ',', ';']).filter(|word| !word.is_empty()) {
            let short: String = word.chars().take(3).collect();
            let place = DAYS.iter().position(|(_, name)| name.eq_ignore_ascii_case(&short)).ok_or(WeekdaysError)?;
            let full = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"][place];
            if word.len() > 3 && !full.eq_ignore_ascii_case(word) {
                return Err(WeekdaysError);
            }
            sum |= 1 << place;
        }
        Ok(if sum == 0 { Self::ALL } else { Self(sum) })
    }
}

impl std::fmt::Display for Weekdays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let days = DAYS.iter().enumerate().filter(|(place, _)| self.0 & (1 << place) != 0);
        f.pad(&days.map(|(_, (_, name))| *name).collect::<Vec<_>>().join(" "))
    }
}

/// MAM-12: a supplier sets a hold on an installation, or clears it. Of a supplier's entries that cover a date the latest
/// decides, so that a part of a hold can be cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldEntry {
    /// Whose.
    pub party: Party,
    /// The first date.
    pub from: Date,
    /// The last date; nothing if there is none.
    pub to: Option<Date>,
    /// On which days of the week.
    pub weekdays: Weekdays,
    /// Does it set a hold? Else it clears one.
    pub sets: bool,
}

impl HoldEntry {
    /// Its dates in words, such as `from 2021-07-26 until 2021-07-30, on MON WED only`.
    #[must_use]
    pub fn period(&self) -> String {
        let end = self.to.map_or("onwards".to_owned(), |to| format!("until {to}"));
        let days = if self.weekdays == Weekdays::ALL { String::new() } else { format!(", on {} only", self.weekdays) };
        format!("from {} {end}{days}", self.from)
    }

    /// Is it about a date?
    #[must_use]
    pub fn covers(&self, date: Date) -> bool {
        self.from <= date && self.to.is_none_or(|to| date <= to) && self.weekdays.includes(date)
    }
}

/// MAM-12: the supplier that holds an installation on a date, from all entries, oldest first. A supplier that has no meter of
/// it on that date holds nothing.
#[must_use]
pub fn holder_on(entries: &[HoldEntry], meters: &Meters, date: Date) -> Option<Party> {
    let mut seen: Vec<Party> = Vec::new();
    for entry in entries.iter().rev().filter(|entry| entry.covers(date) && meters.concerns(entry.party, date)) {
        if seen.contains(&entry.party) {
            continue;
        }
        if entry.sets {
            return Some(entry.party);
        }
        seen.push(entry.party);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{elec, gas, july, other, split};
    use super::super::held::HeldDates;
    use super::*;

    fn entry(party: Party, from: i8, to: Option<i8>, days: &str, sets: bool) -> HoldEntry {
        HoldEntry { party, from: july(from), to: to.map(july), weekdays: days.parse().unwrap(), sets }
    }

    #[test]
    fn mam_12_the_latest_entry_of_a_supplier_that_covers_a_date_decides() {
        let mut entries = vec![entry(elec(), 5, None, "", true)];
        assert_eq!(holder_on(&entries, &split(), july(4)), None);
        assert_eq!(holder_on(&entries, &split(), july(30)), Some(elec()));
        // 7 July 2021 is a Wednesday.
        entries.push(entry(elec(), 5, Some(9), "wed, FRIDAY", false));
        assert_eq!(
            [6, 7, 8, 9, 14].map(|day| holder_on(&entries, &split(), july(day)).is_some()),
            [true, false, true, false, true]
        );
        entries.push(entry(gas(), 7, Some(7), "", true));
        assert_eq!(holder_on(&entries, &split(), july(7)), Some(gas()));
    }

    #[test]
    fn mam_12_who_has_no_meter_of_it_on_the_date_holds_nothing() {
        let entries = [entry(other(), 1, None, "", true)];
        assert_eq!(holder_on(&entries, &split(), july(7)), None);
        let taken = split().changes(crate::installation::Fuel::Gas, other(), july(7));
        assert_eq!([6, 7].map(|day| holder_on(&entries, &taken, july(day))), [None, Some(other())]);
    }

    #[test]
    fn mam_12_a_clearing_entry_finds_a_hold_of_its_supplier_or_none() {
        let clears =
            |entries: &[HoldEntry], from, to| HeldDates::of(entries, elec()).meets(&entry(elec(), from, to, "", false));
        // 7 July 2021 is a Wednesday.
        let held = [entry(elec(), 5, Some(16), "WED", true)];
        assert!(clears(&held, 1, None) && clears(&held, 14, Some(14)));
        assert!(!clears(&held, 15, None) && !clears(&held, 8, Some(13)) && !clears(&[], 1, None));
        assert!(!clears(&[entry(gas(), 5, None, "", true)], 1, None));
        let cleared = [held[0], entry(elec(), 6, Some(10), "", false)];
        assert!(!clears(&cleared, 6, Some(10)) && clears(&cleared, 6, Some(14)));
        let again = [entry(elec(), 1, None, "", true), entry(elec(), 1, Some(20), "", false)];
        assert!(!clears(&again, 1, Some(20)) && clears(&again, 1, Some(21)));
    }

    #[test]
    fn mam_12_the_dates_of_an_entry_are_told_in_words() {
        assert_eq!(entry(elec(), 5, None, "", true).period(), "from 2021-07-05 onwards");
        let sundays = entry(elec(), 5, Some(9), "SUN MON", true);
        assert_eq!(sundays.period(), "from 2021-07-05 until 2021-07-09, on MON SUN only");
    }

    #[test]
    fn mam_12_weekdays_are_read_and_written() {
        assert_eq!("Monday tue".parse::<Weekdays>().unwrap().to_string(), "MON TUE");
        assert_eq!("".parse::<Weekdays>(), Ok(Weekdays::ALL));
        assert!(["mo", "MONTAG", "1"].iter().all(|text| text.parse::<Weekdays>().is_err()));
        assert_eq!((Weekdays::of_number(0), Weekdays::of_number(128)), (None, None));
    }

    #[test]
    fn stop_1_a_model_is_named_with_or_without_its_firmware() {
        assert!(is_model("acme:hub", "ACME:Hub:1.2") && is_model("acme:hub:1.2", "ACME:Hub:1.2"));
        assert!(!is_model("acme:hub:1.3", "ACME:Hub:1.2") && !is_model("acme:hu", "ACME:Hub:1.2"));
        assert!(!is_model("acme:hub:1.2:x", "ACME:Hub:1.2"));
    }

    #[test]
    fn stop_1_an_order_about_a_supplier_covers_what_it_supplies_on_the_date() {
        let stop = |supplier| Stop { id: 1, supplier, reason: String::new() };
        let taken = split().changes(crate::installation::Fuel::Gas, other(), july(7));
        assert!(stop(None).covers(&taken, july(6)));
        assert_eq!([6, 7].map(|day| stop(Some(gas())).covers(&taken, july(day))), [true, false]);
        assert_eq!([6, 7].map(|day| stop(Some(other())).covers(&taken, july(day))), [false, true]);
    }
}
