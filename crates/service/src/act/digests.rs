//! Digests: of content, and the salted ones of which a leaf is made.

use crate::act::leaf::fields;
use crate::error::Result;
use sha2::{Digest as _, Sha256};
use sluice_store::tables::issued::IssuedBy;
use sluice_store::tables::log::{Format, Taken};
pub use sluice_store::tables::record::hexadecimal;
use sluice_store::tables::record::{Digest, Packed};

/// What a salted digest of a row is of. The word goes into it, so that none can stand for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// What was asked for, and by whom.
    Details,
    /// What came of it.
    Outcome,
    /// The files that the act took over.
    Inputs,
    /// The files that it issued.
    Issued,
}

impl Subject {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Details => b"details",
            Self::Outcome => b"outcome",
            Self::Inputs => b"inputs",
            Self::Issued => b"issued",
        }
    }
}

/// A salted digest of format 2: without the salt, what was digested cannot be guessed and tried.
fn salted(salt: &[u8], subject: Subject, content: &[&[u8]]) -> Digest {
    fields(Sha256::new(), [salt, subject.word()].iter().chain(content)).finalize().into()
}

/// The salt of the digests of files. It follows from the salt of the act and not the other way, so that it can stay when
/// the details are erased: without the salt of the act nobody can try what they were.
#[must_use]
pub fn file_salt(salt: &[u8]) -> Digest {
    fields(Sha256::new(), &[salt, b"files"]).finalize().into()
}

/// The digest of the text of details or of an outcome, in the format of its row.
#[must_use]
pub fn text_digest(format: &Format, salt: &[u8], subject: Subject, text: &str) -> Digest {
    match format {
        Format::Named(_) => Sha256::new().chain_update(salt).chain_update(text).finalize().into(),
        Format::Committed(_) => salted(salt, subject, &[text.as_bytes()]),
    }
}

/// The digest of what an act took over: of a received file sender, name, moment of arrival, size and the digest of its
/// content; of an opened member that of its content.
///
/// # Errors
/// If a received file is no longer there; then with its number.
pub fn input_digest<'t>(file_salt: &[u8], taken: impl Iterator<Item = &'t Taken>) -> std::result::Result<Digest, i64> {
    let mut content: Vec<Vec<u8>> = Vec::new();
    for taken in taken {
        match taken {
            Taken::Missing(id) => return Err(*id),
            Taken::Opened(digest) => content.extend([b"opened".to_vec(), digest.to_vec()]),
            Taken::Received(file) => content.extend([
                b"received".to_vec(),
                file.sender.clone().into_bytes(),
                file.name.clone().into_bytes(),
                file.at.as_millisecond().to_be_bytes().to_vec(),
                file.size.to_be_bytes().to_vec(),
                file.digest.map_or_else(Vec::new, |digest| digest.to_vec()),
            ]),
        }
    }
    let content: Vec<&[u8]> = content.iter().map(Vec::as_slice).collect();
    Ok(salted(file_salt, Subject::Inputs, &content))
}

/// The digest of what an act issued: of each file to whom, its name and the digest of its content, in order.
#[must_use]
pub fn issued_digest<'i>(file_salt: &[u8], issued: impl Iterator<Item = &'i IssuedBy>) -> Digest {
    let mut content: Vec<&[u8]> = Vec::new();
    for file in issued {
        let digest = file.digest.as_ref().map_or(&[][..], |digest| digest);
        content.extend([file.party.as_bytes(), file.name.as_bytes(), digest]);
    }
    salted(file_salt, Subject::Issued, &content)
}

/// The SHA-256 of bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

/// Content from this size on is packed on two processors.
const LARGE: usize = 1 << 20;

/// The digest of content and what is kept of it. Large content is shared between two processors; a third of it takes as
/// long to pack as all of it to digest.
///
/// # Errors
/// If there is no memory for it.
pub fn digest_and_pack(content: &[u8]) -> Result<(Digest, Packed)> {
    if content.len() < LARGE {
        return Ok((sha256(content), Packed::of(content)?));
    }
    let (first, second) = content.split_at(content.len() / 3);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| Packed::of(second));
        let (digest, first) = (sha256(content), Packed::of(first));
        let second = second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((digest, first?.followed_by(&second?)))
    })
}

/// The digest of 64 hexadecimal digits; nothing if the text is another.
#[must_use]
pub fn digest_of(text: &str) -> Option<Digest> {
    let whole = text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let mut digest = Digest::default();
    for (byte, place) in digest.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(place..place + 2).filter(|_| whole)?, 16).ok()?;
    }
    Some(digest)
}
