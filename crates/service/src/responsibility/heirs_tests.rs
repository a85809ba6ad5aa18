use super::*;
use sluice_rules::installation::Fuel;

fn event(id: i64, kind: EventKind, from: &str, to: &str, whole: bool) -> ResponsibilityEvent {
    ResponsibilityEvent {
        id,
        kind,
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        mpids: vec![(Fuel::Electricity, "ABCD".parse().unwrap())],
        effective: Timestamp::UNIX_EPOCH,
        recorded_at: Timestamp::UNIX_EPOCH,
        recorded_by: String::new(),
        reason: String::new(),
        done_at: Some(Timestamp::UNIX_EPOCH),
        cancelled_at: None,
        whole,
    }
}

#[test]
fn mam_11_who_took_everything_over_stands_in_the_place_of_a_party_and_nobody_in_that_of_one_that_failed() {
    let heirs = Heirs {
        events: vec![
            event(1, EventKind::Transfer, "AAA", "BBB", true),
            event(2, EventKind::Transfer, "CCC", "DDD", false),
            event(3, EventKind::Transfer, "BBB", "DDD", true),
            event(4, EventKind::Appointment, "EEE", "DDD", true),
        ],
    };
    let of = |party: &str| heirs.of(party.parse().unwrap(), 0).map(|party| party.to_string());
    assert_eq!(["AAA", "BBB", "CCC", "DDD"].map(|party| of(party).unwrap()), ["DDD", "DDD", "CCC", "DDD"]);
    assert_eq!(of("EEE"), None);
}

#[test]
fn mam_11_what_a_party_had_is_with_who_took_it_over_from_the_day_of_the_event_on() {
    let heirs = Heirs {
        events: vec![
            event(1, EventKind::Transfer, "AAA", "BBB", true),
            event(2, EventKind::Transfer, "CCC", "DDD", false),
            event(3, EventKind::Appointment, "BBB", "DDD", true),
        ],
    };
    let on = |party: &str, day: i16| {
        heirs
            .holder(
                party.parse().unwrap(),
                jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day)),
                0,
            )
            .to_string()
    };
    assert_eq!([on("AAA", -1), on("AAA", 0), on("AAA", 1)], ["AAA", "BBB", "BBB"]);
    assert_eq!([on("BBB", 1), on("CCC", 1)], ["BBB", "CCC"], "neither a failure nor a single id passes demand");
}

#[test]
fn mam_11_what_failed_after_it_took_over_leaves_nobody() {
    let heirs = Heirs {
        events: vec![
            event(1, EventKind::Transfer, "AAA", "BBB", true),
            event(2, EventKind::Appointment, "BBB", "CCC", true),
        ],
    };
    assert_eq!(["AAA", "BBB"].map(|party| heirs.of(party.parse().unwrap(), 0)), [None, None]);
}

#[test]
fn msm_13_demand_that_passed_with_rows_counts_for_who_has_it_now() {
    let day = jiff::civil::date(2021, 7, 26);
    let party = |code: &str| code.parse::<Party>().unwrap();
    let line = |code: &str, demand| ResultLineRecord {
        date: day,
        party: party(code),
        demand,
        counted: demand,
        flat: 0,
        entitlement: String::new(),
        rank: None,
        extra: false,
        allocation: 0,
        opening: 0,
        closing: 0,
        beside: None,
        derivation: String::new(),
    };
    // Three units of AAA went to CCC with rows, then all of BBB to DDD, and EEE failed with two of its four adopted by DDD.
    let heirs = Heirs {
        events: vec![
            event(1, EventKind::Transfer, "AAA", "CCC", false),
            event(2, EventKind::Transfer, "BBB", "DDD", true),
            event(3, EventKind::Appointment, "EEE", "DDD", true),
        ],
    };
    let wanted = Moved::from([("AAA", -3), ("CCC", 3), ("DDD", 2)].map(|(code, units)| ((day, party(code)), units)));
    let noted = [("AAA", 1, -3), ("CCC", 1, 3), ("EEE", 3, -2), ("DDD", 3, 2)];
    let noted = noted.map(|(code, event, units)| PassedDemand { date: day, party: party(code), event, units });
    assert_eq!(with_heirs(noted.to_vec(), |party, _, after| heirs.of(party, after)), wanted);
    // Where nothing was noted, what stands tells it.
    let lines = [line("AAA", 4), line("BBB", 5), line("DDD", 1), line("EEE", 4)];
    let user_id = "70-B3-D5-1F-30-00-A0-08".parse().unwrap();
    let standing = [("AAA", 1), ("CCC", 3), ("DDD", 8), ("EEE", 2)];
    let standing = standing.map(|(code, units)| Demand { date: day, party: party(code), user_id, units });
    assert_eq!(with_heirs(difference(&lines, &standing), |party, _, after| heirs.of(party, after)), wanted);
}

#[test]
fn msm_13_what_comes_back_after_everything_has_passed_is_not_given_away_again() {
    let day = jiff::civil::date(2021, 7, 26);
    let party = |code: &str| code.parse::<Party>().unwrap();
    let noted = |code: &str, event, units| PassedDemand { date: day, party: party(code), event, units };
    let heirs = Heirs {
        events: vec![
            event(1, EventKind::Transfer, "CCC", "AAA", false),
            event(2, EventKind::Transfer, "AAA", "BBB", true),
            event(3, EventKind::Transfer, "BBB", "AAA", false),
        ],
    };
    // Two came to AAA before it passed everything, three came back after it.
    let passed = vec![noted("CCC", 1, -2), noted("AAA", 1, 2), noted("BBB", 3, -3), noted("AAA", 3, 3)];
    let wanted = Moved::from([("CCC", -2), ("BBB", -1), ("AAA", 3)].map(|(code, units)| ((day, party(code)), units)));
    assert_eq!(with_heirs(passed.clone(), |party, _, after| heirs.of(party, after)), wanted);
    assert_eq!(with_heirs(passed, |party, day, after| Some(heirs.holder(party, day, after))), wanted);
    assert_eq!(heirs.last(), 3);
    // What earlier programs noted without an order goes with all that has passed since.
    let old = with_heirs(vec![noted("AAA", 0, 3)], |party, _, after| heirs.of(party, after));
    assert_eq!(old, Moved::from([((day, party("BBB")), 3)]));
}

#[test]
fn mam_11_events_of_one_moment_count_in_the_order_in_which_they_were_done() {
    let at = |minutes: i64| Timestamp::from_second(60 * minutes).unwrap();
    let of = |id, from: &str, to: &str, whole, effective, recorded| ResponsibilityEvent {
        effective: at(effective),
        recorded_at: at(recorded),
        done_at: Some(at(20)),
        ..event(id, EventKind::Transfer, from, to, whole)
    };
    // The clock did 2 before 1; 3, which holds from a moment that was past, was done when it was recorded.
    let mut events =
        vec![of(1, "AAA", "CCC", true, 12, 0), of(2, "AAA", "DDD", false, 11, 5), of(3, "CCC", "AAA", false, 3, 20)];
    in_order(&mut events, 5);
    assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), [2, 1, 3]);
    let heirs = Heirs { events };
    let of = |after| heirs.of("AAA".parse().unwrap(), after).map(|party| party.to_string());
    assert_eq!([of(2).as_deref(), of(1).as_deref(), of(3).as_deref()], [Some("CCC"), Some("AAA"), Some("AAA")]);
    assert_eq!(heirs.last(), 3);
    let mut before = heirs.events;
    in_order(&mut before, 4);
    assert_eq!(before.iter().map(|event| event.id).collect::<Vec<_>>(), [1, 2, 3]);
}
