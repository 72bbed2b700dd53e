//! `muavu review`: what waits for an agronomist, and what is done with it.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Context, Failure, show};
use crate::domain::time::IssuedAt;
use crate::frames::{Advisory, AdvisoryState, ReviewEvent};
use crate::ops::clock;
use crate::pipeline::{Home, PipelineError, lifecycle};
use crate::publish::files;
use crate::review::{Act, Moved, Policy, Reviewed, approve, mark_published, reject, withdraw};

/// List, read, approve, reject or withdraw advisories
#[derive(Debug, Args)]
#[command(after_help = "Example: muavu review approve 3f2a… --who lan.nguyen")]
pub struct Review {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List what waits for review
    List,
    /// Show one advisory with its evidence and its log
    Show {
        /// The advisory
        id: String,
    },
    /// Approve a draft; it is published at once
    Approve(Deed),
    /// Refuse a draft, with a reason
    Reject(Deed),
    /// Take back what was approved or published, with a reason
    Withdraw(Deed),
}

#[derive(Debug, Args)]
struct Deed {
    /// The advisory
    id: String,
    /// Who does it
    #[arg(long, value_name = "NAME")]
    who: String,
    /// Why
    #[arg(long, default_value = "", value_name = "TEXT")]
    reason: String,
}

impl Review {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let home = Home::open(context.home()).await?;
        match self.what {
            What::List => list(&home).await?,
            What::Show { id } => {
                let (advisory, log) = read(&home, &id).await?;
                show::json(&serde_json::json!({ "advisory": advisory, "log": log }));
            }
            What::Approve(deed) => approved(&home, context, deed).await?,
            What::Reject(deed) => {
                let (advisory, log) = read(&home, &deed.id).await?;
                let done = reject(advisory, &log, &act(&deed)).map_err(PipelineError::from)?;
                keep(&home, context, done).await?;
            }
            What::Withdraw(deed) => {
                let (advisory, log) = read(&home, &deed.id).await?;
                let done = withdraw(advisory, &log, &act(&deed)).map_err(PipelineError::from)?;
                let day = IssuedAt(done.advisory.issued_at);
                keep(&home, context, done).await?;
                republish(&home, day).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn act(deed: &Deed) -> Act<'_> {
    Act { who: &deed.who, at: clock::now(), reason: &deed.reason }
}

async fn list(home: &Home) -> Result<(), Failure> {
    let mut table =
        show::table(&["id", "commune", "crop", "severity", "action", "odds", "expires"]);
    for a in home.records.advisories_in(AdvisoryState::Draft).await? {
        table.add_row([
            a.id.clone(),
            a.commune.to_string(),
            a.crop.to_string(),
            a.severity.to_string(),
            a.action.clone(),
            format!("{:.0} %", 100.0 * a.confidence),
            a.expires_at.to_string(),
        ]);
    }
    show::keep_first_whole(&mut table);
    println!("{table}");
    Ok(())
}

async fn read(home: &Home, id: &str) -> Result<(Advisory, Vec<ReviewEvent>), Failure> {
    let advisory = home
        .records
        .advisory(id)
        .await?
        .ok_or_else(|| PipelineError::NoAdvisory { given: id.to_owned() })?;
    let log = home.records.events(id).await?;
    Ok((advisory, log))
}

async fn keep(home: &Home, context: &Context, done: Moved) -> Result<(), Failure> {
    home.records.advance(&done.advisory, &done.event).await?;
    context.say(format!("{} is {}", done.advisory.id, done.advisory.state));
    Ok(())
}

async fn approved(home: &Home, context: &Context, deed: Deed) -> Result<(), Failure> {
    let (advisory, mut log) = read(home, &deed.id).await?;
    let policy = Policy::shipped().map_err(PipelineError::from)?;
    let at = clock::now();
    match approve(&policy, advisory, &log, &act(&deed)).map_err(PipelineError::from)? {
        Reviewed::Held { advisory, event, why } => {
            if let Some(event) = event {
                home.records.advance(&advisory, &event).await?;
            }
            context.say(format!("{} still waits: {why}", advisory.id));
        }
        Reviewed::Approved { advisory, event } => {
            home.records.advance(advisory.get(), &event).await?;
            log.push(event);
            let (advisory, sent) =
                mark_published(*advisory, &log, at).map_err(PipelineError::from)?;
            home.records.advance(advisory.get(), &sent).await?;
            lifecycle::settle(&home.records, std::slice::from_ref(advisory.get()), at).await?;
            republish(home, IssuedAt(advisory.get().issued_at)).await?;
            context.say(format!("{} is published", advisory.get().id));
        }
    }
    Ok(())
}

/// Writes the published files of one morning again, from what stands as published.
async fn republish(home: &Home, issued_at: IssuedAt) -> Result<(), Failure> {
    let mut proofs = Vec::new();
    for advisory in home.records.advisories_in(AdvisoryState::Published).await? {
        if advisory.issued_at == issued_at.0 {
            let log = home.records.events(&advisory.id).await?;
            let proof = crate::review::Approved::from_log(advisory, &log);
            proofs.push(proof.map_err(PipelineError::from)?);
        }
    }
    files::write(&home.published(), issued_at, &proofs)?;
    Ok(())
}
