//! `muavu forecast intake_window`: the next 48 hours at every probe, and when water may be taken.

use std::collections::BTreeSet;
use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::target::Asked;
use crate::advisory::Rulebook;
use crate::agronomy::salinity_units::HYDROMET_US_CM_PER_G_L;
use crate::cli::{Context, Failure, Format, show};
use crate::domain::{CommuneCode, Crop, PlaceId, time};
use crate::forecast::intake::windows::{HourOdds, Window, windows};
use crate::forecast::intake::{Cell, HourForecast, Model, Record, THRESHOLDS_G_L};
use crate::ops::clock;
use crate::pipeline::advising::Crops;
use crate::pipeline::{Home, PipelineError, hourly};
use crate::sources::sensor::Registry;

/// How sure each hour of a window is at least: four to one, since salt on a field costs more than
/// a tide waited for.
const SURE: f64 = 0.8;

#[derive(Serialize)]
struct Line {
    place: PlaceId,
    issued_at: String,
    windows: Vec<Spoken>,
    hours: Vec<Hour>,
}

#[derive(Serialize)]
struct Spoken {
    crop: Option<Crop>,
    below_g_l: f64,
    from: String,
    until: String,
    sure_each_hour: f64,
    sure_all_hours_at_least: f64,
}

#[derive(Serialize)]
struct Hour {
    valid_time: String,
    horizon_h: i64,
    median_g_l: f64,
    odds_below: [f64; 4],
}

/// A limit of salinity (g/L), and the crop whose rules set it.
#[derive(Clone, Copy)]
struct Limit {
    crop: Option<Crop>,
    g_l: f64,
}

pub(super) async fn run(context: &Context, asked: Asked<'_>) -> Result<ExitCode, Failure> {
    let home = Home::open(context.home()).await?;
    let now = asked.as_of.map_or_else(clock::now, |at| at.0);
    let (places, limits) = match asked.place.filter(|place| place.kind() == "commune") {
        Some(commune) => of_commune(context, commune, now)?,
        None => (asked.place.map(|place| BTreeSet::from([place.clone()])), any_crop()),
    };
    let mut lines = Vec::new();
    let wanted = hourly::Wanted { places, years: None };
    for (place, told) in hourly::conductivity(&home.lake, &wanted).await? {
        let learned = Record::known_at(&told, now).bridged();
        let model = Model::fit(&learned).map_err(PipelineError::from)?;
        let hours = model.issue(&Record::to_newest(&Cell::known_at(&told, now)).bridged());
        // The hours ahead are those after the last one read; an old reading says nothing of today.
        let fresh: Vec<HourForecast> = hours
            .into_iter()
            .filter(|h| now.duration_since(h.from) < SignedDuration::from_hours(1))
            .collect();
        if !fresh.is_empty() {
            lines.push(line(place, now, &limits, &fresh));
        }
    }
    if lines.is_empty() {
        return Err(PipelineError::NothingHourly.into());
    }
    match asked.format {
        Format::Json => show::json(&lines),
        Format::Csv => print_csv(&lines),
        Format::Table => print_table(&lines, &limits),
    }
    Ok(ExitCode::SUCCESS)
}

fn any_crop() -> Vec<Limit> {
    THRESHOLDS_G_L.map(|g_l| Limit { crop: None, g_l }).to_vec()
}

/// Returns the probes that tell a commune's water, and the limits of what grows there today.
fn of_commune(
    context: &Context,
    commune: &PlaceId,
    now: Timestamp,
) -> Result<(Option<BTreeSet<PlaceId>>, Vec<Limit>), Failure> {
    let unknown = |_| PipelineError::NoProbe { given: commune.to_string() };
    let code: CommuneCode = commune.id().parse().map_err(unknown)?;
    let registry = Registry::load(&context.home().join(&context.settings.stream.devices))
        .map_err(PipelineError::from)?;
    let places: BTreeSet<PlaceId> = registry.places_of(&code).cloned().collect();
    if places.is_empty() {
        return Err(PipelineError::NoProbe { given: commune.to_string() }.into());
    }
    let rulebook = Rulebook::shipped().map_err(PipelineError::from)?;
    let today = time::local_date(now);
    let limits = Crops::shipped()?
        .fields(&code, today)
        .into_iter()
        .filter_map(|field| {
            let g_l = rulebook.intake_limit(field, today)?;
            Some(Limit { crop: Some(field.crop), g_l })
        })
        .collect();
    Ok((Some(places), limits))
}

fn line(place: PlaceId, now: Timestamp, limits: &[Limit], hours: &[HourForecast]) -> Line {
    let spoken = |limit: &Limit| {
        let Limit { crop, g_l } = *limit;
        let odds: Vec<HourOdds> = hours.iter().map(|h| (h.from, h.below(g_l))).collect();
        windows(&odds, SURE).into_iter().map(move |w: Window| Spoken {
            crop,
            below_g_l: g_l,
            from: time::local_text(w.from),
            until: time::local_text(w.until),
            sure_each_hour: w.worst,
            sure_all_hours_at_least: w.all_at_least,
        })
    };
    Line {
        place,
        issued_at: time::local_text(now),
        windows: limits.iter().flat_map(spoken).collect(),
        hours: hours
            .iter()
            .map(|h| Hour {
                valid_time: time::local_text(h.from),
                horizon_h: h.horizon_h,
                median_g_l: h.log_ec_quantiles()[3].exp() / HYDROMET_US_CM_PER_G_L,
                odds_below: THRESHOLDS_G_L.map(|limit| h.below(limit)),
            })
            .collect(),
    }
}

/// Local time without its zone, which is the same for every reader: `2025-02-01 02:00`.
fn short(text: &str) -> String {
    text.chars().take(16).collect::<String>().replace('T', " ")
}

fn print_table(lines: &[Line], limits: &[Limit]) {
    for line in lines {
        println!("{}, issued {}", line.place, short(&line.issued_at));
        for Limit { crop, g_l } in limits {
            let same = |w: &&Spoken| w.crop == *crop && w.below_g_l.total_cmp(g_l).is_eq();
            let of_limit = line.windows.iter().filter(same);
            let texts: Vec<String> = of_limit
                .map(|w| {
                    let sure = 100.0 * w.sure_each_hour;
                    format!("{} to {} ({sure:.0} %)", short(&w.from), short(&w.until))
                })
                .collect();
            let texts = if texts.is_empty() { "never surely".to_owned() } else { texts.join(", ") };
            let crop = crop.map(|crop| format!("{crop}, ")).unwrap_or_default();
            println!("  {crop}below {g_l} g/L: {texts}");
        }
        let heads = ["hour", "median g/L", "below 0.5", "below 1", "below 2", "below 4"];
        let mut table = show::table(&heads);
        for hour in &line.hours {
            let mut cells = vec![short(&hour.valid_time), format!("{:.2}", hour.median_g_l)];
            cells.extend(hour.odds_below.map(|p| format!("{:.0} %", 100.0 * p)));
            table.add_row(cells);
        }
        println!("{table}");
    }
}

fn print_csv(lines: &[Line]) {
    println!("place,issued_at,valid_time,horizon_h,median_g_l,p_0_5,p_1,p_2,p_4");
    for line in lines {
        for hour in &line.hours {
            let odds = hour.odds_below.map(|p| format!("{p:.4}")).join(",");
            println!(
                "{},{},{},{},{:.4},{odds}",
                line.place, line.issued_at, hour.valid_time, hour.horizon_h, hour.median_g_l,
            );
        }
    }
}
