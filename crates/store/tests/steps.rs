//! Steps of the schema that change tables which readers see, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod both;

use both::{Place, both};
use jiff::Timestamp;
use sluice_rules::proposal::ProposalState;
use sluice_store::raw::{Queries as _, Writes as _};
use sluice_store::schema::MIGRATIONS;
use sluice_store::tables::issued::last_version;
use sluice_store::tables::proposals::{self, Proposal};
use sluice_store::{Migration, Scope, Store, StoreError, Tx};

/// Takes a column away that every reader sees, renames one, makes a table anew with other types, and adds one.
const STEP: &str = "\
ALTER TABLE hold DROP COLUMN last;
ALTER TABLE passed_day RENAME COLUMN at TO passed_at;
CREATE TABLE new_grace (
  sender TEXT NOT NULL,
  s1sp TEXT NOT NULL,
  milestone TEXT NOT NULL,
  week INTEGER NOT NULL,
  until TEXT NOT NULL,
  PRIMARY KEY (sender, s1sp, milestone, week)
) STRICT;
INSERT INTO new_grace (sender, s1sp, milestone, week, until) SELECT sender, s1sp, milestone, week, 'until ' || until FROM grace;
DROP TABLE grace;
ALTER TABLE new_grace RENAME TO grace;
-- only postgresql
ALTER TABLE allocation ALTER COLUMN units TYPE NUMERIC;
-- only postgresql
ALTER TABLE allocation ALTER COLUMN units TYPE BIGINT;
";

fn filled(place: &Place) -> Store {
    let mut store = Store::create_with(place.url(), both::options()).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let mut tx = store.decide().unwrap();
    for sql in [
        "INSERT INTO grace (sender, s1sp, milestone, week, until, used) VALUES ('AAA123', 'CGI', 'M', 20210712, 5, 0)",
        "INSERT INTO grace (sender, s1sp, milestone, week, until, used) VALUES ('BBB456', 'CGI', 'M', 20210712, 6, 0)",
        "INSERT INTO hold (id, chf, party, first, weekdays, action, at) VALUES (1, 1, 'AAA123', 20210712, 127, 'SET', 1)",
        "INSERT INTO hold (id, chf, party, first, weekdays, action, at) VALUES (2, 2, 'BBB456', 20210712, 127, 'SET', 1)",
        "INSERT INTO passed_day (s1sp, date, deadline, at) VALUES ('CGI', 20210712, 'OUTCOMES_DUE', 7)",
        "INSERT INTO allocation (s1sp, date, party, units, handed_back) VALUES ('CGI', 20210712, 'AAA123', 8, 0)",
    ] {
        tx.execute(sql, &[]).unwrap();
    }
    tx.commit().unwrap();
    store
}

fn supplier() -> Scope {
    Scope::Party("AAA123".parse().unwrap())
}

/// The texts that a scope reads.
fn read(store: &mut Store, scope: Scope, sql: &str) -> Result<Vec<String>, StoreError> {
    store.view(scope)?.query(sql, &[], |row| Ok(row.text(0)?.to_owned()))
}

both!(a_step_changes_tables_that_readers_see, |place| {
    let mut store = filled(place);
    let holds = "SELECT party FROM hold ORDER BY party";
    // Whoever has read before reads what the tables are afterwards.
    assert_eq!(read(&mut store, supplier(), holds).unwrap(), ["AAA123"]);
    let mut steps = MIGRATIONS.to_vec();
    steps.push(Migration { version: 1_000, name: "other tables", sql: STEP });
    store.migrate(&steps).unwrap();
    store.require(&steps).unwrap();
    assert_eq!(read(&mut store, supplier(), holds).unwrap(), ["AAA123"]);
    assert_eq!(read(&mut store, Scope::Dcc, holds).unwrap(), ["AAA123", "BBB456"]);
    for scope in [supplier(), Scope::Observer] {
        assert!(read(&mut store, scope, "SELECT CAST(last AS TEXT) FROM hold").is_err(), "{scope}");
        assert_eq!(read(&mut store, scope, "SELECT CAST(passed_at AS TEXT) FROM passed_day").unwrap(), ["7"]);
        assert_eq!(read(&mut store, scope, "SELECT CAST(units AS TEXT) FROM allocation").unwrap(), ["8"]);
    }
    assert_eq!(read(&mut store, supplier(), "SELECT until FROM grace").unwrap(), ["until 5"]);
    // A table that was made anew is protected like the one before it.
    let mut again = place.open();
    assert_eq!(read(&mut again, supplier(), "SELECT sender FROM grace").unwrap(), ["AAA123"]);
});

// With a step the same act may write otherwise, so what was noted of a proposal before is no longer compared: not by who approves
// it, and not by a replay.
both!(acc_2_a_step_takes_from_proposals_what_they_would_write, |place| {
    let mut store = Store::create_with(place.url(), both::options()).unwrap();
    store.migrate(MIGRATIONS).unwrap();
    let mut tx = store.decide().unwrap();
    let asked = Proposal {
        id: 0,
        kind: "week-close".to_owned(),
        details: "{}".to_owned(),
        title: String::new(),
        figures: String::new(),
        digest: Some([7; 32]),
        maker: "ruth".to_owned(),
        made_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::UNIX_EPOCH,
        state: ProposalState::Waiting,
        decided_by: None,
        decided_at: None,
        why: None,
    };
    let id = proposals::add(&mut tx, &asked).unwrap();
    tx.commit().unwrap();
    let found = |store: &mut Store| {
        let mut view = store.view(Scope::Dcc).unwrap();
        (proposals::find(&mut view, id).unwrap().unwrap().digest, view.digest_table("proposal", "id").unwrap())
    };
    let (digest, table) = found(&mut store);
    assert_eq!(digest, asked.digest);
    let mut steps = MIGRATIONS.to_vec();
    steps.push(Migration { version: 1_000, name: "a column", sql: "ALTER TABLE import ADD COLUMN more INTEGER;\n" });
    store.migrate(&steps).unwrap();
    assert_eq!(found(&mut store), (None, table));
});

both!(a_step_that_fails_leaves_readers_what_they_saw, |place| {
    let mut store = filled(place);
    let mut steps = MIGRATIONS.to_vec();
    let sql = "ALTER TABLE hold DROP COLUMN last;\nNONSENSE;\n";
    steps.push(Migration { version: 1_000, name: "broken", sql });
    store.migrate(&steps).unwrap_err();
    store.require(MIGRATIONS).unwrap();
    assert_eq!(read(&mut store, supplier(), "SELECT party FROM hold WHERE last IS NULL").unwrap(), ["AAA123"]);
});

both!(a_database_is_made_with_what_is_first_put_into_it_or_not_at_all, |place| {
    let refused = Store::create_filled(place.url(), MIGRATIONS, |tx| {
        tx.execute("INSERT INTO setting (name, value) VALUES ('a', 'b')", &[])?;
        tx.execute("INSERT INTO setting (name, value) VALUES ('a', 'c')", &[]).map(drop)
    });
    assert!(matches!(refused, Err(StoreError::Constraint { .. })), "{refused:?}");
    assert!(!Store::exists(place.url()).unwrap());
    let first = |tx: &mut Tx<'_>| tx.execute("INSERT INTO setting (name, value) VALUES ('a', 'b')", &[]).map(drop);
    let mut store = Store::create_filled::<StoreError>(place.url(), MIGRATIONS, first).unwrap();
    store.require(MIGRATIONS).unwrap();
    assert_eq!(read(&mut store, Scope::Dcc, "SELECT value FROM setting").unwrap(), ["b"]);
    assert_eq!(read(&mut place.open(), Scope::Dcc, "SELECT value FROM setting").unwrap(), ["b"]);
});

both!(msm_14_each_party_counts_the_versions_of_its_own_documents, |place| {
    let mut store = Store::create_with(place.url(), both::options()).unwrap();
    // The step comes last here: what readers see is the same with and without it, but not without others.
    let (step, mut steps): (Vec<Migration>, Vec<Migration>) = MIGRATIONS.iter().partition(|step| step.version == 113);
    store.migrate(&steps).unwrap();
    let issue = |tx: &mut Tx<'_>, id: i64, party: &str, name: &str| {
        let sql = "INSERT INTO issued (id, party, name, at, size, bytes, act) VALUES ($1, $2, $3, 5, 0, $4, 7)";
        tx.execute(sql, &[id.into(), party.into(), name.into(), sluice_store::Value::Bytes((&[][..]).into())])
    };
    let mut tx = store.decide().unwrap();
    // Older programs counted over both parties, so their numbers have gaps.
    for (id, party, name) in [
        (1, "AAA123", "MAR_X.csv"),
        (2, "BBB456", "MAR_X_v2.csv"),
        (3, "AAA123", "MAR_X_v3.csv"),
        (4, "AAA123", "MAR_XY.csv"),
    ] {
        issue(&mut tx, id, party, name).unwrap();
    }
    tx.commit().unwrap();
    steps.push(Migration { version: 1_000, ..step[0] });
    store.migrate(&steps).unwrap();
    let mut tx = store.decide().unwrap();
    let last = |tx: &mut Tx<'_>, party: &str| last_version(tx, &party.parse().unwrap(), "MAR_X").unwrap();
    assert_eq!([last(&mut tx, "AAA123"), last(&mut tx, "BBB456"), last(&mut tx, "CCC789")], [3, 2, 0]);
    issue(&mut tx, 5, "BBB456", "MAR_X_v3.csv").unwrap();
    issue(&mut tx, 6, "CCC789", "MAR_X.csv").unwrap();
    assert_eq!([last(&mut tx, "BBB456"), last(&mut tx, "CCC789")], [3, 1]);
    let acts = tx.query("SELECT name FROM issued WHERE act = 7 ORDER BY id", &[], |row| Ok(row.text(0)?.to_owned()));
    assert_eq!(acts.unwrap().len(), 6);
    assert!(issue(&mut tx, 7, "AAA123", "MAR_X_v3.csv").is_err());
});
