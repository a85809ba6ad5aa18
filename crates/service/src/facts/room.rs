//! How much room a day has (DMT-1).

use crate::books::calendar::week_of;
use crate::error::Result;
use jiff::civil::Date;
use sluice_rules::party::{Eui64, S1sp};
use sluice_store::View;
use sluice_store::tables::{dormant, weeks};

/// The Dormant installations in the schedule of a day.
///
/// # Errors
/// If the database fails.
pub(crate) fn dormant_on(tx: &mut View<'_>, s1sp: S1sp, date: Date) -> Result<Vec<Eui64>> {
    Ok(dormant::scheduled_on(tx, &s1sp, week_of(date)?, date)?)
}

/// How many authorised installations a day can hold beside the Dormant ones in its schedule.
///
/// # Errors
/// If the database fails.
pub(crate) fn room_on(tx: &mut View<'_>, s1sp: S1sp, date: Date) -> Result<u64> {
    let total = weeks::capacity(tx, &s1sp, date, date)?.get(&date).map_or(0, |capacity| capacity.total());
    let dormant = dormant_on(tx, s1sp, date)?.len();
    Ok(total.saturating_sub(u64::try_from(dormant).unwrap_or(u64::MAX)))
}
