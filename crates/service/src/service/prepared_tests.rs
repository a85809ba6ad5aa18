use super::*;
use crate::act::perform::{in_act, in_preview};
use crate::bars::stops::{ImposeStop, LiftStop};
use crate::dispatch::milestones::PassMilestone;
use crate::dormant::plan::PlanDormant;
use crate::events::event::RecordEvent;
use crate::imports::import::{UndoImport, Undone};
use crate::people::accounts::AddUser;
use crate::record::replay::Replayed;
use jiff::civil::{date, time};
use sluice_rules::authorisation::bars::StopScope;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::calendar::{Milestone, local};
use sluice_rules::role::Role;
use sluice_store::tables::imports::{self, installations};
use sluice_store::tables::installations::eligible_counts;
use sluice_store::{Options, SchemaForCopy, StoreError};
use std::cell::{Cell, RefCell};
use std::sync::mpsc::channel;
use std::time::Duration;

const PARTIES: &str = include_str!("../../../../scenarios-base/programme/given/parties.csv");
const COMBINATIONS: &str = include_str!("../../../../scenarios-base/programme/given/dmc.csv");
const INVENTORY: &str = include_str!("../../../../scenarios-base/programme/given/inventory.csv");
const EPCL: &str = include_str!("../../../../scenarios-base/programme/given/epcl.csv");
const CAPACITY: &str = include_str!("../../../../scenarios-base/programme/given/capacity.csv");
const EXCLUSIONS: &str = include_str!("../../../../scenarios-base/programme/given/exclusions.csv");
const DEMAND: &str = "Migration Date,Demand\n2021-07-26,1\n2021-07-27,2\n2021-07-28,3\n2021-07-29,4\n2021-07-30,5\n2021-07-31,0\n2021-08-01,0\n";

fn now() -> Timestamp {
    local(date(2021, 7, 1), time(9, 0, 0, 0)).unwrap().timestamp()
}

/// The inventory but for its last installations.
fn shorter(by: usize) -> String {
    let lines: Vec<&str> = INVENTORY.lines().collect();
    lines[..lines.len() - by].join("\n")
}

/// A simulated programme with its inventory, and what a test does with it.
struct Place {
    url: Url,
    folder: tempfile::TempDir,
}

impl Place {
    /// In a file, and where there is a server to test with in a schema of it.
    fn all() -> Vec<Self> {
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

    fn process(&self) -> Service {
        let options = Options { patience: Duration::from_millis(50), ..Options::default() };
        Service::with_books(Store::open_with(&self.url, options).unwrap(), Books::load().unwrap())
    }

    /// Everything that was done comes out the same.
    fn ends(&self) {
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

fn olga(service: &mut Service) -> Actor {
    service.look(now(), &Actor::console(), |work| Actor::account(&mut work.tx, "olga")).unwrap_or(Actor::console())
}

fn import(service: &mut Service, kind: ReferenceKind, text: &str) -> Result<Imported> {
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

#[test]
fn msm_2a_what_is_counted_before_a_cut_off_is_counted_again_if_anything_was_done_meanwhile() {
    let milestone =
        PassMilestone { s1sp: "CGI".parse().unwrap(), week: date(2021, 7, 26), milestone: Milestone::DemandCutoff };
    for (rival, often) in [(false, 1), (true, 2)] {
        for place in Place::all() {
            let (mut one, mut other) = (place.process(), place.process());
            for (kind, text) in [(ReferenceKind::Epcl, EPCL), (ReferenceKind::Capacity, CAPACITY)] {
                import(&mut one, kind, text).unwrap();
            }
            let at = local(date(2021, 7, 5), time(17, 0, 0, 0)).unwrap().timestamp();
            let counted = Cell::new(0);
            let before = |work: &mut Work<'_>| {
                let found = milestone.prepare(work)?;
                counted.set(counted.get() + 1);
                if counted.get() == 1 && rival {
                    import(&mut place.process(), ReferenceKind::Inventory, &shorter(1)).unwrap();
                }
                Ok(found)
            };
            let (store, books) = (&mut one.store, &one.books);
            let done = perform_prepared::<PassMilestone, _>(store, books, (at, &Actor::clock()), Some(&before), |_| {
                Ok(Some(&milestone))
            });
            assert!(done.unwrap().is_some());
            assert_eq!(counted.get(), often);
            let mut view = other.store.view(Scope::Dcc).unwrap();
            let eligible = eligible_counts(&mut view, &milestone.s1sp, milestone.week).unwrap();
            drop(view);
            // The last installation of the inventory is one of Delta's two.
            let units = |party: &str| eligible.iter().find(|(of, _)| of.to_string() == party).unwrap().1;
            assert_eq!((units("CCC789"), units("DDD012")), (2, if rival { 1 } else { 2 }));
            place.ends();
        }
    }
}

#[test]
fn dmt_1_a_plan_that_was_made_before_its_act_is_made_again_if_anything_was_done_meanwhile() {
    const RESERVE: &str = "S1SP,Migration Date,Total Capacity,Dormant Reserve\nCGI,2021-08-16,100,10\n";
    let plan = PlanDormant { s1sp: "CGI".parse().unwrap(), week: date(2021, 8, 16) };
    for (rival, often) in [(false, 1), (true, 2)] {
        for place in Place::all() {
            let mut one = place.process();
            for (kind, text) in [(ReferenceKind::Epcl, EPCL), (ReferenceKind::Capacity, RESERVE)] {
                import(&mut one, kind, text).unwrap();
            }
            let (by, made) = (olga(&mut one), Cell::new(0));
            let before = |work: &mut Work<'_>| {
                let found = plan.prepare(work)?;
                made.set(made.get() + 1);
                if made.get() == 1 && rival {
                    let more = INVENTORY.replace(",2000000017,BEG,ACTIVE", ",2000000017,BEG,DORMANT");
                    import(&mut place.process(), ReferenceKind::Inventory, &more).unwrap();
                }
                Ok(found)
            };
            let (store, books) = (&mut one.store, &one.books);
            let done =
                perform_prepared::<PlanDormant, _>(store, books, (now(), &by), Some(&before), |_| Ok(Some(&plan)));
            let planned = done.unwrap().unwrap();
            assert_eq!((made.get(), planned.planned), (often, often), "{planned:?}");
            place.ends();
        }
    }
}

/// Does an act while an inventory is imported the first time that something was found out before it. Gives how often that was.
fn act_beside<U: Act>(place: &Place, act: &U, rival: bool) -> (usize, U::Answer) {
    let (mut one, found) = (place.process(), Cell::new(0));
    let by = olga(&mut one);
    let before = |work: &mut Work<'_>| {
        let prepared = act.prepare(work)?;
        assert!(prepared.is_some());
        found.set(found.get() + 1);
        if found.get() == 1 && rival {
            import(&mut place.process(), ReferenceKind::Inventory, &shorter(1)).unwrap();
        }
        Ok(prepared)
    };
    let (store, books) = (&mut one.store, &one.books);
    let done = perform_prepared::<U, _>(store, books, (now(), &by), Some(&before), |_| Ok(Some(act)));
    (found.get(), done.unwrap().unwrap())
}

#[test]
fn mam_11_what_a_transfer_looks_at_is_looked_at_again_if_anything_was_done_meanwhile() {
    let transfer = RecordEvent {
        kind: EventKind::Transfer,
        from: "DDD012".parse().unwrap(),
        to: "CCC789".parse().unwrap(),
        mpids: Vec::new(),
        at: None,
        reason: "sold".to_owned(),
        approve: Some("otto".to_owned()),
    };
    for (rival, often) in [(false, 1), (true, 2)] {
        for place in Place::all() {
            let (found, effect) = act_beside(&place, &transfer, rival);
            // The last installation of the inventory is one of its two.
            assert_eq!((found, effect.installations), (often, if rival { 1 } else { 2 }));
            place.ends();
        }
    }
}

#[test]
fn stop_1_what_a_stop_order_looks_at_is_looked_at_again_if_anything_was_done_meanwhile() {
    let (reason, approve) = ("a fault".to_owned(), Some("otto".to_owned()));
    let stop = ImposeStop { scope: StopScope::S1sp, value: "CGI".to_owned(), listed: Vec::new(), reason };
    for (rival, often) in [(false, 1), (true, 2)] {
        for place in Place::all() {
            let (found, stopping) = act_beside(&place, &stop, rival);
            assert_eq!(found, often);
            let lift = LiftStop { id: stopping.id, approve: approve.clone() };
            assert_eq!(act_beside(&place, &lift, false).0, 1);
            place.ends();
        }
    }
}

#[test]
fn mam_9_while_a_dry_run_writes_it_gives_way_to_who_acts() {
    for place in Place::all() {
        let (mut one, other) = (place.process(), Store::open(&place.url).unwrap());
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
