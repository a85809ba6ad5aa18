//! The commands of what is set aside.

use super::database::Database;
use clap::Args;

#[derive(Debug, Args)]
pub struct Aside {
    #[command(flatten)]
    pub at: Database,
}

#[derive(Debug, Args)]
pub struct Retry {
    /// Their numbers in sluice aside; without one all are tried
    #[arg(value_name = "NUMBER")]
    pub numbers: Vec<i64>,
    /// The receipt of a file that is set aside
    #[arg(long = "file", value_name = "RECEIPT", conflicts_with = "numbers")]
    pub files: Vec<i64>,
    /// Who asks for it, on a simulated database
    #[arg(long, value_name = "USER")]
    pub by: Option<String>,
    #[command(flatten)]
    pub at: Database,
}
