use super::*;
use jiff::civil::date;

fn day() -> PoolDay<'static> {
    PoolDay { rulebook: "msm-5.0", s1sp: "CGI".parse().unwrap(), date: date(2021, 7, 12), dmin: 100 }
}

fn allocations(result: &PoolResult) -> Vec<u64> {
    result.lines.iter().map(|line| line.allocation).collect()
}

fn standing(party: &str, units: u64, opening: i64) -> HeldUnits {
    HeldUnits { party: party.parse().unwrap(), units, attempted: 0, opening }
}

fn holding(party: &str, demand: u64, held: u64) -> Holding {
    Holding { party: party.parse().unwrap(), demand, held, gave_back: false, opening: 0 }
}

#[test]
fn msm_12_what_still_fits_stands() {
    // A 100 authorised of 500, B 500 of 500, cut to 600 after the cut-off: nothing is deferred.
    let result = cut(day(), Capacity::new(600, 0).unwrap(), &[standing("A", 100, 0), standing("B", 500, 0)]).unwrap();
    assert_eq!(allocations(&result), [100, 500]);
    // Before the cut-off the allocations count: 500 and 500 share 600.
    let result = cut(day(), Capacity::new(600, 0).unwrap(), &[standing("A", 500, 0), standing("B", 500, 0)]).unwrap();
    assert_eq!(allocations(&result), [300, 300]);
}

#[test]
fn msm_12_ranks_by_the_opening_balance_and_writes_none() {
    let standings = [standing("A", 500, -1), standing("B", 500, 7)];
    let result = cut(day(), Capacity::new(601, 0).unwrap(), &standings).unwrap();
    assert_eq!(allocations(&result), [300, 301]);
    assert_eq!(result.lines.iter().map(|line| line.closing).collect::<Vec<_>>(), [-1, 7]);
}

#[test]
fn msm_13_goes_to_unmet_demand_of_those_who_gave_none_back() {
    let mut holdings = [holding("A", 400, 150), holding("B", 300, 300), holding("C", 200, 50), holding("D", 250, 0)];
    holdings[3].gave_back = true;
    // C is 50 short of DMIN and gets that first; the 50 left are shared 250 to 100: 35 5/7 and 14 2/7.
    let result = refill(day(), 100, &holdings).unwrap();
    assert_eq!(result.lines.iter().map(|line| line.party.as_str()).collect::<Vec<_>>(), ["A", "C"]);
    assert_eq!(result.lines.iter().map(|line| line.flat).collect::<Vec<_>>(), [0, 50]);
    assert_eq!(allocations(&result), [36, 64]);
    assert!(result.lines.iter().all(|line| line.closing == line.opening));
}

#[test]
fn msm_13_never_gives_more_than_is_unmet() {
    let result = refill(day(), 1000, &[holding("A", 400, 150), holding("C", 200, 50)]).unwrap();
    assert_eq!(allocations(&result), [250, 150]);
}

#[test]
fn cal_5_a_late_refill_counts_the_week_and_ranks_by_the_balances_that_stand() {
    let (a, b) = ("A".parse().unwrap(), "B".parse().unwrap());
    let of_day = |day: i8, units: u64, demand: [u64; 2]| Day {
        date: date(2021, 7, day),
        capacity: Capacity::new(units, 0).unwrap(),
        demand: vec![(a, demand[0]), (b, demand[1])],
    };
    let terms = Terms { rulebook: "msm-5.0".to_owned(), dmin: 0, ceiling_percent: 100 };
    let days = [of_day(12, 3, [10, 10]), of_day(13, 3, [10, 10])];
    let balances: Balances = [(a, -1), (b, 7)].into_iter().collect();
    let shared = refill_late(day().s1sp, &days, &terms, None, &balances).unwrap();
    // Each day ranks by what stands, so the odd unit is B's on both, and no balance moves.
    assert_eq!(shared.iter().map(allocations).collect::<Vec<_>>(), [[1, 2], [1, 2]]);
    assert!(shared.iter().flat_map(|pool| &pool.lines).all(|line| line.closing == line.opening));
    // MSM-2a: A has 4 eligible installations, so 2 of its 20 count on each day.
    let eligible: Eligible = [(a, 4), (b, 20)].into_iter().collect();
    let shared = refill_late(
        day().s1sp,
        &[of_day(12, 9, [10, 10]), of_day(13, 20, [10, 10])],
        &terms,
        Some(&eligible),
        &balances,
    );
    assert_eq!(shared.unwrap().iter().map(allocations).collect::<Vec<_>>(), [[1, 8], [2, 10]]);
}

#[test]
fn msm_9_what_is_shared_again_says_what_becomes_of_what_a_party_had() {
    let last = |pool: PoolResult| {
        let mut sentence = String::new();
        crate::scaling::write_derivation(&pool, &pool.lines[0], &mut sentence);
        let tail = sentence.split_once("; balance stays 0.").map(|(_, tail)| tail.to_owned());
        (tail.unwrap(), pool.lines[0].afterwards())
    };
    let held = [holding("A", 400, 150)];
    let refilled = refill(day(), 17, &held).unwrap();
    assert_eq!(last(refilled), (" Added to what is held: 150 + 17 = 167.".to_owned(), 167));
    assert_eq!(last(rise(day(), 17, &held).unwrap()), (" For deferred rows: 17 more.".to_owned(), 167));
    let cut_to = |attempted| {
        let standing = HeldUnits { attempted, ..standing("A", 50, 0) };
        cut(day(), Capacity::new(40, 0).unwrap(), &[standing]).unwrap()
    };
    assert_eq!(last(cut_to(0)), (" After the cut: 40.".to_owned(), 40));
    assert_eq!(last(cut_to(3)), (" After the cut: 43, with 3 attempted before it.".to_owned(), 43));
}
