//! Who wants to be told of which communes, crops and hazards, and by what: asked for, confirmed by a
//! code that only the owner of the number sees, and stopped at a word.
//!
//! What is asked for changes nothing until it is confirmed, so that nobody can change what another
//! person is told. Consent is written down and never removed.

pub(super) mod tables;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, Set, TransactionTrait,
};
use serde::{Deserialize, Serialize};

use super::StorageError;
use super::records::{Records, failed};
use super::vault::{Vault, random_hex};
use crate::domain::{CommuneCode, Crop, Phone, Secret};
use tables::{consent, subscription};

/// How long a code holds: an SMS may take minutes, a guesser hours.
const CODE_HOLDS: SignedDuration = SignedDuration::from_mins(30);

/// Codes a number is sent within a day, so that nobody is pestered through us.
const CODES_A_DAY: u64 = 3;

/// The least time between two codes.
const CODE_GAP: SignedDuration = SignedDuration::from_secs(60);

/// Wrong codes after which a round is over: five guesses at a million.
const WRONG_MAX: i32 = 5;

/// What a person wants to be told of. An empty list stands for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wishes {
    /// Communes; at least one is needed to be told anything.
    pub communes: Vec<CommuneCode>,
    /// Crops.
    #[serde(default)]
    pub crops: Vec<Crop>,
    /// Hazards, as advisories name them.
    #[serde(default)]
    pub hazards: Vec<String>,
}

impl Wishes {
    /// Returns whether these wishes ask for advice on this commune, crop and hazard.
    #[must_use]
    pub fn ask_for(&self, commune: &CommuneCode, crop: Crop, hazard: &str) -> bool {
        self.communes.contains(commune)
            && (self.crops.is_empty() || self.crops.contains(&crop))
            && (self.hazards.is_empty() || self.hazards.iter().any(|wanted| wanted == hazard))
    }
}

/// A confirmed subscription, with its address sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Its id: the recipient in the outbox.
    pub id: String,
    /// By which channel.
    pub channel: String,
    /// What is wanted.
    pub wishes: Wishes,
    sealed: String,
}

impl Subscriber {
    /// Opens the phone number.
    ///
    /// # Errors
    /// [`StorageError::Sealed`].
    pub fn phone(&self, vault: &Vault) -> Result<Phone, StorageError> {
        vault.open_phone(&self.id, &self.sealed)
    }

    /// Opens an address that is no phone number.
    ///
    /// # Errors
    /// [`StorageError::Sealed`].
    pub fn address(&self, vault: &Vault) -> Result<Secret, StorageError> {
        vault.open_text(&self.id, &self.sealed)
    }
}

/// What came of asking for a subscription or for its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A code is to be sent.
    Code {
        /// The subscription.
        subscription: String,
        /// Which code of it.
        round: i64,
    },
    /// Enough codes were sent; nobody is told so, since that would tell that the number is known.
    TooOften,
}

/// What came of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// It is the right one.
    Yes,
    /// It is not, or it is too old, or nothing was asked for: all the same to a guesser.
    No,
}

impl Records {
    /// Notes what a person asks for and which code is to confirm it.
    ///
    /// # Errors
    /// [`StorageError`] when the store refuses or the number cannot be sealed.
    pub async fn ask_subscription(
        &self,
        vault: &Vault,
        phone: &Phone,
        channel: &str,
        wishes: &Wishes,
        now: Timestamp,
    ) -> Result<Asked, StorageError> {
        let put = failed("store a subscription");
        let (name, id) = (vault.name_of(phone), random_hex(16));
        let row = subscription::ActiveModel {
            sealed: Set(vault.seal(&id, phone)?),
            id: Set(id),
            name: Set(name.clone()),
            channel: Set(channel.to_owned()),
            state: Set("asked".to_owned()),
            wishes: Set(json(&Wishes::default())),
            asked: Set(String::new()),
            round: Set(0),
            code_us: Set(0),
            wrong: Set(0),
        };
        let keep = OnConflict::column(subscription::Column::Name).do_nothing().to_owned();
        let tx = self.db().begin().await.map_err(&put)?;
        let added = subscription::Entity::insert(row).on_conflict(keep);
        added.exec_without_returning(&tx).await.map_err(&put)?;
        let found = subscription::Entity::find()
            .filter(subscription::Column::Name.eq(name))
            .one(&tx)
            .await
            .map_err(&put)?;
        let found = found.ok_or_else(|| unread("it is gone"))?;
        if too_often(&tx, &found, now).await? {
            return tx.rollback().await.map_err(&put).map(|()| Asked::TooOften);
        }
        let asked = json(&Pending { channel: channel.to_owned(), wishes: wishes.clone() });
        let (id, round) = (found.id.clone(), found.round + 1);
        let row = subscription::ActiveModel {
            id: Set(id.clone()),
            asked: Set(asked.clone()),
            round: Set(round),
            code_us: Set(now.as_microsecond()),
            wrong: Set(0),
            ..Default::default()
        };
        row.update(&tx).await.map_err(&put)?;
        note(&tx, &id, "asked", &asked, now).await?;
        tx.commit().await.map_err(&put)?;
        Ok(Asked::Code { subscription: id, round })
    }

    /// Confirms what was asked for last with the code of that round.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn confirm_subscription(
        &self,
        vault: &Vault,
        phone: &Phone,
        code: &str,
        now: Timestamp,
    ) -> Result<Confirmed, StorageError> {
        let put = failed("confirm a subscription");
        let Some(found) = self.subscription_named(&vault.name_of(phone)).await? else {
            return Ok(Confirmed::No);
        };
        let age = now.as_microsecond() - found.code_us;
        let open = found.round > 0 && !found.asked.is_empty() && found.wrong < WRONG_MAX;
        let fresh = i128::from(age) <= CODE_HOLDS.as_micros();
        if !open || !fresh {
            return Ok(Confirmed::No);
        }
        let tx = self.db().begin().await.map_err(&put)?;
        if vault.code(&found.id, found.round) != code.trim() {
            // Counted in the store, not from what was read, so that guesses at once all count.
            subscription::Entity::update_many()
                .col_expr(
                    subscription::Column::Wrong,
                    Expr::col(subscription::Column::Wrong).add(1),
                )
                .filter(subscription::Column::Id.eq(found.id.as_str()))
                .exec(&tx)
                .await
                .map_err(&put)?;
            return tx.commit().await.map_err(&put).map(|()| Confirmed::No);
        }
        let pending: Pending = serde_json::from_str(&found.asked).map_err(|e| unread(&e))?;
        let wishes = json(&pending.wishes);
        let row = subscription::ActiveModel {
            id: Set(found.id.clone()),
            sealed: Set(vault.seal(&found.id, phone)?),
            channel: Set(pending.channel),
            state: Set("active".to_owned()),
            wishes: Set(wishes.clone()),
            asked: Set(String::new()),
            ..Default::default()
        };
        row.update(&tx).await.map_err(&put)?;
        note(&tx, &found.id, "confirmed", &wishes, now).await?;
        tx.commit().await.map_err(&put).map(|()| Confirmed::Yes)
    }

    /// Ends a subscription at its owner's word. Returns whether there was one.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn stop_subscription(
        &self,
        vault: &Vault,
        phone: &Phone,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let put = failed("stop a subscription");
        let Some(found) = self.subscription_named(&vault.name_of(phone)).await? else {
            return Ok(false);
        };
        let tx = self.db().begin().await.map_err(&put)?;
        let row = subscription::ActiveModel {
            id: Set(found.id.clone()),
            state: Set("stopped".to_owned()),
            asked: Set(String::new()),
            ..Default::default()
        };
        row.update(&tx).await.map_err(&put)?;
        note(&tx, &found.id, "stopped", &found.wishes, now).await?;
        tx.commit().await.map_err(&put).map(|()| found.state == "active")
    }

    /// Returns the confirmed subscriptions that ask for a commune.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn subscribers_of(
        &self,
        commune: &CommuneCode,
    ) -> Result<Vec<Subscriber>, StorageError> {
        let rows = subscription::Entity::find()
            .filter(subscription::Column::State.eq("active"))
            .filter(subscription::Column::Wishes.contains(format!("\"{commune}\"")))
            .order_by_asc(subscription::Column::Id)
            .all(self.db())
            .await
            .map_err(failed("read subscriptions"))?;
        rows.into_iter().map(subscriber).collect()
    }

    /// Returns a subscription that is confirmed; one that was only asked for when `asked` says so,
    /// since the code that confirms it must reach somebody.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn subscriber(
        &self,
        id: &str,
        asked: bool,
    ) -> Result<Option<Subscriber>, StorageError> {
        let row = subscription::Entity::find_by_id(id).one(self.db()).await;
        let row = row.map_err(failed("read a subscription"))?;
        row.filter(|row| asked || row.state == "active").map(subscriber).transpose()
    }

    /// Returns the id of a number's subscription, whatever its state.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn subscription_of(
        &self,
        vault: &Vault,
        phone: &Phone,
    ) -> Result<Option<String>, StorageError> {
        Ok(self.subscription_named(&vault.name_of(phone)).await?.map(|row| row.id))
    }

    async fn subscription_named(
        &self,
        name: &str,
    ) -> Result<Option<subscription::Model>, StorageError> {
        subscription::Entity::find()
            .filter(subscription::Column::Name.eq(name))
            .one(self.db())
            .await
            .map_err(failed("read a subscription"))
    }
}

/// What waits for its code.
#[derive(Serialize, Deserialize)]
struct Pending {
    channel: String,
    wishes: Wishes,
}

async fn too_often<C: ConnectionTrait>(
    db: &C,
    row: &subscription::Model,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let since =
        |span: SignedDuration| now.saturating_sub(span).map_or(0, Timestamp::as_microsecond);
    if row.round > 0 && row.code_us > since(CODE_GAP) {
        return Ok(true);
    }
    let today = consent::Entity::find()
        .filter(consent::Column::Subscription.eq(row.id.as_str()))
        .filter(consent::Column::What.eq("asked"))
        .filter(consent::Column::AtUs.gt(since(SignedDuration::from_hours(24))))
        .count(db)
        .await
        .map_err(failed("read consents"))?;
    Ok(today >= CODES_A_DAY)
}

async fn note<C: ConnectionTrait>(
    db: &C,
    subscription: &str,
    what: &str,
    wishes: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    let put = failed("note a consent");
    let before = consent::Entity::find()
        .filter(consent::Column::Subscription.eq(subscription))
        .count(db)
        .await
        .map_err(&put)?;
    let row = consent::ActiveModel {
        subscription: Set(subscription.to_owned()),
        number: Set(i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1)),
        at_us: Set(now.as_microsecond()),
        what: Set(what.to_owned()),
        wishes: Set(wishes.to_owned()),
    };
    consent::Entity::insert(row).exec_without_returning(db).await.map(|_| ()).map_err(put)
}

fn subscriber(row: subscription::Model) -> Result<Subscriber, StorageError> {
    let wishes = serde_json::from_str(&row.wishes).map_err(|e| unread(&e))?;
    Ok(Subscriber { id: row.id, channel: row.channel, wishes, sealed: row.sealed })
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn unread(reason: &(impl ToString + ?Sized)) -> StorageError {
    StorageError::Record { what: "subscription", id: String::new(), reason: reason.to_string() }
}
