//! `muavu up`: run the morning once, then serve it: the whole thing on one machine.

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
        let report = run::morning(context, None, self.no_fetch).await?;
        context.say(format!(
            "{} advisories for {}; try /v1/communes/28807/today",
            report.advisories.len(),
            report.issued_at,
        ));
        if context.settings.stream.broker.url.is_empty() {
            return serve::serve(context, self.listen).await;
        }
        // With a broker in the settings the sensors are part of the whole thing.
        stream::Live::start(context, false).await?.listen(context, self.listen).await?;
        Ok(ExitCode::SUCCESS)
    }
}
