-- The records, and what access to them hangs on.

-- What a group of records belongs to: a draft, a case, an area, or the installation. `stage` is how far it has
-- come (domain::Stage); access changes with it in one row, whatever number of records hang on it.
CREATE TABLE scopes (
  scope TEXT PRIMARY KEY CHECK (scope <> ''),
  area TEXT NOT NULL,
  stage INTEGER NOT NULL CHECK (stage BETWEEN 1 AND 7)
) STRICT;

-- Every record of every kind (domain::Kind): the message itself, and beside it the few things that are searched,
-- ordered or counted, derived from the message by domain::ColumnsOf. record_versions keeps every version.
CREATE TABLE records (
  name TEXT PRIMARY KEY CHECK (name <> ''),
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 12),
  area TEXT NOT NULL,
  scope TEXT NOT NULL REFERENCES scopes (scope),
  state INTEGER NOT NULL,
  author TEXT NOT NULL,
  agency TEXT NOT NULL,
  parent TEXT NOT NULL,
  sort_key INTEGER NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  time_ms INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;

-- Lists are by area and state in the order of their kind; by parent; by author; and by scope.
CREATE INDEX records_by_area ON records (kind, area, sort_key, name);
CREATE INDEX records_by_state ON records (kind, area, state, sort_key, name);
CREATE INDEX records_by_parent ON records (parent, kind, sort_key, name) WHERE parent <> '';
CREATE INDEX records_by_author ON records (author, kind, area, sort_key, name) WHERE author <> '';
CREATE INDEX records_by_scope ON records (scope, kind, sort_key, name);

-- Agencies that are part of what a scope is about.
CREATE TABLE involvement (
  scope TEXT NOT NULL REFERENCES scopes (scope),
  agency TEXT NOT NULL CHECK (agency <> ''),
  PRIMARY KEY (scope, agency)
) STRICT;

-- People a scope is hidden from, whatever their role: they meet it nowhere.
CREATE TABLE shut_out (
  scope TEXT NOT NULL REFERENCES scopes (scope),
  account TEXT NOT NULL CHECK (account <> ''),
  PRIMARY KEY (scope, account)
) STRICT;

-- Roles people and agencies' systems hold, from day to day (days since 1970, both included), derived from their
-- account's or program's record.
CREATE TABLE role_grants (
  account TEXT NOT NULL CHECK (account <> ''),
  agency TEXT NOT NULL,
  area TEXT NOT NULL CHECK (area <> ''),
  role INTEGER NOT NULL,
  from_day INTEGER NOT NULL,
  to_day INTEGER NOT NULL,
  PRIMARY KEY (account, area, role, from_day)
) STRICT;

-- The record table of domain/access, written here at every start, so that lists and records follow one truth.
CREATE TABLE record_rules (
  kind INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  role INTEGER NOT NULL,
  relation INTEGER NOT NULL,
  PRIMARY KEY (kind, stage, role, relation)
) STRICT;

-- Which record is open to whom: the predicate that every list, count and search joins before any LIMIT. It says the
-- same as domain::MayTouch, which confirms each row.
CREATE VIEW open_to AS
SELECT r.name AS name, g.account AS account, g.from_day AS from_day, g.to_day AS to_day
FROM records r
JOIN scopes s ON s.scope = r.scope
JOIN record_rules a ON a.kind = r.kind AND a.stage = s.stage
JOIN role_grants g ON g.role = a.role AND (g.area = r.area OR r.area = '')
WHERE (a.relation = 0
       OR (a.relation = 1 AND r.author = g.account)
       OR (a.relation = 2 AND r.agency = g.agency AND r.agency <> '')
       OR (a.relation = 3 AND EXISTS (SELECT 1 FROM involvement i WHERE i.scope = r.scope AND i.agency = g.agency)))
  AND NOT EXISTS (SELECT 1 FROM shut_out x WHERE x.scope = r.scope AND x.account = g.account);

-- How people prove who they are. Never part of a record: nothing here can leave.
CREATE TABLE credentials (
  account TEXT PRIMARY KEY CHECK (account <> ''),
  agency TEXT NOT NULL CHECK (agency <> ''),
  login TEXT NOT NULL UNIQUE CHECK (login <> ''),
  password_hash TEXT NOT NULL,
  must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
  suspended INTEGER NOT NULL CHECK (suspended IN (0, 1))
) STRICT;

-- Sessions by the SHA-256 of their token, bound to the program they were made from.
CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  account TEXT NOT NULL REFERENCES credentials (account),
  program TEXT NOT NULL,
  create_ms INTEGER NOT NULL,
  expire_ms INTEGER NOT NULL,
  factor_ms INTEGER NOT NULL,
  end_ms INTEGER
) STRICT;

CREATE INDEX sessions_by_account ON sessions (account);
CREATE INDEX sessions_by_expiry ON sessions (expire_ms);

-- What this installation is, one row: whether it is a demonstration (for good), and its simulated clock.
CREATE TABLE installation (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  origin TEXT NOT NULL,
  demonstration INTEGER NOT NULL CHECK (demonstration IN (0, 1)),
  -- Negative where a demonstration was begun in the past.
  business_offset_ms INTEGER NOT NULL,
  CHECK (demonstration = 1 OR business_offset_ms = 0)
) STRICT;

CREATE TRIGGER installation_stays_what_it_is BEFORE UPDATE OF demonstration, origin ON installation
WHEN NEW.demonstration <> OLD.demonstration OR NEW.origin <> OLD.origin
BEGIN
  SELECT RAISE(ABORT, 'an installation stays a demonstration, or stays none');
END;

CREATE TRIGGER business_clock_goes_forward BEFORE UPDATE OF business_offset_ms ON installation
WHEN NEW.business_offset_ms < OLD.business_offset_ms OR NEW.demonstration = 0
BEGIN
  SELECT RAISE(ABORT, 'the business clock only goes forward, and only in a demonstration');
END;
