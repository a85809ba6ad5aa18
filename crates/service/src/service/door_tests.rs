use super::*;
use crate::act::digests::digest_and_pack;
use crate::act::work::Work;
use crate::board::open::Board;
use crate::imports::import::UndoImport;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use sluice_rules::authorisation::settle::{Authorisation, RowId};
use sluice_rules::authorisation::state::State;
use sluice_rules::file::FileKind;
use sluice_rules::party::{Eui64, Party};
use sluice_store::tables::authorisations::{self, StoredAuthorisation};
use sluice_store::tables::files::FileRecord;
use sluice_store::tables::results::{self, AllocationRecord};

/// 09:00 on Tuesday 6 July 2021.
const AT: Timestamp = Timestamp::constant(1_625_558_400, 0);

fn service(folder: &tempfile::TempDir) -> Service {
    let url: Url = format!("sqlite:{}", folder.path().join("a.db").display()).parse().unwrap();
    Service::create(&url, true).unwrap()
}

/// A file that should not be there: no rulebook governs it, and it is not refused for that.
fn add_defective_file(service: &mut Service, at: Timestamp) {
    let sender: Party = "AAA123".parse().unwrap();
    let (digest, packed) = digest_and_pack(b"x").unwrap();
    let mut tx = service.store.decide().unwrap();
    record::keep(&mut tx, &digest, &packed).unwrap();
    let id = record::add_received(&mut tx, "nothing.csv", sender.as_str(), at, Some(&digest), 1).unwrap();
    let file = FileRecord {
        id,
        kind: FileKind::DemandCommitment,
        sender,
        user_id: "70-B3-D5-1F-30-00-A0-08".parse().ok(),
        s1sp: "CGI".parse().unwrap(),
        date: date(2021, 7, 26),
        time: None,
        extension: "csv".to_owned(),
        status: FileStatus::Received,
        rulebook: String::new(),
        codes: String::new(),
        message: String::new(),
        verdict_at: None,
        opened: None,
    };
    files::add(&mut tx, &file).unwrap();
    tx.commit().unwrap();
}

#[test]
fn fi24_a_file_that_cannot_be_judged_is_told_once_however_often_it_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = service(&folder);
    // Before the cut-off of its week.
    let (now, minute) = (AT - jiff::SignedDuration::from_hours(24), jiff::SignedDuration::from_mins(1));
    add_defective_file(&mut service, now);
    let told = [now, now, now + minute].map(|now| {
        service.catch_up(now).unwrap();
        service.stuck().len()
    });
    assert_eq!(told, [1, 0, 0]);
    let aside = sluice_store::tables::aside::all(&mut service.store.view(Scope::Dcc).unwrap()).unwrap();
    assert_eq!(aside.iter().map(|aside| aside.tries).collect::<Vec<_>>(), [2]);
}

/// An act that opens a board, and keeps what it changed there or forgets it.
#[derive(Debug, Serialize, Deserialize)]
struct OpensABoard {
    finishes: bool,
}

impl Act for OpensABoard {
    const KIND: &'static str = UndoImport::KIND;
    type Answer = ();

    fn authorise(&self, _: &Actor) -> Result<()> {
        Ok(())
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        let terms = work.mam_terms()?;
        let board = Board::open(work, "CGI".parse().map_err(ServiceError::wrong)?, terms)?;
        if self.finishes { board.finish(work).map(drop) } else { Ok(()) }
    }
}

/// An act that looks at allocations of days that are over.
#[derive(Debug, Serialize, Deserialize)]
struct LooksBack;

impl LooksBack {
    /// A row of an installation for a day, whose outcome is not known.
    fn row(party: Party, chf: u64, date: Date) -> StoredAuthorisation {
        let row = Authorisation {
            id: RowId { file: 1, row: 1 },
            party,
            date,
            state: State::Unknown,
            unit: true,
            differs: false,
            narrowed: false,
            place: None,
            led: None,
        };
        let s1sp = "CGI".parse().unwrap();
        let (reference, codes) = (String::new(), String::new());
        StoredAuthorisation { chf: Eui64(chf), s1sp, row, priority: 1, reference, codes, cause: None }
    }
}

impl Act for LooksBack {
    const KIND: &'static str = UndoImport::KIND;
    type Answer = ();

    fn authorise(&self, _: &Actor) -> Result<()> {
        Ok(())
    }

    fn run(&self, work: &mut Work<'_>) -> Result<()> {
        let (s1sp, terms) = ("CGI".parse().unwrap(), work.mam_terms()?);
        let [own, other]: [Party; 2] = ["AAA123", "BBB456"].map(|code| code.parse().unwrap());
        let [live, over, ahead] = [date(2021, 4, 12), date(2021, 4, 13), date(2021, 7, 12)];
        for (party, date) in [(own, live), (other, live), (own, over), (own, ahead)] {
            let record = AllocationRecord { party, date, units: 5, handed_back: 0 };
            results::set_allocation(&mut work.tx, &s1sp, &record)?;
        }
        let rows = [Self::row(own, 9, live)];
        authorisations::add(&mut work.tx, &rows)?;
        let mut board = Board::open(work, s1sp, terms)?;
        let units = |board: &Board, party, date| board.ledger.allowance((party, date)).allocation;
        // Units of a row that is live may pass from one party to the other (MAM-11).
        let known = [(own, live), (other, live), (own, ahead), (own, over)];
        assert_eq!(known.map(|(party, date)| units(&board, party, date)), [5, 5, 5, 0]);
        assert_eq!(board.ledger.allowance((own, live)).used, 1);
        board.add_ended(work, Eui64(8), &[Self::row(own, 8, over)])?;
        assert_eq!(units(&board, own, over), 5);
        board.finish(work).map(drop)
    }
}

#[test]
fn allocations_of_days_that_are_over_are_read_where_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    service(&folder).act(AT, &Actor::console(), LooksBack).unwrap();
}

#[test]
fn an_act_that_does_not_finish_its_board_is_not_done() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = service(&folder);
    let console = Actor::console();
    service.act(AT, &console, OpensABoard { finishes: true }).unwrap();
    let error = service.act(AT, &console, OpensABoard { finishes: false }).unwrap_err().to_string();
    assert!(error.contains("has opened a board and not finished it"), "{error}");
}
