//! Device Model Combinations: the device models of an installation, and who carries its messages.

use super::cells::{Once, TableErrors, table};
use crate::layout::COMBINATIONS;
use crate::limits::Reading;
use crate::source::Content;
use sluice_rules::installation::Dmc;
use std::fmt;
use std::str::FromStr;

/// A device model, written `manufacturer:model:firmware`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceModel {
    /// Who makes it.
    pub manufacturer: String,
    /// The model.
    pub model: String,
    /// The version of its firmware.
    pub firmware: String,
}

/// A text that is no device model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a device model as manufacturer:model:firmware")]
pub struct DeviceModelError;

impl FromStr for DeviceModel {
    type Err = DeviceModelError;

    fn from_str(text: &str) -> Result<Self, DeviceModelError> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        match parts.as_slice() {
            &[manufacturer, model, firmware] if parts.iter().all(|part| !part.is_empty()) => Ok(Self {
                manufacturer: manufacturer.to_owned(),
                model: model.to_owned(),
                firmware: firmware.to_owned(),
            }),
            _ => Err(DeviceModelError),
        }
    }
}

impl fmt::Display for DeviceModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.manufacturer, self.model, self.firmware)
    }
}

/// A row of the Device Model Combinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DmcRow {
    /// Its code.
    pub dmc: Dmc,
    /// The communications provider.
    pub provider: String,
    /// The communications hub.
    pub chf: DeviceModel,
    /// The electricity meter.
    pub esme: DeviceModel,
    /// The gas meter, if there is one.
    pub gsme: Option<DeviceModel>,
}

/// Reads the Device Model Combinations; a code stands only once.
///
/// # Errors
/// All rows that are wrong, or why the whole file cannot be used.
pub fn read_combinations(
    extension: &str,
    content: &mut dyn Content,
    reading: Reading,
) -> Result<Vec<DmcRow>, TableErrors> {
    const MODEL: &str = "a device model as manufacturer:model:firmware";
    let mut codes = Once::new();
    table(extension, content, reading, &COMBINATIONS, |cells| {
        let dmc = cells.dmc(0);
        let provider = cells.text(1);
        let chf = cells.get(2, MODEL, |text| text.parse().ok());
        let esme = cells.get(3, MODEL, |text| text.parse().ok());
        let gsme = cells.optional(4, MODEL, |text| text.parse().ok());
        if let Some(dmc) = dmc {
            codes.check(cells, dmc, || format!("the Device Model Combination {dmc}"));
        }
        Some(DmcRow { dmc: dmc?, provider: provider?, chf: chf?, esme: esme?, gsme: gsme? })
    })
}
