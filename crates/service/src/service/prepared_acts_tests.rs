use super::prepared_tests::{INVENTORY, Place, import, now, olga, shorter};
use super::*;
use crate::bars::stops::{ImposeStop, LiftStop};
use crate::dispatch::milestones::PassMilestone;
use crate::dormant::plan::PlanDormant;
use crate::events::event::RecordEvent;
use jiff::civil::{date, time};
use sluice_rules::authorisation::bars::StopScope;
use sluice_rules::authorisation::passing::EventKind;
use sluice_rules::calendar::{Milestone, local};
use sluice_store::tables::installations::eligible_counts;
use std::cell::Cell;

const EPCL: &str = include_str!("../../../../scenarios-base/programme/given/epcl.csv");
const CAPACITY: &str = include_str!("../../../../scenarios-base/programme/given/capacity.csv");

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
