//! The made-up programme: the same seed gives the same files.

use crate::failure::Failure;
use jiff::civil::{Date, date};
use sluice_rules::calendar::days_of_week;
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_wire::name::FileName;
use sluice_wire::template::{For, demand};
use sluice_wire::text::csv_line;

/// The weeks of the demonstration, by their Mondays; the first one is the first under MSM V5.0.
pub const WEEKS: [Date; 3] = [date(2021, 7, 26), date(2021, 8, 2), date(2021, 8, 9)];

/// Suppliers with their share of all installations, in tenths of a percent: a few large ones and many small ones.
const SUPPLIERS: [(&str, u64); 20] = [
    ("ALBION1", 228),
    ("BEACON2", 171),
    ("CASCADE3", 118),
    ("DELTA4", 107),
    ("EASTERN5", 88),
    ("FOXGLOVE6", 71),
    ("HARBOUR7", 58),
    ("ISLES8", 41),
    ("JUNIPER9", 32),
    ("KESTON10", 23),
    ("LANTERN11", 17),
    ("MERIDIAN12", 13),
    ("NETHER13", 10),
    ("ORCHARD14", 8),
    ("PENNINE15", 6),
    ("QUARRY16", 4),
    ("RIVER17", 2),
    ("SHIRE18", 1),
    ("TAMAR19", 1),
    ("UPLAND20", 1),
];

/// S1SPs with their daily capacity and the reserve in it, for a programme of [`SIZE`] installations, and their share of the
/// installations in percent. `CGI` is the one code known from published file names; the others are invented, as are all
/// figures.
pub const S1SPS: [(&str, u64, u64, u64); 4] =
    [("CGI", 800, 70, 20), ("S1SPB", 1_180, 110, 30), ("S1SPC", 1_600, 160, 40), ("S1SPD", 420, 40, 10)];

/// The number of installations for which the capacities are made.
pub const SIZE: u64 = 50_000;

/// Demand of each weekday, in percent of capacity: the middle of the week is asked for most.
const PRESSURE: [u64; 5] = [88, 112, 131, 104, 82];

/// The supplier that leaves a figure to be decided, and the S1SP it does so for.
const CARELESS: (&str, &str) = ("LANTERN11", "S1SPB");

/// The supplier that asks for more than its eligible installations allow (MSM-2a).
const GREEDY: &str = "EASTERN5";

/// A made-up supplier.
#[derive(Debug, Clone, Copy)]
pub struct Supplier {
    /// Its signifier.
    pub party: Party,
    /// Its User ID.
    pub user_id: Eui64,
    /// Its share of all installations, in tenths of a percent.
    pub share: u64,
}

impl Supplier {
    /// Its market participant id for electricity: the first four letters of its signifier.
    pub fn electricity_mpid(&self) -> &str {
        self.party.as_str().get(..4).unwrap_or_default()
    }

    /// Its market participant id for gas: the first three letters.
    pub fn gas_mpid(&self) -> &str {
        self.party.as_str().get(..3).unwrap_or_default()
    }
}

/// A demand file as its supplier has it.
#[derive(Debug, Clone)]
pub struct DemandFile {
    /// Whose.
    pub supplier: Supplier,
    /// For which S1SP.
    pub s1sp: S1sp,
    /// For which week.
    pub week: Date,
    /// The demand of the days.
    pub units: [u64; 7],
    /// As a workbook, or else as CSV?
    pub as_workbook: bool,
    /// Does it leave a figure to be decided?
    pub careless: bool,
}

/// The suppliers of the programme.
///
/// # Errors
/// If a name is no signifier: a defect.
pub fn suppliers() -> Result<Vec<Supplier>, Failure> {
    let supplier = |(index, (party, share)): (usize, &(&str, u64))| {
        let party = party.parse().map_err(Failure::internal)?;
        Ok(Supplier { party, user_id: user_id(index), share: *share })
    };
    SUPPLIERS.iter().enumerate().map(supplier).collect()
}

/// The S1SPs with their daily capacity and the reserve in it, for so many installations.
///
/// # Errors
/// If a code is none: a defect.
pub fn s1sps(installations: u64) -> Result<Vec<(S1sp, u64, u64)>, Failure> {
    let scaled = |units: u64| (units * installations / SIZE).max(1);
    let s1sp = |(code, total, reserve, _): &(&str, u64, u64, u64)| {
        Ok((code.parse().map_err(Failure::internal)?, scaled(*total) + 1, scaled(*reserve)))
    };
    S1SPS.iter().map(s1sp).collect()
}

/// The demand files of all suppliers for a week of a programme of so many installations. A small supplier has installations
/// at some S1SPs only; in the first week one leaves a figure open.
///
/// # Errors
/// If a code is none: a defect.
pub fn demand_files(installations: u64, week: Date, random: &mut fastrand::Rng) -> Result<Vec<DemandFile>, Failure> {
    let mut files = Vec::new();
    for (s1sp, total, reserve) in s1sps(installations)? {
        for supplier in suppliers()? {
            let mut units = weekly_demand(random, total - reserve, supplier.share);
            let careless = week == WEEKS[0] && (supplier.party.as_str(), s1sp.as_str()) == CARELESS;
            let elsewhere = supplier.share < 20 && random.u8(..).is_multiple_of(3);
            if units.iter().sum::<u64>() == 0 || (elsewhere && !careless) {
                continue;
            }
            if supplier.party.as_str() == GREEDY {
                units = units.map(|units| units * 9);
            }
            let as_workbook = supplier.share.is_multiple_of(2) && supplier.party.as_str() != CARELESS.0;
            files.push(DemandFile { supplier, s1sp, week, units, as_workbook, careless });
        }
    }
    Ok(files)
}

impl DemandFile {
    /// Its name and its content.
    ///
    /// # Errors
    /// If the workbook cannot be made.
    pub fn content(&self) -> Result<(String, Vec<u8>), Failure> {
        let Supplier { party, user_id, .. } = self.supplier;
        let days = days_of_week(self.week).map_err(Failure::internal)?;
        let name = FileName::of_week(FileKind::DemandCommitment, Some(party), user_id, self.s1sp, self.week);
        if self.as_workbook {
            let to = For { party, user_id, s1sp: self.s1sp, week: days };
            let filled = demand(&to, 1_000_000, Vec::new()).with_demand(self.units);
            return Ok((format!("{name}.xlsx"), filled.workbook().map_err(Failure::internal)?));
        }
        let mut text = csv_line(["Migration Date", "Demand"]);
        for (index, (day, units)) in days.iter().zip(self.units).enumerate() {
            let figure = if self.careless && index == 2 { "TBC".to_owned() } else { units.to_string() };
            text.push_str(&csv_line([day.strftime("%d/%m/%Y").to_string().as_str(), &figure]));
        }
        Ok((format!("{name}.csv"), text.into_bytes()))
    }
}

fn user_id(index: usize) -> Eui64 {
    Eui64(0x70B3_D51F_3000_A000 + u64::try_from(index).unwrap_or(0))
}

/// A supplier's demand of each day, around its share, in the sizes that a planner writes down.
fn weekly_demand(random: &mut fastrand::Rng, capacity: u64, share: u64) -> [u64; 7] {
    let mut units = [0; 7];
    for (units, pressure) in units.iter_mut().zip(PRESSURE) {
        let exact = capacity * pressure * share * random.u64(85..=115) / (100 * 1000 * 100);
        *units = if exact > 50 { exact - exact % 5 } else { exact };
    }
    units
}
