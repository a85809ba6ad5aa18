//! The command that serves.

use super::address::Address;
use clap::Args;
use std::net::SocketAddr;

#[derive(Debug, Args)]
pub struct Serve {
    /// sqlite:PATH or postgres://USER@HOST/DATABASE; made by sluice init
    #[arg(
        long,
        value_name = "URL",
        env = "SLUICE_DATABASE",
        default_value = "sqlite:sluice-data/sluice.db",
        hide_env_values = true
    )]
    pub database: Address,
    /// Where it listens; in front of anything but this machine belongs a proxy that speaks TLS
    #[arg(long, value_name = "ADDRESS:PORT", env = "SLUICE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// On a simulated database, let operators move its clock by POST /api/v1/clock
    #[arg(long)]
    pub move_clock: bool,
}
