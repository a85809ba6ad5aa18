//! A bundle verifies as it was written, and not at all once a single figure in it is another.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const MONDAY: &str = "20210726";

fn sluice(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sluice")).args(arguments).current_dir(folder).output().unwrap()
}

fn demand(units: &[u64; 7]) -> String {
    let days = ["07-26", "07-27", "07-28", "07-29", "07-30", "07-31", "08-01"];
    let lines = days.iter().zip(units).map(|(day, units)| format!("2021-{day},{units}\n"));
    format!("Migration Date,Demand\n{}", lines.collect::<String>())
}

/// Three parties with four files: one refused with its bytes in the bundle, one refused and too large to be kept.
fn scaled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let inbound = folder.path().join("inbound");
    fs::create_dir(&inbound).unwrap();
    let mut capacity = "S1SP,Migration Date,Total Capacity,Dormant Reserve\n".to_owned();
    for day in ["07-26", "07-27", "07-28"] {
        capacity.push_str(&format!("CGI,2021-{day},251,20\n"));
    }
    fs::write(folder.path().join("capacity.csv"), capacity).unwrap();
    fs::write(folder.path().join("eligible.csv"), "Party,S1SP,Eligible\nAAA123,CGI,300\nBBB456,CGI,900\n").unwrap();
    fs::write(folder.path().join("balances.csv"), "Party,S1SP,Balance\nAAA123,CGI,-7\nZZZ999,CGI,5\n").unwrap();
    let file = |party: &str, text: String| {
        fs::write(inbound.join(format!("DC_{party}_70-B3-D5-1F-30-00-A0-08_CGI_{MONDAY}.csv")), text).unwrap();
    };
    file("AAA123", demand(&[200, 150, 10, 0, 0, 0, 0]));
    file("BBB456", demand(&[130, 150, 20, 0, 0, 0, 0]));
    file("CCC789", demand(&[1, 2, 3, 4, 5, 6, 7]).replace(",3\n", ",three\n"));
    file("DDD012", format!("{}{}", demand(&[1; 7]), "2021-07-26,9\n".repeat(100_000)));
    let arguments =
        "scale --capacity capacity.csv --demand inbound --eligible eligible.csv --balances balances.csv --out out";
    let output = sluice(folder.path(), &arguments.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

fn verifies(folder: &Path, text: &str) -> bool {
    fs::write(folder.join("out/bundle.json"), text).unwrap();
    sluice(folder, &["verify", "out/bundle.json"]).status.success()
}

#[test]
fn msm_9_no_figure_of_a_bundle_can_be_changed() {
    let folder = scaled();
    let text = fs::read_to_string(folder.path().join("out/bundle.json")).unwrap();
    assert!(verifies(folder.path(), &text));
    // Every run of digits, wherever it stands, loses its last digit to another.
    let mut changed = 0;
    let bytes = text.as_bytes();
    for place in 0..bytes.len() {
        let last = bytes[place].is_ascii_digit() && !bytes.get(place + 1).is_some_and(u8::is_ascii_digit);
        if !last {
            continue;
        }
        let mut altered = bytes.to_vec();
        altered[place] = if bytes[place] == b'9' { b'0' } else { bytes[place] + 1 };
        let altered = String::from_utf8(altered).unwrap();
        let around = &text[place.saturating_sub(60)..(place + 20).min(text.len())];
        assert!(!verifies(folder.path(), &altered), "changed and not noticed: …{around}…");
        changed += 1;
    }
    assert!(changed > 400, "{changed} figures");
}

#[test]
fn msm_9_the_first_difference_is_named() {
    let folder = scaled();
    let text = fs::read_to_string(folder.path().join("out/bundle.json")).unwrap();
    let place = text.find("\"allocation\": ").unwrap() + "\"allocation\": ".len();
    let digits: String = text[place..].chars().take_while(char::is_ascii_digit).collect();
    let more = format!("{}{}{}", &text[..place], digits.parse::<u64>().unwrap() + 1, &text[place + digits.len()..]);
    fs::write(folder.path().join("out/bundle.json"), more).unwrap();
    let output = sluice(folder.path(), &["verify", "out/bundle.json"]);
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(words.contains("pools[CGI 2021-07-26].lines[AAA123].allocation: the bundle has"), "{words}");
}

#[test]
fn msm_9_a_changed_file_beside_the_bundle_is_named() {
    let folder = scaled();
    let path = folder.path().join("out/allocation.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen(",251", ",252", 1).replacen("Demand 200", "Demand 201", 1)).unwrap();
    let output = sluice(folder.path(), &["verify", "out/bundle.json"]);
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(words.contains("allocation.csv: differs from the recomputed file in line 2"), "{words}");
}

#[test]
fn msm_10_the_same_inputs_give_the_same_bytes() {
    let (first, second) = (scaled(), scaled());
    for entry in fs::read_dir(first.path().join("out")).unwrap() {
        let name = entry.unwrap().file_name();
        let read = |folder: &tempfile::TempDir| fs::read(folder.path().join("out").join(&name)).unwrap();
        assert_eq!(read(&first), read(&second), "{}", name.display());
    }
}

#[test]
fn rb_4_rulebooks_under_which_decisions_were_made_are_unchanged() {
    // A correction is a new version: whoever edits one of these files has to answer for this line.
    let known = [
        ("msm-4.0", "94af52d1a594df07eb4a39e4a9b57635adf64b84e7c2cf156ebed3f7f16a316f"),
        ("msm-5.0", "6d6d8ae180dce7015249ec8dfb70c4031718b956efd7ba9cb29d3a2a7ed25726"),
        ("mam-4.0", "9afd7bf378e2d08ac616d3572370ab93cf881e6201063062a9a9cc454b7a539d"),
        ("mam-5.0", "44edd170c3dc6a7e64f68e1f90c5e44b7a28b55a56dfafed14ba67df43e346da"),
    ];
    for (id, digest) in known {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../rulebooks/{id}.toml"));
        let found: String = Sha256::digest(fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, digest, "{id}");
    }
}
