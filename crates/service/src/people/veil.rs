//! Numbers that the database counts for all parties together, told to one party so that they say nothing of the others (MSM-14).

use crate::act::digests::sha256;
use sluice_store::tables::record::Digest;

/// A key under which numbers are told.
pub struct Veil(Digest);

/// Rounds of the network; four make it as good as chance.
const ROUNDS: u8 = 4;

impl Veil {
    /// The veil that follows from a secret of the database.
    #[must_use]
    pub fn of(secret: &Digest) -> Self {
        let mut text = b"sluice: the veil of numbers".to_vec();
        text.extend_from_slice(secret);
        Self(sha256(&text))
    }

    /// What is told of a number, in hexadecimal.
    #[must_use]
    pub fn over(&self, number: i64) -> String {
        let number = number.cast_unsigned();
        let (mut left, mut right) = halves(number);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.mixed(round, right));
        }
        format!("{left:08x}{right:08x}")
    }

    /// The number of which this was told; nothing if it is no text of that form.
    #[must_use]
    pub fn behind(&self, told: &str) -> Option<i64> {
        let is_ours =
            told.len() == 16 && told.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let (mut left, mut right) = halves(u64::from_str_radix(told, 16).ok().filter(|_| is_ours)?);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.mixed(round, left), left);
        }
        Some((u64::from(left) << 32 | u64::from(right)).cast_signed())
    }

    fn mixed(&self, round: u8, half: u32) -> u32 {
        let mut text = self.0.to_vec();
        text.push(round);
        text.extend_from_slice(&half.to_be_bytes());
        let digest = sha256(&text);
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }
}

fn halves(number: u64) -> (u32, u32) {
    let bytes = number.to_be_bytes();
    let half = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    (half(0), half(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msm_14_a_number_is_found_again_and_its_neighbour_looks_like_any_other() {
        let veil = Veil::of(&[7; 32]);
        for number in [0, 1, 2, 41, 1 << 40, i64::MAX] {
            assert_eq!(veil.behind(&veil.over(number)), Some(number));
        }
        let (one, next) = (veil.over(100), veil.over(101));
        let same = one.bytes().zip(next.bytes()).filter(|(one, next)| one == next).count();
        assert!(same < 8, "{one} {next}");
        assert_ne!(veil.over(1), Veil::of(&[8; 32]).over(1));
    }

    #[test]
    fn msm_14_what_is_no_veiled_number_is_none() {
        let veil = Veil::of(&[7; 32]);
        for text in ["", "1", "+000000000000001", "000000000000000G", "00000000000000000", "000000000000000A"] {
            assert_eq!(veil.behind(text), None, "{text}");
        }
    }
}
