//! The commands of the days: stop orders, holds, exclusions, one installation, reports.

use super::database::Database;
use super::signatures::Signatures;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use sluice_rules::authorisation::bars::Weekdays;
use sluice_rules::installation::Fuel;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_rules::point::{Mpan, Mprn};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Stop {
    #[command(subcommand)]
    pub action: StopAction,
}

/// What a stop order covers: one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct StopWhat {
    /// Everything that an S1SP serves
    #[arg(long, value_name = "S")]
    pub s1sp: Option<S1sp>,
    /// A Device Model Combination
    #[arg(long, value_name = "DMC")]
    pub dmc: Option<String>,
    /// A device model, manufacturer:model, or one firmware of it, manufacturer:model:firmware
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// The installations with a meter of a supplier
    #[arg(long, value_name = "P")]
    pub supplier: Option<Party>,
    /// The installations in a file: one CHF Device ID a line, or a CSV with that column
    #[arg(long, value_name = "FILE")]
    pub list: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum StopAction {
    /// Impose a stop order: nothing in its scope is migrated until it is lifted
    Impose {
        #[command(flatten)]
        what: StopWhat,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Who imposes it
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Lift a stop order; two operators
    Lift {
        /// Its number
        order: i64,
        #[command(flatten)]
        signatures: Signatures,
        #[command(flatten)]
        at: Database,
    },
    /// Acknowledge a stop list, as the S1SP that it was issued to
    Acknowledge {
        /// The number of the stop order
        order: i64,
        /// The party that is the S1SP
        #[arg(long = "as", value_name = "PARTY")]
        party: Party,
        #[command(flatten)]
        at: Database,
    },
    /// Show the stop orders, and the rows that stand still
    List {
        #[command(flatten)]
        at: Database,
    },
}

#[derive(Debug, Args)]
pub struct Hold {
    #[command(subcommand)]
    pub action: HoldAction,
}

/// An installation and dates.
#[derive(Debug, Args)]
#[group(id = "named", required = true, multiple = true, args = ["chf", "mpan", "mprn"])]
pub struct HoldWhat {
    /// The supplier
    #[arg(long = "as", value_name = "PARTY")]
    pub party: Party,
    /// The installation by its CHF Device ID
    #[arg(long, value_name = "ID")]
    pub chf: Option<Eui64>,
    /// By its Import MPAN
    #[arg(long, value_name = "MPAN")]
    pub mpan: Option<Mpan>,
    /// By its MPRN
    #[arg(long, value_name = "MPRN")]
    pub mprn: Option<Mprn>,
    /// The first date
    #[arg(long, value_name = "D", value_parser = crate::cli::date)]
    pub from: Date,
    /// The last date; none, if not given
    #[arg(long, value_name = "D", value_parser = crate::cli::date)]
    pub to: Option<Date>,
    /// On these days of the week only, such as "MON FRI"
    #[arg(long, value_name = "DAYS")]
    pub weekdays: Option<Weekdays>,
    #[command(flatten)]
    pub at: Database,
}

#[derive(Debug, Subcommand)]
pub enum HoldAction {
    /// Keep an installation from being migrated on some dates
    Set(HoldWhat),
    /// Clear your hold for some dates
    Clear(HoldWhat),
    /// Show the holds that count from today on: a supplier its own, DCC all
    List {
        /// What this supplier sees
        #[arg(long = "as", value_name = "PARTY")]
        party: Option<Party>,
        /// Of one installation only, by its CHF Device ID
        #[arg(long, value_name = "ID")]
        chf: Option<Eui64>,
        #[command(flatten)]
        at: Database,
    },
}

#[derive(Debug, Args)]
pub struct Exclusion {
    #[command(subcommand)]
    pub action: ExclusionAction,
}

/// What is decided on a candidate for exclusion: one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct ExclusionDecision {
    /// Exclude it in this category
    #[arg(long, value_name = "CATEGORY")]
    pub exclude: Option<String>,
    /// Do not exclude it
    #[arg(long)]
    pub keep: bool,
}

#[derive(Debug, Subcommand)]
pub enum ExclusionAction {
    /// Show the exclusions, and the candidates on which a decision waits
    List {
        #[command(flatten)]
        at: Database,
    },
    /// Show the categories with the date from which they can be decided
    Categories {
        #[command(flatten)]
        at: Database,
    },
    /// Decide on a candidate: exclude it, or let its count of attempts restart
    Decide {
        /// CHF Device ID
        chf: Eui64,
        #[command(flatten)]
        what: ExclusionDecision,
        /// Why; its suppliers are told
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// Who decides
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Lift an exclusion that was decided here
    Lift {
        /// CHF Device ID
        chf: Eui64,
        /// The meter that is excluded by itself: ELECTRICITY or GAS
        #[arg(long, value_name = "FUEL")]
        fuel: Option<Fuel>,
        /// Why; its suppliers are told
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// Who lifts it
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
}

#[derive(Debug, Args)]
pub struct Installation {
    #[command(subcommand)]
    pub action: InstallationAction,
}

#[derive(Debug, Subcommand)]
pub enum InstallationAction {
    /// Where it is, what happens next, who has to act, and its full history
    Show {
        /// CHF Device ID, MPAN or MPRN
        which: String,
        /// As this party sees it
        #[arg(long = "as", value_name = "PARTY")]
        party: Option<Party>,
        #[command(flatten)]
        at: Database,
    },
}

#[derive(Debug, Args)]
pub struct Report {
    /// The report's name; list shows them, all writes them all
    pub name: String,
    /// The Monday of the week that it is about
    #[arg(long, value_name = "MONDAY", value_parser = crate::cli::date)]
    pub week: Option<Date>,
    /// The first day that it is about
    #[arg(long, value_name = "D", value_parser = crate::cli::date)]
    pub from: Option<Date>,
    /// The last day that it is about
    #[arg(long, value_name = "D", value_parser = crate::cli::date)]
    pub to: Option<Date>,
    /// One S1SP only
    #[arg(long, value_name = "S")]
    pub s1sp: Option<S1sp>,
    /// As this party sees it
    #[arg(long = "as", value_name = "PARTY")]
    pub party: Option<Party>,
    /// Where to write it: .csv, .xlsx or .html, of all a folder; on the terminal, if not given
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub at: Database,
}
