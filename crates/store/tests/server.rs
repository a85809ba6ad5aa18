//! Connections to PostgreSQL: what a server's own settings must not change, encryption, passwords, a server that says nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, options};
use postgres::{Client, NoTls};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sluice_store::raw::{Queries as _, Writes as _, owner_view};
use sluice_store::schema::MIGRATIONS;
use sluice_store::{Options, Scope, Store, StoreError, Url};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
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
            "statement_timeout = '100ms'",
            "lock_timeout = '1ms'",
            "idle_in_transaction_session_timeout = '50ms'",
            "idle_session_timeout = '50ms'",
            "search_path = pg_catalog",
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
        tx.query("SELECT CAST(pg_sleep(0.15) AS TEXT)", &[], |_| Ok(()))?;
        std::thread::sleep(Duration::from_millis(100));
        tx.execute("UPDATE thing SET number = $1 WHERE id = 1", &[(number + 1).into()])?;
        tx.commit()
    };
    std::thread::scope(|scope| {
        let acts: Vec<_> = (0..12).map(|_| scope.spawn(|| add(&url))).collect();
        acts.into_iter().for_each(|act| act.join().unwrap().unwrap());
    });
    let mut tx = store.view(SCOPE).unwrap();
    assert_eq!(tx.query_one("SELECT number FROM thing WHERE id = 1", &[], |row| row.int(0)).unwrap(), 12);
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
fn a_statement_that_reads_for_too_long_is_ended() {
    let place = Place::postgres();
    drop(place.store());
    let hasty = Options { statement: Duration::from_millis(200), ..options() };
    let mut store = Store::open_with(place.url(), hasty).unwrap();
    let long = "SELECT CAST(pg_sleep(60) AS TEXT)";
    let error = store.view(SCOPE).unwrap().query(long, &[], |_| Ok(())).unwrap_err();
    assert!(matches!(error, StoreError::Slow(_)) && error.passes(), "{error:?}");
}

/// What stands between a store and its server, and can stop to pass anything on.
fn between(server: &str, silent: &Arc<AtomicBool>) -> u16 {
    let (_, rest) = server.split_once('@').unwrap();
    let to = rest.split('/').next().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let silent = Arc::clone(silent);
    std::thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let far = TcpStream::connect(&to).unwrap();
            for (mut from, mut into) in [
                (near.try_clone().unwrap(), far.try_clone().unwrap()),
                (far.try_clone().unwrap(), near.try_clone().unwrap()),
            ] {
                let silent = Arc::clone(&silent);
                std::thread::spawn(move || {
                    let mut bytes = [0; 4096];
                    while let Ok(length @ 1..) = from.read(&mut bytes) {
                        if !silent.load(Ordering::Relaxed) && into.write_all(&bytes[..length]).is_err() {
                            break;
                        }
                    }
                });
            }
        }
    });
    port
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let place = Place::postgres();
    drop(place.store());
    let silent = Arc::new(AtomicBool::new(false));
    let server = std::env::var("SLUICE_TEST_POSTGRES").unwrap();
    let port = between(&server, &silent);
    let schema = place.url().to_string().split_once('?').unwrap().1.to_owned();
    let user = server.split_once("://").unwrap().1.split_once('@').unwrap().0.to_owned();
    let database = server.rsplit_once('/').unwrap().1.split('?').next().unwrap().to_owned();
    let url: Url = format!("postgres://{user}@127.0.0.1:{port}/{database}?{schema}").parse().unwrap();
    let hasty = Options { statement: Duration::from_millis(200), ..options() };
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

/// A server of its own, which ends when its input does.
struct Own {
    child: Child,
    address: String,
}

impl Own {
    fn start() -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/with-postgres");
        let mut child = Command::new(program)
            .args(["sh", "-c", "echo \"$SLUICE_TEST_POSTGRES\"; cat >/dev/null"])
            .env_remove("SLUICE_TEST_POSTGRES")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { child, address: address.trim().to_owned() }
    }

    fn client(&self) -> Client {
        Client::connect(&self.address, NoTls).unwrap()
    }

    /// Puts a file into the server's folder, as its user.
    fn put(&self, name: &str, text: &str) {
        let sql =
            format!("COPY (SELECT unnest(string_to_array('{text}', E'\\n'))) TO PROGRAM 'umask 077; cat >{name}'");
        self.client().batch_execute(&sql).unwrap();
    }

    /// The address with another user, host and parameters.
    fn at(&self, user: &str, host: &str, more: &str) -> Url {
        let (_, rest) = self.address.split_once('@').unwrap();
        format!("postgres://{user}@{}?{more}", rest.replace("127.0.0.1", host)).parse().unwrap()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
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

#[test]
fn a_login_that_may_make_no_roles_is_told_what_a_superuser_runs() {
    let server = Own::start();
    let mut admin = server.client();
    admin.batch_execute("CREATE ROLE plain LOGIN; GRANT CREATE ON DATABASE postgres TO plain").unwrap();
    let url = server.at("plain", "127.0.0.1", "schema=of_plain");
    let error = Store::create(&url).unwrap_err();
    assert!(matches!(error, StoreError::Roles(_)), "{error:?}");
    let words = error.to_string();
    // Nothing is left of it, and what it says is what helps.
    assert!(!Store::exists(&url).unwrap());
    let statements: Vec<&str> = words.lines().filter(|line| line.ends_with(';')).collect();
    assert_eq!(statements.len(), 2, "{words}");
    admin.batch_execute(&statements.concat()).unwrap();
    let mut store = Store::create(&url).unwrap();
    store.migrate(both::SCHEMA).unwrap();
    let mut tx = store.decide().unwrap();
    tx.execute("INSERT INTO thing (id, name) VALUES (1, 'a')", &[]).unwrap();
    tx.commit().unwrap();
    assert_eq!(tx_count(&mut store, Scope::Dcc), 1);
    assert_eq!(tx_count(&mut store, Scope::Observer), 0);
    // A role that is above row security is refused.
    admin.batch_execute("ALTER ROLE sluice_reader BYPASSRLS").unwrap();
    let error = store.view(Scope::Observer).unwrap_err();
    assert!(error.to_string().contains("above row security"), "{error}");
    admin.batch_execute("ALTER ROLE sluice_reader NOBYPASSRLS").unwrap();
    // A table that is protected no more is noticed when the store is opened.
    store.require(both::SCHEMA).unwrap();
    admin.batch_execute("ALTER TABLE of_plain.thing NO FORCE ROW LEVEL SECURITY").unwrap();
    assert!(matches!(store.require(both::SCHEMA), Err(StoreError::Roles(_))));
    store.migrate(both::SCHEMA).unwrap();
    store.require(both::SCHEMA).unwrap();
    // So are views of another owner, as who puts a backup back may have made them.
    admin.batch_execute("ALTER VIEW of_plain_party.thing OWNER TO plain").unwrap();
    assert!(matches!(store.require(both::SCHEMA), Err(StoreError::Roles(_))));
    store.migrate(both::SCHEMA).unwrap();
    store.require(both::SCHEMA).unwrap();
}

/// From PostgreSQL 16 on who makes a role is a member of it, and may act as it only when it has granted it to itself.
#[test]
fn a_login_that_may_make_roles_acts_as_those_that_it_makes() {
    let server = Own::start();
    server
        .client()
        .batch_execute("CREATE ROLE maker LOGIN CREATEROLE; GRANT CREATE ON DATABASE postgres TO maker")
        .unwrap();
    let mut store = Store::create(&server.at("maker", "127.0.0.1", "schema=of_maker")).unwrap();
    store.migrate(both::SCHEMA).unwrap();
    let mut tx = store.decide().unwrap();
    tx.execute("INSERT INTO thing (id, name) VALUES (1, 'a')", &[]).unwrap();
    tx.commit().unwrap();
    assert_eq!(tx_count(&mut store, Scope::Dcc), 1);
    assert_eq!(tx_count(&mut store, Scope::Observer), 0);
}

/// Who may do what with a schema: its policies, the rights to its tables and functions, and its views, in words.
fn protection(client: &mut Client, schema: &str) -> Vec<String> {
    let sql = "SELECT concat_ws(' ', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies WHERE schemaname = $1
               UNION ALL SELECT concat_ws(' ', relname, relacl, relrowsecurity, relforcerowsecurity) FROM pg_class
                 WHERE relnamespace = to_regnamespace($1)
               UNION ALL SELECT concat_ws(' ', proname, proacl) FROM pg_proc WHERE pronamespace = to_regnamespace($1)
               UNION ALL SELECT concat_ws(' ', nspname, nspacl) FROM pg_namespace WHERE nspname LIKE $1 || '%'
               UNION ALL SELECT concat_ws(' ', viewname, definition) FROM pg_views WHERE schemaname LIKE $1 || '\\_%' ORDER BY 1";
    client.query(sql, &[&schema]).unwrap().iter().map(|row| row.get(0)).collect()
}

/// Roles are the server's, and so are shared: a second store, of the same login or of another one, leaves the first as it is.
#[test]
fn a_second_store_in_the_database_leaves_the_first_as_protected_as_it_was() {
    let server = Own::start();
    let mut admin = server.client();
    admin.batch_execute("CREATE ROLE other LOGIN; GRANT CREATE ON DATABASE postgres TO other").unwrap();
    let first = server.at("sluice", "127.0.0.1", "schema=first");
    let mut one = Store::create(&first).unwrap();
    one.migrate(MIGRATIONS).unwrap();
    admin.batch_execute("GRANT sluice_service, sluice_reader TO other").unwrap();
    let allocate = |store: &mut Store, party: &str| {
        let mut tx = store.decide().unwrap();
        let sql = "INSERT INTO allocation (s1sp, date, party, units, handed_back) VALUES ('CGI', 20210712, $1, 1, 0)";
        tx.execute(sql, &[party.into()]).unwrap();
        tx.commit().unwrap();
    };
    let seen = |store: &mut Store, scope| {
        store
            .view(scope)
            .unwrap()
            .query("SELECT party FROM allocation", &[], |row| Ok(row.text(0)?.to_owned()))
            .unwrap()
    };
    let supplier = Scope::Party("AAA123".parse().unwrap());
    allocate(&mut one, "AAA123");
    allocate(&mut one, "BBB456");
    let before = protection(&mut admin, "first");
    assert!(before.len() > 200, "{before:?}");
    for login in ["sluice", "other"] {
        let mut two = Store::create(&server.at(login, "127.0.0.1", "schema=second")).unwrap();
        two.migrate(MIGRATIONS).unwrap();
        allocate(&mut two, "AAA123");
        for store in [&mut one, &mut two] {
            store.require(MIGRATIONS).unwrap();
            assert_eq!(seen(store, supplier), ["AAA123"]);
        }
        assert_eq!((seen(&mut one, Scope::Dcc).len(), seen(&mut two, Scope::Dcc).len()), (2, 1));
        assert_eq!(protection(&mut admin, "first"), before, "{login}");
        two.remove().unwrap();
    }
    assert_eq!(protection(&mut admin, "first"), before);
    one.require(MIGRATIONS).unwrap();
}

/// The schema of the views of one store is no place for another, and does not go with it.
#[test]
fn a_store_whose_name_is_that_of_anothers_views_keeps_apart() {
    let server = Own::start();
    let at = |schema: &str| server.at("sluice", "127.0.0.1", &format!("schema={schema}"));
    let mut one = Store::create(&at("one")).unwrap();
    assert!(matches!(Store::create(&at("one_party")), Err(StoreError::Exists(_))));
    one.migrate(both::SCHEMA).unwrap();
    one.remove().unwrap();
    let mut views = Store::create(&at("one_party")).unwrap();
    views.migrate(both::SCHEMA).unwrap();
    let error = Store::create(&at("one")).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
    assert!(!Store::exists(&at("one")).unwrap());
    views.require(both::SCHEMA).unwrap();
}

fn tx_count(store: &mut Store, scope: Scope) -> i64 {
    store.view(scope).unwrap().query_one("SELECT count(*) FROM thing", &[], |row| row.int(0)).unwrap()
}
