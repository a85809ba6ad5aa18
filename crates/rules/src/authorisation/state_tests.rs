use super::*;

#[test]
fn out_4_a_migration_is_final() {
    assert_eq!(Progress::of(true, true, [State::Scheduled]), Progress::Migrated);
    assert!(Progress::Migrated.next().is_empty());
}

#[test]
fn mam_1_an_installation_shows_the_furthest_of_its_live_authorisations() {
    for (states, expected) in [
        (&[][..], Progress::Open),
        (&[State::Held], Progress::Requested),
        (&[State::Standby], Progress::Requested),
        (&[State::Deferred], Progress::Requested),
        (&[State::Stopped], Progress::Requested),
        (&[State::Suspended], Progress::Requested),
        (&[State::Unknown], Progress::Scheduled),
        (&[State::Held, State::Accepted], Progress::Authorised),
        (&[State::Scheduled, State::Held], Progress::Scheduled),
        (&[State::Moved, State::Withdrawn, State::Lapsed, State::Expired], Progress::Open),
        (&[State::Failed, State::NotAttempted], Progress::Open),
    ] {
        assert_eq!(Progress::of(false, false, states.iter().copied()), expected, "{states:?}");
    }
}

#[test]
fn exc_1_an_exclusion_shows_when_nothing_is_live_any_more() {
    assert_eq!(Progress::of(false, true, [State::Lapsed]), Progress::Excluded);
    assert_eq!(Progress::of(false, true, [State::Scheduled]), Progress::Scheduled);
}

#[test]
fn mam_5_live_is_what_may_still_lead_to_a_migration() {
    let live: Vec<_> = State::ALL.iter().copied().filter(|state| state.is_live()).collect();
    let open = [State::Accepted, State::Held, State::Standby, State::Deferred, State::Scheduled];
    assert_eq!(live, [&open[..], &[State::Stopped, State::Suspended, State::Unknown]].concat());
    // Of these a step leads to the schedule, by way of others perhaps.
    for state in live {
        let mut reached = vec![state];
        for _ in State::ALL {
            reached.extend(reached.clone().into_iter().flat_map(State::next).copied());
            reached.sort_unstable();
            reached.dedup();
        }
        assert!(reached.contains(&State::Migrated), "{state}");
    }
}

#[test]
fn mam_5_staying_is_no_step() {
    assert!(State::ALL.iter().all(|&state| !state.may_become(state)));
    assert!(Progress::ALL.iter().all(|&state| !state.may_become(state)));
}

#[test]
fn mam_5_words_are_read_back() {
    for &state in State::ALL {
        assert_eq!(state.word().parse(), Ok(state));
    }
    for &verdict in Verdict::ALL {
        assert_eq!(verdict.word().parse(), Ok(verdict));
    }
    assert_eq!("no-change".parse(), Ok(Verdict::NoChange));
    // The list in the message is the list of words.
    let words = |all: Vec<&str>| all.join(", ");
    let message = "".parse::<State>().unwrap_err().to_string();
    assert!(message.ends_with(&words(State::ALL.iter().map(|state| state.word()).collect())), "{message}");
    let message = "".parse::<Progress>().unwrap_err().to_string();
    assert!(message.ends_with(&words(Progress::ALL.iter().map(|state| state.word()).collect())), "{message}");
    let message = "".parse::<Verdict>().unwrap_err().to_string();
    assert!(message.ends_with(&words(Verdict::ALL.iter().map(|verdict| verdict.word()).collect())), "{message}");
}
