-- Entries of the services directory are records, of kind 13. The table had listed the kinds it takes, so that each new
-- one would rebuild it; which kinds there are is domain::Kind's to say. A CHECK cannot be altered: the table is made
-- anew with its rows, its indexes, the planner's figures and the view that reads it, as they were in 0002 and 0005.
CREATE TABLE new_records (
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
) STRICT;

INSERT INTO new_records (name, kind, area, scope, state, author, agency, parent, sort_key, version, time_ms, body)
SELECT name, kind, area, scope, state, author, agency, parent, sort_key, version, time_ms, body FROM records;

DROP VIEW open_to;
DROP TABLE records;
ALTER TABLE new_records RENAME TO records;

CREATE INDEX records_by_area ON records (kind, area, sort_key, name);
CREATE INDEX records_by_state ON records (kind, area, state, sort_key, name);
CREATE INDEX records_by_parent ON records (parent, kind, sort_key, name) WHERE parent <> '';
CREATE INDEX records_by_author ON records (author, kind, area, sort_key, name) WHERE author <> '';
CREATE INDEX records_by_scope ON records (scope, kind, sort_key, name);

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

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('records', 'sqlite_autoindex_records_1', '60000 1'),
  ('records', 'records_by_area', '60000 6000 3000 2 1'),
  ('records', 'records_by_state', '60000 6000 3000 600 2 1'),
  ('records', 'records_by_parent', '40000 8 8 1 1'),
  ('records', 'records_by_author', '30000 60 20 20 1 1'),
  ('records', 'records_by_scope', '60000 16 4 1 1');
