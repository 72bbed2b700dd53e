//! A loopback server that sends exactly the bytes it is told to: it can lie, stall and hang up.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the server does with one request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends this many kilobytes of `x`, as fast as they are taken.
    Flood(usize),
    /// Waits.
    Wait(Duration),
    /// Cuts the connection with a reset instead of an orderly end.
    Reset,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The path with its query.
    pub path: String,
    /// The head as text, names in lower case.
    pub head: String,
}

impl Hit {
    /// Returns the value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let line =
            self.head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")))?;
        Some(line.split_once(':')?.1.trim())
    }
}

#[derive(Debug, Default)]
struct Seen {
    hits: Vec<Hit>,
    flooded: usize,
    under_way: usize,
    most_at_once: usize,
}

/// A running server; it ends with the test's runtime.
#[derive(Debug, Clone)]
pub struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    /// Starts a server that answers the n-th request (from 0) by `plan`.
    pub async fn start(plan: impl Fn(usize, &Hit) -> Vec<Act> + Send + Sync + 'static) -> Self {
        Self::listen(Arc::new(plan), None).await
    }

    /// Starts a server that sends these answers in turn, the last one again and again.
    pub async fn script(answers: Vec<Vec<Act>>) -> Self {
        Self::start(move |n, _| answers[n.min(answers.len() - 1)].clone()).await
    }

    /// Starts a server that speaks TLS with a certificate nobody vouches for.
    pub async fn self_signed() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self::listen(Arc::new(|_: usize, _: &Hit| ok("{}")), Some(acceptor)).await
    }

    async fn listen(
        plan: Arc<dyn Fn(usize, &Hit) -> Vec<Act> + Send + Sync>,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, seen: Arc::default() };
        let seen = Arc::clone(&server.seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (plan, seen, tls) = (Arc::clone(&plan), Arc::clone(&seen), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve_plain(stream, plan.as_ref(), &seen).await,
                        Some(tls) => {
                            if let Ok(mut stream) = tls.accept(stream).await {
                                serve(&mut stream, plan.as_ref(), &seen).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    /// Returns an http address on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns an https address on this server.
    pub fn https(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// Returns the requests so far.
    pub fn hits(&self) -> Vec<Hit> {
        self.seen.lock().unwrap().hits.clone()
    }

    /// Returns how many kilobytes of floods were taken.
    pub fn flooded_kb(&self) -> usize {
        self.seen.lock().unwrap().flooded
    }

    /// Returns how many requests were under way at once at most.
    pub fn most_at_once(&self) -> usize {
        self.seen.lock().unwrap().most_at_once
    }
}

type Plan = dyn Fn(usize, &Hit) -> Vec<Act> + Send + Sync;

async fn serve_plain(mut stream: TcpStream, plan: &Plan, seen: &Mutex<Seen>) {
    if serve(&mut stream, plan, seen).await {
        let _ = stream.set_zero_linger();
    }
}

/// Serves one request and returns whether to end with a reset.
async fn serve(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    plan: &Plan,
    seen: &Mutex<Seen>,
) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            // The first byte of a TLS hello: somebody speaks https to a plain server.
            Ok(0x16) if head.is_empty() => {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                return false;
            }
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let hit = Hit { path, head };
    let acts = {
        let mut seen = seen.lock().unwrap();
        let acts = plan(seen.hits.len(), &hit);
        seen.hits.push(hit);
        seen.under_way += 1;
        seen.most_at_once = seen.most_at_once.max(seen.under_way);
        acts
    };
    let mut reset = false;
    for act in acts {
        match act {
            Act::Send(bytes) => {
                let _ = stream.write_all(&bytes).await;
            }
            Act::Flood(kilobytes) => flood(stream, kilobytes, seen).await,
            Act::Wait(time) => tokio::time::sleep(time).await,
            Act::Reset => reset = true,
        }
    }
    let _ = stream.flush().await;
    seen.lock().unwrap().under_way -= 1;
    if !reset {
        let _ = stream.shutdown().await;
    }
    reset
}

async fn flood(stream: &mut (impl AsyncWrite + Unpin), kilobytes: usize, seen: &Mutex<Seen>) {
    for _ in 0..kilobytes {
        if stream.write_all(&[b'x'; 1024]).await.is_err() {
            break;
        }
        seen.lock().unwrap().flooded += 1;
    }
}

/// Returns an answer with this status line, headers and body, and a true length.
pub fn reply(status: &str, headers: &[&str], body: &[u8]) -> Vec<Act> {
    let mut bytes = head(status, headers);
    let length = format!("content-length: {}\r\n\r\n", body.len());
    bytes.extend_from_slice(length.as_bytes());
    bytes.extend_from_slice(body);
    vec![Act::Send(bytes)]
}

/// Returns a good JSON answer.
pub fn ok(body: &str) -> Vec<Act> {
    reply("200 OK", &["content-type: application/json"], body.as_bytes())
}

/// Returns the head of an answer, without the empty line that ends it.
pub fn head(status: &str, headers: &[&str]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\nconnection: close\r\n").into_bytes();
    for header in headers {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// Returns a body compressed as gzip.
pub fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}
