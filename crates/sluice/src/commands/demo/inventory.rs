//! Made-up reference data: parties, capacity, combinations, and an inventory of any size.

use super::programme::{S1SPS, Supplier, WEEKS, s1sps, suppliers};
use crate::failure::Failure;
use jiff::ToSpan;
use jiff::civil::Date;
use sluice_rules::calendar::days_of_week;
use sluice_rules::party::Eui64;
use sluice_rules::point::Mpan;
use sluice_wire::layout;
use sluice_wire::text::csv_line;

/// Device Model Combinations; the last ones are not proven yet.
const COMBINATIONS: usize = 12;
const PROVEN: usize = 11;

/// The parties: suppliers, S1SPs and an observer.
///
/// # Errors
/// If a name is no signifier: a defect.
pub fn parties() -> Result<String, Failure> {
    let mut text = csv_line(layout::PARTIES.columns.iter().copied());
    for supplier in suppliers()? {
        let Supplier { party, user_id, .. } = supplier;
        let (electricity, gas) = (supplier.electricity_mpid(), supplier.gas_mpid());
        let (name, id) = (format!("{party} Energy (invented)"), user_id.to_string());
        text.push_str(&csv_line([party.as_str(), &name, "SUPPLIER", &id, electricity, gas, "", "", ""]));
    }
    for (index, (s1sp, ..)) in (0..).zip(S1SPS) {
        let id = Eui64(0x70B3_D51F_3000_F000 + index).to_string();
        let desk = format!("duty desk of {s1sp}");
        text.push_str(&csv_line([s1sp, s1sp, "S1SP", &id, "", "", s1sp, &desk, &desk]));
    }
    let id = Eui64(0x70B3_D51F_3000_E000).to_string();
    text.push_str(&csv_line(["PANEL", "An observer (invented)", "OBSERVER", &id, "", "", "", "", ""]));
    Ok(text)
}

/// The capacity of some weeks.
///
/// # Errors
/// If a week is none: a defect.
pub fn capacity(installations: u64, weeks: &[Date]) -> Result<String, Failure> {
    let mut text = csv_line(layout::CAPACITY.columns.iter().copied());
    for (s1sp, total, reserve) in s1sps(installations)? {
        for week in weeks {
            for (index, day) in days_of_week(*week).map_err(Failure::internal)?.iter().enumerate() {
                let (total, reserve) = if index < 5 { (total, reserve) } else { (0, 0) };
                text.push_str(&csv_line([s1sp.as_str(), &day.to_string(), &total.to_string(), &reserve.to_string()]));
            }
        }
    }
    Ok(text)
}

/// The codes with which S1SPs report failures.
pub fn outcome_codes() -> String {
    let mut text = csv_line(layout::OUTCOME_CODES.columns.iter().copied());
    for cells in [
        ["KEYS", "VALIDATION", "DCC", "NO", "0"],
        ["WAN", "", "SUPPLIER", "YES", "3"],
        ["HAN", "COMMISSIONING", "S1SP", "YES", "0"],
        ["GT01", "", "S1SP", "YES", "0"],
    ] {
        text.push_str(&csv_line(cells));
    }
    text
}

fn combination(index: usize) -> String {
    format!("DMC-{:02}", index + 1)
}

/// The Device Model Combinations.
pub fn combinations() -> String {
    let mut text = csv_line(layout::COMBINATIONS.columns.iter().copied());
    for index in 0..COMBINATIONS {
        let model = |device: &str| format!("Maker{}:{device}{}:1.{}", index % 3, index % 5, index % 4);
        let provider = ["North", "Central", "South"][index % 3];
        let code = combination(index);
        text.push_str(&csv_line([&code, provider, &model("CH"), &model("EM"), &model("GM")].map(|cell| cell as &str)));
    }
    text
}

/// The Eligible Product Combinations List.
pub fn proven() -> String {
    let mut text = csv_line(layout::EPCL.columns.iter().copied());
    for (s1sp, ..) in S1SPS {
        for index in 0..PROVEN {
            text.push_str(&csv_line([s1sp, &combination(index), "2021-03-01", ""]));
        }
    }
    text
}

/// A made-up meter point pair and its suppliers, by place in the list of suppliers.
#[derive(Debug, Clone, Copy)]
pub struct Home {
    /// The number of the home.
    pub number: u64,
    /// The Import Supplier.
    pub electricity: usize,
    /// The Gas Supplier, if there is gas.
    pub gas: Option<usize>,
}

impl Home {
    /// Its MPAN.
    pub fn mpan(self) -> u64 {
        let base = 120_000_000_000 + self.number * 7;
        base * 10 + Mpan::check_digit(base)
    }

    fn mprn(self) -> u64 {
        2_000_000_000 + self.number * 3
    }
}

/// The inventory, and the homes in it.
///
/// # Errors
/// If a name is no signifier: a defect.
pub fn inventory(installations: u64, random: &mut fastrand::Rng) -> Result<(String, Vec<Home>), Failure> {
    let suppliers = suppliers()?;
    let mut text = csv_line(layout::INVENTORY.columns.iter().copied());
    let mut homes = Vec::new();
    for number in 0..installations {
        let home = home(&suppliers, number, random);
        push_home(&mut text, &suppliers, home, random);
        homes.push(home);
    }
    Ok((text, homes))
}

fn home(suppliers: &[Supplier], number: u64, random: &mut fastrand::Rng) -> Home {
    let electricity = pick(suppliers, random);
    // Most homes have one supplier for both; some have two, some no gas.
    let gas = match random.u8(..100) {
        0..72 => Some(electricity),
        72..86 => Some(pick(suppliers, random)),
        _ => None,
    };
    Home { number, electricity, gas }
}

fn pick(suppliers: &[Supplier], random: &mut fastrand::Rng) -> usize {
    let all: u64 = suppliers.iter().map(|supplier| supplier.share).sum();
    let mut place = random.u64(..all);
    for (index, supplier) in suppliers.iter().enumerate() {
        match place.checked_sub(supplier.share) {
            Some(rest) => place = rest,
            None => return index,
        }
    }
    0
}

fn push_home(text: &mut String, suppliers: &[Supplier], home: Home, random: &mut fastrand::Rng) {
    let device = |offset: u64| Eui64(0x70B3_D51F_4000_0000 + home.number * 16 + offset).to_string();
    // Some homes are Dormant as a whole, some in part.
    let active = if random.u8(..100) < 7 { 0 } else { 94 };
    let status = |random: &mut fastrand::Rng| if random.u8(..100) < active { "ACTIVE" } else { "DORMANT" };
    let mut share = random.u64(..100);
    let s1sp = S1SPS.iter().find(|(.., percent)| match share.checked_sub(*percent) {
        Some(rest) => {
            share = rest;
            false
        }
        None => true,
    });
    let cohort = ["IOC", "MOC (Secure)", "FOC"][random.usize(..3)];
    // A few combinations are rare.
    let dmc = combination(random.usize(..COMBINATIONS).min(random.usize(..COMBINATIONS)));
    let mut cells = vec![
        device(0),
        s1sp.map_or("CGI", |(code, ..)| code).to_owned(),
        cohort.to_owned(),
        dmc,
        device(1),
        home.mpan().to_string(),
        suppliers[home.electricity].electricity_mpid().to_owned(),
        status(random).to_owned(),
    ];
    match home.gas {
        Some(gas) => cells.extend([
            device(2),
            home.mprn().to_string(),
            suppliers[gas].gas_mpid().to_owned(),
            status(random).to_owned(),
        ]),
        None => cells.extend(["", "", "", ""].map(str::to_owned)),
    }
    text.push_str(&csv_line(cells.iter().map(String::as_str)));
}

/// Changes of supplier: one home in so many moves to another supplier in or before the week. The later days are after it.
///
/// # Errors
/// If a name is no signifier: a defect.
pub fn registrations(homes: &[Home], one_in: usize, random: &mut fastrand::Rng) -> Result<String, Failure> {
    let suppliers = suppliers()?;
    let mut text = csv_line(layout::REGISTRATIONS.columns.iter().copied());
    for home in homes.iter().filter(|home| home.number.is_multiple_of(u64::try_from(one_in).unwrap_or(1))) {
        let to = &suppliers[(home.electricity + 1) % suppliers.len()];
        let from = WEEKS[0].saturating_add(i64::from(random.u8(..12)).days());
        let point = home.mpan().to_string();
        text.push_str(&csv_line(
            [&point, "ELECTRICITY", to.electricity_mpid(), &from.to_string()].map(|cell| cell as &str),
        ));
    }
    Ok(text)
}
