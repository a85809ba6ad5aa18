//! Meter point numbers.

use std::fmt;
use std::str::FromStr;

/// Why a text is no MPAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MpanError {
    /// Not 13 digits.
    #[error("an MPAN has 13 digits")]
    Digits,
    /// A number in scientific notation: the last digits are lost and cannot be brought back.
    #[error("this is a spreadsheet's rounding of a long number; format the column as text and enter all 13 digits")]
    Rounded,
    /// The last digit is not the check digit of the first twelve.
    #[error("its check digit is wrong: one of the 13 digits is mistyped")]
    CheckDigit,
}

/// An MPAN core: 13 digits, the last one a check digit (MA102).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mpan(u64);

const MPAN_WEIGHTS: [u64; 12] = [3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43];

impl Mpan {
    /// The 13 digits as a number.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    /// The number of a stored MPAN; nothing if it has more than 13 digits or a wrong check digit.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        (number < 10_u64.pow(13) && Self::check_digit(number / 10) == number % 10).then_some(Self(number))
    }

    /// The check digit of twelve digits, given as a number below 10¹².
    #[must_use]
    pub fn check_digit(mut twelve: u64) -> u64 {
        let mut sum = 0;
        for weight in MPAN_WEIGHTS.iter().rev() {
            sum += twelve % 10 * weight;
            twelve /= 10;
        }
        sum % 11 % 10
    }
}

impl FromStr for Mpan {
    type Err = MpanError;

    fn from_str(text: &str) -> Result<Self, MpanError> {
        // MA102: 13 digits with a right check digit; a spreadsheet's rounding is named as such.
        if text.len() != 13 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(if is_scientific(text) { MpanError::Rounded } else { MpanError::Digits });
        }
        let number: u64 = text.parse().map_err(|_| MpanError::Digits)?;
        if Self::check_digit(number / 10) != number % 10 {
            return Err(MpanError::CheckDigit);
        }
        Ok(Self(number))
    }
}

impl fmt::Display for Mpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:013}", self.0)
    }
}

/// Is this a number such as `1.20006E+12`?
fn is_scientific(text: &str) -> bool {
    text.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        !mantissa.is_empty() && digits(mantissa) && !exponent.is_empty() && digits(exponent)
    })
}

/// A text that is no MPRN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an MPRN has 6 to 10 digits")]
pub struct MprnError;

/// An MPRN: 6 to 10 digits (MA103). Leading zeros carry no meaning beyond the sixth digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mprn(u64);

impl Mprn {
    /// The number of a stored MPRN; nothing if it has more than 10 digits.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        (number < 10_u64.pow(10)).then_some(Self(number))
    }

    /// The digits as a number.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

impl FromStr for Mprn {
    type Err = MprnError;

    fn from_str(text: &str) -> Result<Self, MprnError> {
        // MA103: 6 to 10 digits.
        if !(6..=10).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(MprnError);
        }
        text.parse().map(Self).map_err(|_| MprnError)
    }
}

impl fmt::Display for Mprn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

#[cfg(test)]
#[path = "point_tests.rs"]
mod tests;
