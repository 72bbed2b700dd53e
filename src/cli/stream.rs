//! `muavu stream`: sensors in, rows, forecasts and alarms out, within seconds.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use clap::Args;
use futures::FutureExt as _;
use jiff::Timestamp;
use tokio::task::JoinHandle;

use super::site::Site;
use super::{Context, Failure, outbox, serve};
use crate::domain::PlaceId;
use crate::domain::time::{day_start, local_date};
use crate::ops::clock;
use crate::pipeline::stream::{
    self, FIT, Fits, Ingest, Metrics, Pace, Parts, RETAINED, Rules, Running, SETTLE, Store, ingest,
    nowcast, push, recording,
};
use crate::pipeline::{Home, PipelineError, sending};
use crate::publish::api;
use crate::publish::feed::Feed;
use crate::sources::sensor::mqtt::{Broker, Message};
use crate::sources::sensor::{Fields, Registry};
use crate::storage::HomeLock;

/// Listen to sensors over MQTT and HTTP, or play a recording, and act within seconds
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  muavu stream                                    # the broker of the settings\n  muavu stream --replay buoy.csv --device vl-sal-007 --speed 600"
)]
pub struct Stream {
    /// Address and port of the API, instead of the settings'
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Play this recording instead of listening: a CSV of readings, or JSON lines of messages
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// How many times faster than it was recorded; 0 is as fast as can be
    #[arg(long, value_name = "N", default_value_t = 0.0, requires = "replay")]
    speed: f64,
    /// The device the recording is of, as devices.toml names it
    #[arg(long, value_name = "NAME", default_value = "recording", requires = "replay")]
    device: String,
}

impl Stream {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let live = Live::start(context, self.replay.is_some()).await?;
        match &self.replay {
            Some(file) => {
                let played = self.play(context, file, &live).await;
                live.running.finish().await?;
                played?;
            }
            None => live.hear(context)?.listen(context, self.listen).await?,
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Hands in the messages of a recording, at their pace, from where an earlier play ended.
    async fn play(&self, context: &Context, file: &Path, live: &Live) -> Result<(), Failure> {
        let arrivals = recording::read(file, &self.device, &live.fields)?;
        let before = arrivals.len();
        let rest: Vec<_> = arrivals
            .into_iter()
            .filter(|a| live.running.played.get(&a.channel).is_none_or(|to| a.arrived_at >= *to))
            .collect();
        if rest.len() < before {
            context.say(format!("{} of {before} messages were played before", before - rest.len()));
        }
        let mut last = rest.first().map(|a| a.arrived_at);
        let mut waiting = Vec::new();
        let count = rest.len();
        let mut fitted = live.running.fitted_at;
        for arrival in rest {
            let midnight =
                day_start(local_date(arrival.arrived_at)).map_err(PipelineError::from)?;
            if fitted.is_none_or(|at| at < midnight) {
                live.fit_as_of(midnight).await?;
                fitted = Some(midnight);
            }
            if let (Some(from), true) = (last, self.speed > 0.0) {
                let gap = arrival.arrived_at.duration_since(from).as_secs_f64() / self.speed;
                tokio::time::sleep(Duration::from_secs_f64(gap.max(0.0))).await;
            }
            last = Some(arrival.arrived_at);
            let handed =
                live.running.ingest.hand_in(arrival.arrived_at, arrival.channel, arrival.payload);
            waiting.push(handed.await.map_err(refused)?);
        }
        for kept in waiting {
            ingest::kept(kept).await.map_err(refused)?;
        }
        context.say(format!("{count} messages of {} played", file.display()));
        Ok(())
    }
}

fn refused(refused: stream::Refused) -> PipelineError {
    PipelineError::Refused(refused)
}

/// A running stream with everything around it; also part of `muavu up`.
pub(super) struct Live {
    running: Running,
    fields: Fields,
    registry: Arc<Registry>,
    places: Arc<BTreeSet<PlaceId>>,
    feed: Feed,
    metrics: Arc<Metrics>,
    home: Home,
    broker: Option<JoinHandle<()>>,
    _lock: HomeLock,
}

impl Live {
    /// Opens the home and starts the engine; `recorded` time passes by messages only.
    pub(super) async fn start(context: &Context, recorded: bool) -> Result<Self, Failure> {
        let settings = &context.settings.stream;
        let folder = context.home().join("stream");
        let lock = HomeLock::take(&folder, &format!("muavu stream since {}", clock::now()))?;
        let home = Home::open(context.home()).await?;
        let registry = Registry::load(&context.home().join(&settings.devices))?;
        let rules = Rules::shipped(registry.clone())?;
        let fields = rules.fields.clone();
        // A recording is the past: its alarms are kept and shown, and nobody is sent them.
        if !recorded {
            sending::start(&home, outbox::outward(context), clock::now)?;
        }
        let (feed, metrics) = (Feed::default(), Arc::new(Metrics::default()));
        let parts = Parts {
            store: Store { lake: home.lake.clone(), folder },
            records: home.records.clone(),
            announces: !recorded,
            feed: feed.clone(),
            metrics: Arc::clone(&metrics),
            pace: Pace {
                flush_rows: settings.flush_rows,
                flush_every: Duration::from_secs(settings.flush_secs),
                remember_every: Duration::from_secs(settings.remember_secs),
                clock: (!recorded).then_some(clock::now as fn() -> _),
            },
        };
        let running = stream::start(rules, parts).await?;
        let places = Arc::new(registry.iter().map(|(_, device)| device.place.clone()).collect());
        let registry = Arc::new(registry);
        let (broker, _lock) = (None, lock);
        let live = Self { running, fields, registry, places, feed, metrics, home, broker, _lock };
        // A recording is played as it was heard then, and fits as its own days begin.
        if !recorded {
            live.fit_daily();
            live.keep_files_few();
        }
        Ok(live)
    }

    /// Fits the hours' models on what the recording had told by `at`, as its own days begin.
    async fn fit_as_of(&self, at: Timestamp) -> Result<(), Failure> {
        let number = self.running.ingest.keep(at, SETTLE.to_owned(), Vec::new()).await;
        let number = number.map_err(refused)?;
        let mut stored = self.running.stored.clone();
        // An engine that has died is told of by `finish`.
        let _died = stored.wait_for(|through| *through >= number).await;
        let learn = |fits| learn(self.running.ingest.clone(), fits);
        nowcast::fit(&self.home.lake, &self.places, at, learn).await?;
        Ok(())
    }

    /// Fits the hours' models when a day has passed since the last time, on what the lake holds.
    fn fit_daily(&self) {
        let (ingest, lake) = (self.running.ingest.downgrade(), self.home.lake.clone());
        let (places, mut fitted_at) = (Arc::clone(&self.places), self.running.fitted_at);
        tokio::spawn(async move {
            loop {
                let age = fitted_at.map(|at| clock::now().duration_since(at).unsigned_abs());
                tokio::time::sleep(age.map_or(Duration::ZERO, |age| DAY.saturating_sub(age))).await;
                let now = clock::now();
                let learn = |fits| {
                    let ingest = ingest.upgrade().ok_or(stream::Refused::Stopping);
                    async move { learn(ingest?, fits).await }
                };
                match nowcast::fit(&lake, &places, now, learn).await {
                    Ok(places) => tracing::info!(places, "the hours' models are fitted"),
                    Err(error) => tracing::error!(%error, "the hours' models could not be fitted"),
                }
                fitted_at = Some(now);
            }
        });
    }

    /// Joins the small files the stream writes, so that readers need not open thousands.
    fn keep_files_few(&self) {
        let (lake, every) = (self.home.lake.clone(), JOIN_EVERY);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                match stream::join_small_files(&lake).await {
                    Ok(joined) => tracing::debug!(joined, "small files are joined"),
                    // A morning's run that wrote the same table meanwhile; the next time will do.
                    Err(error) => tracing::warn!(%error, "small files could not be joined"),
                }
            }
        });
    }

    /// Listens over HTTP, and to the broker once [`Self::hear`] did, until Ctrl-C or SIGTERM; then
    /// stores what was taken in.
    pub(super) async fn listen(
        self,
        context: &Context,
        at: Option<SocketAddr>,
    ) -> Result<(), Failure> {
        let asked = serve::asked_to_stop();
        let address = at.unwrap_or(context.settings.serve.listen);
        let Site { routes, link } = Site::of(context, &self.home, Some(self.routes())).await?;
        let ready = |bound: SocketAddr| {
            context.say(format!("listening on http://{bound}/v1/readings (Ctrl-C ends it)"));
            link.say(context, bound);
        };
        let ingest = self.running.ingest.clone();
        let stop = async move {
            tokio::select! { () = asked => {}, () = ingest.closed() => {} }
        };
        let served = api::serve(routes, address, ready, stop.boxed()).await;
        if let Some(broker) = self.broker {
            broker.abort();
        }
        self.running.finish().await?;
        Ok(served?)
    }

    /// Returns the routes of a running stream beside those that are always there.
    fn routes(&self) -> Router {
        let push = push::Push {
            ingest: self.running.ingest.downgrade(),
            registry: Arc::clone(&self.registry),
            now: clock::now,
        };
        let (metrics, waiting) = (Arc::clone(&self.metrics), self.running.ingest.downgrade());
        let text = move || {
            let waits = waiting.upgrade().map_or(0, |ingest| ingest.waiting());
            metrics.waiting.set(i64::try_from(waits).unwrap_or(i64::MAX));
            let text = metrics.text();
            async move {
                let kind = (header::CONTENT_TYPE, OPEN_METRICS);
                ([kind, (header::CACHE_CONTROL, "no-store")], text)
            }
        };
        api::live(self.feed.clone())
            .merge(push::router(push))
            .merge(Router::new().route("/metrics", get(text)))
    }

    /// Begins to listen to the broker, if the settings name one.
    pub(super) fn hear(mut self, context: &Context) -> Result<Self, Failure> {
        let broker: Broker = context.settings.stream.broker.clone();
        if broker.url.is_empty() {
            context.say("no broker in the settings ([stream.broker] url): HTTP only");
            return Ok(self);
        }
        broker.check()?;
        let (ingest, metrics) = (self.running.ingest.clone(), Arc::clone(&self.metrics));
        self.broker = Some(tokio::spawn(async move {
            let take = move |message| take(ingest.clone(), message).boxed();
            let listened = broker
                .listen(&take, move |up| {
                    metrics.broker_up.set(i64::from(up));
                })
                .await;
            if let Err(error) = listened {
                tracing::error!(%error, "the broker is no longer listened to");
            }
        }));
        Ok(self)
    }
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How long fitted models stand: a front changes what can be learned within days, not hours.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How often small files are joined: at a flush each half minute about eight have come by then.
const JOIN_EVERY: Duration = Duration::from_secs(240);

/// Hands fitted models to the engine.
async fn learn(ingest: Ingest, fits: Fits) -> Result<(), PipelineError> {
    ingest.keep(fits.at, FIT.to_owned(), fits.payload()?).await?;
    Ok(())
}

/// Hands in a message of the broker; what is too large for a sensor's is cut, and becomes an issue.
async fn take(ingest: Ingest, message: Message) -> futures::future::BoxFuture<'static, bool> {
    let way = if message.retained { RETAINED } else { "mqtt/" };
    let mut payload = message.payload;
    payload.truncate(crate::storage::journal::PAYLOAD_BYTES_MAX);
    let handed = ingest.hand_in(clock::now(), format!("{way}{}", message.topic), payload).await;
    async move {
        match handed {
            Ok(kept) => ingest::kept(kept).await.is_ok(),
            Err(_) => false,
        }
    }
    .boxed()
}
