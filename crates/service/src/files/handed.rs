//! What becomes of a file that is handed in.

use crate::error::ServiceError;
use crate::files::receive::Receipt;
use crate::files::signed::SignedReceipt;
use crate::files::verdict::Verdict;
use jiff::Timestamp;
use sluice_store::tables::intake::Arrival;
use sluice_store::tables::record::Packed;
use sluice_wire::name::may_be_password;
use std::borrow::Cow;

/// What is handed in.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// It has more bytes than [`Service::largest`](crate::service::Service::largest), at least so many, and was not read (FI09).
    TooLarge(u64),
    /// All of it once more, with the receipt of the first time (CAL-7): where that is not known any more, it keeps its moment.
    Again(&'a [u8], &'a SignedReceipt),
}

/// What is wished of a file with handing it in.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// A verdict.
    pub judges: bool,
    /// That it is confirmed with it, if it would be held (FI21).
    pub confirms: bool,
    /// Which of the files of its command it is, from 0 on: they are taken over in that order where they have one moment.
    pub place: u64,
    /// By which way it comes.
    pub channel: Channel,
}

/// The way by which a file comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Channel {
    /// A command.
    #[default]
    Command,
    /// A request to the server.
    Http,
}

impl Channel {
    /// As it is kept with the arrival.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Command => "CLI",
            Self::Http => "HTTP",
        }
    }
}

/// CAL-3: a server says from time to time from which moment on something of its may come. What came then keeps that moment, however
/// long it takes until it is kept.
#[derive(Debug, Clone, Copy)]
pub struct Barrier<'a> {
    /// By what the server is known to the other processes.
    pub process: &'a str,
    /// When the last byte was there; the server has said of no later moment that all before it is kept.
    pub at: Timestamp,
}

impl Default for Wish {
    fn default() -> Self {
        Self { judges: true, confirms: false, place: 0, channel: Channel::Command }
    }
}

/// A file that was handed in: its receipt, and its verdict if there is one already.
#[derive(Debug, Clone)]
pub struct HandedIn {
    /// The id of its arrival, which its sender knows it by.
    pub arrival: String,
    /// The receipt.
    pub receipt: Receipt,
    /// Was it held, and confirmed with it (FI21)? Nothing where another process took it over.
    pub confirmed: Option<bool>,
    /// The verdict; none for a repeat and for what was refused by its name.
    pub verdict: Option<Verdict>,
    /// The file that the verdict is on: for a password the one that it opened, else the file itself.
    pub judged: i64,
}

/// What became of a file that was handed in.
#[derive(Debug)]
pub enum Handed {
    /// It was taken over; what can be judged is judged.
    Taken(HandedIn),
    /// It is kept and has its moment; whoever works on the database next takes it over. Why it is not taken over yet.
    Pending(Arrival, ServiceError),
}

/// A file that arrived, in the process that handed it in.
pub struct Own<'a> {
    /// Its arrival, which is durable.
    pub arrival: Arrival,
    pub(crate) packed: Option<Packed>,
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Is its verdict asked for?
    pub(crate) judges: bool,
    pub(crate) taken: Option<HandedIn>,
}

impl Own<'_> {
    /// The same with its bytes, for another thread of the process.
    #[must_use]
    pub fn into_owned(self) -> Own<'static> {
        Own { bytes: Cow::Owned(self.bytes.into_owned()), ..self }
    }

    /// MAM-10: may it be a password? Nobody but who has it can remember it.
    #[must_use]
    pub fn is_password(&self) -> bool {
        may_be_password(&self.arrival.name)
    }

    /// MAM-10, CAL-3: is it a password that is remembered, so that a cut-off after it waits until what it opens is judged?
    pub(crate) fn holds(&self) -> bool {
        self.judges && may_be_password(&self.arrival.name)
    }
}
