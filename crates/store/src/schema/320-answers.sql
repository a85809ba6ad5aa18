-- What was done at an S1SP when the Dormant answers of a week were due, so that it can be taken back (CAL-7): the installations that
-- moved up with the day for which they were planned before, none where they stood by, and the units that the reserve gave up.
CREATE TABLE moved_up (
  s1sp TEXT NOT NULL,
  week INTEGER NOT NULL,
  chf INTEGER NOT NULL,
  planned INTEGER,
  PRIMARY KEY (s1sp, week, chf)
) STRICT;
CREATE TABLE given_up (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  units INTEGER NOT NULL,
  PRIMARY KEY (s1sp, date)
) STRICT;
