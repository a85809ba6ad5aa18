//! A meter as the inventory has it.

use super::parties::Dictionary;
use sluice_rules::installation::MeterStatus;
use sluice_rules::party::Party;

/// A meter as the inventory has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoredMeter {
    /// The supplier that the inventory names.
    pub supplier: Option<Party>,
    /// Its status.
    pub status: MeterStatus,
}

/// A meter by the numbers of its supplier's market participant id and of its status.
pub(super) fn meter(dictionary: &Dictionary, mpid: i64, status: i64) -> StoredMeter {
    StoredMeter {
        supplier: dictionary.mpids.get(&mpid).map(|(_, _, party)| *party),
        status: if status == 1 { MeterStatus::Active } else { MeterStatus::Dormant },
    }
}
