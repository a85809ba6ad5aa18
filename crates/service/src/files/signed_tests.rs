use super::*;
use jiff::Timestamp;

/// The first test vector of RFC 8032, 7.1.
const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn key() -> ReceiptKey {
    key_of(bytes_of(SEED).unwrap().try_into().unwrap()).unwrap()
}

fn receipt() -> SignedReceipt {
    let arrival = Arrival {
        id: "0123456789abcdef0123456789abcdef".to_owned(),
        party: "HARBOUR7".parse().unwrap(),
        actor: String::new(),
        channel: "CLI".to_owned(),
        name: "DC \"of\" Zoë\n.csv".to_owned(),
        size: 3,
        digest: Some([7; 32]),
        at: "2021-07-05T15:59:59.999Z".parse::<Timestamp>().unwrap(),
        taken: None,
        why: None,
        place: 0,
        confirm: false,
    };
    Said::of(&arrival).sign(&key()).unwrap()
}

#[test]
fn mam_9_the_text_that_is_signed_is_what_the_manual_says() {
    assert_eq!(hexadecimal(&key().public), PUBLIC);
    let wanted = concat!(
        "sluice receipt 1\n",
        r#"{"id":"0123456789abcdef0123456789abcdef","party":"HARBOUR7","name":"DC \"of\" Zoë\n.csv","size":3,"#,
        r#""sha256":"0707070707070707070707070707070707070707070707070707070707070707","#,
        r#""arrived_at":"2021-07-05T15:59:59.999Z"}"#
    );
    assert_eq!(receipt().receipt.text().unwrap(), wanted);
}

#[test]
fn mam_9_a_receipt_verifies_as_it_was_signed_and_not_otherwise() {
    assert!(receipt().is_as_signed());
    let changes: [fn(&mut SignedReceipt); 9] = [
        |one| one.receipt.id.replace_range(..1, "1"),
        |one| one.receipt.party = "HARBOUR8".to_owned(),
        |one| one.receipt.name.push(' '),
        |one| one.receipt.size += 1,
        |one| one.receipt.sha256 = None,
        |one| one.receipt.arrived_at = "2021-07-05T15:59:58.999Z".to_owned(),
        |one| one.key.replace_range(..2, "00"),
        |one| one.signature.replace_range(..2, "00"),
        |one| one.signature.truncate(2),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut changed = receipt();
        change(&mut changed);
        assert!(!changed.is_as_signed(), "change {number}");
    }
}
