//! The commands of the intake.

use super::database::Database;
use super::signatures::Signatures;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use sluice_rules::party::{Eui64, Party};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Intake {
    #[command(subcommand)]
    pub action: IntakeAction,
}

#[derive(Debug, Subcommand)]
pub enum IntakeAction {
    /// Take nothing any more under a User ID, as when it is stolen; what was taken under it stands
    End {
        /// The User ID
        user_id: Eui64,
        /// Why; its party is told
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Who ends it
        #[arg(long, value_name = "USER")]
        by: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Take files under a User ID again; two operators
    Resume {
        /// The User ID
        user_id: Eui64,
        /// Why; its party is told
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        signatures: Signatures,
        #[command(flatten)]
        at: Database,
    },
    /// Show the User IDs under which nothing is taken
    List {
        #[command(flatten)]
        at: Database,
    },
    /// Record that nothing could be handed in, which moves the cut-offs that the rule says; two operators
    Outage {
        /// Since when
        #[arg(long, value_name = "MOMENT")]
        from: Timestamp,
        /// Until when; intake is back
        #[arg(long, value_name = "MOMENT")]
        to: Timestamp,
        /// Why; everybody is told
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        signatures: Signatures,
        #[command(flatten)]
        at: Database,
    },
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
