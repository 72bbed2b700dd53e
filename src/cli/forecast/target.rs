//! `muavu forecast TARGET`: what a target says this morning, as a table with a small plot.

use std::collections::BTreeMap;
use std::process::ExitCode;

use crate::cli::{Context, Failure, Format, show};
use crate::domain::PlaceId;
use crate::domain::time::{IssuedAt, local_date, local_text};
use crate::forecast::targets::{self, Kind, Target};
use crate::frames::Forecast as Row;
use crate::ops::clock;
use crate::pipeline::guided::Guide;
use crate::pipeline::issuing::Issuer;
use crate::pipeline::{Home, PipelineError, morning, series};

/// Characters of the plot from the lowest 5 % to the highest 95 % quantile of a place.
const PLOT: usize = 40;

/// Places shown as tables on a terminal at most; the rest are named.
const PLACES_MAX: usize = 12;

/// What is asked of a target.
pub(super) struct Asked<'a> {
    /// The target's name.
    pub target: &'a str,
    /// A past morning, or this one.
    pub as_of: Option<IssuedAt>,
    /// One place, or all.
    pub place: Option<&'a PlaceId>,
    /// How to write it.
    pub format: Format,
}

/// Issues a target from what is stored, keeps nothing but the fitted model, and prints it.
pub(super) async fn run(context: &Context, asked: Asked<'_>) -> Result<ExitCode, Failure> {
    let target = targets::named(asked.target)?;
    let home = Home::open(context.home()).await?;
    let panel = series::panel(&home.lake, &[target]).await?;
    let issued_at = match asked.as_of {
        Some(at) => at,
        None => morning::this_morning(clock::now())?,
    };
    show::sample(context, &panel);
    let guide = Guide::read(&home.lake, &[target], issued_at.0).await?;
    let models = home.models.clone();
    let issue = tokio::task::spawn_blocking(move || {
        let issuer = Issuer { issued_at, run_id: "not kept", shelf: &models };
        let issue = issuer.issue(target, &panel)?;
        guide.enter(target, &panel, &issuer, issue)
    })
    .await
    .map_err(PipelineError::from)??;
    if let Some(reason) = issue.state.reason {
        let day = issued_at.local_date().to_string();
        let target = target.name();
        return Err(PipelineError::NotIssued { target, day, reason }.into());
    }
    let mut rows: Vec<Row> = issue.rows.into_iter().filter(|r| r.published).collect();
    if let Some(place) = asked.place {
        rows = at_place(context, target, rows, place);
    }
    if let (true, Some(place)) = (rows.is_empty(), asked.place) {
        let (target, given) = (target.name(), place.to_string());
        return Err(PipelineError::NoSuchPlace { target, given }.into());
    }
    let own = issue.state.model_horizons;
    let all = own + issue.state.baseline_horizons;
    context.say(format!(
        "{}: the model is published at {own} of {all} horizons, the best baseline at the others",
        target.name()
    ));
    match asked.format {
        Format::Json => show::json(&rows),
        Format::Csv => csv(&rows),
        Format::Table => tables(context, target, &rows),
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the rows of a place; without any those of the first stand-in that has some, said so.
fn at_place(context: &Context, target: &dyn Target, rows: Vec<Row>, place: &PlaceId) -> Vec<Row> {
    let of = |place: &PlaceId| rows.iter().filter(|r| r.place == *place).cloned().collect();
    let own: Vec<Row> = of(place);
    if !own.is_empty() {
        return own;
    }
    for stand_in in target.stand_ins(place) {
        let mut rows: Vec<Row> = of(&stand_in.place);
        if !rows.is_empty() {
            context.say(format!("{place}: {}", stand_in.says_en));
            rows.iter_mut().for_each(|row| row.stand_in(place, &stand_in));
            return rows;
        }
    }
    Vec::new()
}

fn csv(rows: &[Row]) {
    println!("target,place,issued_at,valid_time,horizon,unit,q05,q10,q25,q50,q75,q90,q95");
    for r in rows {
        println!(
            "{},{},{},{},{},{},{},{},{},{},{},{},{}",
            r.target,
            r.place,
            local_text(r.issued_at),
            local_text(r.valid_time),
            r.horizon,
            r.unit,
            r.q05,
            r.q10,
            r.q25,
            r.q50,
            r.q75,
            r.q90,
            r.q95
        );
    }
}

fn tables(context: &Context, target: &dyn Target, rows: &[Row]) {
    let mut places: BTreeMap<&PlaceId, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        places.entry(&row.place).or_default().push(row);
    }
    for (place, rows) in places.iter().take(PLACES_MAX) {
        let issued = rows.first().map_or(String::new(), |r| local_text(r.issued_at));
        println!("{place}, {} ({}), issued {issued}", target.name(), target.unit());
        println!("{}\n", one_place(target.kind(), rows));
    }
    if places.len() > PLACES_MAX {
        let more = places.len() - PLACES_MAX;
        context.say(format!("{more} more places: name one with --place, or use --format csv"));
    }
}

fn one_place(kind: Kind, rows: &[&Row]) -> comfy_table::Table {
    if kind == Kind::Event {
        let mut table = show::table(&["for", "probability", ""]);
        for row in rows {
            let bar = "█".repeat((row.q50.clamp(0.0, 1.0) * PLOT as f64).round() as usize);
            let day = local_date(row.valid_time).to_string();
            table.add_row([day, format!("{:.0} %", 100.0 * row.q50), bar]);
        }
        return table;
    }
    let low = rows.iter().map(|r| r.q05).fold(f64::INFINITY, f64::min);
    let high = rows.iter().map(|r| r.q95).fold(f64::NEG_INFINITY, f64::max);
    let scale = format!("{} … {}", figure(low), figure(high));
    let mut table = show::table(&["for", "10 %", "middle", "90 %", &scale]);
    for row in rows {
        table.add_row([
            local_date(row.valid_time).to_string(),
            figure(row.q10),
            figure(row.q50),
            figure(row.q90),
            strip(row, low, high),
        ]);
    }
    table
}

/// Returns a line from 5 to 95 %, thick from 25 to 75 %, with a dot at the median.
fn strip(row: &Row, low: f64, high: f64) -> String {
    let span = (high - low).max(f64::MIN_POSITIVE);
    let at = |value: f64| ((value - low) / span * (PLOT - 1) as f64).round() as usize;
    let (q05, q25, q50, q75, q95) =
        (at(row.q05), at(row.q25), at(row.q50), at(row.q75), at(row.q95));
    let mark = |k: usize| match k {
        k if k == q50 => '●',
        k if (q25..=q75).contains(&k) => '━',
        k if (q05..=q95).contains(&k) => '─',
        _ => ' ',
    };
    (0..PLOT).map(mark).collect::<String>().trim_end().to_owned()
}

/// Returns a number with three significant digits, as people read it.
fn figure(value: f64) -> String {
    let digits = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    format!("{value:.*}", usize::try_from(2 - digits).unwrap_or(0).min(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits() {
        let shown = [0.0, 0.0123, 1.234, 98.76, 1234.5].map(figure);
        assert_eq!(shown, ["0.00", "0.0123", "1.23", "98.8", "1234"]);
    }
}
