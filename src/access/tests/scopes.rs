//! Where a grant counts.

use super::Answer::{Covered, Lost, Unknown};
use super::{judge, world};
use std::sync::Arc;

const READ: &str = "Microsoft.Network/dnsZones/read";
const ZONE: &str = "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Network/dnsZones/a.example";
const ANY_ZONE: &str = "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Network/dnsZones/*";
const TXT: &str = "/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Network/dnsZones/a.example/TXT/x";
const OVERVIEW: &str = "Azure RBAC overview, scope";
const SCOPES: &str = "Understand scope for Azure RBAC";

#[test]
fn scopes() {
    let on = |scope: &str| world().plain("r", &["Microsoft.Network/*"]).grant("sp", "r", scope);
    let group = "/providers/Microsoft.Management/managementGroups/prod";
    judge(vec![
        ("equal", OVERVIEW, on(ZONE), READ, ZONE, Covered("on the same scope")),
        (
            "equal but for case",
            "ids compare without case",
            on(&ZONE.to_uppercase()),
            READ,
            ZONE,
            Covered("same scope"),
        ),
        ("equal but for a slash", SCOPES, on(&format!("{ZONE}/")), READ, ZONE, Covered("on the same scope")),
        (
            "asked with a slash",
            SCOPES,
            on("/subscriptions/s1"),
            READ,
            "/subscriptions/s1/",
            Covered("same scope"),
        ),
        (
            "resource group",
            OVERVIEW,
            on("/subscriptions/s1/resourceGroups/rg1"),
            READ,
            ZONE,
            Covered("enclosing"),
        ),
        (
            "resource group in other case",
            OVERVIEW,
            on("/SUBSCRIPTIONS/s1/resourcegroups/RG1"),
            READ,
            ZONE,
            Covered("enclosing"),
        ),
        (
            "subscription",
            OVERVIEW,
            on("/subscriptions/s1"),
            READ,
            ZONE,
            Covered("enclosing scope, /subscriptions/s1"),
        ),
        ("root", "elevate access: the root scope", on("/"), READ, ZONE, Covered("enclosing scope, /")),
        ("root asked, root granted", "elevate access", on("/"), READ, "/", Covered("on the same scope")),
        ("root asked, subscription granted", OVERVIEW, on("/subscriptions/s1"), READ, "/", Lost(1)),
        ("root asked, management group granted", OVERVIEW, on(group), READ, "/", Lost(1)),
        ("another subscription", OVERVIEW, on("/subscriptions/s2"), READ, ZONE, Lost(1)),
        ("a name that begins alike", SCOPES, on("/subscriptions/s1/resourceGroups/rg"), READ, ZONE, Lost(1)),
        (
            "rg10 is not below rg1",
            SCOPES,
            on("/subscriptions/s1/resourceGroups/rg1"),
            READ,
            "/subscriptions/s1/resourceGroups/rg10",
            Lost(1),
        ),
        (
            "below does not reach up",
            OVERVIEW,
            on(ZONE),
            READ,
            "/subscriptions/s1/resourceGroups/rg1",
            Lost(1),
        ),
        ("a sibling", OVERVIEW, on(&ZONE.replace("a.example", "b.example")), READ, ZONE, Lost(1)),
        ("a child resource of the scope", OVERVIEW, on(ZONE), READ, TXT, Covered("enclosing")),
        (
            "management group, not listed",
            "the id does not say who is below",
            on(group),
            READ,
            ZONE,
            Unknown("lies under"),
        ),
        (
            "management group, in the listing of the subscription",
            "az role assignment list shows what applies",
            on(group).with(|known| known.listed_for.push(vec!["/subscriptions/S1".to_owned()].into())),
            READ,
            ZONE,
            Covered("managementGroups/prod"),
        ),
        (
            "management group, in the listing of another subscription",
            "az role assignment list shows what applies",
            on(group).with(|known| known.listed_for.push(vec!["/subscriptions/s2".to_owned()].into())),
            READ,
            ZONE,
            Unknown("lies under"),
        ),
        (
            "management group below another",
            "the tree is not known",
            on(group),
            READ,
            "/providers/Microsoft.Management/managementGroups/all",
            Unknown("lies under"),
        ),
        (
            "the same management group",
            SCOPES,
            on(group),
            READ,
            "/PROVIDERS/microsoft.management/MANAGEMENTGROUPS/Prod",
            Covered("on the same scope"),
        ),
        (
            "scope known after apply",
            "unknown until apply is doubt",
            on("known after apply: azurerm_dns_zone.a.id"),
            READ,
            ZONE,
            Unknown("its scope is known only after apply"),
        ),
        (
            "no scope at all",
            "unknown until apply is doubt",
            on("/").with(|known| Arc::make_mut(&mut known.grant).scope = None),
            READ,
            ZONE,
            Unknown("its scope is known only"),
        ),
        (
            "needed scope known after apply",
            "unknown until apply is doubt",
            on(ZONE),
            READ,
            "known after apply: azurerm_dns_zone.a.id",
            Unknown("that is needed"),
        ),
        (
            "needed scope unknown, root granted",
            OVERVIEW,
            on("/"),
            READ,
            "known after apply: azurerm_dns_zone.a.id",
            Covered("enclosing"),
        ),
        (
            "needed scope unknown in its middle",
            OVERVIEW,
            on("/subscriptions/s1"),
            READ,
            "/subscriptions/s1/resourceGroups/known after apply: rg/x",
            Covered("enclosing"),
        ),
        (
            "needed scope unknown in another subscription",
            OVERVIEW,
            on("/subscriptions/s2"),
            READ,
            "/subscriptions/s1/resourceGroups/known after apply: rg/x",
            Lost(1),
        ),
        (
            "which zone is not said",
            "cert-manager: hostedZoneName may be left out",
            on(ZONE),
            READ,
            ANY_ZONE,
            Unknown("is meant is not said"),
        ),
        (
            "which zone is not said, all granted",
            OVERVIEW,
            on("/subscriptions/s1/resourceGroups/rg1"),
            READ,
            ANY_ZONE,
            Covered("enclosing"),
        ),
        (
            "which zone is not said, none granted",
            OVERVIEW,
            on("/subscriptions/s1/resourceGroups/rg2"),
            READ,
            ANY_ZONE,
            Lost(1),
        ),
    ]);
}
