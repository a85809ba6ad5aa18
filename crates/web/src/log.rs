//! What only whoever runs the server may know: a line of JSON each on its standard error. No request's body and no token is in it.

use jiff::Timestamp;
use serde_json::json;
use std::io::Write;

/// A request that was not done for a reason that its sender is not told.
pub(crate) fn request(id: &str, code: &str, why: &str) {
    line(&json!({ "at": Timestamp::now().to_string(), "request_id": id, "code": code, "why": why }));
}

/// Something that nobody asked for failed.
pub(crate) fn failed(what: &str, why: &str) {
    line(&json!({ "at": Timestamp::now().to_string(), "what": what, "why": why }));
}

fn line(of: &serde_json::Value) {
    // Who reads no log has none.
    drop(writeln!(std::io::stderr().lock(), "{of}"));
}
