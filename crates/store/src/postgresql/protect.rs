//! Who may do what in a schema: the roles, the views of what a reader sees, and row security behind them.
//!
//! The tables belong to whoever made the store. Acts and DCC's readings are done as `sluice_service`, the readings of others as
//! `sluice_reader`; neither owns a table or is above row security. A reader's statements find views in place of the tables. The
//! views are those of `sluice_views`, so that their filters see all rows: they cannot be the owner's, who is a reader too, and
//! whose rows the policies would look for in the views; nor those of a role that a login works as, which could change them. A
//! reader that reaches past them to a table is given by row security what the view would give it, or less where the view masks
//! columns.

use super::clear::{clear, strip};
use super::facts;
use super::roles::{self, READER, SERVICE, VIEWS};
use crate::error::StoreError;
use crate::indexes::{INSTALLATION_INDEXES, WITHOUT};
use crate::sight::{self, Kind, Seen, TABLES, Table, Words};
use postgres::GenericClient;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// How the comments of our schemas of views begin: no other schema is taken for one.
const MARK: &str = "Sluice: what a reader sees; ";

/// The schema with the views of a kind of reader.
pub(crate) fn views(schema: &str, kind: Kind) -> String {
    format!("{schema}_{}", kind.word())
}

/// A schema and those of its views for these kinds of readers.
fn schemas(schema: &str, kinds: &[Kind]) -> Vec<String> {
    let views = kinds.iter().map(|kind| views(schema, *kind));
    std::iter::once(schema.to_owned()).chain(views).collect()
}

/// The tables and views of a schema with their columns, and which of them are tables.
fn tables(client: &mut impl GenericClient, schema: &str) -> Result<Vec<(String, Vec<String>, bool)>, StoreError> {
    let sql = "SELECT relname::text, array_agg(attname::text ORDER BY attnum), relkind = 'r' FROM pg_class \
               JOIN pg_attribute ON attrelid = pg_class.oid \
               WHERE relnamespace = to_regnamespace($1::text) AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped \
               GROUP BY relname, relkind ORDER BY relname";
    let rows = client.query(sql, &[&schema])?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
}

/// Statements in two parts: what makes things, and what gives rights to them. Between the two nobody has any.
#[derive(Default)]
struct Statements {
    make: String,
    give: String,
}

/// Every statement that protects a schema with these tables, and makes the views of these kinds of readers.
fn statements(schema: &str, tables: &[(String, Vec<String>, bool)], kinds: &[Kind]) -> String {
    let mut all = Statements::default();
    let _ = write!(
        all.give,
        "GRANT USAGE ON SCHEMA {schema} TO {SERVICE}, {READER};\n\
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {SERVICE};\n\
         GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {VIEWS};\n"
    );
    for kind in kinds {
        make_views(&mut all, schema, tables, *kind);
    }
    for (table, ..) in tables.iter().filter(|(.., is_table)| *is_table) {
        secure(&mut all, schema, table, kinds);
    }
    if tables.iter().any(|(table, ..)| table == "installation") {
        indexes(&mut all, schema);
        if !kinds.is_empty() {
            let _ = writeln!(all.make, "SELECT {schema}.inventory_indexes(true);");
        }
    }
    all.make + &strip(&schemas(schema, kinds)) + &all.give
}

/// The schema of what a kind of reader sees.
fn make_views(all: &mut Statements, schema: &str, tables: &[(String, Vec<String>, bool)], kind: Kind) {
    let views = views(schema, kind);
    let Statements { make, give } = all;
    let _ = writeln!(make, "CREATE SCHEMA {views};");
    let _ = write!(
        give,
        "GRANT USAGE ON SCHEMA {views} TO {READER};\nGRANT SELECT ON ALL TABLES IN SCHEMA {views} TO {READER};\n\
         GRANT CREATE ON SCHEMA {views} TO {VIEWS};\n"
    );
    let of_s1sp = format!("(SELECT code FROM {schema}.party WHERE s1sp = {S1SP} ORDER BY code LIMIT 1)");
    let words = Words {
        me: if kind == Kind::S1sp { &of_s1sp } else { PARTY },
        s1sp: S1SP,
        all: schema,
        today: TODAY,
        day: DAY,
        current: CURRENT,
        mine: MINE,
    };
    if kind == Kind::Party && tables.iter().any(|(table, ..)| table == "mpid") {
        make.push_str(&own_ids(schema, &words));
        let _ = writeln!(give, "GRANT EXECUTE ON FUNCTION {schema}.own_ids(boolean) TO {READER};");
    }
    for (table, columns, _) in tables {
        let query = sight::query(table, columns, sight::seen(table, kind), &words);
        let _ = writeln!(make, "CREATE VIEW {views}.{table} AS {query};");
        let _ = writeln!(give, "ALTER VIEW {views}.{table} OWNER TO {VIEWS};");
    }
    let _ = writeln!(give, "REVOKE CREATE ON SCHEMA {views} FROM {VIEWS};");
}

/// Who reads, as a transaction has set it.
const PARTY: &str = "(SELECT current_setting('sluice.party') COLLATE \"C\")";
const S1SP: &str = "(SELECT current_setting('sluice.s1sp') COLLATE \"C\")";

/// The date of the last act, yyyymmdd.
const TODAY: &str = "(SELECT CAST(to_char(to_timestamp(d.at / 1000) AT TIME ZONE 'UTC', 'YYYYMMDD') AS BIGINT) \
                     FROM {all}.audit d ORDER BY d.seq DESC LIMIT 1)";

/// The date of a moment in Great Britain, yyyymmdd.
const DAY: &str = "CAST(to_char(to_timestamp({X} / 1000) AT TIME ZONE 'Europe/London', 'YYYYMMDD') AS BIGINT)";

/// The numbers of a party's market participant ids, found once for a statement. What it takes to find them is hidden behind a
/// function: where the planner thinks that it is paid with every row, it minds nothing else.
const CURRENT: &str = "= ANY ((SELECT {all}.own_ids(true))::bigint[])";
const MINE: &str = "= ANY ((SELECT {all}.own_ids(false))::bigint[])";

/// That function. It tells a reader of its own ids alone.
fn own_ids(schema: &str, words: &Words<'_>) -> String {
    let [now, ever] = ["{ids now}", "{ids ever}"].map(|ids| words.put_into(ids));
    format!(
        "CREATE FUNCTION {schema}.own_ids(now boolean) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER COST 1 \
         SET search_path = {schema}, pg_temp AS \
         $body$ SELECT CASE WHEN now THEN ARRAY({now}) ELSE ARRAY({ever}) END $body$;\n"
    )
}

/// Row security of a table, for these kinds of readers.
fn secure(all: &mut Statements, schema: &str, table: &str, kinds: &[Kind]) {
    let name = format!("{schema}.{table}");
    let _ = write!(
        all.make,
        "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {name} FORCE ROW LEVEL SECURITY;\n\
         CREATE POLICY acts ON {name} TO CURRENT_USER, {SERVICE}, {VIEWS} USING (true) WITH CHECK (true);\n"
    );
    let Some(known) = TABLES.iter().find(|known| known.name == table && !kinds.is_empty()) else { return };
    let when = |kind: &Kind| format!("WHEN '{}' THEN {}", kind.word(), condition(schema, known, *kind));
    let kinds: Vec<String> = kinds.iter().map(when).collect();
    let _ = writeln!(all.give, "GRANT SELECT ON {name} TO {READER};");
    let _ = writeln!(
        all.make,
        "CREATE POLICY reads ON {name} FOR SELECT TO {READER} USING \
         (CASE current_setting('sluice.kind', true) {} ELSE false END);",
        kinds.join(" ")
    );
}

/// The rows of a table that a kind of reader sees as they are: those of its view.
fn condition(schema: &str, table: &Table, kind: Kind) -> String {
    let Table { name, key, .. } = table;
    let view = views(schema, kind);
    let same: Vec<String> = key.iter().map(|column| format!("v.{column} = {name}.{column}")).collect();
    let in_view = format!("EXISTS (SELECT 1 FROM {view}.{name} v WHERE {}", same.join(" AND "));
    match sight::seen(name, kind) {
        Seen::Nothing => "false".to_owned(),
        Seen::All => "true".to_owned(),
        Seen::Rows(_) => format!("{in_view})"),
        Seen::Masked { masks, .. } => {
            // Where nothing of the row is masked the view gives it as it is.
            let as_it_is: Vec<String> =
                masks.iter().map(|(column, _)| format!("v.{column} IS NOT DISTINCT FROM {name}.{column}")).collect();
            format!("{in_view} AND {})", as_it_is.join(" AND "))
        }
    }
}

/// The indexes of the inventory go and come where a first one is put into its place. The change locks the table against everybody
/// else until it is kept. Row security goes and comes with them: so, if whoever acts calls it past the program, the schema is found
/// unprotected, and protecting it makes the indexes again.
fn indexes(all: &mut Statements, schema: &str) {
    let make = INSTALLATION_INDEXES.replace("INDEX", "INDEX IF NOT EXISTS");
    let _ = writeln!(
        all.make,
        "CREATE FUNCTION {schema}.inventory_indexes(make boolean) RETURNS void LANGUAGE plpgsql SECURITY DEFINER \
         SET search_path = {schema}, pg_temp AS $body$ BEGIN IF make THEN {make} \
         ALTER TABLE installation ENABLE ROW LEVEL SECURITY; ELSE \
         ALTER TABLE installation DISABLE ROW LEVEL SECURITY; \
         {WITHOUT} END IF; END $body$;"
    );
    let _ = writeln!(all.give, "GRANT EXECUTE ON FUNCTION {schema}.inventory_indexes(boolean) TO {SERVICE};");
}

fn digest(statements: &str) -> String {
    Sha256::digest(statements).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What looks at a schema calls no function that others have put there.
const APART: &str = "SET LOCAL search_path = pg_catalog, pg_temp";

/// Is a schema protected as the list says, and as it was left? Who puts a backup back may have made other owners; whoever has a
/// role may have dropped what was granted to it. For a transaction of its own.
pub(crate) fn is_protected(client: &mut impl GenericClient, schema: &str) -> Result<bool, StoreError> {
    client.batch_execute(APART)?;
    let tables = tables(client, schema)?;
    let wanted = comment(client, schema, &statements(schema, &tables, &Kind::ALL))?;
    let found = "SELECT obj_description(to_regnamespace($1::text), 'pg_namespace')";
    let found: Option<String> = client.query_one(found, &[&views(schema, Kind::Party)])?.try_get(0)?;
    Ok(found.is_some_and(|found| found == wanted))
}

/// The comment of our schemas of views: what the program wanted, and what the server has made of it. None but their owner can
/// change it.
fn comment(client: &mut impl GenericClient, schema: &str, statements: &str) -> Result<String, StoreError> {
    Ok(format!("{MARK}{} {}", digest(statements), facts::digest(client, &schemas(schema, &Kind::ALL))?))
}

/// Takes everything away that protects a schema, and its own views: no table can be changed under one. For a transaction of the
/// owner that makes these views again and protects the schema before it ends.
pub(crate) fn unprotect(client: &mut impl GenericClient, schema: &str) -> Result<(), StoreError> {
    client.batch_execute(APART)?;
    client.batch_execute(&strip(&schemas(schema, &[])))?;
    remove_views(client, schema)?;
    clear(client, schema)?;
    Ok(client.batch_execute(&format!("SET LOCAL search_path = {schema}, pg_temp"))?)
}

/// Takes the views away that readers see.
fn remove_views(client: &mut impl GenericClient, schema: &str) -> Result<(), StoreError> {
    for views in ours(client, schema)? {
        client.batch_execute(&format!("DROP SCHEMA {views} CASCADE"))?;
    }
    Ok(())
}

/// The schemas of views that a schema has. One of such a name that is another program's, or another store, is told.
fn ours(client: &mut impl GenericClient, schema: &str) -> Result<Vec<String>, StoreError> {
    let mut ours = Vec::new();
    for views in Kind::ALL.map(|kind| views(schema, kind)) {
        let found = "SELECT COALESCE(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = $1";
        match client.query_opt(found, &[&views])? {
            None => {}
            Some(row) if row.try_get::<_, String>(0)?.starts_with(MARK) => ours.push(views),
            Some(_) => {
                let found = "a schema of this name with an ending of ours is another program's";
                return Err(StoreError::Foreign { address: format!("the schema {views}"), found });
            }
        }
    }
    Ok(ours)
}

/// Takes a schema away with its views.
pub(crate) fn remove(client: &mut impl GenericClient, schema: &str) -> Result<(), StoreError> {
    let mut schemas = ours(client, schema)?;
    schemas.push(schema.to_owned());
    Ok(client.batch_execute(&format!("DROP SCHEMA IF EXISTS {} CASCADE", schemas.join(", ")))?)
}

/// Protects the tables of a schema that is new or was taken its protection, in a transaction of their owner.
pub(crate) fn protect(client: &mut impl GenericClient, schema: &str) -> Result<(), StoreError> {
    roles::make(client)?;
    remove_views(client, schema)?;
    let tables = tables(client, schema)?;
    let statements = statements(schema, &tables, &Kind::ALL);
    client.batch_execute(&statements)?;
    let comment = comment(client, schema, &statements)?;
    for kind in Kind::ALL {
        client.batch_execute(&format!("COMMENT ON SCHEMA {} IS '{comment}'", views(schema, kind)))?;
    }
    Ok(())
}

/// Protects the tables of a new schema from all but acts: nobody else reads what is there.
pub(crate) fn protect_copy(client: &mut impl GenericClient, schema: &str) -> Result<(), StoreError> {
    let tables = tables(client, schema)?;
    Ok(client.batch_execute(&statements(schema, &tables, &[]))?)
}
