//! The commands that work on a database.

use crate::cli::address::Address;
use crate::cli::signatures::Signatures;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use sluice_rules::reference::ReferenceKind;
use sluice_service::record::tree::Head;
use std::path::PathBuf;

/// Where the database is, and when it is.
#[derive(Debug, Clone, Args)]
pub struct Database {
    /// sqlite:PATH or postgres://USER@HOST/DATABASE; made by sluice init
    #[arg(
        long,
        value_name = "URL",
        env = "SLUICE_DATABASE",
        default_value = "sqlite:sluice-data/sluice.db",
        hide_env_values = true
    )]
    pub database: Address,
    /// The moment, for a simulated database only: 2021-07-05T16:58:00+01:00; never backwards
    #[arg(long, value_name = "INSTANT")]
    pub now: Option<Timestamp>,
    /// The file that holds your token, readable by you only; without it the variable SLUICE_TOKEN
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    pub at: Database,
    /// For training and tests: its clock is given with --now
    #[arg(long)]
    pub simulated: bool,
    /// The first operator, whose token is shown once
    #[arg(long, value_name = "NAME", default_value = "operator", conflicts_with = "simulated")]
    pub operator: String,
}

#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    pub at: Database,
    /// Only tell what it would do
    #[arg(long)]
    pub dry_run: bool,
}

/// What is imported, or that the last import is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportWhat {
    /// A kind of reference data.
    Table(ReferenceKind),
    /// Undo.
    Undo,
}

impl std::str::FromStr for ImportWhat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("undo") {
            return Ok(Self::Undo);
        }
        text.parse().map(Self::Table).map_err(|error: sluice_rules::words::WordError| format!("{error}, or undo"))
    }
}

#[derive(Debug, Args)]
pub struct Import {
    /// At first in this order: parties, dmc, epcl, inventory, registrations, exclusions, outcome-codes, capacity; or undo
    #[arg(value_name = "WHAT")]
    pub what: ImportWhat,
    /// The table (CSV or workbook)
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The moment that the data describe; now, if not given
    #[arg(long, value_name = "INSTANT")]
    pub as_at: Option<Timestamp>,
    /// Only show what it would change
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub signatures: Signatures,
    #[command(flatten)]
    pub at: Database,
}

#[derive(Debug, Args)]
pub struct Submit {
    /// Files of any kind that a party sends: DC, MA with its MAPASSWORD, DMMSR, HOLD; of an S1SP OUTCOME
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The party that hands them in
    #[arg(long = "as", value_name = "PARTY")]
    pub party: Party,
    /// Confirm a demand file that is held (FI21)
    #[arg(long)]
    pub confirm: bool,
    /// Return with the receipt; the verdict comes with the next command
    #[arg(long)]
    pub no_wait: bool,
    /// Write a signed receipt of each file into this folder
    #[arg(long, value_name = "DIR")]
    pub receipts: Option<PathBuf>,
    /// Hand a file in again with its signed receipt, as after a database was put back from a copy: it keeps its moment (CAL-7)
    #[arg(long = "receipt", value_name = "RECEIPT.json", conflicts_with = "no_wait")]
    pub again: Vec<PathBuf>,
    #[command(flatten)]
    pub at: Database,
}

#[derive(Debug, Args)]
pub struct Outbox {
    /// The party
    #[arg(long = "as", value_name = "PARTY")]
    pub party: Party,
    /// Folder for the files, notices among them
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Only what was issued and told from this moment on: 2021-07-05T16:58:00+01:00
    #[arg(long, value_name = "INSTANT")]
    pub since: Option<Timestamp>,
    #[command(flatten)]
    pub at: Database,
}

#[derive(Debug, Args)]
pub struct Eligible {
    /// The supplier
    #[arg(long = "as", value_name = "PARTY")]
    pub party: Party,
    /// The S1SP
    #[arg(long, value_name = "S")]
    pub s1sp: S1sp,
    /// Eligible on this date; today, if not given
    #[arg(long, value_name = "D", value_parser = crate::cli::date)]
    pub date: Option<Date>,
    /// Where to write it: .csv or .xlsx
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub at: Database,
}

#[derive(Debug, Args)]
pub struct Propose {
    /// The supplier
    #[arg(long = "as", value_name = "PARTY")]
    pub party: Party,
    /// The S1SP
    #[arg(long, value_name = "S")]
    pub s1sp: S1sp,
    /// The week's Monday
    #[arg(long, value_name = "MONDAY", value_parser = crate::cli::date)]
    pub week: Date,
    /// Where to write it: .csv or .xlsx
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub at: Database,
}

#[derive(Debug, Args)]
pub struct Handback {
    /// The supplier
    #[arg(long = "as", value_name = "PARTY")]
    pub party: Party,
    /// The S1SP
    #[arg(long, value_name = "S")]
    pub s1sp: S1sp,
    /// The day
    #[arg(long, value_name = "D", value_parser = crate::cli::date)]
    pub date: Date,
    /// Installations
    #[arg(long, value_name = "N", value_parser = super::installations, allow_negative_numbers = true)]
    pub units: u64,
    #[command(flatten)]
    pub at: Database,
}

#[derive(Debug, Args)]
pub struct Query {
    #[command(subcommand)]
    pub action: QueryAction,
}

#[derive(Debug, Subcommand)]
pub enum QueryAction {
    /// Raise a query against your line of a provisional result
    Raise {
        /// The supplier
        #[arg(long = "as", value_name = "PARTY")]
        party: Party,
        /// The S1SP
        #[arg(long, value_name = "S")]
        s1sp: S1sp,
        /// The day
        #[arg(long, value_name = "D", value_parser = crate::cli::date)]
        date: Date,
        /// What you ask
        #[arg(long, value_name = "TEXT")]
        text: String,
        #[command(flatten)]
        at: Database,
    },
    /// Show queries and their answers: a supplier its own, DCC all
    List {
        /// What this supplier sees
        #[arg(long = "as", value_name = "PARTY")]
        party: Option<Party>,
        /// Of this Migration Week only, by its Monday
        #[arg(long, value_name = "MONDAY", value_parser = crate::cli::date)]
        week: Option<Date>,
        /// Only those that wait for an answer
        #[arg(long)]
        open: bool,
        #[command(flatten)]
        at: Database,
    },
    /// Answer a query
    Answer {
        /// Its number
        query: i64,
        /// The answer
        #[arg(long, value_name = "TEXT")]
        text: String,
        /// Who answers
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
}

#[derive(Debug, Args)]
pub struct Schedule {
    #[command(subcommand)]
    pub action: ScheduleAction,
}

#[derive(Debug, Subcommand)]
pub enum ScheduleAction {
    /// Judge every row of a day again and issue its schedule
    Lock {
        /// The day
        #[arg(value_parser = crate::cli::date)]
        date: Date,
        /// One S1SP only
        #[arg(long, value_name = "S")]
        s1sp: Option<S1sp>,
        /// Let reference data that are too old pass, with the reason
        #[arg(long, value_name = "REASON")]
        waive: Option<String>,
        /// Who locks
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Show the schedule of a day with its versions and their differences
    Show {
        /// The day
        #[arg(value_parser = crate::cli::date)]
        date: Date,
        /// The S1SP
        #[arg(long, value_name = "S")]
        s1sp: S1sp,
        #[command(flatten)]
        at: Database,
    },
}

#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    pub at: Database,
}

#[derive(Debug, Args)]
pub struct Audit {
    #[command(subcommand)]
    pub action: AuditAction,
}

#[derive(Debug, Subcommand)]
pub enum AuditAction {
    /// Print the head of the log: keep it, and tell later whether the log still begins with these rows
    Head {
        #[command(flatten)]
        at: Database,
    },
    /// Look for gaps and changes in the record; names the first bad row or file
    Verify {
        /// A head that was kept: does the log still begin with its rows? May be given several times
        #[arg(long, value_name = "HEAD")]
        head: Vec<Head>,
        #[command(flatten)]
        at: Database,
    },
    /// Compare the running counts of the reports with what they count; reads everything
    Counts {
        /// Count everything from scratch, if they do not agree
        #[arg(long)]
        anew: bool,
        /// Who acts, on a simulated database; elsewhere the token says it
        #[arg(long, value_name = "USER", requires = "anew")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
}
