//! Flags as people write them: what is understood, and what is refused with exit code 2 and one line that names the flag, what it
//! found and what it expected or what may have been meant.

use std::fs;

use crate::bad_input::refuse;
use crate::command::{csv, folder, robust, succeed};

#[test]
fn wrong_usage_exits_with_2() {
    let folder = folder();
    for (arguments, parts) in [
        ("attack", &["--method"][..]),
        ("fly", &["fly", "--help"]),
        ("list extra more", &["more", "--help"]),
        ("help bogus", &["bogus"]),
        // Combinations.
        ("attack --method bim --epsilon 0.3,0.30", &["bim@0.3", "twice"]),
        ("attack --method bim,BIM", &["bim@0.3", "twice"]),
        ("attack --method cw --confidence 1,1.0", &["cw-l2@k1", "twice"]),
        ("attack --method bim --limit 5 --limit 6", &["--limit", "multiple times"]),
        ("attack --method fgsm --steps 3", &["--steps", "fgsm"]),
        ("attack --method fgsm,noise --early-stop", &["--early-stop", "fgsm, noise"]),
        ("attack --method bim --queries 9", &["--queries", "bim"]),
        ("attack --method bim --confidence 1", &["--confidence", "bim"]),
        ("attack --method bim --against msp", &["--against", "bim"]),
        ("attack --method deepfool,cw --epsilon 0.1", &["--epsilon", "deepfool, cw-l2"]),
        ("attack --method bim --learning-rate 0.1", &["--learning-rate", "bim"]),
        ("detect --threshold 2 --fpr 0.1", &["--threshold", "--fpr"]),
        ("evaluate --epsilon 0.1", &["--epsilon", "--method"]),
        ("evaluate --norm l2", &["--norm", "--method"]),
        ("evaluate --severity 3", &["--severity", "noise", "deepfool-l2"]),
        ("train --batch-size 18446744073709551615", &["--batch-size", "4096"]),
        ("attack --method bim --threads 100000", &["--threads", "1024"]),
        // Norms.
        ("attack --method fgsm --norm l1", &["--norm l1", "fgsm", "only linf, l2"]),
        ("attack --method jsma --norm linf", &["--norm linf", "jsma", "only l0"]),
        ("attack --method bim,cw --norm linf", &["--norm linf", "cw", "only l2"]),
        ("attack --method pgd-l2 --norm linf", &["--norm linf", "pgd-l2", "leave it out"]),
        ("attack --method blur --norm l2", &["--norm l2", "blur", "leave it out"]),
        // Epsilons that no image needs.
        ("attack --method bim --epsilon 8", &["--epsilon 8", "[0, 1]", "did you mean 8/255?"]),
        ("detect --epsilon 0.1,8", &["--epsilon 8", "did you mean 8/255?"]),
        ("evaluate --method fgsm --epsilon 1.01", &["--epsilon 1.01", "than 1 in linf"]),
        ("attack --method pgd-l2 --epsilon 128", &["--epsilon 128", "than 28 in l2", "did you mean 128/255?"]),
        ("attack --method pgd-l1 --epsilon 785", &["--epsilon 785", "than 784 in l1"]),
        ("attack --method jsma --epsilon 785", &["--epsilon 785", "at most 784"]),
        ("attack --method bim --epsilon 0,3", &["--epsilon 3", "decimal comma", "0.3"]),
        // Settings out of range.
        ("attack --method blur --severity 6", &["--severity 6", "0 to 5"]),
        ("attack --method bim --step-size 0", &["--step-size 0", "above 0"]),
        ("attack --method bim --target 10", &["--target", "10", "0 to 9"]),
    ] {
        refuse(folder.path(), arguments, 2, parts);
    }
}

#[test]
fn a_number_that_is_none_is_named_with_its_flag_and_what_was_expected() {
    const WHOLE: &str = "expected a whole number of at least 0";
    const POSITIVE: &str = "expected a whole number of at least 1";
    const NUMBER: &str = "expected a number from 0 to 1000, such as 0.3 or 76.5/255";
    let folder = folder();
    for (command, flag, value, expected) in [
        ("attack --method bim", "--seed", "-1", WHOLE),
        ("attack --method bim", "--seed", "NaN", WHOLE),
        ("attack --method bim", "--seed", "18446744073709551616", "at most 18446744073709551615"),
        ("attack --method bim", "--offset", "-1", WHOLE),
        ("attack --method bim", "--limit", "-1", POSITIVE),
        ("attack --method bim", "--limit", "0", POSITIVE),
        ("attack --method bim", "--limit", "1e3", POSITIVE),
        ("attack --method bim", "--threads", "0", POSITIVE),
        ("attack --method bim", "--threads", "-2", POSITIVE),
        ("attack --method bim", "--batch-size", "0", POSITIVE),
        ("attack --method bim", "--steps", "0", POSITIVE),
        ("attack --method bim", "--steps", "-inf", POSITIVE),
        ("attack --method bim", "--steps", "2.5", POSITIVE),
        ("attack --method bim", "--steps", "99999999999999999999", "at most 18446744073709551615"),
        ("attack --method pgd", "--restarts", "-.5", POSITIVE),
        ("attack --method cw", "--searches", "x", POSITIVE),
        ("attack --method square", "--queries", "0x10", POSITIVE),
        ("attack --method spsa", "--samples", "٣", POSITIVE),
        ("attack --method bim", "--epsilon", "-1", NUMBER),
        ("attack --method bim", "--epsilon", "-8/255", NUMBER),
        ("attack --method bim", "--epsilon", "nan", NUMBER),
        ("attack --method bim", "--epsilon", "-nan", NUMBER),
        ("attack --method bim", "--epsilon", "inf", NUMBER),
        ("attack --method bim", "--epsilon", "-Inf", NUMBER),
        ("attack --method bim", "--epsilon", "1e400", NUMBER),
        ("attack --method bim", "--epsilon", "1e300", NUMBER),
        ("attack --method bim", "--epsilon", "0x1", NUMBER),
        ("attack --method bim", "--epsilon", "0.3.4", NUMBER),
        ("attack --method bim", "--epsilon", "76.5/0", NUMBER),
        ("attack --method bim", "--epsilon", "0/0", NUMBER),
        ("attack --method bim", "--epsilon", "٣", NUMBER),
        ("attack --method bim", "--epsilon", "''", NUMBER),
        ("attack --method bim", "--step-size", "-0.1", NUMBER),
        ("attack --method bim", "--step-size", "0,01", "did you mean 0.01?"),
        ("attack --method mi-fgsm", "--decay", "-1", NUMBER),
        ("attack --method cw", "--learning-rate", "-1e-3", NUMBER),
        ("attack --method cw", "--confidence", "-1", NUMBER),
        ("attack --method blur", "--severity", "-1", NUMBER),
        ("attack --method r-pgd", "--lambda", "-1", NUMBER),
        ("detect", "--fpr", "0", "expected a rate between 0 and 1"),
        ("detect", "--fpr", "1", "expected a rate between 0 and 1"),
        ("detect", "--fpr", "-0.05", "expected a rate between 0 and 1"),
        ("detect", "--fpr", "5", "did you mean 0.05?"),
        ("detect", "--fpr", "5%", "did you mean 0.05?"),
        ("detect", "--fpr", "0,05", "did you mean 0.05?"),
        ("detect", "--threshold", "nan", "expected a score, such as 1.5"),
        ("detect", "--threshold", "-NaN", "expected a score, such as 1.5"),
        ("detect", "--threshold", "-1,5", "did you mean -1.5?"),
        ("explore", "--port", "-1", WHOLE),
        ("explore", "--port", "65536", "at most 65535"),
        ("train", "--epochs", "-1", POSITIVE),
        ("train", "--batch-size", "-1", POSITIVE),
        ("train", "--sigma", "-0.1", "a number from 0 to 10"),
        ("train", "--sigma", "0.3..0.1", "0..0.3"),
        ("train", "--sigma", "-1..2", "0..0.3"),
        ("train", "--swap", "-1", NUMBER),
        ("train", "--alpha", "-1", NUMBER),
        ("train", "--augment", "inf", NUMBER),
        ("train", "--one-hot", "1.5", "expected a share from 0 to 1"),
        ("train", "--one-hot", "50", "did you mean 0.5?"),
        ("figures", "--query", "-1", WHOLE),
        ("figures", "--pair", "-1:2", "two whole numbers of at least 0, such as 3:18"),
        ("figures", "--pair", "3", "two whole numbers of at least 0, such as 3:18"),
    ] {
        let found = format!("invalid value '{}' for '{flag}", value.trim_matches('\''));
        refuse(folder.path(), &format!("{command} {flag} {value}"), 2, &[&found, expected]);
    }
    refuse(folder.path(), "attack --method bim --epsilon -0.1,0.2", 2, &["'-0.1' for '--epsilon"]);
    refuse(folder.path(), "attack --method bim --epsilon 0.3,", 2, &["'' for '--epsilon", "a comma too many?"]);
    refuse(folder.path(), "attack --method bim --quiet -1", 2, &["'-1' for '--quiet'"]);
    refuse(folder.path(), "attack -1", 2, &["'-1'"]);
}

#[test]
fn a_name_that_is_none_is_answered_with_the_nearest_or_with_all() {
    let folder = folder();
    for (code, arguments, parts) in [
        (2, "atack --method bim", &["atack", "did you mean attack?"][..]),
        (2, "help atack", &["atack", "did you mean attack?"]),
        (2, "attack --methd bim", &["--methd", "did you mean --method?"]),
        (2, "attack --method bim --epslion 0.3", &["--epslion", "did you mean --epsilon?"]),
        (2, "list --jsn", &["--jsn", "did you mean --json?"]),
        (2, "list bmi", &["'bmi'", "`robust list`", "did you mean bim?"]),
        (2, "attack --method bmi", &["'bmi' for '--method", "did you mean bim?"]),
        (2, "attack --method bim,pdg-l2", &["'pdg-l2' for '--method", "did you mean pgd-l2?"]),
        (2, "attack --method deepfol", &["did you mean deepfool?"]),
        (2, "attack --method xyz", &["'xyz' for '--method", "`robust list`"]),
        (2, "attack --method ''", &["'' for '--method", "`robust list`"]),
        (2, "attack --method bim,,pgd", &["'' for '--method", "a comma too many?"]),
        (2, "attack --method bim --norm l3", &["'l3' for '--norm", "linf, l2, l1, l0"]),
        (2, "attack --method bim --norm linff", &["did you mean linf?"]),
        (2, "attack --method bim --target ranodm", &["'ranodm' for '--target", "did you mean random?"]),
        (2, "attack --method bim --target -1", &["'-1' for '--target", "0-based"]),
        (2, "attack --method bim --split training", &["'training' for '--split", "did you mean train?"]),
        (2, "attack --method bim --device abacus", &["'abacus' for '--device", "cpu"]),
        (2, "attack --method bim --device cuda:x", &["'cuda:x' for '--device", "cuda:0"]),
        (2, "attack --method r-pgd --against mps", &["'mps' for '--against", "msp"]),
        (2, "detect --detector oracle", &["'oracle' for '--detector", "combined, wrong, tampered, reconstruction"]),
        (2, "detect --detector conbined", &["did you mean combined?"]),
        (2, "evaluate --detectors msp,oracle", &["'oracle' for '--detectors", "alternative", "all"]),
        (2, "explore --detectors sqeeze", &["did you mean squeeze?"]),
        (2, "figures --figure pth", &["'pth' for '--figure", "did you mean path?"]),
        (2, "figures --figure 12", &["'12' for '--figure", "3 to 11"]),
        (2, "train --preset best", &["'best' for '--preset", "default, paper"]),
        (2, "train --preset papr", &["did you mean paper?"]),
        (2, "attack --method bim --dataset ''", &["'' for '--dataset", "a name or a path"]),
        (2, "attack --method bim --model ''", &["'' for '--model", "a name or a path"]),
        (2, "attack --method bim --out ''", &["--out"]),
        (1, "attack --method bim --dataset mnits", &["mnits", "did you mean mnist?"]),
        (1, "train --dataset fashon-mnist", &["fashon-mnist", "did you mean fashion-mnist?"]),
        (1, "attack --method bim --model mnits", &["--model mnits", "did you mean mnist?"]),
        (1, "attack --method bim --transfer-to emnist", &["--transfer-to emnist", "emnist-letters"]),
    ] {
        refuse(folder.path(), arguments, code, parts);
    }
}

#[test]
fn names_are_known_in_any_case_with_spaces_around_them() {
    let folder = folder();
    let common = "--limit 3 --quiet --dataset MNIST --model ' Mnist' --split Test --device CPU";
    succeed(
        folder.path(),
        &format!("attack --method 'BIM, Fgsm-L2' --norm L2 --epsilon ' +1, 1/2' --target ' Random' {common}"),
    );
    for set in ["bim-l2@0.5", "bim-l2@1", "fgsm-l2@0.5", "fgsm-l2@1"] {
        assert!(folder.path().join("reports").join(set).join("attack.csv").exists(), "{set}");
    }

    succeed(
        folder.path(),
        &format!("detect --method FGSM --detector Msp --detectors 'Entropy , MSP' --out seen {common}"),
    );
    let row = &csv(folder.path().join("seen/detect.csv"))[0];
    let scores: Vec<_> = row.keys().filter(|name| name.starts_with("score_")).collect();
    assert_eq!(scores, ["score_entropy", "score_msp"]);

    let drawn = succeed(folder.path(), "figures --figure 'Reconstructions, 3,4' --limit 20 --quiet --out drawn").stdout;
    let once = succeed(folder.path(), "figures --figure 3 --limit 20 --quiet --out drawn").stdout;
    assert_eq!(drawn, once, "a figure that is asked for twice is drawn once");

    // A folder goes by the name that it has.
    fs::create_dir(folder.path().join("MNIST")).unwrap();
    refuse(folder.path(), "detect --dataset MNIST --limit 3", 1, &["MNIST holds no dataset"]);
}

#[test]
fn a_zero_beside_other_numbers_is_asked_about_once() {
    let folder = folder();
    let note = |flags: &str| {
        let stderr = succeed(folder.path(), &format!("attack --limit 3 {flags}")).stderr;
        stderr.lines().filter(|line| line.contains("decimal comma")).map(str::to_owned).collect::<Vec<_>>()
    };
    let remarks = note("--method bim,fgsm --norm l2 --steps 2 --epsilon 0,3");
    assert!(
        matches!(&remarks[..], [one] if one.starts_with("note: --epsilon 0,3 ") && one.contains("0.3")),
        "{remarks:?}"
    );
    assert_eq!(note("--method r-fgsm --against msp --lambda 0,1").len(), 1);
    for silent in [
        "--method fgsm --epsilon 0",
        "--method fgsm --epsilon 0,0.1 --quiet",
        "--method cw --steps 2 --searches 1 --confidence 0,1",
    ] {
        assert_eq!(note(silent), [""; 0], "{silent}");
    }
}

#[test]
fn help_is_a_command_too() {
    let folder = folder();
    for (asked, same) in [("help", "--help"), ("help attack", "attack --help"), ("help detect", "detect --help")] {
        let (help, expected) = (succeed(folder.path(), asked), succeed(folder.path(), same));
        assert_eq!((&help.stdout, &*help.stderr), (&expected.stdout, ""), "{asked}");
        assert!(help.stdout.contains("Usage: robust"), "{asked}");
    }
    assert!(succeed(folder.path(), "attack -h").stdout.contains("--epsilon"));
    let version = format!("robust {}\n", env!("CARGO_PKG_VERSION"));
    for asked in ["-V", "--version"] {
        assert_eq!(succeed(folder.path(), asked).stdout, version);
    }
    assert_eq!(robust(folder.path(), "").code, 2, "no command at all");
}
