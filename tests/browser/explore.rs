//! The page of `robust explore`.

use serde_json::{Value, json};

use super::Browser;
use crate::explore_command::Explore;

/// Moves a mouse or a finger along points relative to the middle of the pad, pressed.
fn draw(browser: &Browser, pointer: &str, lines: &[&[(i32, i32)]]) {
    let pad = browser.element("pad");
    let mut actions = Vec::new();
    for line in lines {
        let place =
            |(x, y): &(i32, i32)| json!({ "type": "pointerMove", "duration": 30, "origin": pad, "x": x, "y": y });
        actions.push(place(&line[0]));
        actions.push(json!({ "type": "pointerDown", "button": 0 }));
        actions.extend(line[1..].iter().map(place));
        actions.push(json!({ "type": "pointerUp", "button": 0 }));
    }
    browser.act(
        &json!({ "type": "pointer", "id": pointer, "parameters": { "pointerType": pointer }, "actions": actions }),
    );
}

fn press(browser: &Browser, keys: &[&str]) {
    let strokes = keys
        .iter()
        .flat_map(|key| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]);
    browser.act(&json!({ "type": "key", "id": "keyboard", "actions": strokes.collect::<Vec<Value>>() }));
}

/// Sets a control as a person would and lets the page know.
fn set(browser: &Browser, id: &str, value: &str, event: &str) {
    browser.run(&format!(
        "const control = document.getElementById('{id}'); control.value = '{value}'; \
         control.dispatchEvent(new Event('{event}', {{ bubbles: true }})); arguments[0](true);"
    ));
}

fn click(browser: &Browser, id: &str) {
    browser.run(&format!("document.getElementById('{id}').click(); arguments[0](true);"));
}

/// The text of the verdict, once it holds this.
fn says(browser: &Browser, text: &str) -> String {
    let verdict = "document.getElementById('verdict').textContent";
    browser.wait(&format!("{verdict}.includes('{text}') && {verdict}")).as_str().unwrap().to_owned()
}

/// The pixels of a canvas as text.
fn canvas(browser: &Browser, id: &str) -> String {
    browser.wait(&format!("document.getElementById('{id}').toDataURL()")).as_str().unwrap().to_owned()
}

#[test]
fn a_person_draws_attacks_moves_sliders_and_picks_at_every_width() {
    let Some(browser) = Browser::start("the page of explore") else { return };
    let explore = Explore::start("--limit 200 --detector reconstruction");
    for (width, pointer) in [(320, "touch"), (1440, "mouse")] {
        browser.set_width(width);
        browser.open(&format!("http://{}/", explore.address));
        says(&browser, "After bim@0.3 it says");
        assert_eq!(browser.wait("[innerWidth, document.documentElement.scrollWidth - innerWidth]"), json!([width, 0]));
        assert_eq!(browser.violations(), Vec::<String>::new(), "{width}");

        // A seven, by hand.
        set(&browser, "strength", "0", "input");
        draw(&browser, pointer, &[&[(-60, -80), (0, -80), (60, -80)], &[(60, -80), (20, 0), (-20, 90)]]);
        let clean = says(&browser, "The network says 7 and");
        assert!(clean.contains("accepts it"), "{clean}");
        // No room to change anything, and then enough to fool it and to be noticed.
        assert!(says(&browser, "After bim@0 it still says 7 and is accepted").contains("accepts it"));
        set(&browser, "strength", "0.35", "input");
        says(&browser, "and the attack is noticed");
        assert_eq!(browser.wait("document.querySelectorAll('.panel:not([hidden])').length"), 2);

        // The film of the attack.
        click(&browser, "watch");
        browser.wait(
            "!document.getElementById('film').hidden && document.querySelectorAll('#rarity path.line').length === 1",
        );
        set(&browser, "frame", "0", "input");
        browser.wait("document.querySelector('.panel.attacked .label').textContent === '7'");

        // A one, on the keyboard: the pen goes down and the line grows downwards.
        click(&browser, "clear");
        says(&browser, "Nothing yet");
        browser.run("document.getElementById('pad').focus(); arguments[0](true);");
        let down = ["\u{E015}"; 24];
        press(&browser, &[&[" "], &down[..], &[" "]].concat());
        says(&browser, "The network says 1 and");

        // The decoder follows the image until somebody moves a slider.
        browser.wait("document.getElementById('style-label').value === '1'");
        let before = canvas(&browser, "drawn");
        set(&browser, "style-label", "4", "change");
        browser.wait("document.getElementById('drawn-read').textContent.includes('as 4')");
        let label = canvas(&browser, "drawn");
        browser.run("const slider = document.querySelector('#sliders input'); slider.value = 1 - slider.value; slider.dispatchEvent(new Event('input')); arguments[0](true);");
        browser.wait(&format!("document.getElementById('drawn').toDataURL() !== '{label}'"));
        assert_ne!(before, label);
        click(&browser, "style-use");
        browser.wait("document.querySelector('.panel.clean h3').textContent.includes('drawing')");

        // An image of the split.
        click(&browser, "by-picking");
        browser.wait("document.querySelectorAll('#thumbnails button').length === 24");
        set(&browser, "pick-class", "5", "change");
        browser.wait("document.querySelector('#thumbnails button')?.textContent === '5'");
        browser.run("document.querySelector('#thumbnails button').click(); arguments[0](true);");
        says(&browser, "The network says 5, which is right");
        browser.wait("document.querySelector('#thumbnails [aria-pressed=true]')?.textContent === '5'");
        set(&browser, "attacking", "on", "change");
        assert_eq!(browser.violations(), Vec::<String>::new(), "{width}");

        // The address may name an image.
        browser.open("about:blank");
        browser.open(&format!("http://{}/#image-3", explore.address));
        browser.wait("document.querySelector('.panel.clean h3').textContent.startsWith('Image 3,')");

        let (console, requests) = browser.console_and_requests();
        assert_eq!(console, Vec::<String>::new());
        let own =
            |address: &String| address.starts_with(&format!("http://{}/", explore.address)) || address == "data:,";
        assert!(requests.iter().all(own) && requests.len() > 10, "{requests:?}");
    }
}

#[test]
fn an_attack_that_takes_long_is_stopped_or_replaced_and_the_end_of_the_program_is_told() {
    let Some(browser) = Browser::start("the page of explore") else { return };
    let mut explore = Explore::start_on(1, "--limit 200");
    browser.open(&format!("http://{}/", explore.address));
    says(&browser, "After bim@0.3 it says");
    let state = |text: &str, stop: bool| {
        browser.wait(&format!(
            "document.getElementById('attack-state').textContent === '{text}' && document.getElementById('stop').hidden !== {stop}"
        ));
    };
    let begin = || {
        set(&browser, "method", "adaptive", "change");
        set(&browser, "steps", "1000", "change");
        state("working", true);
    };
    let clean = "document.querySelector('.panel.clean h3').textContent";

    // Another image meanwhile is seen at once, beside nothing that was made of the one before.
    begin();
    browser.run("location.hash = ''; document.getElementById('by-picking').click(); arguments[0](true);");
    browser.wait("document.querySelectorAll('#thumbnails button').length === 24");
    browser.run("document.querySelectorAll('#thumbnails button')[3].click(); arguments[0](true);");
    browser.wait(&format!("{clean}.startsWith('Image 3,')"));
    state("working", true);
    assert!(!says(&browser, "The network says").contains("After"));

    click(&browser, "stop");
    state("stopped", false);
    browser.wait("document.querySelector('.panel.attacked').hidden");

    // A quick one takes the place of a slow one, on the only thread there is.
    begin();
    set(&browser, "method", "bim", "change");
    says(&browser, "After bim@0.3 it says");
    state("", false);
    let console = browser.console_and_requests().0;
    assert_eq!(console, Vec::<String>::new());

    begin();
    explore.signal("TERM");
    let message = "document.getElementById('message').textContent";
    browser.wait(&format!("{message} === 'the program is ending'"));
    state("", false);
    assert_eq!(explore.wait(), 143);
    set(&browser, "method", "bim", "change");
    browser.wait(&format!("{message} === 'The program does not answer: has it ended?'"));
    state("", false);
}
