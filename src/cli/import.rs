//! `muavu import`: read an archive folder of measurements into the lake.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{Context, Failure, Format, show};
use crate::ops::clock;
use crate::pipeline::import::{ImportReport, Origin, import};
use crate::pipeline::{Home, sample};
use crate::sources::archive::Manifest;

/// Import an archive folder of measurements
#[derive(Debug, Args)]
#[command(after_help = "Example: muavu import ../shared/data")]
pub struct Import {
    /// Folder (or one file of it) to read
    path: PathBuf,
    /// Manifest to read it by, instead of the shipped one
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// How to write the counts
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Import {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let manifest = match &self.manifest {
            None => Manifest::shipped()?,
            Some(path) => Manifest::from_file(path)?,
        };
        let now = clock::now();
        let who = format!("muavu import, process {}, since {now}", std::process::id());
        let (home, _lock) = Home::open_to_write(context.home(), &who).await?;
        let origin = sample::origin_of(&self.path);
        if origin == Origin::Sample {
            context.say("this archive is the SAMPLE, made up: every row of it is marked so");
        }
        let bar = show::bar(context, "import");
        let report = import(&home.lake, &self.path, &manifest, origin, now, |done, _| {
            show::share(&bar, done);
        })
        .await?;
        bar.finish_and_clear();
        self.print(&report);
        Ok(ExitCode::SUCCESS)
    }

    fn print(&self, report: &ImportReport) {
        match self.format {
            Format::Json => show::json(&as_json(report)),
            Format::Csv => {
                println!("set,files,rows_read,good,bad,new,revised,unchanged");
                for (set, done) in report {
                    let (read, stored) = (&done.read, &done.stored);
                    println!(
                        "{set},{},{},{},{},{},{},{}",
                        read.files.len(),
                        read.rows_read,
                        read.good,
                        read.lost(),
                        stored.new,
                        stored.revised,
                        stored.unchanged
                    );
                }
            }
            Format::Table => print_table(report),
        }
    }
}

fn print_table(report: &ImportReport) {
    let mut table =
        show::table(&["set", "rows read", "good", "flagged", "bad", "new", "revised", "unchanged"]);
    for (set, done) in report {
        let (read, stored) = (&done.read, &done.stored);
        let words = |counts: Vec<String>| counts.join("\n");
        let flags = read.flagged.iter().map(|(flag, n)| format!("{flag} {n}")).collect();
        let bad = read.bad.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
        table.add_row([
            set.clone(),
            read.rows_read.to_string(),
            read.good.to_string(),
            words(flags),
            words(bad),
            stored.new.to_string(),
            stored.revised.to_string(),
            stored.unchanged.to_string(),
        ]);
    }
    println!("{table}");
}

fn as_json(report: &ImportReport) -> serde_json::Value {
    let sets = report.iter().map(|(set, done)| {
        let (read, stored) = (&done.read, &done.stored);
        json!({
            "set": set,
            "files": read.files,
            "rows_read": read.rows_read,
            "rows_bad": read.rows_bad,
            "good": read.good,
            "flagged": read.flagged,
            "bad": read.bad.iter().map(|(k, v)| (k.to_string(), *v)).collect::<std::collections::BTreeMap<_, _>>(),
            "missing_cells": read.missing,
            "duplicates": read.duplicates,
            "same_event": read.same_event,
            "unsorted": read.unsorted,
            "stored": { "new": stored.new, "revised": stored.revised, "unchanged": stored.unchanged },
        })
    });
    json!({ "sets": sets.collect::<Vec<_>>() })
}
