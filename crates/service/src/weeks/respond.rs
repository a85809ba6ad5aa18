//! Demand Responses: one for each Demand Commitment that was taken.

use crate::act::tell::{next_version, send};
use crate::act::work::Work;
use crate::books::calendar::WeekCalendar;
use crate::error::{Result, ServiceError};
use crate::form;
use sluice_rules::file::FileKind;
use sluice_rules::party::S1sp;
use sluice_store::tables::results::{ResultLineRecord, ResultRecord};
use sluice_store::tables::{files, record};
use sluice_wire::name::FileName;
use sluice_wire::written::DemandResponseRow;

/// Issues the responses to all demand files of a week that were taken: each shows its party's lines, in the form in which
/// the file was sent. Parties without a line get none. Gives the names.
///
/// # Errors
/// If the database fails.
pub(crate) fn demand_responses(
    work: &mut Work<'_>,
    s1sp: &S1sp,
    calendar: &WeekCalendar<'_>,
    result: &ResultRecord,
    lines: &[ResultLineRecord],
) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in files::standing_demand(&mut work.tx, s1sp, calendar.monday)? {
        let own = lines.iter().filter(|line| line.party == file.sender);
        let rows: Vec<DemandResponseRow<'_>> = own.map(|line| row(line, result.stage.word())).collect();
        if rows.is_empty() {
            continue;
        }
        let received = record::received(&mut work.tx, file.id)?;
        let (name, _) = FileName::parse(&received.name).map_err(|finding| ServiceError::defect(finding.message))?;
        let mut name = name.of_kind(FileKind::DemandResponse);
        name.version = Some(next_version(work, &file.sender, &name)?);
        let (bytes, extension) = form::like(&file.extension, rows)?;
        let name = format!("{name}.{extension}");
        send(work, &file.sender, &name, Some(file.id), &bytes)?;
        names.push(name);
    }
    Ok(names)
}

fn row<'a>(line: &'a ResultLineRecord, stage: &'a str) -> DemandResponseRow<'a> {
    DemandResponseRow {
        date: line.date,
        stage,
        demand: line.demand,
        counted: line.counted,
        flat: line.flat,
        allocation: line.allocation,
        opening: line.opening,
        closing: line.closing,
        derivation: &line.derivation,
    }
}
