//! From an announcement to deliveries: which channels, which recipients, what is said, when.
//!
//! Made again after a kill it makes the same deliveries: it reads only what is stored.

mod alarms;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::settings::Settings;
use super::{Audience, Channel, ChannelError, Notice};
use crate::domain::geography::Commune;
use crate::domain::time::{LOCAL_OFFSET, day_start, local_date, local_instant};
use crate::domain::{CommuneCode, Fault, FaultKind, Geography, Severity};
use crate::frames::{Advisory, AdvisoryState};
use crate::review::{Approved, ReviewError, TakenBack};
use crate::storage::outbox::{ALL, About, Announced, Announcement, Delivery, State, Turn};
use crate::storage::{Records, StorageError};

/// Announcements read at once: a morning has a few hundred.
const AT_ONCE: u64 = 1_000;

/// Why an announcement's deliveries could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FanoutError {
    /// The store refused.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The log does not prove what is announced.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// Something of the shipped tables or of the calendar.
    #[error("{0}")]
    Place(String),
}

impl Fault for FanoutError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Storage(inner) => inner.kind(),
            Self::Review(inner) => inner.kind(),
            Self::Place(_) => FaultKind::Data,
        }
    }
}

/// Makes deliveries.
#[derive(Debug, Clone)]
pub struct Fanout {
    records: Records,
    channels: Arc<Vec<Box<dyn Channel>>>,
    settings: Arc<Settings>,
    communes: Arc<BTreeMap<CommuneCode, Commune>>,
}

/// How many messages each recipient of each channel is told on a day.
type Told = BTreeMap<(String, String), u32>;

/// What is known of an announcement when its deliveries are made.
struct Story<'a> {
    notice: Notice<'a>,
    advisory: &'a Advisory,
    commune: &'a Commune,
    /// What is stored of the deliveries that the notice updates or withdraws.
    carried: Vec<Delivery>,
}

impl Fanout {
    /// Returns what makes deliveries for these channels.
    #[must_use]
    pub fn new(
        records: Records,
        channels: Arc<Vec<Box<dyn Channel>>>,
        settings: Settings,
        geography: &Geography,
    ) -> Self {
        let communes = geography.communes.iter().map(|c| (c.code.clone(), c.clone())).collect();
        Self { records, channels, settings: Arc::new(settings), communes: Arc::new(communes) }
    }

    /// Makes the deliveries of advisories that are announced; returns how many were made.
    ///
    /// One announcement that cannot be told does not hold up the others: it is closed with a note.
    ///
    /// # Errors
    /// [`FanoutError::Storage`] when the store refuses.
    pub async fn advice(&self, now: Timestamp) -> Result<usize, FanoutError> {
        let mut open = Vec::new();
        for announcement in self.records.open_announcements(About::Advisory, AT_ONCE).await? {
            let advisory = self.records.advisory(&announcement.subject).await?;
            open.push((announcement, advisory));
        }
        // Of one moment the graver first, so that a daily cap cuts off the milder ones.
        open.sort_by_key(|(announcement, advisory)| {
            let severity = advisory.as_ref().map(|a| a.severity);
            (announcement.at, std::cmp::Reverse(severity), announcement.sequence)
        });
        if open.is_empty() {
            return Ok(0);
        }
        let (mut made, mut today) = (0, self.told_today(now).await?);
        for (announcement, advisory) in open {
            let told = match advisory {
                Some(advisory) => self.tell(&announcement, advisory, &mut today, now).await,
                None => Err(FanoutError::Place("the advisory is gone".into())),
            };
            let (deliveries, note) = match told {
                Ok(told) => told,
                Err(FanoutError::Storage(error)) => return Err(error.into()),
                Err(error) => {
                    let advisory = &announcement.subject;
                    tracing::error!(%error, advisory, "an advisory cannot be told");
                    (Vec::new(), error.to_string())
                }
            };
            made += deliveries.len();
            self.records.announcement_done(&announcement, &deliveries, &note, now).await?;
        }
        Ok(made)
    }

    async fn tell(
        &self,
        announcement: &Announcement,
        advisory: Advisory,
        today: &mut Told,
        now: Timestamp,
    ) -> Result<(Vec<Delivery>, String), FanoutError> {
        match announcement.what {
            Announced::Advisory(AdvisoryState::Published) => {
                self.published(announcement, advisory, today, now).await
            }
            Announced::Advisory(AdvisoryState::Withdrawn) => self.withdrawn(advisory, now).await,
            Announced::Advisory(_) | Announced::Alarm => {
                // What replaces it is an announcement of its own, sent as an update.
                self.records.stop_deliveries(&advisory.id, "replaced by a newer one").await?;
                Ok((Vec::new(), "replaced".into()))
            }
        }
    }

    async fn published(
        &self,
        announcement: &Announcement,
        advisory: Advisory,
        today: &mut Told,
        now: Timestamp,
    ) -> Result<(Vec<Delivery>, String), FanoutError> {
        if advisory.state != AdvisoryState::Published {
            return Ok((Vec::new(), format!("{} before it was told", advisory.state)));
        }
        if advisory.sample {
            return Ok((Vec::new(), "made from the sample: told to nobody".into()));
        }
        if advisory.expires_at <= now {
            return Ok((Vec::new(), "over before it was told".into()));
        }
        let log = self.records.events(&advisory.id).await?;
        let proof = Approved::from_log(advisory, &log)?;
        let earlier = match &proof.get().supersedes {
            Some(id) => self.records.advisory(id).await?,
            None => None,
        };
        let carried = match &earlier {
            // Nothing older may arrive behind the newer.
            Some(earlier) => {
                self.records.stop_deliveries(&earlier.id, "replaced by a newer one").await?;
                self.standing(&earlier.id).await?
            }
            None => Vec::new(),
        };
        let of =
            |earlier| Notice::published(&proof, announcement.sequence, announcement.at, earlier);
        let (advisory, commune) = (proof.get(), self.commune(proof.get())?);
        let mut deliveries = Vec::new();
        for channel in self.channels.iter().filter(|channel| channel.takes_advice()) {
            let carried: Vec<&Delivery> =
                carried.iter().filter(|d| d.channel == channel.name()).collect();
            let recipients = self.recipients(channel.as_ref(), advisory).await?;
            let new = Story { notice: of(None), advisory, commune, carried: Vec::new() };
            let update = Story {
                notice: of(earlier.as_ref()),
                advisory,
                commune,
                carried: carried.iter().map(|d| (*d).clone()).collect(),
            };
            let knew: BTreeSet<&str> = carried.iter().map(|d| d.recipient.as_str()).collect();
            let enough = advisory.severity >= channel.severity_min();
            let (again, first): (Vec<String>, Vec<String>) =
                recipients.into_iter().partition(|r| knew.contains(r.as_str()));
            // Who was warned is told once how it goes on, however mild.
            let ends = earlier.as_ref().is_some_and(|e| e.severity >= channel.severity_min());
            let first = if enough { first } else { Vec::new() };
            let again = if enough || ends { again } else { Vec::new() };
            for (story, recipients) in [(&update, again), (&new, first)] {
                let made = self.deliveries(channel.as_ref(), story, &recipients, now);
                let of = (channel.as_ref(), advisory.severity);
                deliveries.extend(made.into_iter().map(|d| self.capped(d, of, today)));
            }
        }
        let note = format!("{} deliveries", deliveries.len());
        Ok((deliveries, note))
    }

    async fn withdrawn(
        &self,
        advisory: Advisory,
        now: Timestamp,
    ) -> Result<(Vec<Delivery>, String), FanoutError> {
        // From here on no attempt begins, so that what was carried is known.
        self.records.stop_deliveries(&advisory.id, "withdrawn").await?;
        let log = self.records.events(&advisory.id).await?;
        let proof = TakenBack::from_log(advisory, &log)?;
        let (advisory, commune) = (proof.get(), self.commune(proof.get())?);
        let carried = self.standing(&advisory.id).await?;
        let mut deliveries = Vec::new();
        let mut missed: BTreeSet<String> = carried.iter().map(|d| d.channel.clone()).collect();
        for channel in self.channels.iter() {
            let of_channel = carried.iter().filter(|d| d.channel == channel.name()).cloned();
            let of_channel: Vec<Delivery> = of_channel.collect();
            let recipients: BTreeSet<String> =
                of_channel.iter().map(|d| d.recipient.clone()).collect();
            let recipients: Vec<String> = recipients.into_iter().collect();
            missed.remove(channel.name());
            let story =
                Story { notice: Notice::withdrawn(&proof), advisory, commune, carried: of_channel };
            deliveries.extend(self.deliveries(channel.as_ref(), &story, &recipients, now));
        }
        let mut note = format!("{} withdrawals", deliveries.len());
        if !missed.is_empty() {
            note = format!("{note}; no longer in the settings: {missed:?}");
            tracing::error!(advisory = advisory.id, ?missed, "channels that carried it are gone");
        }
        Ok((deliveries, note))
    }

    /// Returns the deliveries of an advisory that may have arrived.
    async fn standing(&self, advisory: &str) -> Result<Vec<Delivery>, StorageError> {
        let all = self.records.deliveries_of(advisory).await?;
        let told = |d: &Delivery| d.about == About::Advisory && d.turn != Turn::Withdrawn;
        Ok(all.into_iter().filter(|d| told(d) && d.may_have_arrived()).collect())
    }

    async fn recipients(
        &self,
        channel: &dyn Channel,
        advisory: &Advisory,
    ) -> Result<Vec<String>, StorageError> {
        Ok(match channel.audience() {
            Audience::Everybody => vec![ALL.to_owned()],
            Audience::Communes => vec![advisory.commune.to_string()],
            Audience::Phones | Audience::ZaloUsers => {
                let asked = self.records.subscribers_of(&advisory.commune).await?;
                let Advisory { commune, crop, hazard, plan, .. } = advisory;
                let work = plan.work.iter().map(|work| work.hazard.as_str());
                let hazards: Vec<&str> = std::iter::once(hazard.as_str()).chain(work).collect();
                let wanted = asked.into_iter().filter(|subscriber| {
                    let asks = |hazard: &&str| subscriber.wishes.ask_for(commune, *crop, hazard);
                    subscriber.channel == channel.name() && hazards.iter().any(asks)
                });
                wanted.map(|subscriber| subscriber.id).collect()
            }
        })
    }

    fn commune(&self, advisory: &Advisory) -> Result<&Commune, FanoutError> {
        let unknown =
            || FanoutError::Place(format!("no commune has the code {}", advisory.commune));
        self.communes.get(&advisory.commune).ok_or_else(unknown)
    }

    /// Returns one delivery a recipient; none when the channel has nothing to say.
    fn deliveries(
        &self,
        channel: &dyn Channel,
        story: &Story<'_>,
        recipients: &[String],
        now: Timestamp,
    ) -> Vec<Delivery> {
        if recipients.is_empty() {
            return Vec::new();
        }
        let before = story.carried.last().map(|delivery| delivery.body.as_str());
        let body = match channel.render(&story.notice, &[story.commune], before) {
            Ok(Some(body)) => body,
            Ok(None) => return Vec::new(),
            Err(error) => {
                said_nothing(channel, &story.advisory.id, &error);
                return Vec::new();
            }
        };
        let due = if channel.audience().are_people() {
            self.due(story.advisory.severity, now)
        } else {
            now
        };
        let withdrawn = story.notice.turn() == Turn::Withdrawn;
        let each = recipients.iter().map(|recipient| {
            let (subject, version) = (story.advisory.id.as_str(), story.notice.version);
            let to = (channel.name(), recipient.as_str());
            let mut delivery = Delivery::new(About::Advisory, subject, version, to, due);
            delivery.turn = story.notice.turn();
            delivery.made_at = now;
            delivery.body.clone_from(&body);
            // That something does not hold is worth telling after its end too.
            delivery.expires_at = (!withdrawn).then_some(story.advisory.expires_at);
            if delivery.expires_at.is_some_and(|end| end <= due) {
                delivery.state = State::Held;
                delivery.why = Some("over before people may be woken".into());
            }
            delivery
        });
        each.collect()
    }

    /// Returns when people are told: now, or when the night is over.
    fn due(&self, severity: Severity, now: Timestamp) -> Timestamp {
        if severity >= self.settings.quiet_spares {
            return now;
        }
        let (from, to) = (self.settings.quiet_from, self.settings.quiet_to);
        let local = LOCAL_OFFSET.to_datetime(now);
        let time = local.time();
        let quiet = if from <= to { from <= time && time < to } else { time >= from || time < to };
        if !quiet {
            return now;
        }
        let today = local_instant(local.date(), to).unwrap_or(now);
        if today > now { today } else { today + SignedDuration::from_hours(24) }
    }

    /// Returns what recipients are told on the local day, by channel and recipient.
    async fn told_today(&self, now: Timestamp) -> Result<Told, FanoutError> {
        let from = day_start(local_date(now)).map_err(|e| FanoutError::Place(e.to_string()))?;
        // With the night before them messages may be due tomorrow: they count for today.
        let to = from + SignedDuration::from_hours(48);
        Ok(self.records.told_between(from, to).await?)
    }

    fn capped(
        &self,
        mut delivery: Delivery,
        (channel, severity): (&dyn Channel, Severity),
        today: &mut Told,
    ) -> Delivery {
        let key = (delivery.channel.clone(), delivery.recipient.clone());
        let people = matches!(channel.audience(), Audience::Phones | Audience::ZaloUsers);
        let told = today.entry(key).or_insert(0);
        let many = *told >= self.settings.daily_cap;
        if people && many && severity < Severity::Emergency && delivery.state == State::Waiting {
            delivery.state = State::Held;
            delivery.why = Some(format!("{} messages today already", self.settings.daily_cap));
        }
        *told += u32::from(delivery.state == State::Waiting);
        delivery
    }
}

fn said_nothing(channel: &dyn Channel, subject: &str, error: &ChannelError) {
    let channel = channel.name();
    tracing::error!(%error, channel, subject, "a channel cannot say it");
}
