//! Who signs.

use clap::Args;

/// Who signs what two people answer for.
#[derive(Debug, Clone, Args)]
pub struct Signatures {
    /// Who acts, on a simulated database; elsewhere the token says it
    #[arg(long, value_name = "USER")]
    pub by: Option<String>,
    /// The second operator, on a simulated database; elsewhere it is proposed
    #[arg(long, value_name = "USER", conflicts_with = "propose")]
    pub approve: Option<String>,
    /// Propose it on a simulated database too: a second operator approves it with sluice proposal
    #[arg(long)]
    pub propose: bool,
}
