-- What stands for a day of an S1SP, and what came of it, by supplier. What: ACTIVE and DORMANT, lines of the latest schedule with
-- their outcome; UNIT, units in use by state; GIVEN_UP, by what became of the row; DROPPED.
CREATE TABLE day_count (
  s1sp TEXT NOT NULL,
  what TEXT NOT NULL,
  date INTEGER NOT NULL,
  party TEXT NOT NULL,
  outcome TEXT NOT NULL,
  stage TEXT NOT NULL,
  code TEXT NOT NULL,
  units INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  PRIMARY KEY (s1sp, what, date, party, outcome, stage, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX day_count_by_day ON day_count (s1sp, date);

-- How many rows of a file, by who holds them, are in a state with the same codes.
CREATE TABLE file_count (
  file INTEGER NOT NULL,
  party TEXT NOT NULL,
  state TEXT NOT NULL,
  codes TEXT NOT NULL,
  rows INTEGER NOT NULL CHECK (rows > 0),
  PRIMARY KEY (file, party, state, codes)
) STRICT, WITHOUT ROWID;

-- What stands no more is found by the step out of the states that stand.
CREATE INDEX state_change_left ON state_change (date, chf)
  WHERE became IN ('HELD', 'STANDBY', 'DEFERRED', 'STOPPED', 'SUSPENDED', 'MOVED', 'WITHDRAWN', 'LAPSED', 'EXPIRED');

-- What is live is found among what has ended, however much that is.
DROP INDEX authorisation_by_day;
CREATE INDEX authorisation_by_state ON authorisation (s1sp, state, date, party, unit);

-- Few at any time, and asked for often.
CREATE INDEX authorisation_stopped ON authorisation (s1sp, date) WHERE state = 'STOPPED';

-- What an import ended is found by it (REF-2).
CREATE INDEX authorisation_by_cause ON authorisation (cause) WHERE cause IS NOT NULL;
