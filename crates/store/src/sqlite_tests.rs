use super::*;

fn mapped(code: i32) -> StoreError {
    of(rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some("words".to_owned())))
}

#[test]
fn result_codes_become_errors_in_words() {
    for (code, kind) in [
        (ffi::SQLITE_BUSY, "Locked"),
        (ffi::SQLITE_BUSY_SNAPSHOT, "Locked"),
        (ffi::SQLITE_LOCKED, "Locked"),
        (ffi::SQLITE_READONLY, "ReadOnly"),
        (ffi::SQLITE_FULL, "Full"),
        (ffi::SQLITE_IOERR_WRITE, "Disk"),
        (ffi::SQLITE_CANTOPEN, "Unreachable"),
        (ffi::SQLITE_CORRUPT, "Damaged"),
        (ffi::SQLITE_NOTADB, "Damaged"),
        (ffi::SQLITE_CONSTRAINT_DATATYPE, "Type"),
        (ffi::SQLITE_ERROR, "Other"),
        (ffi::SQLITE_CONSTRAINT_UNIQUE, "Constraint { rule: Unique"),
        (ffi::SQLITE_CONSTRAINT_PRIMARYKEY, "Constraint { rule: Unique"),
        (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, "Constraint { rule: ForeignKey"),
        (ffi::SQLITE_CONSTRAINT_CHECK, "Constraint { rule: Check"),
        (ffi::SQLITE_CONSTRAINT_NOTNULL, "Constraint { rule: NotNull"),
    ] {
        let error = format!("{:?}", mapped(code));
        assert!(error.starts_with(kind), "{code}: {error}");
    }
}

#[test]
fn a_setting_that_does_not_hold_is_named() {
    let connection = Connection::open_in_memory().unwrap();
    let error = set(&connection, "journal_mode", "WAL", "wal").unwrap_err();
    let words = "the database's setting journal_mode is 'memory' and must be 'wal'; correct it and start again";
    assert_eq!(error.to_string(), words);
}

#[test]
fn a_database_with_pages_of_another_size_is_copied_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display()).parse().unwrap();
    create(&folder.path().join("old.db"), 4096).unwrap();
    let mut old = crate::store::Store::open(&url("old.db")).unwrap();
    let mut tx = old.decide().unwrap();
    tx.execute("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY) STRICT", &[]).unwrap();
    tx.execute("INSERT INTO t (id) VALUES (7)", &[]).unwrap();
    tx.commit().unwrap();
    let mut copy = old.copy_to(&url("copy.db")).unwrap();
    let mut tx = copy.view(crate::scope::Scope::Dcc).unwrap();
    assert_eq!(tx.query_one("SELECT id FROM t", &[], |row| row.int(0)).unwrap(), 7);
    drop(tx);
    let pages = |name: &str| page(&Connection::open(folder.path().join(name)).unwrap()).unwrap();
    assert_eq!([pages("old.db"), pages("copy.db")], [4096, 4096]);
    crate::store::Store::create(&url("new.db")).unwrap();
    assert_eq!(pages("new.db"), PAGE);
}

#[test]
fn a_path_is_never_read_as_a_uri() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["file:x.db", "file:y.db?mode=ro", "a%20b.db", "x.db"] {
        let path = folder.path().join(name);
        create(&path, PAGE).unwrap();
        assert!(open(&path, &Options::default()).is_ok(), "{name}");
    }
    let relative = Path::new("file:sluice-that-is-not-there.db");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    assert!(connect(relative, flags).is_err());
    let error = create(&folder.path().join("x".repeat(241)), PAGE).unwrap_err().to_string();
    assert!(error.contains("at most 240 bytes"), "{error}");
}
