-- A stopped authorisation keeps its unit until the lock of its day (STOP-1), and what is stopped, suspended or has lapsed has its
-- place on standby again (MAM-3). The table is made anew, since a check of it said otherwise; so are the views that read it.
DROP VIEW passed_on;
DROP VIEW arrival;

CREATE TABLE authorisation_80 (
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
  standby INTEGER NOT NULL DEFAULT 0 CHECK (standby = 0 OR standby = 1),
  PRIMARY KEY (chf, file),
  CHECK (
    unit = 0 OR state = 'ACCEPTED' OR state = 'HELD' OR state = 'SCHEDULED' OR state = 'STOPPED' OR state = 'SUSPENDED'
    OR state = 'UNKNOWN'
  )
) STRICT, WITHOUT ROWID;

INSERT INTO authorisation_80 (chf, file, row, party, s1sp, date, priority, state, unit, differs, reference, codes, cause, standby)
  SELECT chf, file, row, party, s1sp, date, priority, state, unit, differs, reference, codes, cause, 0 FROM authorisation;
DROP TABLE authorisation;
ALTER TABLE authorisation_80 RENAME TO authorisation;

-- With the unit, so that what the parties use of their days is counted in the index alone.
CREATE INDEX authorisation_by_day ON authorisation (s1sp, date, state, party, unit);

-- What is first in line is looked for before every act (MSM-12).
CREATE INDEX authorisation_deferred ON authorisation (date) WHERE state = 'DEFERRED';

CREATE VIEW arrival (chf, file, s1sp, state, at) AS
  SELECT a.chf, a.file, a.s1sp, a.state, r.at FROM authorisation a JOIN received r ON r.id = a.file;

-- Each authorisation as it was when it passed from one supplier to another (MAM-11): what its former holder reads of it. Its last
-- step before, else what it was before its first one, else what it is. What suspended it in that moment came before.
CREATE VIEW passed_on (id, chf, file, row, s1sp, priority, reference, from_party, to_party, at, state, date, codes) AS
  SELECT p.id, p.chf, p.file, a.row, a.s1sp, a.priority, a.reference, p.from_party, p.to_party, p.at,
    COALESCE(
      (SELECT c.became FROM state_change c WHERE c.chf = p.chf AND c.file = p.file
        AND (c.at < p.at OR c.at = p.at AND c.became = 'SUSPENDED') ORDER BY c.id DESC LIMIT 1),
      (SELECT c.was FROM state_change c WHERE c.chf = p.chf AND c.file = p.file ORDER BY c.id LIMIT 1), a.state),
    COALESCE(
      (SELECT c.date FROM state_change c WHERE c.chf = p.chf AND c.file = p.file
        AND (c.at < p.at OR c.at = p.at AND c.became = 'SUSPENDED') ORDER BY c.id DESC LIMIT 1),
      (SELECT c.date FROM state_change c WHERE c.chf = p.chf AND c.file = p.file ORDER BY c.id LIMIT 1), a.date),
    COALESCE(
      (SELECT c.codes FROM state_change c WHERE c.chf = p.chf AND c.file = p.file
        AND (c.at < p.at OR c.at = p.at AND c.became = 'SUSPENDED') ORDER BY c.id DESC LIMIT 1), '')
  FROM passing p JOIN authorisation a ON a.chf = p.chf AND a.file = p.file;
