//! `muavu serve`: what is published, and the console where it is reviewed.

use std::future::pending;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::site::Site;
use super::{Context, Failure, outbox};
use crate::forecast::targets::Target as _;
use crate::forecast::targets::salinity_station::SalinityStation;
use crate::ops::clock;
use crate::pipeline::{Home, sending, series};
use crate::publish::api;

/// Serve what is published over a read-only API
#[derive(Debug, Args)]
#[command(after_help = "Example: muavu serve --listen 127.0.0.1:8780")]
pub struct Serve {
    /// Address and port, instead of the settings'
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        serve(context, self.listen).await
    }
}

/// Serves the context's home until Ctrl-C or SIGTERM.
pub(super) async fn serve(
    context: &Context,
    listen: Option<SocketAddr>,
) -> Result<ExitCode, Failure> {
    let home = Home::open(context.home()).await?;
    sending::start(&home, outbox::outward(context), clock::now)?;
    let panel = series::panel(&home.lake, &[&SalinityStation]).await?;
    let measured = panel.places_of(SalinityStation.variable()).next().is_some();
    // Sensors may have raised alarms before any station's days are known: they are no sample.
    let own = measured || !home.records.alarms(false).await?.is_empty();
    let sample = panel.is_sample() || !own;
    let home = if own { home } else { Home::open(&home.sample_root()).await? };
    let Site { routes, link } = Site::of(context, &home, None).await?;
    let address = listen.unwrap_or(context.settings.serve.listen);
    let ready = |bound: SocketAddr| {
        context.say(format!(
            "serving {} on http://{bound}/, health at /v1/health (Ctrl-C ends it)",
            if sample { "the SAMPLE" } else { "what is published" }
        ));
        link.say(context, bound);
    };
    api::serve(routes, address, ready, asked_to_stop()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Hears Ctrl-C and SIGTERM from this call on, not only once it is waited for: who asks a program to
/// stop that has only just begun to listen would kill it.
pub(super) fn asked_to_stop() -> impl Future<Output = ()> + Send + 'static {
    let heard = signal(SignalKind::interrupt()).and_then(|interrupt| {
        signal(SignalKind::terminate()).map(|terminate| (interrupt, terminate))
    });
    async move {
        let Ok((mut interrupt, mut terminate)) = heard else { return pending().await };
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    }
}
