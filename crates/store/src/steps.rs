//! Applying the steps of a schema.

use crate::error::StoreError;
use crate::migration::Migration;
use crate::tx::Tx;
use crate::value::Value;

/// Applies steps, and notes them.
pub(crate) fn apply(tx: &mut Tx<'_>, steps: &[Migration]) -> Result<(), StoreError> {
    for step in steps {
        tx.script(step.sql)?;
        let values = [Value::from(step.version), Value::from(step.name)];
        tx.execute("INSERT INTO schema_version (version, name) VALUES ($1, $2)", &values)?;
    }
    Ok(())
}
