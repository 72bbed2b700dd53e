//! A morning's run: the plan walked once, resumable and repeatable.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::advising::{Crops, inputs};
use super::fetching::{FeedState, fetch};
use super::forecasting::{Forecasts, StationState, forecast};
use super::guided::Guide;
use super::import::{Origin, import};
use super::issuing::{Issuer, TargetIssue, TargetState, fingerprint};
use super::plan::{PLAN, Step};
use super::sights::Sights;
use super::{Home, PipelineError, lifecycle, sample, series};
use crate::advisory::{self, Context as AdviceContext, Rulebook, Words};
use crate::domain::time::{IssuedAt, add_days};
use crate::domain::{CommuneCode, Geography};
use crate::features::Panel;
use crate::forecast::gate::Verdict;
use crate::forecast::targets::salinity_station::SalinityStation;
use crate::forecast::targets::{self, Target};
use crate::frames::forecasts::FORECAST;
use crate::frames::{Advisory, Forecast, ReviewEvent};
use crate::publish::files;
use crate::review::{Approved, Policy, Reviewed, decide_by_policy, mark_published};
use crate::sources::archive::Manifest;
use crate::sources::settings::Settings;
use crate::storage::{Filter, Run};

/// What a run is asked to do.
#[derive(Debug, Clone)]
pub struct Order {
    /// A past moment to replay; `None` for this morning.
    pub as_of: Option<IssuedAt>,
    /// The present moment.
    pub now: Timestamp,
    /// Whether live sources are asked, and how.
    pub fetch: Option<(Settings, Duration)>,
}

/// What a run has to say. The same inputs give the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The run.
    pub run_id: String,
    /// The issue time.
    pub issued_at: Timestamp,
    /// Whether it was made from the shipped sample and not from measurements.
    pub sample: bool,
    /// The live sources, when they were asked.
    pub sources: Vec<FeedState>,
    /// The stations.
    pub stations: Vec<StationState>,
    /// Where the salinity model is published and where a baseline stands in.
    pub gate: Vec<Verdict>,
    /// How every target stood; a report of an older build does not say.
    #[serde(default)]
    pub targets: Vec<TargetState>,
    /// Advice, one for each commune and crop, in the state the policy left it.
    pub advisories: Vec<Advisory>,
    /// Communes and crops without an answer, and why.
    pub silent: Vec<SilentCommune>,
}

/// A commune, or a crop in it, without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilentCommune {
    /// The commune.
    pub commune: CommuneCode,
    /// The crop; empty when it holds for the whole commune.
    pub crop: Option<crate::domain::Crop>,
    /// A stable word.
    pub reason: String,
    /// Vietnamese text.
    pub text_vi: String,
    /// English text.
    pub text_en: String,
}

/// Runs the plan for `order` in the home at `root`. `say` is told each step as it begins.
///
/// A home without measurements runs the shipped sample, apart from everything measured, and marks
/// every output so. A run whose inputs are unchanged returns what it made before.
///
/// # Errors
/// [`PipelineError`]; an unreachable source is not an error.
pub async fn run(
    home: &Home,
    order: &Order,
    mut say: impl FnMut(Step, &str),
) -> Result<Report, PipelineError> {
    let geography = Geography::shipped()?;
    let mut sources = Vec::new();
    if let Some((settings, deadline)) = &order.fetch {
        say(PLAN[0], "asking the live sources");
        sources = fetch(home, &geography, settings, order.now, *deadline).await?;
    }
    let target: &'static dyn Target = &SalinityStation;
    let panel = series::panel(&home.lake, &targets::all()).await?;
    let measured = panel.places_of(target.variable()).next().is_some();
    let mut report = match order.as_of {
        Some(issued_at) => {
            let guide = Guide::read(&home.lake, &targets::all(), issued_at.0).await?;
            let home = Home::open(&home.replays_root()).await?;
            let kind = Kind::Replay;
            let walk = Walk { home: &home, target, panel, guide, issued_at, kind, geography };
            walk.go(&mut say).await?
        }
        None if measured => {
            let (issued_at, kind) = (this_morning(order.now)?, Kind::Live);
            let guide = Guide::read(&home.lake, &targets::all(), issued_at.0).await?;
            Walk { home, target, panel, guide, issued_at, kind, geography }.go(&mut say).await?
        }
        None => {
            let home = Home::open(&home.sample_root()).await?;
            let (panel, issued_at) = sample_panel(&home).await?;
            let (guide, kind) = (Guide::default(), Kind::Sample);
            let walk = Walk { home: &home, target, panel, guide, issued_at, kind, geography };
            walk.go(&mut say).await?
        }
    };
    report.sources = sources;
    Ok(report)
}

/// Returns the issue time of the newest morning run that is due: 07:00 local today, or yesterday's
/// when it is not yet seven.
///
/// # Errors
/// [`PipelineError::Time`] for moments outside the calendar.
pub fn this_morning(now: Timestamp) -> Result<IssuedAt, PipelineError> {
    let today = crate::domain::time::local_date(now);
    let due = IssuedAt::morning_of(today)?;
    if due.0 <= now { Ok(due) } else { Ok(IssuedAt::morning_of(add_days(today, -1))?) }
}

/// Loads the sample into its own lake (once) and returns its panel and its one morning.
async fn sample_panel(home: &Home) -> Result<(Panel, IssuedAt), PipelineError> {
    let issued_at = IssuedAt::morning_of(add_days(sample::LAST_DAY, 1))?;
    // Written last: a run killed half-way through the import leaves some sets out.
    let whole = home.root.join("sample-is-whole");
    if !whole.is_file() {
        let folder = home.root.join("archive");
        write_sample(&folder)?;
        let manifest = Manifest::shipped()?;
        import(&home.lake, &folder, &manifest, Origin::Sample, issued_at.0, |_, _| {}).await?;
        std::fs::write(&whole, "")
            .map_err(|source| PipelineError::Folder { path: whole.clone(), source })?;
    }
    Ok((series::panel(&home.lake, &targets::all()).await?, issued_at))
}

fn write_sample(folder: &Path) -> Result<(), PipelineError> {
    sample::write(folder)
        .map_err(|source| PipelineError::Folder { path: folder.to_owned(), source })
}

/// One walk along the plan.
struct Walk<'a> {
    home: &'a Home,
    target: &'static dyn Target,
    panel: Panel,
    guide: Guide,
    issued_at: IssuedAt,
    kind: Kind,
    geography: Geography,
}

/// What kind of morning is walked; each has a home of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// This morning, on measurements.
    Live,
    /// A past morning, on what was known then.
    Replay,
    /// The shipped sample's morning.
    Sample,
}

impl Walk<'_> {
    async fn go(&self, say: &mut impl FnMut(Step, &str)) -> Result<Report, PipelineError> {
        let mark = fingerprint(targets::all(), &self.panel, self.issued_at);
        let mark = self.guide.mark(mark);
        let run_id = format!("{}-{mark}", self.issued_at.0.strftime("%Y%m%dT%H%MZ"));
        if let Some(report) = self.done_before(&run_id).await? {
            say(Step::Publish, "nothing has changed since this run was made");
            return Ok(report);
        }
        self.note(&run_id, None).await?;
        say(Step::Forecast, "fitting and issuing");
        let (forecasts, others) = self.forecast(&run_id)?;
        let mut targets = vec![forecasts.state()];
        let mut rows = forecasts.rows.clone();
        for issue in others {
            rows.extend(issue.rows);
            targets.push(issue.state);
        }
        self.keep(&run_id, rows.clone()).await?;
        say(Step::Advise, "writing drafts");
        let decided = self.advise(&run_id, &forecasts, &rows).await?;
        say(Step::Review, "letting the policy decide");
        let (advisories, events, approved) = self.review(decided.advisories)?;
        self.home.records.add_advisories(&advisories, &events).await?;
        if self.kind == Kind::Live {
            lifecycle::settle(&self.home.records, &advisories, self.issued_at.0).await?;
        }
        let silent = decided.silent.into_iter().map(silent).collect();
        let report = Report {
            run_id: run_id.clone(),
            issued_at: self.issued_at.0,
            sample: self.panel.is_sample(),
            sources: Vec::new(),
            stations: forecasts.stations,
            gate: forecasts.gate,
            targets,
            advisories,
            silent,
        };
        say(Step::Publish, "writing what is approved");
        files::write(&self.home.published(), self.issued_at, &approved)?;
        self.note(&run_id, Some(&report)).await?;
        if self.kind == Kind::Live {
            self.home.lake.upkeep().await?;
        }
        Ok(report)
    }

    async fn done_before(&self, run_id: &str) -> Result<Option<Report>, PipelineError> {
        let Some(run) = self.home.records.run(run_id).await? else { return Ok(None) };
        Ok(run.report.and_then(|report| serde_json::from_value(report).ok()))
    }

    async fn note(&self, run_id: &str, report: Option<&Report>) -> Result<(), PipelineError> {
        let report = report.and_then(|r| serde_json::to_value(r).ok());
        let run = Run {
            id: run_id.to_owned(),
            issued_at: self.issued_at.0,
            sample: self.panel.is_sample(),
            report,
        };
        Ok(self.home.records.put_run(&run).await?)
    }

    /// Issues every target, salinity last, which the answer rests on; another that fails is reported
    /// and stops nothing.
    fn forecast(&self, run_id: &str) -> Result<(Forecasts, Vec<TargetIssue>), PipelineError> {
        let issuer = Issuer { issued_at: self.issued_at, run_id, shelf: &self.home.models };
        tokio::task::block_in_place(|| {
            let others = targets::all().into_iter().filter(|t| t.name() != self.target.name());
            let issues = others.map(|target| {
                let issued = issuer.issue(target, &self.panel);
                let guided =
                    issued.and_then(|issue| self.guide.enter(target, &self.panel, &issuer, issue));
                guided.unwrap_or_else(|error| {
                    tracing::warn!(target = target.name(), %error, "a target was not issued");
                    TargetIssue { rows: Vec::new(), state: TargetState::failed(target, &error) }
                })
            });
            let issues: Vec<TargetIssue> = issues.collect();
            Ok((self.salinity(&issuer, &issues)?, issues))
        })
    }

    /// Issues salinity. Where no station reported, the other targets of the morning are advised on
    /// all the same; where they said nothing either, there is no morning.
    fn salinity(
        &self,
        issuer: &Issuer<'_>,
        others: &[TargetIssue],
    ) -> Result<Forecasts, PipelineError> {
        let anything = || others.iter().any(|o| o.state.issued_at == Some(self.issued_at.0));
        match forecast(self.target, &self.panel, &self.geography, issuer) {
            Err(PipelineError::NothingKnown { .. }) if anything() => {
                Forecasts::silent(self.target, &self.panel, &self.geography, self.issued_at)
            }
            Err(PipelineError::NothingKnown { day, newest, .. }) => {
                let replay = self.kind == Kind::Replay;
                Err(PipelineError::NothingKnown { day, newest, replay })
            }
            other => other,
        }
    }

    /// Stores the forecasts that are not there yet: an interrupted walk of the same run may have
    /// stored them all, and a month's forecast stands since the morning it was issued on.
    async fn keep(&self, run_id: &str, mut rows: Vec<Forecast>) -> Result<(), PipelineError> {
        let today = self.issued_at.0;
        // A run's rows are one commit, so those of one target issued today tell of all.
        let first = rows.iter().find(|r| r.issued_at == today).map(|r| Arc::clone(&r.target));
        let own = self.stored(first.as_deref(), &rows).await?;
        if own.iter().any(|r| &*r.run_id == run_id) {
            return Ok(());
        }
        let earlier = || rows.iter().filter(|r| r.issued_at < today);
        let targets: BTreeSet<&str> = earlier().map(|r| &*r.target).collect();
        let known = self.stored(targets, earlier()).await?;
        let standing: BTreeSet<(&str, &str, Timestamp)> =
            known.iter().map(|r| (&*r.target, r.place.as_str(), r.issued_at)).collect();
        rows.retain(|r| {
            let key = (&*r.target, r.place.as_str(), r.issued_at);
            r.issued_at == today || !standing.contains(&key)
        });
        Ok(self.home.lake.append(&FORECAST, &rows).await?)
    }

    /// Returns the stored forecasts of these targets in the periods of `rows`: the partitions a
    /// walk could find its own in; the others grow by every target's rows every morning.
    async fn stored<'r>(
        &self,
        targets: impl IntoIterator<Item = &'r str>,
        rows: impl IntoIterator<Item = &'r Forecast>,
    ) -> Result<Vec<Forecast>, PipelineError> {
        let periods: BTreeSet<&str> = rows.into_iter().map(|r| &*r.period).collect();
        let filter = Filter::all().and("target", targets).and("period", periods);
        Ok(self.home.lake.rows(&FORECAST, &filter).await?)
    }

    async fn advise(
        &self,
        run_id: &str,
        forecasts: &Forecasts,
        rows: &[Forecast],
    ) -> Result<advisory::Decided, PipelineError> {
        let standing = match self.kind {
            Kind::Live => self.standing(run_id).await?,
            Kind::Replay | Kind::Sample => BTreeMap::new(),
        };
        let context = AdviceContext {
            issued_at: self.issued_at.0,
            run_id: run_id.to_owned(),
            sample: self.panel.is_sample(),
            standing,
        };
        let (book, words) = (Rulebook::shipped()?, Words::shipped()?);
        let crops = Crops::shipped()?;
        let sights = Sights::of(rows, &self.panel, self.issued_at, &self.guide.ensemble)?;
        let told = inputs(&self.geography, &crops, forecasts, &sights, &words)?;
        Ok(advisory::decide(&book, &words, &context, &told)?)
    }

    /// The advisories of earlier runs that still stand, which this one replaces.
    async fn standing(
        &self,
        run_id: &str,
    ) -> Result<BTreeMap<(CommuneCode, crate::domain::Crop), String>, PipelineError> {
        let standing = self.home.records.standing_before(self.issued_at.0, run_id).await?;
        Ok(standing.into_iter().map(|a| ((a.commune, a.crop), a.id)).collect())
    }

    #[expect(clippy::type_complexity, reason = "advisories, their events, and the proofs")]
    fn review(
        &self,
        drafts: Vec<Advisory>,
    ) -> Result<(Vec<Advisory>, Vec<ReviewEvent>, Vec<Approved<Advisory>>), PipelineError> {
        let policy = Policy::shipped()?;
        let at = self.issued_at.0;
        let (mut all, mut events, mut approved) = (Vec::new(), Vec::new(), Vec::new());
        for draft in drafts {
            match decide_by_policy(&policy, draft, &[], at)? {
                Reviewed::Held { advisory, event, .. } => {
                    events.extend(event);
                    all.push(*advisory);
                }
                Reviewed::Approved { advisory, event } => {
                    let log = [event.clone()];
                    let (proof, sent) = mark_published(*advisory, &log, at)?;
                    events.extend([event, sent]);
                    all.push(proof.get().clone());
                    approved.push(proof);
                }
            }
        }
        Ok((all, events, approved))
    }
}

fn silent(silence: advisory::Silence) -> SilentCommune {
    SilentCommune {
        commune: silence.commune,
        crop: silence.crop,
        reason: silence.reason.to_string(),
        text_vi: silence.text_vi,
        text_en: silence.text_en,
    }
}
