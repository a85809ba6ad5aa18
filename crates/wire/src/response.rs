//! Results as files: everyone's allocation, and the Demand Response of a supplier.

use crate::layout::{ALLOCATION, RESPONSE};
use crate::sheet::{Cell, TemplateError, workbook};
use crate::text::csv_line;
use sluice_rules::scaling::stage::ResultStage;
use sluice_rules::scaling::{Line, PoolResult, write_derivation};

/// The header of `allocation.csv`.
#[must_use]
pub fn allocation_header() -> String {
    csv_line(ALLOCATION.columns.iter().copied())
}

/// Adds the lines of a pool to `allocation.csv`, in the order of the parties.
pub fn push_allocation(out: &mut String, pool: &PoolResult) {
    let date = pool.date.to_string();
    for line in &pool.lines {
        for text in [line.party.as_str(), pool.s1sp.as_str(), &date] {
            out.push_str(text);
            out.push(',');
        }
        push_figures(out, line);
        // The derivation has commas and no quotes.
        out.push('"');
        write_derivation(pool, line, out);
        out.push_str("\"\n");
    }
}

/// The figures that `allocation.csv` and the Demand Response share, each followed by a comma.
fn push_figures(out: &mut String, line: &Line) {
    let mut buffer = itoa::Buffer::new();
    let units = [line.demand, line.counted, line.flat, line.pro_rata(), line.allocation, line.unmet_demand()];
    for number in units {
        out.push_str(buffer.format(number));
        out.push(',');
    }
    for number in [line.opening, line.closing] {
        out.push_str(buffer.format(number));
        out.push(',');
    }
}

/// The Demand Response as CSV: a line of each day, with its stage.
#[must_use]
pub fn response_csv(days: &[(&PoolResult, &Line)], stage: ResultStage) -> String {
    let mut out = csv_line(RESPONSE.columns.iter().copied());
    for (pool, line) in days {
        out.push_str(&format!("{},{stage},", pool.date));
        push_figures(&mut out, line);
        out.push('"');
        write_derivation(pool, line, &mut out);
        out.push_str("\"\n");
    }
    out
}

/// The Demand Response as a workbook; the same days give the same bytes.
///
/// # Errors
/// If the workbook cannot be made.
pub fn response_workbook(days: &[(&PoolResult, &Line)], stage: ResultStage) -> Result<Vec<u8>, TemplateError> {
    let mut rows = Vec::with_capacity(days.len());
    for (pool, line) in days {
        let mut derivation = String::new();
        write_derivation(pool, line, &mut derivation);
        let units = [line.demand, line.counted, line.flat, line.pro_rata(), line.allocation, line.unmet_demand()];
        let mut cells = vec![Cell::Date(pool.date), Cell::Text(stage.word().to_owned())];
        cells.extend(units.map(|units| Cell::Number(i64::try_from(units).unwrap_or(i64::MAX))));
        cells.extend([line.opening, line.closing].map(Cell::Number));
        cells.push(Cell::Text(derivation));
        rows.push(cells);
    }
    workbook(&RESPONSE, &rows)
}
