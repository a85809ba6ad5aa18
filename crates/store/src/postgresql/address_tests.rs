use super::*;

fn shown(text: &str) -> String {
    match Address::parse(text) {
        Ok(address) => address.to_string(),
        Err(words) => words.to_owned(),
    }
}

#[test]
fn an_address_is_read() {
    let text =
        "m%65:p%40s%2Fs@a.example:5433,[::1]/d%20b?schema=s_1&application_name=x%26y&connect_timeout=3&options=-c%20a";
    let address = Address::parse(text).unwrap();
    let config = &address.config;
    assert_eq!((config.get_user(), config.get_password()), (Some("me"), Some(b"p@s/s".as_slice())));
    assert_eq!((config.get_dbname(), config.get_ports()), (Some("d b"), [5433, 5432].as_slice()));
    assert_eq!((config.get_application_name(), config.get_options()), (Some("x&y"), Some("-c a")));
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(3)));
    assert_eq!(address.to_string(), "postgres://a.example:5433,[::1]:5432/…?schema=s_1");
    let address =
        Address::parse("/x?host=%2Frun%2Fpostgresql,b&port=1,2&user=me&password=p&sslmode=verify-ca").unwrap();
    assert_eq!(address.to_string(), "postgres:///run/postgresql:1,b:2/x?schema=sluice");
    assert_eq!((address.config.get_user(), address.config.get_password()), (Some("me"), Some(b"p".as_slice())));
    assert_eq!(address.sslmode, Some(Mode::VerifyCa));
}

#[test]
fn what_is_wrong_is_told() {
    for (text, words) in [
        ("", "it names no host"),
        ("/x", "it names no host"),
        ("h:/x", "a port is a number from 1 to 65535"),
        ("h:0/x", "a port is a number from 1 to 65535"),
        ("h:65536/x", "a port is a number from 1 to 65535"),
        ("[::1/x", "a [ has no ]"),
        ("[::1]1/x", "a port follows a :"),
        ("[h]/x", "between [ and ] is an address of IPv6"),
        ("h,/x", "a host is a name, a number, or the folder of a socket"),
        ("h/x?a", "a parameter is written NAME=VALUE"),
        ("h/x?port=1,2", "there are hosts without a port, or ports without a host; port comes after host"),
        ("h/x?connect_timeout=0", "connect_timeout is at least a second"),
        ("h/x?sslmode=no", Mode::WORDS),
        ("h/%x", "a % is followed by two hexadecimal digits; a % itself is written %25"),
        ("h/%+1", "a % is followed by two hexadecimal digits; a % itself is written %25"),
        ("h/%00", "nothing in it has a NUL"),
        ("h/%ff", "it is not in UTF-8"),
    ] {
        assert_eq!(shown(text), words, "{text}");
    }
}
