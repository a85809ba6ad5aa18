//! DMT-4: an operator decides on an objection.

use crate::act::actor::Actor;
use crate::act::tell::tell;
use crate::act::work::{Act, Work};
use crate::board::exclude::{checked, exclude};
use crate::board::finish::Ending;
use crate::board::open::Board;
use crate::books::calendar::{in_words, local_date};
use crate::dormant::roster::{Roster, UPHELD, book};
use crate::error::{Result, ServiceError};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::tables::dormant::{self, Decision};

/// DMT-4: what is decided on the objection of a supplier to an installation of a week.
#[derive(Debug, Serialize, Deserialize)]
pub struct DecideObjection {
    /// The S1SP.
    #[serde(with = "crate::words")]
    pub s1sp: S1sp,
    /// The week's Monday.
    #[serde(with = "crate::words")]
    pub week: Date,
    /// The installation.
    #[serde(with = "crate::words")]
    pub chf: Eui64,
    /// Whose objection.
    #[serde(with = "crate::words")]
    pub party: Party,
    /// Is it upheld? Then the installation leaves the week.
    pub upheld: bool,
    /// The category in which the installation is excluded, if it is.
    pub exclude: Option<String>,
    /// Why.
    pub why: String,
}

impl Act for DecideObjection {
    const KIND: &'static str = "dormant-decide";
    /// What the line of the installation is now.
    type Answer = String;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("deciding on an objection")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<String> {
        work.rulebook.clone_from(&book(work)?.id);
        work.must_say(&self.why, "DMT-4", "a decision says why; give the reason with --why")?;
        if self.exclude.is_some() && !self.upheld {
            let message = "an installation is excluded with an objection that is upheld, not with one that is rejected";
            return Err(ServiceError::rule("DMT-4", message));
        }
        let mut roster = Roster::with(work, self.s1sp, self.week, &[self.chf].into())?;
        self.decide(work, &mut roster)?;
        let before = roster.lines.get(&self.chf).and_then(|line| line.date.filter(|_| line.state.is_open()));
        if self.upheld {
            roster.leave(work, self.chf, UPHELD, None)?;
        }
        let mut board = Board::open(work, self.s1sp, roster.facts.terms.clone())?;
        board.facts.load(work, [self.chf])?;
        let excluded = self.exclude(work, &mut board)?;
        roster.save(work)?;
        let also = before.filter(|_| self.upheld).into_iter().collect();
        board.settle(work)?.finish(work, Ending { also, ..Ending::default() })?;
        self.tell(work, excluded.as_deref())?;
        let state = roster.lines.get(&self.chf).map(|line| line.state.to_string());
        Ok(state.unwrap_or_default())
    }
}

impl DecideObjection {
    /// Writes the decision down.
    fn decide(&self, work: &mut Work<'_>, roster: &mut Roster<'_>) -> Result<()> {
        let Self { chf, party, week, .. } = self;
        let found = roster.answers.get_mut(chf).and_then(|answers| answers.get_mut(party));
        let Some(answer) = found.filter(|answer| answer.answer == "OBJECT") else {
            let message = format!("{party} has no objection to installation {chf} in the week of {week}");
            return Err(ServiceError::rule("DMT-4", format!("{message}; see sluice dormant show")));
        };
        if let Some(earlier) = &answer.decision {
            let word = if earlier.upheld { "upheld" } else { "rejected" };
            let message = format!("the objection was {word} at {} by {}", in_words(earlier.at), earlier.by);
            return Err(ServiceError::rule("DMT-4", message));
        }
        let by = work.by.name().to_owned();
        answer.decision = Some(Decision { upheld: self.upheld, why: self.why.trim().to_owned(), by, at: work.now });
        Ok(dormant::set_answers(&mut work.tx, &self.s1sp, *week, std::slice::from_ref(answer))?)
    }

    /// EXC-1: an objection may show that the installation cannot be migrated at all. Gives the category.
    fn exclude(&self, work: &mut Work<'_>, board: &mut Board) -> Result<Option<String>> {
        let Some(category) = &self.exclude else { return Ok(None) };
        let today = local_date(work.now);
        let category = checked(work, category, today)?;
        exclude(work, board, self.chf, &category, today, "DMT-4")?;
        Ok(Some(category))
    }

    /// DMT-4: the supplier is told what was decided, and why.
    fn tell(&self, work: &mut Work<'_>, excluded: Option<&str>) -> Result<()> {
        let what = match (self.upheld, excluded) {
            (true, Some(category)) => format!("is upheld, and the installation is excluded: {category}"),
            (true, None) => "is upheld".to_owned(),
            (false, _) => "is not upheld; the installation stays in the week".to_owned(),
        };
        let why = self.why.trim();
        let words = format!("your objection to its migration in the week of {} {what}. Why: {why}", self.week);
        tell(work, self.party, "DMT-4", Some(self.chf), &words)
    }
}
