//! Model cards: a page a person wrote, with the numbers between two marks written by a backtest.

use super::table::ScoreLine;
use super::targets::{Kind, Target};
use numbers::Numbers;

mod numbers;

/// Returns where the numbers begin in a card: those of all places, or of one kind.
fn begin(kind: Option<&str>) -> String {
    let (of, asked) = kind
        .map_or_else(Default::default, |kind| (format!(" of {kind}"), format!(" --kind {kind}")));
    format!("<!-- scores{of}: written by muavu backtest{asked} --write-card, do not edit -->")
}

/// Where they end.
const END: &str = "<!-- end of scores -->";

/// Returns the name of the plot of the errors by lead that stands beside a card.
#[must_use]
pub fn plot_name(kind: Option<&str>) -> String {
    kind.map_or_else(|| "skill.svg".to_owned(), |kind| format!("skill_{kind}.svg"))
}

/// Returns the horizons people are shown: 1, 3, 7 and 14, and the last.
#[must_use]
pub fn horizons(lines: &[ScoreLine]) -> Vec<u8> {
    let last = lines.iter().map(|l| l.horizon).max().unwrap_or(0);
    let mut shown: Vec<u8> = [1, 3, 7, 14].into_iter().filter(|h| *h < last).collect();
    shown.push(last);
    shown
}

/// Returns the card with its numbers, of all places or of one kind, replaced by these; `None` when it
/// has no marks for them.
#[must_use]
pub fn with_scores(
    card: &str,
    (target, kind): (&dyn Target, Option<&str>),
    lines: &[ScoreLine],
    window: &str,
) -> Option<String> {
    let begin = begin(kind);
    let (before, rest) = card.split_once(&begin)?;
    let (_, after) = rest.split_once(END)?;
    let numbers = Numbers { target, kind, lines, horizons: horizons(lines) }.text(window);
    Some(format!("{before}{begin}\n{numbers}{END}{after}"))
}

/// What the error people are shown is called.
#[must_use]
pub fn error_name(target: &dyn Target) -> String {
    match target.kind() {
        Kind::Amount => format!("MAE ({})", target.unit()),
        Kind::Event => "Brier score".to_owned(),
    }
}

/// Returns a skill as people read it: the share of an error that is saved, in whole percent.
#[must_use]
pub fn percent(skill: f64) -> String {
    if skill.is_finite() { format!("{:+} %", (100.0 * skill).round() as i64) } else { "–".into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Quantiles;
    use crate::domain::time::{IssuedAt, date_of_epoch_day};
    use crate::forecast::backtest::Row;
    use crate::forecast::gate::PUBLISHED;
    use crate::forecast::table::score_lines;
    use crate::forecast::targets::{rain, water_level};

    const CARD: &str = "# A card\n\n<!-- scores: written by muavu backtest --write-card, do not \
                        edit -->\nold\n<!-- end of scores -->\n\n## Limits\n";

    /// Ten days at two places; what is published errs by 0.1, persistence by twice as much.
    fn rows(y: impl Fn(i64) -> f64) -> Vec<Row> {
        let mut rows = Vec::new();
        for place in ["river:a", "river:b"] {
            for (day, horizon) in (0..10).flat_map(|day| [(day, 1), (day, 2)]) {
                for (model, error) in [(PUBLISHED, 0.1), ("persistence", 0.2)] {
                    let date = date_of_epoch_day(14_000 + day);
                    let y = y(day);
                    let wrong = if y > 0.5 { y - error } else { y + error };
                    rows.push(Row {
                        place: place.parse().unwrap(),
                        issued_at: IssuedAt::morning_of(date).unwrap(),
                        valid_day: date,
                        horizon,
                        model,
                        quantiles: Quantiles::new([wrong; 7]).unwrap(),
                        y,
                    });
                }
            }
        }
        rows
    }

    fn card(target: &dyn Target, rows: &[Row]) -> String {
        let lines = score_lines(rows, target.kind(), target.thresholds());
        with_scores(CARD, (target, None), &lines, "then to now").unwrap()
    }

    #[test]
    fn a_place_has_one_row_with_its_error_and_what_it_saves() {
        let card = card(&water_level::WATER_LEVEL, &rows(|day| 1.0 + day as f64));
        assert!(card.starts_with("# A card") && card.ends_with("## Limits\n"));
        assert!(!card.contains("old"));
        assert!(card.contains("| place | n | 1 ahead | 2 ahead | 80 % covers |"), "{card}");
        let row = "| river:a | 10 | 0.100 (+50 %) | 0.100 (+50 %) | 0 % |";
        assert!(card.contains(row), "{card}");
        assert_eq!(card.matches("| river:").count(), 2, "{card}");
        assert!(card.contains("--format csv"), "the whole table is one command away");
    }

    #[test]
    fn an_event_has_a_brier_score_and_no_interval() {
        let card = card(&rain::RAIN_OCCURRENCE, &rows(|day| (day % 2) as f64));
        assert!(card.contains("| 1 | published | 20 | 0.0100 | +75 % |"), "{card}");
        assert!(card.contains("| 1 | persistence | 20 | 0.0400 | +0 % |"), "{card}");
        assert!(card.contains("| river:b | 10 | 0.010 (+75 %) | 0.010 (+75 %) |\n"), "{card}");
        for meaningless in ["covers", "pinball", "RMSE", "MAE"] {
            assert!(!card.contains(meaningless), "{meaningless}: {card}");
        }
    }

    #[test]
    fn a_card_without_marks_is_left_alone() {
        let target: &dyn Target = &water_level::WATER_LEVEL;
        assert_eq!(with_scores("# A card", (target, None), &[], ""), None);
        assert_eq!(with_scores(CARD, (target, Some("city")), &[], ""), None);
    }

    #[test]
    fn the_scores_of_a_kind_have_marks_of_their_own() {
        let mark = begin(Some("city"));
        let both = format!("{CARD}{mark}\nolder\n{END}\n");
        let target: &dyn Target = &water_level::WATER_LEVEL;
        let lines = score_lines(&rows(|day| day as f64), target.kind(), target.thresholds());
        let card = with_scores(&both, (target, Some("city")), &lines, "then to now").unwrap();
        assert!(card.contains("old\n") && !card.contains("older"), "{card}");
        assert!(card.contains("skill_city.svg") && card.contains("--kind city --format csv"));
    }

    #[test]
    fn skills_are_whole_percents_with_a_sign_and_no_number_where_there_is_none() {
        let shown = [0.254, -0.001, -0.4, f64::NAN, f64::NEG_INFINITY].map(percent);
        assert_eq!(shown, ["+25 %", "+0 %", "-40 %", "–", "–"]);
    }
}
