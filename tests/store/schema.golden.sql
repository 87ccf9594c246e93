CREATE TABLE audit_log (
  sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
  record BLOB NOT NULL CHECK (length(record) > 0),
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  chain BLOB NOT NULL CHECK (length(chain) = 32)
) STRICT;

CREATE TRIGGER audit_log_has_no_gap BEFORE INSERT ON audit_log
WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM audit_log)
BEGIN
  SELECT RAISE(ABORT, 'audit_log takes only the next sequence number');
END;

CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'audit_log is append only');
END;

CREATE TRIGGER audit_log_is_never_shortened BEFORE DELETE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'audit_log is append only');
END;

CREATE TABLE idempotency (
  caller TEXT NOT NULL CHECK (caller <> ''),
  method TEXT NOT NULL CHECK (method <> ''),
  request_id TEXT NOT NULL CHECK (request_id <> ''),
  request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
  resource TEXT NOT NULL,
  version INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (caller, method, request_id)
) STRICT;

CREATE INDEX idempotency_by_expiry ON idempotency (expires_ms);

CREATE TABLE record_versions (
  name TEXT NOT NULL CHECK (name <> ''),
  version INTEGER NOT NULL CHECK (version >= 1),
  commit_seq INTEGER NOT NULL,
  time_ms INTEGER NOT NULL,
  account TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (name, version)
) STRICT;

CREATE TRIGGER record_versions_are_never_changed BEFORE UPDATE ON record_versions
BEGIN
  SELECT RAISE(ABORT, 'record_versions is append only');
END;

CREATE TRIGGER record_versions_are_never_removed BEFORE DELETE ON record_versions
BEGIN
  SELECT RAISE(ABORT, 'record_versions is append only');
END;

CREATE TRIGGER record_versions_are_never_replaced BEFORE INSERT ON record_versions
WHEN EXISTS (SELECT 1 FROM record_versions WHERE name = NEW.name AND version = NEW.version)
BEGIN
  SELECT RAISE(ABORT, 'record_versions is append only');
END;

