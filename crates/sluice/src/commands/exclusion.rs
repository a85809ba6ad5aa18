//! `sluice exclusion`: candidates, decisions, categories (OUT-2, EXC-1).

use crate::cli::days::{ExclusionAction, ExclusionDecision};
use crate::failure::{Done, Outcome};
use crate::print::{print_json, print_line};
use crate::session::Session;
use crate::show::table;
use serde_json::json;
use sluice_rules::reference::ExclusionCategory;
use sluice_service::bars::exclusions::{DecideExclusion, LiftExclusion, lines};

/// Runs `sluice exclusion`.
///
/// # Errors
/// If a rule does not allow it.
pub fn run(action: ExclusionAction) -> Outcome {
    match action {
        ExclusionAction::List { at } => {
            let mut session = Session::open_to_read(&at)?;
            let reader = session.overseer("the list of exclusions")?;
            let lines = session.service.look(session.now, &reader, lines)?;
            if at.json {
                print_json(&json!({ "exclusions": lines }))?;
            } else if lines.is_empty() {
                print_line("Nothing is excluded, and there is no candidate.")?;
            } else {
                let header = ["CHF Device ID", "Meter", "Category", "From", "Origin"];
                let rows =
                    lines.into_iter().map(|line| vec![line.chf, line.fuel, line.category, line.from, line.origin]);
                print_line(&table(&header, rows))?;
            }
        }
        ExclusionAction::Categories { at } => {
            let session = Session::open_to_read(&at)?;
            let categories = &session.service.books().categories;
            if at.json {
                let one = |category: &ExclusionCategory| {
                    let ExclusionCategory { name, from, standing, meaning, .. } = category;
                    json!({ "category": name, "from": from.to_string(), "standing": standing.to_string(), "meaning": meaning })
                };
                print_json(&json!({ "categories": categories.iter().map(one).collect::<Vec<_>>() }))?;
                return Ok(Done::Clean);
            }
            let rows = categories.iter().map(|category| {
                let from = category.from.to_string();
                vec![category.name.clone(), from, category.standing.to_string(), category.meaning.clone()]
            });
            print_line(&table(&["Category", "From", "Standing", "Meaning"], rows))?;
        }
        ExclusionAction::Decide { chf, what: ExclusionDecision { exclude, keep: _ }, why, by, at } => {
            let mut session = Session::open(&at)?;
            let by = session.named(by.as_deref())?;
            let words = match &exclude {
                Some(category) => format!("is excluded in the category {}", category.to_ascii_uppercase()),
                None => "is not excluded; its count of attempts restarts".to_owned(),
            };
            let failed = session.service.act(session.now, &by, DecideExclusion { chf, exclude, why })?;
            print_line(&format!("{chf}, after {failed} failed attempts, {words}; its suppliers are told."))?;
        }
        ExclusionAction::Lift { chf, fuel, why, by, at } => {
            let mut session = Session::open(&at)?;
            let by = session.named(by.as_deref())?;
            session.service.act(session.now, &by, LiftExclusion { chf, fuel, why })?;
            let what = fuel.map_or(String::new(), |fuel| format!("the {} meter of ", fuel.word().to_ascii_lowercase()));
            print_line(&format!("The exclusion of {what}{chf} is lifted; its suppliers are told."))?;
        }
    }
    Ok(Done::Clean)
}
