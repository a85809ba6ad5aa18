-- How many exclusions there are of installations in the inventory, by S1SP, category, meter (none for the whole installation), origin and day
-- from which they hold, and by the market participant ids of the installation, by which a supplier finds its own. No gas meter: -1.
CREATE TABLE exclusion_count (
  s1sp INTEGER NOT NULL,
  category TEXT NOT NULL,
  fuel TEXT NOT NULL,
  origin TEXT NOT NULL,
  day INTEGER NOT NULL,
  electricity_mpid INTEGER NOT NULL,
  gas_mpid INTEGER NOT NULL,
  homes INTEGER NOT NULL,
  PRIMARY KEY (s1sp, category, fuel, origin, day, electricity_mpid, gas_mpid)
) STRICT, WITHOUT ROWID;
