use super::*;
use crate::postgresql::address::Address;

/// The way to an address, in a word, or why there is none.
fn to(address: &str, environment: &Environment) -> String {
    let address = Address::parse(address).unwrap();
    let way = way(address.config.get_hosts(), address.sslmode, address.sslrootcert.as_ref(), environment);
    match way {
        Ok(Way::Socket) => "socket".to_owned(),
        Ok(Way::Plain) => "plain".to_owned(),
        Ok(Way::Either(_)) => "either".to_owned(),
        Ok(Way::Encrypted(_)) => "encrypted".to_owned(),
        Err(StoreError::Access(words)) => words,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn within_this_machine_it_may_be_plain() {
    let none = Environment::default();
    for (address, wanted) in [
        ("localhost/x", "plain"),
        ("127.0.0.2/x", "plain"),
        ("[::1]/x", "plain"),
        ("localhost/x?sslmode=disable", "plain"),
        ("localhost/x?sslmode=allow", "either"),
        ("localhost/x?sslmode=prefer", "either"),
        ("localhost/x?sslmode=require", "encrypted"),
        ("/x?host=/run/postgresql", "socket"),
        ("/x?host=/run/postgresql&sslmode=disable", "socket"),
    ] {
        assert_eq!(to(address, &none), wanted, "{address}");
    }
}

#[test]
fn nothing_is_plain_beyond_it() {
    let refused = "sslmode disable, allow and prefer may send passwords and data in the clear";
    let none = Environment::default();
    for host in ["db.example", "10.0.0.1", "[fd00::1]", "localhost,db.example", "localhost.db.example", "0.0.0.0"] {
        for mode in ["disable", "allow", "prefer"] {
            let words = to(&format!("{host}/x?sslmode={mode}"), &none);
            assert!(words.starts_with(refused) && words.contains("sslmode=verify-full"), "{host} {mode}: {words}");
        }
        assert_eq!(to(&format!("{host}/x?sslmode=require"), &none), "encrypted");
        // What is left out is the strictest, which asks whom to trust.
        for address in [format!("{host}/x"), format!("{host}/x?sslmode=verify-ca")] {
            assert!(to(&address, &none).contains("add sslrootcert=FILE"), "{address}");
        }
    }
    let plain = Environment { sslmode: Some("prefer".into()), ..Environment::default() };
    assert!(to("db.example/x", &plain).starts_with(refused));
    assert_eq!(to("db.example/x?sslmode=require", &plain), "encrypted");
    assert_eq!(
        to("db.example/x?host=/run/postgresql,db.example", &none),
        "a socket and a host elsewhere need an address each"
    );
    let wrong = Environment { sslmode: Some("nonsense".into()), ..Environment::default() };
    assert_eq!(to("localhost/x", &wrong), Mode::WORDS);
}

#[test]
fn roots_are_read_where_they_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let pem = rcgen::generate_simple_self_signed(["db.example".to_owned()]).unwrap().cert.pem();
    let (good, empty) = (write("good.crt", &pem), write("empty.crt", ""));
    let broken = write("broken.crt", &pem.replace('M', "!"));
    let none = Environment::default();
    assert_eq!(to(&format!("db.example/x?sslrootcert={good}"), &none), "encrypted");
    assert_eq!(to(&format!("localhost/x?sslrootcert={good}"), &none), "encrypted");
    assert!(to(&format!("db.example/x?sslrootcert={empty}"), &none).ends_with("empty.crt holds no certificate"));
    assert!(to(&format!("db.example/x?sslrootcert={broken}"), &none).contains("broken.crt is not in PEM"));
    assert!(to("db.example/x?sslrootcert=/no/such", &none).contains("/no/such cannot be read"));
    let words = to("db.example/x?sslrootcert=system&sslmode=verify-ca", &none);
    assert!(words.starts_with("sslrootcert=system needs sslmode=verify-full"), "{words}");
    let variable = Environment { sslrootcert: Some(good.into()), ..Environment::default() };
    assert_eq!(to("db.example/x", &variable), "encrypted");
    let home = Environment { home: Some(folder.path().join("me")), ..Environment::default() };
    assert!(to("db.example/x", &home).contains("add sslrootcert=FILE"));
    write("me/.postgresql/root.crt", &pem);
    assert_eq!(to("db.example/x", &home), "encrypted");
}
