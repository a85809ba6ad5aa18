INSERT INTO setting (name, value) VALUES ('one', 'secret-of-DCC'), ('two', 'secret-of-DCC');
INSERT INTO content (digest, size) VALUES (BLOB(61), 1), (BLOB(62), 1);
INSERT INTO content_part (digest, place, bytes) VALUES (BLOB(61), 1, BLOB(61)), (BLOB(62), 1, BLOB(62));
INSERT INTO received (id, name, sender, at, digest, size) VALUES
  (1, 'secret-of-AAA123', 'AAA123', 1, BLOB(61), 1), (2, 'secret-of-BBB456', 'BBB456', 2, BLOB(62), 1),
  (3, 'secret-of-CGI', 'CGI001', 3, NULL, 0), (4, 'secret-of-DXC', 'DXC001', 4, NULL, 0),
  (5, 'a file that passed on', 'AAA123', 5, BLOB(61), 7), (6, 'secret-of-BBB456', 'BBB456', 6, NULL, 0),
  (7, 'secret-of-AAA123', 'AAA123', 7, NULL, 0), (8, 'a second file that passed on', 'AAA123', 8, NULL, 8),
  (10, 'secret-of-BBB456', 'BBB456', 9, NULL, 9), (11, 'secret-of-BBB456', 'BBB456', 9, NULL, 9),
  (12, 'secret-of-DDD012', 'DDD012', 9, NULL, 9), (13, 'secret-of-AAA123', 'AAA123', 9, NULL, 9),
  (14, 'secret-of-AAA123', 'AAA123', 9, NULL, 9), (15, 'secret-of-AAA123', 'AAA123', 9, NULL, 9);
INSERT INTO act (seq, salt, detail) VALUES (1, BLOB(01), 'secret-of-DCC, unpublished'), (2, BLOB(02), 'secret-of-DCC, unpublished'), (3, BLOB(03), 'secret-of-DCC, unpublished'),
  (4, BLOB(04), 'secret-of-BBB456, unpublished'), (5, BLOB(05), 'secret-of-DCC, unpublished');
INSERT INTO audit (seq, at, actor, kind, rulebook, detail_digest, outcome_digest, leaf) VALUES
  (1, 1, 'secret-of-DCC', 'judge', '', BLOB(01), BLOB(01), BLOB(01)),
  (2, 2, 'secret-of-DCC', 'move-milestone', '', BLOB(02), BLOB(02), BLOB(02)),
  (3, 3, 'secret-of-DCC', 'exclusion-decision', '', BLOB(03), BLOB(03), BLOB(03)),
  (4, 3, 'secret-of-DCC', 'dormant-decide', '', BLOB(04), BLOB(04), BLOB(04)),
  (5, 1626307200000, 'secret-of-DCC', 'cut', '', BLOB(05), BLOB(05), BLOB(05));
INSERT INTO party (code, name, role, s1sp, operations_contact, out_of_hours_contact) VALUES
  ('AAA123', 'A', 'SUPPLIER', NULL, 'secret-of-AAA123', 'secret-of-AAA123'), ('BBB456', 'B', 'SUPPLIER', NULL, 'secret-of-BBB456', ''),
  ('CCC789', 'C', 'SUPPLIER', NULL, 'secret-of-CCC789', ''), ('DDD012', 'D', 'SUPPLIER', NULL, 'secret-of-DDD012', ''), ('CGI001', 'CGI', 'S1SP', 'CGI', 'secret-of-CGI', ''),
  ('DXC001', 'DXC', 'S1SP', 'DXC', 'secret-of-DXC', ''), ('OFGEM', 'O', 'OBSERVER', NULL, 'secret-of-DCC', '');
INSERT INTO account (name, role, party, disabled) VALUES ('secret-of-AAA123', 'SUPPLIER', 'AAA123', 0), ('secret-of-BBB456', 'SUPPLIER', 'BBB456', 0),
  ('secret-of-CGI', 'S1SP', 'CGI001', 0), ('secret-of-DXC', 'S1SP', 'DXC001', 0), ('secret-of-DCC', 'OPERATOR', NULL, 0);
INSERT INTO import (id, kind, received, as_at, applied_at, before_rows, added, changed, gone, accepted_rows, act, undone_by, by_two) VALUES
  (1, 'inventory', 1, 10, 11, 1001, 1002, 1003, 1004, 1005, 75, 76, 1), (2, 'parties', 2, 20, 21, 2001, 2002, 2003, 2004, 2005, NULL, NULL, 0);
INSERT INTO user_id (user_id, party, place) VALUES (101, 'AAA123', 0), (102, 'BBB456', 0), (103, 'CGI001', 0), (104, 'DXC001', 0);
INSERT INTO ended_intake (user_id, party, at, reason) VALUES (102, 'BBB456', 1000, 'a laptop was stolen'), (103, 'CGI001', 1000, 'a key was lost');
INSERT INTO mpid (id, fuel, mpid, party) VALUES (1, 'ELECTRICITY', 'AAAE', 'AAA123'), (2, 'ELECTRICITY', 'BBBE', 'BBB456'),
  (3, 'GAS', 'BBB', 'BBB456'), (4, 'ELECTRICITY', 'CCCE', 'CCC789'), (5, 'ELECTRICITY', 'DDDE', 'DDD012'),
  (6, 'ELECTRICITY', 'AAAX', 'AAA123');
INSERT INTO s1sp (id, code) VALUES (1, 'CGI'), (2, 'DXC');
INSERT INTO dmc (id, code, provider, chf_model, esme_model) VALUES (1, 'DMC-1', 'P', 'C', 'E'), (2, 'DMC-2', 'P', 'C', 'E');
INSERT INTO epcl (s1sp, dmc, added) VALUES ('CGI', 1, 20210101), ('DXC', 2, 20210101);
INSERT INTO installation (chf, s1sp, cohort, dmc, esme, mpan, electricity_mpid, electricity_status, gsme, mprn, gas_mpid, gas_status) VALUES
  (1, 1, 0, 1, 1001, 11, 1, 1, NULL, NULL, NULL, NULL), (2, 2, 0, 1, 1002, 22, 2, 1, NULL, NULL, NULL, NULL),
  (3, 1, 0, 1, 1003, 33, 1, 1, 2003, 333, 3, 1), (4, 1, 0, 1, 1004, 44, 2, 1, NULL, NULL, NULL, NULL),
  (5, 2, 0, 1, 1005, 55, 4, 0, NULL, NULL, NULL, NULL), (6, 2, 0, 1, 1006, 66, 2, 0, NULL, NULL, NULL, NULL),
  (7, 1, 0, 1, 1007, 77, 5, 1, NULL, NULL, NULL, NULL), (8, 1, 0, 1, 1008, 88, 5, 1, 2008, 888, 3, 1),
  (9, 1, 0, 1, 1009, 99, 6, 1, NULL, NULL, NULL, NULL), (10, 1, 0, 1, 1010, 110, 1, 0, 2010, 1110, 3, 1);
INSERT INTO registration (point, fuel, effective, mpid) VALUES (11, 'ELECTRICITY', 20210101, 1), (22, 'ELECTRICITY', 20210101, 2),
  (33, 'ELECTRICITY', 20210101, 1), (333, 'GAS', 20210101, 3), (66, 'ELECTRICITY', 20210801, 1), (55, 'ELECTRICITY', 20210101, 4), (77, 'ELECTRICITY', 20210101, 1),
  (77, 'ELECTRICITY', 20210601, 5), (88, 'ELECTRICITY', 20210101, 1), (88, 'ELECTRICITY', 20210601, 5), (44, 'ELECTRICITY', 20210801, 5);
INSERT INTO exclusion (chf, fuel, origin, category, effective) VALUES (1, '', 'IMPORT', 'X', 20210101), (2, '', 'IMPORT', 'X', 20210101),
  (3, 'GAS', 'IMPORT', 'X', 20210101), (7, '', 'IMPORT', 'X', 20210101), (8, '', 'IMPORT', 'X', 20210101);
INSERT INTO outcome_code (code, stage, who_acts, attempt, retry_after_days) VALUES ('E1', '', 'DCC', 1, 0), ('E2', '', 'S1SP', 0, 0);
INSERT INTO attempt (chf, failed) VALUES (1, 1), (2, 2), (3, 3), (4, 4), (7, 7), (8, 8), (9, 9);
INSERT INTO capacity (s1sp, date, total, reserve) VALUES ('CGI', 20210712, 10, 1), ('DXC', 20210712, 8001, 803), ('CGI', 20210713, 8003, 801), ('CGI', 20210719, 8004, 802),
  ('DXC', 20210713, 0, 0);
INSERT INTO file (id, kind, sender, s1sp, date, extension, status, rulebook, codes, message) VALUES
  (1, 'MA', 'AAA123', 'CGI', 20210712, 'CSV', 'ACCEPTED', '', '', 'secret-of-AAA123'),
  (2, 'MA', 'BBB456', 'DXC', 20210712, 'CSV', 'ACCEPTED', '', '', 'secret-of-BBB456'),
  (3, 'MO', 'CGI001', 'CGI', 20210712, 'CSV', 'ACCEPTED', '', '', 'secret-of-CGI'),
  (4, 'MO', 'DXC001', 'DXC', 20210712, 'CSV', 'ACCEPTED', '', '', 'secret-of-DXC'),
  (5, 'MA', 'AAA123', 'CGI', 20210712, 'CSV', 'ACCEPTED', '', '', 'secret-of-AAA123'),
  (8, 'MA', 'AAA123', 'CGI', 20210712, 'CSV', 'ACCEPTED', '', '', 'secret-of-AAA123'),
  (10, 'MA', 'BBB456', 'CGI', 20210712, 'CSV', 'ACCEPTED', '', '', 'secret-of-BBB456'),
  (11, 'MA', 'BBB456', 'CGI', 20210712, 'CSV', 'ACCEPTED', '', '', 'secret-of-BBB456'),
  (12, 'MA', 'DDD012', 'CGI', 20210712, 'CSV', 'ACCEPTED', '', '', 'secret-of-DDD012'),
  (13, 'MA', 'AAA123', 'CGI', 20210712, 'CSV', 'ACCEPTED', '', '', 'secret-of-AAA123'),
  (14, 'DC', 'AAA123', 'CGI', 20210712, 'CSV', 'HELD', '', 'FI21', 'secret-of-AAA123'),
  (15, 'DC', 'AAA123', 'CGI', 20210719, 'CSV', 'HELD', '', 'FI21', 'secret-of-AAA123, unpublished');
INSERT INTO received (id, name, sender, at, digest, size) VALUES (16, 'secret-of-BBB456', 'BBB456', 9, NULL, 9);
INSERT INTO file (id, kind, sender, s1sp, date, extension, status, rulebook, codes, message, verdict_at) VALUES
  (16, 'DC', 'BBB456', 'DXC', 20210712, 'CSV', 'ACCEPTED', '', '', 'secret-of-BBB456', 9);
INSERT INTO misnamed (id, sender, code, message, verdict_at) VALUES (6, 'BBB456', 'FI01', 'secret-of-BBB456', 1),
  (7, 'AAA123', 'FI01', 'secret-of-AAA123', 1);
INSERT INTO grace (sender, s1sp, milestone, week, until, used) VALUES ('AAA123', 'CGI', 'M', 20210712, 1, 0), ('BBB456', 'CGI', 'M', 20210712, 2, 0);
INSERT INTO moved_milestone (week, milestone, at, reason) VALUES (20210712, 'M', 1, 'told to all'), (20210712, 'N', 1, 'told to all');
INSERT INTO outage (id, begins, ends, reason, at) VALUES (1, 1, 2, 'told to all', 3), (2, 3, 4, 'told to all', 5);
INSERT INTO passed_milestone (s1sp, week, milestone, at) VALUES ('CGI', 20210712, 'M', 1), ('DXC', 20210712, 'M', 1);
INSERT INTO demand (s1sp, date, party, user_id, units, file) VALUES ('CGI', 20210712, 'AAA123', 101, 1, 1), ('CGI', 20210712, 'BBB456', 102, 2, 2),
  ('CGI', 20210719, 'AAA123', 101, 1, 1), ('DXC', 20210718, 'BBB456', 102, 99, 16), ('DXC', 20210718, 'CCC789', 103, 98, 16), ('DXC', 20210718, 'CCC789', 104, 97, 16);
INSERT INTO forecast (s1sp, date, party, units) VALUES ('CGI', 20210712, 'AAA123', 1), ('CGI', 20210712, 'BBB456', 2),
  ('CGI', 20210719, 'AAA123', 1);
INSERT INTO eligible_count (s1sp, week, party, units) VALUES ('CGI', 20210712, 'AAA123', 1), ('CGI', 20210712, 'BBB456', 2),
  ('CGI', 20210719, 'AAA123', 1);
INSERT INTO result_eligible (s1sp, week, version, party, units) VALUES ('CGI', 20210712, 1, 'AAA123', 1), ('CGI', 20210712, 1, 'BBB456', 2),
  ('CGI', 20210719, 1, 'AAA123', 1), ('CGI', 20210712, 2, 'AAA123', 3);
INSERT INTO result (s1sp, week, version, stage, rulebook, made_at, published_at, firm_at) VALUES
  ('CGI', 20210712, 1, 'PROVISIONAL', '', 1, 2, NULL), ('CGI', 20210719, 1, 'PROVISIONAL', 'secret-of-DCC, unpublished', 1, NULL, NULL),
  ('DXC', 20210712, 1, 'FIRM', '', 5, 6, 7), ('CGI', 20210712, 2, 'FIRM', 'secret-of-DCC, unpublished', 3, NULL, NULL);
INSERT INTO result_pool (s1sp, date, version, total_capacity, reserve, dmin, demand, parties, public) VALUES
  ('CGI', 20210712, 1, 10, 0, 100, 3, 2, 1), ('CGI', 20210713, 1, 10, 0, 100, 3, 2, 0), ('CGI', 20210719, 1, 10, 0, 100, 3, 2, 1),
  ('CGI', 20210712, 2, 10, 0, 100, 3, 2, 1), ('DXC', 20210718, 1, 20, 0, 100, 3, 2, 1);
INSERT INTO result_line (s1sp, date, version, party, demand, counted, flat, entitlement, extra, allocation, opening, closing, derivation) VALUES
  ('CGI', 20210712, 1, 'AAA123', 1, 1, 1, 'secret-of-AAA123', 0, 1, 11, 12, 'secret-of-AAA123'),
  ('CGI', 20210712, 1, 'BBB456', 2, 2, 2, 'secret-of-BBB456', 0, 2, 21, 22, 'secret-of-BBB456'),
  ('CGI', 20210712, 1, 'CCC789', 39, 34, 33, 'secret-of-CCC789', 0, 34, 31, 32, 'secret-of-CCC789'),
  ('CGI', 20210719, 1, 'AAA123', 1, 1, 1, 'secret-of-DCC', 0, 1, 0, 0, 'secret-of-DCC'),
  ('DXC', 20210718, 1, 'CCC789', 39, 34, 33, 'secret-of-CCC789', 0, 34, 31, 32, 'secret-of-CCC789');
INSERT INTO allocation (s1sp, date, party, units, handed_back) VALUES ('CGI', 20210712, 'AAA123', 1, 0), ('CGI', 20210712, 'BBB456', 2, 0);
INSERT INTO passed_demand (s1sp, date, party, event, units) VALUES ('CGI', 20210712, 'AAA123', 1, 1), ('CGI', 20210712, 'BBB456', 1, -2), ('CGI', 20210712, 'CCC789', 0, 3), ('CGI', 20210712, 'CCC789', 4, 7);
INSERT INTO moved_up (s1sp, week, chf, planned) VALUES ('CGI', 20210712, 1, NULL), ('CGI', 20210712, 2, 20210713);
INSERT INTO given_up (s1sp, date, units) VALUES ('CGI', 20210712, 1), ('CGI', 20210713, 2);
INSERT INTO balance (s1sp, party, nano) VALUES ('CGI', 'AAA123', 1), ('CGI', 'BBB456', 2);
INSERT INTO question (id, s1sp, date, party, raised_at, question) VALUES (1, 'CGI', 20210712, 'AAA123', 1, 'secret-of-AAA123'),
  (2, 'CGI', 20210712, 'BBB456', 1, 'secret-of-BBB456');
INSERT INTO authorisation (chf, file, row, party, s1sp, date, priority, state, unit, differs, reference, codes, cause) VALUES
  (1, 1, 1, 'AAA123', 'CGI', 20210712, 1, 'ACCEPTED', 1, 0, 'secret-of-AAA123', 'secret-of-AAA123', NULL),
  (2, 2, 1, 'BBB456', 'DXC', 20210712, 1, 'ACCEPTED', 1, 0, 'secret-of-BBB456', 'secret-of-BBB456', NULL),
  (3, 1, 2, 'AAA123', 'CGI', 20210712, 1, 'HELD', 1, 1, 'secret-of-AAA123', 'secret-of-AAA123', 1),
  (3, 2, 902, 'BBB456', 'CGI', 20210712, 901, 'STANDBY', 0, 0, 'secret-of-BBB456', 'secret-of-BBB456', 903),
  (3, 10, 904, 'BBB456', 'CGI', 20210713, 905, 'WITHDRAWN', 0, 1, 'secret-of-BBB456', 'secret-of-BBB456', 906),
  (3, 11, 907, 'BBB456', 'CGI', 20210714, 908, 'SCHEDULED', 1, 0, 'secret-of-BBB456', 'secret-of-BBB456', NULL),
  (4, 5, 1, 'BBB456', 'CGI', 20210712, 1, 'ACCEPTED', 1, 0, 'secret-of-AAA123', 'secret-of-BBB456', 2),
  (4, 2, 3, 'BBB456', 'CGI', 20210713, 1, 'LAPSED', 0, 0, 'secret-of-BBB456', 'secret-of-BBB456', NULL),
  (4, 8, 4, 'DDD012', 'CGI', 20210714, 1, 'DEFERRED', 0, 0, 'secret-of-AAA123', 'secret-of-DDD012', NULL),
  (7, 12, 5, 'DDD012', 'CGI', 20210715, 1, 'ACCEPTED', 1, 0, 'secret-of-DDD012', 'secret-of-DDD012', NULL),
  (8, 13, 6, 'AAA123', 'CGI', 20210520, 1, 'NOT_ATTEMPTED', 0, 0, 'secret-of-AAA123', '', NULL),
  (8, 2, 7, 'BBB456', 'CGI', 20210520, 1, 'NOT_ATTEMPTED', 0, 0, 'secret-of-BBB456', 'secret-of-BBB456', NULL),
  (8, 12, 8, 'DDD012', 'CGI', 20210716, 1, 'MIGRATED', 0, 0, 'secret-of-DDD012', 'secret-of-DDD012', NULL),
  (10, 2, 9, 'BBB456', 'CGI', 20210715, 1, 'STANDBY', 0, 0, 'secret-of-BBB456', 'secret-of-BBB456', NULL),
  (10, 10, 9, 'BBB456', 'CGI', 20210716, 1, 'ACCEPTED', 1, 0, 'secret-of-BBB456', 'secret-of-BBB456', NULL);
UPDATE authorisation SET led = 'DDD012', led_unit = 909 WHERE chf = 1;
UPDATE authorisation SET led = 'BBB456', led_unit = 910 WHERE chf = 7;
INSERT INTO state_change (id, chf, file, at, was, became, date, unit, codes) VALUES
  (1, 1, 1, 1, 'ACCEPTED', 'STOPPED', 20210712, 1, 'secret-of-AAA123'), (2, 3, 2, 1, 'HELD', 'LAPSED', 20210712, 1, 'secret-of-BBB456'),
  (3, 4, 5, 1, 'ACCEPTED', 'DEFERRED', 20210711, 1, 'before it passed on'), (4, 4, 2, 1, 'ACCEPTED', 'LAPSED', 20210713, 1, 'secret-of-BBB456'),
  (5, 4, 5, 10, 'DEFERRED', 'ACCEPTED', 20210712, 1, 'secret-of-BBB456'), (6, 4, 8, 10, 'ACCEPTED', 'SUSPENDED', 20210714, 1, 'as it passed on'),
  (7, 4, 8, 20, 'SUSPENDED', 'DEFERRED', 20210714, 1, 'before it passed on'), (8, 4, 8, 40, 'DEFERRED', 'DEFERRED', 20210714, 1, 'secret-of-DDD012');
INSERT INTO passing (id, chf, file, at, from_party, to_party) VALUES (1, 4, 5, 10, 'AAA123', 'BBB456'), (2, 5, 9, 1, 'CCC789', 'CCC790'),
  (3, 4, 8, 10, 'AAA123', 'BBB456'), (4, 4, 8, 30, 'BBB456', 'DDD012');
INSERT INTO answer (file, verdict, codes, rows, packed) VALUES (1, 'REFUSED', 'secret-of-AAA123', 1, BLOB(01)),
  (2, 'REFUSED', 'secret-of-BBB456', 1, BLOB(02)), (3, 'REFUSED', 'secret-of-CGI', 1, BLOB(03)), (4, 'TAKEN', 'secret-of-DXC', 1, BLOB(04));
INSERT INTO answered (chf, file) VALUES (1, 1), (2, 2), (1, 3), (2, 4);
INSERT INTO schedule (s1sp, date, version, at, waiver, act) VALUES ('CGI', 20210712, 1, 1, NULL, NULL), ('DXC', 20210712, 1, 1, 'secret-of-DCC', NULL),
  ('CGI', 20210520, 1, 1, NULL, NULL), ('CGI', 20210716, 1, 1, NULL, 77);
INSERT INTO schedule_line (s1sp, date, version, chf, type, electricity_party, gas_party, attempt) VALUES
  ('CGI', 20210712, 1, 1, 'ACTIVE', 'AAA123', NULL, 1), ('DXC', 20210712, 1, 2, 'ACTIVE', 'BBB456', NULL, 1),
  ('CGI', 20210520, 1, 8, 'ACTIVE', 'AAA123', 'BBB456', 1), ('CGI', 20210716, 1, 8, 'ACTIVE', 'DDD012', 'BBB456', 1),
  ('CGI', 20210712, 1, 3, 'ACTIVE', 'AAA123', 'BBB456', 1), ('DXC', 20210712, 1, 9, 'ACTIVE', 'AAA123', NULL, 1);
INSERT INTO outcome (s1sp, date, chf, outcome, stage, code, attempt, at, file) VALUES ('CGI', 20210712, 1, 'MIGRATED', '', '', 0, 1, 3),
  ('DXC', 20210712, 2, 'FAILED', '', 'E1', 1, 1, 4), ('CGI', 20210712, 3, 'FAILED', '', 'E2', 1, 1, NULL),
  ('CGI', 20210520, 8, 'NOT_ATTEMPTED', '', '', 0, 1, NULL), ('CGI', 20210716, 8, 'MIGRATED', '', 'E3', 0, 1, NULL),
  ('CGI', 20210521, 5, 'FAILED', 'S1', 'E4', 1, 1, NULL), ('CGI', 20210521, 9, 'FAILED', 'S1', 'E5', 1, 1, NULL),
  ('CGI', 20210521, 10, 'NOT_ATTEMPTED', '', '', 0, 1, NULL), ('DXC', 20210521, 6, 'NOT_ATTEMPTED', '', '', 0, 1, NULL);
INSERT INTO passed_day (s1sp, date, deadline, at) VALUES ('CGI', 20210712, 'OUTCOMES_DUE', 1), ('DXC', 20210712, 'OUTCOMES_DUE', 1);
INSERT INTO hold (id, chf, party, first, weekdays, action, at, file) VALUES (1, 1, 'AAA123', 20210712, 127, 'SET', 1, 1),
  (2, 2, 'BBB456', 20210712, 127, 'SET', 1, 2), (3, 3, 'BBB456', 20210712, 127, 'SET', 1, 2), (4, 8, 'DDD012', 20210712, 127, 'SET', 1, 12);
INSERT INTO stop_order (id, scope, value, reason, imposed_at, imposed_by, lifted_at, lifted_by) VALUES
  (1, 'LIST', '', 'told to all', 1, 'secret-of-DCC', NULL, NULL), (2, 'S1SP', 'DXC', 'secret-of-DXC', 1, 'secret-of-DCC', 2, 'secret-of-DCC'),
  (3, 'SUPPLIER', 'BBB456', 'about one', 1, 'secret-of-DCC', NULL, NULL), (4, 'LIST', '', 'secret-of-DDD012', 1, 'secret-of-DCC', NULL, NULL),
  (5, 'MODEL', 'E', 'told to all', 1, 'secret-of-DCC', NULL, NULL);
INSERT INTO stop_entry (stop_order, chf) VALUES (1, 1), (1, 2), (1, 3), (4, 7);
INSERT INTO stop_list (stop_order, s1sp, due) VALUES (1, 'CGI', 1), (1, 'DXC', 1), (2, 'DXC', 1);
INSERT INTO escalation (id, at, rule, s1sp, date, words) VALUES (1, 1, 'OUT-4', 'CGI', 20210712, 'secret-of-CGI'),
  (2, 1, 'OUT-4', 'DXC', 20210712, 'secret-of-DXC');
INSERT INTO countersignature (id, rule, s1sp, date, what, first_operator, at, due) VALUES
  (1, 'MSM-12', 'CGI', 20210712, 'secret-of-DCC', 'secret-of-DCC', 1, 2), (2, 'MSM-12', 'DXC', 20210712, 'secret-of-DCC', 'secret-of-DCC', 1, 2);
INSERT INTO dormant_plan (s1sp, week, planned_at, noticed_at) VALUES ('CGI', 20210712, 1, 2), ('DXC', 20210712, 1, NULL);
INSERT INTO dormant_line (s1sp, week, chf, line, place, date, state, codes, lost) VALUES
  ('CGI', 20210712, 1, 'PLANNED', 71, 20210713, 'NOTICED', '', 20210712), ('CGI', 20210712, 3, 'PLANNED', 72, 20210714, 'PLANNED', '', 20210712),
  ('DXC', 20210712, 6, 'PLANNED', 73, 20210715, 'SCHEDULED', 'unpublished', 20210712), ('CGI', 20210719, 3, 'PLANNED', 74, 20210720, 'SCHEDULED', '', 20210712),
  ('DXC', 20210712, 5, 'STANDBY', 75, NULL, 'NOTICED', '', 20210712), ('CGI', 20210712, 7, 'PLANNED', 76, 20210713, 'SCHEDULED', '', 20210712),
  ('CGI', 20210726, 3, 'STANDBY', 77, 20210727, 'OUT', 'secret-of-BBB456', 20210712), ('CGI', 20210712, 8, 'PLANNED', 78, 20210716, 'STOPPED', 'secret-of-DDD012', 20210712);
INSERT INTO dormant_notice (s1sp, week, chf, party, at) VALUES ('CGI', 20210712, 1, 'AAA123', 1), ('DXC', 20210712, 6, 'BBB456', 1),
  ('DXC', 20210712, 5, 'CCC789', 1), ('CGI', 20210712, 1, 'DDD012', 9), ('CGI', 20210726, 3, 'BBB456', 9);
INSERT INTO dormant_answer (s1sp, week, chf, party, answer, reason, statement, file, row, decision, why, decided_by, decided_at) VALUES
  ('CGI', 20210712, 1, 'AAA123', 'OBJECT', 'SAFETY', 'secret-of-AAA123', 1, 1, 'UPHELD', 'told to AAA123', 'secret-of-DCC', 5),
  ('CGI', 20210712, 3, 'BBB456', 'ACTIVE', '', 'secret-of-BBB456', 2, 1, NULL, NULL, NULL, NULL),
  ('DXC', 20210712, 6, 'BBB456', 'OBJECT', 'SAFETY', 'secret-of-BBB456', 2, 2, NULL, NULL, NULL, NULL);
INSERT INTO responsibility_event (id, kind, from_party, to_party, effective, recorded_at, recorded_by, reason, done_at, whole) VALUES
  (1, 'TRANSFER', 'CCC789', 'AAA123', 1, 1, 'secret-of-DCC', 'secret-of-DCC', 2, 1),
  (2, 'TRANSFER', 'AAA123', 'BBB456', 9, 1, 'secret-of-DCC', 'secret-of-DCC', NULL, 0),
  (3, 'TRANSFER', 'DDD012', 'BBB456', 9, 1, 'secret-of-DCC', 'secret-of-DCC', NULL, 0),
  (4, 'TRANSFER', 'AAA123', 'DDD012', 1, 1, 'secret-of-DCC', 'secret-of-DCC', 3, 0);
INSERT INTO responsibility_mpid (event, fuel, mpid) VALUES (1, 'ELECTRICITY', 'CCCE'), (2, 'ELECTRICITY', 'AAAE'),
  (3, 'ELECTRICITY', 'DDDE'), (4, 'ELECTRICITY', 'AAAX');
INSERT INTO issued (id, party, name, at, size, bytes, act) VALUES (1, 'AAA123', 'secret-of-AAA123', 1, 1, BLOB(01), 71),
  (2, 'BBB456', 'secret-of-BBB456', 1, 1, BLOB(02), 72), (3, 'CGI001', 'secret-of-CGI', 1, 1, BLOB(03), 73), (4, 'DXC001', 'secret-of-DXC', 1, 1, BLOB(04), 74);
INSERT INTO notice (id, party, at, rule, chf, words, act) VALUES (1, 'AAA123', 3, 'FI21', NULL, 'secret-of-AAA123, unpublished', NULL),
  (2, 'BBB456', 4, 'DMT-4', 2, 'secret-of-BBB456', 78), (3, 'CGI001', 9, 'STOP-1', NULL, 'secret-of-CGI', 79),
  (4, 'DXC001', 9, 'STOP-1', NULL, 'secret-of-DXC', NULL), (5, 'OFGEM', 9, 'CAL-4', NULL, 'told to all', NULL);

INSERT INTO account_name (id, name, erased_at) VALUES (BLOB(71), 'secret-of-AAA123', NULL), (BLOB(72), 'secret-of-BBB456', NULL),
  (BLOB(73), 'secret-of-DCC', NULL);
INSERT INTO input (act, place, received, opened) VALUES (1, 0, 1, NULL), (1, 1, NULL, BLOB(61));
INSERT INTO token (id, account, made_at, made_by, expires_at, revoked_at) VALUES ('t1', 'secret-of-AAA123', 1, 'secret-of-DCC', 2, NULL),
  ('t2', 'secret-of-DCC', 1, 'secret-of-DCC', 2, NULL);
INSERT INTO token_secret (id, digest, used_at) VALUES ('t1', BLOB(81), NULL), ('t2', BLOB(82), NULL);
INSERT INTO password (id, file, at, until) VALUES (7, 1, 7, NULL), (6, 2, 6, 8);
INSERT INTO aside (id, kind, details, file, class, reason, tries, since, tried, next) VALUES
  (1, 'judge', 'secret-of-AAA123', 1, 'DEFECT', 'secret-of-AAA123', 1, 1, 1, NULL),
  (2, 'milestone', 'secret-of-DCC', NULL, 'PANIC', 'secret-of-DCC', 1, 1, 1, 2);
INSERT INTO proposal (id, kind, details, title, figures, digest, maker, made_at, expires_at, state, decided_at) VALUES
  (1, 'publish', 'secret-of-DCC', 'secret-of-DCC', 'secret-of-DCC, unpublished', BLOB(01), 'secret-of-DCC', 1, 2, 'WAITING', NULL),
  (2, 'cut', 'secret-of-AAA123', 'secret-of-AAA123', 'secret-of-AAA123', BLOB(02), 'secret-of-DCC', 1, 2, 'APPROVED', 2),
  (3, 'responsibility', 'secret-of-DCC', 'secret-of-DCC', 'secret-of-DCC, unpublished', BLOB(03), 'secret-of-DCC', 1, 2, 'WITHDRAWN', 2),
  (4, 'cut', 'secret-of-DCC', 'secret-of-DCC', 'secret-of-DCC, unpublished', BLOB(04), 'secret-of-DCC', 1, 2, 'EXPIRED', 2);
INSERT INTO act_key (key, seq) VALUES (BLOB(91), 1), (BLOB(92), 2);
INSERT INTO request_done (key, request, at, answer) VALUES (BLOB(87), BLOB(88), 1, 'secret-of-AAA123'),
  (BLOB(89), BLOB(8a), 2, 'secret-of-BBB456');
INSERT INTO receipt_key (id, public, seed) VALUES (1, BLOB(83), BLOB(84)), (2, BLOB(85), BLOB(86));
INSERT INTO place_count (place, day, s1sp, cohort, lead, homes) VALUES
  ('OPEN', 0, 1, 0, 1, 5), ('PLANNED', 0, 1, 0, 2, 6), ('PLANNED', 20210701, 1, 1, 3, 7), ('MIGRATED_ON', 20210701, 1, 1, 2, 8);
INSERT INTO open_count (s1sp, home, dmc, electricity_mpid, electricity_status, gas_mpid, gas_status, failed, retry_from, excluded, homes)
  VALUES (1, 0, 1, 1, 1, -1, -1, 0, 0, 0, 5), (1, 7, 1, 2, 0, 1, 1, 1, 20210801, 0, 1);
INSERT INTO exclusion_count (s1sp, category, fuel, origin, day, electricity_mpid, gas_mpid, homes)
  VALUES (1, 'NO_WAN', '', 'IMPORT', 20210701, 1, -1, 5), (1, 'NO_WAN', 'GAS', 'IMPORT', 20210701, 2, 4, 6);
