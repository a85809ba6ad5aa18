//! A server that a test may set up as it likes.

use postgres::{Client, NoTls};
use sluice_store::schema::MIGRATIONS;
use sluice_store::{Store, Url};
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

/// A store `own`, a login `works` that works in it without owning anything, and one that may only connect.
pub fn with_logins(server: &Own) -> (Store, Client) {
    let mut store = Store::create(&server.at("sluice", "127.0.0.1", "schema=own")).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let mut admin = server.client();
    admin
        .batch_execute(
            "CREATE ROLE works LOGIN; GRANT sluice_service, sluice_reader TO works; CREATE ROLE connects LOGIN",
        )
        .unwrap();
    (store, admin)
}

/// A connection of another login past the store.
pub fn as_login(server: &Own, login: &str) -> Client {
    let mut config: postgres::Config = server.address().parse().unwrap();
    config.user(login).connect(NoTls).unwrap()
}

/// Who may do what with a store: everything that is in its schemas, the rights to it, and what protects it, in words.
pub fn protection(client: &mut Client, schema: &str) -> Vec<String> {
    let sql = "
      WITH space AS (SELECT * FROM pg_namespace WHERE nspname::text IN ($1, $1 || '_party', $1 || '_s1sp', $1 || '_observer')),
           class AS (SELECT pg_class.*, pg_class.oid::regclass AS named FROM pg_class JOIN space ON space.oid = relnamespace),
           had (what, owner, acl) AS (
        SELECT nspname::text, nspowner, nspacl FROM space
        UNION ALL SELECT concat_ws(' ', named, relkind), relowner, relacl FROM class WHERE relkind <> 'i'
        UNION ALL SELECT concat_ws('.', named, attname), relowner, attacl FROM class JOIN pg_attribute ON attrelid = class.oid
          WHERE attacl <> '{}'
        UNION ALL SELECT pg_get_functiondef(pg_proc.oid), proowner, COALESCE(proacl, acldefault('f', proowner)) FROM pg_proc
          JOIN space ON space.oid = pronamespace WHERE prokind <> 'a')
      SELECT concat_ws(' ', what, 'of', owner::regrole) FROM had
      UNION ALL SELECT concat_ws(' ', what, 'to', grantee::regrole, privilege_type, is_grantable, 'by', grantor::regrole)
        FROM had, aclexplode(acl)
      UNION ALL SELECT concat_ws(' ', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies WHERE schemaname::text = $1
      UNION ALL SELECT concat_ws(' ', named, relrowsecurity, relforcerowsecurity, reloptions, pg_get_viewdef(oid)) FROM class
      UNION ALL SELECT concat_ws(' ', named, rulename) FROM class JOIN pg_rewrite ON ev_class = class.oid
      UNION ALL SELECT concat_ws(' ', named, tgname) FROM class JOIN pg_trigger ON tgrelid = class.oid WHERE NOT tgisinternal
      UNION ALL SELECT concat_ws(' ', inhrelid::regclass, 'of', inhparent::regclass) FROM class
        JOIN pg_inherits ON class.oid IN (inhrelid, inhparent)
      ORDER BY 1";
    client.query(sql, &[&schema]).unwrap().iter().map(|row| row.get(0)).collect()
}
