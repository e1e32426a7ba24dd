//! HTTP without a library: one request per connection, and whatever else one may want to send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}{}", self.head, String::from_utf8_lossy(&self.body)))
    }

    /// The value of a header, its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// A connection on which these bytes were sent; reading from it fails after a minute without a word.
pub(crate) fn send(address: &str, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

/// Sends these bytes and reads until the other side has nothing more to say; none if it says nothing that is HTTP.
pub(crate) fn exchange(address: &str, bytes: &[u8]) -> Option<Response> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    // The other side may have heard enough and hung up.
    let _ = stream.write_all(bytes);
    receive(&mut stream)
}

/// Reads until the other side has nothing more to say; none if it says nothing that is HTTP.
pub(crate) fn receive(stream: &mut TcpStream) -> Option<Response> {
    let mut answer = Vec::new();
    let mut part = [0; 1 << 16];
    loop {
        if let Some(response) = parse(&answer) {
            return Some(response);
        }
        match stream.read(&mut part) {
            Ok(read @ 1..) => answer.extend_from_slice(&part[..read]),
            Ok(0) | Err(_) => return None,
        }
    }
}

/// A whole response with a known length.
fn parse(answer: &[u8]) -> Option<Response> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(answer[..end].to_vec()).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let response = Response { status, head, body: answer[end..].to_vec() };
    let length = response.header("content-length").map_or(Some(0), |length| length.parse().ok())?;
    (response.body.len() >= length).then_some(response)
}

/// The bytes of a request of this method with these headers; `Host` and `Content-Length` come by themselves.
pub(crate) fn bytes(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// What answers such a request.
pub(crate) fn request(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
    let bytes = bytes(address, method, path, headers, body);
    exchange(address, &bytes).unwrap_or_else(|| panic!("{method} {path}: no answer"))
}

/// A question in JSON.
pub(crate) fn post(address: &str, path: &str, question: &serde_json::Value) -> Response {
    request(address, "POST", path, &[("Content-Type", "application/json")], question.to_string().as_bytes())
}
