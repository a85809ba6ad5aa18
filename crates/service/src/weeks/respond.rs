//! Demand Responses: one for each Demand Commitment that was taken, and for each party whose demand came to it otherwise.

use crate::act::tell::{next_version, send, tell};
use crate::act::work::Work;
use crate::books::calendar::WeekCalendar;
use crate::error::{Result, ServiceError};
use crate::form;
use jiff::civil::Date;
use sluice_rules::file::FileKind;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::files::FileRecord;
use sluice_store::tables::results::{ResultLineRecord, ResultRecord};
use sluice_store::tables::{files, issued, parties, record};
use sluice_wire::name::FileName;
use sluice_wire::written::DemandResponseRow;
use std::collections::BTreeMap;

/// Issues the responses to all demand files of a week that were taken: each shows its party's lines, in the form in which
/// the file was sent; then those of parties that have lines and sent no file. Parties without a line get none. Gives the names.
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
    let mut of_party: BTreeMap<Party, Vec<&ResultLineRecord>> = BTreeMap::new();
    for line in lines {
        of_party.entry(line.party).or_default().push(line);
    }
    let mut without_file = of_party.clone();
    let mut names = Vec::new();
    for file in files::standing_demand(&mut work.tx, s1sp, calendar.monday)? {
        without_file.remove(&file.sender);
        let Some(own) = of_party.get(&file.sender) else { continue };
        let name = response_name(work, &file)?;
        names.push(respond(work, (file.sender, name), Some(&file), result, own)?);
    }
    // MAM-11: nobody in programs of before got a response for demand that had come to it by a transfer.
    if work.engine < 7 {
        return Ok(names);
    }
    for (party, own) in without_file {
        let Some(id) = parties::user_ids(&mut work.tx, &party)?.first().copied() else {
            tell(work, party, "MSM-9", None, &in_place_of_response(s1sp, calendar.monday, result, &own))?;
            continue;
        };
        let name = FileName::of_week(FileKind::DemandResponse, Some(party), id, *s1sp, calendar.monday);
        names.push(respond(work, (party, name), None, result, &own)?);
    }
    Ok(names)
}

/// Issues one response; gives its name.
fn respond(
    work: &mut Work<'_>,
    (party, mut name): (Party, FileName),
    file: Option<&FileRecord>,
    result: &ResultRecord,
    own: &[&ResultLineRecord],
) -> Result<String> {
    name.version = Some(match work.engine {
        ..=3 => next_version(work, &party, &name)?,
        // MSM-11: a version has one number, on the result and in the names of its responses.
        _ => u32::try_from(result.version).map_err(ServiceError::defect)?,
    });
    let rows = own.iter().map(|line| row(line, result.stage.word()));
    let (bytes, extension) = form::like(file.map_or("csv", |file| &file.extension), work.engine, rows)?;
    let name = format!("{name}.{extension}");
    send(work, &party, &name, file.map(|file| file.id), &bytes)?;
    Ok(name)
}

/// MSM-9: what a party without a User ID, under which a response would be sent, is told of its lines.
fn in_place_of_response(s1sp: &S1sp, week: Date, result: &ResultRecord, own: &[&ResultLineRecord]) -> String {
    let days: Vec<String> =
        own.iter().map(|line| format!("{}: {} of {}", line.date, line.allocation, line.demand)).collect();
    format!(
        "version {} ({}) of the result of the week of {week} at {s1sp} gives you these units of your demand: {}; you have no registered \
         User ID under which a Demand Response could be sent",
        result.version,
        result.stage.word(),
        days.join(", ")
    )
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
