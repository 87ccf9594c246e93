-- What the planner believes of sizes, written down instead of gathered, so that a statement has the same plan in an
-- empty database, in a test and after ten years. Without it the planner takes the index with the most columns that
-- are compared, and an action of one case would be looked for among all open actions of the area.
-- The figures are those of one area after ten years; only their order matters.
ANALYZE sqlite_schema;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('records', 'sqlite_autoindex_records_1', '60000 1'),
  ('records', 'records_by_area', '60000 6000 3000 2 1'),
  ('records', 'records_by_state', '60000 6000 3000 600 2 1'),
  ('records', 'records_by_parent', '40000 8 8 1 1'),
  ('records', 'records_by_author', '30000 60 20 20 1 1'),
  ('records', 'records_by_scope', '60000 16 4 1 1'),
  ('scopes', 'sqlite_autoindex_scopes_1', '6000 1'),
  ('involvement', 'sqlite_autoindex_involvement_1', '30000 6 1'),
  ('shut_out', 'sqlite_autoindex_shut_out_1', '100 2 1'),
  ('role_grants', 'sqlite_autoindex_role_grants_1', '400 2 2 1 1'),
  ('record_rules', 'sqlite_autoindex_record_rules_1', '200 16 4 2 1');
