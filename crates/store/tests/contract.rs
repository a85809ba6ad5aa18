//! One contract for both databases: every test here runs on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, both};
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::{Rule, Scope, Store, StoreError, Tx, Value, View};

const SCOPE: Scope = Scope::Dcc;

fn ints(numbers: &[i64]) -> Vec<Value<'static>> {
    numbers.iter().copied().map(Value::Int).collect()
}

fn insert(tx: &mut Tx<'_>, id: i64, name: &str) -> Result<u64, StoreError> {
    tx.execute("INSERT INTO thing (id, name) VALUES ($1, $2)", &[id.into(), name.into()])
}

fn names(store: &mut Store) -> Vec<(i64, String)> {
    let mut tx = store.view(SCOPE).unwrap();
    let sql = "SELECT id, name FROM thing ORDER BY id";
    tx.query(sql, &[], |row| Ok((row.int(0)?, row.text(1)?.to_owned()))).unwrap()
}

fn rule(result: Result<impl std::fmt::Debug, StoreError>) -> Rule {
    match result {
        Err(StoreError::Constraint { rule, .. }) => rule,
        other => panic!("{other:?}"),
    }
}

both!(what_is_committed_is_kept_and_nothing_else, |place| {
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    assert_eq!(insert(&mut tx, 1, "kept").unwrap(), 1);
    tx.commit().unwrap();
    let mut tx = store.decide().unwrap();
    insert(&mut tx, 2, "dropped").unwrap();
    drop(tx);
    assert_eq!(names(&mut store), [(1, "kept".to_owned())]);
    // A store may go to another thread.
    std::thread::spawn(move || drop(store)).join().unwrap();
    assert_eq!(names(&mut place.open()), [(1, "kept".to_owned())]);
});

both!(values_come_back_as_they_went, |place| {
    const TEXTS: [&str; 5] = ["", "é 𝄞", "'x'", "\n\t\u{1}", "$1 ?1 -- \\"];
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    let numbers = [i64::MIN, -1, 0, 1, i64::MAX];
    let insert = "INSERT INTO thing (id, name, number, content) VALUES ($1, $2, $3, $4)";
    for ((id, number), text) in (0_i64..).zip(numbers).zip(TEXTS) {
        tx.execute(insert, &[id.into(), text.into(), number.into(), (&[0_u8, 255, 10]).into()]).unwrap();
    }
    tx.execute(insert, &[9_i64.into(), "no number".into(), None::<i64>.into(), Vec::new().into()]).unwrap();
    tx.execute(insert, &[10_i64.into(), "large".into(), u64::MAX.into(), Value::Null]).unwrap();
    let (mut found, mut texts) = (Vec::new(), Vec::new());
    tx.each("SELECT number, name, content FROM thing WHERE id < 9 ORDER BY id", &[], |row| {
        assert_eq!((row.opt_text(1)?, row.bytes(2)?, row.columns()), (Some(row.text(1)?), &[0, 255, 10][..], 3));
        texts.push(row.text(1)?.to_owned());
        found.push(row.int(0)?);
        Ok(())
    })
    .unwrap();
    assert_eq!((&found[..], &texts[..]), (&numbers[..], &TEXTS.map(str::to_owned)[..]));
    let sql = "SELECT number, content FROM thing WHERE id = $1";
    let empty = tx.query_one(sql, &ints(&[9]), |row| Ok((row.opt_int(0)?, row.opt_bytes(1)?.map(<[u8]>::len))));
    assert_eq!(empty.unwrap(), (None, Some(0)));
    let large = tx
        .query_one(sql, &ints(&[10]), |row| Ok((row.unsigned(0)?, row.opt_unsigned(0)?, row.opt_bytes(1)?.is_none())));
    assert_eq!(large.unwrap(), (u64::MAX, Some(u64::MAX), true));
});

both!(numbers_of_expressions_have_64_bits, |place| {
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    let big = 1_i64 << 40;
    assert_eq!(tx.query_one("SELECT $2 + $1 - 1", &ints(&[1, big]), |row| row.int(0)).unwrap(), big);
    insert(&mut tx, 1, "a").unwrap();
    tx.execute("UPDATE thing SET number = $1", &ints(&[i64::MIN])).unwrap();
    let sql = "SELECT sum(number), count(*), EXISTS (SELECT 1 FROM thing WHERE id = $1), 7 FROM thing LIMIT $2";
    let row =
        tx.query_one(sql, &ints(&[1, 1]), |row| Ok([row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?])).unwrap();
    assert_eq!(row, [i64::MIN, 1, 1, 7]);
    for number in [0, 9_999, 10_000, 120_000_000, -100_000_001] {
        tx.execute("UPDATE thing SET number = $1", &ints(&[number])).unwrap();
        assert_eq!(tx.query_one("SELECT sum(number) FROM thing", &[], |row| row.int(0)).unwrap(), number);
    }
});

both!(text_orders_and_compares_by_its_bytes, |place| {
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    for (id, name) in (0_i64..).zip(["b", "a", "B", "é", "a_", "A", "ab"]) {
        insert(&mut tx, id, name).unwrap();
    }
    let found = tx.query("SELECT name FROM thing ORDER BY name", &[], |row| Ok(row.text(0)?.to_owned())).unwrap();
    assert_eq!(found, ["A", "B", "a", "a_", "ab", "b", "é"]);
    let found =
        tx.query("SELECT name FROM thing WHERE name LIKE 'a%' ORDER BY name", &[], |row| Ok(row.text(0)?.len()));
    assert_eq!(found.unwrap(), [1, 2, 2]);
});

both!(a_wrong_column_is_named, |place| {
    let mut store = place.store();
    let words = |tx: &mut View<'_>, sql: &str| tx.query_one(sql, &[], |row| row.int(0)).unwrap_err().to_string();
    let mut ask = |sql: &str| words(&mut store.view(SCOPE).unwrap(), sql);
    let wrong = "a value does not fit: column 'x' holds";
    assert_eq!(ask("SELECT CAST('a' AS TEXT) AS x"), format!("{wrong} text where an integer was expected"));
    assert_eq!(
        ask("SELECT CAST(NULL AS BIGINT) AS x"),
        format!("{wrong} nothing (NULL) where an integer was expected")
    );
    let mut tx = store.view(SCOPE).unwrap();
    let error = tx.query_one("SELECT 1 AS x", &[], |row| row.text(0).map(str::len)).unwrap_err();
    assert_eq!(error.to_string(), format!("{wrong} an integer where text was expected"));
    drop(tx);
    let mut tx = store.view(SCOPE).unwrap();
    let error = tx.query_one("SELECT 1 AS x", &[], |row| row.int(4)).unwrap_err();
    assert_eq!(error.to_string(), "a value does not fit: there is no column 4");
});

both!(what_a_column_does_not_take_is_refused, |place| {
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    let error = insert(&mut tx, 1, "a\0b").unwrap_err();
    assert_eq!(error.to_string(), "a value does not fit: text must not contain the character NUL");
    drop(tx);
    let mut tx = store.decide().unwrap();
    let error = tx.execute("INSERT INTO thing (id, name) VALUES ($1, 'x')", &["no number".into()]).unwrap_err();
    assert!(matches!(error, StoreError::Type(_)), "{error:?}");
    drop(tx);
    let mut tx = store.decide().unwrap();
    let error = tx.execute("INSERT INTO thing (id, name) VALUES ($1, $2)", &ints(&[1])).unwrap_err();
    assert_eq!(error.to_string(), "a value does not fit: the statement takes 2 values and 1 were given");
    drop(tx);
    let error = store.view(SCOPE).unwrap().query_one("SELECT $1 + $1", &ints(&[1, 2]), |row| row.int(0)).unwrap_err();
    assert_eq!(error.to_string(), "a value does not fit: the statement takes 1 values and 2 were given");
});

both!(rules_of_tables_are_told_apart, |place| {
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    insert(&mut tx, 1, "a").unwrap();
    tx.commit().unwrap();
    let mut attempt = |sql: &str| rule(store.decide().unwrap().execute(sql, &[]));
    assert_eq!(attempt("INSERT INTO thing (id, name) VALUES (1, 'b')"), Rule::Unique);
    assert_eq!(attempt("INSERT INTO thing (id, name) VALUES (2, 'a')"), Rule::Unique);
    assert_eq!(attempt("INSERT INTO thing (id, name) VALUES (2, NULL)"), Rule::NotNull);
    assert_eq!(attempt("INSERT INTO thing (id, name) VALUES (-1, 'b')"), Rule::Check);
    assert_eq!(attempt("INSERT INTO part (id, thing) VALUES (1, 7)"), Rule::ForeignKey);
});

both!(an_error_ends_the_transaction, |place| {
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    insert(&mut tx, 1, "a").unwrap();
    insert(&mut tx, 1, "b").unwrap_err();
    assert!(matches!(insert(&mut tx, 2, "c"), Err(StoreError::Ended)));
    assert!(matches!(tx.query("SELECT 1", &[], |row| row.int(0)), Err(StoreError::Ended)));
    assert!(matches!(tx.commit(), Err(StoreError::Ended)));
    assert_eq!(names(&mut store), []);
    let mut tx = store.decide().unwrap();
    insert(&mut tx, 1, "a").unwrap();
    let error = tx.each("SELECT 1", &[], |_| Err(StoreError::caller("enough"))).unwrap_err();
    assert_eq!(error.to_string(), "enough");
    assert!(matches!(tx.commit(), Err(StoreError::Ended)));
    let mut tx = store.decide().unwrap();
    assert!(matches!(tx.execute("no statement", &[]), Err(StoreError::Other(_))));
    drop(tx);
    let mut tx = store.decide().unwrap();
    assert!(matches!(tx.execute("UPDATE thing SET name = \"no name\"", &[]), Err(StoreError::Other(_))));
    drop(tx);
    insert(&mut store.decide().unwrap(), 1, "a").unwrap();
});

both!(one_row_means_one_row, |place| {
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    insert(&mut tx, 1, "a").unwrap();
    insert(&mut tx, 2, "b").unwrap();
    let one = "SELECT name FROM thing WHERE id = $1";
    assert_eq!(tx.query_optional(one, &ints(&[1]), |row| Ok(row.text(0)?.to_owned())).unwrap().as_deref(), Some("a"));
    assert_eq!(tx.query_optional(one, &ints(&[3]), |row| Ok(row.text(0)?.to_owned())).unwrap(), None);
    tx.commit().unwrap();
    let error = store.view(SCOPE).unwrap().query_one(one, &ints(&[3]), |row| row.value(0).map(|_| ())).unwrap_err();
    assert!(matches!(error, StoreError::Rows("none")));
    let error = store.view(SCOPE).unwrap().query_optional("SELECT id FROM thing", &[], |row| row.int(0)).unwrap_err();
    assert!(matches!(error, StoreError::Rows("several")));
});

both!(reading_changes_nothing_and_sees_one_moment, |place| {
    let mut store = place.store();
    let mut tx = store.view(SCOPE).unwrap();
    let error = tx.query("DELETE FROM thing RETURNING id", &[], |row| row.int(0)).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error:?}");
    drop(tx);
    let mut reading = store.view(SCOPE).unwrap();
    let count = |tx: &mut View<'_>| tx.query_one("SELECT count(*) FROM thing", &[], |row| row.int(0)).unwrap();
    assert_eq!(count(&mut reading), 0);
    let mut other = place.open();
    let mut tx = other.decide().unwrap();
    insert(&mut tx, 1, "a").unwrap();
    tx.commit().unwrap();
    assert_eq!(count(&mut reading), 0);
    drop(reading);
    assert_eq!(count(&mut store.view(SCOPE).unwrap()), 1);
});

both!(writers_wait_for_each_other_but_not_for_ever, |place| {
    let mut store = place.store();
    let mut other = place.open();
    let holding = store.decide().unwrap();
    let began = std::time::Instant::now();
    let error = other.decide().unwrap_err();
    assert!(matches!(error, StoreError::Locked) && error.passes(), "{error:?}");
    assert!(began.elapsed() >= both::PATIENCE / 2);
    let words = "the database is busy with another change; nothing is half done; run the command again";
    assert_eq!(error.to_string(), words);
    other.view(SCOPE).unwrap().query("SELECT id FROM thing", &[], |row| row.int(0)).unwrap();
    drop(holding);
    let mut tx = other.decide().unwrap();
    insert(&mut tx, 1, "a").unwrap();
    tx.commit().unwrap();
});

both!(a_scope_goes_with_each_transaction, |place| {
    let mut store = place.store();
    let scope = Scope::Party("AAA123".parse().unwrap());
    assert_eq!(store.view(scope).unwrap().scope(), &scope);
    assert_eq!(scope.to_string(), "party:AAA123");
    assert_eq!(store.decide().unwrap().scope(), &Scope::Dcc);
    let scope = Scope::S1sp("CGI".parse().unwrap());
    assert_eq!(store.view(scope).unwrap().scope().to_string(), "s1sp:CGI");
});

both!(memory_does_not_grow_with_the_rows, |place| {
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    let mut insert = tx.inserter("part", &["id", "note"]).unwrap();
    for id in 0..20_000_i64 {
        insert.row(&[id.into(), "0123456789".into()]).unwrap();
    }
    assert_eq!(insert.finish().unwrap(), 20_000);
    let mut expected = 0;
    tx.each("SELECT id, note FROM part ORDER BY id", &[], |row| {
        assert_eq!((row.int(0)?, row.text(1)?), (expected, "0123456789"));
        expected += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(expected, 20_000);
    // Stopped in the middle: the connection goes on.
    tx.each("SELECT id FROM part", &[], |_| Err(StoreError::caller("enough"))).unwrap_err();
    drop(tx);
    assert_eq!(names(&mut store), []);
});

both!(a_store_that_is_missing_or_there_already_is_told, |place| {
    let url = place.url().clone();
    assert!(!Store::exists(&url).unwrap());
    let error = Store::open(&url).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("there is no database at {url}; make one with sluice init, or correct the address")
    );
    let mut store = Store::create(&url).unwrap();
    assert!(Store::exists(&url).unwrap());
    assert_eq!(store.url().to_string(), url.to_string());
    assert_eq!(store.version().unwrap(), 0);
    let error = Store::create(&url).unwrap_err();
    assert_eq!(error.to_string(), format!("there is already something at {url}; open it, or choose another address"));
    store.remove().unwrap();
    assert!(!Store::exists(&url).unwrap());
});
