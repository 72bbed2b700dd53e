//! What listeners hear, in order, and again from where they left off.
//!
//! A line has a number that says its place in the order of all things. The newest lines are kept,
//! so that a listener whose connection broke goes on after the last line it heard; one that was
//! away for longer is told so.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;

use crate::domain::PlaceId;

/// Lines kept for listeners that come back: twenty seconds at the greatest load this is built for
/// (5,000 a second), half a day of an ordinary one.
const KEPT: usize = 100_000;

/// Lines a listener may be behind before it is told that it missed some.
const BEHIND_MAX: usize = 16_384;

/// The place of a line in the order of all things: record of the journal, and which of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineId(pub u64, pub u32);

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

impl FromStr for LineId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split_once('-')
            .and_then(|(number, part)| Some(Self(number.parse().ok()?, part.parse().ok()?)))
            .ok_or_else(|| format!("event id {text:?} is not of the form 1234-0"))
    }
}

/// One line: its id, its kind, where, and its JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its place in the order.
    pub id: LineId,
    /// Its kind, for listeners that choose.
    pub kind: &'static str,
    /// Where.
    pub place: PlaceId,
    /// What, as one JSON object.
    pub json: String,
}

/// The lines of one stream.
#[derive(Debug, Clone)]
pub struct Feed {
    kept: Arc<Mutex<Kept>>,
    to: broadcast::Sender<Arc<Line>>,
}

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<Arc<Line>>,
    /// The newest line that was told and is no longer kept.
    gone: Option<LineId>,
}

/// A listener's share: what it missed, what comes, and whether something between is gone.
#[derive(Debug)]
pub struct Listening {
    /// Lines after the one it heard last.
    pub missed: Vec<Arc<Line>>,
    /// Lines to come.
    pub coming: broadcast::Receiver<Arc<Line>>,
    /// Whether lines after the one it heard last are no longer kept.
    pub gap: bool,
}

impl Default for Feed {
    fn default() -> Self {
        Self { kept: Arc::default(), to: broadcast::channel(BEHIND_MAX).0 }
    }
}

impl Feed {
    /// Says which line was the last told before this feed began.
    pub fn begins_after(&self, gone: Option<LineId>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).gone = gone;
    }

    /// Tells every listener a line, and keeps it for those who come back.
    pub fn tell(&self, line: Line) {
        let line = Arc::new(line);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.lines.len() == KEPT {
            kept.gone = kept.lines.pop_front().map(|line| line.id);
        }
        kept.lines.push_back(Arc::clone(&line));
        // Sent under the lock, so that nobody who begins to listen hears it twice or never.
        // An error only says that nobody listens.
        let _nobody = self.to.send(line);
    }

    /// Begins to listen, after the line `after` if one is given.
    #[must_use]
    pub fn listen(&self, after: Option<LineId>) -> Listening {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let coming = self.to.subscribe();
        let Some(after) = after else { return Listening { missed: vec![], coming, gap: false } };
        let from = kept.lines.partition_point(|line| line.id <= after);
        let gap = kept.gone.is_some_and(|gone| after < gone);
        Listening { missed: kept.lines.iter().skip(from).cloned().collect(), coming, gap }
    }

    /// Returns how many listen.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.to.receiver_count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64, part: u32) -> Line {
        let place = "canal:a".parse().unwrap();
        Line { id: LineId(number, part), kind: "reading", place, json: "{}".into() }
    }

    #[tokio::test]
    async fn who_comes_back_hears_what_it_missed_once_and_then_what_comes() {
        let feed = Feed::default();
        for number in 1..=3 {
            feed.tell(line(number, 0));
        }
        let mut back = feed.listen(Some(LineId(1, 0)));
        feed.tell(line(4, 0));
        let missed: Vec<u64> = back.missed.iter().map(|l| l.id.0).collect();
        assert_eq!((missed, back.gap), (vec![2, 3], false));
        assert_eq!(back.coming.recv().await.unwrap().id, LineId(4, 0));
    }

    #[test]
    fn who_was_away_too_long_is_told() {
        let feed = Feed::default();
        assert!(!feed.listen(Some(LineId(0, 0))).gap, "nothing was ever told");
        feed.begins_after(Some(LineId(9, 2)));
        for number in 12..=14 {
            feed.tell(line(number, 0));
        }
        assert!(feed.listen(Some(LineId(9, 1))).gap);
        assert!(!feed.listen(Some(LineId(9, 2))).gap);
        assert!(!feed.listen(None).gap);
        for number in 15..=14 + KEPT as u64 {
            feed.tell(line(number, 0));
        }
        assert!(feed.listen(Some(LineId(13, 0))).gap);
        assert!(!feed.listen(Some(LineId(14, 0))).gap);
    }

    #[test]
    fn ids_survive_text() {
        assert_eq!("12-3".parse::<LineId>().unwrap().to_string(), "12-3");
        assert!("12".parse::<LineId>().unwrap_err().contains("1234-0"));
    }
}
