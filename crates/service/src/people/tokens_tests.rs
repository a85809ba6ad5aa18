use super::*;

#[test]
fn acc_1_a_slip_in_a_token_is_told_without_any_of_it() {
    let token = Secret::new().unwrap().shown_once();
    assert_eq!(token.len(), "sluice_".len() + 64 + 8);
    assert!(Secret::given(&format!(" {token}\n")).is_ok());
    let body = &token["sluice_".len()..];
    let swapped = format!("sluice_{}{}", &body[1..], &body[..1]);
    let longer = format!("{token}0");
    let shorter = &token[..token.len() - 1];
    let foreign = format!("sluice_{}é{}", &body[..63], &body[66..]);
    for wrong in [&swapped, &longer, shorter, body, &token.to_uppercase(), &foreign, "", "sluice_"] {
        let error = Secret::given(wrong).err().unwrap().to_string();
        assert!(error.contains("not whole"), "{error}");
        assert!(!error.contains(&body[8..16]), "{error}");
    }
}

#[test]
fn acc_1_no_two_tokens_are_the_same() {
    let [one, other] = [Secret::new().unwrap(), Secret::new().unwrap()];
    assert_ne!(one.digest(), other.digest());
    assert_ne!(new_id().unwrap(), new_id().unwrap());
}
