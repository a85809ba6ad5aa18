//! SMETS1 Installations: the devices at one premises, and who is responsible for them.

use crate::party::{Eui64, S1sp};
use crate::point::{Mpan, Mprn};
use crate::words::words;
use std::fmt;
use std::str::FromStr;

words! {
    /// What a meter measures.
    Fuel ["ELECTRICITY, GAS"] {
        /// The electricity meter (ESME).
        Electricity = "ELECTRICITY",
        /// The gas meter (GSME).
        Gas = "GAS",
    }
}

words! {
    /// Whether a meter is operated in smart mode by its supplier.
    MeterStatus ["ACTIVE, DORMANT"] {
        /// Operated in smart mode by its supplier.
        Active = "ACTIVE",
        /// Not operated in smart mode.
        Dormant = "DORMANT",
    }
}

words! {
    /// The group of devices by the communications provider that first served them.
    Cohort ["IOC, MOC (MDS), MOC (Secure), FOC"] {
        /// Initial Operating Capability.
        Ioc = "IOC",
        /// Middle Operating Capability, MDS.
        MocMds = "MOC (MDS)",
        /// Middle Operating Capability, Secure.
        MocSecure = "MOC (Secure)",
        /// Final Operating Capability.
        Foc = "FOC",
    }
}

words! {
    /// The type of an installation by the status of its meters.
    InstallationType ["ACTIVE, MIXED, DORMANT"] {
        /// Every meter is Active.
        Active = "ACTIVE",
        /// One meter is Active, the other Dormant.
        Mixed = "MIXED",
        /// No meter is Active.
        Dormant = "DORMANT",
    }
}

/// A market participant id: three or four ASCII letters and digits, upper case. Electricity ids have four letters and
/// gas ids three; other mixtures are read too, since the list of parties decides which exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mpid([u8; 4]);

/// A text that is no market participant id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a market participant id: three or four letters and digits")]
pub struct MpidError;

impl Mpid {
    /// The id in upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = if self.0[3] == 0 { 3 } else { 4 };
        std::str::from_utf8(&self.0[..length]).unwrap_or_default()
    }
}

impl FromStr for Mpid {
    type Err = MpidError;

    fn from_str(text: &str) -> Result<Self, MpidError> {
        let bytes = text.as_bytes();
        if !(3..=4).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_alphanumeric) {
            return Err(MpidError);
        }
        let mut id = [0; 4];
        id[..bytes.len()].copy_from_slice(bytes);
        id.make_ascii_uppercase();
        Ok(Self(id))
    }
}

impl fmt::Display for Mpid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Mpid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The longest code of a Device Model Combination, in characters.
pub const DMC_LENGTH: usize = 32;

/// The code of a Device Model Combination: 1 to 32 ASCII letters, digits and `. _ / -`, in the case in which it is
/// written. Kept inline; unused bytes are zero, so the order of the bytes is the order of the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dmc([u8; DMC_LENGTH]);

/// A text that is no code of a Device Model Combination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a Device Model Combination: 1 to 32 letters, digits and . _ / -")]
pub struct DmcError;

impl Dmc {
    /// The code as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|&byte| byte == 0).unwrap_or(DMC_LENGTH);
        std::str::from_utf8(&self.0[..length]).unwrap_or_default()
    }
}

impl FromStr for Dmc {
    type Err = DmcError;

    fn from_str(text: &str) -> Result<Self, DmcError> {
        let bytes = text.as_bytes();
        let known = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/' | b'-');
        if bytes.is_empty() || bytes.len() > DMC_LENGTH || !bytes.iter().all(known) {
            return Err(DmcError);
        }
        let mut code = [0; DMC_LENGTH];
        code[..bytes.len()].copy_from_slice(bytes);
        Ok(Self(code))
    }
}

impl fmt::Display for Dmc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Dmc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The electricity side of an installation, as the inventory has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElectricityMeter {
    /// Device ID of the ESME.
    pub device: Eui64,
    /// Its meter point.
    pub mpan: Mpan,
    /// The Import Supplier's market participant id.
    pub mpid: Mpid,
    /// Its status.
    pub status: MeterStatus,
}

/// The gas side of an installation, as the inventory has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GasMeter {
    /// Device ID of the GSME.
    pub device: Eui64,
    /// Its meter point.
    pub mprn: Mprn,
    /// The Gas Supplier's market participant id.
    pub mpid: Mpid,
    /// Its status.
    pub status: MeterStatus,
}

/// A line of the inventory: one installation, keyed by the Device ID of its communications hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Installation {
    /// CHF Device ID.
    pub chf: Eui64,
    /// The S1SP that serves it.
    pub s1sp: S1sp,
    /// Its cohort.
    pub cohort: Cohort,
    /// Its Device Model Combination, a code of the dmc table.
    pub dmc: Dmc,
    /// The electricity meter.
    pub electricity: ElectricityMeter,
    /// The gas meter, if there is one.
    pub gas: Option<GasMeter>,
}

#[cfg(test)]
#[path = "installation_tests.rs"]
mod tests;
