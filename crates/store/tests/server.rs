//! Connections to PostgreSQL: what a server's own settings must not change, encryption, passwords, a server that says nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::own::Own;
use both::{Place, options};
use postgres::{Client, NoTls};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sluice_store::raw::{Queries as _, Writes as _, owner_view};
use sluice_store::{Options, Scope, Store, StoreError, Url};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

const SCOPE: Scope = Scope::Dcc;

/// The tests' server, past the store.
fn raw() -> Client {
    Client::connect(&std::env::var("SLUICE_TEST_POSTGRES").unwrap(), NoTls).unwrap()
}

/// The address of the tests' server, or of another one, with another user and more parameters.
fn address(server: &str, user: &str, more: &str) -> String {
    let (_, rest) = server.split_once('@').unwrap();
    format!("postgres://{user}@{rest}?{more}")
}

/// A role whose defaults are as unfit as can be.
struct Role(String);

impl Role {
    fn new() -> Self {
        let name = format!("unfit_{}", std::process::id());
        let mut client = raw();
        client.batch_execute(&format!("CREATE ROLE {name} LOGIN SUPERUSER")).unwrap();
        for setting in [
            "default_transaction_isolation = 'repeatable read'",
            "default_transaction_deferrable = on",
            "statement_timeout = '1s'",
            "lock_timeout = '1ms'",
            "idle_in_transaction_session_timeout = '1s'",
            "idle_session_timeout = '1s'",
            "search_path = pg_catalog",
            "row_security = off",
            "role = 'pg_monitor'",
        ] {
            client.batch_execute(&format!("ALTER ROLE {name} SET {setting}")).unwrap();
        }
        Self(name)
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        let _ = raw().batch_execute(&format!("REASSIGN OWNED BY {0} TO CURRENT_USER; DROP ROLE {0}", self.0));
    }
}

#[test]
fn transactions_are_as_they_must_be_whatever_a_role_has_as_its_defaults() {
    let role = Role::new();
    let schema = format!("schema=unfit_{}", std::process::id());
    let text = address(&std::env::var("SLUICE_TEST_POSTGRES").unwrap(), &role.0, &schema);
    let url: Url = text.parse().unwrap();
    let mut store = Store::create(&url).unwrap();
    store.migrate(both::SCHEMA).unwrap();
    let mut tx = store.decide().unwrap();
    tx.execute("INSERT INTO thing (id, name, number) VALUES (1, 'a', 0)", &[]).unwrap();
    tx.commit().unwrap();
    let add = |url: &Url| -> Result<(), StoreError> {
        let mut store = Store::open_with(url, Options { patience: Duration::from_secs(60), ..Options::default() })?;
        let mut tx = store.decide()?;
        let number = tx.query_one("SELECT number FROM thing WHERE id = 1", &[], |row| row.int(0))?;
        // Longer than each of the role's limits: in a statement, and between two.
        tx.query("SELECT CAST(pg_sleep(1.2) AS TEXT)", &[], |_| Ok(()))?;
        std::thread::sleep(Duration::from_millis(1200));
        tx.execute("UPDATE thing SET number = $1 WHERE id = 1", &[(number + 1).into()])?;
        tx.commit()
    };
    std::thread::scope(|scope| {
        let acts: Vec<_> = (0..4).map(|_| scope.spawn(|| add(&url))).collect();
        acts.into_iter().for_each(|act| act.join().unwrap().unwrap());
    });
    let mut tx = store.view(SCOPE).unwrap();
    assert_eq!(tx.query_one("SELECT number FROM thing WHERE id = 1", &[], |row| row.int(0)).unwrap(), 4);
    let level = "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')";
    let told = |row: &sluice_store::Row<'_>| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
    assert_eq!(tx.query_one(level, &[], told).unwrap(), ("repeatable read".to_owned(), "on".to_owned()));
    drop(tx);
    let mut tx = store.decide().unwrap();
    assert_eq!(tx.query_one(level, &[], told).unwrap(), ("read committed".to_owned(), "off".to_owned()));
    drop(tx);
    store.remove().unwrap();
}

#[test]
fn a_word_of_sql_is_no_name_of_a_schema() {
    for word in ["full", "user", "order", "table"] {
        let url = both::server().with_schema(word).unwrap();
        for error in [Store::create(&url).unwrap_err(), Store::open(&url).unwrap_err()] {
            let told = error.to_string();
            assert!(matches!(error, StoreError::Url { .. }) && told.contains("is a word of SQL"), "{told}");
        }
    }
}

#[test]
fn a_statement_that_reads_for_too_long_is_ended() {
    let place = Place::postgres();
    drop(place.store());
    let hasty = Options { statement: Duration::from_millis(200), ..options() };
    let mut store = Store::open_with(place.url(), hasty).unwrap();
    let long = "SELECT CAST(pg_sleep(60) AS TEXT)";
    let error = store.view(SCOPE).unwrap().query(long, &[], |_| Ok(())).unwrap_err();
    assert!(matches!(error, StoreError::Slow(_)) && error.passes(), "{error:?}");
}

/// A stream that one thread reads and another writes.
trait Stream: Read + Write + Send + Sized + 'static {
    fn again(&self) -> Self;
}

impl Stream for TcpStream {
    fn again(&self) -> Self {
        self.try_clone().unwrap()
    }
}

impl Stream for UnixStream {
    fn again(&self) -> Self {
        self.try_clone().unwrap()
    }
}

/// Passes on what comes from a stream, until it is to pass nothing on.
fn pass(mut from: impl Stream, mut into: impl Stream, silent: &Arc<AtomicBool>) {
    let silent = Arc::clone(silent);
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            if !silent.load(Ordering::Relaxed) && into.write_all(&bytes[..length]).is_err() {
                break;
            }
        }
    });
}

/// What stands between a store and its server, and can stop to pass anything on.
fn between<S: Stream>(mut next: impl FnMut() -> Option<S> + Send + 'static, silent: &Arc<AtomicBool>) {
    let server = std::env::var("SLUICE_TEST_POSTGRES").unwrap();
    let (_, rest) = server.split_once('@').unwrap();
    let to = rest.split('/').next().unwrap().to_owned();
    let silent = Arc::clone(silent);
    std::thread::spawn(move || {
        while let Some(near) = next() {
            let far = TcpStream::connect(&to).unwrap();
            pass(near.again(), far.again(), &silent);
            pass(far, near, &silent);
        }
    });
}

/// The address of a place by way of what can stop to pass anything on.
fn by_way_of(place: &Place, silent: &Arc<AtomicBool>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    between(move || Some(listener.accept().unwrap().0), silent);
    at(place, &format!("127.0.0.1:{port}"), "")
}

/// The same by a socket in a folder.
fn by_socket_of(place: &Place, folder: &Path, silent: &Arc<AtomicBool>) -> Url {
    let listener = UnixListener::bind(folder.join(".s.PGSQL.7")).unwrap();
    between(move || Some(listener.accept().unwrap().0), silent);
    at(place, "", &format!("&host={}&port=7", folder.display()))
}

/// The address of a place by another host.
fn at(place: &Place, host: &str, more: &str) -> Url {
    let server = std::env::var("SLUICE_TEST_POSTGRES").unwrap();
    let schema = place.url().to_string().split_once('?').unwrap().1.to_owned();
    let user = server.split_once("://").unwrap().1.split_once('@').unwrap().0.to_owned();
    let database = server.rsplit_once('/').unwrap().1.split('?').next().unwrap().to_owned();
    format!("postgres://{user}@{host}/{database}?{schema}{more}").parse().unwrap()
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    // By a limit to all silence, or since it does not answer another connection either.
    let short = Duration::from_millis(200);
    let hasty = [Options { statement: short, ..options() }, Options { silence: short, ..options() }];
    for (hasty, by_socket) in hasty.into_iter().flat_map(|hasty| [(hasty, false), (hasty, true)]) {
        let place = Place::postgres();
        drop(place.store());
        let (silent, folder) = (Arc::new(AtomicBool::new(false)), tempfile::tempdir().unwrap());
        let url = if by_socket { by_socket_of(&place, folder.path(), &silent) } else { by_way_of(&place, &silent) };
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let mut store = Store::open_with(&url, hasty).unwrap();
            let mut tx = store.decide().unwrap();
            silent.store(true, Ordering::Relaxed);
            tell.send(tx.execute("INSERT INTO part (id) VALUES (1)", &[]).unwrap_err()).unwrap();
            drop(tx);
            // Neither the end of the transaction nor a new connection waits for ever.
            tell.send(store.decide().unwrap_err()).unwrap();
            tell.send(Store::open_with(&url, hasty).unwrap_err()).unwrap();
        });
        for _ in 0..3 {
            let error = told.recv_timeout(Duration::from_secs(60)).expect("it waits for ever");
            assert!(matches!(error, StoreError::Unreachable(_)) && error.passes(), "{error:?}");
        }
    }
}

#[test]
fn a_long_statement_of_a_server_that_answers_goes_on() {
    let (place, folder) = (Place::postgres(), tempfile::tempdir().unwrap());
    drop(place.store());
    let silent = Arc::new(AtomicBool::new(false));
    for url in [by_way_of(&place, &silent), by_socket_of(&place, folder.path(), &silent)] {
        let mut store = Store::open_with(&url, Options { silence: Duration::from_millis(50), ..options() }).unwrap();
        let long = "SELECT CAST(pg_sleep(1) AS TEXT)";
        store.decide().unwrap().query(long, &[], |_| Ok(())).unwrap();
        store.view(SCOPE).unwrap().query(long, &[], |_| Ok(())).unwrap();
    }
}

#[test]
fn a_socket_that_nobody_listens_at_is_passed_over() {
    let place = Place::postgres();
    drop(place.store());
    let folder = tempfile::tempdir().unwrap();
    let url = by_socket_of(&place, folder.path(), &Arc::new(AtomicBool::new(false)));
    drop(Store::open_with(&url, options()).unwrap());
    let nowhere = folder.path().join("nowhere");
    std::fs::create_dir(&nowhere).unwrap();
    let hosts = |hosts: &str| at(&place, "", &format!("&host={hosts}&port=7"));
    let error = Store::open_with(&hosts(&nowhere.display().to_string()), options()).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
    assert!(error.to_string().contains("error connecting to server: No such file"), "{error}");
    // The next is tried, as of an address with several hosts; it may be this machine by its network.
    drop(Store::open_with(&hosts(&format!("{},{}", nowhere.display(), folder.path().display())), options()).unwrap());
    let server = std::env::var("SLUICE_TEST_POSTGRES").unwrap();
    let port: u16 = server.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap();
    let beside = format!("&host={},127.0.0.1&port=7,{port}", nowhere.display());
    drop(Store::open_with(&at(&place, "", &beside), options()).unwrap());
}

#[test]
fn who_stands_still_in_the_midst_of_an_act_does_not_hold_the_others_up_for_ever() {
    let place = Place::postgres();
    drop(place.store());
    let mut one =
        Store::open_with(place.url(), Options { statement: Duration::from_millis(200), ..options() }).unwrap();
    let mut other = Store::open_with(place.url(), options()).unwrap();
    let mut stands = one.decide().unwrap();
    // It waits for the lock until the server ends the other.
    drop(other.decide().unwrap());
    let error = stands.execute("INSERT INTO part (id) VALUES (1)", &[]).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
    drop(stands);
    drop(one.decide().unwrap());
}

/// An authority, and the certificate of a server called `localhost` with its key, in PEM.
fn certificates() -> [String; 3] {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    [root, server.pem(), key.serialize_pem()]
}

/// Whether the connection to an address is encrypted, as the server sees it.
fn encrypted(url: &Url) -> Result<bool, StoreError> {
    let mut store = Store::open_with(url, Options { patience: Duration::from_secs(10), ..options() })?;
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    owner_view(&mut store)?.query_one(sql, &[], |row| Ok(row.int(0)? == 1))
}

#[test]
fn connections_are_encrypted_as_the_address_says() {
    let server = Own::start();
    let folder = tempfile::tempdir().unwrap();
    let [root, certificate, key] = certificates();
    let [other, ..] = certificates();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        format!("sslrootcert={}", folder.path().join(name).display())
    };
    let (root, other) = (file("root.crt", &root), file("other.crt", &other));
    drop(Store::create(&server.at("sluice", "localhost", "")).unwrap());

    // A server that cannot encrypt.
    let at = |host: &str, more: &str| encrypted(&server.at("sluice", host, more));
    assert!(!at("localhost", "sslmode=prefer").unwrap());
    let error = at("localhost", "sslmode=require").unwrap_err();
    assert!(matches!(error, StoreError::Untrusted(_)) && !error.passes(), "{error:?}");

    server.put("tls.crt", &certificate);
    server.put("tls.key", &key);
    let mut client = server.client();
    for setting in ["ssl = on", "ssl_cert_file = 'tls.crt'", "ssl_key_file = 'tls.key'"] {
        client.batch_execute(&format!("ALTER SYSTEM SET {setting}")).unwrap();
    }
    client.batch_execute("SELECT pg_reload_conf()").unwrap();
    // The server reads its settings again when it comes to it.
    let on = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        at("localhost", "sslmode=require").is_ok()
    });
    assert!(on, "the server does not encrypt");

    for (host, more) in [
        ("localhost", "sslmode=require".to_owned()),
        ("localhost", "sslmode=prefer".to_owned()),
        ("localhost", "sslmode=allow".to_owned()),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("localhost", format!("sslmode=require&{root}")),
        ("localhost", format!("sslmode=verify-ca&{root}")),
        ("127.0.0.1", format!("sslmode=verify-ca&{root}")),
        ("localhost", format!("sslmode=verify-full&{root}")),
        ("localhost", root.clone()),
    ] {
        assert!(at(host, &more).unwrap(), "{host} {more}");
    }
    assert!(!at("localhost", "").unwrap());
    assert!(!at("localhost", "sslmode=disable").unwrap());
    for (host, more) in [
        // Another authority; with a root at hand `require` checks it as well, as libpq does.
        ("localhost", format!("sslmode=verify-full&{other}")),
        ("localhost", format!("sslmode=verify-ca&{other}")),
        ("localhost", format!("sslmode=require&{other}")),
        // Another name.
        ("127.0.0.1", format!("sslmode=verify-full&{root}")),
        ("127.0.0.1", root.clone()),
    ] {
        let error = at(host, &more).unwrap_err();
        assert!(matches!(error, StoreError::Untrusted(_)) && !error.passes(), "{host} {more}: {error:?}");
    }
}

#[test]
fn a_password_is_taken_from_the_address_or_a_file() {
    let server = Own::start();
    let folder = tempfile::tempdir().unwrap();
    drop(Store::create(&server.at("sluice", "localhost", "")).unwrap());
    let mut client = server.client();
    client.batch_execute("CREATE ROLE locked LOGIN SUPERUSER PASSWORD 'right:canary'").unwrap();
    server.put("pg_hba.conf", "host all locked all scram-sha-256\nhost all all all trust");
    client.batch_execute("SELECT pg_reload_conf()").unwrap();
    let open = |user: &str, more: &str| Store::open_with(&server.at(user, "localhost", more), options()).map(drop);
    let locked = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        open("locked:wrong", "").is_err()
    });
    assert!(locked, "the server lets everybody in");
    open("locked:right%3Acanary", "").unwrap();
    let path = folder.path().join("pgpass");
    let more = format!("passfile={}", path.display());
    std::fs::write(&path, "localhost:*:postgres:locked:right\\:canary\n").unwrap();
    let mode = |mode| std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    mode(0o600);
    open("locked", &more).unwrap();
    mode(0o644);
    for error in [open("locked", &more), open("locked:canary", ""), open("locked", "")] {
        let error = error.unwrap_err();
        let words = format!("{error} {error:?}");
        let refused = matches!(error, StoreError::Access(_) | StoreError::Denied(_));
        assert!(refused && !error.passes() && !words.contains("canary"), "{words}");
    }
}
