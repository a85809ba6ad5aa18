//! Receipts that are signed: who has one can show what came and when, also where the database has lost it (MAM-9).

use crate::error::{Result, ServiceError};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sluice_store::tables::intake::Arrival;
use sluice_store::tables::receipt_keys::ReceiptKey;
use sluice_store::tables::record::{Digest, hexadecimal};

/// What stands before the receipt in the text that is signed, so that the signature is of nothing else.
const BEGIN: &str = "sluice receipt 1\n";

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The id of the arrival.
    pub id: String,
    /// Of which party.
    pub party: String,
    /// The file's name.
    pub name: String,
    /// Its size in bytes; 0 for what may be a password.
    pub size: u64,
    /// The SHA-256 of its content in hexadecimal; nothing for what may be a password (MAM-10).
    pub sha256: Option<String>,
    /// The moment of its last byte, RFC 3339 in UTC.
    pub arrived_at: String,
}

/// A receipt as its sender gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedReceipt {
    /// What it says.
    pub receipt: Said,
    /// The public key by which it is verified, in hexadecimal.
    pub key: String,
    /// The signature by Ed25519, in hexadecimal.
    pub signature: String,
}

impl Said {
    /// What the receipt of an arrival says.
    #[must_use]
    pub fn of(arrival: &Arrival) -> Self {
        Self {
            id: arrival.id.clone(),
            party: arrival.party.to_string(),
            name: arrival.name.clone(),
            size: arrival.size,
            sha256: arrival.digest.as_ref().map(|digest| hexadecimal(digest)),
            arrived_at: arrival.at.to_string(),
        }
    }

    /// The text that is signed: a line that says what it is, and the receipt as JSON without spaces, its fields in their order.
    fn text(&self) -> Result<String> {
        Ok(format!("{BEGIN}{}", serde_json::to_string(self).map_err(ServiceError::defect)?))
    }

    /// Signs it.
    ///
    /// # Errors
    /// If the key is none.
    pub fn sign(self, key: &ReceiptKey) -> Result<SignedReceipt> {
        let signature = hexadecimal(pair(&key.seed)?.sign(self.text()?.as_bytes()).as_ref());
        Ok(SignedReceipt { receipt: self, key: hexadecimal(&key.public), signature })
    }
}

impl SignedReceipt {
    /// Was it signed by its key as it stands? Whose key that is must be known from elsewhere.
    #[must_use]
    pub fn is_as_signed(&self) -> bool {
        let (Some(key), Some(signature), Ok(text)) =
            (bytes_of(&self.key), bytes_of(&self.signature), self.receipt.text())
        else {
            return false;
        };
        UnparsedPublicKey::new(&ED25519, key).verify(text.as_bytes(), &signature).is_ok()
    }
}

/// The key that follows from a seed.
///
/// # Errors
/// If the library refuses it.
pub(crate) fn key_of(seed: Digest) -> Result<ReceiptKey> {
    let public = pair(&seed)?.public_key().as_ref().try_into().map_err(ServiceError::defect)?;
    Ok(ReceiptKey { public, seed })
}

fn pair(seed: &Digest) -> Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(ServiceError::defect)
}

/// The bytes of hexadecimal digits.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
#[path = "signed_tests.rs"]
mod tests;
