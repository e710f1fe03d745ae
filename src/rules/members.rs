//! What becomes of the members of a population: whether they stay, by which key they are known, and whether their
//! inventory has it.

use super::{Judged, unclear};
use crate::estate::{Held, Reading, Stage, presence};
use crate::model::{
    Action, ChangeIx, Evidence, Inventory, Listed, Node, NodeIx, Plain, Population, Presence, Told,
};
use std::collections::BTreeMap;

/// Whether the inventory has the key of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// Letter by letter.
    Matches,
    /// In other letter case only.
    ButForCase,
    /// No.
    Differs,
    /// It has no key.
    Keyless,
    /// It cannot be told: why, and whether that is input that should be there.
    Unclear(String, bool),
}

impl Fit {
    /// Whether it surely does not match.
    pub fn fails(&self) -> bool {
        matches!(self, Fit::ButForCase | Fit::Differs | Fit::Keyless)
    }
}

/// What a change makes of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rekeyed {
    /// Another one.
    Surely,
    /// Perhaps another one: why that is not known.
    Perhaps(&'static str),
    /// In place, one that the inventory has, where it did not have the old one.
    Repaired,
}

/// One member.
pub struct Member<'a> {
    /// Its number.
    pub index: NodeIx,
    /// The thing.
    pub node: &'a Node,
    /// It was there before.
    pub was: bool,
    /// Whether it is there after.
    pub is: Presence,
    /// The change that decides what it is like, if one does.
    pub change: Option<ChangeIx>,
    /// What that makes of its key, if it changes it; told once for each change.
    pub rekeyed: Option<Rekeyed>,
    /// Whether its key matches after.
    pub fit: Fit,
    /// Where its key is told.
    pub evidence: Option<Evidence>,
}

/// All members that are there before or after.
pub fn members<'a>(
    judged: &Judged<'a>,
    population: &Population,
    nodes: &[NodeIx],
    inventory: &Inventory,
) -> Vec<Member<'a>> {
    let makes = |change: ChangeIx| judged.makes(change);
    let reading = Reading { sources: judged.sources, now: judged.now, makes: &makes };
    let mut all: Vec<Member<'a>> = Vec::with_capacity(nodes.len());
    let mut keys: BTreeMap<ChangeIx, Keys<'a>> = BTreeMap::new();
    for index in nodes {
        let Some(node) = judged.estate.node(*index) else { continue };
        let was = presence(node, |_| Stage::Before) != Presence::Absent;
        let is = judged.outcome.held.scenario.presence(*index, node);
        let told = node.states.iter().filter_map(|state| state.change);
        // Of one without any key no state tells.
        let own = node.claims.iter().filter(|claim| claim.managed).filter_map(|claim| claim.change);
        let change = told.chain(own).find(|change| does(judged, *change));
        for state in node.states.iter().filter(|state| !state.left && state.change == change) {
            let Some(change) = change else { continue };
            let keys = keys.entry(change).or_default();
            let values = state.values(&population.key);
            if state.side.before() {
                keys.before.extend(values);
            }
            if state.side.after() {
                keys.after.extend(values);
            }
        }
        if !was && is == Presence::Absent {
            continue;
        }
        // Of something that is replaced and is somebody else then, the new one is told.
        if let Some(keys) = change.and_then(|change| keys.get_mut(&change))
            && keys.told.and_then(|at| all.get(at)).is_none_or(|known| known.is < is)
        {
            keys.told = Some(all.len());
        }
        let held = reading.held(node, &population.key, Stage::After);
        let evidence = match &held {
            Held::Like { evidence, .. } => Some(evidence.clone()),
            Held::Unclear { .. } | Held::Missing => None,
        };
        let fit = fit(judged, &held, inventory);
        all.push(Member { index: *index, node, was, is, change, rekeyed: None, fit, evidence });
    }
    for (change, keys) in keys {
        let Some(rekeyed) = rekeyed(judged, change, &keys, inventory) else { continue };
        if let Some(member) = keys.told.and_then(|at| all.get_mut(at)) {
            // No value is told of what is unset.
            if keys.after.is_empty() && !matches!(member.fit, Fit::Unclear(_, true)) {
                member.fit = Fit::Keyless;
            }
            member.rekeyed = Some(rekeyed);
        }
    }
    all
}

/// The keys of what a change is about.
#[derive(Debug, Default)]
struct Keys<'a> {
    before: Vec<&'a Told>,
    after: Vec<&'a Told>,
    /// Which member it is told of.
    told: Option<usize>,
}

/// Whether a change is made and does something.
fn does(judged: &Judged<'_>, change: ChangeIx) -> bool {
    let idle = |action: &Action| matches!(action, Action::NoOp | Action::Read | Action::Forget);
    judged.makes(change) && judged.change(change).is_some_and(|change| !idle(&change.action))
}

/// What a change that leaves something where something was makes of its key.
fn rekeyed(judged: &Judged<'_>, change: ChangeIx, keys: &Keys<'_>, inventory: &Inventory) -> Option<Rekeyed> {
    let action = &judged.change(change)?.action;
    if matches!(action, Action::Create | Action::Delete | Action::Other(_)) {
        return None;
    }
    let has = |is: fn(&Told) -> bool| keys.before.iter().chain(&keys.after).any(|told| is(told));
    if has(|told| matches!(told, Told::Hidden(_))) {
        return Some(Rekeyed::Perhaps("it is sensitive"));
    }
    if has(|told| matches!(told, Told::Unknown)) {
        return Some(Rekeyed::Perhaps("it is known only after apply"));
    }
    if keys.before == keys.after {
        return None;
    }
    let source = judged.sources.get(inventory.source.0 as usize);
    let fresh = source.is_some_and(|source| source.complete());
    let fits = |keys: &[&Told]| of_values(keys.iter().copied(), inventory) == Fit::Matches;
    let repaired = *action == Action::Update && fresh && fits(&keys.after) && !fits(&keys.before);
    Some(if repaired { Rekeyed::Repaired } else { Rekeyed::Surely })
}

/// Whether the inventory has what a member is known by. One that is not there or too old says nothing.
fn fit(judged: &Judged<'_>, held: &Held, inventory: &Inventory) -> Fit {
    let source = judged.sources.get(inventory.source.0 as usize);
    if let Some(doubt) = source.and_then(|source| source.doubt.as_ref()) {
        let path = source.map(|source| source.path.as_str()).unwrap_or_default();
        return Fit::Unclear(format!("{path}: {}", doubt.reason()), true);
    }
    match held {
        Held::Like { values, .. } => of_values(values, inventory),
        Held::Missing => Fit::Unclear("no source says what it is".to_owned(), false),
        Held::Unclear { why, .. } => {
            let (why, missing) = unclear::why(judged, why);
            Fit::Unclear(why, missing)
        }
    }
}

/// Of several values, as a path may lead to, each must match.
fn of_values<'v>(values: impl IntoIterator<Item = &'v Told>, inventory: &Inventory) -> Fit {
    let one = |told: &Told| match told {
        Told::Plain(key) if is_blank(key) => Fit::Keyless,
        Told::Plain(key) => match inventory.lists(key) {
            Listed::Exactly => Fit::Matches,
            Listed::ButForCase => Fit::ButForCase,
            Listed::Not => Fit::Differs,
        },
        // No row is a list or a block.
        Told::Deep(_) => Fit::Differs,
        Told::Unknown => Fit::Unclear("it is known only after apply".to_owned(), false),
        Told::Hidden(_) => Fit::Unclear("it is sensitive".to_owned(), false),
    };
    let rank = |fit: &Fit| match fit {
        Fit::Matches => 0,
        Fit::Unclear(..) => 1,
        Fit::ButForCase => 2,
        Fit::Differs => 3,
        Fit::Keyless => 4,
    };
    values.into_iter().map(one).max_by_key(rank).unwrap_or(Fit::Keyless)
}

fn is_blank(key: &Plain) -> bool {
    key.as_str().trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceIx;

    #[test]
    fn of_several_keys_each_must_match() {
        let mut inventory = Inventory::of(SourceIx(0));
        inventory.add(Plain::text("A-1"));
        inventory.add(Plain::text("B-2"));
        let text = |text: &str| Told::Plain(Plain::text(text));
        for (values, wanted) in [
            (vec![], Fit::Keyless),
            (vec![text(" ")], Fit::Keyless),
            (vec![text("A-1"), text("B-2")], Fit::Matches),
            (vec![text("A-1"), text("b-2")], Fit::ButForCase),
            (vec![text("a-1"), text("C-3")], Fit::Differs),
            (vec![text("A-1"), Told::Deep("{}".into())], Fit::Differs),
            (vec![Told::Unknown, text("C-3")], Fit::Differs),
        ] {
            assert_eq!(of_values(&values, &inventory), wanted, "{} values", values.len());
        }
        let unclear = |told: Told| matches!(of_values(&[text("A-1"), told], &inventory), Fit::Unclear(..));
        assert!(unclear(Told::Unknown) && unclear(Told::Hidden(None)));
    }
}
