-- Where a session was begun, which its person is shown; and how long it may idle, which its areas decide when it begins.
ALTER TABLE sessions ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN idle_lock_ms INTEGER NOT NULL DEFAULT 900000 CHECK (idle_lock_ms > 0);

-- What happened to an account that its person should hear of (v1::AccountEventKind), since there is no email to tell
-- them. Rows end after 90 days; the audit log keeps what it has.
CREATE TABLE account_events (
  account TEXT NOT NULL REFERENCES credentials (account),
  time_ms INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind >= 1),
  source TEXT NOT NULL
) STRICT;

CREATE INDEX account_events_by_account ON account_events (account, time_ms);
CREATE INDEX account_events_by_time ON account_events (time_ms);

-- Recoveries of accounts: who asked for one and why, who was the second where two are needed, and the SHA-256 of the code
-- once there is one (100 random bits, so that a slow hash adds nothing). One that is used, replaced or guessed at too often
-- has ended; the newest that has not is the account's. None is ever removed.
CREATE TABLE recoveries (
  account TEXT NOT NULL REFERENCES credentials (account),
  ask_ms INTEGER NOT NULL,
  asked_by TEXT NOT NULL CHECK (asked_by <> ''),
  reason TEXT NOT NULL CHECK (reason <> ''),
  second_by TEXT NOT NULL DEFAULT '' CHECK (second_by <> asked_by),
  second_reason TEXT NOT NULL DEFAULT '',
  code_hash BLOB CHECK (length(code_hash) = 32),
  code_ms INTEGER,
  failed_tries INTEGER NOT NULL DEFAULT 0,
  end_ms INTEGER,
  CHECK ((code_hash IS NULL) = (code_ms IS NULL))
) STRICT;

CREATE UNIQUE INDEX recoveries_open ON recoveries (account) WHERE end_ms IS NULL;
