//! `muavu rules`: the advisory rules and their own cases.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Failure, show};
use crate::advisory::check_rules;

/// Work with the advisory rules
#[derive(Debug, Args)]
#[command(after_help = "Example: muavu rules check")]
pub struct Rules {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Run every rule's own cases
    Check,
}

impl Rules {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let What::Check = self.what;
        let report = check_rules()?;
        let mut table = show::table(&["rule", "cases", "confidence"]);
        for rule in &report.rules {
            table.add_row([
                rule.rule.clone(),
                rule.cases.to_string(),
                rule.confidence.as_str().to_owned(),
            ]);
        }
        println!("{table}");
        for failure in &report.failures {
            println!("{failure}");
        }
        if report.is_ok() { Ok(ExitCode::SUCCESS) } else { Ok(ExitCode::from(1)) }
    }
}
