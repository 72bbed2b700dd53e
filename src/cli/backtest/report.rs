//! How a backtest is written: every forecast as CSV, scores as tables.

use std::path::Path;

use crate::cli::{Failure, show};
use crate::domain::quantiles::COLUMNS;
use crate::domain::time::local_text;
use crate::forecast::backtest::{Row, valid_time};
use crate::forecast::card::horizons;
use crate::forecast::table::ScoreLine;
use crate::forecast::targets::{ALONE, Target};
use crate::pipeline::PipelineError;
use crate::publish::chart::{self, Labels};

/// Returns how a failure on this file is told.
pub(super) fn file_error(path: &Path) -> impl Fn(std::io::Error) -> PipelineError {
    move |source| PipelineError::Folder { path: path.to_owned(), source }
}

/// Returns the plot of a card: the error of each forecaster by lead, all places pooled.
pub(super) fn plot(lines: &[ScoreLine], unit: &str) -> String {
    let pooled = lines.iter().filter(|l| l.place.is_none() && !l.model.starts_with(ALONE));
    let points = pooled.map(|l| (l.model, f64::from(l.horizon), l.mae));
    let labels = Labels { title: "Mean absolute error by lead", x: "steps ahead", y: unit };
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
pub(super) fn print_table(lines: &[ScoreLine]) {
    let mut table = show::table(&[
        "place",
        "ahead",
        "forecaster",
        "n",
        "MAE",
        "pinball",
        "80 %",
        "90 %",
        "CSI",
    ]);
    let shown = horizons(lines);
    for line in lines.iter().filter(|l| shown.contains(&l.horizon)) {
        let csi = line.events.last().map_or(String::new(), |e| format!("{:.2}", e.csi));
        table.add_row([
            line.place.as_ref().map_or_else(|| "all".to_owned(), ToString::to_string),
            line.horizon.to_string(),
            line.model.to_owned(),
            line.n.to_string(),
            format!("{:.3}", line.mae),
            format!("{:.3}", line.pinball),
            format!("{:.0}", 100.0 * line.coverage_80),
            format!("{:.0}", 100.0 * line.coverage_90),
            csi,
        ]);
    }
    println!("{table}");
}

/// Prints every score.
pub(super) fn print_csv(lines: &[ScoreLine]) {
    println!("place,horizon,model,n,mae,rmse,bias,pinball,coverage_80,coverage_90");
    for l in lines {
        let place = l.place.as_ref().map_or("all", |p| p.as_str());
        println!(
            "{place},{},{},{},{:.4},{:.4},{:.4},{:.4},{:.4},{:.4}",
            l.horizon, l.model, l.n, l.mae, l.rmse, l.bias, l.pinball, l.coverage_80, l.coverage_90
        );
    }
}
