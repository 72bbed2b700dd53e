//! `muavu run`: one morning, for people and for cron.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::{Context, Failure, Format, show};
use crate::domain::time::IssuedAt;
use crate::frames::AdvisoryState;
use crate::ops::clock;
use crate::pipeline::Home;
use crate::pipeline::fetching::OFFLINE;
use crate::pipeline::morning::{Order, Report, run};

/// Run one morning: fetch, check, forecast, advise, review, publish
#[derive(Debug, Args)]
#[command(
    after_help = "Example: muavu run --as-of 2010-03-15\nFrom cron: 15 7 * * * muavu run --home /var/lib/muavu -q"
)]
pub struct Run {
    /// Replay a past morning, exactly as it could have been known then
    #[arg(long, value_name = "DATE", value_parser = IssuedAt::parse)]
    as_of: Option<IssuedAt>,
    /// Ask no live source, work from what is stored
    #[arg(long)]
    no_fetch: bool,
    /// How to write the advisories
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Run {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let report = morning(context, self.as_of, self.no_fetch).await?;
        print(context, &report, self.format);
        let asked = report.sources.iter().filter(|s| s.health != "off").count();
        let silent = report.sources.iter().filter(|s| s.health == "silent" || s.health == "late");
        let offline = report.sources.iter().any(|s| s.health == OFFLINE);
        if offline {
            context.say("no network: the live sources were not asked, this is from what is stored");
        } else if asked > 0 {
            context.say(format!("{} of {asked} live sources brought nothing", silent.count()));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Runs one morning in the context's home and returns what it had to say.
pub(super) async fn morning(
    context: &Context,
    as_of: Option<IssuedAt>,
    no_fetch: bool,
) -> Result<Report, Failure> {
    let now = clock::now();
    let who = format!("muavu run, process {}, since {now}", std::process::id());
    let (home, _lock) = Home::open_to_write(context.home(), &who).await?;
    let fetch = context.settings.fetch.enabled && !no_fetch && as_of.is_none();
    let deadline = Duration::from_secs(context.settings.fetch.deadline_secs);
    let order =
        Order { as_of, now, fetch: fetch.then(|| (context.settings.sources.clone(), deadline)) };
    let report = run(&home, &order, |step, word| {
        context.say(format!("{}: {word}", format!("{step:?}").to_lowercase()));
    })
    .await?;
    if report.sample {
        context.say(show::SAMPLE);
    }
    Ok(report)
}

fn print(context: &Context, report: &Report, format: Format) {
    match format {
        Format::Json => {
            // The sources' answers depend on the network and the hour; the same inputs must give
            // the same bytes, so they are left to `muavu doctor`.
            let mut report = report.clone();
            report.sources.clear();
            show::json(&report);
        }
        Format::Csv => {
            println!("commune,crop,severity,action,state,confidence,expires_at");
            for a in &report.advisories {
                println!(
                    "{},{},{},{},{},{:.2},{}",
                    a.commune, a.crop, a.severity, a.action, a.state, a.confidence, a.expires_at
                );
            }
        }
        Format::Table => {
            for advisory in &report.advisories {
                println!("[{} · {}] {}\n", advisory.commune, advisory.state, advisory.text_vi);
            }
            for silence in report.silent.iter().filter(|s| s.crop.is_none()) {
                println!("[{}] {}\n", silence.commune, silence.text_vi);
            }
        }
    }
    let drafts = report.advisories.iter().filter(|a| a.state == AdvisoryState::Draft).count();
    context.say(format!(
        "{}: {} advisories ({drafts} wait for review), {} communes or crops without an answer",
        report.run_id,
        report.advisories.len(),
        report.silent.len(),
    ));
}
