-- A name is given once to a party, not once for all: each counts the versions of its own documents alone (MSM-14). The table is made
-- anew, since its names were unique.
CREATE TABLE issued_113 (
  id INTEGER NOT NULL PRIMARY KEY,
  party TEXT NOT NULL,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  file INTEGER,
  size INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  act INTEGER,
  digest BLOB,
  UNIQUE (party, name)
) STRICT;

INSERT INTO issued_113 (id, party, name, at, file, size, bytes, act, digest)
  SELECT id, party, name, at, file, size, bytes, act, digest FROM issued ORDER BY id;

DROP TABLE issued;
ALTER TABLE issued_113 RENAME TO issued;
CREATE INDEX issued_by_act ON issued (act);
CREATE INDEX issued_by_name ON issued (name);
