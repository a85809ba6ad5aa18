-- Each authorisation as it was when it passed from one supplier to another (MAM-11): what its former holder reads of it. Its last
-- step before, else what it was before its first one, else what it is. What suspended it in that moment came before.
CREATE VIEW passed_on (id, chf, file, row, s1sp, priority, reference, from_party, to_party, at, state, date, codes) AS
  SELECT p.id, p.chf, p.file, a.row, a.s1sp, a.priority, a.reference, p.from_party, p.to_party, p.at,
    COALESCE(
      (SELECT c.became FROM state_change c WHERE c.chf = p.chf AND c.file = p.file
        AND (c.at < p.at OR c.at = p.at AND c.became = 'SUSPENDED') ORDER BY c.id DESC LIMIT 1),
      (SELECT c.was FROM state_change c WHERE c.chf = p.chf AND c.file = p.file ORDER BY c.id LIMIT 1), a.state),
    COALESCE(
      (SELECT c.date FROM state_change c WHERE c.chf = p.chf AND c.file = p.file
        AND (c.at < p.at OR c.at = p.at AND c.became = 'SUSPENDED') ORDER BY c.id DESC LIMIT 1),
      (SELECT c.date FROM state_change c WHERE c.chf = p.chf AND c.file = p.file ORDER BY c.id LIMIT 1), a.date),
    COALESCE(
      (SELECT c.codes FROM state_change c WHERE c.chf = p.chf AND c.file = p.file
        AND (c.at < p.at OR c.at = p.at AND c.became = 'SUSPENDED') ORDER BY c.id DESC LIMIT 1), '')
  FROM passing p JOIN authorisation a ON a.chf = p.chf AND a.file = p.file;
