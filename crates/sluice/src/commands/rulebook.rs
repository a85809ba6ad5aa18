//! `sluice rulebook`.

use crate::cli::{Rulebook as Args, RulebookAction};
use crate::failure::{Done, Failure, Outcome};
use crate::offline::Books;
use crate::print::{print_json, print_line};
use crate::show::{folded, table};
use serde_json::{Value, json};
use sluice_rules::rulebook::{Rulebook, differences};

const LEGEND: &str = "Standing: [S] stated by a public source, [D] derived by us from one, [R] our own rule. \
                      Nothing here is the text of the MSM or the MAM.";

/// Runs `sluice rulebook`.
///
/// # Errors
/// If it could not do its work.
pub fn run(args: &Args) -> Outcome {
    let books = Books::load()?;
    match &args.action {
        RulebookAction::List { json } => list(&books, *json),
        RulebookAction::Show { id, json } => show(books.get(id)?, *json),
        RulebookAction::Diff { first, second, json } => diff(books.get(first)?, books.get(second)?, *json),
    }?;
    Ok(Done::Clean)
}

fn list(books: &Books, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return print_json(&books.all.iter().map(head).collect());
    }
    let rows = books.all.iter().map(|book| {
        vec![
            book.id.clone(),
            book.document.to_string(),
            book.version.clone(),
            published(book),
            book.in_effect.to_string(),
        ]
    });
    print_line(&table(&["Rulebook", "Document", "Version", "Published", "In effect from"], rows))
}

fn published(book: &Rulebook) -> String {
    book.published.map_or_else(|| "not known".to_owned(), |date| date.to_string())
}

fn head(book: &Rulebook) -> Value {
    json!({
        "id": book.id, "document": book.document.to_string(), "version": book.version,
        "published": book.published.map(|date| date.to_string()), "in_effect": book.in_effect.to_string(),
        "attachments": book.attachments,
    })
}

fn show(book: &Rulebook, as_json: bool) -> Result<(), Failure> {
    if as_json {
        let mut value = head(book);
        value["parameters"] = book
            .parameters
            .iter()
            .map(|parameter| {
                json!({
                    "name": parameter.name, "rule": parameter.rule, "value": parameter.value.to_string(),
                    "unit": parameter.unit, "standing": parameter.standing.to_string(), "source": parameter.source,
                })
            })
            .collect();
        return print_json(&value);
    }
    print_line(&format!("{}: {} V{}", book.id, book.document, book.version))?;
    print_line(&format!("Published {}, in effect from {}", published(book), book.in_effect))?;
    if !book.attachments.is_empty() {
        print_line(&format!("Attachments: {}", book.attachments.join(", ")))?;
    }
    let rows = book.parameters.iter().map(|parameter| {
        let value = format!("{} {}", parameter.value, parameter.unit);
        vec![
            parameter.name.clone(),
            parameter.rule.clone(),
            value.trim_end().to_owned(),
            parameter.standing.to_string(),
            parameter.source.clone(),
        ]
    });
    print_line(&table(&["Parameter", "Rule", "Value", "Standing", "Source"], rows))?;
    print_line(LEGEND)
}

/// RB-3: the change-marked view.
fn diff(first: &Rulebook, second: &Rulebook, as_json: bool) -> Result<(), Failure> {
    let lines = differences(first, second);
    if as_json {
        let line = |line: &sluice_rules::rulebook::ParameterDifference| json!({ "name": line.name, "first": line.first, "second": line.second });
        return print_json(&json!({
            "first": first.id, "second": second.id, "differences": lines.iter().map(line).collect::<Vec<_>>(),
        }));
    }
    if lines.is_empty() {
        return print_line(&format!("{} and {} do not differ.", first.id, second.id));
    }
    for line in lines {
        let absent = || "(not there)".to_owned();
        print_line(&line.name)?;
        print_line(&folded("  ", &format!("- {}: {}", first.id, line.first.unwrap_or_else(absent))))?;
        print_line(&folded("  ", &format!("+ {}: {}", second.id, line.second.unwrap_or_else(absent))))?;
    }
    Ok(())
}
