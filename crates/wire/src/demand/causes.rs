//! What is wrong with the rows of a file, each cause once: how many rows have it, and the first of them.

/// Causes that are named; of more their rows are only counted. A file with a million wrong rows must not make a million words.
const NAMED: usize = 5;

/// Rows that are named of a cause that many have.
const FIRST: usize = 3;

/// Causes in the order in which they were found.
#[derive(Default)]
pub(super) struct Causes {
    found: Vec<Cause>,
    /// Rows with other causes than those.
    others: u64,
}

/// What rows have in common.
struct Cause {
    /// What is wrong with such rows, without its subject.
    what: String,
    /// The first row in a sentence of its own.
    sentence: String,
    /// The first rows, as they are listed.
    rows: Vec<String>,
    count: u64,
}

impl Causes {
    /// Notes a row: what is wrong with all that are like it, it in a sentence, and it in a list.
    pub(super) fn note(&mut self, what: String, sentence: impl FnOnce() -> String, row: impl FnOnce() -> String) {
        match self.found.iter().position(|cause| cause.what == what) {
            Some(place) => {
                let cause = &mut self.found[place];
                cause.count += 1;
                if cause.rows.len() < FIRST {
                    cause.rows.push(row());
                }
            }
            None if self.found.len() < NAMED => {
                self.found.push(Cause { what, sentence: sentence(), rows: vec![row()], count: 1 });
            }
            None => self.others += 1,
        }
    }

    /// The causes in words; none if no row was noted.
    pub(super) fn words(&self) -> Vec<String> {
        let others = match self.others {
            0 => None,
            1 => Some("and 1 more row".to_owned()),
            more => Some(format!("and {more} more rows")),
        };
        self.found.iter().map(Cause::words).chain(others).collect()
    }
}

impl Cause {
    fn words(&self) -> String {
        let Self { what, sentence, rows, count } = self;
        if *count == 1 {
            return sentence.clone();
        }
        let listed = rows.join(", ");
        match count.saturating_sub(u64::try_from(rows.len()).unwrap_or(u64::MAX)) {
            0 => format!("{count} rows {what}: {listed}"),
            more => format!("{count} rows {what}: {listed} and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fi19_a_cause_is_named_once_with_its_first_rows_and_their_number() {
        let mut causes = Causes::default();
        assert_eq!(causes.words(), Vec::<String>::new());
        let mut note = |what: &str, row: u64| {
            causes.note(what.to_owned(), || format!("row {row} alone"), || format!("row {row}"));
        };
        (2..9).for_each(|row| note("are wrong", row));
        note("is odd", 9);
        (10..12).for_each(|row| note("repeat a day", row));
        (12..20).for_each(|row| note(&format!("are strange {row}"), row));
        let words = causes.words();
        assert_eq!(
            words[..3],
            ["7 rows are wrong: row 2, row 3, row 4 and 4 more", "row 9 alone", "2 rows repeat a day: row 10, row 11",]
        );
        assert_eq!(words[3..], ["row 12 alone", "row 13 alone", "and 6 more rows"]);
    }
}
