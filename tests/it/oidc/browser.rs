//! A browser as far as a sign-in needs one: cookies by origin, redirections, forms of pages.

use std::collections::BTreeMap;
use std::time::Duration;

use regex::Regex;
use reqwest::{Client, RequestBuilder, StatusCode};
use url::Url;

use crate::doors::house::body;

/// A person's browser.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    /// By origin, then name.
    pub cookies: BTreeMap<(String, String), String>,
    /// Every address it was sent to.
    pub passed: Vec<Url>,
}

/// What it shows.
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub text: String,
    /// Where it is sent on to, when redirections are not followed.
    pub to: Option<Url>,
}

impl Page {
    /// Returns the address of the link to this host and path.
    pub fn link_to(&self, host: &str, path: &str) -> String {
        let links = Regex::new("href=\"([^\"]+)\"").unwrap();
        let mut all = links.captures_iter(&self.text).map(|c| unescaped(&c[1]));
        let fits = |url: &Url| url.host_str() == Some(host) && url.path() == path;
        all.find(|link| Url::parse(link).is_ok_and(|url| fits(&url))).expect(&self.text)
    }
}

/// Undoes what a template does to a text that it puts into a page.
fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&")
}

/// Returns a part of the query of an address.
pub fn query(url: &Url, key: &str) -> String {
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(k, _)| k == key).map(|(_, value)| value.into_owned());
    found.unwrap_or_else(|| panic!("{url} has no {key}"))
}

impl Browser {
    pub fn new() -> Self {
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        Self { client, cookies: BTreeMap::new(), passed: Vec::new() }
    }

    /// Opens an address and follows where it leads.
    pub async fn get(&mut self, url: &str) -> Page {
        let mut page = self.once(url).await;
        for _ in 0..20 {
            let Some(to) = page.to else { return page };
            page = self.once(to.as_str()).await;
        }
        panic!("too many redirections");
    }

    /// Opens an address and goes no further.
    pub async fn once(&mut self, url: &str) -> Page {
        let request = self.client.get(url);
        self.send(url, request).await
    }

    /// Sends a form of the page's own site and follows where it leads.
    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.client.post(url).header("sec-fetch-site", "same-origin");
        let page = self.send(url, body(request, fields)).await;
        match page.to {
            Some(to) => self.get(to.as_str()).await,
            None => page,
        }
    }

    /// Fills in the provider's forms for login and consent until it has sent the person back.
    pub async fn through_provider(&mut self, mut page: Page, login: &str) -> Page {
        let form = Regex::new("action=\"([^\"]+/interaction/[^\"]+)\"").unwrap();
        let prompt = Regex::new("name=\"prompt\" value=\"([a-z]+)\"").unwrap();
        for _ in 0..3 {
            let action = form.captures(&page.text).map(|c| unescaped(&c[1]));
            let Some(action) = action else { return page };
            let prompt = prompt.captures(&page.text).unwrap()[1].to_owned();
            let fields = [("prompt", prompt.as_str()), ("login", login), ("password", "any")];
            page = self.post(&action, &fields).await;
        }
        panic!("the provider asks on and on: {}", page.text);
    }

    async fn send(&mut self, url: &str, request: RequestBuilder) -> Page {
        let url = Url::parse(url).unwrap();
        self.passed.push(url.clone());
        let origin = url.origin().ascii_serialization();
        let own = self.cookies.iter().filter(|((of, _), _)| *of == origin);
        let cookies: Vec<_> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        let request = request.header("cookie", cookies.join("; "));
        let answer = request.send().await.unwrap();
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let key = (origin.clone(), name.to_owned());
            if value.is_empty() {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
        let status = answer.status();
        let to = answer.headers().get("location").filter(|_| status.is_redirection());
        let to = to.map(|to| url.join(to.to_str().unwrap()).unwrap());
        Page { url, status, to, text: answer.text().await.unwrap() }
    }
}
