//! Whom an act tells of what it did, and what it sends.

use crate::act::digests::digest_and_pack;
use crate::act::work::Work;
use crate::error::Result;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::issued::{self, Notice, Sending};
use sluice_store::tables::record::{Digest, Packed};
use sluice_wire::name::FileName;

/// Tells a party something about an installation.
///
/// # Errors
/// If the database fails.
pub fn tell(work: &mut Work<'_>, party: Party, rule: &str, chf: Option<Eui64>, words: &str) -> Result<()> {
    let notice = Notice { party, at: work.now, rule: rule.to_owned(), chf, words: words.to_owned() };
    let act = work.by_act();
    Ok(issued::tell(&mut work.tx, act, &[notice])?)
}

/// Issues a file to a party, as what the act sends; it may answer a received file. Gives the digest of its content.
///
/// # Errors
/// If a file of this name was issued before.
pub fn send(work: &mut Work<'_>, to: &Party, name: &str, file: Option<i64>, content: &[u8]) -> Result<Digest> {
    let (digest, packed) = digest_and_pack(content)?;
    send_packed(work, to, name, file, (&digest, &packed))?;
    Ok(digest)
}

/// The version that the next document of a name has for a party: 1 for the first. MSM-14: a party's versions count its own
/// documents alone, whatever others got under that name, as when rows or a User ID have passed.
///
/// # Errors
/// If the database fails.
pub(crate) fn next_version(work: &mut Work<'_>, party: &Party, name: &FileName) -> Result<u32> {
    let name = name.to_string();
    let last = match work.engine {
        ..=3 => issued::of_prefix(&mut work.tx, &name)?,
        _ => issued::last_version(&mut work.tx, party, &name)?,
    };
    Ok(u32::try_from(last + 1).unwrap_or(u32::MAX))
}

/// The same of content that is digested and packed already.
///
/// # Errors
/// If a file of this name was issued before.
pub fn send_packed(
    work: &mut Work<'_>,
    to: &Party,
    name: &str,
    file: Option<i64>,
    (digest, packed): (&Digest, &Packed),
) -> Result<()> {
    let sending = Sending { act: work.seq, to, name, at: work.now, file };
    issued::issue(&mut work.tx, &sending, digest, packed)?;
    Ok(())
}
