//! What a fact says beyond existing, read off an object.

use super::apply::text;
use super::end::until;
use super::entry::{ContentEntry, Keys, RoleEntry};
use super::path::{Found, Path, Scope, Template, any_marked, scalar};
use crate::model::{Alias, Content, Deny, Gathers, Grant, Labels, Only, Permission, Role, Selector, Trust};
use serde_json::Value;
use std::sync::Arc;

/// The content, filled in.
pub fn content(entry: &ContentEntry, scope: Scope<'_>) -> Option<Content> {
    let optional = |template: &Option<Template>| template.as_ref().and_then(|template| text(template, scope));
    Some(match entry {
        ContentEntry::Thing => Content::Thing,
        ContentEntry::Grant {
            cloud,
            principal,
            principal_type,
            role_id,
            role_name,
            scope: place,
            condition,
            until: _,
            allows,
            by_resource,
        } => {
            let allows = allows.as_ref().and_then(|entry| blocks(entry, scope)?.pop()).map(Box::new);
            // What says itself what it allows says on what, too.
            let on = allows.as_ref().map(|block| match block.resources.is_empty() {
                true => "*".to_owned(),
                false => block.resources.join(", "),
            });
            Content::Grant(Arc::new(Grant {
                cloud: cloud.clone(),
                principal: principal.fill(scope),
                principal_type: optional(principal_type),
                role_id: optional(role_id),
                role_name: optional(role_name).map(|name| name.trim_end().to_owned()),
                scope: on.or_else(|| optional(place)),
                condition: optional(condition),
                allows,
                by_resource: *by_resource,
                ends: until(entry, scope).is_some(),
            }))
        }
        ContentEntry::Role(entry) => Content::Role(Box::new(role(entry, scope))),
        ContentEntry::Membership(group, member) => {
            Content::Membership { group: group.fill(scope), member: member.fill(scope) }
        }
        ContentEntry::Trust { from, to, issuer, condition, denies } => Content::Trust(Box::new(Trust {
            from: from.fill(scope),
            to: to.fill(scope),
            issuer: optional(issuer),
            condition: optional(condition),
            denies: denies.as_ref().is_some_and(|path| !path.find(scope).is_empty()),
        })),
        ContentEntry::ActsAs { who, identity, service, at_start } => Content::ActsAs {
            at_start: *at_start,
            who: Some(who.fill(scope)?),
            identity: Some(identity.fill(scope)?),
            service: service.as_ref().and_then(|alias| alias.fill(scope)),
        },
        ContentEntry::PolicyOf(resource) => Content::PolicyOf(text(resource, scope)?),
        ContentEntry::Bound(who, policy) => {
            Content::Bound { who: who.fill(scope), policy: policy.fill(scope) }
        }
        ContentEntry::Within(inner, outer) => {
            Content::Within { inner: text(inner, scope)?, outer: text(outer, scope)? }
        }
        ContentEntry::Only {
            cloud,
            principal,
            role_id,
            scope: place,
            condition,
            listed,
            carriers,
            on_delete,
        } => {
            let not_known = |found: &Found<'_>| matches!(found, Found::Unknown(_) | Found::Hidden(_));
            Content::Only(Box::new(Only {
                cloud: cloud.clone(),
                principal: principal.as_ref().and_then(|alias| alias.fill(scope)),
                role_id: optional(role_id),
                scope: text(place, scope),
                condition: optional(condition),
                open: listed.find(scope).iter().any(not_known),
                carriers: optional(carriers).map(|names| (names, strings(listed, scope))),
                on_delete: *on_delete,
            }))
        }
        ContentEntry::Name(alias, of) => Content::Name { alias: alias.fill(scope)?, of: of.fill(scope)? },
        ContentEntry::Deny {
            principals,
            space,
            everyone,
            except,
            scope: place,
            this_scope_only,
            condition,
            role: entry,
        } => {
            let ids = strings(principals, scope);
            Content::Deny(Box::new(Deny {
                cloud: entry.cloud.clone(),
                everyone: ids.iter().any(|id| everyone.contains(id)),
                principals: ids
                    .iter()
                    .filter(|id| !everyone.contains(id))
                    .map(|id| Alias::new(space, id))
                    .collect(),
                except: strings(except, scope).iter().map(|id| Alias::new(space, id)).collect(),
                scope: text(place, scope),
                this_scope_only: this_scope_only
                    .find(scope)
                    .iter()
                    .any(|found| matches!(found, Found::Value(Value::Bool(true), _))),
                permissions: blocks(entry, scope).unwrap_or_default(),
                condition: optional(condition),
            }))
        }
    })
}

fn strings(path: &Path, scope: Scope<'_>) -> Vec<String> {
    path.find(scope)
        .into_iter()
        .filter_map(|found| match found {
            Found::Value(value, _) => scalar(value),
            Found::Unknown(_) | Found::Hidden(_) => None,
        })
        .collect()
}

/// What the blocks of a role allow; `None`: that is not known.
fn blocks(entry: &RoleEntry, scope: Scope<'_>) -> Option<Vec<Permission>> {
    let mut unknown = false;
    let mut blocks: Vec<Permission> = Vec::new();
    let of = entry.of.as_ref().and_then(|template| text(template, scope));
    for found in entry.permissions.find(scope) {
        match found {
            Found::Value(block, path) => {
                // A list of actions that is not known yet is not an empty one.
                unknown |= any_marked(&scope.attributes.unknown, &path)
                    || any_marked(&scope.attributes.sensitive, &path);
                let mut block = permission(block, &entry.keys);
                let any = |list: &[String]| list.is_empty() || list.iter().any(|one| one == "*");
                if let Some(own) = of.as_ref().filter(|_| any(&block.resources)) {
                    block.resources = vec![own.clone()];
                }
                blocks.push(block);
            }
            Found::Unknown(_) | Found::Hidden(_) => unknown = true,
        }
    }
    if unknown || blocks.is_empty() && !entry.may_be_empty { None } else { Some(blocks) }
}

fn role(entry: &RoleEntry, scope: Scope<'_>) -> Role {
    Role {
        cloud: entry.cloud.clone(),
        id: entry.id.iter().find_map(|template| text(template, scope)),
        name: entry.name.as_ref().and_then(|template| text(template, scope)),
        permissions: blocks(entry, scope).map(Arc::from),
        labels: entry.labels.as_ref().map(|path| labels(path, scope)),
        gathers: entry.gathers.as_ref().and_then(|path| gathers(path, entry.selectors.as_ref(), scope)),
    }
}

/// Whether anything at a path, or in it, is not known yet.
fn is_open(found: &Found<'_>, scope: Scope<'_>) -> bool {
    let marks = &scope.attributes;
    match found {
        Found::Value(_, path) => any_marked(&marks.unknown, path) || any_marked(&marks.sensitive, path),
        Found::Unknown(_) | Found::Hidden(_) => true,
    }
}

fn labels(path: &Path, scope: Scope<'_>) -> Labels {
    let mut labels = Labels::default();
    for found in path.find(scope) {
        labels.open |= is_open(&found, scope);
        if let Found::Value(Value::Object(map), _) = found {
            let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
            labels.known.extend(map.iter().filter_map(text));
        }
    }
    labels
}

fn gathers(path: &Path, selectors: Option<&Path>, scope: Scope<'_>) -> Option<Gathers> {
    let mut gathers = Gathers { open: is_open(path.find(scope).first()?, scope), ..Gathers::default() };
    for found in selectors.into_iter().flat_map(|path| path.find(scope)) {
        match found {
            Found::Value(value, _) => gathers.selectors.push(Selector::read(value)),
            Found::Unknown(_) | Found::Hidden(_) => gathers.open = true,
        }
    }
    Some(gathers)
}

fn permission(block: &Value, keys: &Keys) -> Permission {
    let list = |key: &String| -> Vec<String> {
        let mut all: Vec<String> = match block.get(key) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(one)) => vec![one.clone()],
            _ => Vec::new(),
        };
        // Their order says nothing.
        if keys.is_a_set() {
            all.sort();
            all.dedup();
        }
        all
    };
    let mut resources = list(&keys.resources);
    if !keys.groups.is_empty() {
        let groups = list(&keys.groups);
        let in_groups = |resource: &String| -> Vec<String> {
            groups.iter().map(|group| format!("{resource}.{group}")).collect()
        };
        resources = resources.iter().flat_map(in_groups).collect();
        resources.extend(list(&keys.urls).into_iter().map(|url| format!("url:{url}")));
    }
    let condition = match block.get(&keys.condition) {
        Some(Value::Object(map)) if map.is_empty() => None,
        Some(whole @ Value::Object(_)) => Some(whole.to_string()),
        other => other.and_then(scalar),
    };
    Permission {
        actions: list(&keys.actions),
        not_actions: list(&keys.not_actions),
        data_actions: list(&keys.data_actions),
        not_data_actions: list(&keys.not_data_actions),
        resources,
        not_resources: list(&keys.not_resources),
        names: list(&keys.names),
        condition,
        denies: block.get(&keys.effect).and_then(Value::as_str) == Some("Deny"),
    }
}
