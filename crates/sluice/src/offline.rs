//! Scaling without a database: received files in, results out, and a bundle from which anyone can recompute them.

mod bundle;
mod compute;
mod inputs;
mod judge;
mod programme;
mod results;
mod verify;

pub use bundle::{bundle, line_value, sha256};
pub use compute::{Computed, compute, compute_streaming};
pub use inputs::{DemandInput, InputFile, Inputs, files_in};
pub use judge::Judged;
pub use programme::{Programme, programme};
pub use results::result_files;
pub use sluice_service::books::rulebooks::{Books, Settings};
pub use verify::{Verification, verify};
