//! Whose a party's rows and units are: parties that failed, and who stands in their place (MAM-11).

pub mod heirs;
pub mod intake;
pub mod lapse;
