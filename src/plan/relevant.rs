//! `relevant_attributes`: whose values went into what a plan changes, whoever took them.
//!
//! Terraform follows locals there, which the configuration in the JSON leaves out. It names the sources without saying
//! for whom (`relevantResourceAttrsForPlan` in `internal/terraform/context_plan.go`), so that this is an edge only
//! where one block alone can have taken the value.

use super::address::Instance;
use super::lenient::lenient;
use super::raw::Document;
use super::wiring::Blocks;
use crate::model::{Action, Change};
use std::collections::{BTreeMap, BTreeSet};

lenient! {
    /// An entry of `relevant_attributes`.
    struct Relevant<'a> {
        resource: String = "resource",
    }
}

lenient! {
    /// An entry of `output_changes`. Its values are passed over.
    struct OutputChange<'a> {
        actions: Vec<String> = "actions",
    }
}

/// Further blocks that a block refers to, by the addresses of the blocks.
pub(super) type Further = BTreeMap<String, BTreeSet<String>>;

/// What follows from the sources of the changes.
pub(super) fn further(
    document: &Document<'_>,
    changes: &mut dyn Iterator<Item = (&Change, &Instance)>,
    blocks: &Blocks<'_>,
) -> Further {
    let mut further = Further::new();
    if document.relevant_attributes.is_empty() {
        return further;
    }
    // Outputs take values too, and this tells only of blocks. Of a section in another form nothing is known.
    let outputs = document.output_changes.map_or("{}", |raw| raw.get());
    let Ok(outputs) = serde_json::from_str::<BTreeMap<String, OutputChange<'_>>>(outputs) else {
        return further;
    };
    let changed = |output: &OutputChange<'_>| Action::from_words(&output.actions) != Action::NoOp;
    let mut outputs = outputs.iter().filter(|(_, output)| changed(output));
    if outputs.any(|(name, _)| blocks.output_hides(name)) {
        return further;
    }
    let takers: BTreeSet<String> = changes
        .filter(|(change, _)| change.action != Action::NoOp)
        .map(|(_, instance)| instance.resource_address())
        .filter(|block| blocks.has(block))
        .collect();
    for source in &document.relevant_attributes {
        let Some(source) = Instance::parse(&source.resource) else { continue };
        let source = source.resource_address();
        let mut others = takers.iter().filter(|taker| **taker != source);
        if let (Some(taker), None, true) = (others.next(), others.next(), blocks.has(&source)) {
            further.entry(taker.clone()).or_default().insert(source);
        }
    }
    further
}
