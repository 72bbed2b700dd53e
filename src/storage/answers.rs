//! What farmers answer: received, understood, done, right or wrong. Only ever added; one person's
//! newest word on whether it was right is the one that counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QueryResult, Set, Statement,
};
use serde::{Deserialize, Serialize};

use super::StorageError;
use super::records::{Records, failed};
use super::verdicts::PERSONS_MIN;
use crate::domain::CommuneCode;

pub(super) mod answer {
    //! One answer.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "answer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub advisory: String,
        /// A subscription's id, or the name of an anonymous token.
        #[sea_orm(primary_key, auto_increment = false)]
        pub who: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub answer: String,
        pub via: String,
        pub at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Answers one person may give to one advisory: each kind once, and a change of mind or two.
const ANSWERS_MAX: u64 = 8;

/// What a farmer says of an advisory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It came.
    Received,
    /// It is understood.
    Understood,
    /// It was done.
    Done,
    /// What it said came true.
    Right,
    /// It did not.
    Wrong,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 5] =
        [Self::Received, Self::Understood, Self::Done, Self::Right, Self::Wrong];

    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Understood => "understood",
            Self::Done => "done",
            Self::Right => "right",
            Self::Wrong => "wrong",
        }
    }
}

impl std::str::FromStr for Answer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == text).ok_or_else(|| {
            format!("{text:?} is no answer (allowed: received, understood, done, right, wrong)")
        })
    }
}

/// Who answered what to an advisory, by persons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct AnswerCounts {
    /// Persons it reached.
    pub received: u32,
    /// Persons who understood it.
    pub understood: u32,
    /// Persons who did it.
    pub done: u32,
    /// Persons who say that it was right.
    pub right: u32,
    /// Persons who say that it was wrong.
    pub wrong: u32,
}

impl AnswerCounts {
    /// Returns the counts as everybody may know them; nothing where fewer than [`PERSONS_MIN`] answered.
    #[must_use]
    pub fn for_everybody(self) -> Option<Self> {
        (self.received >= PERSONS_MIN).then_some(self)
    }

    /// Returns the share of those with a word on it who say that it was right; nothing without any.
    #[must_use]
    pub fn share_right(&self) -> Option<f64> {
        let all = self.right + self.wrong;
        (all > 0).then(|| f64::from(self.right) / f64::from(all))
    }

    fn add(&mut self, other: Self) {
        self.received += other.received;
        self.understood += other.understood;
        self.done += other.done;
        self.right += other.right;
        self.wrong += other.wrong;
    }
}

/// How often farmers said that the advice of one rule was right. Those who answer are no sample of all:
/// it is a count of who spoke, beside the scores that hold forecasts against measurements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SaidRight {
    /// The rule.
    pub rule: String,
    /// Its hazard.
    pub hazard: String,
    /// Advisories answered.
    pub advisories: u32,
    /// Their answers.
    pub counts: AnswerCounts,
    /// The share who said right.
    pub share: Option<f64>,
    /// Their answers by commune code.
    pub communes: BTreeMap<String, AnswerCounts>,
}

/// Answers with the rule and commune of what they answer, in the order that [`counts`] asks for; of one
/// commune or of all.
const ANSWERED: &str = "SELECT answer.*, advisory.commune, \
     json_extract(advisory.document, '$.rule') AS rule, \
     json_extract(advisory.document, '$.hazard') AS hazard \
     FROM answer JOIN advisory ON advisory.id = answer.advisory \
     WHERE ?1 IS NULL OR advisory.commune = ?1 \
     ORDER BY answer.advisory, answer.who, answer.number";

/// An answer with the rule, hazard and commune of what it answers.
struct Answered {
    answer: answer::Model,
    rule: String,
    hazard: String,
    commune: String,
}

impl Answered {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        let text = |name| row.try_get::<String>("", name);
        let answer = <answer::Model as sea_orm::FromQueryResult>::from_query_result(row, "")?;
        Ok(Self { answer, rule: text("rule")?, hazard: text("hazard")?, commune: text("commune")? })
    }
}

impl Records {
    /// Stores an answer; the same answer again changes nothing. Returns false when one person has
    /// answered too often.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn add_answer(
        &self,
        advisory: &str,
        who: &str,
        answer: Answer,
        via: &str,
        at: Timestamp,
    ) -> Result<bool, StorageError> {
        let put = failed("store an answer");
        let of_person = answer::Entity::find()
            .filter(answer::Column::Advisory.eq(advisory))
            .filter(answer::Column::Who.eq(who));
        let newest = of_person.clone().order_by_desc(answer::Column::Number);
        let newest = newest.one(self.db()).await.map_err(&put)?;
        if newest.as_ref().is_some_and(|row| row.answer == answer.as_str()) {
            return Ok(true);
        }
        if of_person.count(self.db()).await.map_err(&put)? >= ANSWERS_MAX {
            return Ok(false);
        }
        let row = answer::ActiveModel {
            advisory: Set(advisory.to_owned()),
            who: Set(who.to_owned()),
            number: Set(newest.map_or(1, |row| row.number + 1)),
            answer: Set(answer.as_str().to_owned()),
            via: Set(via.to_owned()),
            at_us: Set(at.as_microsecond()),
        };
        answer::Entity::insert(row).exec_without_returning(self.db()).await.map_err(&put)?;
        Ok(true)
    }

    /// Returns what was answered to an advisory.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn answers_to(&self, advisory: &str) -> Result<AnswerCounts, StorageError> {
        Ok(self.answers_to_each([advisory]).await?.remove(advisory).unwrap_or_default())
    }

    /// Returns what was answered to each of these advisories; those without an answer are left out.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn answers_to_each(
        &self,
        advisories: impl IntoIterator<Item = &str>,
    ) -> Result<BTreeMap<String, AnswerCounts>, StorageError> {
        let rows = answer::Entity::find()
            .filter(answer::Column::Advisory.is_in(advisories))
            .order_by_asc(answer::Column::Advisory)
            .order_by_asc(answer::Column::Who)
            .order_by_asc(answer::Column::Number)
            .all(self.db())
            .await
            .map_err(failed("read answers"))?;
        let by_advisory = rows.chunk_by(|a, b| a.advisory == b.advisory);
        Ok(by_advisory.map(|of_one| (of_one[0].advisory.clone(), counts(of_one))).collect())
    }

    /// Returns how often farmers said right, by rule and commune, as everybody may know it: rules and
    /// communes of which fewer than [`PERSONS_MIN`] persons spoke are left out. Of one commune or of all.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn said_right(
        &self,
        commune: Option<&CommuneCode>,
    ) -> Result<Vec<SaidRight>, StorageError> {
        self.by_rule(commune, PERSONS_MIN).await
    }

    /// Returns the same for whoever reviews, however few they were.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn answers_by_rule(
        &self,
        commune: &CommuneCode,
    ) -> Result<Vec<SaidRight>, StorageError> {
        self.by_rule(Some(commune), 1).await
    }

    async fn by_rule(
        &self,
        commune: Option<&CommuneCode>,
        persons_min: u32,
    ) -> Result<Vec<SaidRight>, StorageError> {
        let read = failed("read answers");
        let commune = commune.map(ToString::to_string);
        let backend = self.db().get_database_backend();
        let asked = Statement::from_sql_and_values(backend, ANSWERED, [commune.into()]);
        let rows = self.db().query_all_raw(asked).await.map_err(&read)?;
        let rows: Vec<Answered> =
            rows.iter().map(Answered::of).collect::<Result<_, _>>().map_err(&read)?;
        let mut by_rule: BTreeMap<&str, SaidRight> = BTreeMap::new();
        let mut spoke: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for of_one in rows.chunk_by(|a, b| a.answer.advisory == b.answer.advisory) {
            let first = &of_one[0];
            let said = by_rule.entry(&first.rule).or_insert_with(|| SaidRight {
                rule: first.rule.clone(),
                hazard: first.hazard.clone(),
                advisories: 0,
                counts: AnswerCounts::default(),
                share: None,
                communes: BTreeMap::new(),
            });
            let told = counts(of_one.iter().map(|row| &row.answer));
            said.advisories += 1;
            said.counts.add(told);
            said.communes.entry(first.commune.clone()).or_default().add(told);
            said.share = said.counts.share_right();
            let persons = spoke.entry((&first.rule, &first.commune)).or_default();
            persons.extend(of_one.iter().map(|row| row.answer.who.as_str()));
        }
        let enough = |persons: usize| persons >= usize::try_from(persons_min).unwrap_or(usize::MAX);
        let mut told: Vec<SaidRight> = by_rule.into_values().collect();
        told.retain_mut(|said| {
            let of_rule = || spoke.iter().filter(|((rule, _), _)| *rule == said.rule);
            let all: BTreeSet<&str> = of_rule().flat_map(|(_, persons)| persons).copied().collect();
            let enough_in: BTreeSet<&str> = of_rule()
                .filter(|(_, persons)| enough(persons.len()))
                .map(|((_, commune), _)| *commune)
                .collect();
            said.communes.retain(|commune, _| enough_in.contains(commune.as_str()));
            enough(all.len())
        });
        Ok(told)
    }
}

/// Counts persons: of each the newest word on right or wrong, and whatever else was said once.
fn counts<'a>(rows: impl IntoIterator<Item = &'a answer::Model>) -> AnswerCounts {
    let rows: Vec<&answer::Model> = rows.into_iter().collect();
    let mut counts = AnswerCounts::default();
    for person in rows.chunk_by(|a, b| a.who == b.who) {
        let said = |answer: Answer| person.iter().any(|row| row.answer == answer.as_str());
        counts.received += 1;
        counts.understood += u32::from(said(Answer::Understood) || said(Answer::Done));
        counts.done += u32::from(said(Answer::Done));
        let verdict = person.iter().rev().find_map(|row| match row.answer.parse() {
            Ok(answer @ (Answer::Right | Answer::Wrong)) => Some(answer),
            _ => None,
        });
        counts.right += u32::from(verdict == Some(Answer::Right));
        counts.wrong += u32::from(verdict == Some(Answer::Wrong));
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn persons_are_counted_once_and_may_change_their_mind() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(&folder.path().join("records.sqlite")).await.unwrap();
        let say = |who: &'static str, answer| {
            let records = records.clone();
            async move {
                let at = Timestamp::UNIX_EPOCH;
                records.add_answer("a1", who, answer, "web", at).await.unwrap()
            }
        };
        for (who, answer) in [
            ("lan", Answer::Received),
            ("lan", Answer::Received),
            ("lan", Answer::Done),
            ("lan", Answer::Wrong),
            ("lan", Answer::Right),
            ("ba", Answer::Wrong),
        ] {
            assert!(say(who, answer).await);
        }
        let counts = records.answers_to("a1").await.unwrap();
        let expected = AnswerCounts { received: 2, understood: 1, done: 1, right: 1, wrong: 1 };
        assert_eq!(counts, expected);
        assert_eq!(counts.share_right(), Some(0.5));
        assert_eq!(records.answers_to("a2").await.unwrap().share_right(), None);
        for turn in 0..20 {
            let answer = if turn % 2 == 0 { Answer::Wrong } else { Answer::Right };
            let taken = say("ba", answer).await;
            // His newest word said again changes nothing and is no answer too many.
            assert_eq!(taken, turn < 8 || turn % 2 == 1, "answer {turn}");
        }
    }
}
