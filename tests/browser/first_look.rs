//! What somebody sees who opens a page for the first time: contents, the worst first, plain words, one colour for a detector.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Browser;
use crate::command::{csv, folder, succeed};
use crate::explore_command::Explore;
use crate::missing_classes::write_named;
use crate::report_command::make_reports;
use crate::report_screened::in_words;

const READY: &str = "document.documentElement.dataset.ready";

#[test]
fn contents_lead_everywhere_and_the_worst_comes_first() {
    let Some(browser) = Browser::start("the report's first look") else { return };
    let folder = folder();
    // By a detector that lets much pass.
    succeed(
        folder.path(),
        "evaluate --method noise,fgsm,bim --epsilon 0.1,0.3 --limit 100 --detector cycle --detectors cycle,msp --quiet --out evaluated",
    );
    succeed(folder.path(), "report evaluated --quiet");
    browser.open(&format!("file://{}/evaluated/report.html", folder.path().display()));
    browser.wait(READY);

    let sections = browser.wait(
        "[...document.querySelectorAll('main > section:not([hidden]) > h2')].map(({ textContent }) => textContent)",
    );
    let listed = browser.wait(
        "[...document.querySelectorAll('#contents a')].map((link) => [link.textContent, document.querySelector(link.hash).hidden])",
    );
    let expected: Vec<Value> = sections.as_array().unwrap().iter().map(|title| json!([title, false])).collect();
    assert!(expected.len() > 5, "{sections}");
    assert_eq!(listed, Value::from(expected));

    // The attack that most images pass by is chosen, and its cell and that of every other hold the figures of metrics.csv.
    let rows = csv(folder.path().join("evaluated/metrics.csv"));
    let undetected: BTreeMap<&str, f64> = (rows.iter())
        .filter(|row| row["detector"] == "cycle" && row["set"].contains('@') && !row["set"].starts_with("worst"))
        .filter_map(|row| Some((row["set"].as_str(), row["undetected_rate"].parse().ok()?)))
        .collect();
    let worst = undetected.values().fold(0.0, |most: f64, &rate| most.max(rate));
    let chosen = browser.wait("document.getElementById('set').selectedOptions[0].text");
    assert!(worst > 0.1 && undetected[chosen.as_str().unwrap()] == worst, "{chosen}: {undetected:?}");
    let cells = browser.wait("[...document.querySelectorAll('.heat .cell')].map((cell) => cell.title)");
    let cells: Vec<&str> = cells.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap()).collect();
    assert_eq!(cells.len(), undetected.len());
    for (set, rate) in &undetected {
        let figure = format!("{set}: {:.2} % fooled, not flagged, of the images attacked", 100.0 * rate);
        assert!(cells.contains(&&*figure), "{set} {rate}: {cells:?}");
    }
    let first = browser.wait("[...document.querySelectorAll('.heat tbody tr:not(.worst-row)')[0].querySelectorAll('.cell')].map((cell) => cell.title)");
    assert!(
        first
            .as_array()
            .unwrap()
            .iter()
            .any(|title| title.as_str().unwrap().contains(&format!("{:.2} %", 100.0 * worst))),
        "{first}"
    );
    let table = browser.wait("[...document.querySelectorAll('.sets tr[data-set] [data-figure=undetected]')].map(({ textContent }) => textContent === '–' ? -1 : parseFloat(textContent))");
    let table: Vec<f64> = table.as_array().unwrap().iter().map(|rate| rate.as_f64().unwrap()).collect();
    assert!(table.is_sorted_by(|a, b| a >= b), "{table:?}");

    // A cell chooses its set; what is folded stays so.
    let pressed = browser.wait(
        "(() => { const [fold] = document.querySelectorAll('#matrices details'); fold.open = false; \
         document.querySelector('.heat .cell[title^=\"fgsm@0.1:\"]').click(); \
         return [document.getElementById('set').selectedOptions[0].text, document.querySelector('#matrices details').open]; })()",
    );
    assert_eq!(pressed, json!(["fgsm@0.1", false]));

    // Missed images come before all others.
    let order = browser.wait(
        "(() => { document.querySelector('.heat .cell[title^=\"bim@0.3:\"]').click(); \
         return [...document.querySelectorAll('#cards .verdict')].map(({ textContent }) => textContent); })()",
    );
    let order: Vec<&str> = order.as_array().unwrap().iter().map(|verdict| verdict.as_str().unwrap()).collect();
    let missed = order.iter().filter(|verdict| **verdict == "fooled, missed").count();
    assert!((1..order.len()).contains(&missed), "{order:?}");
    assert!(order[..missed].iter().all(|verdict| *verdict == "fooled, missed"), "{order:?}");

    // Symbols stand behind plain words.
    let symbols = browser.wait("[...document.querySelectorAll('.sets abbr')].map(({ title }) => title.split(':')[0])");
    assert_eq!(
        symbols,
        json!(["success_rate", "accuracy_under_attack", "AUROC", "tpr", "undetected_rate", "robust_accuracy"])
    );
}

#[test]
fn a_detector_has_one_colour_on_every_page() {
    let Some(browser) = Browser::start("colours") else { return };
    let folder = folder();
    make_reports(folder.path());
    succeed(
        folder.path(),
        "detect --method fgsm --epsilon 0.2 --limit 40 --detector msp --detectors msp,magnet --quiet --out few",
    );
    succeed(folder.path(), "report both --quiet");
    succeed(folder.path(), "report few --quiet");
    let of_report = |page: &str| {
        browser.open(&format!("file://{}/{page}/report.html", folder.path().display()));
        browser.wait(READY);
        browser.wait(
            "Object.fromEntries([...document.querySelectorAll('#roc-legend .entry')].map((entry) => \
             [entry.childNodes[1].textContent, getComputedStyle(entry.querySelector('.key')).background]))",
        )
    };
    let (all, few) = (of_report("both"), of_report("few"));
    let explore = Explore::start("--limit 20");
    browser.open(&format!("http://{}/", explore.address));
    browser.wait("document.querySelectorAll('.panel.clean .meter').length > 2");
    let local = browser.wait(
        "Object.fromEntries([...document.querySelectorAll('.panel.clean .meter dt')].map((name) => \
         [name.textContent, getComputedStyle(name.querySelector('.key')).background]))",
    );
    for id in ["msp", "magnet"] {
        assert!(all[id].is_string() && all[id] == few[id] && all[id] == local[id], "{id}: {all} {few} {local}");
    }
    let colours: Vec<&str> = local.as_object().unwrap().values().map(|colour| colour.as_str().unwrap()).collect();
    assert!(colours.len() > 9 && BTreeSet::from_iter(&colours).len() == colours.len(), "{local}");

    // The axis of shares stands the right way up: all at the top, few below, and it descends as an attack grows more suspicious.
    browser.run("document.getElementById('watch').click(); arguments[0](true);");
    let axis = browser.wait(
        "!document.getElementById('film').hidden && [...document.querySelectorAll('#rarity .axes text:not(.title)')]\
         .map((text) => [parseFloat(text.textContent), Number(text.getAttribute('y'))])",
    );
    let mut axis: Vec<[f64; 2]> = serde_json::from_value(axis).unwrap();
    axis.sort_by(|a, b| b[0].total_cmp(&a[0]));
    assert!(axis[0][0] == 100.0 && axis.len() > 2 && axis.is_sorted_by(|a, b| a[1] < b[1]), "{axis:?}");
}

#[test]
fn classes_have_their_names_on_cards_and_in_the_table() {
    let Some(browser) = Browser::start("named classes") else { return };
    let folder = folder();
    write_named(folder.path());
    succeed(
        folder.path(),
        "attack --method fgsm --epsilon 0.3 --model named.safetensors --dataset mnist --limit 40 --quiet --out named",
    );
    succeed(folder.path(), "report named --quiet");
    browser.open(&format!("file://{}/named/report.html", folder.path().display()));
    browser.wait(READY);
    let named = "/^(zero|one|two|three|four|five|six|seven|eight|nine)( → \\w+)?$/";
    let strangers = browser.wait(&format!(
        "[[...document.querySelectorAll('#cards .becomes')].filter(({{ textContent }}) => !{named}.test(textContent)).length, \
          document.querySelectorAll('#cards .becomes').length, document.querySelector('#classes-table tbody th').textContent]"
    ));
    assert_eq!(strangers, json!([0, 40, "zero"]));
}

/// What somebody reads of an image of the split.
fn verdict(browser: &Browser, address: &str, image: usize, until: &str) -> String {
    browser.open("about:blank");
    browser.open(&format!("http://{address}/#image-{image}"));
    let text = "document.getElementById('verdict').textContent";
    browser.wait(&format!("{text}.includes('{until}') && {text}")).as_str().unwrap().to_owned()
}

#[test]
fn a_right_answer_that_is_flagged_is_a_false_alarm_and_an_image_that_is_not_there_shows_nothing() {
    let Some(browser) = Browser::start("verdicts of explore") else { return };
    let explore = Explore::start("--limit 100");
    let is_false_alarm = |&image: &usize| {
        let seen = explore.look(&json!({ "index": image }));
        let chosen =
            seen["look"]["verdicts"].as_array().unwrap().iter().find(|one| one["detector"] == "combined").unwrap();
        seen["label"] == seen["look"]["prediction"] && chosen["flagged"] == true
    };
    let image = (0..100).find(is_false_alarm).expect("one of a hundred clean images is flagged");
    let said = verdict(&browser, &explore.address, image, "false alarm");
    assert!(said.contains("which is right, and the detector combined flags it: a false alarm."), "{said}");
    let amber = browser.wait(
        "(() => { const probe = document.createElement('i'); probe.style.color = 'var(--alarm)'; document.body.append(probe); \
         const amber = getComputedStyle(probe).color; return [document.querySelector('.tile.clean .outcome'), \
         document.querySelector('#verdict .is-alarm')].map((place) => getComputedStyle(place).color === amber); })()",
    );
    assert_eq!(amber, json!([true, true]));
    let seen = explore.look(&json!({ "index": image }));
    let verdicts = seen["look"]["verdicts"].as_array().unwrap();
    let chosen = verdicts.iter().find(|one| one["detector"] == "combined").unwrap();
    let why = in_words(chosen["reason"].as_str().unwrap());
    let outcome = browser.wait("document.querySelector('.tile.clean .outcome').textContent");
    assert_eq!(outcome, format!("false alarm, flagged: {why}"));
    assert_eq!(browser.violations(), Vec::<String>::new());

    // One that is neither flagged nor wrong is not alarming.
    let other = (0..100).find(|image| !is_false_alarm(image)).unwrap();
    assert!(!verdict(&browser, &explore.address, other, "The network says").contains("false alarm"));

    let said = verdict(&browser, &explore.address, 123_456, "Nothing to see");
    assert_eq!(said, "Nothing to see: this image is not there.");
    let shown = browser.wait(
        "[document.querySelectorAll('.tile:not([hidden]), .panel:not([hidden])').length, \
          ['save-png', 'save-json', 'watch', 'style-clean', 'style-attacked'].every((id) => document.getElementById(id).disabled), \
          document.getElementById('message').textContent]",
    );
    assert_eq!(shown, json!([0, true, "there is no image 123456 among the 100"]));
    // The next one is seen as ever.
    browser.run("document.querySelector('#thumbnails button').click(); arguments[0](true);");
    browser.wait(
        "document.querySelectorAll('.tile:not([hidden])').length === 2 && document.getElementById('message').hidden",
    );
}
