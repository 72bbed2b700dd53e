//! `muavu serve`: the read-only API.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use clap::Args;

use super::{Context, Failure};
use crate::domain::Geography;
use crate::forecast::targets::Target as _;
use crate::forecast::targets::salinity_station::SalinityStation;
use crate::ops::clock;
use crate::pipeline::neighbours::HomeNeighbours;
use crate::pipeline::{Home, PipelineError, series};
use crate::publish::api::{self, Shelf};
use crate::publish::farmer;
use crate::publish::heard::HEARD_FILE;
use crate::publish::today::Board;

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
    let panel = series::panel(&home.lake, &[&SalinityStation]).await?;
    let measured = panel.places_of(SalinityStation.variable()).next().is_some();
    let sample = panel.is_sample() || !measured;
    let home = if measured { home } else { Home::open(&home.sample_root()).await? };
    let shelf = shelf(&home)?;
    let pages = farmer_pages(context, &shelf)?;
    let address = listen.unwrap_or(context.settings.serve.listen);
    let ready = |bound: SocketAddr| {
        context.say(format!(
            "serving {} on http://{bound}/, health at /v1/health (Ctrl-C ends it)",
            if sample { "the SAMPLE" } else { "what is published" }
        ));
    };
    api::serve(api::router(shelf).merge(pages), address, ready, stopped()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the farmer's pages of a home.
pub(super) fn farmer_pages(context: &Context, shelf: &Shelf) -> Result<Router, Failure> {
    let devices = context.home().join(&context.settings.stream.devices);
    let neighbours = Arc::new(HomeNeighbours::shipped(devices)?);
    let board = Board::new(shelf.clone(), neighbours);
    Ok(farmer::router(board).map_err(PipelineError::from)?)
}

/// Returns what the API reads of a home.
pub(super) fn shelf(home: &Home) -> Result<Shelf, Failure> {
    Ok(Shelf {
        lake: home.lake.clone(),
        records: home.records.clone(),
        geography: Arc::new(Geography::shipped().map_err(PipelineError::from)?),
        heard: home.root.join("stream").join(HEARD_FILE),
        now: clock::now,
        stand_ins: crate::forecast::targets::stand_ins,
    })
}

/// Resolves on Ctrl-C or SIGTERM.
pub(super) async fn stopped() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! { () = ctrl_c => {}, _ = term.recv() => {} }
            return;
        }
    }
    ctrl_c.await;
}
