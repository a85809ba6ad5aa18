//! Sockets of this machine, watched as connections over a network are.
//!
//! The driver takes a stream of somebody else's only in the place of an encrypted one, and by a socket it encrypts nothing. So it is given
//! a listener of our own to connect to, on loopback, to which nobody ever says anything; what would encrypt that connection drops it and
//! gives the socket in its place.

use super::watched::PlainStream;
use postgres::config::{Host, SslMode, SslNegotiation};
use postgres::tls::{MakeTlsConnect, TlsConnect};
use postgres::{Config, Socket};
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

/// A stream whatever it goes by.
pub(crate) trait Both: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Both for S {}

/// Where a server listens.
#[derive(Clone)]
enum Place {
    Socket(PathBuf),
    /// Beside sockets an address may name this machine.
    Here(String, u16),
}

/// What connects to the places of an address, in the place of encrypting.
#[derive(Clone)]
pub(crate) struct Sockets(Vec<Place>);

impl Sockets {
    /// The places of an address, an address by which the driver comes to them, and what it must find there.
    pub(crate) fn of(config: &Config) -> io::Result<(Self, Config, TcpListener)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let at = listener.local_addr()?;
        let mut by_way = without_hosts(config);
        by_way.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
        let places = config.get_hosts().iter().zip(config.get_ports()).map(|(host, &port)| match host {
            Host::Unix(folder) => Place::Socket(folder.join(format!(".s.PGSQL.{port}"))),
            Host::Tcp(name) => Place::Here(name.clone(), port),
        });
        let places: Vec<Place> = places.collect();
        for number in 0..places.len() {
            // By the name it is found again.
            by_way.host(&number.to_string()).hostaddr(at.ip()).port(at.port());
        }
        Ok((Self(places), by_way, listener))
    }
}

/// The same but for the hosts, which the driver's own cannot be taken out of.
fn without_hosts(config: &Config) -> Config {
    let mut other = Config::new();
    if let Some(user) = config.get_user() {
        other.user(user);
    }
    if let Some(name) = config.get_dbname() {
        other.dbname(name);
    }
    if let Some(options) = config.get_options() {
        other.options(options);
    }
    if let Some(name) = config.get_application_name() {
        other.application_name(name);
    }
    if let Some(password) = config.get_password() {
        other.password(password);
    }
    if let Some(time) = config.get_connect_timeout() {
        other.connect_timeout(*time);
    }
    other.load_balance_hosts(config.get_load_balance_hosts());
    other.target_session_attrs(config.get_target_session_attrs()).channel_binding(config.get_channel_binding());
    other
}

impl MakeTlsConnect<Socket> for Sockets {
    type Stream = PlainStream<Box<dyn Both>>;
    type TlsConnect = Door;
    type Error = io::Error;

    fn make_tls_connect(&mut self, name: &str) -> io::Result<Door> {
        let place = name.parse().ok().and_then(|number: usize| self.0.get(number));
        Ok(Door(place.cloned().ok_or(io::ErrorKind::NotFound)?))
    }
}

/// What connects to one of them.
pub(crate) struct Door(Place);

impl TlsConnect<Socket> for Door {
    type Stream = PlainStream<Box<dyn Both>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Stream>> + Send>>;

    fn connect(self, in_its_place: Socket) -> Self::Future {
        drop(in_its_place);
        Box::pin(async move { self.0.connected().await.map_err(|why| io::Error::new(why.kind(), NotThere(why))) })
    }
}

impl Place {
    async fn connected(self) -> io::Result<PlainStream<Box<dyn Both>>> {
        Ok(PlainStream(match self {
            Self::Socket(path) => Box::new(UnixStream::connect(path).await?),
            Self::Here(name, port) => {
                let stream = TcpStream::connect((name, port)).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
        }))
    }
}

/// A socket cannot be connected to; the driver would say that it cannot be encrypted.
#[derive(Debug)]
pub(crate) struct NotThere(io::Error);

impl fmt::Display for NotThere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error connecting to server: {}", self.0)
    }
}

impl std::error::Error for NotThere {}
