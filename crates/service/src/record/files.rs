//! The files of acts, held against the rows of the log.

use crate::act::actor::Actor;
use crate::act::digests::{file_salt, input_digest, issued_digest};
use crate::act::work::{Act, Recorded};
use crate::dispatch::kinds::{Visit, of_kind};
use crate::error::{Result, ServiceError};
use sluice_store::View;
use sluice_store::tables::issued::{self, IssuedBy};
use sluice_store::tables::log::{self, AuditRow, Committed, Details, Input, Taken};
use sluice_store::tables::record::{Digest, Received};
use sluice_store::tables::stray;
use std::collections::BTreeMap;

/// The files of some acts of format 2, in the order of the acts.
pub(crate) struct Files {
    taken: Vec<(i64, Taken)>,
    issued: Vec<IssuedBy>,
}

impl Files {
    /// Those of the acts after a number and up to another.
    pub(crate) fn load(tx: &mut View<'_>, after: i64, last: i64) -> Result<Self> {
        Ok(Self { taken: log::inputs(tx, after, last)?, issued: issued::issued_by(tx, after, last)? })
    }

    fn taken_by(&self, seq: i64) -> impl Iterator<Item = &Taken> {
        let first = self.taken.partition_point(|(act, _)| *act < seq);
        self.taken[first..].iter().take_while(move |(act, _)| *act == seq).map(|(_, taken)| taken)
    }

    /// The received files that a row took over, by number.
    pub(crate) fn received_by(&self, seq: i64) -> impl Iterator<Item = i64> {
        self.taken_by(seq).filter_map(|taken| match taken {
            Taken::Received(file) => Some(file.id),
            _ => None,
        })
    }

    fn issued_by(&self, seq: i64) -> impl Iterator<Item = &IssuedBy> {
        let first = self.issued.partition_point(|file| file.act < seq);
        self.issued[first..].iter().take_while(move |file| file.act == seq)
    }
}

/// The files of a row are those that it commits to.
pub(crate) fn of_row(seq: i64, details: &Details, committed: &Committed, files: &Files) -> Option<String> {
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

/// What acts of format 1 took over. Their rows do not commit to it, but their details name it.
pub(crate) struct Earlier {
    /// Received files that no row of either format was seen to take over, by number.
    received: BTreeMap<i64, Received>,
    /// The opened content that was taken over, with the number of the row.
    pub(crate) opened: Vec<(i64, Digest)>,
    /// Rows whose details are erased: what each took over, one file at most, can no longer be told.
    pub(crate) erased: usize,
}

impl Earlier {
    pub(crate) fn load(tx: &mut View<'_>) -> Result<Self> {
        let received = stray::untaken(tx)?.into_iter().map(|file| (file.id, file)).collect();
        Ok(Self { received, opened: Vec::new(), erased: 0 })
    }

    /// What the details of a row of format 1 say of its files: a received file came at the moment of the act, from the party of
    /// who acted or from DCC. Its name stands nowhere else.
    pub(crate) fn row(&mut self, row: &AuditRow, details: &Details) -> Option<String> {
        if details.erased_at.is_some() {
            self.erased += 1;
            return None;
        }
        let seq = row.seq;
        let Ok((by, inputs)) = of_kind(&row.kind, InDetails(&details.text)) else {
            return Some(format!("the details of row {seq} cannot be read"));
        };
        let sender = by.party().map_or_else(|| "DCC".to_owned(), |party| party.to_string());
        for input in inputs {
            let id = match input {
                Input::Received(id) => id,
                Input::Opened(digest) => {
                    self.opened.push((seq, digest));
                    continue;
                }
            };
            let Some(file) = self.received.remove(&id) else {
                return Some(format!("received file {id}, which row {seq} took over, is missing"));
            };
            if file.at != row.at || file.sender != sender {
                let name = file.name;
                return Some(format!(
                    "received file {id} ({name}) is not what row {seq} took over: sender or moment were changed"
                ));
            }
        }
        None
    }

    /// A received file that no row took over.
    pub(crate) fn left(&self) -> Option<String> {
        let (id, _) = self.received.last_key_value().filter(|_| self.received.len() > self.erased)?;
        Some(format!("received file {id} belongs to no act: it was added afterwards"))
    }
}

/// Who acted and what was taken over, as the text of details says.
struct InDetails<'a>(&'a str);

impl Visit for InDetails<'_> {
    type Out = (Actor, Vec<Input>);

    fn visit<A: Act>(self) -> Result<Self::Out> {
        let recorded: Recorded<A> = serde_json::from_str(self.0).map_err(ServiceError::defect)?;
        Ok((recorded.by, recorded.act.inputs()))
    }
}
