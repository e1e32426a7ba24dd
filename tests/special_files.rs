//! What is no regular file, wherever a file is read: one line at once, where it once blocked for ever or read until memory ended.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::command::{Finished, folder};

/// Runs `robust` and fails if it takes a minute.
fn robust(folder: &Path, arguments: &str) -> Finished {
    let mut child = Command::new(env!("CARGO_BIN_EXE_robust"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("robust {arguments} is blocked");
        }
        sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    Finished { code: output.status.code().unwrap(), stdout: String::new(), stderr }
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A folder with one of each kind, and what messages call it.
fn special_files(folder: &Path) -> [(&'static str, &'static str); 6] {
    make_pipe(&folder.join("pipe"));
    drop(UnixListener::bind(folder.join("socket")).unwrap());
    fs::create_dir(folder.join("nested")).unwrap();
    symlink("pipe", folder.join("to-pipe")).unwrap();
    symlink("/dev/zero", folder.join("to-zero")).unwrap();
    symlink("/dev/full", folder.join("to-full")).unwrap();
    [
        ("pipe", "a named pipe"),
        ("to-pipe", "a named pipe"),
        ("to-zero", "a device"),
        ("to-full", "a device"),
        ("socket", "a socket"),
        ("nested", "a folder"),
    ]
}

fn refuse(folder: &Path, arguments: &str, expected: &str) {
    let finished = robust(folder, arguments);
    assert_eq!(finished.code, 1, "robust {arguments}: {}", finished.stderr);
    assert!(finished.stderr.contains(expected), "robust {arguments}: no '{expected}' in {}", finished.stderr);
    assert_eq!(finished.stderr.lines().count(), 1, "robust {arguments}: {}", finished.stderr);
}

#[test]
fn files_that_flags_name_are_regular() {
    let folder = folder();
    for (file, found) in special_files(folder.path()) {
        let expected = format!("{file} is {found}, expected a regular file");
        if found != "a folder" {
            refuse(folder.path(), &format!("detect --input {file}"), &expected);
        }
        refuse(folder.path(), &format!("detect --model {file}"), &expected);
        refuse(folder.path(), &format!("attack --method fgsm --limit 3 --quiet --transfer-to {file}"), &expected);
        refuse(folder.path(), &format!("figures --claims --limit 3 --quiet --beside {file}"), &expected);
    }
    // Of those in a folder of images each has a row, and the others are screened.
    let pictures = folder.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    robust_data::png::write(&pictures.join("a.png"), &[51; 784], 28).unwrap();
    symlink("../pipe", pictures.join("b.png")).unwrap();
    symlink("../pictures/a.png", pictures.join("c.png")).unwrap();
    symlink("../pipe", pictures.join("d")).unwrap();
    let finished = robust(folder.path(), "detect --input pictures --detector msp --detectors msp");
    assert_eq!(finished.code, 1);
    assert!(
        finished.stderr.contains("no images: d\n") && finished.stderr.contains("1 of 3 files"),
        "{}",
        finished.stderr
    );
}

#[test]
fn files_that_are_looked_for_are_regular() {
    let folder = folder();
    for (place, name, arguments) in [
        ("data", "t10k-images-idx3-ubyte", "attack --method fgsm --data-dir data"),
        ("data", "t10k-labels-idx1-ubyte.gz", "attack --method fgsm --dataset data"),
        ("run", "training-state.safetensors", "train --resume --out run"),
        ("reports", "train.csv", "report reports"),
    ] {
        let at = folder.path().join(place);
        fs::create_dir_all(&at).unwrap();
        if name.contains("images") {
            fs::write(at.join("t10k-labels-idx1-ubyte"), [0x0801_u32, 1].map(u32::to_be_bytes).concat()).unwrap();
        }
        make_pipe(&at.join(name));
        refuse(folder.path(), arguments, &format!("{place}/{name} is a named pipe, expected a regular file"));
        fs::remove_dir_all(&at).unwrap();
    }
    // Files that belong together: whatever is said of them first, it is said at once.
    let files = ["detect.csv", "detect.json", "attack.csv", "attack.json", "adversarial.npz"];
    for special in files {
        let at = folder.path().join("measured");
        fs::create_dir_all(&at).unwrap();
        for name in files {
            match special == name {
                true => symlink("/dev/zero", at.join(name)).unwrap(),
                false => fs::write(at.join(name), if name.ends_with("json") { "{}" } else { "index,label\n" }).unwrap(),
            }
        }
        refuse(folder.path(), "report measured", "measured");
        fs::remove_dir_all(&at).unwrap();
    }
    // A lock that is none.
    let at = folder.path().join("trained");
    fs::create_dir(&at).unwrap();
    make_pipe(&at.join(".robust.lock"));
    let columns = "epoch,learning_rate,loss,cross_entropy,reconstruction,validation_accuracy,validation_reconstruction";
    fs::write(at.join("train.csv"), format!("{columns}\n1,0.001,2.5,0.5,40,0.95,21\n")).unwrap();
    let finished = robust(folder.path(), "report trained --out page.html");
    assert_eq!(finished.code, 0, "{}", finished.stderr);
    // A run that looks for finished sets does not wait for one, and does not put a file in the place of a pipe.
    let at = folder.path().join("evaluated/fgsm@0.1");
    fs::create_dir_all(&at).unwrap();
    make_pipe(&at.join("attack.json"));
    let finished = robust(
        folder.path(),
        "evaluate --method fgsm --epsilon 0.1 --limit 8 --detector msp --detectors msp --quiet --out evaluated",
    );
    let refused = "error: evaluated/fgsm@0.1/attack.json: found a named pipe, expected a regular file or none";
    assert_eq!((finished.code, finished.stderr.starts_with(refused)), (1, true), "{}", finished.stderr);
}
