//! The pages in a real browser: `tests/browser/*.mjs` run by Node against the real program. They need
//! Node, Chromium and two packages, which `tests/run.sh` installs; without them they are skipped.

use std::path::PathBuf;
use std::process::Command;

use crate::support::skipped;

mod morning;

/// Returns a Node that runs a script of `tests/browser` with what the script needs in its environment,
/// or `None` after saying that the calling test was skipped and why.
fn script(name: &str) -> Option<Command> {
    let chromium = std::env::var_os("CHROMIUM").map_or("/usr/bin/chromium".into(), PathBuf::from);
    if !chromium.exists() {
        skipped("no Chromium on this machine (apt-get install chromium)");
        return None;
    }
    let Some(node) = std::env::var_os("MUAVU_TEST_NODE").map(PathBuf::from) else {
        skipped("MUAVU_TEST_NODE names no folder of npm packages (tests/run.sh makes one)");
        return None;
    };
    for package in ["playwright-core", "axe-core"] {
        if !node.join("node_modules").join(package).exists() {
            skipped(&format!("{} has no npm package {package}", node.display()));
            return None;
        }
    }
    if Command::new("node").arg("--version").output().is_err() {
        skipped("no Node.js on this machine (apt-get install nodejs)");
        return None;
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("node");
    command
        .arg(root.join("tests/browser").join(name))
        .env("MUAVU_BIN", env!("CARGO_BIN_EXE_muavu"))
        .env("CHROMIUM", chromium);
    Some(command)
}

/// Runs a script on a home; what it measured is told, and when it fails everything it said.
fn run(mut script: Command, home: &std::path::Path) {
    let done = script.env("MUAVU_HOME", home).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{}\n{out}\n{err}", done.status);
    eprintln!("{out}");
}

#[test]
fn a_morning_of_thirty_drafts_is_cleared_in_a_real_browser() {
    let Some(script) = script("console.mjs") else { return };
    let home = tempfile::tempdir().unwrap();
    morning::waiting(home.path());
    run(script, home.path());
}

#[test]
fn the_farmers_page_works_in_a_real_browser() {
    let Some(script) = script("farmer.mjs") else { return };
    let home = tempfile::tempdir().unwrap();
    morning::published(home.path());
    run(script, home.path());
}
