//! The page in headless Chromium, used as a person uses it.
//!
//! Skipped, with a word, where no chromium is installed. With `AXE_CORE` naming the file `axe.min.js` of the npm package
//! axe-core, accessibility is checked too.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::command::{folder, succeed};
use crate::report_command::{between, make_reports};

const WRAPPER: &str = include_str!("browser/wrapper.html");
const ERRORS: &str = include_str!("browser/errors.js");
const DRIVER: &str = include_str!("browser/driver.js");

/// The first Chromium that answers.
fn chromium() -> Option<&'static str> {
    let found = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()));
    if found.is_none() {
        eprintln!("skipped: no chromium on the path, so the report's page was not opened");
    }
    found
}

/// What the driver found on `page` at a width of so many pixels.
fn drive(browser: &str, folder: &Path, page: &str, width: usize) -> Value {
    let axe = std::env::var("AXE_CORE").map(|path| fs::read_to_string(path).unwrap()).unwrap_or_default();
    let driven = page.replacen("<head>", &format!("<head><script>{ERRORS}</script>"), 1);
    let driven = driven.replacen("</body>", &format!("<script>{axe}</script><script>{DRIVER}</script></body>"), 1);
    let embedded = json!(driven).to_string().replace('<', "\\u003c");
    let wrapper = folder.join("wrapper.html");
    fs::write(&wrapper, WRAPPER.replace("WIDTH", &width.to_string()).replace("PAGE", &embedded)).unwrap();
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=1600,1000",
            "--virtual-time-budget=60000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(wrapper)
        .output()
        .unwrap();
    let dom = String::from_utf8(output.stdout).unwrap();
    let findings = between(&dom, r#"<pre id="findings">"#, "</pre>");
    let findings = findings.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&findings).unwrap_or_else(|_| panic!("the driver found nothing: {dom}"))
}

#[test]
fn the_threshold_moves_the_table_and_the_gallery_filters_at_every_width() {
    let Some(browser) = chromium() else { return };
    let folder = folder();
    make_reports(folder.path());
    succeed(folder.path(), "report both");
    let page = fs::read_to_string(folder.path().join("both/report.html")).unwrap();
    for width in [320, 1440] {
        let found = drive(browser, folder.path(), &page, width);
        assert_eq!(found["errors"], json!([]), "{width}");
        assert_eq!(found["requests"], json!([]));
        assert_eq!(found["width"], width);
        assert!(found["overflow"].as_i64().unwrap() <= 0, "the page is wider than its window: {found}");
        let detectors = page.matches(r#""id":""#).count();
        assert_eq!(found["paths"], detectors, "a curve per detector");

        // Rows: clean right, clean wrong, successful, failed; columns: accepted, flagged.
        let cell = |when: &str, row: usize, column: usize| found[when][row][column].as_u64().unwrap();
        for row in 0..4 {
            let all = cell("start", row, 0) + cell("start", row, 1);
            for when in ["high", "low"] {
                assert_eq!(cell(when, row, 0) + cell(when, row, 1), all, "{found}");
            }
            assert!(cell("high", row, 1) <= cell("start", row, 1) && cell("start", row, 1) <= cell("low", row, 1));
        }
        assert!(cell("high", 0, 1) < cell("low", 0, 1), "{found}");
        assert_eq!(found["start"], found["back"]);

        let only = |status: &str, outcome: &str| {
            let shown = found[status].as_array().unwrap();
            shown.iter().all(|verdict| verdict == outcome)
        };
        assert!(only("fooled", "fooled") && only("failed", "not fooled"), "{found}");
        assert!(!found["fooled"].as_array().unwrap().is_empty() && !only("all", "fooled"), "{found}");
        let scores: Vec<f64> =
            found["scores"].as_array().unwrap().iter().map(|score| score.as_f64().unwrap()).collect();
        assert!(scores.len() == 24 && scores.is_sorted(), "{scores:?}");
        assert_eq!((&found["hiddenNumbers"], &found["numbers"]), (&json!("none"), &json!("block")));
        assert_eq!(found["security"], 2, "a curve each of fgsm and bim");
        match found.get("violations") {
            Some(violations) => assert_eq!(violations, &json!([]), "{width}"),
            None => eprintln!("skipped: AXE_CORE names no axe.min.js, so accessibility was not checked"),
        }
    }
}
