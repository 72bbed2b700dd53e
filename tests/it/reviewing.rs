//! A morning on measurements, and what people do with it: approve, refuse, withdraw, replace.

use std::path::Path;

use muavu::domain::time::{add_days, days_between, local_date};
use muavu::pipeline::sample;
use serde_json::Value;

use crate::command::{Said, muavu, said};

/// Writes the sample's numbers as if measured up to yesterday, without one station's.
fn archive_until_yesterday(folder: &Path, without_station: &str) {
    let today = local_date(muavu::ops::clock::now());
    let shift = days_between(sample::LAST_DAY, add_days(today, -1));
    for (name, text) in sample::files() {
        // Without its mark the sample's numbers stand in for measurements here.
        if name.ends_with(".sample") {
            continue;
        }
        let mut out = vec![text.lines().next().unwrap().to_owned()];
        // The same years once more, four years earlier: a model wants more than three seasons.
        for days in [shift - 1_461, shift] {
            for line in text.lines().skip(1) {
                let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
                let date = cells.iter().position(|c| c.matches('-').count() == 2).unwrap();
                let day: jiff::civil::Date = cells[date].parse().unwrap();
                cells[date] = add_days(day, days).to_string();
                if cells.len() == 4 && cells[0] == without_station {
                    continue;
                }
                out.push(cells.join(","));
            }
        }
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, out.join("\n") + "\n").unwrap();
    }
}

fn states(report: &Value) -> Vec<(String, String)> {
    let advisories = report["advisories"].as_array().unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    advisories.iter().map(|a| (text(&a["id"]), text(&a["state"]))).collect()
}

fn shown(home: &Path, id: &str) -> Value {
    serde_json::from_str(&said(muavu(home).args(["review", "show", id])).out).unwrap()
}

#[test]
fn a_draft_is_approved_published_and_withdrawn_and_a_newer_run_replaces_the_rest() {
    let (home, archive) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = || -> (Said, Value) {
        let run = said(muavu(home.path()).args(["run", "--format", "json"]));
        assert_eq!(run.code, 0, "{}", run.err);
        let report = serde_json::from_str(&run.out).unwrap();
        (run, report)
    };
    let import = || {
        let import = said(muavu(home.path()).arg("import").arg(archive.path()));
        assert_eq!(import.code, 0, "{}", import.err);
    };
    archive_until_yesterday(archive.path(), "19");
    import();
    let (_, first) = run();
    assert_eq!(first["sample"], false);
    let drafts: Vec<String> = states(&first)
        .into_iter()
        .filter(|(_, state)| state == "draft")
        .map(|(id, _)| id)
        .collect();
    assert!(drafts.len() > 10, "measured advice waits for a person");
    let listed = said(muavu(home.path()).args(["review", "list"])).out;
    assert!(listed.contains(&drafts[0]), "{listed}");

    let review = |what: &str, id: &str, who: &str, reason: &str| {
        said(muavu(home.path()).args(["review", what, id, "--who", who, "--reason", reason]))
    };
    // An emergency needs a second person; anything else is published by the first.
    let mut approvers = ["lan", "minh"].into_iter();
    while shown(home.path(), &drafts[0])["advisory"]["state"] == "draft" {
        let done = review("approve", &drafts[0], approvers.next().unwrap(), "");
        assert_eq!(done.code, 0, "{}", done.err);
    }
    let approved = shown(home.path(), &drafts[0]);
    assert_eq!(approved["advisory"]["state"], "published");
    let log = approved["log"].as_array().unwrap();
    assert_eq!(log[0]["who"], "lan", "{log:?}");
    let day = home.path().join("published");
    let latest = std::fs::read_to_string(day.join("latest.json")).unwrap();
    assert!(latest.contains(&drafts[0]), "what is approved is in the published file");

    let twice = review("approve", &drafts[0], "hoa", "");
    assert!(twice.code == 1 && twice.err.contains("published"), "{}", twice.err);
    let mute = review("withdraw", &drafts[0], "lan", "");
    assert!(mute.code == 1 && mute.err.contains("reason"), "{}", mute.err);
    assert_eq!(review("withdraw", &drafts[0], "lan", "wrong sluice").code, 0);
    let latest = std::fs::read_to_string(day.join("latest.json")).unwrap();
    assert!(!latest.contains(&drafts[0]), "what is withdrawn leaves the published file");
    assert_eq!(review("reject", &drafts[1], "lan", "too far inland").code, 0);

    archive_until_yesterday(archive.path(), "none");
    import();
    let (_, second) = run();
    assert_ne!(first["run_id"], second["run_id"], "a station that came in late makes another run");
    assert_eq!(shown(home.path(), &drafts[2])["advisory"]["state"], "superseded");
    assert_eq!(shown(home.path(), &drafts[1])["advisory"]["state"], "rejected", "it stays so");
}
