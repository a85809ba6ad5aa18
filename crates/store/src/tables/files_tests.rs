#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;
use crate::schema::MIGRATIONS;
use crate::scope::Scope;
use crate::store::Store;
use jiff::civil::date as day;

/// How SQLite finds what a query asks for.
fn plan(tx: &mut View<'_>, sql: &str, values: &[Value<'_>]) -> String {
    let steps = tx.query(&format!("EXPLAIN QUERY PLAN {sql}"), values, |row| Ok(row.text(3)?.to_owned()));
    steps.unwrap().join("; ")
}

#[test]
fn msm_2_files_of_a_name_are_found_however_many_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    let mut store = Store::create(&url).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let (sender, of) = ("AAA123".parse().unwrap(), "CGI".parse().unwrap());
    let (kind, user_id, time) = (FileKind::DemandCommitment, Some(Eui64(1)), None);
    let key = NameKey { kind, sender: &sender, user_id, s1sp: &of, date: day(2021, 7, 26), time };
    let stamped = NameKey { kind: FileKind::Authorisation, time: Some(Time::midnight()), ..key };
    let mut tx = store.view(Scope::Dcc).unwrap();
    for (key, pick, index) in [
        (key, FIRST, "file_by_name"),
        (key, LAST, "file_by_name"),
        (key, OPEN, "file_open"),
        (stamped, FIRST, "file_by_name"),
        (NameKey { user_id: None, ..stamped }, FIRST, "file_by_name"),
    ] {
        let (sql, values) = query_of_name(&key, pick);
        let plan = plan(&mut tx, &sql, &values);
        assert!(
            plan.contains(&format!(
                "INDEX {index} (kind=? AND s1sp=? AND date=? AND user_id=? AND time=? AND sender=?)"
            )),
            "{plan}"
        );
        assert!(pick == OPEN || !plan.contains("ORDER BY"), "{plan}");
    }
    let values = [text("MA"), Value::Int(1), s1sp(&of), Value::Int(0)];
    let plan = plan(&mut tx, LAST_STAMPED, &values);
    assert!(
        plan.contains("INDEX file_accepted (kind=? AND s1sp=? AND user_id=?)") && !plan.contains("ORDER BY"),
        "{plan}"
    );
}
