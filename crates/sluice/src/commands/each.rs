//! Commands that act at one S1SP, or at each that has capacity.

use crate::cli::database::Database;
use crate::failure::{Done, Failure, Outcome};
use crate::print::complain;
use crate::session::Session;
use jiff::civil::Date;
use sluice_rules::calendar::days_of_week;
use sluice_rules::party::S1sp;
use sluice_service::act::actor::Actor;
use sluice_service::act::work::Act;
use sluice_service::error::ServiceError;

/// What a command is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Span {
    /// A Migration Week, by its Monday.
    Week(Date),
    /// A Migration Day.
    Day(Date),
}

impl Span {
    /// Has an S1SP capacity?
    ///
    /// # Errors
    /// If the database fails, or the week does not begin on a Monday.
    pub(super) fn has_capacity(self, session: &mut Session, s1sp: S1sp) -> Result<bool, Failure> {
        let (from, to) = match self {
            Self::Week(week) => {
                let days = days_of_week(week).map_err(Failure::usage)?;
                (days[0], days[6])
            }
            Self::Day(date) => (date, date),
        };
        let days = session.service.migration_days(session.now, s1sp, from, to)?;
        Ok(match self {
            Self::Week(_) => !days.is_empty(),
            Self::Day(date) => days.get(&date).is_some_and(|has_capacity| *has_capacity),
        })
    }

    fn nowhere(self) -> Failure {
        Failure::Use(match self {
            Self::Week(week) => format!("no S1SP has capacity in the week of {week}; import it first"),
            Self::Day(date) => format!(
                "no S1SP has capacity on {date}, so it is no Migration Day; name another day, or import its capacity first"
            ),
        })
    }
}

/// Does an act for the S1SP that is named, or for each that has capacity. Whether it needs somebody with a name is for `by` to say:
/// [`Session::operator`] or [`Session::named`].
///
/// # Errors
/// As [`each_by`].
pub(super) fn each<U: Act>(
    at: &Database,
    span: Span,
    one: Option<S1sp>,
    by: impl FnOnce(&mut Session) -> Result<Actor, Failure>,
    act: impl Fn(S1sp) -> U,
    tell: impl Fn(S1sp, &U::Answer) -> Result<(), Failure>,
) -> Outcome {
    let mut session = Session::open(at)?;
    let by = by(&mut session)?;
    let perform = |session: &mut Session, s1sp| session.service.act(session.now, &by, act(s1sp));
    each_by(&mut session, span, one, perform, tell)
}

/// Does something for the S1SP that is named, or for each that has capacity. What one S1SP is refused keeps no other from it:
/// each is answered apart, and where one is done the others' refusals are printed.
///
/// # Errors
/// If no S1SP has capacity, or the last refusal where nothing was done; earlier ones are printed.
pub(super) fn each_by<A>(
    session: &mut Session,
    span: Span,
    one: Option<S1sp>,
    perform: impl Fn(&mut Session, S1sp) -> Result<A, ServiceError>,
    tell: impl Fn(S1sp, &A) -> Result<(), Failure>,
) -> Outcome {
    let mut s1sps = Vec::new();
    for s1sp in session.s1sps(one)? {
        if one.is_some() || span.has_capacity(session, s1sp)? {
            s1sps.push(s1sp);
        }
    }
    if s1sps.is_empty() {
        return Err(span.nowhere());
    }
    let several = s1sps.len() > 1;
    let (mut done, mut refused) = (false, None::<Failure>);
    for s1sp in s1sps {
        match perform(session, s1sp) {
            Ok(answer) => {
                tell(s1sp, &answer)?;
                done = true;
            }
            Err(ServiceError::Store(error)) => return Err(error.into()),
            Err(error) => {
                let failure = Failure::from(error);
                let failure = if several { failure.about(s1sp) } else { failure };
                if let Some(earlier) = refused.replace(failure) {
                    complain(&format!("sluice: {earlier}"));
                }
            }
        }
    }
    match refused {
        Some(refused) if done => {
            complain(&format!("sluice: {refused}"));
            Ok(Done::unless(true))
        }
        refused => refused.map_or(Ok(Done::Clean), Err),
    }
}
