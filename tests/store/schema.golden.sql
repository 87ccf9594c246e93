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

CREATE TABLE account_events (
  account TEXT NOT NULL REFERENCES credentials (account),
  time_ms INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind >= 1),
  source TEXT NOT NULL
) STRICT;

CREATE INDEX account_events_by_account ON account_events (account, time_ms);

CREATE INDEX account_events_by_time ON account_events (time_ms);

CREATE TABLE alerted (
  account TEXT NOT NULL CHECK (account <> ''),
  kind INTEGER NOT NULL,
  about TEXT NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (account, kind, about)
) STRICT, WITHOUT ROWID;

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

CREATE TRIGGER answer_events_have_no_gap BEFORE INSERT ON answer_events
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM answer_events WHERE assessment = NEW.assessment)
BEGIN
  SELECT RAISE(ABORT, 'answer_events takes only the next sequence number');
END;

CREATE TABLE audit_index (
  key TEXT NOT NULL CHECK (key <> ''),
  sequence INTEGER NOT NULL,
  PRIMARY KEY (key, sequence)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_index_is_never_changed BEFORE UPDATE ON audit_index
BEGIN
  SELECT RAISE(ABORT, 'audit_index is append only');
END;

CREATE TRIGGER audit_index_is_never_shortened BEFORE DELETE ON audit_index
BEGIN
  SELECT RAISE(ABORT, 'audit_index is append only');
END;

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

CREATE TABLE case_numbers (
  number TEXT PRIMARY KEY CHECK (number <> ''),
  record TEXT NOT NULL CHECK (record <> '')
) STRICT;

CREATE TABLE chores (
  name TEXT PRIMARY KEY CHECK (name <> ''),
  last_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credentials (
  account TEXT PRIMARY KEY CHECK (account <> ''),
  agency TEXT NOT NULL CHECK (agency <> ''),
  login TEXT NOT NULL UNIQUE CHECK (login <> ''),
  password_hash TEXT NOT NULL,
  must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
  suspended INTEGER NOT NULL CHECK (suspended IN (0, 1))
) STRICT;

CREATE TABLE documents (
  name TEXT PRIMARY KEY REFERENCES records (name),
  bytes BLOB NOT NULL CHECK (length(bytes) > 0)
) STRICT;

CREATE TRIGGER documents_never_change BEFORE UPDATE ON documents
BEGIN
  SELECT RAISE(ABORT, 'a document never changes');
END;

CREATE TABLE followed (
  record TEXT NOT NULL REFERENCES records (name),
  scope TEXT NOT NULL REFERENCES scopes (scope),
  PRIMARY KEY (record, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE form_drafts (
  account TEXT NOT NULL REFERENCES credentials (account),
  form TEXT NOT NULL CHECK (form <> ''),
  content BLOB NOT NULL,
  save_ms INTEGER NOT NULL,
  PRIMARY KEY (account, form)
) STRICT;

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

CREATE TABLE installation (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  origin TEXT NOT NULL,
  demonstration INTEGER NOT NULL CHECK (demonstration IN (0, 1)),
  -- Negative where a demonstration was begun in the past.
  business_offset_ms INTEGER NOT NULL,
  CHECK (demonstration = 1 OR business_offset_ms = 0)
) STRICT;

CREATE TRIGGER business_clock_goes_forward BEFORE UPDATE OF business_offset_ms ON installation
WHEN NEW.business_offset_ms < OLD.business_offset_ms OR NEW.demonstration = 0
BEGIN
  SELECT RAISE(ABORT, 'the business clock only goes forward, and only in a demonstration');
END;

CREATE TRIGGER installation_stays_what_it_is BEFORE UPDATE OF demonstration, origin ON installation
WHEN NEW.demonstration <> OLD.demonstration OR NEW.origin <> OLD.origin
BEGIN
  SELECT RAISE(ABORT, 'an installation stays a demonstration, or stays none');
END;

CREATE TABLE involvement (
  scope TEXT NOT NULL REFERENCES scopes (scope),
  agency TEXT NOT NULL CHECK (agency <> ''),
  PRIMARY KEY (scope, agency)
) STRICT;

CREATE TABLE named (
  scope TEXT NOT NULL REFERENCES scopes (scope),
  account TEXT NOT NULL CHECK (account <> ''),
  PRIMARY KEY (scope, account)
) STRICT;

CREATE TABLE names_sought (
  area TEXT NOT NULL,
  name BLOB NOT NULL CHECK (length(name) = 32),
  account TEXT NOT NULL CHECK (account <> ''),
  last_ms INTEGER NOT NULL,
  PRIMARY KEY (area, name, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE one_time_codes (
  account TEXT PRIMARY KEY REFERENCES credentials (account),
  secret BLOB,
  pending BLOB,
  last_step INTEGER NOT NULL
) STRICT;

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
           AND EXISTS (SELECT 1 FROM signed_for x WHERE x.meeting = r.parent AND x.account = g.account)))
  -- Until triage has decided, what somebody sent stays open to them, and with it what they go on with.
  AND ((a.relation = 1 AND (s.stage = 2 OR (s.stage = 1 AND s.own_lead = 2)))
       OR (NOT EXISTS (SELECT 1 FROM shut_out x WHERE x.scope = r.scope AND x.account = g.account)
           AND (s.restricted = 0
                OR g.role = 6
                OR EXISTS (SELECT 1 FROM named n WHERE n.scope = r.scope AND n.account = g.account))
           AND (NOT EXISTS (SELECT 1 FROM shut_out_agencies x WHERE x.scope = r.scope AND x.agency = g.agency)
                OR EXISTS (SELECT 1 FROM named n WHERE n.scope = r.scope AND n.account = g.account))
           AND (g.role <> 12
                OR NOT EXISTS (SELECT 1 FROM shut_out x JOIN credentials c ON c.account = x.account
                               WHERE x.scope = r.scope AND c.agency = g.agency))));

CREATE TABLE own_register (
  account TEXT PRIMARY KEY REFERENCES credentials (account),
  body BLOB NOT NULL
) STRICT;

CREATE TABLE party_keys (
  record TEXT NOT NULL REFERENCES records (name),
  area TEXT NOT NULL CHECK (area <> ''),
  party_id TEXT NOT NULL,
  role INTEGER NOT NULL CHECK (role IN (1, 2)),
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
  key TEXT NOT NULL CHECK (key <> ''),
  PRIMARY KEY (record, party_id, role, kind, key)
) STRICT;

CREATE INDEX party_keys_by_key ON party_keys (area, key, kind, record);

CREATE TABLE programs_used (
  account TEXT NOT NULL CHECK (account <> ''),
  program TEXT NOT NULL CHECK (program <> ''),
  first_ms INTEGER NOT NULL,
  PRIMARY KEY (account, program)
) STRICT, WITHOUT ROWID;

CREATE TABLE record_rules (
  kind INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  role INTEGER NOT NULL,
  relation INTEGER NOT NULL,
  PRIMARY KEY (kind, stage, role, relation)
) STRICT;

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

CREATE TABLE "records" (
  name TEXT PRIMARY KEY CHECK (name <> ''),
  kind INTEGER NOT NULL CHECK (kind >= 1),
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
, due_day INTEGER) STRICT;

CREATE INDEX records_by_area ON records (kind, area, sort_key, name);

CREATE INDEX records_by_author ON records (author, kind, area, sort_key, name) WHERE author <> '';

CREATE INDEX records_by_due ON records (kind, area, due_day, name) WHERE due_day IS NOT NULL;

CREATE INDEX records_by_parent ON records (parent, kind, sort_key, name) WHERE parent <> '';

CREATE INDEX records_by_scope ON records (scope, kind, sort_key, name);

CREATE INDEX records_by_state ON records (kind, area, state, sort_key, name);

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

CREATE TABLE reveal_reasons (
  commit_seq INTEGER PRIMARY KEY,
  detail TEXT NOT NULL REFERENCES records (name),
  reason TEXT NOT NULL CHECK (reason <> '')
) STRICT;

CREATE INDEX reveal_reasons_by_detail ON reveal_reasons (detail);

CREATE TABLE reveals_to_follow (
  account TEXT NOT NULL CHECK (account <> ''),
  scope TEXT NOT NULL REFERENCES scopes (scope),
  agency TEXT NOT NULL,
  reveal_ms INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  PRIMARY KEY (account, scope)
) STRICT, WITHOUT ROWID;

CREATE INDEX reveals_to_follow_by_due ON reveals_to_follow (due_ms);

CREATE TABLE role_grants (
  account TEXT NOT NULL CHECK (account <> ''),
  agency TEXT NOT NULL,
  area TEXT NOT NULL CHECK (area <> ''),
  role INTEGER NOT NULL,
  from_day INTEGER NOT NULL,
  to_day INTEGER NOT NULL,
  PRIMARY KEY (account, area, role, from_day)
) STRICT;

CREATE TABLE scopes (
  scope TEXT PRIMARY KEY CHECK (scope <> ''),
  area TEXT NOT NULL,
  stage INTEGER NOT NULL CHECK (stage BETWEEN 1 AND 7)
, restricted INTEGER NOT NULL DEFAULT 0 CHECK (restricted IN (0, 1)), own_lead INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  account TEXT NOT NULL REFERENCES credentials (account),
  program TEXT NOT NULL,
  create_ms INTEGER NOT NULL,
  expire_ms INTEGER NOT NULL,
  factor_ms INTEGER NOT NULL,
  end_ms INTEGER
, lock_ms INTEGER, source TEXT NOT NULL DEFAULT '', idle_lock_ms INTEGER NOT NULL DEFAULT 900000 CHECK (idle_lock_ms > 0), parent BLOB REFERENCES sessions (token_hash), assessment TEXT NOT NULL DEFAULT '' CHECK ((assessment = '') = (parent IS NULL))) STRICT;

CREATE INDEX sessions_by_account ON sessions (account);

CREATE INDEX sessions_by_assessment ON sessions (assessment) WHERE assessment <> '';

CREATE INDEX sessions_by_expiry ON sessions (expire_ms);

CREATE INDEX sessions_by_parent ON sessions (parent) WHERE parent IS NOT NULL;

CREATE TABLE shut_out (
  scope TEXT NOT NULL REFERENCES scopes (scope),
  account TEXT NOT NULL CHECK (account <> ''), undecided INTEGER NOT NULL DEFAULT 0 CHECK (undecided IN (0, 1)),
  PRIMARY KEY (scope, account)
) STRICT;

CREATE TABLE shut_out_agencies (
  scope TEXT NOT NULL REFERENCES scopes (scope),
  agency TEXT NOT NULL CHECK (agency <> ''),
  PRIMARY KEY (scope, agency)
) STRICT;

CREATE TABLE sign_in_tries (
  login BLOB NOT NULL CHECK (length(login) = 32),
  source TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  failed INTEGER NOT NULL CHECK (failed IN (0, 1))
) STRICT;

CREATE INDEX sign_in_tries_by_login ON sign_in_tries (login, source, time_ms);

CREATE INDEX sign_in_tries_by_source ON sign_in_tries (source, time_ms);

CREATE INDEX sign_in_tries_by_time ON sign_in_tries (failed, time_ms);

CREATE TABLE signed_for (
  meeting TEXT NOT NULL REFERENCES records (name),
  account TEXT NOT NULL CHECK (account <> ''),
  PRIMARY KEY (meeting, account)
) STRICT;

CREATE TABLE sqlite_stat1(tbl,idx,stat);

CREATE TABLE use_days (
  account TEXT NOT NULL CHECK (account <> ''),
  day INTEGER NOT NULL,
  cases INTEGER NOT NULL,
  PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE uses (
  account TEXT NOT NULL CHECK (account <> ''),
  kind INTEGER NOT NULL,
  scope TEXT NOT NULL,
  last_ms INTEGER NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (account, kind, scope)
) STRICT, WITHOUT ROWID;

CREATE INDEX uses_by_time ON uses (account, kind, last_ms);

CREATE TABLE worker_keys (
  account TEXT NOT NULL REFERENCES credentials (account),
  person INTEGER NOT NULL CHECK (person >= 0),
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
  key TEXT NOT NULL CHECK (key <> ''),
  PRIMARY KEY (account, person, kind, key)
) STRICT;

CREATE INDEX worker_keys_by_key ON worker_keys (key, kind, account, person);

CREATE TABLE working_on (
  scope TEXT NOT NULL REFERENCES scopes (scope),
  account TEXT NOT NULL CHECK (account <> ''),
  idva INTEGER NOT NULL CHECK (idva IN (0, 1)),
  last_ms INTEGER NOT NULL,
  PRIMARY KEY (scope, account)
) STRICT, WITHOUT ROWID;

