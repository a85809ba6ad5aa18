use super::*;

#[test]
fn ma102_takes_13_digits_with_the_right_check_digit() {
    for twelve in [120_000_000_000_u64, 100_123_456_789, 999_999_999_999, 200_000_000_007] {
        let check = Mpan::check_digit(twelve);
        for digit in 0..10 {
            let read = format!("{twelve}{digit}").parse::<Mpan>();
            assert_eq!(read.is_ok(), digit == check, "{twelve}{digit}");
        }
    }
    // Worked by hand: 3·1 + 5·2 + 7·0 … = 13, 13 mod 11 mod 10 = 2.
    assert_eq!("1200000000002".parse::<Mpan>().unwrap().to_string(), "1200000000002");
}

#[test]
fn ma102_names_what_is_wrong() {
    assert_eq!("120000000000".parse::<Mpan>(), Err(MpanError::Digits));
    assert_eq!("12000000000O2".parse::<Mpan>(), Err(MpanError::Digits));
    assert_eq!("1200000000003".parse::<Mpan>(), Err(MpanError::CheckDigit));
    assert_eq!("1.20006E+12".parse::<Mpan>(), Err(MpanError::Rounded));
    assert_eq!("1E12".parse::<Mpan>(), Err(MpanError::Rounded));
    assert_eq!("E12".parse::<Mpan>(), Err(MpanError::Digits));
}

#[test]
fn ma103_takes_6_to_10_digits() {
    for text in ["123456", "1234567890", "000001"] {
        assert_eq!(text.parse::<Mprn>().unwrap().to_string(), text);
    }
    for text in ["12345", "12345678901", "12345A", ""] {
        assert_eq!(text.parse::<Mprn>(), Err(MprnError), "{text}");
    }
}
