//! What a schema does to a value: gives it its shape, marks what is not known yet, and fills that in.

use std::collections::BTreeMap;

use crate::proto::{AttributePath, Step};
use crate::schema::{Block, Provider};
use crate::template::{Filled, Scope};
use crate::value::Value;

impl Block {
    /// `value` with exactly the fields of this block: what is missing becomes null, what is foreign goes.
    /// So a test may edit an object in the cloud freely and still give Terraform an object of the right type.
    pub fn conform(&self, value: &Value) -> Value {
        if value.is_null() {
            return Value::Null;
        }
        let mut fields = BTreeMap::new();
        for name in self.attributes.keys() {
            fields.insert(name.clone(), value.field(name).clone());
        }
        for (name, nested) in &self.blocks {
            let items = match value.field(name) {
                Value::List(items) => {
                    Value::List(items.iter().map(|item| nested.block.conform(item)).collect())
                }
                Value::Unknown => Value::Unknown,
                _ => Value::List(Vec::new()),
            };
            fields.insert(name.clone(), items);
        }
        Value::Object(fields)
    }

    /// Completes what the configuration leaves open: defaults at once, computed values as unknown.
    /// What exists already (`prior`) has its computed values, and Terraform proposes those.
    pub fn complete(&self, value: &mut Value, prior: &Value) {
        let Value::Object(fields) = value else { return };
        for (name, attribute) in &self.attributes {
            let field = fields.entry(name.clone()).or_insert(Value::Null);
            match &attribute.template {
                _ if !field.is_null() => {}
                _ if attribute.computed && prior.is_null() => *field = Value::Unknown,
                Some(default) if !attribute.computed => *field = Value::from_json(default.clone()),
                _ => {}
            }
        }
        for (name, nested) in &self.blocks {
            match fields.get_mut(name) {
                Some(Value::List(items)) if items.is_empty() && nested.template.is_some() => {
                    let there = if prior.is_null() { Value::Unknown } else { prior.field(name).clone() };
                    fields.insert(name.clone(), there);
                }
                Some(Value::List(items)) => {
                    let before = prior.field(name);
                    for (index, item) in items.iter_mut().enumerate() {
                        nested.block.complete(item, before.at(&index.to_string()));
                    }
                }
                _ => {}
            }
        }
    }

    /// The paths on which a change from `prior` to `next` means a new object.
    pub fn replaced_by(&self, prior: &Value, next: &Value) -> Vec<AttributePath> {
        let mut paths = Vec::new();
        self.collect_replaced(prior, next, &mut Vec::new(), &mut paths);
        paths
    }

    fn collect_replaced(
        &self,
        prior: &Value,
        next: &Value,
        at: &mut Vec<Step>,
        paths: &mut Vec<AttributePath>,
    ) {
        for (name, attribute) in &self.attributes {
            if attribute.replaces && prior.field(name) != next.field(name) {
                let mut steps = at.clone();
                steps.push(Step { attribute_name: Some(name.clone()), element_index: None });
                paths.push(AttributePath { steps });
            }
        }
        for (name, nested) in &self.blocks {
            // Elements of a set have no index to speak of; none of the sets here forces a replacement.
            let (Value::List(old), Value::List(new), false) =
                (prior.field(name), next.field(name), nested.set)
            else {
                continue;
            };
            at.push(Step { attribute_name: Some(name.clone()), element_index: None });
            for (index, (old, new)) in (0i64..).zip(old.iter().zip(new)) {
                at.push(Step { attribute_name: None, element_index: Some(index) });
                nested.block.collect_replaced(old, new, at, paths);
                at.pop();
            }
            at.pop();
        }
    }
}

/// Fills in what is unknown in `object`, as far as it goes with this seed. Templates refer to one another, so
/// it goes round until nothing more comes; returns what is still unknown then.
pub fn settle(
    schema: &Provider,
    block: &Block,
    object: &mut Value,
    seed: Option<&str>,
) -> Result<Vec<String>, String> {
    go_round(schema, block, object, seed, false)
}

/// Fills in what shows in a plan already.
pub fn foresee(schema: &Provider, block: &Block, object: &mut Value) -> Result<(), String> {
    go_round(schema, block, object, None, true).map(|_| ())
}

fn go_round(
    schema: &Provider,
    block: &Block,
    object: &mut Value,
    seed: Option<&str>,
    planned: bool,
) -> Result<Vec<String>, String> {
    loop {
        let seen = object.clone();
        let mut round = Round { schema, seed, planned, object: &seen, filled: false, waiting: Vec::new() };
        round.block(block, object, "")?;
        if !round.filled {
            return Ok(round.waiting);
        }
    }
}

struct Round<'a> {
    schema: &'a Provider,
    seed: Option<&'a str>,
    /// Only what shows in a plan already.
    planned: bool,
    object: &'a Value,
    filled: bool,
    waiting: Vec<String>,
}

impl Round<'_> {
    fn block(&mut self, block: &Block, value: &mut Value, path: &str) -> Result<(), String> {
        let here = value.clone();
        let Value::Object(fields) = value else { return Ok(()) };
        let label = |name: &str| if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        for (name, attribute) in &block.attributes {
            let due = attribute.planned || !self.planned;
            let Some(field) = fields.get_mut(name).filter(|field| due && **field == Value::Unknown) else {
                continue;
            };
            let without = match attribute.kind.as_str() {
                Some("string") => "{uuid}".into(),
                _ => serde_json::Value::Null,
            };
            let template = attribute.template.as_ref().unwrap_or(&without);
            self.fill(template, field, &here, label(name))?;
        }
        for (name, nested) in &block.blocks {
            match (fields.get_mut(name), &nested.template) {
                (Some(field @ Value::Unknown), Some(template)) if !self.planned => {
                    self.fill(template, field, &here, label(name))?;
                    if let Value::List(items) = field {
                        items.iter_mut().for_each(|item| *item = nested.block.conform(item));
                    }
                }
                (Some(Value::List(items)), _) => {
                    for (index, item) in items.iter_mut().enumerate() {
                        self.block(&nested.block, item, &label(&format!("{name}.{index}")))?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn fill(
        &mut self,
        template: &serde_json::Value,
        field: &mut Value,
        block: &Value,
        label: String,
    ) -> Result<(), String> {
        let (constants, tables) = (&self.schema.constants, &self.schema.tables);
        let scope = Scope { constants, tables, seed: self.seed, object: self.object, block, label: &label };
        match scope.fill(template).map_err(|e| format!("{label}: {e}"))? {
            Filled::Done(value) => {
                *field = value;
                self.filled = true;
            }
            Filled::Waits => self.waiting.push(label),
        }
        Ok(())
    }
}
