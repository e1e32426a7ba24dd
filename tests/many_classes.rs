//! More classes than a byte can tell apart.

use std::fs;

use crate::command::{folder, succeed};
use crate::report_command::{data, decoded};

const HEADER: &str = "set,index,label,prediction,confidence,score,flagged,error_predicted,error_alternative,alternative_label,status,corrected_label,score_a";
const SUMMARY: &str = r#"{"detector":"a","thresholds":{"a":0.5},"sets":[{"set":"x@1"}]}"#;

#[test]
fn a_report_tells_classes_beyond_a_byte_apart() {
    let folder = folder();
    let row = |set: &str, index: u32, [label, prediction]: [u32; 2], status: &str| {
        format!("{set},{index},{label},{prediction},0.9,0.7,true,1,2,3,{status},1,0.7\n")
    };
    // In a byte, 299 and 43 would be one class, and 1000 would be 232.
    let clean = row("clean", 0, [299, 299], "") + &row("clean", 1, [43, 299], "");
    let attacked = row("x@1", 0, [299, 43], "succeeded") + &row("x@1", 1, [43, 1000], "skipped");
    fs::create_dir(folder.path().join("made")).unwrap();
    fs::write(folder.path().join("made/detect.csv"), format!("{HEADER}\n{clean}{attacked}")).unwrap();
    fs::write(folder.path().join("made/detect.json"), SUMMARY).unwrap();
    succeed(folder.path(), "report made");

    let page = fs::read_to_string(folder.path().join("made/report.html")).unwrap();
    let data = data(&page);
    let run = &data["runs"][0];
    assert_eq!(run["classes"].as_array().unwrap().len(), 1001);
    let column = |object: &serde_json::Value, name: &str| -> Vec<u32> {
        let bytes = decoded(object[name].as_str().unwrap());
        bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)).collect()
    };
    assert_eq!(column(&run["detection"], "label"), [299, 43]);
    assert_eq!(column(&run["detection"], "prediction"), [299, 299]);
    let set = run["sets"].as_array().unwrap().iter().find(|set| set["name"] == "x@1").unwrap();
    assert_eq!(column(set, "label"), [299, 43]);
    assert_eq!(column(set, "clean_prediction"), [299, 299]);
    assert_eq!(column(set, "prediction"), [43, 1000]);
}
