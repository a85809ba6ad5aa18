//! `sluice demo`: a made-up programme, from the suppliers' files to a verified result.

mod inventory;
mod programme;
mod script;
mod stage;
mod stages;

use crate::cli::Demo;
use crate::cli::database::Database;
use crate::commands::report::all::Wanted;
use crate::failure::{Done, Failure, Outcome};
use crate::output::make_folder;
use crate::print::print_line;
use crate::session::Session;
use jiff::Timestamp;
use sluice_service::act::actor::Actor;
use sluice_service::read::reports::parts::Asked;
use sluice_wire::report::Link;
use stage::Stage;
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
    let database =
        args.database.clone().unwrap_or_else(|| format!("sqlite:{}", folder.join("sluice.db").display()).into());
    let url = database.url()?;
    make_folder(&folder)?;
    let at = Database { database, now: Some(beginning()?), token_file: None, json: false };
    print_line("Sluice demonstration on made-up data: suppliers, figures and meters are invented.")?;
    print_line("")?;
    // A folder with nothing in it would only be in the way of the next attempt.
    let session = Session::create(&url, &at, true).inspect_err(|_| drop(std::fs::remove_dir(&folder)))?;
    let mut stage = Stage::prepare(session, &folder, args.installations)?;
    script::play(&mut stage)?;
    stage.tell_home()?;
    let mut session = stage.session;
    let reports = super::report::all::write_all(&mut session, &wanted(), &folder.join("reports"))?;
    print_line("")?;
    print_line(&format!(
        "6. {reports} reports are in {}, each as page, workbook and CSV",
        folder.join("reports").display()
    ))?;
    let database = session.service.url().to_string();
    tell_record(session)?;
    tell_places(&folder, &database)?;
    Ok(Done::Clean)
}

/// Every report as DCC reads it, beside the page of the first week's allocation.
fn wanted() -> Wanted {
    let page = Link {
        href: "../report.html".to_owned(),
        title: "Migration allocation of the first week".to_owned(),
        words: "How the daily capacity was shared, and how each figure came about.".to_owned(),
        others: Vec::new(),
    };
    Wanted { reader: Actor::console(), asked: Asked::default(), force: true, beside: vec![page] }
}

/// Before the demonstration begins.
fn beginning() -> Result<Timestamp, Failure> {
    "2021-05-24T07:00:00Z".parse().map_err(Failure::internal)
}

/// The record is checked, and everything derived is made again from it.
fn tell_record(mut session: Session) -> Result<(), Failure> {
    session.keep_clock()?;
    let verified = session.service.verify(&[])?;
    if let Some(bad) = verified.bad {
        return Err(Failure::Internal(format!("the record of the demonstration is wrong: {bad}; this is a defect")));
    }
    print_line("")?;
    print_line(&format!("7. The record has {} acts, without gaps. Replayed in a copy:", verified.rows))?;
    let replayed = super::replay::in_copy(&mut session.service)?;
    print_line("")?;
    super::replay::tell(&replayed)?;
    match replayed.difference {
        None => Ok(()),
        Some(_) => Err(Failure::Internal("the demonstration does not replay; this is a defect".to_owned())),
    }
}

/// The first of `sluice-demo`, `sluice-demo-2`, … that is not there yet.
fn fresh_folder() -> Result<PathBuf, Failure> {
    let name = |number: u32| if number == 1 { "sluice-demo".to_owned() } else { format!("sluice-demo-{number}") };
    let free = (1..10_000).map(|number| PathBuf::from(name(number))).find(|path| !path.exists());
    free.ok_or_else(|| Failure::Use("there are too many folders sluice-demo-…; remove some".to_owned()))
}

fn tell_places(folder: &Path, database: &str) -> Result<(), Failure> {
    let bundle = folder.join("result").join("bundle.json");
    // As it was called, so that the line can be copied.
    let sluice = std::env::args().next().unwrap_or_else(|| "sluice".to_owned());
    print_line("")?;
    print_line("Look at")?;
    print_line(&format!(
        "  {}   the page with charts, tables and every derivation",
        folder.join("report.html").display()
    ))?;
    let index = folder.join("reports").join("index.html");
    print_line(&format!("  {}   the page that leads to every report", index.display()))?;
    print_line(&format!("  {}   what suppliers and S1SPs sent, week by week", folder.join("inbound").display()))?;
    print_line(&format!(
        "  {}   the result: everyone's table, the balances, a response a file",
        folder.join("result").display()
    ))?;
    print_line("Try")?;
    let database = format!("--database {database}");
    print_line(&format!(
        "  {sluice} week show 2021-07-26 {database}   what the operator sees; with --as HARBOUR7 what a supplier sees"
    ))?;
    print_line(&format!("  {sluice} outbox --as HARBOUR7 --out {} {database}", folder.join("harbour").display()))?;
    print_line(&format!("  {sluice} explain {} --party HARBOUR7", bundle.display()))?;
    print_line(&format!("  {sluice} verify {}   and again after changing any figure in it", bundle.display()))
}
