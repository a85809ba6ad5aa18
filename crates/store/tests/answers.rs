//! Answers to rows, packed (tables/answers.rs).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, both};
use sluice_rules::party::Eui64;
use sluice_store::Store;
use sluice_store::schema::MIGRATIONS;
use sluice_store::tables::answers::{Answer, about, add, refused};
use sluice_store::tables::authorisations::summary;

both!(rows_with_one_answer_are_found_by_their_installation, |place| {
    let mut store = Store::create(place.url()).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let mut tx = store.decide().unwrap();
    let answer = |row, chf, verdict, codes| Answer { row, chf: Eui64(chf), verdict, codes };
    let first = [answer(2, 7, "REFUSED", "MA111"), answer(4_000_000_000, 8, "REFUSED", "MA111")];
    add(&mut tx, 1, first).unwrap();
    add(&mut tx, 2, [answer(2, 8, "NO-CHANGE", ""), answer(3, 0, "REFUSED", "MA104")]).unwrap();
    let expected = [(1, 4_000_000_000, "REFUSED", "MA111"), (2, 2, "NO-CHANGE", "")];
    let expected = expected.map(|(file, row, verdict, codes)| (file, row, verdict.to_owned(), codes.to_owned()));
    assert_eq!(about(&mut tx, Eui64(8)).unwrap(), expected);
    assert_eq!(about(&mut tx, Eui64(9)).unwrap(), []);
    assert_eq!(summary(&mut tx, 1).unwrap(), [("REFUSED".to_owned(), 2)]);
    add(&mut tx, 4, [answer(2, 0, "TAKEN", ""), answer(4, 0, "REFUSED", "DO103"), answer(3, 0, "REFUSED", "DO104")])
        .unwrap();
    assert_eq!(refused(&mut tx, 4, 20).unwrap(), [(3, "DO104".to_owned()), (4, "DO103".to_owned())]);
    assert_eq!(refused(&mut tx, 4, 1).unwrap(), [(3, "DO104".to_owned())]);
    assert_eq!(summary(&mut tx, 4).unwrap(), [("REFUSED".to_owned(), 2), ("TAKEN".to_owned(), 1)]);
    assert!(add(&mut tx, 3, [answer(1 << 32, 8, "REFUSED", "MA111")]).is_err());
});
