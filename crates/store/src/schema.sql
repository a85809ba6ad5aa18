-- What is kept. One text for both databases: SQLite's STRICT tables; for PostgreSQL the types are translated.
-- Moments are milliseconds since 1970 in UTC; dates are whole numbers yyyymmdd; identifiers are 64-bit numbers.

-- The record: what was received and what was done. Nothing here is ever derived, changed or deleted.

CREATE TABLE setting (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE content (
  digest BLOB NOT NULL PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size >= 0)
) STRICT;

CREATE TABLE content_part (
  digest BLOB NOT NULL REFERENCES content (digest),
  place INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (digest, place)
) STRICT;

CREATE TABLE received (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  sender TEXT NOT NULL,
  at INTEGER NOT NULL,
  digest BLOB REFERENCES content (digest),
  size INTEGER NOT NULL
) STRICT;

CREATE TABLE act (
  seq INTEGER NOT NULL PRIMARY KEY,
  salt BLOB NOT NULL,
  detail TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
  seq INTEGER NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  rulebook TEXT NOT NULL,
  detail_digest BLOB NOT NULL,
  outcome_digest BLOB NOT NULL,
  leaf BLOB NOT NULL
) STRICT;

-- Everything below is derived: `replay` deletes it and makes it anew from the record.

CREATE TABLE account (
  name TEXT NOT NULL PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('OPERATOR', 'APPROVER', 'SUPPLIER', 'S1SP', 'OBSERVER')),
  party TEXT,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  CHECK ((party IS NULL) = (role NOT IN ('SUPPLIER', 'S1SP')))
) STRICT;

CREATE TABLE import (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('parties', 'capacity', 'dmc', 'inventory', 'registrations', 'epcl', 'exclusions', 'outcome-codes')),
  received INTEGER NOT NULL REFERENCES received (id),
  as_at INTEGER NOT NULL,
  applied_at INTEGER NOT NULL,
  before_rows INTEGER NOT NULL,
  added INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  gone INTEGER NOT NULL,
  accepted_rows INTEGER NOT NULL,
  undone_at INTEGER
) STRICT;

CREATE TABLE party (
  code TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('SUPPLIER', 'S1SP', 'OBSERVER')),
  s1sp TEXT,
  operations_contact TEXT NOT NULL,
  out_of_hours_contact TEXT NOT NULL,
  CHECK ((s1sp IS NULL) = (role <> 'S1SP'))
) STRICT;

CREATE TABLE user_id (
  user_id INTEGER NOT NULL PRIMARY KEY,
  party TEXT NOT NULL REFERENCES party (code),
  place INTEGER NOT NULL
) STRICT;

CREATE TABLE mpid (
  id INTEGER NOT NULL PRIMARY KEY,
  fuel TEXT NOT NULL CHECK (fuel IN ('ELECTRICITY', 'GAS')),
  mpid TEXT NOT NULL,
  party TEXT NOT NULL REFERENCES party (code),
  UNIQUE (fuel, mpid)
) STRICT;

CREATE TABLE s1sp (
  id INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE dmc (
  id INTEGER NOT NULL PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  provider TEXT NOT NULL,
  chf_model TEXT NOT NULL,
  esme_model TEXT NOT NULL,
  gsme_model TEXT
) STRICT;

CREATE TABLE epcl (
  s1sp TEXT NOT NULL,
  dmc INTEGER NOT NULL,
  added INTEGER NOT NULL,
  removed INTEGER,
  PRIMARY KEY (s1sp, dmc, added)
) STRICT;

-- Status: 1 Active, 0 Dormant. The numbers of S1SP, cohort, DMC and MPID keep ten million rows small.
CREATE TABLE installation (
  chf INTEGER NOT NULL PRIMARY KEY,
  s1sp INTEGER NOT NULL,
  cohort INTEGER NOT NULL CHECK (cohort BETWEEN 0 AND 3),
  dmc INTEGER NOT NULL,
  esme INTEGER NOT NULL,
  mpan INTEGER NOT NULL,
  electricity_mpid INTEGER NOT NULL,
  electricity_status INTEGER NOT NULL CHECK (electricity_status IN (0, 1)),
  gsme INTEGER,
  mprn INTEGER,
  gas_mpid INTEGER,
  gas_status INTEGER CHECK (gas_status IN (0, 1)),
  CHECK ((gsme IS NULL) = (mprn IS NULL) AND (gsme IS NULL) = (gas_mpid IS NULL) AND (gsme IS NULL) = (gas_status IS NULL))
) STRICT;

-- An inventory that is being compared with the one that stands (REF-2); empty otherwise.
CREATE TABLE staged_installation (
  chf INTEGER NOT NULL PRIMARY KEY,
  s1sp INTEGER NOT NULL,
  cohort INTEGER NOT NULL,
  dmc INTEGER NOT NULL,
  esme INTEGER NOT NULL,
  mpan INTEGER NOT NULL,
  electricity_mpid INTEGER NOT NULL,
  electricity_status INTEGER NOT NULL,
  gsme INTEGER,
  mprn INTEGER,
  gas_mpid INTEGER,
  gas_status INTEGER
) STRICT;

CREATE TABLE registration (
  point INTEGER NOT NULL,
  fuel TEXT NOT NULL CHECK (fuel IN ('ELECTRICITY', 'GAS')),
  effective INTEGER NOT NULL,
  mpid INTEGER NOT NULL,
  PRIMARY KEY (point, fuel, effective)
) STRICT, WITHOUT ROWID;

CREATE TABLE exclusion (
  chf INTEGER NOT NULL,
  fuel TEXT NOT NULL CHECK (fuel = '' OR fuel = 'ELECTRICITY' OR fuel = 'GAS'),
  category TEXT NOT NULL,
  effective INTEGER NOT NULL,
  PRIMARY KEY (chf, fuel)
) STRICT, WITHOUT ROWID;

CREATE TABLE outcome_code (
  code TEXT NOT NULL,
  stage TEXT NOT NULL,
  who_acts TEXT NOT NULL CHECK (who_acts IN ('DCC', 'S1SP', 'SUPPLIER')),
  attempt INTEGER NOT NULL CHECK (attempt IN (0, 1)),
  retry_after_days INTEGER NOT NULL,
  PRIMARY KEY (code, stage)
) STRICT;

CREATE TABLE attempt (
  chf INTEGER NOT NULL PRIMARY KEY,
  migrated INTEGER,
  failed INTEGER NOT NULL CHECK (failed >= 0),
  last_failed INTEGER
) STRICT;

CREATE TABLE capacity (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  total INTEGER NOT NULL,
  reserve INTEGER NOT NULL,
  PRIMARY KEY (s1sp, date),
  CHECK (0 <= reserve AND reserve <= total)
) STRICT;

CREATE TABLE file (
  id INTEGER NOT NULL PRIMARY KEY REFERENCES received (id),
  kind TEXT NOT NULL,
  sender TEXT NOT NULL,
  user_id INTEGER,
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  time INTEGER,
  extension TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('RECEIVED', 'WAITING', 'ACCEPTED', 'HELD', 'REFUSED', 'LAPSED', 'REPLACED')),
  rulebook TEXT NOT NULL,
  codes TEXT NOT NULL,
  message TEXT NOT NULL,
  verdict_at INTEGER,
  opened BLOB
) STRICT;

-- Files refused for a name that says nothing.
CREATE TABLE misnamed (
  id INTEGER NOT NULL PRIMARY KEY REFERENCES received (id),
  sender TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  verdict_at INTEGER NOT NULL
) STRICT;

CREATE INDEX file_by_name ON file (kind, s1sp, date, user_id);

-- Every command asks what still waits.
CREATE INDEX file_by_status ON file (status);

CREATE TABLE grace (
  sender TEXT NOT NULL,
  s1sp TEXT NOT NULL,
  milestone TEXT NOT NULL,
  week INTEGER NOT NULL,
  until INTEGER NOT NULL,
  used INTEGER NOT NULL CHECK (used IN (0, 1)),
  PRIMARY KEY (sender, s1sp, milestone, week)
) STRICT;

CREATE TABLE moved_milestone (
  week INTEGER NOT NULL,
  milestone TEXT NOT NULL,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (week, milestone)
) STRICT;

CREATE TABLE passed_milestone (
  s1sp TEXT NOT NULL,
  week INTEGER NOT NULL,
  milestone TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (s1sp, week, milestone)
) STRICT;

CREATE TABLE demand (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  party TEXT NOT NULL,
  user_id INTEGER NOT NULL,
  units INTEGER NOT NULL,
  file INTEGER NOT NULL,
  PRIMARY KEY (s1sp, date, party, user_id)
) STRICT;

CREATE TABLE forecast (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  party TEXT NOT NULL,
  units INTEGER NOT NULL,
  PRIMARY KEY (s1sp, date, party)
) STRICT;

CREATE TABLE eligible_count (
  s1sp TEXT NOT NULL,
  week INTEGER NOT NULL,
  party TEXT NOT NULL,
  units INTEGER NOT NULL,
  PRIMARY KEY (s1sp, week, party)
) STRICT;

CREATE TABLE result (
  s1sp TEXT NOT NULL,
  week INTEGER NOT NULL,
  version INTEGER NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('PROVISIONAL', 'FIRM', 'REFILL', 'CUT')),
  rulebook TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  published_at INTEGER,
  firm_at INTEGER,
  PRIMARY KEY (s1sp, week, version)
) STRICT;

CREATE TABLE result_pool (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  version INTEGER NOT NULL,
  total_capacity INTEGER NOT NULL,
  reserve INTEGER NOT NULL,
  dmin INTEGER NOT NULL,
  demand INTEGER NOT NULL,
  rest INTEGER,
  unmet INTEGER,
  level TEXT,
  parties INTEGER NOT NULL,
  public INTEGER NOT NULL CHECK (public IN (0, 1)),
  PRIMARY KEY (s1sp, date, version)
) STRICT;

CREATE TABLE result_line (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  version INTEGER NOT NULL,
  party TEXT NOT NULL,
  demand INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  flat INTEGER NOT NULL,
  entitlement TEXT NOT NULL,
  rank INTEGER,
  extra INTEGER NOT NULL CHECK (extra IN (0, 1)),
  allocation INTEGER NOT NULL,
  opening INTEGER NOT NULL,
  closing INTEGER NOT NULL,
  derivation TEXT NOT NULL,
  PRIMARY KEY (s1sp, date, version, party),
  CHECK (0 <= flat AND flat <= allocation AND allocation <= counted AND counted <= demand)
) STRICT;

CREATE TABLE allocation (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  party TEXT NOT NULL,
  units INTEGER NOT NULL CHECK (units >= 0),
  handed_back INTEGER NOT NULL CHECK (handed_back >= 0),
  PRIMARY KEY (s1sp, date, party)
) STRICT;

-- Rounding balances in nano-installations (MSM-8).
CREATE TABLE balance (
  s1sp TEXT NOT NULL,
  party TEXT NOT NULL,
  nano INTEGER NOT NULL,
  PRIMARY KEY (s1sp, party)
) STRICT;

CREATE TABLE question (
  id INTEGER NOT NULL PRIMARY KEY,
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  party TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  question TEXT NOT NULL,
  answered_at INTEGER,
  answer TEXT
) STRICT;

-- The checks of large tables are written with OR: for a list of three or more SQLite makes a table at every row.
CREATE TABLE authorisation (
  chf INTEGER NOT NULL,
  file INTEGER NOT NULL,
  row INTEGER NOT NULL,
  party TEXT NOT NULL,
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (
    state = 'ACCEPTED' OR state = 'HELD' OR state = 'STANDBY' OR state = 'DEFERRED' OR state = 'SCHEDULED'
    OR state = 'MOVED' OR state = 'WITHDRAWN' OR state = 'LAPSED' OR state = 'EXPIRED' OR state = 'MIGRATED'
    OR state = 'FAILED' OR state = 'NOT_ATTEMPTED'
  ),
  unit INTEGER NOT NULL CHECK (unit IN (0, 1)),
  differs INTEGER NOT NULL CHECK (differs IN (0, 1)),
  reference TEXT NOT NULL,
  codes TEXT NOT NULL,
  cause INTEGER,
  PRIMARY KEY (chf, file),
  CHECK (unit = 0 OR state = 'ACCEPTED' OR state = 'HELD' OR state = 'SCHEDULED')
) STRICT, WITHOUT ROWID;

CREATE INDEX authorisation_by_day ON authorisation (s1sp, date, state, party);

-- What a row was answered that made no authorisation: refused, withdrawn, no change.
CREATE TABLE answer (
  file INTEGER NOT NULL,
  row INTEGER NOT NULL,
  chf INTEGER,
  verdict TEXT NOT NULL CHECK (verdict = 'REFUSED' OR verdict = 'WITHDRAWN' OR verdict = 'NO-CHANGE'),
  codes TEXT NOT NULL,
  PRIMARY KEY (file, row)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  waiver TEXT,
  PRIMARY KEY (s1sp, date, version)
) STRICT;

CREATE TABLE schedule_line (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  version INTEGER NOT NULL,
  chf INTEGER NOT NULL,
  type TEXT NOT NULL CHECK (type = 'ACTIVE' OR type = 'MIXED' OR type = 'DORMANT'),
  electricity_party TEXT,
  gas_party TEXT,
  attempt INTEGER NOT NULL,
  PRIMARY KEY (s1sp, date, version, chf)
) STRICT, WITHOUT ROWID;

CREATE TABLE issued (
  id INTEGER NOT NULL PRIMARY KEY,
  party TEXT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  file INTEGER,
  size INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE notice (
  id INTEGER NOT NULL PRIMARY KEY,
  party TEXT NOT NULL,
  at INTEGER NOT NULL,
  rule TEXT NOT NULL,
  chf INTEGER,
  words TEXT NOT NULL
) STRICT;
