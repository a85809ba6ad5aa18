//! A server that a test may set up as it likes.

use postgres::{Client, NoTls};
use sluice_store::Url;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server of its own, which ends when its input does.
pub struct Own {
    child: Child,
    address: String,
}

impl Own {
    /// Starts it.
    pub fn start() -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/with-postgres");
        let mut child = Command::new(program)
            .args(["sh", "-c", "echo \"$SLUICE_TEST_POSTGRES\"; cat >/dev/null"])
            .env_remove("SLUICE_TEST_POSTGRES")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { child, address: address.trim().to_owned() }
    }

    /// A connection past the store.
    pub fn client(&self) -> Client {
        Client::connect(&self.address, NoTls).unwrap()
    }

    /// Its address, as its superuser.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Puts a file into the server's folder, as its user.
    pub fn put(&self, name: &str, text: &str) {
        let sql =
            format!("COPY (SELECT unnest(string_to_array('{text}', E'\\n'))) TO PROGRAM 'umask 077; cat >{name}'");
        self.client().batch_execute(&sql).unwrap();
    }

    /// The address with another user, host and parameters.
    pub fn at(&self, user: &str, host: &str, more: &str) -> Url {
        let (_, rest) = self.address.split_once('@').unwrap();
        format!("postgres://{user}@{}?{more}", rest.replace("127.0.0.1", host)).parse().unwrap()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
