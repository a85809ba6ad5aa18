use super::*;

#[test]
fn msm_1_codes_are_folded_to_upper_case() {
    let party: Party = "aaa123".parse().unwrap();
    assert_eq!(party.as_str(), "AAA123");
    assert_eq!("A234567890123456".parse::<S1sp>().unwrap().as_str(), "A234567890123456");
}

#[test]
fn msm_1_other_characters_and_lengths_are_no_codes() {
    for text in ["", "A2345678901234567", "AAA 123", "AAA-123", "ÄAA", "AAA\u{0}"] {
        assert_eq!(text.parse::<Party>(), Err(IdentifierError::Code), "{text}");
    }
}

#[test]
fn codes_sort_as_their_text() {
    let mut codes: Vec<Party> = ["B", "A1", "A", "A0Z"].iter().map(|text| text.parse().unwrap()).collect();
    codes.sort();
    assert_eq!(codes.iter().map(Party::as_str).collect::<Vec<_>>(), ["A", "A0Z", "A1", "B"]);
}

#[test]
fn a_user_id_is_read_in_every_form_and_printed_in_one() {
    for text in ["70-B3-D5-1F-30-00-A0-08", "70-b3-d5-1f-30-00-a0-08", "70B3D51F3000A008", "70b3d51f3000a008"] {
        let id: Eui64 = text.parse().unwrap();
        assert_eq!(id.to_string(), "70-B3-D5-1F-30-00-A0-08");
    }
    for text in ["70-B3-D5-1F-30-00-A0-0", "70-B3-D5-1F-30-00-A0-0G", "70:B3:D5:1F:30:00:A0:08", "+0B3D51F3000A008", ""]
    {
        assert_eq!(text.parse::<Eui64>(), Err(IdentifierError::Eui64), "{text}");
    }
}
