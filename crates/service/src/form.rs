//! The form in which a file is answered.

use crate::error::{Result, ServiceError};
use sluice_wire::written::{LastRow, WriteRow, write_csv, write_workbook};

/// Rows in the form in which a file of an extension was sent: a workbook for a workbook, else CSV. Gives the bytes and
/// their extension. An engine up to 3 wrote the last row of a workbook twice.
///
/// # Errors
/// If they cannot be written: a defect.
pub(crate) fn like<R: WriteRow>(
    extension: &str,
    engine: i64,
    rows: impl IntoIterator<Item = R>,
) -> Result<(Vec<u8>, &'static str)> {
    if matches!(extension, "xlsx" | "xlsm") {
        let last = if engine > 3 { LastRow::Fitted } else { LastRow::Twice };
        return Ok((write_workbook(rows, last).map_err(ServiceError::defect)?, "xlsx"));
    }
    let mut bytes = Vec::new();
    write_csv(rows, &mut bytes).map_err(ServiceError::defect)?;
    Ok((bytes, "csv"))
}

/// The extension of a file's name, by which it is read, in lower case; empty where there is none.
#[must_use]
pub(crate) fn extension_of(name: &str) -> String {
    name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase()
}
