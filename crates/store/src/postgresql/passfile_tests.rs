use super::*;

const LINES: &str = "\
# db:5432:sluice:me:of a comment
db:5433:sluice:me:of another port
d\\:b:*:slu\\\\ice:me:with \\: and \\\\ and a:colon
db:5432:*:me:first
db:*:*:*:second
half:a:line
";

fn found(host: &str, database: &str, user: &str) -> Option<String> {
    password(LINES, &Door { host, port: "5432", database, user })
}

#[test]
fn the_first_line_that_fits_gives_the_password() {
    assert_eq!(found("db", "sluice", "me").as_deref(), Some("first"));
    assert_eq!(found("db", "sluice", "you").as_deref(), Some("second"));
    assert_eq!(found("d:b", "slu\\ice", "me").as_deref(), Some("with : and \\ and a:colon"));
    assert_eq!(found("elsewhere", "sluice", "me"), None);
    // A star that is escaped stands for itself.
    assert_eq!(password("\\*:1:d:u:x", &Door { host: "db", port: "1", database: "d", user: "u" }), None);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused_without_a_word_of_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pgpass");
    assert!(matches!(read(&path, false), Ok(None)));
    assert!(matches!(read(&path, true), Err(StoreError::Access(_))));
    assert!(matches!(read(folder.path(), false), Err(StoreError::Access(_))));
    std::fs::write(&path, "db:*:*:*:canary").unwrap();
    for mode in [0o640, 0o604, 0o620] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let words = read(&path, false).unwrap_err().to_string();
        assert!(words.contains("can be read by others; take their rights away with chmod 600"), "{words}");
        assert!(!words.contains("canary"), "{words}");
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(read(&path, true).unwrap().as_deref(), Some("db:*:*:*:canary"));
}
