//! The blocks of all modules become a configuration of the form that the plan's JSON has, with what that leaves out.

use super::module::{Blocks, Placed};
use super::nested::arguments;
use crate::plan::configuration::{
    Call, Configuration, Expression, Module, Output, Provider, Provisioner, Resource,
};
use crate::plan::hcl::{Block, Body};
use std::collections::BTreeMap;

/// Modules within each other: the plan's JSON is read no deeper either.
const DEEPEST: usize = 60;

/// Makes it. `modules`: the blocks of each by its key, as in `modules.json`: `` for the root, `net.sub`.
/// Modules that are called and are not there are named in `missing`.
pub(super) fn configuration(
    modules: &BTreeMap<String, Blocks>,
    missing: &mut Vec<String>,
) -> Configuration<'static> {
    let mut all = Lowering { modules, missing, providers: BTreeMap::new() };
    let root = all.module(&mut Vec::new());
    Configuration { providers: all.providers, root, ..Configuration::default() }
}

struct Lowering<'m> {
    modules: &'m BTreeMap<String, Blocks>,
    missing: &'m mut Vec<String>,
    providers: BTreeMap<String, Provider<'static>>,
}

impl<'m> Lowering<'m> {
    fn module(&mut self, path: &mut Vec<(&'m str, &'m Body)>) -> Module<'static> {
        let key = key_of(path);
        let mut module = Module::default();
        let mut locals = BTreeMap::new();
        let modules: &'m BTreeMap<String, Blocks> = self.modules;
        let Some(blocks) = modules.get(&key).filter(|_| path.len() <= DEEPEST) else {
            self.missing.push(key);
            return module;
        };
        for Placed { block, .. } in &blocks.list {
            let label = block.labels.first().map(String::as_str).unwrap_or_default();
            match block.kind.as_str() {
                "resource" | "data" | "ephemeral" => {
                    if let Some(address) = address(block) {
                        let provider = self.provider_key(block, path);
                        module.resources.push(resource(block, address, provider));
                    }
                }
                "module" => {
                    let mut call = call(&block.body);
                    path.push((label, &block.body));
                    call.module = self.module(path);
                    path.pop();
                    module.calls.insert(label.to_owned(), call);
                }
                "output" => drop(module.outputs.insert(label.to_owned(), output(&block.body))),
                "locals" => {
                    for attribute in &block.body.attributes {
                        locals.insert(
                            attribute.name.clone(),
                            Expression::of(attribute.value.tree.references()),
                        );
                    }
                }
                "provider" => self.provider(block, label, path),
                _ => {}
            }
        }
        module.locals = Expression::Block(locals);
        module
    }

    fn provider(&mut self, block: &Block, label: &str, path: &[(&str, &Body)]) {
        let alias = block.body.plain("alias").map(|alias| format!(".{alias}")).unwrap_or_default();
        let module = address_of(path);
        let key = provider_key(&module, &format!("{label}{alias}"));
        let known = self.providers.entry(key).or_default();
        known.module = (!module.is_empty()).then_some(module);
        let mut all = Vec::new();
        let members = arguments(&block.body, &|name| matches!(name, "alias" | "version"), &mut all);
        all.push(Expression::Block(members));
        let all = Expression::List(all);
        known.expressions = std::mem::take(&mut known.expressions).united(all);
    }

    /// The key of the provider configuration that a resource has, through the `providers` of the calls around it.
    fn provider_key(&self, block: &Block, path: &[(&str, &Body)]) -> String {
        let kind = block.labels.first().map(String::as_str).unwrap_or_default();
        let own = || kind.split('_').next().unwrap_or(kind).to_owned();
        let mut name = block.body.plain("provider").map_or_else(own, str::to_owned);
        let mut path = path;
        while let Some(((_, call), outer)) = path.split_last() {
            let passed = call.attribute("providers");
            let passed = passed.and_then(|value| value.pairs.iter().find(|(inner, _)| *inner == name));
            match passed {
                Some((_, from)) => name.clone_from(from),
                None if self.declares(path, &name) || name.contains('.') => break,
                None => {}
            }
            path = outer;
        }
        provider_key(&address_of(path), &name)
    }

    fn declares(&self, path: &[(&str, &Body)], name: &str) -> bool {
        let blocks = self.modules.get(&key_of(path)).map(|blocks| blocks.list.as_slice()).unwrap_or_default();
        blocks.iter().any(|placed| {
            placed.block.kind == "provider" && placed.block.labels.first().is_some_and(|label| label == name)
        })
    }
}

/// As in `modules.json`.
fn key_of(path: &[(&str, &Body)]) -> String {
    path.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(".")
}

/// `module.net.module.sub`.
fn address_of(path: &[(&str, &Body)]) -> String {
    path.iter().map(|(name, _)| format!("module.{name}")).collect::<Vec<_>>().join(".")
}

/// As in the plan's JSON: `aws.west`, `module.net:aws`.
fn provider_key(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}:{name}") }
}

/// `type.name` of a block of a resource.
pub(super) fn address(block: &Block) -> Option<String> {
    let [kind, name] = block.labels.as_slice() else { return None };
    match block.kind.as_str() {
        "resource" => Some(format!("{kind}.{name}")),
        "data" | "ephemeral" => Some(format!("{}.{kind}.{name}", block.kind)),
        _ => None,
    }
}

fn resource(block: &Block, address: String, provider: String) -> Resource<'static> {
    let body = &block.body;
    let mut beside = Vec::new();
    let own = |name: &str| {
        matches!(
            name,
            "count" | "for_each" | "depends_on" | "provider" | "lifecycle" | "provisioner" | "connection"
        )
    };
    let expressions = Expression::Block(arguments(body, &own, &mut beside));
    for block in body.blocks.iter().filter(|block| own(&block.kind)) {
        // `ignore_changes` names attributes of this resource, `events` words.
        let named = |name: &str| matches!(name, "ignore_changes" | "events");
        let mut more = Vec::new();
        let members = arguments(&block.body, &named, &mut more);
        beside.extend(more);
        beside.push(Expression::Block(members));
    }
    let provisioner = |expressions| Provisioner { expressions, ..Provisioner::default() };
    Resource {
        address,
        provider,
        expressions,
        count: tree(body, "count"),
        for_each: tree(body, "for_each"),
        beside: beside.into_iter().filter(|one| !one.references().is_empty()).map(provisioner).collect(),
        depends_on: tree(body, "depends_on").references(),
        ..Resource::default()
    }
}

fn call(body: &Body) -> Call<'static> {
    let own = |name: &str| {
        matches!(name, "source" | "version" | "providers" | "count" | "for_each" | "depends_on" | "lifecycle")
    };
    Call {
        expressions: arguments(body, &own, &mut Vec::new()),
        count: tree(body, "count"),
        for_each: tree(body, "for_each"),
        depends_on: tree(body, "depends_on").references(),
        ..Call::default()
    }
}

fn output(body: &Body) -> Output<'static> {
    let mut depends_on = tree(body, "depends_on").references();
    for block in &body.blocks {
        depends_on
            .extend(block.body.attributes.iter().flat_map(|attribute| attribute.value.tree.references()));
    }
    Output { expression: Expression::of(tree(body, "value").references()), depends_on, ..Output::default() }
}

fn tree(body: &Body, name: &str) -> Expression {
    body.attribute(name).map(|value| value.tree.clone()).unwrap_or_default()
}
