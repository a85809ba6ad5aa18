//! Which Demand Commitments are taken, and why the others are not.

use super::inputs::InputFile;
use crate::failure::Failure;
use sluice_rules::codes::FileCode;
use sluice_rules::file::FileKind;
use sluice_rules::party::S1sp;
use sluice_service::books::rulebooks::{Books, Settings};
use sluice_wire::FileFinding;
use sluice_wire::demand::{DemandCommitment, read_demand};
use sluice_wire::limits::Reading;
use sluice_wire::name::{FileName, form};
use std::collections::{BTreeSet, HashMap};

/// The verdicts of all files of a run.
#[derive(Debug, Default)]
pub struct Judged {
    /// The files that are taken, by their place among the inputs.
    pub taken: Vec<(usize, DemandCommitment)>,
    /// The files that are refused.
    pub refused: Vec<Refused>,
}

/// A refused file.
#[derive(Debug)]
pub struct Refused {
    /// Its place among the inputs.
    pub place: usize,
    /// Its name.
    pub file: String,
    /// Every reason.
    pub findings: Vec<FileFinding>,
}

/// Judges each file by itself: a refused one never stops the others. `known` are the S1SPs with capacity.
///
/// # Errors
/// If a file cannot be read from the disk at all.
pub fn judge(
    files: &[InputFile],
    known: &BTreeSet<S1sp>,
    books: &Books,
    settings: &Settings,
) -> Result<Judged, Failure> {
    let names: Vec<_> = files.iter().map(|file| demand_name(&file.name, settings.reading)).collect();
    let mut count: HashMap<FileName, u32> = HashMap::new();
    names.iter().flatten().for_each(|(name, _)| *count.entry(*name).or_default() += 1);
    let mut judged = Judged::default();
    for (place, (file, name)) in files.iter().zip(names).enumerate() {
        let verdict = match name {
            Err(finding) => Err(vec![finding]),
            Ok((name, extension)) => match checks_of_name(&name, count.get(&name).copied().unwrap_or(1), known) {
                findings if !findings.is_empty() => Err(findings),
                _ => content(file, name, &extension, books, settings)?,
            },
        };
        match verdict {
            Ok(demand) => judged.taken.push((place, demand)),
            Err(findings) => judged.refused.push(Refused { place, file: file.name.clone(), findings }),
        }
    }
    Ok(judged)
}

fn demand_name(name: &str, reading: Reading) -> Result<(FileName, String), FileFinding> {
    let parsed = FileName::parse_as(reading, name)?;
    // FI01: only Demand Commitments are demand.
    if parsed.0.kind != FileKind::DemandCommitment {
        let message =
            format!("its kind is {}; demand is sent as {}", parsed.0.kind.word(), form(FileKind::DemandCommitment));
        return Err(FileFinding::new(FileCode::FI01, message));
    }
    Ok(parsed)
}

fn checks_of_name(name: &FileName, count: u32, known: &BTreeSet<S1sp>) -> Vec<FileFinding> {
    let mut findings = Vec::new();
    // FI03: an S1SP without any capacity is not known here.
    if !known.contains(&name.s1sp) {
        let codes: Vec<_> = known.iter().map(S1sp::as_str).collect();
        let message = format!("S1SP {} is not known; there is capacity for {}", name.s1sp, codes.join(", "));
        findings.push(FileFinding::new(FileCode::FI03, message));
    }
    // FI07: files of the same name in one run have no order, so none of them can be the latest.
    if count > 1 {
        let message =
            format!("{count} files have the name {name} (separator, case and extension do not count); keep one");
        findings.push(FileFinding::new(FileCode::FI07, message));
    }
    findings
}

fn content(
    file: &InputFile,
    name: FileName,
    extension: &str,
    books: &Books,
    settings: &Settings,
) -> Result<Result<DemandCommitment, Vec<FileFinding>>, Failure> {
    let (_, limits, demand_limit) = books.intake(name.date, settings)?;
    // A refused file too large to be kept in a bundle: its verdict is not known here and comes from the bundle.
    let Some(mut stream) = file.stream()? else { return Ok(Err(Vec::new())) };
    Ok(read_demand(name, extension, &mut *stream, &limits, demand_limit))
}
