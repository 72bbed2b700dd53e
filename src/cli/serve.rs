//! `muavu serve`: the read-only API.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use clap::Args;

use super::{Context, Failure};
use crate::advisory::Rulebook;
use crate::domain::Geography;
use crate::forecast::targets::Target as _;
use crate::forecast::targets::salinity_station::SalinityStation;
use crate::ops::clock;
use crate::pipeline::reviewing::Desk;
use crate::pipeline::{Home, PipelineError, series};
use crate::publish::api::{self, Shelf};
use crate::publish::console::{self, Console, RuleNote};
use crate::publish::doors::{Doors, headers};
use crate::publish::heard::HEARD_FILE;

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
    let address = listen.unwrap_or(context.settings.serve.listen);
    let (console, link) = console(&home).await?;
    let ready = |bound: SocketAddr| {
        context.say(format!(
            "serving {} on http://{bound}/v1/health (Ctrl-C ends it)",
            if sample { "the SAMPLE" } else { "what is published" }
        ));
        say_link(context, bound, link.as_deref());
    };
    let routes = headers::with_headers(api::router(shelf).merge(console));
    api::serve(routes, address, ready, stopped()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the review console of a home and, when nobody can sign in yet, the one-time link.
pub(super) async fn console(home: &Home) -> Result<(Router, Option<String>), Failure> {
    let doors = Doors::new(home.records.clone(), clock::now);
    let link = doors.first_link().await?;
    let routes = console::router(Console {
        doors,
        lake: home.lake.clone(),
        records: home.records.clone(),
        geography: Arc::new(Geography::shipped().map_err(PipelineError::from)?),
        now: clock::now,
        desk: Arc::new(Desk::of(home)?),
        previews: console::on_screen,
        rules: Arc::new(rule_notes()?),
        boards: console::Boards::default(),
    });
    Ok((routes, link))
}

/// Says the one-time link of a home where nobody can sign in yet, once it can be followed.
pub(super) fn say_link(context: &Context, bound: SocketAddr, link: Option<&str>) {
    if let Some(path) = link {
        context.say(format!(
            "nobody can sign in yet: http://{bound}{path} makes the first account (once, within 24 \
             hours)"
        ));
    }
}

/// Returns what the rules say of themselves, for the console.
fn rule_notes() -> Result<BTreeMap<String, RuleNote>, Failure> {
    let book = Rulebook::shipped().map_err(PipelineError::from)?;
    let note = |rule: &crate::advisory::rule::Rule| {
        let why = rule.levels.iter().map(|level| (level.severity, level.why.clone())).collect();
        (rule.id.clone(), RuleNote { title: rule.title.clone(), why })
    };
    Ok(book.rules().iter().map(note).collect())
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
