#![doc = include_str!("../README.md")]

pub mod actor;
pub mod books;
pub mod calendar;
pub mod cases;
pub mod desk;
pub mod error;
mod form;
pub mod record;
pub mod replay;
pub mod reports;
pub mod service;
pub mod story;
pub mod verdicts;
mod who;
pub mod words;
pub mod work;

pub use error::{Result, ServiceError};
