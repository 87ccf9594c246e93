-- Locked by its person; a session that idles is locked by the gate without a row.
ALTER TABLE sessions ADD COLUMN lock_ms INTEGER;

-- The secret of one-time codes. A set-up that was begun and not confirmed waits in `pending` and counts for nothing.
-- `last_step` is the newest time step whose code was taken: no code works twice, nor an older one after it.
CREATE TABLE one_time_codes (
  account TEXT PRIMARY KEY REFERENCES credentials (account),
  secret BLOB,
  pending BLOB,
  last_step INTEGER NOT NULL
) STRICT;

-- What somebody typed and has not sent: theirs alone, and gone after 30 days.
CREATE TABLE form_drafts (
  account TEXT NOT NULL REFERENCES credentials (account),
  form TEXT NOT NULL CHECK (form <> ''),
  content BLOB NOT NULL,
  save_ms INTEGER NOT NULL,
  PRIMARY KEY (account, form)
) STRICT;
