-- Documents that were made (decisions 8): the bytes of each, whose record is in records, of kind 50, on what it is of. A
-- record says of them length and digest, so they never change.
CREATE TABLE documents (
  name TEXT PRIMARY KEY REFERENCES records (name),
  bytes BLOB NOT NULL CHECK (length(bytes) > 0)
) STRICT;

CREATE TRIGGER documents_never_change BEFORE UPDATE ON documents
BEGIN
  SELECT RAISE(ABORT, 'a document never changes');
END;
