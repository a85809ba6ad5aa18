//! `sluice demo`: a made-up programme, from the suppliers' files to a verified result.

mod programme;

use super::explain::in_words;
use super::print_line;
use super::scale::{Executed, execute, print_refused, summary_table};
use crate::cli::{DemandSource, Demo, ResponseForm, Scale};
use crate::failure::{Done, Failure, Outcome};
use crate::offline::{Books, verify};
use crate::show::{count, day};
use programme::Written;
use sluice_rules::scaling::{Line, PoolResult};
use std::path::{Path, PathBuf};

/// Runs `sluice demo`.
///
/// # Errors
/// If it could not do its work.
pub fn run(args: &Demo) -> Outcome {
    let folder = match &args.out {
        Some(folder) if folder.exists() => {
            return Err(Failure::Use(format!("{} exists already; choose a new folder", folder.display())));
        }
        Some(folder) => folder.clone(),
        None => fresh_folder()?,
    };
    let books = Books::load()?;
    let written = programme::write(&folder)?;
    tell_programme(&folder, &written)?;
    let scale = scale_args(&folder);
    let executed = execute(
        &scale,
        Some("Everything on this page is invented for a demonstration: suppliers, figures and meters."),
    )?;
    print_line("\n2. The capacity of each S1SP and day is shared\n")?;
    let with_capacity: Vec<PoolResult> =
        executed.computed.pools.iter().filter(|pool| pool.capacity.total() > 0).cloned().collect();
    print_line(&summary_table(&with_capacity))?;
    print_refused(&executed.programme)?;
    tell_one_line(&executed)?;
    tell_verification(&scale, &books)?;
    tell_places(&folder)?;
    Ok(Done::Clean)
}

/// The first of `sluice-demo`, `sluice-demo-2`, … that is not there yet.
fn fresh_folder() -> Result<PathBuf, Failure> {
    let name = |number: u32| if number == 1 { "sluice-demo".to_owned() } else { format!("sluice-demo-{number}") };
    let free = (1..10_000).map(|number| PathBuf::from(name(number))).find(|path| !path.exists());
    free.ok_or_else(|| Failure::Use("there are too many folders sluice-demo-…; remove some".to_owned()))
}

fn scale_args(folder: &Path) -> Scale {
    Scale {
        capacity: folder.join("capacity.csv"),
        demand: DemandSource { demand: vec![folder.join("inbound")], demand_table: None },
        eligible: Some(folder.join("eligible.csv")),
        rulebook: None,
        dmin: None,
        balances: None,
        report: Some(folder.join("report.html")),
        table_only: false,
        responses: ResponseForm::Csv,
        out: folder.join("result"),
        force: false,
        json: false,
    }
}

fn tell_programme(folder: &Path, written: &Written) -> Result<(), Failure> {
    print_line("Sluice demonstration on made-up data: suppliers, figures and meters are invented.\n")?;
    print_line(&format!(
        "1. {} send their demand for the week of {}",
        count(written.suppliers, "supplier"),
        day(written.week)
    ))?;
    print_line(&format!(
        "   {} and {} in {}; one of them is wrong.",
        count(written.csv, "CSV file"),
        count(written.workbooks, "workbook"),
        folder.join("inbound").display()
    ))
}

/// One supplier's day in words: the scaled line whose rounding had the most to say.
fn tell_one_line(executed: &Executed) -> Result<(), Failure> {
    let lines = executed.computed.pools.iter().flat_map(|pool| pool.lines.iter().map(move |line| (pool, line)));
    let telling = |(_, line): &(&PoolResult, &Line)| line.rounding.is_some() && line.extra && line.opening != 0;
    let Some((pool, line)) = lines.clone().find(telling).or_else(|| lines.clone().next()) else { return Ok(()) };
    let monday = sluice_rules::calendar::monday_of(pool.date).ok();
    let week = executed.computed.weeks.iter().find(|week| week.s1sp == pool.s1sp && Some(week.monday) == monday);
    print_line("\n3. Every figure is explained; one supplier's day as an example\n")?;
    print_line(&in_words(pool, line, week.map_or("", |week| &week.terms.rulebook)))
}

fn tell_verification(scale: &Scale, books: &Books) -> Result<(), Failure> {
    let bundle = scale.out.join("bundle.json");
    let verification = verify(&bundle, books)?;
    if let Some(difference) = verification.difference {
        return Err(Failure::Internal(format!("the demonstration does not verify: {difference}; this is a defect")));
    }
    print_line(&format!(
        "4. Anyone can recompute it: {} verified from {}, byte for byte the same.",
        count(verification.computed.pools.len(), "pool"),
        count(verification.inputs, "input")
    ))
}

fn tell_places(folder: &Path) -> Result<(), Failure> {
    let bundle = folder.join("result").join("bundle.json");
    // As it was called, so that the line can be copied.
    let sluice = std::env::args().next().unwrap_or_else(|| "sluice".to_owned());
    print_line("\nLook at")?;
    print_line(&format!(
        "  {}   the page with charts, tables and every derivation",
        folder.join("report.html").display()
    ))?;
    print_line(&format!(
        "  {}   the result: everyone's table, the balances, a response a file",
        folder.join("result").display()
    ))?;
    print_line("Try")?;
    print_line(&format!("  {sluice} explain {} --party HARBOUR7", bundle.display()))?;
    print_line(&format!("  {sluice} verify {}   and again after changing any figure in it", bundle.display()))
}
