//! What whoever runs a server decides.

use jiff::SignedDuration;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How a server is run. Every figure is told in the answer that refuses by it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Threads that read, each with a connection of its own.
    pub readers: usize,
    /// Threads that keep what is handed in, each with a connection of its own.
    pub intakes: usize,
    /// Acts that may wait for the one that writes, and readings for those that read; more are told to come again.
    pub room: usize,
    /// Connections at once, and of one address.
    pub connections: (usize, usize),
    /// Bytes of the head of a request.
    pub head: usize,
    /// Bytes of a body that is JSON.
    pub json: usize,
    /// Bytes of a file as it is sent.
    pub file: u64,
    /// Requests of one token in a minute.
    pub requests_a_minute: u32,
    /// Files of one party on their way at once.
    pub uploads: usize,
    /// How long the head of a request may take, and how long nothing may come of a body.
    pub patience: Duration,
    /// How long requests at work are waited for when the server stops.
    pub grace: Duration,
    /// May the clock of a simulated database be moved by a request?
    pub moves_clock: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            readers: 4,
            intakes: 4,
            room: 64,
            connections: (1024, 256),
            head: 16 << 10,
            json: 1 << 20,
            file: 64 << 20,
            requests_a_minute: 200,
            uploads: 10,
            patience: Duration::from_secs(60),
            grace: Duration::from_secs(30),
            moves_clock: false,
        }
    }
}

/// How often the server says from which moment on something of its may come (CAL-3).
pub(crate) const WATERMARK: Duration = Duration::from_millis(250);

/// How often it looks for what is due.
pub(crate) const TICK: Duration = Duration::from_millis(500);

/// How long what is due is done before acts have their turn.
pub(crate) const SLICE: Duration = Duration::from_millis(250);

/// How long whoever is told to come again is asked to wait.
pub(crate) const AGAIN: SignedDuration = SignedDuration::from_secs(2);

/// Connections of one address that are told at once that there is no room for them, and how long that may take.
pub(crate) const REFUSALS: usize = 16;
pub(crate) const REFUSED: Duration = Duration::from_secs(2);
