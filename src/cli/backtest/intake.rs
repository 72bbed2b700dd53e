//! `muavu backtest intake_window`: hours instead of days, odds instead of quantiles.

use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;

use super::report::file_error;
use super::{Backtest, Format};
use crate::cli::{Context, Failure, show};
use crate::domain::{PlaceId, time};
use crate::forecast::intake::trial::{self, Said, Score};
use crate::forecast::intake::{NAME, THRESHOLDS_G_L, hour_of};
use crate::pipeline::{Home, PipelineError, hourly};

/// What one place's backtest said.
struct Done {
    place: PlaceId,
    said: Vec<Said>,
}

pub(super) async fn run(
    asked: &Backtest,
    context: &Context,
    home: &Home,
) -> Result<ExitCode, Failure> {
    let readings = hourly::conductivity(&home.lake, &hourly::Wanted::default()).await?;
    let mut done = Vec::new();
    for (place, told) in readings {
        if !asked.places.is_empty() && !asked.places.contains(&place) {
            continue;
        }
        let Some((from, until)) = window(asked, &told)? else { continue };
        let bar = show::bar(context, NAME);
        let walking = bar.clone();
        let said = tokio::task::spawn_blocking(move || {
            trial::run(&told, from, until, |share| show::share(&walking, share))
        })
        .await
        .map_err(PipelineError::from)?
        .map_err(PipelineError::from)?;
        bar.finish_and_clear();
        if !said.is_empty() {
            done.push(Done { place, said });
        }
    }
    if done.is_empty() {
        return Err(PipelineError::NothingHourly.into());
    }
    if let Some(path) = &asked.forecasts {
        write_csv(path, &done)?;
        context.say(format!("the odds of every hour are in {}", path.display()));
    }
    let said: Vec<Said> = done.iter().flat_map(|d| d.said.iter().copied()).collect();
    let scores = trial::scores(&said);
    match asked.format {
        Format::Json => show::json(&scores),
        Format::Csv => print_csv(&scores),
        Format::Table => print_table(&scores, &said),
    }
    if let Some(folder) = &asked.write_card {
        write_card(context, folder, &done, &scores, &said)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the hours of issue asked for, or the last third of the record; none where the record
/// does not reach into them.
fn window(
    asked: &Backtest,
    told: &[crate::forecast::intake::Told],
) -> Result<Option<(i64, i64)>, Failure> {
    let (Some(first), Some(last)) =
        (told.iter().map(|t| t.at).min(), told.iter().map(|t| t.at).max())
    else {
        return Ok(None);
    };
    let hour = |day: Date| -> Result<i64, Failure> {
        Ok(hour_of(time::day_start(day).map_err(PipelineError::from)?))
    };
    let (from, until) = match asked.from.zip(asked.to) {
        Some((from, to)) => (hour(from)?, hour(time::add_days(to, 1))?),
        None => (hour_of(last) - (hour_of(last) - hour_of(first)) / 3, hour_of(last) + 1),
    };
    let overlaps = from <= hour_of(last) && until > hour_of(first);
    Ok(overlaps.then_some((from, until)))
}

fn write_csv(path: &Path, done: &[Done]) -> Result<(), Failure> {
    let csv_error = |e: csv::Error| file_error(path)(e.into());
    let mut writer = csv::Writer::from_path(path).map_err(csv_error)?;
    writer
        .write_record([
            "place",
            "issued_at",
            "valid_time",
            "horizon_h",
            "threshold_g_l",
            "model",
            "p_below",
            "y_below",
        ])
        .map_err(csv_error)?;
    for Done { place, said } in done {
        for s in said {
            writer
                .write_record([
                    place.to_string(),
                    time::local_text(s.issued_at()),
                    time::local_text(s.valid_time()),
                    s.horizon_h.to_string(),
                    s.threshold.to_string(),
                    s.model.to_owned(),
                    format!("{:.4}", s.p_below),
                    u8::from(s.below).to_string(),
                ])
                .map_err(csv_error)?;
        }
    }
    Ok(writer.flush().map_err(file_error(path))?)
}

const HEADS: [&str; 8] = [
    "below g/L",
    "hours ahead",
    "model",
    "n",
    "fresh hours found %",
    "called fresh, was salt %",
    "called wrongly %",
    "Brier",
];

fn cells(score: &Score) -> [String; 8] {
    [
        score.threshold_g_l.to_string(),
        format!("{}-{}", score.horizons_h.0, score.horizons_h.1),
        score.model.to_owned(),
        score.n.to_string(),
        format!("{:.1}", score.hit_pct),
        format!("{:.1}", score.false_fresh_pct),
        format!("{:.1}", score.wrong_pct),
        format!("{:.3}", score.brier),
    ]
}

fn print_csv(scores: &[Score]) {
    println!("{}", HEADS.join(","));
    for score in scores {
        println!("{}", cells(score).join(","));
    }
}

fn print_table(scores: &[Score], said: &[Said]) {
    let mut table = show::table(&HEADS);
    for score in scores {
        table.add_row(cells(score));
    }
    println!("{table}");
    for limit in THRESHOLDS_G_L {
        println!("said → came, below {limit} g/L: {}", steps(said, limit));
    }
}

fn steps(said: &[Said], limit: f64) -> String {
    let steps = trial::reliability(said, limit);
    let texts: Vec<String> = steps
        .iter()
        .map(|s| format!("{:.0} → {:.0} % ({})", 100.0 * s.said, 100.0 * s.came, s.n))
        .collect();
    texts.join(", ")
}

const BEGIN: &str = "<!-- scores: written by muavu backtest --write-card, do not edit -->";
const END: &str = "<!-- end of scores -->";

/// Writes the scores between the marks of the card.
fn write_card(
    context: &Context,
    folder: &Path,
    done: &[Done],
    scores: &[Score],
    said: &[Said],
) -> Result<(), Failure> {
    let path = folder.join(NAME).join("card.md");
    let text = std::fs::read_to_string(&path).map_err(file_error(&path))?;
    let (Some((before, rest)), true) = (text.split_once(BEGIN), text.contains(END)) else {
        context.say(format!("{} has no marks for scores, left alone", path.display()));
        return Ok(());
    };
    let after = rest.split_once(END).map_or("", |(_, after)| after);
    let places: Vec<&str> = done.iter().map(|d| d.place.as_str()).collect();
    let ends = |of: fn(&Said) -> Timestamp| {
        let times = said.iter().map(of);
        (times.clone().min().map(time::local_text), times.max().map(time::local_text))
    };
    let (first, last) = ends(Said::issued_at);
    let mut body = format!(
        "\n\nRolling backtest at {}, issued each hour from {} to {}, fitted anew each day on what \
         was known then. Called fresh: odds of a half and more.\n\n| {} |\n|{}\n",
        places.join(", "),
        first.unwrap_or_default(),
        last.unwrap_or_default(),
        HEADS.join(" | "),
        "---|".repeat(HEADS.len()),
    );
    for score in scores {
        body += &format!("| {} |\n", cells(score).join(" | "));
    }
    body += "\nReliability, said → came (hours):\n\n";
    for limit in THRESHOLDS_G_L {
        body += &format!("- below {limit} g/L: {}\n", steps(said, limit));
    }
    std::fs::write(&path, format!("{before}{BEGIN}{body}\n{END}{after}"))
        .map_err(file_error(&path))?;
    context.say(format!("the card {} is up to date", path.display()));
    Ok(())
}
