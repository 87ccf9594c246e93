-- Finding the same people again, numbers that no two cases share, and why a detail was shown.

-- Under what a victim or a perpetrator of a case, or of a referral that waits for triage, is found again (R-03, R-17,
-- R-22): one row a key. `role` is domain::PartyRole, `kind` store::KeyKind. Protected addresses are not here.
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

-- Case numbers are drawn at random, since a sequence would tell of hidden cases; two draws may be the same. The number
-- is drawn before its case is kept, in the same transaction, so it does not refer to it.
CREATE TABLE case_numbers (
  number TEXT PRIMARY KEY CHECK (number <> ''),
  record TEXT NOT NULL CHECK (record <> '')
) STRICT;

-- Why somebody had a protected detail shown. The audit row `commit_seq` says who, what and when; the words stand here,
-- because the audit holds none.
CREATE TABLE reveal_reasons (
  commit_seq INTEGER PRIMARY KEY,
  detail TEXT NOT NULL REFERENCES records (name),
  reason TEXT NOT NULL CHECK (reason <> '')
) STRICT;
