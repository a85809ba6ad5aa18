//! What a transaction notes of what it writes, and secrets that are taken out of copies; on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, both};
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::{Alike, Scope, Store, Tx, Value};

/// Writes in all ways, at a moment; then goes back to before it. Gives the digest.
fn tried(tx: &mut Tx<'_>, moment: i64, last: i64) -> [u8; 32] {
    tx.mark().unwrap();
    tx.keep_journal(Alike { moments: vec![moment], texts: Vec::new() });
    tx.execute("INSERT INTO thing (id, name, number) VALUES (1, $1, $2)", &["one".into(), moment.into()]).unwrap();
    let mut insert = tx.inserter("thing", &["id", "name", "number"]).unwrap();
    for id in 2..5 {
        insert.row(&[Value::Int(id), format!("thing {id}").as_str().into(), Value::Int(moment)]).unwrap();
    }
    insert.finish().unwrap();
    let mut update = tx.updater("UPDATE thing SET number = $2 WHERE id = $1").unwrap();
    update.row(&[Value::Int(2), Value::Int(7)]).unwrap();
    update.row(&[Value::Int(3), Value::Int(last)]).unwrap();
    update.finish().unwrap();
    let digest = tx.end_journal().unwrap();
    tx.back_to_mark().unwrap();
    digest
}

both!(what_is_written_again_has_the_same_digest_and_nothing_is_kept, |place| {
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    let first = tried(&mut tx, 1_000, 8);
    assert_eq!(first, tried(&mut tx, 2_000, 8));
    assert_ne!(first, tried(&mut tx, 2_000, 9));
    assert_eq!(tx.end_journal(), None);
    tx.commit().unwrap();
    let mut tx = store.view(Scope::Dcc).unwrap();
    assert_eq!(tx.query_one("SELECT count(*) FROM thing", &[], |row| row.int(0)).unwrap(), 0);
});

both!(a_statement_on_other_rows_has_another_digest, |place| {
    let mut store = place.store();
    let digest = |store: &mut Store| {
        let mut tx = store.decide().unwrap();
        tx.keep_journal(Alike::default());
        tx.execute("UPDATE thing SET number = 1", &[]).unwrap();
        tx.end_journal().unwrap()
    };
    let nothing = digest(&mut store);
    let mut tx = store.decide().unwrap();
    tx.execute("INSERT INTO thing (id, name) VALUES (1, 'one')", &[]).unwrap();
    tx.commit().unwrap();
    let one = digest(&mut store);
    let mut tx = store.decide().unwrap();
    tx.execute("INSERT INTO thing (id, name) VALUES (2, 'two')", &[]).unwrap();
    tx.commit().unwrap();
    assert_eq!([nothing == one, one == digest(&mut store)], [false, false]);
});

both!(a_copy_forgets_its_secrets_and_the_original_keeps_them, |place| {
    const CANARY: &str = "canary-6f1d0c5e";
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    tx.execute("INSERT INTO thing (id, name) VALUES (1, $1)", &[CANARY.into()]).unwrap();
    tx.commit().unwrap();
    let target = place.beside();
    let mut copy = store.copy_to(target.url()).unwrap();
    copy.forget(&["part", "thing"]).unwrap();
    let count = |store: &mut Store| {
        store.view(Scope::Dcc).unwrap().query_one("SELECT count(*) FROM thing", &[], |row| row.int(0)).unwrap()
    };
    assert_eq!((count(&mut store), count(&mut copy)), (1, 0));
    let Some(path) = target.url().path() else { return };
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let holding: Vec<_> = files.filter(|file| holds(file, CANARY)).collect();
    assert!(holding.is_empty(), "{holding:?}");
    assert!(
        holds(place.url().path().unwrap(), CANARY)
            || holds(&place.url().path().unwrap().with_extension("db-wal"), CANARY)
    );
});

fn holds(file: &std::path::Path, text: &str) -> bool {
    std::fs::read(file).unwrap_or_default().windows(text.len()).any(|part| part == text.as_bytes())
}
