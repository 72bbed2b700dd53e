//! `muavu doctor`: ticks first, then details.

use std::process::ExitCode;

use clap::Args;

use super::{Context, Failure, Format, show};
use crate::domain::time::local_text;
use crate::ops::doctor::{Diagnosis, examine};
use crate::ops::{clock, settings};
use crate::pipeline::Home;
use crate::sources::registry::FEEDS;

/// Show sources, ages, quarantine counts, and whether each target beats its baselines
#[derive(Debug, Args)]
#[command(after_help = "Example: muavu doctor")]
pub struct Doctor {
    /// Print every setting with its default and meaning instead
    #[arg(long)]
    settings: bool,
    /// How to write the findings
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Doctor {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        if self.settings {
            print!("{}", settings::DEFAULT);
            return Ok(ExitCode::SUCCESS);
        }
        let home = Home::open(context.home()).await?;
        let diagnosis = examine(&home, clock::now()).await?;
        match self.format {
            Format::Json => show::json(&diagnosis),
            Format::Table | Format::Csv => print(&diagnosis),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn print(diagnosis: &Diagnosis) {
    for promise in &diagnosis.promises {
        let tick = if promise.kept { "✓" } else { "✗" };
        println!("{tick} {} ({})", promise.promise, promise.found);
    }
    let mut stored = show::table(&["variable", "rows", "newest", "age (days)"]);
    for variable in &diagnosis.stored {
        stored.add_row([
            variable.variable.clone(),
            variable.rows.to_string(),
            variable.newest.map_or(String::new(), |t| t.to_string()),
            variable.age_days.map_or(String::new(), |d| format!("{d:.1}")),
        ]);
    }
    println!("\nstored\n{stored}");
    let mut quarantine = show::table(&["source", "reason", "rows"]);
    for (source, reasons) in &diagnosis.quarantine {
        for (reason, count) in reasons {
            quarantine.add_row([source.clone(), reason.clone(), count.to_string()]);
        }
    }
    println!("\nquarantined\n{quarantine}");
    println!("\nlive sources\n{}", sources(diagnosis));
    let mut gate = show::table(&["days ahead", "model loss", "best baseline", "loss", "published"]);
    for v in &diagnosis.gate {
        gate.add_row([
            v.horizon.to_string(),
            loss(v.model_loss),
            v.best_baseline.clone(),
            loss(v.baseline_loss),
            if v.passes { "model".to_owned() } else { v.best_baseline.clone() },
        ]);
    }
    println!("\nsalinity_station\n{gate}");
    println!("\ntargets at the newest run\n{}", targets(diagnosis));
    if diagnosis.targets.iter().any(|t| !t.guidance.is_empty()) {
        println!("\noutside forecasts, verified\n{}", guidance(diagnosis));
    }
}

/// Returns how every outside forecast stands beside what came and what else was forecast.
fn guidance(diagnosis: &Diagnosis) -> comfy_table::Table {
    let heads = ["target", "source", "lead", "days", "bias", "MAE", "corrected", "best other", ""];
    let mut table = show::table(&heads);
    for (target, g) in diagnosis.targets.iter().flat_map(|t| t.guidance.iter().map(move |g| (t, g)))
    {
        table.add_row([
            target.target.clone(),
            g.source.clone(),
            g.lead.to_string(),
            g.days.to_string(),
            format!("{:+.2}", g.bias),
            format!("{:.2}", g.raw_mae),
            format!("{:.2}", g.corrected_mae),
            g.best_other.as_ref().map_or("–", |(name, _)| name).to_owned(),
            if g.published { "published" } else { "held back" }.to_owned(),
        ]);
    }
    table
}

fn targets(diagnosis: &Diagnosis) -> comfy_table::Table {
    let heads = ["target", "places", "issued", "model at", "baseline at", "why nothing"];
    let mut table = show::table(&heads);
    for t in &diagnosis.targets {
        table.add_row([
            t.target.clone(),
            t.places.to_string(),
            t.issued_at.map_or(String::new(), local_text),
            format!("{} horizons", t.model_horizons),
            format!("{} horizons", t.baseline_horizons),
            t.reason.clone().unwrap_or_default(),
        ]);
    }
    show::keep_first_whole(&mut table);
    table
}

fn sources(diagnosis: &Diagnosis) -> comfy_table::Table {
    let mut table = show::table(&["feed", "provider", "promise", "newest", "attempts", "errors"]);
    for feed in FEEDS {
        let state = diagnosis.sources.iter().find(|s| s.feed == feed.name);
        let attempts = state.map_or(String::new(), |s| {
            s.outcomes.iter().map(|(k, n)| format!("{k} {n}")).collect::<Vec<_>>().join(", ")
        });
        table.add_row([
            feed.name.to_owned(),
            feed.promise.provider.to_owned(),
            state.map_or("never asked", |s| &s.health).to_owned(),
            state.and_then(|s| s.newest).map_or(String::new(), |t| t.to_string()),
            attempts,
            state.map_or(String::new(), |s| s.errors.join("\n")),
        ]);
    }
    table
}

fn loss(loss: Option<f64>) -> String {
    loss.map_or_else(|| "–".to_owned(), |loss| format!("{loss:.4}"))
}
