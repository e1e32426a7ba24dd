//! The pages have room for what they show: nothing is cut off, sticks out or lies on top of something else, whatever the window.

use std::fs;

use serde_json::{Value, json};

use super::Browser;
use crate::command::{folder, succeed};
use crate::explore_command::Explore;
use crate::missing_classes::write_named;
use crate::report_command::{make_evaluation, make_reports};
use crate::report_screened::screen;

const ROOM: &str = include_str!("room.js");
const WIDTHS: [usize; 4] = [320, 390, 768, 1440];
const READY: &str = "document.documentElement.dataset.ready";

#[test]
fn a_report_of_any_kind_is_cut_off_nowhere() {
    let Some(browser) = Browser::start("reports of every kind") else { return };
    let folder = folder();
    let path = folder.path();
    make_evaluation(path);
    make_reports(path);
    screen(path);
    write_named(path);
    succeed(
        path,
        "evaluate --method noise,bim,bim-l2,cw-l2 --steps 5 --model named.safetensors --dataset mnist --limit 30 --quiet --out named",
    );
    let history = "epoch,loss,validation_accuracy,validation_reconstruction\n1,2.5,0.95,21\n2,1.5,0.97,18\n";
    fs::create_dir(path.join("trained")).unwrap();
    fs::write(path.join("trained/train.csv"), history).unwrap();
    for (arguments, page) in [
        ("trained", "trained/report.html"),
        ("evaluated", "evaluated/report.html"),
        ("named", "named/report.html"),
        ("screened", "screened/report.html"),
        ("both evaluated", "report.html"),
    ] {
        succeed(path, &format!("report {arguments} --quiet"));
        for (width, scheme) in WIDTHS.into_iter().zip(["light", "dark"].into_iter().cycle()) {
            browser.set_width(width);
            browser.set_scheme(scheme);
            browser.open(&format!("file://{}/{page}", path.display()));
            browser.wait(READY);
            assert_eq!(browser.run(ROOM), json!([]), "{page} at {width}");
            let sizes =
                browser.wait("[...document.querySelectorAll('#training svg')].map((chart) => chart.clientHeight)");
            assert!(sizes.as_array().unwrap().iter().all(|size| *size == sizes[0]), "{sizes}");
            assert_eq!(browser.violations(), Vec::<String>::new(), "{page} at {width}, {scheme}");
        }
    }
}

#[test]
fn explore_is_cut_off_nowhere_and_shows_the_verdict_beside_the_pad_without_scrolling() {
    let Some(browser) = Browser::start("the page of explore") else { return };
    let explore = Explore::start("--limit 200");
    let open = |width: usize, height: usize, scheme: &str| {
        browser.set_size(width, height);
        browser.set_scheme(scheme);
        browser.open(&format!("http://{}/", explore.address));
        browser.wait("document.getElementById('verdict').textContent.includes('After bim@0.3 it says')");
    };
    for (width, scheme) in WIDTHS.into_iter().zip(["dark", "light"].into_iter().cycle()) {
        open(width, 900, scheme);
        assert_eq!(browser.run(ROOM), json!([]), "{width}");
        assert_eq!(browser.violations(), Vec::<String>::new(), "{width}, {scheme}");
    }
    for (width, height) in [(1366, 768), (390, 844)] {
        open(width, height, "light");
        let places = browser.wait(
            "['#pad', '.tile.clean .label', '.tile.attacked .label', '.tile.clean .outcome', '.tile.attacked .outcome', '#verdict']\
             .map((name) => { const box = document.querySelector(name).getBoundingClientRect(); \
             return [name, box.left, box.top, box.right, box.bottom, parseFloat(getComputedStyle(document.querySelector(name)).fontSize)]; })",
        );
        for place in places.as_array().unwrap() {
            let at = |i: usize| place[i].as_f64().unwrap();
            assert!(at(1) >= 0.0 && at(2) >= 0.0 && at(3) <= width as f64 && at(4) <= height as f64, "{place}");
            assert!(!place[0].as_str().unwrap().ends_with(".label") || at(5) >= 40.0, "a large class: {place}");
        }
        if width > 1000 {
            let left = |name: usize| (places[name][1].as_f64(), places[name][3].as_f64());
            assert!(left(1).0 > left(0).1, "beside the pad: {places}");
        }
        assert_eq!(browser.wait("[scrollY]")[0], Value::from(0));
    }
}
