//! What is played, one module a part of the weeks.

mod asking;
mod authorising;
mod bad_days;
mod days;
mod dormant;
mod files_alone;
mod telling;
