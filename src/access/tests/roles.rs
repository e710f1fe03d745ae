//! Which definition an assignment means.

use super::Answer::{Covered, Lost, Unknown};
use super::{Builder, fits, judge, who, world};
use crate::access::{Cloud, role_id};
use crate::model::{ChangeIx, Side};
use std::sync::Arc;

const DEFINITIONS: &str = "Understand Azure role definitions";
const HERE: &str = "/subscriptions/s1";
const WRITE: &str = "Microsoft.Network/dnsZones/TXT/write";
const GUID: &str = "befefa01-2a29-4197-83a8-272ff33ce314";

fn defined() -> Builder {
    world().plain(GUID, &["Microsoft.Network/dnsZones/*"])
}

fn by_id(id: &str) -> Builder {
    let id = id.to_owned();
    defined().grant("sp", "?", HERE).with(|known| Arc::make_mut(&mut known.grant).role_id = Some(id))
}

fn by_name(name: &str) -> Builder {
    let name = name.to_owned();
    defined().grant("sp", "?", HERE).with(|known| {
        Arc::make_mut(&mut known.grant).role_id = None;
        Arc::make_mut(&mut known.grant).role_name = Some(name);
    })
}

#[test]
fn definitions() {
    let ids = "built-in ids are the same everywhere";
    judge(vec![
        (
            "by id in this subscription",
            ids,
            by_id(&format!("/subscriptions/s1/providers/Microsoft.Authorization/roleDefinitions/{GUID}")),
            WRITE,
            HERE,
            Covered(""),
        ),
        (
            "by id in another subscription",
            ids,
            by_id(&format!("/subscriptions/s9/providers/Microsoft.Authorization/roleDefinitions/{GUID}")),
            WRITE,
            HERE,
            Covered(""),
        ),
        (
            "by id without a subscription",
            ids,
            by_id(&format!("/providers/Microsoft.Authorization/roleDefinitions/{GUID}")),
            WRITE,
            HERE,
            Covered(""),
        ),
        ("by id in upper case", ids, by_id(&GUID.to_uppercase()), WRITE, HERE, Covered("")),
        (
            "by the id of Terraform, with a bar",
            "azurerm_role_definition.id",
            by_id(&format!("/providers/x/roleDefinitions/{GUID}|/subscriptions/s1")),
            WRITE,
            HERE,
            Covered(""),
        ),
        (
            "by an id that nobody defines",
            "missing evidence is never loss",
            by_id("00000000-0000-0000-0000-00000000dead"),
            WRITE,
            HERE,
            Unknown("no source defines role"),
        ),
        (
            "by a name that nobody defines",
            "missing evidence is never loss",
            by_name("Nobody's"),
            WRITE,
            HERE,
            Unknown("no source defines role Nobody's"),
        ),
        (
            "neither id nor name",
            "unknown until apply is doubt",
            by_id("x").with(|known| Arc::make_mut(&mut known.grant).role_id = None),
            WRITE,
            HERE,
            Unknown("which role it gives"),
        ),
        (
            "what it allows is known after apply",
            "unknown until apply is doubt",
            by_id("new").plain("new", &[]).role_with(|role| role.permissions = None),
            WRITE,
            HERE,
            Unknown("what its role allows"),
        ),
        ("a role that allows nothing", DEFINITIONS, by_id("none").plain("none", &[]), WRITE, HERE, Lost(1)),
        (
            "several blocks",
            "16 built-in roles have several blocks",
            by_id("two").plain("two", &["Microsoft.Compute/*"]).block(&["Microsoft.Network/*"], &[], None),
            WRITE,
            HERE,
            Covered(""),
        ),
        (
            "no block alone allows it",
            DEFINITIONS,
            by_id("two").plain("two", &["Microsoft.Compute/*"]).block(&["*/read"], &[], None),
            WRITE,
            HERE,
            Lost(1),
        ),
    ]);
}

#[test]
fn a_name_leads_to_the_definition() {
    let mut named = by_name("DNS Zone contributor").world();
    named.role_names.insert("dns zone contributor".to_owned(), GUID.to_owned());
    fits(
        &named.can(Cloud::Azure, &who("sp"), WRITE, HERE),
        Covered("DNS Zone contributor on the same scope"),
    )
    .unwrap();
}

#[test]
fn a_role_that_the_plan_makes_is_found_by_its_address() {
    let made = "known after apply: azurerm_role_definition.dns.role_definition_id";
    let built = by_id("known after apply: azurerm_role_definition.dns.role_definition_resource_id")
        .plain(&role_id("azure", made), &["Microsoft.Network/*"]);
    fits(&built.world().can(Cloud::Azure, &who("sp"), WRITE, HERE), Covered("")).unwrap();
    let strange = by_id("known after apply: data.external.x.result");
    let routes = strange.world().can(Cloud::Azure, &who("sp"), WRITE, HERE);
    fits(&routes, Unknown("which role it gives is known only after apply")).unwrap();
}

/// Input that should be there and is not makes the verdict undetermined; a value not known until apply does not.
#[test]
fn only_a_definition_that_no_source_has_is_missing_input() {
    let missing =
        |built: Builder| match &built.world().can(Cloud::Azure, &who("sp"), WRITE, HERE).routes[0].coverage {
            crate::model::Coverage::Unknown(unknown) => unknown.missing_input,
            crate::model::Coverage::Sure => panic!("sure"),
        };
    assert!(missing(by_id("dead")));
    assert!(!missing(by_id("known after apply: data.external.x.result")));
    assert!(!missing(by_id("new").plain("new", &[]).role_with(|role| role.permissions = None)));
}

#[test]
fn each_version_of_a_role_is_a_route_of_its_own_side() {
    let change = Some(ChangeIx(4));
    let built = world()
        .plain("r", &["Microsoft.Network/*"])
        .role_with(|role| (role.side, role.change) = (Side::Before, change))
        .plain("r", &["Microsoft.Compute/*"])
        .role_with(|role| (role.side, role.change) = (Side::After, change))
        .grant("sp", "r", HERE);
    let routes = built.world().can(Cloud::Azure, &who("sp"), WRITE, HERE).routes;
    assert_eq!(routes.len(), 1);
    assert_eq!((routes[0].side, routes[0].change), (Side::Before, change));
    // What is missed is what the role allowed before the plan.
    let all = built.world().all_of(&who("sp"), &built.granted(0)).unwrap();
    assert_eq!(all[0].0, "Microsoft.Network/*");
}
