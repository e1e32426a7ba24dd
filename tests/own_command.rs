//! Somebody's own classifier, an ONNX file, through the built binary: looked at, attacked, detected on, reported.

use std::cell::Cell;
use std::fs;

use robust_data::ImageShape;
use serde_json::{Value, json};

use crate::command::{csv, folder, json, robust, succeed};
use crate::own_networks::{copy, write};
use crate::planted_shapes::write_picture;

/// ImageNet's mean and std, and Caffe's means, as flags.
const IMAGENET: &str = "--mean 0.485,0.456,0.406 --std 0.229,0.224,0.225";
const CAFFE: &str = "--scale 255 --mean 103.939,116.779,123.68 --channels bgr";

/// ImageNet's mean and std on what they were applied to already: (x - m - m s) / s^2.
const TWICE: &str = "--mean 0.596065,0.558144,0.4974 --std 0.052441,0.050176,0.050625";

#[test]
fn wrong_settings_are_found_and_right_ones_left_alone() {
    let folder = folder();
    let place = folder.path();
    ["plain.onnx", "colour.onnx", "bytes.onnx", "flat.onnx"].iter().for_each(|name| copy(name, place));
    let turned = |label: u32| (label * 3 + 1) % 10;
    let lacking = |label: u32| (label != 4).then(|| label - u32::from(label > 4));
    for (name, is_coloured, ahead) in [("grey", false, 0), ("coloured", true, 0), ("eleven", true, 1)] {
        let write = |what: &str, label: &dyn Fn(u32) -> Option<u32>| {
            write(&place.join(format!("{name}{what}.npz")), is_coloured, |own| label(own).map(|label| label + ahead));
        };
        write("", &Some);
        write("-turned", &|label| Some(turned(label)));
        write("-lacking", &lacking);
    }
    let caffe = json!({ "scale": 255.0, "mean": [103.939, 116.779, 123.68], "channels": "bgr" });
    let imagenet =
        json!({ "scale": 1.0, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "channels": "rgb" });
    let plain = json!({ "scale": 1.0, "channels": "rgb" });
    let (more, order) = ("the network has a class more, ahead of all others", "no order that has a name");
    let lacks = ["the dataset lacks the network's class 4", "the dataset lacks the network's class 5"];
    let of = |flags: &str, more: &str| format!("{flags} {more}");
    for (what, network, flags, data, suggestion, order) in [
        ("right", "plain", String::new(), "grey", None, None),
        ("right", "bytes", CAFFE.to_owned(), "coloured", None, None),
        ("right", "colour", IMAGENET.to_owned(), "eleven", None, None),
        ("right", "flat", "--layout nhwc".to_owned(), "coloured", None, None),
        ("range", "plain", "--scale 255".to_owned(), "grey", Some(&plain), None),
        ("range", "bytes", CAFFE.replace("--scale 255", "--scale 1"), "coloured", Some(&caffe), None),
        ("range", "colour", of(IMAGENET, "--scale 255"), "eleven", Some(&imagenet), None),
        ("layout", "flat", String::new(), "coloured", Some(&plain), None),
        ("layout", "flat", "--layout nchw".to_owned(), "coloured", Some(&plain), None),
        ("channels", "bytes", CAFFE.replace("bgr", "rgb"), "coloured", Some(&caffe), None),
        ("channels", "colour", of(IMAGENET, "--channels bgr"), "eleven", Some(&imagenet), None),
        ("mean", "plain", "--mean 0.5".to_owned(), "grey", Some(&plain), None),
        ("mean", "bytes", "--scale 255 --channels bgr --mean 0".to_owned(), "coloured", Some(&caffe), None),
        ("mean", "colour", "--std 0.229,0.224,0.225".to_owned(), "eleven", Some(&imagenet), None),
        ("std", "plain", "--std 0.1".to_owned(), "grey", Some(&plain), None),
        ("std", "bytes", of(CAFFE, "--std 58"), "coloured", Some(&caffe), None),
        ("std", "colour", "--mean 0.485,0.456,0.406".to_owned(), "eleven", Some(&imagenet), None),
        ("double normalization", "plain", "--mean 0.1307 --std 0.3081".to_owned(), "grey", Some(&plain), None),
        ("double normalization", "bytes", CAFFE.replace("255", "65025"), "coloured", Some(&caffe), None),
        ("double normalization", "colour", TWICE.to_owned(), "eleven", Some(&imagenet), None),
        ("order", "plain", String::new(), "grey-turned", None, Some(order)),
        ("order", "bytes", CAFFE.to_owned(), "coloured-turned", None, Some(order)),
        ("order", "colour", IMAGENET.to_owned(), "eleven-turned", None, Some(order)),
        ("a missing class", "plain", String::new(), "grey-lacking", None, Some(lacks[0])),
        ("a missing class", "bytes", CAFFE.to_owned(), "coloured-lacking", None, Some(lacks[0])),
        ("a missing class", "colour", IMAGENET.to_owned(), "eleven-lacking", None, Some(lacks[1])),
        ("a class more ahead", "colour", IMAGENET.to_owned(), "coloured", None, Some(more)),
        ("mean and a class more", "colour", "--std 0.229,0.224,0.225".to_owned(), "coloured", None, Some(more)),
        ("std and a class more", "colour", "--mean 0.485,0.456,0.406".to_owned(), "coloured", None, Some(more)),
    ] {
        let told =
            succeed(place, &format!("inspect --model {network}.onnx --dataset {data}.npz {flags} --json --quiet"));
        let probe = &serde_json::from_str::<Value>(&told.stdout).unwrap()["probe"];
        assert_eq!(probe["order"]["order"].as_str(), order, "{what} of {network}: {probe}");
        if order.is_none() {
            let found = probe["suggestion"].get("preprocessing");
            assert_eq!(found, suggestion, "{what} of {network}: {probe}");
            let layout = (what == "layout").then_some("nhwc");
            assert_eq!(probe["suggestion"]["layout"].as_str(), layout, "{what} of {network}: {probe}");
        }
        assert!(probe["images"].as_u64().unwrap() >= 100, "{probe}");
    }
    // Of few images nothing is sure, and what may help is told.
    let (images, mean) = (Cell::new(0), "--mean 0.5");
    write(&place.join("few.npz"), false, |label| {
        images.set(images.get() + 1);
        (images.get() <= 14).then_some(label)
    });
    let told = succeed(place, &format!("inspect --model plain.onnx --validation few.npz {mean} --quiet"));
    assert!(told.stdout.contains("'0 to 1' may be better, "), "{}", told.stdout);
    assert!(
        told.stdout.contains("too few to say that it is no chance; name more with --validation"),
        "{}",
        told.stdout
    );
    // Where the shape shows it, a wrong layout is refused.
    for (network, data, wrong, right) in
        [("plain", "grey", "nhwc", "nchw"), ("colour", "eleven", "nhwc", "nchw"), ("bytes", "coloured", "nchw", "nhwc")]
    {
        let told = robust(place, &format!("inspect --model {network}.onnx --dataset {data}.npz --layout {wrong}"));
        let found = format!("with its input as {wrong} it takes no images");
        assert!(told.code == 1 && told.stderr.contains(&found), "{}", told.stderr);
        assert!(told.stderr.contains(&format!("with --layout {right} it does")), "{}", told.stderr);
    }
    let told = robust(place, "attack --model flat.onnx --dataset coloured.npz --method bim --limit 20 --out x");
    assert!(
        told.code == 1 && told.stderr.contains("'0 to 1, nhwc'") | told.stderr.contains("'as given, nhwc'"),
        "{}",
        told.stderr
    );
    succeed(place, "inspect --model flat.onnx --dataset coloured.npz --save --quiet");
    assert_eq!(json(place.join("flat.onnx.robust.json"))["layout"], "nhwc");
    // What is kept is right, and taken from then on.
    succeed(place, "inspect --model colour.onnx --dataset coloured.npz --save --quiet");
    let kept = json(place.join("colour.onnx.robust.json"));
    assert_eq!((&kept["preprocessing"], &kept["classes"][0]), (&imagenet, &json!("class 0 of the network")));
    succeed(
        place,
        "attack --model colour.onnx --dataset coloured.npz --method bim --epsilon 0.2 --limit 50 --out run --quiet",
    );
    let attack = json(place.join("run/attack.json"));
    assert!(attack["accuracy_clean"].as_f64().unwrap() > 0.9 && attack["success_rate"] == 1.0, "{attack}");
    assert_eq!(
        (&attack["model_settings"]["preprocessing"], attack["classes"].as_array().unwrap().len()),
        (&imagenet, 11)
    );
}

#[test]
fn an_own_classifier_is_attacked_calibrated_once_evaluated_and_reported() {
    let folder = folder();
    let place = folder.path();
    copy("plain.onnx", place);
    write(&place.join("grey.npz"), false, Some);
    let own = "--model plain.onnx --dataset grey.npz --limit 60";
    let attacked = succeed(place, &format!("attack {own} --method fgsm,bim,apgd-t,deepfool --steps 20 --out attack"));
    assert!(attacked.stderr.contains("240 of its 2400 images are held out"), "{}", attacked.stderr);
    let bim = json(place.join("attack/bim@0.3/attack.json"));
    assert_eq!((&bim["success_rate"], &bim["shape"], &bim["n"]), (&json!(1.0), &json!([1, 28, 28]), &json!(60)));
    let detect = format!("detect {own} --method bim --epsilon 0.1 --out detect");
    let first = succeed(place, &detect);
    assert!(first.stderr.contains("kept in plain.onnx.calibration.safetensors"), "{}", first.stderr);
    let rows = csv(place.join("detect/detect.csv"));
    assert_eq!(rows.len(), 120);
    for (column, is_empty) in
        [("error_predicted", true), ("alternative_label", true), ("corrected_label", true), ("score_squeeze", false)]
    {
        assert!(rows.iter().all(|row| row[column].is_empty() == is_empty), "{column}");
    }
    let metrics = fs::read(place.join("detect/metrics.csv")).unwrap();
    let again = succeed(place, &detect);
    assert!(!again.stderr.contains("calibration"), "{}", again.stderr);
    assert_eq!(fs::read(place.join("detect/metrics.csv")).unwrap(), metrics);
    succeed(
        place,
        &format!(
            "evaluate {own} --method noise,pgd,selective-pgd --steps 10 --epsilon 0.1,0.3 --out evaluated --quiet"
        ),
    );
    assert_eq!(json(place.join("evaluated/evaluate.json"))["sets"].as_array().unwrap().len(), 6);
    for run in ["attack/bim@0.3", "detect", "evaluated"] {
        let told = succeed(place, &format!("report {run}"));
        assert!(!told.stderr.contains("left out"), "{}", told.stderr);
    }
    // Screened by thresholds that are kept.
    succeed(place, "detect --model plain.onnx --input attack/bim@0.3/adversarial.npz --out screened --quiet");
    let screened = json(place.join("screened/detect.json"));
    assert!(screened["n"] == 60 && screened["flagged"].as_u64().unwrap() > 10, "{screened}");
    // Thresholds from images of their own.
    write(&place.join("others.npz"), false, Some);
    let all = succeed(place, &format!("detect {own} --validation others.npz --method bim --epsilon 0.1 --out all"));
    assert!(!all.stderr.contains("held out") && all.stderr.contains("kept in"), "{}", all.stderr);
    assert!(!all.stderr.contains("rests on"), "{}", all.stderr);
    let images = Cell::new(0);
    write(&place.join("few.npz"), false, |label| {
        images.set(images.get() + 1);
        (images.get() <= 30).then_some(label)
    });
    let few = succeed(place, &format!("detect {own} --validation few.npz --method bim --epsilon 0.1 --out few"));
    assert!(few.stderr.contains("rests on 30 validation images, of which 1 lies above it"), "{}", few.stderr);
    // The network judges images that were made from another one, and the other way round.
    for (attacked, judge) in [("plain.onnx", "mnist"), ("mnist", "plain.onnx")] {
        succeed(
            place,
            &format!(
                "attack --model {attacked} --dataset mnist --transfer-to {judge} --method fgsm --limit 30 --out {attacked}-run --quiet"
            ),
        );
        assert_eq!(json(place.join(format!("{attacked}-run/attack.json")))["transfer"]["to"], judge);
    }
}

#[test]
fn what_cannot_be_done_with_an_own_classifier_is_said_in_a_line() {
    let folder = folder();
    let place = folder.path();
    ["plain.onnx", "bytes.onnx"].iter().for_each(|name| copy(name, place));
    write(&place.join("grey.npz"), false, Some);
    write(&place.join("coloured.npz"), true, Some);
    for class in 0..12 {
        let picture = place.join(format!("twelve/class {class}/a.png"));
        write_picture(&picture, ImageShape { channels: 1, height: 28, width: 28 }, 0, class);
    }
    let bytes = fs::read(place.join("plain.onnx")).unwrap();
    fs::write(place.join("half.onnx"), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(place.join("empty.onnx"), []).unwrap();
    let bim = "attack --method bim --limit 20 --out x";
    for (command, code, found) in [
        (format!("{bim} --model plain.onnx"), 2, "does not say which images it is for; name them with --dataset"),
        (
            format!("{bim} --model plain.onnx --dataset grey.npz --mean 50"),
            1,
            "`robust inspect` tells more, --force goes on",
        ),
        (format!("{bim} --model plain.onnx --dataset grey.npz --output other"), 1, "there is none called other"),
        (format!("{bim} --model bytes.onnx --dataset coloured.npz --layout nchw"), 1, "28"),
        (
            format!("{bim} --model plain.onnx --dataset grey.npz --channels bgr"),
            1,
            "the order bgr of images of 1 channels",
        ),
        (format!("{bim} --model plain.onnx --dataset grey.npz --std 0"), 1, "found 0 in std"),
        (format!("{bim} --model plain.onnx --dataset grey.npz --mean nan"), 2, "--mean"),
        (format!("{bim} --model half.onnx --dataset grey.npz"), 1, "half.onnx: not an ONNX file that can be read"),
        (format!("{bim} --model empty.onnx --dataset grey.npz"), 1, "empty.onnx"),
        (format!("{bim} --model missing.onnx --dataset grey.npz"), 1, "missing.onnx is neither a file nor"),
        (format!("{bim} --model mnist --mean 0.5"), 2, "--mean is for an ONNX file, which --model does not name"),
        ("detect --model plain.onnx --dataset grey.npz --limit 20 --detector cycle --out x".to_owned(), 1, "cycle"),
        (
            "figures --model plain.onnx --dataset grey.npz --limit 20 --out x".to_owned(),
            1,
            "figures needs a network that draws",
        ),
        ("inspect --dataset grey.npz".to_owned(), 2, "--model"),
        (format!("{bim} --model plain.onnx --dataset twelve"), 1, "`robust inspect` finds out which classes it knows"),
        ("inspect --model plain.onnx --save".to_owned(), 2, "--dataset"),
        ("inspect --model mnist --save".to_owned(), 2, "--save is for ONNX files, and mnist is a style-memory network"),
        ("inspect --model mnist --reference missing.npz".to_owned(), 2, "--reference is for ONNX files"),
        ("inspect --model plain.onnx --reference grey.npz".to_owned(), 1, "logits"),
    ] {
        let told = robust(place, &command);
        assert_eq!(told.code, code, "{command}: {}", told.stderr);
        let errors: Vec<&str> = told.stderr.lines().filter(|line| line.starts_with("error")).collect();
        assert!(errors.len() == 1 && errors[0].contains(found), "{command}: {}", told.stderr);
    }
    succeed(place, &format!("{bim} --model plain.onnx --dataset grey.npz --mean 50 --force --quiet"));
    fs::write(place.join("plain.onnx.robust.json"), "{\"preprocessing\":{\"scales\":1}}").unwrap();
    let told = robust(place, &format!("{bim} --model plain.onnx --dataset grey.npz"));
    assert!(told.code == 1 && told.stderr.contains("plain.onnx.robust.json"), "{}", told.stderr);
}
