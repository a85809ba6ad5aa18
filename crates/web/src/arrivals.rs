//! A file comes in over the network: to the disk, a piece at a time, with an end to its size and to its patience.

use crate::app::App;
use crate::intake::Body;
use crate::problem::{Kind, Problem};
use crate::request::too_large;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_DISPOSITION;
use sluice_wire::name::may_be_password;
use std::io::Write;
use std::pin::Pin;
use tokio::time::{Instant, timeout_at};

/// The most bytes of what may be a password; it is never on a disk (MAM-10).
const PASSWORD: u64 = 64 << 10;

/// The least bytes of a body that come in the time of patience, but for its end.
const LEAST: u64 = 1 << 10;

/// The most bytes of a name.
const NAME: usize = 255;

/// The name of the file that is sent, by `Content-Disposition` as RFC 6266 has it.
///
/// # Errors
/// If there is none, or it is no name.
pub(crate) fn name(headers: &HeaderMap) -> Result<String, Problem> {
    let missing = "name the file with the header Content-Disposition: attachment; filename=\"NAME\"";
    let header = headers.get(CONTENT_DISPOSITION).ok_or_else(|| Problem::bad(missing))?;
    let text = header.to_str().map_err(|_| Problem::bad("a name outside ASCII is written filename*=UTF-8''NAME"))?;
    let name = named(text).ok_or_else(|| Problem::bad(missing))?;
    let is_name = !name.is_empty() && name.len() <= NAME && !name.chars().any(|c| c.is_control() || "/\\".contains(c));
    is_name.then_some(name).ok_or_else(|| {
        Problem::bad(format!("a name has 1 to {NAME} bytes, and no slash and no control character in it"))
    })
}

/// The name in the value of the header; the extended form first.
fn named(text: &str) -> Option<String> {
    let (mut plain, mut extended) = (None, None);
    for (key, value) in parameters(text) {
        match key.as_str() {
            "filename" if plain.is_none() => plain = Some(value),
            "filename*" if extended.is_none() => extended = Some(unescaped(&value)?),
            _ => {}
        }
    }
    extended.or(plain)
}

/// The parameters of a header, quoted or not.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.trim().trim_start_matches(';').trim().to_ascii_lowercase();
        let after = after.trim_start();
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        found.push((key, value));
        rest = left.split_once(';').map_or("", |(_, left)| left);
    }
    found
}

/// A quoted text up to its end, and what comes after it.
fn unquoted(text: &str) -> (String, &str) {
    let (mut value, mut chars) = (String::new(), text.char_indices());
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

/// The text of RFC 8187: `UTF-8''` and bytes in per cent.
fn unescaped(text: &str) -> Option<String> {
    let (charset, rest) = text.split_once('\'')?;
    let (_, coded) = rest.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let (mut bytes, mut rest) = (Vec::new(), coded.bytes());
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?].map(char::from).map(|digit| digit.to_digit(16));
        let [Some(high), Some(low)] = digits else { return None };
        bytes.push(u8::try_from(high << 4 | low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Takes a body in, to its last byte.
///
/// # Errors
/// If it is too large, too slow, or ends before its end.
pub(crate) async fn take(app: &App, name: &str, body: axum::body::Body) -> Result<Body, Problem> {
    if may_be_password(name) {
        let mut bytes = Vec::new();
        each(app, body, PASSWORD, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })
        .await?;
        return Ok(Body::Memory(bytes));
    }
    let unwritten =
        |_| Problem::of(Kind::Unavailable, "DISK", "there is no room to take the file in; hand it in again");
    let mut file = tempfile::tempfile().map_err(unwritten)?;
    let mut size = 0;
    each(app, body, app.settings.file.min(app.largest), |piece| {
        size += piece.len() as u64;
        // A piece is a few kilobytes into the memory of the system; the runtime waits for no disk.
        file.write_all(piece).map_err(unwritten)
    })
    .await?;
    Ok(Body::File(file, size))
}

async fn each(
    app: &App,
    body: axum::body::Body,
    most: u64,
    mut take: impl FnMut(&[u8]) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let (mut stream, mut size, patience) = (body.into_data_stream(), 0, app.settings.patience);
    // So much must have come by then.
    let (mut least, mut until) = (LEAST, Instant::now() + patience);
    loop {
        let next = std::future::poll_fn(|context| futures_core::Stream::poll_next(Pin::new(&mut stream), context));
        let piece = timeout_at(until, next).await.map_err(|_| {
            let words = format!(
                "less than 1 kB of the body came in {} seconds; nothing was kept: send it again",
                patience.as_secs()
            );
            Problem::of(Kind::Slow, "SLOW", words)
        })?;
        let Some(piece) = piece else { return Ok(()) };
        let piece =
            piece.map_err(|_| Problem::bad("the body ended before its end; nothing was kept: send it again"))?;
        size += piece.len() as u64;
        if size > most {
            return Err(too_large(most));
        }
        if size >= least {
            (least, until) = (size + LEAST, Instant::now() + patience);
        }
        take(&piece)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_rfc_6266_and_rfc_8187_have_them() {
        for (header, name) in [
            ("attachment; filename=\"MA_CGI.csv\"", Some("MA_CGI.csv")),
            ("attachment;filename=MA_CGI.csv", Some("MA_CGI.csv")),
            ("attachment; FileName = \"a;b.csv\"; size=3", Some("a;b.csv")),
            ("attachment; filename=\"a\\\"b.csv\"", Some("a\"b.csv")),
            ("attachment; filename=\"x.csv\"; filename*=UTF-8''n%C3%A4me.csv", Some("näme.csv")),
            ("attachment; filename*=utf-8'en'a%20b.csv", Some("a b.csv")),
            ("attachment; filename*=UTF-8''%FF.csv", None),
            ("attachment; filename*=ISO-8859-1''a.csv", None),
            ("attachment", None),
            ("filename=\"x.csv\"", None),
        ] {
            assert_eq!(named(header).as_deref(), name, "{header}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for bad in ["", "a/b.csv", "a\\b.csv", "..%2F", "a\u{7}b"] {
            let value = format!("attachment; filename*=UTF-8''{}", bad.replace('\u{7}', "%07").replace('\\', "%5C"));
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_DISPOSITION, value.parse().unwrap());
            assert!(name(&headers).is_err(), "{bad:?}");
        }
    }
}
