//! Tables as answers: JSON with what is said of all rows, CSV or Arrow with the rows alone; page by
//! page, in an order that stays the same.

use std::borrow::Cow;

use arrow_ipc::writer::StreamWriter;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ask::Asked;
use super::problem::Problem;
use crate::domain::{hex, unhex};
use crate::frames::{TableSpec, to_batch};
use crate::publish::files::LICENCE;

/// Rows of a page unless asked otherwise, and at most: a megabyte or so of JSON.
const ROWS: usize = 1_000;
const ROWS_MAX: usize = 10_000;

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// An Arrow IPC stream.
    Arrow,
}

impl Format {
    /// Returns the media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Arrow => "application/vnd.apache.arrow.stream",
        }
    }

    /// Returns the format a client accepts; JSON when it does not say.
    fn accepted(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        match accept {
            a if a.contains("text/csv") => Self::Csv,
            a if a.contains("application/vnd.apache.arrow") => Self::Arrow,
            _ => Self::Json,
        }
    }
}

/// The parameters that every table has.
#[derive(Debug, Clone, Default, Deserialize)]
struct Paging {
    format: Option<Format>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// Which page of a table is asked for, how it is to be written, and under which address.
#[derive(Debug, Clone)]
pub struct Page {
    format: Format,
    limit: usize,
    /// The key of the last row of the page before.
    after: Option<Vec<u8>>,
    uri: Uri,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Asked(Paging { format, limit, cursor }) =
            Asked::from_request_parts(parts, state).await?;
        let format = format.unwrap_or_else(|| Format::accepted(&parts.headers));
        let limit = limit.unwrap_or(ROWS);
        if !(1..=ROWS_MAX).contains(&limit) {
            let detail = format!("limit is {limit}, allowed is 1 to {ROWS_MAX}");
            return Err(Problem::bad("page too large or empty", detail));
        }
        let after = cursor.map(|cursor| {
            let detail = format!("cursor {cursor:?} is not one of ours: take `next` as it is");
            unhex(&cursor).ok_or_else(|| Problem::bad("unknown cursor", detail))
        });
        Ok(Self { format, limit, after: after.transpose()?, uri: parts.uri.clone() })
    }
}

impl Page {
    /// Returns how many rows fit the page.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// Returns the key of the last row of the page before.
    #[must_use]
    pub fn after(&self) -> Option<&[u8]> {
        self.after.as_deref()
    }

    /// Cuts rows that come after the page; returns the cursor of the next one, if there is more.
    pub fn cut<T>(&self, rows: &mut Vec<T>, key: impl Fn(&T) -> String) -> Option<String> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        rows.last().filter(|_| more).map(|row| hex(key(row).as_bytes()))
    }

    /// Says in the headers where the next page is (RFC 8288).
    pub fn tell_next(&self, answer: &mut Response, next: Option<&str>) {
        if let Some(link) = next.and_then(|next| link_next(&self.uri, next)) {
            answer.headers_mut().insert(header::LINK, link);
        }
    }
}

/// The names of the parameters that every table has.
pub const PAGING: [&str; 3] = ["format", "limit", "cursor"];

/// A table to be answered with.
pub struct Table<T> {
    /// Its description.
    pub spec: &'static TableSpec,
    /// The name of the rows in JSON.
    pub name: &'static str,
    /// What is said of all rows (JSON only).
    pub about: Map<String, Value>,
    /// The rows, in any order.
    pub rows: Vec<T>,
}

impl<T: Serialize> Table<T> {
    /// Returns the page asked for; `key` gives each row a text that no other row has, in whose
    /// order pages follow each other.
    ///
    /// # Errors
    /// A [`Problem`] when the rows cannot be written.
    pub fn answer(self, page: &Page, key: impl Fn(&T) -> String) -> Result<Response, Problem> {
        let Self { spec, name, mut about, mut rows } = self;
        rows.sort_by_cached_key(&key);
        if let Some(after) = page.after() {
            let seen = rows.partition_point(|row| key(row).as_bytes() <= after);
            rows.drain(..seen);
        }
        let next = page.cut(&mut rows, key);
        let body = match page.format {
            Format::Json => {
                about.insert("licence".to_owned(), LICENCE.into());
                about.insert("next".to_owned(), next.clone().into());
                about.insert(name.to_owned(), value(&rows)?);
                Value::Object(about).to_string().into_bytes()
            }
            Format::Csv => csv(&rows)?,
            Format::Arrow => arrow(spec, &rows)?,
        };
        let mut answer = (StatusCode::OK, body).into_response();
        let kind = HeaderValue::from_static(page.format.media_type());
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
        answer.headers_mut().insert(LICENCE_HEADER, HeaderValue::from_static(LICENCE));
        page.tell_next(&mut answer, next.as_deref());
        Ok(answer)
    }
}

/// The licence of answers that have no room for it in their body.
const LICENCE_HEADER: HeaderName = HeaderName::from_static("x-licence");

fn internal(error: impl std::fmt::Display) -> Problem {
    tracing::error!(%error, "a table could not be written");
    let detail = "the rows cannot be written; the log says why";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "table unwritable", detail)
}

fn value<T: Serialize>(rows: &[T]) -> Result<Value, Problem> {
    serde_json::to_value(rows).map_err(internal)
}

fn csv<T: Serialize>(rows: &[T]) -> Result<Vec<u8>, Problem> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().try_for_each(|row| writer.serialize(row)).map_err(internal)?;
    writer.into_inner().map_err(internal)
}

fn arrow<T: Serialize>(spec: &'static TableSpec, rows: &[T]) -> Result<Vec<u8>, Problem> {
    let batch = to_batch(spec, rows).map_err(internal)?;
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &spec.schema()).map_err(internal)?;
    writer.write(&batch).and_then(|()| writer.finish()).map_err(internal)?;
    Ok(bytes)
}

/// Returns the `Link` to the next page (RFC 8288): the same address with another cursor.
fn link_next(uri: &Uri, cursor: &str) -> Option<HeaderValue> {
    let kept = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .filter(|(name, _)| name != "cursor");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept.chain([(Cow::from("cursor"), Cow::from(cursor))]))
        .finish();
    HeaderValue::try_from(format!("<{}?{query}>; rel=\"next\"", uri.path())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_what_was_asked() {
        let uri: Uri = "/v1/scores?target=t%C3%A9&cursor=00&limit=5".parse().unwrap();
        let link = link_next(&uri, "ff").unwrap();
        assert_eq!(link, "</v1/scores?target=t%C3%A9&limit=5&cursor=ff>; rel=\"next\"");
    }
}
