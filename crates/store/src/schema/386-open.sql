-- How many installations of an S1SP are neither migrated nor authorised there, by what decides whether they are eligible (MSM-2a):
-- combination, market participant ids and statuses of their meters, failed attempts, the day from which there may be another one, and
-- that from which they are excluded. No gas meter: -1; no day: 0. Home: the installation itself where more is to be asked of it, since
-- there are holds, exclusions of a meter or registrations; else 0.
CREATE TABLE open_count (
  s1sp INTEGER NOT NULL,
  home INTEGER NOT NULL,
  dmc INTEGER NOT NULL,
  electricity_mpid INTEGER NOT NULL,
  electricity_status INTEGER NOT NULL,
  gas_mpid INTEGER NOT NULL,
  gas_status INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  retry_from INTEGER NOT NULL,
  excluded INTEGER NOT NULL,
  homes INTEGER NOT NULL,
  PRIMARY KEY (s1sp, home, dmc, electricity_mpid, electricity_status, gas_mpid, gas_status, failed, retry_from, excluded)
) STRICT, WITHOUT ROWID;
