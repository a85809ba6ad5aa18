#![doc = include_str!("../README.md")]

mod archive;
pub mod authorisation;
pub mod demand;
pub mod dormant;
mod fields;
mod finding;
mod hints;
pub mod hold;
pub mod layout;
pub mod limits;
pub mod name;
pub mod outcome;
mod password;
pub mod reference;
pub mod reference_data;
pub mod report;
pub mod response;
pub mod rulebooks;
mod sheet;
mod source;
pub mod table;
pub mod template;
pub mod text;
pub mod written;

pub use archive::Opened;
pub use finding::{FileFinding, RowFinding, in_words};
pub use layout::Layout;
pub use password::{Password, read_password};
pub use source::Content;
