//! The roles of a server: who acts, who reads, and whose the views are that readers see.
//!
//! A login that works has the first two. The third is for the owner of the tables alone: whose a view is may put other
//! statements in its place, and so chooses what every reader sees and what runs as whoever looks.

use crate::error::StoreError;
use postgres::GenericClient;
use postgres::error::SqlState;

/// Does acts, and reads for DCC.
pub(crate) const SERVICE: &str = "sluice_service";

/// Reads for everybody else.
pub(crate) const READER: &str = "sluice_reader";

/// Has the views, and reads every row for their filters.
pub(crate) const VIEWS: &str = "sluice_views";

/// The roles of a login that works.
pub(crate) const WORKING: &[&str] = &[SERVICE, READER];

/// The roles of the owner of a store.
const OWNING: &[&str] = &[SERVICE, READER, VIEWS];

/// A role that a login cannot act as, and whether it is there.
struct Lacking {
    role: String,
    exists: bool,
}

/// Those of the roles that the login cannot act as. From PostgreSQL 16 on who makes a role is a member by that and may grant
/// it, but may act as it only when it has granted it to itself.
fn lacking(client: &mut impl GenericClient, roles: &[&str]) -> Result<Vec<Lacking>, StoreError> {
    let sql = "SELECT role, rolname IS NOT NULL FROM unnest($1::text[]) WITH ORDINALITY AS wanted (role, place)
               LEFT JOIN pg_roles ON rolname = role
               WHERE rolname IS NULL OR NOT pg_has_role(session_user, role,
                 CASE WHEN current_setting('server_version_num')::bigint < 160000 THEN 'MEMBER' ELSE 'SET' END)
               ORDER BY place";
    let rows = client.query(sql, &[&roles])?;
    rows.iter().map(|row| Ok(Lacking { role: row.try_get(0)?, exists: row.try_get(1)? })).collect()
}

/// Makes the roles of an owner, as far as they are not there and the login may, within a transaction.
pub(crate) fn make(client: &mut impl GenericClient) -> Result<(), StoreError> {
    for Lacking { role, .. } in lacking(client, OWNING)?.iter().filter(|lacking| !lacking.exists) {
        attempt(client, &format!("CREATE ROLE {role} NOLOGIN NOBYPASSRLS"))?;
    }
    for Lacking { role, .. } in lacking(client, OWNING)?.iter().filter(|lacking| lacking.exists) {
        attempt(client, &format!("GRANT {role} TO SESSION_USER"))?;
    }
    missing(client, OWNING)?.map_or(Ok(()), Err)
}

/// Another process may have been first, and the login may not be allowed to: what is there afterwards tells.
fn attempt(client: &mut impl GenericClient, statement: &str) -> Result<(), StoreError> {
    client.batch_execute("SAVEPOINT roles")?;
    match client.batch_execute(statement) {
        Ok(()) => Ok(client.batch_execute("RELEASE roles")?),
        Err(error) => match error.code() {
            Some(&SqlState::DUPLICATE_OBJECT | &SqlState::UNIQUE_VIOLATION | &SqlState::INSUFFICIENT_PRIVILEGE) => {
                Ok(client.batch_execute("ROLLBACK TO roles")?)
            }
            _ => Err(error.into()),
        },
    }
}

/// What a database administrator runs where the login cannot act as the roles; nothing if it can.
pub(crate) fn missing(client: &mut impl GenericClient, roles: &[&str]) -> Result<Option<StoreError>, StoreError> {
    let lacking = lacking(client, roles)?;
    if lacking.is_empty() {
        return Ok(None);
    }
    let login: String = client.query_one("SELECT session_user::text", &[])?.try_get(0)?;
    let names: Vec<&str> = lacking.iter().map(|lacking| lacking.role.as_str()).collect();
    let made: String = lacking
        .iter()
        .filter(|lacking| !lacking.exists)
        .map(|Lacking { role, .. }| format!("CREATE ROLE {role} NOLOGIN NOBYPASSRLS; "))
        .collect();
    Ok(Some(StoreError::Roles(format!(
        "the login '{login}' cannot act as {}; have a superuser of the server run: {made}GRANT {} TO \"{login}\"; \
         then run the command again",
        names.join(" and "),
        names.join(", ")
    ))))
}

/// Demands that the login owns a schema: it is not to be given what an owner has. A superuser could do it, and what it makes would be
/// the owner's no more.
pub(crate) fn must_own(client: &mut impl GenericClient, schema: &str) -> Result<(), StoreError> {
    let sql =
        "SELECT nspowner = pg_roles.oid OR (pg_has_role(rolname, nspowner, 'MEMBER') AND NOT rolsuper), rolname::text,
                      pg_get_userbyid(nspowner)::text
               FROM pg_namespace, pg_roles WHERE nspname = $1 AND rolname = session_user";
    let row = client.query_one(sql, &[&schema])?;
    if row.try_get(0)? {
        return Ok(());
    }
    let (login, owner): (String, String) = (row.try_get(1)?, row.try_get(2)?);
    Err(StoreError::Roles(format!(
        "the schema {schema} belongs to '{owner}' and not to '{login}': have its owner do this"
    )))
}

/// Demands that whoever acts may make temporary tables. Everybody may, unless it was taken from them.
pub(crate) fn must_make_temporary(client: &mut impl GenericClient) -> Result<(), StoreError> {
    let sql = "SELECT has_database_privilege(current_database(), 'TEMP'), quote_ident(current_database())";
    let row = client.query_one(sql, &[])?;
    if row.try_get(0)? {
        return Ok(());
    }
    let database: String = row.try_get(1)?;
    Err(StoreError::Roles(format!(
        "the role {SERVICE} may make no temporary tables, in which an inventory is compared with the one that stands; have the owner \
         of the database run: GRANT TEMPORARY ON DATABASE {database} TO {SERVICE}"
    )))
}

/// A role that is not bound by row security.
pub(crate) fn above(role: &str) -> StoreError {
    StoreError::Roles(format!(
        "the role {role} is above row security; have a superuser of the server run: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS"
    ))
}
