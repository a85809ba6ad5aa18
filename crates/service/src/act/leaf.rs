//! The leaf of an act: what its row in the log commits to.

use crate::act::actor::Actor;
use crate::error::{Result, ServiceError};
use sha2::{Digest as _, Sha256};
use sluice_store::Tx;
use sluice_store::tables::accounts;
use sluice_store::tables::log::{AccountId, AuditRow, Committed, Format};
use sluice_store::tables::record::Digest;

/// The version of the rules that decide. A correction that changes what comes of an act is a new one; in a replay the acts before
/// it are decided as they were ([`Work::engine`](crate::act::work::Work)), by what stands behind the versions named here:
///
/// | Version | What it corrects |
/// |---|---|
/// | 2 | an import of capacity leaves a reserve given up that was given up (DMT-1), and counts the rows that were there (REF-2); no milestone moves past the locks of its week (CAL-4); a row left blank is no answer to a Dormant notice (DMT-3) |
/// | 3 | a proposal tells what stands in the place of what it sets (ACC-2); new days of capacity make no room for changes that need two (REF-2) |
/// | 3 | workbooks, dates and what stands beside a table are read as docs/files.md has it now, and refusals say more (FI09, FI10, FI14, FI15, FI19, MA102 to MA105, DO106) |
/// | 3 | the supplier whose row is missing is told at once, and MA121 names both dates (MAM-1); hand-backs, transfers and undone imports tell what they change (MSM-13, MAM-11, REF-2) |
/// | 3 | a file is judged by the rulebook known at its receipt, and refused where none governs it; what is done while no MAM rulebook is in effect takes no terms of one (RB-2, FI23) |
/// | 3 | of a Dormant installation that a stop order had kept from its day is noted which day that was (STOP-1) |
/// | 3 | a file under another party's User ID is answered by its receipt alone, so that it takes no name of that party's responses (FI04, MSM-14) |
/// | 3 | after the Dormant answers an import of capacity, and its undoing, give a day as much reserve as its installations need (DMT-1, REF-2); a row is narrowed to the meter that its supplier keeps, the other suppliers are told, and a change of supplier that is cancelled gives back what lapsed (MAM-8); demand goes with rows that pass (MAM-11, MSM-13); weeks become firm in order, on their own balances, which wait for a published result (CAL-5, MSM-8); a corrected result opens the query window again (MSM-11); stopped rows keep their unit until the lock, and standby its place (STOP-1); what an import bears on bars its undoing (REF-2), and the ground of the programme stays (REF-3); what was attempted before a cut stays in the allocation (MSM-12) |
/// | 4 | of a file with more words on refused rows than are kept the later rows are refused in the words of their codes, and what costs more than it says is refused: a workbook of too many shared texts, an archive of more members than its end says, a file of holds with too many rows about one installation (MAM-4, FI09) |
/// | 4 | what is found for a week after a later one is firm is shared by a refill, and demand for a closed week is refused (CAL-5, MSM-13, FI16) |
/// | 4 | a User ID, a role and an outcome code stay while something stands on them (REF-3) |
/// | 4 | whom a change of supplier was told is told that it is cancelled; an import tells how many authorisations are back with it, and the history has the narrowing of a row (MAM-8) |
/// | 4 | each published state of a result has a version of its own, and its responses say the same number; the query window is opened again, once for each party, by the first publication that changes its line, and no milestone is moved by it (MSM-11) |
/// | 4 | cuts and refills keep what they are made of, and a version the eligible installations with which it was counted (MSM-9); a party's documents count versions of their own (MSM-14) |
/// | 4 | grace counts from the verdict, lasts at most two hours after the cut-off where the sender kept it waiting, is used up by nothing that is taken before the cut-off, and is given at each cut-off that a wrong name could have meant (CAL-3) |
/// | 4 | what imports, locks and notices did is told apart by their acts, no longer by their moments; what was taken back in the 24 hours before counts with an import and an undoing, and what needed two is not taken back by one; an undone import takes back that an authorisation stood without the other supplier (REF-2, MAM-1) |
/// | 4 | a Dormant plan of nothing is not sent out, and can be made anew (DMT-1) |
/// | 4 | imports and cuts tell the first rows and homes that they touch, and a proposal names others that ask for the same (ACC-2, REF-2, MSM-12); the derivation of a day without capacity says so (MSM-9); a lock counts homes and names what its waiver lets pass (SCH-1, REF-1); moments in answers are RFC 3339 |
/// | 4 | the last row of a workbook stands in it once, however long its text is |
/// | 4 | what comes too late, or under a stamp that is too early, is refused for that alone, and not read (FI08, FI16) |
/// | 4 | an event tells the first authorisations that it changes, and what becomes of each; a unit goes with the lead; what nobody can complete any more says so (MAM-11, MA128); whom a row waits for since an event or an import is told at once (MAM-1) |
/// | 4 | a correction within the ordinary query window uses no reopened one up, and each changed line is told (MSM-11); a held row says that it waits for what the other supplier's still needs (MAM-1) |
/// | 4 | what comes too late, or under a stamp that is too early, is refused for that alone, and not read (FI08, FI16); no more text is shown by cells than a file may have (FI09) |
/// | 4 | a refill counts the demand that is noted as passed, no more than was counted, and not what else has come since (MSM-2a, MSM-13); who gains a meter by an import is told by what was told before, also where the row is as it was, and locked schedules follow each import of who supplies what (MAM-8, SCH-1); a forecast that is taken late is what stood at its milestone (MSM-15); User IDs and ids of parties weigh as rows (REF-2); intake ends under no User ID of an S1SP (REF-3); 1,000 holds of a supplier about an installation are kept (MAM-12) |
/// | 4 | a file that is in time takes the work of its cut-off back, where that was done before it came to be judged (CAL-7) |
/// | 5 | whose file gets its verdict while it does not wait for it is told by a notice, whatever the kind of the file (MAM-9) |
/// | 5 | a file that was set aside is tried again at once when its cut-off moves (CAL-4, CAL-7, FI24) |
/// | 5 | demand that comes back after everything has passed is its new holder's (MAM-11, MSM-13) |
/// | 5 | who gains a meter by an inventory is told that an authorisation has lapsed with it, which is back once the inventory names its supplier again (MAM-8) |
/// | 5 | what an import or its undoing leaves waiting for a row that can come no more ends (MA128), and what comes back tells at once for whom it waits (MAM-1) |
/// | 5 | of demand files of a name one that was overtaken stands in a forecast from its receipt, until the other came (MSM-15) |
/// | 5 | a unit that came with the lead goes on, and back, with it (MAM-11) |
/// | 5 | responsibility events of one moment count in the order in which they were done (MAM-11, MSM-13) |
/// | 5 | a unit of demand passes once with an authorisation, and with one in line no more than the allocation of its party leaves (MAM-11, MSM-2a, MSM-13) |
/// | 5 | an import of the inventory, registrations or exclusions, and its undoing, looks at the authorisations of installations that it changes, where these are fewer than 50,000: what had lost its ground before waits for its own act (MAM-8, REF-2) |
/// | 5 | what ends by the undoing of an import is found by what follows, as what an import ended is (REF-2, MAM-8) |
/// | 5 | the supplier of the other meter is told where a date needs the new supplier's authorisation too, or can have it no more; a row that ended with an inventory that names another supplier and says Dormant has MA111 beside MA112, and is back once its supplier is named again (MAM-8) |
/// | 5 | who was asked for its authorisation is told when an import, or an undoing, makes it needed no more (MAM-1, REF-2) |
/// | 5 | the latest version of a name is the one that arrived last, however files were taken over (MSM-2); answers that come to be judged after later ones count for the installations that those do not list (DMT-3) |
/// | 5 | an act of the clock that was set aside is due again at its moment when a milestone of its week moves (CAL-4, CAL-7, FI24) |
/// | 5 | of demand files of a name one that was overtaken stands in no forecast if it would have been held (MSM-15, FI21) |
/// | 5 | FI08 compares with what arrived before, and of files that are judged after later ones no row counts about what those said (FI08, DO105, MAM-12) |
/// | 6 | what expired since it lacked another supplier's authorisation by an import is given back by its undoing, while its day lies ahead (REF-2) |
/// | 6 | a demand file that is held takes the place of no other that was not held, and is compared again when one that came before it is taken after it; of one that was overtaken is noted that it was confirmed, so that it stands in a forecast (MSM-2, FI21, MSM-15) |
/// | 6 | who was asked for several authorisations is told which of them an undoing makes needed no more, and one that was asked for more than its notice names is told by all of them (MAM-1, REF-2) |
/// | 6 | what leaves its Dormant migration by the undoing of an import is back with that of an earlier one, if that alone speaks against it (REF-2, DMT-1) |
/// | 6 | an objection that is decided and said again is that of the file that says it last (DMT-3, DMT-4) |
/// | 6 | the file of a party that failed is refused with all that are appointed in its place, and since when (FI04, MAM-11) |
/// | 6 | of two suppliers, of which one can send no authorisation any more, the other's that waits for a unit expires as one that is held does (MAM-1, MAM-11) |
/// | 7 | a replay asks whether who acted could act, and whether what the clock did was due (ACC-1) |
/// | 7 | what an S1SP has begun with keeps its unit in a cut of its day, which comes off the others (MSM-12, OUT-1) |
/// | 7 | an outage that moves the moment at which Dormant answers are due takes back what was done then, also after a refill, but for what others have by now; no answer changes what is in a locked schedule (CAL-7, DMT-1, DMT-3) |
/// | 7 | answers to Dormant notices that come with a receipt after a lock, or when their week has begun, are too late as after a refill (CAL-7, FI16) |
/// | 7 | a day that is to be locked before the authorisation cut-off, since an outage has moved that, is closed with its lock; an outage moves a cut-off that is still to come also of a week that has begun (CAL-7) |
/// | 7 | a change of supplier that is cancelled gives back what has expired since for want of what lapsed with it, too (MAM-8) |
/// | 7 | an authorisation that passed and returns to its supplier while who had it meanwhile keeps another meter of the home is that supplier's again (MAM-11) |
/// | 7 | who is told that more of its authorisations are needed no more than a notice names is told where what still waits stands (MAM-1, REF-2) |
/// | 7 | who has a line and sent no demand of that week, which came to it by a transfer, gets a Demand Response under its first User ID, or is told its units by a notice (MSM-9, MAM-11) |
/// | 7 | a password that comes for a file that is there keeps its moment, should it be lost (MAM-10) |
/// | 7 | what a stop order has taken out of the locked schedule of a day that lies ahead counts in a cut and a rise of that day (STOP-1, MSM-12) |
/// | 7 | who is asked for an authorisation for a day that is closed with its lock, before its week, is told that moment, and so does MA121 (CAL-7, MAM-1) |
/// | 8 | refusals name the sheet, give a right name and what differs, name a cause once, and a folder in an archive as such; nothing of what readers of archives and workbooks say themselves (FI01, FI10, FI12, FI14, FI15, FI19, FI20, FI22, MA102, MA103, MA104, MA105, DO106) |
/// | 8 | an outage is told with seconds where the minute is the same, and of a cut-off that is over at its new moment too nothing is said to be open (CAL-7) |
/// | 8 | a lock tells apart what stood by and got no unit (SCH-1) |
/// | 8 | a first result that comes too late to be asked about in the ordinary query window opens it for longer, of which all with a line are told (MSM-11) |
/// | 8 | a rise of a locked day on the day itself gives no units, which no row could use any more (MSM-12, SCH-1) |
/// | 8 | demand that comes after a result of its week is published is not in time, also where an outage moves the cut-off behind that, nor is it held again or given grace (CAL-7, MSM-14) |
/// | 8 | the work of an authorisation cut-off waits for a password that came before it and was lost by us, as long as it may come again (CAL-3, MAM-10) |
/// | 8 | an authorisation that a transfer ended beside the gaining supplier's own is back when the meters return, where that still waits for it, with the unit of the lead also after the authorisation cut-off (MAM-11) |
/// | 8 | the unit of a stopped authorisation passes with the lead as that of one that stands, and returns with it (STOP-1, MAM-11) |
/// | 8 | demand that would have to be confirmed when a result of its week is published is refused, also what had lapsed and would be held again, since nobody can confirm it any more (FI21, CAL-7, MSM-14) |
/// | 8 | a corrected result opens no query window that would end after the refill is due, which whoever's line changed is told; whether a version has a window of its own is decided with its publication (MSM-11) |
/// | 8 | a stop order that is lifted when the day of a Dormant installation is locked or over tells its suppliers, and who lifts it, that it waits for a later day (STOP-1, DMT-1) |
/// | 8 | whoever is told that a cut-off of demand moves is told where a result is published already, and only what came before it is in time (CAL-4, CAL-7, MSM-14) |
/// | 8 | a unit that came with the lead of a home is kept for it until its date is closed, and goes on with the lead, by an appointment too; a cut takes it before what is in use (MAM-11, MSM-12, MSM-13) |
/// | 8 | a unit of who leads by an event, which did not come with the lead, stays there when the lead goes on or returns (MAM-11) |
/// | 8 | what was first in line is so again when it leads again, and what has never waited gets in line as new (MAM-3, MSM-12, STOP-1) |
/// | 8 | what a cut took a unit from has one again by a rise also while it is stopped or suspended; a unit that a Dormant home of a locked day has is not given again (MSM-12, STOP-1, MAM-11, DMT-1) |
/// | 8 | what is kept with the lead, and let go by an import, is kept again where that is undone or corrected in time and nobody has it (MAM-11, REF-2) |
/// | 8 | work that is reported of what the schedule does not have is escalated to DCC; a home that is reported as migrated after it left is excluded (OUT-1) |
/// | 8 | a rise gives nothing beyond demand; a suspended row outlasts that its home leaves the inventory (MSM-12, MAM-11, REF-2) |
/// | 8 | parties are told of files and queries by name and day, not by numbers that count what others do (MSM-14) |
/// | 8 | a stop order that is lifted tells apart what waits for the other supplier, and what has ended, from what is in line (STOP-1, MAM-1) |
/// | 9 | a rise is a change of the capacity of a day, and no refill of its week (MSM-12, MSM-13) |
/// | 9 | an S1SP that is told of a lifted stop order on a day that has begun is told that the homes stay out of its schedule, and who signs a lift what else comes of it (STOP-1, SCH-1) |
/// | 9 | a fall of a day's capacity takes no unit, used or not, where all allocations still have room (MSM-12) |
pub const ENGINE: i64 = 9;

/// The version of the program.
pub const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// Adds fields to a digest, each with its length in eight bytes before it, so that no two lists have the same bytes.
pub(crate) fn fields<'f>(hash: Sha256, fields: impl IntoIterator<Item = &'f &'f [u8]>) -> Sha256 {
    fields.into_iter().fold(hash, |hash, field| {
        let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
        hash.chain_update(length.to_be_bytes()).chain_update(field)
    })
}

/// The leaf of a row: SHA-256 over a zero byte, as RFC 6962 has it for leaves, and the row's fields. Format 1 names the
/// actor; format 2 begins with its number, and names nobody.
#[must_use]
pub fn leaf(row: &AuditRow) -> Digest {
    let hash = Sha256::new().chain_update([0]);
    let (seq, at) = (row.seq.to_be_bytes(), row.at.as_millisecond().to_be_bytes());
    let (kind, rulebook) = (row.kind.as_bytes(), row.rulebook.as_bytes());
    let (details, outcome) = (&row.detail_digest[..], &row.outcome_digest[..]);
    let hash = match &row.format {
        Format::Named(actor) => fields(hash, &[&seq[..], &at, actor.as_bytes(), kind, rulebook, details, outcome]),
        Format::Committed(Committed { account, engine, program, input_digest, issued_digest }) => {
            let (format, engine) = (2_i64.to_be_bytes(), engine.to_be_bytes());
            let of_program = [&account[..], kind, rulebook, &engine, program.as_bytes()];
            let digests = [details, &input_digest[..], outcome, &issued_digest[..]];
            fields(hash, [&format[..], &seq, &at].iter().chain(&of_program).chain(&digests))
        }
    };
    hash.finalize().into()
}

/// The id of who is no account: the clock, the console, a party that hands in. It follows from the word.
#[must_use]
pub fn fixed_id(word: &str) -> AccountId {
    let digest: Digest = fields(Sha256::new(), &[b"sluice actor", word.as_bytes()]).finalize().into();
    let mut id = AccountId::default();
    id.copy_from_slice(&digest[..16]);
    id
}

/// The id of who acts. An account gets a random one when it first acts.
///
/// # Errors
/// If the database fails.
pub(crate) fn account_of(tx: &mut Tx<'_>, by: &Actor) -> Result<AccountId> {
    if !by.is_account() {
        return Ok(fixed_id(by.name()));
    }
    if let Some(id) = accounts::id_of(tx, by.name())? {
        return Ok(id);
    }
    let mut id = AccountId::default();
    getrandom::fill(&mut id).map_err(ServiceError::defect)?;
    accounts::set_id(tx, &id, by.name())?;
    Ok(id)
}
