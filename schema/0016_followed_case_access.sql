-- A review says who it is about as the assessment that it reviews does: its own scope follows that record's scope, so
-- that it is kept from whomever the other is kept from later. Once it goes with a referral it is in that one's scope.
CREATE TABLE followed (
  record TEXT NOT NULL REFERENCES records (name),
  scope TEXT NOT NULL REFERENCES scopes (scope),
  PRIMARY KEY (record, scope)
) STRICT, WITHOUT ROWID;

-- The stage of what a scope follows, where the author of both is the same; 0: none.
ALTER TABLE scopes ADD COLUMN own_lead INTEGER NOT NULL DEFAULT 0;

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
