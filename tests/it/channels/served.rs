//! A `muavu serve` for tests, whose every word is kept in a file.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::muavu;

/// The settings of every process of one test.
pub struct Setting {
    pub home: PathBuf,
    pub gateway: String,
    pub log: PathBuf,
}

impl Setting {
    /// Returns a command with the ways out set up, all of whose talk is kept.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = muavu(&self.home);
        self.outward(command.args(args));
        command
    }

    /// Sets up the ways out.
    pub fn outward(&self, command: &mut Command) {
        let gateway = &self.gateway;
        let hook = format!("[{{ name = \"province\", url = \"{gateway}/hook\", secret = \"s\" }}]");
        command
            .env("MUAVU__LOG__LEVEL", "debug,hyper=info,sqlx=info,reqwest=debug")
            // A quoted text: bare, TOML takes it for a time of its own.
            .env("MUAVU__CHANNELS__QUIET_FROM", "\"00:00:00\"")
            .env("MUAVU__CHANNELS__QUIET_TO", "\"00:00:00\"")
            .env("MUAVU__CHANNELS__WEBHOOKS", hook)
            .env("MUAVU__CHANNELS__SMS__GATEWAY__URL", format!("{gateway}/sms"))
            .env("MUAVU__CHANNELS__SMS__INBOUND__TOKEN", "inbound-token")
            .env("MUAVU__CHANNELS__LOUDSPEAKER__FOLDER", "scripts");
    }

    fn keep(&self) -> File {
        OpenOptions::new().create(true).append(true).open(&self.log).unwrap()
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> String {
        let output = self.command(args).stderr(self.keep()).output().unwrap();
        let said = std::fs::read_to_string(&self.log).unwrap();
        assert!(
            output.status.success(),
            "{args:?}: {}",
            said.lines().rev().take(5).collect::<String>()
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts to serve without waiting until it listens.
    pub fn start(&self) -> Child {
        self.start_with(|_| ())
    }

    fn start_with(&self, change: impl FnOnce(&mut Command)) -> Child {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        change(&mut command);
        command.stdout(Stdio::null()).stderr(self.keep()).spawn().unwrap()
    }

    /// Starts to serve; returns where.
    pub fn serve(&self) -> (Child, String) {
        self.serve_with(|_| ())
    }

    /// Starts to serve with other settings; returns where.
    pub fn serve_with(&self, change: impl FnOnce(&mut Command)) -> (Child, String) {
        let before = std::fs::read_to_string(&self.log).unwrap_or_default().len();
        (self.start_with(change), self.address(before))
    }

    /// Waits until what was logged after the first `before` bytes says where it serves.
    fn address(&self, before: usize) -> String {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let said = std::fs::read_to_string(&self.log).unwrap_or_default();
            let line = said[before..].lines().find(|line| line.contains("serving"));
            if let Some(line) = line {
                let (_, rest) = line.split_once("http://").unwrap();
                return format!("http://{}", rest.split('/').next().unwrap());
            }
            assert!(Instant::now() < until, "it does not serve: {said}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Kills as a power cut does.
pub fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Waits until something is so.
pub fn wait_for(what: &str, found: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(90);
    while !found() {
        assert!(Instant::now() < until, "{what} did not happen in 90 seconds");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Returns the files under a folder in which one of these texts stands, as bytes.
pub fn files_with(folder: &Path, texts: &[String]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, texts));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for text in texts {
            if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                found.push((path.clone(), text.clone()));
            }
        }
    }
    found
}
