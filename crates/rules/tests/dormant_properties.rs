//! What must hold of every Dormant plan, of every day that it fills, and of what its reserve still needs (DMT-1).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use jiff::civil::{Date, date};
use proptest::collection::vec;
use proptest::prelude::*;
use sluice_rules::dormant::{ByDay, Candidate, Line, Planned, Waiting, fill_day, places, plan, settle_reserve};
use sluice_rules::party::Eui64;
use sluice_rules::scaling::Capacity;
use std::collections::{BTreeMap, BTreeSet};

const WEEK: ByDay<Date> = [
    date(2021, 7, 26),
    date(2021, 7, 27),
    date(2021, 7, 28),
    date(2021, 7, 29),
    date(2021, 7, 30),
    date(2021, 7, 31),
    date(2021, 8, 1),
];

fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let one = (0..4_u64, proptest::option::of(1..28_i8), any::<ByDay<bool>>());
    vec(one, 0..40).prop_map(|all| {
        let made = (1..).zip(all).map(|(chf, (failed, day, open_on))| {
            let last_failed = day.map(|day| date(2021, 6, day));
            // Devices are not in the order in which they are given.
            Candidate { chf: Eui64(chf * 7 % 41), failed, last_failed, open_on }
        });
        made.collect()
    })
}

fn waiting() -> impl Strategy<Value = Vec<Waiting>> {
    let one = (proptest::option::of(0..7_usize), any::<bool>(), any::<ByDay<bool>>());
    vec(one, 0..30).prop_map(|all| {
        let made = (1..).zip(all).map(|(place, (day, objected, open_on))| {
            let (line, date) = (if day.is_some() { Line::Planned } else { Line::Standby }, day.map(|day| WEEK[day]));
            Waiting { chf: Eui64(place), line, date, place, objected, open_on }
        });
        made.collect()
    })
}

fn day_of(planned: &Planned) -> Option<usize> {
    planned.date.map(|date| WEEK.iter().position(|day| *day == date).unwrap())
}

proptest! {
    #[test]
    fn dmt_1_places_are_part_of_the_reserve_and_of_the_capacity(total in 0..10_000_u64, part in 0..=100_u64, percent in 0..=100_u64) {
        let reserve = total * part / 100;
        let places = places(Capacity::new(total, reserve).unwrap(), percent);
        prop_assert!(places <= reserve && places * 100 <= total * percent);
    }

    #[test]
    fn dmt_1_a_plan_keeps_to_places_days_and_order(candidates in candidates(), places in any::<[u8; 7]>(), percent in 0..=100_u64) {
        let places = places.map(|places| u64::from(places % 4));
        let plan = plan(candidates.clone(), &WEEK, &places, percent);
        let of: BTreeMap<Eui64, &Candidate> = candidates.iter().map(|one| (one.chf, one)).collect();
        let key = |chf: Eui64| (of[&chf].failed, of[&chf].last_failed, chf);
        prop_assert_eq!(plan.iter().map(|line| line.chf).collect::<BTreeSet<_>>().len(), plan.len());
        let on = |day: usize| plan.iter().filter(move |line| day_of(line) == Some(day));
        for (day, places) in places.into_iter().enumerate() {
            prop_assert!(on(day).count() as u64 <= places);
            prop_assert!(on(day).all(|line| of[&line.chf].open_on[day]));
        }
        let planned = plan.iter().filter(|line| line.date.is_some()).count() as u64;
        prop_assert!((plan.len() as u64 - planned) * 100 <= planned * percent);
        // Whoever could have gone to an earlier day did, unless others before it in the order filled that day.
        for one in &candidates {
            let own = plan.iter().find(|line| line.chf == one.chf).and_then(day_of);
            for day in (0..own.unwrap_or(7)).filter(|day| one.open_on[*day]) {
                prop_assert!(on(day).count() as u64 == places[day] && on(day).all(|line| key(line.chf) < key(one.chf)));
            }
        }
    }

    #[test]
    fn dmt_1_the_order_of_the_candidates_is_irrelevant(candidates in candidates(), places in any::<[u8; 7]>()) {
        let places = places.map(|places| u64::from(places % 4));
        let mut other = candidates.clone();
        other.reverse();
        prop_assert_eq!(plan(candidates, &WEEK, &places, 50), plan(other, &WEEK, &places, 50));
    }

    #[test]
    fn dmt_1_and_dmt_4_a_day_takes_no_more_than_its_room_and_nothing_objected(lines in waiting(), day in 0..7_usize, room in 0..20_u64) {
        let taken = fill_day(&lines, WEEK[day], room);
        let may = |one: &Waiting| !one.objected && one.open_on[day] && one.date.is_none_or(|date| date <= WEEK[day]);
        prop_assert!(taken.iter().all(|chf| lines.iter().any(|one| one.chf == *chf && may(one))));
        prop_assert_eq!(taken.len() as u64, room.min(lines.iter().filter(|one| may(one)).count() as u64));
        prop_assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), taken.len());
    }

    #[test]
    fn dmt_1_a_reserve_needs_no_more_than_its_places_and_what_moves_fits(lines in waiting(), places in any::<[u8; 7]>()) {
        let places = places.map(|places| u64::from(places % 4));
        let needed = settle_reserve(&lines, &WEEK, &places);
        for day in 0..7 {
            let stays = lines.iter().filter(|one| one.date == Some(WEEK[day]) && one.open_on[day]).count() as u64;
            let moved = needed.moved.iter().filter(|(_, date)| *date == WEEK[day]).count() as u64;
            prop_assert_eq!(needed.reserve[day], stays.min(places[day]) + moved);
            prop_assert!(needed.reserve[day] <= places[day]);
        }
        for (chf, date) in &needed.moved {
            let one = lines.iter().find(|one| one.chf == *chf).unwrap();
            let day = WEEK.iter().position(|day| day == date).unwrap();
            prop_assert!(!one.objected && one.open_on[day] && one.date.is_none_or(|planned| planned < *date));
        }
        // No place stays free while something on standby could move there.
        for one in lines.iter().filter(|one| one.date.is_none() && !one.objected) {
            if needed.moved.iter().all(|(chf, _)| *chf != one.chf) {
                prop_assert!((0..7).all(|day| !one.open_on[day] || needed.reserve[day] == places[day]));
            }
        }
    }
}
