//! Databases that are not there, older, newer or another program's; and addresses whose passwords nobody is shown.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod scenario;

use scenario::{Database, Kind};
use sluice_service::act::simulated::set_simulated;
use sluice_store::schema::MIGRATIONS;
use sluice_store::{Migration, Store, Url};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Commands that work on a database, each otherwise rightly used.
const COMMANDS: &[&str] = &[
    "user add ann --role operator",
    "user disable ann",
    "import capacity table.csv",
    "import undo",
    "submit --as AAA123 table.csv",
    "outbox --as AAA123 --out out",
    "eligible --as AAA123 --s1sp CGI --out eligible.csv",
    "propose --as AAA123 --s1sp CGI --week 2021-07-26 --out out",
    "week show 2021-07-26",
    "schedule show 2021-07-26 --s1sp CGI",
    "dormant show 2021-07-26",
    "stop list",
    "exclusion list",
    "installation show 70-B3-D5-1F-30-00-A0-08",
    "report progress",
    "replay",
    "audit verify",
    "migrate",
    "migrate --dry-run",
];

fn sluice(folder: &Path, arguments: &[&str], address: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.args(arguments).current_dir(folder).env_remove("SLUICE_DATABASE");
    if let Some(address) = address {
        command.env("SLUICE_DATABASE", address);
    }
    command.output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn words(line: &str) -> Vec<&str> {
    line.split_ascii_whitespace().collect()
}

/// Every command that needs an up-to-date database is refused with these words.
fn refused(folder: &Path, address: &str, migrates: bool, wanted: &str) {
    for line in COMMANDS.iter().filter(|line| !migrates || !line.starts_with("migrate")) {
        let output = sluice(folder, &words(line), Some(address));
        let told = told(&output);
        assert!(output.status.code() == Some(2) && told.contains(wanted), "{line}: {told}");
    }
}

#[test]
fn only_init_and_demo_make_a_database() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("table.csv"), "").unwrap();
    let names = || fs::read_dir(folder.path()).unwrap().count();
    refused(
        folder.path(),
        "sqlite:new/sluice.db",
        false,
        "there is no database at sqlite:new/sluice.db; make one with sluice init",
    );
    let output = sluice(folder.path(), &["audit", "verify"], None);
    assert!(told(&output).contains("there is no database at sqlite:sluice-data/sluice.db"), "{}", told(&output));
    assert_eq!(names(), 1);
    for kind in Kind::all().into_iter().filter(|kind| !kind.is_sqlite()) {
        let place = Database::new(kind);
        refused(folder.path(), &place.address, false, "make one with sluice init, or correct the address");
        let url: Url = place.address.parse().unwrap();
        assert!(!Store::exists(&url).unwrap());
    }
    let output = sluice(folder.path(), &["init"], Some("sqlite:new/sluice.db"));
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let output = sluice(folder.path(), &["audit", "verify"], Some("sqlite:new/sluice.db"));
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}

#[test]
fn an_older_database_is_migrated_and_not_used_before() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("table.csv"), "").unwrap();
    let path = folder.path().join("old.db");
    let address = format!("sqlite:{}", path.display());
    Store::create(&address.parse().unwrap()).unwrap().migrate(&MIGRATIONS[..1]).unwrap();
    let before = fs::read(&path).unwrap();
    let last = MIGRATIONS.last().unwrap();
    let wanted = format!(
        "{address} was made by an older program (schema version 1; this one has {}); run sluice migrate",
        last.version
    );
    refused(folder.path(), &address, true, &wanted);
    let output = sluice(folder.path(), &["migrate", "--dry-run"], Some(&address));
    assert!(
        output.status.success() && told(&output).contains("has schema version 1. To be applied:"),
        "{}",
        told(&output)
    );
    assert!(told(&output).contains(last.name), "{}", told(&output));
    assert!(before == fs::read(&path).unwrap());
    let output = sluice(folder.path(), &["migrate"], Some(&address));
    let wanted = format!("went from schema version 1 to {}. Applied in one change:", last.version);
    assert!(output.status.success() && told(&output).contains(&wanted), "{}", told(&output));
    let output = sluice(folder.path(), &["migrate", "--json"], Some(&address));
    assert!(output.status.success() && told(&output).contains("\"steps\": []"), "{}", told(&output));
    // What `init` wrote beside the schema.
    let mut store = Store::open(&address.parse().unwrap()).unwrap();
    let mut tx = store.decide().unwrap();
    set_simulated(&mut tx, false).unwrap();
    tx.commit().unwrap();
    drop(store);
    let output = sluice(folder.path(), &["audit", "verify"], Some(&address));
    assert!(output.status.success(), "{}", told(&output));
}

#[test]
fn a_newer_or_another_programs_database_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("table.csv"), "").unwrap();
    let newer = folder.path().join("newer.db");
    let address = format!("sqlite:{}", newer.display());
    let step = Migration { version: 1_000, name: "of tomorrow", sql: "CREATE TABLE tomorrow (id INTEGER) STRICT;\n" };
    let steps: Vec<_> = MIGRATIONS.iter().copied().chain([step]).collect();
    Store::create(&address.parse().unwrap()).unwrap().migrate(&steps).unwrap();
    let before = fs::read(&newer).unwrap();
    refused(
        folder.path(),
        &address,
        false,
        "the database has schema version 1000 (of tomorrow) and this program knows",
    );
    assert!(before == fs::read(&newer).unwrap());
    let other = folder.path().join("table.csv");
    fs::write(&other, "Party,Units\nAAA123,7\n".repeat(50)).unwrap();
    let address = format!("sqlite:{}", other.display());
    let before = fs::read(&other).unwrap();
    refused(
        folder.path(),
        &address,
        false,
        "is no database of Sluice (it is no file of SQLite, or its beginning is damaged); nothing is changed",
    );
    assert!(before == fs::read(&other).unwrap());
}

#[test]
fn nobody_is_shown_the_password_of_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let addresses = [
        "postgres://me:canary@127.0.0.1:1/x",
        "postgres://me:canary@db.example/x?sslmode=disable",
        "postgres:/me:canary@host/x",
        "postgress//me:canary@host/x",
        "postgres://me:canary",
        "postgres://me:canary@host:port/x",
        "postgres://me:p@canary@host/x",
        "postgres://me:canary%zz@host/x",
        "mysql://me:canary@host/x",
        "sqlite://me:canary@host/x",
        "host=h password=canary",
    ];
    for address in addresses {
        let equals = format!("--database={address}");
        let mistyped = format!("--databse={address}");
        for arguments in [
            &["audit", "verify", "--database", address][..],
            &["audit", "verify", &equals],
            &["audit", "verify", &mistyped],
            &["audit", "verify", "--database", address, address],
            &["audit", "verify", &equals, &equals],
            &["audit", address],
            &["init", address],
            &["import", address, "--database", address],
            &["demo", "--out", "demo", "--database", address],
            &["migrate", "--database", address, "--now", address],
            &[address],
        ] {
            let output = sluice(folder.path(), arguments, None);
            let told = told(&output);
            assert!(!output.status.success() && !told.is_empty(), "{arguments:?}: {told}");
            assert!(!told.contains("canary"), "{arguments:?}: {told}");
        }
        for arguments in [&["audit", "verify"][..], &["init"], &["audit", "verify", "--help"], &["migrate"]] {
            let told = told(&sluice(folder.path(), arguments, Some(address)));
            assert!(!told.contains("canary"), "{arguments:?}: {told}");
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "something was made");
}
