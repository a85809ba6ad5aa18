//! Indexes that come and go.

/// The indexes of the inventory. A first load is faster without them; they are made after it.
pub(crate) const INSTALLATION_INDEXES: &str = "\
CREATE UNIQUE INDEX installation_mpan ON installation (mpan);
CREATE UNIQUE INDEX installation_mprn ON installation (mprn);
";
