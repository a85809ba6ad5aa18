//! A file that was handed in, with what became of it.

use sluice_rules::file::FileStatus;
use sluice_service::files::receive::Receipt;
use sluice_service::files::verdict::Verdict;
use sluice_wire::name::FileName;
use std::path::PathBuf;

/// A file with what became of it.
pub(super) struct Answered {
    pub(super) path: PathBuf,
    pub(super) name: String,
    /// The id of its arrival.
    pub(super) arrival: String,
    pub(super) receipt: Receipt,
    pub(super) verdict: Option<Verdict>,
    /// The file that is told of: for a password the one that it opened.
    pub(super) about: i64,
    pub(super) password: bool,
    /// Is its file in the same command, for a password, and had that been received before?
    pub(super) beside: Option<Received>,
    /// The response that was written when it was made.
    pub(super) written: Option<PathBuf>,
    /// FI21: was it confirmed by this command, if that was asked for?
    pub(super) confirmed: Option<bool>,
}

/// Was a file received now, or before? Then it is not judged again.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Received {
    Now,
    Before,
}

impl Answered {
    pub(super) fn came(&self) -> Received {
        if self.receipt.repeat { Received::Before } else { Received::Now }
    }

    /// FI07: what is said of a file that was refused before, where another stamp in its name makes it another file.
    pub(super) fn new_stamp(&self, status: FileStatus) -> &'static str {
        let stamped = FileName::parse(&self.name).is_ok_and(|(name, _)| name.time.is_some());
        match status {
            FileStatus::Refused if self.receipt.repeat && stamped => {
                "; it is judged anew under a new stamp in its name (FI07)"
            }
            _ => "",
        }
    }
}
