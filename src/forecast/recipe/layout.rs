//! Which columns a recipe has, and which candidate reads which.

use std::collections::BTreeSet;

/// Who reads a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    All,
    Linear,
    Trees,
    Nobody,
}

/// A column of a recipe: its name, and the group of inputs it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub name: String,
    /// The group of inputs, as cards name it.
    pub group: &'static str,
    readers: Readers,
}

impl Column {
    /// Returns a column that every candidate reads.
    #[must_use]
    pub fn all(group: &'static str, name: impl Into<String>) -> Self {
        Self { name: name.into(), group, readers: Readers::All }
    }

    /// Returns a column for the linear candidates, say an interaction.
    #[must_use]
    pub fn linear(group: &'static str, name: impl Into<String>) -> Self {
        Self { name: name.into(), group, readers: Readers::Linear }
    }

    /// Returns a column for the trees, say the day of the year.
    #[must_use]
    pub fn trees(group: &'static str, name: impl Into<String>) -> Self {
        Self { name: name.into(), group, readers: Readers::Trees }
    }

    /// Returns a column no candidate reads, which an origin carries for [`super::Recipe::ahead`]:
    /// say an outside forecast of each day ahead.
    #[must_use]
    pub fn carried(group: &'static str, name: impl Into<String>) -> Self {
        Self { name: name.into(), group, readers: Readers::Nobody }
    }
}

/// The columns in one row: those of the origin, then those of the day ahead.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Columns of the origin.
    pub origin: usize,
    /// All columns.
    pub width: usize,
    /// Places of the columns the linear candidates read.
    pub linear: Vec<usize>,
    /// Places of the columns the trees read.
    pub trees: Vec<usize>,
    names: Vec<String>,
}

impl Layout {
    /// Returns the layout without the groups named.
    pub fn new(origin: Vec<Column>, ahead: Vec<Column>, without: &BTreeSet<&str>) -> Self {
        let (from, width) = (origin.len(), origin.len() + ahead.len());
        let columns: Vec<Column> = origin.into_iter().chain(ahead).collect();
        let read_by = |who: Readers| {
            let reads = move |c: &Column| c.readers == Readers::All || c.readers == who;
            let kept = columns.iter().enumerate();
            kept.filter(|(_, c)| reads(c) && !without.contains(c.group)).map(|(i, _)| i).collect()
        };
        Self {
            origin: from,
            width,
            linear: read_by(Readers::Linear),
            trees: read_by(Readers::Trees),
            names: columns.into_iter().map(|c| c.name).collect(),
        }
    }

    /// Returns the names of columns.
    pub fn names(&self, places: &[usize]) -> Vec<String> {
        places.iter().map(|i| self.names[*i].clone()).collect()
    }

    /// Returns a number that differs when the columns do.
    pub fn fingerprint(&self) -> u64 {
        let places = self.linear.iter().chain(&self.trees).map(|i| *i as u64);
        let names = self.names.iter().flat_map(|n| n.bytes()).map(u64::from);
        places.chain(names).fold(self.width as u64, super::archive::mix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_candidate_reads_its_columns_and_none_of_a_group_left_out() {
        let origin = vec![Column::all("own", "a"), Column::carried("guide", "b")];
        let ahead = vec![Column::linear("tide", "c"), Column::trees("season", "d")];
        let layout = |without: &[&'static str]| {
            Layout::new(origin.clone(), ahead.clone(), &without.iter().copied().collect())
        };
        let whole = layout(&[]);
        assert_eq!((whole.origin, whole.width), (2, 4));
        assert_eq!((&whole.linear[..], &whole.trees[..]), (&[0, 2][..], &[0, 3][..]));
        assert_eq!(whole.names(&whole.trees), ["a", "d"]);
        assert_eq!(layout(&["tide"]).linear, [0]);
        assert_ne!(layout(&["tide"]).fingerprint(), whole.fingerprint());
    }
}
