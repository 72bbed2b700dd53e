//! The tables of people: accounts, what they may do where, ways in, and what they saw and did.

use sea_orm::{ConnectionTrait, DbErr, Schema};

pub mod account {
    //! A person or script that can be let in.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        /// The argon2id hash of the password (PHC text); empty until one is chosen.
        pub password: Option<String>,
        pub created_at: String,
        pub disabled_at: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod role_grant {
    //! A role held in a commune, or everywhere (`*`).
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "role_grant")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub role: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub scope: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod pass {
    //! A way in: a session, a script's token or a one-time link, known by the SHA-256 of its secret.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pass")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sha256: String,
        /// `session`, `token` or `link`.
        pub kind: String,
        /// Empty for the link of the first start, which lets its holder choose a name.
        pub account: String,
        pub label: String,
        pub created_at: String,
        pub seen_at: String,
        pub expires_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod identity {
    //! An identity that a provider vouches for, and the account it was given.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity")]
    pub struct Model {
        /// An HMAC of issuer, claim and value: the value may be a citizen's number.
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        /// One account has one identity: one person.
        #[sea_orm(unique)]
        pub account: String,
        pub issuer: String,
        pub linked_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod audit {
    //! What somebody saw or did; only ever added.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub at: String,
        pub who: String,
        pub what: String,
        pub about: String,
        #[sea_orm(column_type = "Text")]
        pub detail: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Tables of which a row is never changed nor deleted, whoever holds the database.
const ONLY_ADDED: [&str; 2] = ["audit", "review_event"];

/// Makes the tables, and lets SQLite refuse to change what is only ever added.
pub async fn make(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let schema = Schema::new(backend);
    for mut table in [
        schema.create_table_from_entity(account::Entity),
        schema.create_table_from_entity(role_grant::Entity),
        schema.create_table_from_entity(pass::Entity),
        schema.create_table_from_entity(identity::Entity),
        schema.create_table_from_entity(audit::Entity),
    ] {
        db.execute(table.if_not_exists()).await?;
    }
    let keys = [
        "CREATE INDEX IF NOT EXISTS audit_about ON audit (about)",
        "CREATE INDEX IF NOT EXISTS advisory_state ON advisory (state)",
    ];
    for key in keys {
        db.execute_unprepared(key).await?;
    }
    if backend == sea_orm::DbBackend::Sqlite {
        for table in ONLY_ADDED {
            for deed in ["UPDATE", "DELETE"] {
                let name = format!("{table}_no_{}", deed.to_lowercase());
                db.execute_unprepared(&format!(
                    "CREATE TRIGGER IF NOT EXISTS {name} BEFORE {deed} ON {table} \
                     BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
                ))
                .await?;
            }
        }
    }
    Ok(())
}
