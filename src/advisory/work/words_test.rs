//! The words of the plan: both languages whole, the glossary's terms, nothing that must not be said.

use std::collections::{BTreeMap, BTreeSet};

use crate::advisory::{Lang, Rulebook};

const GLOSSARY: &str = include_str!("../../../data/reference/glossary.csv");
const KHMER: &str = include_str!("../messages/km.ftl");

/// Returns the messages of a Fluent file by key, each on one line.
fn messages(text: &str) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    let mut key = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.split_once(" = ").filter(|_| !line.starts_with([' ', '}'])) {
            Some((name, text)) => {
                assert!(all.insert(name.into(), text.into()).is_none(), "{name} twice");
                key = name.into();
            }
            None if !line.is_empty() => all.get_mut(&key).unwrap().push_str(line),
            None => {}
        }
    }
    all
}

/// Returns the titles of all rules by id: English and Vietnamese.
fn titles() -> BTreeMap<String, (String, String)> {
    let book = Rulebook::shipped().unwrap();
    let salt = book.rules().iter().map(|r| (r.id.clone(), (r.title.clone(), r.title_vi.clone())));
    let work = book.work().rules().iter();
    let work = work.map(|r| (r.id.clone(), (r.title.clone(), r.title_vi.clone())));
    salt.chain(work).collect()
}

/// Returns why each level of each rule speaks: English and Vietnamese.
fn whys() -> BTreeMap<String, (String, String)> {
    let book = Rulebook::shipped().unwrap();
    let salt = book.rules().iter().flat_map(|rule| {
        rule.levels.iter().map(|level| (&rule.id, &level.why, &level.why_vi)).collect::<Vec<_>>()
    });
    let work = book.work().rules().iter().flat_map(|rule| {
        rule.levels.iter().map(|level| (&rule.id, &level.why, &level.why_vi)).collect::<Vec<_>>()
    });
    let all = salt.chain(work).enumerate();
    all.map(|(n, (rule, why, vi))| (format!("why {n}, {rule}"), (why.clone(), vi.clone())))
        .collect()
}

/// Returns the figures of a text, told alike in both languages.
fn figures(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
    let parts = parts.map(|p| p.trim_matches(['.', ',']).replace(',', "."));
    parts.filter(|p| !p.is_empty()).collect()
}

fn arguments(text: &str) -> BTreeSet<&str> {
    let name = |after: &'_ str| after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    text.split('$').skip(1).map(|after| &after[..name(after).unwrap_or(after.len())]).collect()
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_arguments() {
    let [vi, en] = [Lang::Vi, Lang::En].map(|lang| messages(lang.work_file()));
    assert!(vi.len() > 110, "only {} messages were found", vi.len());
    let keys = |all: &BTreeMap<String, String>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&vi), keys(&en));
    for (key, text) in &vi {
        assert_eq!(arguments(text), arguments(&en[key]), "{key}");
    }
    let salt = messages(Lang::Vi.file());
    assert!(vi.keys().all(|key| !salt.contains_key(key)), "a key is in both files");
}

#[test]
fn where_the_english_says_a_term_of_the_glossary_the_vietnamese_says_it_as_the_glossary_does() {
    let [mut vi, mut en] = [Lang::Vi, Lang::En].map(|lang| messages(lang.work_file()));
    for (rule, (title, title_vi)) in titles().into_iter().chain(whys()) {
        en.insert(format!("of rule {rule}"), title);
        vi.insert(format!("of rule {rule}"), title_vi);
    }
    let mut checked = 0;
    let mut wrong = Vec::new();
    for row in csv::Reader::from_reader(GLOSSARY.as_bytes()).records() {
        let row = row.unwrap();
        // "leaf / neck blast" and notes in brackets are taken apart; a sense of two words is not.
        let terms = |cell: &str| -> Vec<String> {
            cell.to_lowercase().split(['/', ';', ',']).map(|t| t.trim().to_owned()).collect()
        };
        let english = row[1].split('(').next().unwrap_or_default().to_lowercase();
        let english = english.trim();
        if english.contains('/') || !TERMS.contains(&english) {
            continue;
        }
        let vietnamese: Vec<String> = terms(&row[0])
            .iter()
            .map(|t| t.split('(').next().unwrap_or(t).trim().to_owned())
            .collect();
        for (key, text) in &en {
            let text = text.to_lowercase();
            let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
            let said = format!(" {} ", words.join(" ")).contains(&format!(" {english} "));
            if said {
                checked += 1;
                let own = vi[key].to_lowercase();
                if !vietnamese.iter().any(|term| own.contains(term.as_str())) {
                    wrong.push(format!("{key}: {english:?} is not told as {vietnamese:?}: {own}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked >= 60, "only {checked} uses of terms were found");
}

#[test]
fn every_rule_is_titled_in_vietnamese_with_the_figures_of_the_english_title() {
    let all = titles();
    for (rule, (title, title_vi)) in &all {
        assert!(!title_vi.is_ascii(), "{rule}: {title_vi} is not Vietnamese");
        // A line of the queue's groups on a phone is about 45 characters: two of them.
        assert!(title_vi.chars().count() <= 90, "{rule}: {title_vi} is no line");
        assert_eq!(figures(title_vi), figures(title), "{rule}");
    }
    let different: BTreeSet<&str> = all.values().map(|(_, title_vi)| title_vi.as_str()).collect();
    assert_eq!(different.len(), all.len(), "two rules have one title");
}

#[test]
fn every_level_of_every_rule_says_why_in_vietnamese_with_the_figures_of_the_english() {
    let all = whys();
    assert!(all.len() >= 106, "only {} levels", all.len());
    for (level, (why, why_vi)) in &all {
        assert!(!why_vi.is_ascii(), "{level}: {why_vi} is not Vietnamese");
        assert_eq!(figures(why_vi), figures(why), "{level}: {why_vi}");
        // Read alone beside a draft: there is nothing above to point at.
        assert!(!why.starts_with("As above") && !why_vi.contains("như trên"), "{level}: {why_vi}");
        let signed = |text: &str, words| text.contains(words);
        assert_eq!(
            signed(why, "an agronomist must sign"),
            signed(why_vi, "cán bộ nông nghiệp phải xem và ký"),
            "{level}"
        );
    }
}

/// The English terms of the glossary that mean one thing wherever the plan says them.
const TERMS: &[&str] = &[
    "lodging",
    "harvest",
    "spraying",
    "brown planthopper",
    "sheath blight",
    "bacterial leaf blight",
    "golden apple snail",
    "coconut black-headed caterpillar",
    "citrus greening",
    "durian",
    "coconut",
    "clam",
    "salinity",
    "fresh water",
    "ring dyke",
    "rain",
    "gust",
    "temperature",
    "humidity",
    "forecast",
    "price",
    "trader",
    "cooperative",
    "light-trap catch",
    "sowing to dodge bph",
];

#[test]
fn no_product_no_dose_no_order_to_sell_and_no_official_level_is_ever_named() {
    for lang in Lang::ALL {
        for (key, text) in messages(lang.work_file()) {
            let text = text.to_lowercase();
            for word in [
                "kg",
                " ml",
                "lít",
                "liều",
                "gam một",
                "bình 25",
                "hoạt chất",
                "dose",
                "product",
                "active ingredient",
                "cấp 1",
                "cấp 2",
                "cấp 3",
                "level 1",
                "level 2",
                "level 3",
                "bán ngay",
                "nên bán",
                "bán liền",
                "sell now",
                "should sell",
                "giữ lại chờ giá",
                "chlor",
                "imida",
                "fipronil",
                "carbendazim",
                "tricyclazole",
                "abamectin",
                "niclosamide",
            ] {
                assert!(!text.contains(word), "{} says {word:?} in {key}", lang.as_str());
            }
        }
    }
}

/// Words that a Khmer sentence takes from the glossary where the Vietnamese has them.
const WORDS: [(&str, &str); 5] = [
    ("cống", "ទ្វារទឹក"),
    ("độ mặn", "កម្រិតជាតិប្រៃ"),
    ("nước ngọt", "ទឹកសាប"),
    ("ruộng", "ស្រែ"),
    ("xuống giống", "សាបព្រោះ"),
];

#[test]
fn khmer_is_marked_holds_to_the_glossary_and_is_never_published() {
    assert!(KHMER.starts_with("# needs a native reader"));
    assert!(Lang::ALL.iter().all(|lang| lang.as_str() != "km"));
    let mut reader = csv::Reader::from_reader(GLOSSARY.as_bytes());
    let glossary: BTreeSet<String> =
        reader.records().map(|row| row.unwrap()[2].to_owned()).collect();
    assert!(WORDS.iter().all(|(_, word)| glossary.contains(*word)));
    let mut vietnamese = messages(Lang::Vi.file());
    vietnamese.extend(messages(Lang::Vi.work_file()));
    let (words, drafts) = KHMER.split_at(KHMER.find("# Drafts of sentences").unwrap());
    let words = messages(words);
    assert!(words.len() >= 20);
    for (key, text) in words {
        assert!(vietnamese.contains_key(&key), "{key} is no message");
        assert!(glossary.contains(&text), "{key}: {text} is not in the glossary");
    }
    for (key, text) in messages(drafts) {
        let original = vietnamese.get(&key).unwrap_or_else(|| panic!("{key} is no message"));
        assert_eq!(variables(&text), variables(original), "{key}");
        for (word, khmer) in WORDS {
            let missing = original.to_lowercase().contains(word) && !text.contains(khmer);
            assert!(!missing, "{key}: {word} is {khmer}");
        }
    }
}

/// Returns the variables of a message.
fn variables(text: &str) -> BTreeSet<String> {
    let after = text.split('$').skip(1);
    let name = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric()).collect();
    after.map(name).collect()
}
