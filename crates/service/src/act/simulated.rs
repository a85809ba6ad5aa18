//! Is a database simulated? There the clock is given, and everybody is who they say (ACC-1, ACC-2).

use crate::error::Result;
use sluice_store::tables::record;
use sluice_store::{Tx, View};

/// The setting that says so.
pub const SIMULATED: &str = "simulated";

/// The setting that holds a given clock's moment.
pub const CLOCK: &str = "clock";

/// Is the clock of a database given, and may everybody say who they are? Not where nothing says so.
///
/// # Errors
/// If the database fails.
pub fn is_simulated(view: &mut View<'_>) -> Result<bool> {
    Ok(record::setting(view, SIMULATED)?.as_deref() == Some("yes"))
}

/// Says of a new database what it is.
///
/// # Errors
/// If the database fails.
pub fn set_simulated(tx: &mut Tx<'_>, simulated: bool) -> Result<()> {
    Ok(record::set(tx, SIMULATED, if simulated { "yes" } else { "no" })?)
}
