use super::*;

#[test]
fn pieces_give_the_text_again() {
    let sql = "SELECT 'it''s -- $1', \"a b\", x/*;\n*/+$2 -- end ' \n FROM t WHERE é='ü' -- last";
    let text: String = pieces(sql)
        .map(|piece| match piece {
            Piece::Word(text) | Piece::Other(text) => text,
        })
        .collect();
    assert_eq!(text, sql);
    let words: Vec<_> =
        pieces(sql).filter_map(|piece| if let Piece::Word(word) = piece { Some(word) } else { None }).collect();
    assert_eq!(words, ["SELECT", "x", "$2", "FROM", "t", "WHERE", "é"]);
    assert_eq!(pieces("'open").count(), 1);
    assert_eq!(pieces("/* open").count(), 1);
}

#[test]
fn a_script_is_cut_at_the_ends_of_lines() {
    let script = "-- first\nCREATE TABLE a (x TEXT DEFAULT ';');\n\nCREATE INDEX b ON a (x);\n-- nothing more\n";
    let found: Vec<_> = statements(script).collect();
    assert_eq!(found, ["-- first\nCREATE TABLE a (x TEXT DEFAULT ';')", "CREATE INDEX b ON a (x)"]);
    assert!(only("-- only sqlite\nSELECT 1", "sqlite"));
    assert!(!only("-- only sqlite\nSELECT 1", "postgresql"));
    assert!(only("SELECT 1", "postgresql"));
}

#[test]
fn the_schema_is_turned_into_postgresql() {
    let table = "CREATE TABLE t (\n  id INTEGER PRIMARY KEY, -- an INTEGER\n  name TEXT NOT NULL DEFAULT 'TEXT', b BLOB\n) STRICT, WITHOUT ROWID";
    let wanted = "CREATE TABLE t (\n  id BIGINT PRIMARY KEY, -- an INTEGER\n  name TEXT COLLATE \"C\" NOT NULL DEFAULT 'TEXT', b BYTEA\n)";
    assert_eq!(to_postgresql(table), wanted);
    let index = "CREATE INDEX i ON t (id) WHERE strict = 1";
    assert_eq!(to_postgresql(index), index);
    assert_eq!(to_postgresql("DROP TABLE t"), "DROP TABLE t");
}

#[test]
fn a_key_becomes_an_array_of_keys() {
    let sql = "SELECT id, '$key' FROM t WHERE id = $key AND a = $1";
    assert_eq!(with_keys(sql, 2).unwrap(), "SELECT id, '$key' FROM t WHERE id = ANY($2) AND a = $1 ORDER BY 1");
    let sql = "SELECT id, b FROM t WHERE id = $key ORDER BY b DESC";
    assert_eq!(with_keys(sql, 1).unwrap(), "SELECT id, b FROM t WHERE id = ANY($1) ORDER BY 1, b DESC");
    assert_eq!(with_keys("SELECT id FROM t", 1), None);
    assert_eq!(with_keys("SELECT id FROM t WHERE a = $key OR b = $key", 1), None);
}

#[test]
fn parameters_are_counted_once_each() {
    assert_eq!(parameters("SELECT $2 + $1, '$3', $1 -- $4"), 2);
    assert_eq!(parameters("SELECT 1 FROM t WHERE id = $key"), 0);
}

#[test]
fn a_change_of_one_row_becomes_one_of_many() {
    let sql = "UPDATE t SET a = a + $2, b = '$2' where id = $1";
    let wanted = "UPDATE t SET a = a + given.v2, b = '$2' FROM UNNEST($1::bigint[], $2::text[]) AS given(v1, v2) WHERE id = given.v1";
    assert_eq!(with_arrays(sql, &["bigint", "text"]).unwrap(), wanted);
    let sql = "DELETE FROM t WHERE id = $1";
    let wanted = "DELETE FROM t USING UNNEST($1::bigint[]) AS given(v1) WHERE id = given.v1";
    assert_eq!(with_arrays(sql, &["bigint"]).unwrap(), wanted);
    assert_eq!(with_arrays("INSERT INTO t VALUES ($1)", &["bigint"]), None);
    assert_eq!(with_arrays("UPDATE t SET a = (SELECT 1 WHERE 1 = $1) WHERE id = $1", &["bigint"]), None);
}
