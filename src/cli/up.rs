//! `muavu up`: run the morning once, then serve it: the whole thing on one machine.
//!
//! With a broker in the settings the sensors are part of it, and come first: an alarm waits for no
//! morning, and goes out where the morning fails.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;

use super::{Context, Failure, run, serve, stream};

/// Run the morning once, then serve it: the whole thing on one machine
#[derive(Debug, Args)]
#[command(after_help = "Example: muavu up")]
pub struct Up {
    /// Address and port, instead of the settings'
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Ask no live source, work from what is stored
    #[arg(long)]
    no_fetch: bool,
}

impl Up {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        if context.settings.stream.broker.url.is_empty() {
            self.morning(context).await?;
            return serve::serve(context, self.listen).await;
        }
        let live = stream::Live::start(context, false).await?.hear(context)?;
        if let Err(failure) = self.morning(context).await {
            super::report(&*failure.0);
            context.say("the morning failed; the sensors are heard all the same");
        }
        live.listen(context, self.listen).await?;
        Ok(ExitCode::SUCCESS)
    }

    async fn morning(&self, context: &Context) -> Result<(), Failure> {
        let report = run::morning(context, None, self.no_fetch).await?;
        context.say(format!(
            "{} advisories for {}; try /v1/communes/28807/today",
            report.advisories.len(),
            report.issued_at,
        ));
        Ok(())
    }
}
