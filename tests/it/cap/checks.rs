//! What CAP forbids is refused with words that say what to change.

use muavu::publish::cap::{Alert, CapError, Info, Language, NamedValue, Scope};

use super::sample::{self, at};

/// Returns what is refused in the sample after a change.
fn refused(change: impl FnOnce(&mut Alert)) -> Vec<String> {
    let mut alert = sample::alert();
    change(&mut alert);
    alert.check().unwrap_err().0.iter().map(CapError::to_string).collect()
}

/// Returns what is refused after the same change to each language.
fn refused_in_all(change: impl Fn(&mut Info)) -> Vec<String> {
    refused(|alert| alert.infos.iter_mut().for_each(change))
}

#[test]
fn the_samples_pass() {
    for alert in [sample::alert(), sample::update(), sample::cancel()] {
        assert!(alert.check().is_ok());
    }
}

#[test]
fn information_that_expires_before_it_holds_is_refused() {
    let early = refused_in_all(|info| info.expires = at("2026-11-22T07:05:00+07:00"));
    assert_eq!(
        early[0],
        "info in vi-VN expires at 2026-11-22T07:05:00+07:00, not after sent \
         2026-11-22T07:05:00+07:00"
    );
    assert_eq!(early.len(), 4, "sent and effective, in two languages: {early:?}");
    // The same instant in another offset is no later.
    let same = refused_in_all(|info| info.expires = at("2026-11-22T00:05:00-00:00"));
    assert_eq!(same.len(), 4);
    let late = refused_in_all(|info| info.effective = Some(at("2026-12-01T00:00:00+07:00")));
    assert!(late[0].contains("not after effective 2026-12-01"), "{late:?}");
}

#[test]
fn an_event_may_begin_after_the_information_expires() {
    let mut alert = sample::alert();
    alert.infos.iter_mut().for_each(|i| i.onset = Some(at("2026-12-24T00:00:00+07:00")));
    assert!(alert.check().is_ok());
}

#[test]
fn places_that_no_machine_finds_are_refused() {
    let nowhere = refused_in_all(|info| {
        let area = &mut info.areas[0];
        (area.polygons, area.circles, area.geocodes) = (vec![], vec![], vec![]);
    });
    assert!(nowhere[0].contains("has no polygon, no circle and no geocode"), "{nowhere:?}");
    assert_eq!(refused_in_all(|info| info.areas.clear())[0], "area of info in vi-VN is empty");
    let unnamed = refused_in_all(|info| info.areas[0].area_desc = "\u{2}".into());
    assert_eq!(unnamed[1], "areaDesc of info in en is empty");
}

#[test]
fn what_must_be_said_is_said() {
    assert_eq!(refused(|alert| alert.infos.clear()), ["info is empty"]);
    let bare = refused_in_all(|info| {
        info.categories.clear();
        (info.event, info.headline) = (" ".into(), "\u{0}\r\n".into());
        info.parameters = vec![NamedValue::new("", "1")];
    });
    let named: Vec<_> = bare.iter().take(4).filter_map(|e| e.split(' ').next()).collect();
    assert_eq!(named, ["category", "event", "headline", "parameter"]);
    let scope = Scope::Restricted { restriction: String::new() };
    assert_eq!(refused(|alert| alert.envelope.scope = scope), ["restriction is empty"]);
    let nobody = Scope::Private { addresses: vec![] };
    assert_eq!(refused(|alert| alert.envelope.scope = nobody), ["addresses is empty"]);
}

#[test]
fn quotes_cannot_end_a_quoted_name() {
    let quoted = refused(|alert| alert.incidents = vec!["a\" b".into()]);
    assert!(quoted[0].starts_with("incidents \"a\\\" b\" holds a double quote"), "{quoted:?}");
}

#[test]
fn languages_say_the_same() {
    let twice = refused(|alert| alert.infos[1].language = Language::Vietnamese);
    assert_eq!(twice, ["two infos are in vi-VN"]);
    let other = refused(|alert| alert.infos[1].expires = at("2026-11-28T07:00:00+07:00"));
    assert_eq!(other, ["info in en has another expires than the first"]);
    let place = refused(|alert| alert.infos[1].areas[0].circles.clear());
    assert_eq!(place, ["info in en has another area than the first"]);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let mut alert = sample::alert();
    alert.codes = vec![String::new()];
    alert.infos[0].event.clear();
    alert.infos[1].headline.clear();
    let errors = alert.check().unwrap_err();
    assert_eq!(
        errors.to_string(),
        "not a CAP alert: code is empty; event of info in vi-VN is empty; \
         headline of info in en is empty"
    );
}
