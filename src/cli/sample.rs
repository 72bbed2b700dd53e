//! `muavu sample`: write the made-up sample archive.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Context, Failure};
use crate::pipeline::{PipelineError, sample};

/// Write the made-up sample archive
#[derive(Debug, Args)]
#[command(after_help = "Example: muavu sample data/sample")]
pub struct Sample {
    /// Folder to write it to
    folder: PathBuf,
}

impl Sample {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        sample::write(&self.folder)
            .map_err(|source| PipelineError::Folder { path: self.folder.clone(), source })?;
        context.say(format!("the sample is in {}", self.folder.display()));
        Ok(ExitCode::SUCCESS)
    }
}
