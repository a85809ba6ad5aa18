//! PostgreSQL: addresses, who is let in, encryption, connecting with the settings that durability needs, values, errors.

mod address;
mod binary;
mod clear;
mod connect;
mod copy;
mod environment;
mod error;
mod facts;
mod passfile;
mod protect;
mod roles;
mod server;
#[cfg(unix)]
mod socket;
mod tls;
mod turn;
mod watched;

pub(crate) use address::{Address, COPIES};
pub(crate) use binary::{Array, value};
pub(crate) use copy::Copy;
pub(crate) use protect::remove as remove_schema;
pub(crate) use server::{Found, Server, Side};
pub(crate) use turn::Look;
