//! The steps of review, by the table of transitions.

use super::*;
use crate::domain::{Crop, Severity, Stage};
use crate::frames::Evidence;
use crate::review::transitions::{ALLOWED, next};

const NOW: Timestamp = Timestamp::constant(1_268_611_200, 0);

fn hours(h: i64) -> Timestamp {
    NOW + jiff::SignedDuration::from_hours(h)
}

fn draft(severity: Severity) -> Advisory {
    Advisory {
        id: "a1".into(),
        commune: "28756".parse().unwrap(),
        crop: Crop::Durian,
        stage: Stage::Any,
        rule: "durian_salt".into(),
        hazard: "salt".into(),
        severity,
        action: "stop_irrigation".into(),
        issued_at: NOW,
        valid_from: NOW,
        expires_at: hours(41),
        evidence: vec![Evidence {
            quantity: "salinity_max_g_l".into(),
            value: 2.0,
            low: 1.0,
            high: 3.0,
            threshold: 0.3,
            unit: "g/L".into(),
            probability: 0.95,
            day: jiff::civil::date(2010, 3, 16),
            basis: "test".into(),
            basis_vi: String::new(),
            data_age_h: 7.0,
            read_from: None,
        }],
        confidence: 0.95,
        sources: vec!["secondary: letter 702".into()],
        sources_vi: Vec::new(),
        plan: crate::frames::WeekPlan::default(),
        text_vi: "Đóng cống.".into(),
        text_en: "Shut the sluice.".into(),
        state: AdvisoryState::Draft,
        supersedes: None,
        sample: false,
        run_id: "run".into(),
    }
}

fn act(who: &str) -> Act<'_> {
    Act { who, at: hours(1), reason: "seen with the neighbours' readings" }
}

fn policy() -> Policy {
    Policy::shipped().unwrap()
}

/// Returns the approved advisory and its log.
fn approved(severity: Severity) -> (Approved<Advisory>, Vec<ReviewEvent>) {
    match approve(&policy(), draft(severity), &[], &act("lan")).unwrap() {
        Reviewed::Approved { advisory, event } => (*advisory, vec![event]),
        Reviewed::Held { why, .. } => panic!("held: {why}"),
    }
}

#[test]
fn every_state_has_its_row_and_ended_states_stay_ended() {
    use AdvisoryState::{Approved, Draft, Expired, Published, Rejected, Superseded, Withdrawn};
    let all = [Draft, Approved, Published, Rejected, Withdrawn, Expired, Superseded];
    for from in all {
        assert_eq!(ALLOWED.iter().filter(|(state, _)| *state == from).count(), 1, "{from}");
        assert!(!next(from).contains(&Draft) || from == Draft, "{from} goes back to draft");
    }
    for ended in [Rejected, Withdrawn, Expired, Superseded] {
        assert!(next(ended).is_empty(), "{ended}");
    }
    assert!(!next(Draft).contains(&Published), "a draft may not be published");
}

#[test]
fn a_step_outside_the_table_is_refused_with_what_is_allowed() {
    let rejected = reject(draft(Severity::Warning), &[], &act("lan")).unwrap();
    let log = [rejected.event];
    let error = approve(&policy(), rejected.advisory, &log, &act("minh")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "advisory a1 is rejected and cannot become approved (allowed: nothing more)"
    );
    let error = withdraw(draft(Severity::Warning), &[], &act("lan")).unwrap_err().to_string();
    assert!(error.contains("allowed: draft, approved, rejected, expired, superseded"), "{error}");
}

#[test]
fn a_person_approves_publishes_and_withdraws_with_a_gapless_log() {
    let (proof, mut log) = approved(Severity::Warning);
    let (proof, event) = mark_published(proof, &log, hours(2)).unwrap();
    log.push(event);
    let moved = withdraw(proof.into_inner(), &log, &act("minh")).unwrap();
    log.push(moved.event);
    assert_eq!(moved.advisory.state, AdvisoryState::Withdrawn);
    let steps: Vec<_> = log.iter().map(|e| (e.sequence, e.to.as_str(), e.who.as_str())).collect();
    assert_eq!(
        steps,
        [(1, "approved", "lan"), (2, "published", "engine"), (3, "withdrawn", "minh")]
    );
}

#[test]
fn rejecting_and_withdrawing_need_a_reason_and_a_person() {
    let silent = Act { reason: "  ", ..act("lan") };
    let error = reject(draft(Severity::Warning), &[], &silent).unwrap_err();
    assert_eq!(error, ReviewError::NoReason { what: "rejecting" });
    for who in ["", " ", "engine", "policy:emergency"] {
        let error = approve(&policy(), draft(Severity::Warning), &[], &act(who)).unwrap_err();
        assert_eq!(error, ReviewError::Who { given: who.into() });
    }
}

#[test]
fn an_emergency_held_for_people_needs_two_different_ones() {
    let first = approve(&policy(), draft(Severity::Emergency), &[], &act("lan")).unwrap();
    let Reviewed::Held { advisory, event: Some(event), why } = first else { panic!("{first:?}") };
    assert!(why.contains("needs 2 persons"), "{why}");
    assert_eq!((event.from, event.to), (AdvisoryState::Draft, AdvisoryState::Draft));
    let log = [event];
    let again = approve(&policy(), (*advisory).clone(), &log, &act("lan")).unwrap_err();
    assert!(matches!(again, ReviewError::SamePerson { .. }), "{again}");
    let second = approve(&policy(), *advisory, &log, &act("minh")).unwrap();
    let Reviewed::Approved { event, .. } = second else { panic!("{second:?}") };
    assert_eq!(event.sequence, 2);
}

#[test]
fn the_policy_sends_a_sure_emergency_first_and_marks_it() {
    let sent = decide_by_policy(&policy(), draft(Severity::Emergency), &[], hours(1)).unwrap();
    let Reviewed::Approved { advisory, event } = sent else { panic!("{sent:?}") };
    assert_eq!(event.who, "policy:emergency");
    assert!(event.reason.contains("before review"), "{}", event.reason);
    assert!(advisory.get().text_vi.starts_with("TIN KHẨN, GỬI TRƯỚC KHI CÁN BỘ DUYỆT.\n"));
    assert!(advisory.get().text_en.starts_with("URGENT, SENT BEFORE REVIEW.\n"));
}

#[test]
fn the_policy_holds_everything_else_and_says_why() {
    let why = |advisory: Advisory| match decide_by_policy(&policy(), advisory, &[], hours(1)) {
        Ok(Reviewed::Held { event: None, why, .. }) => why,
        other => panic!("{other:?}"),
    };
    for severity in [Severity::Normal, Severity::Notice, Severity::Warning] {
        assert!(why(draft(severity)).contains("held for a person"));
    }
    let mut unverified = draft(Severity::Emergency);
    unverified.sources.push("unverified: QCVN 02-19".into());
    assert!(why(unverified).contains("unverified figure"));
    let mut old = draft(Severity::Emergency);
    old.evidence[0].data_age_h = 72.0;
    assert!(why(old).contains("72 h old, 48 h are allowed"));
    let mut doubtful = draft(Severity::Emergency);
    doubtful.confidence = 0.4;
    assert!(why(doubtful).contains("0.40"));
    let mut bare = draft(Severity::Emergency);
    bare.evidence.clear();
    assert!(why(bare).contains("no evidence"));
}

#[test]
fn the_sample_may_be_shown_even_where_figures_are_unverified() {
    let mut sample = draft(Severity::Normal);
    sample.sample = true;
    sample.sources.push("unverified: QCVN 02-19".into());
    let shown = decide_by_policy(&policy(), sample, &[], hours(1)).unwrap();
    assert!(matches!(shown, Reviewed::Approved { .. }), "{shown:?}");
}

#[test]
fn what_is_over_can_only_expire_and_what_stands_cannot() {
    let late = Act { at: hours(41), ..act("lan") };
    let error = approve(&policy(), draft(Severity::Warning), &[], &late).unwrap_err();
    assert!(matches!(error, ReviewError::Expired { .. }), "{error}");
    let error = expire(draft(Severity::Warning), &[], hours(40)).unwrap_err();
    assert!(matches!(error, ReviewError::StillStands { .. }), "{error}");
    let moved = expire(draft(Severity::Warning), &[], hours(41)).unwrap();
    assert_eq!(moved.advisory.state, AdvisoryState::Expired);
    let (proof, log) = approved(Severity::Warning);
    let error = mark_published(proof, &log, hours(41)).unwrap_err();
    assert!(matches!(error, ReviewError::Expired { .. }), "{error}");
}

#[test]
fn a_newer_advisory_ends_the_standing_one_and_is_named() {
    let (proof, log) = approved(Severity::Warning);
    let moved = supersede(proof.into_inner(), &log, "a2", hours(24)).unwrap();
    assert_eq!(moved.event.reason, "replaced by a2");
    assert_eq!(moved.event.sequence, 2);
}

#[test]
fn an_advisory_from_the_store_is_approved_only_if_its_log_proves_it() {
    let (proof, log) = approved(Severity::Warning);
    let stored = proof.into_inner();
    assert!(Approved::from_log(stored.clone(), &log).is_ok());
    let mut forged = draft(Severity::Warning);
    assert!(Approved::from_log(forged.clone(), &[]).is_err(), "a draft passed as approved");
    forged.state = AdvisoryState::Approved;
    let error = Approved::from_log(forged, &[]).unwrap_err().to_string();
    assert!(error.contains("the log ends in draft, the advisory is approved"), "{error}");
    let mut skipped = log.clone();
    skipped[0].sequence = 2;
    assert!(Approved::from_log(stored.clone(), &skipped).is_err());
    let mut foreign = log;
    foreign[0].advisory = "b7".into();
    assert!(Approved::from_log(stored, &foreign).is_err());
}
