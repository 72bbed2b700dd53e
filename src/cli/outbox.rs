//! `muavu outbox`: what went where, and the proof of it.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;

use super::{Context, Failure, show};
use crate::domain::time::local_text;
use crate::frames::alarms::Tell;
use crate::ops::clock;
use crate::pipeline::sending::{self, Outward};
use crate::pipeline::{Home, PipelineError};
use crate::publish::channels::{Preview, alarm_previews, previews_with};
use crate::storage::outbox::State;

/// List what went out by which channel, read the proof of it, or send what is due
#[derive(Debug, Args)]
#[command(after_help = "Example: muavu outbox list --state unsure")]
pub struct Outbox {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List deliveries, those made last first
    List {
        /// Only those that stand so: waiting, sent, refused, `given_up`, unsure, dropped,
        /// overtaken, held
        #[arg(long, value_parser = state)]
        state: Option<State>,
        /// Only those of this channel
        #[arg(long)]
        channel: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        count: u64,
    },
    /// Print all that was sent of an advisory or alarm, or one delivery, with every attempt and
    /// receipt, as JSON
    Show {
        /// The advisory, alarm or delivery
        id: String,
    },
    /// Show an advisory, draft or published, or every change of an alarm, as every channel would
    /// carry it; sends nothing
    Preview {
        /// The advisory or alarm
        id: String,
    },
    /// Attempt everything that is due once, for a machine on which nothing runs for ever
    Send,
}

fn state(text: &str) -> Result<State, String> {
    let names: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
    let found = State::ALL.iter().copied().find(|state| state.as_str() == text);
    found.ok_or_else(|| format!("allowed: {}", names.join(", ")))
}

/// Returns what the settings say of the ways out.
pub(super) fn outward(context: &Context) -> Outward {
    let settings = &context.settings;
    Outward {
        channels: settings.channels.clone(),
        alarms: settings.stream.webhooks.clone(),
        broker: settings.stream.broker.clone(),
    }
}

impl Outbox {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let home = Home::open(context.home()).await?;
        match self.what {
            What::List { state, channel, count } => {
                list(&home, state, channel.as_deref(), count).await?;
            }
            What::Show { id } => proof(&home, &id).await?,
            What::Preview { id } => preview(context, &home, id).await?,
            What::Send => {
                let attempts = sending::once(&home, &outward(context), clock::now).await?;
                let counts = home.records.outbox().await?;
                context.say(format!(
                    "{attempts} attempts; {} sent so far, {} wait, {} are left to a person",
                    counts.sent, counts.waiting, counts.unsure
                ));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn preview(context: &Context, home: &Home, id: String) -> Result<(), Failure> {
    let settings = &context.settings.channels;
    let changes = home.records.worded_changes(&id).await?;
    if changes.is_empty() {
        let found = home.records.advisory(&id).await?;
        let advisory = found.ok_or(PipelineError::NoAdvisory { given: id })?;
        print_previews(&previews_with(settings, &advisory));
        return Ok(());
    }
    for (worded, shown) in changes.iter().zip(alarm_previews(settings, &changes)) {
        let change = &worded.change;
        println!(
            "=== {} {}, {}: measured {}, known {}, told {}{}\n",
            change.step,
            change.turn.as_str(),
            change.severity,
            minute(change.event_time),
            minute(change.known_at),
            match change.tell {
                Tell::Now => "at once".to_owned(),
                Tell::At(later) => format!("from {}", minute(later)),
                Tell::Held => "to nobody (the day's cap)".to_owned(),
            },
            if worded.before_review { "" } else { ", when a person has seen the alarm" },
        );
        print_previews(&shown);
    }
    Ok(())
}

fn print_previews(shown: &[Preview]) {
    for Preview { channel, title, note, text, .. } in shown {
        println!("--- {channel} ({title}): {note}\n{text}\n");
    }
}

async fn list(
    home: &Home,
    state: Option<State>,
    channel: Option<&str>,
    count: u64,
) -> Result<(), Failure> {
    let mut table = show::table(&["delivery", "turn", "state", "tries", "received", "why"]);
    show::keep_first_whole(&mut table);
    for d in home.records.deliveries(state, channel, count).await? {
        table.add_row([
            d.id,
            d.turn.as_str().to_owned(),
            d.state.as_str().to_owned(),
            d.attempts.to_string(),
            d.received_at.map(minute).unwrap_or_default(),
            d.why.unwrap_or_default(),
        ]);
    }
    println!("{table}");
    Ok(())
}

/// Minutes are enough for people, and let a row stand in one line.
fn minute(at: Timestamp) -> String {
    local_text(at).chars().take(16).collect::<String>().replace('T', " ")
}

async fn proof(home: &Home, id: &str) -> Result<(), Failure> {
    let mut deliveries = home.records.deliveries_of(id).await?;
    deliveries.extend(home.records.delivery(id).await?);
    if deliveries.is_empty() {
        return Err(PipelineError::NoDelivery { given: id.to_owned() }.into());
    }
    let mut proof = Vec::new();
    for delivery in deliveries {
        let attempts = home.records.attempts_of(&delivery.id).await?;
        proof.push(json!({ "delivery": delivery, "attempts": attempts }));
    }
    show::json(&json!(proof));
    Ok(())
}
