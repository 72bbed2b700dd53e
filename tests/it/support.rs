//! What integration tests share: where the shared archive lies, and how a skipped test says so.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Returns a path inside the shared archive beside the project, or `None` after saying (on stderr
/// and in the file named by `MUAVU_SKIP_LOG`) that the calling test was skipped and why.
#[must_use]
#[track_caller]
pub fn shared(relative: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let path = root.join(relative);
    if path.exists() {
        return Some(path);
    }
    skipped(&format!("the shared archive has no {relative} beside the project"));
    None
}

/// Returns the Python that can run `imports`, or `None` after saying that the calling test was
/// skipped and why. `tests/run.sh` makes one with what the tests need and names it in
/// `MUAVU_TEST_PYTHON`.
#[must_use]
pub fn python(imports: &str) -> Option<PathBuf> {
    let Some(python) = std::env::var_os("MUAVU_TEST_PYTHON").map(PathBuf::from) else {
        skipped("MUAVU_TEST_PYTHON names no Python (tests/run.sh makes one)");
        return None;
    };
    let works = std::process::Command::new(&python)
        .args(["-c", imports])
        .output()
        .is_ok_and(|out| out.status.success());
    if works {
        return Some(python);
    }
    skipped(&format!("{} cannot run: {imports}", python.display()));
    None
}

fn skipped(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("{test}: skipped, {why}");
    eprintln!("{line}");
    if let Some(log) = std::env::var_os("MUAVU_SKIP_LOG") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(log);
        if let Ok(mut file) = file {
            let _ = writeln!(file, "{line}");
        }
    }
}

/// Returns the Mosquitto broker, or `None` after saying that the calling test was skipped and why.
/// `tests/run.sh` installs Debian's.
#[must_use]
pub fn mosquitto() -> Option<PathBuf> {
    let found = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"]
        .map(PathBuf::from)
        .into_iter()
        .find(|path| path.exists());
    if found.is_none() {
        skipped("no Mosquitto on this machine (apt-get install mosquitto)");
    }
    found
}
