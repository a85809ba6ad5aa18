//! The first week once more, from the files alone.

use crate::cli::{DemandSource, ResponseForm, Scale};
use crate::commands::demo::programme::WEEKS;
use crate::commands::demo::stage::{Stage, demand_folder};
use crate::commands::explain::in_words;
use crate::commands::scale::{Executed, execute};
use crate::failure::Failure;
use crate::offline::{Books, verify};
use crate::print::Lines;
use crate::show::count;
use sluice_rules::scaling::{Line, PoolResult};
use sluice_store::tables::results;
use sluice_wire::report::Link;
use std::path::Path;

/// The first week is shared again from the files alone, explained, verified, and compared with the database.
///
/// # Errors
/// If the folder or the database fails, or the results differ: a defect.
pub fn without_the_database(stage: &mut Stage) -> Result<(), Failure> {
    let scale = scale_args(&stage.folder);
    let note = "Invented data: everything on this page is made up for a demonstration, suppliers, figures and meters.";
    let reports = Link {
        href: "reports/index.html".to_owned(),
        title: "All reports".to_owned(),
        words: String::new(),
        others: Vec::new(),
    };
    let executed = execute(&scale, Some(note), &[reports])?;
    let lines = compare(stage, &executed.computed.pools)?;
    stage.explained = explained(&executed);
    let verified = verified(&scale, &Books::load()?)?;
    stage.tell(
        WEEKS[0],
        format!(
            "Scaled once more from the files alone: {verified}; the database holds the same {}.",
            count(lines, "line")
        ),
    );
    Ok(())
}

/// Is a result that was computed without the database the one in it?
///
/// # Errors
/// If it is not: a defect.
fn compare(stage: &mut Stage, pools: &[PoolResult]) -> Result<usize, Failure> {
    let mut lines = 0;
    for pool in pools {
        let stored = stage.look(|work| Ok(results::lines(&mut work.tx, &pool.s1sp, pool.date, pool.date, 1)?))?;
        let same = stored.len() == pool.lines.len()
            && pool.lines.iter().zip(&stored).all(|(line, stored)| {
                let figures = (line.party, line.allocation, line.opening, line.closing);
                figures == (stored.party, stored.allocation, stored.opening, stored.closing)
            });
        if !same {
            let message =
                format!("{} on {} differs between database and files; this is a defect", pool.s1sp, pool.date);
            return Err(Failure::Internal(message));
        }
        lines += stored.len();
    }
    Ok(lines)
}

fn scale_args(folder: &Path) -> Scale {
    Scale {
        capacity: folder.join("reference").join("capacity-of-the-first-week.csv"),
        demand: DemandSource { demand: vec![demand_folder(folder, WEEKS[0])], demand_table: None },
        eligible: Some(folder.join("eligible.csv")),
        rulebook: None,
        dmin: None,
        balances: None,
        report: Some(folder.join("report.html")),
        table_only: false,
        responses: ResponseForm::Csv,
        out: folder.join("result"),
        force: false,
        json: false,
    }
}

/// One supplier's day in words: the scaled line whose rounding had the most to say.
fn explained(executed: &Executed) -> Option<Lines> {
    let lines = executed.computed.pools.iter().flat_map(|pool| pool.lines.iter().map(move |line| (pool, line)));
    let telling = |(_, line): &(&PoolResult, &Line)| line.rounding.is_some() && line.extra && line.opening != 0;
    let (pool, line) = lines.clone().find(telling).or_else(|| lines.clone().next())?;
    let monday = sluice_rules::calendar::monday_of(pool.date).ok();
    let week = executed.computed.weeks.iter().find(|week| week.s1sp == pool.s1sp && Some(week.monday) == monday);
    Some(in_words(pool, line, week.map_or("", |week| &week.terms.rulebook)))
}

fn verified(scale: &Scale, books: &Books) -> Result<String, Failure> {
    let verification = verify(&scale.out.join("bundle.json"), books)?;
    if let Some(difference) = verification.difference {
        return Err(Failure::Internal(format!("the demonstration does not verify: {difference}; this is a defect")));
    }
    let (pools, inputs) = (count(verification.computed.pools.len(), "pool"), count(verification.inputs, "input"));
    Ok(format!("{pools} recomputed from {inputs} are the same byte for byte"))
}
