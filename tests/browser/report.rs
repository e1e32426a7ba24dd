//! The page of `robust report`.

use std::fs;

use serde_json::{Value, json};

use super::Browser;
use crate::command::{csv, folder, succeed};
use crate::report_command::{has_errors, make_evaluation, make_reports};
use crate::report_screened::screen;

const DRIVER: &str = include_str!("report.js");

#[test]
fn the_threshold_moves_the_table_and_the_gallery_filters_at_every_width() {
    let Some(browser) = Browser::start("the report") else { return };
    let folder = folder();
    make_reports(folder.path());
    succeed(folder.path(), "report both");
    let path = folder.path().join("both/report.html");
    let detectors = fs::read_to_string(&path).unwrap().matches(r#""id":""#).count();
    for width in [320, 1440] {
        browser.set_width(width);
        browser.open(&format!("file://{}", path.display()));
        let found = browser.run(DRIVER);
        assert_eq!(found["error"], Value::Null);
        assert_eq!(found["width"], width);
        assert!(found["overflow"].as_i64().unwrap() <= 0, "the page is wider than its window: {found}");
        assert_eq!(found["paths"], detectors, "a curve per detector");
        let shown: f32 = found["threshold"].as_str().unwrap().parse().unwrap();
        let rows = csv(folder.path().join("both/metrics.csv"));
        let row = rows.iter().find(|row| row["detector"] == "combined").unwrap();
        assert_eq!(shown, row["threshold"].parse::<f32>().unwrap(), "all digits, as --threshold takes them");

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
        assert!(found["flags"].as_u64().unwrap() > 0 && found["reasons"] == found["flags"], "{found}");
        assert_eq!(found["othersReasons"], 0, "{found}");
        let scores: Vec<f64> =
            found["scores"].as_array().unwrap().iter().map(|score| score.as_f64().unwrap()).collect();
        assert!(scores.len() == 24 && scores.is_sorted(), "{scores:?}");
        assert_eq!((&found["hiddenNumbers"], &found["numbers"]), (&json!("none"), &json!("block")));
        assert_eq!(found["security"], 2, "a curve each of fgsm and bim");
        assert_eq!(browser.violations(), Vec::<String>::new(), "{width}");
        let (console, requests) = browser.console_and_requests();
        assert_eq!(console, Vec::<String>::new());
        assert!(requests.iter().all(|address| address.starts_with("file://")), "{requests:?}");
    }
}

#[test]
fn the_worst_case_is_a_curve_and_sets_that_nobody_attacked_can_be_chosen() {
    let Some(browser) = Browser::start("the report of an evaluation") else { return };
    let folder = folder();
    make_evaluation(folder.path());
    succeed(folder.path(), "report evaluated --quiet");
    for width in [320, 1440] {
        browser.set_width(width);
        browser.open(&format!("file://{}/evaluated/report.html", folder.path().display()));
        browser.wait("document.documentElement.dataset.ready");
        assert!(
            browser.wait("[document.documentElement.scrollWidth - innerWidth]")[0].as_i64().unwrap() <= 0,
            "{width}"
        );
        // The last point of the curve, as a share of the chart's height, is the last row of security.csv.
        let rows = csv(folder.path().join("evaluated/security.csv"));
        let row = rows.iter().rfind(|row| row["attack"] == "worst" && row["detector"] == "combined").unwrap();
        let last = browser.wait(
            "(() => { const path = document.querySelector('#security .undetected path.worst').getAttribute('d'); \
             return [(320 - 42 - Number(path.split(' ').pop())) / (320 - 42 - 12)]; })()",
        );
        let expected: f64 = row["undetected_rate"].parse().unwrap();
        assert!((last[0].as_f64().unwrap() - expected).abs() < 1e-3, "{last}, {expected}");
        let errors = has_errors(&csv(folder.path().join("evaluated/detect.csv"))).then_some(("misclassified", 2));
        for (set, rows) in errors.into_iter().chain([("ambiguous", 3)]) {
            let choose = format!(
                "const done = arguments[0], select = document.getElementById('set'); \
                 select.value = [...select.options].findIndex(({{ text }}) => text === '{set}'); \
                 select.dispatchEvent(new Event('change')); requestAnimationFrame(() => done(\
                 document.querySelectorAll('#confusion tbody tr').length));"
            );
            assert_eq!(browser.run(&choose), rows, "{set}");
            browser.wait("document.querySelectorAll('#roc path.line').length > 1");
        }
        assert_eq!(browser.violations(), Vec::<String>::new(), "{width}");
        assert_eq!(browser.console_and_requests().0, Vec::<String>::new());
    }
}

#[test]
fn the_verdicts_follow_the_threshold_and_every_image_is_painted() {
    let Some(browser) = Browser::start("the verdicts") else { return };
    let folder = folder();
    screen(folder.path());
    succeed(folder.path(), "report screened --quiet");
    let rows = csv(folder.path().join("screened/detect.csv"));
    for width in [320, 1440] {
        browser.set_width(width);
        browser.open(&format!("file://{}/screened/report.html", folder.path().display()));
        browser.wait("document.documentElement.dataset.ready");
        let overflow = browser.wait("[document.documentElement.scrollWidth - innerWidth]");
        assert!(overflow[0].as_i64().unwrap() <= 0, "{width}: {overflow}");
        let flagged = |slider: &str| {
            let count = "[[...document.querySelectorAll('.verdict')].filter(({ textContent }) => textContent.startsWith('flagged')).length, \
                          parseInt(document.querySelector('.screened [role=status]').textContent)]";
            browser.wait(&format!(
                "(() => {{ const slider = document.querySelector('.screened input'); {slider}; return {count}; }})()"
            ))
        };
        let asked = rows.iter().filter(|row| row["flagged"] == "true").count();
        let set = |value: &str| format!("slider.value = {value}; slider.dispatchEvent(new Event('input'))");
        let reset = "document.querySelector('.screened form button').click()";
        for (what, expected) in [("", asked), (&*set("1000"), 0), (&*set("0"), rows.len() - 1), (reset, asked)] {
            assert_eq!(flagged(what), json!([expected, expected]), "{what}");
        }
        // Those that the run flagged say why; of others that a lower threshold flags nobody knows it.
        let told = |slider: &str| {
            browser.wait(&format!(
                "(() => {{ const slider = document.querySelector('.screened input'); {slider}; \
                 return [[...document.querySelectorAll('.verdict')].filter(({{ textContent }}) => textContent.startsWith('flagged: ')).length]; }})()"
            ))
        };
        assert_eq!([told(""), told(&set("0")), told(reset)], [json!([asked]), json!([asked]), json!([asked])]);
        let painted = "[[...document.querySelectorAll('.screened canvas')].filter((canvas) => canvas.width === 88 && \
                        canvas.getContext('2d').getImageData(0, 0, 28, 28).data.some((level, i) => i % 4 < 3 && level > 0)).length]";
        assert_eq!(browser.wait(painted), json!([rows.len()]));
        assert_eq!(browser.violations(), Vec::<String>::new(), "{width}");
        let (console, requests) = browser.console_and_requests();
        assert_eq!(console, Vec::<String>::new());
        assert!(requests.iter().all(|address| address.starts_with("file://")), "{requests:?}");
    }
}
