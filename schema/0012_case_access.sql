-- Who a case is open to beyond its stage and the roles: restricted cases, cases of somebody's employer, people's own
-- register of conflicts, and what was decided about each in writing (R-16, R-24, decisions 13).

-- A restricted scope is open to who is named, and to the chair.
ALTER TABLE scopes ADD COLUMN restricted INTEGER NOT NULL DEFAULT 0 CHECK (restricted IN (0, 1));

-- Who a restricted scope is open to; and who may see one that their own agency is shut out of.
CREATE TABLE named (
  scope TEXT NOT NULL REFERENCES scopes (scope),
  account TEXT NOT NULL CHECK (account <> ''),
  PRIMARY KEY (scope, account)
) STRICT;

-- Agencies a scope is hidden from: a subject works there.
CREATE TABLE shut_out_agencies (
  scope TEXT NOT NULL REFERENCES scopes (scope),
  agency TEXT NOT NULL CHECK (agency <> ''),
  PRIMARY KEY (scope, agency)
) STRICT;

-- Hidden by an exact match with somebody's own register, and the chair has not decided about it yet.
ALTER TABLE shut_out ADD COLUMN undecided INTEGER NOT NULL DEFAULT 0 CHECK (undecided IN (0, 1));

-- Who signed the confidentiality statement of a meeting.
CREATE TABLE signed_for (
  meeting TEXT NOT NULL REFERENCES records (name),
  account TEXT NOT NULL CHECK (account <> ''),
  PRIMARY KEY (meeting, account)
) STRICT;

-- What was decided about who may see a scope, by whom and why. `kind` is marac.v1.AccessChangeKind; `account` is empty
-- for what the server found by itself.
CREATE TABLE access_changes (
  scope TEXT NOT NULL REFERENCES scopes (scope),
  commit_seq INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind >= 1),
  subject TEXT NOT NULL,
  account TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (scope, commit_seq, kind, subject)
) STRICT;

-- What people said of themselves and theirs, so that a case about them is kept from them: theirs alone.
CREATE TABLE own_register (
  account TEXT PRIMARY KEY REFERENCES credentials (account),
  body BLOB NOT NULL
) STRICT;

-- Under what a worker is found in a case. Person 0 is the worker by the name of their account, 1 and on are the entries
-- of their register; `kind` is store::KeyKind.
CREATE TABLE worker_keys (
  account TEXT NOT NULL REFERENCES credentials (account),
  person INTEGER NOT NULL CHECK (person >= 0),
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
  key TEXT NOT NULL CHECK (key <> ''),
  PRIMARY KEY (account, person, kind, key)
) STRICT;

CREATE INDEX worker_keys_by_key ON worker_keys (key, kind, account, person);

DROP VIEW open_to;

CREATE VIEW open_to AS
SELECT r.name AS name, g.account AS account, g.from_day AS from_day, g.to_day AS to_day
FROM records r
JOIN scopes s ON s.scope = r.scope
JOIN record_rules a ON a.kind = r.kind AND a.stage = s.stage
JOIN role_grants g ON g.role = a.role AND (g.area = r.area OR r.area = '')
WHERE (a.relation = 0
       OR (a.relation = 1 AND r.author = g.account)
       OR (a.relation = 2 AND r.agency = g.agency AND r.agency <> '')
       OR (a.relation = 3 AND EXISTS (SELECT 1 FROM involvement i WHERE i.scope = r.scope AND i.agency = g.agency))
       OR (a.relation = 4
           AND EXISTS (SELECT 1 FROM involvement i WHERE i.scope = r.scope AND i.agency = g.agency)
           AND EXISTS (SELECT 1 FROM records i JOIN signed_for x ON x.meeting = i.parent
                       WHERE i.scope = r.scope AND i.kind = 11 AND x.account = g.account)))
  -- Until triage has decided, what somebody sent stays open to them.
  AND ((a.relation = 1 AND s.stage = 2)
       OR (NOT EXISTS (SELECT 1 FROM shut_out x WHERE x.scope = r.scope AND x.account = g.account)
           AND (s.restricted = 0
                OR g.role = 6
                OR EXISTS (SELECT 1 FROM named n WHERE n.scope = r.scope AND n.account = g.account))
           AND (NOT EXISTS (SELECT 1 FROM shut_out_agencies x WHERE x.scope = r.scope AND x.agency = g.agency)
                OR EXISTS (SELECT 1 FROM named n WHERE n.scope = r.scope AND n.account = g.account))
           AND (g.role <> 12
                OR NOT EXISTS (SELECT 1 FROM shut_out x JOIN credentials c ON c.account = x.account
                               WHERE x.scope = r.scope AND c.agency = g.agency))));

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('named', 'sqlite_autoindex_named_1', '100 5 1'),
  ('shut_out_agencies', 'sqlite_autoindex_shut_out_agencies_1', '50 1 1'),
  ('signed_for', 'sqlite_autoindex_signed_for_1', '4000 15 1'),
  ('access_changes', 'sqlite_autoindex_access_changes_1', '1000 3 1 1 1'),
  ('worker_keys', 'sqlite_autoindex_worker_keys_1', '2000 6 4 2 1'),
  ('worker_keys', 'worker_keys_by_key', '2000 2 2 2 1');
