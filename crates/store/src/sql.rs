//! The little that has to be done to SQL so that one text serves both databases.

/// A piece of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    /// Letters, digits, `_` and `$` together: a keyword, a name, a number, a placeholder.
    Word(&'a str),
    /// Anything else, one literal, quoted name or comment at a time.
    Other(&'a str),
}

/// Cuts SQL into pieces that give the text again when put together.
fn pieces(sql: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = match first {
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            first if of_word(first) => rest.find(|c| !of_word(c)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        let (piece, others) = rest.split_at(length);
        rest = others;
        Some(if of_word(first) { Piece::Word(piece) } else { Piece::Other(piece) })
    })
}

fn of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

/// Puts SQL together again with some words replaced.
fn replaced<'a>(sql: &'a str, mut replace: impl FnMut(&'a str) -> Option<String>) -> String {
    let mut text = String::with_capacity(sql.len() + 64);
    for piece in pieces(sql) {
        match piece {
            Piece::Word(word) => match replace(word) {
                Some(new) => text.push_str(&new),
                None => text.push_str(word),
            },
            Piece::Other(other) => text.push_str(other),
        }
    }
    text
}

/// The statements of a script: each ends with `;` at the end of a line.
pub(crate) fn statements(script: &str) -> impl Iterator<Item = &str> {
    let statements = script.split_inclusive(";\n").map(|statement| statement.trim().trim_end_matches(';'));
    statements.filter(|text| words(text).next().is_some())
}

/// The words of SQL, without its literals, quoted names and comments.
pub(crate) fn words(sql: &str) -> impl Iterator<Item = &str> {
    pieces(sql).filter_map(|piece| match piece {
        Piece::Word(word) => Some(word),
        Piece::Other(_) => None,
    })
}

/// Whether a statement is marked for one database only, by a first line `-- only sqlite` or `-- only postgresql`.
pub(crate) fn only(statement: &str, name: &str) -> bool {
    match statement.lines().next().and_then(|line| line.strip_prefix("-- only ")) {
        Some(marked) => marked.trim() == name,
        None => true,
    }
}

/// Turns a statement of SQLite's schema language into PostgreSQL's: `INTEGER` becomes `BIGINT`, `BLOB` becomes
/// `BYTEA`, `TEXT` becomes `TEXT COLLATE "C"` so that text orders by its bytes as SQLite's does, and `STRICT` and
/// `WITHOUT ROWID` behind the last bracket go. Literals, quoted names and comments stay.
pub(crate) fn to_postgresql(statement: &str) -> String {
    let end = statement.rfind(')').map_or(statement.len(), |bracket| bracket + 1);
    let options = statement[end..].split([',', ' ', '\n', '\r', '\t']);
    let only_options = options
        .filter(|word| !word.is_empty())
        .all(|word| ["STRICT", "WITHOUT", "ROWID"].iter().any(|option| word.eq_ignore_ascii_case(option)));
    replaced(if only_options { &statement[..end] } else { statement }, |word| {
        let new = match word.to_ascii_uppercase().as_str() {
            "INTEGER" => "BIGINT",
            "BLOB" => "BYTEA",
            "TEXT" => "TEXT COLLATE \"C\"",
            _ => return None,
        };
        Some(new.to_owned())
    })
}

/// How many different `$1`, `$2`, … a statement has.
pub(crate) fn parameters(sql: &str) -> usize {
    let mut found: Vec<&str> = pieces(sql)
        .filter_map(|piece| match piece {
            Piece::Word(word) => word.strip_prefix('$').filter(|number| number.parse::<u16>().is_ok()),
            Piece::Other(_) => None,
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found.len()
}

/// Turns `… = $key …` into `… = ANY($n) …`, in the order of the first column, which is the key; nothing if the text has not
/// exactly one `$key`.
pub(crate) fn with_keys(sql: &str, parameter: usize) -> Option<String> {
    let mut found = 0;
    let text = replaced(sql, |word| {
        (word == "$key").then(|| {
            found += 1;
            format!("ANY(${parameter})")
        })
    });
    let ordered = match text.split_once(" ORDER BY ") {
        Some((query, order)) => format!("{query} ORDER BY 1, {order}"),
        None => text + " ORDER BY 1",
    };
    (found == 1).then_some(ordered)
}

/// Turns `UPDATE t SET … WHERE …` or `DELETE FROM t WHERE …` for one row of values into the same for arrays of them:
/// `$1` becomes `given.v1`, and the arrays are joined in before `WHERE`. Nothing if it is not such a statement.
pub(crate) fn with_arrays(sql: &str, types: &[&str]) -> Option<String> {
    let first = sql.split_whitespace().next()?.to_ascii_uppercase();
    let join = match first.as_str() {
        "UPDATE" => "FROM",
        "DELETE" => "USING",
        _ => return None,
    };
    let arrays: Vec<_> = types.iter().enumerate().map(|(index, kind)| format!("${}::{kind}[]", index + 1)).collect();
    let names: Vec<_> = (1..=types.len()).map(|index| format!("v{index}")).collect();
    let source = format!("{join} UNNEST({}) AS given({}) WHERE", arrays.join(", "), names.join(", "));
    let mut wheres = 0;
    let text = replaced(sql, |word| match word.strip_prefix('$') {
        Some(number) => Some(format!("given.v{number}")),
        None => word.eq_ignore_ascii_case("WHERE").then(|| {
            wheres += 1;
            source.clone()
        }),
    });
    (wheres == 1).then_some(text)
}

#[cfg(test)]
#[path = "sql_tests.rs"]
mod tests;
