//! Real programs for the tests: ours, and the provider of the npm package `oidc-provider`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use muavu::publish::doors::oidc::CALLBACK_PATH;

use crate::command::{Said, muavu, said};
use crate::support::{self, free_port};

/// Our secret at the provider: with signs that must be written otherwise in a header.
pub const CLIENT_SECRET: &str = "hunter2 +/&:%";

type Settings = Vec<(&'static str, String)>;

/// Returns the settings for a provider at one port and us at another.
pub fn settings(provider_port: u16, own_port: u16) -> Settings {
    vec![
        ("MUAVU__OIDC__ISSUER", format!("http://127.0.0.1:{provider_port}")),
        ("MUAVU__OIDC__NAME", "Danh tính thử".into()),
        ("MUAVU__OIDC__CLIENT_ID", "muavu".into()),
        ("MUAVU__OIDC__CLIENT_SECRET", CLIENT_SECRET.into()),
        ("MUAVU__OIDC__BASE_URL", format!("http://127.0.0.1:{own_port}")),
    ]
}

/// Runs `muavu people` in the home that an empty home's server serves: the sample's.
pub fn people(home: &Path, settings: &Settings, args: &[&str]) -> Said {
    let mut command = muavu(&home.join("sample"));
    said(command.arg("people").args(args).envs(settings.iter().cloned()))
}

/// The provider, running.
pub struct Elsewhere {
    child: Child,
    /// Held open: it ends when it can say nothing more.
    _said: BufReader<ChildStdout>,
    port: u16,
    /// The port at which it knows us.
    pub own_port: u16,
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Elsewhere {
    /// Starts it; `None` after saying that the test is skipped and why.
    pub async fn start() -> Option<Self> {
        let folder = support::oidc_provider()?;
        let starting = tokio::task::spawn_blocking(move || Self::started(&folder));
        Some(starting.await.unwrap())
    }

    fn started(folder: &Path) -> Self {
        let (port, own_port) = (free_port(), free_port());
        let script: PathBuf =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/oidc_provider.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .env("MUAVU_TEST_OIDC", folder)
            .env("PORT", port.to_string())
            .env("REDIRECT_URI", format!("http://127.0.0.1:{own_port}{CALLBACK_PATH}"))
            .env("CLIENT_SECRET", CLIENT_SECRET)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        while !line.contains("listening") {
            line.clear();
            assert!(said.read_line(&mut line).unwrap() > 0, "the provider did not start");
        }
        Self { child, _said: said, port, own_port }
    }

    pub fn settings(&self) -> Settings {
        settings(self.port, self.own_port)
    }
}

/// Our program, serving.
pub struct Program {
    child: Child,
    reader: Option<JoinHandle<String>>,
    pub url: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Serves a home, and logs everything it can.
    pub fn serve(home: &Path, port: u16, settings: &Settings) -> Self {
        let mut child = muavu(home)
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .envs(settings.iter().cloned())
            .env("MUAVU__LOG__LEVEL", "trace")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut so_far = String::new();
        while !so_far.contains("serving") {
            let more = said.read_line(&mut so_far).unwrap();
            assert!(more > 0, "it ended before it listened:\n{so_far}");
        }
        let reader = std::thread::spawn(move || {
            let mut rest = String::new();
            said.read_to_string(&mut rest).unwrap();
            rest
        });
        Self { child, reader: Some(reader), url: format!("http://127.0.0.1:{port}") }
    }

    /// Ends it and returns what it said.
    pub fn stop(mut self) -> String {
        self.child.kill().unwrap();
        self.reader.take().unwrap().join().unwrap()
    }
}
