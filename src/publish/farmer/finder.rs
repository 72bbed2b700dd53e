//! Finds a commune by its name with or without diacritics, by what it was called before July 2025,
//! by its old district, or by a point on the map.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::geography::{GeographyError, table};
use crate::domain::{CommuneCode, Geography, place};

/// Longest text searched for, characters: no name has half as many.
const QUERY_MAX: usize = 60;
/// Most communes shown for one search.
const SHOWN_MAX: usize = 24;
/// Typing errors forgiven, and from which length of name on.
const TYPOS: (usize, usize) = (1, 4);
/// Mean radius of the earth, km.
const EARTH_KM: f64 = 6371.0;

/// An old commune, ward or township and where it is now.
#[derive(Debug, Clone, Deserialize)]
struct OldRow {
    code: CommuneCode,
    old_name: String,
    old_district: String,
    partly: u8,
}

/// Why a commune was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// By its own name.
    Name,
    /// It was, wholly or in part, this commune of this district.
    Was {
        /// Its old name with its kind, "Xã Mỹ An".
        old: String,
        /// Its old district, "huyện Mang Thít".
        district: String,
        /// Whether the old commune was parted.
        partly: bool,
    },
    /// It lies in this old district.
    District(String),
}

/// A commune that fits a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The commune.
    pub code: CommuneCode,
    /// Why.
    pub because: Because,
}

/// What a search found, the best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The communes.
    pub hits: Vec<Hit>,
    /// Whether they only resemble what was typed.
    pub by_typo: bool,
    /// Whether the first hit has exactly the name typed, and no other has.
    pub sure: bool,
}

#[derive(Debug)]
struct Entry {
    code: CommuneCode,
    folded: String,
    /// The name in lower case with its accents, old tone marks.
    accented: String,
    because: Because,
}

/// The index of names.
#[derive(Debug)]
pub struct Finder {
    entries: Vec<Entry>,
    slugs: BTreeMap<String, CommuneCode>,
    points: Vec<(CommuneCode, f64, f64)>,
}

impl Finder {
    /// Returns the index of the shipped names.
    ///
    /// # Errors
    /// [`GeographyError`] when a shipped table is broken (a test keeps it whole).
    pub fn shipped(geography: &Geography) -> Result<Self, GeographyError> {
        let text = include_str!("../../../data/reference/old_communes.csv");
        let old: Vec<OldRow> = table("old_communes.csv", text)?;
        let mut entries = Vec::new();
        for commune in &geography.communes {
            for name in [&commune.name, &commune.name_new_tone] {
                entries.push(Entry::new(&commune.code, name, Because::Name));
            }
        }
        for row in &old {
            let because = Because::Was {
                old: row.old_name.clone(),
                district: row.old_district.clone(),
                partly: row.partly == 1,
            };
            let bare = without_kind(&row.old_name);
            // Wards were numbered: "Phường 8" is known by its whole name only.
            let name = if bare.chars().all(|c| c.is_ascii_digit()) { &row.old_name } else { bare };
            entries.push(Entry::new(&row.code, name, because));
        }
        for row in &old {
            let because = Because::District(row.old_district.clone());
            entries.push(Entry::new(&row.code, without_kind(&row.old_district), because));
        }
        let slugs = geography.communes.iter().map(|c| (slug(&c.name), c.code.clone())).collect();
        let points = geography.communes.iter().map(|c| (c.code.clone(), c.lat, c.lon)).collect();
        Ok(Self { entries, slugs, points })
    }

    /// Returns the commune of a friendly address, `phu-khuong`.
    #[must_use]
    pub fn by_slug(&self, text: &str) -> Option<&CommuneCode> {
        self.slugs.get(&slug(text))
    }

    /// Returns the communes that fit what was typed: names that are it, then that begin with it,
    /// then that hold it; new names before old ones before districts. Where none does, those one
    /// letter away.
    #[must_use]
    pub fn find(&self, typed: &str) -> Found {
        let typed: String = typed.chars().take(QUERY_MAX).collect();
        let (folded, accented) = folded_query(&typed);
        if folded.is_empty() {
            return Found::default();
        }
        let exact = self.ranked(|e| e.rank(&folded, &accented));
        if !exact.is_empty() {
            let sure = exact.iter().filter(|(rank, _)| rank.0 == 0).count() == 1;
            return Found { hits: shown(exact), by_typo: false, sure };
        }
        let near = |e: &Entry| {
            let long = folded.chars().count() >= TYPOS.1;
            (long && edits(&e.folded, &folded) <= TYPOS.0).then_some((0, kind(&e.because), 0))
        };
        let hits = shown(self.ranked(near));
        Found { by_typo: !hits.is_empty(), hits, sure: false }
    }

    /// Returns the best entry of each commune that has a rank, in order of rank.
    fn ranked(&self, rank: impl Fn(&Entry) -> Option<Rank>) -> Vec<(Rank, Hit)> {
        let mut best: BTreeMap<&CommuneCode, (Rank, &Entry)> = BTreeMap::new();
        for entry in &self.entries {
            let Some(rank) = rank(entry) else { continue };
            let held = best.entry(&entry.code).or_insert((rank, entry));
            if rank < held.0 {
                *held = (rank, entry);
            }
        }
        let hit = |(rank, e): (Rank, &Entry)| {
            (rank, Hit { code: e.code.clone(), because: e.because.clone() })
        };
        let mut hits: Vec<(Rank, Hit)> = best.into_values().map(hit).collect();
        hits.sort_by_key(|(rank, _)| *rank);
        hits
    }

    /// Returns the communes whose points lie nearest, with their distances in km.
    #[must_use]
    pub fn near(&self, lat: f64, lon: f64, count: usize) -> Vec<(CommuneCode, f64)> {
        let mut near: Vec<(CommuneCode, f64)> = self
            .points
            .iter()
            .map(|(code, to_lat, to_lon)| (code.clone(), km((lat, lon), (*to_lat, *to_lon))))
            .collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1));
        near.truncate(count);
        near
    }
}

/// How well a name fits: how, what kind of name, and whether the accents differ. Less is better.
type Rank = (u8, u8, u8);

impl Entry {
    fn new(code: &CommuneCode, name: &str, because: Because) -> Self {
        let accented = name.to_lowercase();
        Self { code: code.clone(), folded: fold(name), accented, because }
    }

    fn rank(&self, folded: &str, accented: &str) -> Option<Rank> {
        let how = if self.folded == folded {
            0
        } else if self.folded.starts_with(folded) {
            1
        } else if self.folded.contains(&format!("_{folded}")) {
            2
        } else if folded.len() >= 3 && self.folded.contains(folded) {
            3
        } else {
            return None;
        };
        let differs = u8::from(!self.accented.contains(accented));
        Some((how, kind(&self.because), differs))
    }
}

fn shown(ranked: Vec<(Rank, Hit)>) -> Vec<Hit> {
    ranked.into_iter().take(SHOWN_MAX).map(|(_, hit)| hit).collect()
}

const fn kind(because: &Because) -> u8 {
    match because {
        Because::Name => 0,
        Because::Was { .. } => 1,
        Because::District(_) => 2,
    }
}

/// Returns a name without accents, marks and case, words parted by `_`. Accents that stand apart
/// from their letter, as some keyboards send them, are dropped first.
fn fold(name: &str) -> String {
    let together: String = name.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).collect();
    place::slug(&together)
}

/// Returns a name as it stands in addresses.
#[must_use]
pub fn slug(name: &str) -> String {
    fold(name).replace('_', "-")
}

/// Returns what was typed, folded and as it is, without the word for the kind of place.
fn folded_query(typed: &str) -> (String, String) {
    let folded = fold(typed);
    let kinds = ["xa_", "phuong_", "thi_tran_", "thi_xa_", "thanh_pho_", "huyen_", "tt_", "tp_"];
    let kind = kinds.into_iter().find(|kind| folded.starts_with(kind));
    let rest = kind.map_or("", |kind| &folded[kind.len()..]);
    // "Phường 8" without its kind is only a number.
    if rest.is_empty() || rest.chars().all(|c| c.is_ascii_digit()) {
        return (folded, typed.trim().to_lowercase());
    }
    (rest.to_owned(), without_kind(typed.trim()).to_lowercase())
}

/// Returns a name without "Xã", "Phường", "Huyện" and their like.
fn without_kind(name: &str) -> &str {
    let lower = name.to_lowercase();
    let kinds =
        ["xã ", "phường ", "thị trấn ", "thị xã ", "thành phố ", "huyện ", "tt ", "tp ", "tx "];
    let kind = kinds.into_iter().find(|kind| lower.starts_with(kind));
    let letters = kind.map_or(0, |kind| kind.chars().count());
    name.char_indices().nth(letters).map_or("", |(at, _)| &name[at..])
}

/// Returns how many letters must be put in, left out or changed to make one text of the other.
fn edits(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > TYPOS.0 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

/// Distance of two points (degrees) on a sphere, flat enough within a province, km.
fn km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let north = (b.0 - a.0).to_radians();
    let east = (b.1 - a.1).to_radians() * a.0.to_radians().cos();
    EARTH_KM * north.hypot(east)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finder() -> (Finder, Geography) {
        let geography = Geography::shipped().unwrap();
        (Finder::shipped(&geography).unwrap(), geography)
    }

    fn first(finder: &Finder, typed: &str) -> String {
        let found = finder.find(typed);
        let hit = found.hits.first().unwrap_or_else(|| panic!("{typed} was not found"));
        hit.code.as_str().to_owned()
    }

    #[test]
    fn a_name_is_found_with_and_without_accents_in_any_case_and_with_its_kind() {
        let (finder, geography) = finder();
        for commune in &geography.communes {
            for name in [&commune.name, &commune.name_new_tone] {
                assert_eq!(first(&finder, name), commune.code.as_str(), "{name}");
            }
            let found = finder.find(&slug(&commune.name).replace('-', " ").to_uppercase());
            assert!(found.hits.iter().any(|h| h.code == commune.code), "{}", commune.name);
        }
        for typed in ["Phú Khương", "phu khuong", "PHƯỜNG PHÚ KHƯƠNG", "phuong phu khuong"]
        {
            assert_eq!(first(&finder, typed), "28756", "{typed}");
        }
        // The accents apart from their letters, as some keyboards send them.
        assert_eq!(first(&finder, "Phu\u{301} Khu\u{31b}o\u{31b}ng"), "28756");
    }

    #[test]
    fn old_communes_and_districts_lead_to_the_new_ones_and_say_so() {
        let (finder, _) = finder();
        let found = finder.find("nhon thanh");
        assert_eq!(found.hits[0].code.as_str(), "28756");
        let Because::Was { old, district, partly } = &found.hits[0].because else {
            panic!("{found:?}")
        };
        assert_eq!((old.as_str(), district.as_str()), ("Xã Nhơn Thạnh", "Thành phố Bến Tre"));
        assert!(!partly);
        let district = finder.find("huyện Mang Thít");
        assert!(district.hits.len() >= 4, "{district:?}");
        let ward = finder.find("phuong 8");
        assert!(ward.hits.iter().any(|h| h.code.as_str() == "28756"), "{ward:?}");
    }

    #[test]
    fn one_wrong_letter_is_forgiven_and_said_and_nonsense_finds_nothing() {
        let (finder, _) = finder();
        let found = finder.find("phu khuang");
        assert!(found.by_typo && found.hits[0].code.as_str() == "28756", "{found:?}");
        for typed in ["", "   ", "<script>alert(1)</script>", "xyzzyx", "\u{0}", "%", "'--"] {
            assert_eq!(finder.find(typed), Found::default(), "{typed:?}");
        }
        assert_eq!(finder.find(&"a".repeat(100_000)), Found::default());
    }

    #[test]
    fn every_commune_has_an_address_of_its_own_and_lies_nearest_to_itself() {
        let (finder, geography) = finder();
        for commune in &geography.communes {
            assert_eq!(finder.by_slug(&slug(&commune.name)), Some(&commune.code));
            let near = finder.near(commune.lat, commune.lon, 3);
            assert_eq!((&near[0].0, near.len()), (&commune.code, 3));
        }
        // Cần Thơ to Vĩnh Long, about 29 km (two town halls).
        assert!((km((10.034, 105.787), (10.254, 105.973)) - 32.0).abs() < 4.0);
    }
}
