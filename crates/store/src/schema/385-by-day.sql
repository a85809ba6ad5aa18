-- To others than its supplier the state of a row is told in other words (MSM-14), by which no index finds it: what they see of a day is
-- found by the day.
CREATE INDEX authorisation_of_day ON authorisation (s1sp, date);
