//! Images of four shapes through the built binary, from training to the report.

use std::fs;

use robust_data::ImageShape;
use serde_json::json;

use crate::command::{csv, folder, json, robust, succeed};
use crate::digits::{in_turns, write_digits};
use crate::planted_shapes::{CLASSES, write_folders, write_npz, write_picture};

#[test]
fn images_of_any_shape_are_trained_on_attacked_detected_and_reported() {
    let folder = folder();
    let place = folder.path();
    let shape = |channels, height, width| ImageShape { channels, height, width };
    write_digits(&place.join("idx"), "train", &in_turns(120, 3));
    write_digits(&place.join("idx"), "t10k", &in_turns(12, 3));
    write_folders(&place.join("colours"), shape(3, 32, 32), [40, 4]);
    write_folders(&place.join("wide"), shape(3, 24, 40), [40, 4]);
    write_npz(&place.join("large"), shape(1, 64, 64), [40, 4]);
    for (dataset, [channels, height, width], set) in [
        ("idx", [1, 28, 28], "fgsm@0.3"),
        ("colours", [3, 32, 32], "fgsm@0.03137254901960784"),
        ("wide", [3, 24, 40], "fgsm@0.03137254901960784"),
        ("large", [1, 64, 64], "fgsm@0.3"),
    ] {
        let run = |command: &str| succeed(place, &format!("{command} --dataset {dataset} --quiet"));
        run(&format!("train --epochs 2 --batch-size 30 --threads 2 --out {dataset}-run"));
        let metadata = &json(place.join(format!("{dataset}-run/train.json")))["metadata"];
        let network = if channels == 1 && height == 28 { json!(null) } else { json!([channels, height, width]) };
        assert_eq!(metadata["network"]["input"], network, "{dataset}");

        let model = format!("--model {dataset}-run/model.safetensors");
        run(&format!("attack --method fgsm {model} --out {dataset}-attack"));
        let attack = json(place.join(format!("{dataset}-attack/attack.json")));
        assert_eq!((&attack["set"], &attack["shape"]), (&json!(set), &json!([channels, height, width])), "{dataset}");
        assert_eq!(attack["n"], 12, "{dataset}");
        run(&format!("detect --method fgsm {model} --out {dataset}-detect"));
        assert_eq!(csv(place.join(format!("{dataset}-detect/detect.csv"))).len(), 24, "{dataset}");
        for folder in ["attack", "detect"] {
            succeed(place, &format!("report {dataset}-{folder}"));
            let page = fs::read_to_string(place.join(format!("{dataset}-{folder}/report.html"))).unwrap();
            let first = if dataset == "idx" || dataset == "large" { "\"0\"" } else { "bottom" };
            assert!(page.contains(first) && page.len() < 20 << 20, "{dataset}");
        }
    }
    let beside = robust(place, "attack --method fgsm --model wide-run/model.safetensors --dataset colours --out x");
    assert_eq!(beside.code, 1);
    for part in ["32", "40x24", "--resize"] {
        assert!(beside.stderr.contains(part), "{}", beside.stderr);
    }
    succeed(
        place,
        "attack --method fgsm --model wide-run/model.safetensors --dataset colours --resize 40x24 --out x --quiet",
    );
    assert_eq!(json(place.join("x/attack.json"))["resize"], "40x24");
}

#[test]
fn a_folder_without_test_images_is_divided_to_train_and_whole_to_anybody_else() {
    let folder = folder();
    let (place, shape) = (folder.path(), ImageShape { channels: 3, height: 16, width: 12 });
    for name in ["own", "others"] {
        for (class, label) in CLASSES.iter().enumerate() {
            for number in 0..30 {
                let path = place.join(name).join("pictures").join(label).join(format!("{number}.png"));
                write_picture(&path, shape, class, number + name.len());
            }
        }
    }
    let trained = succeed(
        place,
        "train --dataset own/pictures --epochs 2 --batch-size 30 --channels 8,12 --hidden 32,16 --styles 5 --mirror --seed 4 --out run",
    );
    assert!(trained.stderr.contains("divided by seed 4"), "{}", trained.stderr);
    let metadata = &json(place.join("run/train.json"))["metadata"];
    let network = json!({ "input": [3, 16, 12], "classes": 3, "styles": 5, "channels": [8, 12], "hidden": [32, 16] });
    assert_eq!((&metadata["network"], &metadata["divided_by"]), (&network, &json!(4)));
    assert_eq!(metadata["training"]["images"], 72);
    assert_eq!(metadata["class_names"], json!(CLASSES));
    // The images that it did not learn from; all of those of somebody else, whatever their folder is called.
    for (dataset, images) in [("own/pictures", 9), ("others/pictures", 90)] {
        let attack =
            format!("attack --method fgsm --model run/model.safetensors --dataset {dataset} --out {images} --quiet");
        succeed(place, &attack);
        let summary = json(place.join(format!("{images}/attack.json")));
        assert_eq!((&summary["n"], &summary["classes"]), (&json!(images), &json!(CLASSES)), "{dataset}");
    }
    let validation = robust(
        place,
        "attack --method fgsm --model run/model.safetensors --dataset others/pictures --split validation --out v",
    );
    assert_eq!(validation.code, 1);
    assert!(validation.stderr.contains("pictures"), "{}", validation.stderr);
}

#[test]
fn a_network_that_cannot_be_built_is_refused_before_anything_is_written() {
    let folder = folder();
    write_digits(&folder.path().join("few"), "train", &in_turns(40, 4));
    for (flags, found) in [
        ("--channels 0", "--channels"),
        ("--channels 8,x", "--channels"),
        ("--hidden 10", "--hidden takes two widths"),
        ("--hidden 10,20,30", "--hidden takes two widths"),
        ("--styles 0", "--styles"),
        ("--channels 100000", "a side of 100000"),
        ("--channels 1,1,1,1,1,1,1,1,1,1,1,1,1", "13 convolutions"),
        ("--resize 0", "--resize"),
        ("--resize 10x", "--resize"),
        ("--crop 99", "99"),
    ] {
        let refused = robust(folder.path(), &format!("train --dataset few --epochs 1 {flags} --out run"));
        assert!([1, 2].contains(&refused.code) && refused.stderr.contains(found), "{flags}: {}", refused.stderr);
        assert!(!folder.path().join("run/model.safetensors").exists());
    }
}

#[test]
fn pictures_of_ones_own_are_screened_in_the_network_s_shape() {
    let folder = folder();
    let (place, shape) = (folder.path(), ImageShape { channels: 3, height: 16, width: 16 });
    write_folders(&place.join("colours"), shape, [40, 4]);
    succeed(place, "train --dataset colours --epochs 2 --batch-size 30 --out run --quiet");
    for number in 0..3 {
        write_picture(
            &place.join(format!("mine/{number}.png")),
            ImageShape { height: 40, width: 20, ..shape },
            number,
            number,
        );
    }
    let screen = "detect --input mine --model run/model.safetensors --dataset colours --out screened";
    let refused = robust(place, screen);
    assert!(refused.code == 1 && refused.stderr.contains("--resize"), "{}", refused.stderr);
    succeed(place, &format!("{screen} --resize 16 --crop 16"));
    let summary = json(place.join("screened/detect.json"));
    assert_eq!((&summary["n"], &summary["shape"], &summary["crop"]), (&json!(3), &json!([3, 16, 16]), &json!(16)));
    succeed(place, "report screened");
    let page = fs::read_to_string(place.join("screened/report.html")).unwrap();
    assert!(page.contains("2.png") && CLASSES.iter().any(|class| page.contains(class)));
}
