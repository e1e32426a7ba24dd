//! How `robust explore` ends, and how its connections do.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::explore_command::{Explore, seven};
use crate::explore_waiting::{begin, waits};
use crate::http::{bytes, receive, request, send};

/// A client that asks for far more than its system holds, and takes nothing of it.
fn glutton(address: &str) -> TcpStream {
    let get = format!("GET /explore.js HTTP/1.1\r\nHost: {address}\r\n\r\n").repeat(HELPINGS);
    send(address, get.as_bytes())
}

/// What it asks for, and too much for the system's buffers.
const HELPINGS: usize = 1000;

#[test]
fn an_attack_does_not_delay_the_end() {
    for (signal, code, path) in [("INT", 130, "/attack"), ("TERM", 143, "/attack"), ("INT", 130, "/case.png")] {
        let mut explore = Explore::start_on(1, "--limit 10");
        let (mut running, mut waiting) = (begin(&explore, path), begin(&explore, path));
        assert!(waits(&running));
        explore.signal(signal);
        // Both are told: the end does not wait until the attack is over.
        for attack in [&mut running, &mut waiting] {
            let response = receive(attack).unwrap();
            assert_eq!((response.status, response.json()["error"].as_str()), (503, Some("the program is ending")));
        }
        assert_eq!(explore.wait(), code, "{signal} {path}");
    }
}

#[test]
fn a_client_that_takes_nothing_delays_the_end_by_seconds_and_a_second_signal_does_not_wait_for_it() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let [mut patient, mut hurried] = [(); 2].map(|()| Explore::start("--limit 10"));
        let _clients = [&patient, &hurried].map(|explore| glutton(&explore.address));
        thread::sleep(Duration::from_millis(300));
        hurried.signal(signal);
        patient.signal(signal);
        thread::sleep(Duration::from_millis(300));
        assert_eq!((patient.ended(), hurried.ended()), (None, None), "{signal}: the client was to delay both");
        hurried.signal(signal);
        assert_eq!(hurried.wait(), code);
        assert_eq!(patient.ended(), None, "{signal}: told twice, it was to end before the other, told once");
        assert_eq!(patient.wait(), code);
    }
}

#[test]
fn connections_that_dawdle_are_closed() {
    let explore = Explore::start("--limit 10");
    let address = &explore.address;
    let question = seven().to_string();
    let look = bytes(address, "POST", "/look", &[("Content-Type", "application/json")], question.as_bytes());
    let head = format!("GET / HTTP/1.1\r\nHost: {address}\r\n");
    let mut dawdlers = vec![
        ("nothing is asked", send(address, b""), None),
        ("half a head", send(address, &look[..40]), None),
        ("half a body", send(address, &look[..look.len() - 10]), Some(408)),
        ("asked once and no more", send(address, format!("{head}\r\n").as_bytes()), Some(200)),
    ];
    // A line at a time, for as long as it goes.
    let mut dripping = send(address, head.as_bytes());
    dawdlers.push(("a head without an end", dripping.try_clone().unwrap(), None));
    thread::spawn(move || {
        while dripping.write_all(b"X: y\r\n").is_ok() {
            thread::sleep(Duration::from_millis(300));
        }
    });
    let mut starved = glutton(address);
    for (what, stream, status) in &mut dawdlers {
        let mut found = Vec::new();
        // A connection that is reset is closed, too; one that is not closed fails by the time limit.
        match stream.read_to_end(&mut found) {
            Err(error) if error.kind() != std::io::ErrorKind::ConnectionReset => panic!("{what}: {error}"),
            _ => {}
        }
        let found = String::from_utf8_lossy(&found).into_owned();
        let expected = status.map_or(String::new(), |status: u16| format!("HTTP/1.1 {status} "));
        assert!(found.starts_with(&expected) && found.is_empty() == status.is_none(), "{what}: {found}");
    }
    // By now the glutton has had its chance, too.
    thread::sleep(Duration::from_secs(1));
    let mut taken = Vec::new();
    let _ = starved.read_to_end(&mut taken);
    let asked = HELPINGS * request(address, "GET", "/explore.js", &[], b"").body.len();
    assert!(taken.len() < asked, "all of it was still sent");
    assert_eq!(explore.look(&seven())["look"]["prediction"], 7);
}

#[test]
fn idle_connections_keep_nobody_out_and_too_many_are_told_so() {
    let explore = Explore::start("--limit 10");
    let connect = |count: usize| -> Vec<TcpStream> { (0..count).map(|_| send(&explore.address, b"")).collect() };
    let some = connect(200);
    assert_eq!(explore.look(&seven())["look"]["prediction"], 7);
    let more = connect(60);
    let refused = request(&explore.address, "GET", "/", &[], b"");
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["error"], "too many connections; ask again in a moment");
    assert_eq!(refused.header("x-frame-options"), Some("DENY"));
    drop((some, more));
    while request(&explore.address, "GET", "/", &[], b"").status != 200 {
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(explore.look(&seven())["look"]["prediction"], 7);
}
