-- Who may still try to sign in: what failed lately, and from where somebody has signed in before. In the database and
-- not in memory, so that a restart gives nobody new tries.

-- One row a sign-in. `login` is the SHA-256 of what was typed as one (people type passwords there) or, where a signed-in
-- person changed their password, of their account; `source` is where it came from. Failures are kept for the time they
-- count, the newest success of each login and source for as long as the place counts as known.
CREATE TABLE sign_in_tries (
  login BLOB NOT NULL CHECK (length(login) = 32),
  source TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  failed INTEGER NOT NULL CHECK (failed IN (0, 1))
) STRICT;

CREATE INDEX sign_in_tries_by_login ON sign_in_tries (login, source, time_ms);
CREATE INDEX sign_in_tries_by_source ON sign_in_tries (source, time_ms);
CREATE INDEX sign_in_tries_by_time ON sign_in_tries (failed, time_ms);
