-- Proposals (ACC-2). Details: the act that is proposed, as it is recorded. Digest: what it would have written. Figures: what the
-- maker was shown, a line each.
CREATE TABLE proposal (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  details TEXT NOT NULL,
  title TEXT NOT NULL,
  figures TEXT NOT NULL,
  digest BLOB NOT NULL,
  maker TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('WAITING', 'APPROVED', 'DECLINED', 'WITHDRAWN', 'EXPIRED')),
  decided_by TEXT,
  decided_at INTEGER,
  why TEXT,
  CHECK ((decided_at IS NULL) = (state = 'WAITING'))
) STRICT;
CREATE INDEX proposal_waiting ON proposal (expires_at) WHERE state = 'WAITING';
