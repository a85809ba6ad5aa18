//! MSM-11: DCC takes demand that was wrongly refused.

use crate::act::actor::Actor;
use crate::act::aside::{JUDGE, of_file};
use crate::act::digests::digest_of;
use crate::act::work::{Act, Work};
use crate::books::calendar::in_words;
use crate::error::{Result, ServiceError};
use crate::files::order::{came_after, key_of};
use crate::files::verdict::{Verdict, verdict_of};
use crate::responsibility::intake::must_not_have_failed;
use crate::weeks::chain::must_not_be_closed;
use crate::weeks::demand::{read, take};
use crate::weeks::scale::must_not_be_firm;
use serde::{Deserialize, Serialize};
use sluice_rules::file::{FileKind, FileStatus};
use sluice_store::tables::aside;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::log::Input;
use sluice_store::tables::record::{self, Digest};

/// MSM-11: an operator takes a file that was wrongly refused, or that was set aside when its cut-off passed (FI24); a new version of the result follows from it.
#[derive(Debug, Serialize, Deserialize)]
pub struct TakeRefused {
    /// The number of its receipt.
    pub file: i64,
    /// Why the refusal was wrong.
    pub reason: String,
    /// The SHA-256 in hexadecimal of content that the record had not, since the file was refused by its name, and has now from the
    /// intake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl Act for TakeRefused {
    const KIND: &'static str = "take-refused";
    type Answer = Verdict;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("taking a refused file")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Verdict> {
        work.must_say(&self.reason, "MSM-11", "taking a refused file says why; give the reason with --reason")?;
        let found = files::get(&mut work.tx, self.file)?;
        let refused = found.filter(|file| {
            let not_taken = matches!(file.status, FileStatus::Refused | FileStatus::Lapsed | FileStatus::Aside);
            file.kind == FileKind::DemandCommitment && not_taken
        });
        let mut file =
            refused.ok_or_else(|| ServiceError::Use(format!("there is no refused demand file {}", self.file)))?;
        must_not_have_failed(&mut work.tx, file.sender)?;
        work.rulebook.clone_from(&file.rulebook);
        if file.rulebook.is_empty() {
            return Err(ServiceError::rule(
                "RB-2",
                format!("no rulebook governs file {}: {}", self.file, file.message),
            ));
        }
        must_not_be_firm(work, &file.s1sp, file.date)?;
        if !work.is_again() {
            must_not_be_closed(work, &file.s1sp, file.date)?;
            must_be_newest(work, &file)?;
        }
        let mut received = record::received(&mut work.tx, self.file)?;
        if received.digest.is_none() {
            // What is taken from the intake is what was handed in.
            received.digest = self.content().filter(|content| received.unkept.as_ref() == Some(content));
        }
        if received.digest.is_none() {
            let message = format!(
                "the content of file {} is not kept any more: ask {} to hand it in again",
                file.id, file.sender
            );
            return Err(ServiceError::rule("MSM-11", message));
        }
        let demand = read(work, &file, &received)?.map_err(|findings| {
            let words: Vec<String> = findings.into_iter().map(|finding| finding.message).collect();
            ServiceError::rule("MSM-11", format!("its content cannot be taken: {}", words.join("; ")))
        })?;
        aside::end(&mut work.tx, JUDGE, &of_file(self.file))?;
        take(work, &mut file, &demand, None)?;
        file.message = format!("taken by an operator: {}", self.reason);
        files::set_verdict(&mut work.tx, &file)?;
        Ok(verdict_of(&file, &[]))
    }

    fn inputs(&self) -> Vec<Input> {
        self.content().map(Input::Opened).into_iter().collect()
    }
}

/// MSM-2: a newer file of a name replaces an older one, never the other way round: what stands is what its sender said last.
fn must_be_newest(work: &mut Work<'_>, file: &FileRecord) -> Result<()> {
    for other in files::open_of_name(&mut work.tx, &key_of(file))? {
        if other.status == FileStatus::Accepted && came_after(work, other.id, file.id)? {
            let came = in_words(record::received(&mut work.tx, other.id)?.at);
            let FileRecord { id, sender, .. } = file;
            let message = format!(
                "file {} of the same name came after file {id}, at {came}, and stands: {sender} has said something newer. If it means file {id} after all, it hands that in again, and you take that one",
                other.id
            );
            return Err(ServiceError::rule("MSM-2", message));
        }
    }
    Ok(())
}

impl TakeRefused {
    fn content(&self) -> Option<Digest> {
        self.content.as_deref().and_then(digest_of)
    }
}
