//! Every table and every scope, on both databases: each table has rows of two suppliers, two S1SPs and DCC, each row a canary of
//! whose it is, and what comes out for whom is written here. Behind it the same by row security alone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, both};
use jiff::Timestamp;
use jiff::civil::Date;
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::schema::{INTAKE, MIGRATIONS, SECRET};
use sluice_store::tables::counts;
use sluice_store::tables::intake as handed_in;
use sluice_store::tables::record::Packed;
use sluice_store::tables::reports::{Sight, intake};
use sluice_store::{Scope, Store, StoreError, Value, View};

/// Every table, with the statements that fill it. `AAA123` and `BBB456` are suppliers, `CGI` is the S1SP that `CGI001` is, `DXC`
/// the one that `DXC001` is. Installation 1 is AAA123's at CGI, 2 BBB456's at DXC, 3 has the electricity meter of AAA123 and the
/// gas meter of BBB456 at CGI, and 4 is BBB456's at CGI, and was AAA123's. Of 7 and 8, at CGI, the electricity meter was AAA123's
/// and is DDD012's since; AAA123 had an authorisation of 8 alone. 9 passed from AAA123 to DDD012 with its market participant id. Of
/// 10, at CGI, AAA123 has the Dormant electricity meter and BBB456 the Active gas meter.
const ROWS: &str = include_str!("scopes/rows.sql");

/// What comes out: table, key, then for AAA123, BBB456, CGI and the observer the keys of the rows that are seen, and after a
/// stroke what is told of them beyond the key, where that differs from what DCC sees.
const SEEN: &str = include_str!("scopes/seen.txt");

/// Views of the schema.
const VIEWS: [&str; 6] = ["arrival", "passed_on", "row_led", "row_use", "row_waiting", "said_active"];

/// Words that only one of them may see, or DCC.
const CANARIES: [&str; 7] = [
    "secret-of-AAA123",
    "secret-of-BBB456",
    "secret-of-CCC789",
    "secret-of-DDD012",
    "secret-of-CGI",
    "secret-of-DXC",
    "secret-of-DCC",
];

/// A word that stands in what is neither decided nor published: no observer sees it (MSM-14).
const UNPUBLISHED: &str = "unpublished";

fn store(place: &Place) -> Store {
    let mut store = Store::create_with(place.url(), both::options()).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let mut tx = store.decide().unwrap();
    let (before, behind) = if place.is_postgres() { ("'\\x", "'::bytea") } else { ("x'", "'") };
    for statement in
        ROWS.split(";\n").map(str::trim).filter(|text| text.starts_with("INSERT") || text.starts_with("UPDATE"))
    {
        let mut parts = statement.split("BLOB(");
        let first = parts.next().unwrap_or_default().to_owned();
        // BLOB(61) is a byte, in the words of each database.
        let statement = parts.fold(first, |text, part| text + before + &part.replacen(')', behind, 1));
        tx.execute(&statement, &[]).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    counts::make_anew(&mut tx).unwrap();
    tx.commit().unwrap();
    hand_in(&mut store);
    store
}

/// Something waits in the intake, and somebody is about to hand something in.
fn hand_in(store: &mut Store) {
    let arrival = handed_in::Arrival {
        id: "secret-of-AAA123".to_owned(),
        party: "AAA123".parse().unwrap(),
        actor: String::new(),
        channel: String::new(),
        name: "secret-of-AAA123".to_owned(),
        size: 1,
        digest: Some([1; 32]),
        at: Timestamp::UNIX_EPOCH,
        taken: None,
        why: None,
        place: 0,
        confirm: false,
    };
    let mut tx = store.intake().unwrap();
    handed_in::add(&mut tx, &arrival, Some(&Packed::of(b"x").unwrap())).unwrap();
    handed_in::begin(&mut tx, "a process", Timestamp::UNIX_EPOCH).unwrap();
    let party = "AAA123".parse().unwrap();
    assert!(handed_in::claim(&mut tx, &party, "secret-of-AAA123", "a process", Timestamp::UNIX_EPOCH).unwrap());
    handed_in::set_fact(&mut tx, "what", "is known").unwrap();
    tx.commit().unwrap();
}

fn scopes() -> [(&'static str, Scope); 4] {
    [
        ("AAA123", Scope::Party("AAA123".parse().unwrap())),
        ("BBB456", Scope::Party("BBB456".parse().unwrap())),
        ("CGI", Scope::S1sp("CGI".parse().unwrap())),
        ("observer", Scope::Observer),
    ]
}

/// All rows of a table in one text each, in order.
fn rows(view: &mut View<'_>, table: &str) -> Result<Vec<String>, StoreError> {
    let mut rows = view.query(&format!("SELECT * FROM {table}"), &[], |row| {
        let value = |column| {
            Ok(match row.value(column)? {
                Value::Null => "-".to_owned(),
                Value::Int(number) | Value::Given(number) | Value::Act(number) => number.to_string(),
                Value::Text(text) => format!("'{text}'"),
                Value::Bytes(bytes) => {
                    format!("x{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
                }
            })
        };
        Ok((0..row.columns()).map(value).collect::<Result<Vec<_>, StoreError>>()?.join(" "))
    })?;
    rows.sort();
    Ok(rows)
}

fn tables(store: &mut Store) -> Vec<String> {
    let mut tables = store.view(Scope::Dcc).unwrap().tables().unwrap();
    tables.extend(VIEWS.map(str::to_owned));
    tables
}

/// What each scope sees, as `seen.txt` has it.
fn told(store: &mut Store) -> String {
    let mut text = String::new();
    for table in tables(store) {
        let all = rows(&mut store.view(Scope::Dcc).unwrap(), &table).unwrap();
        // On SQLite the intake is a file of its own.
        if INTAKE.contains(&&*table) {
            assert!(!all.is_empty(), "{table}");
            for (name, scope) in scopes() {
                assert_eq!(rows(&mut store.view(scope).unwrap(), &table).unwrap(), [""; 0], "{name} reads {table}");
            }
            continue;
        }
        assert!(
            ["said_active", "passed_on"].contains(&table.as_str()) || all.len() > 1,
            "{table} has {} rows",
            all.len()
        );
        text.push_str(&format!("{table}\n"));
        for (name, scope) in scopes() {
            let seen = rows(&mut store.view(scope).unwrap(), &table).unwrap();
            if seen == all {
                text.push_str(&format!("  {name}: all {}\n", all.len()));
            } else if seen.is_empty() {
                text.push_str(&format!("  {name}: nothing\n"));
            } else {
                text.push_str(&format!("  {name}:\n"));
                for row in seen {
                    let masked = if all.contains(&row) { "" } else { "  (masked)" };
                    text.push_str(&format!("    {row}{masked}\n"));
                }
            }
        }
    }
    text
}

both!(each_scope_sees_of_each_table_what_is_written_here, |place| {
    let mut store = store(place);
    let told = told(&mut store);
    if std::env::var_os("SLUICE_BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scopes/seen.txt"), &told).unwrap();
        return;
    }
    for (found, wanted) in told.lines().zip(SEEN.lines()) {
        assert_eq!(found, wanted);
    }
    assert_eq!(told, SEEN);
});

/// A file has no roles, and its views are each reader's own.
#[test]
fn a_copy_of_a_file_shows_each_scope_the_same() {
    let place = Place::sqlite();
    let mut store = store(&place);
    let target = place.beside();
    let mut copy = store.copy_to(target.url()).unwrap();
    assert_eq!(told(&mut copy), told(&mut store));
}

#[test]
fn a_copy_of_a_schema_shows_dcc_what_is_no_secret_and_nobody_else_anything() {
    let place = Place::postgres();
    let mut store = store(&place);
    let target = place.beside();
    let mut copy = store.copy_to(target.url()).unwrap();
    for table in tables(&mut store) {
        let mut wanted = rows(&mut store.view(Scope::Dcc).unwrap(), &table).unwrap();
        wanted.retain(|_| !SECRET.iter().chain(INTAKE).any(|empty| *empty == table));
        assert_eq!(rows(&mut copy.view(Scope::Dcc).unwrap(), &table).unwrap(), wanted, "{table}");
        for (name, scope) in scopes() {
            for table in [table.clone(), format!("{}.{table}", target.schema())] {
                assert!(rows(&mut copy.view(scope).unwrap(), &table).is_err(), "{name} reads {table}");
            }
        }
    }
}

both!(msm_14_a_canary_is_in_what_nobody_else_sees, |place| {
    let mut store = store(place);
    for (name, scope) in scopes() {
        let others: Vec<&str> = match name {
            "observer" => vec![UNPUBLISHED],
            _ => CANARIES.into_iter().filter(|canary| !canary.ends_with(name)).collect(),
        };
        for table in tables(&mut store) {
            let seen = rows(&mut store.view(scope).unwrap(), &table).unwrap().join("\n");
            for canary in &others {
                assert!(!seen.contains(canary), "{name} sees {canary} in {table}: {seen}");
            }
        }
    }
});

both!(a_supplier_counts_what_has_passed_on_as_it_was_then, |place| {
    let mut store = store(place);
    let mut counted = |scope| {
        let mut view = store.view(scope).unwrap();
        let sight = Sight::of(&mut view, None, Date::MIN, Date::MAX).unwrap();
        let found = intake::authorisations(&mut view, &sight, Timestamp::UNIX_EPOCH, Timestamp::MAX).unwrap();
        let of_a = found.into_iter().filter(|one| one.party.as_str() == "AAA123");
        of_a.map(|one| format!("{} {} {}", one.answer, one.codes, one.count)).collect::<Vec<_>>()
    };
    let now = [
        "ACCEPTED secret-of-AAA123 1",
        "ACCEPTED secret-of-BBB456 1",
        "DEFERRED secret-of-DDD012 1",
        "HELD secret-of-AAA123 1",
        "NOT_ATTEMPTED  1",
    ];
    assert_eq!(counted(Scope::Dcc), now);
    let then = [
        "ACCEPTED secret-of-AAA123 1",
        "DEFERRED before it passed on 1",
        "HELD secret-of-AAA123 1",
        "NOT_ATTEMPTED  1",
        "SUSPENDED as it passed on 1",
    ];
    assert_eq!(counted(scopes()[0].1), then);
    assert!(counted(scopes()[1].1).is_empty());
});

#[test]
fn row_security_alone_gives_the_rows_that_are_not_masked() {
    let place = Place::postgres();
    let mut store = store(&place);
    let schema = place.schema();
    for table in tables(&mut store).iter().filter(|table| !VIEWS.contains(&table.as_str())) {
        let all = rows(&mut store.view(Scope::Dcc).unwrap(), table).unwrap();
        for (name, scope) in scopes() {
            let mut view = store.view(scope).unwrap();
            let mut wanted = rows(&mut view, table).unwrap();
            wanted.retain(|row| all.contains(row));
            // Past the views, as the same role.
            match rows(&mut view, &format!("{schema}.{table}")) {
                Ok(found) => assert_eq!(found, wanted, "{table} for {name}"),
                Err(error) => {
                    assert!(wanted.is_empty() && error.to_string().contains("permission"), "{table}: {error}")
                }
            }
        }
    }
}

/// A login of the tests' server that owns a store and is no superuser.
struct Plain(String);

impl Plain {
    fn client() -> postgres::Client {
        postgres::Client::connect(&std::env::var("SLUICE_TEST_POSTGRES").unwrap(), postgres::NoTls).unwrap()
    }

    /// The roles are there once a store is.
    fn new() -> Self {
        let name = format!("plain_{}", std::process::id());
        let mut client = Self::client();
        let database: String = client.query_one("SELECT current_database()::text", &[]).unwrap().get(0);
        client
            .batch_execute(&format!(
                "CREATE ROLE {name} LOGIN; GRANT CREATE ON DATABASE {database} TO {name};
                 GRANT sluice_service, sluice_reader, sluice_views TO {name}"
            ))
            .unwrap();
        Self(name)
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = Self::client().batch_execute(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.0));
    }
}

/// What a superuser owns is above row security; what another login owns is not, and that one is a reader as well.
#[test]
fn an_owner_who_is_no_superuser_shows_each_scope_the_same() {
    let first = Place::postgres();
    let mut of_superuser = store(&first);
    let plain = Plain::new();
    let place = Place::of(&plain.0);
    let mut of_plain = store(&place);
    assert_eq!(told(&mut of_plain), told(&mut of_superuser));
    drop(of_plain);
    drop(place);
}

both!(a_view_writes_nothing, |place| {
    let mut store = store(place);
    for (_, scope) in scopes().into_iter().chain([("DCC", Scope::Dcc)]) {
        for sql in [
            "INSERT INTO setting (name, value) VALUES ('a', 'b') RETURNING name",
            "UPDATE notice SET words = '' RETURNING words",
            "DELETE FROM demand RETURNING party",
        ] {
            let error = store.view(scope).unwrap().query(sql, &[], |_| Ok(())).unwrap_err();
            let words = error.to_string();
            let refused =
                matches!(error, StoreError::ReadOnly(_)) || words.contains("view") || words.contains("permission");
            assert!(refused, "{scope}: {words}");
        }
    }
});

both!(one_scope_after_the_other_sees_its_own, |place| {
    let mut store = store(place);
    for (name, scope) in scopes().into_iter().chain(scopes()).take(6) {
        let seen = rows(&mut store.view(scope).unwrap(), "allocation").unwrap();
        let own = seen.iter().filter(|row| row.contains(name)).count();
        let wanted = match name {
            "observer" => (2, 0),
            "CGI" => (0, 0),
            _ => (1, 1),
        };
        assert_eq!((seen.len(), own), wanted, "{name}: {seen:?}");
        assert_eq!(rows(&mut store.view(Scope::Dcc).unwrap(), "allocation").unwrap().len(), 2);
    }
});

both!(a_table_that_is_not_in_the_list_is_seen_by_dcc_alone, |place| {
    let mut store = place.store();
    let mut tx = store.decide().unwrap();
    tx.execute("INSERT INTO thing (id, name) VALUES (1, 'secret-of-DCC')", &[]).unwrap();
    tx.commit().unwrap();
    assert_eq!(rows(&mut store.view(Scope::Dcc).unwrap(), "thing").unwrap().len(), 1);
    for (_, scope) in scopes() {
        assert!(rows(&mut store.view(scope).unwrap(), "thing").unwrap().is_empty(), "{scope}");
    }
});
