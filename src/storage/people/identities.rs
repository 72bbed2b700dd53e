//! Identities that a provider vouches for: which account each was given. One identity has one account
//! and one account one identity, so that the log names one person.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, TransactionTrait,
};

use super::tables::{account, identity};
use super::{PassKind, passes};
use crate::storage::StorageError;
use crate::storage::records::{Records, failed};

/// An identity as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// An HMAC of who it is; the same for the same person, and no number can be told from it.
    pub name: String,
    /// Who vouches for it.
    pub issuer: String,
}

impl Identity {
    /// Returns enough of its name for people to compare: by chance two are the same once in four
    /// thousand million.
    #[must_use]
    pub fn short(&self) -> &str {
        self.name.get(..8).unwrap_or(&self.name)
    }
}

impl Records {
    /// Gives an account this identity in place of the one it had, whose sessions end. Returns whether
    /// it was given; an identity that another account has stays there.
    ///
    /// # Errors
    /// [`StorageError::Records`]; nothing is changed then.
    pub async fn link_identity(
        &self,
        new: &Identity,
        account: &str,
        at: Timestamp,
    ) -> Result<bool, StorageError> {
        let put = failed("link an identity");
        let tx = self.db().begin().await.map_err(&put)?;
        let held = identity::Entity::find_by_id(&new.name).one(&tx).await.map_err(&put)?;
        match held {
            Some(held) if held.account == account => return Ok(true),
            Some(_) => return Ok(false),
            None => {}
        }
        if take_away(&tx, account).await.map_err(&put)? {
            passes::end_all(&tx, account, &[PassKind::Session]).await.map_err(&put)?;
        }
        let row = identity::ActiveModel {
            name: Set(new.name.clone()),
            account: Set(account.to_owned()),
            issuer: Set(new.issuer.clone()),
            linked_at: Set(at.to_string()),
        };
        identity::Entity::insert(row).exec_without_returning(&tx).await.map_err(&put)?;
        tx.commit().await.map_err(&put)?;
        Ok(true)
    }

    /// Takes away the identity of an account and ends its sessions. Returns whether it had one.
    ///
    /// # Errors
    /// [`StorageError::Records`]; nothing is changed then.
    pub async fn unlink_identity(&self, account: &str) -> Result<bool, StorageError> {
        let put = failed("take an identity away");
        let tx = self.db().begin().await.map_err(&put)?;
        let had = take_away(&tx, account).await.map_err(&put)?;
        if had {
            passes::end_all(&tx, account, &[PassKind::Session]).await.map_err(&put)?;
        }
        tx.commit().await.map_err(&put)?;
        Ok(had)
    }

    /// Returns the account that an identity was given, unless it is shut out.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn account_of(&self, of: &Identity) -> Result<Option<String>, StorageError> {
        let reading = failed("look for an identity");
        let held = identity::Entity::find_by_id(&of.name).one(self.db()).await.map_err(&reading)?;
        let Some(held) = held else { return Ok(None) };
        let open = account::Entity::find_by_id(&held.account)
            .filter(account::Column::DisabledAt.is_null())
            .one(self.db())
            .await
            .map_err(&reading)?;
        Ok(open.map(|account| account.name))
    }

    /// Returns who vouches for each account that has an identity.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn issuers(&self) -> Result<BTreeMap<String, String>, StorageError> {
        let rows = identity::Entity::find().all(self.db()).await;
        let rows = rows.map_err(failed("read identities"))?;
        Ok(rows.into_iter().map(|row| (row.account, row.issuer)).collect())
    }
}

/// Takes away the identity of an account. Returns whether it had one.
pub(super) async fn take_away(db: &impl ConnectionTrait, account: &str) -> Result<bool, DbErr> {
    let of = identity::Entity::delete_many().filter(identity::Column::Account.eq(account));
    Ok(of.exec(db).await?.rows_affected > 0)
}
