//! `sluice week`: the operator's week.

use crate::cli::database::Database;
use crate::cli::signatures::Signatures;
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::party::{Party, S1sp};
use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PublishStage {
    /// Suppliers may raise queries
    Provisional,
    /// Authorisation opens
    Firm,
}

#[derive(Debug, Args)]
pub struct Week {
    #[command(subcommand)]
    pub action: WeekAction,
}

#[derive(Debug, Subcommand)]
pub enum WeekAction {
    /// Show a week: milestones, what waits for whom, results
    Show {
        /// Its Monday
        #[arg(value_parser = crate::cli::date)]
        week: Date,
        /// One S1SP only
        #[arg(long, value_name = "S")]
        s1sp: Option<S1sp>,
        /// As this party sees it
        #[arg(long = "as", value_name = "PARTY")]
        party: Option<Party>,
        #[command(flatten)]
        at: Database,
    },
    /// Share the capacity of a week
    Scale {
        /// Its Monday
        #[arg(value_parser = crate::cli::date)]
        week: Date,
        /// One S1SP only, in any case; without it each at which something has changed since its last version
        #[arg(long, value_name = "S")]
        s1sp: Option<S1sp>,
        /// Who scales
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Publish a result
    Publish {
        /// Its Monday
        #[arg(value_parser = crate::cli::date)]
        week: Date,
        /// One S1SP only
        #[arg(long, value_name = "S")]
        s1sp: Option<S1sp>,
        /// How far it has come
        #[arg(long, value_enum)]
        stage: PublishStage,
        #[command(flatten)]
        signatures: Signatures,
        #[command(flatten)]
        at: Database,
    },
    /// Share what was handed back and what nobody had
    Refill {
        /// Its Monday
        #[arg(value_parser = crate::cli::date)]
        week: Date,
        /// One S1SP only
        #[arg(long, value_name = "S")]
        s1sp: Option<S1sp>,
        /// Who refills
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Change the total capacity of a day after the firm result
    Cut {
        /// Its Monday
        #[arg(value_parser = crate::cli::date)]
        week: Date,
        /// The S1SP
        #[arg(long, value_name = "S")]
        s1sp: S1sp,
        /// The day
        #[arg(long, value_name = "D", value_parser = crate::cli::date)]
        date: Date,
        /// The new total capacity, in installations
        #[arg(long, value_name = "N", value_parser = crate::cli::installations, allow_negative_numbers = true)]
        capacity: u64,
        #[command(flatten)]
        signatures: Signatures,
        #[command(flatten)]
        at: Database,
    },
    /// Sign what another operator did at once, such as a cut on the day itself
    Sign {
        /// The number under which it waits
        number: i64,
        /// The second operator
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Write a published result with all that it was made of, for sluice verify
    Bundle {
        /// Its Monday
        #[arg(value_parser = crate::cli::date)]
        week: Date,
        /// The S1SP
        #[arg(long, value_name = "S")]
        s1sp: S1sp,
        /// The version; without it the last that shared the week's demand
        #[arg(long = "result", value_name = "N")]
        number: Option<i64>,
        /// Folder for the result; it appears complete or not at all
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Replace an earlier result in that folder
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        at: Database,
    },
    /// Close a week of an S1SP without a result, since nobody can make it firm
    Close {
        /// Its Monday
        #[arg(value_parser = crate::cli::date)]
        week: Date,
        /// The S1SP
        #[arg(long, value_name = "S")]
        s1sp: S1sp,
        /// Why; the suppliers are told
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        signatures: Signatures,
        #[command(flatten)]
        at: Database,
    },
    /// Move a milestone of a week for all parties
    MoveMilestone {
        /// Its Monday
        #[arg(value_parser = crate::cli::date)]
        week: Date,
        /// The milestone's id, such as demand_cutoff
        #[arg(long, value_name = "ID")]
        milestone: String,
        /// Where to
        #[arg(long, value_name = "INSTANT")]
        to: Timestamp,
        /// Why; everyone is told
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        signatures: Signatures,
        #[command(flatten)]
        at: Database,
    },
    /// Take a demand file that was wrongly refused
    TakeFile {
        /// The number of its receipt
        file: i64,
        /// Why the refusal was wrong
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Who takes it
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
}
