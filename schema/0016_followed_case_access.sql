-- A review says who it is about as the assessment that it reviews does: its own scope follows that record's scope, so
-- that it is kept from whomever the other is kept from later. Once it goes with a referral it is in that one's scope.
CREATE TABLE followed (
  record TEXT NOT NULL REFERENCES records (name),
  scope TEXT NOT NULL REFERENCES scopes (scope),
  PRIMARY KEY (record, scope)
) STRICT, WITHOUT ROWID;
