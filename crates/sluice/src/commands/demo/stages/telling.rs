//! What is told of a week, and of one home at the end.

use crate::commands::demo::programme::WEEKS;
use crate::commands::demo::stage::Stage;
use crate::failure::Failure;
use crate::print::print_line;
use crate::show::{folded, progress, table};
use jiff::civil::Date;
use sluice_rules::authorisation::state::State;
use sluice_rules::party::S1sp;
use sluice_service::read::story::story;
use sluice_store::tables::{outcomes, results, schedules, state_changes, weeks};

/// Planned and actual of an S1SP's week, in installations.
#[derive(Default)]
struct Actual {
    capacity: u64,
    allocated: u64,
    scheduled: u64,
    migrated: u64,
    failed: u64,
    not_attempted: u64,
    unknown: u64,
}

impl Stage {
    /// The story of a week, and its figures.
    pub(in super::super) fn tell_week(&mut self, week: Date) -> Result<(), Failure> {
        progress("");
        let number = WEEKS.iter().position(|other| *other == week).map_or(0, |place| place + 2);
        print_line("")?;
        print_line(&format!("{number}. The week of {}", crate::show::day(week)))?;
        print_line("")?;
        for line in self.told.remove(&week).unwrap_or_default() {
            print_line(&folded("   ", &line))?;
        }
        if let Some(words) = self.explained.take() {
            print_line("")?;
            print_line("   Every figure is explained; one supplier's day as an example:")?;
            print_line("")?;
            print_line(&words)?;
        }
        print_line("")?;
        let mut rows = Vec::new();
        for s1sp in self.s1sps()? {
            let Actual { capacity, allocated, scheduled, migrated, failed, not_attempted, unknown } =
                self.actual(s1sp, week)?;
            let figures = [capacity, allocated, scheduled, migrated, failed, not_attempted, unknown];
            rows.push(std::iter::once(s1sp.to_string()).chain(figures.map(|figure| figure.to_string())).collect());
        }
        let header =
            ["S1SP", "Total capacity", "Allocated", "Scheduled", "Migrated", "Failed", "Not attempted", "Not known"];
        print_line(&table(&header, rows))
    }

    fn actual(&mut self, s1sp: S1sp, week: Date) -> Result<Actual, Failure> {
        let days = Self::migration_days(week)?;
        self.look(|work| {
            let mut actual = Actual::default();
            let capacity = weeks::capacity(&mut work.tx, &s1sp, days[0], days[4])?;
            actual.capacity = capacity.values().map(|capacity| capacity.total()).sum();
            let allocations = results::allocations(&mut work.tx, &s1sp, days[0], days[4])?;
            actual.allocated = allocations.iter().map(|record| record.units).sum();
            for day in days {
                let version = schedules::version(&mut work.tx, &s1sp, day)?;
                let lines = schedules::lines(&mut work.tx, &s1sp, day, version)?.len();
                actual.scheduled += u64::try_from(lines).unwrap_or(u64::MAX);
                for known in outcomes::of_day(&mut work.tx, &s1sp, day)?.into_values() {
                    match known.outcome {
                        Some(State::Migrated) => actual.migrated += 1,
                        Some(State::Failed) => actual.failed += 1,
                        Some(State::NotAttempted) => actual.not_attempted += 1,
                        Some(State::Unknown) => actual.unknown += 1,
                        _ => {}
                    }
                }
            }
            Ok(actual)
        })
    }

    /// The full history of the home to which more happened than to others.
    pub(in super::super) fn tell_home(&mut self) -> Result<(), Failure> {
        let chosen = self.look(|work| Ok(state_changes::most_changed(&mut work.tx)?))?;
        let Some(chf) = chosen else { return Ok(()) };
        print_line("")?;
        print_line("5. One home, as sluice installation show tells it")?;
        print_line("")?;
        let told = self.look(|work| story(work, &chf.to_string()))?;
        crate::commands::installation::print(&told)
    }
}
