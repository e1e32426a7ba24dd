//! Bad input of every kind: one line on stderr that names the culprit, exit 1 or 2, no panic, nothing written.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use robust::checkpoint::{Checkpoint, Metadata};
use robust_data::pretrained::pretrained;
use robust_networks::{Parameters, StyleMemorySpec};

use crate::command::{folder, robust};

/// Runs a command that must fail, and checks the manner of it.
pub(crate) fn refuse(folder: &Path, arguments: &str, code: i32, parts: &[&str]) {
    let finished = robust(folder, arguments);
    let stderr = &finished.stderr;
    assert_eq!(finished.code, code, "robust {arguments}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "robust {arguments}: {stderr}");
    assert!(stderr.starts_with("error: "), "robust {arguments}: {stderr}");
    for part in parts {
        assert!(stderr.contains(part), "robust {arguments}: no '{part}' in {stderr}");
    }
    assert_eq!(finished.stdout, "", "robust {arguments}");
    assert!(!folder.join("reports").join("attack.csv").exists(), "robust {arguments} left a report");
}

#[test]
fn an_offset_beyond_the_end_is_refused() {
    refuse(folder().path(), "attack --method bim --offset 10000", 1, &["offset 10000", "10000 images", "test"]);
}

#[test]
fn a_device_that_is_not_built_in_is_refused() {
    refuse(folder().path(), "attack --method bim --device cuda", 1, &["--device cuda", "cpu"]);
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_the_work() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").unwrap();
    // Five images lack classes, which is worth a remark, but not beside an error.
    for command in ["attack --method bim", "detect", "train"] {
        refuse(folder.path(), &format!("{command} --limit 5 --out file/reports"), 1, &["file/reports", "--out"]);
    }
}

#[test]
fn a_broken_checkpoint_is_refused_by_every_command() {
    let folder = folder();
    let whole = pretrained("mnist").unwrap();
    let path = folder.path().join("model.safetensors");
    let mut header = (4_u64 << 30).to_le_bytes().to_vec();
    header.extend(b"{}");
    for (bytes, found) in [
        (&[][..], "not safetensors"),
        (&whole[..whole.len() - 1], "not safetensors"),
        (&[whole, b"x"].concat(), "not safetensors"),
        (b"\x89PNG\r\n\x1a\n0000000000000000", "not safetensors"),
        (&header, "not safetensors"),
        (&with_value(f32::NAN), "encoder.conv1.weight holds NaN"),
        (&with_value(f32::INFINITY), "encoder.conv1.weight holds inf"),
        (&one_tensor("encoder.classifier.weight", &[10, 64]), "has shape [10, 64]"),
        (&one_tensor("encoder.classifier.weight", &[10, 128]), "no tensor named encoder.conv1.weight"),
        (&one_tensor("weight", &[3]), "no tensor named encoder.classifier.weight"),
    ] {
        fs::write(&path, bytes).unwrap();
        for command in ["attack --method bim", "detect"] {
            let arguments = format!("{command} --model model.safetensors --limit 10");
            refuse(folder.path(), &arguments, 1, &["model.safetensors", found, "style-memory network"]);
        }
    }
    let letters = Checkpoint {
        parameters: Parameters::random(StyleMemorySpec::paper(26), 0),
        metadata: Metadata::unknown(&StyleMemorySpec::paper(26)),
        calibration: Default::default(),
    };
    letters.write(&path).unwrap();
    refuse(folder.path(), "attack --method bim --model model.safetensors", 1, &["26 classes", "mnist", "10"]);
    refuse(folder.path(), "detect --model no-such.safetensors", 1, &["--model no-such.safetensors", "mnist"]);
    #[cfg(unix)]
    refuse(folder.path(), "detect --model /dev/zero", 1, &["/dev/zero is a device, expected a regular file"]);
}

/// The embedded network with one weight changed.
fn with_value(value: f32) -> Vec<u8> {
    let mut checkpoint = Checkpoint::from_bytes("mnist", pretrained("mnist").unwrap()).unwrap();
    checkpoint.parameters.values_mut()[5] = value;
    let folder = folder();
    let path = folder.path().join("changed");
    checkpoint.write(&path).unwrap();
    fs::read(path).unwrap()
}

/// A safetensors file with one tensor of zeros.
fn one_tensor(name: &str, shape: &[usize]) -> Vec<u8> {
    let bytes = vec![0; 4 * shape.iter().product::<usize>()];
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.to_vec(), &bytes).unwrap();
    safetensors::serialize([(name, view)], None).unwrap()
}

#[test]
fn a_broken_dataset_is_refused() {
    let folder = folder();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let images = |count: u32, pixels: usize| {
        let header = [0x0803, count, 28, 28].map(u32::to_be_bytes).concat();
        [header, vec![0; pixels]].concat()
    };
    let labels = |count: u32, bytes: &[u8]| [[0x0801, count].map(u32::to_be_bytes).concat(), bytes.to_vec()].concat();
    let (good_images, good_labels) = (images(2, 2 * 784), labels(2, &[0, 9]));
    let large = images(5_000_000, 0);
    for (images, labels, found) in [
        (&[][..], &good_labels[..], "ends after 0 bytes"),
        (&good_images[..1000], &good_labels, "ends after"),
        (&[&good_images[..], b"x"].concat(), &good_labels, "goes on after"),
        (b"\x89PNG\r\n\x1a\n00000000", &good_labels, "IDX magic number"),
        (&large, &good_labels, "claims 5000000 images"),
        (&good_images, &labels(3, &[0, 1, 2]), "holds 2 images"),
        (&good_images, &labels(2, &[0, 10]), "label 10"),
        (&good_images, b"\x1f\x8b\x08garbage", "gzip"),
    ] {
        write("t10k-images-idx3-ubyte", images);
        write("t10k-labels-idx1-ubyte", labels);
        refuse(folder.path(), "attack --method bim --data-dir .", 1, &["t10k-", found]);
    }
    refuse(folder.path(), "attack --method bim --data-dir nowhere", 1, &["nowhere"]);
    refuse(folder.path(), "attack --method bim --dataset nowhere", 1, &["nowhere", "fashion-mnist"]);
    refuse(folder.path(), "attack --method bim --dataset emnist-letters", 1, &["emnist-letters", "--data-dir", "hub"]);
    refuse(folder.path(), "attack --method bim --dataset cifar-10 --data-dir .", 2, &["cifar-10", "--model"]);
}

#[test]
fn images_that_cannot_be_screened_are_refused() {
    let folder = folder();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("not.npz"), "PK").unwrap();
    fs::write(folder.path().join("not.png"), "PNG").unwrap();
    for (arguments, code, parts) in [
        ("detect --input nothing.npz", 1, &["nothing.npz"][..]),
        ("detect --input empty", 1, &["empty", "PNG"]),
        ("detect --input not.npz", 1, &["not.npz", "npz"]),
        ("detect --input not.png", 1, &["not.png", "PNG"]),
        ("detect --input not.npz --method bim", 2, &["--input", "--method"]),
        ("detect --input not.npz --steps 7", 2, &["--input", "--steps"]),
        ("detect --input not.npz --early-stop", 2, &["--input", "--early-stop"]),
        ("detect --key x", 2, &["--input"]),
    ] {
        refuse(folder.path(), arguments, code, parts);
    }
}

#[test]
fn a_run_that_cannot_be_resumed_is_refused() {
    let folder = folder();
    refuse(folder.path(), "train --resume --out run", 1, &["run/training-state.safetensors", "resume"]);
    fs::create_dir_all(folder.path().join("run")).unwrap();
    fs::write(folder.path().join("run/training-state.safetensors"), "garbage").unwrap();
    refuse(folder.path(), "train --resume --out run", 1, &["run/training-state.safetensors", "training run"]);
    refuse(folder.path(), "train --out run", 2, &["run/training-state.safetensors", "--resume"]);
}

#[test]
fn a_network_that_breaks_at_work_is_named_by_every_command() {
    let folder = folder();
    let embedded = || Checkpoint::from_bytes("mnist", pretrained("mnist").unwrap()).unwrap();
    let write = |name: &str, checkpoint: &Checkpoint| checkpoint.write(&folder.path().join(name)).unwrap();
    let (mut loud, mut other_fit) = (embedded(), embedded());
    let classifier = loud.parameters.layout().tensors().iter().find(|spec| spec.name == "encoder.classifier.weight");
    let (start, length) = classifier.map(|spec| (spec.offset, spec.shape.iter().product::<usize>())).unwrap();
    loud.parameters.values_mut()[start..start + length].fill(3e38);
    let mut uncalibrated = loud.clone();
    uncalibrated.calibration = Default::default();
    let fit = other_fit.calibration.fits.get_mut("combined").unwrap();
    *fit = std::mem::take(fit).with("wrong.posterior.bias", vec![9], vec![0.0; 9]);
    for (name, checkpoint) in [("loud", &loud), ("uncalibrated", &uncalibrated), ("other-fit", &other_fit)] {
        write(name, checkpoint);
    }
    fs::create_dir(folder.path().join("pictures")).unwrap();
    robust_data::png::write(&folder.path().join("pictures/a.png"), &[128; 784], 28).unwrap();
    for (arguments, parts) in [
        ("attack --method fgsm --model loud", &["network loud", "logits", "NaN or infinite", "weights"][..]),
        ("attack --method fgsm --transfer-to loud", &["network loud", "judge's logits", "NaN or infinite", "weights"]),
        ("detect --method fgsm --model loud", &["network loud", "logits of inf", "weights"]),
        ("detect --input pictures --model loud", &["network loud", "logits of inf", "weights"]),
        ("evaluate --method fgsm --model loud", &["network loud", "logits of inf", "weights"]),
        ("figures --figure 3 --model loud", &["network loud", "not finite", "weights"]),
        (
            "detect --detector msp --detectors msp --model uncalibrated",
            &["network uncalibrated", "msp", "logits of inf"],
        ),
        (
            "detect --method fgsm --model other-fit",
            &["network other-fit", "combined", "wrong.posterior.bias", "[9]", "[10]"],
        ),
        ("detect --input pictures --model other-fit", &["network other-fit", "combined", "wrong.posterior.bias"]),
        ("attack --method adaptive --model other-fit", &["network other-fit", "combined", "wrong.posterior.bias"]),
    ] {
        let few = if arguments.contains("--input") { "" } else { "--limit 10" };
        refuse(folder.path(), &format!("{arguments} {few} --quiet"), 1, parts);
    }
}

#[test]
fn a_reader_that_closes_the_pipe_has_seen_enough() {
    let mut list = Command::new(env!("CARGO_BIN_EXE_robust"))
        .arg("list")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(list.stdout.take());
    let output = list.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_cannot_be_printed_are_an_error() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_robust")).arg("list").stdout(full).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), stderr.lines().count()), (Some(1), 1), "{stderr}");
    assert!(stderr.starts_with("error: the results cannot be printed: No space left"), "{stderr}");
}
