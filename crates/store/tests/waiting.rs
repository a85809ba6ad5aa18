//! What is only shown gives way to whoever waits for its place, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, both, options};
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::{Options, Store, StoreError, Tx};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

fn add(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    tx.execute("INSERT INTO part (id) VALUES ($1)", &[id.into()]).map(drop)
}

/// One statement after the other.
fn statements(tx: &mut Tx<'_>, is_over: &AtomicBool) -> Result<(), StoreError> {
    while !is_over.load(Ordering::Relaxed) {
        tx.query("SELECT id FROM part", &[], |row| row.int(0))?;
    }
    Ok(())
}

/// One that takes minutes.
fn long(tx: &mut Tx<'_>, _: &AtomicBool) -> Result<(), StoreError> {
    let sql = "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n";
    tx.query(sql, &[], |row| row.int(0)).map(drop)
}

/// Many rows.
fn rows(tx: &mut Tx<'_>, is_over: &AtomicBool) -> Result<(), StoreError> {
    let mut insert = tx.inserter("part", &["id"])?;
    for id in 1_000..100_000_000_i64 {
        insert.row(&[id.into()])?;
        if is_over.load(Ordering::Relaxed) {
            break;
        }
    }
    insert.finish().map(drop)
}

both!(what_is_only_shown_gives_way_to_who_waits, |place| {
    let mut store = place.store();
    let mut other = Store::open_with(place.url(), Options { patience: Duration::from_secs(60), ..options() }).unwrap();
    for (id, work) in (0..).zip([statements, long, rows]) {
        let (is_over, (begun, has_begun)) = (AtomicBool::new(false), channel());
        std::thread::scope(|scope| {
            let shown = scope.spawn(|| {
                let mut tx = store.try_out().unwrap();
                add(&mut tx, id).unwrap();
                begun.send(()).unwrap();
                work(&mut tx, &is_over)
            });
            has_begun.recv().unwrap();
            // It has the place at once, and nothing of what was shown.
            let decided = other.decide().and_then(|mut tx| {
                add(&mut tx, id)?;
                tx.commit()
            });
            is_over.store(true, Ordering::Relaxed);
            decided.unwrap();
            let error = shown.join().unwrap().unwrap_err();
            assert!(matches!(error, StoreError::GaveWay) && error.passes(), "{error:?}");
        });
    }
    let mut tx = store.try_out().unwrap();
    assert_eq!(tx.query("SELECT id FROM part ORDER BY id", &[], |row| row.int(0)).unwrap(), [0, 1, 2]);
});

both!(what_nobody_waits_for_is_shown_and_never_kept, |place| {
    let mut store = place.store();
    for _ in 0..3 {
        let mut tx = store.try_out().unwrap();
        add(&mut tx, 1).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        assert_eq!(tx.query("SELECT id FROM part", &[], |row| row.int(0)).unwrap(), [1]);
        assert!(tx.commit().is_err());
    }
    assert!(store.decide().unwrap().query("SELECT id FROM part", &[], |row| row.int(0)).unwrap().is_empty());
});

both!(what_is_only_shown_gives_no_way_to_what_is_only_shown, |place| {
    let mut store = place.store();
    let mut other = Store::open_with(place.url(), Options { patience: Duration::from_secs(60), ..options() }).unwrap();
    let mut first = store.try_out().unwrap();
    add(&mut first, 1).unwrap();
    std::thread::scope(|scope| {
        let second = scope.spawn(|| add(&mut other.try_out().unwrap(), 1));
        for _ in 0..6 {
            std::thread::sleep(Duration::from_millis(100));
            assert_eq!(first.query("SELECT id FROM part", &[], |row| row.int(0)).unwrap(), [1]);
        }
        drop(first);
        second.join().unwrap().unwrap();
    });
});
