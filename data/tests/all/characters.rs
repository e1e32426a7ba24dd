//! Which characters were written, where a label stands for two of them.

use std::fs;

use robust_data::{Dataset, SplitName};

use crate::files::write_pair;

#[test]
fn written_characters_come_from_a_table_beside_the_images() {
    let dir = tempfile::tempdir().unwrap();
    let labels = |count: usize| (0..count).map(|row| (row % 26 + 1) as u8).collect::<Vec<_>>();
    write_pair(dir.path(), "emnist-letters-train", &labels(520), true);
    write_pair(dir.path(), "emnist-letters-test", &labels(4), false);
    let letters = Dataset::open("emnist-letters", Some(dir.path())).unwrap();
    assert_eq!(letters.characters(SplitName::Test).unwrap(), None, "without a table");
    assert_eq!(Dataset::open("mnist", None).unwrap().characters(SplitName::Test).unwrap(), None);

    // Capital letters at even positions of the training file, nothing known at the others.
    let written = |row: usize| {
        if row.is_multiple_of(2) { String::from((b'A' + (row % 26) as u8) as char) } else { String::new() }
    };
    let train: String = (0..520).map(|row| format!("train,{row},x,{}\n", written(row))).collect();
    let table = format!("split,position,label,char\n{train}test,0,1,a\ntest,1,2,\ntest,2,3,C\ntest,3,4,\n");
    let path = dir.path().join("emnist-letters-provenance.csv");
    fs::write(&path, &table).unwrap();
    assert_eq!(letters.characters(SplitName::Test).unwrap(), Some(vec![Some('a'), None, Some('C'), None]));
    for split in [SplitName::Train, SplitName::Validation] {
        let characters = letters.characters(split).unwrap().unwrap();
        let labels = letters.split(split).unwrap().labels().to_vec();
        assert_eq!(characters.len(), labels.len());
        // 26 is even, so that a letter is at even positions always or never.
        for (character, label) in characters.iter().zip(labels) {
            assert_eq!(*character, label.is_multiple_of(2).then_some((b'A' + label as u8) as char), "{split}");
        }
    }
    for (broken, found) in [
        (table.replace("char", "letter"), "line 1: found the columns split,position,label,letter"),
        (table.replace("test,2,", "test,3,"), "found position \"3\" after 2 images"),
        (table.replace("test,3,4,\n", ""), "found 3 images of test where there are 4"),
        (table.replace(",C\n", ",Cc\n"), "found the character \"Cc\""),
        (table.replace("test,2,3,C", "test,2"), "found 2 fields"),
    ] {
        fs::write(&path, broken).unwrap();
        let error = letters.characters(SplitName::Test).unwrap_err().to_string();
        assert!(error.contains(found) && error.contains("expected columns"), "{error}");
    }
}
