//! What was made of a schema before, by its owner or by others, and how all of it is taken away.

use crate::error::StoreError;
use postgres::GenericClient;

/// Leaves nothing in a schema but its tables, which are the login's: no view, function, policy, rule or trigger, nor row security,
/// by which steps would not see the rows. What is of another kind, and what reaches into tables from outside, is refused by its name.
pub(crate) fn clear(client: &mut impl GenericClient, schema: &str) -> Result<(), StoreError> {
    let others: Option<String> = client.query_one(OTHERS, &[&schema])?.try_get(0)?;
    if let Some(others) = others {
        return Err(StoreError::Roles(format!(
            "the schema {schema} has what this program neither made nor protects: {others}; have its owner drop it, or take it out \
             by ALTER … SET SCHEMA or ALTER TABLE … NO INHERIT, then run the command again"
        )));
    }
    let drops: String = client.query_one(DROPS, &[&schema])?.try_get(0)?;
    Ok(client.batch_execute(&drops)?)
}

/// What is in a schema beside views, functions, and tables of the login whose names can stand in statements as they are; and
/// tables that others inherit from or hand on to: who reads those reads these past every right.
const OTHERS: &str = "
SELECT string_agg(other, ', ' ORDER BY other COLLATE \"C\") FROM (
  SELECT concat_ws(' ', type, identity, 'of ' || (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = objid AND relkind = 'r'))
  FROM pg_depend, pg_identify_object(classid, objid, 0)
  WHERE refclassid = 'pg_namespace'::regclass AND refobjid = to_regnamespace($1::text)
    AND classid NOT IN ('pg_proc'::regclass, 'pg_default_acl'::regclass, 'pg_publication_namespace'::regclass)
    AND NOT EXISTS (SELECT FROM pg_class WHERE classid = 'pg_class'::regclass AND oid = objid
                    AND (relkind = 'v' OR relkind = 'r' AND pg_has_role(relowner, 'USAGE') AND relname ~ '^[a-z_][a-z0-9_]*$'
                         AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = objid AND attnum > 0 AND NOT attisdropped
                                         AND attname !~ '^[a-z_][a-z0-9_]*$')))
  UNION ALL
  SELECT format('table %s under table %s', child.identity, parent.identity)
  FROM pg_inherits, pg_identify_object('pg_class'::regclass, inhrelid, 0) child,
       pg_identify_object('pg_class'::regclass, inhparent, 0) parent
  WHERE $1 IN (child.schema, parent.schema) AND child.type <> 'index') AS found (other)";

/// The statements that take the rest away, with what depends on it.
const DROPS: &str = "
WITH space AS (SELECT oid, nspowner FROM pg_namespace WHERE nspname = $1::text),
     class AS (SELECT pg_class.oid, relkind, relowner, format('%I.%I', $1, relname) AS name
               FROM pg_class JOIN space ON space.oid = relnamespace),
     tables AS (SELECT oid, relowner, name FROM class WHERE relkind = 'r'),
     statement (place, text) AS (
  SELECT 1, format('ALTER TABLE %s OWNER TO CURRENT_USER', name) FROM tables, space
  WHERE pg_get_userbyid(relowner) NOT IN (pg_get_userbyid(nspowner), current_user)
  UNION ALL SELECT 2, format('DROP POLICY %I ON %s', polname, name) FROM tables JOIN pg_policy ON polrelid = tables.oid
  UNION ALL SELECT 2, format('DROP RULE %I ON %s', rulename, name) FROM tables JOIN pg_rewrite ON ev_class = tables.oid
  UNION ALL SELECT 2, format('DROP TRIGGER %I ON %s', tgname, name) FROM tables JOIN pg_trigger ON tgrelid = tables.oid
            WHERE NOT tgisinternal
  UNION ALL SELECT 2, format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', name) FROM tables
  UNION ALL SELECT 3, format('DROP VIEW %s CASCADE', string_agg(name, ', ')) FROM class WHERE relkind = 'v' HAVING count(*) > 0
  UNION ALL SELECT 4, format('DROP ROUTINE IF EXISTS %s CASCADE', string_agg(identity, ', '))
            FROM pg_proc JOIN space ON space.oid = pronamespace, pg_identify_object('pg_proc'::regclass, pg_proc.oid, 0)
            HAVING count(*) > 0)
SELECT COALESCE(string_agg(text, '; ' ORDER BY place), '') FROM statement";

/// A statement that takes the rights to everything in these schemas from everybody but the owners, who have all: whoever gave
/// them, be it by default privileges, and with whatever was passed on. To each function everybody has a right at first.
pub(crate) fn strip(schemas: &[String]) -> String {
    let names = schemas.join("', '");
    format!("DO $strip$ DECLARE statement text; BEGIN FOR statement IN
WITH space AS (SELECT * FROM pg_namespace WHERE nspname IN ('{names}')),
     class AS (SELECT pg_class.oid, relowner, relacl, format('TABLE %I.%I', nspname, relname) AS named
               FROM pg_class JOIN space ON space.oid = relnamespace WHERE relkind IN ('r', 'v')),
     had (what, owner, acl) AS (
  SELECT format('SCHEMA %I', nspname), nspowner, nspacl FROM space
  UNION ALL SELECT named, relowner, relacl FROM class
  UNION ALL SELECT named, relowner, attacl FROM class JOIN pg_attribute ON attrelid = class.oid
  UNION ALL SELECT 'ROUTINE ' || identity, proowner, COALESCE(proacl, acldefault('f', proowner))
            FROM pg_proc JOIN space ON space.oid = pronamespace, pg_identify_object('pg_proc'::regclass, pg_proc.oid, 0))
SELECT DISTINCT format('REVOKE ALL ON %s FROM %s CASCADE', what,
                       CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
FROM had, aclexplode(acl) WHERE grantee <> owner
UNION SELECT format('GRANT ALL ON %s TO %I', what, pg_get_userbyid(owner)) FROM had WHERE acl IS NOT NULL
LOOP EXECUTE statement; END LOOP; END $strip$;
")
}
