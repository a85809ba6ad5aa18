//! How a schema is protected, as the server's catalogue has it.

use crate::error::StoreError;
use postgres::GenericClient;

/// A digest of all that is in these schemas, of who has what of it, and of every rule that decides what is seen: owners, rights, row
/// security and its policies, what views, rules, triggers and functions do, and which tables inherit from which. Whatever is changed
/// past the program, this changes; so it does when a backup is put back, since the catalogue names things by their numbers.
pub(crate) fn digest(client: &mut impl GenericClient, schemas: &[String]) -> Result<String, StoreError> {
    Ok(client.query_one(FACTS, &[&schemas])?.try_get(0)?)
}

/// Each fact is a row as text, in which no value can be taken for another's. What is long goes in as its digest: to put its
/// quotes into a row would take ten times as long. Nothing in it depends on the settings of a session.
const FACTS: &str = "
WITH space AS (SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname = ANY ($1)),
     class AS (SELECT oid, relnamespace, relname, relkind, relowner, relacl, relrowsecurity, relforcerowsecurity, reloptions
               FROM pg_class WHERE relnamespace IN (SELECT oid FROM space) AND relkind <> 'i'),
     fact (kind, of, fact) AS (
  SELECT 'space', oid, ROW (nspname, pg_get_userbyid(nspowner), nspacl)::text FROM space
  UNION ALL
  SELECT 'class', oid, ROW (relnamespace, relname, relkind, pg_get_userbyid(relowner), relacl,
                            relrowsecurity, relforcerowsecurity, reloptions)::text FROM class
  UNION ALL
  SELECT 'column', class.oid, ROW (attnum, attacl)::text FROM class JOIN pg_attribute ON attrelid = class.oid
  WHERE attacl IS NOT NULL
  UNION ALL
  SELECT 'policy', class.oid, ROW (polname, polcmd, polpermissive, polroles,
                                   encode(sha256(convert_to(polqual::text, 'UTF8')), 'hex'),
                                   encode(sha256(convert_to(polwithcheck::text, 'UTF8')), 'hex'))::text
  FROM class JOIN pg_policy ON polrelid = class.oid
  UNION ALL
  SELECT 'rule', class.oid, ROW (rulename, ev_type, ev_enabled, is_instead,
                                 encode(sha256(convert_to(ev_qual::text, 'UTF8')), 'hex'),
                                 encode(sha256(convert_to(ev_action::text, 'UTF8')), 'hex'))::text
  FROM class JOIN pg_rewrite ON ev_class = class.oid
  UNION ALL
  SELECT 'trigger', class.oid, ROW (tgname, tgtype, tgenabled, tgfoid)::text FROM class JOIN pg_trigger ON tgrelid = class.oid
  WHERE NOT tgisinternal
  UNION ALL
  SELECT 'heir', inhrelid, ROW (inhparent)::text FROM class JOIN pg_inherits ON class.oid IN (inhrelid, inhparent)
  UNION ALL
  SELECT 'other', objid, ROW (classid, refobjid)::text FROM pg_depend JOIN space ON space.oid = refobjid
  WHERE refclassid = 'pg_namespace'::regclass
    AND classid NOT IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_default_acl'::regclass,
                        'pg_publication_namespace'::regclass)
  UNION ALL
  SELECT 'function', pg_proc.oid, ROW (pronamespace, proname, proargtypes, pg_get_userbyid(proowner), proacl, prosecdef,
                                       proconfig, prolang, encode(sha256(convert_to(prosrc, 'UTF8')), 'hex'))::text
  FROM pg_proc JOIN space ON space.oid = pronamespace)
SELECT encode(sha256(convert_to(string_agg(concat_ws(' ', kind, of, fact), ' ' ORDER BY kind COLLATE \"C\", of,
                                           fact COLLATE \"C\"), 'UTF8')), 'hex') FROM fact";
