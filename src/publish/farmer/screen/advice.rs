//! The answer, the reasons and today's work, quoted from the approved text.

use jiff::Timestamp;

use super::View;
use crate::domain::Crop;
use crate::domain::time::local_text;
use crate::frames::Advisory;
use crate::publish::farmer::picture;
use crate::publish::farmer::words::{Lang, Talk};
use crate::publish::today::{Answer, Standing, lines};

/// The box at the top.
pub(super) struct AnswerBox {
    pub class: String,
    pub question: String,
    pub icon: &'static str,
    pub word: String,
    pub over: bool,
    pub over_text: String,
    pub until_iso: Option<String>,
    pub lines: Vec<String>,
    pub sure: Option<Sure>,
    pub why: Vec<String>,
}

/// How sure, as ten dots and in words.
pub(super) struct Sure {
    pub dots: String,
    pub text: String,
}

impl View<'_> {
    /// The advice for the crop shown.
    pub(super) fn advice(&self) -> Option<&Standing> {
        self.crop?.advice.as_ref()
    }

    /// What else stands for the crop and is not over.
    fn also(&self) -> impl Iterator<Item = &Standing> {
        let also = self.crop.map(|c| c.also.as_slice()).unwrap_or_default();
        also.iter().filter(|other| !other.is_over(self.now))
    }

    fn text<'s>(&self, advisory: &'s Advisory) -> &'s str {
        match self.w.0 {
            Lang::Vi => &advisory.text_vi,
            Lang::En => &advisory.text_en,
        }
    }
}

/// Returns the box at the top: the answer, or plainly that there is none and since when.
pub(super) fn answer(view: &View<'_>) -> AnswerBox {
    let w = view.w;
    let question = w.say("question", &[("crop", &capital(&view.crop_name))]);
    let Some(standing) = view.advice() else { return none(view, question) };
    let advisory = standing.advisory.get();
    let text = view.text(advisory);
    let said = Answer::of(advisory);
    let word = match said {
        Some(Answer::Take) => w.t("answer-take"),
        Some(Answer::Test) => w.t("answer-test"),
        Some(Answer::Shut) => w.t("answer-shut"),
        None => w.t("answer-other"),
    };
    let over = standing.is_over(view.now);
    let expires = w.moment(advisory.expires_at);
    let class = if over { "old" } else { said.map_or("other", Answer::as_str) };
    let mut lines: Vec<String> = lines::held(text).map(str::to_owned).collect();
    if !over && !advisory.sample {
        lines.push(w.say("until", &[("time", &w.end(advisory.expires_at))]));
    }
    AnswerBox {
        class: class.to_owned(),
        question,
        icon: picture::sign(said),
        word,
        over,
        over_text: w.say("over", &[("time", &expires)]),
        // A kept page greys itself; the sample is of no day.
        until_iso: (!advisory.sample).then(|| iso(advisory.expires_at)),
        lines,
        sure: Some(sure(w, advisory, said)),
        why: lines::why(text).map(str::to_owned).collect(),
    }
}

fn sure(w: Talk, advisory: &Advisory, said: Option<Answer>) -> Sure {
    let odds = advisory.confidence.clamp(0.0, 1.0);
    let often = w.often(odds);
    let often = [("often", often.as_str())];
    let text = match said {
        Some(Answer::Take) => w.say("sure-usable", &often),
        Some(_) if matches!(advisory.crop, Crop::Shrimp | Crop::Clam) => {
            w.say("sure-outside", &often)
        }
        Some(_) if advisory.hazard == "salt" => w.say("sure-beyond", &often),
        _ => w.say("sure-shown", &often),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10")]
    let full = (odds * 10.0).round() as usize;
    Sure { dots: "●".repeat(full) + &"○".repeat(10_usize.saturating_sub(full)), text }
}

fn none(view: &View<'_>, question: String) -> AnswerBox {
    let w = view.w;
    let mut lines = Vec::new();
    if !view.crop_name.is_empty() {
        lines.push(w.say("none-silent", &[("crop", &view.crop_name)]));
    }
    if view.today.waiting > 0 {
        lines.push(w.say("none-waiting", &[("count", &view.today.waiting.to_string())]));
    }
    lines.push(match view.today.newest_run {
        Some(at) => {
            let age = w.age(view.now.duration_since(at).as_secs_f64() / 3600.0);
            w.say("none-since", &[("time", &w.moment(at)), ("age", &age)])
        }
        None => w.t("none-never"),
    });
    lines.push(w.t("none-do"));
    AnswerBox {
        class: "none".to_owned(),
        question,
        icon: picture::sign(None),
        word: w.t("answer-none"),
        over: false,
        over_text: String::new(),
        until_iso: None,
        lines,
        sure: None,
        why: Vec::new(),
    }
}

/// Returns today's work: of the advice shown and of what else stands for the crop.
pub(super) fn work(view: &View<'_>) -> Vec<String> {
    let Some(standing) = view.advice() else { return Vec::new() };
    let labelled = |text| lines::work(text).map(str::to_owned).collect::<Vec<_>>();
    let mut work = labelled(view.text(standing.advisory.get()));
    for other in view.also() {
        let text = view.text(other.advisory.get());
        let theirs = labelled(text);
        // An advisory with other lines is quoted whole.
        let whole = || text.lines().filter(|l| !l.is_empty()).map(str::to_owned).collect();
        work.extend(if theirs.is_empty() { whole() } else { theirs });
    }
    work.dedup();
    if work.is_empty() && week_work(view).is_empty() {
        work.push(view.w.t("work-none"));
    }
    work
}

/// Returns the week's work in the order of what can still be saved: the numbered lines of the
/// approved text and, after a dash, what was left out for something else.
pub(super) fn week_work(view: &View<'_>) -> Vec<String> {
    let standing = view.advice().into_iter().chain(view.also());
    standing
        .flat_map(|s| lines::week_work(view.text(s.advisory.get())))
        .map(str::to_owned)
        .collect()
}

/// Returns the lines of the approved text that are not shown above: together with those the whole
/// text stands on the page, once.
pub(super) fn rest(view: &View<'_>) -> Vec<String> {
    let Some(standing) = view.advice() else { return Vec::new() };
    lines::rest(view.text(standing.advisory.get())).map(str::to_owned).collect()
}

pub(super) fn iso(at: Timestamp) -> String {
    local_text(at)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
