-- The device in the hands of the person whom an assessment is about (decisions 21). A handover is a session of its own:
-- it names the one it was made from, whose program and end it shares, and the one assessment it is for. While it has not
-- ended, that session is locked for everything but being unlocked.
ALTER TABLE sessions ADD COLUMN parent BLOB REFERENCES sessions (token_hash);
ALTER TABLE sessions ADD COLUMN assessment TEXT NOT NULL DEFAULT '' CHECK ((assessment = '') = (parent IS NULL));

CREATE INDEX sessions_by_parent ON sessions (parent) WHERE parent IS NOT NULL;
CREATE INDEX sessions_by_assessment ON sessions (assessment) WHERE assessment <> '';
