//! DCC's reference data: parties, Device Model Combinations, the inventory, registrations, the EPCL, exclusions, and the
//! codes of outcomes.
//!
//! A table is taken whole or not at all, so all its wrong rows are listed at once. What only the database can
//! know, such as whether an MPID or a Device Model Combination exists, is judged by the caller.

mod cells;
mod codes;
mod combinations;
mod duplicates;
mod epcl;
mod exclusions;
mod inventory;
mod parties;
mod registrations;

pub use cells::{LISTED, RowErrors, RowProblem, TableErrors};
pub use codes::{OutcomeCodeRow, read_outcome_codes};
pub use combinations::{DeviceModel, DmcRow, read_combinations};
pub use duplicates::{DuplicateCheck, Duplicates};
pub use epcl::{EpclRow, read_epcl};
pub use exclusions::{ExclusionRow, read_exclusions};
pub use inventory::{list_duplicates, read_inventory, read_whole_inventory};
pub use parties::{PartyRow, read_parties, unfit};
pub use registrations::{Point, RegistrationRow, read_registrations};

#[cfg(test)]
#[path = "reference_data/tests.rs"]
mod tests;
