//! Digests in hexadecimal, in recorded acts.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes a digest.
pub fn serialize<S: Serializer>(digest: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&crate::act::digests::hexadecimal(digest))
}

/// Reads a digest.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(deserializer)?;
    let mut digest = [0; 32];
    for (place, byte) in digest.iter_mut().enumerate() {
        let pair = text.get(2 * place..2 * place + 2).ok_or_else(|| D::Error::custom("a digest has 64 digits"))?;
        *byte = u8::from_str_radix(pair, 16).map_err(D::Error::custom)?;
    }
    Ok(digest)
}
