//! Listens to an MQTT broker (3.1.1): a persistent session at QoS 1, and an acknowledgement only
//! when the message is kept for good.
//!
//! A broker that is gone is an ordinary day: it is tried again, with waits that grow to half a
//! minute, for as long as it takes; what it kept for us comes then. A disk that refuses is another:
//! the connection is begun anew, so that the broker sends again what was not acknowledged.

use std::path::PathBuf;
use std::time::Duration;

use futures::future::BoxFuture;
use rumqttc::tokio_rustls::rustls::crypto::aws_lc_rs;
use rumqttc::{
    AsyncClient, Event, EventLoop, MqttOptions, Packet, Publish, QoS, TlsConfiguration, Transport,
};
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};
use url::Url;

use crate::domain::Secret;
use crate::domain::{Fault, FaultKind, Retry};

/// The broker pings are answered within; three lost ones end a connection.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// The largest message the connection takes (bytes). What is larger than a sensor's message is cut
/// and becomes an issue; what is larger than this is the broker's to refuse (`message_size_limit`).
const PACKET_BYTES_MAX: usize = 16 << 20;

/// Requests of ours that may wait for the connection: acknowledgements, mostly.
const REQUESTS_MAX: usize = 4096;

/// Messages taken and not yet acknowledged.
const UNACKNOWLEDGED_MAX: usize = 65_535;

const WAIT_MIN: Duration = Duration::from_millis(250);
const WAIT_MAX: Duration = Duration::from_secs(30);

/// Which broker, as whom, and what to listen to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broker {
    /// `mqtt://host:1883` or `mqtts://host:8883`; empty for none.
    pub url: String,
    /// Our name at the broker, under which it keeps messages for us. Two with one name drive each
    /// other out.
    pub client_id: String,
    /// The name to sign in with, empty for none.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// A PEM file of the authority that signed the broker's certificate; empty for those the
    /// system trusts.
    pub ca_file: PathBuf,
    /// A PEM file of our certificate, for brokers that want one.
    pub client_cert_file: PathBuf,
    /// A PEM file of its key.
    pub client_key_file: PathBuf,
    /// Topic filters.
    pub topics: Vec<String>,
    /// Whether alarms are published there too.
    pub publish: bool,
}

/// A message as the broker gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its topic.
    pub topic: String,
    /// Whether the broker had kept it from before.
    pub retained: bool,
    /// Its body.
    pub payload: Vec<u8>,
}

/// Settings of a broker that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// An address that is none.
    #[error(
        "broker {given:?} is not an address of a broker (allowed: mqtt://host[:1883], mqtts://host[:8883])"
    )]
    Address {
        /// As given.
        given: String,
    },
    /// A certificate or key that cannot be read.
    #[error("broker file {} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A certificate without its key, or the reverse.
    #[error("client_cert_file and client_key_file are given together or not at all")]
    HalfAPair,
}

impl Fault for BrokerError {
    fn kind(&self) -> FaultKind {
        FaultKind::User
    }

    fn retry(&self) -> Retry {
        Retry::No
    }
}

/// Takes a message: the first future waits while too many wait, the second tells whether it is
/// kept.
pub type Take = dyn Fn(Message) -> BoxFuture<'static, BoxFuture<'static, bool>> + Send + Sync;

impl Broker {
    /// Checks the settings without connecting.
    ///
    /// # Errors
    /// [`BrokerError`] as in [`Broker::listen`].
    pub fn check(&self) -> Result<(), BrokerError> {
        self.options().map(|_| ())
    }

    /// Listens for ever. `status` is told when the connection begins and ends.
    ///
    /// # Errors
    /// [`BrokerError`] when the settings cannot be used; never for a broker that is away.
    pub async fn listen(
        &self,
        take: &Take,
        status: impl Fn(bool) + Send,
    ) -> Result<(), BrokerError> {
        let (client, mut events) = AsyncClient::new(self.options()?, REQUESTS_MAX);
        let (to_acknowledge, from) = mpsc::channel(UNACKNOWLEDGED_MAX);
        let (anew, mut begin_anew) = mpsc::channel::<()>(1);
        tokio::spawn(acknowledge(client.clone(), from, anew));
        let mut wait = WAIT_MIN;
        loop {
            let event = tokio::select! {
                event = events.poll() => event,
                Some(()) = begin_anew.recv() => {
                    self.break_off(&mut events).await;
                    status(false);
                    continue;
                }
            };
            match event {
                Ok(Event::Incoming(Packet::ConnAck(answer))) => {
                    wait = WAIT_MIN;
                    tracing::info!(broker = %self.url, ?answer, "broker connected");
                    status(true);
                    self.subscribe(&client);
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => {
                    let message = Message {
                        topic: publish.topic.clone(),
                        retained: publish.retain,
                        payload: publish.payload.to_vec(),
                    };
                    let kept = take(message).await;
                    // The channel holds more than the broker may leave unacknowledged.
                    if to_acknowledge.send((publish, kept)).await.is_err() {
                        return Ok(());
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    status(false);
                    tracing::warn!(broker = %self.url, %error, ?wait, "broker away, trying again");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(WAIT_MAX);
                }
            }
        }
    }

    /// Ends the connection without a word and waits a little; the next poll begins it anew.
    async fn break_off(&self, events: &mut EventLoop) {
        tracing::warn!(broker = %self.url, "messages could not be kept: asking for them again");
        events.clean();
        tokio::time::sleep(WAIT_MIN * 4).await;
    }

    /// Subscriptions are renewed at every connection: a broker that lost its disk forgot them.
    fn subscribe(&self, client: &AsyncClient) {
        for topic in &self.topics {
            if let Err(error) = client.try_subscribe(topic, QoS::AtLeastOnce) {
                tracing::error!(%topic, %error, "cannot subscribe");
            }
        }
    }

    fn options(&self) -> Result<MqttOptions, BrokerError> {
        let wrong = || BrokerError::Address { given: self.url.clone() };
        let url = Url::parse(&self.url).map_err(|_| wrong())?;
        let tls = match url.scheme() {
            "mqtt" => false,
            "mqtts" => true,
            _ => return Err(wrong()),
        };
        let host = url.host_str().ok_or_else(wrong)?;
        let port = url.port().unwrap_or(if tls { 8883 } else { 1883 });
        let mut options = MqttOptions::new(&self.client_id, host, port);
        options
            .set_clean_session(false)
            .set_manual_acks(true)
            .set_keep_alive(KEEP_ALIVE)
            .set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX);
        if !self.user.is_empty() {
            options.set_credentials(&self.user, self.password.expose());
        }
        if tls {
            options.set_transport(Transport::Tls(self.tls()?));
        }
        Ok(options)
    }

    fn tls(&self) -> Result<TlsConfiguration, BrokerError> {
        // Two providers of cryptography are in the program (reqwest brings the other), so rustls
        // asks which; an error only says that somebody has chosen already.
        let _chosen = aws_lc_rs::default_provider().install_default();
        let pair = match (present(&self.client_cert_file), present(&self.client_key_file)) {
            (Some(cert), Some(key)) => Some((read(cert)?, read(key)?)),
            (None, None) => None,
            _ => return Err(BrokerError::HalfAPair),
        };
        let Some(ca) = present(&self.ca_file) else {
            return match pair {
                None => Ok(TlsConfiguration::default()),
                Some(_) => Err(BrokerError::Address {
                    given: format!("{} with a client certificate but no ca_file", self.url),
                }),
            };
        };
        Ok(TlsConfiguration::Simple { ca: read(ca)?, alpn: None, client_auth: pair })
    }
}

/// Publishes to a broker, one message at a time, each until the broker says that it has it.
#[derive(Debug, Clone)]
pub struct Publisher {
    jobs: mpsc::Sender<Job>,
}

#[derive(Debug)]
struct Job {
    topic: String,
    body: String,
    done: oneshot::Sender<Result<(), String>>,
}

impl Broker {
    /// Begins to publish beside listening, under our name with `-out` behind it.
    ///
    /// # Errors
    /// [`BrokerError`] when the settings cannot be used.
    pub fn publisher(&self) -> Result<Publisher, BrokerError> {
        let mut options = self.options()?;
        options.set_client_id(format!("{}-out", self.client_id)).set_clean_session(true);
        let (jobs, from) = mpsc::channel(64);
        let (client, events) = AsyncClient::new(options, 16);
        tokio::spawn(publish(client, events, from));
        Ok(Publisher { jobs })
    }
}

impl Publisher {
    /// Publishes a message that stays for those who come later.
    ///
    /// # Errors
    /// In words, when the broker does not take it; it may be published again.
    pub async fn publish_retained(&self, topic: &str, body: &str) -> Result<(), String> {
        let (done, told) = oneshot::channel();
        let job = Job { topic: topic.to_owned(), body: body.to_owned(), done };
        let gone = "the publisher has ended".to_owned();
        self.jobs.send(job).await.map_err(|_| gone.clone())?;
        told.await.unwrap_or(Err(gone))
    }
}

async fn publish(client: AsyncClient, mut events: EventLoop, mut from: mpsc::Receiver<Job>) {
    let mut waiting: Option<oneshot::Sender<Result<(), String>>> = None;
    loop {
        tokio::select! {
            job = from.recv(), if waiting.is_none() => {
                let Some(job) = job else { return };
                waiting = match client.try_publish(job.topic, QoS::AtLeastOnce, true, job.body) {
                    Ok(()) => Some(job.done),
                    Err(error) => {
                        let _gone = job.done.send(Err(error.to_string()));
                        None
                    }
                };
            }
            event = events.poll() => match event {
                Ok(Event::Incoming(Packet::PubAck(_))) => {
                    if let Some(done) = waiting.take() {
                        let _gone = done.send(Ok(()));
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    if let Some(done) = waiting.take() {
                        let _gone = done.send(Err(error.to_string()));
                    }
                    tokio::time::sleep(WAIT_MIN * 8).await;
                }
            },
        }
    }
}

/// Acknowledges in the order of arrival, each message when it is kept.
async fn acknowledge(
    client: AsyncClient,
    mut from: mpsc::Receiver<(Publish, BoxFuture<'static, bool>)>,
    anew: mpsc::Sender<()>,
) {
    while let Some((publish, kept)) = from.recv().await {
        if !kept.await {
            // One signal is enough for many refused messages.
            let _full = anew.try_send(());
            continue;
        }
        if let Err(error) = client.ack(&publish).await {
            tracing::warn!(%error, "an acknowledgement was lost; the message will come again");
        }
    }
}

fn present(path: &PathBuf) -> Option<&PathBuf> {
    (!path.as_os_str().is_empty()).then_some(path)
}

fn read(path: &PathBuf) -> Result<Vec<u8>, BrokerError> {
    std::fs::read(path).map_err(|source| BrokerError::File { path: path.clone(), source })
}
