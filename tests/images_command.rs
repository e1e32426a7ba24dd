//! Clean images once for each run, adversarial ones deflated: what `attack` and `evaluate` leave and `report` and `detect` read.

use std::fs;
use std::path::Path;

use robust_data::npz::{Writer, read_images};
use robust_data::{Dataset, SplitName};

use crate::command::{csv, folder, json, robust, succeed};
use crate::report_command::data;
use crate::running::names;

fn archives(folder: &Path) -> Vec<String> {
    names(folder).into_iter().filter(|name| name.ends_with(".npz")).collect()
}

#[test]
fn clean_images_lie_once_in_the_folder_of_a_run() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    succeed(folder.path(), "attack --method fgsm --epsilon 0.2 --offset 20 --limit 70 --out one --quiet");
    succeed(folder.path(), "attack --method fgsm,bim --epsilon 0.2 --steps 3 --offset 20 --limit 70 --out two --quiet");
    succeed(
        folder.path(),
        "evaluate --method fgsm --epsilon 0.1,0.2 --offset 20 --limit 70 --detector msp --detectors msp --out all --quiet",
    );
    assert_eq!(archives(&at("one")), ["adversarial.npz", "clean.npz"]);
    assert_eq!(archives(&at("two")), ["bim@0.2/adversarial.npz", "clean.npz", "fgsm@0.2/adversarial.npz"]);
    assert_eq!(archives(&at("all")), ["clean.npz", "fgsm@0.1/adversarial.npz", "fgsm@0.2/adversarial.npz"]);
    let bytes = |name: &str| fs::read(at(name)).unwrap();
    assert!(bytes("one/clean.npz") == bytes("two/clean.npz") && bytes("one/clean.npz") == bytes("all/clean.npz"));
    assert!(bytes("one/adversarial.npz") == bytes("all/fgsm@0.2/adversarial.npz"));

    let split = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap();
    let clean = read_images(&at("one/clean.npz"), &["x"]).unwrap();
    let expected = split.pixels()[20 * 784..90 * 784].iter().map(|&level| f32::from(level) / 255.0);
    assert!(clean.pixels().iter().copied().eq(expected));
    let changed = read_images(&at("one/adversarial.npz"), &["x_adv"]).unwrap();
    for (row, images) in
        csv(at("one/attack.csv")).iter().zip(clean.pixels().chunks(784).zip(changed.pixels().chunks(784)))
    {
        let linf =
            images.0.iter().zip(images.1).map(|(x, y)| (f64::from(*x) - f64::from(*y)).abs()).fold(0.0, f64::max);
        assert_eq!(row["linf"].parse::<f64>().unwrap(), linf, "{row:?}");
    }
}

#[test]
fn a_set_and_its_clean_images_take_little_more_than_the_floats_of_one() {
    let folder = folder();
    for (method, most) in [
        ("fgsm --epsilon 0.2", 0.5),
        ("noise --epsilon 0.2", 0.5),
        ("bim --epsilon 0.2", 0.65),
        ("pgd --epsilon 0.2", 0.7),
        ("pgd-l2 --epsilon 2", 1.0),
        ("deepfool-l2 --steps 5", 1.0),
        ("cw --steps 20 --searches 1", 1.15),
    ] {
        succeed(folder.path(), &format!("attack --method {method} --limit 100 --quiet"));
        let size = |name: &str| fs::metadata(folder.path().join("reports").join(name)).unwrap().len() as f64;
        let share = (size("clean.npz") + size("adversarial.npz")) / (100.0 * 784.0 * 4.0);
        assert!(share < most, "{method}: {share}");
    }
}

#[test]
fn other_clean_images_spoil_a_set_aloud_and_the_same_command_heals_it() {
    let folder = folder();
    let out = folder.path().join("reports");
    let make = "evaluate --method fgsm --epsilon 0.1,0.2 --limit 60 --detector msp --detectors msp --quiet";
    succeed(folder.path(), make);
    let whole = json(out.join("evaluate.json"));
    succeed(folder.path(), "attack --method bim --steps 2 --limit 30 --quiet");
    let spoilt = robust(folder.path(), "report reports").stderr;
    assert!(spoilt.contains("reports/clean.npz is not the file that attack.json vouches for"), "{spoilt}");
    let before = fs::metadata(out.join("fgsm@0.1/adversarial.npz")).unwrap().modified().unwrap();
    succeed(folder.path(), make);
    assert_eq!(json(out.join("evaluate.json")), whole);
    assert_eq!(fs::metadata(out.join("fgsm@0.1/adversarial.npz")).unwrap().modified().unwrap(), before, "made again");
}

#[test]
fn a_set_of_an_older_version_holds_its_clean_images_and_is_read() {
    let folder = folder();
    let at = |name: &str| folder.path().join("reports").join(name);
    // Others lie around it, of as many images.
    succeed(folder.path(), "attack --method fgsm,bim --steps 2 --epsilon 0.2 --limit 40 --quiet");
    let set = at("fgsm@0.2");
    let [x, x_adv] = [(at("clean.npz"), "x"), (set.join("adversarial.npz"), "x_adv")]
        .map(|(path, key)| read_images(&path, &[key]).unwrap().pixels().to_vec());
    let mut older = Writer::new(fs::File::create(set.join("adversarial.npz")).unwrap());
    let own: Vec<f32> = x.iter().map(|level| 1.0 - level).collect();
    older.array("x", &[40, 1, 28, 28], &own).unwrap();
    older.array("x_adv", &[40, 1, 28, 28], &x_adv).unwrap();
    older.finish().unwrap();
    let mut summary = json(set.join("attack.json"));
    summary.as_object_mut().unwrap().remove("files");
    fs::write(set.join("attack.json"), summary.to_string()).unwrap();

    for (key, first) in [("x", own[0]), ("x_adv", x_adv[0])] {
        assert_eq!(read_images(&set.join("adversarial.npz"), &[key]).unwrap().pixels()[0], first, "{key}");
    }
    succeed(folder.path(), "detect --input reports/fgsm@0.2/adversarial.npz --key x --out screened --quiet");
    let report = succeed(folder.path(), "report reports");
    assert!(report.stderr.contains("does not say which files it belongs to"), "{}", report.stderr);
    let page = fs::read_to_string(at("report.html")).unwrap();
    let sets = data(&page)["runs"][0]["sets"].clone();
    // White paper, in base64, where it is the set's own; black where it is that of the folder around it.
    let shown = |name: &str| {
        let set = sets.as_array().unwrap().iter().find(|set| set["name"] == name).unwrap();
        set["gallery"]["clean"].as_str().unwrap()[..4].to_owned()
    };
    assert_eq!((shown("bim@0.2"), shown("fgsm@0.2")), ("AAAA".into(), "////".into()));
}
