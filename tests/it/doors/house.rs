//! A house for tests: a home with drafts of two communes, served with its doors on a free port.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use muavu::domain::{CommuneCode, Crop, Geography, Grant, Severity, Stage};
use muavu::frames::{Advisory, AdvisoryState, Evidence};
use muavu::ops::clock;
use muavu::pipeline::Home;
use muavu::pipeline::reviewing::Desk;
use muavu::publish::console::{self, Boards, Console};
use muavu::publish::doors::{Doors, oidc, secrets};
use reqwest::{Client, RequestBuilder, Response, StatusCode};

/// The commune the people of the tests are of, and another.
pub const OWN: &str = "28756";
pub const FOREIGN: &str = "28777";

/// A served home.
pub struct House {
    pub home: Home,
    pub doors: Doors,
    pub url: String,
    pub client: Client,
    _folder: tempfile::TempDir,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for House {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl House {
    /// Opens one, by this clock.
    pub async fn open(now: fn() -> Timestamp) -> Self {
        Self::beside(now, None).await
    }

    /// Opens one beside an identity provider.
    pub async fn beside(now: fn() -> Timestamp, provider: Option<&oidc::Settings>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).await.unwrap();
        let provider = provider.and_then(|of| oidc::Provider::of(of, &home.root, now).unwrap());
        let doors = Doors::new(home.records.clone(), now).with_provider(provider);
        let routes = console::router(Console {
            doors: doors.clone(),
            lake: home.lake.clone(),
            records: home.records.clone(),
            geography: Arc::new(Geography::shipped().unwrap()),
            now,
            desk: Arc::new(Desk::of(&home).unwrap()),
            previews: console::on_screen,
            rules: Arc::new(BTreeMap::new()),
            boards: Boards::default(),
            shelf: console::Shelf::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Self { home, doors, url, client, _folder: folder, serving }
    }

    /// Adds an account with these roles, and returns the secret of a session of it.
    pub async fn person(&self, name: &str, grants: &[&str]) -> String {
        self.home.records.add_person(name, clock::now()).await.unwrap();
        let grants: Vec<Grant> = grants.iter().map(|text| grant(text)).collect();
        self.home.records.set_roles(name, &grants).await.unwrap();
        self.doors.begin_session(name, "test").await.unwrap().expose().to_owned()
    }

    /// Adds a draft.
    pub async fn draft(&self, id: &str, commune: &str, severity: Severity) {
        self.home.records.add_advisories(&[draft(id, commune, severity)], &[]).await.unwrap();
    }

    pub async fn state(&self, id: &str) -> AdvisoryState {
        self.home.records.advisory(id).await.unwrap().unwrap().state
    }

    /// Asks for a page as the holder of a session.
    pub async fn get(&self, path: &str, session: &str) -> Response {
        with_session(self.client.get(format!("{}{path}", self.url)), session).send().await.unwrap()
    }

    /// Sends a form of ours as the holder of a session.
    pub async fn post(&self, path: &str, session: &str, fields: &[(&str, &str)]) -> Response {
        let word = secrets::form_word(session);
        let mut form = vec![("tu", word.as_str())];
        form.extend_from_slice(fields);
        let request = self.client.post(format!("{}{path}", self.url));
        let request = with_session(request, session).header("sec-fetch-site", "same-origin");
        body(request, &form).send().await.unwrap()
    }
}

pub fn with_session(request: RequestBuilder, session: &str) -> RequestBuilder {
    request.header("cookie", format!("muavu={session}"))
}

/// Gives a request a form.
pub fn body(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    request.header("content-type", "application/x-www-form-urlencoded").body(text)
}

pub fn grant(text: &str) -> Grant {
    let (role, scope) = text.split_once('@').unwrap();
    Grant { role: role.parse().unwrap(), scope: scope.parse().unwrap() }
}

/// Whether an answer lets its sender through, whatever came of it then.
pub fn let_in(answer: &Response) -> bool {
    let to = answer.headers().get("location").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let to_sign_in = to.starts_with("/ban-duyet/dang-nhap?next=");
    ![StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status()) && !to_sign_in
}

/// The morning all drafts are of: one moment, however long a test takes.
fn morning() -> Timestamp {
    static MORNING: std::sync::OnceLock<Timestamp> = std::sync::OnceLock::new();
    // Of a whole second, as runs issue: the lake keeps microseconds.
    *MORNING.get_or_init(|| Timestamp::from_second(clock::now().as_second()).unwrap())
}

pub fn draft(id: &str, commune: &str, severity: Severity) -> Advisory {
    let now = morning();
    Advisory {
        id: id.into(),
        commune: commune.parse::<CommuneCode>().unwrap(),
        crop: Crop::Durian,
        stage: Stage::Any,
        rule: "durian_salt".into(),
        hazard: "salt".into(),
        severity,
        action: "stop_irrigation".into(),
        issued_at: now - SignedDuration::from_hours(1),
        valid_from: now - SignedDuration::from_hours(1),
        expires_at: now + SignedDuration::from_hours(40),
        evidence: vec![Evidence {
            quantity: "salinity_max_g_l".into(),
            value: 2.0,
            low: 1.0,
            high: 3.0,
            threshold: 0.3,
            unit: "g/L".into(),
            probability: 0.95,
            day: muavu::domain::time::local_date(now),
            basis: "salinity_station at Trà Vinh".into(),
            basis_vi: String::new(),
            data_age_h: 7.0,
            read_from: None,
        }],
        confidence: 0.95,
        sources: vec!["secondary: letter 702".into()],
        sources_vi: Vec::new(),
        text_vi: format!("CẢNH BÁO: {id}\nNgày mai: KHÔNG LẤY NƯỚC. Đóng cống."),
        text_en: "WARNING\nTake no water.".into(),
        plan: muavu::frames::WeekPlan::default(),
        state: AdvisoryState::Draft,
        supersedes: None,
        sample: false,
        run_id: "run".into(),
    }
}
