//! `muavu doctor`: ticks first, then details.

use std::process::ExitCode;

use clap::Args;
use comfy_table::Table;

use super::{Context, Failure, Format, show};
use crate::domain::time::local_date;
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
    println!("\nstored\n{}", stored(diagnosis));
    println!("\nquarantined\n{}", quarantine(diagnosis));
    println!("\nlive sources\n{}", sources(diagnosis));
    for state in &diagnosis.sources {
        for error in &state.errors {
            println!("{}: {error}", state.feed);
        }
    }
    println!("\nsalinity_station\n{}", gate(diagnosis));
    println!("\ntargets at the newest run\n{}", targets(diagnosis));
    println!("model at: leads at which the model is published; a baseline is at the others");
    if diagnosis.targets.iter().any(|t| !t.guidance.is_empty()) {
        println!("\noutside forecasts, verified\n{}", guidance(diagnosis));
    }
}

fn stored(diagnosis: &Diagnosis) -> Table {
    let mut table = show::table(&["variable", "rows", "newest", "age (days)"]);
    for variable in &diagnosis.stored {
        table.add_row([
            variable.variable.clone(),
            variable.rows.to_string(),
            variable.newest.map_or(String::new(), |t| t.to_string()),
            variable.age_days.map_or(String::new(), |d| format!("{d:.1}")),
        ]);
    }
    show::keep_whole(&mut table, &[0, 1, 2, 3]);
    table
}

fn quarantine(diagnosis: &Diagnosis) -> Table {
    let mut table = show::table(&["source", "reason", "rows"]);
    for (source, reasons) in &diagnosis.quarantine {
        for (reason, count) in reasons {
            table.add_row([source.clone(), reason.clone(), count.to_string()]);
        }
    }
    show::keep_whole(&mut table, &[0, 1, 2]);
    table
}

fn gate(diagnosis: &Diagnosis) -> Table {
    let mut table =
        show::table(&["days ahead", "model loss", "best baseline", "loss", "published"]);
    for v in &diagnosis.gate {
        table.add_row([
            v.horizon.to_string(),
            loss(v.model_loss),
            v.best_baseline.clone(),
            loss(v.baseline_loss),
            if v.passes { "model".to_owned() } else { v.best_baseline.clone() },
        ]);
    }
    table
}

/// Returns how every outside forecast stands beside what came and what else was forecast.
fn guidance(diagnosis: &Diagnosis) -> Table {
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
    show::keep_whole(&mut table, &[0, 1]);
    table
}

fn targets(diagnosis: &Diagnosis) -> Table {
    let mut table = show::table(&["target", "places", "issued", "model at", "why nothing"]);
    for t in &diagnosis.targets {
        let leads = t.model_horizons + t.baseline_horizons;
        table.add_row([
            t.target.clone(),
            t.places.to_string(),
            t.issued_at.map_or(String::new(), |t| local_date(t).to_string()),
            if leads == 0 { String::new() } else { format!("{} of {leads}", t.model_horizons) },
            t.reason.clone().unwrap_or_default(),
        ]);
    }
    show::keep_whole(&mut table, &[0, 1, 2, 3]);
    table
}

fn sources(diagnosis: &Diagnosis) -> Table {
    let mut table = show::table(&["feed", "promise", "newest", "provider, attempts"]);
    for feed in FEEDS {
        let state = diagnosis.sources.iter().find(|s| s.feed == feed.name);
        let attempts = state.map_or(String::new(), |s| {
            s.outcomes.iter().map(|(k, n)| format!(", {k} {n}")).collect::<String>()
        });
        table.add_row([
            feed.name.to_owned(),
            state.map_or("never asked", |s| &s.health).to_owned(),
            state.and_then(|s| s.newest).map_or(String::new(), |t| local_date(t).to_string()),
            format!("{}{attempts}", feed.promise.provider),
        ]);
    }
    show::keep_whole(&mut table, &[0, 2]);
    table
}

fn loss(loss: Option<f64>) -> String {
    loss.map_or_else(|| "–".to_owned(), |loss| format!("{loss:.4}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::forecast::targets;
    use crate::ops::doctor::StoredVariable;
    use crate::pipeline::fetching::FeedState;
    use crate::pipeline::guided::GuidanceState;
    use crate::pipeline::issuing::TargetState;

    /// Everything at its longest: every variable, feed and target, none of which is issued.
    fn worst() -> Diagnosis {
        let now = "2026-03-15T00:00:00Z".parse().unwrap();
        let catalogue = crate::domain::Variables::shipped().unwrap();
        let variable = |name: &str| StoredVariable {
            variable: name.to_owned(),
            rows: 12_345_678,
            files: 9,
            newest: Some(now),
            age_days: Some(12_345.6),
        };
        let feed = |name: &str| FeedState {
            feed: name.to_owned(),
            health: "silent".to_owned(),
            new_rows: 0,
            issues: 0,
            outcomes: BTreeMap::from([("network".to_owned(), 12), ("ok".to_owned(), 3_456)]),
            newest: Some(now),
            errors: Vec::new(),
        };
        let target = |t: &&'static dyn targets::Target| TargetState {
            target: t.name().to_owned(),
            places: 1_234,
            issued_at: Some(now),
            model_horizons: 14,
            baseline_horizons: 14,
            reason: Some("none of 1234 places reported in the 31 days before".to_owned()),
            guidance: vec![GuidanceState {
                source: "ecmwf_ens".to_owned(),
                lead: 14,
                days: 1_234,
                forecasts: 12_345,
                bias: -12.34,
                raw_mae: 123.45,
                corrected_mae: 123.45,
                loss: Some(1.0),
                best_other: Some(("seasonal_naive".to_owned(), 1.0)),
                published: false,
            }],
        };
        Diagnosis {
            promises: Vec::new(),
            stored: catalogue.iter().map(|v| variable(&v.name)).collect(),
            quarantine: BTreeMap::from([(
                "archive.salinity.daily".to_owned(),
                BTreeMap::from([("value_outside_possible_range".to_owned(), 1_234)]),
            )]),
            sources: FEEDS.iter().map(|f| feed(f.name)).collect(),
            stations: Vec::new(),
            gate: Vec::new(),
            targets: targets::all().iter().map(target).collect(),
        }
    }

    #[test]
    fn no_name_is_broken_and_no_line_too_long_on_a_narrow_or_a_wide_terminal() {
        let worst = worst();
        for columns in [80, 120] {
            let tables = [
                stored(&worst),
                quarantine(&worst),
                gate(&worst),
                super::guidance(&worst),
                super::targets(&worst),
                super::sources(&worst),
            ];
            for mut table in tables {
                let text = table.set_width(columns).to_string();
                let widest = text.lines().map(|l| l.chars().count()).max().unwrap_or(0);
                assert!(widest <= usize::from(columns), "{widest} of {columns}\n{text}");
                let whole = |name: &str| assert!(text.contains(name), "{name}\n{text}");
                if text.contains("why nothing") {
                    worst.targets.iter().for_each(|t| whole(&t.target));
                } else if text.contains("feed") {
                    worst.sources.iter().for_each(|s| whole(&s.feed));
                }
            }
        }
    }
}
