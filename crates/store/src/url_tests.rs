use super::*;

fn shown(text: &str) -> String {
    match text.parse::<Url>() {
        Ok(url) => url.to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn addresses_are_read_and_shown_without_their_password() {
    assert_eq!(shown("sqlite:data/store.db"), "sqlite:data/store.db");
    assert_eq!(shown("postgres://me:secret@db.example:5433/sluice"), "postgres://db.example:5433/sluice?schema=sluice");
    let url = "postgresql://me@localhost/x?connect_timeout=3&schema=north_2&application_name=y";
    assert_eq!(shown(url), "postgres://localhost:5432/x?schema=north_2");
    assert_eq!(format!("{:?}", url.parse::<Url>().unwrap()), "Url(postgres://localhost:5432/x?schema=north_2)");
}

#[test]
fn what_is_no_address_is_refused_in_words() {
    for (text, words) in [
        ("store.db", "it begins with neither of the two kinds"),
        ("sqlite:", "it names no file"),
        ("sqlite::memory:", "a database in memory keeps nothing"),
        ("postgres://", "it names no host"),
        ("postgres://me:secret@localhost/x?schema=pg_x", "a schema's name is"),
        ("postgres://me:secret@localhost/x?schema=A", "a schema's name is"),
        ("postgres://me:secret@localhost/x?nonsense=1", "nonsense"),
    ] {
        let message = shown(text);
        assert!(message.contains(words), "{message}");
        assert!(!message.contains("secret"), "{message}");
        assert!(message.ends_with("write sqlite:PATH or postgres://USER@HOST/DATABASE"), "{message}");
    }
}

#[test]
fn only_postgresql_has_schemas() {
    let url: Url = "postgres://localhost/x".parse().unwrap();
    assert_eq!(url.with_schema("other").unwrap().to_string(), "postgres://localhost:5432/x?schema=other");
    assert!(url.with_schema("a b").is_err());
    let file: Url = "sqlite:x.db".parse().unwrap();
    assert!(file.with_schema("other").is_err());
    assert_eq!(file.path(), Some(Path::new("x.db")));
    assert_eq!(url.path(), None);
}
