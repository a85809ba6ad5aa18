//! Exclusions that are decided here: candidates after too many failed attempts (OUT-2), and their end (EXC-1).

use crate::act::actor::Actor;
use crate::act::tell::tell;
use crate::act::work::{Act, Look, Reads, Work};
use crate::board::exclude::{checked, exclude};
use crate::board::ground::lapse_unfounded;
use crate::board::open::Board;
use crate::books::calendar::local_date;
use crate::books::terms::MamTerms;
use crate::dormant::review::review;
use crate::error::{Result, ServiceError};
use crate::facts::dossier::Dossier;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sluice_rules::installation::Fuel;
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::tables::attempts;
use sluice_store::tables::convert::eui_number;
use sluice_store::tables::installations::{self, IMPORTED};
use sluice_store::tables::parties::Dictionary;
use std::collections::BTreeSet;

const SAY_WHY: &str = "a decision says why; give the reason with --why";

/// OUT-2: what is decided on a candidate for exclusion.
#[derive(Debug, Serialize, Deserialize)]
pub struct DecideExclusion {
    /// The installation.
    #[serde(with = "crate::words")]
    pub chf: Eui64,
    /// The category in which it is excluded; nothing if it is not, and its count of attempts restarts.
    pub exclude: Option<String>,
    /// Why.
    pub why: String,
}

impl Act for DecideExclusion {
    const KIND: &'static str = "exclusion-decision";
    /// How many failed attempts had been counted.
    type Answer = u64;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("deciding on an exclusion")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<u64> {
        work.must_say(&self.why, "OUT-2", SAY_WHY)?;
        let today = local_date(work.now);
        let s1sp = s1sp_of(work, self.chf)?;
        let terms = MamTerms::on(work.books, today)?;
        let mut board = Board::open(work, s1sp, terms)?;
        board.facts.load(work, [self.chf])?;
        let file = board.facts.dossier(self.chf).ok_or_else(|| ServiceError::defect("an installation is missing"))?;
        must_not_be_excluded(file, today)?;
        let (failed, needed, suppliers) = (file.attempts.failed, board.facts.terms.attempts, suppliers(file, today));
        if failed < needed {
            let message =
                format!("{} has {failed} failed attempts; from {needed} on it is a candidate for exclusion", self.chf);
            return Err(ServiceError::rule("OUT-2", message));
        }
        let words = match &self.exclude {
            Some(category) => {
                let category = checked(work, category, today)?;
                exclude(work, &mut board, self.chf, &category, today, "OUT-2")?;
                format!("after {failed} failed attempts it is excluded in the category {category}: {}", self.why.trim())
            }
            None => {
                restart(work, &mut board, self.chf)?;
                format!(
                    "after {failed} failed attempts it is not excluded; it can be authorised again: {}",
                    self.why.trim()
                )
            }
        };
        for party in suppliers {
            tell(work, party, "OUT-2", Some(self.chf), &words)?;
        }
        board.finish(work)?;
        review_one(work, s1sp, self.chf)?;
        Ok(failed)
    }
}

/// DMT-1: what a decision changes for a Dormant installation that is in a week.
fn review_one(work: &mut Work<'_>, s1sp: S1sp, chf: Eui64) -> Result<()> {
    review(work, s1sp, Some(&BTreeSet::from([chf])), None)?.issue(work, s1sp)
}

/// OUT-2: on what is excluded nothing is to be decided: to be told that it is not would be wrong.
fn must_not_be_excluded(file: &Dossier, today: Date) -> Result<()> {
    let Some(standing) = file.exclusion.as_ref().filter(|exclusion| exclusion.from <= today) else { return Ok(()) };
    let (chf, category, from) = (file.installation.chf, &standing.category, standing.from);
    let message = format!(
        "{chf} is excluded already, in the category {category} from {from} on; end that with sluice exclusion lift, or with an import if one excludes it"
    );
    Err(ServiceError::rule("OUT-2", message))
}

/// OUT-2: an operator has decided not to exclude it: the count restarts.
fn restart(work: &mut Work<'_>, board: &mut Board, chf: Eui64) -> Result<()> {
    let Some((file, _)) = board.change(chf) else { return Ok(()) };
    file.attempts.failed = 0;
    Ok(attempts::set(&mut work.tx, chf, &file.attempts)?)
}

/// The suppliers of the meters of an installation.
fn suppliers(file: &Dossier, date: Date) -> Vec<Party> {
    let mut suppliers: Vec<Party> = file.case.meters.each().filter_map(|meter| meter.supplier_on(date)).collect();
    suppliers.dedup();
    suppliers
}

/// EXC-1: an exclusion that was decided here is lifted. What an import excludes, an import lifts.
#[derive(Debug, Serialize, Deserialize)]
pub struct LiftExclusion {
    /// The installation.
    #[serde(with = "crate::words")]
    pub chf: Eui64,
    /// Its meter that is excluded by itself; nothing for the installation.
    #[serde(with = "crate::words::optional")]
    pub fuel: Option<Fuel>,
    /// Why.
    pub why: String,
}

impl Act for LiftExclusion {
    const KIND: &'static str = "exclusion-lift";
    /// How many exclusions were lifted.
    type Answer = u64;

    fn authorise(&self, by: &Actor) -> Result<()> {
        by.must_operate("lifting an exclusion")
    }

    fn run(&self, work: &mut Work<'_>) -> Result<u64> {
        work.must_say(&self.why, "EXC-1", SAY_WHY)?;
        let today = local_date(work.now);
        let s1sp = s1sp_of(work, self.chf)?;
        let terms = work.mam_terms()?;
        work.rulebook.clone_from(&terms.rulebook);
        let lifted = installations::remove_exclusions(&mut work.tx, self.chf, self.fuel)?;
        if lifted == 0 {
            return Err(ServiceError::rule("EXC-1", self.why_not(work)?));
        }
        let mut board = Board::open(work, s1sp, terms)?;
        board.facts.load(work, [self.chf])?;
        if self.fuel.is_none() {
            restart(work, &mut board, self.chf)?;
        }
        let (told, rows) = match board.facts.dossier(self.chf) {
            Some(file) => (suppliers(file, today), file.live_rows()),
            None => (Vec::new(), Vec::new()),
        };
        // OUT-3: a meter that counts again needs its supplier's authorisation again.
        lapse_unfounded(work, &mut board, &[(self.chf, rows)], None)?;
        board.finish(work)?;
        // OUT-3, DMT-5: a meter that counts again can make a home Active again, and has a supplier to be told.
        review_one(work, s1sp, self.chf)?;
        for party in told {
            let words = format!("its exclusion is lifted: {}", self.why.trim());
            tell(work, party, "EXC-1", Some(self.chf), &words)?;
        }
        Ok(lifted)
    }
}

impl LiftExclusion {
    /// EXC-1: why there is nothing to lift.
    fn why_not(&self, work: &mut Work<'_>) -> Result<String> {
        let key = eui_number(self.chf);
        let standing = installations::exclusions(&mut work.tx, &[key])?.remove(&key).unwrap_or_default();
        let meter = self.fuel.map(|fuel| format!("{} meter", fuel.word().to_ascii_lowercase()));
        Ok(match (standing.iter().any(|exclusion| exclusion.fuel == self.fuel), meter) {
            (true, None) => "no decision made here excludes it; what an import excludes, an import lifts".to_owned(),
            (true, Some(meter)) => {
                format!("no decision made here excludes its {meter}; what an import excludes, an import lifts")
            }
            (false, None) if standing.is_empty() => format!("{} is not excluded; there is nothing to lift", self.chf),
            (false, None) => format!("{} is not excluded, a meter of it is; name the meter with --fuel", self.chf),
            (false, Some(meter)) => format!(
                "the {meter} of {} is not excluded by itself; sluice exclusion list shows what is excluded",
                self.chf
            ),
        })
    }
}

/// The S1SP that serves an installation.
///
/// # Errors
/// If there is no such installation.
pub fn s1sp_of<'w>(work: &mut Work<'w, impl Reads<'w>>, chf: Eui64) -> Result<S1sp> {
    let dictionary = Dictionary::load(&mut work.tx)?;
    let key = eui_number(chf);
    let found = installations::find(&mut work.tx, &dictionary, &[key])?.first().map(|installation| installation.s1sp);
    found.ok_or_else(|| ServiceError::Use(format!("there is no installation with CHF Device ID {chf}")))
}

/// An exclusion, or a candidate for one.
#[derive(Debug, Clone, Serialize)]
pub struct ExclusionLine {
    /// The installation.
    pub chf: String,
    /// The meter; empty for the installation.
    pub fuel: String,
    /// The category; for a candidate how many attempts have failed.
    pub category: String,
    /// From which date; for a candidate the date of its last failed attempt.
    pub from: String,
    /// Where it comes from, or that it is to be decided.
    pub origin: String,
}

/// Every exclusion, and the candidates on which a decision waits.
///
/// # Errors
/// If the database fails.
pub fn lines(work: &mut Look<'_>) -> Result<Vec<ExclusionLine>> {
    let terms = work.mam_terms()?;
    let mut lines: Vec<ExclusionLine> = Vec::new();
    for (chf, attempts) in attempts::candidates(&mut work.tx, terms.attempts)? {
        lines.push(ExclusionLine {
            chf: chf.to_string(),
            fuel: String::new(),
            category: format!("{} failed attempts", attempts.failed),
            from: attempts.last_failed.map(|date| date.to_string()).unwrap_or_default(),
            origin: "candidate (OUT-2)".to_owned(),
        });
    }
    for (chf, exclusion) in installations::all_exclusions(&mut work.tx)? {
        lines.push(ExclusionLine {
            chf: chf.to_string(),
            fuel: exclusion.fuel.map(|fuel| fuel.to_string()).unwrap_or_default(),
            category: exclusion.category,
            from: exclusion.from.to_string(),
            origin: if exclusion.origin == IMPORTED { "import".to_owned() } else { exclusion.origin },
        });
    }
    Ok(lines)
}
