-- The day by which a record is to be looked at anew (days since 1970), where there is one: an assessment's review.
ALTER TABLE records ADD COLUMN due_day INTEGER;

CREATE INDEX records_by_due ON records (kind, area, due_day, name) WHERE due_day IS NOT NULL;

-- What is awaited is a small part of what there is (0005 says what these figures are for).
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('records', 'records_by_due', '3000 3000 1500 20 1');
