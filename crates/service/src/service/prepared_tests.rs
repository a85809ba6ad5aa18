use super::*;
use crate::act::perform::{in_act, in_preview};
use crate::imports::import::{UndoImport, Undone};
use crate::people::accounts::AddUser;
use crate::record::replay::Replayed;
use jiff::civil::{date, time};
use sluice_rules::calendar::local;
use sluice_rules::role::Role;
use sluice_store::tables::imports::{self, installations};
use sluice_store::{Options, SchemaForCopy, StoreError};
use std::cell::{Cell, RefCell};
use std::sync::mpsc::channel;
use std::time::Duration;

const PARTIES: &str = include_str!("../../../../scenarios-base/programme/given/parties.csv");
const COMBINATIONS: &str = include_str!("../../../../scenarios-base/programme/given/dmc.csv");
pub(super) const INVENTORY: &str = include_str!("../../../../scenarios-base/programme/given/inventory.csv");
const EXCLUSIONS: &str = include_str!("../../../../scenarios-base/programme/given/exclusions.csv");
const DEMAND: &str = "Migration Date,Demand\n2021-07-26,1\n2021-07-27,2\n2021-07-28,3\n2021-07-29,4\n2021-07-30,5\n2021-07-31,0\n2021-08-01,0\n";

pub(super) fn now() -> Timestamp {
    local(date(2021, 7, 1), time(9, 0, 0, 0)).unwrap().timestamp()
}

/// The inventory but for its last installations.
pub(super) fn shorter(by: usize) -> String {
    let lines: Vec<&str> = INVENTORY.lines().collect();
    lines[..lines.len() - by].join("\n")
}

/// A simulated programme with its inventory, and what a test does with it.
pub(super) struct Place {
    pub(super) url: Url,
    folder: tempfile::TempDir,
}

impl Place {
    /// In a file, and where there is a server to test with in a schema of it.
    pub(super) fn all() -> Vec<Self> {
        let folder = || tempfile::tempdir().unwrap();
        let own = folder();
        let url = format!("sqlite:{}", own.path().join("a.db").display()).parse().unwrap();
        let mut places = vec![Self { url, folder: own }];
        if let Ok(server) = std::env::var("SLUICE_TEST_POSTGRES") {
            let url = SchemaForCopy::beside(&server.parse().unwrap()).unwrap().url().clone();
            places.push(Self { url, folder: folder() });
        }
        for place in &places {
            let mut service = Service::create(&place.url, true).unwrap();
            import(&mut service, ReferenceKind::Parties, PARTIES).unwrap();
            import(&mut service, ReferenceKind::Dmc, COMBINATIONS).unwrap();
            for (name, role) in [("olga", Role::Operator), ("otto", Role::Approver)] {
                let add = AddUser { name: name.to_owned(), role, party: None, approve: None };
                service.act(now(), &Actor::console(), add).unwrap();
            }
            import(&mut service, ReferenceKind::Inventory, INVENTORY).unwrap();
        }
        places
    }

    pub(super) fn process(&self) -> Service {
        let options = Options { patience: Duration::from_millis(50), ..Options::default() };
        Service::with_books(Store::open_with(&self.url, options).unwrap(), Books::load().unwrap())
    }

    /// Everything that was done comes out the same.
    pub(super) fn ends(&self) {
        let mut service = self.process();
        let copy = SchemaForCopy::beside(&self.url);
        let copy = match &copy {
            Ok(copy) => copy.url().clone(),
            Err(_) => format!("sqlite:{}", self.folder.path().join("copy.db").display()).parse().unwrap(),
        };
        let Replayed { difference, .. } = service.replay(&copy).unwrap();
        assert_eq!(difference, None);
        assert_eq!(service.verify(&[]).unwrap().bad, None);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(Store::open(&self.url).and_then(Store::remove));
    }
}

fn of<'f>(kind: ReferenceKind, text: &str, name: &'f str) -> ImportFile<'f> {
    let bytes = text.as_bytes().to_vec();
    ImportFile { kind, name, bytes, as_at: None, approve: Some("otto"), only_shown: false }
}

pub(super) fn olga(service: &mut Service) -> Actor {
    service.look(now(), &Actor::console(), |work| Actor::account(&mut work.tx, "olga")).unwrap_or(Actor::console())
}

pub(super) fn import(service: &mut Service, kind: ReferenceKind, text: &str) -> Result<Imported> {
    let by = olga(service);
    service.import(now(), &by, of(kind, text, "file.csv"))
}

/// Imports an inventory while something else is done each time that it was compared with what stands. Gives how often that was.
fn import_beside(service: &mut Service, text: &str, mut beside: impl FnMut(usize)) -> (usize, Imported) {
    let (by, compared) = (olga(service), Cell::new(0));
    let import = AtDoor::of(of(ReferenceKind::Inventory, text, "file.csv"), now());
    let beside = RefCell::new(&mut beside);
    let before = |work: &mut Work<'_>| {
        let found = import.prepare(work)?;
        compared.set(compared.get() + 1);
        (beside.borrow_mut())(compared.get());
        Ok(found)
    };
    let prepare = |work: &mut Work<'_>| import.act(&mut work.tx).map(Some);
    let (store, books) = (&mut service.store, &service.books);
    let done = perform_prepared::<Import, Import>(store, books, (now(), &by), Some(&before), prepare).unwrap();
    (compared.get(), done.unwrap())
}

fn homes(service: &mut Service) -> u64 {
    installations(&mut service.store.view(Scope::Dcc).unwrap()).unwrap()
}

fn figures(imported: &Imported) -> [u64; 4] {
    [imported.before, imported.added, imported.changed, imported.gone]
}

const ALL: u64 = 41;

#[test]
fn ref_2_what_changes_what_an_import_was_compared_with_has_it_compared_again() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        assert_eq!(homes(&mut one), ALL);
        // Another inventory,
        let (compared, imported) = import_beside(&mut one, &shorter(2), |time| {
            if time == 1 {
                import(&mut other, ReferenceKind::Inventory, &shorter(5)).unwrap();
            }
        });
        assert_eq!((compared, figures(&imported)), (2, [ALL - 5, 3, 0, 0]));
        // the undoing of one,
        let (compared, imported) = import_beside(&mut one, INVENTORY, |time| {
            if time == 1 {
                let by = olga(&mut other);
                other.act(now(), &by, UndoImport { approve: Some("otto".to_owned()) }).unwrap();
            }
        });
        assert_eq!((compared, figures(&imported)), (2, [ALL - 5, 5, 0, 0]));
        // and another number that stands for an id.
        let (compared, imported) = import_beside(&mut one, &shorter(1), |time| {
            if time == 1 {
                let more = format!("{PARTIES}EEE345,Epsilon,SUPPLIER,70-B3-D5-1F-30-00-E0-01,EPSI,EPG,,,\n");
                import(&mut other, ReferenceKind::Parties, &more).unwrap();
            }
        });
        assert_eq!((compared, figures(&imported)), (2, [ALL, 0, 0, 1]));
        place.ends();
    }
}

#[test]
fn ref_2_what_changes_nothing_of_it_has_an_import_done_as_it_was_compared() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let (compared, imported) = import_beside(&mut one, &shorter(2), |_| {
            import(&mut other, ReferenceKind::Exclusions, EXCLUSIONS).unwrap();
            let add = AddUser { name: "oona".to_owned(), role: Role::Observer, party: None, approve: None };
            let by = olga(&mut other);
            other.act(now(), &by, add).unwrap();
            let name = "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv";
            let by = Actor::supplier("AAA123".parse().unwrap());
            let handed = other.hand_in(now(), &by, name, DEMAND.as_bytes()).unwrap();
            assert!(handed.verdict.is_some(), "{handed:?}");
        });
        assert_eq!((compared, figures(&imported)), (1, [ALL, 0, 0, 2]));
        place.ends();
    }
}

#[test]
fn ref_2_an_import_that_is_overtaken_each_time_is_done_all_the_same() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let (compared, imported) = import_beside(&mut one, INVENTORY, |time| {
            import(&mut other, ReferenceKind::Inventory, &shorter(time)).unwrap();
        });
        assert_eq!((compared, figures(&imported)), (3, [ALL - 3, 3, 0, 0]));
        place.ends();
    }
}

#[test]
fn ref_2_the_import_is_undone_that_is_the_last_when_it_is_undone() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        import(&mut one, ReferenceKind::Inventory, &shorter(1)).unwrap();
        let by = olga(&mut one);
        let (undo, compared) = (UndoImport { approve: Some("otto".to_owned()) }, Cell::new(0));
        let other = RefCell::new(&mut other);
        let before = |work: &mut Work<'_>| {
            let found = found_before(&undo, work)?;
            compared.set(compared.get() + 1);
            if compared.get() == 1 {
                import(*other.borrow_mut(), ReferenceKind::Exclusions, EXCLUSIONS).unwrap();
            }
            Ok(found)
        };
        let (store, books) = (&mut one.store, &one.books);
        let done = perform_prepared::<UndoImport, _>(store, books, (now(), &by), Some(&before), |_| Ok(Some(&undo)));
        let Undone { kind, .. } = done.unwrap().unwrap();
        assert_eq!((kind, homes(&mut one)), (ReferenceKind::Exclusions, ALL - 1));
        let Undone { kind, imported, .. } = one.act(now(), &by, undo).unwrap();
        assert_eq!((kind, figures(&imported)), (ReferenceKind::Inventory, [ALL - 1, 1, 0, 0]));
        place.ends();
    }
}

#[test]
fn ref_2_what_an_abandoned_import_has_prepared_harms_nobody() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let import_of = AtDoor::of(of(ReferenceKind::Inventory, &shorter(2), "file.csv"), now());
        let by = olga(&mut one);
        // It ends when all is on the stage, before anything is in its place: by an error, and with its process.
        let before = |work: &mut Work<'_>| import_of.prepare(work);
        let failed = in_act(&mut one.store, &one.books, (now(), &by), Some(&before), |work| {
            assert!(work.prepared.is_some());
            Err::<(Option<Tx<'_>>, ()), _>(ServiceError::defect("it ends here"))
        });
        failed.unwrap_err();
        assert_eq!(homes(&mut other), ALL);
        import(&mut other, ReferenceKind::Exclusions, EXCLUSIONS).unwrap();
        drop(one);
        let imported = import(&mut other, ReferenceKind::Inventory, &shorter(1)).unwrap();
        assert_eq!(figures(&imported), [ALL, 0, 0, 1]);
        place.ends();
    }
}

#[test]
fn mam_9_while_an_inventory_is_put_into_its_place_others_get_receipts_and_read_what_stands() {
    for place in Place::all() {
        let (mut one, mut other) = (place.process(), place.process());
        let by = olga(&mut one);
        let file = AtDoor::of(of(ReferenceKind::Inventory, &shorter(2), "file.csv"), now());
        let before = |work: &mut Work<'_>| file.prepare(work);
        in_act(&mut one.store, &one.books, (now(), &by), Some(&before), |mut work| {
            let act = file.act(&mut work.tx)?;
            act.run(&mut work)?;
            let name = "DC_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20210726.csv";
            let sender = Actor::supplier("AAA123".parse().unwrap());
            let handed = other.submit(now(), &sender, name, Content::Whole(DEMAND.as_bytes()), true).unwrap();
            assert!(matches!(handed, Handed::Pending(_, ServiceError::Store(StoreError::Locked))), "{handed:?}");
            assert_eq!(homes(&mut other), ALL, "what stood before is read");
            let imports = other.look(now(), &Actor::console(), |work| Ok(imports::all(&mut work.tx)?)).unwrap();
            assert_eq!(imports.len(), 3);
            let refused = import(&mut other, ReferenceKind::Exclusions, EXCLUSIONS).unwrap_err().to_string();
            assert!(refused.contains("busy with another change; nothing is half done"), "{refused}");
            Ok((None, ()))
        })
        .unwrap();
        assert_eq!(homes(&mut other), ALL);
        place.ends();
    }
}

#[test]
fn mam_9_while_a_dry_run_is_compared_with_what_stands_others_act() {
    for place in Place::all() {
        let (mut one, other) = (place.process(), RefCell::new(place.process()));
        let by = olga(&mut one);
        let file = AtDoor::of(of(ReferenceKind::Inventory, &shorter(2), "file.csv"), now());
        let often = Cell::new(0);
        let Service { store, books, .. } = &mut one;
        let shown = preview::<Import, Import>(store, books, now(), &by, |tx| {
            often.set(often.get() + 1);
            // The first time it is only read.
            if often.get() == 1 {
                import(&mut other.borrow_mut(), ReferenceKind::Exclusions, EXCLUSIONS).unwrap();
            }
            file.act(tx)
        });
        assert_eq!((often.get(), figures(&shown.unwrap())), (2, [ALL, 0, 0, 2]));
        // It has let go, and nothing of it is kept.
        let other = &mut other.borrow_mut();
        import(other, ReferenceKind::Exclusions, EXCLUSIONS).unwrap();
        assert_eq!(homes(other), ALL);
        place.ends();
    }
}

/// Who waits longer than any machine takes.
fn patient() -> Options {
    Options { patience: Duration::from_secs(120), ..Options::default() }
}

#[test]
fn mam_9_while_a_dry_run_writes_it_gives_way_to_who_acts() {
    for place in Place::all() {
        let (mut one, other) = (place.process(), Store::open_with(&place.url, patient()).unwrap());
        let mut other = Service::with_books(other, Books::load().unwrap());
        let by = olga(&mut one);
        let file = AtDoor::of(of(ReferenceKind::Inventory, &shorter(2), "file.csv"), now());
        let (tries, (begun, has_begun)) = (Cell::new(0), channel());
        std::thread::scope(|scope| {
            let rival = scope.spawn(move || {
                has_begun.recv().unwrap();
                import(&mut other, ReferenceKind::Exclusions, EXCLUSIONS)
            });
            let before = |work: &mut Work<'_>| file.prepare(work);
            let shown = in_preview(&mut one.store, &one.books, (now(), &by), Some(&before), |mut work| {
                tries.set(tries.get() + 1);
                let act = file.act(&mut work.tx)?;
                let shown = act.run(&mut work)?;
                if tries.get() == 1 {
                    begun.send(()).unwrap();
                    for _ in 0..200 {
                        std::thread::sleep(Duration::from_millis(50));
                        installations(&mut work.tx)?;
                    }
                }
                Ok(shown)
            });
            rival.join().unwrap().unwrap();
            assert_eq!((tries.get(), figures(&shown.unwrap())), (2, [ALL, 0, 0, 2]));
        });
        assert_eq!(homes(&mut one), ALL);
        place.ends();
    }
}
