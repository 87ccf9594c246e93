-- The answers of assessments as they were given. An assessment's own record holds the current answer of each item; a
-- change of mind, and who changed it and why, is only here (D-02).

-- One event a row, numbered from 1 inside its assessment; `body` is a marac.v1.Answer.
CREATE TABLE answer_events (
  assessment TEXT NOT NULL CHECK (assessment <> ''),
  seq INTEGER NOT NULL CHECK (seq >= 1),
  body BLOB NOT NULL,
  PRIMARY KEY (assessment, seq)
) STRICT;

CREATE TRIGGER answer_events_are_never_changed BEFORE UPDATE ON answer_events
BEGIN
  SELECT RAISE(ABORT, 'answer_events is append only');
END;

CREATE TRIGGER answer_events_are_never_removed BEFORE DELETE ON answer_events
BEGIN
  SELECT RAISE(ABORT, 'answer_events is append only');
END;

-- Also stops INSERT OR REPLACE, which asks no other trigger.
CREATE TRIGGER answer_events_have_no_gap BEFORE INSERT ON answer_events
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM answer_events WHERE assessment = NEW.assessment)
BEGIN
  SELECT RAISE(ABORT, 'answer_events takes only the next sequence number');
END;
