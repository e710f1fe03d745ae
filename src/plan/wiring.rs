//! Which resource refers to which: the configuration's view, brought down to instances where that is safe.

use super::address::{Instance, Token, resource_address, tokens};
use super::configuration::{Configuration, Expression, Module, Resource};
use super::relevant::Further;
use super::resolve::{Loop, Scope, Target, resolve};
use crate::model::{Address, Lookup, Reference, push_only};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::OnceLock;

/// What the references of a plan's configuration lead to.
pub(super) struct Blocks<'c> {
    configuration: &'c Configuration<'c>,
    resources: BTreeMap<String, &'c Resource<'c>>,
    /// Instances that exist after the plan, by the address of their block.
    instances: Lookup<String, OfBlock>,
    /// To which blocks a block refers besides, where the configuration does not show it.
    pub further: Further,
}

impl<'c> Blocks<'c> {
    /// Of a configuration, with the instances that exist after the plan.
    pub(super) fn new(configuration: &'c Configuration<'c>, existing: Vec<(String, Address)>) -> Blocks<'c> {
        let mut resources = BTreeMap::new();
        list(&configuration.root, &mut Vec::new(), &mut resources);
        let mut instances: Lookup<String, OfBlock> = Lookup::default();
        for (block, address) in existing {
            push_only(&mut instances.or_insert_with(block, OfBlock::default).addresses, address);
        }
        Blocks { configuration, resources, instances, further: Further::new() }
    }

    /// Whether the configuration has this block.
    pub(super) fn has(&self, block: &str) -> bool {
        self.resources.contains_key(block)
    }

    /// Whether a root output may be made of more than its references show.
    pub(super) fn output_hides(&self, name: &str) -> bool {
        let mut hides = false;
        if let Some(output) = self.configuration.root.outputs.get(name) {
            output.expression.walk("", &mut |_, references| {
                hides |=
                    references.iter().any(|text| text.starts_with("local.") || text.starts_with("module."));
            });
        }
        hides
    }
}

/// The references of a plan's configuration.
pub(super) struct Wiring<'c> {
    root: Rc<Scope<'c>>,
    blocks: &'c Blocks<'c>,
    /// What [`Wiring::configured`] found, by the address of the block.
    known: Lookup<String, Vec<Address>>,
}

impl<'c> Wiring<'c> {
    /// Follows them; what it found it knows, so one is for one thread.
    pub(super) fn new(blocks: &'c Blocks<'c>) -> Wiring<'c> {
        Wiring { root: Scope::root(&blocks.configuration.root), blocks, known: Lookup::default() }
    }

    /// The resources that the block of this instance refers to, anywhere in it or in the module calls around it;
    /// `None` if the configuration has no such block.
    pub(super) fn configured(&mut self, instance: &Instance) -> Option<Vec<Address>> {
        let block = instance.resource_address();
        if let Some(known) = self.known.get(&block) {
            return Some(known.clone());
        }
        let resource = self.blocks.resources.get(&block)?;
        let scope = self.root.descend(&instance.modules, false)?;
        let mut found = self.of_block(resource, &scope);
        found.extend(self.blocks.further.get(&block).into_iter().flatten().cloned());
        found.remove(&block);
        let addresses: Vec<Address> = found.into_iter().map(Address::new).collect();
        self.known.insert(block, addresses.clone());
        Some(addresses)
    }

    fn of_block(&self, resource: &'c Resource<'c>, scope: &Rc<Scope<'c>>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        add(scope, &resource.expressions, Some(&resource.for_each), &mut found);
        add(scope, &resource.count, None, &mut found);
        add(scope, &resource.for_each, None, &mut found);
        for block in &resource.beside {
            add(scope, &block.expressions, Some(&resource.for_each), &mut found);
        }
        depended(scope, &resource.depends_on, &mut found);
        let mut inner = Rc::clone(scope);
        while let Some((call, outer)) = inner.caller() {
            let outer = Rc::clone(outer);
            add(&outer, &call.count, None, &mut found);
            add(&outer, &call.for_each, None, &mut found);
            depended(&outer, &call.depends_on, &mut found);
            inner = outer;
        }
        if let Some(provider) = self.blocks.configuration.providers.get(&resource.provider) {
            let modules =
                provider.module.as_deref().map(|address| Instance::parse(&format!("{address}.x.x")));
            let steps = modules.flatten().map(|instance| instance.modules).unwrap_or_default();
            if let Some(scope) = self.root.descend(&steps, false) {
                add(&scope, &provider.expressions, None, &mut found);
            }
        }
        found
    }

    /// What the attributes of this instance refer to, by attribute path.
    pub(super) fn references(&self, instance: &Instance) -> BTreeMap<String, Vec<Reference>> {
        let mut all = BTreeMap::new();
        let Some(resource) = self.blocks.resources.get(&instance.resource_address()) else { return all };
        let Some(scope) = self.root.descend(&instance.modules, true) else { return all };
        let around = Loop { key: instance.key.as_deref(), over: Some(&resource.for_each) };
        resource.expressions.walk("", &mut |path, references| {
            let targets = resolve(&scope, references, around);
            let found: BTreeSet<Reference> = targets.iter().map(|target| self.narrowed(target)).collect();
            if !found.is_empty() {
                all.insert(path.to_owned(), found.into_iter().collect());
            }
        });
        all
    }

    /// The resources that each root output is made of.
    pub(super) fn outputs(&self) -> impl Iterator<Item = (&'c str, Vec<Address>)> {
        self.root.module().outputs.iter().map(|(name, output)| {
            let mut found = BTreeSet::new();
            add(&self.root, &output.expression, None, &mut found);
            depended(&self.root, &output.depends_on, &mut found);
            (name.as_str(), found.into_iter().map(Address::new).collect())
        })
    }

    /// The one instance that is meant, if it can be told; else the block.
    fn narrowed(&self, target: &Target) -> Reference {
        let block = address_of(target);
        let address = match self
            .blocks
            .instances
            .get(&block)
            .and_then(|of_block| meant(target, of_block.instances()))
        {
            Some(only) => only.to_owned(),
            None => block,
        };
        Reference { address: Address::new(address), attribute: target.attribute.clone() }
    }
}

/// Addresses of a block's instances, by the keys of the modules on the way, then by their own.
type Instances = BTreeMap<Vec<Option<String>>, BTreeMap<Option<String>, Address>>;

/// The instances of one block. Few blocks are ever asked for theirs: their addresses are taken apart only then.
#[derive(Default)]
struct OfBlock {
    addresses: Vec<Address>,
    sorted: OnceLock<Instances>,
}

impl OfBlock {
    fn instances(&self) -> &Instances {
        self.sorted.get_or_init(|| {
            let mut sorted = Instances::new();
            for address in &self.addresses {
                if let Some(instance) = Instance::parse(address.as_str()) {
                    let modules = instance.modules.into_iter().map(|(_, key)| key).collect();
                    sorted.entry(modules).or_default().insert(instance.key, address.clone());
                }
            }
            sorted
        })
    }
}

/// Module instances that are searched for one reference; beyond, the reference stays with the block.
const SEARCHED: usize = 200;

/// The only instance that the reference can mean, or the only one with the key that `each.key` has.
fn meant<'i>(target: &Target, instances: &'i Instances) -> Option<&'i str> {
    let exact: Option<Vec<Option<String>>> = target.modules.iter().map(|(_, pick)| pick.exact()).collect();
    let modules: Vec<_> = match exact {
        Some(keys) => instances.get_key_value(&keys).into_iter().collect(),
        None if instances.len() > SEARCHED => return None,
        None => {
            let fits = |keys: &[Option<String>]| {
                target.modules.iter().zip(keys).all(|((_, pick), key)| pick.allows(key))
            };
            instances.iter().filter(|(keys, _)| fits(keys)).collect()
        }
    };
    let possible = modules.iter().flat_map(|(_, of_module)| {
        let (one, all) = match target.key.exact() {
            Some(key) => (of_module.get(&key), None),
            None => (None, Some(of_module.values())),
        };
        one.into_iter().chain(all.into_iter().flatten())
    });
    only(possible).or_else(|| {
        let prefer = target.prefer.as_ref()?;
        only(modules.iter().flat_map(|(keys, of_module)| {
            // Where the reference leaves a key open, it must be this one, and one such place there must be.
            let open = || {
                target
                    .modules
                    .iter()
                    .zip(*keys)
                    .filter(|((_, pick), key)| pick.exact().is_none() && key.is_some())
            };
            let agree = open().all(|(_, key)| key.as_ref() == Some(prefer));
            let own = match target.key.exact() {
                Some(key) => of_module.get(&key).filter(|_| open().count() > 0),
                None => of_module
                    .get(&Some(prefer.clone()))
                    .or_else(|| of_module.get(&None).filter(|_| open().count() > 0)),
            };
            own.filter(|_| agree)
        }))
    })
}

/// The element, if there is one only.
fn only<'i>(mut all: impl Iterator<Item = &'i Address>) -> Option<&'i str> {
    let first = all.next()?;
    all.next().is_none().then_some(first.as_str())
}

fn address_of(target: &Target) -> String {
    resource_address(target.modules.iter().map(|(name, _)| name.as_str()), &target.resource)
}

fn list<'c>(module: &'c Module<'c>, path: &mut Vec<&'c str>, all: &mut BTreeMap<String, &'c Resource<'c>>) {
    for resource in &module.resources {
        all.insert(resource_address(path.iter().copied(), &resource.address), resource);
    }
    for (name, call) in &module.calls {
        path.push(name);
        list(&call.module, path, all);
        path.pop();
    }
}

fn add<'c>(
    scope: &Rc<Scope<'c>>,
    expression: &'c Expression,
    over: Option<&'c Expression>,
    found: &mut BTreeSet<String>,
) {
    expression.walk("", &mut |_, references| {
        found.extend(resolve(scope, references, Loop { key: None, over }).iter().map(address_of));
    });
}

/// `depends_on`: a module there means every resource within.
fn depended<'c>(scope: &Rc<Scope<'c>>, references: &[String], found: &mut BTreeSet<String>) {
    for reference in references {
        let module = match tokens(reference).as_slice() {
            [Token::Name("module"), Token::Name(name)]
            | [Token::Name("module"), Token::Name(name), Token::Key(_)] => {
                scope.child(name, super::resolve::Pick::Any)
            }
            _ => None,
        };
        match module {
            Some(child) => {
                let path = child.path();
                let mut names: Vec<&str> = path.iter().map(|(name, _)| name.as_str()).collect();
                let mut all = BTreeMap::new();
                list(child.module(), &mut names, &mut all);
                found.extend(all.into_keys());
            }
            None => {
                let one = std::slice::from_ref(reference);
                found.extend(resolve(scope, one, Loop::default()).iter().map(address_of));
            }
        }
    }
}
