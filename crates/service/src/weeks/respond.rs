//! Demand Responses: one for each Demand Commitment that was taken.

use crate::act::tell::{next_version, send};
use crate::act::work::Work;
use crate::books::calendar::WeekCalendar;
use crate::error::{Result, ServiceError};
use crate::form;
use jiff::civil::Date;
use sluice_rules::file::FileKind;
use sluice_rules::party::S1sp;
use sluice_store::tables::files::FileRecord;
use sluice_store::tables::results::{ResultLineRecord, ResultRecord};
use sluice_store::tables::{files, issued, record};
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
        let mut name = response_name(work, &file)?;
        name.version = Some(match work.engine {
            ..=3 => next_version(work, &file.sender, &name)?,
            // MSM-11: a version has one number, on the result and in the names of its responses.
            _ => u32::try_from(result.version).map_err(ServiceError::defect)?,
        });
        let (bytes, extension) = form::like(&file.extension, work.engine, rows)?;
        let name = format!("{name}.{extension}");
        send(work, &file.sender, &name, Some(file.id), &bytes)?;
        names.push(name);
    }
    Ok(names)
}

/// The name of the responses to a demand file, without a version.
fn response_name(work: &mut Work<'_>, file: &FileRecord) -> Result<FileName> {
    let received = record::received(&mut work.tx, file.id)?;
    let (name, _) = FileName::parse(&received.name).map_err(|finding| ServiceError::defect(finding.message))?;
    Ok(name.of_kind(FileKind::DemandResponse))
}

/// How many responses one demand file of a week has had at most. Programs that counted them apart gave the last one that number.
///
/// # Errors
/// If the database fails.
pub(crate) fn last_response(work: &mut Work<'_>, s1sp: &S1sp, week: Date) -> Result<i64> {
    let mut last = 0;
    for file in files::standing_demand(&mut work.tx, s1sp, week)? {
        let name = response_name(work, &file)?;
        last = last.max(issued::of_prefix(&mut work.tx, &format!("{name}_v"))?);
    }
    i64::try_from(last).map_err(ServiceError::defect)
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
