//! The program as its operators meet it: real binary, real folders, exit codes, words.

use std::path::Path;
use std::process::{Command, Stdio};

use assert_cmd::cargo::CommandCargoExt as _;
use serde_json::Value;

/// Returns the program with a home and no network, in an environment without our settings.
pub fn muavu(home: &Path) -> Command {
    let mut command = Command::cargo_bin("muavu").unwrap();
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MUAVU")) {
        command.env_remove(name);
    }
    command.arg("--home").arg(home).env("MUAVU__FETCH__ENABLED", "false");
    command
}

pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub fn said(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn whoever_stops_reading_ends_the_program_without_a_word() {
    let home = tempfile::tempdir().unwrap();
    let mut command = muavu(home.path());
    command.args(["run", "--quiet", "--format", "json"]);
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(running.stdout.take());
    let ended = running.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert_eq!(ended.status.code(), Some(141));
}

#[test]
fn an_empty_home_runs_the_sample_marks_it_and_repeats_itself_byte_for_byte() {
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [first, second] = homes.map(|home| {
        let first = said(muavu(home.path()).args(["run", "--format", "json"]));
        assert_eq!(first.code, 0, "{}", first.err);
        assert!(first.err.contains("SAMPLE"), "{}", first.err);
        let again = said(muavu(home.path()).args(["run", "--format", "json"]));
        assert_eq!(again.out, first.out, "a second run says the same");
        assert!(again.err.contains("nothing has changed"), "{}", again.err);
        first.out
    });
    assert_eq!(first, second, "another empty home says the same");
    let report: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(report["sample"], true);
    let advisories = report["advisories"].as_array().unwrap();
    assert!(!advisories.is_empty());
    for advisory in advisories {
        assert!(advisory["text_vi"].as_str().unwrap().contains("DỮ LIỆU MẪU"), "{advisory}");
        assert!(!advisory["evidence"].as_array().unwrap().is_empty(), "{advisory}");
        assert!(!advisory["sources"].as_array().unwrap().is_empty(), "{advisory}");
    }
    let mut communes: Vec<&str> = advisories
        .iter()
        .chain(report["silent"].as_array().unwrap())
        .map(|a| a["commune"].as_str().unwrap())
        .collect();
    communes.sort_unstable();
    communes.dedup();
    assert_eq!(communes.len(), 124, "every commune has an answer or a reason");
}

#[test]
fn whatever_a_home_of_the_sample_is_asked_the_answer_is_marked() {
    let (outer, imported) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(said(muavu(outer.path()).arg("run")).code, 0);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let import = said(muavu(imported.path()).arg("import").arg(shipped));
    assert!(import.code == 0 && import.err.contains("SAMPLE"), "{}", import.err);
    for home in [outer.path().join("sample"), imported.path().to_owned()] {
        let run = ["run", "--as-of", "2026-03-10", "--format", "json"];
        let replay = said(muavu(&home).args(run));
        let report: Value = serde_json::from_str(&replay.out).unwrap();
        assert_eq!(report["sample"], true, "{}", home.display());
        let advisories = report["advisories"].as_array().unwrap();
        assert!(!advisories.is_empty());
        for advisory in advisories {
            assert_eq!(advisory["sample"], true);
            assert!(advisory["text_vi"].as_str().unwrap().contains("DỮ LIỆU MẪU"), "{advisory}");
        }
        assert!(replay.err.contains("SAMPLE"), "{}", replay.err);
        let forecast =
            said(muavu(&home).args(["forecast", "salinity_station", "--as-of"]).arg("2026-03-10"));
        assert!(forecast.err.contains("SAMPLE"), "{}", forecast.err);
    }
}

#[test]
fn quiet_in_cron_says_nothing_on_stderr() {
    let home = tempfile::tempdir().unwrap();
    let said = said(muavu(home.path()).args(["run", "-q", "--format", "csv"]));
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.starts_with("commune,crop,severity"), "{}", said.out);
}

#[test]
fn a_past_morning_without_data_says_what_to_import() {
    let home = tempfile::tempdir().unwrap();
    let said = said(muavu(home.path()).args(["run", "--as-of", "2010-03-15"]));
    assert_eq!(said.code, 1);
    assert!(said.err.contains("2010-03-15") && said.err.contains("hint: import"), "{}", said.err);
}

#[test]
fn bad_words_are_answered_with_what_is_allowed() {
    let home = tempfile::tempdir().unwrap();
    for (args, given, allowed) in [
        (vec!["run", "--as-of", "15/03/2010"], "15/03/2010", "2010-03-15"),
        (
            vec!["backtest", "salt", "--from", "2010-01-01", "--to", "2010-02-01"],
            "salt",
            "salinity_station",
        ),
        (vec!["import", "/no/such/folder"], "/no/such/folder", "exists"),
        (vec!["review", "approve", "nobody", "--who", "lan"], "nobody", "muavu review list"),
    ] {
        let said = said(muavu(home.path()).args(&args));
        assert_ne!(said.code, 0, "{args:?}");
        assert!(said.err.contains(given) && said.err.contains(allowed), "{args:?}: {}", said.err);
    }
    let said = said(muavu(home.path()).arg("doctor").env("MUAVU__SERVE__LISTENS", "1"));
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains("listens") && said.err.contains("MUAVU__SERVE__LISTENS"),
        "{}",
        said.err
    );
}

#[test]
fn a_second_writer_is_told_who_holds_the_home() {
    let home = tempfile::tempdir().unwrap();
    let _held = muavu::storage::HomeLock::take(home.path(), "run 41 since seven").unwrap();
    let said = said(muavu(home.path()).arg("run"));
    assert_eq!(said.code, 1);
    assert!(said.err.contains("run 41 since seven") && said.err.contains("hint"), "{}", said.err);
}

#[test]
fn the_rules_pass_their_own_cases() {
    let home = tempfile::tempdir().unwrap();
    let said = said(muavu(home.path()).args(["rules", "check"]));
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn what_is_published_is_served_with_its_proof_and_its_licence() {
    let home = tempfile::tempdir().unwrap();
    let first = said(muavu(home.path()).args(["run", "--format", "json"]));
    let report: Value = serde_json::from_str(&first.out).unwrap();
    let commune = report["advisories"][0]["commune"].as_str().unwrap().to_owned();
    let mut server = muavu(home.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let line = {
        use std::io::BufRead as _;
        let mut line = String::new();
        std::io::BufReader::new(server.stderr.take().unwrap()).read_line(&mut line).unwrap();
        line
    };
    let base = line.split_whitespace().find(|w| w.starts_with("http://")).unwrap();
    let base = base.trim_end_matches("/,").to_owned();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let get = |path: String| {
        let url = format!("{base}{path}");
        runtime.block_on(async move {
            let answer = reqwest::get(url).await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        })
    };
    let (status, today) = get(format!("/v1/communes/{commune}/today"));
    let today: Value = serde_json::from_str(&today).unwrap();
    assert_eq!((status, &today["sample"]), (200, &Value::Bool(true)));
    assert_eq!(today["advisories"][0]["state"], "published");
    assert!(today["licence"].is_string() && today["issued_at"].is_string());
    let (status, communes) = get("/v1/communes".into());
    let communes: Value = serde_json::from_str(&communes).unwrap();
    assert_eq!((status, communes["communes"].as_array().unwrap().len()), (200, 124));
    let (status, list) = get("/targets".into());
    assert_eq!(status, 200, "{list}");
    for shown in ["SAMPLE", "/targets/salinity_station\"", "<td>10</td>", "07:00 ngày 15/03/2026"]
    {
        assert!(list.contains(shown), "{shown}: {list}");
    }
    let (status, forecasts) = get("/v1/forecasts?place=salinity:37".into());
    let forecasts: Value = serde_json::from_str(&forecasts).unwrap();
    assert_eq!((status, forecasts["forecasts"].as_array().unwrap().len()), (200, 14));
    assert_eq!(forecasts["sample"], true);
    for (path, expected) in [
        ("/v1/communes/99999/today", 404),
        ("/v1/communes/abc/today", 400),
        ("/v1/nothing", 404),
        ("/v1/health", 200),
        ("/v1/scores", 200),
    ] {
        let (status, body) = get(path.into());
        assert_eq!(status, expected, "{path}: {body}");
        if expected != 200 {
            let problem: Value = serde_json::from_str(&body).unwrap();
            assert!(problem["detail"].is_string() && problem["title"].is_string(), "{body}");
        }
    }
    Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(server.wait().unwrap().success(), "SIGTERM is a clean end");
}

#[test]
fn a_run_killed_anywhere_is_taken_up_again_and_ends_in_the_same_bytes() {
    let undisturbed = tempfile::tempdir().unwrap();
    let run = ["run", "--format", "json"];
    let expected = said(muavu(undisturbed.path()).args(run)).out;
    let home = tempfile::tempdir().unwrap();
    // Opening, importing the sample, fitting, storing: moments from the start to some seconds in.
    for millis in [20, 90, 250, 600, 1_500, 3_000] {
        let mut child = muavu(home.path())
            .args(run)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(millis));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let last = said(muavu(home.path()).args(run));
    assert_eq!(last.code, 0, "{}", last.err);
    assert_eq!(last.out, expected);
}

#[test]
fn importing_again_changes_nothing_and_a_corrected_file_is_a_new_revision() {
    let (home, archive) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = archive.path().join("salinity/daily.csv");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let head = "station_id,date,ec_us_cm,salinity_g_l\n";
    let counts = |text: &str| {
        std::fs::write(&file, format!("{head}{text}")).unwrap();
        let args = ["import", "--format", "json"];
        let said = said(muavu(home.path()).args(args).arg(archive.path()));
        assert_eq!(said.code, 0, "{}", said.err);
        let report: Value = serde_json::from_str(&said.out).unwrap();
        let set = report["sets"].as_array().unwrap().iter().find(|s| s["set"] == "salinity.daily");
        let set = set.unwrap();
        (set["stored"].clone(), set["bad"].clone())
    };
    let two = "37,2010-03-01,9000.0,4.5\n37,2010-03-02,-9999,oops\n";
    let (stored, bad) = counts(two);
    assert_eq!((&stored["new"], &stored["revised"]), (&2.into(), &0.into()), "{stored}");
    assert!(!bad.as_object().unwrap().is_empty(), "the bad cells are counted: {bad}");
    let (stored, _) = counts(two);
    assert_eq!((&stored["new"], &stored["unchanged"]), (&0.into(), &2.into()), "{stored}");
    let (stored, _) = counts("37,2010-03-01,9200.0,4.6\n");
    assert_eq!((&stored["revised"], &stored["new"]), (&2.into(), &0.into()), "{stored}");
}
