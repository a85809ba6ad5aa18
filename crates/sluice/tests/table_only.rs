//! The way that keeps nothing in memory gives the same bytes as the whole one, and has no limit of S1SPs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A table of so many S1SPs, each with three days of three parties that ask for more than there is.
fn programme(folder: &Path, s1sps: usize) {
    let mut capacity = "S1SP,Migration Date,Total Capacity,Dormant Reserve\n".to_owned();
    let mut demand = "Party,S1SP,Migration Date,Demand\n".to_owned();
    for number in 0..s1sps {
        for day in 26..29 {
            writeln!(capacity, "X{number:05},2021-07-{day},{},1", 11 + number % 7).unwrap();
            for (party, units) in [("A", 7), ("B", 7), ("C", number % 5)] {
                writeln!(demand, "{party},X{number:05},2021-07-{day},{units}").unwrap();
            }
        }
    }
    fs::write(folder.join("capacity.csv"), capacity).unwrap();
    fs::write(folder.join("demand.csv"), demand).unwrap();
}

fn scale(folder: &Path, out: &str, more: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_sluice"))
        .args(["scale", "--capacity", "capacity.csv", "--demand-table", "demand.csv", "--out", out])
        .args(more)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn msm_10_both_ways_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    programme(folder.path(), 40);
    scale(folder.path(), "whole", &["--dmin", "2"]);
    scale(folder.path(), "table", &["--dmin", "2", "--table-only"]);
    for name in ["allocation.csv", "balances.csv"] {
        let read = |out: &str| fs::read(folder.path().join(out).join(name)).unwrap();
        assert!(read("whole") == read("table"), "{name}");
    }
}

#[test]
fn msm_1_any_number_of_s1sps_is_scaled() {
    let folder = tempfile::tempdir().unwrap();
    programme(folder.path(), 20_000);
    scale(folder.path(), "table", &["--table-only"]);
    let table = fs::read_to_string(folder.path().join("table/allocation.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 20_000 * 9);
}
