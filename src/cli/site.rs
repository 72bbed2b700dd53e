//! The whole site of a home: the API, the pages and the review console, behind one guard.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;

use super::{Context, Failure};
use crate::advisory::Rulebook;
use crate::domain::{Geography, Variables};
use crate::frames::Advisory;
use crate::ops::clock;
use crate::pipeline::neighbours::HomeNeighbours;
use crate::pipeline::reviewing::Desk;
use crate::pipeline::{Home, PipelineError};
use crate::publish::api::{self, Shelf};
use crate::publish::channels::{previews, routes};
use crate::publish::console::{self, Console, RuleNote};
use crate::publish::doors::Doors;
use crate::publish::doors::oidc::Provider;
use crate::publish::farmer;
use crate::publish::heard::HEARD_FILE;
use crate::publish::today::Board;
use crate::storage::{Stamp, Vault};

/// What is served of a home.
pub(super) struct Site {
    /// Every route, guarded.
    pub routes: Router,
    /// The one-time link of a home where nobody can sign in yet.
    pub link: FirstLink,
}

/// The path of the one-time link, when nobody can sign in yet.
pub(super) struct FirstLink(Option<String>);

impl FirstLink {
    /// Says the link, once it can be followed.
    pub(super) fn say(&self, context: &Context, bound: SocketAddr) {
        if let Self(Some(path)) = self {
            context.say(format!(
                "nobody can sign in yet: http://{bound}{path} makes the first account (once, \
                 within 24 hours)"
            ));
        }
    }
}

impl Site {
    /// Returns the site of `home`; `live` are the routes of a running stream.
    pub(super) async fn of(
        context: &Context,
        home: &Home,
        live: Option<Router>,
    ) -> Result<Self, Failure> {
        let shelf = shelf(home)?;
        let limit = context.settings.serve.requests_per_second;
        let (console, link) = console(context, home, &shelf).await?;
        let board = board(context, &shelf)?;
        let farmer = farmer::router(Arc::clone(&board)).map_err(PipelineError::from)?;
        let routes =
            api::router(board).merge(farmer).merge(console).merge(live.unwrap_or_default());
        let routes = routes.merge(ways(context).await?);
        Ok(Self { routes: api::guarded(routes, &shelf, limit), link: FirstLink(link) })
    }
}

/// Returns what the API reads of a home.
fn shelf(home: &Home) -> Result<Shelf, Failure> {
    Ok(Shelf {
        lake: home.lake.clone(),
        records: home.records.clone(),
        geography: Arc::new(Geography::shipped().map_err(PipelineError::from)?),
        variables: Arc::new(Variables::shipped().map_err(PipelineError::from)?),
        heard: home.root.join("stream").join(HEARD_FILE),
        stamp: Arc::new(Stamp::of_home(&home.root)),
        now: clock::now,
        stand_ins: crate::forecast::targets::stand_ins,
    })
}

/// Returns the routes of subscriptions, answers and alerts: of the home itself, never of the sample.
async fn ways(context: &Context) -> Result<Router, Failure> {
    let home = Home::open(context.home()).await?;
    let (vault, settings) = (Vault::open(&home.root)?, context.settings.channels.clone());
    Ok(routes::router(routes::Desk::new(home.records, vault, settings, clock::now)))
}

/// Returns an advisory as every channel would carry it, for whoever reviews it.
fn on_every_channel(advisory: &Advisory) -> Vec<(String, String)> {
    let shown = previews(advisory).into_iter();
    let titled = shown.map(|p| (format!("{} ({})", p.title, p.note_vi), p.text));
    console::on_screen(advisory).into_iter().chain(titled).collect()
}

/// Returns what the screens of a home are made of.
fn board(context: &Context, shelf: &Shelf) -> Result<Arc<Board>, Failure> {
    let devices = context.home().join(&context.settings.stream.devices);
    let neighbours = Arc::new(HomeNeighbours::shipped(devices)?);
    Ok(Board::new(shelf.clone(), neighbours))
}

/// Returns the review console of a home and, when nobody can sign in yet, the one-time link.
async fn console(
    context: &Context,
    home: &Home,
    shelf: &Shelf,
) -> Result<(Router, Option<String>), Failure> {
    let provider = Provider::of(&context.settings.oidc, &home.root, clock::now)?;
    let doors = Doors::new(home.records.clone(), clock::now).with_provider(provider);
    let link = doors.first_link().await?;
    let routes = console::router(Console {
        doors,
        lake: home.lake.clone(),
        records: home.records.clone(),
        geography: Arc::clone(&shelf.geography),
        now: clock::now,
        desk: Arc::new(Desk::of(home)?),
        previews: on_every_channel,
        rules: Arc::new(rule_notes()?),
        boards: console::Boards::default(),
        shelf: console::Shelf::default(),
    });
    Ok((routes, link))
}

/// Returns what the rules say of themselves, for the console: those of salt and those of work.
fn rule_notes() -> Result<BTreeMap<String, RuleNote>, Failure> {
    let book = Rulebook::shipped().map_err(PipelineError::from)?;
    let salt = book.rules().iter().map(|rule| {
        let why = rule.levels.iter();
        let why = why.map(|l| (l.severity, l.action.clone(), l.why_vi.clone())).collect();
        (rule.id.clone(), RuleNote { title: rule.title_vi.clone(), why })
    });
    let work = book.work().rules().iter().map(|rule| {
        let why = rule.levels.iter();
        let why = why.map(|l| (l.severity, l.action.clone(), l.why_vi.clone())).collect();
        (rule.id.clone(), RuleNote { title: rule.title_vi.clone(), why })
    });
    Ok(salt.chain(work).collect())
}
