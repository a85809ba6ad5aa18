use super::*;

#[test]
fn words_are_read_in_any_case_and_written_in_one() {
    assert_eq!("moc (secure)".parse(), Ok(Cohort::MocSecure));
    assert_eq!(Cohort::MocSecure.to_string(), "MOC (Secure)");
    assert_eq!("Active".parse(), Ok(MeterStatus::Active));
    assert_eq!("asleep".parse::<MeterStatus>().unwrap_err().to_string(), "expected one of ACTIVE, DORMANT");
}

#[test]
fn a_market_participant_id_has_three_or_four_letters_and_digits() {
    assert_eq!("abcd".parse::<Mpid>().unwrap().as_str(), "ABCD");
    assert_eq!("xyz".parse::<Mpid>().unwrap().to_string(), "XYZ");
    for text in ["", "AB", "ABCDE", "AB-D", "ÄBC"] {
        assert!(text.parse::<Mpid>().is_err(), "{text}");
    }
}

#[test]
fn a_device_model_combination_keeps_its_case() {
    let longest = "x".repeat(DMC_LENGTH);
    for text in ["DMC-0001", "a/b_c.D", &longest] {
        assert_eq!(text.parse::<Dmc>().map(|dmc| dmc.to_string()), Ok(text.to_owned()));
    }
    assert_ne!("a".parse::<Dmc>(), "A".parse::<Dmc>());
    for text in ["", "a b", "a,b", "é", "a:b", &(longest.clone() + "x")] {
        assert_eq!(text.parse::<Dmc>(), Err(DmcError), "{text}");
    }
}
