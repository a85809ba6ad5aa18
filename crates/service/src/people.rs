//! Accounts: who may act.

pub mod accounts;
