//! What an act is: who acts, at which moment, in which transaction, with which audit row; and whom it tells.

pub mod actor;
pub mod again;
pub mod aside;
pub mod clock;
pub(crate) mod contain;
pub mod count_again;
pub mod digest_text;
pub mod digests;
#[cfg(any(test, feature = "faults"))]
pub mod fault;
pub mod leaf;
pub mod perform;
pub mod prepared;
pub mod reading;
pub mod request;
pub mod second;
pub mod simulated;
pub mod tell;
pub mod work;
