//! What stands twice in an inventory, found with little memory: the numbers alone are kept and sorted, and only if there
//! is a duplicate is the file read again for its lines.

use super::cells::{RowErrors, repeated};
use rustc_hash::FxHashMap;
use sluice_rules::installation::Installation;
use sluice_rules::party::Eui64;
use sluice_rules::point::{Mpan, Mprn};
use std::collections::hash_map::Entry;
use std::fmt;

/// The numbers of the devices and meter points of an inventory: 40 bytes an installation.
#[derive(Debug, Default)]
pub struct DuplicateCheck {
    devices: Vec<u64>,
    mpans: Vec<u64>,
    mprns: Vec<u64>,
}

impl DuplicateCheck {
    /// Notes the numbers of an installation.
    pub fn add(&mut self, installation: &Installation) {
        self.devices.extend([installation.chf.0, installation.electricity.device.0]);
        self.mpans.push(installation.electricity.mpan.number());
        if let Some(gas) = installation.gas {
            self.devices.push(gas.device.0);
            self.mprns.push(gas.mprn.number());
        }
    }

    /// The numbers that stand in more than one place. Devices and meter points are sorted at the same time.
    #[must_use]
    pub fn finish(self) -> Duplicates {
        let Self { devices, mpans, mprns } = self;
        std::thread::scope(|scope| {
            let devices = scope.spawn(|| twice(devices));
            let (mpans, mprns) = (twice(mpans), twice(mprns));
            // A worker that stopped would stop this thread too, rather than hide a duplicate.
            let devices = devices.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Duplicates { devices, mpans, mprns }
        })
    }
}

/// The values that stand more than once, in order.
fn twice(mut numbers: Vec<u64>) -> Vec<u64> {
    if !numbers.is_sorted() {
        numbers.sort_unstable();
    }
    numbers.chunk_by(|one, other| one == other).filter(|same| same.len() > 1).map(|same| same[0]).collect()
}

/// The numbers that stand in more than one place of an inventory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Duplicates {
    devices: Vec<u64>,
    mpans: Vec<u64>,
    mprns: Vec<u64>,
}

impl Duplicates {
    /// Is everything there once?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty() && self.mpans.is_empty() && self.mprns.is_empty()
    }

    /// Looks for the lines of the duplicates.
    pub(super) fn finder(&self) -> Finder<'_> {
        Finder { duplicates: self, first: FxHashMap::default() }
    }
}

/// What a number is: the three kinds may have equal numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Number {
    Device(Eui64),
    Mpan(Mpan),
    Mprn(Mprn),
}

pub(super) struct Finder<'a> {
    duplicates: &'a Duplicates,
    /// The line in which each duplicate stands first.
    first: FxHashMap<Number, u64>,
}

impl Finder<'_> {
    /// Notes every duplicate in a line.
    pub(super) fn look_at(&mut self, line: u64, installation: &Installation, errors: &mut RowErrors) {
        let electricity = installation.electricity;
        self.look(line, "the CHF Device ID", Number::Device(installation.chf), installation.chf.0, errors);
        self.look(line, "the ESME Device ID", Number::Device(electricity.device), electricity.device.0, errors);
        self.look(line, "the Import MPAN", Number::Mpan(electricity.mpan), electricity.mpan.number(), errors);
        if let Some(gas) = installation.gas {
            self.look(line, "the GSME Device ID", Number::Device(gas.device), gas.device.0, errors);
            self.look(line, "the MPRN", Number::Mprn(gas.mprn), gas.mprn.number(), errors);
        }
    }

    fn look(&mut self, line: u64, what: &str, number: Number, value: u64, errors: &mut RowErrors) {
        let known = match number {
            Number::Device(_) => &self.duplicates.devices,
            Number::Mpan(_) => &self.duplicates.mpans,
            Number::Mprn(_) => &self.duplicates.mprns,
        };
        if known.binary_search(&value).is_err() {
            return;
        }
        match self.first.entry(number) {
            Entry::Vacant(entry) => {
                entry.insert(line);
            }
            Entry::Occupied(entry) => {
                errors.add(line, || repeated(&format!("{what} {number}"), *entry.get(), line));
            }
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(device) => device.fmt(f),
            Self::Mpan(mpan) => mpan.fmt(f),
            Self::Mprn(mprn) => mprn.fmt(f),
        }
    }
}
