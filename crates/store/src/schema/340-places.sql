-- How many installations of an S1SP, a cohort and a Lead Supplier are in a place: MIGRATED; IN_HAND, with a row or a noticed Dormant
-- plan that may lead to a migration; PLANNED, for Dormant Meters whose suppliers are not noticed yet; EXCLUDED, from the day on; OPEN.
-- MIGRATED_ON counts those that are MIGRATED once more, by the day of it. The day of what is PLANNED is that of an exclusion.
CREATE TABLE place_count (
  place TEXT NOT NULL,
  day INTEGER NOT NULL,
  s1sp INTEGER NOT NULL,
  cohort INTEGER NOT NULL,
  lead INTEGER NOT NULL,
  homes INTEGER NOT NULL,
  PRIMARY KEY (place, day, s1sp, cohort, lead)
) STRICT, WITHOUT ROWID;
