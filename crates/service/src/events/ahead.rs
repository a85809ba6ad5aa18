//! What a responsibility event finds out before its act, since each row that stands is looked at (MAM-11).

use crate::act::prepared::Prepared;
use crate::act::work::Work;
use crate::books::calendar::local_date;
use crate::error::Result;
use crate::events::effect::Touched;
use crate::facts::ahead::Ahead;
use crate::rows::asked::{self, AskedOf};
use jiff::civil::Date;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::parties::{self, Dictionary};
use sluice_store::tables::responsibility::{FuelMpid, ResponsibilityEvent};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was found out before an event was done.
pub(crate) struct EventAhead {
    of: (EventKind, Party, Party, Vec<FuelMpid>),
    today: Date,
    touched: Touched,
    waited: BTreeMap<S1sp, AskedOf>,
    /// The rows of each S1SP, and their installations with the suppliers that they will have.
    pub(crate) rows: Ahead,
}

/// Finds out what an event that passes some ids touches, who waits for whom before it, and what it looks at.
///
/// # Errors
/// If the database fails.
pub(crate) fn prepare(work: &mut Work<'_>, event: &ResponsibilityEvent) -> Result<Option<Prepared>> {
    if event.mpids.is_empty() {
        return Ok(None);
    }
    work.until_next_act(|work| {
        let mut dictionary = Dictionary::load(&mut work.tx)?;
        event.mpids.iter().for_each(|mpid| dictionary.pass(*mpid, event.from, event.to));
        let mut waited = BTreeMap::new();
        for s1sp in parties::s1sps(&mut work.tx)? {
            waited.insert(s1sp, asked::waiting_at(work, s1sp)?);
        }
        Ok(EventAhead {
            of: passing(event),
            today: local_date(work.now),
            touched: Touched::by(work, event)?,
            waited,
            rows: Ahead::find(work, Date::MIN, dictionary)?,
        })
    })
}

fn passing(event: &ResponsibilityEvent) -> (EventKind, Party, Party, Vec<FuelMpid>) {
    (event.kind, event.from, event.to, event.mpids.clone())
}

/// What was found out before an event, if it was this one.
pub(crate) fn found(work: &Work<'_>, event: &ResponsibilityEvent) -> Option<Arc<EventAhead>> {
    let found = work.found::<EventAhead>();
    found.filter(|ahead| ahead.of == passing(event) && ahead.today == local_date(work.now))
}

/// What an event touches: found out before, or now.
pub(crate) fn touched(work: &mut Work<'_>, ahead: Option<&EventAhead>, event: &ResponsibilityEvent) -> Result<Touched> {
    let Some(ahead) = ahead else { return Touched::by(work, event) };
    debug_assert_eq!(ahead.touched, Touched::by(work, event)?);
    Ok(ahead.touched.clone())
}

/// Who waits for whom at an S1SP before the event: found out before, or now.
pub(crate) fn waited(work: &mut Work<'_>, ahead: Option<&EventAhead>, s1sp: S1sp) -> Result<AskedOf> {
    let Some(waited) = ahead.and_then(|ahead| ahead.waited.get(&s1sp)) else { return asked::waiting_at(work, s1sp) };
    debug_assert_eq!(*waited, asked::waiting_at(work, s1sp)?);
    Ok(waited.clone())
}
