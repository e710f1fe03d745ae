//! What an object wants: by the needs of its entry, by what Terraform knows, and by what it lies in.

use super::Catalog;
use super::apply::{View, holds, text, without_key};
use super::entry::{Entry, NeedEntry, PhaseEntry, WishEntry};
use super::path::{Found, Scope, Template};
use crate::model::{Address, Alias, Fact, Instant, Phase, Strength, Want, Wish};
use std::collections::BTreeSet;

impl Catalog {
    /// Edges that Terraform itself knows: what the state recorded before, and after it what the configuration can still
    /// refer to. They are assumed needs, as a dependency orders an apply and does not say that one breaks without the
    /// other; and they are read only where one end is of a type that nobody described: for the others the catalog knows
    /// better what they need.
    pub(super) fn dependencies(
        &self,
        entry: &Entry,
        view: View<'_>,
        unconfigured: &BTreeSet<Address>,
    ) -> Vec<Want> {
        let mut targets: BTreeSet<&Address> = view.object.depends_on.iter().collect();
        if view.side.after() {
            targets.extend(view.object.configured.iter().flatten());
            // Standing objects are read once for both sides; what went from the configuration is no need of theirs after.
            targets.retain(|address| !unconfigured.contains(*address));
        }
        targets.retain(|address| {
            entry.scan
                || type_of(address.as_str())
                    .and_then(|kind| self.entry(kind))
                    .is_none_or(|target| target.scan)
        });
        // What another workspace deletes is still asked for by this one, whatever the types.
        let beyond =
            view.object.beyond.iter().map(|address| (address, "output of", "another workspace's outputs"));
        let recorded = targets.into_iter().map(|address| (address, "depends on", "terraform dependencies"));
        recorded
            .chain(beyond)
            .map(|(address, how, entry)| Want {
                label: format!("{how} {address}"),
                strength: Strength::Assumed,
                phase: Phase::Always,
                wish: Wish::First(vec![
                    Alias::new("address", address.as_str()),
                    Alias::new("resource", without_key(address.as_str())),
                ]),
                if_known: true,
                entry: entry.into(),
            })
            .collect()
    }

    /// What lies in something goes with it.
    pub(super) fn containers_of(&self, fact: &Fact) -> Vec<Want> {
        let mut wants = Vec::new();
        for container in &self.containers {
            for alias in fact.names.iter().filter(|alias| alias.space() == container.space) {
                let found = container.inside.captures(alias.value()).and_then(|found| found.get(1));
                let (before, behind) = &container.outer;
                let outer = found.map(|found| format!("{before}{}{behind}", found.as_str()));
                if let Some(outer) = outer.filter(|outer| outer != alias.value()) {
                    wants.push(Want {
                        label: container.label.clone(),
                        strength: Strength::Inferred,
                        phase: Phase::Always,
                        wish: Wish::Inside(Alias::new(&container.space, &outer)),
                        if_known: true,
                        entry: "what it lies in".into(),
                    });
                }
            }
        }
        wants
    }
}

/// The resource type in an address: the part before the last name, `a` of `module.m["x.y"].a.b`.
fn type_of(address: &str) -> Option<&str> {
    let plain = without_key(address);
    let (before, _) = plain.rsplit_once('.')?;
    before.rsplit(['.', '#']).next()
}

/// Adds what a need of the entry comes to.
pub(super) fn read_needs(
    need: &NeedEntry,
    scope: Scope<'_>,
    taken_at: Option<Instant>,
    wants: &mut Vec<Want>,
) {
    let mut push = |scope: Scope<'_>| {
        if holds(&need.when, scope) {
            wants.extend(want(need, scope, taken_at));
        }
    };
    if need.each.is_empty() {
        push(scope);
    }
    let items = need.each.iter().flat_map(|each| each.find(scope));
    for (index, found) in items.enumerate() {
        let Found::Value(value, path) = found else { continue };
        push(Scope { item: Some((value, &path, index)), ..scope });
    }
}

fn want(need: &NeedEntry, scope: Scope<'_>, taken_at: Option<Instant>) -> Option<Want> {
    let fill = |list: &[super::path::AliasTemplate]| -> Vec<Alias> {
        list.iter().filter_map(|alias| alias.fill(scope)).collect()
    };
    let wish = match &need.wish {
        WishEntry::Any(list) => Wish::Any(non_empty(fill(list))?),
        WishEntry::First(list) => Wish::First(non_empty(fill(list))?),
        WishEntry::Part(whole, name) => Wish::Part { whole: whole.fill(scope)?, name: text(name, scope)? },
        WishEntry::Can { who, action, scope: place } => {
            Wish::Can { who: non_empty(fill(who))?, action: text(action, scope)?, scope: text(place, scope)? }
        }
        WishEntry::ActsAs(alias) => Wish::ActsAs(alias.fill(scope)?),
    };
    Some(Want {
        label: text(&need.label, scope)?,
        strength: need.strength,
        phase: phase(&need.phase, scope, taken_at),
        wish,
        if_known: need.if_known,
        entry: need.origin.clone(),
    })
}

fn non_empty(list: Vec<Alias>) -> Option<Vec<Alias>> {
    if list.is_empty() { None } else { Some(list) }
}

fn phase(entry: &PhaseEntry, scope: Scope<'_>, seen: Option<Instant>) -> Phase {
    match entry {
        PhaseEntry::Always => Phase::Always,
        PhaseEntry::Start => Phase::Start,
        PhaseEntry::Run => Phase::Run,
        PhaseEntry::Renew { end, at, start, lead, lead_percent } => {
            let instant = |template: &Template| text(template, scope)?.parse::<Instant>().ok();
            let end = instant(end);
            let begin = start.as_ref().and_then(instant);
            let lifetime = match (begin, end) {
                (Some(begin), Some(end)) => Some(end.as_second() - begin.as_second()),
                _ => None,
            };
            let lead = lead.as_ref().and_then(|template| super::duration::seconds(&text(template, scope)?));
            let percent =
                lead_percent.as_ref().and_then(|template| text(template, scope)?.parse::<i64>().ok());
            // Unset or out of range, renewal begins when a third of the issued lifetime is left: so cert-manager does.
            let lead = lead
                .filter(|lead| *lead > 0 && lifetime.is_none_or(|lifetime| *lead < lifetime))
                .or_else(|| {
                    let percent = percent.filter(|percent| (1..100).contains(percent))?;
                    lifetime?.checked_mul(percent).map(|share| share / 100)
                })
                .or_else(|| lifetime.map(|seconds| seconds / 3));
            let computed =
                end.zip(lead).and_then(|(end, lead)| Instant::from_second(end.as_second() - lead).ok());
            Phase::Renew { end, at: at.as_ref().and_then(instant).or(computed), seen }
        }
    }
}
