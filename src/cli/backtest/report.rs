//! How a backtest is written: every forecast as CSV, scores as tables.

use std::path::Path;

use crate::cli::{Failure, show};
use crate::domain::quantiles::COLUMNS;
use crate::domain::time::local_text;
use crate::forecast::backtest::{Row, valid_time};
use crate::forecast::card::{error_name, horizons};
use crate::forecast::table::ScoreLine;
use crate::forecast::targets::{ALONE, Kind, Target};
use crate::pipeline::PipelineError;
use crate::publish::chart::{self, Labels};

/// Returns how a failure on this file is told.
pub(super) fn file_error(path: &Path) -> impl Fn(std::io::Error) -> PipelineError {
    move |source| PipelineError::Folder { path: path.to_owned(), source }
}

/// Returns the plot of a card: the error of each forecaster by lead, all places pooled.
pub(super) fn plot(lines: &[ScoreLine], target: &dyn Target) -> String {
    let pooled = lines.iter().filter(|l| l.place.is_none() && !l.model.starts_with(ALONE));
    let points = pooled.map(|l| (l.model, f64::from(l.horizon), l.error()));
    let (title, y) = match target.kind() {
        Kind::Amount => ("Mean absolute error by lead", target.unit()),
        Kind::Event => ("Brier score by lead", "squared error of the odds"),
    };
    let labels = Labels { title, x: "steps ahead", y };
    chart::lines(labels, &chart::by_model(points))
}

/// Writes every forecast, one row a place, day, horizon and model; times are local with their
/// offset, so that the date in `valid_time` is the local day forecast.
pub(super) fn write_csv(path: &Path, target: &dyn Target, rows: &[Row]) -> Result<(), Failure> {
    let failed = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(source) => file_error(path)(source),
        other => file_error(path)(std::io::Error::other(format!("{other:?}"))),
    };
    let mut csv = csv::Writer::from_path(path).map_err(failed)?;
    let mut head = vec!["target", "place", "issued_at", "valid_time", "horizon", "model"];
    head.extend(COLUMNS);
    head.push("y");
    csv.write_record(&head).map_err(failed)?;
    for row in rows {
        let mut record = vec![
            target.name().to_owned(),
            row.place.to_string(),
            local_text(row.issued_at.0),
            local_text(valid_time(row)?),
            row.horizon.to_string(),
            row.model.to_owned(),
        ];
        record.extend(row.quantiles.values().iter().map(|q| format!("{q:.4}")));
        record.push(row.y.to_string());
        csv.write_record(&record).map_err(failed)?;
    }
    csv.flush().map_err(file_error(path))?;
    Ok(())
}

/// Prints the scores at the horizons people ask for.
pub(super) fn print_table(lines: &[ScoreLine], target: &dyn Target) {
    let error = error_name(target);
    let mut heads = vec!["place", "ahead", "forecaster", "n", error.as_str()];
    if target.kind() == Kind::Amount {
        heads.extend(["pinball", "80 %", "90 %", "CSI"]);
    }
    let mut table = show::table(&heads);
    let shown = horizons(lines);
    for line in lines.iter().filter(|l| shown.contains(&l.horizon)) {
        let mut row = vec![
            line.place.as_ref().map_or_else(|| "all".to_owned(), ToString::to_string),
            line.horizon.to_string(),
            line.model.to_owned(),
            line.n.to_string(),
            format!("{:.3}", line.error()),
        ];
        if target.kind() == Kind::Amount {
            let percent = |share| cell(share, |share| format!("{:.0}", 100.0 * share));
            row.push(cell(line.pinball, |loss| format!("{loss:.3}")));
            row.extend([percent(line.coverage_80), percent(line.coverage_90)]);
            row.push(cell(line.events.last().map(|e| e.csi), |csi| format!("{csi:.2}")));
        }
        table.add_row(row);
    }
    show::keep_first_whole(&mut table);
    println!("{table}");
}

/// Prints every score of every forecaster at every place and lead; what a target has none of stays
/// empty.
pub(super) fn print_csv(lines: &[ScoreLine]) {
    let mut heads =
        "place,horizon,model,n,mae,rmse,bias,pinball,coverage_80,coverage_90,brier".to_owned();
    for event in lines.first().map_or(&[][..], |l| &l.events) {
        let t = event.threshold;
        heads += &format!(",brier_gt_{t},csi_gt_{t},base_rate_gt_{t}");
    }
    println!("{heads}");
    let four = |score| cell(score, |score| format!("{score:.4}"));
    for l in lines {
        let place = l.place.as_ref().map_or("all", |p| p.as_str());
        let mut row = vec![place.to_owned(), l.horizon.to_string(), l.model.to_owned()];
        row.push(l.n.to_string());
        row.extend([l.mae, l.rmse, l.bias].map(Some).map(four));
        row.extend([l.pinball, l.coverage_80, l.coverage_90, l.brier].map(four));
        for e in &l.events {
            row.extend([e.brier, e.csi, e.base_rate].map(Some).map(four));
        }
        println!("{}", row.join(","));
    }
}

/// Returns a score as text; nothing where there is none, or it is of no event and so no number.
fn cell(score: Option<f64>, text: impl Fn(f64) -> String) -> String {
    score.filter(|score| score.is_finite()).map_or_else(String::new, text)
}
