//! Erasing the details of an act, once their time is over.

use crate::act::digests::file_salt;
use crate::error::{Result, ServiceError};
use jiff::Timestamp;
use sluice_store::Tx;
use sluice_store::tables::log;

/// Erases the details of an act, and with them the salt by which they could be tried. The log stays as it is, and holds; a
/// replay ends before the act. Gives whether there was something to erase.
///
/// # Errors
/// If there is no such act, or the database fails.
pub fn erase_details(tx: &mut Tx<'_>, seq: i64, at: Timestamp) -> Result<bool> {
    let entry = log::acts_after(tx, seq - 1, 1)?.pop().filter(|entry| entry.row.seq == seq);
    let Some(details) = entry.and_then(|entry| entry.details) else {
        return Err(ServiceError::Use(format!("there is no act {seq} with details")));
    };
    Ok(log::erase(tx, seq, at, &file_salt(&details.salt))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::actor::Actor;
    use crate::act::work::perform;
    use crate::books::rulebooks::Books;
    use crate::people::accounts::AddUser;
    use crate::record::replay::replay;
    use crate::record::verify::verify;
    use sluice_rules::role::Role;
    use sluice_store::Store;

    fn url(folder: &tempfile::TempDir, name: &str) -> sluice_store::Url {
        format!("sqlite:{}", folder.path().join(name).display()).parse().unwrap()
    }

    #[test]
    fn erased_details_are_counted_and_a_replay_says_where_it_ends() {
        let (folder, books) = (tempfile::tempdir().unwrap(), Books::load().unwrap());
        let mut store = Store::create(&url(&folder, "one.db")).unwrap();
        store.migrate(sluice_store::schema::MIGRATIONS).unwrap();
        for name in ["alice", "bob", "carol"] {
            let user = AddUser { name: name.to_owned(), role: Role::Observer, party: None, approve: None };
            perform(&mut store, &books, Timestamp::UNIX_EPOCH, &Actor::console(), |_| Ok(user)).unwrap();
        }
        let mut tx = store.decide().unwrap();
        let salt = |tx: &mut Tx<'_>| log::acts_after(tx, 1, 1).unwrap().remove(0).details.unwrap().salt;
        let before = salt(&mut tx);
        assert!(erase_details(&mut tx, 2, Timestamp::UNIX_EPOCH).unwrap());
        assert!(!erase_details(&mut tx, 2, Timestamp::UNIX_EPOCH).unwrap(), "twice is once");
        assert!(erase_details(&mut tx, 4, Timestamp::UNIX_EPOCH).is_err());
        assert_eq!(salt(&mut tx), file_salt(&before));
        tx.commit().unwrap();
        let verified = verify(&mut store, &[]).unwrap();
        assert_eq!((verified.rows, verified.erased, verified.bad), (3, 1, None));
        let replayed = replay(&mut store, &books, &url(&folder, "copy.db")).unwrap();
        assert_eq!((replayed.acts, replayed.difference), (1, None));
        assert_eq!(replayed.erased, [(2, "user-add".to_owned())]);
    }
}
