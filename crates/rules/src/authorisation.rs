//! The Migration Authorisation Mechanism: who authorises what, against which allocation, with what verdict.
//!
//! Three doors, each pure: [`judge::judge`] finds the codes of a row; [`settle::authorise`] and [`settle::withdraw`] say
//! what a clean row does to the authorisations of its installation; [`settle::promote`] and [`settle::lapse`] say what
//! happens when a unit comes free or a row loses its ground. [`missing`] says who waits for whom, [`expire`] has what waits too
//! long, [`passing`] what a responsibility event does to them, [`stopping`] what is stopped for a time; [`state`] has the legal transitions.

pub mod bars;
pub mod expire;
pub mod held;
pub mod judge;
pub mod kept;
pub mod led;
pub mod missing;
pub mod passing;
pub mod responsibility;
pub mod settle;
pub mod standby;
pub mod state;
pub mod stopping;

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod day_tests;
#[cfg(test)]
mod fixture;
