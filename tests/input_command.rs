//! `robust detect --input` on what people bring: folders with bad files in them, streams, names that are no words, archives that unpack to
//! more than they take.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use robust_data::{npz, png};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::command::{Finished, csv, folder};

/// Flags of a quick look.
const QUICK: [&str; 4] = ["--detector", "msp", "--detectors", "msp"];

/// Runs `robust detect --input` with arguments that may hold anything.
fn screen(folder: &Path, arguments: &[&str]) -> Finished {
    let mut command = Command::new(env!("CARGO_BIN_EXE_robust"));
    finish(command.args(["detect", "--input"]).args(arguments).args(QUICK).current_dir(folder).stdin(Stdio::null()))
}

fn finish(command: &mut Command) -> Finished {
    let output = command.env("RUST_BACKTRACE", "1").output().unwrap();
    Finished {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn picture(path: &Path) {
    png::write(path, &[51; 784], 28).unwrap();
}

#[test]
fn a_file_that_cannot_be_read_has_a_row_and_the_rest_is_screened() {
    let folder = folder();
    let pictures = folder.path().join("pictures");
    fs::create_dir_all(pictures.join("inside")).unwrap();
    for name in ["a.png", "c.png", "e.png"] {
        picture(&pictures.join(name));
    }
    let whole = fs::read(pictures.join("a.png")).unwrap();
    fs::write(pictures.join("b.png"), &whole[..whole.len() / 2]).unwrap();
    png::write(&pictures.join("d.png"), &[0; 600 * 400], 600).unwrap();
    fs::write(pictures.join("notes.txt"), "by hand").unwrap();

    let finished = screen(folder.path(), &["pictures"]);
    let lines: Vec<&str> = finished.stderr.lines().collect();
    assert_eq!((finished.code, lines.len()), (1, 2), "{}", finished.stderr);
    assert_eq!(lines[0], "note: skipped 2 of the entries of pictures, which are no images: inside, notes.txt");
    let error = "error: 2 of 5 files could not be read, as column error of detect.csv says; such as: pictures/b.png is no readable PNG";
    assert!(lines[1].starts_with(error), "{}", lines[1]);
    assert!(finished.stdout.contains("of 3 images flagged") && finished.stdout.contains("\n  b.png  NOT READ\n"));

    let rows = csv(folder.path().join("reports/detect.csv"));
    let text = fs::read_to_string(folder.path().join("reports/detect.csv")).unwrap();
    assert!(text.lines().next().unwrap().ends_with(",source,error"), "{text}");
    let sources: Vec<&str> = rows.iter().map(|row| row["source"].as_str()).collect();
    assert_eq!(sources, ["a.png", "b.png", "c.png", "d.png", "e.png"]);
    assert!(rows[3]["error"].contains("holds images of 600x400 pixels, expected 28x28"), "{}", rows[3]["error"]);
    for row in &rows {
        let measured: Vec<&str> = row
            .iter()
            .filter(|(column, value)| !["set", "source", "error"].contains(&column.as_str()) && !value.is_empty())
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!((row["error"].is_empty(), row["set"].as_str()), (!measured.is_empty(), "input"), "{row:?}");
    }
    assert_eq!(rows[4]["index"], "2", "images are counted");

    let finished = screen(folder.path(), &["pictures", "--json", "--quiet"]);
    let summary: serde_json::Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!((finished.code, finished.stderr.lines().count()), (1, 1), "{}", finished.stderr);
    assert_eq!((&summary["n"], &summary["errors"][1]["source"]), (&3.into(), &"d.png".into()));
    assert_eq!(summary["skipped"], serde_json::json!(["inside", "notes.txt"]));

    // Nothing can be read, and every file is still told.
    for name in ["a.png", "c.png", "e.png"] {
        fs::write(pictures.join(name), "").unwrap();
    }
    let finished = screen(folder.path(), &["pictures", "--quiet"]);
    assert_eq!((finished.code, finished.stderr.lines().count()), (1, 1), "{}", finished.stderr);
    assert!(csv(folder.path().join("reports/detect.csv")).iter().all(|row| !row["error"].is_empty()));
}

#[test]
fn a_single_file_that_cannot_be_read_leaves_nothing_and_beside_others_it_is_told() {
    let folder = folder();
    fs::write(folder.path().join("photo.npz"), b"GIF89a\x1c\0\x1c\0").unwrap();
    picture(&folder.path().join("a.png"));
    for name in ["large.png", "larger.png"] {
        png::write(&folder.path().join(name), &[255; 60 * 40], 60).unwrap();
    }
    let finished = screen(folder.path(), &["photo.npz"]);
    let error = "error: photo.npz is a GIF picture, expected an npz archive, a PNG, a JPEG or an IDX file of images: save it as a PNG\n";
    assert_eq!((finished.code, finished.stderr.as_str()), (1, error));
    assert!(!folder.path().join("reports").exists());

    let finished = screen(folder.path(), &["photo.npz", "a.png", "--quiet"]);
    assert!(finished.stdout.contains("\n  photo.npz  NOT READ\n  a.png  "), "{}", finished.stdout);
    // Most are of another size, and what helps is told; so is the alarm.
    let flags = ["photo.npz", "large.png", "larger.png", "a.png", "--threshold=-100", "--fail-on-flagged", "--quiet"];
    let finished = screen(folder.path(), &flags);
    let error = "error: --fail-on-flagged: 1 of 1 image flagged; 3 of 4 files could not be read, as column error of detect.csv says; such as: large.png holds images of 60x40 pixels, expected 28x28 pixels: give --prepare for scans of characters; for other pictures give --resize 28 --crop 28, or --resize 28x28\n";
    assert_eq!((finished.code, finished.stderr.as_str()), (1, error));
    let finished = screen(folder.path(), &["nowhere.png", "a.png", "--out", "none"]);
    assert!(finished.code == 1 && !folder.path().join("none").exists(), "{}", finished.stderr);
}

#[test]
fn standard_input_is_read_as_a_file_is() {
    let folder = folder();
    let path = folder.path().join("images.npz");
    let mut archive = npz::Writer::new(File::create(&path).unwrap());
    archive.array("mine", &[2, 28, 28, 1], &[0.5_f32; 2 * 784]).unwrap();
    archive.finish().unwrap();
    let screen = |stdin: Stdio, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_robust"));
        command.args(["detect", "--input", "-"]).args(arguments).args(QUICK).current_dir(folder.path());
        finish(command.stdin(stdin))
    };
    let finished = screen(File::open(&path).unwrap().into(), &["--key", "mine"]);
    assert_eq!(finished.code, 0, "{}", finished.stderr);
    let rows = csv(folder.path().join("reports/detect.csv"));
    assert_eq!(rows.iter().map(|row| row["source"].as_str()).collect::<Vec<_>>(), ["stdin#0", "stdin#1"]);
    let finished = screen(Stdio::null(), &[]);
    assert_eq!(finished.code, 1);
    assert!(finished.stderr.starts_with("error: stdin is empty, expected an npz"), "{}", finished.stderr);
}

#[test]
#[cfg(unix)]
fn names_from_outside_stay_on_their_line_and_in_their_cell() {
    let folder = folder();
    let pictures = folder.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    let names = ["=HYPERLINK(\"http:x\").png", "@b.png", "-c d.png", "e\x1b[31m.png", "f\nerror: g.png", "-0.5"];
    for name in names {
        picture(&pictures.join(name));
    }
    fs::write(pictures.join("h\x1b]0;.txt"), "words").unwrap();
    fs::write(pictures.join("i\x07.png"), "words").unwrap();
    let finished = screen(folder.path(), &["pictures"]);
    let is_plain = |text: &str| !text.contains(|c: char| c.is_control() && c != '\n');
    assert!(is_plain(&finished.stdout) && is_plain(&finished.stderr), "{:?}", finished.stderr);
    assert_eq!((finished.code, finished.stderr.lines().count()), (1, 2), "{}", finished.stderr);
    assert!(finished.stdout.contains(r"  f\x0aerror: g.png  "), "{}", finished.stdout);
    assert!(finished.stderr.contains(r"h\x1b]0;.txt") && finished.stderr.contains(r"pictures/i\x07.png is a text"));

    let text = fs::read_to_string(folder.path().join("reports/detect.csv")).unwrap();
    assert!(is_plain(&text));
    let mut sources: Vec<String> =
        csv(folder.path().join("reports/detect.csv")).iter().map(|row| row["source"].clone()).collect();
    sources.sort_unstable();
    assert_eq!(
        sources,
        [
            "'-c d.png",
            "'=HYPERLINK(\"http:x\").png",
            "'@b.png",
            "-0.5",
            r"e\x1b[31m.png",
            r"f\x0aerror: g.png",
            r"i\x07.png"
        ]
    );

    // What every command may be given, and what an archive may hold.
    let path = folder.path().join("bad.npz");
    let mut archive = npz::Writer::new(File::create(&path).unwrap());
    archive.array("y\x1b[2J\nz", &[1, 28, 28], &[0.5_f32; 784]).unwrap();
    archive.finish().unwrap();
    for arguments in [
        &["detect", "--input", "no\nsuch\x1bfile"][..],
        &["detect", "--input", "bad.npz"],
        &["detect", "--model", "no\nsuch\x1bfile"],
        &["attack", "--method", "fgsm", "--dataset", "no\nsuch\x1bfolder"],
        &["attack", "--method", "no\x1bmethod"],
        &["attack", "--method", "fgsm", "--limit", "2", "--out", "bad.npz/no\nsuch\x1b"],
        &["report", "no\nsuch\x1bfolder"],
    ] {
        let finished = finish(Command::new(env!("CARGO_BIN_EXE_robust")).args(arguments).current_dir(folder.path()));
        assert!(finished.code > 0 && is_plain(&finished.stderr), "{arguments:?}: {:?}", finished.stderr);
        assert_eq!(finished.stderr.lines().count(), 1, "{arguments:?}: {}", finished.stderr);
        assert!(!arguments.contains(&"bad.npz") || finished.stderr.contains(r"y\x1b[2J\x0az"), "{}", finished.stderr);
    }
}

/// Images that are read and then not screened, because the reports have no place: within a limit of address space.
#[cfg(target_os = "linux")]
fn read_within(folder: &Path, input: &str, megabytes: usize) -> Finished {
    let robust = env!("CARGO_BIN_EXE_robust");
    let line =
        format!("ulimit -v {}; exec {robust} detect --input {input} --out {input}/no --threads 1", megabytes * 1024);
    finish(Command::new("sh").args(["-c", &line]).current_dir(folder).env("MALLOC_ARENA_MAX", "1"))
}

#[test]
#[cfg(target_os = "linux")]
fn images_are_held_once_and_what_does_not_fit_is_told() {
    let folder = folder();
    let count = 150_000;
    let floats = count * 784 * 4 / 1_000_000;
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({count}, 28, 28), }}\n");
    let start = [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()].concat();
    let mut zip = ZipWriter::new(File::create(folder.path().join("zeros.npz")).unwrap());
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(1));
    zip.start_file("x.npy", options).unwrap();
    zip.write_all(&start).unwrap();
    (0..count / 1000).for_each(|_| zip.write_all(&[0; 784_000]).unwrap());
    zip.finish().unwrap();
    let mut idx = File::create(folder.path().join("zeros-idx3-ubyte")).unwrap();
    idx.write_all(&[0x0803, count as u32, 28, 28].map(u32::to_be_bytes).concat()).unwrap();
    idx.set_len((16 + count * 784) as u64).unwrap();
    picture(&folder.path().join("one.png"));

    // The program itself, with its network, takes less than this of the address space.
    let program = 300;
    assert!(read_within(folder.path(), "one.png", program).stderr.contains("one.png/no"));
    // Numbers of an archive are floats from the start, those of an IDX file bytes first.
    for (input, megabytes) in [("zeros.npz", 470), ("zeros-idx3-ubyte", 117)] {
        let finished = read_within(folder.path(), input, program + floats * 13 / 10);
        assert!(finished.code == 1 && finished.stderr.contains(&format!("{input}/no")), "{}", finished.stderr);
        let finished = read_within(folder.path(), input, program);
        let error = format!(
            "error: {input} holds 150000 images, which take {megabytes} MB of memory, more than there is: split the file\n"
        );
        assert_eq!((finished.code, finished.stderr), (1, error));
    }
}
