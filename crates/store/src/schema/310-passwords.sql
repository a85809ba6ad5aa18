-- When a password came for a file that is not opened yet, and until when it may come again, since it was lost (MAM-10).
CREATE TABLE password (
  id INTEGER NOT NULL PRIMARY KEY,
  file INTEGER NOT NULL,
  at INTEGER NOT NULL,
  until INTEGER
) STRICT;
CREATE INDEX password_by_file ON password (file);
CREATE INDEX password_untold ON password (at, id) WHERE until IS NULL;
