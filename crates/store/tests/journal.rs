//! What a transaction notes of what it writes, and secrets that are taken out of copies; on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, both};
use jiff::civil::date;
use sluice_rules::party::Party;
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::schema::MIGRATIONS;
use sluice_store::tables::follow;
use sluice_store::{Alike, Scope, Store, Tx, Value};

/// Writes in all ways, at a moment; then goes back to before it. Gives the digest.
fn tried(tx: &mut Tx<'_>, moment: i64, last: i64) -> [u8; 32] {
    tx.mark().unwrap();
    tx.keep_journal(Alike { moments: vec![moment], ..Alike::default() });
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

/// Passes everything of AAA123 on to BBB456, and goes back to before it. Gives the digest.
fn passed(store: &mut Store) -> [u8; 32] {
    let (from, to): (Party, Party) = ("AAA123".parse().unwrap(), "BBB456".parse().unwrap());
    let since = date(2021, 7, 12);
    let mut tx = store.decide().unwrap();
    tx.keep_journal(Alike::default());
    follow::pass_demand(&mut tx, &from, &to, "70-B3-D5-1F-30-00-A0-08".parse().unwrap(), since).unwrap();
    follow::pass_forecast(&mut tx, &from, &to, since).unwrap();
    follow::pass_eligible(&mut tx, &from, &to, since).unwrap();
    follow::pass_balances(&mut tx, &"CGI".parse().unwrap(), &from, &to).unwrap();
    tx.end_journal().unwrap()
}

both!(what_passes_to_another_party_counts_with_its_values, |place| {
    let mut store = Store::create_with(place.url(), both::options()).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let write = |store: &mut Store, statements: &[&str]| {
        let mut tx = store.decide().unwrap();
        for statement in statements {
            tx.execute(statement, &[]).unwrap();
        }
        tx.commit().unwrap();
    };
    let parties = "INSERT INTO party (code, name, role, operations_contact, out_of_hours_contact) VALUES \
                   ('AAA123', 'A', 'SUPPLIER', '', ''), ('BBB456', 'B', 'SUPPLIER', '', '')";
    let rows = "('CGI', 20210712, 'AAA123', 5), ('CGI', 20210712, 'BBB456', 5)";
    let (forecast, eligible) = (
        format!("INSERT INTO forecast (s1sp, date, party, units) VALUES {rows}"),
        format!("INSERT INTO eligible_count (s1sp, week, party, units) VALUES {rows}"),
    );
    let received = "INSERT INTO received (id, name, sender, at, size) VALUES (1, 'a', 'AAA123', 1, 0)";
    let file = "INSERT INTO file (id, kind, sender, s1sp, date, extension, status, rulebook, codes, message) VALUES \
                (1, 'DC', 'AAA123', 'CGI', 20210712, 'CSV', 'ACCEPTED', '', '', '')";
    let demand = "INSERT INTO demand (s1sp, date, party, user_id, units, file) VALUES \
                  ('CGI', 20210712, 'AAA123', 101, 5, 1), ('CGI', 20210712, 'BBB456', 102, 5, 1)";
    let balance = "INSERT INTO balance (s1sp, party, nano) VALUES ('CGI', 'AAA123', 5), ('CGI', 'BBB456', 5)";
    write(&mut store, &[parties, received, file, &forecast, &eligible, demand, balance]);
    let mut last = passed(&mut store);
    assert_eq!(last, passed(&mut store));
    for (table, column) in
        [("demand", "units"), ("forecast", "units"), ("eligible_count", "units"), ("balance", "nano")]
    {
        for party in ["AAA123", "BBB456"] {
            write(&mut store, &[&format!("UPDATE {table} SET {column} = 6 WHERE party = '{party}'")]);
            let now = passed(&mut store);
            assert_ne!(last, now, "{table} of {party}");
            last = now;
        }
    }
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
