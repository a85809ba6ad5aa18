//! A received file is judged.

use crate::act::actor::Actor;
use crate::act::aside::{JUDGE, of_file};
use crate::act::work::{Act, Work};
use crate::bars::holds;
use crate::days::outcomes;
use crate::dispatch::aside::can_be_judged;
use crate::error::{Result, ServiceError};
use crate::files::aside::must_be_before_its_cutoff;
use crate::files::refuse::refuse_whole;
use crate::files::told::tell_verdict;
use crate::files::verdict::{Opening, Verdict, verdict_of};
use crate::rows::authorise;
use crate::weeks::demand;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::file::{FileKind, FileStatus};
use sluice_store::tables::aside;
use sluice_store::tables::files::{self};
use sluice_store::tables::log::Input;
use sluice_store::tables::passwords;
use sluice_store::tables::record::{self, Received};

/// A received file is judged.
#[derive(Debug, Serialize, Deserialize)]
pub struct Judge {
    /// The number of its receipt.
    pub(crate) file: i64,
    /// What came of opening a protected file; nothing where no password is needed or none came yet.
    pub(crate) opening: Option<Opening>,
    /// When the password arrived that opened it; nothing in acts of older programs.
    #[serde(default, with = "crate::words::optional", skip_serializing_if = "Option::is_none")]
    pub(crate) password_at: Option<Timestamp>,
    /// Did its sender confirm with it what would be held (FI21)?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) confirmed: bool,
    /// Does its sender wait for the verdict, so that it is told no other way (MAM-9)?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) awaited: bool,
}

impl Judge {
    fn tell(&self, work: &mut Work<'_>, received: &Received, verdict: &Verdict) -> Result<()> {
        if self.awaited { Ok(()) } else { tell_verdict(work, received, verdict) }
    }
}

impl Act for Judge {
    const KIND: &'static str = JUDGE;
    type Answer = Verdict;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("having a file judged").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Verdict> {
        let found = files::get(&mut work.tx, self.file)?;
        let file = found.ok_or_else(|| ServiceError::defect("a file to be judged is missing"))?;
        if !can_be_judged(file.status) {
            return Err(ServiceError::Use(format!("file {} is judged already", file.id)));
        }
        if work.by.party() != Some(file.sender) {
            return Err(ServiceError::Use(format!("file {} is not one of {}", file.id, work.by.name())));
        }
        must_be_before_its_cutoff(work, &file)?;
        aside::end(&mut work.tx, JUDGE, &of_file(self.file))?;
        let received = record::received(&mut work.tx, self.file)?;
        work.rulebook.clone_from(&file.rulebook);
        // MAM-11: what came before its sender failed is not taken afterwards.
        if let Some(finding) = crate::responsibility::intake::refusal(&mut work.tx, file.sender, work.engine)? {
            let findings = [finding];
            refuse_whole(work, file.clone(), received.at, &findings)?;
            let file = files::get(&mut work.tx, self.file)?.unwrap_or(file);
            let verdict = verdict_of(&file, &findings);
            self.tell(work, &received, &verdict)?;
            return Ok(verdict);
        }
        let verdict = match file.kind {
            FileKind::DemandCommitment => demand::judge(work, file, &received, self.confirmed),
            FileKind::DormantAnswer => crate::dormant::answers::judge(work, file, &received),
            FileKind::Hold => holds::judge(work, file, &received),
            FileKind::Outcomes => outcomes::judge(work, file, &received),
            FileKind::Authorisation => {
                let opening = self.opening.as_ref().map(|opening| (opening, self.password_at.unwrap_or(work.now)));
                let verdict = authorise::judge(work, file, &received, opening)?;
                if verdict.status == FileStatus::Accepted {
                    passwords::end_of(&mut work.tx, self.file)?;
                }
                Ok(verdict)
            }
            other => Err(ServiceError::defect(format!("{other} files are not judged"))),
        }?;
        self.tell(work, &received, &verdict)?;
        Ok(verdict)
    }

    fn inputs(&self) -> Vec<Input> {
        self.opening.as_ref().and_then(Opening::member).map(Input::Opened).into_iter().collect()
    }
}
