-- What is said about a case in a meeting is open to those who signed for that meeting (R-24): who signed for another one,
-- which put the case off, has signed nothing for this.
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

-- Cases have the day on which their flag lapses, and actions that were given up the day on which that was said.
UPDATE sqlite_stat1 SET stat = '60000 20000 10000 30 1' WHERE tbl = 'records' AND idx = 'records_by_due';
