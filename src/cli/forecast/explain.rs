//! `--explain`: what each forecast of a panel is the sum of, written beside the forecasts.

use std::path::{Path, PathBuf};

use clap::Args;

use super::panel::Mode;
use crate::cli::Failure;
use crate::forecast::engine::auto::Plan;
use crate::forecast::engine::explain::{self, Explained};
use crate::forecast::engine::{Ask, Block, EngineError, Forecasts, LinearMix, Strategy};
use crate::storage::panel_file::{Kind, PanelWriter};

/// Where the explanation of a forecast goes.
#[derive(Debug, Clone, Args)]
pub(super) struct ExplainTo {
    /// Write what each forecast is the sum of to this file, .csv or .parquet: of the fast mode level,
    /// history, season, year and each covariate, of the auto mode each model with its weight
    #[arg(long, value_name = "FILE", requires = "panel", conflicts_with_all = ["save", "models"])]
    explain: Option<PathBuf>,
}

impl ExplainTo {
    /// Refuses, before any work, a file that cannot be written.
    pub fn check(&self, output: Option<&Path>) -> Result<(), Failure> {
        let Some(path) = self.explain.as_deref() else { return Ok(()) };
        Kind::of(path)?;
        if Some(path) == output {
            let (given, allowed) = (path.display().to_string(), "another file than --output");
            let allowed = allowed.to_owned();
            return Err(EngineError::Ask { what: "--explain", given, allowed }.into());
        }
        Ok(())
    }

    /// Prepares the strategy of a mode, one that explains itself where that was asked for.
    pub fn prepare(&self, mode: Mode, pilot: &[Block], ask: &Ask) -> Box<dyn Strategy> {
        match mode {
            _ if self.explain.is_none() => mode.prepare(pilot, ask),
            Mode::Fast => Box::new(Explained(LinearMix::prepare(pilot, ask))),
            Mode::Auto => Box::new(Explained(Plan::prepare(pilot, ask))),
        }
    }

    /// As [`ExplainTo::prepare`], with past errors at `origins` or more where the mode can.
    pub fn prepare_with_errors(
        &self,
        (mode, origins): (Mode, usize),
        pilot: &[Block],
        ask: &Ask,
    ) -> Box<dyn Strategy> {
        if mode != Mode::Fast {
            return self.prepare(mode, pilot, ask);
        }
        let mut mix = LinearMix::prepare(pilot, ask);
        mix.origins = mix.origins.max(origins);
        if self.explain.is_some() { Box::new(Explained(mix)) } else { Box::new(mix) }
    }

    /// Writes the explanation of forecasts that [`ExplainTo::prepare`]'s strategy made.
    pub fn write(&self, forecasts: &Forecasts) -> Result<(), Failure> {
        let Some(path) = self.explain.as_deref() else { return Ok(()) };
        let schema = explain::schema(&forecasts.layout);
        let mut writer = PanelWriter::create(path, &schema.into())?;
        for batch in explain::explanations(forecasts) {
            writer.write(&batch?)?;
        }
        Ok(writer.finish()?)
    }
}
