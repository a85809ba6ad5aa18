//! The commands of accounts and their tokens.

use super::database::Database;
use clap::{Args, Subcommand};
use sluice_rules::party::Party;
use sluice_rules::role::Role;
use sluice_service::people::tokens::Fingerprint;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct User {
    #[command(subcommand)]
    pub action: UserAction,
}

#[derive(Debug, Subcommand)]
pub enum UserAction {
    /// Add somebody
    Add {
        /// A name of letters, digits and - _ . @
        name: String,
        /// operator, approver, supplier, s1sp or observer
        #[arg(long, value_name = "ROLE")]
        role: Role,
        /// The party of a supplier or an S1SP
        #[arg(long, value_name = "P")]
        party: Option<Party>,
        #[command(flatten)]
        at: Database,
    },
    /// Take somebody's right to act, with their tokens; the record keeps the name
    Disable {
        /// The name
        name: String,
        #[command(flatten)]
        at: Database,
    },
    /// Show who there is, and until when each can sign in
    List {
        #[command(flatten)]
        at: Database,
    },
    /// Make a token for somebody, which is shown once; make one's own; list tokens; revoke one
    Token(Tokens),
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Tokens {
    #[command(subcommand)]
    pub action: Option<TokenAction>,
    #[command(flatten)]
    pub make: MakeToken,
}

#[derive(Debug, Args)]
pub struct MakeToken {
    /// The user that it stands for
    pub name: Option<String>,
    /// For how many days it is taken, 1 to 366
    #[arg(long, value_name = "N", default_value_t = sluice_service::people::tokens::DAYS)]
    pub days: u16,
    /// The fingerprint of a token that they made with sluice user token new; nobody else has seen that
    #[arg(long, value_name = "SHA256")]
    pub fingerprint: Option<Fingerprint>,
    #[command(flatten)]
    pub at: Database,
}

#[derive(Debug, Subcommand)]
pub enum TokenAction {
    /// Make a token of your own into a new file that only you may read, and print its fingerprint for an operator
    New {
        /// The file
        file: PathBuf,
    },
    /// Show what is known of tokens: whose, until when, used last
    List {
        /// One user's only
        name: Option<String>,
        #[command(flatten)]
        at: Database,
    },
    /// Revoke a token
    Revoke {
        /// Its public id
        id: String,
        #[command(flatten)]
        at: Database,
    },
}
