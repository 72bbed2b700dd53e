//! The command line, written for a tired operator: one file a command.
//!
//! Data goes to stdout, talk to stderr. Exit codes: 0 done, 1 you can fix it, 2 ours, 3 upstream
//! data late; 141 where nobody reads what is printed.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line is where the program speaks"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::{Fault, FaultKind};
use crate::ops::settings::LogFormatName;
use crate::ops::telemetry::{self, LogFormat};
use crate::ops::{Settings, SettingsError};

mod alarms;
mod backtest;
mod doctor;
mod forecast;
mod import;
mod outbox;
mod people;
mod review;
mod rules;
mod run;
mod sample;
mod serve;
mod show;
mod site;
mod stream;
mod tap;
mod up;

/// Forecast farm-production risks for Vĩnh Long and turn them into reviewed advice
#[derive(Debug, Parser)]
#[command(name = "muavu", version, after_help = "Example: muavu up")]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Debug, Clone, Args)]
struct Global {
    /// Folder that holds all state
    #[arg(long, global = true, env = "MUAVU_HOME", default_value = "var", value_name = "DIR")]
    home: PathBuf,
    /// Settings file, instead of muavu.toml in the home
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Say nothing on stderr unless something fails
    #[arg(short, long, global = true)]
    quiet: bool,
}

/// How results are written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For programs: one JSON document.
    Json,
    /// For spreadsheets.
    Csv,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the morning once, then serve it: the whole thing on one machine
    Up(up::Up),
    /// Run one morning: fetch, check, forecast, advise, review, publish
    Run(run::Run),
    /// Import an archive folder of measurements
    Import(import::Import),
    /// Hold a target's forecasts against what happened, day by day, as it was known then
    Backtest(backtest::Backtest),
    /// Forecast a target of ours, or any panel of series of yours
    Forecast(forecast::Forecast),
    /// List, read, approve, reject or withdraw advisories
    Review(review::Review),
    /// Add people, give them roles by commune, let them in, shut them out
    People(people::People),
    /// Work with the advisory rules
    Rules(rules::Rules),
    /// Show sources, ages, quarantine counts, and whether each target beats its baselines
    Doctor(doctor::Doctor),
    /// Serve what is published over a read-only API
    Serve(serve::Serve),
    /// Listen to sensors over MQTT and HTTP, or play a recording, and act within seconds
    Stream(stream::Stream),
    /// Show readings, forecasts and alarms of a running stream as they happen
    Tap(tap::Tap),
    /// List alarms, read their story, or say that one was seen
    Alarms(alarms::Alarms),
    /// List what went out by which channel, read the proof of it, or send what is due
    Outbox(outbox::Outbox),
    /// Write the made-up sample archive
    Sample(sample::Sample),
}

/// An error on its way to the terminal.
struct Failure(Box<dyn Fault>);

impl<F: Fault> From<F> for Failure {
    fn from(fault: F) -> Self {
        Self(Box::new(fault))
    }
}

/// What every command is given.
struct Context {
    global: Global,
    settings: Settings,
}

impl Context {
    fn new(global: Global) -> Result<Self, SettingsError> {
        let beside = global.home.join("muavu.toml");
        let file = global.config.clone().or_else(|| beside.is_file().then_some(beside));
        let settings = Settings::load(file.as_deref(), std::env::vars())?;
        let format = match settings.log.format {
            LogFormatName::Text => LogFormat::Text,
            LogFormatName::Json => LogFormat::Json,
        };
        telemetry::start(&settings.log.level, format);
        Ok(Self { global, settings })
    }

    fn home(&self) -> &Path {
        &self.global.home
    }

    /// Says a line of talk on stderr, unless told to be quiet.
    fn say(&self, line: impl std::fmt::Display) {
        if !self.global.quiet {
            // Whoever no longer listens (a closed pipe) must not end a server.
            let _unheard = writeln!(std::io::stderr(), "{line}");
        }
    }
}

/// Exit code where a shell tells that a closed pipe ended a program: 128 and the number of SIGPIPE.
const NOBODY_READS: i32 = 141;

/// Parses the arguments, runs the command and returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    end_quietly_when_nobody_reads();
    let cli = Cli::parse();
    let outcome = Context::new(cli.global).map_err(Failure::from).and_then(|context| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        match runtime {
            Ok(runtime) => runtime.block_on(dispatch(&context, cli.command)),
            Err(error) => {
                eprintln!("error: cannot start the runtime: {error}");
                Ok(ExitCode::from(FaultKind::Internal.exit_code()))
            }
        }
    });
    outcome.unwrap_or_else(|Failure(fault)| {
        report(fault.as_ref());
        ExitCode::from(fault.kind().exit_code())
    })
}

/// Ends the program without a word when what it prints is no longer read, as `muavu … | head` does:
/// `println!` knows no other way to say so than a panic, with this message.
fn end_quietly_when_nobody_reads() {
    let said = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload_as_str().unwrap_or_default();
        if message.starts_with("failed printing to std") && message.contains("Broken pipe") {
            std::process::exit(NOBODY_READS);
        }
        said(panic);
    }));
}

async fn dispatch(context: &Context, command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Up(args) => args.run(context).await,
        Command::Run(args) => args.run(context).await,
        Command::Import(args) => args.run(context).await,
        Command::Backtest(args) => args.run(context).await,
        Command::Forecast(args) => args.run(context).await,
        Command::Review(args) => args.run(context).await,
        Command::People(args) => args.run(context).await,
        Command::Rules(args) => args.run(),
        Command::Doctor(args) => args.run(context).await,
        Command::Serve(args) => args.run(context).await,
        Command::Stream(args) => args.run(context).await,
        Command::Tap(args) => args.run(context).await,
        Command::Alarms(args) => args.run(context).await,
        Command::Outbox(args) => args.run(context).await,
        Command::Sample(args) => args.run(context),
    }
}

/// Prints an error with its chain of causes, then what to do next.
fn report(fault: &dyn Fault) {
    eprintln!("error: {fault}");
    let mut source = fault.source();
    while let Some(cause) = source {
        eprintln!("  because: {cause}");
        source = cause.source();
    }
    if let Some(hint) = fault.hint() {
        eprintln!("\nhint: {hint}");
    }
}
