//! The record and what is derived: every table is one of them, and content is digested again whenever it is read.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, both};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use sluice_rules::party::Eui64;
use sluice_store::raw::Writes as _;
use sluice_store::schema::{COMPARED, DERIVED, INTAKE, MIGRATIONS, RECORD, SECRET};
use sluice_store::tables::answers::{self, Answer};
use sluice_store::tables::issued::{self, Sending};
use sluice_store::tables::record::{self, Digest, Packed};
use sluice_store::{Scope, Store, StoreError, Tx, Value};

fn store(place: &Place) -> Store {
    let mut store = Store::create(place.url()).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    store
}

/// What is said of content that was changed.
fn damaged<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Damaged(words)) => words,
        other => panic!("{other:?}"),
    }
}

fn issue(tx: &mut Tx<'_>, name: &str, content: &[u8]) -> i64 {
    let digest: Digest = Sha256::digest(content).into();
    let to = "HARBOUR7".parse().unwrap();
    let sending = Sending { act: Some(1), to: &to, name, at: Timestamp::UNIX_EPOCH, file: None };
    issued::issue(tx, &sending, &digest, &Packed::of(content).unwrap()).unwrap()
}

both!(every_table_is_recorded_derived_secret_or_of_the_intake, |place| {
    let mut store = store(place);
    let tables = store.view(Scope::Dcc).unwrap().tables().unwrap();
    let derived = DERIVED.iter().map(|(table, _)| *table);
    let mut known: Vec<&str> = RECORD.iter().chain(SECRET).copied().chain(derived).collect();
    // On SQLite the intake is a file of its own.
    known.extend(if place.url().path().is_none() { INTAKE } else { &[] });
    known.sort_unstable();
    assert_eq!(tables, known, "a replay compares the tables of DERIVED; see schema.rs");
    // The keys order them completely, and what is said of columns is said of derived tables.
    assert!(COMPARED.iter().all(|compared| DERIVED.iter().any(|(table, _)| *table == compared.table)));
});

both!(content_is_digested_again_when_it_is_read, |place| {
    let mut store = store(place);
    let mut tx = store.decide().unwrap();
    let (content, other) = (b"AUTHORISE".repeat(9), b"AUTHORISX".repeat(9));
    let digest: Digest = Sha256::digest(&content).into();
    record::keep(&mut tx, &digest, &Packed::of(&content).unwrap()).unwrap();
    assert_eq!(record::content(&mut tx, &digest).unwrap(), content);
    for bytes in [Packed::of(&other).unwrap().bytes, Packed::of(&content[1..]).unwrap().bytes, vec![0; 8]] {
        tx.execute("UPDATE content_part SET bytes = $1", &[Value::from(bytes)]).unwrap();
        let words = damaged(record::content(&mut tx, &digest));
        assert!(words.starts_with("content ") && words.contains("was changed"), "{words}");
    }
    assert!(damaged(record::content(&mut tx, &[7; 32])).contains("is missing"));
});

both!(issued_files_and_answers_are_digested_again_when_they_are_read, |place| {
    let mut store = store(place);
    let mut tx = store.decide().unwrap();
    let id = issue(&mut tx, "one.csv", b"accepted");
    assert_eq!(issued::content(&mut tx, id).unwrap().unwrap(), b"accepted");
    assert_eq!(issued::check_contents(&mut tx).unwrap(), (1, None));
    let bytes = Packed::of(b"refused!").unwrap().bytes;
    tx.execute("UPDATE issued SET bytes = $1", &[Value::from(bytes)]).unwrap();
    let words = "issued file one.csv was changed: it no longer fits its digest";
    assert_eq!(issued::check_contents(&mut tx).unwrap(), (1, Some(words.to_owned())));
    assert_eq!(damaged(issued::content(&mut tx, id)), words);
    drop(tx);
    let mut tx = store.decide().unwrap();
    answers::add(&mut tx, 1, [Answer { row: 2, chf: Eui64(7), verdict: "REFUSED", codes: "MA111" }]).unwrap();
    assert_eq!(answers::about(&mut tx, Eui64(7)).unwrap().len(), 1);
    tx.execute("UPDATE answer SET packed = $1", &[Value::from(vec![0; 12])]).unwrap();
    let words = damaged(answers::about(&mut tx, Eui64(7)));
    assert!(words.contains("the answer REFUSED to rows of file 1 was changed"), "{words}");
});

both!(what_packs_otherwise_is_the_same_content, |place| {
    let mut store = store(place);
    let content: Vec<u8> = (0..5000_u32).flat_map(|n| format!("{};", n * n % 997).into_bytes()).collect();
    let mut tx = store.decide().unwrap();
    let id = issue(&mut tx, "one.csv", &content);
    let digest = tx.digest_table("issued", "id").unwrap();
    let bytes = zstd::bulk::compress(&content, 19).unwrap();
    assert_ne!(bytes, Packed::of(&content).unwrap().bytes);
    tx.execute("UPDATE issued SET bytes = $1", &[Value::from(bytes)]).unwrap();
    assert_eq!(tx.digest_table("issued", "id").unwrap(), digest);
    assert_eq!(issued::content(&mut tx, id).unwrap().unwrap(), content);
    tx.execute("UPDATE issued SET name = 'other.csv'", &[]).unwrap();
    assert_ne!(tx.digest_table("issued", "id").unwrap(), digest);
});
