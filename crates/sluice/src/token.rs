//! The token that a caller gives: in a file of its own or in the environment, never as an argument (ACC-1).

use crate::failure::Failure;
use sluice_service::people::tokens::Secret;
use std::path::Path;

/// The variable that holds a token.
const VARIABLE: &str = "SLUICE_TOKEN";

/// The token of the caller, if one is given; a file that is named comes before the environment.
///
/// # Errors
/// If the file cannot be read, others may read it, or what is given is no whole token.
pub fn given(file: Option<&Path>) -> Result<Option<Secret>, Failure> {
    let text = match file {
        Some(path) => own_file(path)?,
        None => match std::env::var_os(VARIABLE).filter(|text| !text.is_empty()) {
            // What is not UTF-8 is no token, and is told as such.
            Some(text) => text.to_string_lossy().into_owned(),
            None => return Ok(None),
        },
    };
    Ok(Some(Secret::given(&text)?))
}

/// Writes a token into a new file that nobody but its owner may read.
///
/// # Errors
/// If there is a file of that name, or it cannot be written.
pub fn keep(path: &Path, secret: Secret) -> Result<(), Failure> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |error: std::io::Error| Failure::write(path, &error);
    let mut file = options.open(path).map_err(failed)?;
    writeln!(file, "{}", secret.shown_once()).and_then(|()| file.sync_all()).map_err(|error| {
        // Half a token is none, and would bar the next try.
        std::fs::remove_file(path).ok();
        failed(error)
    })
}

/// The content of a file that nobody but its owner may read.
fn own_file(path: &Path) -> Result<String, Failure> {
    use std::io::Read;
    let failed = |error: std::io::Error| Failure::read(path, &error);
    // Opening a pipe would wait until somebody writes into it.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Failure::Use(format!(
            "{} is no regular file: keep the token in a file of its own for --token-file, or set SLUICE_TOKEN (ACC-1)",
            path.display()
        )));
    }
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0 {
        let path = path.display();
        return Err(Failure::Use(format!(
            "others may read the token in {path}: chmod 600 it, or name another file (ACC-1)"
        )));
    }
    let mut bytes = Vec::new();
    // A token is short; whatever else the file is, it is not read to its end.
    file.by_ref().take(1 << 10).read_to_end(&mut bytes).map_err(failed)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn acc_1_what_is_no_regular_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        for path in [&*pipe, folder.path()] {
            let told = given(Some(path)).err().unwrap().to_string();
            assert!(told.contains("is no regular file"), "{told}");
        }
    }
}
