//! What stands for each commune today: the composition every screen and the API are made of.
//!
//! One [`Today`] a commune, held in memory ([`board`]) and made anew only when the record store or
//! the lake has changed. Advice is in it only as [`Approved`], with who approved it and when.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::geography::{Commune, CommuneWater};
use crate::domain::{CommuneCode, Crop, PlaceId, Stage};
use crate::frames::{Advisory, AdvisoryState, ReviewEvent};
use crate::review::Approved;

pub mod board;
pub mod lines;
pub mod prices;
pub mod record;
pub mod week;

pub use board::{Board, Snapshot};
pub use prices::PriceAhead;
pub use record::{FarmersSaid, TrackRecord};
pub use week::{Answer, DayAhead};

/// How sure each moment of a window for taking water is at least: four to one, since salt on a
/// field costs more than a tide waited for (as `muavu forecast intake_window` has it).
pub const SURE: f64 = 0.8;

/// What other rooms know and this one may not ask itself: given by whoever serves.
pub trait Neighbours: Send + Sync {
    /// Returns what grows in a commune on a day, each crop with its stage by the calendar.
    fn crops(&self, commune: &CommuneCode, day: Date) -> Vec<(Crop, Stage)>;
    /// Returns the salinity (g/L) above which no water is taken for a crop at a stage.
    fn intake_limit(&self, crop: Crop, stage: Stage, day: Date) -> Option<f64>;
    /// Returns the probes that tell each commune's water.
    fn probes(&self) -> BTreeMap<CommuneCode, Vec<Probe>>;
    /// Returns the stretches in which the odds (0 to 1, by the start of each
    /// hour) are at least `sure`.
    fn windows(&self, hours: &[(Timestamp, f64)], sure: f64) -> Vec<Window>;
    /// Returns day and month of the Vietnamese lunar calendar, as people write them.
    fn lunar(&self, day: Date) -> Option<String>;
}

/// A sensor in the water that a commune takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Its place in tables.
    pub place: PlaceId,
    /// What people call that place.
    pub name: String,
}

/// A stretch of time in which water may be taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// The odds at its worst moment (0 to 1).
    pub worst: f64,
}

/// Windows at one probe for one crop.
#[derive(Debug, Clone, PartialEq)]
pub struct IntakeHours {
    /// What people call the place of the probe.
    pub probe: String,
    /// When they were forecast.
    pub issued_at: Timestamp,
    /// The salinity they stay below, g/L.
    pub limit_g_l: f64,
    /// The windows, in order.
    pub windows: Vec<Window>,
    /// Until when hours were forecast.
    pub reach: Timestamp,
}

/// Who let an advisory out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approver {
    /// A person, by the sign-in name.
    Person(String),
    /// The province's policy for this class.
    Policy(String),
}

/// An advisory that stands, with the proof and the story of its approval.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The advisory.
    pub advisory: Approved<Advisory>,
    /// Who approved it last.
    pub by: Approver,
    /// When.
    pub at: Timestamp,
}

impl Standing {
    /// Returns the advisory with its story when its whole log proves that it may be shown.
    fn of(advisory: Advisory, log: &[ReviewEvent]) -> Option<Self> {
        let approval = log.iter().rev().find(|e| e.to == AdvisoryState::Approved)?;
        let by = match approval.who.strip_prefix("policy:") {
            Some(class) => Approver::Policy(class.to_owned()),
            None => Approver::Person(approval.who.clone()),
        };
        let at = approval.at;
        match Approved::from_log(advisory, log) {
            Ok(advisory) => Some(Self { advisory, by, at }),
            Err(error) => {
                tracing::error!(%error, "a published advisory has no proof of approval");
                None
            }
        }
    }

    /// Returns whether its time is over. The sample is of no day, so it is never over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        let advisory = self.advisory.get();
        !advisory.sample && advisory.expires_at <= now
    }

    /// Returns the age of the newest measurement behind it, hours; `None` when it names none.
    #[must_use]
    pub fn data_age_h(&self, now: Timestamp) -> Option<f64> {
        let advisory = self.advisory.get();
        let since = now.duration_since(advisory.issued_at).as_secs_f64() / 3600.0;
        Some(advisory.evidence.first()?.data_age_h + since.max(0.0))
    }
}

/// One crop of a commune.
#[derive(Debug, Clone)]
pub struct CropToday {
    /// The crop.
    pub crop: Crop,
    /// Its stage by the calendar of its zone.
    pub stage: Stage,
    /// What is advised; nothing when nothing is approved.
    pub advice: Option<Standing>,
    /// What else stands for it, less urgent.
    pub also: Vec<Standing>,
    /// Hours in which water may be taken, by probe.
    pub hours: Vec<IntakeHours>,
}

/// Everything one commune is told.
#[derive(Debug, Clone)]
pub struct Today {
    /// The commune.
    pub commune: Commune,
    /// Where its water comes from.
    pub water: Option<CommuneWater>,
    /// What grows there, in the order of the crops.
    pub crops: Vec<CropToday>,
    /// Drafts that wait for an agronomist.
    pub waiting: i64,
    /// When the newest run that ended was issued.
    pub newest_run: Option<Timestamp>,
    /// Whether that run was made from the sample.
    pub sample: bool,
    /// How often we were right here.
    pub record: Option<TrackRecord>,
    /// What farmers said of our advice.
    pub said: Option<FarmersSaid>,
    /// Prices ahead, the same for all communes.
    pub prices: Arc<Vec<PriceAhead>>,
}

impl Today {
    /// Returns the crop asked for; without one, or when it does not grow there, the first whose
    /// advice is most urgent.
    #[must_use]
    pub fn crop(&self, asked: Option<Crop>) -> Option<&CropToday> {
        let found = asked.and_then(|crop| self.crops.iter().find(|c| c.crop == crop));
        let urgency = |c: &&CropToday| c.advice.as_ref().map(|s| s.advisory.get().severity);
        // Of equals the first of the list: crops stand in the order of the list of crops.
        found.or_else(|| self.crops.iter().rev().max_by_key(urgency))
    }
}
