//! Digests in hexadecimal, in recorded acts.

use crate::act::digests::{digest_of, hexadecimal};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes a digest.
pub fn serialize<S: Serializer>(digest: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hexadecimal(digest))
}

/// Reads a digest.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    digest_of(&String::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("a digest has 64 digits"))
}
