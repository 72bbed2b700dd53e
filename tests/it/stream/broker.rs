//! The stream with a real Mosquitto: kills, a broker that goes and comes back, TLS, passwords.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};

use super::live::Live;
use super::tables;
use crate::support::{self, free_port};

/// A Mosquitto of our own on a free port.
pub struct Mosquitto {
    child: Option<Child>,
    config: PathBuf,
    pub port: u16,
}

impl Mosquitto {
    pub fn start(folder: &Path, first: &str, more: &str) -> Option<Self> {
        let program = support::mosquitto()?;
        let port = free_port();
        let data = folder.join("mosquitto");
        std::fs::create_dir_all(&data).unwrap();
        let config = folder.join("mosquitto.conf");
        let text = format!(
            "{first}\nlistener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n\
             persistence_location {}/\nmax_queued_messages 0\nmax_inflight_messages 0\n\
             {more}\n",
            data.display()
        );
        std::fs::write(&config, text).unwrap();
        let mut broker = Self { child: None, config, port };
        broker.up(&program);
        Some(broker)
    }

    fn up(&mut self, program: &Path) {
        let mut command = Command::new(program);
        command.arg("-c").arg(&self.config).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().unwrap());
        let until = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < until, "the broker does not come up");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it as an operator does: it writes what it holds to its disk.
    fn down(&mut self) {
        if let Some(mut child) = self.child.take() {
            let pid = child.id().to_string();
            assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
            child.wait().unwrap();
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _already_gone = child.kill();
            let _status = child.wait();
        }
    }
}

/// Publishes readings `from..to` of a device, a minute apart, each waited for.
async fn publish(port: u16, from: i64, to: i64) {
    let mut options = MqttOptions::new(format!("logger-{from}"), "127.0.0.1", port);
    options.set_keep_alive(Duration::from_secs(5)).set_inflight(100);
    let (client, mut events) = AsyncClient::new(options, 100);
    let sent = tokio::spawn(async move {
        for i in from..to {
            let time = jiff::Timestamp::from_second(1_737_900_000 + i * 60).unwrap();
            let body = serde_json::json!({"time": time.to_string(), "ec_us_cm": 300 + i % 50});
            client
                .publish("muavu/one/up", QoS::AtLeastOnce, false, body.to_string())
                .await
                .unwrap();
        }
    });
    let mut acknowledged = 0;
    while acknowledged < to - from {
        match events.poll().await {
            Ok(Event::Incoming(Packet::PubAck(_))) => acknowledged += 1,
            Ok(_) => {}
            Err(error) => panic!("the logger lost its broker: {error}"),
        }
    }
    sent.await.unwrap();
}

fn readings(home: &Path) -> usize {
    tables(home)["observation"].len()
}

fn wait_for_readings(home: &Path, wanted: usize) {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let now = readings(home);
        if now >= wanted || Instant::now() > until {
            assert_eq!(now, wanted, "every reading once, none twice");
            return;
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn listening_to(home: &Path, port: u16) -> Live {
    Live::start(home, |command| {
        command.env("MUAVU__STREAM__BROKER__URL", format!("mqtt://127.0.0.1:{port}"));
    })
}

#[test]
fn killed_again_and_again_under_load_no_reading_is_lost_or_counted_twice() {
    let folder = tempfile::tempdir().unwrap();
    let Some(broker) = Mosquitto::start(folder.path(), "user root", "") else { return };
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    // The first connection makes the session; from then on the broker keeps what comes meanwhile.
    let live = listening_to(&home, broker.port);
    live.wait_for_broker();
    let port = broker.port;
    let load = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for part in 0..20 {
            runtime.block_on(publish(port, part * 150, (part + 1) * 150));
            std::thread::sleep(Duration::from_millis(60));
        }
    });
    let mut live = Some(live);
    for wait in [230, 410, 170, 520, 340] {
        std::thread::sleep(Duration::from_millis(wait));
        live.take().unwrap().kill();
        live = Some(listening_to(&home, broker.port));
    }
    load.join().unwrap();
    wait_for_readings(&home, 3_000);
    live.unwrap().stop();
    assert_eq!(readings(&home), 3_000);
}

#[test]
fn a_broker_that_goes_and_comes_back_is_an_ordinary_day() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut broker) = Mosquitto::start(folder.path(), "user root", "") else { return };
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let live = listening_to(&home, broker.port);
    live.wait_for_broker();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(publish(broker.port, 0, 200));
    wait_for_readings(&home, 200);
    broker.down();
    std::thread::sleep(Duration::from_secs(2));
    broker.up(&support::mosquitto().unwrap());
    runtime.block_on(publish(broker.port, 200, 400));
    wait_for_readings(&home, 400);
    live.stop();
}

#[test]
fn a_broker_with_tls_and_passwords_is_spoken_to_and_a_wrong_certificate_is_not_trusted() {
    let folder = tempfile::tempdir().unwrap();
    if support::mosquitto().is_none() {
        return;
    }
    let authority =
        rcgen::CertifiedIssuer::self_signed(ca(), rcgen::KeyPair::generate().unwrap()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let server = server.signed_by(&key, &authority).unwrap();
    let put = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let ca_file = put("ca.pem", authority.pem());
    let cert = put("server.pem", server.pem());
    let key = put("server.key", key.serialize_pem());
    let passwords = folder.path().join("passwords");
    let made = Command::new("mosquitto_passwd")
        .args(["-b", "-c", &passwords.display().to_string(), "muavu", "s3cret"])
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    let tls_port = free_port();
    let more = format!(
        "listener {tls_port} 127.0.0.1\nallow_anonymous false\n\
         password_file {}\ncertfile {}\nkeyfile {}\n",
        passwords.display(),
        cert.display(),
        key.display()
    );
    let first = "per_listener_settings true\nuser root";
    let Some(broker) = Mosquitto::start(folder.path(), first, &more) else { return };
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let start = |ca: &Path, password: &str| {
        Live::start(&home, |command| {
            command
                .env("MUAVU__STREAM__BROKER__URL", format!("mqtts://127.0.0.1:{tls_port}"))
                .env("MUAVU__STREAM__BROKER__USER", "muavu")
                .env("MUAVU__STREAM__BROKER__PASSWORD", password)
                .env("MUAVU__STREAM__BROKER__CA_FILE", ca);
        })
    };
    let up = |live: &Live| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let text = runtime.block_on(async {
            reqwest::get(format!("{}/metrics", live.url)).await.unwrap().text().await.unwrap()
        });
        text.lines().any(|line| line == "muavu_stream_broker_up 1")
    };
    let live = start(&ca_file, "s3cret");
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(up(&live), "the right certificate and password");
    live.stop();
    let live = start(&ca_file, "wrong");
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(!up(&live), "a wrong password");
    live.stop();
    let other =
        rcgen::CertifiedIssuer::self_signed(ca(), rcgen::KeyPair::generate().unwrap()).unwrap();
    let live = start(&put("other.pem", other.pem()), "s3cret");
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(!up(&live), "a certificate another authority signed");
    live.stop();
    drop(broker);
}

fn ca() -> rcgen::CertificateParams {
    let mut ca = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    ca
}
