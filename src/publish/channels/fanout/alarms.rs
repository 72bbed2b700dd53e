//! From a change of an alarm to deliveries. Machines are told every change, in order; people how it
//! stands now: that it begins or grows worse to everybody who wants to know of salt in the communes
//! that take this water, how it goes on and that it is over to those who were told before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{AT_ONCE, Fanout, FanoutError, Told, said_nothing};
use crate::domain::geography::Commune;
use crate::domain::{Crop, Severity};
use crate::frames::WordedChange;
use crate::frames::alarms::{Tell, Turn as Change};
use crate::publish::channels::{Audience, Channel, Notice};
use crate::storage::alarms::LetOut;
use crate::storage::outbox::{ALL, About, Delivery, State, Turn};
use crate::storage::subscriptions::Wishes;
use crate::storage::{Records, StorageError};

/// Crops that live in brackish water: who grows nothing else is not told that salt comes, since
/// what the alarm says to do (take no water) is not for them.
const BRACKISH: [Crop; 2] = [Crop::Shrimp, Crop::Clam];

/// A change on its way to one channel.
struct Telling<'a> {
    change: &'a LetOut,
    communes: &'a [&'a Commune],
    /// What is stored of the alarm's deliveries by this channel, oldest first.
    carried: Vec<&'a Delivery>,
    now: Timestamp,
}

/// Who is told: those who know of the alarm, and those who do not.
#[derive(Default)]
struct Listeners {
    told: BTreeSet<String>,
    new: BTreeSet<String>,
}

impl Fanout {
    /// Makes the deliveries of alarms that are announced; returns how many were made.
    ///
    /// # Errors
    /// [`FanoutError::Storage`] when the store refuses.
    pub async fn alarms(&self, now: Timestamp) -> Result<usize, FanoutError> {
        let open = self.records.open_announcements(About::Alarm, AT_ONCE).await?;
        if open.is_empty() {
            return Ok(0);
        }
        let newest: BTreeMap<&str, i64> =
            open.iter().map(|a| (a.subject.as_str(), a.sequence)).collect();
        let (mut made, mut today) = (0, self.told_today(now).await?);
        for announcement in &open {
            let is_newest =
                newest.get(announcement.subject.as_str()) == Some(&announcement.sequence);
            let (deliveries, note) = match self.records.let_out(announcement).await {
                Ok(Some(change)) => self.alarm(&change, is_newest, &mut today, now).await?,
                Ok(None) => (Vec::new(), "nobody may be told of it".to_owned()),
                // One that cannot be read holds up no other.
                Err(error @ StorageError::Record { .. }) => {
                    let alarm = &announcement.subject;
                    tracing::error!(%error, alarm, "an alarm cannot be told");
                    (Vec::new(), error.to_string())
                }
                Err(error) => return Err(error.into()),
            };
            made += deliveries.len();
            self.records.announcement_done(announcement, &deliveries, &note, now).await?;
        }
        Ok(made)
    }

    /// Returns the deliveries of a change; people are told only the newest of those let out.
    async fn alarm(
        &self,
        change: &LetOut,
        is_newest: bool,
        today: &mut Told,
        now: Timestamp,
    ) -> Result<(Vec<Delivery>, String), FanoutError> {
        let worded = change.worded();
        let (alarm, hazard) = (&worded.change.alarm, worded.change.hazard);
        if is_newest {
            // Nothing older may arrive behind the newer.
            self.records.stop_deliveries(alarm, "a newer change is told instead").await?;
        }
        let stored = self.records.deliveries_of(alarm).await?;
        let communes: Vec<&Commune> =
            worded.communes.iter().filter_map(|code| self.communes.get(code)).collect();
        let mut deliveries = Vec::new();
        for channel in self.channels.iter().filter(|channel| channel.takes_alarms(hazard)) {
            let people = channel.audience().are_people();
            if people && !is_newest {
                continue;
            }
            let carried = stored.iter().filter(|d| d.channel == channel.name()).collect();
            let telling = Telling { change, communes: &communes, carried, now };
            let listeners = self.listeners(channel.as_ref(), &telling).await?;
            let made = self.messages(channel.as_ref(), &telling, &listeners);
            let of = (channel.as_ref(), worded.change.severity);
            deliveries.extend(made.into_iter().map(|d| match d.turn {
                // That it is over must reach who was told, however much they were told today.
                Turn::Over => d,
                _ => self.capped(d, of, today),
            }));
        }
        let mut note = format!("{} deliveries", deliveries.len());
        if hazard.is_for_farmers() && communes.is_empty() {
            note += "; no commune takes this water by devices.toml, so that no person is told";
            let place = worded.change.place.as_str();
            tracing::warn!(alarm, place, "no commune takes this water by devices.toml");
        }
        Ok((deliveries, note))
    }

    async fn listeners(
        &self,
        channel: &dyn Channel,
        telling: &Telling<'_>,
    ) -> Result<Listeners, StorageError> {
        let worded = telling.change.worded();
        let of = |wanted: fn(&Delivery) -> bool| -> BTreeSet<String> {
            let wanted = telling.carried.iter().filter(|d| wanted(d));
            wanted.map(|d| d.recipient.clone()).collect()
        };
        let enough = worded.change.severity >= channel.alarm_severity_min();
        if channel.audience() == Audience::Everybody {
            let all = BTreeSet::from([ALL.to_owned()]);
            let (told, new) = match telling.carried.is_empty() {
                false => (all, BTreeSet::new()),
                true if enough => (BTreeSet::new(), all),
                true => Default::default(),
            };
            return Ok(Listeners { told, new });
        }
        let told = of(Delivery::may_have_arrived);
        // What was stopped or held back before any attempt is owed.
        let owed = of(|d| d.attempts == 0);
        let nobody_yet = telling.carried.is_empty();
        let mut new = match worded.change.turn {
            Change::Cleared => BTreeSet::new(),
            _ if !enough => BTreeSet::new(),
            _ => wanting(&self.records, channel, worded).await?,
        };
        // How it goes on is for those who were told that it began, when anybody was.
        if matches!(worded.change.turn, Change::Updated | Change::Eased) && !nobody_yet {
            new.retain(|recipient| owed.contains(recipient));
        }
        new.retain(|recipient| !told.contains(recipient));
        Ok(Listeners { told, new })
    }

    /// Returns one delivery a listener; none when the channel has nothing to say.
    fn messages(
        &self,
        channel: &dyn Channel,
        telling: &Telling<'_>,
        listeners: &Listeners,
    ) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for (told, recipients) in [(true, &listeners.told), (false, &listeners.new)] {
            if recipients.is_empty() {
                continue;
            }
            let notice = Notice::alarm(telling.change, told);
            if channel.audience() != Audience::Communes {
                let body = said(channel, &notice, telling, telling.communes);
                let each = recipients.iter().filter_map(|to| Some((to, body.clone()?)));
                deliveries.extend(each.map(|to| self.message(channel, &notice, telling, to)));
                continue;
            }
            for commune in telling.communes.iter().filter(|c| recipients.contains(c.code.as_str()))
            {
                let body = said(channel, &notice, telling, &[*commune]);
                let to = commune.code.to_string();
                let one = body.map(|body| self.message(channel, &notice, telling, (&to, body)));
                deliveries.extend(one);
            }
        }
        deliveries
    }

    fn message(
        &self,
        channel: &dyn Channel,
        notice: &Notice<'_>,
        telling: &Telling<'_>,
        (recipient, body): (&String, String),
    ) -> Delivery {
        let change = &telling.change.worded().change;
        let people = channel.audience().are_people();
        let over = notice.turn() == Turn::Over;
        let due = match change.tell {
            // That an emergency is over wakes nobody.
            _ if people && over => self.due(Severity::Normal, telling.now),
            _ if people => self.due(change.severity, telling.now),
            // Machines hear at once of what a person has let out, whatever the hour.
            Tell::At(later) if telling.change.is_unseen() => later,
            Tell::Now | Tell::At(_) | Tell::Held => change.known_at,
        };
        let to = (channel.name(), recipient.as_str());
        let mut delivery =
            Delivery::new(About::Alarm, &change.alarm, i64::from(change.step), to, due);
        delivery.turn = notice.turn();
        // The order of the changes, also of several that are let out at once.
        delivery.made_at = change.known_at;
        delivery.body = body;
        // That it is over is worth telling whenever it arrives; machines hear everything.
        let ends = people && !over;
        delivery.expires_at = ends.then(|| telling.change.holds_until());
        if delivery.expires_at.is_some_and(|end| end <= due) {
            delivery.state = State::Held;
            delivery.why = Some("too old to be told as an alarm".into());
        }
        delivery
    }
}

fn said(
    channel: &dyn Channel,
    notice: &Notice<'_>,
    telling: &Telling<'_>,
    communes: &[&Commune],
) -> Option<String> {
    let before = telling.carried.last().map(|delivery| delivery.body.as_str());
    channel.render(notice, communes, before).unwrap_or_else(|error| {
        said_nothing(channel, &telling.change.worded().change.alarm, &error);
        None
    })
}

/// Returns who wants to know of an alarm of these communes by this channel.
async fn wanting(
    records: &Records,
    channel: &dyn Channel,
    worded: &WordedChange,
) -> Result<BTreeSet<String>, StorageError> {
    if channel.audience() == Audience::Communes {
        return Ok(worded.communes.iter().map(ToString::to_string).collect());
    }
    let mut wanting = BTreeSet::new();
    for commune in &worded.communes {
        let asked = records.subscribers_of(commune).await?.into_iter();
        let hears = asked.filter(|subscriber| {
            let wishes = &subscriber.wishes;
            subscriber.channel == channel.name()
                && hears_of(wishes, worded.change.hazard.as_str())
                && wishes.communes.contains(commune)
        });
        wanting.extend(hears.map(|subscriber| subscriber.id));
    }
    Ok(wanting)
}

/// Whether wishes ask for this hazard, for at least one crop that it harms: who names no crop asks
/// for all.
fn hears_of(wishes: &Wishes, hazard: &str) -> bool {
    let crops = wishes.crops.is_empty() || wishes.crops.iter().any(|c| !BRACKISH.contains(c));
    let hazards = wishes.hazards.is_empty() || wishes.hazards.iter().any(|wanted| wanted == hazard);
    crops && hazards
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salt_is_told_to_all_but_those_who_ask_for_something_else_or_live_by_it() {
        let wishes = |crops: &[Crop], hazards: &[&str]| Wishes {
            communes: Vec::new(),
            crops: crops.to_vec(),
            hazards: hazards.iter().map(|hazard| (*hazard).to_owned()).collect(),
        };
        assert!(hears_of(&wishes(&[], &[]), "salt"));
        assert!(hears_of(&wishes(&[Crop::Pomelo], &["rain", "salt"]), "salt"));
        assert!(hears_of(&wishes(&[Crop::Shrimp, Crop::Rice], &[]), "salt"));
        assert!(!hears_of(&wishes(&[], &["rain"]), "salt"));
        assert!(!hears_of(&wishes(&[Crop::Shrimp, Crop::Clam], &[]), "salt"));
    }
}
