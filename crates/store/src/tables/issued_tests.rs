#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;
use crate::schema::MIGRATIONS;
use crate::scope::Scope;
use crate::store::Store;

/// A page has one document in tests, so each of them is turned over.
#[test]
fn p8_what_came_to_a_party_since_a_moment_is_read_from_the_last_one_back() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    let mut store = Store::create(&url).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let [own, other]: [Party; 2] = ["AAA123", "BBB456"].map(|code| code.parse().unwrap());
    let moment = |second: i64| Timestamp::from_second(second).unwrap();
    let told = |party, second| {
        let (rule, words) = ("MAM-1".to_owned(), format!("{second}"));
        Notice { party, at: moment(second), rule, chf: None, words }
    };
    let mut tx = store.decide().unwrap();
    tell(&mut tx, None, &[told(own, 1), told(own, 2), told(other, 2), told(own, 2), told(own, 4)]).unwrap();
    for (name, second) in [("a.csv", 1), ("b.csv", 3), ("c.csv", 3)] {
        let sending = Sending { act: None, to: &own, name, at: moment(second), file: None };
        issue(&mut tx, &sending, &[0; 32], &Packed { size: 0, bytes: Vec::new() }).unwrap();
    }
    tx.commit().unwrap();
    for scope in [Scope::Dcc, Scope::Party(own)] {
        let mut view = store.view(scope).unwrap();
        let mut words = |since: Option<i64>| -> Vec<String> {
            let told = notices_to(&mut view, &own, since.map(moment)).unwrap();
            let files = to_party(&mut view, &own, since.map(moment)).unwrap();
            told.into_iter().map(|notice| notice.words).chain(files.into_iter().map(|file| file.name)).collect()
        };
        assert_eq!(words(None), ["1", "2", "2", "4", "a.csv", "b.csv", "c.csv"]);
        assert_eq!(words(Some(2)), ["2", "2", "4", "b.csv", "c.csv"]);
        assert_eq!(words(Some(4)), ["4"]);
        assert!(words(Some(5)).is_empty());
    }
}
