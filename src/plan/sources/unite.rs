//! Two views of one configuration become one: what the plan's JSON tells, and what its files tell. Both only add: an
//! edge too many is looked at, an edge too few is missed.

use crate::plan::configuration::{Call, Configuration, Expression, Module, Output, Resource};
use std::collections::{BTreeMap, BTreeSet};

impl Expression {
    /// An expression that refers to these.
    pub(in crate::plan) fn of(references: Vec<String>) -> Expression {
        let mut seen = BTreeSet::new();
        let mut kept = references;
        kept.retain(|reference| seen.insert(reference.clone()));
        if kept.is_empty() { Expression::Nothing } else { Expression::References(kept) }
    }

    /// Everything that it refers to.
    pub(in crate::plan) fn references(&self) -> Vec<String> {
        let mut all = Vec::new();
        self.walk("", &mut |_, references| all.extend(references.iter().cloned()));
        all
    }

    /// Both.
    pub(in crate::plan) fn united(self, other: Expression) -> Expression {
        use Expression::{Block, List, Nothing, References, Text};
        match (self, other) {
            (own, Nothing | Text(_)) => own,
            (Nothing | Text(_), other) => other,
            (References(own), References(other)) => Expression::of(own.into_iter().chain(other).collect()),
            (Block(own), Block(other)) => Block(Expression::united_members(own, other)),
            (List(own), List(other)) => {
                let mut other = other.into_iter();
                let mut both: Vec<Expression> = Vec::with_capacity(own.len().max(other.len()));
                both.extend(own.into_iter().map(|one| one.united(other.next().unwrap_or_default())));
                both.extend(other);
                List(both)
            }
            // A single block: the one tells its members, the other lists it.
            (Block(own), List(other)) => other.into_iter().fold(Block(own), Expression::united),
            (List(own), Block(other)) => match <[Expression; 1]>::try_from(own) {
                Ok([only]) => List(vec![only.united(Block(other))]),
                Err(mut several) => {
                    several.push(Block(other));
                    List(several)
                }
            },
            // Blocks that may be written as an attribute.
            (References(own), Block(members)) | (Block(members), References(own)) => {
                List(vec![Block(members), References(own)])
            }
            (References(own), List(mut elements)) | (List(mut elements), References(own)) => {
                elements.push(References(own));
                List(elements)
            }
        }
    }

    /// Both, member by member.
    pub(in crate::plan) fn united_members(
        mut own: BTreeMap<String, Expression>,
        other: BTreeMap<String, Expression>,
    ) -> BTreeMap<String, Expression> {
        for (name, member) in other {
            let known = own.remove(&name).unwrap_or_default();
            own.insert(name, known.united(member));
        }
        own
    }
}

/// What the JSON tells, with what the files add.
pub(super) fn united<'a>(mut json: Configuration<'a>, files: &Configuration<'static>) -> Configuration<'a> {
    for (key, provider) in &files.providers {
        let known = json.providers.entry(key.clone()).or_default();
        known.module = known.module.take().or_else(|| provider.module.clone());
        known.expressions = std::mem::take(&mut known.expressions).united(provider.expressions.clone());
    }
    modules(&mut json.root, &files.root);
    json
}

/// Both are no deeper than what reads them allows.
fn modules(json: &mut Module<'_>, files: &Module<'static>) {
    let mut places: BTreeMap<String, usize> =
        json.resources.iter().enumerate().map(|(at, resource)| (resource.address.clone(), at)).collect();
    for resource in &files.resources {
        let at = *places.entry(resource.address.clone()).or_insert_with(|| {
            let (address, provider) = (resource.address.clone(), resource.provider.clone());
            json.resources.push(Resource { address, provider, ..Resource::default() });
            json.resources.len() - 1
        });
        let Some(known) = json.resources.get_mut(at) else { continue };
        add(&mut known.expressions, &resource.expressions);
        add(&mut known.count, &resource.count);
        add(&mut known.for_each, &resource.for_each);
        known.beside.extend(resource.beside.iter().cloned());
        known.depends_on.extend(resource.depends_on.iter().cloned());
    }
    for (name, output) in &files.outputs {
        let known: &mut Output<'_> = json.outputs.entry(name.clone()).or_default();
        add(&mut known.expression, &output.expression);
        known.depends_on.extend(output.depends_on.iter().cloned());
    }
    for (name, call) in &files.calls {
        let known: &mut Call<'_> = json.calls.entry(name.clone()).or_default();
        for (input, expression) in &call.expressions {
            add(known.expressions.entry(input.clone()).or_default(), expression);
        }
        add(&mut known.count, &call.count);
        add(&mut known.for_each, &call.for_each);
        known.depends_on.extend(call.depends_on.iter().cloned());
        modules(&mut known.module, &call.module);
    }
    add(&mut json.locals, &files.locals);
}

fn add(own: &mut Expression, other: &Expression) {
    *own = std::mem::take(own).united(other.clone());
}
