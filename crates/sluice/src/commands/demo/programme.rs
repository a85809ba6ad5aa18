//! The made-up programme: the same seed gives the same files.

use crate::failure::Failure;
use crate::output::write_file;
use jiff::civil::{Date, date};
use sluice_rules::calendar::days_of_week;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_wire::name::{FileName, Kind};
use sluice_wire::template::{For, demand};
use sluice_wire::text::csv_line;
use std::path::Path;

/// The first week under MSM V5.0.
const WEEK: Date = date(2021, 7, 26);

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

/// S1SPs with their daily capacity and the reserve in it. `CGI` is the one code known from published file names; the
/// others are invented, as are all figures.
const S1SPS: [(&str, u64, u64); 4] =
    [("CGI", 4_400, 400), ("S1SPB", 6_500, 600), ("S1SPC", 8_800, 900), ("S1SPD", 2_300, 200)];

/// Demand of each weekday, in percent of capacity: the middle of the week is asked for most.
const PRESSURE: [u64; 5] = [88, 112, 131, 104, 82];

/// The supplier that leaves a figure to be decided, and the S1SP it does so for.
const CARELESS: (&str, &str) = ("LANTERN11", "S1SPB");

/// The supplier that asks for more than its eligible installations allow.
const GREEDY: &str = "EASTERN5";

/// What was written.
pub struct Written {
    /// The week's Monday.
    pub week: Date,
    /// How many suppliers there are.
    pub suppliers: usize,
    /// Demand files as CSV.
    pub csv: usize,
    /// Demand files as workbooks.
    pub workbooks: usize,
}

/// Writes the programme's inputs: DCC's capacity and eligible counts, and the suppliers' files.
///
/// # Errors
/// If they cannot be written.
pub fn write(folder: &Path) -> Result<Written, Failure> {
    let days = days_of_week(WEEK).map_err(Failure::internal)?;
    let mut random = fastrand::Rng::with_seed(20_210_726);
    let mut written = Written { week: WEEK, suppliers: SUPPLIERS.len(), csv: 0, workbooks: 0 };
    let mut capacity = csv_line(["S1SP", "Migration Date", "Total Capacity", "Dormant Reserve"]);
    let mut eligible = csv_line(["Party", "S1SP", "Eligible"]);
    for (s1sp, total, reserve) in S1SPS {
        for (index, day) in days.iter().enumerate() {
            let (total, reserve) = if index < PRESSURE.len() { (total, reserve) } else { (0, 0) };
            capacity.push_str(&csv_line([s1sp, &day.to_string(), &total.to_string(), &reserve.to_string()]));
        }
        for (index, (party, share)) in SUPPLIERS.iter().enumerate() {
            let units = weekly_demand(&mut random, total - reserve, *share);
            // A small supplier has installations at some S1SPs only.
            if units.iter().sum::<u64>() == 0 || (*share < 20 && random.u8(..).is_multiple_of(3)) {
                continue;
            }
            let week: u64 = units.iter().sum();
            let counted = if *party == GREEDY { week * 3 / 5 } else { week * random.u64(9..40) };
            eligible.push_str(&csv_line([party, s1sp, &counted.to_string()]));
            let as_workbook = share % 2 == 0 && *party != CARELESS.0;
            write_demand(folder, party, s1sp, user_id(index), units, as_workbook)?;
            *if as_workbook { &mut written.workbooks } else { &mut written.csv } += 1;
        }
    }
    write_file(&folder.join("capacity.csv"), capacity.as_bytes(), false)?;
    write_file(&folder.join("eligible.csv"), eligible.as_bytes(), false)?;
    Ok(written)
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

fn write_demand(
    folder: &Path,
    party: &str,
    s1sp: &str,
    user_id: Eui64,
    units: [u64; 7],
    as_workbook: bool,
) -> Result<(), Failure> {
    let days = days_of_week(WEEK).map_err(Failure::internal)?;
    let (party_code, s1sp_code): (Party, S1sp) =
        (party.parse().map_err(Failure::internal)?, s1sp.parse().map_err(Failure::internal)?);
    let name = FileName::of_week(Kind::DemandCommitment, Some(party_code), user_id, s1sp_code, WEEK);
    let extension = if as_workbook { "xlsx" } else { "csv" };
    let path = folder.join("inbound").join(format!("{name}.{extension}"));
    if as_workbook {
        let to = For { party: party_code, user_id, s1sp: s1sp_code, week: days };
        let filled = demand(&to, 1_000_000, Vec::new()).with_demand(units);
        return write_file(&path, &filled.workbook().map_err(Failure::internal)?, false);
    }
    let mut text = csv_line(["Migration Date", "Demand"]);
    for (index, (day, units)) in days.iter().zip(units).enumerate() {
        let careless = (party, s1sp) == CARELESS && index == 2;
        let figure = if careless { "TBC".to_owned() } else { units.to_string() };
        text.push_str(&csv_line([day.strftime("%d/%m/%Y").to_string().as_str(), &figure]));
    }
    write_file(&path, text.as_bytes(), false)
}
