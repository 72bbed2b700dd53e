//! Load on the whole stream: a real Mosquitto, the real program, loggers and a listener, all on
//! this machine. Not a test: it says what it measured.
//!
//! ```sh
//! cargo bench --bench stream -- rate 50000 60 25      # readings a second, seconds, readings a message
//! cargo bench --bench stream -- latency 5000 60 1
//! ```
//! `MUAVU_BIN` names another build of the program than the one that cargo made just now.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on must stop where it is, and asks the clock"
)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::json;

const DEVICES: u64 = 10_000;
const CONNECTIONS: u64 = 2;

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _already_gone = self.0.kill();
        let _status = self.0.wait();
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let number =
        |i: usize, otherwise: u64| args.get(i).map_or(otherwise, |text| text.parse().unwrap());
    let what = args.first().map_or("latency", String::as_str);
    let (rate, seconds, batch) = (number(1, 5_000), number(2, 20), number(3, 1));
    let folder = tempfile::tempdir().unwrap();
    let port = 21_883;
    let _broker = broker(folder.path(), port);
    let mut stream = stream(folder.path(), port);
    let url = listening(&mut stream);
    let memory = Arc::new(AtomicU64::new(0));
    let pid = stream.0.id();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!(
        "{what}: {rate} readings/s for {seconds} s, {batch} a message, {DEVICES} devices, {} cores",
        std::thread::available_parallelism().unwrap()
    );
    let delays = (what == "latency").then(|| {
        let url = format!("{url}/v1/events?kind=reading");
        std::thread::spawn(move || listen(&url, rate * seconds))
    });
    std::thread::sleep(Duration::from_secs(1));
    let started = Instant::now();
    runtime.block_on(async {
        let loads = (0..CONNECTIONS).map(|c| tokio::spawn(load(port, c, rate, seconds, batch)));
        let peak = Arc::clone(&memory);
        let watch = tokio::spawn(async move {
            loop {
                let now = resident_mb(pid);
                peak.fetch_max(now, Ordering::Relaxed);
                println!("  {:>4} s  {now} MB", started.elapsed().as_secs());
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
        });
        futures::future::join_all(loads).await;
        watch.abort();
    });
    let sent = started.elapsed();
    let total = rate * seconds;
    let until = Instant::now() + Duration::from_secs(120);
    let taken = loop {
        let taken = runtime.block_on(readings(&url));
        if taken >= total || Instant::now() > until {
            break taken;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let took = started.elapsed();
    println!(
        "sent in {:.1} s, {taken} of {total} taken, checked and journalled in {:.1} s: {:.0} readings/s; \
         highest memory {} MB",
        sent.as_secs_f64(),
        took.as_secs_f64(),
        taken as f64 / took.as_secs_f64(),
        memory.load(Ordering::Relaxed)
    );
    if let Some(delays) = delays {
        let mut delays = delays.join().unwrap();
        delays.sort_unstable();
        let at = |share: f64| delays[((delays.len() - 1) as f64 * share) as usize] as f64 / 1e3;
        println!(
            "publish to event, {} events: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
            delays.len(),
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0)
        );
    }
}

fn broker(folder: &Path, port: u16) -> Ended {
    let config = folder.join("mosquitto.conf");
    let text = format!(
        "listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n\
         max_inflight_messages 0\nset_tcp_nodelay true\nuser root\n"
    );
    std::fs::write(&config, text).unwrap();
    let mut command = Command::new("/usr/sbin/mosquitto");
    let child = command.arg("-c").arg(config).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    Ended(child)
}

fn stream(folder: &Path, port: u16) -> Ended {
    let built = env!("CARGO_BIN_EXE_muavu").into();
    let mut command = Command::new(std::env::var_os("MUAVU_BIN").unwrap_or(built));
    command
        .arg("--home")
        .arg(folder.join("home"))
        .args(["stream", "--listen", "127.0.0.1:0"])
        .env("MUAVU__STREAM__BROKER__URL", format!("mqtt://127.0.0.1:{port}"))
        .stderr(Stdio::piped());
    Ended(command.spawn().unwrap())
}

fn listening(stream: &mut Ended) -> String {
    let started = Instant::now();
    let mut lines = BufReader::new(stream.0.stderr.take().unwrap()).lines();
    let url = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some((_, rest)) = line.split_once("http://") {
            break format!("http://{}", rest.split('/').next().unwrap());
        }
    };
    println!("ready in {} ms", started.elapsed().as_millis());
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(|l| println!("  {l}")));
    std::thread::sleep(Duration::from_millis(500));
    url
}

/// Publishes its share of the readings at an even pace, QoS 1.
async fn load(port: u16, connection: u64, rate: u64, seconds: u64, batch: u64) {
    let mut options = MqttOptions::new(format!("load-{connection}"), "127.0.0.1", port);
    options.set_inflight(2_000).set_keep_alive(Duration::from_secs(60));
    let (client, mut events) = AsyncClient::new(options, 2_000);
    let messages = rate * seconds / batch / CONNECTIONS;
    let pace = Duration::from_secs_f64(seconds as f64 / messages as f64);
    let sender = tokio::spawn(async move {
        let started = Instant::now();
        for i in 0..messages {
            let due = started + pace * u32::try_from(i).unwrap();
            tokio::time::sleep_until(due.into()).await;
            let device = (i * CONNECTIONS + connection) % DEVICES;
            let body = body(batch, (i * CONNECTIONS + connection) / DEVICES);
            let topic = format!("muavu/d{device}/up");
            client.publish(topic, QoS::AtLeastOnce, false, body).await.unwrap();
        }
    });
    let mut acknowledged = 0;
    while acknowledged < messages {
        if let Event::Incoming(Packet::PubAck(_)) = events.poll().await.unwrap() {
            acknowledged += 1;
        }
    }
    sender.await.unwrap();
}

/// One message: its newest reading was taken this very moment.
fn body(batch: u64, round: u64) -> String {
    let now = Timestamp::now();
    if batch == 1 {
        return json!({ "time": now.to_string(), "ec_us_cm": 300 + round % 50 }).to_string();
    }
    let readings: Vec<_> = (0..batch)
        .rev()
        .map(|k| {
            let time = now - SignedDuration::from_millis(i64::try_from(k).unwrap());
            json!({ "time": time.to_string(), "ec_us_cm": 300 + (round + k) % 50 })
        })
        .collect();
    json!({ "readings": readings }).to_string()
}

async fn readings(url: &str) -> u64 {
    let text = reqwest::get(format!("{url}/metrics")).await.unwrap().text().await.unwrap();
    let line = text.lines().find(|l| l.starts_with("muavu_stream_readings_total")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Hears `wanted` readings; returns how long each was under way (µs).
fn listen(url: &str, wanted: u64) -> Vec<u64> {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut to = std::net::TcpStream::connect(host).unwrap();
    to.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    std::io::Write::write_all(
        &mut to,
        format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes(),
    )
    .unwrap();
    let mut delays = Vec::new();
    let mut rest = Vec::new();
    let mut chunk = [0; 65_536];
    while (delays.len() as u64) < wanted {
        let Ok(read) = to.read(&mut chunk) else { break };
        if read == 0 {
            break;
        }
        let now = Timestamp::now();
        rest.extend_from_slice(&chunk[..read]);
        let end = rest.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let text = String::from_utf8_lossy(&rest[..end]).into_owned();
        rest.drain(..end);
        for line in text.lines().filter(|l| l.contains("\"event\":\"reading\"")) {
            let told = line.split("\"event_time\":\"").nth(1).unwrap().split('"').next().unwrap();
            let told: Timestamp = told.parse().unwrap();
            delays.push(u64::try_from(now.duration_since(told).as_micros()).unwrap_or(0));
        }
    }
    delays
}

fn resident_mb(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with("VmRSS")).unwrap_or("VmRSS: 0 kB");
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
