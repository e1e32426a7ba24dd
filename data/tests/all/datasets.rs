//! Datasets: the embedded MNIST as it should be, and folders in every state.

use std::{collections::HashSet, fs, path::Path};

use robust_data::{Dataset, Error, PIXELS, SplitName, datasets};

use crate::files::{gzip, idx, images, labels, write_pair};

fn per_class(labels: &[u32], classes: usize) -> Vec<usize> {
    (0..classes).map(|class| labels.iter().filter(|&&label| label as usize == class).count()).collect()
}

/// The SHA-256 of the files, from the table of checksums in data/mnist/README.md; the numbers from the raw files:
///
/// ```python
/// import gzip, numpy as np
/// raw = lambda name, start: np.frombuffer(gzip.open(f"data/mnist/{name}-ubyte.gz").read(), np.uint8)[start:]
/// x, y = raw("train-images-idx3", 16).reshape(-1, 784), raw("train-labels-idx1", 8)
/// tx, ty = raw("t10k-images-idx3", 16).reshape(-1, 784), raw("t10k-labels-idx1", 8)
/// for x, y in [(x[:55000], y[:55000]), (x[55000:], y[55000:]), (tx, ty)]:
///     print(x.sum(), y[:5].tolist(), np.bincount(y).tolist())
/// ```
#[test]
fn the_embedded_mnist_is_the_official_one_in_three_splits() {
    let mnist = Dataset::open("mnist", None).unwrap();
    assert_eq!(mnist.name(), "mnist");
    assert_eq!(mnist.class_names(), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    for (name, sum, first, classes) in [
        (SplitName::Test, 264_923_200, [7, 2, 1, 0, 4], [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]),
        (
            SplitName::Train,
            1_437_309_103,
            [5, 0, 4, 1, 9],
            [5434, 6212, 5465, 5622, 5343, 4963, 5436, 5702, 5357, 5466],
        ),
        (SplitName::Validation, 129_989_442, [1, 2, 8, 7, 4], [489, 530, 493, 509, 499, 458, 482, 563, 494, 483]),
    ] {
        let split = mnist.split(name).unwrap();
        assert_eq!(split.name(), name);
        assert_eq!(split.pixels().iter().map(|&pixel| u64::from(pixel)).sum::<u64>(), sum, "{name}");
        assert_eq!(split.labels()[..5], first, "{name}");
        assert_eq!(per_class(split.labels(), 10), classes, "{name}");
        assert_eq!(split.indices(), (0..split.len() as u64).collect::<Vec<_>>(), "{name}");
        if name == SplitName::Test {
            let read: Vec<String> = mnist.hashes().into_keys().collect();
            assert_eq!(read, ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"], "train files stay packed");
        }
    }
    let readme = include_str!("../../mnist/README.md");
    let hashes = mnist.hashes();
    assert_eq!(hashes.len(), 4);
    for (file, hash) in hashes {
        assert!(readme.lines().any(|line| line.contains(&file) && line.contains(&hash)), "{file} {hash}");
    }
}

#[test]
fn named_datasets_come_from_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    let numbered: Vec<u8> = (0..40).map(|row| row % 10).collect();
    write_pair(path, "train", &numbered, true);
    write_pair(path, "t10k", &[9, 8, 7], false);
    let expected: Vec<u32> = (0..40).map(|row| row % 10).collect();
    for id in ["mnist", "fashion-mnist"] {
        let dataset = Dataset::open(id, Some(path)).unwrap();
        assert_eq!((dataset.name(), dataset.class_names().len()), (id, 10));
        let [train, validation, test] =
            [SplitName::Train, SplitName::Validation, SplitName::Test].map(|name| dataset.split(name).unwrap());
        assert_eq!((train.labels(), validation.labels()), (&expected[..36], &expected[36..]));
        assert_eq!(train.pixels(), &images(40)[16..16 + 36 * PIXELS]);
        assert_eq!(validation.pixels(), &images(40)[16 + 36 * PIXELS..]);
        assert_eq!((test.labels(), test.pixels()), (&[9, 8, 7][..], &images(3)[16..]));
    }
}

#[test]
fn emnist_letters_are_turned_upright_and_counted_from_0() {
    let dir = tempfile::tempdir().unwrap();
    let all: Vec<u8> = (0..520).map(|row| (row % 26 + 1) as u8).collect();
    write_pair(dir.path(), "emnist-letters-train", &all, true);
    write_pair(dir.path(), "emnist-letters-test", &[1, 26], true);
    let letters = Dataset::open("emnist-letters", Some(dir.path())).unwrap();
    assert_eq!(letters.class_names().concat(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    let test = letters.split(SplitName::Test).unwrap();
    assert_eq!(test.labels(), [0, 25]);
    let stored = &images(2)[16..];
    for (at, &pixel) in test.pixels().iter().enumerate() {
        let (image, row, column) = (at / PIXELS, at % PIXELS / 28, at % 28);
        assert_eq!(pixel, stored[image * PIXELS + column * 28 + row]);
    }

    let (train, validation) = (letters.split(SplitName::Train).unwrap(), letters.split(SplitName::Validation).unwrap());
    assert_eq!(per_class(validation.labels(), 26), [2; 26]);
    assert_eq!(per_class(train.labels(), 26), [18; 26]);
    // Image n starts with the byte n % 256 and its label is n % 26: together they tell all 520 images apart.
    let keys = |split: &robust_data::Split| -> Vec<(u32, u8)> {
        split.labels().iter().zip(split.pixels().chunks(PIXELS)).map(|(&label, image)| (label, image[0])).collect()
    };
    let (mut together, held_out) = (keys(&train), keys(&validation));
    assert_eq!(held_out, keys(&letters.split(SplitName::Validation).unwrap()), "the draw is fixed");
    together.extend(held_out);
    assert_eq!(together.into_iter().collect::<HashSet<_>>().len(), 520);
}

/// Some copies on the net are called `t10k-images.idx3-ubyte`.
#[test]
fn a_dot_in_a_files_name_is_as_good_as_a_dash() {
    for packed in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        write_pair(dir.path(), "t10k", &[0, 1, 2], packed);
        write_pair(dir.path(), "train", &(0..20).map(|i| i % 3).collect::<Vec<_>>(), packed);
        for entry in fs::read_dir(dir.path()).unwrap() {
            let path = entry.unwrap().path();
            fs::rename(&path, path.to_str().unwrap().replace("-idx", ".idx")).unwrap();
        }
        for dataset in [Dataset::open("mnist", Some(dir.path())), Dataset::open(dir.path().to_str().unwrap(), None)] {
            let dataset = dataset.unwrap();
            assert_eq!(dataset.split(SplitName::Test).unwrap().labels(), [0, 1, 2], "{packed}");
            let hashes = dataset.hashes();
            assert!(hashes.keys().all(|name| name.contains(".idx")) && hashes.len() == 2, "{hashes:?}");
            dataset.split(SplitName::Train).unwrap();
        }
    }
}

#[test]
fn any_folder_in_mnists_names_is_a_dataset() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("runes");
    fs::create_dir(&path).unwrap();
    let open = || Dataset::open(path.to_str().unwrap(), None);
    write_pair(&path, "t10k", &[0, 2, 4], false);
    let runes = open().unwrap();
    assert_eq!((runes.name(), runes.class_names().join(" ")), ("runes", "0 1 2 3 4".to_owned()));
    assert!(runes.classes_from_labels() && !Dataset::open("mnist", Some(&path)).unwrap().classes_from_labels());
    assert_eq!(runes.split(SplitName::Test).unwrap().labels(), [0, 2, 4]);
    let message = runes.split(SplitName::Train).unwrap_err().to_string();
    assert!(message.contains("holds no train-images-idx3-ubyte.gz (nor train-images-idx3-ubyte), which split train"));

    write_pair(&path, "train", &[[3, 3, 5, 5, 5].as_slice(); 8].concat(), true);
    let runes = open().unwrap();
    assert_eq!(runes.class_names().len(), 6);
    assert_eq!(per_class(runes.split(SplitName::Validation).unwrap().labels(), 6), [0, 0, 0, 2, 0, 2]);
    assert_eq!(per_class(runes.split(SplitName::Train).unwrap().labels(), 6), [0, 0, 0, 14, 0, 22]);

    write_pair(&path, "t10k", &[0, 0], false);
    fs::remove_file(path.join("train-labels-idx1-ubyte.gz")).unwrap();
    assert_eq!(open().unwrap().class_names(), ["0"], "a network may know more");

    write_pair(&path, "train", &[0, 1], true);
    let message = open().unwrap().split(SplitName::Validation).unwrap_err().to_string();
    assert!(message.contains("split validation of runes is empty"), "{message}");
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    let split = |id: &str, path: &Path| Dataset::open(id, Some(path)).and_then(|set| set.split(SplitName::Test));
    let write = |name: &str, bytes: &[u8]| fs::write(path.join(name), bytes).unwrap();

    write_pair(path, "t10k", &[9, 10], true);
    let message = split("mnist", path).unwrap_err().to_string();
    assert!(message.contains("t10k-labels-idx1-ubyte.gz: label 10 at position 1, expected 0..=9"), "{message}");

    write("t10k-labels-idx1-ubyte.gz", &gzip(&labels(&[1, 2, 3])));
    let message = split("mnist", path).unwrap_err().to_string();
    assert!(message.contains("t10k-images-idx3-ubyte.gz holds 2 images but"), "{message}");
    assert!(message.contains("t10k-labels-idx1-ubyte.gz 3 labels"), "{message}");

    for (labels, expected) in [([0, 1], "label 0 at position 0"), ([26, 27], "label 27 at position 1")] {
        write_pair(path, "emnist-letters-test", &labels, true);
        let message = split("emnist-letters", path).unwrap_err().to_string();
        assert!(message.contains(expected) && message.contains("expected 1..=26"), "{message}");
    }

    let own = tempfile::tempdir().unwrap();
    let open = || Dataset::open(own.path().to_str().unwrap(), None).unwrap_err();
    assert!(open().to_string().contains("holds no dataset: expected folders of classes"));
    fs::write(own.path().join("t10k-labels-idx1-ubyte"), idx(&[9], &[0, 1])).unwrap();
    assert!(matches!(open(), Error::Truncated { .. }));
}

#[test]
fn names_and_folders_that_do_not_exist_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing");
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    for (name, data_dir, expected) in [
        (
            "minst",
            None,
            "no dataset \"minst\": expected one of mnist, emnist-letters, fashion-mnist, cifar-10, or a folder",
        ),
        ("hub:minst", None, "no dataset \"hub:minst\""),
        ("", None, "no dataset \"\""),
        ("mnist", Some(missing.as_path()), "cannot read"),
        ("mnist", Some(file.as_path()), "cannot read"),
        (file.to_str().unwrap(), None, "is empty, expected an npz archive"),
        (dir.path().to_str().unwrap(), Some(dir.path()), "is a folder itself"),
    ] {
        let message = Dataset::open(name, data_dir).unwrap_err().to_string();
        assert!(message.contains(expected), "{name} {data_dir:?}: {message}");
    }
}

#[cfg(not(feature = "hub"))]
#[test]
fn without_the_hub_the_error_names_the_flag_and_the_feature() {
    for name in ["emnist-letters", "hub:fashion-mnist", "cifar-10", "hub:mnist"] {
        let message = Dataset::open(name, None).unwrap_err().to_string();
        assert!(message.contains("--data-dir") && message.contains("--features hub"), "{message}");
        let package = "the package dataset-fashion-mnist of Debian or Ubuntu (it was looked for in /usr/share/datasets/fashion-mnist)";
        assert_eq!(message.contains(package), name == "hub:fashion-mnist", "{message}");
    }
    // Where that package is installed, the name alone is enough.
    let installed = Path::new("/usr/share/datasets/fashion-mnist").is_dir();
    assert_eq!(Dataset::open("fashion-mnist", None).is_ok(), installed);
}

#[test]
fn the_list_of_datasets_is_what_can_be_opened() {
    let ids: Vec<_> = datasets().iter().map(|info| (info.id, info.class_names().len() == info.classes)).collect();
    assert_eq!(ids, [("mnist", true), ("emnist-letters", true), ("fashion-mnist", true), ("cifar-10", true)]);
    let fashion = datasets().iter().find(|info| info.id == "fashion-mnist").unwrap().class_names();
    assert_eq!((fashion[0].as_str(), fashion[9].as_str()), ("T-shirt/top", "Ankle boot"));
}
