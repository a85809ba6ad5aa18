//! Accounts: who may act, and how they show who they are.

pub mod accounts;
pub mod sign_in;
pub mod tokens;
pub mod veil;
pub mod vouch;
