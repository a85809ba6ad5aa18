//! Queries against a provisional result (MSM-11).

use crate::act::actor::Actor;
use crate::act::tell::tell;
use crate::act::work::{Act, Work};
use crate::books::calendar::{in_words, week_of};
use crate::error::{Result, ServiceError};
use crate::weeks::chain::must_be_open;
use crate::weeks::window::windows;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::calendar::Milestone;
use sluice_rules::party::{Party, S1sp};
use sluice_store::tables::questions;
use sluice_store::tables::results;

/// The longest text of a query or an answer, in characters.
const LONGEST: usize = 2_000;

fn must_be_text(work: &Work<'_>, text: &str) -> Result<()> {
    work.must_say(text, "MSM-11", "the text is empty; write what you ask or answer")?;
    let length = text.chars().count();
    if length > LONGEST {
        return Err(ServiceError::Use(format!("the text has {length} characters, at most {LONGEST} are taken")));
    }
    Ok(())
}

/// A supplier raises a query against its line.
#[derive(Debug, Serialize, Deserialize)]
pub struct Raise {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The day.
    #[serde(with = "crate::words")]
    pub date: Date,
    /// What is asked.
    pub question: String,
}

impl Act for Raise {
    const KIND: &'static str = "query-raise";
    /// The number of the query.
    type Answer = i64;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_be_party("raising a query").map(drop)
    }

    fn run(&self, work: &mut Work<'_>) -> Result<i64> {
        let party = work.by.must_be_party("raising a query")?;
        crate::responsibility::intake::must_not_have_failed(&mut work.tx, party)?;
        must_be_text(work, &self.question)?;
        let week = week_of(self.date)?;
        let calendar = work.week(week)?;
        let versions = results::versions(&mut work.tx, &self.s1sp, week)?;
        let Some(result) = versions.iter().rev().find(|result| result.published_at.is_some()) else {
            return Err(ServiceError::rule(
                "MSM-11",
                "a query is raised against a provisional result; none is published",
            ));
        };
        work.rulebook.clone_from(&result.rulebook);
        // MSM-11: who got a line late, or another one by a corrected result, has some time more.
        let closes = match work.engine {
            ..=2 => calendar.at(Milestone::QueryCloses),
            _ => windows(work, &calendar, &self.s1sp)?.until(party),
        };
        if work.now >= closes || result.firm_at.is_some() {
            // A first result that came after the end, and was too late for a window of its own.
            let late = versions.iter().find_map(|one| one.published_at).filter(|first| *first >= closes);
            let words = match late {
                Some(_) => {
                    "the first result was published late, and no query can be raised against it: there is no time for one \
                     before it has to be firm"
                        .to_owned()
                }
                None => format!("the query window closed at {}", in_words(closes)),
            };
            return Err(ServiceError::rule("MSM-11", words));
        }
        // CAL-5: nobody has anything of a closed week, whatever had been published of it.
        if !work.is_again() {
            must_be_open(work, &self.s1sp, week)?;
        }
        let lines = results::lines(&mut work.tx, &self.s1sp, self.date, self.date, result.version)?;
        if !lines.iter().any(|line| line.party == party) {
            let message = format!("{party} has no line at {} on {}", self.s1sp, self.date);
            return Err(ServiceError::rule("MSM-11", message));
        }
        if !work.is_again() {
            must_be_the_only_one(work, &self.s1sp, self.date, party)?;
        }
        Ok(questions::raise(&mut work.tx, &self.s1sp, self.date, &party, work.now, &self.question)?)
    }
}

/// MSM-11: a supplier has one open query about its line: DCC answers each before the result becomes firm, and one supplier could keep
/// it from all others with ever more of them.
fn must_be_the_only_one(work: &mut Work<'_>, s1sp: &S1sp, date: Date, party: Party) -> Result<()> {
    let about = questions::questions(&mut work.tx, s1sp, date, date)?;
    match about.into_iter().find(|one| one.party == party && one.answered_at.is_none()) {
        None => Ok(()),
        Some(open) => Err(ServiceError::rule(
            "MSM-11",
            format!("your query about {} at {s1sp} is not answered yet; raise the next when it is", open.date),
        )),
    }
}

/// DCC answers a query.
#[derive(Debug, Serialize, Deserialize)]
pub struct AnswerQuery {
    /// The number of the query.
    pub query: i64,
    /// The answer.
    pub answer: String,
}

impl Act for AnswerQuery {
    const KIND: &'static str = "query-answer";
    type Answer = ();

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("answering a query")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        must_be_text(work, &self.answer)?;
        let asked = questions::answer(&mut work.tx, self.query, work.now, &self.answer)?;
        let Some(party) = asked else {
            return Err(ServiceError::Use(format!("there is no open query {}", self.query)));
        };
        // MSM-14: its number counts what others ask.
        let about = questions::about(&mut work.tx, self.query)?.filter(|_| work.engine > 7);
        let query = match about {
            Some((s1sp, date)) => format!("your query about {date} at {s1sp}"),
            None => format!("query {}", self.query),
        };
        tell(work, party, "MSM-11", None, &format!("{query} is answered: {}", self.answer))
    }
}
