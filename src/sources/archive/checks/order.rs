//! Two cells of a row of which one must not exceed the other.

use super::super::numbers::{Cell, read};
use super::super::spec::Number;

/// Returns whether the cells contradict each other (both are numbers and `low` exceeds `high`).
#[must_use]
pub fn contradicts(low: &str, high: &str) -> bool {
    match (read(low, Number::Plain, false), read(high, Number::Plain, false)) {
        (Cell::Value(low), Cell::Value(high)) => low > high,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minimum_above_the_maximum_contradicts_it() {
        assert!(contradicts("30.2", "28.2"));
        assert!(!contradicts("28.2", "28.2"));
        assert!(!contradicts("", "28.2"));
        assert!(!contradicts("x", "28.2"));
    }
}
