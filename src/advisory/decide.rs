//! From forecasts to advice: one answer per commune and crop, the most urgent rule speaking and
//! the others named, or a plain statement why there is none.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::AdvisoryError;
use super::alone::{self, WorkOnly};
use super::citing::{Citing, SourceLines};
use super::judge::{Finding, Judge, Outcome};
use super::outlook::{CommuneInput, DayOutlook, Field, NoValue, SaltOutlook};
use super::rule::{Limit, Rule};
use super::rulebook::Rulebook;
use super::text::{self, Told};
use super::words::{Lang, Words};
use super::work::{self, plan::Week};
use crate::domain::time::{add_days, day_start, local_date};
use crate::domain::{CommuneCode, Crop, Severity, hex};
use crate::frames::{Advisory, AdvisoryState, Evidence, WeekPlan};

/// Days an advisory of work alone stands, as those of salt do: tomorrow's replaces it.
const WORK_STANDS_DAYS: i64 = 2;

/// The quantiles that bound the 80 % interval, as positions in [`crate::domain::LEVELS`].
const INTERVAL_80: (usize, usize) = (1, 5);

/// The run that asks for advice.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// When the advice is issued; its local date is "today".
    pub issued_at: Timestamp,
    /// The run's id.
    pub run_id: String,
    /// Whether the forecasts come from the shipped sample.
    pub sample: bool,
    /// The advisories now standing, by commune and crop: the new ones supersede them.
    pub standing: BTreeMap<(CommuneCode, Crop), String>,
}

/// A commune, or one crop in it, that gets no answer today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// The commune.
    pub commune: CommuneCode,
    /// The crop; None when it holds for the whole commune.
    pub crop: Option<Crop>,
    /// Why.
    pub reason: NoValue,
    /// Vietnamese text.
    pub text_vi: String,
    /// English text.
    pub text_en: String,
}

/// Everything a morning has to say, in order of commune and crop.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decided {
    /// Drafts, one per commune and crop.
    pub advisories: Vec<Advisory>,
    /// The communes and crops without an answer.
    pub silent: Vec<Silence>,
    /// Forecasts that could not be used; their communes are among the silent.
    pub problems: Vec<AdvisoryError>,
}

/// Returns the drafts for these communes; every commune and crop is answered or silent.
///
/// # Errors
/// [`AdvisoryError::Message`] when a message is missing (a test keeps them whole).
pub fn decide(
    rulebook: &Rulebook,
    words: &Words,
    context: &Context,
    communes: &[CommuneInput],
) -> Result<Decided, AdvisoryError> {
    let today = local_date(context.issued_at);
    let room = Room { rulebook, words, context, today };
    let mut ordered: Vec<&CommuneInput> = communes.iter().collect();
    ordered.sort_by(|a, b| a.outlook.commune.cmp(&b.outlook.commune));
    let mut decided = Decided::default();
    for commune in ordered {
        room.commune(commune, &mut decided)?;
    }
    Ok(decided)
}

/// What every step of one call shares.
struct Room<'a> {
    rulebook: &'a Rulebook,
    words: &'a Words,
    context: &'a Context,
    today: Date,
}

impl Room<'_> {
    fn commune(&self, input: &CommuneInput, out: &mut Decided) -> Result<(), AdvisoryError> {
        let outlook = &input.outlook;
        let days = match outlook.ahead(self.today) {
            Ok(days) => days,
            Err(problem) => {
                out.problems.push(problem);
                Vec::new()
            }
        };
        let tomorrow = add_days(self.today, 1);
        let whole = outlook.reason_none.or_else(|| {
            if !days.iter().any(|d| d.day == tomorrow) {
                Some(NoValue::NotForecast)
            } else if input.fields.is_empty() {
                Some(NoValue::NoCrop)
            } else {
                None
            }
        });
        if let Some(reason) = whole {
            out.silent.push(self.silence(outlook, None, reason)?);
        }
        let mut fields: BTreeMap<Crop, Field> = BTreeMap::new();
        for field in &input.fields {
            fields.entry(field.crop).or_insert(*field);
        }
        for field in fields.into_values() {
            let days = if whole.is_none() { days.as_slice() } else { &[] };
            self.field(input, field, (days, whole), out)?;
        }
        Ok(())
    }

    /// Answers for one field: salt and the week's work, or the work alone, or nothing.
    fn field(
        &self,
        input: &CommuneInput,
        field: Field,
        (days, whole): (&[&DayOutlook], Option<NoValue>),
        out: &mut Decided,
    ) -> Result<(), AdvisoryError> {
        let outlook = &input.outlook;
        let judge = Judge::new(self.rulebook.rules(), field, self.today, days);
        let findings = findings(&judge);
        let answer = judge.answer().filter(|_| !findings.is_empty());
        let told: &[Finding<'_>] = if answer.is_some() { &findings } else { &[] };
        let plan = self.plan(input, field, told)?;
        if let (Some(answer), [first, others @ ..]) = (answer, told) {
            let (judge, answer, plan, room) = (&judge, &answer, &plan, self.telling());
            let told = Told { outlook, judge, answer, first, others, plan, room };
            out.advisories.push(self.advisory(&told, days)?);
            return Ok(());
        }
        if whole.is_none() {
            out.silent.push(self.silence(outlook, Some(field.crop), NoValue::NoRule)?);
        }
        if !plan.work.is_empty() {
            let no_salt = Some(whole.unwrap_or(NoValue::NoRule));
            let told = WorkOnly { outlook, field, no_salt, plan: &plan, room: self.telling() };
            out.advisories.push(self.work_only(&told)?);
        }
        Ok(())
    }

    /// Returns the week's plan of a field beside what the salt rules say.
    fn plan(
        &self,
        input: &CommuneInput,
        field: Field,
        salt: &[Finding<'_>],
    ) -> Result<WeekPlan, AdvisoryError> {
        let Some(readings) = input.readings.get(&field.crop) else {
            return Ok(WeekPlan::default());
        };
        let salt_actions: Vec<&str> = salt.iter().map(|f| f.level.action.as_str()).collect();
        let emergency = salt.first().is_some_and(|f| f.level.severity == Severity::Emergency);
        let week = Week {
            field,
            today: self.today,
            readings,
            salt_actions: &salt_actions,
            verified_only: emergency,
        };
        let plan = work::plan::plan(self.rulebook.work(), self.rulebook.sources(), &week)?;
        self.telling().teller().stored(&plan)
    }

    fn telling(&self) -> text::Telling<'_> {
        text::Telling {
            words: self.words,
            sources: self.rulebook.sources(),
            today: self.today,
            sample: self.context.sample,
        }
    }

    fn advisory(&self, told: &Told<'_>, days: &[&DayOutlook]) -> Result<Advisory, AdvisoryError> {
        let (field, first, context) = (told.judge.field(), told.first, self.context);
        let commune = told.outlook.commune.clone();
        let mut sources = self.sources(told)?;
        sources.en.extend(told.plan.work.iter().flat_map(|work| work.sources.iter().cloned()));
        sources.vi.extend(told.plan.work.iter().flat_map(|work| work.sources_vi.iter().cloned()));
        Ok(Advisory {
            id: id(&commune, field.crop, &first.rule.id, &self.context.run_id),
            crop: field.crop,
            stage: field.stage,
            rule: first.rule.id.clone(),
            hazard: first.rule.hazard.clone(),
            severity: told.severity(),
            action: first.level.action.clone(),
            issued_at: context.issued_at,
            valid_from: context.issued_at,
            expires_at: self.expiry(told.outlook, first.rule.stands_days)?,
            evidence: evidence(self.words, told.judge, first, days)?,
            confidence: confidence(first),
            sources: sources.en,
            sources_vi: sources.vi,
            plan: told.plan.clone(),
            text_vi: text::advisory(told, Lang::Vi)?,
            text_en: text::advisory(told, Lang::En)?,
            state: AdvisoryState::Draft,
            supersedes: context.standing.get(&(commune.clone(), field.crop)).cloned(),
            sample: context.sample,
            run_id: context.run_id.clone(),
            commune,
        })
    }

    /// Returns the advisory of a field without a salt answer: its first work speaks.
    fn work_only(&self, told: &WorkOnly<'_>) -> Result<Advisory, AdvisoryError> {
        let (field, context, work) = (told.field, self.context, &told.plan.work);
        let commune = told.outlook.commune.clone();
        let first = &work[0];
        let last = add_days(self.today, WORK_STANDS_DAYS - 1);
        Ok(Advisory {
            id: id(&commune, field.crop, &first.rule, &self.context.run_id),
            crop: field.crop,
            stage: field.stage,
            rule: first.rule.clone(),
            hazard: first.hazard.clone(),
            severity: first.severity,
            action: first.action.clone(),
            issued_at: context.issued_at,
            valid_from: context.issued_at,
            expires_at: self.expiry(told.outlook, WORK_STANDS_DAYS)?,
            evidence: work.iter().flat_map(|work| work.evidence.iter().cloned()).collect(),
            confidence: first.confidence,
            sources: work.iter().flat_map(|work| work.sources.iter().cloned()).collect(),
            sources_vi: work.iter().flat_map(|work| work.sources_vi.iter().cloned()).collect(),
            plan: told.plan.clone(),
            text_vi: alone::work_only(told, last, Lang::Vi)?,
            text_en: alone::work_only(told, last, Lang::En)?,
            state: AdvisoryState::Draft,
            supersedes: context.standing.get(&(commune.clone(), field.crop)).cloned(),
            sample: context.sample,
            run_id: context.run_id.clone(),
            commune,
        })
    }

    fn expiry(&self, outlook: &SaltOutlook, stands_days: i64) -> Result<Timestamp, AdvisoryError> {
        day_start(add_days(self.today, stands_days)).map_err(|e| AdvisoryError::Outlook {
            commune: outlook.commune.to_string(),
            reason: e.to_string(),
        })
    }

    /// Returns one line per claim and practice behind the answer: those of the rule that speaks
    /// and of every rule of the crop that has a limit, since they all shape the answer.
    fn sources(&self, told: &Told<'_>) -> Result<SourceLines, AdvisoryError> {
        let speaks = told.first.rule;
        let citing = Citing { words: self.words, sources: self.rulebook.sources() };
        let mut lines = SourceLines::default();
        for rule in told.judge.rules() {
            if rule.id != speaks.id && rule.limits.is_empty() {
                continue;
            }
            for limit in &rule.limits {
                citing.claims(&rule.id, &rule.unit, limit, &mut lines)?;
            }
            citing.practice(&rule.id, &rule.practice, &mut lines)?;
            citing.replay(&rule.id, rule.valid_from, self.today, &mut lines)?;
        }
        if told.outlook.place_unverified {
            lines.put(|lang| citing.place(lang, told.outlook.note(lang)))?;
        }
        Ok(lines)
    }

    fn silence(
        &self,
        outlook: &SaltOutlook,
        crop: Option<Crop>,
        reason: NoValue,
    ) -> Result<Silence, AdvisoryError> {
        let say = |lang| text::silence(self.telling(), outlook, crop, reason, lang);
        Ok(Silence {
            commune: outlook.commune.clone(),
            crop,
            reason,
            text_vi: say(Lang::Vi)?,
            text_en: say(Lang::En)?,
        })
    }
}

/// Returns the rules that fire, the most urgent first.
fn findings<'a>(judge: &Judge<'a>) -> Vec<Finding<'a>> {
    let fires = |rule: &&'a Rule| match judge.outcome(rule) {
        Outcome::Fires(finding) => Some(finding),
        Outcome::Silent | Outcome::Missing => None,
    };
    let mut findings: Vec<Finding<'a>> = judge.rules().iter().filter_map(fires).collect();
    findings.sort_by(|a, b| {
        let key = |f: &Finding<'_>| (std::cmp::Reverse(f.level.severity), f.rule.rank);
        key(a).cmp(&key(b)).then_with(|| a.rule.id.cmp(&b.rule.id))
    });
    findings
}

/// Returns the probability behind the decision: of being beyond the limit when a rule holds water
/// back, of staying within it when water may be taken.
fn confidence(finding: &Finding<'_>) -> f64 {
    let beyond = finding.limit.beyond(&finding.day.quantiles);
    if finding.level.severity == Severity::Normal { 1.0 - beyond } else { beyond }
}

/// Returns the deciding day first, then every forecast day against the limit that binds it.
fn evidence(
    words: &Words,
    judge: &Judge<'_>,
    first: &Finding<'_>,
    days: &[&DayOutlook],
) -> Result<Vec<Evidence>, AdvisoryError> {
    let mut all = vec![held(words, first.rule, first.limit, first.day)?];
    for day in days {
        if let Some((rule, limit)) = judge.binding(day) {
            let next = held(words, rule, limit, day)?;
            let same =
                next.day == all[0].day && next.threshold.total_cmp(&all[0].threshold).is_eq();
            if !same {
                all.push(next);
            }
        }
    }
    Ok(all)
}

fn held(
    words: &Words,
    rule: &Rule,
    limit: &Limit,
    day: &DayOutlook,
) -> Result<Evidence, AdvisoryError> {
    let values = day.quantiles.values();
    Ok(Evidence {
        quantity: rule.quantity.clone(),
        value: day.quantiles.median(),
        low: values[INTERVAL_80.0],
        high: values[INTERVAL_80.1],
        threshold: limit.value(),
        unit: rule.unit.clone(),
        probability: day.quantiles.probability_above(limit.value()),
        day: day.day,
        basis: day.basis.told(words, Lang::En)?,
        basis_vi: day.basis.told(words, Lang::Vi)?,
        data_age_h: day.data_age_h,
        read_from: None,
    })
}

/// Returns the stable id: 128 bits of the SHA-256 of commune, crop, rule and run. A run is named by its
/// issue time and inputs, so the same inputs give the same id.
fn id(commune: &CommuneCode, crop: Crop, rule: &str, run_id: &str) -> String {
    let digest = Sha256::digest(format!("muavu.advisory.1|{commune}|{crop}|{rule}|{run_id}"));
    hex(&digest[..16])
}
