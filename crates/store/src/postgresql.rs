//! PostgreSQL: addresses, who is let in, encryption, connecting with the settings that durability needs, values, errors.

mod address;
mod binary;
mod connect;
mod environment;
mod error;
mod passfile;
mod server;
mod tls;
mod watched;

pub(crate) use address::Address;
pub(crate) use binary::{Array, COPY_HEAD, COPY_TAIL, put_field, value};
pub(crate) use error::io_error;
pub(crate) use server::{Found, Server, key};
