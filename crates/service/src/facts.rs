//! What is known of installations: the facts on which decisions are made, read and never changed.

pub mod dossiers;
pub mod found;
pub mod stop_table;
pub mod who;
