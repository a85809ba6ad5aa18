//! The server as its callers see it, over the network.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod acts;
mod bars;
mod client;
mod connections;
mod events;
mod files;
mod hostile;
mod matrix;
mod place;
mod refused;
mod stops;
