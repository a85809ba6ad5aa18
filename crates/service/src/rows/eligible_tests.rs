use super::*;
use crate::rows::propose::propose;
use crate::service::{ImportFile, Service};
use jiff::Timestamp;
use sluice_rules::reference::ReferenceKind;
use sluice_store::Url;

/// 09:00 on Tuesday 6 July 2021.
const AT: Timestamp = Timestamp::constant(1_625_558_400, 0);

const PARTIES: &str =
    "Party,Name,Role,User IDs,Electricity MPIDs,Gas MPIDs,S1SP,Operations Contact,Out-of-hours Contact
AAA123,A,SUPPLIER,70-B3-D5-1F-30-00-A0-08,ALPH,ALG,,,
BBB456,B,SUPPLIER,70-B3-D5-1F-30-00-B0-01,BETA,BEG,,,
CGI,C,S1SP,70-B3-D5-1F-30-00-F0-01,,,CGI,,
";

#[test]
fn acc_1_a_list_is_given_to_its_party_and_to_dcc_alone() {
    let folder = tempfile::tempdir().unwrap();
    let url: Url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    let mut service = Service::create(&url, true).unwrap();
    let console = Actor::console();
    let file = ImportFile {
        kind: ReferenceKind::Parties,
        name: "parties.csv",
        bytes: PARTIES.as_bytes().to_vec(),
        as_at: None,
        approve: None,
        only_shown: false,
    };
    service.import(AT, &console, file).unwrap();
    let [own, other]: [Party; 2] = ["AAA123", "BBB456"].map(|code| code.parse().unwrap());
    let (s1sp, monday): (S1sp, Date) = ("CGI".parse().unwrap(), jiff::civil::date(2021, 7, 26));
    for reader in [Actor::supplier(own), Actor::console()] {
        let lines = service.look(AT, &console, |work| list(work, &reader, own, s1sp, monday)).unwrap();
        assert!(lines.is_empty());
    }
    for reader in [Actor::supplier(other), Actor::observer(other)] {
        let listed = service.look(AT, &console, |work| list(work, &reader, own, s1sp, monday)).unwrap_err();
        let proposed = service.look(AT, &console, |work| propose(work, &reader, own, s1sp, monday)).unwrap_err();
        for error in [listed, proposed] {
            assert!(error.to_string().contains("of AAA123 is for AAA123 and DCC"), "{error}");
        }
    }
}
