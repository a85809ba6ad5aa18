//! By what the content of a file is read.

use sluice_store::tables::record::Digest;
use sluice_wire::name::FileName;

/// By what the content of a file is read: what was read by one is no use to who wants it by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Its name, without the party, which says nothing about its content.
    pub name: FileName,
    /// Its extension in lower case; of what was opened with a password that of the member.
    pub extension: String,
    /// The rulebook by which it is judged (RB-2).
    pub rulebook: String,
    /// The version of the rules that decide.
    pub engine: i64,
    /// The digest of the content.
    pub digest: Digest,
}
