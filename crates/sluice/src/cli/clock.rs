//! The commands of the machine's clock.

use super::database::Database;
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct Clock {
    #[command(subcommand)]
    pub action: ClockAction,
}

#[derive(Debug, Subcommand)]
pub enum ClockAction {
    /// Say that the clock of this machine is right, which was set while it ran
    Accept {
        #[command(flatten)]
        at: Database,
    },
}
