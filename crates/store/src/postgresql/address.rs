//! Addresses of PostgreSQL.
//!
//! An address may hold a password, and a mistyped one may hold it anywhere. So it is taken apart here and not by a library
//! that repeats in its messages what it does not understand: each problem is a fixed text.

use super::tls::{Mode, Root};
use postgres::Config;
use postgres::config::{ChannelBinding, Host, TargetSessionAttrs};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;

/// The schema of an address that names none.
const SCHEMA: &str = "sluice";

/// How the names of the schemas of copies begin, which nobody else gives.
pub(crate) const COPIES: &str = "sluice_replay_";

/// The server's port, if none is said.
const PORT: u16 = 5432;

/// What an address says; what it leaves out is filled in when it is connected to.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) schema: String,
    pub(crate) sslmode: Option<Mode>,
    pub(crate) sslrootcert: Option<Root>,
    pub(crate) passfile: Option<PathBuf>,
}

/// What is wrong with an address; fixed, so that it repeats nothing of it.
type Problem = &'static str;

impl Address {
    /// Reads what follows `postgres://`: `USER:PASSWORD@HOST:PORT,…/DATABASE?NAME=VALUE&…`.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        if query.contains(['@', '?', '#']) || base.contains('#') {
            return Err("in a user, password or value @ is written %40, / %2F, ? %3F, # %23 and & %26");
        }
        let (authority, database) = base.split_once('/').unwrap_or((base, ""));
        if database.contains(['/', '@', ':', '&', '=']) {
            return Err("in a user, password or database / is written %2F, @ %40, : %3A, & %26 and = %3D");
        }
        let (user, hosts) = match authority.split_once('@') {
            Some((_, hosts)) if hosts.contains('@') => {
                return Err("it has more than one @; in a password @ is written %40");
            }
            Some((user, hosts)) => (user, hosts),
            None => ("", authority),
        };
        let mut address =
            Self { config: Config::new(), schema: SCHEMA.to_owned(), sslmode: None, sslrootcert: None, passfile: None };
        address.user_and_password(user)?;
        if !database.is_empty() {
            address.config.dbname(&decoded(database)?);
        }
        let mut places: Vec<(String, Option<u16>)> = Vec::new();
        if !hosts.is_empty() {
            places = hosts.split(',').map(place).collect::<Result<_, _>>()?;
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or("a parameter is written NAME=VALUE")?;
            let value = decoded(value)?;
            match name {
                "host" => places = value.split(',').map(|name| Ok((host(name)?, None))).collect::<Result<_, _>>()?,
                "port" => ports(&mut places, &value)?,
                _ => address.set(name, &value)?,
            }
        }
        if places.is_empty() {
            return Err("it names no host");
        }
        for (host, port) in places {
            address.config.host(&host).port(port.unwrap_or(PORT));
        }
        Ok(address)
    }

    /// The same with another schema.
    pub(crate) fn with_schema(&self, name: &str) -> Result<Self, Problem> {
        Ok(Self { schema: schema_name(name)?, ..self.clone() })
    }

    /// Whether it names the same database, whatever the schema.
    pub(crate) fn same_database(&self, other: &Self) -> bool {
        let of = |address: &Self| {
            let config = &address.config;
            (config.get_hosts().to_vec(), config.get_ports().to_vec(), config.get_dbname().map(str::to_owned))
        };
        of(self) == of(other)
    }

    fn user_and_password(&mut self, text: &str) -> Result<(), Problem> {
        let (user, password) = text.split_once(':').map_or((text, None), |(user, password)| (user, Some(password)));
        if !user.is_empty() {
            self.config.user(&decoded(user)?);
        }
        if let Some(password) = password {
            self.config.password(decoded(password)?);
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        match name {
            "schema" if value.starts_with(COPIES) => {
                return Err("schemas whose names begin with sluice_replay_ are copies that the program takes away");
            }
            "schema" => self.schema = schema_name(value)?,
            "user" => drop(self.config.user(value)),
            "password" => drop(self.config.password(value)),
            "dbname" => drop(self.config.dbname(value)),
            "application_name" => drop(self.config.application_name(value)),
            "options" => drop(self.config.options(value)),
            "sslmode" => self.sslmode = Some(Mode::parse(value).ok_or(Mode::WORDS)?),
            "sslrootcert" => self.sslrootcert = Some(Root::of(value.into())),
            "passfile" => self.passfile = Some(value.into()),
            "connect_timeout" => drop(self.config.connect_timeout(seconds(value)?)),
            "target_session_attrs" => drop(self.config.target_session_attrs(match value {
                "any" => TargetSessionAttrs::Any,
                "read-write" => TargetSessionAttrs::ReadWrite,
                _ => return Err("target_session_attrs is any or read-write"),
            })),
            "channel_binding" => drop(self.config.channel_binding(match value {
                "disable" => ChannelBinding::Disable,
                "prefer" => ChannelBinding::Prefer,
                "require" => ChannelBinding::Require,
                _ => return Err("channel_binding is disable, prefer or require"),
            })),
            _ => {
                return Err(
                    "it has a parameter that is not known; known are schema, host, port, user, password, dbname, \
                            passfile, sslmode, sslrootcert, channel_binding, connect_timeout, application_name, options \
                            and target_session_attrs",
                );
            }
        }
        Ok(())
    }
}

/// A host with its port, if it has one.
fn place(text: &str) -> Result<(String, Option<u16>), Problem> {
    let (name, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']').ok_or("a [ has no ]")) {
        Some(split) => {
            let (name, rest) = split?;
            let name: Ipv6Addr = name.parse().map_err(|_| "between [ and ] is an address of IPv6")?;
            let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':').ok_or("a port follows a :")?) };
            (name.to_string(), port)
        }
        None => {
            let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
            (host(&decoded(name)?)?, port)
        }
    };
    Ok((name, port.map(number).transpose()?))
}

/// The ports of all hosts, or one for each.
fn ports(places: &mut [(String, Option<u16>)], text: &str) -> Result<(), Problem> {
    let ports = text.split(',').map(number).collect::<Result<Vec<_>, _>>()?;
    if ports.len() != 1 && ports.len() != places.len() {
        return Err("there are hosts without a port, or ports without a host; port comes after host");
    }
    for ((_, port), given) in places.iter_mut().zip(ports.iter().cycle()) {
        *port = Some(*given);
    }
    Ok(())
}

/// The name or number of a host, or the folder of a socket.
fn host(name: &str) -> Result<String, Problem> {
    let named = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_');
    let folder = |character: char| named(character) || matches!(character, '/' | ' ' | '+' | '~');
    let fits = match name.strip_prefix('/') {
        Some(rest) => cfg!(unix) && rest.chars().all(folder),
        None => name.parse::<IpAddr>().is_ok() || !name.is_empty() && name.chars().all(named),
    };
    if fits { Ok(name.to_owned()) } else { Err("a host is a name, a number, or the folder of a socket") }
}

fn number(text: &str) -> Result<u16, Problem> {
    text.parse().ok().filter(|&port| port != 0).ok_or("a port is a number from 1 to 65535")
}

fn seconds(text: &str) -> Result<Duration, Problem> {
    let seconds: u64 = text.parse().map_err(|_| "connect_timeout is a whole number of seconds")?;
    if seconds == 0 { Err("connect_timeout is at least a second") } else { Ok(Duration::from_secs(seconds)) }
}

/// Text with its `%XX` replaced.
fn decoded(text: &str) -> Result<String, Problem> {
    let wrong = "a % is followed by two hexadecimal digits; a % itself is written %25";
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, others)) = rest.split_first() {
        rest = others;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, others) = rest.split_at_checked(2).ok_or(wrong)?;
        let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+')).ok_or(wrong)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong)?);
        rest = others;
    }
    if bytes.contains(&0) {
        return Err("nothing in it has a NUL");
    }
    String::from_utf8(bytes).map_err(|_| "it is not in UTF-8")
}

/// The longest name of a schema, in letters: with `_observer` behind it, as its views have it, it fits the server's 63.
const LONGEST_SCHEMA: usize = 54;

/// A name that needs no quotes and is not one of the server's own.
fn schema_name(name: &str) -> Result<String, Problem> {
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let others = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if first && others && name.len() <= LONGEST_SCHEMA && !name.starts_with("pg_") {
        Ok(name.to_owned())
    } else {
        Err("a schema's name is 1 to 54 lower-case letters, digits and underscores, not beginning with pg_ or a digit")
    }
}

impl fmt::Display for Address {
    /// Without user and password, and without a database's name that does not look like one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        for (index, (host, port)) in self.config.get_hosts().iter().zip(self.config.get_ports()).enumerate() {
            f.write_str(if index == 0 { "" } else { "," })?;
            match host {
                Host::Tcp(name) if name.contains(':') => write!(f, "[{name}]")?,
                Host::Tcp(name) => f.write_str(name)?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{}", path.display())?,
            }
            write!(f, ":{port}")?;
        }
        let plain = |name: &&str| name.chars().all(|letter| letter.is_alphanumeric() || "._-".contains(letter));
        let database = self.config.get_dbname().map_or("", |name| Some(name).filter(plain).unwrap_or("…"));
        write!(f, "/{database}?schema={}", self.schema)
    }
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
