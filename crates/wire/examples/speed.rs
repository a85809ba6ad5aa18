//! How fast files are read and written: `cargo run --release -p sluice-wire --example speed -- authorisation ma.csv`.

use sluice_wire::authorisation::read_authorisation;
use sluice_wire::limits::{Limits, Reading};
use sluice_wire::reference_data::{DuplicateCheck, read_inventory};
use sluice_wire::written::{CsvWriter, LastRow, ResponseRow, write_workbook};
use std::fs::File;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["authorisation", path] => authorisation(path),
        ["inventory", path] => inventory(path),
        _ => Err("say: speed authorisation FILE.csv, or speed inventory FILE.csv".into()),
    }
}

fn timed<T>(what: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let start = Instant::now();
    let result = work()?;
    println!("{what}: {:?}", start.elapsed());
    Ok(result)
}

fn authorisation(path: &str) -> Result<(), Failure> {
    let limits = Limits {
        rows: 1_000_000,
        inflated: 256 << 20,
        cell: 32_767,
        members: 64,
        workbook_members: 4_096,
        entries: u64::MAX,
        texts: usize::MAX,
        shown: u64::MAX,
        words: usize::MAX,
        reading: Reading::Now,
    };
    let read = timed("authorisation read", || {
        let read = read_authorisation("csv", &mut File::open(path)?, &limits, None);
        read.map_err(|finding| finding.message.into())
    })?;
    println!("{} good rows, {} refused", read.rows.len(), read.refused().len());
    let message = "the sender is not Responsible Supplier of an Active Meter of it";
    let rows = || read.echo.rows().map(|echo| ResponseRow::to(echo, "REFUSED", "MA111", message));
    let bytes = timed("response as CSV", || {
        let mut writer = CsvWriter::new::<ResponseRow<'_>>(Vec::new());
        rows().try_for_each(|row| writer.row(&row))?;
        Ok(writer.finish()?)
    })?;
    println!("{} bytes", bytes.len());
    let bytes = timed("response as workbook", || Ok(write_workbook(rows(), LastRow::Fitted)?))?;
    println!("{} bytes", bytes.len());
    Ok(())
}

fn inventory(path: &str) -> Result<(), Failure> {
    let mut meters = 0_u64;
    let count = timed("inventory read", || {
        Ok(read_inventory("csv", &mut File::open(path)?, Reading::Now, &mut |_, installation| {
            meters += 1 + u64::from(installation.gas.is_some());
            Ok(())
        })?)
    })?;
    println!("{count} rows, {meters} meters");
    let mut check = DuplicateCheck::default();
    timed("inventory read again, its numbers kept", || {
        Ok(read_inventory("csv", &mut File::open(path)?, Reading::Now, &mut |_, installation| {
            check.add(&installation);
            Ok(())
        })?)
    })?;
    let duplicates = timed("duplicates looked for", || Ok(check.finish()))?;
    println!("none twice: {}", duplicates.is_empty());
    Ok(())
}
