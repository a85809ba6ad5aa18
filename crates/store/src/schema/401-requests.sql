-- Requests that were done, by their keys, so that none is done twice. They are neither record nor derived.
CREATE TABLE request_done (
  key BLOB NOT NULL PRIMARY KEY,
  request BLOB NOT NULL,
  at INTEGER NOT NULL,
  answer TEXT NOT NULL
) STRICT;
CREATE INDEX request_by_moment ON request_done (at);
