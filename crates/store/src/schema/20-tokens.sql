-- Tokens (ACC-1). What is known of them is derived; their digests are secrets, and in no replay.
CREATE TABLE token (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
CREATE TABLE token_secret (
  id TEXT NOT NULL PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  used_at INTEGER
) STRICT;
