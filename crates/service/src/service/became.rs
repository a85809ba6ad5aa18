//! What became of a file that was handed in: judged by this process, or read back where another one took it over.

use crate::act::contain::contained;
use crate::act::leaf::ENGINE;
use crate::act::perform::perform_if;
use crate::act::reading::Ahead;
use crate::error::Result;
use crate::files::handed::HandedIn;
use crate::files::handed::Own;
use crate::files::password::key_of;
use crate::files::receive::{Receipt, repeated};
use crate::files::verdict::Verdict;
use crate::rows::lost::DropPassword;
use crate::service::Service;
use crate::service::taking::handed_in_by;
use jiff::Timestamp;
use sluice_rules::file::{FileKind, FileStatus};
use sluice_rules::party::Party;
use sluice_store::Scope;
use sluice_store::tables::{files, intake, passwords, record};
use sluice_wire::name::FileName;

impl Service {
    /// The verdict on a file of this process that was just received.
    pub(super) fn judge_own(
        &mut self,
        now: Timestamp,
        receipt: Receipt,
        own: &Own<'_>,
        ahead: Ahead,
    ) -> Result<HandedIn> {
        // What was received before has its first receipt.
        let first = match receipt.repeat {
            true => intake::arrival_of(&mut self.store.view(Scope::Dcc)?, receipt.id)?,
            false => None,
        };
        let arrival = first.unwrap_or_else(|| own.arrival.id.clone());
        if receipt.repeat || !receipt.refused.is_empty() || !own.judges {
            return Ok(HandedIn { arrival, judged: receipt.id, receipt, confirmed: Some(false), verdict: None });
        }
        if let Ok((parsed, extension)) = FileName::parse(&own.arrival.name)
            && parsed.kind == FileKind::Password
        {
            let came = own.arrival.at;
            let (judged, verdict) =
                match self.password(now, (own.arrival.party, &parsed), (&extension, &own.bytes), came)? {
                    Some((Some(file), verdict)) => (file, Some(verdict)),
                    Some((None, verdict)) => {
                        self.drop_password(now, own, receipt.id)?;
                        (receipt.id, Some(verdict))
                    }
                    None => (receipt.id, None),
                };
            return Ok(HandedIn { arrival, receipt, confirmed: Some(false), verdict, judged });
        }
        let verdict = Some(self.judge_ahead(now, receipt.id, ahead, true)?);
        let confirmed = Some(verdict.as_ref().is_some_and(|verdict| verdict.confirmed));
        Ok(HandedIn { arrival, judged: receipt.id, receipt, confirmed, verdict })
    }

    /// MAM-10: a password that cannot be read keeps no moment.
    fn drop_password(&mut self, now: Timestamp, own: &Own<'_>, password: i64) -> Result<()> {
        let by = handed_in_by(&own.arrival)?;
        perform_if::<DropPassword, DropPassword>(&mut self.store, &self.books, now, &by, |work| {
            work.by_the_clock()?;
            Ok(passwords::get(&mut work.tx, password)?.map(|_| DropPassword { password }))
        })
        .map(drop)
    }

    /// What became of an arrival of this process that another one took over; nothing while it waits.
    pub(super) fn read_back(&mut self, now: Timestamp, own: &Own<'_>) -> Result<Option<HandedIn>> {
        let mut tx = self.store.view(Scope::Dcc)?;
        let Some(id) = intake::of_arrival(&mut tx, &own.arrival.id)? else { return Ok(None) };
        if let Some(refused) = files::misnamed(&mut tx, id)? {
            let receipt = Receipt { id, repeat: false, refused: vec![refused] };
            let arrival = own.arrival.id.clone();
            return Ok(Some(HandedIn { arrival, receipt, confirmed: Some(false), verdict: None, judged: id }));
        }
        let receipt = Receipt { id, repeat: false, refused: Vec::new() };
        let Some(file) = files::get(&mut tx, id)? else {
            let received = record::received(&mut tx, id)?;
            let parsed = FileName::parse(&received.name).map(|(name, _)| name);
            let first = match &parsed {
                Ok(name) if name.kind != FileKind::Password => {
                    repeated(&mut tx, ENGINE, (own.arrival.party, name), &received)?
                }
                _ => None,
            };
            drop(tx);
            let receipt = first.map_or(receipt, |first| Receipt { id: first, repeat: true, refused: Vec::new() });
            return self.judge_own(now, receipt, own, Ok(None)).map(Some);
        };
        drop(tx);
        if file.status == FileStatus::Received {
            // Whoever took it over is about to judge it.
            if own.judges && self.heeds_others()? {
                return Ok(None);
            }
            return self.judge_own(now, receipt, own, Ok(None)).map(Some);
        }
        let verdict = Some(self.verdict(id)?).filter(|_| own.judges);
        Ok(Some(HandedIn { arrival: own.arrival.id.clone(), receipt, confirmed: None, verdict, judged: id }))
    }

    /// FI21: was a file confirmed with handing it in?
    pub(super) fn is_confirmed(&mut self, file: i64) -> Result<bool> {
        let Some(arrival) = intake::arrival_of(&mut self.store.view(Scope::Dcc)?, file)? else { return Ok(false) };
        let Some(mut view) = self.store.intake_view()? else { return Ok(false) };
        Ok(intake::get(&mut view, &arrival)?.is_some_and(|arrival| arrival.confirm))
    }

    /// MAM-10: a password came: the file that waits for it is opened and judged, or it is remembered for the file. Gives
    /// the file with its verdict; the verdict alone where the password itself cannot be read.
    fn password(
        &mut self,
        now: Timestamp,
        (party, name): (Party, &FileName),
        (extension, bytes): (&str, &[u8]),
        came: Timestamp,
    ) -> Result<Option<(Option<i64>, Verdict)>> {
        let password = contained(|| Ok(sluice_wire::read_password(extension, &mut std::io::Cursor::new(bytes))))?;
        let password = match password {
            Ok(password) => password,
            Err(finding) => {
                let findings = vec![(finding.code.to_string(), finding.message)];
                return Ok(Some((None, Verdict::new(FileStatus::Refused, findings))));
            }
        };
        self.passwords.remember(key_of(party, name), password, came);
        let mut tx = self.store.view(Scope::Dcc)?;
        let mut waiting = files::of_status(&mut tx, FileStatus::Waiting)?;
        // FI24: one that could not even be looked at is opened when it is tried again.
        waiting.extend(files::of_status(&mut tx, FileStatus::Aside)?);
        drop(tx);
        waiting.retain(|file| self.passwords.came(file).is_some());
        let same = |file: &&files::FileRecord| {
            let FileName { user_id, s1sp, date, time, .. } = *name;
            (file.sender, file.user_id, file.s1sp, file.date, file.time) == (party, user_id, s1sp, date, time)
        };
        let Some(file) = waiting.iter().find(same) else { return Ok(None) };
        Ok(Some((Some(file.id), self.judge_ahead(now, file.id, Ok(None), true)?)))
    }
}
