//! The inventory: every installation, its devices and meter points, and who is responsible for them.
//!
//! It may have tens of millions of rows, so it is streamed: a row is judged, handed on and forgotten.

use super::cells::{Cells, RowErrors, RowProblem, TableErrors, each_row};
use super::duplicates::{DuplicateCheck, Duplicates};
use crate::layout::INVENTORY;
use crate::limits::Reading;
use crate::source::Content;
use sluice_rules::installation::{Cohort, ElectricityMeter, GasMeter, Installation, MeterStatus};

/// Reads the inventory as a stream and gives the number of its rows. Every row that can be read goes to `on_row` with
/// its line number, in the order of the file; what the caller finds wrong in it is listed like any other error. Whether
/// something stands twice is not looked at: see [`DuplicateCheck`].
///
/// # Errors
/// All rows that are wrong, or why the whole file cannot be used. Rows may have been handed on before.
pub fn read_inventory(
    extension: &str,
    content: &mut dyn Content,
    reading: Reading,
    on_row: &mut dyn FnMut(u64, Installation) -> Result<(), RowProblem>,
) -> Result<u64, TableErrors> {
    let (mut count, mut errors) = (0, RowErrors::default());
    each_row(extension, content, reading, &INVENTORY, &mut errors, |cells| {
        count += 1;
        row(cells).map_or(Ok(()), |installation| on_row(cells.line(), installation))
    })?;
    errors.finish(count)
}

/// Lists the lines of what stands twice in an inventory; it is read a second time for it.
///
/// # Errors
/// Always where there are duplicates: the lines, or why the whole file cannot be used.
pub fn list_duplicates(
    extension: &str,
    content: &mut dyn Content,
    reading: Reading,
    duplicates: &Duplicates,
) -> Result<(), TableErrors> {
    let mut errors = RowErrors::default();
    if duplicates.is_empty() {
        return Ok(());
    }
    let mut finder = duplicates.finder();
    read_inventory(extension, content, reading, &mut |line, installation| {
        finder.look_at(line, &installation, &mut errors);
        Ok(())
    })?;
    errors.finish(())
}

/// Reads an inventory that is small enough to be held, and looks for what stands twice.
///
/// # Errors
/// All rows that are wrong, or why the whole file cannot be used.
pub fn read_whole_inventory(
    extension: &str,
    content: &mut dyn Content,
    reading: Reading,
) -> Result<Vec<Installation>, TableErrors> {
    let (mut rows, mut check) = (Vec::new(), DuplicateCheck::default());
    read_inventory(extension, content, reading, &mut |_, installation| {
        check.add(&installation);
        rows.push(installation);
        Ok(())
    })?;
    list_duplicates(extension, content, reading, &check.finish())?;
    Ok(rows)
}

const STATUS: &str = "ACTIVE or DORMANT";
const COHORT: &str = "one of IOC, MOC (MDS), MOC (Secure), FOC";

/// The columns of the gas meter: all of them, or none.
const GAS: [usize; 4] = [8, 9, 10, 11];

fn row(cells: &mut Cells<'_>) -> Option<Installation> {
    let (chf, s1sp) = (cells.eui(0), cells.s1sp(1));
    let cohort = cells.get(2, COHORT, |text| text.parse::<Cohort>().ok());
    let dmc = cells.dmc(3);
    let device = cells.eui(4);
    let mpan = cells.mpan(5);
    let mpid = cells.mpid(6);
    let status = status(cells, 7);
    let gas = if GAS.iter().all(|&column| cells.is_empty(column)) { Some(None) } else { gas(cells).map(Some) };
    let electricity = ElectricityMeter { device: device?, mpan: mpan?, mpid: mpid?, status: status? };
    Some(Installation { chf: chf?, s1sp: s1sp?, cohort: cohort?, dmc: dmc?, electricity, gas: gas? })
}

fn gas(cells: &mut Cells<'_>) -> Option<GasMeter> {
    let empty = GAS.iter().filter(|&&column| cells.is_empty(column));
    let empty: Vec<&str> = empty.map(|&column| cells.name(column)).collect();
    if !empty.is_empty() {
        cells.wrong(|| format!("the gas columns are filled all or none, but {} is empty", empty.join(", ")));
        return None;
    }
    let device = cells.eui(8);
    let mprn = cells.mprn(9);
    let (mpid, status) = (cells.mpid(10), status(cells, 11));
    Some(GasMeter { device: device?, mprn: mprn?, mpid: mpid?, status: status? })
}

fn status(cells: &mut Cells<'_>, column: usize) -> Option<MeterStatus> {
    cells.get(column, STATUS, |text| text.parse().ok())
}
