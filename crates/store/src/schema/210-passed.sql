-- The last responsibility event that was done when demand passed: what one before it gave to another party this one does not give away
-- again (MAM-11). 0 where an earlier program noted it. The table is made anew, since the event belongs to its key.
CREATE TABLE passed_demand_210 (
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  party TEXT NOT NULL,
  event INTEGER NOT NULL,
  units INTEGER NOT NULL,
  PRIMARY KEY (s1sp, date, party, event)
) STRICT;

INSERT INTO passed_demand_210 (s1sp, date, party, event, units)
  SELECT s1sp, date, party, 0, units FROM passed_demand ORDER BY s1sp, date, party;

DROP TABLE passed_demand;
ALTER TABLE passed_demand_210 RENAME TO passed_demand;
