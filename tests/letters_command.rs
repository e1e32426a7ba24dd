//! The commands on letters. EMNIST's images are not ours to keep here, so the embedded network draws some for itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use robust::checkpoint::Checkpoint;
use robust_attacks::ClassConditional;
use robust_data::pretrained::pretrained;
use robust_networks::StyleMemory;

use crate::command::{csv, folder, json, robust, succeed};

/// Letters of a class: a capital, a small letter, and one of which it is not known.
const EACH: usize = 3;
pub(crate) const ON_LETTERS: &str = "--dataset emnist-letters --data-dir letters";

/// Writes test files as EMNIST has them, transposed and counted from 1: A, B, ..., Z in one style, then in another, then in a third.
pub(crate) fn write_letters(folder: &Path) {
    let checkpoint = Checkpoint::from_bytes("emnist-letters", pretrained("emnist-letters").unwrap()).unwrap();
    let network = StyleMemory::new(&checkpoint.parameters, &Device::Cpu).unwrap();
    let count = 26 * EACH;
    let labels = Tensor::eye(26, DType::F32, &Device::Cpu).unwrap().repeat((EACH, 1)).unwrap();
    let styles: Vec<f32> = (0..count).flat_map(|i| [0.5 + 0.1 * (i / 26) as f32 - 0.1; 16]).collect();
    let styles = Tensor::from_vec(styles, (count, 16), &Device::Cpu).unwrap();
    let drawings = network.decode(&labels, &styles).unwrap().squeeze(1).unwrap().transpose(1, 2).unwrap();
    let pixels = drawings.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let header = |sizes: &[u32]| -> Vec<u8> {
        [0x0800 + sizes.len() as u32].iter().chain(sizes).flat_map(|word| word.to_be_bytes()).collect()
    };
    let images = [header(&[count as u32, 28, 28]), pixels.iter().map(|level| (255.0 * level).round() as u8).collect()];
    let labels = [header(&[count as u32]), (0..count).map(|i| (i % 26 + 1) as u8).collect()];
    fs::create_dir(folder.join("letters")).unwrap();
    fs::write(folder.join("letters/emnist-letters-test-images-idx3-ubyte"), images.concat()).unwrap();
    fs::write(folder.join("letters/emnist-letters-test-labels-idx1-ubyte"), labels.concat()).unwrap();
}

/// Says of the first letters that they are capitals and of the next that they are small.
pub(crate) fn write_provenance(folder: &Path) {
    let character = |i: usize| match (i / 26, b'a' + (i % 26) as u8) {
        (0, letter) => char::from(letter.to_ascii_uppercase()).to_string(),
        (1, letter) => char::from(letter).to_string(),
        _ => String::new(),
    };
    let lines = (0..26 * EACH).map(|i| format!("test,{i},{},made up\n", character(i)));
    let table = format!("split,position,char,source\n{}", lines.collect::<String>());
    fs::write(folder.join("letters/emnist-letters-provenance.csv"), table).unwrap();
}

#[test]
fn the_network_of_the_letters_attacks_and_detects_as_that_of_the_digits() {
    let folder = folder();
    write_letters(folder.path());
    succeed(folder.path(), &format!("attack --method fgsm --epsilon 0.1 {ON_LETTERS} --out attacked"));
    let (summary, rows) =
        (json(folder.path().join("attacked/attack.json")), csv(folder.path().join("attacked/attack.csv")));
    assert_eq!(summary["model"], "emnist-letters");
    assert_eq!((rows.len(), rows[25]["label"].as_str()), (78, "25"));
    // Upright and counted from 0, or else the network would not know its own drawings.
    let known = rows.iter().filter(|row| row["label"] == row["clean_prediction"]).count();
    assert!(known > 70, "{known} of 78");

    succeed(folder.path(), &format!("detect --method bim --epsilon 0.2 {ON_LETTERS} --out detected"));
    let metrics = csv(folder.path().join("detected/metrics.csv"));
    assert!(metrics.iter().any(|row| row["set"] == "bim@0.2" && !row["auroc"].is_empty()));

    // One's own images need no dataset, and their verdicts come with letters.
    let screened = succeed(folder.path(), "detect --model emnist-letters --input attacked/clean.npz --out screened");
    assert!(screened.stdout.contains("  A (") && screened.stdout.contains("  B ("), "{}", screened.stdout);
    let mixed = robust(folder.path(), "attack --method fgsm --model emnist-letters --limit 5");
    assert!(mixed.code == 1 && mixed.stderr.contains("trained on 'emnist-letters'"), "{}", mixed.stderr);
}

#[test]
fn figure_11_goes_from_each_capital_of_another_form_to_its_small_letter() {
    let folder = folder();
    write_letters(folder.path());
    let without = robust(folder.path(), &format!("figures --figure 11 {ON_LETTERS}"));
    assert!(without.code == 1 && without.stderr.contains("emnist-letters-provenance.csv"), "{}", without.stderr);
    write_provenance(folder.path());
    succeed(folder.path(), &format!("figures --figure 11,3 {ON_LETTERS} --out a --threads 2"));

    let seen = csv(folder.path().join("a/reconstructions.csv"));
    let right = |i: usize| seen[i]["label"] == seen[i]["prediction"];
    let expected: Vec<[String; 3]> = "ABDEFGHNQRT"
        .bytes()
        .map(|letter| (letter, usize::from(letter - b'A')))
        .filter(|&(_, capital)| right(capital) && right(capital + 26))
        .map(|(letter, capital)| [char::from(letter).to_string(), capital.to_string(), (capital + 26).to_string()])
        .collect();
    let rows = csv(folder.path().join("a/forms.csv"));
    let found: Vec<[String; 3]> =
        rows.iter().map(|row| ["label", "from", "to"].map(|column| row[column].clone())).collect();
    assert_eq!(found, expected);
    assert!(found.len() >= 9, "the network knows its own drawings");
    let summary = json(folder.path().join("a/figures.json"));
    let pairs = summary["findings"].as_array().unwrap().iter().find(|one| one["figure"] == "forms").unwrap();
    assert_eq!(pairs["value"], expected.len() as f64);

    let picture = |run: &str| fs::read(folder.path().join(run).join("forms.png")).unwrap();
    assert!(picture("a").starts_with(b"\x89PNG"));
    succeed(folder.path(), &format!("figures --figure 11 {ON_LETTERS} --out b --threads 1"));
    assert!(picture("a") == picture("b"), "the same seed, the same bytes");
}

#[test]
fn every_figure_is_made_of_letters_and_their_claims_stand_beside_those_of_the_digits() {
    let folder = folder();
    write_letters(folder.path());
    write_provenance(folder.path());
    succeed(folder.path(), "figures --claims --limit 100 --out digits");
    let beside = "--beside digits/claims.json";
    succeed(folder.path(), &format!("figures --figure all --claims {ON_LETTERS} {beside} --out both"));
    for name in
        ["forms", "generic", "interpolation", "misclassified", "path", "reconstructions", "transfer", "traversal"]
    {
        assert!(folder.path().join(format!("both/{name}.png")).exists(), "{name}");
    }
    let rows = csv(folder.path().join("both/claims.csv"));
    let (digits, letters): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row["dataset"] == "mnist");
    let claims = |rows: &[&BTreeMap<String, String>]| rows.iter().map(|row| row["claim"].clone()).collect::<Vec<_>>();
    assert_eq!(claims(&digits), claims(&letters));
    assert_eq!((digits[0]["paper"].as_str(), letters[0]["paper"].as_str()), ("98.48 %", "91.27 %"));
    let document = fs::read_to_string(folder.path().join("both/claims.md")).unwrap();
    for (digits, letters) in digits.iter().zip(letters) {
        let row = document.lines().find(|line| line.starts_with(&format!("| {} |", digits["claim"]))).unwrap();
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, criterion, found @ ..] = &cells[..] else { panic!("{row}") };
        assert_eq!((*criterion, found.len()), (digits["criterion"].as_str(), 6), "{row}");
        for (cells, row) in found.chunks(3).zip([digits, letters]) {
            assert_eq!((cells[0], cells[2]), (row["paper"].as_str(), row["verdict"].as_str()), "{cells:?}");
            assert!(cells[1].starts_with(&row["ours"]), "{cells:?}");
        }
    }
    assert!(document.contains(&format!(
        "`robust figures --claims {} --data-dir DIR {beside} --out both`",
        "--dataset emnist-letters"
    )));
}
