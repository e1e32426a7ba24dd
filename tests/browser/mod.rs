//! Pages in headless Chromium, used as a person uses them, through WebDriver.
//!
//! Skipped, with a word, where there is no `chromedriver` (Debian: packages `chromium` and `chromium-driver`), unless `ROBUST_BROWSER`
//! promises one, as `.ci/run` does: then they fail. With `AXE_CORE` naming the file `axe.min.js` of the npm package axe-core,
//! accessibility is checked too.

mod explore;
mod first_look;
mod report;
mod room;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::http;

/// A browser with one window.
pub(crate) struct Browser {
    driver: Child,
    address: String,
    session: String,
}

impl Browser {
    /// Starts one; none where there is no driver.
    pub(crate) fn start(what: &str) -> Option<Self> {
        let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = driver else {
            assert!(
                std::env::var_os("ROBUST_BROWSER").is_none(),
                "a browser was promised, and there is no chromedriver"
            );
            eprintln!("skipped: no chromedriver on the path, so {what} was not opened in a browser");
            return None;
        };
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = |line: String| Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned());
        let port = lines.filter_map(port).next().unwrap();
        let mut browser = Self { driver, address: format!("127.0.0.1:{port}"), session: String::new() };
        let options = json!({ "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"] });
        let logs = json!({ "browser": "ALL", "performance": "ALL" });
        let wanted = json!({ "goog:chromeOptions": options, "goog:loggingPrefs": logs });
        let session = browser.post("/session", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        browser.session = format!("/session/{}", session["sessionId"].as_str().unwrap());
        Some(browser)
    }

    fn post(&self, path: &str, parameters: &Value) -> Value {
        let response = http::post(&self.address, path, parameters);
        let value = response.json()["value"].clone();
        assert_eq!(response.status, 200, "{path}: {value}");
        value
    }

    fn ask(&self, command: &str, parameters: &Value) -> Value {
        self.post(&format!("{}{command}", self.session), parameters)
    }

    /// A command of Chromium's own protocol.
    fn chromium(&self, command: &str, parameters: &Value) {
        self.ask("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }));
    }

    /// Makes the window so wide, a narrow one a phone.
    pub(crate) fn set_width(&self, width: usize) {
        self.set_size(width, 900);
    }

    /// Makes the window so wide and so high.
    pub(crate) fn set_size(&self, width: usize, height: usize) {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.chromium("Emulation.setDeviceMetricsOverride", &screen);
        let fingers = json!({ "enabled": width < 600, "maxTouchPoints": 1 });
        self.chromium("Emulation.setTouchEmulationEnabled", &fingers);
    }

    /// Chooses light or dark.
    pub(crate) fn set_scheme(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.chromium("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Opens a page.
    pub(crate) fn open(&self, address: &str) {
        self.ask("/url", &json!({ "url": address }));
    }

    /// Runs a script that calls its last argument with a result.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.ask("/timeouts", &json!({ "script": 60_000 }));
        self.ask("/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Waits until an expression is true, and gives it.
    pub(crate) fn wait(&self, expression: &str) -> Value {
        let script = format!(
            "const done = arguments[0]; const look = (left) => {{ const found = {expression}; \
             if (found || !left) done(found); else setTimeout(look, 20, left - 1); }}; look(750);"
        );
        let found = self.run(&script);
        assert!(!matches!(found, Value::Null | Value::Bool(false)), "{expression}");
        found
    }

    /// Carries out low-level actions: those of one input source.
    pub(crate) fn act(&self, source: &Value) {
        self.ask("/actions", &json!({ "actions": [source] }));
    }

    /// The reference to the element with that id, for actions.
    pub(crate) fn element(&self, id: &str) -> Value {
        self.ask("/element", &json!({ "using": "css selector", "value": format!("#{id}") }))
    }

    /// What the console holds since it was last asked, and every address that the pages asked for something.
    pub(crate) fn console_and_requests(&self) -> (Vec<String>, Vec<String>) {
        let log = |kind: &str| match self.ask("/se/log", &json!({ "type": kind })) {
            Value::Array(entries) => entries,
            other => panic!("{other}"),
        };
        let text = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        let console = log("browser").iter().map(text).collect();
        let request = |entry: &Value| {
            let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let asked = event["message"]["method"] == "Network.requestWillBeSent";
            asked.then(|| event["message"]["params"]["request"]["url"].as_str().map(str::to_owned))?
        };
        (console, log("performance").iter().filter_map(request).collect())
    }

    /// The serious violations that axe-core finds; says so where it is not there.
    pub(crate) fn violations(&self) -> Vec<String> {
        let Ok(path) = std::env::var("AXE_CORE") else {
            eprintln!("skipped: AXE_CORE names no axe.min.js, so accessibility was not checked");
            return Vec::new();
        };
        let axe = std::fs::read_to_string(path).unwrap();
        let found = self.run(&format!(
            "{axe}; const done = arguments[0]; axe.run(document).then(({{ violations }}) => done(violations\
             .filter(({{ impact }}) => ['serious', 'critical'].includes(impact))\
             .map(({{ id, nodes }}) => `${{id}}: ${{nodes.map(({{ html }}) => html).join(' ')}}`)), (error) => done([String(error)]));"
        ));
        found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver takes the browser along only if it is told to. Nothing here may panic: the test may be panicking already.
        let goodbye = http::bytes(&self.address, "DELETE", &self.session, &[], b"");
        let _ = http::exchange(&self.address, &goodbye);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
