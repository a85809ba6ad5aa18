//! The contract of bulk work and of whole databases, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, SCHEMA, both};
use sluice_rules::reference::ImportDifference;
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::schema::MIGRATIONS;
use sluice_store::tables::stage::{self, Change};
use sluice_store::{Migration, Rule, Scope, Store, StoreError, Tx, Value, View};

const SCOPE: Scope = Scope::Dcc;
const COLUMNS: [&str; 4] = ["id", "name", "number", "content"];

/// A store with things of even numbers below twice `count`.
fn filled(place: &Place, count: i64) -> Store {
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    let mut insert = tx.inserter("thing", &COLUMNS).unwrap();
    for id in (0..2 * count).step_by(2) {
        let name = format!("thing {id}");
        let number = (id % 4 == 0).then_some(-id);
        insert.row(&[id.into(), (&name).into(), number.into(), (&id.to_be_bytes()).into()]).unwrap();
    }
    assert_eq!(insert.finish().unwrap(), count.cast_unsigned());
    tx.commit().unwrap();
    store
}

fn count(tx: &mut View<'_>, table: &str) -> i64 {
    tx.query_one(&format!("SELECT count(*) FROM {table}"), &[], |row| row.int(0)).unwrap()
}

both!(many_rows_are_inserted, |place| {
    let mut store = filled(place, 25_000);
    let mut tx = store.view(SCOPE).unwrap();
    assert_eq!(count(&mut tx, "thing"), 25_000);
    let sql = "SELECT id, name, number, content FROM thing WHERE id >= 49996 ORDER BY id";
    let found = tx.query(sql, &[], |row| Ok((row.text(1)?.to_owned(), row.opt_int(2)?, row.bytes(3)?.len()))).unwrap();
    assert_eq!(found, [("thing 49996".to_owned(), Some(-49996), 8), ("thing 49998".to_owned(), None, 8)]);
});

both!(an_inserter_that_fails_or_is_left_ends_the_transaction, |place| {
    let mut store = filled(place, 10);
    let row = |id: i64| [Value::from(id), format!("new {id}").into()];
    // What breaks a rule.
    let mut tx = store.decide().unwrap();
    let mut insert = tx.inserter("thing", &COLUMNS[..2]).unwrap();
    let error = insert.row(&row(7)).and_then(|()| insert.row(&row(8))).and_then(|()| insert.finish()).unwrap_err();
    assert!(matches!(error, StoreError::Constraint { rule: Rule::Unique, .. }), "{error:?}");
    assert!(matches!(tx.commit(), Err(StoreError::Ended)));
    // Rows that do not fit the columns.
    for values in [&row(9)[..1], &["x".into(), "y".into()], &[11_i64.into(), "a\0".into()]] {
        let mut tx = store.decide().unwrap();
        let mut insert = tx.inserter("thing", &COLUMNS[..2]).unwrap();
        let error = insert.row(values).unwrap_err();
        assert!(matches!(error, StoreError::Type(_)), "{error:?}");
        assert!(matches!(insert.row(&row(13)), Err(StoreError::Ended) | Err(StoreError::Type(_))));
        assert!(insert.finish().is_err());
        assert!(matches!(tx.commit(), Err(StoreError::Ended)));
    }
    // One that is left.
    let mut tx = store.decide().unwrap();
    tx.inserter("thing", &COLUMNS[..2]).unwrap().row(&row(15)).unwrap();
    assert!(matches!(tx.commit(), Err(StoreError::Ended)));
    // One for no such table.
    let mut tx = store.decide().unwrap();
    assert!(tx.inserter("nothing", &["id"]).is_err());
    drop(tx);
    assert_eq!(count(&mut store.view(SCOPE).unwrap(), "thing"), 10);
});

/// The columns of an installation.
fn installation(id: i64, s1sp: i64) -> Vec<Value<'static>> {
    let numbers = [id, s1sp, 0, 1, 10_000 + id, 20_000 + id, 1, 1].map(Value::Int);
    [&numbers[..], &[Value::Null, Value::Null, Value::Null, Value::Null]].concat()
}

/// Loads a first inventory of as many installations.
fn load_first(tx: &mut Tx<'_>, count: i64) {
    let mut insert = stage::first_inserter(tx).unwrap();
    (1..=count).for_each(|id| insert.row(&installation(id, id)).unwrap());
    insert.finish().unwrap();
}

/// A store with an inventory of as many installations.
fn with_inventory(place: &Place, count: i64) -> Store {
    let mut store = Store::create_with(place.url(), both::options()).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let mut tx = store.decide().unwrap();
    load_first(&mut tx, count);
    stage::end_first(&mut tx).unwrap();
    tx.commit().unwrap();
    store
}

both!(a_first_inventory_is_kept_with_its_indexes_only, |place| {
    let mut store = with_inventory(place, 0);
    let mut tx = store.decide().unwrap();
    load_first(&mut tx, 10);
    assert!(tx.commit().unwrap_err().to_string().contains("indexes"));
    assert!(store.is_protected().unwrap());
    // Taken back, it is as if nothing had begun.
    let mut tx = store.decide().unwrap();
    tx.mark().unwrap();
    load_first(&mut tx, 10);
    tx.back_to_mark().unwrap();
    tx.commit().unwrap();
    assert!(store.is_protected().unwrap());
    assert_eq!(inventory(&mut store), []);
    // A meter point that stands twice is found when they are made.
    let mut tx = store.decide().unwrap();
    let mut insert = stage::first_inserter(&mut tx).unwrap();
    for id in [1, 2] {
        let mut values = installation(id, id);
        values[5] = Value::Int(20_001);
        insert.row(&values).unwrap();
    }
    insert.finish().unwrap();
    let twice = stage::end_first(&mut tx).unwrap_err();
    assert!(matches!(twice, StoreError::Constraint { rule: Rule::Unique, .. }), "{twice:?}");
    drop(tx);
    assert_eq!(inventory(&mut store), []);
});

/// Puts installations on the stage, each with the S1SP that a function says, and compares them.
fn staged(store: &mut Store, ids: impl Iterator<Item = i64>, s1sp: impl Fn(i64) -> i64) -> (ImportDifference, Change) {
    let mut tx = store.prepare().unwrap();
    stage::make(&mut tx).unwrap();
    let mut insert = stage::inserter(&mut tx).unwrap();
    ids.for_each(|id| insert.row(&installation(id, s1sp(id))).unwrap());
    insert.finish().unwrap();
    let compared = stage::compare(&mut tx).unwrap();
    tx.commit().unwrap();
    compared
}

/// The installations with their S1SPs.
fn inventory(store: &mut Store) -> Vec<(i64, i64)> {
    let mut tx = store.view(SCOPE).unwrap();
    tx.query("SELECT chf, s1sp FROM installation ORDER BY chf", &[], |row| Ok((row.int(0)?, row.int(1)?))).unwrap()
}

both!(an_inventory_comes_into_its_place_by_what_differs_or_whole, |place| {
    let mut store = with_inventory(place, 3_000);
    assert!(store.is_protected().unwrap());
    let all = |difference: ImportDifference| [difference.before, difference.added, difference.changed, difference.gone];
    for (last, changed, wanted) in [(3_000, 0, 0), (3_001, 5, 8), (4_000, 3_990, 2), (10, 0, 7)] {
        let before = inventory(&mut store);
        let s1sp = |id: i64| if id <= changed { id + wanted } else { id };
        let (difference, change) = staged(&mut store, 1..=last, s1sp);
        // Nobody has noticed anything yet.
        assert_eq!(inventory(&mut store), before);
        let after: Vec<(i64, i64)> = (1..=last).map(|id| (id, s1sp(id))).collect();
        let others = after.iter().filter(|row| !before.contains(row) && before.iter().any(|(id, _)| *id == row.0));
        let (standing, coming) = (before.len() as u64, after.len() as u64);
        let figures =
            [standing, coming.saturating_sub(standing), others.count() as u64, standing.saturating_sub(coming)];
        assert_eq!(all(difference), figures, "{last}");
        let differ = figures[1] + figures[2] + figures[3];
        let whole = place.url().path().is_some() && differ > (standing + coming) / 64;
        assert_eq!(change == Change::Whole, whole, "{last}");
        let mut tx = store.decide().unwrap();
        stage::put_in_place(&mut tx, change).unwrap();
        tx.commit().unwrap();
        assert_eq!(inventory(&mut store), after, "{last}");
        assert!(store.is_protected().unwrap());
    }
    let mut tx = store.decide().unwrap();
    let twice = tx.execute("UPDATE installation SET mpan = 20001 WHERE chf = 2", &[]).unwrap_err();
    assert!(matches!(twice, StoreError::Constraint { rule: Rule::Unique, .. }), "{twice:?}");
});

both!(what_is_prepared_waits_for_no_act_and_keeps_none_waiting, |place| {
    let mut store = with_inventory(place, 100);
    let mut rival = Store::open_with(place.url(), both::options()).unwrap();
    // An act goes on while something is prepared,
    let mut act = rival.decide().unwrap();
    act.execute("UPDATE installation SET cohort = 1 WHERE chf = 1", &[]).unwrap();
    let (_, change) = staged(&mut store, 1..=101, |id| id);
    act.commit().unwrap();
    // and one begins and ends while something is being prepared.
    let mut tx = store.prepare().unwrap();
    assert!(stage::is_there(&mut tx).unwrap());
    assert_eq!(count(&mut tx, "stage_installation"), 101);
    let mut act = rival.decide().unwrap();
    act.execute("UPDATE installation SET cohort = 2 WHERE chf = 2", &[]).unwrap();
    act.commit().unwrap();
    tx.commit().unwrap();
    // What is on the stage of one connection is on that of no other, and goes with it.
    assert!(!stage::is_there(&mut rival.prepare().unwrap()).unwrap());
    let mut tx = store.decide().unwrap();
    stage::put_in_place(&mut tx, change).unwrap();
    drop(tx);
    assert_eq!(inventory(&mut store).len(), 100);
    store.renew().unwrap();
    assert!(!stage::is_there(&mut store.prepare().unwrap()).unwrap());
    let tables = store.view(SCOPE).unwrap().tables().unwrap();
    assert!(tables.iter().all(|table| !table.starts_with("stage_")), "{tables:?}");
});

both!(many_keys_are_looked_up_in_order, |place| {
    let mut store = filled(place, 30_000);
    let mut tx = store.view(SCOPE).unwrap();
    let keys: Vec<i64> = (-5..60_010).step_by(3).collect();
    let mut found = Vec::new();
    let sql = "SELECT id, name FROM thing WHERE id = $key AND id <> $1";
    tx.lookup(sql, &keys, &[30_i64.into()], |key, row| {
        assert_eq!(row.text(1)?, format!("thing {key}"));
        found.push(key);
        Ok(())
    })
    .unwrap();
    let expected: Vec<i64> =
        keys.iter().copied().filter(|key| key % 2 == 0 && (0..60_000).contains(key) && *key != 30).collect();
    assert_eq!(found, expected);
    tx.lookup(sql, &[], &[1_i64.into()], |_, _| panic!("a row without a key")).unwrap();
});

both!(several_rows_of_a_key_come_in_the_order_of_the_query, |place| {
    let mut store = filled(place, 10);
    let mut tx = store.decide().unwrap();
    let mut insert = tx.inserter("part", &["id", "thing"]).unwrap();
    for id in 0..9_i64 {
        insert.row(&[id.into(), ((id * 5 % 3) * 2).into()]).unwrap();
    }
    insert.finish().unwrap();
    let mut found = Vec::new();
    let sql = "SELECT thing, id FROM part WHERE thing = $key ORDER BY id DESC";
    tx.lookup(sql, &[0, 2, 4, 6], &[], |key, row| {
        found.push((key, row.int(1)?));
        Ok(())
    })
    .unwrap();
    assert_eq!(found, [(0, 6), (0, 3), (0, 0), (2, 8), (2, 5), (2, 2), (4, 7), (4, 4), (4, 1)]);
});

both!(a_look_up_that_is_none_is_refused, |place| {
    let mut store = filled(place, 10);
    let mut ask = |sql: &str, keys: &[i64], values: &[Value<'_>]| {
        store.view(SCOPE).unwrap().lookup(sql, keys, values, |_, _| Ok(())).unwrap_err().to_string()
    };
    let sql = "SELECT id FROM thing WHERE id = $key";
    assert_eq!(ask(sql, &[2, 2], &[]), "a value does not fit: the keys of a look-up must rise");
    assert_eq!(ask("SELECT id FROM thing", &[2], &[]), "the database refuses: a look-up has '= $key' exactly once");
    let words = "the database refuses: a look-up gives its key as the first column";
    assert_eq!(ask("SELECT 77, id FROM thing WHERE id = $key", &[2], &[]), words);
    assert!(ask(sql, &[2], &[1_i64.into()]).starts_with("a value does not fit: the statement takes 0 values"));
});

both!(many_rows_are_changed, |place| {
    let mut store = filled(place, 25_000);
    let mut tx = store.decide().unwrap();
    let mut update = tx.updater("UPDATE thing SET number = $2 + id, content = $3 WHERE id = $1").unwrap();
    for id in 0..50_000_i64 {
        let content = (id != 6).then_some(&b"new"[..]);
        update.row(&[id.into(), 7_i64.into(), content.into()]).unwrap();
    }
    assert_eq!(update.finish().unwrap(), 25_000);
    let sql = "SELECT count(*), sum(number - id), count(content) FROM thing";
    let found = tx.query_one(sql, &[], |row| Ok([row.int(0)?, row.int(1)?, row.int(2)?])).unwrap();
    assert_eq!(found, [25_000, 175_000, 24_999]);
    let mut delete = tx.updater("DELETE FROM thing WHERE name = $1 AND id > $2").unwrap();
    for id in 0..10_i64 {
        delete.row(&[format!("thing {id}").into(), 2_i64.into()]).unwrap();
    }
    assert_eq!(delete.finish().unwrap(), 3);
    assert_eq!(tx.updater("UPDATE thing SET number = 1 WHERE id = $1").unwrap().finish().unwrap(), 0);
    assert_eq!(count(&mut tx, "thing"), 24_997);
    tx.commit().unwrap();
});

both!(an_updater_that_fails_or_is_left_ends_the_transaction, |place| {
    let mut store = filled(place, 10);
    let sql = "UPDATE thing SET name = $2 WHERE id = $1";
    let mut tx = store.decide().unwrap();
    let mut update = tx.updater(sql).unwrap();
    let rows = [[Value::from(0_i64), "thing 2".into()]];
    let error = rows.iter().try_for_each(|row| update.row(row)).and_then(|()| update.finish()).unwrap_err();
    assert!(matches!(error, StoreError::Constraint { rule: Rule::Unique, .. }), "{error:?}");
    assert!(matches!(tx.commit(), Err(StoreError::Ended)));
    let mut tx = store.decide().unwrap();
    let mut update = tx.updater(sql).unwrap();
    assert!(matches!(update.row(&[1_i64.into()]), Err(StoreError::Type(_))));
    assert!(update.finish().is_err());
    drop(tx);
    let mut tx = store.decide().unwrap();
    tx.updater(sql).unwrap().row(&[0_i64.into(), "x".into()]).unwrap();
    assert!(matches!(tx.commit(), Err(StoreError::Ended)));
});

both!(a_schema_is_brought_up_to_date_once, |place| {
    let mut store = Store::create(place.url()).unwrap();
    store.migrate(&SCHEMA[..1]).unwrap();
    assert_eq!(store.version().unwrap(), 1);
    store.migrate(SCHEMA).unwrap();
    store.migrate(SCHEMA).unwrap();
    assert_eq!(store.version().unwrap(), 2);
    assert_eq!(store.view(SCOPE).unwrap().tables().unwrap(), ["part", "schema_version", "thing"]);
    let error = store.migrate(&SCHEMA[..1]).unwrap_err().to_string();
    let words = "the database has schema version 2 (parts of things) and this program knows 1 (things); use the program that made it";
    assert_eq!(error, words);
    let other = [Migration { name: "others", ..SCHEMA[0] }];
    assert!(matches!(store.migrate(&other), Err(StoreError::Version { .. })));
    assert!(store.migrate(&[SCHEMA[1], SCHEMA[0]]).is_err());
});

both!(a_step_that_fails_leaves_nothing, |place| {
    let mut store = Store::create(place.url()).unwrap();
    let broken = Migration { version: 3, name: "broken", sql: "CREATE TABLE more (id INTEGER) STRICT;\nNONSENSE;\n" };
    store.migrate(&[SCHEMA[0], SCHEMA[1], broken]).unwrap_err();
    assert_eq!(store.version().unwrap(), 0);
    assert_eq!(store.view(SCOPE).unwrap().tables().unwrap(), ["schema_version"]);
    store.migrate(SCHEMA).unwrap();
});

/// The digest is the same on both databases, so it stands here.
const DIGEST: &str = "80da0fd991f04e6b80dd84b8789dd2466a3f7d769523d2a85ea63b7717e0107f";

both!(a_copy_is_equal_and_apart, |place| {
    let mut store = filled(place, 1_000);
    let digest = |store: &mut Store| store.view(SCOPE).unwrap().digest_table("thing", "id").unwrap();
    let before = digest(&mut store);
    assert_eq!(before, DIGEST);
    let beside = place.beside();
    let mut copy = store.copy_to(beside.url()).unwrap();
    assert_eq!(digest(&mut copy), before);
    assert_eq!(copy.version().unwrap(), 2);
    assert!(matches!(store.copy_to(beside.url()), Err(StoreError::Exists(_))));
    let mut tx = copy.decide().unwrap();
    tx.execute("DELETE FROM thing WHERE id = 4", &[]).unwrap();
    let error = tx.execute("INSERT INTO thing (id, name) VALUES (6, 'again')", &[]).unwrap_err();
    assert!(matches!(error, StoreError::Constraint { rule: Rule::Unique, .. }));
    drop(tx);
    let mut tx = copy.decide().unwrap();
    tx.execute("DELETE FROM thing WHERE id = 4", &[]).unwrap();
    tx.commit().unwrap();
    assert_ne!(digest(&mut copy), before);
    assert_eq!(digest(&mut store), before);
    copy.remove().unwrap();
    assert!(!Store::exists(beside.url()).unwrap());
    let other = if place.is_postgres() { Place::sqlite() } else { Place::postgres() };
    assert!(matches!(store.copy_to(other.url()), Err(StoreError::Url { .. })));
});

both!(an_older_or_newer_database_is_told_and_left_as_it_is, |place| {
    let mut store = Store::create(place.url()).unwrap();
    let applied = store.migrate(&SCHEMA[..1]).unwrap();
    assert_eq!(applied.iter().map(|step| step.version).collect::<Vec<_>>(), [1]);
    store.require(&SCHEMA[..1]).unwrap();
    let words = store.require(SCHEMA).unwrap_err().to_string();
    let url = place.url();
    assert_eq!(
        words,
        format!("{url} was made by an older program (schema version 1; this one has 2); run sluice migrate")
    );
    assert_eq!(store.pending(SCHEMA).unwrap()[0].name, SCHEMA[1].name);
    assert_eq!(store.version().unwrap(), 1);
    assert_eq!(store.migrate(SCHEMA).unwrap().len(), 1);
    assert!(store.migrate(SCHEMA).unwrap().is_empty());
    let error = store.require(&SCHEMA[..1]).unwrap_err();
    assert!(matches!(error, StoreError::Version { .. }), "{error:?}");
    assert_eq!(store.version().unwrap(), 2);
});
