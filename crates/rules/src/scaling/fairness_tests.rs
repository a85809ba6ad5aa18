use super::*;
use crate::scaling::week::{Balances, Day, Terms, scale_week};
use jiff::civil::date;

const DEMANDS: [(&str, u64); 4] = [("AAA123", 900), ("BBB456", 400), ("CCC789", 80), ("DDD012", 250)];

/// Two days of the worked example, the second one opened by the first one's balances.
fn week(capacity: u64) -> Vec<StoredPool> {
    let demand: Vec<_> = DEMANDS.iter().map(|(party, units)| (party.parse().expect("a party"), *units)).collect();
    let day = |number| Day {
        date: date(2021, 7, number),
        capacity: Capacity::new(capacity, 0).expect("a capacity"),
        demand: demand.clone(),
    };
    let terms = Terms { rulebook: "msm-5.0".to_owned(), dmin: 100, ceiling_percent: 110 };
    let s1sp = "CGI".parse().expect("an S1SP");
    let pools = scale_week(s1sp, &[day(12), day(13)], &terms, None, &mut Balances::default()).expect("a week");
    pools.iter().map(|pool| StoredPool::from(("msm-5.0", pool))).collect()
}

fn broken(pools: &[StoredPool]) -> Vec<&'static str> {
    check(pools).into_iter().filter(|checked| checked.broken > 0).map(|checked| checked.property).collect()
}

#[test]
fn rep_1_every_property_holds_in_what_the_engine_gave() {
    for capacity in [0, 250, 1000, 2000] {
        let checked = check(&week(capacity));
        assert_eq!(broken(&week(capacity)), Vec::<&str>::new(), "capacity {capacity}");
        let cases = |place: usize| checked[place].cases;
        assert_eq!((cases(0), cases(1), cases(7), cases(8)), (2, 8, 4, 2), "two pools, eight lines, four parties");
    }
}

#[test]
fn rep_1_each_property_is_found_broken_by_a_result_that_breaks_it() {
    let properties: Vec<&str> = PROPERTIES.iter().map(|(property, _)| *property).collect();
    let tampered = |change: fn(&mut StoredPool)| {
        let mut pools = week(1000);
        change(&mut pools[0]);
        broken(&pools)
    };
    type Change = fn(&mut StoredPool);
    let cases: [(usize, Change); 9] = [
        (0, |pool| pool.lines[0].allocation -= 1),
        (1, |pool| pool.lines[2].counted = 81),
        (2, |pool| pool.lines[1].allocation -= 1),
        (3, |pool| (pool.lines[3].counted, pool.lines[3].allocation) = (400, 100)),
        (4, |pool| (pool.lines[0].allocation, pool.lines[1].allocation) = (200, 546)),
        (5, |pool| pool.lines[0].allocation += 2),
        (6, |pool| pool.lines[0].closing += 1),
        (7, |pool| pool.lines[0].closing += 1),
        (8, |pool| pool.lines[0].derivation.push('!')),
    ];
    for (place, change) in cases {
        assert!(tampered(change).contains(&properties[place]), "{}: {:?}", properties[place], tampered(change));
    }
}

#[test]
fn rep_1_other_ways_are_shown_for_information() {
    let pools = week(1000);
    let by_party: Vec<(u64, u64)> =
        otherwise(&pools[0]).expect("figures in range").values().map(|other| (other.equal, other.pro_rata)).collect();
    let sum = by_party.iter().fold((0, 0), |(equal, pro_rata), other| (equal + other.0, pro_rata + other.1));
    assert_eq!(sum, (1000, 1000));
    // Equal shares: 80 and 250 fit, the rest is halved. Pro rata: 1000 / 1630 of each demand.
    assert_eq!(by_party, [(335, 552), (335, 246), (80, 49), (250, 153)]);
    assert!(is_scaled(&pools[0]) && !is_scaled(&week(2000)[0]));
}

#[test]
fn fractions_are_read_as_they_are_written() {
    for text in ["0", "12", "3/4", "12 3/4"] {
        assert_eq!(entitlement(text).map(|fraction| fraction.to_string()).as_deref(), Some(text));
    }
    for text in ["", "x", "5/4", "1 2", "3/"] {
        assert_eq!(entitlement(text), None, "{text}");
    }
}
