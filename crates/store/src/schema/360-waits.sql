-- Why how many installations wait that somebody asked for, and since when. State: that of the row of the installation that waits, the
-- worst where there are several; the last outcome where no row is live and nothing noticed is planned. Since: when the oldest live row
-- was received, or the day of that outcome. Lead: 0 for what has left the inventory. Retry_from: the day from which it may be tried
-- again (OUT-2). Excluded: the day of an exclusion. Planned: 1 if Dormant Meters have it whose suppliers are not noticed yet. Home: the
-- installation itself, where there are holds of it, which decide from day to day (MAM-12). 0 stands for none of these.
CREATE TABLE wait_count (
  s1sp TEXT NOT NULL,
  lead INTEGER NOT NULL,
  state TEXT NOT NULL,
  since INTEGER NOT NULL,
  stage TEXT NOT NULL,
  code TEXT NOT NULL,
  failed INTEGER NOT NULL,
  retry_from INTEGER NOT NULL,
  excluded INTEGER NOT NULL,
  planned INTEGER NOT NULL,
  home INTEGER NOT NULL,
  homes INTEGER NOT NULL,
  PRIMARY KEY (s1sp, lead, state, since, stage, code, failed, retry_from, excluded, planned, home)
) STRICT, WITHOUT ROWID;
