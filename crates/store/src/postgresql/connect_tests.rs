use super::*;
use std::path::PathBuf;

/// A folder like somebody's own, with a password file.
fn home(lines: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".pgpass");
    std::fs::write(&path, lines).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    folder
}

fn of_home(folder: &tempfile::TempDir) -> Environment {
    Environment { home: Some(folder.path().to_owned()), ..Environment::default() }
}

fn asked(address: &str, environment: &Environment) -> Result<Option<String>, StoreError> {
    let address = Address::parse(address).unwrap();
    let found = password(&address.config, address.passfile.as_deref(), environment)?;
    Ok(found.map(|bytes| String::from_utf8(bytes).unwrap()))
}

#[test]
fn a_password_comes_from_the_variable_or_from_the_file_that_is_nearest() {
    let (usual, named) = (home("h:5432:d:u:usual\nh:5432:u:u:own\n"), home("h:*:*:*:named\n"));
    let mut environment = of_home(&usual);
    assert_eq!(asked("u@h/d", &environment).unwrap().as_deref(), Some("usual"));
    // Without a name the database is called as the user is.
    assert_eq!(asked("u@h", &environment).unwrap().as_deref(), Some("own"));
    assert_eq!(asked("u@h:5433/d", &environment).unwrap(), None);
    let parameter = format!("u@h/d?passfile={}", named.path().join(".pgpass").display());
    assert_eq!(asked(&parameter, &environment).unwrap().as_deref(), Some("named"));
    environment.passfile = Some(named.path().join(".pgpass"));
    assert_eq!(asked("u@h/d", &environment).unwrap().as_deref(), Some("named"));
    environment.passfile = Some(PathBuf::from("/no/such/file"));
    assert!(matches!(asked("u@h/d", &environment), Err(StoreError::Access(_))));
    environment.password = Some("variable".into());
    assert_eq!(asked("u@h/d", &environment).unwrap().as_deref(), Some("variable"));
}

#[test]
fn no_host_gets_the_password_of_another() {
    let folder = home("a:*:*:*:one\nb:*:*:*:one\nc:*:*:*:canary\n");
    let environment = of_home(&folder);
    assert_eq!(asked("u@a,b/d", &environment).unwrap().as_deref(), Some("one"));
    for address in ["u@a,c/d", "u@a,nobody/d"] {
        let words = asked(address, &environment).unwrap_err().to_string();
        assert!(words.contains("several passwords") && !words.contains("canary"), "{words}");
    }
}

#[test]
fn a_socket_is_called_localhost_where_it_is_usual() {
    let folder = home("localhost:*:*:*:usual\n/run/mine:*:*:*:mine\n");
    let of = |address| asked(address, &of_home(&folder)).unwrap();
    assert_eq!(of("u@/d?host=/var/run/postgresql").as_deref(), Some("usual"));
    assert_eq!(of("u@/d?host=/run/mine").as_deref(), Some("mine"));
}
