-- What is kept. One text for both databases: SQLite's STRICT tables; for PostgreSQL the types are translated.
-- Moments are milliseconds since 1970 in UTC; dates are whole numbers yyyymmdd; identifiers are 64-bit numbers.

-- The record: what was received and what was done. Nothing here is ever derived; it is only added to, but for the settings.

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

-- Origin: IMPORT, or the rule by which it was decided here; an import leaves the latter alone (EXC-1).
CREATE TABLE exclusion (
  chf INTEGER NOT NULL,
  fuel TEXT NOT NULL CHECK (fuel = '' OR fuel = 'ELECTRICITY' OR fuel = 'GAS'),
  origin TEXT NOT NULL,
  category TEXT NOT NULL,
  effective INTEGER NOT NULL,
  PRIMARY KEY (chf, fuel, origin)
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
  last_failed INTEGER,
  last_code TEXT,
  last_stage TEXT,
  retry_from INTEGER
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
    OR state = 'STOPPED' OR state = 'SUSPENDED' OR state = 'MOVED' OR state = 'WITHDRAWN' OR state = 'LAPSED'
    OR state = 'EXPIRED' OR state = 'MIGRATED' OR state = 'FAILED' OR state = 'NOT_ATTEMPTED' OR state = 'UNKNOWN'
  ),
  unit INTEGER NOT NULL CHECK (unit IN (0, 1)),
  differs INTEGER NOT NULL CHECK (differs IN (0, 1)),
  reference TEXT NOT NULL,
  codes TEXT NOT NULL,
  cause INTEGER,
  PRIMARY KEY (chf, file),
  CHECK (
    unit = 0 OR state = 'ACCEPTED' OR state = 'HELD' OR state = 'SCHEDULED' OR state = 'SUSPENDED' OR state = 'UNKNOWN'
  )
) STRICT, WITHOUT ROWID;

-- With the unit, so that what the parties use of their days is counted in the index alone.
CREATE INDEX authorisation_by_day ON authorisation (s1sp, date, state, party, unit);

-- What is first in line is looked for before every act (MSM-12).
CREATE INDEX authorisation_deferred ON authorisation (date) WHERE state = 'DEFERRED';

-- How an authorisation went from one state to another. Its first state is the verdict on its row. Date: after the step. Unit:
-- did it use one of its supplier's, before the step or after it (MAM-2)?
CREATE TABLE state_change (
  id INTEGER NOT NULL PRIMARY KEY,
  chf INTEGER NOT NULL,
  file INTEGER NOT NULL,
  at INTEGER NOT NULL,
  was TEXT NOT NULL,
  became TEXT NOT NULL,
  date INTEGER NOT NULL,
  unit INTEGER NOT NULL CHECK (unit IN (0, 1)),
  codes TEXT NOT NULL
) STRICT;

CREATE INDEX state_change_by_installation ON state_change (chf);

-- How authorisations passed from one supplier to another (MAM-11).
CREATE TABLE passing (
  id INTEGER NOT NULL PRIMARY KEY,
  chf INTEGER NOT NULL,
  file INTEGER NOT NULL,
  at INTEGER NOT NULL,
  from_party TEXT NOT NULL,
  to_party TEXT NOT NULL
) STRICT;

CREATE INDEX passing_by_installation ON passing (chf);

-- What rows of a file were answered that made no authorisation: taken (in outcome, hold and Dormant answer files), refused,
-- withdrawn, no change. Rows with the same answer are one here; packed are twelve bytes of each: the number of the row in
-- four, and in eight the CHF Device ID that it names or zeros.
CREATE TABLE answer (
  file INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('TAKEN', 'REFUSED', 'WITHDRAWN', 'NO-CHANGE')),
  codes TEXT NOT NULL,
  rows INTEGER NOT NULL,
  packed BLOB NOT NULL,
  PRIMARY KEY (file, verdict, codes)
) STRICT;

-- only postgresql
ALTER TABLE answer ALTER COLUMN packed SET STORAGE EXTERNAL;

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

-- What is known of an installation in the schedule of a day (OUT-1, OUT-4). No row until something is; without an
-- outcome it has only started. Attempt: does it count as a failed one (OUT-2)?
CREATE TABLE outcome (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  chf INTEGER NOT NULL,
  started_at INTEGER,
  outcome TEXT CHECK (
    outcome = 'MIGRATED' OR outcome = 'FAILED' OR outcome = 'NOT_ATTEMPTED' OR outcome = 'UNKNOWN'
  ),
  stage TEXT NOT NULL,
  code TEXT NOT NULL,
  attempt INTEGER NOT NULL CHECK (attempt IN (0, 1)),
  at INTEGER NOT NULL,
  file INTEGER,
  PRIMARY KEY (s1sp, date, chf)
) STRICT, WITHOUT ROWID;

CREATE INDEX outcome_by_installation ON outcome (chf);

-- What has started and not ended; few at any time, and asked for often.
CREATE INDEX outcome_started ON outcome (date, chf) WHERE outcome IS NULL;

-- Deadlines of single days that have passed and whose work is done.
CREATE TABLE passed_day (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  deadline TEXT NOT NULL CHECK (deadline IN ('OUTCOMES_DUE')),
  at INTEGER NOT NULL,
  PRIMARY KEY (s1sp, date, deadline)
) STRICT;

-- Holds of suppliers (MAM-12). Of a party's entries that cover a date the latest decides. Weekdays: 1 Monday, 2 Tuesday,
-- 4 Wednesday and so on, added up.
CREATE TABLE hold (
  id INTEGER NOT NULL PRIMARY KEY,
  chf INTEGER NOT NULL,
  party TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER,
  weekdays INTEGER NOT NULL CHECK (weekdays BETWEEN 1 AND 127),
  action TEXT NOT NULL CHECK (action IN ('SET', 'CLEAR')),
  at INTEGER NOT NULL,
  file INTEGER
) STRICT;

CREATE INDEX hold_by_installation ON hold (chf);

-- Stop orders (STOP-1). Value: the S1SP, Device Model Combination, device model or supplier; empty for a list.
CREATE TABLE stop_order (
  id INTEGER NOT NULL PRIMARY KEY,
  scope TEXT NOT NULL CHECK (scope IN ('S1SP', 'DMC', 'MODEL', 'SUPPLIER', 'LIST')),
  value TEXT NOT NULL,
  reason TEXT NOT NULL,
  imposed_at INTEGER NOT NULL,
  imposed_by TEXT NOT NULL,
  lifted_at INTEGER,
  lifted_by TEXT,
  CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
) STRICT;

CREATE TABLE stop_entry (
  stop_order INTEGER NOT NULL REFERENCES stop_order (id),
  chf INTEGER NOT NULL,
  PRIMARY KEY (stop_order, chf)
) STRICT, WITHOUT ROWID;

-- The stop lists that S1SPs have to acknowledge.
CREATE TABLE stop_list (
  stop_order INTEGER NOT NULL REFERENCES stop_order (id),
  s1sp TEXT NOT NULL,
  due INTEGER NOT NULL,
  acknowledged_at INTEGER,
  escalated_at INTEGER,
  PRIMARY KEY (stop_order, s1sp)
) STRICT;

-- What people have to be told of beyond the parties: missed deadlines, missing signatures, outcomes that did not come.
CREATE TABLE escalation (
  id INTEGER NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  rule TEXT NOT NULL,
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  words TEXT NOT NULL
) STRICT;

-- Acts that a second operator signs afterwards (MSM-12).
CREATE TABLE countersignature (
  id INTEGER NOT NULL PRIMARY KEY,
  rule TEXT NOT NULL,
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  what TEXT NOT NULL,
  first_operator TEXT NOT NULL,
  at INTEGER NOT NULL,
  due INTEGER NOT NULL,
  second_operator TEXT,
  signed_at INTEGER,
  flagged_at INTEGER,
  CHECK ((second_operator IS NULL) = (signed_at IS NULL))
) STRICT;

-- The Dormant installations of a week at an S1SP (DMT-1): planned, and when their suppliers were told.
CREATE TABLE dormant_plan (
  s1sp TEXT NOT NULL,
  week INTEGER NOT NULL,
  planned_at INTEGER NOT NULL,
  noticed_at INTEGER,
  PRIMARY KEY (s1sp, week)
) STRICT;

-- Line and date: as it was noticed, or where it has moved since. Place: the order of the plan. Was: what it was before it
-- left the week. Codes: why it left. Cause: the import that took it out (REF-2).
CREATE TABLE dormant_line (
  s1sp TEXT NOT NULL,
  week INTEGER NOT NULL,
  chf INTEGER NOT NULL,
  line TEXT NOT NULL CHECK (line = 'PLANNED' OR line = 'STANDBY'),
  place INTEGER NOT NULL,
  date INTEGER,
  state TEXT NOT NULL CHECK (
    state = 'PLANNED' OR state = 'NOTICED' OR state = 'SCHEDULED' OR state = 'STOPPED' OR state = 'OUT'
    OR state = 'UNUSED' OR state = 'MIGRATED' OR state = 'FAILED' OR state = 'NOT_ATTEMPTED' OR state = 'UNKNOWN'
  ),
  was TEXT,
  codes TEXT NOT NULL,
  cause INTEGER,
  PRIMARY KEY (s1sp, week, chf)
) STRICT, WITHOUT ROWID;

CREATE INDEX dormant_line_by_installation ON dormant_line (chf);

-- What is in a schedule and has no outcome; few at any time, and asked for often.
CREATE INDEX dormant_line_in_schedule ON dormant_line (chf) WHERE state = 'SCHEDULED' OR state = 'UNKNOWN';

-- The suppliers that were told of a Dormant installation (DMT-2, DMT-5).
CREATE TABLE dormant_notice (
  s1sp TEXT NOT NULL,
  week INTEGER NOT NULL,
  chf INTEGER NOT NULL,
  party TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (s1sp, week, chf, party)
) STRICT, WITHOUT ROWID;

-- Answers to notices, and what was decided on objections (DMT-3, DMT-4).
CREATE TABLE dormant_answer (
  s1sp TEXT NOT NULL,
  week INTEGER NOT NULL,
  chf INTEGER NOT NULL,
  party TEXT NOT NULL,
  answer TEXT NOT NULL CHECK (answer IN ('NO_OBJECTION', 'ACTIVE', 'OBJECT')),
  reason TEXT NOT NULL,
  statement TEXT NOT NULL,
  file INTEGER NOT NULL,
  row INTEGER NOT NULL,
  decision TEXT CHECK (decision IN ('UPHELD', 'REJECTED')),
  why TEXT,
  decided_by TEXT,
  decided_at INTEGER,
  PRIMARY KEY (s1sp, week, chf, party)
) STRICT, WITHOUT ROWID;

-- Market participant ids that pass from one party to another (MAM-11); done when its moment has come. Whole: did it leave
-- the party without any?
CREATE TABLE responsibility_event (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('TRANSFER', 'APPOINTMENT')),
  from_party TEXT NOT NULL,
  to_party TEXT NOT NULL,
  effective INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  recorded_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  done_at INTEGER,
  cancelled_at INTEGER,
  whole INTEGER NOT NULL CHECK (whole IN (0, 1)),
  CHECK (done_at IS NULL OR cancelled_at IS NULL)
) STRICT;

-- In force from the moment on which the event is done, for what the parties file still has in the old party's name.
CREATE TABLE responsibility_mpid (
  event INTEGER NOT NULL REFERENCES responsibility_event (id),
  fuel TEXT NOT NULL CHECK (fuel IN ('ELECTRICITY', 'GAS')),
  mpid TEXT NOT NULL,
  PRIMARY KEY (event, fuel, mpid)
) STRICT;

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
