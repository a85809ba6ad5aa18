#![doc = include_str!("../README.md")]

mod backend;
mod bulk;
mod copies;
pub mod error;
mod inspect;
mod intake;
mod journal;
mod machine;
mod migration;
mod migrations;
mod options;
mod postgresql;
#[cfg(feature = "raw")]
pub mod raw;
mod row;
pub mod schema;
mod scope;
mod secrets;
mod sight;
mod sql;
mod sqlite;
mod stage;
mod steps;
mod store;
pub mod tables;
mod tx;
mod url;
mod value;
mod versions;
mod view;

pub use bulk::{Inserter, Updater};
pub use copies::SchemaForCopy;
pub use error::{Rule, StoreError};
pub use journal::Alike;
pub use machine::ClockJump;
pub use migration::Migration;
pub use options::Options;
pub use row::Row;
pub use scope::Scope;
pub use store::Store;
pub use tx::Tx;
pub use url::Url;
pub use value::Value;
pub use view::View;
