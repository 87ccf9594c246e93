-- Whoever asks who looked at a case, or what one person did, must not wait for a walk over the whole log. Each row
-- says that the audit row `sequence` touched the record `key`, or was made by the account `key`. It is written in the
-- savepoint of the audit row and says nothing that the row itself does not say: `maracd verify` compares the two.
-- The rows of before this table are filled in by store/migrate, because SQL cannot see into a record.
CREATE TABLE audit_index (
  key TEXT NOT NULL CHECK (key <> ''),
  sequence INTEGER NOT NULL,
  PRIMARY KEY (key, sequence)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_index_is_never_changed BEFORE UPDATE ON audit_index
BEGIN
  SELECT RAISE(ABORT, 'audit_index is append only');
END;

CREATE TRIGGER audit_index_is_never_shortened BEFORE DELETE ON audit_index
BEGIN
  SELECT RAISE(ABORT, 'audit_index is append only');
END;

-- The reasons of one case are read together with who looked at it.
CREATE INDEX reveal_reasons_by_detail ON reveal_reasons (detail);
