//! Every transition from every state: the diagrams of `docs/rules/states.md`, the tables under them and the program say
//! the same, and the operations make exactly the steps that are drawn.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use sluice_rules::authorisation::settle::{self, RowId};
use sluice_rules::authorisation::state::{Progress, State};
use sluice_rules::dormant::{DormantEvent, DormantState};
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::fmt::Debug;
use std::str::FromStr;
use support::{Active, Op, World};

const DOCUMENT: &str = include_str!("../../../docs/rules/states.md");

/// A step; nothing at its beginning stands for what is new.
type Step<S> = (Option<S>, S);

/// The section under a heading.
fn section(heading: &str) -> &'static str {
    let start = DOCUMENT.find(&format!("\n## {heading}\n")).expect("the document has the section") + 1;
    let rest = &DOCUMENT[start..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

fn parse<S: FromStr>(from: &str, to: &str) -> Step<S>
where
    S::Err: Debug,
{
    let new = matches!(from, "[*]" | "(new)");
    ((!new).then(|| from.parse().expect(from)), to.parse().expect(to))
}

/// The arrows of the diagram in a section; each once.
fn arrows<S: FromStr + Ord>(heading: &str) -> BTreeSet<Step<S>>
where
    S::Err: Debug,
{
    let mut steps = BTreeSet::new();
    for (from, to) in section(heading).lines().filter_map(|line| line.split_once(" --> ")) {
        assert!(steps.insert(parse(from.trim(), to.trim())), "{from} --> {to} is drawn twice");
    }
    steps
}

/// The steps of the table in a section; each once and with a rule.
fn table<S: FromStr + Ord>(heading: &str) -> BTreeSet<Step<S>>
where
    S::Err: Debug,
{
    let (_, rows) = section(heading).split_once("| From | To | Rule | When |\n|---|---|---|---|\n").unwrap();
    let mut steps = BTreeSet::new();
    for row in rows.lines().take_while(|line| line.starts_with('|')) {
        let [_, from, to, rule, when, _] = row.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("not four columns: {row}");
        };
        assert!(rule.contains('-') && !when.is_empty(), "no rule: {row}");
        assert!(steps.insert(parse(from, to)), "twice: {row}");
    }
    steps
}

/// Holds a table of the program against the diagram, pair by pair, and the diagram against the table under it.
fn compare<S: FromStr + Ord + Copy + Debug>(heading: &str, all: &[S], may_become: impl Fn(S, S) -> bool)
where
    S::Err: Debug,
{
    let drawn = arrows(heading);
    for &from in all {
        for &to in all {
            assert_eq!(drawn.contains(&(Some(from), to)), may_become(from, to), "{from:?} --> {to:?}");
        }
    }
    assert_eq!(drawn, table(heading));
}

#[test]
fn every_transition_of_an_authorisation_is_drawn_and_no_other() {
    compare("Authorisation", State::ALL, State::may_become);
}

#[test]
fn every_transition_of_an_installation_is_drawn_and_no_other() {
    compare("Installation", Progress::ALL, Progress::may_become);
}

/// Everything that can happen to the line of a Dormant plan.
fn dormant_events() -> Vec<DormantEvent> {
    let others = [
        DormantEvent::Notify,
        DormantEvent::Lock,
        DormantEvent::Stop,
        DormantEvent::Lift,
        DormantEvent::Leave,
        DormantEvent::Wait,
        DormantEvent::End,
    ];
    let returns = [true, false].map(|scheduled| DormantEvent::Return { scheduled });
    let outcomes = DormantState::ALL.iter().map(|outcome| DormantEvent::Conclude(*outcome));
    others.into_iter().chain(returns).chain(outcomes).collect()
}

#[test]
fn every_transition_of_a_dormant_line_is_drawn_and_no_other() {
    let may_become =
        |from: DormantState, to: DormantState| dormant_events().into_iter().any(|event| from.after(event) == Some(to));
    compare("Dormant line", DormantState::ALL, may_become);
}

#[test]
fn what_becomes_of_a_dormant_line_is_final_or_undone() {
    for &state in DormantState::ALL {
        let goes_on = dormant_events().into_iter().any(|event| state.after(event).is_some());
        let ended = state.is_outcome() || state == DormantState::Unused;
        assert_eq!(goes_on, !ended, "{state}");
    }
}

#[test]
fn every_state_is_explained() {
    for (heading, words) in [
        ("Authorisation", State::ALL.iter().map(|state| state.word()).collect::<Vec<_>>()),
        ("Installation", Progress::ALL.iter().map(|state| state.word()).collect()),
        ("Dormant line", DormantState::ALL.iter().map(|state| state.word()).collect()),
    ] {
        let (explained, _) = section(heading).split_once("```").unwrap();
        for word in words {
            assert!(explained.lines().any(|line| line.starts_with('|') && line.contains(word)), "{heading}: {word}");
        }
    }
}

#[test]
fn what_has_ended_is_not_live_and_returns_only_where_an_import_can_have_ended_it() {
    for &state in State::ALL {
        let returns = state.next().iter().any(|next| next.is_live());
        // OUT-4: only an outcome follows what is not known.
        let by_import = matches!(state, State::Lapsed | State::Expired);
        assert_eq!(returns, (state.is_live() && state != State::Unknown) || by_import, "{state}");
    }
}

// All operations on all small worlds.

/// A world with one installation, and which of its meters are Active, and whether it is excluded.
#[derive(Clone)]
struct Node {
    world: World,
    active: Active,
    excluded: bool,
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Play(Op),
    /// An exclusion takes effect and ends what is live.
    Exclude,
    /// It is lifted, with or without what lapsed.
    Include(bool),
}

impl Node {
    fn progress(&self) -> Progress {
        let migrated = self.world.rows().any(|row| row.state == State::Migrated);
        Progress::of(migrated, self.excluded, self.world.rows().map(|row| row.state))
    }

    /// What makes two worlds alike: the rows in their order, the allocations, the meters.
    fn key(&self) -> impl Eq + std::hash::Hash + use<> {
        let mut rows = self.world.cases[0].rows.clone();
        rows.sort_by_key(|row| row.id);
        let rows: Vec<_> = rows
            .iter()
            .map(|row| (row.party, row.date, row.state, row.unit, row.place.map(|place| format!("{place:?}"))))
            .collect();
        let allocations: Vec<u64> = self.world.allocations.values().copied().collect();
        (rows, allocations, self.active, self.excluded)
    }

    fn after(&self, step: Move) -> Self {
        let mut next = self.clone();
        // Each operation is tried at each moment, not only in the order of the calendar.
        next.world.closed.clear();
        next.world.locked.clear();
        let ids: Vec<RowId> = next.world.rows().map(|row| row.id).collect();
        match step {
            // MA114: what is excluded takes no authorisation.
            Move::Play(Op::Authorise(..) | Op::Restore(_))
                if self.excluded || self.progress() == Progress::Migrated => {}
            Move::Play(op) => {
                next.world.play(op);
                if let Op::Import(_, active) = op {
                    next.active = active;
                }
            }
            Move::Exclude => {
                next.excluded = true;
                settle::lapse(&mut next.world.cases[0], &ids, &mut next.world.ledger);
            }
            Move::Include(undo) => {
                next.excluded = false;
                if undo {
                    settle::restore(&mut next.world.cases[0], &ids, &mut next.world.ledger);
                }
            }
        }
        next
    }
}

fn moves() -> Vec<Move> {
    let mut ops = vec![Op::Restore(0)];
    for (supplier, date) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        ops.extend([Op::Authorise(0, supplier, date), Op::Withdraw(0, supplier, date), Op::Promote(supplier, date)]);
        ops.extend([Op::Allocate(supplier, date, 0), Op::Allocate(supplier, date, 1)]);
    }
    ops.extend((0..2).flat_map(|date| [Op::Close(date), Op::Lock(date)]));
    ops.extend((0..4).map(|place| Op::Lapse(0, place)));
    ops.extend(Active::ALL.map(|active| Op::Import(0, active)));
    ops.extend([Op::Stop(0), Op::Lift(0), Op::Outlast(0), Op::Suspend(0, 0), Op::Suspend(0, 1), Op::Adopt(0)]);
    let outcomes = [State::Migrated, State::Failed, State::NotAttempted, State::Unknown];
    ops.extend(outcomes.map(|outcome| Op::Conclude(0, 0, outcome)));
    let other = [Move::Exclude, Move::Include(false), Move::Include(true)];
    ops.into_iter().map(Move::Play).chain(other).collect()
}

/// Steps that operations made, each with the first example found.
#[derive(Default)]
struct Made {
    rows: BTreeMap<Step<State>, String>,
    progress: BTreeMap<(Progress, Progress), String>,
}

impl Made {
    fn note(&mut self, before: &Node, step: Move, after: &Node) {
        let example = || format!("{step:?} after {:?} {:?}", before.active, before.world.cases[0].rows);
        for row in after.world.rows() {
            let old = before.world.rows().find(|old| old.id == row.id).map(|old| old.state);
            if old != Some(row.state) {
                self.rows.entry((old, row.state)).or_insert_with(example);
            }
        }
        let progress = (before.progress(), after.progress());
        if progress.0 != progress.1 {
            self.progress.entry(progress).or_insert_with(example);
        }
    }
}

/// Plays every operation on every world that up to `depth` operations make out of an empty one.
fn explore(depth: usize) -> Made {
    let start = Node { world: World::new(&[Active::Both], 2, 1), active: Active::Both, excluded: false };
    let (mut made, mut seen, mut queue) = (Made::default(), HashSet::new(), VecDeque::from([(start, 0)]));
    let moves = moves();
    while let Some((node, length)) = queue.pop_front() {
        for &step in &moves {
            let mut next = node.after(step);
            made.note(&node, step, &next);
            let stays =
                |state: State| state.is_live() || matches!(state, State::Lapsed | State::Expired | State::Migrated);
            next.world.cases[0].rows.retain(|row| stays(row.state));
            if length < depth && seen.insert(next.key()) {
                queue.push_back((next, length + 1));
            }
        }
    }
    made
}

#[test]
fn the_operations_make_every_step_that_is_drawn_and_no_other() {
    let made = explore(6);
    let drawn = arrows::<State>("Authorisation");
    for (step, example) in &made.rows {
        assert!(drawn.contains(step), "{step:?} is not drawn: {example}");
    }
    for step in &drawn {
        assert!(made.rows.contains_key(step), "{step:?} is drawn, but nothing makes it");
    }
    let drawn = arrows::<Progress>("Installation");
    for ((from, to), example) in &made.progress {
        assert!(drawn.contains(&(Some(*from), *to)), "{from} to {to} is not drawn: {example}");
    }
    for (from, to) in drawn.into_iter().filter_map(|(from, to)| Some((from?, to))) {
        assert!(made.progress.contains_key(&(from, to)), "{from} to {to} is drawn, but nothing makes it");
    }
}

#[test]
fn what_is_migrated_stays_so() {
    assert_eq!(Progress::of(true, true, [State::Accepted]), Progress::Migrated);
    assert_eq!(Progress::of(true, false, [State::Migrated]), Progress::Migrated);
    assert!(Progress::ALL.iter().all(|&next| !Progress::Migrated.may_become(next)));
}
