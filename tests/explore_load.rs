//! `robust explore` under load and under fire.

use std::thread;

use crate::explore_command::{Explore, seven};
use crate::explore_waiting::{ask, waits};
use crate::http::{exchange, request};

/// Requests that nobody should send, each with the status that answers it.
fn garbage(address: &str) -> Vec<(Vec<u8>, u16)> {
    let http = |method: &str, path: &str, host: &str, more: &str, body: &str| {
        let length =
            if more.contains("Content-Length") { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{length}{more}\r\n{body}")
            .into_bytes()
    };
    let json = "Content-Type: application/json\r\n";
    let ask = |path: &str, body: &str| http("POST", path, address, json, body);
    let strokes = |lines: &str| ask("/look", &format!(r#"{{"strokes":{{"lines":{lines},"pen":2.5}}}}"#));
    let huge = "1".repeat(1 << 20);
    let deep = "[".repeat(100_000);
    let many = format!("[{}[0,0]]", "[0,0],".repeat(8000));
    vec![
        (http("GET", "/look", address, "", ""), 405),
        (http("DELETE", "/", address, "", ""), 405),
        (http("PUT", "/attack", address, json, "{}"), 405),
        (http("OPTIONS", "/look", address, "Origin: http://evil.example\r\n", ""), 403),
        (http("BREW", "/look", address, json, "{}"), 405),
        (http("GET", "/../../etc/passwd", address, "", ""), 404),
        (http("GET", "/%2e%2e/%2e%2e/etc/passwd", address, "", ""), 404),
        (http("GET", "//etc/passwd", address, "", ""), 404),
        (http("GET", "/explore.js/../../Cargo.toml", address, "", ""), 404),
        (http("GET", "/look%00.json", address, "", ""), 404),
        (http("GET", &format!("/{}", &huge[..50_000]), address, "", ""), 404),
        (http("GET", "/", "evil.example", "", ""), 403),
        (http("GET", "/", "127.0.0.1", "", ""), 403),
        (
            http(
                "POST",
                "/look",
                address,
                "Content-Type: application/json\r\nOrigin: http://evil.example\r\n",
                r#"{"index":0}"#,
            ),
            403,
        ),
        (http("POST", "/look", address, "Content-Type: application/json\r\nOrigin: null\r\n", r#"{"index":0}"#), 403),
        (http("POST", "/look", address, "Content-Type: application/json\r\nSec-Fetch-Site: cross-site\r\n", "{}"), 403),
        (http("POST", "/look", address, "Content-Type: text/plain\r\n", r#"{"index":0}"#), 415),
        (http("POST", "/look", address, "", r#"{"index":0}"#), 415),
        (ask("/look", &huge), 413),
        (http("POST", "/look", address, "Content-Type: application/json\r\nContent-Length: 99999999999\r\n", "{"), 413),
        (ask("/attack", &deep), 400),
        (ask("/look", ""), 400),
        (ask("/look", "{"), 400),
        (ask("/look", "null"), 400),
        (ask("/look", r#"{"index":-1}"#), 400),
        (ask("/look", r#"{"index":1e99}"#), 400),
        (ask("/look", r#"{"index":99999999}"#), 404),
        (ask("/look", r#"{"index":0,"pixels":""}"#), 400),
        (ask("/look", r#"{"pixels":"AAAA"}"#), 400),
        (ask("/look", r#"{"pixels":"!"}"#), 400),
        (ask("/look", &format!(r#"{{"pixels":"{}"}}"#, "A".repeat(4 * 784))), 400),
        (strokes("[]"), 400),
        (strokes("[[]]"), 400),
        (strokes("[[[0.5]]]"), 400),
        (strokes("[[[0.5,NaN]]]"), 400),
        (strokes("[[[0.5,1e39]]]"), 400),
        (strokes("[[[0.5,1e999]]]"), 400),
        (strokes("[[[0.5,-1]]]"), 400),
        (strokes(&format!("[{many}]")), 400),
        (ask("/look", r#"{"strokes":{"lines":[[[0,0]]],"pen":null}}"#), 400),
        (ask("/draw", r#"{"label":10,"style":[]}"#), 400),
        (ask("/draw", r#"{"label":1,"style":[0.5]}"#), 400),
        (ask("/draw", &format!(r#"{{"label":1,"style":[{}9]}}"#, "0,".repeat(15))), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"psychic"}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"bim","epsilon":-1}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"bim","epsilon":8}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"bim","epsilon":1e6}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"cw","confidence":1e6}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"blur","severity":1e6}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"bim","restarts":1e6}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"bim","steps":1e6}}"#), 400),
        (ask("/case.json", r#"{"source":{"index":0},"attack":{"method":"bim","steps":1e6}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"bim","steps":1e9}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"bim","steps":0.5}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"fgsm","steps":3}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"bim","target":{"class":99}}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"bim","target":"nowhere"}}"#), 400),
        (ask("/attack", r#"{"source":{"index":0},"attack":{"method":"bim"},"film":1}"#), 400),
        (ask("/pick", r#"{"label":256}"#), 400),
        (ask("/pick", r#"{"label":null,"from":-1}"#), 400),
        (ask("/case.png", r#"{"source":{"index":0},"attack":{"method":""}}"#), 400),
        (ask("/case.json", "[]"), 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), 400),
        (b"GET / HTTP/1.1\r\nHost\r\n\r\n".to_vec(), 400),
        (b"GET / HTTP/9.9\r\n\r\n".to_vec(), 400),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(2000)).into_bytes(), 431),
    ]
}

#[test]
fn garbage_gets_a_4xx_and_memory_stays_flat() {
    let explore = Explore::start("--limit 100");
    let garbage = garbage(&explore.address);
    let round = |count: usize| {
        for (bytes, expected) in garbage.iter().cycle().take(count) {
            let shown = || String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
            // A server may hang up on a body that it does not want before all of it is sent, and the answer is lost.
            match exchange(&explore.address, bytes) {
                Some(found) => {
                    assert_eq!(found.status, *expected, "{}{}", shown(), String::from_utf8_lossy(&found.body))
                }
                None => assert_eq!(*expected, 413, "no answer: {}", shown()),
            }
        }
    };
    round(500);
    let before = explore.memory();
    round(10_000);
    let after = explore.memory();
    assert_eq!(explore.look(&seven())["look"]["prediction"], 7);
    if let (Some(before), Some(after)) = (before, after) {
        assert!(after < before + 8.0, "{before} MiB before, {after} MiB after");
    }
}

#[test]
fn fifty_clients_that_attack_do_not_keep_fifty_that_draw_waiting() {
    let explore = Explore::start("--limit 200");
    // All attacks are asked before the first stroke, and none is over before the last.
    let attacks: Vec<_> = (0..50).map(|_| ask(&explore, "/attack")).collect();
    thread::scope(|scope| {
        let draws = || (0..10).for_each(|_| assert_eq!(explore.look(&seven())["look"]["prediction"], 7));
        let clients: Vec<_> = (0..50).map(|_| scope.spawn(draws)).collect();
        clients.into_iter().for_each(|client| client.join().unwrap());
    });
    assert!(attacks.iter().all(waits), "an attack was over before strokes that were asked later");
    assert_eq!(request(&explore.address, "GET", "/", &[], b"").status, 200);
}
