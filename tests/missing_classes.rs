//! Folders that know their classes from their labels alone, in front of a network that may know more.

use std::fs;
use std::path::Path;

use robust::checkpoint::Checkpoint;
use robust_data::pretrained::pretrained;
use serde_json::json;

use crate::command::{csv, folder, robust, succeed};
use crate::digits::{in_turns, write_digits};
use crate::explore_command::Explore;

/// The network of the digits under other names of its classes, as `named.safetensors`.
pub(crate) fn write_named(folder: &Path) {
    let mut checkpoint = Checkpoint::from_bytes("mnist", pretrained("mnist").unwrap()).unwrap();
    let names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    checkpoint.metadata.class_names = names.map(str::to_owned).to_vec();
    checkpoint.write(&folder.join("named.safetensors")).unwrap();
}

#[test]
fn every_command_takes_a_folder_without_the_top_classes_and_says_which_it_lacks() {
    let folder = folder();
    let path = folder.path();
    write_named(path);
    write_digits(&path.join("few"), "t10k", &in_turns(20, 5));
    write_digits(&path.join("few"), "train", &in_turns(30, 5));
    write_digits(&path.join("one"), "t10k", &[0; 6]);
    let note = |missing: &str, images: usize| {
        let more = if images == 3 { "; --spread N takes some of the whole file" } else { "" };
        format!("note: no image of class {missing} among the {images} chosen{more}\n")
    };
    let of_few = "--dataset few --model named.safetensors";
    for (arguments, missing, images) in [
        (format!("attack --method fgsm {of_few} --out attacked"), "five, six, seven, eight, nine", 20),
        (format!("attack --method fgsm {of_few} --split train --out train"), "five, six, seven, eight, nine", 27),
        (format!("attack --method fgsm {of_few} --transfer-to mnist --out moved"), "five, six, seven, eight, nine", 20),
        (
            format!("attack --method bim {of_few} --target 7 --limit 3 --out seven"),
            "three, four, five, six, seven, eight, nine",
            3,
        ),
        (format!("attack --method fgsm {of_few} --spread 5 --out spread"), "five, six, seven, eight, nine", 5),
        (format!("detect --method fgsm {of_few} --out detected"), "five, six, seven, eight, nine", 20),
        (format!("evaluate --method fgsm --epsilon 0.1 {of_few} --out evaluated"), "five, six, seven, eight, nine", 20),
        (format!("figures --figure 3,transfer {of_few} --out figures"), "five, six, seven, eight, nine", 20),
        ("attack --method fgsm --dataset one --model mnist --out one-class".to_owned(), "1, 2, 3, 4, 5, 6, 7, 8, 9", 6),
        ("detect --method fgsm --dataset one --model mnist --out one-class".to_owned(), "1, 2, 3, 4, 5, 6, 7, 8, 9", 6),
    ] {
        let finished = succeed(path, &arguments);
        assert!(finished.stderr.contains(&note(missing, images)), "robust {arguments}: {}", finished.stderr);
    }
    assert!(csv(path.join("seven/attack.csv")).iter().all(|row| row["target"] == "7"));
    let spread = csv(path.join("spread/attack.csv"));
    assert!(spread.iter().map(|row| &*row["index"]).eq(["0", "4", "8", "12", "16"]), "{spread:?}");
    let drawn = csv(path.join("figures/transfer.csv"));
    assert_eq!(drawn.len(), 10 * 10, "the styles of every class under every label of the network");
    let page = |run: &str| {
        succeed(path, &format!("report {run}"));
        fs::read_to_string(path.join(run).join("report.html")).unwrap()
    };
    assert!(page("attacked").contains("\"nine\"") && page("detected").contains("few"));

    let few = path.join("few");
    let explore =
        Explore::start(&format!("--dataset {} --model {}", few.display(), path.join("named.safetensors").display()));
    let look = explore.look(&json!({ "index": 4 }));
    assert_eq!(look["look"]["probabilities"].as_array().unwrap().len(), 10);
}

#[test]
fn what_the_network_does_not_know_is_refused() {
    let folder = folder();
    let path = folder.path();
    write_digits(&path.join("more"), "t10k", &in_turns(24, 12));
    write_digits(&path.join("more"), "train", &in_turns(24, 12));
    write_digits(&path.join("few"), "t10k", &in_turns(20, 5));
    write_digits(&path.join("one"), "train", &[0; 20]);
    let mut bare = Checkpoint::from_bytes("mnist", pretrained("mnist").unwrap()).unwrap();
    bare.calibration = Default::default();
    bare.write(&path.join("bare.safetensors")).unwrap();
    let twelve = "tells 10 classes apart and dataset 'more' has 12";
    for (arguments, code, part) in [
        ("attack --method fgsm --dataset more --model mnist", 1, twelve),
        ("detect --dataset more --model mnist", 1, twelve),
        ("evaluate --dataset more --model mnist", 1, twelve),
        ("figures --dataset more --model mnist", 1, twelve),
        ("explore --dataset more --model mnist", 1, twelve),
        ("detect --input more --dataset more --model bare.safetensors", 1, twelve),
        // Fewer images do not make fewer classes, and a set that knows its classes must have the network's.
        ("attack --method fgsm --dataset more --model mnist --limit 5", 1, twelve),
        ("attack --method fgsm --model emnist-letters", 1, "tells 26 classes apart and dataset 'mnist' has 10"),
        ("attack --method fgsm --dataset few --model mnist --target 10", 2, "--target 10 is not a class from 0 to 9"),
        (
            "attack --method fgsm --dataset few --model mnist --transfer-to emnist-letters",
            1,
            "--transfer-to emnist-letters: it tells 26 classes apart and mnist, which is attacked, 10",
        ),
        ("train --dataset one", 1, "every label of dataset 'one' is 0: expected labels of at least 2 classes"),
    ] {
        let finished = robust(path, arguments);
        assert_eq!((finished.code, finished.stderr.lines().count()), (code, 1), "{arguments}: {}", finished.stderr);
        assert!(finished.stderr.contains(part), "robust {arguments}: {}", finished.stderr);
    }
}

#[test]
fn thresholds_for_screening_come_from_the_dataset_of_the_network() {
    let folder = folder();
    let path = folder.path();
    write_digits(&path.join("few"), "t10k", &in_turns(8, 5));
    write_digits(&path.join("few"), "train", &in_turns(30, 5));
    let mut bare = Checkpoint::from_bytes("mnist", pretrained("mnist").unwrap()).unwrap();
    bare.calibration = Default::default();
    bare.metadata.dataset = "few".to_owned();
    bare.write(&path.join("bare.safetensors")).unwrap();
    let screen = "detect --input few/t10k-images-idx3-ubyte --model bare.safetensors --detector msp --detectors msp";
    let other = robust(path, screen);
    assert!(other.code == 1 && other.stderr.contains("trained on 'few'"), "{}", other.stderr);
    assert!(other.stderr.contains("there is no calibration of msp for network bare.safetensors"), "{}", other.stderr);
    succeed(path, &format!("{screen} --dataset few"));
}
