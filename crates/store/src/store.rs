//! The store: opening, making, copying a database, and the transactions on it.

use crate::backend::Backend;
use crate::copies::MARK;
use crate::error::StoreError;
use crate::migration::Migration;
use crate::options::Options;
use crate::postgresql::{self, Found, Server, Side};
use crate::scope::Scope;
use crate::sqlite;
use crate::steps::apply;
use crate::tables::counts;
use crate::tx::Tx;
use crate::url::{Place, Url};
use crate::versions::TABLE;
use crate::view::View;
use crate::waiting::Lookout;
use crate::work::watch;
use std::path::Path;

/// One connection to a database. Threads that work at the same time each open their own.
pub struct Store {
    url: Url,
    pub(crate) options: Options,
    pub(crate) backend: Backend,
    /// A second connection to a file, whose names are those of what a scope sees.
    pub(crate) narrowed: Option<(Scope, Backend)>,
    /// The connection to the intake of a file, once there is one.
    pub(crate) intake: Option<Backend>,
}

impl Store {
    /// Whether there is anything at the address.
    ///
    /// # Errors
    /// If PostgreSQL cannot be reached, or is not set as it must be.
    pub fn exists(url: &Url) -> Result<bool, StoreError> {
        match &url.0 {
            Place::Sqlite(path) => Ok(path.is_file()),
            Place::Postgres(address) => Ok(Server::connect(address, &Options::default())?.found()? != Found::Nothing),
        }
    }

    /// Opens a database that is there.
    ///
    /// # Errors
    /// If it is missing, is not one of this program, cannot be reached, does not take changes, or a setting is not as it must
    /// be. Nothing is made or changed then.
    pub fn open(url: &Url) -> Result<Self, StoreError> {
        Self::open_with(url, Options::default())
    }

    /// Opens a database that is there, with options.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(url: &Url, options: Options) -> Result<Self, StoreError> {
        let backend = match &url.0 {
            Place::Sqlite(path) if path.is_dir() => return Err(folder(url)),
            Place::Sqlite(path) if !path.is_file() => return Err(StoreError::Missing(url.to_string())),
            Place::Sqlite(path) => Backend::Sqlite(sqlite::open(path, &options)?),
            Place::Postgres(address) => {
                let mut server = Server::connect(address, &options)?;
                match server.found()? {
                    Found::Store => Backend::Postgres(Box::new(server)),
                    Found::Nothing => return Err(StoreError::Missing(url.to_string())),
                    Found::Other => {
                        let found = "the schema is another program's";
                        return Err(StoreError::Foreign { address: url.to_string(), found });
                    }
                }
            }
        };
        Ok(Self { url: url.clone(), options, backend, narrowed: None, intake: None })
    }

    /// Makes an empty database and opens it: a file with its folder, or a schema of PostgreSQL.
    ///
    /// # Errors
    /// If there is already one, or it cannot be made or opened.
    pub fn create(url: &Url) -> Result<Self, StoreError> {
        Self::create_with(url, Options::default())
    }

    /// Makes an empty database and opens it, with options.
    ///
    /// # Errors
    /// As [`Store::create`].
    pub fn create_with(url: &Url, options: Options) -> Result<Self, StoreError> {
        Self::make(url, options, |_| Ok(()))
    }

    /// Makes a database that has these steps and what is first put into it, all of it or nothing; only a program that is killed
    /// may leave a file that is not whole.
    ///
    /// # Errors
    /// As [`Store::create`], and what `first` says.
    pub fn create_filled<E: From<StoreError>>(
        url: &Url,
        migrations: &[Migration],
        first: impl FnOnce(&mut Tx<'_>) -> Result<(), E>,
    ) -> Result<Self, E> {
        Self::make(url, Options::default(), |tx| {
            apply(tx, migrations)?;
            first(tx)
        })
    }

    fn make<E: From<StoreError>>(
        url: &Url,
        options: Options,
        fill: impl FnOnce(&mut Tx<'_>) -> Result<(), E>,
    ) -> Result<Self, E> {
        Self::must_be_free(url)?;
        let backend = match &url.0 {
            Place::Sqlite(path) => {
                sqlite::create(path, sqlite::PAGE)?;
                Self::open_with(url, options)?.backend
            }
            Place::Postgres(address) => Backend::Postgres(Box::new(Server::connect(address, &options)?)),
        };
        let mut store = Self { url: url.clone(), options, backend, narrowed: None, intake: None };
        match store.fill(fill) {
            Ok(()) => Ok(store),
            Err(error) => {
                if url.path().is_some() {
                    store.remove()?;
                }
                Err(error)
            }
        }
    }

    /// A schema begins in the same transaction as what is in it.
    fn fill<E: From<StoreError>>(&mut self, fill: impl FnOnce(&mut Tx<'_>) -> Result<(), E>) -> Result<(), E> {
        let mut tx = match &mut self.backend {
            Backend::Sqlite(_) => self.own()?,
            Backend::Postgres(server) => {
                server.begin_making(TABLE)?;
                Tx::new(View::new(&mut self.backend, Scope::Dcc, true))
            }
        };
        fill(&mut tx)?;
        tx.protect()?;
        Ok(tx.commit()?)
    }

    /// Demands that nothing is at an address.
    ///
    /// # Errors
    /// If there is something, or PostgreSQL cannot be reached.
    pub fn must_be_free(url: &Url) -> Result<(), StoreError> {
        match &url.0 {
            Place::Sqlite(path) if path.is_dir() => Err(folder(url)),
            // What a killed program left beside a file that is gone would be taken for the new one's.
            Place::Sqlite(path)
                if ["", "-wal", "-shm", "-journal", sqlite::intake::ENDING].iter().all(|end| is_free(path, end)) =>
            {
                Ok(())
            }
            Place::Postgres(_) if !Self::exists(url)? => Ok(()),
            _ => Err(StoreError::Exists(url.to_string())),
        }
    }

    /// Where it is.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Begins an act. Acts wait for each other, so that each sees all before it, and each sees everything.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if the one before does not end in time, or if the database cannot be reached.
    pub fn decide(&mut self) -> Result<Tx<'_>, StoreError> {
        self.begin(Side::Acts)
    }

    /// Begins what is done to show what would come of it, and never kept. It waits for acts like an act, but gives way to those that wait
    /// for it.
    ///
    /// # Errors
    /// As [`Store::decide`]; [`StoreError::GaveWay`] from it where somebody waits.
    pub fn try_out(&mut self) -> Result<Tx<'_>, StoreError> {
        let (place, options) = (self.url.0.clone(), self.options);
        if let Place::Sqlite(path) = &place {
            sqlite::turn::after_others(path, &options)?;
        }
        let mut tx = self.begin(Side::Shown)?;
        tx.lookout = match (&mut tx.backend, &place) {
            (Backend::Sqlite(connection), Place::Sqlite(path)) => {
                Some(Lookout::new(sqlite::turn::Look::of(connection, path)))
            }
            (Backend::Postgres(server), Place::Postgres(address)) => {
                let process = server.process()?;
                Some(Lookout::new(postgresql::Look::of(address, &options, process)?))
            }
            _ => None,
        };
        Ok(tx)
    }

    /// Begins reading on somebody's behalf. All that is read is of one moment, that of the first query; nobody waits.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub fn view(&mut self, scope: Scope) -> Result<View<'_>, StoreError> {
        match &self.backend {
            Backend::Sqlite(_) if scope != Scope::Dcc => {
                let limit = self.options.statement;
                let backend = self.narrowed(scope)?;
                if let Backend::Sqlite(connection) = backend {
                    sqlite::begin_reading(connection, Some(limit))?;
                }
                Ok(View::new(backend, scope, false))
            }
            _ => self.transaction(Side::Reads(scope), false),
        }
    }

    /// Begins a change of the tables themselves.
    pub(crate) fn own(&mut self) -> Result<Tx<'_>, StoreError> {
        self.begin(Side::Owner)
    }

    /// Begins reading as whoever owns the tables.
    pub(crate) fn own_view(&mut self) -> Result<View<'_>, StoreError> {
        self.transaction(Side::Owner, false)
    }

    pub(crate) fn begin(&mut self, side: Side) -> Result<Tx<'_>, StoreError> {
        Ok(Tx::new(self.transaction(side, true)?).settled_by(counts::settle))
    }

    fn transaction(&mut self, side: Side, writes: bool) -> Result<View<'_>, StoreError> {
        match &mut self.backend {
            Backend::Sqlite(connection) => match &self.url.0 {
                _ if !writes => sqlite::begin_reading(connection, Some(self.options.statement))?,
                Place::Sqlite(path) if side != Side::Shown => sqlite::turn::begin(connection, path, &self.options)?,
                // Who only shows something does not ask others to give way.
                _ => sqlite::begin(connection)?,
            },
            Backend::Postgres(server) => match server.begin(side, writes) {
                Ok(()) => {}
                // The connection was lost while nobody looked. Nothing was begun on it, so a new one will do.
                Err(StoreError::Unreachable(_)) => self.connect_again()?.begin(side, writes)?,
                Err(error) => return Err(error),
            },
        }
        let scope = if let Side::Reads(scope) = side { scope } else { Scope::Dcc };
        Ok(View::new(&mut self.backend, scope, writes))
    }

    /// The connection to a file that reads for a scope: made once, and its views once as long as the scope is the same.
    fn narrowed(&mut self, scope: Scope) -> Result<&mut Backend, StoreError> {
        let known = match (self.narrowed.take(), &self.url.0) {
            (Some((of, backend)), _) if of == scope => backend,
            (Some((_, Backend::Sqlite(mut connection))), _) => {
                // The limit of the reading before does not hold any more.
                watch(&mut connection, None)?;
                sqlite::views::narrow(&connection, &scope)?;
                Backend::Sqlite(connection)
            }
            (_, Place::Sqlite(path)) => {
                let connection = sqlite::open(path, &self.options)?;
                sqlite::views::narrow(&connection, &scope)?;
                Backend::Sqlite(connection)
            }
            (_, Place::Postgres(_)) => return Err(StoreError::Other("another database".to_owned())),
        };
        Ok(&mut self.narrowed.insert((scope, known)).1)
    }

    /// Connects anew: after a panic in the midst of a transaction nothing is known of the old connection.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn renew(&mut self) -> Result<(), StoreError> {
        self.narrowed = None;
        self.backend = Self::open_with(&self.url, self.options)?.backend;
        Ok(())
    }

    fn connect_again(&mut self) -> Result<&mut Server, StoreError> {
        self.backend = Self::open_with(&self.url, self.options)?.backend;
        match &mut self.backend {
            Backend::Postgres(server) => Ok(server),
            Backend::Sqlite(_) => Err(StoreError::Other("another database".to_owned())),
        }
    }

    /// Copies everything, as it is at one moment, into a new database of the same kind, and opens that. With PostgreSQL it is
    /// another schema of the same database; its tables have no foreign keys, those of secrets are empty, and readers with a
    /// scope see nothing there.
    ///
    /// # Errors
    /// If there is already something at the target, it is of another kind or on another server, or copying fails.
    pub fn copy_to(&mut self, target: &Url) -> Result<Self, StoreError> {
        match (&mut self.backend, &self.url.0, &target.0) {
            (Backend::Sqlite(connection), _, Place::Sqlite(path)) => {
                sqlite::create(path, sqlite::page(connection)?)?;
                let mut copy = Self::open_with(target, self.options)?;
                if let Backend::Sqlite(to) = &mut copy.backend
                    && let Err(error) = sqlite::copy(connection, to, &self.options)
                {
                    copy.remove()?;
                    return Err(error);
                }
            }
            (Backend::Postgres(server), Place::Postgres(here), Place::Postgres(there)) if here.same_database(there) => {
                Self::must_be_free(target)?;
                server.copy_to(&there.schema, MARK)?;
            }
            _ => {
                let problem = "a copy is made in a file of the same kind, or in another schema of the same database";
                return Err(StoreError::Url { address: target.to_string(), problem: problem.to_owned() });
            }
        }
        Self::open_with(target, self.options)
    }

    /// Takes the whole database away: the file, or the schema. For copies and for tests.
    ///
    /// # Errors
    /// If that fails.
    pub fn remove(mut self) -> Result<(), StoreError> {
        self.narrowed = None;
        self.intake = None;
        match (self.backend, &self.url.0) {
            (Backend::Postgres(mut server), Place::Postgres(address)) => {
                postgresql::remove_schema(&mut server.client, &address.schema)
            }
            (connection, Place::Sqlite(path)) => {
                // The last connection to close takes the files beside it away.
                drop(connection);
                sqlite::intake::remove(path)?;
                std::fs::remove_file(path).map_err(|error| StoreError::Disk(error.to_string()))
            }
            _ => Ok(()),
        }
    }
}

/// Is nothing at a path with this ending?
fn is_free(path: &Path, end: &str) -> bool {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    Path::new(&path).symlink_metadata().is_err()
}

fn folder(url: &Url) -> StoreError {
    StoreError::Foreign { address: url.to_string(), found: "it is a folder" }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.url)
    }
}
