-- Leaves that commit: to an account, to the files that an act took over and issued, to the program that decided.

-- The names of accounts, apart from the log, so that one can be erased: no leaf has a name.
CREATE TABLE account_name (
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT UNIQUE,
  erased_at INTEGER,
  CHECK ((name IS NULL) = (erased_at IS NOT NULL))
) STRICT;

-- What an act took over: a received file, or the opened member of a protected one.
CREATE TABLE input (
  act INTEGER NOT NULL,
  place INTEGER NOT NULL,
  received INTEGER REFERENCES received (id),
  opened BLOB REFERENCES content (digest),
  PRIMARY KEY (act, place),
  CHECK ((received IS NULL) = (opened IS NOT NULL))
) STRICT;

-- Format 1: the actor by name, digests of details and outcome. Format 2: the rest, and no name.
ALTER TABLE audit ADD COLUMN format INTEGER NOT NULL DEFAULT 1 CHECK (format = 1 OR format = 2);
ALTER TABLE audit ADD COLUMN account BLOB;
ALTER TABLE audit ADD COLUMN engine INTEGER;
ALTER TABLE audit ADD COLUMN program TEXT;
ALTER TABLE audit ADD COLUMN input_digest BLOB;
ALTER TABLE audit ADD COLUMN issued_digest BLOB;

-- Details that were erased, and when: they are empty, and of the salt is left what the digests of files need.
ALTER TABLE act ADD COLUMN erased_at INTEGER;

-- By which act a file was issued, and the digest of its content; neither for files from before.
ALTER TABLE issued ADD COLUMN act INTEGER;
ALTER TABLE issued ADD COLUMN digest BLOB;
CREATE INDEX issued_by_act ON issued (act);

-- The digest of the packed rows; none for answers from before.
ALTER TABLE answer ADD COLUMN digest BLOB;
