//! Objects of plans: two sides, values that are not known yet, values that are hidden.

use super::{line, only, planned, read, values};
use crate::model::{Address, Attributes, Class, Content, Presence, Reference, Side, Wish};
use serde_json::json;

fn reference(address: &str, attribute: &str) -> Vec<Reference> {
    vec![Reference { address: Address::from(address), attribute: Some(attribute.to_owned()) }]
}

#[test]
fn unknown_values_meet_through_references() {
    let identity = Attributes {
        value: json!({"name": "cm"}).into(),
        unknown: json!({"id": true, "principal_id": true, "client_id": true}),
        ..Attributes::default()
    };
    let grant = Attributes {
        value: json!({"scope": "/subscriptions/s", "role_definition_name": "Reader"}).into(),
        unknown: json!({"id": true, "principal_id": true, "principal_type": true, "role_definition_id": true}),
        references: [(
            "principal_id".to_owned(),
            reference("azurerm_user_assigned_identity.x", "principal_id"),
        )]
        .into(),
        ..Attributes::default()
    };
    let identity = read(&planned("azurerm_user_assigned_identity", None, Some(identity)));
    let grant = read(&planned("azurerm_role_assignment", None, Some(grant)));
    let Content::Grant(said) = &only(&grant, Class::Grant).content else { panic!("no grant") };
    assert!(identity[0].unique.contains(said.principal.as_ref().unwrap()));
    assert!(said.role_id.as_deref().is_some_and(|id| id.starts_with("known after apply")));
    assert_eq!((identity[0].side, grant[0].side), (Side::After, Side::After));
}

#[test]
fn a_value_made_of_several_others_is_nobody_s() {
    let two = [reference("a.b", "id"), reference("c.d", "id")].concat();
    let grant = Attributes {
        value: json!({"scope": "/subscriptions/s"}).into(),
        unknown: json!({"principal_id": true}),
        references: [("principal_id".to_owned(), two)].into(),
        ..Attributes::default()
    };
    let facts = read(&planned("azurerm_role_assignment", None, Some(grant)));
    let Content::Grant(said) = &facts[0].content else { panic!("no grant") };
    assert_eq!(said.principal, None);
}

#[test]
fn hidden_values_are_equal_to_nothing() {
    let hidden = || Attributes {
        value:
            json!({"principal_id": "REDACTED", "scope": "/subscriptions/s", "role_definition_name": "Reader"})
                .into(),
        sensitive: json!({"principal_id": true}),
        ..Attributes::default()
    };
    let facts = read(&planned("azurerm_role_assignment", Some(hidden()), Some(hidden())));
    for fact in &facts {
        let Content::Grant(said) = &fact.content else { panic!("no grant") };
        assert_eq!(said.principal, None);
    }
}

#[test]
fn permissions_that_are_not_known_are_not_empty() {
    let role = |unknown: serde_json::Value| Attributes {
        value: json!({"name": "dns", "role_definition_id": "R1", "permissions": [{"not_actions": []}]})
            .into(),
        unknown,
        ..Attributes::default()
    };
    let told = |unknown| {
        let facts = read(&planned("azurerm_role_definition", None, Some(role(unknown))));
        let Content::Role(said) = facts[0].content.clone() else { panic!("no role") };
        said.permissions
    };
    assert_eq!(told(json!({"permissions": [{"actions": true}]})), None);
    assert_eq!(told(json!({"permissions": [{"actions": [true]}]})), None);
    assert_eq!(told(json!({"permissions": true})), None);
    assert!(told(json!({"permissions": [{"not_actions": []}]})).is_some());
}

#[test]
fn members_that_are_not_known_yet_may_stay() {
    let before =
        values(json!({"id": "/groups/G", "object_id": "G", "display_name": "ops", "members": ["P1", "P2"]}));
    let after = |members: serde_json::Value, unknown: serde_json::Value| Attributes {
        value: json!({"id": "/groups/G", "object_id": "G", "display_name": "ops", "members": members}).into(),
        unknown: json!({"members": unknown}),
        ..Attributes::default()
    };
    let sides = |after: Attributes| -> Vec<String> {
        let facts = read(&planned("azuread_group", Some(before.clone()), Some(after)));
        let members = facts.iter().filter(|fact| fact.class == Class::Membership);
        members.map(|fact| format!("{} {:?} {:?}", fact.name, fact.side, fact.presence)).collect()
    };
    let was = ["P1 in ops Before Present", "P2 in ops Before Present"];
    assert_eq!(
        sides(after(json!(null), json!(true))),
        [&was[..], &["P1 in ops After Unknown", "P2 in ops After Unknown"]].concat()
    );
    assert_eq!(sides(after(json!(["P1"]), json!(false))), [&was[..], &["P1 in ops After Present"]].concat());
    assert_eq!(
        sides(after(json!(["P1", null]), json!([false, true]))),
        [&was[..], &["P1 in ops After Present", "P1 in ops After Unknown", "P2 in ops After Unknown"]]
            .concat()
    );
}

#[test]
fn an_old_source_is_in_doubt() {
    let object = planned("azurerm_key_vault", Some(values(json!({"id": "/v", "name": "v"}))), None);
    let facts = super::Catalog::builtin().unwrap().facts(&object, true, &std::collections::BTreeSet::new());
    assert_eq!(facts[0].presence, Presence::Unknown);
}

#[test]
fn dependencies_are_read_where_a_type_is_unknown_and_end_with_the_configuration() {
    let gone = Address::from("azurerm_brand_old.y");
    let kept = Address::from("azurerm_brand_old.z[\"k\"]");
    let mut object =
        planned("azurerm_brand_new", Some(values(json!({"id": "/n"}))), Some(values(json!({"id": "/n"}))));
    object.depends_on = vec![gone.clone(), kept.clone()];
    let catalog = super::Catalog::builtin().unwrap();
    let facts = catalog.facts(&object, false, &std::collections::BTreeSet::from([gone]));
    let labels =
        |number: usize| facts[number].wants.iter().map(|want| want.label.as_str()).collect::<Vec<_>>();
    assert_eq!(labels(0), ["depends on azurerm_brand_old.y", "depends on azurerm_brand_old.z[\"k\"]"]);
    assert_eq!(labels(1), ["depends on azurerm_brand_old.z[\"k\"]"]);
    let Wish::First(names) = &facts[1].wants[0].wish else { panic!("not by name") };
    assert_eq!(
        names.iter().map(super::spaced).collect::<Vec<_>>(),
        ["address:azurerm_brand_old.z[\"k\"]", "resource:azurerm_brand_old.z"]
    );
    // Names in Terraform are told apart by case.
    assert_ne!(crate::model::Alias::new("resource", "a.B"), crate::model::Alias::new("resource", "a.b"));
    assert!(line(&facts[0]).contains("~address:azurerm_brand_new.x ~resource:azurerm_brand_new.x"));
}
