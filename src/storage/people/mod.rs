//! People in the record store: accounts, the roles they hold where, their ways in, and the log of
//! what they saw and did.
//!
//! No secret is stored: passwords as argon2id hashes, sessions, tokens and links by the SHA-256 of
//! 256 random bits. The log can only be added to; SQLite itself refuses to change it.

use jiff::Timestamp;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set, TransactionTrait,
};

use super::StorageError;
use super::records::{Records, failed};
use crate::domain::{Grant, Secret};

mod identities;
mod passes;
pub(super) mod tables;

pub use identities::Identity;
pub use passes::{Pass, PassKind};
use tables::{account, audit, identity, role_grant};

/// A person or script as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Sign-in name.
    pub name: String,
    /// The argon2id hash of the password, once one was chosen.
    pub password: Option<Secret>,
    /// What may be done where; empty once disabled.
    pub grants: Vec<Grant>,
    /// Whether the doors are shut to this account.
    pub disabled: bool,
}

/// What somebody saw or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Sign-in name.
    pub who: String,
    /// What: `saw`, `approved`, `signed in` …
    pub what: String,
    /// The advisory, alarm, account or page it was done to.
    pub about: String,
    /// More, for people; never a secret.
    pub detail: String,
}

impl Records {
    /// Adds an account without a password. Returns whether it is new; an old one stays as it is.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn add_person(&self, name: &str, at: Timestamp) -> Result<bool, StorageError> {
        let row = account::ActiveModel {
            name: Set(name.to_owned()),
            password: Set(None),
            created_at: Set(at.to_string()),
            disabled_at: Set(None),
        };
        let keep = OnConflict::column(account::Column::Name).do_nothing().to_owned();
        let added = account::Entity::insert(row)
            .on_conflict(keep)
            .exec_without_returning(self.db())
            .await
            .map_err(failed("add an account"))?;
        Ok(added > 0)
    }

    /// Returns one account, or `None` when the name is not known.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn person(&self, name: &str) -> Result<Option<Person>, StorageError> {
        let reading = failed("read an account");
        let found = account::Entity::find_by_id(name).one(self.db()).await.map_err(&reading)?;
        let Some(row) = found else { return Ok(None) };
        let grants = role_grant::Entity::find()
            .filter(role_grant::Column::Account.eq(name))
            .all(self.db())
            .await
            .map_err(&reading)?;
        person(row, &grants).map(Some)
    }

    /// Returns all accounts by name.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn people(&self) -> Result<Vec<Person>, StorageError> {
        let reading = failed("read accounts");
        let rows = account::Entity::find().order_by_asc(account::Column::Name);
        let rows = rows.all(self.db()).await.map_err(&reading)?;
        let grants = role_grant::Entity::find().all(self.db()).await.map_err(&reading)?;
        rows.into_iter().map(|row| person(row, &grants)).collect()
    }

    /// Returns whether nobody can sign in yet: no account has a password or an identity.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn nobody_can_sign_in(&self) -> Result<bool, StorageError> {
        let with = account::Entity::find().filter(account::Column::Password.is_not_null());
        let counting = failed("count accounts");
        let passwords = with.count(self.db()).await.map_err(&counting)?;
        let identities = identity::Entity::find().count(self.db()).await.map_err(&counting)?;
        Ok(passwords + identities == 0)
    }

    /// Stores a new password hash and ends the account's sessions.
    ///
    /// # Errors
    /// [`StorageError::Records`]; nothing is changed then.
    pub async fn set_password(&self, name: &str, hash: &Secret) -> Result<(), StorageError> {
        let put = failed("store a password");
        let tx = self.db().begin().await.map_err(&put)?;
        let row = account::ActiveModel {
            name: Set(name.to_owned()),
            password: Set(Some(hash.expose().to_owned())),
            ..Default::default()
        };
        row.update(&tx).await.map_err(&put)?;
        passes::end_all(&tx, name, &[PassKind::Session, PassKind::Link]).await.map_err(&put)?;
        tx.commit().await.map_err(&put)
    }

    /// Gives the account exactly these roles.
    ///
    /// # Errors
    /// [`StorageError::Records`]; nothing is changed then.
    pub async fn set_roles(&self, name: &str, grants: &[Grant]) -> Result<(), StorageError> {
        let put = failed("store roles");
        let tx = self.db().begin().await.map_err(&put)?;
        role_grant::Entity::delete_many()
            .filter(role_grant::Column::Account.eq(name))
            .exec(&tx)
            .await
            .map_err(&put)?;
        for grant in grants {
            let row = role_grant::ActiveModel {
                account: Set(name.to_owned()),
                role: Set(grant.role.to_string()),
                scope: Set(grant.scope.to_string()),
            };
            let keep = OnConflict::columns([
                role_grant::Column::Account,
                role_grant::Column::Role,
                role_grant::Column::Scope,
            ])
            .do_nothing()
            .to_owned();
            role_grant::Entity::insert(row)
                .on_conflict(keep)
                .exec_without_returning(&tx)
                .await
                .map_err(&put)?;
        }
        tx.commit().await.map_err(&put)
    }

    /// Shuts the doors to an account for good and ends all its ways in.
    ///
    /// # Errors
    /// [`StorageError::Records`]; nothing is changed then.
    pub async fn disable_person(&self, name: &str, at: Timestamp) -> Result<(), StorageError> {
        let put = failed("disable an account");
        let tx = self.db().begin().await.map_err(&put)?;
        let row = account::ActiveModel {
            name: Set(name.to_owned()),
            disabled_at: Set(Some(at.to_string())),
            ..Default::default()
        };
        row.update(&tx).await.map_err(&put)?;
        let all = [PassKind::Session, PassKind::Token, PassKind::Link];
        passes::end_all(&tx, name, &all).await.map_err(&put)?;
        identities::take_away(&tx, name).await.map_err(&put)?;
        tx.commit().await.map_err(&put)
    }

    /// Notes what somebody saw or did, for ever.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn note(&self, note: &Note) -> Result<(), StorageError> {
        let row = audit::ActiveModel {
            at: Set(note.at.to_string()),
            who: Set(note.who.clone()),
            what: Set(note.what.clone()),
            about: Set(note.about.clone()),
            detail: Set(note.detail.clone()),
            ..Default::default()
        };
        audit::Entity::insert(row)
            .exec_without_returning(self.db())
            .await
            .map_err(failed("note what was done"))?;
        Ok(())
    }

    /// Returns what was seen and done last, of everything or of one thing, newest first.
    ///
    /// # Errors
    /// [`StorageError::Records`] or [`StorageError::Record`].
    pub async fn notes(
        &self,
        about: Option<&str>,
        at_most: u64,
    ) -> Result<Vec<Note>, StorageError> {
        let mut query = audit::Entity::find();
        if let Some(about) = about {
            query = query.filter(audit::Column::About.eq(about));
        }
        let rows = query
            .order_by_desc(audit::Column::Id)
            .limit(at_most)
            .all(self.db())
            .await
            .map_err(failed("read what was done"))?;
        rows.into_iter()
            .map(|row| {
                let at = passes::time("note", &row.id.to_string(), &row.at)?;
                let audit::Model { who, what, about, detail, .. } = row;
                Ok(Note { at, who, what, about, detail })
            })
            .collect()
    }
}

fn person(row: account::Model, grants: &[role_grant::Model]) -> Result<Person, StorageError> {
    let broken =
        |reason: String| StorageError::Record { what: "account", id: row.name.clone(), reason };
    let disabled = row.disabled_at.is_some();
    let held = grants.iter().filter(|g| g.account == row.name && !disabled);
    let grants = held
        .map(|g| {
            let role = g.role.parse().map_err(|e| broken(format!("{e}")))?;
            let scope = g.scope.parse().map_err(|e| broken(format!("{e}")))?;
            Ok(Grant { role, scope })
        })
        .collect::<Result<_, StorageError>>()?;
    let password = row.password.map(Secret::new);
    Ok(Person { name: row.name, password, grants, disabled })
}
