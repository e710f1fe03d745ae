//! What covers a lost grant and what does not: the story of mender-2023 with one more assignment, group, role or
//! deny. Called covered is only what covers for sure.

use serde_json::{Value as Json, json};

use crate::support::scene::Scene;
use crate::support::story::{DNS_CONTRIBUTOR, GRANT, Judged, PRINCIPAL, SUBSCRIPTION, Story, zone};

const GROUP: &str = "12121212-3434-4565-8787-909090909090";
const SIDECAR: &str = r#"{"taken_at": "2023-09-22T10:00:00Z"}"#;
const COVERING: &str = "azurerm_role_assignment.cert_manager_dns_group";

/// The story with *DNS Zone Contributor* on one more scope.
fn with_grant_on(scope: &str) -> Judged {
    let story = Story::mender();
    story.assign(PRINCIPAL, "ServicePrincipal", DNS_CONTRIBUTOR, scope);
    story.check()
}

#[test]
fn an_enclosing_scope_covers_however_it_is_spelled() {
    for scope in [
        "/",
        SUBSCRIPTION,
        &format!("{SUBSCRIPTION}/resourceGroups/dns"),
        &format!("{SUBSCRIPTION}/resourcegroups/DNS"),
    ] {
        let judged = with_grant_on(scope);
        judged.assert_passes();
        assert_eq!(judged.report["covered"].as_array().unwrap().len(), 1, "{scope}: {:#}", judged.report);
    }
}

#[test]
fn another_scope_does_not_cover() {
    let subscription = SUBSCRIPTION.replace("1111", "9999");
    let others = [
        subscription.clone(),
        format!("{subscription}/resourceGroups/dns"),
        format!("{SUBSCRIPTION}/resourceGroups/dns-old"),
        format!("{SUBSCRIPTION}/resourceGroups/dn"),
        zone().replace("hosted.", "staging."),
        format!("{}/TXT/other", zone()),
    ];
    for scope in others {
        let judged = with_grant_on(&scope);
        judged.assert_falls(3, "certain");
        assert_eq!(judged.report["covered"], json!([]), "{scope}");
    }
}

#[test]
fn a_management_group_may_enclose_the_zone() {
    let judged = with_grant_on("/providers/Microsoft.Management/managementGroups/platform");
    // `--all` is of one subscription, and lists what applies there.
    judged.assert_passes();
}

#[test]
fn a_condition_is_doubt() {
    let condition = "@Resource[Microsoft.Network/dnsZones:name] StringEquals 'hosted.example.io'";
    let story = Story::covered();
    story.edit_resource(COVERING, |values| values["condition"] = condition.into());
    story.edit("snapshots/role-assignments.json", |rows| {
        let rows = rows.as_array_mut().unwrap();
        let id = format!("{SUBSCRIPTION}/resourceGroups/dns");
        let row = rows.iter_mut().find(|row| row["scope"] == *id).unwrap();
        row["condition"] = condition.into();
        row["conditionVersion"] = "2.0".into();
    });
    let judged = story.check();
    judged.assert_falls(3, "possible").assert_reason("condition");
    assert_eq!(judged.report["covered"], json!([]));
}

const CLAIMS: &str = "the newest complete listing should count before an older state";

#[test]
fn a_condition_that_only_the_snapshot_knows_is_doubt_too() {
    let story = Story::covered();
    story.edit("snapshots/role-assignments.json", |rows| {
        let rows = rows.as_array_mut().unwrap();
        let id = format!("{SUBSCRIPTION}/resourceGroups/dns");
        rows.iter_mut().find(|row| row["scope"] == *id).unwrap()["condition"] =
            "@Resource[x] StringEquals 'y'".into();
    });
    let judged = story.check();
    assert_ne!(judged.code, 0, "{CLAIMS}");
    assert_ne!(judged.reasons(), Vec::<&str>::new());
}

#[test]
fn a_cover_that_a_newer_listing_no_longer_has_is_none() {
    let without = |taken_at: &str| {
        let story = Story::covered();
        story.edit("snapshots/role-assignments.json", |rows| {
            let id = format!("{SUBSCRIPTION}/resourceGroups/dns");
            rows.as_array_mut().unwrap().retain(|row| row["scope"] != *id);
        });
        let sidecar =
            format!(r#"{{"taken_at": "{taken_at}", "command": "az role assignment list --all -o json"}}"#);
        story.write("snapshots/role-assignments.json.meta.json", &sidecar);
        story.check()
    };
    let judged = without("2023-09-22T11:30:00Z");
    assert_ne!(judged.code, 0, "{CLAIMS}");
    judged.assert_falls(3, "certain");
    // Taken at the same moment as the plan: which is right is not known.
    without("2023-09-22T10:00:00Z").assert_falls(3, "possible");
}

/// A deny on the resource group, for cert-manager's identity.
fn deny(with: impl FnOnce(&mut Json)) -> Json {
    let mut deny = json!({
        "denyAssignmentName": "no TXT",
        "id": format!("{SUBSCRIPTION}/resourceGroups/dns/providers/Microsoft.Authorization/denyAssignments/abababab-0000-4000-8000-000000000001"),
        "name": "abababab-0000-4000-8000-000000000001",
        "type": "Microsoft.Authorization/denyAssignments",
        "scope": format!("{SUBSCRIPTION}/resourceGroups/dns"),
        "doNotApplyToChildScopes": false,
        "isSystemProtected": true,
        "permissions": [{"actions": ["Microsoft.Network/dnsZones/TXT/*"], "notActions": [], "dataActions": [], "notDataActions": []}],
        "principals": [{"id": PRINCIPAL, "type": "ServicePrincipal"}],
        "excludePrincipals": [],
    });
    with(&mut deny);
    deny
}

/// A deny for everyone but a group whose members nobody lists: the plan may take what cert-manager has by it.
#[test]
fn an_exception_that_may_apply_is_doubt() {
    let judged = covered_but(&deny(|deny| {
        deny["principals"] = json!([{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}]);
        deny["excludePrincipals"] = json!([{"id": GROUP, "type": "Group"}]);
    }));
    judged.assert_falls(3, "possible").assert_reason(GROUP);
}

fn covered_but(deny: &Json) -> Judged {
    let story = Story::covered();
    story.write("snapshots/denies.json", &json!([deny]).to_string());
    story.write("snapshots/denies.json.meta.json", SIDECAR);
    story.check()
}

#[test]
fn what_is_denied_already_is_not_lost_by_the_plan() {
    let judged = covered_but(&deny(|_| ()));
    assert_eq!(judged.code, 0, "{:#}", judged.report);
    // What else the lost role allowed, the deny may hit in part: no more than a warning, and not for the gateway.
    let by_plan = Json::from_iter(judged.by_plan("breaks-workload").into_iter().cloned()).to_string();
    assert!(!by_plan.contains("prod/gateway"), "{by_plan}");
    let standing: Vec<&Json> = judged.findings().iter().filter(|one| one["cause"] == "standing").collect();
    assert_eq!(standing.len(), 1, "that nothing renews the certificate is said: {:#}", judged.report);
    assert_eq!(standing[0]["level"], "warn");
    let last = standing[0]["path"].as_array().unwrap().last().unwrap();
    assert!(last["node"].as_str().unwrap().contains("denyassignments"), "it ends at the deny: {last:#}");
    let path = standing[0]["path"].to_string();
    assert!(!path.contains("without ["), "no key of the program's own: {path}");
    assert_eq!(judged.report["covered"], json!([]), "a denied grant covers nothing");
}

#[test]
fn a_deny_that_may_apply_is_doubt() {
    let judged = covered_but(&deny(|deny| {
        deny["permissions"][0]["condition"] = "@Resource[x] StringEquals 'y'".into();
        deny["permissions"][0]["conditionVersion"] = "2.0".into();
    }));
    judged.assert_falls(3, "possible").assert_reason("deny");
    // For a group whose members nobody lists.
    let judged = covered_but(&deny(|deny| deny["principals"] = json!([{"id": GROUP, "type": "Group"}])));
    judged.assert_falls(3, "possible").assert_reason("deny").assert_reason("az ad group member list");
}

#[test]
fn a_deny_that_does_not_apply_is_none() {
    let spared: [fn(&mut Json); 4] = [
        |deny| {
            deny["principals"] =
                json!([{"id": "8b1e4a90-3d27-4f6c-b5a8-c0d9e2f71634", "type": "ServicePrincipal"}])
        },
        |deny| deny["permissions"][0]["notActions"] = json!(["Microsoft.Network/dnsZones/TXT/write"]),
        |deny| deny["doNotApplyToChildScopes"] = true.into(),
        |deny| {
            deny["principals"] =
                json!([{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}]);
            deny["excludePrincipals"] = json!([{"id": PRINCIPAL, "type": "ServicePrincipal"}]);
        },
    ];
    for (number, with) in spared.into_iter().enumerate() {
        let judged = covered_but(&deny(with));
        assert_eq!(judged.code, 0, "{number}: {:#}", judged.report);
        judged.assert_passes();
    }
}

/// The story with *DNS Zone Contributor* on the resource group for a group, whose members are these.
fn through_group(members: Option<Json>) -> Judged {
    through_group_in(&Story::mender(), members)
}

fn through_group_in(story: &Story, members: Option<Json>) -> Judged {
    story.assign(GROUP, "Group", DNS_CONTRIBUTOR, &format!("{SUBSCRIPTION}/resourceGroups/dns"));
    if let Some(members) = members {
        story.write("snapshots/members.json", &members.to_string());
        let sidecar = format!(r#"{{"taken_at": "2023-09-22T10:00:00Z", "of": {{"group": "{GROUP}"}}}}"#);
        story.write("snapshots/members.json.meta.json", &sidecar);
    }
    story.check()
}

/// The story in which the plan updates the group: its members before and after, and what of them is a secret.
fn group_updated(before: &[&str], after: &[&str], secret: &Json) -> Judged {
    let story = Story::mender();
    let group = |members: &[&str]| {
        let id = format!("/groups/{GROUP}");
        json!({"id": id, "object_id": GROUP, "display_name": "dns", "members": members})
    };
    story.edit("plan.json", |plan| {
        plan["resource_changes"].as_array_mut().unwrap().push(json!({
            "address": "azuread_group.dns", "mode": "managed", "type": "azuread_group", "name": "dns",
            "change": {"actions": ["update"], "before": group(before), "after": group(after), "after_unknown": {},
                "before_sensitive": secret, "after_sensitive": secret},
        }));
    });
    through_group_in(
        &story,
        Some(json!([{"@odata.type": "#microsoft.graph.servicePrincipal", "id": PRINCIPAL}])),
    )
}

#[test]
fn members_that_a_plan_takes_out_of_a_group_lose_what_it_has() {
    let other = "8b1e4a90-3d27-4f6c-b5a8-c0d9e2f71634";
    let plain = json!({});
    group_updated(&[PRINCIPAL], &[PRINCIPAL, other], &plain).assert_passes();
    let falls = |members: &[&str], secret: &Json, certainty: &str| {
        let judged = group_updated(&[PRINCIPAL, other], members, secret);
        assert_eq!(judged.code, 3, "{:#}", judged.report);
        let findings = judged.by_plan("breaks-workload");
        let told = findings.iter().any(|finding| {
            let mut falls = finding["affects"].as_array().unwrap().iter();
            finding["causes"][0]["address"] == "azuread_group.dns"
                && falls.any(|fall| {
                    fall["node"] == "kubernetes:Ingress/prod/gateway" && fall["certainty"] == certainty
                })
        });
        assert!(told, "{findings:#?}");
    };
    falls(&[other], &plain, "certain");
    // Who is in it is a secret, and nobody knows who will be.
    let secret = json!({"members": true});
    falls(&[other], &secret, "possible");
    falls(&[PRINCIPAL, other], &json!({"members": [true, false]}), "possible");
}

#[test]
fn a_membership_whose_member_is_a_secret_may_be_any() {
    let with = |change: Json| {
        let story = Story::mender();
        story.edit("plan.json", |plan| {
            plan["resource_changes"].as_array_mut().unwrap().push(json!({
                "address": "azuread_group_member.m", "mode": "managed", "type": "azuread_group_member", "name": "m",
                "change": change,
            }));
        });
        through_group_in(
            &story,
            Some(json!([{"@odata.type": "#microsoft.graph.servicePrincipal", "id": PRINCIPAL}])),
        )
    };
    let values = json!({"id": "m", "group_object_id": GROUP, "member_object_id": "secret"});
    let secret = json!({"member_object_id": true});
    let gone =
        with(json!({"actions": ["delete"], "before": values, "after": null, "before_sensitive": secret}));
    assert_eq!(gone.code, 3, "{:#}", gone.report);
    gone.assert_reason("sources disagree whether");
    // Whoever is added, nobody goes.
    with(json!({"actions": ["create"], "before": null, "after": values, "after_sensitive": secret}))
        .assert_passes();
}

/// Azure lists what is active for a time among all other assignments, and does not say so.
#[test]
fn what_is_active_for_a_time_goes_from_the_listing_too() {
    let story = Story::mender();
    let pim = "azurerm_pim_active_role_assignment.cert_manager_dns";
    story.edit("plan.json", |plan| {
        for place in ["/resource_changes", "/prior_state/values/root_module/resources"] {
            let entries = plan.pointer_mut(place).unwrap().as_array_mut().unwrap();
            let entry = entries.iter_mut().find(|entry| entry["address"] == GRANT).unwrap();
            entry["address"] = pim.into();
            entry["type"] = "azurerm_pim_active_role_assignment".into();
        }
    });
    let judged = story.check();
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    let finding = judged.the("breaks-workload");
    assert_eq!(finding["causes"][0]["address"], pim);
    assert_eq!(finding["certainty"], "possible");
    judged.assert_reason("sources disagree whether");
}

#[test]
fn a_group_covers_its_members() {
    let member = |id: &str| json!([{"@odata.type": "#microsoft.graph.servicePrincipal", "id": id, "displayName": "one"}]);
    let judged = through_group(Some(member(PRINCIPAL)));
    judged.assert_passes();
    assert_eq!(judged.report["covered"].as_array().unwrap().len(), 1);
    through_group(Some(member("8b1e4a90-3d27-4f6c-b5a8-c0d9e2f71634"))).assert_falls(3, "certain");
    through_group(Some(json!([]))).assert_falls(3, "certain");
}

#[test]
fn a_group_whose_members_nobody_lists_may_cover() {
    let judged = through_group(None);
    judged.assert_falls(3, "possible").assert_reason(GROUP).assert_reason("az ad group member list");
    assert_eq!(judged.report["covered"], json!([]));
}

/// The story with a custom role of these permissions on the resource group.
fn with_role(permissions: Json) -> Judged {
    let (story, id) = (Story::mender(), "cdcdcdcd-0000-4000-8000-000000000001");
    story.add(
        "snapshots/role-definitions.json",
        json!({
            "id": format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{id}"), "name": id,
            "roleName": "DNS records", "roleType": "CustomRole", "assignableScopes": [SUBSCRIPTION],
            "type": "Microsoft.Authorization/roleDefinitions", "permissions": permissions,
        }),
    );
    story.assign(
        PRINCIPAL,
        "ServicePrincipal",
        (id, "DNS records"),
        &format!("{SUBSCRIPTION}/resourceGroups/dns"),
    );
    story.check()
}

fn block(actions: &[&str], not_actions: &[&str], data_actions: &[&str]) -> Json {
    json!({"actions": actions, "notActions": not_actions, "dataActions": data_actions, "notDataActions": []})
}

#[test]
fn a_custom_role_covers_by_what_it_allows() {
    let all = "Microsoft.Network/dnsZones/*";
    let write = "Microsoft.Network/dnsZones/TXT/write";
    with_role(json!([block(&[all], &["Microsoft.Network/dnsZones/TXT/write"], &[])]))
        .assert_falls(3, "certain");
    with_role(json!([block(&[all], &["Microsoft.Network/*/write"], &[])])).assert_falls(3, "certain");
    with_role(json!([block(&["Microsoft.Network/dnsZones/A/*"], &[], &[])])).assert_falls(3, "certain");
    // A star over data gives nothing of the control plane.
    with_role(json!([block(&[], &[], &["*"])])).assert_falls(3, "certain");
    // Another block gives what the first leaves out. The workload stands; what else the lost role allowed is a note.
    let judged = with_role(json!([
        block(&[all], &[write], &[]),
        block(&["microsoft.network/DNSZONES/txt/WRITE"], &[], &[])
    ]));
    judged.assert_passes();
    assert!(judged.by_plan("breaks-workload").is_empty());
}

/// A host that acts as itself: a pattern for the host means the host, and not the identity that it carries.
#[test]
fn a_host_is_not_its_own_identity() {
    const WHO: &str = "7d50ac10-9027-4e0c-9d54-a6709cb9ff0a";
    const GROUP: &str = "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/dns";
    let zone = format!("{GROUP}/providers/Microsoft.Network/dnsZones/example.io");
    let grant = json!({"id": format!("{zone}/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-4000-8000-000000000002"),
        "name": "aaaaaaaa-0000-4000-8000-000000000002", "scope": zone, "principal_id": WHO, "principal_type": "ServicePrincipal",
        "role_definition_name": "Owner",
        "role_definition_id": "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"});
    for pattern in ["azurerm_linux_web_app.app", "azurerm_linux_web_app.*"] {
        let mut scene = Scene::of(&format!(
            "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"{pattern}\"]\n\
             [[workload.needs]]\nidentity = \"{WHO}\"\naction = \"Microsoft.Network/dnsZones/TXT/write\"\nscope = \"{zone}\"\n"
        ));
        let host = json!({"id": format!("{GROUP}/providers/Microsoft.Web/sites/app"), "name": "app",
            "identity": [{"type": "SystemAssigned", "principal_id": WHO, "identity_ids": []}]});
        scene.stays("azurerm_linux_web_app.app", host).stays("azurerm_role_assignment.w", grant.clone());
        assert_eq!(scene.check().loud(), Vec::<String>::new(), "{pattern}");
        scene.without("azurerm_role_assignment.w");
        scene.object("azurerm_role_assignment.w", grant.clone(), Json::Null);
        let judged = scene.check();
        // No source says what the role allows: possible, and not to be decided.
        assert_eq!(judged.code, 4, "{pattern}: {:#}", judged.report);
        assert_eq!(judged.by_plan("breaks-workload")[0]["affects"].as_array().unwrap().len(), 1, "{pattern}");
    }
}
