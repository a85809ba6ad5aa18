//! Reading waits for nobody and fails because of nothing that is due.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod scenario;

use scenario::{Database, Kind};
use sluice_service::service::Service;
use sluice_store::{Store, Url};
use std::path::Path;
use std::process::{Command, Output};

fn sluice(address: &str, line: &str) -> Output {
    let given = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios-base/programme/given");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.args(line.split(' ')).current_dir(given).env("SLUICE_DATABASE", address);
    command.output().unwrap()
}

#[test]
fn reading_goes_on_while_another_command_is_at_work_and_says_that_more_is_due() {
    for kind in Kind::all() {
        let place = Database::new(kind);
        let url: Url = place.address.parse().unwrap();
        for line in [
            "init --simulated --now 2021-06-01T09:00:00+01:00",
            "import parties parties.csv",
            "import capacity capacity.csv",
        ] {
            assert!(sluice(&place.address, line).status.success(), "{line}");
        }
        // The cut-off has passed, and no command has come since.
        Service::open(&url).unwrap().set_clock("2021-07-05T18:00:00+01:00".parse().unwrap()).unwrap();
        let mut rival = Store::open(&url).unwrap();
        let act = rival.decide().unwrap();
        let show = || {
            let output = sluice(&place.address, "week show 2021-07-26");
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (output.status.code(), text(&output.stdout), text(&output.stderr))
        };
        let (status, shown, told) = show();
        assert!(status == Some(0) && shown.starts_with("Migration Week of 2021-07-26"), "{shown}{told}");
        assert!(told.contains("another command is at work"), "{told}");
        drop(act);
        let (status, _, told) = show();
        assert!(status == Some(0) && told.is_empty(), "{told}");
    }
}
