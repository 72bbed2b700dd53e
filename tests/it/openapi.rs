//! The OpenAPI document held against the real server by a property-based tester (schemathesis): what
//! the document allows is taken, what it does not is refused, and nothing is answered that it does
//! not describe.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use muavu::storage::Records;
use serde_json::{Value, json};

use crate::channels::gateway::Gateway;
use crate::channels::served::{Setting, files_with, kill, wait_for};
use crate::channels::story;
use crate::stream::live::Live;
use crate::support::{python, skipped};

/// Seconds for all addresses, and for those of a running stream; the same every time by the seed.
const SECONDS: u32 = 45;
const SECONDS_STREAM: u32 = 10;
const SEED: u32 = 20_261_122;

/// The token of the device below, and of the gateway in [`Setting`].
const TOKENS: &str = "[auth.openapi.device]\nbearer = \"test\"\n\
    [auth.openapi.gateway]\nbearer = \"inbound-token\"\n";

const DEVICES: &str = "[one]\nplace = \"canal:one\"\nplace_name = \"cống Một\"\n\
    token_sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\n";

/// An advisory of the home itself, which people may answer.
const ADVISORY: &str = "0123456789abcdef0123456789abcdef";

/// Returns the tester beside the Python of the tests.
fn tester() -> Option<PathBuf> {
    let tester = python("import schemathesis")?.with_file_name("st");
    if !tester.exists() {
        skipped("the Python of the tests has schemathesis, but no command `st`");
        return None;
    }
    Some(tester)
}

/// Runs the tester with all its checks and ours; `known` are parameters of paths that exist.
fn hold(tester: &Path, work: &Path, url: &str, known: &Value, seconds: u32, only: &[&str]) {
    std::fs::write(work.join("tokens.toml"), TOKENS).unwrap();
    let said = Command::new(tester)
        .current_dir(work)
        .args(["--config-file", "tokens.toml", "run", &format!("{url}/v1/openapi.json")])
        .args(["--checks", "all", "--phases", "examples,coverage,fuzzing"])
        .args(["--seed", &SEED.to_string(), "--generation-database", "none"])
        .args(["--max-time", &seconds.to_string(), "--max-examples", "20"])
        .args(["--continue-on-failure", "--no-color", "--warnings", "off"])
        .args(only)
        .env("SCHEMATHESIS_HOOKS", "openapi_hooks")
        .env("PYTHONPATH", work)
        .env("MUAVU_KNOWN", known.to_string())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{text}\n{}", String::from_utf8_lossy(&said.stderr));
    let tested = text.lines().find(|line| line.contains("generated")).unwrap_or_default();
    eprintln!("schemathesis in {seconds} s: {}", tested.trim());
}

/// Returns a folder for the tester with our hooks in it.
fn workshop() -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/openapi/hooks.py");
    std::fs::copy(hooks, work.path().join("openapi_hooks.py")).unwrap();
    work
}

#[test]
fn nothing_is_answered_that_is_not_described_and_no_number_is_told() {
    let Some(tester) = tester() else { return };
    let (folder, work) = (tempfile::tempdir().unwrap(), workshop());
    let gateway = Gateway::start();
    let setting = Setting {
        home: folder.path().join("home"),
        gateway: gateway.url.clone(),
        log: work.path().join("log.txt"),
    };
    std::fs::create_dir_all(&setting.home).unwrap();
    setting.run(&["run"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let now = muavu::ops::clock::now();
    let records = runtime.block_on(Records::open(&setting.home.join("records.sqlite"))).unwrap();
    let draft = story::warning(ADVISORY, "29083", "pomelo", now);
    runtime.block_on(records.add_advisories(&[draft], &[])).unwrap();
    setting.run(&["review", "approve", ADVISORY, "--who", "lan"]);

    // The lake's own talk at this level would be a gigabyte.
    let quiet = |command: &mut Command| {
        command.env("MUAVU__LOG__LEVEL", "info,muavu=debug,reqwest=debug,tower_http=debug");
    };
    let (child, url) = setting.serve_with(quiet);
    let get = |path: &str| gateway.get(&format!("{url}{path}"), &[]).2;
    wait_for("the CAP document", || get("/v1/cap.atom").contains("<entry>"));
    let feed = get("/v1/cap.atom");
    let file = feed.split("/v1/cap/").nth(1).unwrap().split('"').next().unwrap();
    let listed: Value = serde_json::from_str(&get("/v1/advisories?limit=1")).unwrap();
    let sample = &listed["advisories"][0];
    let known = json!({
        "/v1/advisories/{id}": { "id": sample["id"] },
        "/v1/communes/{code}/today": { "code": sample["commune"] },
        "/v1/advisories/{id}/answers": { "id": ADVISORY },
        "/v1/cap/{file}": { "file": file },
    });
    let beside = ["--exclude-path", "/v1/events", "--exclude-path", "/v1/readings"];
    hold(&tester, work.path(), &url, &known, SECONDS, &beside);
    kill(child);

    let book = gateway.book.lock().unwrap();
    let told = book.of("sms").into_iter().filter_map(|body| body["to"].as_str());
    // A made-up number such as 300000000 stands in any file of figures.
    let telling = |number: &String| number.chars().collect::<BTreeSet<_>>().len() > 4;
    let numbers: Vec<String> =
        told.map(|to| to[to.len() - 9..].to_owned()).filter(telling).collect();
    assert!(!numbers.is_empty(), "nobody subscribed, so that nothing was tried");
    assert_eq!(files_with(&setting.home, &numbers), [], "the home holds a number");
    let log = std::fs::read_to_string(&setting.log).unwrap();
    let written = numbers.iter().find(|number| log.contains(number.as_str()));
    assert_eq!(written, None, "the log holds a number");
}

#[test]
fn what_devices_push_is_taken_and_refused_as_described() {
    let Some(tester) = tester() else { return };
    let (home, work) = (tempfile::tempdir().unwrap(), workshop());
    std::fs::write(home.path().join("devices.toml"), DEVICES).unwrap();
    let live = Live::start(home.path(), |_| ());
    let only = ["--include-path", "/v1/readings"];
    hold(&tester, work.path(), &live.url, &json!({}), SECONDS_STREAM, &only);
    live.stop();
}
