use super::*;
use sluice_rules::file::{FileKind, FileStatus};

#[test]
fn msm_15_what_was_overtaken_stood_from_its_receipt_as_its_verdict_says() {
    let at = |hour: i64| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(hour);
    let file = |status, message: &str| FileRecord {
        status,
        message: message.to_owned(),
        verdict_at: Some(at(9)),
        id: 5,
        kind: FileKind::DemandCommitment,
        sender: "AAA".parse().unwrap(),
        user_id: None,
        s1sp: "CGI".parse().unwrap(),
        date: jiff::civil::date(2021, 7, 26),
        time: None,
        extension: String::new(),
        rulebook: String::new(),
        codes: String::new(),
        opened: None,
    };
    let overtaken = file(FileStatus::Replaced, "file 7, which came after it, was taken before it");
    let from = |engine, file: &FileRecord| stood_from(engine, file, at(1));
    assert_eq!(from(5, &overtaken), Some(at(1)));
    assert_eq!(from(4, &overtaken), Some(at(9)), "programs of before");
    assert_eq!(from(5, &file(FileStatus::Replaced, "confirmed by its sender")), Some(at(9)));
    assert_eq!(from(5, &file(FileStatus::Accepted, "")), Some(at(1)));
    // FI21: what was confirmed with its receipt would not have waited.
    let words = format!("confirmed by its sender; {}", overtaken.message);
    let confirmed = FileRecord { message: words, ..overtaken.clone() };
    assert_eq!(from(6, &confirmed), Some(at(1)));
    assert_eq!([&overtaken, &confirmed].map(is_unconfirmed), [true, false]);
}
