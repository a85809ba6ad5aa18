//! REF-3: intake under a User ID ends at once, as when it is stolen, and may begin again.

use crate::act::actor::Actor;
use crate::act::second::second_operator;
use crate::act::tell::tell;
use crate::act::work::{Act, Work};
use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use crate::files::waiting_ends::end_waiting;
use serde::{Deserialize, Serialize};
use sluice_rules::party::{Eui64, Party};
use sluice_store::View;
use sluice_store::tables::parties::{self, EndedIntake};

/// One operator ends the intake under a User ID: nothing that names it is taken any more. What stands, stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndIntake {
    /// The User ID.
    #[serde(with = "crate::words")]
    pub user_id: Eui64,
    /// Why; its party is told.
    pub reason: String,
}

/// What became of the intake under a User ID.
#[derive(Debug, Clone, Serialize)]
pub struct IntakeOf {
    /// The party that has it.
    pub party: String,
    /// Files that waited for a password or for a confirmation, and wait no more.
    pub waited: usize,
}

impl Act for EndIntake {
    const KIND: &'static str = "end-intake";
    type Answer = IntakeOf;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("ending intake")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<IntakeOf> {
        let Self { user_id, reason } = self;
        work.must_say(reason, "REF-3", "ending intake says why; give the reason with --reason")?;
        let registered = parties::of_user_id(&mut work.tx, *user_id)?;
        let Some(party) = registered else {
            return Err(ServiceError::rule("REF-3", format!("User ID {user_id} is not registered to any party")));
        };
        must_be_in_names(work, party, *user_id)?;
        if let Some(ended) = ended(&mut work.tx, *user_id)? {
            let message = format!("intake under User ID {user_id} was ended at {} already", in_words(ended.at));
            return Err(ServiceError::rule("REF-3", message));
        }
        let reason = reason.trim().to_owned();
        let at = in_words(work.now);
        let words = format!("intake under your User ID {user_id} is ended since {at}: {reason}");
        parties::end_intake(&mut work.tx, &EndedIntake { user_id: *user_id, party, at: work.now, reason })?;
        let waited = end_waiting(work, "REF-3", &words, |file| file.user_id == Some(*user_id) && file.sender == party)?;
        let stands = "what was taken under it stands; send your files under another one of yours";
        tell(work, party, "REF-3", None, &format!("{words}; {stands}"))?;
        Ok(IntakeOf { party: party.to_string(), waited })
    }
}

/// Two operators open the intake under a User ID again.
#[derive(Debug, Serialize, Deserialize)]
pub struct ResumeIntake {
    /// The User ID.
    #[serde(with = "crate::words")]
    pub user_id: Eui64,
    /// Why; its party is told.
    pub reason: String,
    /// The second operator.
    pub approve: Option<String>,
}

impl Act for ResumeIntake {
    const KIND: &'static str = "resume-intake";
    type Answer = IntakeOf;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("opening intake again")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<IntakeOf> {
        let Self { user_id, reason, approve } = self;
        second_operator(work, approve.as_deref(), "REF-3", "opening intake again")?;
        work.must_say(reason, "REF-3", "opening intake again says why; give the reason with --reason")?;
        let ended = must_be_ended(&mut work.tx, *user_id)?;
        parties::resume_intake(&mut work.tx, *user_id)?;
        let words = format!("intake under your User ID {user_id} is open again: {}", reason.trim());
        tell(work, ended.party, "REF-3", None, &words)?;
        Ok(IntakeOf { party: ended.party.to_string(), waited: 0 })
    }
}

/// REF-3: what an S1SP hands in has no User ID in its name, so nothing would end with one. Programs before version 4 said that it did.
fn must_be_in_names(work: &mut Work<'_>, party: Party, user_id: Eui64) -> Result<()> {
    let of = parties::find(&mut work.tx, &party)?.filter(|_| work.engine > 3).and_then(|of| of.s1sp);
    of.map_or(Ok(()), |s1sp| {
        let message = format!(
            "{party}, which has User ID {user_id}, is S1SP {s1sp}: its OUTCOME files name no User ID, so they would be taken all the \
             same; take its tokens away with sluice user token revoke, or disable its accounts with sluice user disable"
        );
        Err(ServiceError::rule("REF-3", message))
    })
}

fn ended(view: &mut View<'_>, user_id: Eui64) -> Result<Option<EndedIntake>> {
    Ok(parties::ended_intake(view)?.into_iter().find(|ended| ended.user_id == user_id))
}

/// The intake under a User ID that was ended.
///
/// # Errors
/// If it was not.
pub(crate) fn must_be_ended(view: &mut View<'_>, user_id: Eui64) -> Result<EndedIntake> {
    let message = || ServiceError::rule("REF-3", format!("intake under User ID {user_id} was not ended"));
    ended(view, user_id)?.ok_or_else(message)
}
