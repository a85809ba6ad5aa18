-- What the clock has left to do, which follows from other tables: a WEEK, by its Monday, that has capacity and a milestone whose work
-- is not done; a DAY that is locked, or for which rows stand or wait, and whose outcomes are not settled.
CREATE TABLE clock_left (
  what TEXT NOT NULL,
  date INTEGER NOT NULL,
  s1sp TEXT NOT NULL,
  PRIMARY KEY (what, date, s1sp)
) STRICT, WITHOUT ROWID;
