#![doc = include_str!("../README.md")]

pub mod act;
pub mod bars;
pub mod basis;
pub mod board;
pub mod books;
pub mod clock;
pub mod days;
pub mod dispatch;
pub mod dormant;
pub mod error;
pub mod events;
pub mod facts;
pub mod files;
pub mod form;
pub mod imports;
pub mod people;
pub mod read;
pub mod record;
pub mod responsibility;
pub mod rows;
pub mod schedule;
pub mod service;
pub mod weeks;
pub mod words;

pub use error::{Result, ServiceError};
