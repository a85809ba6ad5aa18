//! The commands and their arguments: here those without a database and what all of them share, below it the others.
//! `command` lists them all.

pub mod address;
pub mod anywhere;
pub mod aside;
pub mod clock;
pub mod command;
pub mod database;
pub mod days;
pub mod dormant;
pub mod intake;
pub mod proposal;
pub mod responsibility;
pub mod serve;
pub mod signatures;
pub mod user;
pub mod week;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use sluice_rules::party::{Eui64, Party, S1sp};
use std::path::PathBuf;

/// A number of installations, as somebody writes it.
fn installations(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|_| "expected a whole number of installations")
}

#[derive(Debug, Args)]
pub struct Scale {
    /// Capacity of each S1SP and day (CSV or workbook)
    #[arg(long, value_name = "FILE")]
    pub capacity: PathBuf,
    #[command(flatten)]
    pub demand: DemandSource,
    /// Eligible installations of each party and S1SP; with it, demand has its weekly ceiling (MSM-2a)
    #[arg(long, value_name = "FILE")]
    pub eligible: Option<PathBuf>,
    /// MSM rulebook for all weeks, such as msm-5.0; without it each week has the one in effect at its demand cut-off
    #[arg(long, value_name = "ID")]
    pub rulebook: Option<String>,
    /// DMIN in installations a day, in place of the rulebook's
    #[arg(long, value_name = "N", value_parser = installations, allow_negative_numbers = true)]
    pub dmin: Option<u64>,
    /// Rounding balances that an earlier run closed with
    #[arg(long, value_name = "FILE")]
    pub balances: Option<PathBuf>,
    /// Write a page with charts, tables and every derivation
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// Write allocation.csv and balances.csv only
    #[arg(long)]
    pub table_only: bool,
    /// Form of the Demand Responses
    #[arg(long, value_enum, default_value_t = ResponseForm::Csv)]
    pub responses: ResponseForm,
    /// Folder for the result; it appears complete or not at all
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Replace an earlier result in that folder
    #[arg(long)]
    pub force: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
}

/// A date of an option.
fn date(text: &str) -> Result<Date, &'static str> {
    sluice_wire::text::date(text).ok_or("a date is written yyyy-mm-dd, such as 2021-07-26")
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct DemandSource {
    /// Demand Commitment files, or folders of them
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub demand: Vec<PathBuf>,
    /// One table of everyone's demand, in place of files
    #[arg(long, value_name = "FILE")]
    pub demand_table: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ResponseForm {
    /// Comma-separated text
    Csv,
    /// A workbook
    Xlsx,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The bundle.json of a result
    pub bundle: PathBuf,
    /// Print what was verified as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Rule {
    /// Its id, as a message has it in brackets: MAM-3, FI07, MA117
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// The bundle.json of a result
    pub bundle: PathBuf,
    /// The party
    #[arg(long, value_name = "P")]
    pub party: Party,
    /// One day only
    #[arg(long, value_name = "D", value_parser = crate::cli::date)]
    pub date: Option<Date>,
    /// Print the figures as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Check {
    /// Files of kind DC, MA, MAPASSWORD, HOLD, DMMSR or OUTCOME
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// File with the password of protected MA files, in one line
    #[arg(long, value_name = "F")]
    pub password_file: Option<PathBuf>,
    /// Print one JSON object a file
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TemplateKind {
    /// A Demand Commitment (DC)
    Demand,
    /// An authorisation file (MA)
    Authorisation,
    /// The answers to a Dormant notice (DMMSR)
    DmmsAnswer,
}

#[derive(Debug, Args)]
pub struct Template {
    /// What is to be filled in
    #[arg(value_enum)]
    pub kind: TemplateKind,
    /// The party that will send it
    #[arg(long, value_name = "P")]
    pub party: Party,
    /// The S1SP
    #[arg(long, value_name = "S")]
    pub s1sp: S1sp,
    /// The Monday of the week
    #[arg(long, value_name = "MONDAY", value_parser = crate::cli::date)]
    pub week: Date,
    /// The User ID under which it will be sent
    #[arg(long, value_name = "ID")]
    pub user_id: Eui64,
    /// A Demand Response (DR) or an allocation.csv for the allowance, or a DMMS file for the rows
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Where to write it: .xlsx or .csv
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct Rulebook {
    #[command(subcommand)]
    pub action: RulebookAction,
}

#[derive(Debug, Subcommand)]
pub enum RulebookAction {
    /// List the rulebooks
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a rulebook's parameters with their standing and source
    Show {
        /// Its id
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show what differs between two rulebooks
    Diff {
        /// The first id
        first: String,
        /// The second id
        second: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub struct Calendar {
    /// The Monday of the week
    #[arg(long, value_name = "MONDAY", value_parser = crate::cli::date)]
    pub week: Date,
    /// MSM rulebook; without it the one in effect at the week's demand cut-off
    #[arg(long, value_name = "ID")]
    pub rulebook: Option<String>,
    /// Print an iCalendar file
    #[arg(long, conflicts_with = "json")]
    pub ical: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// End after the last table, as it does without this too: there are no web pages yet. For scripts that are to stay the same
    #[arg(long)]
    pub no_serve: bool,
    /// Folder to make; without it a fresh one in the current folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Installations in the programme
    #[arg(long, value_name = "N", default_value_t = 50_000, value_parser = clap::value_parser!(u64).range(2_000..=2_000_000))]
    pub installations: u64,
    /// An empty place for the database; without it a file in the folder
    #[arg(long, value_name = "URL")]
    pub database: Option<address::Address>,
}
