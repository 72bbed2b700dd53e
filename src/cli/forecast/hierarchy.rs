//! `--hierarchy`: forecasts of parts and sums of a panel that agree with each other.

use std::path::Path;
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::explain::ExplainTo;
use super::panel::{PanelQuestion, gathered};
use crate::cli::Failure;
use crate::forecast::engine::reconcile::{
    Hierarchy, Method, Reconciled, forecast_nodes, from_edges, from_matrix, levels, with_sums,
};
use crate::forecast::engine::table::Y;
use crate::forecast::engine::{Ask, Block, Forecasts, Layout};
use crate::storage::panel_file::{PanelFile, read_labels, read_table};

/// Past origins at which every node is forecast, at least, in the fast mode: as many as the auto
/// mode has; the errors of two, which a large panel would do with, are no covariance.
const ORIGINS_MIN: usize = 8;

/// The sums of a panel.
#[derive(Debug, Clone, Args)]
pub(super) struct HierarchyOf {
    /// Forecast sums too, so that parts and sums agree. Levels made of columns of the panel, such as
    /// total,region,region/crop; or a .csv file: a summing matrix, or the columns parent,child
    #[arg(long, value_name = "SPEC", requires = "panel", conflicts_with_all = ["save", "models"])]
    hierarchy: Option<String>,
    /// How they are made to agree [default: wls_var, wls_struct for short series]
    #[arg(long, value_enum, requires = "hierarchy")]
    reconcile: Option<Reconcile>,
}

/// The ways of reconciling, by the names of hierarchicalforecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reconcile {
    /// Sums are those of the series.
    #[value(name = "bottom_up")]
    BottomUp,
    /// All nodes move alike.
    #[value(name = "ols")]
    Ols,
    /// Each node moves as the number of series in it.
    #[value(name = "wls_struct")]
    WlsStruct,
    /// Each node moves as the mean square of its past errors.
    #[value(name = "wls_var")]
    WlsVar,
    /// As the shrunk covariance of past errors (minimum trace).
    #[value(name = "mint_shrink")]
    MintShrink,
}

impl From<Reconcile> for Method {
    fn from(reconcile: Reconcile) -> Self {
        match reconcile {
            Reconcile::BottomUp => Self::BottomUp,
            Reconcile::Ols => Self::Ols,
            Reconcile::WlsStruct => Self::WlsStruct,
            Reconcile::WlsVar => Self::WlsVar,
            Reconcile::MintShrink => Self::MintShrink,
        }
    }
}

impl HierarchyOf {
    pub const fn is_asked(&self) -> bool {
        self.hierarchy.is_some()
    }

    /// Forecasts all nodes and makes them agree; returns what is to be said about it, too.
    pub fn forecast(
        &self,
        asked: &PanelQuestion,
        future: Option<&Path>,
        explain: &ExplainTo,
    ) -> Result<(Forecasts, Vec<String>), Failure> {
        let panel = asked.panel.clone().unwrap_or_default();
        let file = PanelFile::open(&panel)?;
        let mut layout = Layout::of(file.schema())?;
        let spec = self.hierarchy.as_deref().unwrap_or_default();
        let hierarchy = read(spec, &panel, &mut layout)?;
        if future.is_none() && file.is_complete(Y) {
            layout.exogenous.clear();
        }
        let rows = gathered(&file, &layout, future)?;
        let (rows, summed) = with_sums(rows, &mut layout, &hierarchy)?;
        let prepare = |pilot: &[Block], ask: &Ask| {
            explain.prepare_with_errors((asked.mode, ORIGINS_MIN), pilot, ask)
        };
        let nodes = forecast_nodes(rows, layout, &asked.question()?, &prepare)?;
        let began = Instant::now();
        let done = nodes.reconcile(&hierarchy.structure, self.reconcile.map(Method::from))?;
        let ms = began.elapsed().as_secs_f64() * 1e3;
        let notes = notes(&hierarchy, summed, &done, ms);
        Ok((done.forecasts, notes))
    }
}

/// Reads the hierarchy from a file, or from the labels of the panel. Columns of labels are no
/// covariates, even where they are numbers.
fn read(spec: &str, panel: &Path, layout: &mut Layout) -> Result<Hierarchy, Failure> {
    let is_file = Path::new(spec).extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    if is_file {
        let (header, rows) = read_table(Path::new(spec))?;
        if header != ["parent", "child"] {
            return Ok(from_matrix(&header, &rows)?);
        }
        let pair = |row: &Vec<String>| (row[0].clone(), row[1].clone());
        return Ok(from_edges(&rows.iter().map(pair).collect::<Vec<_>>())?);
    }
    let levels = levels(spec)?;
    let mut columns: Vec<String> = levels.concat();
    columns.sort_unstable();
    columns.dedup();
    let series = read_labels(panel, &columns)?;
    layout.exogenous.retain(|name| !columns.contains(name));
    Ok(Hierarchy::from_levels(&levels, &columns, &series)?)
}

fn notes(hierarchy: &Hierarchy, summed: usize, done: &Reconciled, ms: f64) -> Vec<String> {
    let (sums, series) = (hierarchy.aggregates.len(), hierarchy.bottoms.len());
    let mut notes = vec![format!("{sums} sums over {series} series, {summed} made of the panel")];
    let shrunk =
        done.shrinkage.map(|share| format!(", correlations shrunk by {:.0} %", 100.0 * share));
    notes.push(format!(
        "reconciled by {} in {ms:.1} ms ({} past origins{})",
        done.method.name(),
        done.origins,
        shrunk.unwrap_or_default()
    ));
    if done.raised > 0 {
        notes.push(format!(
            "{} forecasts raised to 0: their series are never below it",
            done.raised
        ));
    }
    if !done.own_intervals {
        notes.push("too few past origins: intervals are as wide as before reconciling".to_owned());
    }
    notes
}
