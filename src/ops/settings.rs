//! Settings: one readable default file, then one file of yours, then the environment.
//!
//! Unknown keys are refused with the keys that are known. Secrets never print.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use crate::domain::{Fault, FaultKind};

/// The defaults, which are also the reference page.
pub const DEFAULT: &str = include_str!("default.toml");

/// The beginning of environment variables that set keys; levels are parted by two underscores.
const ENV_PREFIX: &str = "MUAVU__";

/// All settings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How logs are written.
    pub log: Log,
    /// The read-only API.
    pub serve: Serve,
    /// The fetch of a morning.
    pub fetch: Fetch,
    /// Live sources.
    pub sources: crate::sources::settings::Settings,
    /// Sensors.
    pub stream: Stream,
    /// Sign-in from elsewhere.
    pub oidc: crate::publish::doors::oidc::Settings,
    /// Every way out to people.
    pub channels: crate::publish::channels::Settings,
}

/// How logs are written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Level or directive.
    pub level: String,
    /// `text` or `json`.
    pub format: LogFormatName,
}

/// The name of a log format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormatName {
    /// For people.
    Text,
    /// For collectors.
    Json,
}

/// The read-only API.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serve {
    /// Address and port.
    pub listen: std::net::SocketAddr,
    /// How many requests a second one client may make; ten seconds' worth at once.
    pub requests_per_second: std::num::NonZeroU32,
}

/// The fetch of a morning.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// Whether anything is fetched at all.
    pub enabled: bool,
    /// Seconds for the whole fetch.
    pub deadline_secs: u64,
}

/// Sensors: where they are listed, which broker brings them, how often they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// The list of devices, in the home or by its full path.
    pub devices: PathBuf,
    /// Rows are stored when this many wait.
    pub flush_rows: usize,
    /// Or so many seconds after the last time.
    pub flush_secs: u64,
    /// Seconds between two keepings of what the stream remembers.
    pub remember_secs: u64,
    /// Receivers of alarms.
    pub webhooks: Vec<crate::publish::receivers::Webhook>,
    /// The broker.
    pub broker: crate::sources::sensor::mqtt::Broker,
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A settings file that cannot be read.
    #[error("settings file {} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A text that is not settings.
    #[error("settings from {origin} are not understood: {reason}")]
    Parse {
        /// Which file or variable.
        origin: String,
        /// What the parser said, with the keys that are known.
        reason: String,
    },
}

impl Fault for SettingsError {
    fn kind(&self) -> FaultKind {
        FaultKind::User
    }

    fn hint(&self) -> Option<String> {
        Some("every key with its meaning and default: muavu doctor --settings".to_owned())
    }
}

impl Settings {
    /// Returns the settings of a file (if any) and an environment over the defaults.
    ///
    /// # Errors
    /// [`SettingsError`] when the file cannot be read or a key or value is not known.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut table = parse("the defaults", DEFAULT)?;
        let mut origins = vec!["the defaults".to_owned()];
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|source| SettingsError::Read { path: path.to_owned(), source })?;
            let origin = path.display().to_string();
            merge(&mut table, parse(&origin, &text)?);
            origins.push(origin);
        }
        for (name, text) in environment {
            if let Some(key) = name.strip_prefix(ENV_PREFIX) {
                let levels: Vec<String> = key.split("__").map(str::to_lowercase).collect();
                merge(&mut table, nest(&levels, value_of(&text)));
                origins.push(name);
            }
        }
        Value::Table(table).try_into().map_err(|e: toml::de::Error| SettingsError::Parse {
            origin: origins.join(", then "),
            reason: e.to_string().replace('\n', " ").trim().to_owned(),
        })
    }
}

fn parse(origin: &str, text: &str) -> Result<Table, SettingsError> {
    text.parse::<Table>()
        .map_err(|e| SettingsError::Parse { origin: origin.to_owned(), reason: e.to_string() })
}

/// Lays `over` on `table`, level by level.
fn merge(table: &mut Table, over: Table) {
    for (key, value) in over {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                table.insert(key, value);
            }
        }
    }
}

fn nest(levels: &[String], value: Value) -> Table {
    let Some((last, above)) = levels.split_last() else { return Table::new() };
    let bottom = Table::from_iter([(last.clone(), value)]);
    above
        .iter()
        .rev()
        .fold(bottom, |inner, level| Table::from_iter([(level.clone(), Value::Table(inner))]))
}

/// Reads an environment text as TOML where it is that (numbers, lists, true), else as text.
fn value_of(text: &str) -> Value {
    let parsed = format!("v = {text}").parse::<Table>().ok().and_then(|mut t| t.remove("v"));
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn the_environment_overrides_the_defaults() {
        let settings = Settings::load(
            None,
            env(&[("MUAVU__SERVE__LISTEN", "0.0.0.0:80"), ("MUAVU__FETCH__ENABLED", "false")]),
        )
        .unwrap();
        assert_eq!(settings.serve.listen.port(), 80);
        assert!(!settings.fetch.enabled);
        assert_eq!(settings.log.level, "warn");
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_known_ones() {
        let error = Settings::load(None, env(&[("MUAVU__SERVE__LISTENS", "1")])).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("listens") && text.contains("listen"), "{text}");
        assert!(text.contains("MUAVU__SERVE__LISTENS"), "{text}");
    }

    #[test]
    fn secrets_do_not_print() {
        let settings =
            Settings::load(None, env(&[("MUAVU__SOURCES__KEYS__MRC", "hunter2")])).unwrap();
        assert_eq!(settings.sources.keys["mrc"].expose(), "hunter2");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn a_secret_that_reads_as_a_number_is_refused_without_being_said() {
        for (text, part) in [("8675309", "8675309"), ("86.75", "86.75"), ("true", "true")] {
            let given = env(&[("MUAVU__OIDC__CLIENT_SECRET", text)]);
            let said = Settings::load(None, given).unwrap_err().to_string();
            assert!(said.contains("in quotes") && !said.contains(part), "{said}");
        }
        let quoted = env(&[("MUAVU__OIDC__CLIENT_SECRET", "\"8675309\"")]);
        assert_eq!(Settings::load(None, quoted).unwrap().oidc.client_secret.expose(), "8675309");
    }
}
