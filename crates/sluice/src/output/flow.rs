//! A long file, brought to the disk while more of it is written, so that little is left to wait for at the end.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};

/// Bytes after which what is written is sent to the disk.
const PART: usize = 32 << 20;

/// A file that is being written.
pub struct Flow<'a> {
    file: &'a File,
    /// Bytes since the last part was sent.
    since: usize,
    parts: SyncSender<()>,
}

impl Write for Flow<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.file;
        let written = file.write(bytes)?;
        self.since += written;
        if self.since >= PART {
            self.since = 0;
            // If the disk is not done with the part before, it takes both together later.
            self.parts.try_send(()).ok();
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Has a file written, and is done when it is on the disk; gives what `write` gives.
///
/// # Errors
/// What `write` gives, or `failed` of what the disk says.
pub fn flow<T, E>(
    file: &File,
    failed: impl Fn(&io::Error) -> E,
    write: impl FnOnce(&mut Flow<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let (parts, waiting) = sync_channel(1);
    std::thread::scope(|scope| {
        let disk = scope.spawn(move || waiting.iter().try_for_each(|()| file.sync_data()));
        let mut flow = Flow { file, since: 0, parts };
        let done = write(&mut flow)?;
        drop(flow);
        // An error is told once: what the first one saw, the last one may not see again.
        disk.join().unwrap_or_else(|_| Err(io::Error::other("a thread has ended"))).map_err(|error| failed(&error))?;
        file.sync_all().map_err(|error| failed(&error))?;
        Ok(done)
    })
}
