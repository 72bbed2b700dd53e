//! What integration tests share: where the shared archive lies, how a skipped test says so, and
//! panels made by hand whose future can be spoiled.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};

use jiff::civil::Date;
use muavu::domain::time::IssuedAt;
use muavu::features::{DailySeries, Panel, SeriesKey};
use muavu::forecast::targets::Issued;

/// Microseconds of a day.
pub const DAY_US: i64 = 86_400_000_000;

/// By variable and place: the day (epoch days), when it was known (microseconds), the value.
pub type Rows = BTreeMap<(&'static str, String), Vec<(i64, i64, f64)>>;

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

/// Returns a port that nobody listens at, for a program that is started later or again. It lies below
/// the ports that systems give away: one of those may meanwhile serve a connection of another test.
#[must_use]
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Two runs of the tests on one machine start at different ones.
    let offset = (std::process::id() % 200) as u16 * 100;
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let ports = std::iter::repeat_with(|| NEXT.fetch_add(1, Ordering::Relaxed));
    ports.take(20_000).map(|n| 11_000 + (offset + n) % 20_000).find(free).expect("a free port")
}

/// A random number from 0 to 1 fixed by `n`.
#[must_use]
pub fn noise(n: i64) -> f64 {
    let mut z = n.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// Returns a panel of these rows.
#[must_use]
pub fn panel_of(rows: Rows) -> Panel {
    rows.into_iter()
        .map(|((variable, place), rows)| {
            let key = SeriesKey { variable: variable.into(), place: place.parse().unwrap() };
            (key, DailySeries::from_rows(&rows))
        })
        .collect()
}

/// Returns the issue time of a morning.
#[must_use]
pub fn morning(on: Date) -> IssuedAt {
    IssuedAt::morning_of(on).unwrap()
}

/// Returns the panel with all that was known only after a moment replaced by garbage.
#[must_use]
pub fn spoiled(panel: &Panel, after: IssuedAt) -> Panel {
    let garbage = |day: i64| 1e6 * (noise(day) - 0.5);
    let at_us = after.0.as_microsecond();
    panel.iter().map(|(k, s)| (k.clone(), s.with_garbage_after(at_us, garbage))).collect()
}

/// Returns forecasts so that equal means equal to the last bit.
#[must_use]
pub fn bits(issued: &[Issued]) -> Vec<(u8, &'static str, [u64; 7])> {
    let bits = |i: &Issued| (i.horizon, i.model, i.quantiles.values().map(f64::to_bits));
    issued.iter().map(bits).collect()
}

pub fn skipped(why: &str) {
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

/// Returns the folder where the npm package `oidc-provider` is, or `None` after saying that the calling
/// test was skipped and why. `tests/run.sh` makes it and names it in `MUAVU_TEST_OIDC`.
#[must_use]
pub fn oidc_provider() -> Option<PathBuf> {
    let runs = std::process::Command::new("node").arg("--version").output();
    if !runs.is_ok_and(|out| out.status.success()) {
        skipped("no Node.js on this machine");
        return None;
    }
    let Some(folder) = std::env::var_os("MUAVU_TEST_OIDC").map(PathBuf::from) else {
        skipped("MUAVU_TEST_OIDC names no folder with oidc-provider (tests/run.sh makes one)");
        return None;
    };
    if folder.join("node_modules/oidc-provider/package.json").exists() {
        return Some(folder);
    }
    skipped(&format!("{} has no oidc-provider", folder.display()));
    None
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
