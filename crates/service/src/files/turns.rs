//! Files are checked in turns between the parties: each has one in checking at a time, by one process. What they say is judged in the
//! order of their arrival all the same.

use crate::act::reading::Ahead;
use jiff::Timestamp;
use sluice_rules::party::Party;
use sluice_store::tables::intake::Arrival;
use sluice_store::tables::record::Packed;
use std::collections::BTreeSet;
use std::time::Duration;

/// An arrival that was read before its turn to be judged has come.
pub(crate) struct Checked {
    /// Its id.
    pub(crate) id: String,
    /// Its content as it is kept.
    pub(crate) packed: Option<Packed>,
    /// What it says.
    pub(crate) ahead: Ahead,
}

/// The turns as a process has them.
pub(crate) struct Turns {
    /// How long it is waited for what others check.
    pub(crate) patience: Duration,
    /// FI24: how long reading a file may take. It is the program's and no rulebook's: it refuses nothing.
    pub(crate) reads: Duration,

    /// Are there others to heed? Nothing before it was asked.
    pub(crate) heeds: Option<bool>,
    /// By what the process is known to them; nothing while it checks nothing.
    pub(crate) process: Option<String>,
    /// The moments from which on it holds what comes, since it has passwords and opens files with them (CAL-3).
    pub(crate) holds: Vec<Timestamp>,
    /// The parties of which it has checked a file in this round.
    had: BTreeSet<Party>,
    /// What it has read ahead: one file of another party, since it may be large, and one whose turn it seemed to be.
    pub(crate) checked: Vec<Checked>,
}

impl Default for Turns {
    fn default() -> Self {
        let (patience, reads) = (Duration::from_secs(5), Duration::from_secs(60));
        Self {
            patience,
            reads,
            heeds: None,
            process: None,
            holds: Vec::new(),
            had: BTreeSet::new(),
            checked: Vec::new(),
        }
    }
}

impl Turns {
    /// Whose turn it is, of the first arrivals of each party: the earliest of a party that had none in this round. Parties that have a
    /// file in checking elsewhere are passed over.
    pub(crate) fn next(&mut self, mut first: Vec<Arrival>, elsewhere: &[Party]) -> Option<Arrival> {
        first.retain(|arrival| !elsewhere.contains(&arrival.party));
        if first.iter().all(|arrival| self.had.contains(&arrival.party)) {
            self.had.clear();
        }
        let next = first.into_iter().find(|arrival| !self.had.contains(&arrival.party));
        self.had.extend(next.as_ref().map(|arrival| arrival.party));
        next
    }

    /// What was read of an arrival ahead.
    pub(crate) fn take(&mut self, id: &str) -> Option<Checked> {
        let place = self.checked.iter().position(|checked| checked.id == id)?;
        Some(self.checked.swap_remove(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mam_9_checking_goes_round_the_parties() {
        let arrival = |party: &str| Arrival {
            id: party.to_owned(),
            party: party.parse().unwrap(),
            actor: String::new(),
            channel: String::new(),
            name: String::new(),
            size: 0,
            digest: None,
            at: Timestamp::UNIX_EPOCH,
            taken: None,
            why: None,
            place: 0,
            confirm: false,
        };
        let all = ["AAA123", "BBB456", "CCC789"];
        let mut turns = Turns::default();
        let mut next = |elsewhere: &[&str]| {
            let elsewhere: Vec<Party> = elsewhere.iter().map(|party| party.parse().unwrap()).collect();
            turns.next(all.map(arrival).to_vec(), &elsewhere).map(|arrival| arrival.id)
        };
        // However many files the first has, each of the others has its turn.
        let order: Vec<Option<String>> = (0..4).map(|_| next(&[])).collect();
        assert_eq!(order, ["AAA123", "BBB456", "CCC789", "AAA123"].map(|id| Some(id.to_owned())));
        assert_eq!(next(&["BBB456"]), Some("CCC789".to_owned()));
        assert_eq!(next(&["CCC789"]), Some("BBB456".to_owned()));
        assert_eq!(next(&all), None);
    }
}
