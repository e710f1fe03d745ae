//! Whether files are those that were planned. A plan file's own are; a directory's must agree with what the plan's JSON
//! tells of the configuration, or they may only say where blocks stand: a wrong edge could make a loss look covered.

use super::{Origin, Sources};
use crate::plan::address::{resource_address, tokens};
use crate::plan::configuration::{Configuration, Module};
use std::collections::{BTreeMap, BTreeSet};

impl Sources {
    /// The configuration with what the files add, and what is to be said about it.
    pub(in crate::plan) fn added_to<'a>(
        &self,
        json: Option<Configuration<'a>>,
        path: &str,
    ) -> (Option<Configuration<'a>>, Option<String>) {
        let read = &self.read;
        let blocks = read.places.addresses();
        if blocks.is_empty() {
            return (json, None);
        }
        let differs = match (&json, read.origin) {
            (_, Origin::Package) => None,
            (None, Origin::Directory) => Some("the plan does not tell of its configuration".to_owned()),
            (Some(json), Origin::Directory) => difference(json, &read.configuration, &blocks),
        };
        if let Some(why) = differs {
            let note = format!(
                "{path}: the configuration in its directory is not the one that was planned ({why}): only files and lines \
                 are taken from it; give the plan file, or the right --config-dir"
            );
            return (json, Some(note));
        }
        (Some(super::unite::united(json.unwrap_or_default(), &read.configuration)), None)
    }
}

/// The first thing in which they differ.
fn difference(
    json: &Configuration<'_>,
    files: &Configuration<'_>,
    blocks: &BTreeSet<&str>,
) -> Option<String> {
    let (planned, read) = (listed(&json.root), listed(&files.root));
    for (block, references) in &planned {
        if !blocks.contains(block.as_str()) {
            return Some(format!("{block} is not in it"));
        }
        let known = read.get(block).cloned().unwrap_or_default();
        if !references.is_subset(&known) {
            return Some(format!("{block} differs"));
        }
    }
    let more = blocks.iter().find(|block| !planned.contains_key(**block))?;
    Some(format!("{more} is not in the plan's"))
}

/// All blocks with everything that their arguments refer to.
fn listed(root: &Module<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    let mut open = vec![(Vec::new(), root)];
    while let Some((path, module)) = open.pop() {
        for resource in &module.resources {
            let mut found = BTreeSet::new();
            for expression in [&resource.expressions, &resource.count, &resource.for_each] {
                for reference in expression.references() {
                    found.extend(prefixes(&reference));
                }
            }
            // What cannot be seen in this form at all: the names of a provider's own blocks.
            all.insert(resource_address(path.iter().copied(), &resource.address), found);
        }
        for (name, call) in &module.calls {
            let mut inner = path.clone();
            inner.push(name.as_str());
            open.push((inner, &call.module));
        }
    }
    all
}

/// A reference and what it is a step of: `a.b[0].id`, `a.b[0]`, `a.b`, `a`.
fn prefixes(reference: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut text = String::new();
    for token in tokens(reference) {
        match token {
            crate::plan::address::Token::Name(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            crate::plan::address::Token::Key(key) => text.push_str(&format!("[{key}]")),
        }
        found.push(text.clone());
    }
    found
}
