//! REP-1: the running counts are what counting from scratch gives.

use super::found::Found;
use sluice_store::tables::counts::{self, Wrong};
use sluice_store::{Scope, Store, StoreError};

pub(super) fn check(store: &mut Store, found: &mut Found) -> Result<(), StoreError> {
    for Wrong { table, of, kept, found: there } in counts::wrong(&mut store.view(Scope::Dcc)?)? {
        found.add(format!("{table} has {kept:?} for {of}, and there is {there:?}"));
    }
    Ok(())
}
