//! Model cards: a page a person wrote, with the numbers between two marks written by a backtest.

use std::fmt::Write as _;

use super::gate::PUBLISHED;
use super::table::ScoreLine;
use super::targets::ALONE;

/// Where the numbers begin in a card.
const BEGIN: &str = "<!-- scores: written by muavu backtest --write-card, do not edit -->";

/// Where they end.
const END: &str = "<!-- end of scores -->";

/// The plot of the errors by lead that stands beside a card.
pub const PLOT: &str = "skill.svg";

/// Returns the horizons people are shown: 1, 3, 7 and 14, and the last.
#[must_use]
pub fn horizons(lines: &[ScoreLine]) -> Vec<u8> {
    let last = lines.iter().map(|l| l.horizon).max().unwrap_or(0);
    let mut shown: Vec<u8> = [1, 3, 7, 14].into_iter().filter(|h| *h < last).collect();
    shown.push(last);
    shown
}

/// Returns the card with its numbers replaced by these, or `None` when it has no marks.
#[must_use]
pub fn with_scores(card: &str, lines: &[ScoreLine], window: &str, unit: &str) -> Option<String> {
    let (before, rest) = card.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    let numbers = numbers(lines, window, unit);
    Some(format!("{before}{BEGIN}\n{numbers}{END}{after}"))
}

fn numbers(lines: &[ScoreLine], window: &str, unit: &str) -> String {
    let mut text = format!("\nRolling backtest, issues {window}, only what was known then.\n\n");
    let horizons = horizons(lines);
    let at_horizons = || lines.iter().filter(|l| horizons.contains(&l.horizon));
    let shown = || at_horizons().filter(|l| !l.model.starts_with(ALONE));
    let _ = writeln!(text, "![Mean absolute error by lead]({PLOT})\n");
    text += "### All places pooled\n\n";
    let _ = writeln!(
        text,
        "| horizon | forecaster | n | MAE ({unit}) | RMSE ({unit}) | pinball ({unit}) | \
         80 % covers | 90 % covers |{}",
        event_heads(lines)
    );
    let events = lines.first().map_or(0, |l| l.events.len());
    let _ = writeln!(text, "|---|---|---|---|---|---|---|---|{}", "---|---|---|".repeat(events));
    for line in shown().filter(|l| l.place.is_none()) {
        row(&mut text, &line.horizon.to_string(), line);
    }
    text += "\n### By place\n\n";
    let _ = writeln!(
        text,
        "| place, horizon | forecaster | n | MAE ({unit}) | RMSE ({unit}) | pinball ({unit}) | \
         80 % covers | 90 % covers |{}",
        event_heads(lines)
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|---|{}", "---|---|---|".repeat(events));
    for line in shown().filter(|l| l.place.is_some()) {
        let place = line.place.as_ref().map_or("", |p| p.as_str());
        row(&mut text, &format!("{place}, {}", line.horizon), line);
    }
    let alone: Vec<&ScoreLine> =
        at_horizons().filter(|l| l.place.is_none() && l.model.starts_with(ALONE)).collect();
    if !alone.is_empty() {
        text += "\n### Each candidate alone, beside what is published\n\n";
        candidates(&mut text, &alone, lines, unit);
    }
    text.push('\n');
    text
}

/// Adds MAE and RMSE of each candidate, and of the published forecast on the same days.
fn candidates(text: &mut String, alone: &[&ScoreLine], lines: &[ScoreLine], unit: &str) {
    let _ = writeln!(text, "| horizon | candidate | n | MAE ({unit}) | RMSE ({unit}) |");
    text.push_str("|---|---|---|---|---|\n");
    let published =
        |h| lines.iter().find(|l| l.place.is_none() && l.horizon == h && l.model == PUBLISHED);
    for horizon in horizons(lines) {
        let own = alone.iter().copied().filter(|l| l.horizon == horizon);
        for line in own.chain(published(horizon)) {
            let name = line.model.strip_prefix(ALONE).unwrap_or(line.model);
            let (n, mae, rmse) = (line.n, line.mae, line.rmse);
            let _ = writeln!(text, "| {horizon} | {name} | {n} | {mae:.3} | {rmse:.3} |");
        }
    }
}

fn event_heads(lines: &[ScoreLine]) -> String {
    let events = lines.first().map_or(&[][..], |l| &l.events);
    events.iter().fold(String::new(), |mut heads, e| {
        let t = e.threshold;
        let _ = write!(heads, " Brier > {t} | CSI > {t} | base rate > {t} |");
        heads
    })
}

fn row(text: &mut String, label: &str, line: &ScoreLine) {
    let _ = write!(
        text,
        "| {label} | {} | {} | {:.3} | {:.3} | {:.3} | {:.1} % | {:.1} % |",
        line.model,
        line.n,
        line.mae,
        line.rmse,
        line.pinball,
        100.0 * line.coverage_80,
        100.0 * line.coverage_90,
    );
    for event in &line.events {
        let _ = write!(text, " {:.4} | {:.3} | {:.3} |", event.brier, event.csi, event.base_rate);
    }
    text.push('\n');
}
