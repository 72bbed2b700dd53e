//! The tables of the outbox.

use sea_orm::ConnectionTrait;

use super::super::StorageError;
use super::super::records::{Records, failed};

pub(in crate::storage) mod delivery {
    //! One message to one receiver.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The alarm or advisory; the column was made when there were only alarms.
        #[sea_orm(column_name = "alarm")]
        pub subject: String,
        pub channel: String,
        pub state: String,
        /// Microseconds since 1970: when it is to be sent, or tried again.
        pub due_us: i64,
        pub attempts: i32,
        pub last_error: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        #[sea_orm(default_value = "alarm")]
        pub about: String,
        #[sea_orm(default_value = "all")]
        pub recipient: String,
        #[sea_orm(default_value = "new")]
        pub turn: String,
        #[sea_orm(default_value = 0)]
        pub made_us: i64,
        pub expires_us: Option<i64>,
        pub received_us: Option<i64>,
        pub receipt: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(in crate::storage) mod attempt {
    //! One attempt to send a message; noted before it is made, and never removed.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery_attempt")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub delivery: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub begun_us: i64,
        pub ended_us: Option<i64>,
        pub outcome: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(in crate::storage) mod announcement {
    //! That an advisory came out, was replaced or taken back, or that an alarm changed: written with
    //! the review event or the change itself.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "announcement")]
    pub struct Model {
        /// The advisory or alarm; the column was made when there were only advisories.
        #[sea_orm(primary_key, auto_increment = false, column_name = "advisory")]
        pub subject: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i64,
        pub state: String,
        pub at_us: i64,
        /// When its deliveries were made; empty until then.
        pub done_us: Option<i64>,
        /// What came of it, for people.
        pub note: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Columns that homes made before advisories went out do not have.
const ADDED: [&str; 7] = [
    "about TEXT NOT NULL DEFAULT 'alarm'",
    "recipient TEXT NOT NULL DEFAULT 'all'",
    "turn TEXT NOT NULL DEFAULT 'new'",
    "made_us BIGINT NOT NULL DEFAULT 0",
    "expires_us BIGINT",
    "received_us BIGINT",
    "receipt TEXT",
];

const KEYS: [&str; 5] = [
    "CREATE INDEX IF NOT EXISTS delivery_recipient ON delivery (recipient, received_us)",
    "CREATE INDEX IF NOT EXISTS delivery_receipt ON delivery (channel, receipt)",
    "CREATE INDEX IF NOT EXISTS delivery_due ON delivery (channel, state, due_us)",
    "CREATE INDEX IF NOT EXISTS delivery_subject ON delivery (alarm)",
    "CREATE INDEX IF NOT EXISTS announcement_open ON announcement (done_us, at_us)",
];

impl Records {
    /// Adds the columns an older home lacks, and the keys.
    pub(in crate::storage) async fn renew_outbox(&self) -> Result<(), StorageError> {
        let put = failed("renew the outbox");
        for column in ADDED {
            let name = column.split(' ').next().unwrap_or_default();
            let there = format!("SELECT {name} FROM delivery WHERE 1 = 0");
            if self.db().execute_unprepared(&there).await.is_ok() {
                continue;
            }
            let add = format!("ALTER TABLE delivery ADD COLUMN {column}");
            if let Err(error) = self.db().execute_unprepared(&add).await {
                // Another process may have added it at the same moment.
                self.db().execute_unprepared(&there).await.map_err(|_| put(error))?;
            }
        }
        for key in KEYS {
            self.db().execute_unprepared(key).await.map_err(&put)?;
        }
        Ok(())
    }
}
