//! What is kept, table by table: typed rows in and out. Nothing is decided here.
//!
//! Every function takes a transaction, and with it a scope. Functions that answer a caller's question filter by it;
//! those that load what a decision needs are called in the scope of DCC by the service, after it has authorised the act.

pub mod accounts;
pub mod answers;
pub mod authorisations;
pub mod bars;
pub mod convert;
pub mod dormant;
pub mod files;
pub mod imports;
pub mod installations;
pub mod issued;
pub mod outcomes;
pub mod parties;
pub mod record;
pub mod reports;
pub mod responsibility;
pub mod results;
pub mod schedules;
pub mod signatures;
pub mod weeks;
