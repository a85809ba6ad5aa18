-- What few of very many have is found without reading them all: the documents about a file and of a party, what has not become a
-- migration, acts of a kind, those whose details are erased, and in which files an installation was named without an authorisation.
CREATE INDEX issued_by_file ON issued (file) WHERE file IS NOT NULL;
CREATE INDEX issued_by_party ON issued (party, id);
CREATE INDEX notice_by_party ON notice (party, id);
CREATE INDEX outcome_not_migrated ON outcome (s1sp, chf, date) WHERE outcome IN ('FAILED', 'NOT_ATTEMPTED');
CREATE INDEX audit_by_kind ON audit (kind, seq);
CREATE INDEX act_erased ON act (seq) WHERE erased_at IS NOT NULL;
CREATE INDEX authorisation_led ON authorisation (s1sp, led, date) WHERE led IS NOT NULL;
CREATE TABLE answered (
  chf INTEGER NOT NULL,
  file INTEGER NOT NULL,
  PRIMARY KEY (chf, file)
) STRICT, WITHOUT ROWID;
