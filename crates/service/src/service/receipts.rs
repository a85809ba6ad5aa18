//! Receipts, and the key that signs them (MAM-9).

use crate::act::actor::Actor;
use crate::act::digests::sha256;
use crate::act::simulated::is_simulated;
use crate::error::{Result, ServiceError};
use crate::files::signed::{Said, SignedReceipt, key_of};
use crate::service::Service;
use jiff::Timestamp;
use sluice_store::tables::convert::parsed;
use sluice_store::tables::intake::{self, Arrival, Live};
use sluice_store::tables::receipt_keys::{self, ReceiptKey};
use sluice_store::tables::record::{self, Digest, Received, hexadecimal};
use sluice_store::{Scope, Store, Tx, View};

/// What the key of a simulated database follows from: there everybody is who they say, and the same commands give the same bytes.
const SIMULATED: &[u8] = b"sluice: the key of simulated databases, which proves nothing";

impl Service {
    /// The signed receipt of an arrival. The same arrival has the same, as long as the key is not another.
    ///
    /// # Errors
    /// If the database fails.
    pub fn receipt(&mut self, arrival: &Arrival) -> Result<SignedReceipt> {
        let newest = receipt_keys::all(&mut self.store.view(Scope::Dcc)?)?.into_iter().next();
        let key = match newest {
            Some(key) => key,
            // A copy of a database has no secrets, and so no key.
            None => make_receipt_key(&mut self.store)?,
        };
        Said::of(arrival).sign(&key)
    }

    /// The arrival of an id: from the intake, or once that has forgotten it from the record.
    ///
    /// # Errors
    /// If the database fails.
    pub fn arrival(&mut self, id: &str) -> Result<Option<Arrival>> {
        let mut tx = self.store.intake()?;
        let kept = intake::get(&mut tx, id)?;
        drop(tx);
        if kept.is_some() {
            return Ok(kept);
        }
        let mut view = self.store.view(Scope::Dcc)?;
        let Some(file) = intake::of_arrival(&mut view, id)? else { return Ok(None) };
        let Received { name, sender, at, digest, size, .. } = record::received(&mut view, file)?;
        let (party, id) = (parsed(&sender)?, id.to_owned());
        let (actor, channel) = (String::new(), String::new());
        Ok(Some(Arrival {
            id,
            party,
            actor,
            channel,
            name,
            size,
            digest,
            at,
            taken: Some(at),
            why: None,
            place: 0,
            confirm: false,
        }))
    }

    /// The public keys by which receipts were signed, the newest first.
    ///
    /// # Errors
    /// If the database fails.
    pub fn receipt_keys(&mut self) -> Result<Vec<Digest>> {
        let keys = receipt_keys::all(&mut self.store.view(Scope::Dcc)?)?;
        Ok(keys.into_iter().map(|key| key.public).collect())
    }

    /// CAL-7: the id and the moment that a receipt gives to what is handed in once more with it.
    ///
    /// # Errors
    /// If it is no receipt of ours, or one of something else.
    pub(super) fn as_receipted(&mut self, receipt: &SignedReceipt, of: &Arrival) -> Result<(String, Timestamp)> {
        let keys = self.receipt_keys()?;
        let said = &receipt.receipt;
        let refused = |words: &str| Err(ServiceError::rule("CAL-7", format!("the receipt {}: {words}", said.id)));
        if !receipt.is_as_signed() || !keys.iter().any(|key| hexadecimal(key) == receipt.key) {
            return refused("it does not verify; hand the file in without it");
        }
        let wanted = Said { id: said.id.clone(), arrived_at: said.arrived_at.clone(), ..Said::of(of) };
        if wanted != *said {
            return refused("it is of another file: party, name, size and content must be those that it says");
        }
        let at: Timestamp = said.arrived_at.parse().map_err(ServiceError::defect)?;
        Ok((said.id.clone(), at))
    }

    /// What waits in the intake, as a reader may see it: a party its own, DCC everything, with the processes that are about to hand
    /// something in and the moment of now for them.
    ///
    /// # Errors
    /// If the reader is neither, or the intake fails.
    pub fn waiting(&mut self, now: Timestamp, by: &Actor) -> Result<(Vec<Arrival>, Vec<Live>, Timestamp)> {
        self.must_be_known(by)?;
        let clock = self.intake_moment(now)?;
        let mut tx = self.store.intake()?;
        let (mut arrivals, mut live) = (intake::waiting(&mut tx)?, intake::live(&mut tx)?);
        if !by.is_dcc() {
            let party = by.must_be_party("looking at what waits")?;
            arrivals.retain(|arrival| arrival.party == party);
            // The reason can be about another party.
            for why in arrivals.iter_mut().filter_map(|arrival| arrival.why.as_mut()) {
                "by no fault of the file; DCC sees why".clone_into(why);
            }
            live.clear();
        }
        Ok((arrivals, live, clock))
    }

    /// FI24: notes for operators what arrived and cannot be taken over.
    pub(super) fn note_arrivals_aside(&mut self) -> Result<()> {
        let waiting = match self.store.intake_view()? {
            Some(mut view) => intake::waiting(&mut view)?,
            None => Vec::new(),
        };
        for Arrival { party, name, why, .. } in waiting {
            if let Some(why) = why {
                self.note(format!("{name} of {party} arrived and cannot be taken over: {why}"));
            }
        }
        Ok(())
    }
}

/// Makes the key that signs receipts, where a database has none.
///
/// # Errors
/// If the database fails.
pub fn make_receipt_key(store: &mut Store) -> Result<ReceiptKey> {
    let mut tx = store.decide()?;
    let key = first_receipt_key(&mut tx)?;
    tx.commit()?;
    Ok(key)
}

/// The same in a transaction.
///
/// # Errors
/// If the database fails.
pub(crate) fn first_receipt_key(tx: &mut Tx<'_>) -> Result<ReceiptKey> {
    if let Some(key) = receipt_keys::all(tx)?.into_iter().next() {
        return Ok(key);
    }
    let key = key_of(seed(tx)?)?;
    receipt_keys::add(tx, &key)?;
    Ok(key)
}

fn seed(view: &mut View<'_>) -> Result<Digest> {
    if is_simulated(view)? {
        return Ok(sha256(SIMULATED));
    }
    let mut seed = Digest::default();
    getrandom::fill(&mut seed).map_err(ServiceError::defect)?;
    Ok(seed)
}
