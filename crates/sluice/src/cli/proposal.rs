//! The commands of proposals.

use super::database::Database;
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct Proposal {
    #[command(subcommand)]
    pub action: ProposalAction,
}

#[derive(Debug, Subcommand)]
pub enum ProposalAction {
    /// Show the proposals, those that wait first
    List {
        #[command(flatten)]
        at: Database,
    },
    /// Show a proposal: what would have come of it when it was made, and what would come of it now
    Show {
        /// Its number
        proposal: i64,
        #[command(flatten)]
        at: Database,
    },
    /// Approve a proposal as the second operator: it is done at once, if it still does what it did
    Approve {
        /// Its number
        proposal: i64,
        /// Who approves it, on a simulated database
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Decline a proposal as the second operator
    Decline {
        /// Its number
        proposal: i64,
        /// Why
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// Who declines it, on a simulated database
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Withdraw a proposal of your own
    Withdraw {
        /// Its number
        proposal: i64,
        /// Who withdraws it, on a simulated database
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
}
