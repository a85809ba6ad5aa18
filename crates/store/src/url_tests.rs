use super::*;

fn shown(text: &str) -> String {
    match text.parse::<Url>() {
        Ok(url) => format!("{url}\n{url:?}"),
        Err(error) => format!("{error}\n{error:?}"),
    }
}

#[test]
fn addresses_are_read_and_shown_without_their_password() {
    assert_eq!(shown("sqlite:data/store.db"), "sqlite:data/store.db\nUrl(sqlite:data/store.db)");
    let url = "postgresql://me:secret@db.example/x?connect_timeout=3&schema=north_2&application_name=y";
    let wanted = "postgres://db.example:5432/x?schema=north_2";
    assert_eq!(shown(url), format!("{wanted}\nUrl({wanted})"));
}

#[test]
fn what_is_no_address_is_refused_in_words() {
    for (text, words) in [
        ("store.db", "it begins with neither of the two kinds"),
        ("sqlite:", "it names no file"),
        ("sqlite::memory:", "a database in memory keeps nothing"),
        ("sqlite://store.db", "no // stands before a path"),
        ("postgres://", "it names no host"),
        ("postgres://me@localhost/x?schema=pg_x", "a schema's name is"),
        ("postgres://me@localhost/x?schema=A", "a schema's name is"),
        ("postgres://me@localhost/x?schema=sluice_replay_0123456789abcdef", "copies that the program takes away"),
        ("postgres://me@localhost/x?nonsense=1", "it has a parameter that is not known; known are schema, host"),
    ] {
        let message = text.parse::<Url>().unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
        assert!(message.ends_with("write sqlite:PATH or postgres://USER@HOST/DATABASE"), "{message}");
    }
}

#[test]
fn no_mistyped_address_shows_its_password() {
    for text in [
        "me:canary@host/x",
        "Postgres://me:canary@host/x",
        "postgres:/me:canary@host/x",
        "postgres:me:canary@host/x",
        "postgres//me:canary@host/x",
        "postgress://me:canary@host/x",
        "mysql://me:canary@host/x",
        "sqlite://me:canary@host/x",
        "sqlite:postgres://me:canary@host/x",
        "sqlite:postgres:me:canary@host/x",
        "sqlite:me:canary@host",
        "sqlite:host/x?password=canary",
        "sqlite:x.db?key=canary",
        "sqlite:host=h PASSWORD=canary",
        " postgres://me:canary@host/x",
        "host=localhost user=me password=canary",
        "postgres://me:canary@host",
        "postgres://me:canary",
        "postgres://me:canary/x",
        "postgres://me:canary@",
        "postgres://me:canary@/x",
        "postgres://me@canary@host/x",
        "postgres://me:a@canary@host/x",
        "postgres://me:a/canary@host/x",
        "postgres://me:a?canary@host/x",
        "postgres://me:a#canary@host/x",
        "postgres://me:a?canary=1@host/x",
        "postgres://me:canary%zz@host/x",
        "postgres://me:canary%@host/x",
        "postgres://me:%ffcanary@host/x",
        "postgres://me:%00canary@host/x",
        "postgres://me:canary@host:port/x",
        "postgres://me:canary@host:99999/x",
        "postgres://me:canary@host:-1/x",
        "postgres://me:canary@[::1/x",
        "postgres://me:canary@ho st/x",
        "postgres://me:canary@host/x?nonsense=1",
        "postgres://me:canary@host/x?sslmode=nonsense",
        "postgres://me:canary@host/x?connect_timeout=soon",
        "postgres://me:canary@host/x?schema=A",
        "postgres://host/x?user=me&password=canary",
        "postgres://host/x?user=me&passwrd=canary",
        "postgres://host/x&password=canary",
        "postgres://host/x?sslmode=canary",
        "postgres://me%3Acanary%40host/x",
        "postgres://host/me%3Acanary%40host",
        "postgres://host/me:canary@host/x",
    ] {
        let shown = shown(text);
        assert!(!shown.contains("canary"), "{text}: {shown}");
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
