//! Where the blocks stand: file and line of every resource, and of the `moved` and `removed` blocks that speak of those
//! that are gone.

use super::lower::address;
use super::module::Blocks;
use crate::model::Place;
use crate::plan::address::{Instance, Token, resource_address, tokens};
use std::collections::{BTreeMap, BTreeSet};

/// The places of a configuration.
#[derive(Default)]
pub(super) struct Places {
    /// By the address of the block, without keys.
    blocks: BTreeMap<String, Place>,
    /// By the address, without keys, that a block takes something away from: a resource, or a whole module.
    farewells: BTreeMap<String, Place>,
}

impl Places {
    /// Lists them; `modules` as in `modules.json`.
    pub(super) fn of(modules: &BTreeMap<String, Blocks>) -> Places {
        let mut places = Places::default();
        for (key, blocks) in modules {
            let module = || key.split('.').filter(|name| !name.is_empty());
            for placed in &blocks.list {
                let place = Place { file: placed.file.clone(), line: placed.block.line };
                if let Some(own) = address(&placed.block) {
                    places.blocks.entry(resource_address(module(), &own)).or_insert(place);
                    continue;
                }
                let sides: &[&str] = match placed.block.kind.as_str() {
                    "removed" => &["from"],
                    "moved" => &["from", "to"],
                    _ => continue,
                };
                for side in sides {
                    let Some(target) = placed.block.body.plain(side).and_then(without_keys) else { continue };
                    places
                        .farewells
                        .entry(resource_address(module(), &target))
                        .or_insert_with(|| place.clone());
                }
            }
        }
        places
    }

    /// Where an instance is configured; one that is not any more: where that is said.
    pub(super) fn find(&self, instance: &Instance) -> Option<&Place> {
        let block = instance.resource_address();
        if let Some(place) = self.blocks.get(&block).or_else(|| self.farewells.get(&block)) {
            return Some(place);
        }
        let names: Vec<&str> = instance.modules.iter().map(|(name, _)| name.as_str()).collect();
        (1..=names.len()).rev().find_map(|length| {
            let (last, before) = names.get(..length)?.split_last()?;
            self.farewells.get(&resource_address(before.iter().copied(), &format!("module.{last}")))
        })
    }

    /// The addresses of all resources and data sources.
    pub(super) fn addresses(&self) -> BTreeSet<&str> {
        self.blocks.keys().map(String::as_str).filter(|address| !is_ephemeral(address)).collect()
    }
}

/// The plan's JSON of Terraform leaves these out.
fn is_ephemeral(address: &str) -> bool {
    tokens(address).contains(&Token::Name("ephemeral"))
}

/// `module.a["k"].t.n[0]` without its keys.
fn without_keys(text: &str) -> Option<String> {
    let names = tokens(text).into_iter().filter_map(|token| match token {
        Token::Name(name) => Some(name),
        Token::Key(_) => None,
    });
    let joined = names.collect::<Vec<_>>().join(".");
    (!joined.is_empty()).then_some(joined)
}
