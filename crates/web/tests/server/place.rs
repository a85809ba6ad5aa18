//! A small simulated programme, an account for everybody, and a server on it.

use super::client::Client;
use jiff::Timestamp;
use jiff::civil::{date, time};
use sluice_rules::calendar::local;
use sluice_rules::reference::ReferenceKind;
use sluice_rules::role::Role;
use sluice_service::act::actor::Actor;
use sluice_service::people::accounts::{AddUser, DisableUser};
use sluice_service::people::tokens::{RevokeToken, Secret};
use sluice_service::service::{ImportFile, Service};
use sluice_store::{Store, Url};
use sluice_web::{Server, Settings};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tempfile::TempDir;

/// Who asks. `NOBODY` has no token; the tokens of the last two are not taken any more.
pub const CALLERS: [&str; 9] =
    ["NOBODY", "alpha", "beta", "provider", "operator", "approver", "observer", "disabled", "revoked"];

pub const DEMAND: &str = "Migration Date,Demand\n2021-07-26,1\n2021-07-27,2\n2021-07-28,3\n2021-07-29,4\n2021-07-30,5\n2021-07-31,0\n2021-08-01,0\n";
pub const OF_ALPHA: &str = "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv";
pub const OF_BETA: &str = "DC_BBB456_70-B3-D5-1F-30-00-B0-01_CGI_20210726.csv";

/// A moment of the day on which demand for the week of 26 July is cut off at 17:00.
pub fn at(hour: i8, minute: i8) -> Timestamp {
    local(date(2021, 7, 5), time(hour, minute, 0, 0)).unwrap().timestamp()
}

pub struct Place {
    pub url: Url,
    pub tokens: BTreeMap<&'static str, String>,
    pub server: Option<Server>,
    pub address: SocketAddr,
    _folder: TempDir,
}

impl Place {
    /// A programme with a server: in a file, and where there is a server to test with in a schema of it.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::all_with(|settings| settings)
    }

    /// The same by settings.
    pub fn all_with(settings: impl Fn(Settings) -> Settings) -> impl Iterator<Item = Self> {
        let server = std::env::var("SLUICE_TEST_POSTGRES").ok().map(Some);
        [None].into_iter().chain(server).map(move |server| Self::at(server.as_deref(), &settings))
    }

    fn at(server: Option<&str>, settings: &impl Fn(Settings) -> Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url: Url = match server {
            Some(server) => {
                let name = format!("web_{}", Service::server_id().unwrap());
                server.parse::<Url>().unwrap().with_schema(&name).unwrap()
            }
            None => format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap(),
        };
        let mut service = Service::create(&url, true).unwrap();
        let now = service.moment(Some(at(9, 0))).unwrap();
        for (kind, text) in [
            (ReferenceKind::Parties, include_str!("../../../../scenarios-base/programme/given/parties.csv")),
            (ReferenceKind::Capacity, include_str!("../../../../scenarios-base/programme/given/capacity.csv")),
        ] {
            let (name, bytes) = (format!("{kind}.csv"), text.as_bytes().to_vec());
            let file = ImportFile { kind, name: &name, bytes, as_at: None, approve: None, only_shown: false };
            service.import(now, &Actor::console(), file).unwrap();
        }
        let tokens = CALLERS.iter().filter_map(|name| Some((*name, token(&mut service, now, name)?))).collect();
        service.catch_up(now).unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let settings =
            settings(Settings { listen, moves_clock: true, requests_a_minute: 100_000, ..Settings::default() });
        let server = Server::start(service, settings).unwrap_or_else(|error| panic!("{error}"));
        Self { url, tokens, address: server.address(), server: Some(server), _folder: folder }
    }

    pub fn client(&self, name: &str) -> Client<'_> {
        Client { to: self.address, token: self.tokens.get(name).map(String::as_str) }
    }

    /// Another service on the database, as a command has it.
    pub fn service(&self) -> Service {
        Service::open(&self.url).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.server.take());
        drop(Store::open(&self.url).and_then(Store::remove));
    }
}

/// Adds an account and gives a token of it.
fn token(service: &mut Service, now: Timestamp, name: &str) -> Option<String> {
    let (role, party) = match name {
        "NOBODY" => return None,
        "alpha" | "disabled" | "revoked" => (Role::Supplier, Some("AAA123")),
        "beta" => (Role::Supplier, Some("BBB456")),
        "provider" => (Role::S1sp, Some("CGI")),
        "operator" => (Role::Operator, None),
        "approver" => (Role::Approver, None),
        "observer" => (Role::Observer, None),
        other => panic!("{other}"),
    };
    let party = party.map(|party| party.parse().unwrap());
    let (by, name) = (Actor::console(), name.to_owned());
    service.act(now, &by, AddUser { name: name.clone(), role, party, approve: None }).unwrap();
    let secret = Secret::new().unwrap();
    let (id, _) = service.make_token(now, &by, (&name, 30), &secret).unwrap();
    match name.as_str() {
        "disabled" => service.act(now, &by, DisableUser { name, approve: None }).unwrap(),
        "revoked" => service.act(now, &by, RevokeToken { id, approve: None }).unwrap(),
        _ => {}
    }
    Some(secret.shown_once())
}
