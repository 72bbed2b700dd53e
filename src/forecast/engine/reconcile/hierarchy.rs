//! The nodes of a hierarchy by name, made of the labels every series carries.

use std::collections::{HashMap, HashSet};

use super::structure::Structure;
use super::wrong;
use crate::forecast::engine::error::EngineError;

/// The level that is the sum of all series, and the name of its node.
pub const TOTAL: &str = "total";

/// What stands between the labels in the name of a node, as in hierarchicalforecast.
const BETWEEN: &str = "/";

/// Named nodes, aggregates first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    /// Names of the aggregates.
    pub aggregates: Vec<String>,
    /// Names of the bottom nodes: series of the panel.
    pub bottoms: Vec<String>,
    /// Which add up to which.
    pub structure: Structure,
}

/// Returns the columns of each level of a text such as `total,region,region/crop`; `total` has
/// none.
///
/// # Errors
/// [`EngineError::Structure`] for an empty level, one given twice, or a column twice in one.
pub fn levels(spec: &str) -> Result<Vec<Vec<String>>, EngineError> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for level in spec.split(',').map(str::trim) {
        let columns: Vec<String> = match level {
            TOTAL => Vec::new(),
            _ => level.split(BETWEEN).map(|column| column.trim().to_owned()).collect(),
        };
        if columns.iter().any(String::is_empty) {
            return wrong(format!(
                "level {level:?} of {spec:?} names no column (levels are parted by commas, the \
                 columns of one by {BETWEEN}: total,region,region/crop)"
            ));
        }
        let kinds: HashSet<&String> = columns.iter().collect();
        if kinds.len() < columns.len() || found.contains(&columns) {
            return wrong(format!("level {level:?} of {spec:?} stands there twice"));
        }
        found.push(columns);
    }
    Ok(found)
}

impl Hierarchy {
    /// Returns the hierarchy of these sums over these bottom nodes (`sums`: name and places).
    ///
    /// # Errors
    /// [`EngineError::Structure`] when a name stands twice, or a sum is none.
    pub fn new(sums: Vec<(String, Vec<usize>)>, bottoms: Vec<String>) -> Result<Self, EngineError> {
        let mut seen = HashSet::new();
        for name in sums.iter().map(|(name, _)| name).chain(&bottoms) {
            if !seen.insert(name) {
                return wrong(format!("node {name:?} stands there twice: each needs its own name"));
            }
        }
        if let Some((name, _)) = sums.iter().find(|(_, members)| members.is_empty()) {
            return wrong(format!("node {name:?} is the sum of nothing"));
        }
        let (aggregates, members): (Vec<String>, Vec<Vec<usize>>) = sums.into_iter().unzip();
        let structure = Structure::new(members, bottoms.len())?;
        Ok(Self { aggregates, bottoms, structure })
    }

    /// Returns the hierarchy of series by their labels: a node for every combination of labels of
    /// the columns of each level, in the order of the series. A level that tells every series apart
    /// is the bottom itself and makes no node.
    ///
    /// `columns` names the labels of `series` (id, one label a column).
    ///
    /// # Errors
    /// [`EngineError::Structure`] for a level of unknown columns, a series without a label, or two
    /// nodes of one name.
    pub fn from_levels(
        levels: &[Vec<String>],
        columns: &[String],
        series: &[(String, Vec<String>)],
    ) -> Result<Self, EngineError> {
        let mut sums: Vec<(String, Vec<usize>)> = Vec::new();
        for level in levels {
            let mut nodes: Vec<(String, Vec<usize>)> = Vec::new();
            let mut place: HashMap<String, usize> = HashMap::new();
            for (i, (id, labels)) in series.iter().enumerate() {
                let name = node_name(level, columns, id, labels)?;
                let at = *place.entry(name.clone()).or_insert(nodes.len());
                if at == nodes.len() {
                    nodes.push((name, Vec::new()));
                }
                nodes[at].1.push(i);
            }
            if nodes.len() < series.len() {
                sums.extend(nodes);
            }
        }
        Self::new(sums, series.iter().map(|(id, _)| id.clone()).collect())
    }
}

fn node_name(
    level: &[String],
    columns: &[String],
    id: &str,
    labels: &[String],
) -> Result<String, EngineError> {
    if level.is_empty() {
        return Ok(TOTAL.to_owned());
    }
    let mut parts = Vec::with_capacity(level.len());
    for column in level {
        let Some(at) = columns.iter().position(|name| name == column) else {
            let known = columns.join(", ");
            return wrong(format!("column {column:?} of a level is unknown (known: {known})"));
        };
        if labels[at].is_empty() {
            return wrong(format!("series {id:?} has no {column}"));
        }
        parts.push(labels[at].as_str());
    }
    Ok(parts.join(BETWEEN))
}
