//! The tables of subscriptions.

pub(in crate::storage) mod subscription {
    //! Who wants to be told what; the address is sealed.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "subscription")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The address's name under the home's key: one subscription an address.
        #[sea_orm(unique)]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub sealed: String,
        pub channel: String,
        pub state: String,
        /// What is told now, as JSON; and what will be once it is confirmed.
        #[sea_orm(column_type = "Text")]
        pub wishes: String,
        #[sea_orm(column_type = "Text")]
        pub asked: String,
        /// How many codes were sent, and when the last.
        pub round: i64,
        pub code_us: i64,
        /// Wrong codes given in this round.
        pub wrong: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(in crate::storage) mod consent {
    //! What a person asked for, confirmed and stopped; only ever added.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consent")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub subscription: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub at_us: i64,
        pub what: String,
        #[sea_orm(column_type = "Text")]
        pub wishes: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
