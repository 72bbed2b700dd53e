//! Hierarchies written down as tables: a summing matrix, or a list of parents and children.

use std::collections::HashMap;

use super::hierarchy::Hierarchy;
use super::wrong;
use crate::forecast::engine::error::EngineError;

/// Returns the hierarchy of a summing matrix, as hierarchicalforecast writes it: the first column
/// names the nodes, every other one a bottom node; a cell is 1 where the node contains it, else 0.
/// Rows of the bottom nodes themselves may stand there or not.
///
/// # Errors
/// [`EngineError::Structure`] for a cell that is neither, a row of another length, a bottom node
/// that contains others, and what [`Hierarchy::new`] refuses.
pub fn from_matrix(header: &[String], rows: &[Vec<String>]) -> Result<Hierarchy, EngineError> {
    let bottoms = header.get(1..).unwrap_or_default().to_vec();
    if bottoms.is_empty() {
        return wrong("the matrix has no column of a bottom node".to_owned());
    }
    let mut sums = Vec::new();
    for (line, row) in (2..).zip(rows) {
        if row.len() != header.len() {
            let (cells, wanted) = (row.len(), header.len());
            return wrong(format!("line {line} has {cells} cells, the first line {wanted}"));
        }
        let mut members = Vec::new();
        for (node, cell) in row[1..].iter().enumerate() {
            match cell.parse::<f64>() {
                Ok(1.0) => members.push(node),
                Ok(0.0) => {}
                _ => {
                    let bottom = &bottoms[node];
                    return wrong(format!(
                        "line {line}, column {bottom:?} is {cell:?}, allowed: 0 and 1"
                    ));
                }
            }
        }
        let name = &row[0];
        match bottoms.iter().position(|bottom| bottom == name) {
            Some(own) if members == [own] => {}
            Some(_) => return wrong(format!("bottom node {name:?} must contain itself alone")),
            None => sums.push((name.clone(), members)),
        }
    }
    Hierarchy::new(sums, bottoms)
}

/// Returns the hierarchy of pairs of a parent and a child: a parent is the sum of its children;
/// what is nobody's parent is a bottom node.
///
/// # Errors
/// [`EngineError::Structure`] for a pair given twice, a cycle, and a parent that would count a
/// bottom node twice.
pub fn from_edges(pairs: &[(String, String)]) -> Result<Hierarchy, EngineError> {
    let mut names: Vec<&str> = Vec::new();
    let mut place: HashMap<&str, usize> = HashMap::new();
    let mut children: Vec<Vec<usize>> = Vec::new();
    for (parent, child) in pairs {
        let [parent_at, child_at] = [parent, child].map(|name| {
            *place.entry(name).or_insert_with(|| {
                names.push(name);
                children.push(Vec::new());
                names.len() - 1
            })
        });
        if parent.is_empty() || child.is_empty() {
            return wrong(format!("the pair {parent:?}, {child:?} names no node"));
        }
        if children[parent_at].contains(&child_at) {
            return wrong(format!("the pair {parent:?}, {child:?} stands there twice"));
        }
        children[parent_at].push(child_at);
    }
    let order = children_first(&names, &children)?;
    let is_bottom = |node: &usize| children[*node].is_empty();
    let bottoms: Vec<usize> = (0..names.len()).filter(is_bottom).collect();
    let mut leaves: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    bottoms.iter().enumerate().for_each(|(at, node)| leaves[*node].push(at));
    for node in order.into_iter().filter(|node| !is_bottom(node)) {
        let mut all: Vec<usize> =
            children[node].iter().flat_map(|child| leaves[*child].iter().copied()).collect();
        all.sort_unstable();
        if let Some(pair) = all.windows(2).find(|pair| pair[0] == pair[1]) {
            let (name, twice) = (names[node], names[bottoms[pair[0]]]);
            return wrong(format!(
                "node {name:?} counts {twice:?} twice, by two of its children; divide it one way \
                 only, or make its other children parents of the bottom nodes"
            ));
        }
        leaves[node] = all;
    }
    let aggregates = (0..names.len()).filter(|node| !is_bottom(node));
    let sums = aggregates.map(|node| (names[node].to_owned(), std::mem::take(&mut leaves[node])));
    Hierarchy::new(sums.collect(), bottoms.iter().map(|node| names[*node].to_owned()).collect())
}

/// Returns the nodes in an order in which children stand before their parents.
fn children_first(names: &[&str], children: &[Vec<usize>]) -> Result<Vec<usize>, EngineError> {
    let mut waits: Vec<usize> = children.iter().map(Vec::len).collect();
    let mut parents: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    for (parent, children) in children.iter().enumerate() {
        children.iter().for_each(|child| parents[*child].push(parent));
    }
    let mut order: Vec<usize> = (0..names.len()).filter(|node| waits[*node] == 0).collect();
    let mut next = 0;
    while let Some(node) = order.get(next).copied() {
        next += 1;
        for parent in &parents[node] {
            waits[*parent] -= 1;
            if waits[*parent] == 0 {
                order.push(*parent);
            }
        }
    }
    match (0..names.len()).find(|node| waits[*node] > 0) {
        Some(node) => wrong(cycle_from(node, names, children, &waits)),
        None => Ok(order),
    }
}

/// Says how a node that waits for ever comes back to itself.
fn cycle_from(node: usize, names: &[&str], children: &[Vec<usize>], waits: &[usize]) -> String {
    let mut way = vec![node];
    loop {
        let last = way[way.len() - 1];
        let next = children[last].iter().find(|child| waits[**child] > 0).copied();
        let Some(next) = next else { return format!("node {:?} contains itself", names[node]) };
        if let Some(from) = way.iter().position(|seen| *seen == next) {
            let names = way[from..].iter().chain([&next]).map(|node| names[*node]);
            return format!("a node contains itself: {}", names.collect::<Vec<_>>().join(" > "));
        }
        way.push(next);
    }
}
