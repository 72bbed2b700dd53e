//! `muavu review`: what waits for an agronomist, and what is done with it.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Context, Failure, show};
use crate::frames::AdvisoryState;
use crate::ops::clock;
use crate::pipeline::reviewing::Desk;
use crate::pipeline::{Home, PipelineError};
use crate::review::{self, Order, Outcome, Refusal};

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
        let (deed, what) = match self.what {
            What::List => {
                list(&home).await?;
                return Ok(ExitCode::SUCCESS);
            }
            What::Show { id } => {
                let (advisory, log) = Desk::of(&home)?.read(&id).await?;
                show::json(&serde_json::json!({ "advisory": advisory, "log": log }));
                return Ok(ExitCode::SUCCESS);
            }
            What::Approve(deed) => (deed, review::Deed::Approve { wording: None }),
            What::Reject(deed) => (deed, review::Deed::Reject),
            What::Withdraw(deed) => (deed, review::Deed::Withdraw),
        };
        let order = Order {
            id: deed.id.clone(),
            seen: None,
            deed: what,
            who: deed.who,
            reason: deed.reason,
            at: clock::now(),
            // Whoever holds the home holds the records too.
            may_sign_last: true,
        };
        match Desk::of(&home)?.act(order).await {
            Ok(Outcome::Published(a) | Outcome::Amended(a) | Outcome::Ended(a)) => {
                context.say(format!("{} is {}", a.id, a.state));
            }
            Ok(Outcome::Waits(why)) => context.say(format!("{} still waits: {why}", deed.id)),
            Err(Refusal::Rule(rule)) => return Err(PipelineError::from(rule).into()),
            Err(Refusal::Fault(fault)) => return Err(Failure(fault)),
            Err(Refusal::Changed { advisory, .. }) => {
                return Err(PipelineError::Changed { advisory: advisory.id }.into());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
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
