//! Split supply (MAM-1): what the two suppliers send meets in any order. Held against the engine, and against an engine
//! broken on purpose, which it must catch.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use sluice_rules::authorisation::state::State;
use sluice_rules::party::Party;
use std::collections::BTreeSet;
use support::{Active, Op, World, day, party};

type Engine<'a> = &'a dyn Fn(&mut World, Op);

/// What a supplier sends for one installation: a row that authorises (true) or withdraws, and its date.
type Sent = Vec<(bool, usize)>;

/// What is live in the end: party, date, state, unit.
type End = BTreeSet<(Party, jiff::civil::Date, State, bool)>;

/// The end when the rows of both arrive in the given order (true: the gas supplier's next one).
fn end(engine: Engine<'_>, sent: &[Sent; 2], order: &[bool]) -> End {
    let mut world = World::new(&[Active::Both], 2, 9);
    let mut next = sent.clone().map(Vec::into_iter);
    for &gas in order {
        let supplier = usize::from(gas);
        let (authorises, date) = next[supplier].next().unwrap();
        let op = if authorises { Op::Authorise } else { Op::Withdraw };
        engine(&mut world, op(0, supplier, date));
    }
    world.rows().filter(|row| row.state.is_live()).map(|row| (row.party, row.date, row.state, row.unit)).collect()
}

/// Every order in which `sent` can arrive, each supplier's own rows in their order.
fn orders(sent: &[Sent; 2]) -> Vec<Vec<bool>> {
    let [electricity, gas] = [sent[0].len(), sent[1].len()];
    let all = (0..1_u32 << (electricity + gas)).map(|bits| (0..electricity + gas).map(move |bit| bits >> bit & 1 == 1));
    let all = all.map(Iterator::collect::<Vec<bool>>);
    all.filter(|order| order.iter().filter(|&&gas| gas).count() == gas).collect()
}

/// Everything that a supplier can send in up to four rows that have an effect, and in which it goes from the first date to
/// the second only and does not go back on the second. Otherwise the order matters by MAM-7: once a move stands the old
/// date is gone, and what comes after finds it so.
fn one_way() -> Vec<Sent> {
    let mut all: Vec<Sent> = vec![Vec::new()];
    let mut longest = all.clone();
    for _ in 0..4 {
        longest = longest
            .iter()
            .flat_map(|sent| [(true, 0), (true, 1), (false, 0)].map(|row| [sent.as_slice(), &[row]].concat()))
            .filter(|sent| {
                let last = sent[sent.len() - 1];
                let live = sent[..sent.len() - 1].iter().rev().find(|row| row.1 == last.1).is_some_and(|row| row.0);
                let moved = sent[..sent.len() - 1].contains(&(true, 1));
                live != last.0 && !(moved && last == (true, 0))
            })
            .collect();
        all.extend(longest.iter().cloned());
    }
    all
}

/// The first that two suppliers can send whose end depends on the order.
fn depends_on_the_order(engine: Engine<'_>) -> Option<[Sent; 2]> {
    let all = one_way();
    let pairs = all.iter().flat_map(|left| all.iter().map(|right| [left.clone(), right.clone()]));
    pairs.into_iter().find(|sent| {
        let ends: BTreeSet<End> = orders(sent).iter().map(|order| end(engine, sent, order)).collect();
        ends.len() > 1
    })
}

#[test]
fn mam_1_the_two_files_in_both_orders_with_a_withdrawal_and_a_move_between_end_alike() {
    let all = one_way();
    for sent in [vec![(true, 0)], vec![(true, 0), (false, 0), (true, 1)], vec![(true, 0), (true, 1), (false, 0)]] {
        assert!(all.contains(&sent), "{sent:?}");
    }
    assert_eq!(depends_on_the_order(&World::play), None);
    // Gives up the old date before the new one stands.
    let hasty = |world: &mut World, op: Op| {
        world.play(op);
        if let Op::Authorise(index, supplier, new) = op {
            (0..world.dates).filter(|&old| old != new).for_each(|old| {
                if world.cases[index].live(party(supplier), day(old)).is_some_and(|row| row.state == State::Held) {
                    world.play(Op::Withdraw(index, supplier, old));
                }
            });
        }
    };
    assert!(depends_on_the_order(&hasty).is_some(), "the broken engine was not found out");
}
