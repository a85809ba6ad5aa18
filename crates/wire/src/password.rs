//! The password of a protected file: how its file says it, and how an archiver may have used it.

use crate::finding::FileFinding;
use crate::source::{Content, unreadable};
use sluice_rules::codes::FileCode;
use std::fmt;
use std::io::Read;
use zeroize::Zeroizing;

/// The password of a protected file; never shown, not even by a debugger's print, and wiped from memory when it is
/// dropped.
pub struct Password(Zeroizing<String>);

/// More bytes than this are no password.
const LONGEST_PASSWORD: u64 = 4096;

/// FI02, FI12, FI13: reads a password file, which is text of one line, in UTF-8 or in UTF-16 with a byte-order mark. What it
/// says is not shown.
///
/// # Errors
/// The file code that refuses it.
pub fn read_password(extension: &str, content: &mut dyn Content) -> Result<Password, FileFinding> {
    if !matches!(extension, "txt" | "csv") {
        return Err(FileFinding::new(FileCode::FI02, "a password is sent as .txt or .csv"));
    }
    // One piece of memory from the start: a text that moves leaves its old places unwiped.
    let room = usize::try_from(LONGEST_PASSWORD).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * room));
    content.take(LONGEST_PASSWORD + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() > room {
        let message = format!("a password file has no more than {LONGEST_PASSWORD} bytes");
        return Err(FileFinding::new(FileCode::FI12, message));
    }
    Password::from_bytes(&bytes)
}

impl Password {
    /// From the bytes of a password file.
    ///
    /// # Errors
    /// FI13 if they are no text, FI12 if it is empty or has more than one line.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileFinding> {
        let no_text = || FileFinding::new(FileCode::FI13, "it is not UTF-8 text; save the password as text in UTF-8");
        let text = match bytes {
            [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
            // UTF-16 without its mark is full of NULs, which no password has.
            _ if bytes.contains(&0) => return Err(no_text()),
            _ => return Self::from_file(std::str::from_utf8(bytes).map_err(|_| no_text())?),
        };
        Self::from_file(&text.ok_or_else(no_text)?)
    }

    /// From the one line of a password file, without its line break.
    ///
    /// # Errors
    /// If it is empty or has more than one line.
    pub fn from_file(text: &str) -> Result<Self, FileFinding> {
        let line = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end_matches(['\r', '\n']);
        if line.is_empty() || line.contains(['\r', '\n']) {
            let message = "the password file must hold the password in exactly one line";
            return Err(FileFinding::new(FileCode::FI12, message));
        }
        Ok(Self(Zeroizing::new(line.to_owned())))
    }

    /// The bytes that an archiver may have made of it: UTF-8; and for letters outside ASCII Windows-1252 and code page 850,
    /// where they have all of them, which is what archivers on Windows use.
    pub(crate) fn spellings(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let mut spellings = vec![Zeroizing::new(self.0.as_bytes().to_vec())];
        if !self.0.is_ascii() {
            for table in [WINDOWS_1252, CODE_PAGE_850] {
                let spelling: Option<Vec<u8>> = self.0.chars().map(|character| byte_of(character, table)).collect();
                spellings.extend(spelling.map(Zeroizing::new));
            }
        }
        spellings
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The text of UTF-16 bytes; nothing if they are none.
fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Zeroizing<String>> {
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    // As much as it can need, so that it never moves.
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    for character in char::decode_utf16(pairs.map(|pair| unit([pair[0], pair[1]]))) {
        text.push(character.ok()?);
    }
    Some(text)
}

/// The characters of the bytes from 128 on, in Windows-1252; a blank where it has none.
const WINDOWS_1252: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";

/// The characters of the bytes from 128 on, in code page 850.
const CODE_PAGE_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

fn byte_of(character: char, table: &str) -> Option<u8> {
    match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() => Some(byte),
        _ => table.chars().position(|other| other == character).and_then(|place| u8::try_from(place + 128).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mam_10_a_password_is_read_in_utf_8_and_utf_16() {
        let utf_16 = |text: &str, bytes: fn(u16) -> [u8; 2]| {
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect::<Vec<u8>>()
        };
        for text in ["secret 7\r\n", "Pa££word", "日本 😀\n"] {
            for bytes in [text.as_bytes().to_vec(), utf_16(text, u16::to_le_bytes), utf_16(text, u16::to_be_bytes)] {
                assert_eq!(&*Password::from_bytes(&bytes).unwrap().0, text.trim_end());
            }
        }
        for bytes in [&b"\xff\xfea"[..], b"\xff\xfe\x00\xd8", b"s\x00e\x00\xa3\x00", b"s\x00e\x00"] {
            let code = Password::from_bytes(bytes).unwrap_err().code;
            assert_eq!(code, FileCode::FI13, "{bytes:?}");
        }
        assert_eq!(Password::from_bytes(b"\xff\xfe\n\0").unwrap_err().code, FileCode::FI12);
    }

    #[test]
    fn mam_10_letters_outside_ascii_are_spelt_in_three_ways() {
        assert_eq!((WINDOWS_1252.chars().count(), CODE_PAGE_850.chars().count()), (128, 128));
        let spelt = |text: &str| -> Vec<Vec<u8>> {
            Password::from_file(text).unwrap().spellings().iter().map(|bytes| bytes.to_vec()).collect()
        };
        assert_eq!(spelt("plain"), [b"plain".to_vec()]);
        assert_eq!(spelt("£é"), ["£é".as_bytes().to_vec(), vec![0xa3, 0xe9], vec![0x9c, 0x82]]);
        assert_eq!(spelt("€"), ["€".as_bytes().to_vec(), vec![0x80]]);
        assert_eq!(spelt("日"), ["日".as_bytes().to_vec()]);
    }
}
