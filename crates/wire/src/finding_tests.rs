use super::*;
use crate::authorisation::read_authorisation;
use crate::dormant::{Reasons, read_answers};
use crate::hold::read_holds;
use crate::layout::{ANSWER, AUTHORISATION, HOLD, Layout, OUTCOME};
use crate::outcome::read_outcomes;
use crate::reference::LIMITS;
use std::io::Cursor;

const ROWS: usize = 50;

/// A file of rows of which nothing can be read.
fn bad(layout: &Layout) -> Cursor<String> {
    let row = format!("{}\n", layout.columns.iter().map(|_| "x").collect::<Vec<_>>().join(","));
    Cursor::new(format!("{}\n{}", layout.columns.join(","), row.repeat(ROWS)))
}

/// The refused rows of a file of each kind.
fn of_each_kind(limits: &Limits) -> Vec<Vec<RowFinding>> {
    let reasons = Reasons { known: &[], with_statement: &[], blank_is_none: true };
    vec![
        read_authorisation("csv", &mut bad(&AUTHORISATION), limits, None).unwrap().refused(),
        read_holds("csv", &mut bad(&HOLD), limits).unwrap().refused,
        read_answers("csv", &mut bad(&ANSWER), limits, reasons).unwrap().refused,
        read_outcomes("csv", &mut bad(&OUTCOME), limits).unwrap().refused,
    ]
}

#[test]
fn ma_4_every_row_has_its_codes_when_its_words_are_too_many() {
    let all = of_each_kind(&LIMITS);
    let some = of_each_kind(&Limits { words: 1_000, ..LIMITS });
    for (all, some) in all.iter().zip(&some) {
        assert_eq!((all.len(), some.len()), (ROWS, ROWS));
        let codes = |rows: &[RowFinding]| rows.iter().map(RowFinding::codes).collect::<Vec<_>>();
        assert_eq!(codes(all), codes(some));
        assert_eq!(all[0], some[0]);
        let last = &some[ROWS - 1];
        let meanings: Vec<&str> = last.findings.iter().map(|(code, _)| code.meaning()).collect();
        assert_eq!(last.message(), meanings.join("; "));
        let words = |rows: &[RowFinding]| {
            rows.iter().flat_map(|row| &row.findings).map(|(_, words)| words.len()).sum::<usize>()
        };
        assert!(words(some) <= 1_000 && words(all) > 1_000, "{} {}", words(some), words(all));
    }
}
