//! The connections of an address: so many at once. Where one more comes, the one that has waited longest between requests makes room.

use crate::limits::locked;
use crate::log;
use std::collections::HashMap;
use std::io::{self, IoSlice};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// All that are open, by address.
#[derive(Default)]
pub(crate) struct Connections {
    open: Mutex<HashMap<IpAddr, Vec<Arc<State>>>>,
    made_room: AtomicU64,
    turned_away: AtomicU64,
}

/// One that is open. It has its place as long as this is held.
pub(crate) struct Open {
    of: IpAddr,
    state: Arc<State>,
    all: Arc<Connections>,
}

/// What others see of one.
struct State {
    /// Since when it waits for a request; nothing while one is at work.
    waits: Mutex<Option<Instant>>,
    /// Is an answer on its way that its reader has not taken yet?
    writes: AtomicBool,
    makes_room: Notify,
}

impl State {
    fn idle_since(&self) -> Option<Instant> {
        locked(&self.waits).filter(|_| !self.writes.load(Ordering::Acquire))
    }
}

impl Connections {
    /// A connection of an address begins. If it has as many as it may, its longest idle one ends; nothing if none is idle.
    pub(crate) fn open(self: &Arc<Self>, of: IpAddr, most: usize) -> Option<Open> {
        let mut open = locked(&self.open);
        let own = open.get(&of).map_or(&[][..], Vec::as_slice);
        if own.len() >= most {
            let idle = own.iter().enumerate().filter_map(|(place, one)| Some((one.idle_since()?, place)));
            let Some((_, longest)) = idle.min() else {
                drop(open);
                counted(&self.turned_away, "connections beyond those that an address may have were turned away");
                return None;
            };
            if let Some(own) = open.get_mut(&of) {
                own.remove(longest).makes_room.notify_one();
            }
            counted(&self.made_room, "idle connections made room for others of their address");
        }
        let waits = Mutex::new(Some(Instant::now()));
        let state = Arc::new(State { waits, writes: AtomicBool::new(false), makes_room: Notify::new() });
        open.entry(of).or_default().push(Arc::clone(&state));
        Some(Open { of, state, all: Arc::clone(self) })
    }
}

/// Counts, and logs the count where it is a power of two, so that no caller fills the log.
fn counted(count: &AtomicU64, what: &str) {
    let so_far = count.fetch_add(1, Ordering::Relaxed) + 1;
    if so_far.is_power_of_two() {
        log::failed(what, &format!("{so_far} since the server began"));
    }
}

impl Open {
    /// A request is at work, until this is dropped.
    pub(crate) fn at_work(&self) -> AtWork {
        *locked(&self.state.waits) = None;
        AtWork(Arc::clone(&self.state))
    }

    /// The stream of the connection, which is not idle while an answer is on its way.
    pub(crate) fn watching(&self, stream: TcpStream) -> Watched {
        Watched { stream, state: Arc::clone(&self.state) }
    }

    /// Comes when the connection is to make room for another.
    pub(crate) async fn makes_room(&self) {
        loop {
            self.state.makes_room.notified().await;
            // A request that came in this moment is answered.
            if self.state.idle_since().is_some() {
                return;
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut open = locked(&self.all.open);
        if let Some(own) = open.get_mut(&self.of) {
            own.retain(|one| !Arc::ptr_eq(one, &self.state));
            if own.is_empty() {
                open.remove(&self.of);
            }
        }
    }
}

/// A request at work.
pub(crate) struct AtWork(Arc<State>);

impl Drop for AtWork {
    fn drop(&mut self) {
        *locked(&self.0.waits) = Some(Instant::now());
    }
}

/// A stream of which is known whether its reader has taken all that was written.
pub(crate) struct Watched {
    stream: TcpStream,
    state: Arc<State>,
}

impl Watched {
    fn noted<T>(&self, written: Poll<T>) -> Poll<T> {
        self.state.writes.store(written.is_pending(), Ordering::Release);
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.noted(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.noted(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
