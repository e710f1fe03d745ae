//! What is not known, in words.

use crate::estate::{Doubtful, Estate};
use crate::model::{Change, Claim, Node, Presence, Source, Unknown};

/// Doubts in words, and whether one of them is input that should be there.
pub fn in_words(
    estate: &Estate,
    sources: &[Source],
    changes: &[Change],
    found: Vec<Doubtful>,
) -> (Vec<String>, bool) {
    let mut words = Vec::new();
    let mut missing = false;
    for doubtful in found {
        let (reason, gap) = match &doubtful {
            Doubtful::Support(unknown) => (unknown_in_words(unknown), unknown.missing_input),
            Doubtful::Presence(index) => match estate.node(*index) {
                Some(node) => presence(node, sources, changes),
                None => continue,
            },
            Doubtful::End(index) => match estate.node(*index) {
                Some(node) => (format!("until when {} is good is not known", node.id), false),
                None => continue,
            },
        };
        missing |= gap;
        if !words.contains(&reason) {
            words.push(reason);
        }
    }
    (words, missing)
}

fn presence(node: &Node, sources: &[Source], changes: &[Change]) -> (String, bool) {
    let source = node.claims.iter().find_map(|claim| {
        let source = sources.get(claim.evidence.source.0 as usize)?;
        source.doubt.as_ref().map(|doubt| format!("{}: {}", source.path, doubt.reason()))
    });
    match source {
        // Said once for each source, however much of it is concerned.
        Some(why) => (format!("whether what it tells of is still there is not known: {why}"), true),
        None => (
            unordered(node, changes)
                .unwrap_or_else(|| format!("sources disagree whether {} is there", node.id)),
            false,
        ),
    }
}

fn unordered(node: &Node, changes: &[Change]) -> Option<String> {
    let told = |fits: &dyn Fn(&Claim) -> bool| {
        let claim = node.claims.iter().find(|claim| claim.managed && fits(claim))?;
        changes.get(claim.change?.0 as usize)
    };
    let gone = told(&|claim| claim.before == Presence::Present && claim.after < Presence::Present)?;
    let made = told(&|claim| claim.before == Presence::Absent && claim.after == Presence::Unknown)?;
    Some(format!(
        "{} takes away what {} makes again, and nothing says which comes first: a `moved` block keeps it",
        gone.address, made.address
    ))
}

/// What is not known, and what would settle it.
fn unknown_in_words(unknown: &Unknown) -> String {
    match &unknown.settle {
        Some(command) => format!("{} (to settle it: {command})", unknown.reason),
        None => unknown.reason.clone(),
    }
}
