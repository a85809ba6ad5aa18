#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::{Kind, Seen, TABLES, seen};
use crate::schema::SECRET;
use crate::schema::{DERIVED, MIGRATIONS, RECORD};
use crate::store::Store;

/// A store with the schema, in a file.
fn store(folder: &tempfile::TempDir) -> Store {
    let url = format!("sqlite:{}", folder.path().join("store.db").display()).parse().unwrap();
    let mut store = Store::create(&url).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    store
}

#[test]
fn every_table_of_the_schema_is_in_the_list_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(&folder);
    let mut view = store.own_view().unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name";
    let found = view.query(sql, &[], |row| Ok(row.text(0)?.to_owned())).unwrap();
    let mut listed: Vec<String> =
        TABLES.iter().map(|table| table.name.to_owned()).chain(SECRET.iter().map(|name| (*name).to_owned())).collect();
    listed.sort();
    listed.dedup();
    assert_eq!(found, listed);
}

#[test]
fn the_keys_are_those_of_the_tables() {
    for (table, key) in DERIVED {
        let known = TABLES.iter().find(|known| known.name == *table).unwrap();
        assert_eq!(known.key.join(", "), *key, "{table}");
    }
    for table in RECORD {
        assert!(TABLES.iter().any(|known| known.name == *table && !known.key.is_empty()), "{table}");
    }
}

#[test]
fn columns_that_are_masked_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = store(&folder);
    let mut view = store.own_view().unwrap();
    for table in TABLES {
        for seen in [table.party, table.s1sp, table.observer] {
            let Seen::Masked { masks, .. } = seen else { continue };
            for (column, _) in masks {
                let sql = format!("SELECT {column} FROM {} LIMIT 0", table.name);
                view.query(&sql, &[], |_| Ok(())).unwrap_or_else(|error| panic!("{}.{column}: {error}", table.name));
            }
        }
    }
}

#[test]
fn what_is_not_in_the_list_is_for_dcc_alone() {
    for kind in Kind::ALL {
        assert!(matches!(seen("a_new_table", kind), Seen::Nothing));
    }
}

/// Who forgets a table here forgets it for observers too, who once saw what was not thought of.
#[test]
fn msm_14_an_observer_sees_no_secrets_and_what_each_entry_says() {
    for table in SECRET {
        assert!(matches!(seen(table, Kind::Observer), Seen::Nothing), "{table}");
    }
    for table in TABLES {
        assert_eq!(
            format!("{:?}", seen(table.name, Kind::Observer)),
            format!("{:?}", table.observer),
            "{}",
            table.name
        );
    }
}
