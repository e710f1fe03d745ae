//! Google Cloud, case by case. They stand in `google.jsonl`, one a line, each with its source.

use crate::access::google::can_under;
use crate::access::{
    Cloud, KnownDeny, KnownGrant, KnownMembership, KnownRole, Routes, When, World, full_name, role_id,
};
use crate::model::{Alias, Coverage, Deny, Grant, Permission, Side};
use serde_json::Value;

fn member(name: &str) -> Alias {
    Alias::new("principal", name)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// As the catalog writes a condition.
fn condition(value: Option<&Value>) -> Option<String> {
    let value = value?;
    let part = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    Some(format!("{} [{}] [{}]", part("expression"), part("title"), part("description")))
}

fn world(case: &Value) -> World {
    let mut world = World::default();
    for (inner, ancestors) in case["ancestors"].as_object().unwrap() {
        for outer in texts(ancestors) {
            world.lies_in(full_name(inner), full_name(&outer), When::ALWAYS);
        }
    }
    for (id, role) in case["roles"].as_object().unwrap() {
        let mut actions = texts(role.get("permissions").unwrap_or(role));
        actions.sort();
        // The reader of listings leaves a disabled role nothing.
        if role.get("stage").is_some_and(|stage| stage == "DISABLED") {
            actions.clear();
        }
        let permissions = Some([Permission { actions, ..Permission::default() }].into());
        let role =
            KnownRole { key: 900, cloud: Some(Cloud::Google), side: Side::Both, change: None, permissions };
        world.roles_by_id.insert(role_id("google", id), vec![role]);
    }
    let mut key = 0;
    for binding in case["bindings"].as_array().unwrap() {
        for name in texts(&binding["members"]) {
            let grant = Grant {
                cloud: "google".to_owned(),
                principal: Some(member(&name)),
                principal_type: None,
                role_id: Some(binding["role"].as_str().unwrap().to_owned()),
                role_name: None,
                scope: Some(binding["resource"].as_str().unwrap().to_owned()),
                condition: condition(binding.get("condition")),
                allows: None,
                by_resource: false,
                ends: false,
            };
            if name.starts_with("group:") {
                world.groups.insert(member(&name));
            }
            world.grants.entry(member(&name)).or_default().push(KnownGrant {
                key,
                grant: grant.into(),
                listed_for: Vec::new(),
            });
            key += 1;
        }
    }
    for (group, members) in case.get("groups").and_then(Value::as_object).into_iter().flatten() {
        let group = member(&format!("group:{group}"));
        world.groups_listed.insert(group.clone());
        for one in texts(members) {
            world.memberships.push(KnownMembership { key: 800, group: group.clone(), member: member(&one) });
            if one.starts_with("group:") {
                world.groups.insert(member(&one));
            }
        }
    }
    for deny in case["denies"].as_array().unwrap() {
        let names = |key: &str| -> Vec<Alias> {
            texts(&deny[key]).iter().map(|name| Alias::new("google-principal", name)).collect()
        };
        let everyone = Alias::new("google-principal", "principalSet://goog/public:all");
        let principals = names("deniedPrincipals");
        let permission = Permission {
            actions: texts(&deny["deniedPermissions"]),
            not_actions: texts(&deny["exceptionPermissions"]),
            ..Permission::default()
        };
        let said = Deny {
            cloud: "google".to_owned(),
            everyone: principals.contains(&everyone),
            principals: principals.into_iter().filter(|one| *one != everyone).collect(),
            except: names("exceptionPrincipals"),
            scope: Some(full_name(deny["attached"].as_str().unwrap())),
            this_scope_only: false,
            permissions: vec![permission],
            condition: deny.get("denialCondition").map(|condition| condition.to_string()),
        };
        world.denies.push(KnownDeny { key: 700, deny: said, groups: Vec::new() });
    }
    world.basic_roles();
    world
}

#[test]
fn case_by_case() {
    let cases: Vec<Value> =
        include_str!("google.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() >= 60);
    let mut wrong = Vec::new();
    for case in &cases {
        let text = |key: &str| case[key].as_str().unwrap();
        let condition = condition(case.get("condition"));
        let principal = member(text("principal"));
        let mut world = world(case);
        let ask = |world: &World| {
            can_under(world, &principal, text("permission"), condition.as_deref(), text("resource"))
        };
        let routes = ask(&world);
        // Where it is known who may be meant by which, the answer is the same.
        world.sort_strangers();
        assert_eq!(ask(&world), routes, "{}", text("name"));
        if answer(&routes) != text("expect") {
            wrong.push(format!("{}: {}, not {}: {routes:#?}", text("name"), answer(&routes), text("expect")));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Denies are there, so a route that needs one to be absent does not hold.
fn answer(routes: &Routes) -> &'static str {
    let open: Vec<&Coverage> =
        routes.routes.iter().filter(|route| route.absent.is_empty()).map(|route| &route.coverage).collect();
    match open.contains(&&Coverage::Sure) {
        true => "covered",
        false if open.is_empty() => "lost",
        false => "unknown",
    }
}
