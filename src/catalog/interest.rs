//! Which values of a kind the catalog ever looks at: those at which a path of its entries begins.
//!
//! Every field of an entry is named here, so that a new one cannot be forgotten: what is not wanted is not read.

use super::Catalog;
use super::end::EndEntry;
use super::entry::{ContentEntry, Entry, NeedEntry, PhaseEntry, RoleEntry, ServesEntry, When, WishEntry};
use super::path::{AliasTemplate, Path, Template};
use super::scan::may_name;
use crate::model::{Interest, Wanted};
use std::collections::BTreeSet;

impl Interest for Catalog {
    fn wanted(&self, kind: &str) -> Wanted {
        let Some(entry) = self.entry(kind).filter(|entry| entry.alias_of.is_none()) else {
            return Wanted::All;
        };
        // Whatever else it is called: that two objects are one shows by it.
        let mut names = BTreeSet::from(["id".to_owned()]);
        let mut all = false;
        let mut see = |path: &Path| match path.begins_with() {
            Begins::Item => {}
            Begins::Key(key) => drop(names.insert(key.to_owned())),
            Begins::Anywhere => all = true,
        };
        of_entry(entry, &mut see);
        self.needs_of(kind).for_each(|need| of_need(need, &mut see));
        self.criticality.iter().chain(&self.environment).for_each(&mut see);
        self.watched.iter().for_each(|watched| see(&watched.path));
        if all {
            return Wanted::All;
        }
        Wanted::Members { names, or: entry.scan.then_some(may_name) }
    }
}

/// Where a path begins.
pub(super) enum Begins<'p> {
    /// At the item of an `each`, whose own path is another.
    Item,
    /// At this member.
    Key(&'p str),
    /// At all members, or at the whole.
    Anywhere,
}

type See<'s> = dyn FnMut(&Path) + 's;

fn of_entry(entry: &Entry, see: &mut See<'_>) {
    let Entry {
        kinds: _,
        alias_of: _,
        class: _,
        each,
        when,
        off,
        name,
        unique,
        names,
        content,
        lease,
        ends,
        undo: _,
        users_listed_by: _,
        listed_by: _,
        refuses_duplicates: _,
        natural_key: _,
        restarts,
        alters,
        scan: _,
        keeps,
        documents,
        carrier,
        merely_tells: _,
        wakes: _,
        outlives: _,
        only_deletion: _,
        variant_of,
        attributes,
        leaves: _,
        part_of,
        serves,
        carries,
        needs,
    } = entry;
    each.iter().for_each(&mut *see);
    of_when(when, see);
    of_when(off, see);
    name.iter().for_each(|template| of_template(template, see));
    unique.iter().chain(names).chain(variant_of).chain(part_of).for_each(|alias| of_alias(alias, see));
    attributes.values().for_each(|template| of_template(template, see));
    of_content(content, see);
    lease.iter().flat_map(|lease| lease.paths()).for_each(&mut *see);
    for EndEntry { at, after: _, when, because: _ } in ends {
        of_template(at, see);
        of_when(when, see);
    }
    restarts.iter().chain(alters).chain(keeps).chain(documents).for_each(&mut *see);
    carrier.iter().for_each(|template| of_template(template, see));
    let ServesEntry { exactly, below, likely_below, undecidable } = serves;
    exactly.iter().chain(below).chain(likely_below).for_each(&mut *see);
    undecidable.iter().for_each(|(path, _)| see(path));
    carries.iter().for_each(|carried| of_entry(carried, see));
    needs.iter().for_each(|need| of_need(need, see));
}

fn of_when(when: &[When], see: &mut See<'_>) {
    for When { path, test: _, or_missing: _ } in when {
        see(path);
    }
}

fn of_template(template: &Template, see: &mut See<'_>) {
    template.paths().for_each(see);
}

fn of_alias(alias: &AliasTemplate, see: &mut See<'_>) {
    of_template(alias.template(), see);
}

fn of_content(content: &ContentEntry, see: &mut See<'_>) {
    match content {
        ContentEntry::Thing => {}
        ContentEntry::Grant {
            cloud: _,
            principal,
            principal_type,
            role_id,
            role_name,
            scope,
            condition,
            until,
            allows,
            by_resource: _,
        } => {
            of_alias(principal, see);
            let optional = [principal_type, role_id, role_name, scope, condition, until];
            optional.into_iter().flatten().for_each(|template| of_template(template, see));
            allows.iter().for_each(|role| of_role(role, see));
        }
        ContentEntry::Role(role) => of_role(role, see),
        ContentEntry::Membership(one, other)
        | ContentEntry::Bound(one, other)
        | ContentEntry::Name(one, other) => {
            of_alias(one, see);
            of_alias(other, see);
        }
        ContentEntry::Trust { from, to, issuer, condition, denies } => {
            [from, to].into_iter().for_each(|alias| of_alias(alias, see));
            issuer.iter().chain(condition).for_each(|template| of_template(template, see));
            denies.iter().for_each(&mut *see);
        }
        ContentEntry::ActsAs { who: one, identity: other, service, at_start: _ } => {
            [one, other].into_iter().chain(service).for_each(|alias| of_alias(alias, see));
        }
        ContentEntry::PolicyOf(resource) => of_template(resource, see),
        ContentEntry::Within(one, other) => {
            of_template(one, see);
            of_template(other, see);
        }
        ContentEntry::Only {
            cloud: _,
            principal,
            role_id,
            scope,
            condition,
            listed,
            carriers,
            on_delete: _,
        } => {
            principal.iter().for_each(|alias| of_alias(alias, see));
            let optional = [role_id, condition, carriers];
            optional.into_iter().flatten().chain([scope]).for_each(|template| of_template(template, see));
            see(listed);
        }
        ContentEntry::Deny {
            principals,
            space: _,
            everyone: _,
            except,
            scope,
            this_scope_only,
            condition,
            role,
        } => {
            [principals, except, this_scope_only].into_iter().for_each(&mut *see);
            [scope].into_iter().chain(condition).for_each(|template| of_template(template, see));
            of_role(role, see);
        }
    }
}

fn of_role(role: &RoleEntry, see: &mut See<'_>) {
    // The keys are those within a block of the permissions.
    let RoleEntry {
        cloud: _,
        id,
        name,
        of,
        permissions,
        keys: _,
        may_be_empty: _,
        labels,
        gathers,
        selectors,
    } = role;
    id.iter().chain(name).chain(of).for_each(|template| of_template(template, see));
    [labels, gathers, selectors].into_iter().flatten().for_each(&mut *see);
    see(permissions);
}

fn of_need(need: &NeedEntry, see: &mut See<'_>) {
    let NeedEntry { origin: _, kinds: _, each, when, label, strength: _, phase, wish, if_known: _ } = need;
    each.iter().for_each(&mut *see);
    of_when(when, see);
    of_template(label, see);
    match phase {
        PhaseEntry::Always | PhaseEntry::Start | PhaseEntry::Run => {}
        PhaseEntry::Renew { end, at, start, lead, lead_percent } => {
            let optional = [at, start, lead, lead_percent];
            optional.into_iter().flatten().chain([end]).for_each(|template| of_template(template, see));
        }
    }
    match wish {
        WishEntry::Any(list) | WishEntry::First(list) => list.iter().for_each(|alias| of_alias(alias, see)),
        WishEntry::Part(whole, name) => {
            of_alias(whole, see);
            of_template(name, see);
        }
        WishEntry::Can { who, action, scope } => {
            who.iter().for_each(|alias| of_alias(alias, see));
            [action, scope].into_iter().for_each(|template| of_template(template, see));
        }
        WishEntry::ActsAs(alias) => of_alias(alias, see),
    }
}
