//! The books: rulebooks in effect, the calendar of weeks, the terms that acts take from them.

pub mod calendar;
pub mod rulebooks;
pub mod terms;
