-- What uses units and waits for them, apart from everything else that is told of an authorisation: whose these are is asked of an index,
-- and not of each row of a day.
CREATE VIEW row_use (chf, s1sp, date, party, state, unit) AS SELECT chf, s1sp, date, party, state, unit FROM authorisation;

CREATE VIEW row_led (s1sp, date, led, led_unit) AS SELECT s1sp, date, led, led_unit FROM authorisation WHERE led IS NOT NULL;

-- The installations at which a row waits for another supplier's, or for a unit: that it waits is all that others see of it (MAM-1).
CREATE VIEW row_waiting (chf, s1sp, date, party) AS
  SELECT chf, s1sp, date, party FROM authorisation WHERE state IN ('HELD', 'STANDBY', 'DEFERRED');

-- Whose outcome is not known is looked for beside what has none.
CREATE INDEX outcome_unknown ON outcome (s1sp, date) WHERE outcome = 'UNKNOWN';
