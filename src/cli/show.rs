//! How results are shown: tables for people, JSON and CSV for programs, bars only on a terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::Context;
use crate::features::Panel;

/// Characters a table is wide where no terminal says: in a file, a pipe, or cron's mail.
const COLUMNS: u16 = 120;

/// Characters a table is wide at least: narrower, names and numbers no longer fit side by side.
const COLUMNS_MIN: u16 = 80;

/// What is said of everything made from the sample.
pub const SAMPLE: &str = "no measurement is stored here: this is the SAMPLE, made up, not for \
                          decisions\nnext: muavu import FOLDER, then muavu run";

/// Returns an empty table with these heads.
pub fn table(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(columns())
        .set_header(heads.to_vec());
    table
}

fn columns() -> u16 {
    let terminal = terminal_size::terminal_size_of(std::io::stdout());
    terminal.map_or(COLUMNS, |(width, _)| width.0.max(COLUMNS_MIN))
}

/// Keeps the first column in one line each: ids are there to be copied.
pub fn keep_first_whole(table: &mut Table) {
    keep_whole(table, &[0]);
}

/// Keeps these columns in one line each: names, times and numbers; only sentences may be wrapped.
pub fn keep_whole(table: &mut Table, columns: &[usize]) {
    for index in columns {
        if let Some(column) = table.column_mut(*index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

/// Says, when it is so, that what follows comes of the made-up sample.
pub fn sample(context: &Context, panel: &Panel) {
    if panel.is_sample() {
        context.say(SAMPLE);
    }
}

/// Prints one JSON document to stdout.
pub fn json<T: Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => println!("{text}"),
        Err(error) => eprintln!("error: this result cannot be written as JSON: {error}"),
    }
}

/// Returns a progress bar that is seen on a terminal only, and never when told to be quiet.
pub fn bar(context: &Context, what: &'static str) -> ProgressBar {
    if context.global.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(1000);
    if let Ok(style) = ProgressStyle::with_template("{msg:24} {wide_bar} {percent:>3} % {eta}") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Moves a bar to a share, 0 to 1.
pub fn share(bar: &ProgressBar, share: f64) {
    bar.set_position((share.clamp(0.0, 1.0) * 1000.0) as u64);
}
