//! The rules of the house check themselves: who may import whom, how long a file may be, what
//! must not be left behind.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop where it is")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in reading order, each with the rooms it may import (ARCHITECTURE, "Rooms").
const ROOMS: [(&str, &[&str]); 13] = [
    ("domain", &[]),
    ("frames", &["domain"]),
    ("agronomy", &["domain"]),
    ("sources", &["domain", "frames"]),
    ("storage", &["domain", "frames"]),
    ("features", &["domain", "frames", "agronomy"]),
    ("forecast", &["domain", "frames", "agronomy", "features"]),
    ("advisory", &["domain", "frames", "agronomy"]),
    ("review", &["domain", "frames"]),
    ("publish", &["domain", "frames", "storage", "review"]),
    (
        "pipeline",
        &[
            "domain", "frames", "agronomy", "sources", "storage", "features", "forecast",
            "advisory", "review", "publish",
        ],
    ),
    ("ops", &["domain", "storage", "sources", "forecast", "publish", "pipeline"]),
    (
        "cli",
        &[
            "domain", "frames", "agronomy", "sources", "storage", "features", "forecast",
            "advisory", "review", "publish", "pipeline", "ops",
        ],
    ),
];

/// Rooms that do no I/O and ask no clock.
const PURE: [&str; 7] =
    ["domain", "frames", "agronomy", "features", "forecast", "advisory", "review"];

const LINES_MAX: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn sources() -> Vec<(PathBuf, String)> {
    rust_files(&root().join("src"))
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(root().join("src")).unwrap().to_owned(), text)
        })
        .collect()
}

fn room_of(path: &Path) -> String {
    path.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "")
}

/// The code of a file without comment lines, so that words in comments do not count.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn rooms_import_only_rooms_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let room = room_of(&path);
        let Some(allowed) = allowed.get(room.as_str()) else { continue };
        for (number, line) in code(&text) {
            for used in line.split("crate::").skip(1) {
                let used: String =
                    used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let is_room = ROOMS.iter().any(|(name, _)| *name == used);
                if is_room && used != room && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{}:{} imports {used}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "rooms reach where they may not:\n{}", wrong.join("\n"));
}

#[test]
fn every_room_is_known_and_every_folder_is_a_room() {
    let mut folders: Vec<String> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|e| e.unwrap())
        .filter(|e| e.file_type().unwrap().is_dir())
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "decisions")
        .collect();
    folders.sort();
    let mut rooms: Vec<String> = ROOMS.iter().map(|(name, _)| (*name).to_owned()).collect();
    rooms.sort();
    assert_eq!(folders, rooms);
}

#[test]
fn the_top_level_is_exactly_what_was_agreed() {
    let allowed =
        ["Cargo.toml", "Cargo.lock", "src", "models", "data", "notebooks", "tests", "README.md"];
    let mut wrong: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !allowed.contains(&name.as_str()))
        .filter(|name| !["target", "var"].contains(&name.as_str()))
        .collect();
    wrong.sort();
    assert!(wrong.is_empty(), "not agreed at the top level: {wrong:?}");
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut wrong = Vec::new();
    let tests = rust_files(&root().join("tests"));
    let tests = tests.into_iter().map(|p| (p.clone(), fs::read_to_string(&p).unwrap()));
    for (path, text) in sources().into_iter().chain(tests) {
        let lines = text.lines().count();
        if lines > LINES_MAX {
            wrong.push(format!("{} has {lines} lines, the stop is {LINES_MAX}", path.display()));
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{} does not begin with its //! line", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_unfinished_is_left_behind() {
    let words = ["todo!", "unimplemented!", "dbg!", "FIXME", "XXX"];
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            for word in words.iter().filter(|w| line.contains(**w)) {
                wrong.push(format!("{}:{} has {word}", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_ask_no_clock_no_disk_and_no_network() {
    let words = [
        "Timestamp::now",
        "Zoned::now",
        "SystemTime",
        "Instant::now",
        "std::env::",
        "std::fs",
        "std::net",
        "tokio::",
        "reqwest::",
        "rand::rng",
        "thread_rng",
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !PURE.contains(&room_of(&path).as_str()) {
            continue;
        }
        let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code(before_tests) {
            for word in words.iter().filter(|w| line.contains(**w)) {
                wrong.push(format!("{}:{} uses {word}", path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Arrow's C interface, and an option of the allocator.
const UNSAFE: [&str; 2] = ["frames/bridge.rs", "main.rs"];

#[test]
fn unsafe_code_stands_only_where_it_must() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let may = UNSAFE.iter().any(|may| path == Path::new(may));
        if !may && code(&text).any(|(_, l)| l.contains("unsafe ")) {
            wrong.push(path.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "unsafe code in {wrong:?}");
}

#[test]
fn every_decision_has_context_options_choice_and_what_would_change_it() {
    let mut pages = 0;
    for entry in fs::read_dir(root().join("src/decisions")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        pages += 1;
        for heading in ["## Context", "## Options", "## Choice", "## What would change our mind"] {
            assert!(text.contains(heading), "{} has no {heading:?}", path.display());
        }
    }
    assert!(pages > 0, "no decision page was found");
}
