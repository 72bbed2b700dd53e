//! `muavu alarms`: what is open, what happened, who has seen it.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{Context, Failure, show};
use crate::domain::time;
use crate::ops::clock;
use crate::pipeline::{Home, PipelineError};
use crate::storage::alarms::AlarmView;

/// List alarms, read their story, or say that one was seen
#[derive(Debug, Args)]
#[command(
    after_help = "Example: muavu alarms ack canal:vung_liem/salt/20250126T010000Z --who lan.nguyen"
)]
pub struct Alarms {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List what is open
    List {
        /// Also those that are over
        #[arg(long)]
        all: bool,
    },
    /// Print every change in order, with its texts, as JSON lines
    Story {
        /// Only of this alarm
        id: Option<String>,
    },
    /// Say that an alarm was seen; the first to say so stands
    Ack {
        /// The alarm
        id: String,
        /// Who has seen it
        #[arg(long, value_name = "NAME")]
        who: String,
    },
}

impl Alarms {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let home = Home::open(context.home()).await?;
        match self.what {
            What::List { all } => list(context, &home.records.alarms(!all).await?),
            What::Story { id } => {
                for change in home.records.alarm_changes(id.as_deref()).await? {
                    println!("{change}");
                }
            }
            What::Ack { id, who } => {
                let seen = home.records.acknowledge_alarm(&id, &who, clock::now()).await?;
                let alarm = seen.ok_or(PipelineError::NoAlarm { given: id })?;
                context.say(format!(
                    "{} was seen by {}",
                    alarm.id,
                    alarm.acknowledged_by.unwrap_or_default(),
                ));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(context: &Context, alarms: &[AlarmView]) {
    if alarms.is_empty() {
        context.say("no alarm is open");
        return;
    }
    let mut table = show::table(&["alarm", "how severe", "since", "peak", "over", "seen by"]);
    show::keep_first_whole(&mut table);
    // Minutes are enough for people, and let a row stand in one line.
    let local = |text: &str| match text.parse() {
        Ok(at) => time::local_text(at).chars().take(16).collect::<String>().replace('T', " "),
        Err(_) => text.to_owned(),
    };
    for alarm in alarms {
        let peak = alarm.last.get("peak").and_then(Value::as_f64);
        table.add_row([
            alarm.id.clone(),
            alarm.severity.clone(),
            local(&alarm.opened_at),
            peak.map_or(String::new(), |p| format!("{p:.2} g/L")),
            alarm.closed_at.as_deref().map(local).unwrap_or_default(),
            alarm.acknowledged_by.clone().unwrap_or_default(),
        ]);
    }
    println!("{table}");
}
