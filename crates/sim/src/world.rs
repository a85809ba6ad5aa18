//! A made-up programme of a few suppliers and small days, so that everything is short: units, standby, time.
//!
//! A world is what the reference data say. It changes as the simulation imports new tables, and it can be written as each
//! of them.

mod make;
mod tables;

use jiff::civil::Date;
use sluice_rules::party::{Eui64, Party, S1sp};
use std::collections::BTreeMap;

/// A supplier.
#[derive(Debug, Clone)]
pub struct Supplier {
    /// Its signifier.
    pub party: Party,
    /// Its User IDs.
    pub ids: Vec<Eui64>,
    /// Its market participant ids for electricity.
    pub electricity: Vec<String>,
    /// Its market participant ids for gas.
    pub gas: Vec<String>,
}

/// A Device Model Combination.
#[derive(Debug, Clone)]
pub struct Combination {
    /// Its code.
    pub code: String,
    /// The model of its communications hub, `manufacturer:model:firmware`.
    pub hub: String,
}

/// A line of the EPCL.
#[derive(Debug, Clone)]
pub struct Proven {
    /// The S1SP, by place.
    pub s1sp: usize,
    /// The combination, by place.
    pub combination: usize,
    /// When it was added.
    pub added: Date,
    /// When it was removed.
    pub removed: Option<Date>,
}

/// A gas meter.
#[derive(Debug, Clone)]
pub struct Gas {
    /// Its device id.
    pub gsme: Eui64,
    /// Its meter point.
    pub mprn: u64,
    /// The supplier that the inventory names, by place.
    pub supplier: usize,
    /// Is it Active?
    pub active: bool,
}

/// An installation of the inventory.
#[derive(Debug, Clone)]
pub struct Home {
    /// Its communications hub.
    pub chf: Eui64,
    /// Its S1SP, by place.
    pub s1sp: usize,
    /// Its combination, by place.
    pub combination: usize,
    /// Its electricity meter.
    pub esme: Eui64,
    /// The meter point of that.
    pub mpan: u64,
    /// The Import Supplier that the inventory names, by place.
    pub supplier: usize,
    /// Is the electricity meter Active?
    pub active: bool,
    /// Its gas meter.
    pub gas: Option<Gas>,
    /// Is it in the inventory?
    pub listed: bool,
}

/// A registration of a supplier to a meter point.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The home, by place.
    pub home: usize,
    /// For gas, or for electricity?
    pub gas: bool,
    /// The supplier, by place.
    pub supplier: usize,
    /// From when.
    pub from: Date,
}

/// An exclusion.
#[derive(Debug, Clone)]
pub struct Exclusion {
    /// The home, by place.
    pub home: usize,
    /// Of the gas meter only?
    pub gas: bool,
    /// Its category.
    pub category: &'static str,
    /// From when.
    pub from: Date,
}

/// What the reference data say.
#[derive(Debug, Clone)]
pub struct World {
    /// The suppliers.
    pub suppliers: Vec<Supplier>,
    /// The S1SPs; each is a party of the same code.
    pub s1sps: Vec<S1sp>,
    /// The combinations.
    pub combinations: Vec<Combination>,
    /// The EPCL.
    pub proven: Vec<Proven>,
    /// The inventory.
    pub homes: Vec<Home>,
    /// Who is registered.
    pub registrations: Vec<Registration>,
    /// What is excluded.
    pub exclusions: Vec<Exclusion>,
    /// Total capacity and reserve of each S1SP, by place, and day.
    pub capacity: BTreeMap<(usize, Date), (u64, u64)>,
    /// The Mondays of its weeks.
    pub weeks: Vec<Date>,
}

impl World {
    /// The party of an S1SP.
    #[must_use]
    pub fn s1sp_party(&self, s1sp: usize) -> Option<Party> {
        self.s1sps.get(s1sp)?.as_str().parse().ok()
    }

    /// The place of a home by its hub.
    #[must_use]
    pub fn home_of(&self, chf: Eui64) -> Option<usize> {
        self.homes.iter().position(|home| home.chf == chf)
    }

    /// The days with capacity of an S1SP.
    #[must_use]
    pub fn days(&self, s1sp: usize) -> Vec<Date> {
        let days = self.capacity.iter().filter(|((of, _), (total, _))| *of == s1sp && *total > 0);
        days.map(|((_, date), _)| *date).collect()
    }
}
