//! Schemas: bringing a database to the version that the program knows.

use crate::backend::Backend;
use crate::error::StoreError;
use crate::migration::Migration;
use crate::schema::{COUNTS, LONG_HISTORY, PASSING_DAYS};
use crate::steps::apply;
use crate::store::Store;
use crate::tables::{answers, counts, proposals, responsibility};
use crate::view::View;

impl Store {
    /// Brings the schema up to date: applies what is missing, all in one transaction; returns what that was. Proposals that wait
    /// cannot be approved after it (ACC-2). With PostgreSQL all
    /// that is not a table, and all rights, are taken away before and made anew after it, in the same one. Nothing is written if
    /// nothing is missing.
    ///
    /// # Errors
    /// [`StoreError::Version`] if the database has a step that the program does not know or knows otherwise.
    pub fn migrate<'a>(&mut self, migrations: &'a [Migration]) -> Result<&'a [Migration], StoreError> {
        self.bring_up_to_date(migrations, true)
    }

    /// Tells what [`Store::migrate`] would do, by doing it and taking it back: so it is refused what that one is refused.
    ///
    /// # Errors
    /// As [`Store::migrate`].
    pub fn rehearse<'a>(&mut self, migrations: &'a [Migration]) -> Result<&'a [Migration], StoreError> {
        self.bring_up_to_date(migrations, false)
    }

    fn bring_up_to_date<'a>(&mut self, migrations: &'a [Migration], keep: bool) -> Result<&'a [Migration], StoreError> {
        if migrations.windows(2).any(|pair| pair[0].version >= pair[1].version) {
            return Err(StoreError::Other("the versions of the schema do not rise".to_owned()));
        }
        if self.pending(migrations)?.is_empty() && self.is_protected()? {
            return Ok(&[]);
        }
        let mut tx = self.own()?;
        tx.unprotect()?;
        // Looked at again: another process may have been first, or the owner was kept from seeing its rows.
        let missing = missing(&mut tx, migrations)?;
        tx.make_views(&migrations[..migrations.len() - missing.len()])?;
        apply(&mut tx, missing)?;
        if !missing.is_empty() && tx.tables()?.iter().any(|table| table == "proposal") {
            proposals::forget_digests(&mut tx)?;
        }
        let applies = |version| missing.iter().any(|step| step.version == version);
        if applies(PASSING_DAYS) {
            responsibility::note_days(&mut tx)?;
        }
        if applies(COUNTS) {
            counts::make_anew(&mut tx)?;
        }
        if applies(LONG_HISTORY) {
            answers::note_anew(&mut tx)?;
        }
        tx.protect()?;
        if keep {
            tx.commit()?;
        } else {
            drop(tx);
        }
        // Both know the tables as they were.
        self.narrowed = None;
        if let Backend::Postgres(server) = &mut self.backend {
            server.forget();
        }
        Ok(missing)
    }

    /// The steps that [`Store::migrate`] would apply.
    ///
    /// # Errors
    /// As [`Store::migrate`].
    pub fn pending<'a>(&mut self, migrations: &'a [Migration]) -> Result<&'a [Migration], StoreError> {
        missing(&mut self.own_view()?, migrations)
    }

    /// Demands that the schema is up to date.
    ///
    /// # Errors
    /// [`StoreError::Older`] if a step is missing, [`StoreError::Version`] if the database has one that the program does not
    /// know.
    pub fn require(&mut self, migrations: &[Migration]) -> Result<(), StoreError> {
        let pending = self.pending(migrations);
        // Without rights the steps cannot be read, or none is seen.
        let unseen = pending.as_ref().map_or(true, |pending| pending.len() == migrations.len());
        if unseen && let Backend::Postgres(server) = &mut self.backend {
            server.must_work()?;
        }
        if (unseen || matches!(pending, Ok([]))) && !self.is_protected()? {
            return Err(StoreError::unprotected(&self.url().to_string()));
        }
        if pending?.is_empty() {
            return Ok(());
        }
        let known = migrations.last().map_or(0, |last| last.version);
        Err(StoreError::Older { address: self.url().to_string(), found: self.version()?, known })
    }

    /// Are the rights of the database's roles what the program wants? A file has none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn is_protected(&mut self) -> Result<bool, StoreError> {
        match &mut self.backend {
            Backend::Sqlite(_) => Ok(true),
            Backend::Postgres(server) => server.is_protected(),
        }
    }

    /// The newest step of the schema, 0 if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn version(&mut self) -> Result<i64, StoreError> {
        let applied = applied(&mut self.own_view()?)?;
        Ok(applied.last().map_or(0, |(version, _)| *version))
    }
}

fn applied(tx: &mut View<'_>) -> Result<Vec<(i64, String)>, StoreError> {
    let sql = "SELECT version, name FROM schema_version ORDER BY version";
    tx.query(sql, &[], |row| Ok((row.int(0)?, row.text(1)?.to_owned())))
}

/// The steps that are not applied. Those that are must be the first ones that the program knows.
fn missing<'a>(tx: &mut View<'_>, migrations: &'a [Migration]) -> Result<&'a [Migration], StoreError> {
    let applied = applied(tx)?;
    for (index, (version, name)) in applied.iter().enumerate() {
        let known = migrations.get(index);
        if !known.is_some_and(|known| known.version == *version && known.name == name) {
            let known = known.or(migrations.last());
            let known = known.map_or_else(|| "none".to_owned(), |known| format!("{} ({})", known.version, known.name));
            return Err(StoreError::Version { found: format!("{version} ({name})"), known });
        }
    }
    Ok(&migrations[applied.len()..])
}
