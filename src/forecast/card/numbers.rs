//! The tables of a card: all places pooled, one row a place, each candidate alone.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{error_name, percent, plot_name};
use crate::domain::PlaceId;
use crate::forecast::gate::PUBLISHED;
use crate::forecast::scores::skill;
use crate::forecast::table::ScoreLine;
use crate::forecast::targets::{ALONE, Kind, Target};

/// The numbers of one card.
pub(super) struct Numbers<'a> {
    pub target: &'a dyn Target,
    /// The kind of places, or all.
    pub kind: Option<&'a str>,
    pub lines: &'a [ScoreLine],
    /// Those that are shown.
    pub horizons: Vec<u8>,
}

impl<'a> Numbers<'a> {
    /// Returns the numbers as Markdown.
    pub fn text(&self, window: &str) -> String {
        let mut text =
            format!("\nRolling backtest, issues {window}, only what was known then.\n\n");
        let what = match self.target.kind() {
            Kind::Amount => "Mean absolute error",
            Kind::Event => "Brier score",
        };
        let _ = writeln!(text, "![{what} by lead]({})\n", plot_name(self.kind));
        match self.kind {
            Some(kind) => {
                let _ = writeln!(text, "### All of kind {kind} pooled\n");
            }
            None => text += "### All places pooled\n\n",
        }
        match self.target.kind() {
            Kind::Amount => self.pooled_amount(&mut text),
            Kind::Event => self.pooled_event(&mut text),
        }
        text += "\n### By place\n\n";
        self.by_place(&mut text);
        if self.lines.iter().any(|l| l.model.starts_with(ALONE)) {
            text += "\n### Each candidate alone, beside what is published\n\n";
            self.candidates(&mut text);
        }
        text.push('\n');
        text
    }

    /// The published forecast and the baselines at one place (or pooled) and horizon.
    fn at<'s>(
        &'s self,
        place: Option<&'s PlaceId>,
        horizon: u8,
    ) -> impl Iterator<Item = &'a ScoreLine> + 's {
        let here = move |l: &&ScoreLine| l.place.as_ref() == place && l.horizon == horizon;
        self.lines.iter().filter(here).filter(|l| !l.model.starts_with(ALONE))
    }

    /// The least error of the baselines at one place (or pooled) and horizon.
    fn best(&self, place: Option<&PlaceId>, horizon: u8) -> f64 {
        let baselines = self.at(place, horizon).filter(|l| l.model != PUBLISHED);
        baselines.map(ScoreLine::error).fold(f64::NAN, f64::min)
    }

    fn pooled_amount(&self, text: &mut String) {
        let unit = self.target.unit();
        let events = self.lines.first().map_or(&[][..], |l| &l.events);
        let _ = write!(
            text,
            "| horizon | forecaster | n | MAE ({unit}) | RMSE ({unit}) | pinball ({unit}) | \
             80 % covers | 90 % covers |"
        );
        for event in events {
            let t = event.threshold;
            let _ = write!(text, " Brier > {t} | CSI > {t} | base rate > {t} |");
        }
        let _ = writeln!(
            text,
            "\n|---|---|---|---|---|---|---|---|{}",
            "---|---|---|".repeat(events.len())
        );
        for line in self.horizons.iter().flat_map(|h| self.at(None, *h)) {
            amount_row(text, line);
        }
    }

    fn pooled_event(&self, text: &mut String) {
        text.push_str("| horizon | forecaster | n | Brier score | beside the best baseline |\n");
        text.push_str("|---|---|---|---|---|\n");
        for horizon in &self.horizons {
            let best = self.best(None, *horizon);
            for l in self.at(None, *horizon) {
                let (model, n, error) = (l.model, l.n, l.error());
                let saved = percent(skill(error, best));
                let _ = writeln!(text, "| {horizon} | {model} | {n} | {error:.4} | {saved} |");
            }
        }
    }

    /// One row a place; everything else is in the CSV.
    fn by_place(&self, text: &mut String) {
        let name = self.target.name();
        let amount = self.target.kind() == Kind::Amount;
        let asked = self.kind.map_or_else(String::new, |kind| format!(" --kind {kind}"));
        let _ = writeln!(
            text,
            "{} of what is published, and in brackets the share of the best baseline's at that \
             place that is saved.{} Every forecaster at every lead: \
             `muavu backtest {name}{asked} --format csv`.\n",
            error_name(self.target),
            if amount { " The 80 % interval is looked at over all leads." } else { "" },
        );
        text.push_str("| place | n |");
        for horizon in &self.horizons {
            let _ = write!(text, " {horizon} ahead |");
        }
        text.push_str(if amount { " 80 % covers |\n" } else { "\n" });
        let columns = 2 + self.horizons.len() + usize::from(amount);
        let _ = writeln!(text, "|{}", "---|".repeat(columns));
        let places: BTreeSet<&PlaceId> =
            self.lines.iter().filter_map(|l| l.place.as_ref()).collect();
        for place in places {
            let published: Vec<&ScoreLine> = self.published(place).collect();
            let n = published.iter().map(|l| l.n).max().unwrap_or(0);
            let _ = write!(text, "| {place} | {n} |");
            for horizon in &self.horizons {
                let own = published.iter().find(|l| l.horizon == *horizon);
                let cell = own.map_or_else(|| "–".to_owned(), |l| self.cell(place, l));
                let _ = write!(text, " {cell} |");
            }
            if let Some(share) = covered(&published) {
                let _ = write!(text, " {:.0} % |", 100.0 * share);
            }
            text.push('\n');
        }
    }

    fn published<'s>(&'s self, place: &'s PlaceId) -> impl Iterator<Item = &'a ScoreLine> + 's {
        let here = move |l: &&ScoreLine| l.place.as_ref() == Some(place) && l.model == PUBLISHED;
        self.lines.iter().filter(here)
    }

    fn cell(&self, place: &PlaceId, own: &ScoreLine) -> String {
        let saved = skill(own.error(), self.best(Some(place), own.horizon));
        format!("{:.3} ({})", own.error(), percent(saved))
    }

    /// Adds MAE and RMSE of each candidate, and of the published forecast on the same days.
    fn candidates(&self, text: &mut String) {
        let unit = self.target.unit();
        let _ = writeln!(text, "| horizon | candidate | n | MAE ({unit}) | RMSE ({unit}) |");
        text.push_str("|---|---|---|---|---|\n");
        for horizon in &self.horizons {
            let pooled = self.lines.iter().filter(|l| l.place.is_none() && l.horizon == *horizon);
            let (alone, others): (Vec<&ScoreLine>, Vec<&ScoreLine>) =
                pooled.partition(|l| l.model.starts_with(ALONE));
            let published = others.into_iter().filter(|l| l.model == PUBLISHED);
            for line in alone.into_iter().chain(published) {
                let name = line.model.strip_prefix(ALONE).unwrap_or(line.model);
                let (n, mae, rmse) = (line.n, line.mae, line.rmse);
                let _ = writeln!(text, "| {horizon} | {name} | {n} | {mae:.3} | {rmse:.3} |");
            }
        }
    }
}

fn amount_row(text: &mut String, line: &ScoreLine) {
    let percent = |share: Option<f64>| 100.0 * share.unwrap_or(f64::NAN);
    let _ = write!(
        text,
        "| {} | {} | {} | {:.3} | {:.3} | {:.3} | {:.1} % | {:.1} % |",
        line.horizon,
        line.model,
        line.n,
        line.mae,
        line.rmse,
        line.pinball.unwrap_or(f64::NAN),
        percent(line.coverage_80),
        percent(line.coverage_90),
    );
    for event in &line.events {
        let _ = write!(text, " {:.4} | {:.3} | {:.3} |", event.brier, event.csi, event.base_rate);
    }
    text.push('\n');
}

/// Returns the share of observations inside the 80 % intervals of all leads; none of events.
fn covered(lines: &[&ScoreLine]) -> Option<f64> {
    let inside: Option<Vec<f64>> =
        lines.iter().map(|l| Some(l.coverage_80? * l.n as f64)).collect();
    let all: usize = lines.iter().map(|l| l.n).sum();
    Some(inside?.iter().sum::<f64>() / all as f64)
}
