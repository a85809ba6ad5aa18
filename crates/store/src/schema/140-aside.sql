-- A file that could not be judged by a fault of the program's is set aside (FI24). The table is made anew, since a check of it knew
-- no such status; so is the view that reads it.
DROP VIEW said_active;

CREATE TABLE file_140 (
  id INTEGER NOT NULL PRIMARY KEY REFERENCES received (id),
  kind TEXT NOT NULL,
  sender TEXT NOT NULL,
  user_id INTEGER,
  s1sp TEXT NOT NULL,
  date INTEGER NOT NULL,
  time INTEGER,
  extension TEXT NOT NULL,
  status TEXT NOT NULL CHECK (
    status = 'RECEIVED' OR status = 'WAITING' OR status = 'ACCEPTED' OR status = 'HELD' OR status = 'REFUSED'
    OR status = 'LAPSED' OR status = 'REPLACED' OR status = 'ASIDE'
  ),
  rulebook TEXT NOT NULL,
  codes TEXT NOT NULL,
  message TEXT NOT NULL,
  verdict_at INTEGER,
  opened BLOB
) STRICT;

INSERT INTO file_140 (id, kind, sender, user_id, s1sp, date, time, extension, status, rulebook, codes, message, verdict_at, opened)
  SELECT id, kind, sender, user_id, s1sp, date, time, extension, status, rulebook, codes, message, verdict_at, opened FROM file;
DROP TABLE file;
ALTER TABLE file_140 RENAME TO file;

CREATE INDEX file_by_name ON file (kind, s1sp, date, user_id);

-- Every command asks what still waits.
CREATE INDEX file_by_status ON file (status);

CREATE VIEW said_active (chf, party, at) AS
  SELECT a.chf, a.party, f.verdict_at FROM dormant_line l
  JOIN dormant_answer a ON a.s1sp = l.s1sp AND a.week = l.week AND a.chf = l.chf JOIN file f ON f.id = a.file
  WHERE a.answer = 'ACTIVE';

-- What could not be done by a fault of the program's, and is tried again: the judging of a file, or an act of the clock, with its
-- details as they would be recorded. The number is that of the act that set it aside first. Without a next moment it is not tried
-- again by itself.
CREATE TABLE aside (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  details TEXT NOT NULL,
  file INTEGER,
  class TEXT NOT NULL,
  reason TEXT NOT NULL,
  tries INTEGER NOT NULL,
  since INTEGER NOT NULL,
  tried INTEGER NOT NULL,
  next INTEGER,
  UNIQUE (kind, details)
) STRICT;
