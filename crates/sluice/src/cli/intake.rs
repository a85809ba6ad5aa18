//! The commands of the intake.

use crate::cli::database::Database;
use clap::{Args, Subcommand};
use sluice_rules::party::Party;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Intake {
    #[command(subcommand)]
    pub action: IntakeAction,
}

#[derive(Debug, Subcommand)]
pub enum IntakeAction {
    /// Show what was handed in and is not taken over yet, by whom and since when
    Show {
        /// The party, which sees its own
        #[arg(long = "as", value_name = "PARTY")]
        party: Option<Party>,
        #[command(flatten)]
        at: Database,
    },
    /// Print the public key by which receipts are verified
    Key {
        #[command(flatten)]
        at: Database,
    },
    /// Verify a signed receipt
    Verify {
        /// The receipt, as sluice submit --receipts wrote it
        #[arg(value_name = "RECEIPT.json")]
        receipt: PathBuf,
        /// The public key that you have from elsewhere; then no database is needed
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        #[command(flatten)]
        at: Database,
    },
}
