//! Datasets from the Hugging Face Hub, against a small server on loopback.
//!
//! The client takes the server's address and its cache folder from the environment, so every load runs in a process of its
//! own: this test binary again, with [`child`] as its only test.
#![allow(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::Arc,
    thread,
};

use parquet::{
    data_type::{ByteArray, ByteArrayType, Int64Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use robust_data::{Dataset, SplitName};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Loads what the environment asks for and prints what it got, or the error.
#[test]
#[ignore = "started by the other tests, which set its environment"]
fn child() {
    let (Ok(name), Ok(split)) = (std::env::var("TEST_DATASET"), std::env::var("TEST_SPLIT")) else { return };
    let dataset = Dataset::open(&name, None).unwrap();
    match dataset.split(split.parse().unwrap()) {
        Ok(split) => {
            let keys: Vec<_> = dataset.hashes().into_iter().map(|(file, hash)| (file, hash.len())).collect();
            println!("GOT {} {:?} {:?} {keys:?}", dataset.name(), split.labels(), &split.pixels()[..30]);
        }
        Err(error) => println!("GOT {error}"),
    }
}

/// The line that [`child`] printed.
fn load(dataset: &str, split: SplitName, endpoint: &str, home: &Path) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--ignored", "--nocapture"])
        .envs([("TEST_DATASET", dataset), ("TEST_SPLIT", &split.to_string()), ("HF_ENDPOINT", endpoint)])
        .env("HF_HOME", home)
        .env("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
        .env_remove("HF_HUB_CACHE")
        .env_remove("HUGGINGFACE_HUB_CACHE")
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{stdout}{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<_> = stdout.lines().filter_map(|line| line.split_once("GOT ")).collect();
    assert_eq!(lines.len(), 1, "one line: {stdout}");
    lines[0].1.to_owned()
}

/// Serves files by `repository/file` as the Hub does: a list of the files, a HEAD with a tag and a commit, a GET.
fn serve(files: BTreeMap<String, Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let files = Arc::new(files);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let files = Arc::clone(&files);
            thread::spawn(move || answer(stream, &files));
        }
    });
    endpoint
}

fn answer(mut stream: TcpStream, files: &BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    let head: Vec<String> =
        BufReader::new(stream.try_clone()?).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let mut words = head.first().map(String::as_str).unwrap_or_default().split(' ');
    let (method, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().replace("%2F", "/"));
    let list = url.strip_prefix("/api/datasets/").and_then(|url| url.strip_suffix("/revision/refs/convert/parquet"));
    let file = url.strip_prefix("/datasets/").map(|url| url.replace("/resolve/refs/convert/parquet", ""));
    let body = match (list, file.and_then(|file| files.get(&file))) {
        (Some(repository), _) => {
            let names = files.keys().filter_map(|file| file.strip_prefix(&format!("{repository}/")));
            let siblings: Vec<_> = names.map(|name| format!(r#"{{"rfilename":"{name}"}}"#)).collect();
            format!(r#"{{"id":"{repository}","sha":"{COMMIT}","siblings":[{}]}}"#, siblings.join(",")).into_bytes()
        }
        (None, Some(bytes)) => bytes.clone(),
        (None, None) => {
            return stream.write_all(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        }
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         ETag: \"{:x}\"\r\nX-Repo-Commit: {COMMIT}\r\n\r\n",
        body.len(),
        url.len() * 1_000_003 + body.len(),
    )?;
    if method == "GET" { stream.write_all(&body) } else { Ok(()) }
}

/// A parquet file as the Hub makes them of image datasets.
fn parquet(labels: &[i64], picture: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let schema = "message schema {
        OPTIONAL group image { OPTIONAL BYTE_ARRAY bytes; OPTIONAL BYTE_ARRAY path (UTF8); }
        OPTIONAL INT64 label;
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::default())).unwrap();
    let mut rows = file.next_row_group().unwrap();
    let pictures: Vec<ByteArray> = (0..labels.len()).map(|row| picture(row).into()).collect();
    let (there, missing) = (vec![2; labels.len()], vec![1; labels.len()]);
    let mut column = rows.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&pictures, Some(&there), None).unwrap();
    column.close().unwrap();
    let mut column = rows.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&[], Some(&missing), None).unwrap();
    column.close().unwrap();
    let mut column = rows.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(labels, Some(&missing), None).unwrap();
    column.close().unwrap();
    rows.close().unwrap();
    file.into_inner().unwrap()
}

/// Level `row + x + 2 y`: no picture is its own transpose.
fn grey_png(row: usize) -> Vec<u8> {
    let pixels: Vec<u8> = (0..784).map(|at| (row + at % 28 + 2 * (at / 28)) as u8).collect();
    robust_data::png::encode(Path::new("picture.png"), &pixels, 28).unwrap()
}

/// In colour, 32x32; red as [`grey_png`], green 100, blue 200.
fn colour_png(row: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 32, 32);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> = (0..1024).flat_map(|at| [(row + at % 32 + 2 * (at / 32)) as u8, 100, 200]).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

fn first_pixels(row: u8, step: u8, next_row: u8) -> Vec<u8> {
    (0..28).map(|x| row + step * x).chain([row + next_row, row + next_row + step]).collect()
}

fn files<const N: usize>(files: [(&str, Vec<u8>); N]) -> BTreeMap<String, Vec<u8>> {
    files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

#[test]
fn mnist_and_fashion_mnist_come_from_the_hub_and_stay_cached() {
    let train: Vec<i64> = (0..20).map(|row| row % 10).collect();
    let endpoint = serve(files([
        ("ylecun/mnist/mnist/train/0000.parquet", parquet(&train, grey_png)),
        ("ylecun/mnist/mnist/test/0000.parquet", parquet(&[7, 2], grey_png)),
        ("zalando-datasets/fashion_mnist/fashion_mnist/train/0000.parquet", parquet(&train, grey_png)),
        ("zalando-datasets/fashion_mnist/fashion_mnist/test/0000.parquet", parquet(&[9], |_| grey_png(3))),
    ]));
    let home = tempfile::tempdir().unwrap();
    let upright = |row| first_pixels(row, 1, 2);
    for (dataset, split, expected) in [
        ("hub:mnist", SplitName::Test, format!("mnist [7, 2] {:?} [(\"hub:mnist test\", 64)]", upright(0))),
        ("hub:mnist", SplitName::Validation, format!("mnist [8, 9] {:?} [(\"hub:mnist train\", 64)]", upright(18))),
        (
            "fashion-mnist",
            SplitName::Test,
            format!("fashion-mnist [9] {:?} [(\"hub:fashion-mnist test\", 64)]", upright(3)),
        ),
    ] {
        assert_eq!(load(dataset, split, &endpoint, home.path()), expected);
    }
    let nobody = "http://127.0.0.1:9";
    assert!(load("hub:mnist", SplitName::Test, nobody, home.path()).starts_with("mnist [7, 2]"), "no network needed");
}

/// candle's loader gives columns where rows should be; if it no longer does, this fails and the loader here must not swap them back.
#[test]
fn cifar_10_comes_upright_channel_by_channel() {
    let endpoint = serve(files([
        ("cifar10/plain_text/train/0000.parquet", parquet(&[0; 20], colour_png)),
        ("cifar10/plain_text/test/0000.parquet", parquet(&[3, 9], colour_png)),
    ]));
    let home = tempfile::tempdir().unwrap();
    let first: Vec<u8> = (0..30).collect();
    let expected = format!("cifar-10 [3, 9] {first:?} [(\"hub:cifar-10 test\", 64)]");
    assert_eq!(load("cifar-10", SplitName::Test, &endpoint, home.path()), expected);
}

#[test]
fn emnist_letters_come_upright_and_from_0_whatever_the_hub_counts_from() {
    for base in [0, 1] {
        let train: Vec<i64> = (0..52).map(|row| row % 26 + base).collect();
        let endpoint = serve(files([
            (
                "tanganke/emnist_letters/emnist-letters/test/0000.parquet",
                parquet(&[base, 25 + base, 4 + base], grey_png),
            ),
            ("tanganke/emnist_letters/emnist-letters/train/0000.parquet", parquet(&train, grey_png)),
            ("tanganke/emnist_letters/README.md", b"not parquet".to_vec()),
        ]));
        let home = tempfile::tempdir().unwrap();
        let got = load("emnist-letters", SplitName::Test, &endpoint, home.path());
        let expected = first_pixels(0, 2, 1);
        assert_eq!(got, format!("emnist-letters [0, 25, 4] {expected:?} [(\"hub:emnist-letters test\", 64)]"));
        let got = load("emnist-letters", SplitName::Validation, &endpoint, home.path());
        assert_eq!(got.matches(", ").count(), 4 + 29 + 1, "5 labels, 30 pixels, 1 hash: {got}");
    }
}

#[test]
fn what_the_hub_does_not_deliver_is_an_error_in_one_line() {
    let letters = "tanganke/emnist_letters/emnist-letters";
    let good = || parquet(&[1, 2], grey_png);
    let bad = || parquet(&[1, 2, 3], |_| b"no picture".to_vec());
    let mnist = |train, test| {
        files([("ylecun/mnist/mnist/train/0000.parquet", train), ("ylecun/mnist/mnist/test/0000.parquet", test)])
    };
    let emnist = |train, test| {
        let names = ["train", "test"].map(|part| format!("{letters}/{part}/0000.parquet"));
        names.into_iter().zip([train, test]).collect()
    };
    for (dataset, files, expected) in [
        ("hub:mnist", BTreeMap::new(), "Entry not found: mnist/test/0000.parquet"),
        ("hub:mnist", mnist(good(), b"not parquet".to_vec()), "Parquet error"),
        ("hub:mnist", mnist(good(), bad()), "a file is damaged"),
        ("hub:mnist", mnist(good(), parquet(&[4, 10], grey_png)), "label 10, expected 0 to 9"),
        ("hub:mnist", mnist(good(), parquet(&[], grey_png)), "0 pictures, expected 1 to 1000000"),
        ("emnist-letters", BTreeMap::new(), "expected two parquet files"),
        ("emnist-letters", emnist(b"not parquet".to_vec(), good()), "Parquet error"),
        ("emnist-letters", emnist(bad(), bad()), "picture 0 is no readable PNG"),
        ("emnist-letters", emnist(good(), parquet(&[-1], grey_png)), "out of range"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let message = load(dataset, SplitName::Test, &serve(files), home.path());
        assert!(message.contains(expected), "{expected}: {message}");
        assert!(message.contains("from the Hugging Face Hub (") && message.contains("--data-dir"), "{message}");
    }
}

#[test]
fn a_hub_that_cannot_be_reached_is_an_error_that_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    for dataset in ["hub:mnist", "fashion-mnist", "emnist-letters"] {
        let message = load(dataset, SplitName::Test, "http://127.0.0.1:9", home.path());
        assert!(
            message.contains("from the Hugging Face Hub (") && message.contains("error sending request"),
            "{message}"
        );
        assert!(message.contains("check the network, or give a folder with --data-dir"), "{message}");
    }
}
