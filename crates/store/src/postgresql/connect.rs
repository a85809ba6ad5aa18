//! Connecting, and what the server and the session must be.

use super::address::Address;
use super::environment::Environment;
use super::passfile::{self, Door};
use super::tls::{self, Way};
use super::watched::{Ask, Limits, Plain, Watching};
use crate::error::StoreError;
use crate::options::Options;
use postgres::config::{Host, SslMode, SslNegotiation};
use postgres::{Client, Config, NoTls};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The oldest version that is supported, in the server's own counting.
const OLDEST: i64 = 150_000;

/// Connects, whether the schema is there or not.
pub(crate) fn connect(address: &Address, options: &Options) -> Result<Client, StoreError> {
    let environment = Environment::of_process();
    let mut config = address.config.clone();
    let way = tls::way(config.get_hosts(), address.sslmode, address.sslrootcert.as_ref(), &environment)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(options.patience);
    }
    if config.get_application_name().is_none() {
        config.application_name("sluice");
    }
    if config.get_password().is_none()
        && let Some(password) = password(&config, address.passfile.as_deref(), &environment)?
    {
        config.password(password);
    }
    // A machine that is gone, or the way to it, is noticed within a minute.
    config.keepalives_idle(Duration::from_secs(30)).keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
    config.tcp_user_timeout(Duration::from_secs(60));
    let mut client = connected(config, way, options).map_err(|error| named(error, address))?;
    check(&mut client, address)?;
    set(&mut client, address, options)?;
    Ok(client)
}

/// An error that names the address where the server names a database only.
fn named(error: StoreError, address: &Address) -> StoreError {
    match error {
        StoreError::Missing(_) => StoreError::Access(format!(
            "the server of {address} has no database of that name; make it there first, as with createdb, or correct the address"
        )),
        other => other,
    }
}

/// A password that the address does not hold.
fn password(config: &Config, file: Option<&Path>, environment: &Environment) -> Result<Option<Vec<u8>>, StoreError> {
    if let Some(password) = &environment.password {
        return Ok(Some(password.as_encoded_bytes().to_vec()));
    }
    let of_home = environment.home.as_ref().map(|home| home.join(".pgpass"));
    let lines = match (file.or(environment.passfile.as_deref()), &of_home) {
        (Some(named), _) => passfile::read(named, true)?,
        (None, Some(usual)) => passfile::read(usual, false)?,
        (None, None) => None,
    };
    let Some(lines) = lines else { return Ok(None) };
    let user = config.get_user().unwrap_or_default();
    let mut found: Vec<Option<String>> = Vec::new();
    for (host, port) in config.get_hosts().iter().zip(config.get_ports()) {
        let host = match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) if path == Path::new("/var/run/postgresql") || path == Path::new("/tmp") => {
                "localhost".to_owned()
            }
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        };
        let (port, database) = (port.to_string(), config.get_dbname().unwrap_or(user));
        found.push(passfile::password(&lines, &Door { host: &host, port: &port, database, user }));
    }
    found.dedup();
    match found.as_slice() {
        // No host gets the password of another one.
        [_, _, ..] => Err(StoreError::Access(
            "the password file has several passwords for the hosts of the address; name one host".to_owned(),
        )),
        found => Ok(found.first().cloned().flatten().map(String::into_bytes)),
    }
}

/// Connects, or gives up on a server that takes the connection and then says nothing; the time that is set for connecting
/// is for the network alone.
fn connected(config: Config, way: Way, options: &Options) -> Result<Client, StoreError> {
    let each = config.get_connect_timeout().copied().unwrap_or(options.patience);
    let hosts = u32::try_from(config.get_hosts().len().max(1)).unwrap_or(u32::MAX);
    let patience = each.saturating_mul(hosts).saturating_add(options.patience);
    let (config_again, way_again, silence) = (config.clone(), way.clone(), options.silence);
    let ask: Ask = Arc::new(move || is_there(&config_again, &way_again, patience));
    // The server's own limit, where there is one, comes first.
    let limits = Limits { silence, limit: options.statement.saturating_add(options.patience), ask: Some(ask) };
    let (tell, told) = std::sync::mpsc::channel();
    // Nobody listens any more once the time is over.
    std::thread::spawn(move || drop(tell.send(by(config, way, limits))));
    match told.recv_timeout(patience) {
        Ok(client) => Ok(client?),
        Err(_) => Err(StoreError::Unreachable(format!("it said nothing for {} s", patience.as_secs()))),
    }
}

/// Is the server there? One that lets nobody in any more says so.
fn is_there(config: &Config, way: &Way, patience: Duration) -> bool {
    let (tell, told) = std::sync::mpsc::channel();
    let (config, way) = (config.clone(), way.clone());
    let limits = Limits { silence: patience, limit: patience, ask: None };
    std::thread::spawn(move || {
        let there = match by(config, way, limits) {
            Ok(mut client) => client.simple_query("SELECT 1").is_ok(),
            Err(error) => error.as_db_error().is_some(),
        };
        let _ = tell.send(there);
    });
    told.recv_timeout(patience).unwrap_or(false)
}

fn by(mut config: Config, way: Way, limits: Limits) -> Result<Client, postgres::Error> {
    match way {
        Way::Socket => by_socket(&mut config, limits),
        Way::Plain => {
            config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
            config.connect(Watching { inner: Plain, limits })
        }
        Way::Either(client) => {
            config.ssl_mode(SslMode::Prefer).connect(Watching { inner: MakeRustlsConnect::new(*client), limits })
        }
        Way::Encrypted(client) => {
            config.ssl_mode(SslMode::Require).connect(Watching { inner: MakeRustlsConnect::new(*client), limits })
        }
    }
}

/// By a socket of this machine. One without loopback does without watching it.
fn by_socket(config: &mut Config, limits: Limits) -> Result<Client, postgres::Error> {
    #[cfg(unix)]
    if let Ok((inner, config, _listener)) = super::socket::Sockets::of(config) {
        return config.connect(Watching { inner, limits });
    }
    config.ssl_mode(SslMode::Disable).connect(NoTls)
}

/// What the server must be.
fn check(client: &mut Client, address: &Address) -> Result<(), StoreError> {
    let row = client.query_one(
        "SELECT current_setting('server_version_num')::bigint, current_setting('server_version'),
                current_setting('synchronous_commit'), current_setting('fsync', true),
                current_setting('full_page_writes', true), current_setting('server_encoding'),
                current_setting('client_encoding'),
                EXISTS (SELECT 1 FROM pg_get_keywords() WHERE word = $1 AND catcode IN ('R', 'T'))",
        &[&address.schema],
    )?;
    if row.try_get(7)? {
        let problem = "the name of the schema is a word of SQL; choose another".to_owned();
        return Err(StoreError::Url { address: address.to_string(), problem });
    }
    let text = |column: usize| row.try_get::<_, Option<String>>(column);
    if row.try_get::<_, i64>(0)? < OLDEST {
        let found = text(1)?.unwrap_or_default();
        return Err(StoreError::Settings { setting: "server_version", found, wanted: "15 or later" });
    }
    if let Some(found) = text(2)?.filter(|found| found == "off") {
        return Err(StoreError::Settings { setting: "synchronous_commit", found, wanted: "on" });
    }
    for (column, setting, wanted) in [
        (3, "fsync", "on"),
        (4, "full_page_writes", "on"),
        (5, "server_encoding", "UTF8"),
        (6, "client_encoding", "UTF8"),
    ] {
        // A server that does not say is taken at its word.
        if let Some(found) = text(column)?.filter(|found| found != wanted) {
            return Err(StoreError::Settings { setting, found, wanted });
        }
    }
    Ok(())
}

/// Sets what must not depend on the settings of server, role or database.
fn set(client: &mut Client, address: &Address, options: &Options) -> Result<(), StoreError> {
    // 0 would be for ever.
    let patience = options.patience.as_millis().max(1);
    let schema = &address.schema;
    // Compiling a statement to machine code takes longer than any statement here runs.
    // A plan made while a table was small would be kept when it has grown: tables grow by a whole file in one transaction.
    // The server's own cost of a page out of order is that of a turning disk: with it, 10,000 keys make it read all pages.
    // A role that the login is given with each session is none that it was asked to work as.
    client.batch_execute(&format!(
        "SET SESSION ROLE NONE; SET row_security = on; SET search_path = {schema}, pg_temp; SET lock_timeout = {patience}; SET jit = off; \
         SET client_min_messages = warning; SET plan_cache_mode = force_custom_plan; SET random_page_cost = 1.1; \
         SET default_transaction_isolation = 'read committed'; SET default_transaction_deferrable = off"
    ))?;
    // How long a statement may take, and the program think between two, is of the transaction. Not every version has every setting.
    client.execute(
        "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout', 'transaction_timeout',
           'idle_in_transaction_session_timeout', 'idle_session_timeout')",
        &[],
    )?;
    // Of a machine that is gone without a word the server finds out, and lets go of what it held.
    client.execute(
        "SELECT set_config(name, CASE name WHEN 'tcp_keepalives_count' THEN '3' WHEN 'tcp_user_timeout' THEN '30s' ELSE '10' END, false)
         FROM pg_settings WHERE name IN ('tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count', 'tcp_user_timeout')",
        &[],
    )?;
    // A server that cannot look whether the program is still there does without.
    let look = "DO $$ BEGIN PERFORM set_config('client_connection_check_interval', '10s', false);
                EXCEPTION WHEN OTHERS THEN NULL; END $$";
    Ok(client.batch_execute(look)?)
}

#[cfg(test)]
#[path = "connect_tests.rs"]
mod tests;
