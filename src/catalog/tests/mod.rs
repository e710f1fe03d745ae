//! What the builtin catalog makes of real objects: small JSON in, facts out.

mod azure;
mod azuread;
mod cert_manager;
mod ends;
mod files;
mod github;
mod google;
mod interest;
mod jumpcloud;
mod kubernetes;
mod okta;
mod order;
mod plans;
mod vault;

use super::Catalog;
use crate::model::{
    Address, Alias, Attributes, Class, Content, Evidence, Fact, Object, Phase, SourceIx, Want, Wish,
};
use serde_json::Value;
use std::collections::BTreeSet;

const SUB: &str = "/subscriptions/s";

/// An object as it stands in a listing.
fn standing(kind: &str, value: Value) -> Object {
    let evidence = Evidence { source: SourceIx(0), pointer: "/0".into() };
    let taken_at = Some("2023-09-22T10:00:00Z".parse().unwrap());
    Object::standing(kind.into(), evidence, taken_at, value.into())
}

/// An object of a plan that changes it: what it is and what it will be.
fn planned(kind: &str, before: Option<Attributes>, after: Option<Attributes>) -> Object {
    Object {
        standing: false,
        address: Some(Address::new(format!("{kind}.x"))),
        in_place: before.is_some() && after.is_some(),
        before,
        after,
        ..standing(kind, Value::Null)
    }
}

fn values(value: Value) -> Attributes {
    Attributes { value: value.into(), ..Attributes::default() }
}

fn read(object: &Object) -> Vec<Fact> {
    Catalog::builtin().unwrap().facts(object, false, &BTreeSet::new())
}

/// All facts of a standing object, a line each: class, name, `=` what makes it what it is, `~` other names, what it says.
fn lines(kind: &str, value: Value) -> Vec<String> {
    read(&standing(kind, value)).iter().map(line).collect()
}

fn line(fact: &Fact) -> String {
    let mut out = format!("{} {}", fact.class.word(), fact.name);
    for alias in &fact.unique {
        out.push_str(&format!(" ={}", spaced(alias)));
    }
    for alias in fact.names.iter().filter(|alias| alias.space() != "carried") {
        out.push_str(&format!(" ~{}", spaced(alias)));
    }
    let said = said(&fact.content);
    if !said.is_empty() {
        out.push_str(&format!(" | {said}"));
    }
    out
}

fn spaced(alias: &Alias) -> String {
    format!("{}:{}", alias.space(), alias.value())
}

fn opt(alias: &Option<Alias>) -> String {
    alias.as_ref().map_or("?".to_owned(), spaced)
}

fn said(content: &Content) -> String {
    match content {
        Content::Thing => String::new(),
        Content::Grant(grant) => {
            let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            format!(
                "{} {} has {} ({}) on {} if {}",
                text(&grant.principal_type),
                opt(&grant.principal),
                text(&grant.role_name),
                text(&grant.role_id),
                text(&grant.scope),
                text(&grant.condition)
            )
        }
        Content::Role(role) => {
            let blocks = role.permissions.as_ref().map(|blocks| {
                let told = blocks.iter().map(|block| {
                    let mut told = format!(
                        "{:?} less {:?}, data {:?} less {:?}",
                        block.actions, block.not_actions, block.data_actions, block.not_data_actions
                    );
                    for (word, list) in [("on", &block.resources), ("named", &block.names)] {
                        if role.cloud == "kubernetes" && !list.is_empty() {
                            told.push_str(&format!(" {word} {list:?}"));
                        }
                    }
                    told
                });
                told.collect::<Vec<_>>().join("; ")
            });
            format!(
                "role {} is {}: {}",
                role.name.as_deref().unwrap_or("-"),
                role.id.as_deref().unwrap_or("-"),
                blocks.as_deref().unwrap_or("not known")
            )
        }
        Content::Membership { group, member } => format!("{} is in {}", opt(member), opt(group)),
        Content::Trust(trust) => format!("{} believes {}", opt(&trust.to), opt(&trust.from)),
        Content::PolicyOf(resource) => format!("the policy of {resource}"),
        Content::ActsAs { who, identity, .. } => format!("{} acts as {}", opt(who), opt(identity)),
        Content::Deny(deny) => format!(
            "denies {:?} to {}{:?} but {:?} on {}{} if {}",
            deny.permissions.iter().flat_map(|block| &block.actions).collect::<Vec<_>>(),
            if deny.everyone { "everyone " } else { "" },
            deny.principals.iter().map(Alias::value).collect::<Vec<_>>(),
            deny.except.iter().map(Alias::value).collect::<Vec<_>>(),
            deny.scope.as_deref().unwrap_or("-"),
            if deny.this_scope_only { " only" } else { "" },
            deny.condition.as_deref().unwrap_or("-")
        ),
        Content::Only(only) => format!(
            "only these: {} of {} on {} if {}{}",
            only.role_id.as_deref().unwrap_or("any role"),
            only.principal.as_ref().map_or("anybody".to_owned(), spaced),
            only.scope.as_deref().unwrap_or("-"),
            only.condition.as_deref().unwrap_or("-"),
            if only.open { ", not all known" } else { "" }
        ),
        Content::Bound { who, policy } => format!("{} can do no more than {}", opt(who), opt(policy)),
        Content::Within { inner, outer } => format!("{inner} lies in {outer}"),
        Content::Name { alias, of } => format!("{} is also {}", spaced(of), spaced(alias)),
    }
}

/// What the first fact of an object wants, a line each.
/// But for what it lies in: that is told by its name, whatever it is.
fn wants(kind: &str, value: Value) -> Vec<String> {
    let facts = read(&standing(kind, value));
    let own = |fact: &Fact| {
        fact.wants.iter().filter(|want| &*want.entry != LIES_IN).map(want).collect::<Vec<String>>()
    };
    facts.first().map(own).unwrap_or_default()
}

const LIES_IN: &str = "what it lies in";

fn want(want: &Want) -> String {
    let all = |list: &[Alias]| list.iter().map(spaced).collect::<Vec<_>>().join(", ");
    let wish = match &want.wish {
        Wish::Any(list) => format!("any of {}", all(list)),
        Wish::First(list) => format!("first of {}", all(list)),
        Wish::Inside(outer) => format!("what it lies in, {}", spaced(outer)),
        Wish::Part { whole, name } => format!("the part of {} for {name}", spaced(whole)),
        Wish::Can { who, action, scope } => format!("that {} may {action} on {scope}", all(who)),
        Wish::ActsAs(who) => format!("whatever {} acts as", spaced(who)),
    };
    let phase = match want.phase {
        Phase::Always => String::new(),
        phase => format!(" [{}]", phase.word()),
    };
    format!("{}{phase}: {wish}", want.label)
}

/// The only fact of this class.
fn only(facts: &[Fact], class: Class) -> &Fact {
    let found: Vec<&Fact> = facts.iter().filter(|fact| fact.class == class).collect();
    assert_eq!(found.len(), 1, "{class:?} in {:?}", facts.iter().map(line).collect::<Vec<_>>());
    found[0]
}

/// What is told of an object that is then given up is what is told of it otherwise, and nothing of it is kept.
#[test]
fn the_last_facts_are_the_same() {
    let policy = r#"{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}"#;
    let inline = |document: &str| values(serde_json::json!({"name": "p", "role": "app", "policy": document}));
    let catalog = Catalog::builtin().unwrap();
    for mut object in [
        standing("aws:policy", serde_json::json!({"Arn": "arn:aws:iam::1:policy/p", "Document": policy})),
        standing("azure:identity", serde_json::json!({"id": "/subscriptions/s/x", "principalId": "p"})),
        planned("aws_iam_role_policy", Some(inline(policy)), Some(inline("{}"))),
        planned("aws_iam_role_policy", None, Some(inline(policy))),
    ] {
        let expected = catalog.facts(&object, false, &BTreeSet::new());
        let facts = catalog.last_facts(&mut object, false, &BTreeSet::new());
        assert!(!facts.is_empty() && format!("{facts:?}") == format!("{expected:?}"), "{facts:#?}");
        let sides = [&object.before, &object.after];
        assert!(sides.into_iter().flatten().all(|side| side.value.reveal().is_null()), "{object:?}");
    }
}
