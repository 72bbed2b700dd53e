//! Ways in: sessions, scripts' tokens and one-time links, known by the SHA-256 of their secrets.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set,
};

use super::tables::pass;
use crate::storage::StorageError;
use crate::storage::records::{Records, failed};

/// What a way in is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassKind {
    /// A person at a browser.
    Session,
    /// A script.
    Token,
    /// A link to choose a password by, once.
    Link,
}

impl PassKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Token => "token",
            Self::Link => "link",
        }
    }
}

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// SHA-256 of its secret, hexadecimal.
    pub sha256: String,
    /// What it is for.
    pub kind: PassKind,
    /// Whose; empty for the link of the first start.
    pub account: String,
    /// For people: where a session was begun, what a token is for.
    pub label: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// Until when, at the latest.
    pub expires_at: Timestamp,
}

impl Records {
    /// Stores a new way in.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn add_pass(&self, new: &Pass) -> Result<(), StorageError> {
        let row = pass::ActiveModel {
            sha256: Set(new.sha256.clone()),
            kind: Set(new.kind.as_str().to_owned()),
            account: Set(new.account.clone()),
            label: Set(new.label.clone()),
            created_at: Set(new.created_at.to_string()),
            seen_at: Set(new.seen_at.to_string()),
            expires_at: Set(new.expires_at.to_string()),
        };
        pass::Entity::insert(row)
            .exec_without_returning(self.db())
            .await
            .map_err(failed("store a way in"))?;
        Ok(())
    }

    /// Returns the way in of this kind whose secret has this SHA-256, used or old or not.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn pass(&self, kind: PassKind, sha256: &str) -> Result<Option<Pass>, StorageError> {
        let found = pass::Entity::find_by_id(sha256)
            .filter(pass::Column::Kind.eq(kind.as_str()))
            .one(self.db())
            .await
            .map_err(failed("look for a way in"))?;
        found
            .map(|row| {
                let time = |text: &str| time("way in", "of a secret", text);
                Ok(Pass {
                    kind,
                    created_at: time(&row.created_at)?,
                    seen_at: time(&row.seen_at)?,
                    expires_at: time(&row.expires_at)?,
                    sha256: row.sha256,
                    account: row.account,
                    label: row.label,
                })
            })
            .transpose()
    }

    /// Notes that a way in was used.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn pass_seen(&self, sha256: &str, at: Timestamp) -> Result<(), StorageError> {
        let row = pass::ActiveModel {
            sha256: Set(sha256.to_owned()),
            seen_at: Set(at.to_string()),
            ..Default::default()
        };
        match row.update(self.db()).await {
            // Ended by somebody else meanwhile.
            Ok(_) | Err(DbErr::RecordNotUpdated) => Ok(()),
            Err(error) => Err(failed("note a use")(error)),
        }
    }

    /// Ends a way in. Returns whether it was still there: of two who use a one-time link at once,
    /// one is told no.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn end_pass(&self, sha256: &str) -> Result<bool, StorageError> {
        let ended = pass::Entity::delete_by_id(sha256).exec(self.db()).await;
        Ok(ended.map_err(failed("end a way in"))?.rows_affected > 0)
    }

    /// Ends every way in of this kind that an account has.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn end_passes(&self, account: &str, kind: PassKind) -> Result<(), StorageError> {
        end_all(self.db(), account, &[kind]).await.map_err(failed("end ways in"))
    }
}

pub(super) async fn end_all(
    db: &impl ConnectionTrait,
    account: &str,
    kinds: &[PassKind],
) -> Result<(), DbErr> {
    let kinds = kinds.iter().map(|kind| kind.as_str());
    pass::Entity::delete_many()
        .filter(pass::Column::Account.eq(account))
        .filter(pass::Column::Kind.is_in(kinds))
        .exec(db)
        .await
        .map(|_| ())
}

pub(super) fn time(what: &'static str, id: &str, text: &str) -> Result<Timestamp, StorageError> {
    text.parse().map_err(|e: jiff::Error| StorageError::Record {
        what,
        id: id.to_owned(),
        reason: e.to_string(),
    })
}
