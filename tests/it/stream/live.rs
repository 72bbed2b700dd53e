//! A running stream for tests: started on a free port, stopped or killed.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use super::eager;
use crate::command::muavu;

/// A `muavu stream` that listens.
pub struct Live {
    child: Child,
    /// Where it serves, without a slash at the end.
    pub url: String,
    /// Every line it said.
    pub said: Arc<Mutex<Vec<String>>>,
}

impl Live {
    /// Starts one on this home; `with` may add settings.
    pub fn start(home: &Path, with: impl FnOnce(&mut Command)) -> Self {
        Self::start_as(&["stream", "--listen", "127.0.0.1:0"], home, with)
    }

    /// Starts a command that listens on this home.
    pub fn start_as(args: &[&str], home: &Path, with: impl FnOnce(&mut Command)) -> Self {
        let mut command = muavu(home);
        eager(&mut command).args(args);
        with(&mut command);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = Arc::new(Mutex::new(Vec::new()));
        let url = loop {
            let line = lines.next().expect("it ended before it listened").unwrap();
            let url = line
                .split_once("listening on http://")
                .map(|(_, rest)| format!("http://{}", rest.split('/').next().unwrap()));
            said.lock().unwrap().push(line);
            if let Some(url) = url {
                break url;
            }
        };
        // What it says later is read away, so that it never waits for us.
        let more = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                eprintln!("stream: {line}");
                more.lock().unwrap().push(line);
            }
        });
        Self { child, url, said }
    }

    /// Waits until it is connected to its broker.
    pub fn wait_for_broker(&self) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
        runtime.block_on(async {
            loop {
                let answer = reqwest::get(format!("{}/metrics", self.url)).await.unwrap();
                let text = answer.text().await.unwrap();
                if text.lines().any(|line| line == "muavu_stream_broker_up 1") {
                    return;
                }
                assert!(std::time::Instant::now() < until, "no broker: {text}");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        });
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as a power cut does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop and waits until it has stored what it took.
    pub fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _status = self.child.wait();
    }
}
