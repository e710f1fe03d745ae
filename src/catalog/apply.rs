//! From one object to the facts that it carries.

use super::alter::altered;
use super::content::content;
use super::end::{end, until};
use super::entry::{ContentEntry, Entry, Test, When};
use super::lease::lease;
use super::path::{Filled, Found, Path, Scope, Template, scalar, taken_from};
use super::restart::restarts;
use super::scan::named_things;
use super::shape::reshape;
use super::wants::read_needs;
use super::{Catalog, documents};
use crate::model::{
    Address, Alias, Attributes, Class, Content, Criticality, Fact, Object, Presence, Serves, Side,
};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// One side of an object, with what all facts read off it have in common.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) object: &'a Object,
    attributes: &'a Attributes,
    pub(super) side: Side,
    presence: Presence,
    /// The attributes as their source spells them, where they were brought into another shape.
    spelt: Option<&'a Attributes>,
}

impl Catalog {
    /// All facts that an object carries, for each side of the plan that it stands on.
    ///
    /// `doubtful`: the source is too old to say what is there now. `unconfigured`: addresses of resources that the
    /// configuration no longer has, so that nothing can refer to them after the plan.
    pub fn facts(&self, object: &Object, doubtful: bool, unconfigured: &BTreeSet<Address>) -> Vec<Fact> {
        self.facts_of(Cow::Borrowed(object), Some(object), doubtful, unconfigured)
    }

    /// The same, of an object whose values nobody needs afterwards: they are gone then, and a long policy document is
    /// not copied to be opened.
    pub fn last_facts(
        &self,
        object: &mut Object,
        doubtful: bool,
        unconfigured: &BTreeSet<Address>,
    ) -> Vec<Fact> {
        let entry = self.entry(object.kind.as_str());
        let opens = entry.is_some_and(|entry| !entry.documents.is_empty() && entry.alias_of.is_none());
        // What is watched is looked up as the source spells it, too.
        let facts = (!opens || !self.watched.is_empty()).then(|| self.facts(object, doubtful, unconfigured));
        let mut take =
            |side: fn(&mut Object) -> &mut Option<Attributes>| side(object).as_mut().map(std::mem::take);
        let (before, after) = (take(|object| &mut object.before), take(|object| &mut object.after));
        facts.unwrap_or_else(|| {
            let taken = Object { before, after, ..object.clone() };
            self.facts_of(Cow::Owned(taken), None, doubtful, unconfigured)
        })
    }

    /// `given`: the object as its source spells it, if anybody may ask for that.
    fn facts_of(
        &self,
        object: Cow<'_, Object>,
        given: Option<&Object>,
        doubtful: bool,
        unconfigured: &BTreeSet<Address>,
    ) -> Vec<Fact> {
        let mut facts = Vec::new();
        let Some(mut entry) = self.entry(object.kind.as_str()) else { return facts };
        let mut object = object;
        if let Some((kind, shape)) = &entry.alias_of {
            let turn = |attributes: &Option<Attributes>| match (attributes, shape) {
                (Some(attributes), Some(shape)) => Some(reshape(attributes, shape)),
                (attributes, _) => attributes.clone(),
            };
            let mut turned = Object {
                kind: kind.clone(),
                before: turn(&object.before),
                after: turn(&object.after),
                evidence: object.evidence.clone(),
                address: object.address.clone(),
                depends_on: object.depends_on.clone(),
                beyond: object.beyond.clone(),
                configured: object.configured.clone(),
                ..*object
            };
            // A manifest names its own kind.
            if let Some(own) = manifest_kind(&turned) {
                turned.kind = own;
            }
            let Some(real) = self.entry(turned.kind.as_str()) else { return facts };
            entry = real;
            object = Cow::Owned(turned);
        }
        if object.in_place && !entry.keeps.is_empty() {
            let mut kept = object.into_owned();
            if let (Some(before), Some(after)) = (&kept.before, &mut kept.after) {
                keep(&entry.keeps, before, after);
            }
            object = Cow::Owned(kept);
        }
        if !entry.documents.is_empty() {
            let mut read = object.into_owned();
            for side in [&mut read.before, &mut read.after].into_iter().flatten() {
                documents::open(&entry.documents, side);
            }
            object = Cow::Owned(read);
        }
        let object = object.as_ref();
        let sides: &[(Side, Option<&Attributes>)] = if object.standing {
            &[(Side::Both, object.before.as_ref())]
        } else {
            &[(Side::Before, object.before.as_ref()), (Side::After, object.after.as_ref())]
        };
        for (side, attributes) in sides {
            let Some(attributes) = attributes else { continue };
            let presence = match (object.gone, doubtful) {
                (true, _) => Presence::Absent,
                (false, true) => Presence::Unknown,
                (false, false) => Presence::Present,
            };
            let spelt = match side {
                Side::After => given.and_then(|given| given.after.as_ref()),
                Side::Before | Side::Both => given.and_then(|given| given.before.as_ref()),
            };
            let view = View { object, attributes, side: *side, presence, spelt };
            self.read(entry, view, unconfigured, &mut facts);
        }
        if object.in_place {
            self.read_kept(entry, object, &mut facts);
            decide(object, &mut facts);
        }
        facts
    }

    fn read(&self, entry: &Entry, view: View<'_>, unconfigured: &BTreeSet<Address>, facts: &mut Vec<Fact>) {
        let scope = Scope {
            attributes: view.attributes,
            address: view.object.address.as_ref(),
            item: None,
            kind: view.object.kind.as_str(),
        };
        if !holds(&entry.when, scope) {
            return;
        }
        let mut main = self.fact(entry, view, scope, None);
        if entry.outlives && view.side == Side::Before && view.object.after.is_none() {
            main.side = Side::Both;
        }
        if let Some(address) = &view.object.address {
            main.names.push(Alias::new("address", address.as_str()));
            main.names.push(Alias::new("resource", without_key(address.as_str())));
        }
        for need in self.needs_of(view.object.kind.as_str()) {
            read_needs(need, scope, view.object.taken_at, &mut main.wants);
        }
        main.wants.extend(self.dependencies(entry, view, unconfigured));
        let inside = self.containers_of(&main);
        main.wants.extend(inside);
        if !object_is_gone(view) {
            main.settings = self.settings(entry, scope, view.spelt, goes(view.object));
        }
        if entry.scan {
            main.wants.extend(named_things(view.attributes.value.reveal(), &main));
        }
        main.wants.shrink_to_fit();
        let carrier = main.carrier.clone();
        facts.push(main);
        for carried in &entry.carries {
            self.read_carried(carried, view, scope, &carrier, facts);
        }
    }

    /// What an updated object carried before, where it is not known yet what it will carry: that may stay.
    fn read_kept(&self, entry: &Entry, object: &Object, facts: &mut Vec<Fact>) {
        let (Some(before), Some(after)) = (&object.before, &object.after) else { return };
        let Some(carrier) = facts.first().map(|main| main.carrier.clone()) else { return };
        let (address, kind) = (object.address.as_ref(), object.kind.as_str());
        let was = Scope { attributes: before, address, item: None, kind };
        let will = Scope { attributes: after, ..was };
        let view =
            View { object, attributes: before, side: Side::After, presence: Presence::Unknown, spelt: None };
        for carried in &entry.carries {
            let open = |each: &Path| {
                let found = each.find(will);
                found
                    .iter()
                    .any(|at| matches!(at, Found::Unknown(path) if !is_told(carried, each, path, will)))
            };
            if carried.each.as_ref().is_some_and(open) {
                self.read_carried(carried, view, was, &carrier, facts);
            }
            // Who is in a group is a secret, and stays one: of none of its members is it known whether they stay.
            let hidden = |each: &Path| {
                let found = [was, will].into_iter().flat_map(|scope| each.find(scope));
                found.into_iter().any(|found| matches!(found, Found::Hidden(_)))
            };
            let members = matches!(carried.content, ContentEntry::Membership(..));
            if members && carried.each.as_ref().is_some_and(hidden) {
                facts.push(self.fact(carried, view, will, Some(&carrier)));
            }
        }
    }

    fn read_carried<'a>(
        &self,
        entry: &Entry,
        view: View<'a>,
        scope: Scope<'a>,
        carrier: &str,
        facts: &mut Vec<Fact>,
    ) {
        // What says nothing, since values for it are missing, is no fact.
        let says = |scope: Scope<'_>| holds(&entry.when, scope) && content(&entry.content, scope).is_some();
        let Some(each) = &entry.each else {
            if says(scope) {
                facts.push(self.fact(entry, view, scope, Some(carrier)));
            }
            return;
        };
        for (index, found) in each.find(scope).into_iter().enumerate() {
            let (value, path) = match found {
                Found::Value(value, path) => (value, path),
                Found::Unknown(path) if is_told(entry, each, &path, scope) => (&Value::Null, path),
                Found::Unknown(_) | Found::Hidden(_) => continue,
            };
            let scope = Scope { item: Some((value, &path, index)), ..scope };
            if says(scope) {
                facts.push(self.fact(entry, view, scope, Some(carrier)));
            }
        }
    }

    fn fact(&self, entry: &Entry, view: View<'_>, scope: Scope<'_>, carrier: Option<&str>) -> Fact {
        let fill = |list: &[super::path::AliasTemplate], more: usize| -> Vec<Alias> {
            let mut filled = Vec::with_capacity(list.len() + more);
            filled.extend(list.iter().filter_map(|alias| alias.fill(scope)));
            filled
        };
        let unique = fill(&entry.unique, 0);
        // What stands for an object has its address for a name too, what it carries the object's.
        let mut names = fill(&entry.names, if carrier.is_none() { 2 } else { 1 });
        let object = view.object;
        let itself =
            object.address.as_ref().filter(|_| carrier.is_none() && entry.scan).map(Address::to_string);
        let name = entry.name.iter().find_map(|template| text(template, scope)).or(itself).or_else(|| {
            names.first().map(Alias::to_string).or_else(|| object.address.as_ref().map(Address::to_string))
        });
        let own_carrier = names
            .first()
            .map(Alias::to_string)
            .or_else(|| object.address.as_ref().map(Address::to_string))
            .unwrap_or_else(|| format!("{}{}", object.evidence.source.0, object.evidence.pointer));
        let mut wants = Vec::new();
        for need in &entry.needs {
            read_needs(need, scope, object.taken_at, &mut wants);
        }
        let name = name.unwrap_or_else(|| object.kind.to_string()).trim_end().to_owned();
        if let (Some(carrier), true) = (carrier, unique.is_empty() && names.is_empty()) {
            // Without a name of its own it is the same before and after if it is called the same.
            names.push(Alias::new("carried", &format!("{carrier} {name}")));
        }
        let content = content(&entry.content, scope).unwrap_or(Content::Thing);
        let lets_go = entry.only_deletion && object.after.is_some();
        Fact {
            // What takes access away is no access: nobody uses it.
            class: if content.denies() { Class::Other } else { entry.class },
            kind: object.kind.clone(),
            name,
            // It may go from an object that stays.
            side: match (entry.outlives && carrier.is_some() && !lets_go, view.side) {
                (true, Side::Before) => Side::Both,
                (_, side) => side,
            },
            presence: view.presence.min(in_use(entry, view, scope)).min(altered(entry, object, view.side)),
            unique,
            names,
            carrier: entry
                .carrier
                .as_ref()
                .and_then(|template| text(template, scope))
                .unwrap_or_else(|| carrier.map_or(own_carrier, str::to_owned)),
            content,
            refuses_duplicates: entry.refuses_duplicates,
            natural_key: entry.natural_key,
            outlives: entry.outlives,
            restarts: restarts(entry, object),
            wants,
            evidence: object.evidence.clone(),
            taken_at: object.taken_at,
            change: object.change,
            managed: !entry.merely_tells
                && object.address.as_ref().is_some_and(|address| !is_data(address.as_str())),
            address: object.address.clone(),
            end: end(&entry.ends, scope).or_else(|| until(&entry.content, scope)),
            lease: lease(entry.lease.as_deref(), scope),
            undo: entry.undo.clone(),
            users_listed_by: entry.users_listed_by.clone(),
            listed_by: entry.listed_by.clone(),
            // Several labels may disagree: the highest counts.
            criticality: self
                .criticality
                .iter()
                .flat_map(|path| path.find(scope))
                .filter_map(|found| match found {
                    Found::Value(value, _) => rated(&scalar(value)?),
                    Found::Unknown(_) | Found::Hidden(_) => None,
                })
                .max(),
            settings: None,
            environment: match carrier {
                None => self.environment.iter().flat_map(|path| path.find(scope)).find_map(named),
                Some(_) => None,
            },
            part_of: entry.part_of.as_ref().and_then(|alias| alias.fill(scope)),
            serves: Some(serves(entry, scope)).filter(|serves| *serves != Serves::default()).map(Box::new),
        }
    }
}

/// What an object merely tells of is decided by its update where that makes it another: a provider shows there what others
/// made, and leaves it as it is unless the configuration says so. Source: hashicorp/aws, `managed_policy_arns` and
/// `inline_policy` of `aws_iam_role` ("exclusive" if they are set), `policy` of `aws_kms_key`.
fn decide(object: &Object, facts: &mut [Fact]) {
    if object.address.as_ref().is_none_or(|address| is_data(address.as_str())) {
        return;
    }
    let told = |fact: &Fact, side: Side| !fact.managed && fact.side == side;
    let same = |one: &Fact, other: &Fact| {
        one.unique == other.unique && one.names == other.names && one.content == other.content
    };
    let changed: Vec<usize> = (0..facts.len())
        .filter(|index| {
            let Some(fact) = facts.get(*index) else { return false };
            [(Side::Before, Side::After), (Side::After, Side::Before)].into_iter().any(|(side, other)| {
                told(fact, side) && !facts.iter().any(|twin| told(twin, other) && same(fact, twin))
            })
        })
        .collect();
    for index in changed {
        if let Some(fact) = facts.get_mut(index) {
            fact.managed = true;
        }
    }
}

/// `kubernetes_manifest` and its like: the object inside says what it is.
fn manifest_kind(object: &Object) -> Option<crate::model::Kind> {
    if object.kind.as_str() != "kubernetes:" {
        return None;
    }
    let inside = object.after.as_ref().or(object.before.as_ref())?;
    let kind = inside.value.reveal().get("kind").and_then(Value::as_str)?;
    Some(format!("kubernetes:{kind}").as_str().into())
}

fn serves(entry: &Entry, scope: Scope<'_>) -> Serves {
    let all = |paths: &[Path]| -> Vec<String> {
        paths
            .iter()
            .flat_map(|path| path.find(scope))
            .filter_map(|found| match found {
                Found::Value(value, _) => scalar(value),
                Found::Unknown(_) | Found::Hidden(_) => None,
            })
            .collect()
    };
    Serves {
        exactly: all(&entry.serves.exactly),
        below: all(&entry.serves.below),
        likely_below: all(&entry.serves.likely_below),
        undecidable: entry
            .serves
            .undecidable
            .as_ref()
            .filter(|(path, _)| !path.find(scope).is_empty())
            .map(|(_, text)| text.clone()),
    }
}

/// Whether an address is that of a data source: it tells of something, and decides nothing about it.
fn is_data(address: &str) -> bool {
    let plain = without_key(address);
    let mut parts = plain.rsplit('.');
    let _name = parts.next();
    let _kind = parts.next();
    // An address of a further plan or state has its path and a `#` before it.
    parts.next().is_some_and(|part| part.rsplit('#').next() == Some("data"))
}

/// Whether a single value that is known only after apply is told of by the resource that it is taken from: a role that
/// the same plan makes. A data source may tell of what was there before, and a document is no name of anything.
fn is_told(entry: &Entry, each: &Path, path: &str, scope: Scope<'_>) -> bool {
    let names = matches!(entry.content, ContentEntry::ActsAs { .. } | ContentEntry::Bound(..));
    names && each.is_single(path) && taken_from(path, scope).is_some_and(|from| !is_data(from.as_str()))
}

/// Fills in values that an update in place keeps.
fn keep(paths: &[Path], before: &Attributes, after: &mut Attributes) {
    for path in paths {
        let scope = Scope { attributes: before, address: None, item: None, kind: "" };
        for found in path.find(scope) {
            if let Found::Value(value, at) = found {
                set(after.value.reveal_mut(), &at, value);
            }
        }
    }
}

/// Sets a value that is missing at a dotted path, if everything above it is there.
fn set(root: &mut Value, path: &str, value: &Value) {
    let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
    let mut at = root;
    for key in above.split('.').filter(|key| !key.is_empty()) {
        let next = match at {
            Value::Object(map) => map.get_mut(key),
            Value::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            _ => None,
        };
        match next {
            Some(inner) => at = inner,
            None => return,
        }
    }
    if let Value::Object(map) = at
        && map.get(last).is_none_or(Value::is_null)
    {
        map.insert(last.to_owned(), value.clone());
    }
}

/// An address without the key of the resource itself: `a.b["x"]` → `a.b`.
pub(super) fn without_key(address: &str) -> &str {
    match address.strip_suffix(']').and_then(|rest| rest.rfind('[')) {
        Some(open) => address.get(..open).unwrap_or(address),
        None => address,
    }
}

/// The same, where an autoscaler may have turned it off and turns it on again.
fn in_use(entry: &Entry, view: View<'_>, scope: Scope<'_>) -> Presence {
    let own = turned_off(entry, scope);
    if own != Presence::Absent || !entry.wakes {
        return own;
    }
    let before =
        view.object.before.as_ref().map(|before| turned_off(entry, Scope { attributes: before, ..scope }));
    match (view.side, before) {
        (Side::After, Some(Presence::Present)) => Presence::Absent,
        _ => Presence::Unknown,
    }
}

/// Whether it is there as far as its switch says: what is known only after apply may turn it off.
fn turned_off(entry: &Entry, scope: Scope<'_>) -> Presence {
    let any = |unknown: bool| entry.off.iter().any(|one| met(std::slice::from_ref(one), scope, unknown));
    match (any(false), any(true)) {
        (true, _) => Presence::Absent,
        (false, true) => Presence::Unknown,
        (false, false) => Presence::Present,
    }
}

/// What was deleted already is not like anything.
fn object_is_gone(view: View<'_>) -> bool {
    view.presence == Presence::Absent
}

/// Whether a plan deletes it.
fn goes(object: &Object) -> bool {
    !object.standing && object.after.is_none()
}

fn named(found: Found<'_>) -> Option<std::sync::Arc<str>> {
    match found {
        Found::Value(value, _) => scalar(value).map(Into::into),
        Found::Unknown(_) | Found::Hidden(_) => None,
    }
}

fn rated(word: &str) -> Option<Criticality> {
    match word.to_ascii_lowercase().as_str() {
        "critical" => Some(Criticality::Critical),
        "important" => Some(Criticality::Important),
        "normal" => Some(Criticality::Normal),
        _ => None,
    }
}

/// Whether all conditions hold. What is known only after apply may be anything: a condition on it holds.
pub(super) fn holds(when: &[When], scope: Scope<'_>) -> bool {
    met(when, scope, true)
}

/// The same, with a word on conditions of which nobody knows whether they hold.
pub(super) fn met(when: &[When], scope: Scope<'_>, unknown: bool) -> bool {
    when.iter().all(|condition| {
        let found = condition.path.find(scope);
        let asks = matches!(condition.test, Test::Unknown);
        if found.iter().any(|at| matches!(at, Found::Unknown(_) | Found::Hidden(_))) {
            return asks || unknown;
        }
        let values: Vec<String> = found
            .iter()
            .filter_map(|at| match at {
                Found::Value(value, _) => Some(scalar(value).unwrap_or_else(|| "(not a scalar)".to_owned())),
                Found::Unknown(_) | Found::Hidden(_) => None,
            })
            .collect();
        if values.is_empty() && condition.or_missing {
            return true;
        }
        match &condition.test {
            Test::Equals(wanted) => values.iter().any(|value| value.eq_ignore_ascii_case(wanted)),
            Test::Not(unwanted) => !values.iter().any(|value| value.eq_ignore_ascii_case(unwanted)),
            Test::Matches(pattern) => values.iter().any(|value| pattern.is_match(value)),
            Test::Missing => values.is_empty(),
            Test::There => !values.is_empty(),
            Test::Unknown => false,
        }
    })
}

pub(super) fn text(template: &Template, scope: Scope<'_>) -> Option<String> {
    match template.fill(scope) {
        Filled::Text(text) | Filled::Unknown(Some(text)) => Some(text),
        Filled::Missing | Filled::Unknown(None) => None,
    }
}
