//! The morning's queue: what waits, ordered by what matters, and the groups that may be approved by
//! one deed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Console, words};
use crate::domain::{CommuneCode, Geography, Severity, hex};
use crate::frames::{Advisory, AdvisoryState, ReviewEvent};
use crate::publish::doors::{Right, Who};
use crate::review::signed;
use crate::storage::{Records, StorageError};

/// A draft in the queue.
#[derive(Debug, Clone)]
pub struct Item {
    /// The draft.
    pub advisory: Advisory,
    /// The last event of its log.
    pub seen: i64,
    /// Who has signed it, of two.
    pub signed: Vec<String>,
    /// Whether a person has changed its words.
    pub amended: bool,
    /// Its commune's name.
    pub commune: String,
    /// The river branch its water comes from, or none.
    pub branch: String,
}

/// What drafts must share to be approved by one deed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupKey {
    /// The most urgent first.
    pub severity: Reverse<Severity>,
    /// The rule.
    pub rule: String,
    /// What to do.
    pub action: String,
    /// The branch.
    pub branch: String,
}

impl Item {
    /// Returns the draft with what the queue shows of it.
    pub fn of(advisory: Advisory, log: &[ReviewEvent], geography: &Geography) -> Self {
        let water = geography.water.get(&advisory.commune);
        Self {
            seen: log.last().map_or(0, |e| e.sequence),
            signed: signed(log).into_iter().map(str::to_owned).collect(),
            amended: log.iter().any(|e| e.was.is_some()),
            commune: commune_name(geography, &advisory.commune),
            branch: water.map_or_else(String::new, |w| w.branch.clone()),
            advisory,
        }
    }

    /// Returns what it shares with others.
    pub fn group(&self) -> GroupKey {
        GroupKey {
            severity: Reverse(self.advisory.severity),
            rule: self.advisory.rule.clone(),
            action: self.advisory.action.clone(),
            branch: self.branch.clone(),
        }
    }

    /// Returns whether somebody may still approve it: it stands, and they have not signed it.
    pub fn waits_for(&self, name: &str, now: Timestamp) -> bool {
        self.advisory.expires_at > now && !self.signed.iter().any(|signed| signed == name)
    }

    /// Returns the place in the queue: what is over comes last; then the most urgent first, of those
    /// this morning's before older ones, then what waits only for a second person, what must be done
    /// soonest, and the surest; what is alike (one rule on one branch) stands together.
    pub fn order(&self, now: Timestamp) -> impl Ord + use<> {
        let a = &self.advisory;
        #[expect(clippy::cast_possible_truncation, reason = "a share of one in thousandths")]
        let sure = (a.confidence * 10.0).round() as i64;
        (
            a.expires_at <= now,
            Reverse(a.severity),
            Reverse(a.issued_at),
            self.signed.is_empty(),
            a.valid_from,
            a.rule.clone(),
            self.branch.clone(),
            Reverse(sure),
            a.commune.clone(),
            a.crop,
            a.id.clone(),
        )
    }
}

/// A group of drafts that one deed may approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they share.
    pub key: GroupKey,
    /// How many.
    pub count: usize,
    /// Fingerprint of the drafts and what was seen of each, so that none is approved unseen.
    pub digest: String,
}

/// What was read of the record store, by id and the number of the last event: an advisory changes only
/// with its log, so each is read and understood once, not once a page.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Arc<Mutex<HashMap<String, Arc<Item>>>>);

/// Advisories kept at hand at most; when there are more, all are read again.
const AT_HAND: usize = 20_000;

impl Shelf {
    /// Returns the advisories in this state, in no order.
    ///
    /// # Errors
    /// [`StorageError`] when the record store cannot be read.
    pub async fn in_state(
        &self,
        records: &Records,
        geography: &Geography,
        state: AdvisoryState,
    ) -> Result<Vec<Arc<Item>>, StorageError> {
        let standing = records.standing(state).await?;
        let (mut items, mut missing) = (Vec::with_capacity(standing.len()), Vec::new());
        {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (id, last) in standing {
                match known.get(&id) {
                    Some(item) if item.seen == last => items.push(Arc::clone(item)),
                    _ => missing.push(id),
                }
            }
        }
        let read = records.with_logs(&missing).await?;
        let read = read.into_iter().map(|(a, log)| Arc::new(Item::of(a, &log, geography)));
        let read: Vec<Arc<Item>> = read.filter(|item| item.advisory.state == state).collect();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() + read.len() > AT_HAND {
            known.clear();
        }
        known.extend(read.iter().map(|item| (item.advisory.id.clone(), Arc::clone(item))));
        items.extend(read);
        Ok(items)
    }
}

/// Returns the drafts somebody may see (`right`), in order.
///
/// # Errors
/// [`StorageError`] when the record store cannot be read.
pub async fn waiting(
    console: &Console,
    who: &Who,
    right: Right,
) -> Result<Vec<Arc<Item>>, StorageError> {
    let mut items = console.standing(AdvisoryState::Draft).await?;
    items.retain(|item| who.may(right, &item.advisory.commune));
    let now = (console.now)();
    items.sort_by_cached_key(|item| item.order(now));
    Ok(items)
}

/// Returns the groups of those that somebody may still approve, the largest first within an urgency.
pub fn groups(items: &[Arc<Item>], name: &str, now: Timestamp) -> Vec<Group> {
    let mut by_key: BTreeMap<GroupKey, Vec<&Item>> = BTreeMap::new();
    for item in items.iter().filter(|item| item.waits_for(name, now)) {
        by_key.entry(item.group()).or_default().push(&**item);
    }
    let group = |(key, members): (GroupKey, Vec<&Item>)| Group {
        key,
        count: members.len(),
        digest: digest(&members),
    };
    let mut groups: Vec<Group> = by_key.into_iter().map(group).collect();
    groups.sort_by(|a, b| {
        (a.key.severity, Reverse(a.count), &a.key).cmp(&(b.key.severity, Reverse(b.count), &b.key))
    });
    groups
}

/// Returns the fingerprint of drafts as they were seen.
pub fn digest(items: &[&Item]) -> String {
    let mut seen: Vec<String> =
        items.iter().map(|item| format!("{} {}\n", item.advisory.id, item.seen)).collect();
    seen.sort_unstable();
    hex(&Sha256::digest(seen.concat().as_bytes()))
}

/// Returns a commune's name with its kind, `xã Quới An`.
pub fn commune_name(geography: &Geography, code: &CommuneCode) -> String {
    let known = geography.communes.iter().find(|c| c.code == *code);
    known.map_or_else(|| code.to_string(), |c| format!("{} {}", c.kind, c.name))
}

/// Returns the line that says most of an advisory: its answer, below the headline.
pub fn gist(advisory: &Advisory) -> String {
    let lines = || advisory.text_vi.lines().filter(|line| !line.trim().is_empty());
    let line = lines().find(|line| line.starts_with("Ngày mai")).or_else(|| lines().nth(1));
    line.or_else(|| lines().next()).unwrap_or_default().to_owned()
}

/// Returns a branch's name for people.
pub fn branch_name(geography: &Geography, branch: &str) -> String {
    match geography.branches.get(branch) {
        Some(known) => known.name_vi.clone(),
        None if branch.is_empty() => "không theo nhánh sông".to_owned(),
        None => branch.to_owned(),
    }
}

/// Returns what a group is called.
pub fn group_name(console: &Console, key: &GroupKey) -> String {
    let severity = words::severity(key.severity.0);
    let branch = branch_name(&console.geography, &key.branch);
    format!("{severity} · {} · {branch}", console.rule_title(&key.rule))
}
