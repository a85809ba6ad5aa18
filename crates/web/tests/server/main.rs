//! The server as its callers see it, over the network.

mod acts;
mod client;
mod files;
mod hostile;
mod matrix;
mod place;
mod stops;
