//! Many rows by `COPY`, in its binary form.

use super::binary::put_field;
use super::error::io_error;
use super::server::Server;
use crate::error::StoreError;
use crate::value::Value;
use postgres::CopyInWriter;
use postgres::types::Type;
use std::io::Write;

/// What `COPY … (FORMAT binary)` begins with: the signature, no flags, no extension.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What it ends with: −1 for the number of fields.
const TAIL: [u8; 2] = (-1_i16).to_be_bytes();

/// How many bytes go to the server at a time.
const BUFFER: usize = 64 << 10;

/// Rows on their way into a table. One that is dropped before [`Copy::finish`] has put none.
pub(crate) struct Copy<'t> {
    writer: CopyInWriter<'t>,
    buffer: Vec<u8>,
    types: Vec<Type>,
}

impl Server {
    /// Begins to copy rows into these columns of a table without row security.
    pub(crate) fn copy(&mut self, table: &str, columns: &[&str]) -> Result<Copy<'_>, StoreError> {
        let columns = columns.join(", ");
        let described = self.prepare(&format!("SELECT {columns} FROM {table} LIMIT 0"), &[])?;
        let types = described.columns().iter().map(|column| column.type_().clone()).collect();
        let writer = self.client.copy_in(&format!("COPY {table} ({columns}) FROM STDIN (FORMAT binary)"))?;
        let mut buffer = Vec::with_capacity(BUFFER + 4096);
        buffer.extend_from_slice(HEAD);
        Ok(Copy { writer, buffer, types })
    }
}

impl Copy<'_> {
    /// Puts a row, its values in the order of the columns.
    pub(crate) fn row(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        let wrong = || StoreError::wrong_count(self.types.len(), values.len());
        let fields = i16::try_from(values.len()).map_err(|_| wrong())?;
        self.buffer.extend_from_slice(&fields.to_be_bytes());
        for (value, kind) in values.iter().zip(&self.types) {
            put_field(&mut self.buffer, kind, value)?;
        }
        if self.buffer.len() >= BUFFER {
            self.writer.write_all(&self.buffer).map_err(io_error)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Ends; what breaks a rule of the table is told here or before.
    pub(crate) fn finish(mut self) -> Result<(), StoreError> {
        self.buffer.extend_from_slice(&TAIL);
        self.writer.write_all(&self.buffer).map_err(io_error)?;
        self.writer.finish()?;
        Ok(())
    }
}
