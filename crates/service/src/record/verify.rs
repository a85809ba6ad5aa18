//! Checking the record: the log row by row, and the files against it. Whether derived tables fit is a replay's to say.

use crate::act::digests::{Subject, file_salt, input_digest, issued_digest, text_digest};
use crate::act::leaf::{fixed_id, leaf};
use crate::act::work::{Act, Recorded};
use crate::error::Result;
use crate::files::receive::Receive;
use crate::imports::import::Import;
use crate::record::tree::{Head, Tree};
use jiff::Timestamp;
use serde::de::IgnoredAny;
use sluice_store::tables::issued::{self, IssuedBy};
use sluice_store::tables::log::{self, AccountId, Committed, Details, Entry, Format, Taken};
use sluice_store::tables::{accounts, record};
use sluice_store::{Scope, Store, StoreError, View};
use std::collections::HashMap;

/// What a check of the record found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Rows that are right, from the first on.
    pub rows: i64,
    /// Rows among them whose details are erased.
    pub erased: i64,
    /// Contents of received files that are what their digests say.
    pub contents: u64,
    /// Issued files that are as they were issued.
    pub issued: u64,
    /// What is wrong first, in words; nothing if all is right.
    pub bad: Option<String>,
}

/// Acts that are loaded at a time.
const BATCH: i64 = 10_000;

/// Looks for gaps, for rows that are not as they were written, for files that do not fit them, and whether the log still
/// begins with the rows of heads that were kept.
///
/// # Errors
/// If the database fails.
pub fn verify(store: &mut Store, heads: &[Head]) -> Result<Verified> {
    let mut tx = store.view(Scope::Dcc)?;
    let mut check = Check::new(&mut tx, heads)?;
    if let Some(bad) = check.head() {
        return Ok(Verified { bad: Some(bad), ..check.found });
    }
    loop {
        let acts = log::acts_after(&mut tx, check.found.rows, BATCH)?;
        let Some(last) = acts.last() else { break };
        let (after, last) = (check.found.rows, last.row.seq);
        let files =
            Files { taken: log::inputs(&mut tx, after, last)?, issued: issued::issued_by(&mut tx, after, last)? };
        for act in &acts {
            if let Some(bad) = check.row(act, &files) {
                return Ok(Verified { bad: Some(bad), ..check.found });
            }
        }
    }
    let bad = check.missing_rows();
    let mut found = check.found;
    found.bad = if bad.is_some() { bad } else { rest(&mut tx, &mut found)? };
    Ok(found)
}

/// Looks at what is beside the log: nothing that belongs to no act, and every content as its digest says.
fn rest(tx: &mut View<'_>, found: &mut Verified) -> Result<Option<String>> {
    if let Some(bad) = log::stray(tx, [Receive::KIND, Import::KIND])? {
        return Ok(Some(bad));
    }
    for digest in record::contents(tx)? {
        match record::content(tx, &digest) {
            Err(StoreError::Damaged(words)) => return Ok(Some(words)),
            other => drop(other?),
        }
        found.contents += 1;
    }
    let (files, bad) = issued::check_contents(tx)?;
    found.issued = files;
    Ok(bad)
}

/// The files of some acts, in the order of the acts.
struct Files {
    taken: Vec<(i64, Taken)>,
    issued: Vec<IssuedBy>,
}

impl Files {
    fn taken_by(&self, seq: i64) -> impl Iterator<Item = &Taken> {
        let first = self.taken.partition_point(|(act, _)| *act < seq);
        self.taken[first..].iter().take_while(move |(act, _)| *act == seq).map(|(_, taken)| taken)
    }

    fn issued_by(&self, seq: i64) -> impl Iterator<Item = &IssuedBy> {
        let first = self.issued.partition_point(|file| file.act < seq);
        self.issued[first..].iter().take_while(move |file| file.act == seq)
    }
}

/// The log as far as it was looked at.
struct Check {
    found: Verified,
    tree: Tree,
    /// Heads that were kept and are not yet reached, the largest first.
    heads: Vec<Head>,
    last: Option<Timestamp>,
    committed: bool,
    names: HashMap<AccountId, Option<String>>,
}

impl Check {
    fn new(tx: &mut View<'_>, heads: &[Head]) -> Result<Self> {
        let mut heads = heads.to_vec();
        heads.sort_unstable_by(|one, other| other.cmp(one));
        let names = accounts::ids(tx)?.into_iter().collect();
        let found = Verified::default();
        Ok(Self { found, tree: Tree::default(), heads, last: None, committed: false, names })
    }

    /// Looks at the next row; says what is wrong.
    fn row(&mut self, act: &Entry, files: &Files) -> Option<String> {
        let bad = self.own(act).or_else(|| self.details(act, files));
        if bad.is_some() {
            return bad;
        }
        self.found.rows += 1;
        self.last = Some(act.row.at);
        self.tree.add(act.row.leaf);
        self.head()
    }

    /// The row by itself and in its place.
    fn own(&mut self, act: &Entry) -> Option<String> {
        let (row, next) = (&act.row, self.found.rows + 1);
        if row.seq != next {
            return Some(format!("row {next} is missing"));
        }
        if leaf(row) != row.leaf {
            return Some(format!("row {next} was changed: its leaf does not fit"));
        }
        if self.last.is_some_and(|last| row.at < last) {
            return Some(format!(
                "row {next} was changed: its moment is before that of the row before, and time never goes back"
            ));
        }
        match row.format {
            Format::Committed(_) => self.committed = true,
            Format::Named(_) if self.committed => {
                return Some(format!("row {next} was added: it is of the old format and stands after rows of the new"));
            }
            Format::Named(_) => {}
        }
        None
    }

    /// What the row commits to: details, files, and the name of its account.
    fn details(&mut self, act: &Entry, files: &Files) -> Option<String> {
        let (row, seq) = (&act.row, act.row.seq);
        let Some(details) = &act.details else {
            return Some(format!("the details of row {seq} are missing, and are not marked as erased"));
        };
        if details.erased_at.is_some() {
            self.found.erased += 1;
        } else if text_digest(&row.format, &details.salt, Subject::Details, &details.text) != row.detail_digest {
            return Some(format!("the details of row {seq} were changed"));
        }
        let Format::Committed(committed) = &row.format else { return None };
        files_of(seq, details, committed, files).or_else(|| self.account(seq, details, committed))
    }

    /// The name by which the account of a row is known is the one in its details.
    fn account(&self, seq: i64, details: &Details, committed: &Committed) -> Option<String> {
        if details.erased_at.is_some() {
            return None;
        }
        let Ok(recorded) = serde_json::from_str::<Recorded<IgnoredAny>>(&details.text) else {
            return Some(format!("the details of row {seq} cannot be read"));
        };
        let name = recorded.by.name().to_owned();
        match self.names.get(&committed.account) {
            Some(Some(known)) if *known != name => {
                Some(format!("the account of row {seq} is known as {known} and acted as {name}: a name was changed"))
            }
            None if fixed_id(&name) != committed.account => {
                Some(format!("the account of row {seq}, by which {name} acted, is missing from account_name"))
            }
            _ => None,
        }
    }

    /// The heads that were kept of the log up to here: says if it is another one.
    fn head(&mut self) -> Option<String> {
        if self.heads.last().is_none_or(|kept| kept.size != self.tree.size()) {
            return None;
        }
        let now = self.tree.head();
        while let Some(kept) = self.heads.pop_if(|kept| kept.size == now.size) {
            if kept != now {
                return Some(format!(
                    "the log no longer begins with the {} rows of the head {kept}: one of them was replaced, with digests \
                     that fit. It is not the history of which this head was taken",
                    kept.size
                ));
            }
        }
        None
    }

    /// A head that was kept of more rows than there are.
    fn missing_rows(&self) -> Option<String> {
        let kept = self.heads.last()?;
        Some(format!(
            "the log ends with row {} and the head {kept} was taken of {}: the last rows were taken away, or this database is \
             an older copy",
            self.found.rows, kept.size
        ))
    }
}

/// The files of a row are those that it commits to.
fn files_of(seq: i64, details: &Details, committed: &Committed, files: &Files) -> Option<String> {
    // Of erased details the salt of the files is what is left.
    let salt = match details.erased_at {
        Some(_) => details.salt.clone(),
        None => file_salt(&details.salt).to_vec(),
    };
    match input_digest(&salt, files.taken_by(seq)) {
        Ok(digest) if digest == committed.input_digest => {}
        Err(id) => return Some(format!("received file {id}, which row {seq} took over, is missing")),
        Ok(_) => {
            let named = files.taken_by(seq).find_map(|taken| match taken {
                Taken::Received(file) => Some(format!("received file {} ({})", file.id, file.name)),
                _ => None,
            });
            let what = named.unwrap_or_else(|| "what was taken over".to_owned());
            return Some(format!(
                "{what} is not what row {seq} took over: sender, name, moment, size or digest were changed"
            ));
        }
    }
    if issued_digest(&salt, files.issued_by(seq)) == committed.issued_digest {
        return None;
    }
    let names: Vec<&str> = files.issued_by(seq).map(|file| file.name.as_str()).collect();
    let left = if names.is_empty() { "none is left".to_owned() } else { format!("now {}", names.join(", ")) };
    Some(format!("the files that row {seq} issued were changed, added or taken away ({left})"))
}
