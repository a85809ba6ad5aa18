use super::*;
use crate::act::digests::sha256;
use crate::books::rulebooks::Books;
use crate::service::ImportFile;
use crate::service::arrive::random_id;
use crate::service::taking::Taken;
use jiff::SignedDuration;
use jiff::civil::{date, time};
use sluice_rules::calendar::{Milestone, local};
use sluice_rules::file::FileStatus;
use sluice_rules::reference::ReferenceKind;
use sluice_rules::rulebook::Value;
use sluice_store::tables::files;
use sluice_store::tables::issued;
use sluice_store::tables::record::{self, Packed};
use sluice_store::tables::weeks;
use sluice_store::{Options, Scope, Store, Url};

pub(in crate::service) const DEMAND: &str = "Migration Date,Demand\n2021-07-26,1\n2021-07-27,2\n2021-07-28,3\n2021-07-29,4\n2021-07-30,5\n2021-07-31,0\n2021-08-01,0\n";
pub(in crate::service) const OF_ALPHA: &str = "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv";
pub(in crate::service) const OF_BETA: &str = "DC_BBB456_70-B3-D5-1F-30-00-B0-01_CGI_20210726.csv";

/// A moment of the day on which demand for the week of 26 July is cut off at 17:00.
pub(in crate::service) fn at(hour: i8, minute: i8, second: i8) -> Timestamp {
    local(date(2021, 7, 5), time(hour, minute, second, 0)).unwrap().timestamp()
}

pub(in crate::service) fn alpha() -> Actor {
    Actor::supplier("AAA123".parse().unwrap())
}

pub(in crate::service) fn beta() -> Actor {
    Actor::supplier("BBB456".parse().unwrap())
}

/// A simulated programme in an empty place.
pub(in crate::service) struct Place {
    pub(in crate::service) url: Url,
    _folder: tempfile::TempDir,
}

impl Place {
    /// In a file, and where there is a server to test with in a schema of it.
    pub(in crate::service) fn all() -> Vec<Self> {
        let folder = || tempfile::tempdir().unwrap();
        let (file, none) = (folder(), folder());
        let url = format!("sqlite:{}", file.path().join("a.db").display()).parse().unwrap();
        let mut places = vec![Self { url, _folder: file }];
        if let Ok(server) = std::env::var("SLUICE_TEST_POSTGRES") {
            let name = format!("intake_{}", random_id().unwrap());
            let url = server.parse::<Url>().unwrap().with_schema(&name).unwrap();
            places.push(Self { url, _folder: none });
        }
        for place in &places {
            let mut service = Service::create(&place.url, true).unwrap();
            for (kind, text) in [
                (ReferenceKind::Parties, include_str!("../../../../scenarios-base/programme/given/parties.csv")),
                (ReferenceKind::Capacity, include_str!("../../../../scenarios-base/programme/given/capacity.csv")),
            ] {
                let (name, bytes) = (format!("{kind}.csv"), text.as_bytes().to_vec());
                let file = ImportFile { kind, name: &name, bytes, as_at: None, approve: None, only_shown: false };
                service.import(at(9, 0, 0), &Actor::console(), file).unwrap();
            }
            service.catch_up(at(9, 0, 0)).unwrap();
        }
        places
    }

    /// What a process has of it that waits for nobody for long.
    pub(in crate::service) fn process(&self) -> Service {
        let options = Options { patience: Duration::from_millis(50), ..Options::default() };
        Service::with_books(Store::open_with(&self.url, options).unwrap(), Books::load().unwrap())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(Store::open(&self.url).and_then(Store::remove));
    }
}

pub(in crate::service) fn is_closed(service: &mut Service) -> bool {
    let passed = weeks::passed(&mut service.store.view(Scope::Dcc).unwrap()).unwrap();
    passed.contains(&("CGI".parse().unwrap(), date(2021, 7, 26), Milestone::DemandCutoff))
}

pub(in crate::service) fn pending(handed: Result<Handed>) -> Arrival {
    match handed.unwrap() {
        Handed::Pending(arrival, ServiceError::Store(StoreError::Locked)) => arrival,
        other => panic!("{other:?}"),
    }
}

pub(in crate::service) fn status(handed: &HandedIn) -> FileStatus {
    handed.verdict.as_ref().unwrap().status
}

#[test]
fn mam_9_what_comes_while_an_act_goes_on_has_its_moment_and_is_taken_over_in_order() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let mut rival = Store::open(&place.url).unwrap();
        let act = rival.decide().unwrap();
        let first = pending(one.submit(at(16, 59, 58), &alpha(), OF_ALPHA, Content::Whole(DEMAND.as_bytes()), true));
        let again = pending(one.submit(at(16, 59, 59), &alpha(), OF_ALPHA, Content::Whole(DEMAND.as_bytes()), true));
        assert_eq!(first, again, "the same again is the first");
        pending(other.submit(at(16, 59, 59), &beta(), OF_BETA, Content::Whole(DEMAND.as_bytes()), true));
        drop(act);
        // Whoever comes next takes over what waits, before the cut-off does its work, and is late himself.
        let late = other.hand_in(at(17, 10, 0), &beta(), OF_BETA, b"Migration Date,Demand\n").unwrap();
        assert_eq!(status(&late), FileStatus::Refused);
        let mut view = other.store.view(Scope::Dcc).unwrap();
        let files = files::of_status(&mut view, FileStatus::Accepted).unwrap();
        let moments: Vec<Timestamp> =
            files.iter().map(|file| record::received(&mut view, file.id).unwrap().at).collect();
        assert_eq!(moments, [at(16, 59, 58), at(16, 59, 59)]);
        drop(view);
        let told = one.hand_in(at(17, 10, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
        assert!(told.receipt.repeat);
        assert_eq!(told.arrival, first.id);
        assert_eq!(one.replay_here(), None);
    }
}

impl Service {
    /// The first difference that a replay finds.
    pub(in crate::service) fn replay_here(&mut self) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let copy = match self.url().path() {
            Some(_) => format!("sqlite:{}", folder.path().join("copy.db").display()).parse().unwrap(),
            None => self.url().with_schema(&format!("intake_copy_{}", random_id().unwrap())).unwrap(),
        };
        self.replay(&copy).unwrap().difference
    }
}

#[test]
fn mam_9_an_arrival_that_is_in_the_record_already_is_recognised() {
    for place in Place::all() {
        let mut one = place.process();
        let own = one.arrive(at(12, 0, 0), &alpha(), OF_ALPHA, Content::Whole(DEMAND.as_bytes()), Wish::default());
        let own = own.unwrap();
        // The process ends between the act and what it notes of it.
        assert!(matches!(one.record(at(12, 0, 0), &own.arrival, None).unwrap(), Taken::Now(..)));
        let mut next = place.process();
        next.catch_up(at(12, 0, 1)).unwrap();
        let mut view = next.store.view(Scope::Dcc).unwrap();
        let last = record::next_received(&mut view).unwrap() - 1;
        assert_eq!(intake::of_arrival(&mut view, &own.arrival.id).unwrap(), Some(last), "no other came after it");
        assert_eq!(files::get(&mut view, last).unwrap().unwrap().status, FileStatus::Accepted);
        drop(view);
        assert_eq!(intake::waiting(&mut next.store.intake().unwrap()).unwrap(), []);
    }
}

#[test]
fn mam_9_the_verdict_is_told_though_another_process_gave_it() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        for (name, content) in [(OF_ALPHA, DEMAND), ("nothing.csv", DEMAND)] {
            let own =
                one.arrive(at(12, 0, 0), &alpha(), name, Content::Whole(content.as_bytes()), Wish::default()).unwrap();
            assert!(one.read_back(at(12, 0, 0), &own).unwrap().is_none(), "it waits");
            other.catch_up(at(12, 0, 1)).unwrap();
            let told = one.read_back(at(12, 0, 1), &own).unwrap().unwrap();
            match name {
                OF_ALPHA => assert_eq!(status(&told), FileStatus::Accepted),
                _ => assert_eq!(told.receipt.refused.first().unwrap().0, "FI01"),
            }
        }
    }
}

#[test]
fn fi24_an_arrival_that_cannot_be_taken_over_keeps_nobody_waiting() {
    for place in Place::all() {
        let mut one = place.process();
        let mut own =
            one.arrive(at(12, 0, 0), &alpha(), OF_ALPHA, Content::Whole(DEMAND.as_bytes()), Wish::default()).unwrap();
        own.arrival.id = random_id().unwrap();
        own.arrival.digest = Some([0; 32]);
        let mut tx = one.store.intake().unwrap();
        intake::add(&mut tx, &own.arrival, own.packed.as_ref()).unwrap();
        tx.commit().unwrap();
        let handed = one.hand_in(at(17, 0, 0), &beta(), OF_BETA, DEMAND.as_bytes()).unwrap();
        assert_eq!(status(&handed), FileStatus::Refused, "the cut-off was not kept waiting");
        assert!(is_closed(&mut one));
        let waiting = intake::waiting(&mut one.store.intake().unwrap()).unwrap();
        let [aside] = &waiting[..] else { panic!("{waiting:?}") };
        assert_eq!(aside.id, own.arrival.id);
        assert!(aside.why.as_ref().unwrap().contains("no longer fits its digest"), "{aside:?}");
        // It is tried again by every command, and taken over once the fault is gone.
        let mut tx = one.store.intake().unwrap();
        let text = DEMAND.replace(",1", ",2");
        let (id, digest) = (random_id().unwrap(), Some(sha256(text.as_bytes())));
        let whole = Arrival { id, digest, ..own.arrival };
        intake::add(&mut tx, &whole, Some(&Packed::of(text.as_bytes()).unwrap())).unwrap();
        intake::set_aside(&mut tx, &whole.id, "a fault of ours").unwrap();
        tx.commit().unwrap();
        one.catch_up(at(17, 0, 0)).unwrap();
        let waiting = intake::waiting(&mut one.store.intake().unwrap()).unwrap();
        assert_eq!(waiting.iter().map(|one| &*one.id).collect::<Vec<_>>(), [&*aside.id]);
        // MSM-11: it had come in time, and the week is closed: it changes nothing of itself.
        assert_eq!(the_file_of(&mut one, &whole.id).status, FileStatus::Aside);
    }
}

/// The file that an arrival was taken over as.
pub(in crate::service) fn the_file_of(service: &mut Service, arrival: &str) -> files::FileRecord {
    let mut view = service.store.view(Scope::Dcc).unwrap();
    let id = intake::of_arrival(&mut view, arrival).unwrap().unwrap();
    files::get(&mut view, id).unwrap().unwrap()
}

#[test]
fn mam_10_of_what_begins_like_a_password_nothing_is_kept() {
    for place in Place::all() {
        let mut one = place.process();
        let name = "MAPASSWORD_CGI_70-B3-D5-1F-30-00-A0-08_20210705_115800 (1).txt";
        let handed = one.hand_in(at(12, 0, 0), &alpha(), name, b"correct horse").unwrap();
        assert_eq!(handed.receipt.refused.first().unwrap().0, "FI01");
        let mut view = one.store.view(Scope::Dcc).unwrap();
        let received = record::received(&mut view, handed.receipt.id).unwrap();
        assert_eq!((received.digest, received.size), (None, 0));
        let digest = sha256(b"correct horse");
        assert!(!record::contents(&mut view).unwrap().contains(&digest));
        drop(view);
        let mut tx = one.store.intake().unwrap();
        let arrival = intake::get(&mut tx, &handed.arrival).unwrap().unwrap();
        assert_eq!((arrival.digest, arrival.size), (None, 0));
        assert_eq!(intake::content(&mut tx, &arrival).unwrap().map(|(packed, _)| packed.bytes), None);
    }
}

#[test]
fn mam_10_a_password_that_one_process_remembers_opens_what_another_received() {
    const KEY: &str = "CGI_70-B3-D5-1F-30-00-A0-08_20210713_090000";
    let zip = include_bytes!(
        "../../../../scenarios/MAM-10-password-after-the-cut-off/given/MA_CGI_70-B3-D5-1F-30-00-A0-08_20210713_090000.zip"
    );
    let day = SignedDuration::from_hours(8 * 24);
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        one.hand_in(at(12, 0, 0) + day, &alpha(), &format!("MAPASSWORD_{KEY}.txt"), b"correct horse").unwrap();
        let waits = other.hand_in(at(12, 0, 1) + day, &alpha(), &format!("MA_{KEY}.zip"), zip).unwrap();
        assert_eq!(status(&waits), FileStatus::Waiting);
        one.catch_up(at(12, 0, 2) + day).unwrap();
        let mut view = one.store.view(Scope::Dcc).unwrap();
        let file = files::get(&mut view, waits.receipt.id).unwrap().unwrap();
        assert_eq!(file.status, FileStatus::Accepted, "{}", file.message);
        assert!(file.opened.is_some());
        drop(view);
        assert_eq!(one.replay_here(), None);
    }
}

#[test]
fn fi09_of_what_is_larger_than_is_read_the_receipt_is_kept_and_nothing_else() {
    for place in Place::all() {
        let mut one = place.process();
        let size = one.largest() + 1;
        let handed = match one.submit(at(12, 0, 0), &alpha(), OF_ALPHA, Content::TooLarge(size), true).unwrap() {
            Handed::Taken(handed) => handed,
            other => panic!("{other:?}"),
        };
        assert_eq!(handed.receipt.refused, [("FI09".to_owned(), "its content is larger than 256 MiB".to_owned())]);
        let received = record::received(&mut one.store.view(Scope::Dcc).unwrap(), handed.receipt.id).unwrap();
        assert_eq!((received.digest, received.size), (None, size));
        assert_eq!(one.verify(&[]).unwrap().bad, None);
        // A smaller one of the same name is another file.
        let next = one.hand_in(at(12, 0, 1), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
        assert_eq!(status(&next), FileStatus::Accepted);
        assert_eq!(one.replay_here(), None);
    }
}

#[test]
fn mam_9_one_party_cannot_fill_what_all_need() {
    let limited = |name: &str, most| {
        let mut books = Books::load().unwrap();
        for book in &mut books.all {
            book.parameters
                .iter_mut()
                .filter(|known| known.name == name)
                .for_each(|known| known.value = Value::Number(most));
        }
        books
    };
    for place in Place::all() {
        let mut few = Service::with_books(Store::open(&place.url).unwrap(), limited("intake_files_a_day", 1));
        few.hand_in(at(12, 0, 0), &alpha(), OF_ALPHA, DEMAND.as_bytes()).unwrap();
        let error = few.hand_in(at(12, 0, 1), &alpha(), "more.csv", DEMAND.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("since midnight") && error.contains("MAM-9"), "{error}");
        few.hand_in(at(12, 0, 1), &beta(), OF_BETA, DEMAND.as_bytes()).unwrap();
        let tomorrow = at(23, 59, 59) + SignedDuration::from_secs(1);
        few.hand_in(tomorrow, &alpha(), "more.csv", DEMAND.as_bytes()).unwrap();
        let mut small = Service::with_books(Store::open(&place.url).unwrap(), limited("intake_mib_a_day", 0));
        assert!(small.hand_in(tomorrow, &alpha(), "x.csv", DEMAND.as_bytes()).is_err());
        // Nobody waits for what was not kept.
        assert_eq!(intake::live(&mut small.store.intake().unwrap()).unwrap(), []);
    }
}

#[test]
fn mam_9_who_is_not_there_when_a_verdict_is_given_is_told_it_whatever_the_kind_of_the_file() {
    let hold = "HOLD_CGI_70-B3-D5-1F-30-00-A0-08_20210705_100000.csv";
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let told = |service: &mut Service| {
            let notices = issued::notices(&mut service.store.view(Scope::Dcc).unwrap()).unwrap();
            let own = notices.into_iter().filter(|notice| notice.rule == "MAM-9" && notice.party.as_str() == "AAA123");
            own.map(|notice| notice.words).collect::<Vec<_>>()
        };
        for (place, (name, text)) in (0..).zip([(OF_ALPHA, DEMAND), (hold, "nothing"), ("nothing.csv", "nothing")]) {
            let wish = Wish { place, ..Wish::default() };
            one.arrive(at(12, 0, 0), &alpha(), name, Content::Whole(text.as_bytes()), wish).unwrap();
        }
        other.catch_up(at(12, 0, 0)).unwrap();
        let words = told(&mut other);
        assert_eq!(words.len(), 3, "{words:?}");
        // MSM-14: by its name, not by a number that counts what others hand in.
        assert_eq!(words[0], format!("{OF_ALPHA} is accepted"));
        assert!(words[1].starts_with(&format!("{hold} is refused: FI14 ")), "{words:?}");
        assert!(words[2].starts_with("nothing.csv is refused: FI01 "), "{words:?}");
        // Who waits for it has it already.
        one.hand_in(at(12, 0, 1), &alpha(), OF_ALPHA, b"nothing").unwrap();
        one.hand_in(at(12, 0, 1), &alpha(), "other.csv", b"nothing").unwrap();
        assert_eq!(told(&mut one), words);
        assert_eq!(one.replay_here(), None);
    }
}
