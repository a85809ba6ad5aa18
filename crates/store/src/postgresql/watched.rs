//! A connection that gives up on a server that says nothing.
//!
//! Keepalives tell when the other machine or the way to it is gone, but not when the server's program hangs. The driver has no
//! limit for that, so one is put around the stream. A long statement says nothing either: so the server is asked by another connection
//! whether it is there.

use postgres::Socket;
use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// In how many parts a silence is waited for.
const TICKS: u32 = 16;

/// Is the server there? Asked by another connection, in a thread of its own.
pub(crate) type Ask = Arc<dyn Fn() -> bool + Send + Sync>;

/// How long a server is waited for.
#[derive(Clone)]
pub(crate) struct Limits {
    /// How long it may say nothing before it is asked whether it is there.
    pub(crate) silence: Duration,
    /// How long it may say nothing though it is there.
    pub(crate) limit: Duration,
    /// Whoever asks; nobody where the silence is enough to give up.
    pub(crate) ask: Option<Ask>,
}

/// Makes streams that are watched out of those that another one makes.
#[derive(Clone)]
pub(crate) struct Watching<M> {
    pub(crate) inner: M,
    pub(crate) limits: Limits,
}

impl<M: MakeTlsConnect<Socket>> MakeTlsConnect<Socket> for Watching<M>
where
    <M::TlsConnect as TlsConnect<Socket>>::Future: Send + 'static,
    <M::TlsConnect as TlsConnect<Socket>>::Error: 'static,
{
    type Stream = Watched<M::Stream>;
    type TlsConnect = Watching<M::TlsConnect>;
    type Error = M::Error;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Self::TlsConnect, Self::Error> {
        Ok(Watching { inner: self.inner.make_tls_connect(domain)?, limits: self.limits.clone() })
    }
}

impl<C: TlsConnect<Socket>> TlsConnect<Socket> for Watching<C>
where
    C::Future: Send + 'static,
    C::Error: 'static,
{
    type Stream = Watched<C::Stream>;
    type Error = C::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Stream, C::Error>> + Send>>;

    fn connect(self, stream: Socket) -> Self::Future {
        let connected = self.inner.connect(stream);
        let limits = self.limits;
        Box::pin(async move { Ok(Watched::new(connected.await?, limits)) })
    }
}

/// A stream that fails when nothing has moved for a time while it was waited for. Time that the program spends on other things
/// does not count, since nobody waits then: that is why the limit is waited for in parts, which are counted.
pub(crate) struct Watched<S> {
    stream: S,
    limits: Limits,
    timer: Pin<Box<Sleep>>,
    /// The parts of a silence that have gone by since something moved.
    silent: u32,
    /// What tells whether the server is there, once that is asked.
    asked: Option<Receiver<bool>>,
    /// Has it been given up, for good?
    is_over: bool,
}

impl<S> Watched<S> {
    fn new(stream: S, limits: Limits) -> Self {
        let timer = Box::pin(sleep(limits.silence / TICKS));
        Self { stream, limits, timer, silent: 0, asked: None, is_over: false }
    }

    /// What became of an attempt to read or write.
    fn moved<T>(&mut self, cx: &mut Context<'_>, attempt: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if attempt.is_ready() && !self.is_over {
            (self.silent, self.asked) = (0, None);
            return attempt;
        }
        let part = self.limits.silence / TICKS;
        while !self.is_over {
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.silent += 1;
            self.timer.as_mut().reset(Instant::now() + part);
            self.is_over = part * self.silent > self.limits.limit || !self.may_be_there();
        }
        let words = format!("it said nothing for {:?}", part * self.silent);
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, words)))
    }

    /// May the server be there still, as far as is known?
    fn may_be_there(&mut self) -> bool {
        if self.silent.is_multiple_of(TICKS) && self.asked.is_none() {
            let Some(ask) = self.limits.ask.clone() else { return false };
            let (tell, told) = channel();
            // Nobody listens any more once something has moved.
            std::thread::spawn(move || {
                let _ = tell.send(ask());
            });
            self.asked = Some(told);
        }
        match self.asked.as_ref().map(Receiver::try_recv) {
            None | Some(Err(TryRecvError::Empty)) => true,
            Some(Ok(is_there)) => {
                self.asked = None;
                is_there
            }
            Some(Err(TryRecvError::Disconnected)) => false,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let attempt = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.moved(cx, attempt)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let attempt = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.moved(cx, attempt)
    }

    // These wait for what is written already: `poll_read` beside them counts the time.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: TlsStream + Unpin> TlsStream for Watched<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.stream.channel_binding()
    }
}

/// "Makes" a stream that is not encrypted, so that it can be watched as well: the driver takes a stream of somebody else's only
/// in the place of an encrypted one.
#[derive(Clone)]
pub(crate) struct Plain;

impl MakeTlsConnect<Socket> for Plain {
    type Stream = PlainStream<Socket>;
    type TlsConnect = Self;
    type Error = io::Error;

    fn make_tls_connect(&mut self, _: &str) -> io::Result<Self> {
        Ok(Self)
    }
}

impl TlsConnect<Socket> for Plain {
    type Stream = PlainStream<Socket>;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<PlainStream<Socket>>>;

    fn connect(self, stream: Socket) -> Self::Future {
        std::future::ready(Ok(PlainStream(stream)))
    }
}

/// A stream as it is.
pub(crate) struct PlainStream<S>(pub(crate) S);

impl<S: AsyncRead + Unpin> AsyncRead for PlainStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PlainStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for PlainStream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}
