//! Writing for people. What is written appears complete or not at all, is on the disk before it is said to be there, and
//! has the rights that the umask leaves.

mod disk;
mod exchange;
mod file;
mod flow;
mod folder;

pub use disk::{make_folder, sync_folder};
pub use file::{write_file, write_new};
pub use folder::Staged;
