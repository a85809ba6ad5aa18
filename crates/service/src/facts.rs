//! What is known of installations: the facts on which decisions are made, read and never changed.

pub mod ahead;
pub mod dossier;
pub mod dossiers;
pub mod found;
pub mod room;
pub mod s1sp;
pub mod stop_table;
pub mod who;
