//! FI01: which parts of a right name are in a wrong one, told by what they are.

use super::grammar::Part;
use sluice_rules::party::{Eui64, Party, S1sp};

/// Names of more parts than this are not looked at: the longest has four and a version.
const MOST: usize = 8;

/// Is a text what this part looks like, and no other? A code may be of digits alone, or be like a User ID without its hyphens, but what
/// is so is more likely a date, a time or such an ID.
pub(super) fn is(part: Part, text: &str) -> bool {
    let is_code = || text.bytes().any(|byte| !byte.is_ascii_digit()) && text.parse::<Eui64>().is_err();
    could_be(part, text) && (!matches!(part, Part::Party | Part::S1sp) || is_code())
}

/// Could a text be this part, whatever else it may be?
pub(super) fn could_be(part: Part, text: &str) -> bool {
    let digits = |count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    match part {
        Part::Party => text.parse::<Party>().is_ok(),
        Part::S1sp => text.parse::<S1sp>().is_ok(),
        Part::UserId => text.contains('-') && text.parse::<Eui64>().is_ok(),
        Part::Week | Part::Day => digits(8),
        Part::Time => digits(6),
    }
}

/// Where each wanted part stands among those given, in their order and with as many as can be; nothing if there is more than one way.
pub(super) fn only(wanted: &[Part], given: &[&str]) -> Option<Vec<Option<usize>>> {
    if given.len() > MOST {
        return None;
    }
    let mut ways = Vec::new();
    each(wanted, given, 0, &mut Vec::new(), &mut ways);
    let count = |way: &Vec<Option<usize>>| way.iter().flatten().count();
    let most = ways.iter().map(count).max()?;
    let mut best = ways.into_iter().filter(|way| count(way) == most);
    best.next().filter(|_| best.next().is_none())
}

/// All ways on from some parts that have their places.
fn each(
    wanted: &[Part],
    given: &[&str],
    from: usize,
    way: &mut Vec<Option<usize>>,
    ways: &mut Vec<Vec<Option<usize>>>,
) {
    let Some(part) = wanted.get(way.len()) else {
        ways.push(way.clone());
        return;
    };
    let places = (from..given.len()).filter(|&place| is(*part, given[place])).map(Some);
    for place in places.chain([None]) {
        way.push(place);
        each(wanted, given, place.map_or(from, |place| place + 1), way, ways);
        way.pop();
    }
}

/// Is every wanted part there and nothing else, but not in their order?
pub(super) fn is_reordered(wanted: &[Part], given: &[&str]) -> bool {
    let mut left = given.to_vec();
    let mut take = |part: &Part| left.iter().position(|text| is(*part, text)).map(|place| left.remove(place)).is_some();
    given.len() == wanted.len()
        && wanted.iter().all(&mut take)
        && !wanted.iter().zip(given).all(|(part, text)| is(*part, text))
}
