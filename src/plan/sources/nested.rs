//! The arguments of a block as a tree of references, with the blocks that `dynamic` makes in their place.

use crate::plan::configuration::Expression;
use crate::plan::hcl::{Block, Body};
use std::collections::BTreeMap;

/// The name under which a `dynamic` block's content speaks of the element, and what its `for_each` refers to.
struct Iterator {
    name: String,
    over: Vec<String>,
}

/// The tree of a body without some of its attributes and blocks. What `dynamic` blocks go over is added to `beside`.
pub(super) fn arguments(
    body: &Body,
    without: &dyn Fn(&str) -> bool,
    beside: &mut Vec<Expression>,
) -> BTreeMap<String, Expression> {
    tree(body, without, &mut Vec::new(), beside)
}

fn tree(
    body: &Body,
    without: &dyn Fn(&str) -> bool,
    iterators: &mut Vec<Iterator>,
    beside: &mut Vec<Expression>,
) -> BTreeMap<String, Expression> {
    let mut members = BTreeMap::new();
    for attribute in body.attributes.iter().filter(|attribute| !without(&attribute.name)) {
        members.insert(attribute.name.clone(), substituted(&attribute.value.tree, iterators));
    }
    let mut kinds: BTreeMap<&str, Vec<(bool, Expression)>> = BTreeMap::new();
    for block in body.blocks.iter().filter(|block| !without(&block.kind)) {
        match (block.kind.as_str(), block.labels.first()) {
            ("dynamic", Some(label)) => {
                let inner = Expression::Block(dynamic(block, label, iterators, beside));
                kinds.entry(label).or_default().push((true, inner));
            }
            (kind, _) => {
                let inner = Expression::Block(tree(&block.body, &|_| false, iterators, beside));
                kinds.entry(kind).or_default().push((false, inner));
            }
        }
    }
    for (kind, blocks) in kinds {
        let count = blocks.len();
        let list = if blocks.iter().any(|(dynamic, _)| *dynamic) {
            // Which of them stands where is not known before it is evaluated: any of them may stand anywhere.
            let any = blocks.into_iter().fold(Expression::Nothing, |any, (_, one)| any.united(one));
            vec![any; count]
        } else {
            blocks.into_iter().map(|(_, one)| one).collect()
        };
        let own = members.remove(kind).unwrap_or_default();
        members.insert(kind.to_owned(), own.united(Expression::List(list)));
    }
    members
}

fn dynamic(
    block: &Block,
    label: &str,
    iterators: &mut Vec<Iterator>,
    beside: &mut Vec<Expression>,
) -> BTreeMap<String, Expression> {
    let over = block.body.attribute("for_each").map(|value| substituted(&value.tree, iterators));
    let over = over.unwrap_or_default();
    let iterator =
        Iterator { name: block.body.plain("iterator").unwrap_or(label).to_owned(), over: over.references() };
    beside.push(over);
    iterators.push(iterator);
    let mut members = BTreeMap::new();
    for content in block.body.of("content") {
        let more = tree(&content.body, &|_| false, iterators, beside);
        members = Expression::united_members(members, more);
    }
    // `labels` may refer to the element too.
    if let Some(labels) = block.body.attribute("labels") {
        beside.push(substituted(&labels.tree, iterators));
    }
    iterators.pop();
    members
}

/// With what the iterators go over in place of their names.
fn substituted(expression: &Expression, iterators: &[Iterator]) -> Expression {
    match expression {
        _ if iterators.is_empty() => expression.clone(),
        Expression::References(references) => {
            let mut found: Vec<String> = Vec::with_capacity(references.len());
            for reference in references {
                let root = reference.split(['.', '[']).next().unwrap_or(reference);
                match iterators.iter().rfind(|iterator| iterator.name == root) {
                    Some(iterator) => found.extend(iterator.over.iter().cloned()),
                    None => found.push(reference.clone()),
                }
            }
            Expression::of(found)
        }
        Expression::Block(members) => Expression::Block(
            members.iter().map(|(name, member)| (name.clone(), substituted(member, iterators))).collect(),
        ),
        Expression::List(elements) => {
            Expression::List(elements.iter().map(|element| substituted(element, iterators)).collect())
        }
        Expression::Nothing | Expression::Text(_) => Expression::Nothing,
    }
}
