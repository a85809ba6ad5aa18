#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn widest(lines: &Lines) -> usize {
    lines.to_string().lines().map(|line| line.chars().count()).max().unwrap()
}

#[test]
fn a_wide_table_is_folded_between_words_and_short_cells_stay_whole() {
    let long = "a reason ".repeat(20);
    let lines =
        table(&["Day", "What", "Name"], [row(&["Mon 26 Jul 2021", long.trim(), "MAR_CGI_70-B3-D5-1F-30-00-A0-08"])]);
    let text = lines.to_string();
    assert!(widest(&lines) <= WIDTH && text.contains(" Mon 26 Jul 2021 "), "{text}");
    assert!(text.contains("MAR_CGI_70-B3-D5-1F-30-00-A0-08"), "{text}");
    assert_eq!(text.matches("reason").count(), 20);
}

#[test]
fn columns_for_which_there_is_no_room_stand_in_further_tables_behind_the_first() {
    let titles: Vec<String> = (1..=20).map(|number| format!("Column{number}")).collect();
    let header: Vec<&str> = titles.iter().map(String::as_str).collect();
    let lines = table(&header, [titles.clone()]);
    let text = lines.to_string();
    assert!(widest(&lines) <= WIDTH, "{text}");
    assert!(titles.iter().all(|title| text.contains(title.as_str())), "{text}");
    assert_eq!(text.matches("Column1 ").count(), 2 * text.matches("───\n").count(), "{text}");
}

#[test]
fn a_narrow_table_is_as_it_was() {
    let lines = table(&["A", "B"], [row(&["1", "some words"])]);
    assert_eq!(lines.to_string().lines().count(), 3);
}

#[test]
fn a_long_line_is_folded_and_a_long_word_stays() {
    let text = folded("  ", &format!("{} {}", "word ".repeat(30).trim(), "x".repeat(120))).to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.iter().filter(|line| line.chars().count() > WIDTH).count() == 1, "{text}");
    assert!(lines[0].starts_with("  word") && lines[1].starts_with("      word"), "{text}");
    assert_eq!(text.split_whitespace().count(), 31);
}
