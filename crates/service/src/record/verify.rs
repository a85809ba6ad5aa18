//! Checking the record: the log row by row, and the files against it. Whether derived tables fit is a replay's to say.

use crate::act::actor::Actor;
use crate::act::digests::{Subject, hexadecimal, text_digest};
use crate::act::leaf::{fixed_id, leaf};
use crate::act::simulated::{CLOCK, SIMULATED, is_simulated};
use crate::act::work::{Act, Recorded};
use crate::dispatch::judge::Judge;
use crate::dispatch::kinds::{Visit, of_kind};
use crate::error::{Result, ServiceError};
use crate::files::receive::Receive;
use crate::record::files::{Earlier, Files, of_row};
use crate::record::tree::{Head, Tree};
use crate::weeks::confirm::Confirm;
use jiff::Timestamp;
use serde::de::IgnoredAny;
use sluice_store::tables::log::{self, AccountId, Committed, Details, Entry, Format};
use sluice_store::tables::{accounts, answers, intake, issued, record, stray};
use sluice_store::{Scope, Store, StoreError, View};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a check of the record found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Rows that are right, from the first on.
    pub rows: i64,
    /// Rows among them whose details are erased.
    pub erased: i64,
    /// Accounts that acted and whose names are erased.
    pub nameless: usize,
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
    let mut found = Verified::default();
    found.bad = match look(&mut store.view(Scope::Dcc)?, heads, &mut found) {
        // What a row holds is for the check to tell; that the database fails is not.
        Err(ServiceError::Store(StoreError::Unreadable(words) | StoreError::Type(words))) => Some(words),
        other => other?,
    };
    Ok(found)
}

fn look(tx: &mut View<'_>, heads: &[Head], found: &mut Verified) -> Result<Option<String>> {
    let mut check = Check::new(tx, heads, found)?;
    if let Some(bad) = check.head() {
        return Ok(Some(bad));
    }
    let mut after = log::START;
    loop {
        let acts = log::acts_after(tx, after, BATCH)?;
        let Some(last) = acts.last() else { break };
        let files = Files::load(tx, after, last.row.seq)?;
        after = last.row.seq;
        for act in &acts {
            if let Some(bad) = check.row(act, &files) {
                return Ok(Some(bad));
            }
        }
    }
    if let Some(bad) = check.missing_rows().or_else(|| check.unused_name()).or_else(|| check.spare_arrival()) {
        return Ok(Some(bad));
    }
    if let Some(bad) = check.unkept(tx)? {
        return Ok(Some(bad));
    }
    let (earlier, simulated) = (check.earlier, check.simulated);
    rest(tx, found, &earlier, simulated)
}

/// Looks at what is beside the log: nothing that belongs to no act, and every content as its digest says.
fn rest(tx: &mut View<'_>, found: &mut Verified, earlier: &Earlier, simulated: bool) -> Result<Option<String>> {
    if let Some(bad) = stray::first(tx)?.or_else(|| earlier.left()) {
        return Ok(Some(bad));
    }
    if let Some(bad) = contents(tx, found, earlier)? {
        return Ok(Some(bad));
    }
    let (files, bad) = issued::check_contents(tx)?;
    found.issued = files;
    if bad.is_some() {
        return Ok(bad);
    }
    if let Some(bad) = answers::check(tx)? {
        return Ok(Some(bad));
    }
    settings(tx, simulated)
}

/// Every content is what its digest says, and belongs to something.
fn contents(tx: &mut View<'_>, found: &mut Verified, earlier: &Earlier) -> Result<Option<String>> {
    let mut wanted = stray::referred(tx)?;
    wanted.extend(earlier.opened.iter().map(|(_, digest)| *digest));
    let all = record::contents(tx)?;
    let spare: Vec<_> = all.iter().filter(|digest| !wanted.contains(*digest)).collect();
    if let Some(digest) = spare.first().filter(|_| spare.len() > earlier.erased) {
        let digest = hexadecimal(*digest);
        return Ok(Some(format!("content {digest} belongs to no file: it was added afterwards")));
    }
    for digest in &all {
        match record::content(tx, digest) {
            Err(StoreError::Damaged(words)) => {
                let owner = stray::owner(tx, digest)?.map(|owner| format!(" ({owner})")).unwrap_or_default();
                return Ok(Some(format!("{words}{owner}")));
            }
            other => drop(other?),
        }
        found.contents += 1;
    }
    let all: HashSet<_> = all.into_iter().collect();
    let missing = earlier.opened.iter().find(|(_, digest)| !all.contains(digest));
    Ok(missing.map(|(seq, _)| format!("the opened content that row {seq} took over is missing: it was taken away")))
}

/// The settings say what the program writes there: always whether the database is simulated; a clock in simulated ones only.
fn settings(tx: &mut View<'_>, simulated: bool) -> Result<Option<String>> {
    let settings = record::settings(tx)?;
    if settings.iter().all(|(name, _)| name != SIMULATED) {
        return Ok(Some(format!("the setting {SIMULATED}, which every database has, is missing: it was taken away")));
    }
    let wrong = settings.into_iter().find_map(|(name, value)| match name.as_str() {
        SIMULATED if value == "yes" || value == "no" => None,
        CLOCK if !simulated => Some("this database has a given clock and says that it is not simulated".to_owned()),
        CLOCK if value.parse::<Timestamp>().is_ok() => None,
        _ => Some(format!("the setting {name} is none that this program writes: '{value}'")),
    });
    Ok(wrong)
}

/// The log as far as it was looked at.
struct Check<'f> {
    found: &'f mut Verified,
    tree: Tree,
    /// Heads that were kept and are not yet reached, the largest first.
    heads: Vec<Head>,
    last: Option<Timestamp>,
    committed: bool,
    /// The names of accounts, and whether a row was seen by it.
    names: HashMap<AccountId, (Option<String>, bool)>,
    earlier: Earlier,
    /// What received files were taken over from, of those whose act was not looked at.
    arrivals: BTreeMap<i64, String>,
    /// The content that acts have not kept, by the numbers of the received files; nothing for what can no longer be told.
    unkept: HashMap<i64, Option<String>>,
    /// Is the database simulated, so that everybody is who they say?
    simulated: bool,
}

impl<'f> Check<'f> {
    fn new(tx: &mut View<'_>, heads: &[Head], found: &'f mut Verified) -> Result<Self> {
        let mut heads = heads.to_vec();
        heads.sort_unstable_by(|one, other| other.cmp(one));
        let names: HashMap<_, _> = accounts::ids(tx)?.into_iter().map(|(id, name)| (id, (name, false))).collect();
        found.nameless = names.values().filter(|(name, _)| name.is_none()).count();
        let (earlier, simulated) = (Earlier::load(tx)?, is_simulated(tx)?);
        let (arrivals, tree, unkept) = (intake::arrivals(tx)?, Tree::default(), HashMap::new());
        Ok(Self { found, tree, heads, last: None, committed: false, names, earlier, arrivals, unkept, simulated })
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
            let (seq, before) = (row.seq, row.seq < next);
            let added = || format!("row {seq} was added: the rows of the log are numbered from 1");
            return Some(if before { added() } else { format!("row {next} is missing") });
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
            if !details.text.is_empty() {
                return Some(format!(
                    "the details of row {seq} are marked as erased and are not: there is another text"
                ));
            }
        } else if text_digest(&row.format, &details.salt, Subject::Details, &details.text) != row.detail_digest {
            return Some(format!("the details of row {seq} were changed"));
        }
        let Format::Committed(committed) = &row.format else {
            let added = || format!("row {seq} has got a key, which rows of the old format have not");
            return act.key.as_ref().map(|_| added()).or_else(|| self.earlier.row(row, details));
        };
        self.note_unkept(act, details, files);
        of_row(seq, details, committed, files).or_else(|| self.recorded(act, details, committed))
    }

    /// MAM-9: notes what a row that received a file says of its content.
    fn note_unkept(&mut self, act: &Entry, details: &Details, files: &Files) {
        if act.row.kind != Receive::KIND {
            return;
        }
        if details.erased_at.is_some() {
            self.unkept.extend(files.received_by(act.row.seq).map(|id| (id, None)));
        } else if let Ok(Recorded { act: Receive { received, unkept: Some(digest), .. }, .. }) =
            serde_json::from_str(&details.text)
        {
            self.unkept.insert(received, Some(digest));
        }
    }

    /// Files have no content in the record where the act that received them says so, and there alone.
    fn unkept(&mut self, tx: &mut View<'_>) -> Result<Option<String>> {
        for (id, digest) in record::unkept(tx)? {
            let said = self.unkept.remove(&id);
            if said.is_none_or(|said| said.is_some_and(|said| said != hexadecimal(&digest))) {
                return Ok(Some(format!(
                    "received file {id} is not what its act says: the digest of content that is not kept was changed"
                )));
            }
        }
        let missing = self.unkept.iter().filter_map(|(id, said)| said.as_ref().map(|_| id)).min();
        Ok(missing.map(|id| {
            format!("received file {id} is not what its act says: its content is not kept, and it has no digest")
        }))
    }

    /// The name by which the account of a row is known, and its key, are those in its details.
    fn recorded(&mut self, act: &Entry, details: &Details, committed: &Committed) -> Option<String> {
        let (row, seq) = (&act.row, act.row.seq);
        if let Some((_, seen)) = self.names.get_mut(&committed.account) {
            *seen = true;
        }
        if details.erased_at.is_some() {
            return None;
        }
        let Ok(recorded) = serde_json::from_str::<Recorded<IgnoredAny>>(&details.text) else {
            return Some(format!("the details of row {seq} cannot be read"));
        };
        if recorded.key != act.key.as_deref().map(hexadecimal) {
            return Some(format!("the key of row {seq} was changed: it is not the one in its details"));
        }
        if row.kind == Receive::KIND
            && let Some(bad) = self.arrival(seq, &details.text)
        {
            return Some(bad);
        }
        let name = recorded.by.name();
        let known = self.names.get(&committed.account).map(|(name, _)| name);
        match known {
            Some(Some(known)) if known != name => {
                Some(format!("the account of row {seq} is known as {known} and acted as {name}: a name was changed"))
            }
            None if fixed_id(name) != committed.account => {
                Some(format!("the account of row {seq}, by which {name} acted, is missing from account_name"))
            }
            account => {
                let shown = self.simulated || had_shown((&row.kind, committed.engine), &recorded.by, account.is_some());
                (!shown).then(|| {
                    format!("row {seq} ({}) is by {name} without a token, and this database is not simulated", row.kind)
                })
            }
        }
    }

    /// MAM-9: a received file was taken over from the arrival that its act names, and from no other.
    fn arrival(&mut self, seq: i64, details: &str) -> Option<String> {
        let Ok(Recorded { act: Receive { received, arrival, .. }, .. }) = serde_json::from_str(details) else {
            return Some(format!("the details of row {seq} cannot be read"));
        };
        let changed = || format!("the arrival of received file {received} was changed: it is not the one of row {seq}");
        (self.arrivals.remove(&received) != arrival).then(changed)
    }

    /// An arrival of a file of which no act says that it had one.
    fn spare_arrival(&self) -> Option<String> {
        let left = i64::try_from(self.arrivals.len()).unwrap_or(i64::MAX);
        let id = self.arrivals.keys().next().filter(|_| left > self.found.erased)?;
        Some(format!("received file {id} has got an arrival that none of its acts names: it was added"))
    }

    /// An account by which no row is.
    fn unused_name(&self) -> Option<String> {
        let unused = self.names.values().find(|(_, seen)| !seen)?;
        let name = unused.0.as_deref().unwrap_or("one whose name is erased");
        Some(format!("account_name has {name}, and no row of the log is by that account: it was added"))
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

/// ACC-1: had who acted shown a token, or needs none: the clock, the program as it judges a file for its sender, and for some acts
/// whoever holds the database? Of accounts, earlier programs did not record it; before version 6 they let a party confirm under its name
/// alone whose arrival had shown one.
fn had_shown((kind, engine): (&str, i64), by: &Actor, is_account: bool) -> bool {
    if is_account {
        return !by.is_only_named();
    }
    let for_sender = kind == Judge::KIND || kind == Confirm::KIND && engine < 6;
    by.is_clock() || for_sender || (by.is_console() && of_kind(kind, ByHolder).is_ok_and(|may| may))
}

/// Is it an act that whoever holds a database may do without a token?
struct ByHolder;

impl Visit for ByHolder {
    type Out = bool;

    fn visit<A: Act>(self) -> Result<bool> {
        Ok(A::BY_HOLDER)
    }
}
