//! `muavu forecast`: what a target of ours says, or a forecast of any panel of yours.

use std::process::ExitCode;

use clap::Args;

use super::{Context, Failure, Format};
use crate::domain::PlaceId;
use crate::domain::time::IssuedAt;

mod explain;
mod hierarchy;
mod intake;
pub(super) mod panel;
mod target;

/// Forecast a target of ours, or any panel of series of yours
#[derive(Debug, Args)]
#[command(after_help = "Examples: muavu forecast water_level --as-of 2018-09-01\n          \
                  muavu forecast --panel sales.parquet --horizon 14 --output forecast.parquet\n          \
                  muavu forecast --panel sales.parquet --horizon 14 --hierarchy total,region")]
pub struct Forecast {
    /// The target
    #[arg(required_unless_present = "panel", conflicts_with = "panel")]
    target: Option<String>,
    /// Only this place of the target
    #[arg(long, value_name = "PLACE", requires = "target")]
    place: Option<PlaceId>,
    /// A past morning, as it could have been known then
    #[arg(long, value_name = "DATE", value_parser = IssuedAt::parse, requires = "target")]
    as_of: Option<IssuedAt>,
    #[command(flatten)]
    panel: panel::PanelForecast,
    /// How to write the forecasts to stdout
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Forecast {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let Some(target) = &self.target else {
            return self.panel.run(context, self.format).await;
        };
        let asked = target::Asked {
            target,
            as_of: self.as_of,
            place: self.place.as_ref(),
            format: self.format,
        };
        if asked.target == crate::forecast::intake::NAME {
            return intake::run(context, asked).await;
        }
        target::run(context, asked).await
    }
}
