//! Indexes that come and go.

/// The points of the inventory.
macro_rules! points {
    () => {
        "CREATE UNIQUE INDEX installation_mpan ON installation (mpan);\n\
         CREATE UNIQUE INDEX installation_mprn ON installation (mprn);\n"
    };
}

/// What is a supplier's.
macro_rules! supplied {
    () => {
        "CREATE INDEX installation_supplied ON installation (electricity_mpid, s1sp);\n"
    };
}

/// As the first programs had them.
pub(crate) const POINTS: &str = points!();

/// The indexes of the inventory. A first load is faster without them; they are made after it.
pub(crate) const INSTALLATION_INDEXES: &str = concat!(points!(), supplied!());

/// The same, to take them away.
pub(crate) const WITHOUT: &str = "DROP INDEX IF EXISTS installation_mpan; DROP INDEX IF EXISTS installation_mprn; \
                                  DROP INDEX IF EXISTS installation_supplied;";

/// What is a supplier's is found by it, without another index for most gas meters, which are its as well; and what is Dormant.
pub(crate) const BY_SUPPLIER: &str = concat!(
    supplied!(),
    "CREATE INDEX installation_gas_supplied ON installation (gas_mpid, s1sp) WHERE gas_mpid <> electricity_mpid;\n\
     CREATE INDEX installation_dormant ON installation (s1sp) WHERE electricity_status = 0;\n\
     CREATE INDEX registration_supplied ON registration (mpid);\n"
);
