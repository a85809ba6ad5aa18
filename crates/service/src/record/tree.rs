//! The Merkle tree of RFC 6962 over the leaves of the log, and the head that one can keep of it.

use crate::act::digests::{digest_of, hexadecimal};
use crate::error::{Result, ServiceError};
use sha2::{Digest as _, Sha256};
use sluice_store::tables::log;
use sluice_store::tables::record::Digest;
use sluice_store::{Scope, Store};
use std::fmt;
use std::str::FromStr;

/// A tree that grows by leaves. What is kept are the roots of its full parts, the largest first: as many as its size has
/// binary ones.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    size: u64,
    parts: Vec<Digest>,
}

impl Tree {
    /// Adds a leaf by its digest.
    pub fn add(&mut self, leaf: Digest) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.parts.pop() {
                node = parent(&left, &node);
            }
        }
        self.parts.push(node);
        self.size += 1;
    }

    /// How many leaves it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Its head.
    #[must_use]
    pub fn head(&self) -> Head {
        let mut parts = self.parts.iter().rev();
        let last = parts.next().copied().unwrap_or_else(|| Sha256::digest([]).into());
        Head { size: self.size, root: parts.fold(last, |right, left| parent(left, &right)) }
    }
}

fn parent(left: &Digest, right: &Digest) -> Digest {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The head of a log: how many rows it has, and the root of the tree over them. Who keeps one can tell whether a log still
/// begins with exactly these rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Head {
    /// How many rows.
    pub size: u64,
    /// The root.
    pub root: Digest,
}

impl fmt::Display for Head {
    /// `SIZE:HEX`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.size, hexadecimal(&self.root))
    }
}

impl FromStr for Head {
    type Err = ServiceError;

    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let (size, root) = text.trim().split_once(':')?;
            Some(Self { size: size.parse().ok()?, root: digest_of(root)? })
        };
        let words = || format!("'{text}' is no head; give one as sluice audit head prints it, SIZE:HEX with 64 digits");
        read().ok_or_else(|| ServiceError::Use(words()))
    }
}

/// The head of a log as it is.
///
/// # Errors
/// If the database fails.
pub fn head(store: &mut Store) -> Result<Head> {
    let mut tree = Tree::default();
    log::leaves(&mut store.view(Scope::Dcc)?, |leaf| tree.add(leaf))?;
    Ok(tree.head())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of RFC 6962 as its reference implementation has them: eight leaves, and the root after each.
    const VECTORS: [(&[u8], &str); 8] = [
        (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (b"\x00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (b"\x10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (b"\x20\x21", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
        (b"\x30\x31", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
        (b"\x40\x41\x42\x43", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
        (b"PQRSTUVW", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        (b"`abcdefghijklmno", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ];

    #[test]
    fn roots_are_those_of_rfc_6962() {
        let mut tree = Tree::default();
        let empty = "0:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(tree.head().to_string(), empty);
        for (size, (content, root)) in (1..).zip(VECTORS) {
            tree.add(Sha256::new().chain_update([0]).chain_update(content).finalize().into());
            assert_eq!(tree.head().to_string(), format!("{size}:{root}"));
        }
    }

    #[test]
    fn heads_are_read_as_they_are_written_and_nothing_else_is() {
        let text = format!("8:{}", VECTORS[7].1);
        assert_eq!(text.parse::<Head>().unwrap().to_string(), text);
        for wrong in ["", "8", "8:", ":00", "-1:00", &text[..65], &format!("{text}0"), &text.replace('5', "+"), "8:é"]
        {
            assert!(wrong.parse::<Head>().unwrap_err().to_string().contains("is no head"), "{wrong}");
        }
    }
}
