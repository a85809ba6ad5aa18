//! The commands of Dormant Meters.

use super::database::Database;
use clap::{ArgGroup, Args, Subcommand};
use jiff::civil::Date;
use sluice_rules::party::{Eui64, Party, S1sp};

#[derive(Debug, Args)]
pub struct Dormant {
    #[command(subcommand)]
    pub action: DormantAction,
}

#[derive(Debug, Subcommand)]
pub enum DormantAction {
    /// Plan the Dormant installations of a week into its reserve; again until the suppliers are told
    Plan {
        /// Its Monday
        #[arg(value_parser = crate::cli::date)]
        week: Date,
        /// One S1SP only
        #[arg(long, value_name = "S")]
        s1sp: Option<S1sp>,
        /// Who plans
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Tell the suppliers of the planned installations: a DMMS file for each
    Notify {
        /// Its Monday
        #[arg(value_parser = crate::cli::date)]
        week: Date,
        /// One S1SP only
        #[arg(long, value_name = "S")]
        s1sp: Option<S1sp>,
        /// Who tells them
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Show the Dormant installations of a week, with answers and what comes next
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
    /// Decide on an objection; the supplier is told why
    Decide(Decide),
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("decision").required(true).args(["upheld", "rejected"]))]
pub struct Decide {
    /// The week's Monday
    #[arg(value_parser = crate::cli::date)]
    pub week: Date,
    /// CHF Device ID of the installation
    pub chf: Eui64,
    /// The S1SP
    #[arg(long, value_name = "S")]
    pub s1sp: S1sp,
    /// Whose objection
    #[arg(long = "as", value_name = "PARTY")]
    pub party: Party,
    /// The installation leaves the week
    #[arg(long)]
    pub upheld: bool,
    /// The installation stays in the week
    #[arg(long)]
    pub rejected: bool,
    /// And is excluded, in this category
    #[arg(long, value_name = "CATEGORY", requires = "upheld")]
    pub exclude: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub why: String,
    /// Who decides
    #[arg(long, value_name = "USER")]
    pub by: Option<String>,
    #[command(flatten)]
    pub at: Database,
}
