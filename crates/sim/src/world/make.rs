//! Making a world from a seed.

use super::{Combination, Gas, Home, Proven, Registration, Supplier, World};
use crate::error::{Result, SimError};
use fastrand::Rng;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use sluice_rules::calendar::days_of_week;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::point::Mpan;
use std::collections::BTreeMap;

/// Suppliers with their market participant ids for electricity and gas.
const SUPPLIERS: [(&str, &str, &str); 5] = [
    ("AAA123", "AAAA", "AAA"),
    ("BBB456", "BBBB", "BBB"),
    ("CCC789", "CCCC", "CCC"),
    ("DDD012", "DDDD", "DDD"),
    ("EEE345", "EEEE", "EEE"),
];

/// Mondays on which a simulation may begin: ordinary weeks, a bank holiday, the clock going back, Christmas and New Year,
/// Easter, the clock going forward.
const BEGINNINGS: [Date; 6] = [
    date(2021, 7, 26),
    date(2021, 8, 23),
    date(2021, 10, 25),
    date(2021, 12, 20),
    date(2022, 4, 11),
    date(2022, 3, 21),
];

/// The combination that no list has at the beginning, and the one that is added in the first week.
const UNPROVEN: usize = 3;
const LATER: usize = 2;

impl World {
    /// A world from chance.
    ///
    /// # Errors
    /// If a code of ours is none: a defect.
    pub fn make(random: &mut Rng) -> Result<Self> {
        let suppliers = (0..random.usize(3..=5)).map(supplier).collect::<Result<Vec<_>>>()?;
        let s1sps: Vec<S1sp> = ["CGI", "XSP"][..random.usize(1..=2)]
            .iter()
            .map(|code| code.parse().map_err(SimError::defect))
            .collect::<Result<_>>()?;
        let first = BEGINNINGS[random.usize(..BEGINNINGS.len())];
        let weeks: Vec<Date> =
            (0..[2, 2, 2, 3][random.usize(..4)]).map(|week| first.saturating_add(week.weeks())).collect();
        let mut world = Self {
            suppliers,
            combinations: (0..4).map(combination).collect(),
            proven: Vec::new(),
            homes: Vec::new(),
            registrations: Vec::new(),
            exclusions: Vec::new(),
            capacity: BTreeMap::new(),
            s1sps,
            weeks,
        };
        world.prove(first);
        for number in 0..random.usize(40..=100) {
            let home = world.home(number, random);
            world.homes.push(home);
        }
        world.register(first, random);
        world.open_days(random)?;
        Ok(world)
    }

    fn prove(&mut self, first: Date) {
        for s1sp in 0..self.s1sps.len() {
            for combination in (0..self.combinations.len()).filter(|place| *place != UNPROVEN) {
                // MA110: one is added in the middle of the first week.
                let added = if combination == LATER { first.saturating_add(2.days()) } else { date(2021, 1, 4) };
                self.proven.push(Proven { s1sp, combination, added, removed: None });
            }
        }
    }

    /// Most homes are Active with one supplier; some have two, some no gas, some a Dormant meter or two.
    fn home(&self, number: usize, random: &mut Rng) -> Home {
        let id = |offset: usize| Eui64(0x70B3_D51F_4000_0000 + number_of(number * 16 + offset));
        let supplier = random.usize(..self.suppliers.len());
        let active = random.u8(..100) < 85;
        let gas = match random.u8(..100) {
            0..45 => Some(supplier),
            45..80 => Some(random.usize(..self.suppliers.len())),
            _ => None,
        };
        let gas = gas.map(|supplier| Gas {
            gsme: id(2),
            mprn: 2_000_000_000 + number_of(number) * 3,
            supplier,
            active: random.u8(..100) < if active { 85 } else { 30 },
        });
        let base = 120_000_000_000 + number_of(number) * 7;
        Home {
            chf: id(0),
            s1sp: random.usize(..self.s1sps.len()),
            combination: [0, 0, 0, 0, 1, 1, 1, LATER, UNPROVEN][random.usize(..9)],
            esme: id(1),
            mpan: base * 10 + Mpan::check_digit(base),
            supplier,
            active,
            gas,
            listed: true,
        }
    }

    /// Most meter points are registered to whom the inventory names; a few change around the weeks.
    fn register(&mut self, first: Date, random: &mut Rng) {
        for home in 0..self.homes.len() {
            let meters = [
                (false, Some(self.homes[home].supplier)),
                (true, self.homes[home].gas.as_ref().map(|gas| gas.supplier)),
            ];
            for (gas, supplier) in meters.into_iter().filter_map(|(gas, supplier)| Some((gas, supplier?))) {
                if random.u8(..100) < 70 {
                    self.registrations.push(Registration { home, gas, supplier, from: date(2019, 5, 1) });
                }
                if random.u8(..100) < 3 {
                    let supplier = random.usize(..self.suppliers.len());
                    let from = first.saturating_add(random.i64(-20..20).days());
                    self.registrations.push(Registration { home, gas, supplier, from });
                }
            }
        }
    }

    /// Small days: on most of them the suppliers ask for more than there is.
    fn open_days(&mut self, random: &mut Rng) -> Result<()> {
        for s1sp in 0..self.s1sps.len() {
            let usual = random.u64(3..=9);
            for monday in self.weeks.clone() {
                for (place, day) in days_of_week(monday).map_err(SimError::defect)?.into_iter().enumerate() {
                    let weekend = place >= 5 && random.u8(..100) < 90;
                    let total = if weekend || random.u8(..100) < 4 { 0 } else { usual + random.u64(0..=3) };
                    self.capacity.insert((s1sp, day), (total, random.u64(0..=total * 2 / 5)));
                }
            }
        }
        Ok(())
    }
}

fn number_of(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn supplier(place: usize) -> Result<Supplier> {
    let (party, electricity, gas) = SUPPLIERS[place];
    let party: Party = party.parse().map_err(SimError::defect)?;
    let id = |offset: u64| Eui64(0x70B3_D51F_3000_A000 + number_of(place) * 16 + offset);
    // The first one has two User IDs, and two market participant ids.
    let ids = if place == 0 { vec![id(0), id(1)] } else { vec![id(0)] };
    let mut electricity = vec![electricity.to_owned()];
    if place == 0 {
        electricity.push("AAAX".to_owned());
    }
    Ok(Supplier { party, ids, electricity, gas: vec![gas.to_owned()] })
}

fn combination(place: usize) -> Combination {
    Combination { code: format!("DMC-{place}"), hub: format!("Maker{}:CH{place}:1.{place}", place % 2) }
}
