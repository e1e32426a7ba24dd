//! `attack --purify`, as a user runs it.

use crate::command::{folder, json, robust, succeed};
use crate::own_networks::{copy, write};

#[test]
fn a_purifier_undoes_what_does_not_know_it_and_is_undone_by_what_does() {
    let folder = folder();
    let attack = "attack --method bim --epsilon 0.2 --steps 15 --limit 60 --quiet";
    for (name, flags) in
        [("bare", ""), ("oblivious", "--purify autoencoder --oblivious"), ("through", "--purify autoencoder")]
    {
        succeed(folder.path(), &format!("{attack} {flags} --out {name}"));
    }
    let summary = |name: &str| json(folder.path().join(name).join("attack.json"));
    let success = |name: &str| summary(name)["success_rate"].as_f64().unwrap();
    assert!(success("oblivious") < 0.5 * success("bare"), "{} of {}", success("oblivious"), success("bare"));
    assert!(success("through") > success("oblivious"), "{} of {}", success("through"), success("oblivious"));
    for (name, oblivious) in [("oblivious", true), ("through", false)] {
        let found = summary(name);
        assert_eq!(found["purify"], serde_json::json!({ "by": "autoencoder", "oblivious": oblivious }));
        assert_eq!(found["transfer"]["to"], "mnist behind autoencoder");
    }
    assert!(summary("bare")["purify"].is_null());
    // Who does not know of it makes the images that fool the bare network.
    let fooled = summary("oblivious")["transfer"]["fooled_model"].as_u64().unwrap();
    assert!(fooled as f64 >= 0.9 * success("bare") * 59.0, "{fooled}");
}

#[test]
fn a_drawing_is_attacked_through_and_said() {
    let folder = folder();
    let flags = "attack --method bim --epsilon 0.2 --steps 4 --limit 12 --purify drawing --out drawn";
    let finished = succeed(folder.path(), flags);
    assert!(finished.stdout.contains("attacked, judged       mnist behind drawing"), "{}", finished.stdout);
    let once = std::fs::read(folder.path().join("drawn/adversarial.npz")).unwrap();
    succeed(folder.path(), &format!("{flags}-again --batch-size 5 --threads 1"));
    assert!(once == std::fs::read(folder.path().join("drawn-again/adversarial.npz")).unwrap(), "another batch size");
}

#[test]
fn what_cannot_be_purified_is_one_line() {
    let folder = folder();
    copy("plain.onnx", folder.path());
    write(&folder.path().join("grey.npz"), false, Some);
    for (arguments, code, expected) in [
        ("attack --method bim --purify blur", 2, "autoencoder"),
        ("attack --method bim --oblivious", 2, "--purify"),
        ("attack --method bim --purify drawing --transfer-to mnist", 2, "--transfer-to"),
        ("attack --method adaptive --purify drawing", 2, "choose another method"),
        ("attack --method bim --purify drawing --model plain.onnx --dataset grey.npz", 1, "needs a model that draws"),
    ] {
        let finished = robust(folder.path(), &format!("{arguments} --limit 4"));
        assert_eq!(finished.code, code, "{arguments}: {}", finished.stderr);
        assert!(finished.stderr.contains(expected), "{arguments}: {}", finished.stderr);
    }
    assert!(!folder.path().join("reports").exists(), "nothing was written");
}
