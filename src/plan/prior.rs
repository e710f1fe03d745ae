//! The prior state: what exists, after refresh and before the plan.

use super::address::Instance;
use super::raw::{PriorModule, PriorResource};
use std::collections::BTreeMap;

/// A resource instance of the prior state and where it stands in the file.
pub(super) struct Prior<'p, 'a> {
    /// What the state says.
    pub resource: &'p PriorResource<'a>,
    /// JSON pointer to it.
    pub pointer: String,
}

impl Prior<'_, '_> {
    /// The type: as written, else by the address.
    pub(super) fn kind(&self) -> String {
        if self.resource.kind.is_empty() {
            Instance::parse(&self.resource.address)
                .map(|instance| instance.kind().to_owned())
                .unwrap_or_default()
        } else {
            self.resource.kind.clone()
        }
    }
}

/// All instances of a state, in its order, by address and deposed key.
#[derive(Default)]
pub(super) struct PriorIndex<'p, 'a> {
    /// In the order of the file.
    pub all: Vec<Prior<'p, 'a>>,
    by_name: BTreeMap<(&'p str, Option<&'p str>), usize>,
}

impl<'p, 'a> PriorIndex<'p, 'a> {
    /// Lists the resources of a plan's prior state.
    pub(super) fn new(root: &'p PriorModule<'a>) -> PriorIndex<'p, 'a> {
        PriorIndex::at(root, "/prior_state/values/root_module")
    }

    /// Lists the resources of a module that stands there in the file, and of those below it.
    pub(super) fn at(root: &'p PriorModule<'a>, pointer: &str) -> PriorIndex<'p, 'a> {
        let mut index = PriorIndex { all: Vec::new(), by_name: BTreeMap::new() };
        index.add(root, pointer);
        index
    }

    fn add(&mut self, module: &'p PriorModule<'a>, pointer: &str) {
        for (number, resource) in module.resources.iter().enumerate() {
            let name = (resource.address.as_str(), resource.deposed.as_deref());
            self.by_name.insert(name, self.all.len());
            self.all.push(Prior { resource, pointer: format!("{pointer}/resources/{number}") });
        }
        for (number, child) in module.child_modules.iter().enumerate() {
            self.add(child, &format!("{pointer}/child_modules/{number}"));
        }
    }

    /// The instance of this address and deposed key.
    pub(super) fn get(&self, address: &str, deposed: Option<&str>) -> Option<&Prior<'p, 'a>> {
        self.by_name.get(&(address, deposed)).and_then(|index| self.all.get(*index))
    }
}
