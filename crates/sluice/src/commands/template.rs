//! `sluice template`.

use crate::cli::{Template as Args, TemplateKind};
use crate::failure::{Done, Failure, Outcome};
use crate::offline::{Books, InputFile, Settings};
use crate::output::write_file;
use crate::print::print_line;
use sluice_rules::calendar::days_of_week;
use sluice_rules::file::FileKind;
use sluice_rules::party::Eui64;
use sluice_rules::rulebook::Document;
use sluice_wire::dormant::{Reasons, read_notice};
use sluice_wire::limits::Limits;
use sluice_wire::name::FileName;
use sluice_wire::reference::{read_allowance, read_response};
use sluice_wire::template::{Allowance, For, authorisation, demand, dormant_answer};
use std::path::Path;

/// Runs `sluice template`.
///
/// # Errors
/// If it could not do its work.
pub fn run(args: &Args) -> Outcome {
    let books = Books::load()?;
    let week = days_of_week(args.week).map_err(Failure::usage)?;
    let to = For { party: args.party, user_id: args.user_id, s1sp: args.s1sp, week };
    let as_csv = extension(&args.out).as_deref() == Some("csv");
    if as_csv && args.from.is_some() && args.kind != TemplateKind::DmmsAnswer {
        return Err(Failure::Use(
            "a CSV has no place for the allowance; name the template .xlsx, or leave out --from".to_owned(),
        ));
    }
    let template = match args.kind {
        TemplateKind::Demand => {
            let (_, _, limit) = books.intake(args.week, &Settings::default())?;
            demand(&to, limit, allowance(args)?)
        }
        TemplateKind::Authorisation => authorisation(&to, allowance(args)?),
        TemplateKind::DmmsAnswer => {
            let book = books.latest(Document::Mam)?;
            let list = |name| book.list(name).map_err(Failure::internal);
            let (known, with_statement) = (list("objection_reasons")?, list("statement_reasons")?);
            let reasons = Reasons { known, with_statement, blank_is_none: true };
            dormant_answer(&to, reasons, &installations(args, &Limits::of(book).map_err(Failure::internal)?)?)
        }
    };
    let content = match extension(&args.out).as_deref() {
        Some("xlsx") => template.workbook().map_err(Failure::internal)?,
        Some("csv") => template.csv().into_bytes(),
        _ => return Err(Failure::Use(format!("name the template .xlsx or .csv, not {}", args.out.display()))),
    };
    write_file(&args.out, &content, args.force)?;
    print_line(&format!("Written: {}", args.out.display()))?;
    if template.is_provisional() {
        print_line(Allowance::PROVISIONAL)?;
    }
    Ok(Done::Clean)
}

fn extension(path: &Path) -> Option<String> {
    path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase())
}

/// The party's lines for the week, of its Demand Response or an `allocation.csv`.
fn allowance(args: &Args) -> Result<Vec<Allowance>, Failure> {
    let Some(path) = &args.from else { return Ok(Vec::new()) };
    let file = InputFile::open(path)?;
    let Some(mut stream) = file.stream()? else { return Ok(Vec::new()) };
    let week = days_of_week(args.week).map_err(Failure::usage)?;
    let lines = if is_response_to(args, &file.name)? {
        read_response(&file.extension(), &mut *stream)
    } else {
        read_allowance(&file.extension(), &mut *stream, args.party, args.s1sp)
    };
    let lines = lines.map_err(|error| {
        Failure::Use(format!(
            "{}: {error}; give the DR file of a firm result under its own name, or its allocation.csv",
            path.display()
        ))
    })?;
    let lines: Vec<Allowance> = lines.into_iter().filter(|line| week.contains(&line.date)).collect();
    if lines.is_empty() {
        let message = format!("{} has no line of {} at {} in that week", path.display(), args.party, args.s1sp);
        return Err(Failure::Use(format!("{message}; check party, S1SP and week")));
    }
    Ok(lines)
}

/// Is it a Demand Response, by its name, which alone says whose it is?
fn is_response_to(args: &Args, name: &str) -> Result<bool, Failure> {
    let Ok((name, _)) = FileName::parse(name) else { return Ok(false) };
    if name.kind != FileKind::DemandResponse {
        return Ok(false);
    }
    if (name.party, name.s1sp, name.date) == (Some(args.party), args.s1sp, args.week) {
        return Ok(true);
    }
    let whose = name.party.map_or_else(String::new, |party| format!(" of {party}"));
    Err(Failure::Use(format!(
        "this Demand Response is that{whose} at {} for the week of {}, and the template is for {} at {} for the week of {}",
        name.s1sp, name.date, args.party, args.s1sp, args.week
    )))
}

/// The installations of a Dormant notice.
fn installations(args: &Args, limits: &Limits) -> Result<Vec<Eui64>, Failure> {
    let Some(path) = &args.from else { return Ok(Vec::new()) };
    let file = InputFile::open(path)?;
    let Some(mut stream) = file.stream()? else { return Ok(Vec::new()) };
    read_notice(&file.extension(), &mut *stream, limits)
        .map_err(|finding| Failure::Use(format!("{}: {}; give a DMMS file", path.display(), finding.message)))
}
