-- Who works on what, and how much everybody looks at: from this misuse is noticed (security.md 2.7, 5), and a restart
-- forgets nothing of it.

-- Who wrote something of what a scope holds. `idva`: as an IDVA, who is no coordinator, chair or minute-taker there, and
-- after it was sent: a referral is picked up by a colleague of the IDVA who wrote it.
-- `last_ms` is the newest, by the clock that is never simulated, as in all of the following.
CREATE TABLE working_on (
  scope TEXT NOT NULL REFERENCES scopes (scope),
  account TEXT NOT NULL CHECK (account <> ''),
  idva INTEGER NOT NULL CHECK (idva IN (0, 1)),
  last_ms INTEGER NOT NULL,
  PRIMARY KEY (scope, account)
) STRICT, WITHOUT ROWID;

-- Until now the versions alone said who had written: those of each case or referral, as far as a person wrote them.
-- Whether as an IDVA is taken from the roles that the person holds now, and from what was written: a case, an item or an
-- action.
INSERT INTO working_on (scope, account, idva, last_ms)
SELECT r.scope, v.account,
       max(r.kind IN (9, 11, 12))
         AND EXISTS (SELECT 1 FROM role_grants g WHERE g.account = v.account AND g.area = r.area AND g.role = 2)
         AND NOT EXISTS (SELECT 1 FROM role_grants g WHERE g.account = v.account AND g.area = r.area
                         AND g.role IN (5, 6, 7)),
       max(v.time_ms)
FROM record_versions v
JOIN records r ON r.name = v.name
JOIN scopes s ON s.scope = r.scope
WHERE s.stage <> 7 AND v.account LIKE 'accounts/%'
GROUP BY r.scope, v.account;

-- When somebody last used a scope in one way (v1.UseKind), so that distinct cases can be counted over any time that has
-- just passed. Lists are about no scope: `scope` is empty, and `times` counts those of the minute in `last_ms`.
CREATE TABLE uses (
  account TEXT NOT NULL CHECK (account <> ''),
  kind INTEGER NOT NULL,
  scope TEXT NOT NULL,
  last_ms INTEGER NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (account, kind, scope)
) STRICT, WITHOUT ROWID;

CREATE INDEX uses_by_time ON uses (account, kind, last_ms);

-- How many distinct cases somebody looked at on a day (days since 1970, in London), for what is usual for them.
CREATE TABLE use_days (
  account TEXT NOT NULL CHECK (account <> ''),
  day INTEGER NOT NULL,
  cases INTEGER NOT NULL,
  PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;

-- Who sought which name lately. `name` is a keyed digest of it: search terms are not kept.
CREATE TABLE names_sought (
  area TEXT NOT NULL,
  name BLOB NOT NULL CHECK (length(name) = 32),
  account TEXT NOT NULL CHECK (account <> ''),
  last_ms INTEGER NOT NULL,
  PRIMARY KEY (area, name, account)
) STRICT, WITHOUT ROWID;

-- Programs that somebody signed in from.
CREATE TABLE programs_used (
  account TEXT NOT NULL CHECK (account <> ''),
  program TEXT NOT NULL CHECK (program <> ''),
  first_ms INTEGER NOT NULL,
  PRIMARY KEY (account, program)
) STRICT, WITHOUT ROWID;

INSERT INTO programs_used (account, program, first_ms)
SELECT account, program, min(create_ms) FROM sessions GROUP BY account, program;

-- Reveals of which it is not known yet whether anything was done after them; looked at from `due_ms` on, and removed.
CREATE TABLE reveals_to_follow (
  account TEXT NOT NULL CHECK (account <> ''),
  scope TEXT NOT NULL REFERENCES scopes (scope),
  agency TEXT NOT NULL,
  reveal_ms INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  PRIMARY KEY (account, scope)
) STRICT, WITHOUT ROWID;

CREATE INDEX reveals_to_follow_by_due ON reveals_to_follow (due_ms);

-- What was alerted about, so that the same thing is not alerted about again until `until_ms`. `about` is a scope, a day or
-- the digest of a name, by the kind (v1.AlertKind).
CREATE TABLE alerted (
  account TEXT NOT NULL CHECK (account <> ''),
  kind INTEGER NOT NULL,
  about TEXT NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (account, kind, about)
) STRICT, WITHOUT ROWID;

-- When something that is done from time to time was last done.
CREATE TABLE chores (
  name TEXT PRIMARY KEY CHECK (name <> ''),
  last_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('working_on', 'working_on', '40000 7 1'),
  ('uses', 'uses', '60000 600 200 1'),
  ('uses', 'uses_by_time', '60000 600 200 1'),
  ('use_days', 'use_days', '6000 30 1'),
  ('names_sought', 'names_sought', '300 300 1 1'),
  ('programs_used', 'programs_used', '400 2 1'),
  ('reveals_to_follow', 'reveals_to_follow', '100 3 1'),
  ('reveals_to_follow', 'reveals_to_follow_by_due', '100 1'),
  ('alerted', 'alerted', '1000 5 2 1');
