#![doc = include_str!("../README.md")]

pub mod authorisation;
pub mod calendar;
pub mod codes;
pub mod dormant;
pub mod installation;
pub mod intake;
pub mod outcome;
pub mod party;
pub mod point;
pub mod proposal;
pub mod reference;
pub mod role;
pub mod rulebook;
pub mod scaling;
pub mod visibility;
