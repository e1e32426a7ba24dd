//! `robust explore`: the program behind the page, asked well and badly.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::command::{csv, folder, robust, succeed};
use crate::http::post;

/// A running program.
pub(crate) struct Explore {
    child: Child,
    /// Host and port.
    pub(crate) address: String,
}

impl Explore {
    /// Starts it on two threads and waits for its address.
    pub(crate) fn start(flags: &str) -> Self {
        Self::start_on(2, flags)
    }

    /// Starts it on so many threads and waits for its address.
    pub(crate) fn start_on(threads: usize, flags: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_robust"))
            .args(format!("explore --threads {threads} --quiet {flags}").split_whitespace())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").and_then(|line| line.strip_suffix('/'));
        let address = address.unwrap_or_else(|| panic!("no address: {line:?}")).to_owned();
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        Self { child, address }
    }

    /// What is seen of an image.
    pub(crate) fn look(&self, source: &Value) -> Value {
        let response = post(&self.address, "/look", source);
        assert_eq!(response.status, 200, "{}", response.json());
        response.json()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Its exit code, once it has ended.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap().map(|status| status.code().unwrap())
    }

    /// Waits for its exit code.
    pub(crate) fn wait(&mut self) -> i32 {
        let start = Instant::now();
        loop {
            if let Some(code) = self.ended() {
                return code;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "still running");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn attack(&self, index: u64, attack: &Value) -> Value {
        let question = json!({ "source": { "index": index }, "attack": attack });
        let response = post(&self.address, "/attack", &question);
        assert_eq!(response.status, 200, "{}", response.json());
        response.json()
    }

    /// Memory that is in use, in MiB; none where the system does not say.
    pub(crate) fn memory(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
    }
}

impl Drop for Explore {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A seven, drawn in two strokes.
pub(crate) fn seven() -> Value {
    json!({ "strokes": { "lines": [[[0.3, 0.25], [0.7, 0.25]], [[0.7, 0.25], [0.45, 0.8]]], "pen": 2.5 } })
}

fn flagged(look: &Value, detector: &str) -> bool {
    let verdicts = look["verdicts"].as_array().unwrap();
    verdicts.iter().find(|verdict| verdict["detector"] == detector).unwrap()["flagged"].as_bool().unwrap()
}

#[test]
fn what_is_seen_and_attacked_is_what_the_other_commands_say() {
    let folder = folder();
    succeed(folder.path(), "detect --method pgd --epsilon 0.2 --limit 12 --quiet --out seen");
    succeed(folder.path(), "attack --method pgd --epsilon 0.2 --limit 12 --quiet --out made");
    let (seen, made) = (csv(folder.path().join("seen/detect.csv")), csv(folder.path().join("made/attack.csv")));
    let explore = Explore::start("--limit 12");
    let same = |look: &Value, row: &std::collections::BTreeMap<String, String>| {
        assert_eq!(look["prediction"].to_string(), row["prediction"]);
        for verdict in look["verdicts"].as_array().unwrap() {
            let score: f32 = row[&format!("score_{}", verdict["detector"].as_str().unwrap())].parse().unwrap();
            assert_eq!(verdict["score"].as_f64().unwrap() as f32, score, "{row:?}");
            if verdict["detector"] == "combined" {
                assert_eq!(verdict["reason"].as_str().unwrap_or_default(), row["reason"]);
            }
        }
        let errors: Vec<f64> = look["errors"].as_array().unwrap().iter().map(|error| error.as_f64().unwrap()).collect();
        let predicted = look["prediction"].as_u64().unwrap() as usize;
        assert_eq!(errors[predicted] as f32, row["error_predicted"].parse::<f32>().unwrap());
    };
    for index in 0..12 {
        let row = |set: &str| seen.iter().find(|row| row["set"] == set && row["index"] == index.to_string()).unwrap();
        let answer = explore.look(&json!({ "index": index }));
        assert_eq!(answer["label"].to_string(), row("clean")["label"]);
        same(&answer["look"], row("clean"));
        let answer = explore.attack(index, &json!({ "method": "pgd", "epsilon": 0.2 }));
        assert_eq!(answer["attack"]["set"], "pgd@0.2");
        same(&answer["look"], row("pgd@0.2"));
        for column in ["status", "linf", "l2", "l0", "queries"] {
            let found = answer["row"][column].to_string();
            assert_eq!(found.trim_matches('"'), made[index as usize][column], "{column} of image {index}");
        }
    }
}

#[test]
fn a_drawing_is_read_attacked_filmed_drawn_again_and_kept() {
    let explore = Explore::start("--limit 30");
    let seen = explore.look(&seven());
    assert_eq!((&seen["look"]["prediction"], &seen["label"]), (&json!(7), &json!(null)));
    let sum: f64 = seen["look"]["probabilities"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-5);

    let ask = |path: &str, question: &Value| post(&explore.address, path, question);
    let attack = |threat: Value, film: bool| {
        ask("/attack", &json!({ "source": seven(), "attack": threat, "film": film })).json()
    };
    let none = attack(json!({ "method": "bim", "epsilon": 0 }), false);
    assert_eq!((&none["row"]["status"], &none["look"]["prediction"]), (&json!("failed"), &json!(7)));
    let strong = attack(json!({ "method": "bim", "epsilon": 0.4, "target": { "class": 2 } }), true);
    assert_eq!((&strong["row"]["status"], &strong["look"]["prediction"]), (&json!("succeeded"), &json!(2)));
    assert!(flagged(&strong["look"], "reconstruction") && !flagged(&none["look"], "reconstruction"));
    let film = strong["film"].as_array().unwrap();
    assert_eq!((film[0]["image"].clone(), film[0]["prediction"].clone()), (seen["look"]["image"].clone(), json!(7)));
    assert_eq!(film.last().unwrap()["image"], strong["look"]["image"]);
    let same = attack(json!({ "method": "fgsm", "target": { "class": 7 } }), false);
    assert_eq!(same["row"]["status"], "skipped");
    let adaptive = attack(json!({ "method": "selective-pgd", "steps": 5 }), true);
    assert!(adaptive["attack"]["against"].is_string() && adaptive["film"].as_array().unwrap().len() > 4);

    let drawn = ask("/draw", &json!({ "label": 3, "style": seen["look"]["style"] })).json();
    assert_eq!(drawn["prediction"], 3);
    let again = explore.look(&json!({ "pixels": drawn["image"] }));
    assert_eq!((&again["look"]["image"], &again["look"]["prediction"]), (&drawn["image"], &json!(3)));

    let case = json!({ "source": seven(), "attack": { "method": "bim", "epsilon": 0.4 } });
    let kept = ask("/case.json", &case).json();
    assert_eq!((&kept["source"], &kept["seen"]), (&seven(), &seen["look"]));
    let (before, after) = (kept["pixels"].as_array().unwrap(), kept["attacked"]["pixels"].as_array().unwrap());
    let changes = before.iter().zip(after).map(|(a, b)| (a.as_f64().unwrap() - b.as_f64().unwrap()).abs());
    let most = changes.fold(0.0, f64::max);
    assert!((most - kept["attacked"]["row"]["linf"].as_f64().unwrap()).abs() < 1e-6 && most > 0.39, "{most}");
    let picture = ask("/case.png", &case);
    assert_eq!((picture.header("content-type"), &picture.body[..4]), (Some("image/png"), &b"\x89PNG"[..]));
    assert_eq!(picture.body, ask("/case.png", &case).body, "same question, same bytes");

    let picked = ask("/pick", &json!({ "label": 1 })).json();
    assert!(picked["labels"].as_array().unwrap().iter().all(|label| label == 1) && picked["next"].is_null());
    let all = ask("/pick", &json!({ "label": null, "from": 0 })).json();
    assert_eq!((all["indices"].as_array().unwrap().len(), &all["next"]), (24, &json!(24)));
    assert_eq!(ask("/pick", &json!({ "label": null, "wrong": true })).json()["indices"], json!([]));
}

#[cfg(unix)]
#[test]
fn it_ends_when_told_to_and_bad_flags_are_one_line() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut explore = Explore::start("--limit 10");
        // A connection that is kept open does not keep it.
        let _idle = std::net::TcpStream::connect(&explore.address).unwrap();
        explore.signal(signal);
        assert_eq!(explore.wait(), code, "{signal}");
    }
    let explore = Explore::start("--limit 10");
    let port = explore.address.rsplit_once(':').unwrap().1;
    let here = Path::new(".");
    for (flags, code, message) in [
        (
            format!("--port {port}"),
            1,
            format!("error: --port {port} of 127.0.0.1 cannot be used; leave it out for a free one"),
        ),
        ("--port 65536".into(), 2, "error: invalid value '65536' for '--port <N>'".into()),
        (
            "--detector psychic".into(),
            2,
            "error: invalid value 'psychic' for '--detector <ID>': expected one of combined".into(),
        ),
        ("--out there".into(), 2, "error: unexpected argument '--out' found".into()),
    ] {
        let finished = robust(here, &format!("explore {flags}"));
        assert!(finished.stderr.starts_with(&message), "{}", finished.stderr);
        assert_eq!((finished.code, finished.stderr.lines().count()), (code, 1), "{}", finished.stderr);
    }
}
