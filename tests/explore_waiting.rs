//! Who waits for whom in `robust explore`. Times would depend on the machine; what is asserted is who comes first.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::explore_command::{Explore, seven};
use crate::http::{bytes, post, send};

/// An attack that takes as long as an attack may on the page: most of a minute and more.
pub(crate) fn long_attack() -> Value {
    json!({ "source": seven(), "attack": { "method": "adaptive", "steps": 1000 } })
}

/// Asks for that attack.
pub(crate) fn ask(explore: &Explore, path: &str) -> TcpStream {
    let question = long_attack().to_string();
    let request = bytes(&explore.address, "POST", path, &[("Content-Type", "application/json")], question.as_bytes());
    send(&explore.address, &request)
}

/// Asks for that attack and gives it the time to begin.
pub(crate) fn begin(explore: &Explore, path: &str) -> TcpStream {
    let stream = ask(explore, path);
    thread::sleep(Duration::from_millis(500));
    stream
}

/// Whether nothing has come yet.
pub(crate) fn waits(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let found = stream.peek(&mut [0]);
    stream.set_nonblocking(false).unwrap();
    found.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}

#[test]
fn strokes_overtake_attacks_on_one_thread_and_on_more() {
    for threads in [1, 2] {
        let explore = Explore::start_on(threads, "--limit 200");
        let attack = begin(&explore, "/attack");
        let case = begin(&explore, "/case.json");
        let seen = explore.look(&seven());
        assert_eq!(seen["look"]["prediction"], 7);
        let drawn = post(&explore.address, "/draw", &json!({ "label": 3, "style": seen["look"]["style"] }));
        let picked = post(&explore.address, "/pick", &json!({ "label": null }));
        assert_eq!((drawn.status, picked.status), (200, 200));
        assert!(waits(&attack) && waits(&case), "an attack was over before a stroke that was asked later");
    }
}

#[test]
fn what_nobody_waits_for_any_more_does_not_hold_up_the_next() {
    // Two may be worked on at once, beside strokes. One is awaited to the end, and the other is not.
    let explore = Explore::start_on(3, "--limit 200");
    let awaited = begin(&explore, "/attack");
    for path in ["/attack", "/case.json", "/case.png"] {
        drop(begin(&explore, path));
        let question = json!({ "source": { "index": 0 }, "attack": { "method": "bim" } });
        assert_eq!(post(&explore.address, "/attack", &question).status, 200);
        assert!(waits(&awaited), "a short attack had to wait for one that nobody waited for");
    }
}
