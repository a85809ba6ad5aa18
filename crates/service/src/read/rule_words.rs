//! What a rule or a code says, and what to do about it, as the documents have it.

/// The documents of the rules, in the order of their index.
const DOCUMENTS: [&str; 14] = [
    include_str!("../../../../docs/rules/rulebooks.md"),
    include_str!("../../../../docs/rules/calendar.md"),
    include_str!("../../../../docs/rules/scaling.md"),
    include_str!("../../../../docs/rules/weeks.md"),
    include_str!("../../../../docs/rules/authorisation.md"),
    include_str!("../../../../docs/rules/row-codes.md"),
    include_str!("../../../../docs/rules/file-codes.md"),
    include_str!("../../../../docs/rules/dormant.md"),
    include_str!("../../../../docs/rules/schedules.md"),
    include_str!("../../../../docs/rules/stop-orders.md"),
    include_str!("../../../../docs/rules/reference-data.md"),
    include_str!("../../../../docs/rules/people.md"),
    include_str!("../../../../docs/rules/reports.md"),
    include_str!("../../../../docs/rules/states.md"),
];

/// The sections of all rules: the heading begins with the id.
fn sections() -> impl Iterator<Item = &'static str> {
    DOCUMENTS.iter().flat_map(|document| document.split("\n## ").skip(1))
}

fn id_of(section: &str) -> &str {
    section.split_whitespace().next().unwrap_or_default()
}

/// What a rule or a code says, and what to do about it; nothing if there is none of this id.
#[must_use]
pub fn section(id: &str) -> Option<&'static str> {
    sections().find(|section| id_of(section).eq_ignore_ascii_case(id))
}

/// What is said where there is none of an id.
#[must_use]
pub fn unknown(id: &str) -> String {
    let family: String = id.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_uppercase();
    let of_family = |known: &&str| known.trim_end_matches(|c: char| !c.is_ascii_alphabetic()) == family;
    let alike: Vec<&str> = sections().map(id_of).filter(of_family).collect();
    match (alike.first(), alike.last()) {
        (Some(first), Some(last)) => format!("there is no rule or code {id}; {family} goes from {first} to {last}"),
        _ => format!("there is no rule or code {id}; name one as a message has it in brackets, such as MAM-3 or FI07"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluice_rules::codes::{FileCode, RowCode};

    #[test]
    fn every_code_says_what_to_do() {
        let codes = RowCode::ALL.iter().map(|code| code.code()).chain(FileCode::ALL.iter().map(|code| code.code()));
        for code in codes {
            let section = section(code).unwrap_or_else(|| panic!("{code} has no section"));
            assert!(section.contains("\nWhat to do: "), "{code}");
        }
        assert!(section("mam-11").is_some_and(|section| section.starts_with("MAM-11 ")));
    }

    #[test]
    fn what_is_no_rule_is_answered_by_what_there_is() {
        assert_eq!(unknown("STOP-9"), "there is no rule or code STOP-9; STOP goes from STOP-1 to STOP-1");
        assert!(unknown("x").contains("such as MAM-3"));
    }
}
