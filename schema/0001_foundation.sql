-- What every later table stands on: the audit log, the history of records, and the memory of requests that
-- were answered.

-- One row for each thing that was done, shown or refused, in the order of the commits, numbered from 1
-- without a gap. `record` holds the bytes that were hashed, once and as they are; leaf = SHA-256(0 || record);
-- chain = SHA-256(chain of the row before || leaf), so that no row can be changed, taken out or put in
-- without every later one showing it.
CREATE TABLE audit_log (
  sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
  record BLOB NOT NULL CHECK (length(record) > 0),
  leaf BLOB NOT NULL CHECK (length(leaf) = 32),
  chain BLOB NOT NULL CHECK (length(chain) = 32)
) STRICT;

-- The triggers end the statement and not the transaction (ABORT, never ROLLBACK), because other people's
-- changes are in the same transaction.
CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'audit_log is append only');
END;

CREATE TRIGGER audit_log_is_never_shortened BEFORE DELETE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'audit_log is append only');
END;

-- Also stops INSERT OR REPLACE, which would take a row out without asking the trigger above.
CREATE TRIGGER audit_log_has_no_gap BEFORE INSERT ON audit_log
WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM audit_log)
BEGIN
  SELECT RAISE(ABORT, 'audit_log takes only the next sequence number');
END;

-- Every version that a record ever had, written in the same savepoint as the record's own row, which is the
-- projection of the newest. It serves timelines, "both texts shown", figures as of a day, and answers to
-- repeated requests. commit_seq is the sequence of the audit row of the change.
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

-- Which writes were answered, so that a caller who repeats one (an error does not prove that nothing was
-- stored) gets the first answer and not a second referral. Successes only; rows end after a week.
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
