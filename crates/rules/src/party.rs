//! Parties, S1SPs and User IDs.

use crate::words::words;
use std::fmt;
use std::str::FromStr;

/// The longest code of a party or an S1SP, in characters (MSM-1).
pub const CODE_LENGTH: usize = 16;

/// MSM-1: the codes that no party and no S1SP has, each with what the program means by it where it names who sent, did or has to do
/// something.
pub const RESERVED: [(&str, &str); 7] = [
    ("DCC", "DCC itself"),
    ("CLOCK", "what is done at its moment by itself"),
    ("CONSOLE", "whoever holds the database"),
    ("SUPPLIER", "the supplier of a home"),
    ("S1SP", "the S1SP of a home"),
    ("OTHERS", "others than who reads"),
    ("NOBODY", "nobody"),
];

/// A text that is not a code, a User ID or a Device ID; the display says what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Not a party or S1SP code.
    #[error("expected 1 to 16 ASCII letters and digits")]
    Code,
    /// Not an EUI-64.
    #[error("expected an EUI-64: eight hexadecimal pairs, such as 70-B3-D5-1F-30-00-A0-08")]
    Eui64,
}

/// A code `[A-Z0-9]{1,16}`, kept inline; unused bytes are zero, so the order of the bytes is the order of the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Code([u8; CODE_LENGTH]);

impl Code {
    fn as_str(&self) -> &str {
        let length = self.0.iter().position(|&byte| byte == 0).unwrap_or(CODE_LENGTH);
        std::str::from_utf8(&self.0[..length]).unwrap_or_default()
    }
}

impl FromStr for Code {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        // MSM-1: codes are ASCII letters and digits, folded to upper case everywhere.
        let bytes = text.as_bytes();
        if bytes.is_empty() || bytes.len() > CODE_LENGTH || !bytes.iter().all(u8::is_ascii_alphanumeric) {
            return Err(IdentifierError::Code);
        }
        let mut code = [0; CODE_LENGTH];
        code[..bytes.len()].copy_from_slice(bytes);
        code.make_ascii_uppercase();
        Ok(Self(code))
    }
}

macro_rules! code_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Code);

        impl $name {
            /// Comes before every code; the start of a range in sorted data.
            pub const FIRST: Self = Self(Code([0; CODE_LENGTH]));

            /// The code in upper case.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl FromStr for $name {
            type Err = IdentifierError;

            fn from_str(text: &str) -> Result<Self, IdentifierError> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

code_type! {
    /// A party signifier such as `AAA123`: 1 to 16 ASCII letters and digits, upper case (MSM-1).
    Party
}

code_type! {
    /// The code of a SMETS1 Service Provider such as `CGI`: 1 to 16 ASCII letters and digits, upper case (MSM-1).
    S1sp
}

/// An EUI-64: a User ID or a Device ID. Read in any case, with or without hyphens; printed upper case with hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Eui64(pub u64);

/// Length of an EUI-64 as printed.
pub const EUI64_LENGTH: usize = 23;

impl FromStr for Eui64 {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let bytes = text.as_bytes();
        let step = match bytes.len() {
            EUI64_LENGTH => 3,
            16 => 2,
            _ => return Err(IdentifierError::Eui64),
        };
        // What is wrong in any place is noted, and looked at once at the end: files hold tens of millions of these.
        let (mut value, mut wrong) = (0, false);
        for pair in bytes.chunks(step) {
            let [high, low] = [HEX[usize::from(pair[0])], HEX[usize::from(pair[1])]];
            wrong |= high > 15 || low > 15 || pair.get(2).is_some_and(|&hyphen| hyphen != b'-');
            value = value << 8 | u64::from(high << 4 | low & 15);
        }
        if wrong { Err(IdentifierError::Eui64) } else { Ok(Self(value)) }
    }
}

/// The value of each hexadecimal digit, in either case; 16 or more for what is none.
const HEX: [u8; 256] = {
    let mut values = [0xff; 256];
    let mut digit: u8 = 0;
    while digit < 16 {
        let text = b"0123456789abcdef"[digit as usize];
        values[text as usize] = digit;
        values[text.to_ascii_uppercase() as usize] = digit;
        digit += 1;
    }
    values
};

impl fmt::Display for Eui64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let mut text = [b'-'; EUI64_LENGTH];
        for (pair, byte) in text.chunks_mut(3).zip(self.0.to_be_bytes()) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.pad(std::str::from_utf8(&text).unwrap_or_default())
    }
}

words! {
    /// What a party does in the programme.
    PartyRole ["SUPPLIER, S1SP or OBSERVER"] {
        /// Sends demand and authorisations.
        Supplier = "SUPPLIER",
        /// Executes the schedules of an S1SP.
        S1sp = "S1SP",
        /// Sees, and sends nothing.
        Observer = "OBSERVER",
    }
}

#[cfg(test)]
#[path = "party_tests.rs"]
mod tests;
