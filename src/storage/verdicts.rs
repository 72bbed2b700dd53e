//! What farmers said of advice, right or wrong, as everybody may know it: persons counted, never one
//! person's word.
//!
//! Those who answer are no sample of all, so this stands beside the scores that hold forecasts
//! against measurements and is never mixed into them.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait as _, DbErr, QueryResult, Statement};
use serde::Serialize;

use super::StorageError;
use super::records::{Records, failed};
use crate::domain::CommuneCode;

/// Fewest persons whose words are told together. Statistical offices hold a cell back below a
/// threshold: "some agencies require at least five respondents in a cell, others require three"
/// (Glossary of Statistical Disclosure Control, UNECE/Eurostat 2005, "threshold rule"). The stricter of
/// the two: in a hamlet three neighbours know each other's phones.
pub const PERSONS_MIN: u32 = 5;

/// What persons said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Verdicts {
    /// Persons who said right or wrong, each once.
    pub persons: u32,
    /// Advisories they spoke of.
    pub advisories: u32,
    /// How often right was said: a person's newest word on an advisory.
    pub right: u32,
    /// How often wrong was.
    pub wrong: u32,
}

/// What the words are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Everything, under the empty name.
    All,
    /// The commune of the advisory.
    Commune,
    /// The rule behind it.
    Rule,
}

impl Over {
    const fn column(self) -> &'static str {
        match self {
            Self::All => "''",
            Self::Commune => "advisory.commune",
            Self::Rule => "json_extract(advisory.document, '$.rule')",
        }
    }
}

/// The newest word of each person on each advisory.
const NEWEST: &str = "SELECT advisory, who, answer, \
     row_number() OVER (PARTITION BY advisory, who ORDER BY number DESC) AS turn \
     FROM answer WHERE answer IN ('right', 'wrong')";

impl Records {
    /// Returns what was said, put together; where fewer than [`PERSONS_MIN`] persons spoke it is left
    /// out. Of one commune or of all.
    ///
    /// # Errors
    /// [`StorageError::Records`].
    pub async fn verdicts(
        &self,
        over: Over,
        commune: Option<&CommuneCode>,
    ) -> Result<BTreeMap<String, Verdicts>, StorageError> {
        let read = failed("read what farmers said");
        let sql = format!(
            "SELECT {} AS name, count(DISTINCT said.who) AS persons, \
             count(DISTINCT said.advisory) AS advisories, \
             sum(said.answer = 'right') AS \"right\", sum(said.answer = 'wrong') AS wrong \
             FROM ({NEWEST}) AS said JOIN advisory ON advisory.id = said.advisory \
             WHERE said.turn = 1 AND (?1 IS NULL OR advisory.commune = ?1) \
             GROUP BY 1 HAVING persons >= {PERSONS_MIN}",
            over.column()
        );
        let commune = commune.map(ToString::to_string);
        let backend = self.db().get_database_backend();
        let asked = Statement::from_sql_and_values(backend, sql, [commune.into()]);
        let rows = self.db().query_all_raw(asked).await.map_err(&read)?;
        let rows = rows.iter().map(Verdicts::of);
        rows.collect::<Result<_, DbErr>>().map_err(read)
    }
}

impl Verdicts {
    fn of(row: &QueryResult) -> Result<(String, Self), DbErr> {
        let count = |name| row.try_get::<i64>("", name);
        let count = |name| Ok::<u32, DbErr>(u32::try_from(count(name)?).unwrap_or(u32::MAX));
        let said = Self {
            persons: count("persons")?,
            advisories: count("advisories")?,
            right: count("right")?,
            wrong: count("wrong")?,
        };
        Ok((row.try_get("", "name")?, said))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::frames::Advisory;
    use crate::storage::answers::Answer::{self, Done, Right, Wrong};

    fn advisory(id: &str, commune: &str, rule: &str) -> Advisory {
        serde_json::from_value(serde_json::json!({
            "id": id, "commune": commune, "crop": "rice", "stage": "any", "rule": rule,
            "hazard": "salt", "severity": "warning", "action": "stop_intake",
            "issued_at": "2026-02-20T00:00:00Z", "valid_from": "2026-02-20T00:00:00Z",
            "expires_at": "2026-02-21T17:00:00Z", "evidence": [], "confidence": 0.8,
            "sources": [], "text_vi": "", "text_en": "", "state": "published",
            "supersedes": null, "sample": false, "run_id": "run-1",
        }))
        .unwrap()
    }

    async fn say(records: &Records, id: &str, who: &str, answer: Answer) {
        let at = Timestamp::UNIX_EPOCH;
        assert!(records.add_answer(id, who, answer, "web", at).await.unwrap());
    }

    #[tokio::test]
    async fn five_persons_are_told_each_once_with_their_newest_words_and_four_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(&folder.path().join("records.sqlite")).await.unwrap();
        let advisories = [
            advisory("a1", "28756", "rice_young"),
            advisory("a2", "28756", "rice_young"),
            advisory("b1", "29083", "pomelo_salt"),
        ];
        records.add_advisories(&advisories, &[]).await.unwrap();
        for who in ["lan", "ba", "tu", "nam"] {
            say(&records, "a1", who, Right).await;
            say(&records, "b1", who, Wrong).await;
        }
        // Who only says that it is done has not said whether it was right.
        say(&records, "a1", "sau", Done).await;
        let here: CommuneCode = "28756".parse().unwrap();
        assert_eq!(records.verdicts(Over::All, None).await.unwrap(), BTreeMap::new());

        // One more person, who changes his mind; and one speaks twice.
        say(&records, "a1", "bay", Wrong).await;
        say(&records, "a1", "bay", Right).await;
        say(&records, "a2", "lan", Wrong).await;
        let said = Verdicts { persons: 5, advisories: 2, right: 5, wrong: 1 };
        let of = |over, commune| records.verdicts(over, commune);
        let one = |name: &str, said| BTreeMap::from([(name.to_owned(), said)]);
        assert_eq!(of(Over::Commune, None).await.unwrap(), one("28756", said));
        assert_eq!(of(Over::Rule, Some(&here)).await.unwrap(), one("rice_young", said));
        let all = Verdicts { persons: 5, advisories: 3, right: 5, wrong: 5 };
        assert_eq!(of(Over::All, None).await.unwrap(), one("", all));
    }
}
