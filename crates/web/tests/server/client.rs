//! Requests as bytes, so that wrong ones can be sent too.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The body of a problem without the id of its request.
    pub fn problem(&self) -> Value {
        let mut problem = self.json();
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.text());
        let id = problem.as_object_mut().and_then(|fields| fields.remove("request_id"));
        assert_eq!(id.as_ref().and_then(Value::as_str), self.header("x-request-id"));
        problem
    }
}

/// Sends bytes and reads what comes until the end; nothing if nothing comes.
pub fn raw(to: SocketAddr, bytes: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    // Who is refused early does not read the rest.
    let _ = stream.write_all(bytes);
    let mut got = Vec::new();
    let _ = stream.read_to_end(&mut got);
    answer(&got)
}

/// An answer from its bytes.
pub fn answer(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head, body: bytes[end + 4..].to_vec() })
}

/// Somebody who asks a server.
#[derive(Clone, Copy)]
pub struct Client<'a> {
    pub to: SocketAddr,
    pub token: Option<&'a str>,
}

impl Client<'_> {
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!("{method} /api/v1{path} HTTP/1.1\r\nHost: sluice\r\nConnection: close\r\n");
        if let Some(token) = self.token {
            head.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || method != "GET" {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let bytes = [head.as_bytes(), body].concat();
        raw(self.to, &bytes).unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    /// Hands a file in.
    pub fn hand_in(&self, name: &str, bytes: &[u8]) -> Answer {
        let disposition = format!("attachment; filename=\"{name}\"");
        self.send("POST", "/files", &[("Content-Disposition", disposition.as_str())], bytes)
    }

    /// The file of an id, once it has its verdict.
    pub fn judged(&self, id: &str) -> Value {
        loop {
            let file = self.get(&format!("/files/{id}")).json();
            match file["state"].as_str() {
                Some("PENDING" | "RECEIVED") => std::thread::sleep(Duration::from_millis(20)),
                _ => return file,
            }
        }
    }
}
