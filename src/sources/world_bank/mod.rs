//! The World Bank's "Pink Sheet": monthly world prices of what the delta sells and buys.
//!
//! The address of the workbook changes about once a year and the old one stays online, frozen: the
//! current one is found on the landing page each time.

pub mod workbook;

use std::sync::LazyLock;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use regex::Regex;
use reqwest::Url;

use super::error::SourceError;
use super::fetched::{Fetched, Morning, rows};
use super::http::{Client, Expect, Request};
use super::parsed::Parsed;
use super::promise::Promise;

pub use workbook::parse;

/// The feed's name; the last known address of the workbook is set under `<name>.file`.
pub const FEED: &str = "market.world_bank.pink_sheet";

/// The promise: the mean of a month in the first days of the next.
pub const PROMISE: Promise = Promise {
    id: "market.world_bank",
    provider: "World Bank",
    licence: "CC BY 4.0",
    attribution: "World Bank Commodity Price Data (The Pink Sheet), CC BY 4.0",
    cadence: "monthly, about the second working day",
    // A frozen workbook shows by this: the newest month starts at most 75 days ago.
    newest_age_max: Duration::from_hours(75 * 24),
    interval_min: Duration::from_hours(12),
    body_bytes_max: 8 << 20,
    concurrency_max: 1,
    requests_per_minute_max: 10,
    on_by_default: true,
};

const PAGE: &str = "https://www.worldbank.org/en/research/commodity-markets";

/// The workbook's address in 2026, for when the page cannot be read.
const LAST_KNOWN: &str = "https://thedocs.worldbank.org/en/doc/\
                          74e8be41ceb20fa0da750cda2f6b9e4e-0050012026/related/\
                          CMO-Historical-Data-Monthly.xlsx";

/// Returns the address of the current workbook on the landing page.
#[must_use]
pub fn workbook_link(page: &[u8], page_url: &Url) -> Option<Url> {
    static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?i)href\s*=\s*["']([^"']*CMO-Historical-Data-Monthly\.xlsx)["']"#).ok()
    });
    let text = String::from_utf8_lossy(page);
    let link = LINK.as_ref()?.captures(&text)?.get(1)?.as_str().replace("&amp;", "&");
    let link = page_url.join(&link).ok()?;
    // A page of https must not send us to plain http.
    (link.scheme() == "https" || link.scheme() == page_url.scheme()).then_some(link)
}

/// Fetches the landing page, then the workbook it names, or else the last one known.
pub fn fetch<'a>(client: &'a Client, morning: &'a Morning) -> BoxFuture<'a, Fetched> {
    async move {
        let mut fetched = Fetched::default();
        let link = match current_link(client, morning).await {
            Ok(link) => Ok(link),
            Err(error) => {
                fetched.errors.push(error);
                morning.settings.base("market.world_bank.pink_sheet.file", LAST_KNOWN)
            }
        };
        let request = link.map(|link| Request::new(FEED, &PROMISE, link, Expect::Xlsx));
        fetched.add(rows(client, request, &morning.variables, parse).await);
        fetched
    }
    .boxed()
}

async fn current_link(client: &Client, morning: &Morning) -> Result<Url, SourceError> {
    let url = morning.settings.base(FEED, PAGE)?;
    let request = Request::new(FEED, &PROMISE, url, Expect::Html);
    let page = client.get(&request).await?;
    workbook_link(&page.body, &request.url).ok_or(SourceError::Missing {
        url: page.url,
        what: "a link to CMO-Historical-Data-Monthly.xlsx",
    })
}

/// Returns the prices in a workbook on the disk, with the usual publication lag.
///
/// # Errors
/// [`SourceError::Read`] when the file cannot be read.
pub fn read_file(
    path: &std::path::Path,
    context: &super::gather::ParseContext,
) -> Result<Parsed, SourceError> {
    let bytes = std::fs::read(path).map_err(|e| SourceError::Read {
        path: path.display().to_string(),
        reason: e.to_string(),
    })?;
    Ok(parse(&bytes, context))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_is_found_wherever_it_moves() {
        let page_url = Url::parse(PAGE).unwrap();
        let find = |page: &str| workbook_link(page.as_bytes(), &page_url).map(String::from);
        let absolute =
            r#"<a class="x" href="https://d.org/2027/CMO-Historical-Data-Monthly.xlsx">"#;
        let expected = "https://d.org/2027/CMO-Historical-Data-Monthly.xlsx";
        assert_eq!(find(absolute).as_deref(), Some(expected));
        let relative = "<a HREF='/a/CMO-Historical-Data-Monthly.xlsx'>Monthly prices (XLS)</a>";
        let expected = "https://www.worldbank.org/a/CMO-Historical-Data-Monthly.xlsx";
        assert_eq!(find(relative).as_deref(), Some(expected));
        assert_eq!(find("<a href=\"/CMO-Historical-Data-Annual.xlsx\">"), None);
        assert_eq!(find("<a href=\"http://d.org/CMO-Historical-Data-Monthly.xlsx\">"), None);
    }
}
