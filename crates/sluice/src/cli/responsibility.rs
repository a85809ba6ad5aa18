//! The commands of responsibility events (MAM-11).

use super::database::Database;
use super::signatures::Signatures;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_rules::installation::Mpid;
use sluice_rules::party::{Party, S1sp};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Responsibility {
    #[command(subcommand)]
    pub action: ResponsibilityAction,
}

/// What passes from whom to whom.
#[derive(Debug, Args)]
pub struct Passing {
    /// The party that loses it
    #[arg(long, value_name = "P")]
    pub from: Party,
    /// The party that gains it
    #[arg(long, value_name = "Q")]
    pub to: Party,
    /// A market participant id that passes, once for each; all, if none is given
    #[arg(long = "mpid", value_name = "X")]
    pub mpids: Vec<Mpid>,
    /// From when on; now, if not given
    #[arg(long = "at", value_name = "INSTANT")]
    pub instant: Option<Timestamp>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub signatures: Signatures,
    /// Only show what it touches
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub at: Database,
}

#[derive(Debug, Subcommand)]
pub enum ResponsibilityAction {
    /// Market participant ids pass to another supplier with authorisations, demand and allocation; two operators
    Transfer(Passing),
    /// A supplier of last resort is appointed in the place of one that failed; two operators
    Appoint(Passing),
    /// Cancel an event whose moment has not come; two operators
    Cancel {
        /// Its number
        event: i64,
        #[command(flatten)]
        signatures: Signatures,
        #[command(flatten)]
        at: Database,
    },
    /// Adopt authorisations of the supplier that failed, until the lock of their day
    Adopt {
        /// The number of the event
        event: i64,
        /// The supplier that was appointed
        #[arg(long = "as", value_name = "Q")]
        party: Party,
        /// At one S1SP only
        #[arg(long, value_name = "S")]
        s1sp: Option<S1sp>,
        /// For one date only
        #[arg(long, value_name = "D", value_parser = crate::cli::date)]
        date: Option<Date>,
        /// Only the installations of a file: one CHF Device ID a line, or a CSV with that column, and Migration Date if wanted
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        #[command(flatten)]
        at: Database,
    },
    /// Write the authorisations that can be adopted to a file, which can be edited and given to adopt --from
    Suspended {
        /// The number of the event
        event: i64,
        /// The supplier that was appointed
        #[arg(long = "as", value_name = "Q")]
        party: Party,
        /// Where to write it: a CSV
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Replace a file that is there
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        at: Database,
    },
    /// Show the events
    List {
        #[command(flatten)]
        at: Database,
    },
}
