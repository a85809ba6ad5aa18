//! A received file is judged.

use crate::act::actor::Actor;
use crate::act::work::{UseCase, Work};
use crate::bars::holds;
use crate::books::calendar::local_date;
use crate::books::rulebooks::{Books, Settings};
use crate::days::outcomes;
use crate::error::{Result, ServiceError};
use crate::files::ahead::ReadAhead;
use crate::files::verdict::{Opening, Verdict, refuse, verdict_of};
use crate::rows::authorise;
use crate::weeks::demand;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sluice_rules::rulebook::Document;
use sluice_store::tables::files::{self, FileRecord};
use sluice_store::tables::record::{self, Received};
use sluice_wire::FileFinding;
use sluice_wire::name::{FileName, Kind};

/// A received file is judged.
#[derive(Debug, Serialize, Deserialize)]
pub struct Judge {
    /// The number of its receipt.
    pub file: i64,
    /// What came of opening a protected file; nothing where no password is needed or none came yet.
    pub opening: Option<Opening>,
    /// What was read of it already; else its content comes from the record.
    #[serde(skip)]
    pub ahead: Option<ReadAhead>,
}

impl UseCase for Judge {
    const KIND: &'static str = "judge";
    type Answer = Verdict;

    fn authorise(&self, _: &Actor) -> Result<()> {
        Ok(())
    }

    fn run(&self, work: &mut Work<'_>) -> Result<Verdict> {
        let found = files::get(&mut work.tx, self.file)?;
        let file = found.ok_or_else(|| ServiceError::defect("a file to be judged is missing"))?;
        if !matches!(file.status.as_str(), "RECEIVED" | "WAITING") {
            return Err(ServiceError::Use(format!("file {} is judged already", file.id)));
        }
        let received = record::received(&mut work.tx, self.file)?;
        work.rulebook.clone_from(&file.rulebook);
        // MAM-11: what came before its sender failed is not taken afterwards.
        if let Some(finding) = crate::responsibility::intake::refusal(&mut work.tx, file.sender)? {
            let findings = [finding];
            refuse_received(work, file.clone(), &received, &findings)?;
            let file = files::get(&mut work.tx, self.file)?.unwrap_or(file);
            return Ok(verdict_of(&file, &findings));
        }
        match file.kind.as_str() {
            "DC" => demand::judge(work, file, &received),
            "DMMSR" => crate::dormant::answers::judge(work, file, &received),
            "HOLD" => holds::judge(work, file, &received),
            "OUTCOME" => outcomes::judge(work, file, &received),
            "MA" => authorise::judge(work, file, &received, self.opening.as_ref(), self.ahead.as_ref()),
            other => Err(ServiceError::defect(format!("{other} files are not judged"))),
        }
    }
}

/// RB-2: the rulebook by which a file is judged: of its week for demand, else the MAM's in effect at its receipt.
pub(crate) fn rulebook_of(books: &Books, name: &FileName, received: Timestamp) -> Result<String> {
    if name.kind == Kind::DemandCommitment {
        return Ok(books.intake(name.date, &Settings::default())?.0.id.clone());
    }
    let date = local_date(received);
    Ok(crate::board::desk::mam(books, date).or_else(|_| books.latest(Document::Mam))?.id.clone())
}

/// Refuses a file by its name alone: it is answered, and may be corrected within grace (MAM-9, CAL-3).
pub(crate) fn refuse_received(
    work: &mut Work<'_>,
    mut file: FileRecord,
    received: &Received,
    findings: &[FileFinding],
) -> Result<()> {
    match file.kind.as_str() {
        "MA" => authorise::refuse_received(work, file, received, findings),
        "DMMSR" => crate::dormant::answers::refuse_received(work, file, received, findings),
        kind => {
            let demand = kind == "DC";
            refuse(&mut file, findings, work.now);
            files::set_verdict(&mut work.tx, &file)?;
            if demand { demand::grace_for(work, &file, received.at) } else { Ok(()) }
        }
    }
}
