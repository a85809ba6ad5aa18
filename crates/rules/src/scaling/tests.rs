//! The worked examples of the rules, and what is known not to hold.

use super::week::{Balances, Day, Terms, scale_week};
use super::*;
use crate::party::{Party, S1sp};
use jiff::civil::date;

const NAMES: [&str; 4] = ["AAA123", "BBB456", "CCC789", "DDD012"];

fn s1sp() -> S1sp {
    "CGI".parse().unwrap()
}

fn party(name: &str) -> Party {
    name.parse().unwrap()
}

fn claims(demands: &[u64], dmin: u64) -> Vec<Claim> {
    let claim = |(name, &demand): (&&str, &u64)| Claim {
        party: party(name),
        demand,
        counted: demand,
        flat_limit: dmin,
        opening: 0,
    };
    NAMES.iter().zip(demands).map(claim).collect()
}

fn scale_one(capacity: u64, demands: &[u64], dmin: u64) -> PoolResult {
    let capacity = Capacity::new(capacity, 0).unwrap();
    scale(&Pool::new("msm-5.0", s1sp(), date(2021, 7, 12), capacity, dmin, claims(demands, dmin)).unwrap())
}

fn allocations(result: &PoolResult) -> Vec<u64> {
    result.lines.iter().map(|line| line.allocation).collect()
}

fn closings(result: &PoolResult) -> Vec<i64> {
    result.lines.iter().map(|line| line.closing).collect()
}

fn sentence(result: &PoolResult, index: usize) -> String {
    let mut out = String::new();
    write_derivation(result, &result.lines[index], &mut out);
    out
}

fn own_sentence(result: &PoolResult, index: usize) -> String {
    let mut out = String::new();
    write_own_derivation(result, &result.lines[index], &mut out);
    out
}

#[test]
fn msm_14_the_sentence_of_a_line_without_the_facts_of_its_pool() {
    let demands = [900, 400, 80, 250];
    assert_eq!(
        own_sentence(&scale_one(1000, &demands, 100), 0),
        "Demand 900. The total exceeds the capacity. Flat part 100 (MSM-4). Share of the rest 396 4/5 (MSM-5). \
         Balance 0, place 2 by lot (MSM-7): one more (MSM-6). Allocation 100 + 397 = 497; closing balance -0.2."
    );
    assert_eq!(
        own_sentence(&scale_one(250, &demands, 100), 2),
        "Demand 80. Flat part due 80; all flat parts exceed the capacity: shared equally (MSM-4), here 62 1/2. \
         Balance 0, place 3 by lot (MSM-7): none (MSM-6). Allocation 62; closing balance 0.5."
    );
    assert_eq!(
        own_sentence(&scale_one(2000, &demands, 100), 0),
        "Demand 900. Met in full (MSM-3). Flat part 100, pro rata 800. Allocation 900; balance stays 0."
    );
}

#[test]
fn msm_5_worked_example_scaled() {
    let result = scale_one(1000, &[900, 400, 80, 250], 100);
    assert_eq!(allocations(&result), [497, 249, 80, 174]);
    assert_eq!(closings(&result), [-200_000_000, -200_000_000, 0, 400_000_000]);
    assert_eq!(result.sharing, Sharing::ProRata { rest: 620, unmet: 1250 });
}

#[test]
fn msm_4_worked_example_short() {
    let result = scale_one(250, &[900, 400, 80, 250], 100);
    assert_eq!(allocations(&result), [62, 63, 62, 63]);
    assert_eq!(closings(&result), [500_000_000, -500_000_000, 500_000_000, -500_000_000]);
    assert!(result.lines.iter().all(|line| line.flat == line.allocation && line.pro_rata() == 0));
    assert_eq!(result.sharing, Sharing::Short { flat: 380, level: Mixed { whole: 62, numerator: 1, denominator: 2 } });
}

#[test]
fn msm_4_those_below_the_level_keep_their_flat_part() {
    // 10 and 20 are met; the 70 left are shared by three: 23 1/3 each.
    let result = scale_one(100, &[10, 20, 300, 300], 100);
    assert_eq!(result.sharing, Sharing::Short { flat: 230, level: Mixed::whole(35) });
    assert_eq!(allocations(&result), [10, 20, 35, 35]);
    assert_eq!(allocations(&scale_one(0, &[10, 20, 300, 300], 100)), [0, 0, 0, 0]);
}

#[test]
fn msm_3_worked_example_no_scaling() {
    let result = scale_one(2000, &[900, 400, 80, 250], 100);
    assert_eq!(allocations(&result), [900, 400, 80, 250]);
    assert_eq!(closings(&result), [0; 4]);
    assert_eq!(result.lines.iter().map(|line| line.flat).collect::<Vec<_>>(), [100, 100, 80, 100]);
    // Demand equal to capacity is no scaling either.
    assert_eq!(scale_one(1630, &[900, 400, 80, 250], 100).sharing, Sharing::Met);
    assert_ne!(scale_one(1629, &[900, 400, 80, 250], 100).sharing, Sharing::Met);
}

#[test]
fn msm_8_worked_example_of_thirty_days() {
    let mut balances = Balances::default();
    let terms = Terms { rulebook: "msm-5.0".to_owned(), dmin: 0, ceiling_percent: 110 };
    let demand: Vec<_> = NAMES.iter().map(|name| party(name)).zip([57, 33, 7, 3]).collect();
    let mut sums = [0; 4];
    let mut day = date(2021, 7, 12);
    for count in 1..=30 {
        let days = [Day { date: day, capacity: Capacity::new(10, 0).unwrap(), demand: demand.clone() }];
        let results = scale_week(s1sp(), &days, &terms, None, &mut balances).unwrap();
        if count == 1 {
            assert_eq!(allocations(&results[0]), [6, 3, 1, 0]);
            assert_eq!(closings(&results[0]), [-300_000_000, 300_000_000, -300_000_000, 300_000_000]);
        }
        allocations(&results[0]).iter().zip(&mut sums).for_each(|(units, sum)| *sum += units);
        day = day.tomorrow().unwrap();
    }
    assert_eq!(day, date(2021, 8, 11));
    assert_eq!(sums, [171, 99, 21, 9]);
    assert!(balances.values().all(|&balance| balance == 0));
}

#[test]
fn msm_6_counter_example_more_capacity_can_cost_a_unit_of_that_day() {
    assert_eq!(allocations(&scale_one(3, &[1, 3, 3], 0)), [1, 1, 1]);
    let result = scale_one(4, &[1, 3, 3], 0);
    assert_eq!(allocations(&result), [0, 2, 2]);
    // The balance makes it good later.
    assert!(result.lines[0].closing > 0);
}

#[test]
fn msm_8_counter_example_a_balance_can_pass_one_installation() {
    let mut balances = Balances::default();
    let terms = Terms { rulebook: "msm-5.0".to_owned(), dmin: 100, ceiling_percent: 110 };
    // The lot decides who waits; from 29 July it favours B, then C, so that A and D wait three days.
    let day = |day: i8, names: &[&str], capacity: u64| Day {
        date: date(2021, 7, day),
        capacity: Capacity::new(capacity, 0).unwrap(),
        demand: names.iter().map(|name| (party(name), 300)).collect(),
    };
    let days = [day(29, &["A", "B", "C", "D"], 401), day(30, &["A", "C", "D"], 301), day(31, &["A", "D"], 201)];
    scale_week(s1sp(), &days, &terms, None, &mut balances).unwrap();
    let largest = balances.values().map(|balance| balance.abs()).max().unwrap();
    assert!(largest > NANO, "largest balance {largest}");
}

#[test]
fn msm_7_the_lot_is_the_sha_256_of_rulebook_s1sp_day_and_party() {
    // printf 'msm-5.0|CGI|2021-07-12|AAA123' | sha256sum
    let text = lot("msm-5.0", s1sp(), date(2021, 7, 12), party("AAA123")).to_string();
    assert_eq!(text, LOT_AAA123);
    // In the short example all four are level: the two lowest lots of the four win.
    let mut lots: Vec<_> =
        NAMES.iter().map(|name| (lot("msm-5.0", s1sp(), date(2021, 7, 12), party(name)), *name)).collect();
    lots.sort();
    assert_eq!(
        lots[..2].iter().map(|(_, name)| *name).collect::<std::collections::BTreeSet<_>>(),
        ["BBB456", "DDD012"].into()
    );
}

const LOT_AAA123: &str = "7068e15127821c989323d959d2464745d3060f851500803c37c5bd1ac044e168";

#[test]
fn msm_1_the_reserve_is_kept_out_and_the_range_is_kept() {
    assert_eq!(Capacity::new(100, 30).unwrap().available(), 70);
    assert_eq!(Capacity::new(30, 31), Err(PoolError::Reserve { total: 30, reserve: 31 }));
    assert_eq!(Capacity::new(MAX_UNITS + 1, 0), Err(PoolError::TooMany(MAX_UNITS + 1)));
    let twice = vec![claims(&[1], 0)[0]; 2];
    let pool = Pool::new("msm-5.0", s1sp(), date(2021, 7, 12), Capacity::none(), 0, twice);
    assert_eq!(pool.err(), Some(PoolError::Twice(party("AAA123"))));
}

#[test]
fn msm_2a_the_ceiling_comes_off_in_proportion() {
    // ⌈110 % of 300⌉ = 330, demand 1,000 on five days: 66 each.
    assert_eq!(week::cut_to(330, &[200; 5]), [66; 5]);
    // Largest remainders first, earlier days first among equals.
    assert_eq!(week::cut_to(10, &[3, 3, 3, 3]), [3, 3, 2, 2]);
    assert_eq!(week::cut_to(1000, &[200; 5]), [200; 5]);
    assert_eq!(week::cut_to(0, &[200; 5]), [0; 5]);
}

#[test]
fn msm_2a_counts_the_week_and_spares_who_is_below() {
    let days: Vec<Day> = (12..17)
        .map(|day| Day {
            date: date(2021, 7, day),
            capacity: Capacity::new(10_000, 0).unwrap(),
            demand: vec![(party("AAA123"), 200), (party("BBB456"), 10)],
        })
        .collect();
    let terms = Terms { rulebook: "msm-5.0".to_owned(), dmin: 100, ceiling_percent: 110 };
    let eligible = [(party("AAA123"), 300), (party("BBB456"), 46)].into_iter().collect();
    let results = scale_week(s1sp(), &days, &terms, Some(&eligible), &mut Balances::default()).unwrap();
    for result in &results {
        assert_eq!(allocations(result), [66, 10]);
        assert_eq!(result.lines[0].demand, 200);
    }
    assert!(sentence(&results[0], 0).contains("counted as 66 (MSM-2a)"));
}

#[test]
fn msm_9_the_sentence_tells_the_whole_way() {
    let result = scale_one(1000, &[900, 400, 80, 250], 100);
    assert_eq!(
        sentence(&result, 0),
        "Demand 900. Total 1630 exceeds capacity 1000. Flat part 100 (MSM-4). Share of the rest 800 x 620 / 1250 = \
         396 4/5 (MSM-5). Balance 0, place 2 of 3 by lot (MSM-7) for 2 units left over: one more (MSM-6). Allocation \
         100 + 397 = 497; closing balance -0.2."
    );
    assert_eq!(
        sentence(&scale_one(250, &[900, 400, 80, 250], 100), 2),
        "Demand 80. Flat part due 80; all of them, 380, exceed capacity 250: shared equally up to 62 1/2 each (MSM-4), \
         here 62 1/2. Balance 0, place 3 of 4 by lot (MSM-7) for 2 units left over: none (MSM-6). Allocation 62; \
         closing balance 0.5."
    );
    assert_eq!(
        sentence(&scale_one(2000, &[900, 400, 80, 250], 100), 0),
        "Demand 900. Total 1630 is within capacity 2000: met in full (MSM-3). Flat part 100, pro rata 800. Allocation \
         900; balance stays 0."
    );
}
