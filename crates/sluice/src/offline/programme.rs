//! The tables of a run, read and checked against each other.

use super::inputs::{DemandInput, InputFile, Inputs};
use super::judge::{Judged, judge};
use crate::failure::Failure;
use jiff::civil::Date;
use sluice_rules::calendar::{days_of_week, monday_of};
use sluice_rules::party::{Party, S1sp};
use sluice_rules::scaling::Again;
use sluice_service::books::rulebooks::{Books, Settings};
use sluice_wire::Content;
use sluice_wire::reference::{
    BalanceTable, Capacities, DemandLine, EligibleCounts, Standing, TableError, read_balances, read_capacity,
    read_demand_table, read_eligible, read_standings,
};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is scaled.
pub struct Programme {
    /// Capacity of each pool.
    pub capacities: Capacities,
    /// The weeks of each S1SP that have capacity, by their Monday.
    pub weeks: BTreeMap<S1sp, BTreeSet<Date>>,
    /// Demand in the order of S1SP, day and party.
    pub demand: Vec<DemandLine>,
    /// What stands, where pools are shared again after the firm result; their demand is not shared then.
    pub again: Option<(Again, Vec<Standing>)>,
    /// Eligible counts, if given.
    pub eligible: Option<EligibleCounts>,
    /// Opening balances.
    pub balances: BalanceTable,
    /// Settings.
    pub settings: Settings,
    /// The verdicts on the Demand Commitments; empty with a demand table.
    pub judged: Judged,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// Reads all inputs.
///
/// # Errors
/// If a table of DCC's own cannot be used, or demand has no capacity lines in its week.
pub fn programme(inputs: &Inputs, books: &Books) -> Result<Programme, Failure> {
    books.chosen(inputs.settings.rulebook.as_deref())?;
    let reading = inputs.settings.reading;
    let capacities = table(&inputs.capacity, |extension, content| read_capacity(extension, content, reading))?;
    let mut weeks: BTreeMap<S1sp, BTreeSet<Date>> = BTreeMap::new();
    for (s1sp, date) in capacities.keys() {
        weeks.entry(*s1sp).or_default().insert(monday(*date)?);
    }
    let (mut judged, mut again) = (Judged::default(), None);
    let (demand, source) = match &inputs.demand {
        DemandInput::Standings(why, file) => {
            again = Some((*why, table(file, read_standings)?));
            (Vec::new(), "")
        }
        DemandInput::Table(file) => (table(file, read_demand_table)?, file.name.as_str()),
        DemandInput::Files(files) => {
            judged = judge(files, &weeks.keys().copied().collect(), books, &inputs.settings)?;
            (demand_of_files(&judged), "a Demand Commitment")
        }
    };
    let mut programme = Programme {
        eligible: inputs.eligible.as_ref().map(|file| table(file, read_eligible)).transpose()?,
        balances: inputs
            .balances
            .as_ref()
            .map_or_else(|| Ok(BalanceTable::new()), |file| table(file, read_balances))?,
        settings: inputs.settings.clone(),
        warnings: Vec::new(),
        capacities,
        weeks,
        demand,
        again,
        judged,
    };
    if let Some((_, standings)) = &programme.again {
        check_standings(standings, &programme.capacities)?;
        return Ok(programme);
    }
    programme.check_weeks(&inputs.capacity.name, source)?;
    programme.warn_of_nothing(&inputs.demand);
    programme.warn_of_missing_days();
    programme.warn_of_missing_counts();
    Ok(programme)
}

fn monday(date: Date) -> Result<Date, Failure> {
    monday_of(date).map_err(Failure::usage)
}

/// Reads a table of DCC's own.
fn table<T>(
    file: &InputFile,
    read: impl FnOnce(&str, &mut dyn Content) -> Result<T, TableError>,
) -> Result<T, Failure> {
    let gone = || Failure::Use(format!("the content of {} is not in the bundle", file.name));
    let mut stream = file.stream()?.ok_or_else(gone)?;
    read(&file.extension(), &mut *stream)
        .map_err(|error| Failure::Use(format!("{}: {error}. Correct it and run again; nothing was written", file.name)))
}

/// What stands is of days that have something to share.
fn check_standings(standings: &[Standing], capacities: &Capacities) -> Result<(), Failure> {
    match standings.iter().find(|one| !capacities.contains_key(&(one.s1sp, one.date))) {
        None => Ok(()),
        Some(Standing { s1sp, date, party, .. }) => {
            Err(Failure::Use(format!("{party} stands at {s1sp} on {date}, and the capacity has no line of that day")))
        }
    }
}

/// MSM-2: a party's demand is the sum over its User IDs.
fn demand_of_files(judged: &Judged) -> Vec<DemandLine> {
    let mut sums: BTreeMap<(S1sp, Date, Party), u64> = BTreeMap::new();
    for (_, demand) in &judged.taken {
        let (Some(party), Ok(days)) = (demand.name.party, days_of_week(demand.name.date)) else { continue };
        for (date, units) in days.into_iter().zip(demand.days) {
            *sums.entry((demand.name.s1sp, date, party)).or_default() += units;
        }
    }
    sums.into_iter().map(|((s1sp, date, party), units)| DemandLine { s1sp, date, party, units }).collect()
}

impl Programme {
    /// Demand for a week without a single capacity line: nobody can say whether that is 0 or forgotten.
    fn check_weeks(&self, capacity: &str, source: &str) -> Result<(), Failure> {
        let mut last = None;
        for line in &self.demand {
            if last.replace((line.s1sp, line.date)) == Some((line.s1sp, line.date)) {
                continue;
            }
            let monday = monday(line.date)?;
            if !self.weeks.get(&line.s1sp).is_some_and(|weeks| weeks.contains(&monday)) {
                let s1sp = line.s1sp;
                return Err(Failure::Use(format!(
                    "{capacity} has no line for S1SP {s1sp} in the week of {monday}, but {source} of {} asks for it; \
                     add the capacity of that week, or leave that demand out",
                    line.party
                )));
            }
        }
        Ok(())
    }

    /// An empty folder is more often a wrong path than a week without demand.
    fn warn_of_nothing(&mut self, demand: &DemandInput) {
        if matches!(demand, DemandInput::Files(files) if files.is_empty()) {
            self.warnings.push("there is no demand file; sub-folders are not searched".to_owned());
        }
        if let DemandInput::Table(file) = demand
            && self.demand.is_empty()
        {
            self.warnings.push(format!("{} has no rows below its header: nobody asked for anything", file.name));
        }
    }

    fn warn_of_missing_days(&mut self) {
        for (s1sp, weeks) in &self.weeks {
            for monday in weeks {
                let days = days_of_week(*monday).unwrap_or([*monday; 7]);
                let missing = days.iter().filter(|day| !self.capacities.contains_key(&(*s1sp, **day)));
                let missing: Vec<String> = missing.map(ToString::to_string).collect();
                if !missing.is_empty() {
                    let days = missing.join(", ");
                    self.warnings.push(format!("{s1sp}, week of {monday}: no capacity line for {days}; taken as 0"));
                }
            }
        }
    }

    /// MSM-2a: who has no line in the eligible counts has no eligible installation, and so no counted demand.
    fn warn_of_missing_counts(&mut self) {
        let Some(eligible) = &self.eligible else { return };
        let asking: BTreeSet<_> =
            self.demand.iter().filter(|line| line.units > 0).map(|line| (line.s1sp, line.party)).collect();
        for (s1sp, party) in asking {
            if !eligible.get(&s1sp).is_some_and(|counts| counts.contains_key(&party)) {
                self.warnings
                    .push(format!("{party} has no line for {s1sp} in the eligible counts; its demand counts as 0"));
            }
        }
    }
}
