//! A simulation that finds nothing must be one that could: bugs are put in, and each must be found within the seeds of the
//! short suite, by the check that is meant for it. `scripts/mutants simulation` does the same with bugs in the program.

use sluice_sim::place::Place;
use sluice_sim::{Bug, SimError, Trace, simulate};

/// The seeds of the short suite.
const SEEDS: u64 = 50;

/// Plays seeds until the bug was written, and gives what was found then.
fn found(bug: &'static str) -> String {
    let place = Place::sqlite().unwrap_or_else(|error| panic!("{error}"));
    for seed in 1..=SEEDS {
        let trace = Trace::default();
        let result = simulate(seed, &place, true, &trace, Some(Bug(bug)));
        let written = trace.steps().iter().any(|step| step.contains("the bug is in"));
        match result {
            Err(SimError::Found(words)) if written => return words,
            Err(error) => panic!("{error}"),
            Ok(_) => assert!(!written, "nobody noticed: {bug}"),
        }
    }
    panic!("there was nothing to write it to: {bug}")
}

macro_rules! seeded {
    ($($name:ident: $sql:literal => $words:literal;)*) => {
        $(#[test]
        fn $name() {
            let words = found($sql);
            assert!(words.contains($words), "{words}");
        })*
    };
}

seeded! {
    a_withdrawn_row_keeps_its_unit:
        "UPDATE authorisation SET state = 'HELD', unit = 1 WHERE state = 'WITHDRAWN'"
        => "its steps end at WITHDRAWN";
    a_unit_is_kept_no_more:
        "UPDATE authorisation SET led_unit = 1 WHERE led_unit = 2"
        => "is not kept with";
    a_unit_is_used_that_was_not_allocated:
        "UPDATE allocation SET units = units - 1 WHERE units > 0 AND units = \
         (SELECT sum(unit) FROM authorisation WHERE authorisation.s1sp = allocation.s1sp \
          AND authorisation.date = allocation.date AND authorisation.party = allocation.party)"
        => "units of";
    more_is_allocated_than_there_is:
        "UPDATE allocation SET units = units + 100"
        => "are allocated of";
    a_row_waits_beside_a_free_unit:
        "UPDATE allocation SET units = units + 1 WHERE EXISTS (SELECT 1 FROM authorisation \
         WHERE authorisation.s1sp = allocation.s1sp AND authorisation.date = allocation.date \
         AND authorisation.party = allocation.party AND state = 'STANDBY') \
         AND NOT EXISTS (SELECT 1 FROM schedule WHERE schedule.s1sp = allocation.s1sp AND schedule.date = allocation.date)"
        => "is STANDBY for";
    the_other_supplier_s_row_is_forgotten:
        "UPDATE authorisation SET state = 'ACCEPTED' WHERE state = 'HELD' AND unit = 1"
        => "and needs";
    a_schedule_holds_what_nobody_authorised:
        "INSERT INTO schedule_line (s1sp, date, version, chf, type, attempt) \
         SELECT schedule.s1sp, schedule.date, max(version), min(authorisation.chf), 'ACTIVE', 1 \
         FROM schedule, authorisation WHERE state = 'LAPSED' AND authorisation.s1sp = schedule.s1sp \
         AND authorisation.date <> schedule.date AND schedule.date > (SELECT CAST(strftime('%Y%m%d', at / 1000, 'unixepoch') \
         AS INTEGER) FROM audit ORDER BY seq DESC LIMIT 1) GROUP BY schedule.s1sp, schedule.date"
        => "the schedule of";
    a_schedule_misses_what_stands:
        "DELETE FROM schedule_line"
        => "and not in its schedule";
    an_excluded_installation_stays_scheduled:
        "INSERT INTO exclusion (chf, fuel, origin, category, effective) \
         SELECT chf, '', 'BUG', 'OTHER', date FROM authorisation WHERE state = 'SCHEDULED'"
        => "which is excluded";
    a_lapsed_row_says_no_reason:
        "UPDATE authorisation SET codes = '' WHERE state = 'LAPSED'"
        => "without a code";
    a_file_is_lost:
        "DELETE FROM misnamed"
        => "is answered 0 times";
    a_row_of_a_file_is_not_answered:
        "DELETE FROM answer WHERE file IN (SELECT id FROM file WHERE kind = 'MA')"
        => "answered are";
    a_demand_is_not_that_of_its_file:
        "UPDATE demand SET units = units + 1"
        => "the demand that stands is not that of the files";
    a_balance_is_made_out_of_nothing:
        "UPDATE balance SET nano = nano + 1"
        => "rounding made";
    a_party_has_more_units_than_it_asked_for:
        "UPDATE allocation SET units = units + 50"
        => "and a demand of";
    an_act_is_not_in_the_log:
        "DELETE FROM audit WHERE kind = 'scale'"
        => "the log ends with act";
    the_log_is_altered:
        "UPDATE audit SET program = 'another' WHERE seq = (SELECT max(seq) FROM audit) AND kind = 'lock'"
        => "the leaf of act";
    what_a_day_dropped_is_counted_wrong:
        "UPDATE day_count SET units = units + 1 WHERE what = 'DROPPED'"
        => "day_count has Some";
    rows_of_a_file_are_not_counted:
        "DELETE FROM file_count WHERE state = 'LAPSED'"
        => "file_count has None";
    something_is_told_that_no_act_tells:
        "UPDATE notice SET words = 'nothing'"
        => "a replay differs: table notice is not the same";
}
