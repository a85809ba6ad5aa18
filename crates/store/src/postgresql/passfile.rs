//! Passwords out of a file, as libpq keeps them: lines `HOST:PORT:DATABASE:USER:PASSWORD`, each field but the last `*` for any.

use crate::error::StoreError;
use std::path::Path;

/// Who wants to be let in where.
pub(crate) struct Door<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: &'a str,
    pub(crate) database: &'a str,
    pub(crate) user: &'a str,
}

/// The lines of a file that nobody else can read; nothing of a file that is not there, unless it `must` be.
///
/// # Errors
/// [`StoreError::Access`] if others can read it, or it is no plain file.
pub(crate) fn read(path: &Path, must: bool) -> Result<Option<String>, StoreError> {
    let refused = |words: &str| StoreError::Access(format!("the password file {} {words}", path.display()));
    let metadata = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must => return Ok(None),
        other => other.map_err(|error| refused(&format!("cannot be read: {error}")))?,
    };
    if !metadata.is_file() {
        return Err(refused("is no plain file; name another one"));
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err(refused("can be read by others; take their rights away with chmod 600"));
    }
    std::fs::read_to_string(path).map(Some).map_err(|error| refused(&format!("cannot be read: {error}")))
}

/// The password of the first line that fits.
pub(crate) fn password(lines: &str, door: &Door<'_>) -> Option<String> {
    lines.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut rest = line;
        for wanted in [door.host, door.port, door.database, door.user] {
            let (field, others) = field(rest)?;
            if field != wanted && rest[..rest.len() - others.len()] != *"*:" {
                return None;
            }
            rest = others;
        }
        let password = plain(rest);
        (!password.is_empty()).then_some(password)
    })
}

/// The field before the next `:` that has no backslash before it, and what follows.
fn field(text: &str) -> Option<(String, &str)> {
    let mut escaped = false;
    for (place, letter) in text.char_indices() {
        match letter {
            ':' if !escaped => return Some((plain(&text[..place]), &text[place + 1..])),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

/// Text without the backslashes that keep the next character.
fn plain(text: &str) -> String {
    let mut letters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next().unwrap_or(letter) } else { letter });
    }
    plain
}

#[cfg(test)]
#[path = "passfile_tests.rs"]
mod tests;
