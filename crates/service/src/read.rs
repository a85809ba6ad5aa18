//! What is only read: overviews, the story of an installation, reports.

pub mod aside;
pub mod dormant;
pub mod handed_in;
pub mod inbox;
pub mod overview;
pub mod own;
pub mod published;
pub mod reports;
pub mod rule_words;
pub mod story;
pub mod todo;
