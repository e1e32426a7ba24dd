//! `docs/files.md` is held against what the commands write: every name, its type, its range and whether it may be empty.

mod page;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use page::{Entry, Page};
use robust_data::{ImageShape, npz};
use written::{Content, Written};

use crate::command::{folder, robust, succeed};
use crate::digits::{in_turns, write_digits};
use crate::letters_command::{ON_LETTERS, write_letters, write_provenance};
use crate::planted_shapes::{CLASSES, write_picture};
use crate::running::Running;

const PAGE: &str = "docs/files.md";

/// Runs that leave every file with every name in it.
fn run_all(folder: &Path) {
    for arguments in [
        "attack --method fgsm,bim --steps 3 --epsilon 0.001,0.2 --limit 30 --out several",
        "attack --method bim --steps 3 --epsilon 0.2 --target 3 --limit 20 --transfer-to mnist --out single",
        "attack --method pgd-l2 --steps 3 --target random --spread 20 --out random",
        "attack --method bim --steps 3 --epsilon 0.2 --limit 12 --purify autoencoder --oblivious --out purified",
        "detect --method fgsm --epsilon 0.2 --limit 40 --ambiguous --shifts --out detect",
        "detect --method fgsm --epsilon 0.2 --limit 20 --validation mnist --detector msp --detectors msp --out named",
        "evaluate --method fgsm,noise --epsilon 0.001,0.2 --limit 40 --detectors msp,combined --out evaluate",
        "attack --method fgsm,bim --steps 3 --epsilon 0.2 --limit 30 --shard 1/2 --out shard-of-attack",
        "detect --method fgsm --epsilon 0.2 --limit 40 --shard 2/2 --out shard-of-detect",
        "evaluate --method fgsm --epsilon 0.2 --limit 40 --detectors msp,combined --shard 1/2 --out shard-of-evaluate",
        "figures --limit 80 --out figures",
        "figures --limit 80 --figure 3 --claims --out claims",
        "report evaluate",
    ] {
        succeed(folder, &format!("{arguments} --quiet"));
    }
    write_letters(folder);
    write_provenance(folder);
    succeed(folder, &format!("figures --figure 11 {ON_LETTERS} --out forms --quiet"));

    fs::create_dir(folder.join("own")).unwrap();
    fs::copy(folder.join("single/clean.npz"), folder.join("own/a.npz")).unwrap();
    fs::write(folder.join("own/b.png"), "no picture").unwrap();
    fs::write(folder.join("own/c.txt"), "words").unwrap();
    assert_eq!(robust(folder, "detect --input own --out input --quiet").code, 1);

    let mut same = npz::Writer::new(fs::File::create(folder.join("own/same.npz")).unwrap());
    same.array("mine", &[12, 28, 28], &[0.0_f32; 12 * 784]).unwrap();
    same.finish().unwrap();
    succeed(folder, "detect --input own/same.npz --key mine --prepare --out same --quiet");

    write_digits(&folder.join("digits"), "train", &in_turns(300, 10));
    write_digits(&folder.join("digits"), "t10k", &in_turns(20, 10));
    succeed(folder, "train --dataset digits --epochs 1 --out trained --quiet");
    let first = "--shard 1/2 --out first-shard --quiet";
    succeed(folder, &format!("detect --dataset digits --model mnist --method fgsm --epsilon 0.2 {first}"));
    let shape = ImageShape { channels: 3, height: 8, width: 6 };
    for (class, label) in CLASSES.iter().enumerate() {
        (0..20).for_each(|n| write_picture(&folder.join(format!("pictures/{label}/{n}.png")), shape, class, n));
    }
    succeed(folder, "train --dataset pictures --mirror --epochs 1 --out pictured --quiet");
    let mut training =
        Running::start(folder, "train --dataset digits --epochs 9999 --sigma 0..0.3 --out training --quiet");
    training.until(|| folder.join("training/train.csv").exists());
    training.signal("INT");
    assert_eq!(training.wait().code, 130);
}

#[test]
fn the_page_names_what_the_commands_write_and_nothing_else() {
    let folder = folder();
    run_all(folder.path());
    let page = Page::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE));
    let mut problems = BTreeSet::new();
    let (mut seen, mut files) = (BTreeSet::new(), BTreeSet::new());
    for Written { file, content } in written::all(folder.path()) {
        let Some(pattern) = page.file(&file) else {
            problems.insert(format!("{PAGE} does not know {file}: add a section or, for a picture, a row"));
            continue;
        };
        files.insert(pattern.to_owned());
        let entries = page.entries(pattern);
        let mut last = 0;
        for (name, found) in content {
            let Some(position) = entries.iter().position(|entry| page::fits(&entry.name, &name)) else {
                let row = format!("| `{name}` | type | when empty or null | what it is |");
                problems
                    .insert(format!("{PAGE} lacks {name} of {file}: add to the table of that file a row\n    {row}"));
                continue;
            };
            let entry = &entries[position];
            seen.insert(entry.origin.clone());
            problems.extend(found.iter().filter_map(|found| complaint(entry, found, &file, &name)));
            if file.ends_with(".csv") && position < last {
                problems.insert(format!("{PAGE}: column {name} of {file} comes earlier in its table than in the file"));
            }
            last = position;
        }
    }
    for file in page.files().filter(|file| !files.contains(*file)) {
        problems.insert(format!("{PAGE} tells of {file}, which no run here wrote: remove it, or add a run"));
    }
    let told = page.files().flat_map(|file| page.entries(file));
    let told: BTreeMap<_, _> = told.map(|entry| (entry.origin, entry.name)).collect();
    for ((section, _), name) in told.iter().filter(|(origin, _)| !seen.contains(*origin)) {
        problems
            .insert(format!("{PAGE} tells of {name} ({section}), which no run here wrote: remove it, or add a run"));
    }
    let problems: Vec<_> = problems.into_iter().collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What is wrong with something found, by the page.
fn complaint(entry: &Entry, found: &Content, file: &str, name: &str) -> Option<String> {
    let Entry { kind, empty, .. } = entry;
    match found {
        Content::Nothing if empty == "never" => {
            Some(format!("{file}: {name} is empty somewhere, and {PAGE} says never"))
        }
        Content::Nothing => None,
        found if page::is_of(kind, found) => None,
        found => Some(format!("{file}: {name} is {found:?} somewhere, and {PAGE} says {kind}")),
    }
}

#[test]
fn names_and_types_are_compared_as_the_page_says() {
    for (pattern, name, expected) in [
        ("score_<detector>", "score_msp", true),
        ("score_<detector>", "score_", false),
        ("files.<file>", "files.../clean.npz", true),
        ("score", "score_msp", false),
        ("fit.<a>.<b>", "fit.magnet.plain.bias", true),
        ("neighbours-<position>.png", "neighbours-7.png", true),
        ("neighbours-<position>.png", "neighbours.svg", false),
    ] {
        assert_eq!(page::fits(pattern, name), expected, "{pattern} {name}");
    }
    let cell = |text: &str| Content::Cell(text.into());
    let array = |dtype: &str, shape: &[usize], least, most| Content::Array {
        dtype: dtype.into(),
        shape: shape.into(),
        range: Some([least, most]),
    };
    for (kind, found, expected) in [
        ("number, 0 to 1", cell("0.5"), true),
        ("number, 0 to 1", cell("1.5"), false),
        ("number", cell("NaN"), false),
        ("number", cell("inf"), true),
        ("whole, from 1", cell("0"), false),
        ("whole, from 1", cell("1.5"), false),
        ("one of `a`, `b`", cell("b"), true),
        ("one of `a`, `b`", cell("c"), false),
        ("true or false", cell("yes"), false),
        ("SHA-256", cell("ab"), false),
        ("text", Content::Number("1".into()), false),
        ("number", Content::Text("1".into()), false),
        ("nothing", Content::Text("1".into()), false),
        ("float32 (N, 1, 28, 28), 0 to 1", array("float32", &[3, 1, 28, 28], 0.0, 1.0), true),
        ("float32 (N, 1, 28, 28), 0 to 1", array("float32", &[3, 28, 28], 0.0, 1.0), false),
        ("float32 (N, 1, 28, 28), 0 to 1", array("float32", &[3, 1, 28, 28], 0.0, 1.5), false),
        ("int64 (N), -1 to K - 1", array("int64", &[3], -1.0, 9.0), true),
        ("int64 (N), 0 to K - 1", array("int64", &[3], -1.0, 9.0), false),
    ] {
        assert_eq!(page::is_of(kind, &found), expected, "{kind} {found:?}");
    }
}
