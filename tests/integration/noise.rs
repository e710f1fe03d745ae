//! What only looks like a loss: each trap that users of other tools reported, and beside it what looks like one of them and
//! is a loss.
//!
//! Issues are those of hashicorp/terraform (`terraform#…`), its providers (`azurerm#…`, `google#…`, `kubernetes#…`, `aws#…`)
//! and other tools. What of it is shown where stands in `noise_table.rs` and in `docs/accuracy.md`.

use serde_json::{Value as Json, json};

use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

const SUBSCRIPTION: &str = "/subscriptions/11111111-2222-4333-8444-555555555555";
const PRINCIPAL: &str = "5b38ea98-7805-4c8a-9b32-84587fa7ddf8";
const CLIENT: &str = "1d484d52-d826-4db9-84de-020471f36f3b";
const WRITER: &str = "befefa01-2a29-4197-83a8-272ff33ce314";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const GRANT: &str = "azurerm_role_assignment.writer";

fn zone() -> String {
    format!("{SUBSCRIPTION}/resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.io")
}

fn role(guid: &str) -> String {
    format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{guid}")
}

/// The assignment, as the provider keeps it.
fn assignment(number: u32, change: impl FnOnce(&mut Json)) -> Json {
    let mut values = json!({
        "id": format!("{}/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-4000-8000-{number:012}", zone()),
        "name": format!("aaaaaaaa-0000-4000-8000-{number:012}"), "scope": zone(), "principal_id": PRINCIPAL,
        "principal_type": "ServicePrincipal", "role_definition_id": role(WRITER),
        "role_definition_name": "DNS Zone Contributor", "condition": null, "description": "",
    });
    change(&mut values);
    values
}

pub fn later(values: &mut Json, keys: &[&str]) {
    keys.iter().for_each(|key| values[*key] = "?".into());
}

fn identity(change: impl FnOnce(&mut Json)) -> Json {
    let mut values = json!({
        "id": format!("{SUBSCRIPTION}/resourceGroups/app/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app"),
        "name": "app", "resource_group_name": "app", "location": "westeurope", "principal_id": PRINCIPAL,
        "client_id": CLIENT, "tags": {"team": "a"},
    });
    change(&mut values);
    values
}

/// An app that writes records in a zone, by an assignment to its identity.
fn azure() -> Scene {
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"azurerm_linux_function_app.app\"]\n\
         [[workload.needs]]\nidentity = \"{CLIENT}\"\n\
         action = \"Microsoft.Network/dnsZones/TXT/write\"\nscope = \"{}\"\n",
        zone()
    ));
    let app = format!("{SUBSCRIPTION}/resourceGroups/app/providers/Microsoft.Web/sites/app");
    let of = identity(|_| ())["id"].clone();
    scene
        .stays(
            "azurerm_linux_function_app.app",
            json!({"id": app, "name": "app", "identity": [{"type": "UserAssigned", "identity_ids": [of],
                "principal_id": "", "tenant_id": ""}]}),
        )
        .stays("azurerm_user_assigned_identity.app", identity(|_| ()))
        .stays(GRANT, assignment(1, |_| ()));
    let permissions = |actions: &[&str]| json!([{"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}]);
    scene.lists(
        "roles.json",
        json!([
            {"id": role(WRITER), "name": WRITER, "roleName": "DNS Zone Contributor", "roleType": "BuiltInRole",
                "permissions": permissions(&["Microsoft.Network/dnsZones/*"]), "assignableScopes": ["/"],
                "type": "Microsoft.Authorization/roleDefinitions"},
            {"id": role(READER), "name": READER, "roleName": "Reader", "roleType": "BuiltInRole",
                "permissions": permissions(&["*/read"]), "assignableScopes": ["/"],
                "type": "Microsoft.Authorization/roleDefinitions"},
        ]),
        json!({}),
    );
    let row = assignment(1, |_| ());
    scene.lists(
        "assignments.json",
        json!([{"id": row["id"], "name": row["name"], "scope": zone(), "principalId": PRINCIPAL,
            "principalType": "ServicePrincipal", "principalName": CLIENT, "roleDefinitionId": role(WRITER),
            "roleDefinitionName": "DNS Zone Contributor", "type": "Microsoft.Authorization/roleAssignments"}]),
        json!({"command": "az role assignment list --all -o json"}),
    );
    scene.lists(
        "cluster.json",
        json!({"apiVersion": "v1", "kind": "List", "items": []}),
        json!({"command": "kubectl get all,sa -A -o json"}),
    );
    scene
}

/// Replaced in place, by one whose id is not known yet.
fn replaced(scene: &mut Scene, first: &str, second: &str, change: impl FnOnce(&mut Json)) {
    let after = assignment(1, |values| {
        later(values, &["id", "name"]);
        change(values);
    });
    scene.without(GRANT).doing(GRANT, &[first, second], assignment(1, |_| ()), after);
}

/// Deleted, and made anew at another address.
fn elsewhere(scene: &mut Scene, change: impl FnOnce(&mut Json)) {
    let after = assignment(1, |values| {
        later(values, &["id", "name"]);
        change(values);
    });
    scene.without(GRANT).object(GRANT, assignment(1, |_| ()), Json::Null);
    scene.object("azurerm_role_assignment.renamed", Json::Null, after);
}

#[test]
fn azure_traps() {
    let rows = vec![
        row("-", "the assignment goes", Loss, |scene| {
            scene.without(GRANT).object(GRANT, assignment(1, |_| ()), Json::Null);
        }),
        row("azurerm#4847", "replaced by the same grant", Quiet, |scene| {
            replaced(scene, "delete", "create", |_| ());
        }),
        row("azurerm#4847", "replaced by the same grant, which is made first", Quiet, |scene| {
            replaced(scene, "create", "delete", |_| ());
        }),
        row("azurerm#4847", "replaced, for another principal", Loss, |scene| {
            replaced(scene, "delete", "create", |values| {
                values["principal_id"] = "99999999-7805-4c8a-9b32-84587fa7ddf8".into();
            });
        }),
        row("azurerm#19847", "the role without the subscription before it", Quiet, |scene| {
            replaced(scene, "delete", "create", |values| {
                values["role_definition_id"] =
                    format!("/providers/Microsoft.Authorization/roleDefinitions/{WRITER}").into();
            });
        }),
        row("azurerm#19847", "another role, without the subscription before it", Loss, |scene| {
            replaced(scene, "delete", "create", |values| {
                values["role_definition_id"] =
                    format!("/providers/Microsoft.Authorization/roleDefinitions/{READER}").into();
                values["role_definition_name"] = "Reader".into();
            });
        }),
        row("azurerm#15557", "the role by its name, where it was by its id", Quiet, |scene| {
            replaced(scene, "delete", "create", |values| later(values, &["role_definition_id"]));
        }),
        row("azurerm#15557", "the role by its id, where it was by its name", Quiet, |scene| {
            replaced(scene, "delete", "create", |values| later(values, &["role_definition_name"]));
        }),
        row("azurerm#15557", "another role by its name", Loss, |scene| {
            replaced(scene, "delete", "create", |values| {
                later(values, &["role_definition_id"]);
                values["role_definition_name"] = "Reader".into();
            });
        }),
        row("azurerm#22283", "the scope in other letters", Quiet, |scene| {
            replaced(scene, "delete", "create", |values| {
                values["scope"] =
                    zone().replace("resourceGroups", "resourcegroups").replace("dnsZones", "dnszones").into();
            });
        }),
        row("azurerm#22283", "the scope with a slash at its end", Quiet, |scene| {
            replaced(scene, "delete", "create", |values| values["scope"] = format!("{}/", zone()).into());
        }),
        row("azurerm#22283", "the principal's id in capitals", Quiet, |scene| {
            replaced(scene, "delete", "create", |values| {
                values["principal_id"] = PRINCIPAL.to_uppercase().into()
            });
        }),
        row("azurerm#22283", "another zone", Loss, |scene| {
            replaced(scene, "delete", "create", |values| values["scope"] = format!("{}2", zone()).into());
        }),
        row("avm-res-authorization-roleassignment#124", "made anew at another address", Quiet, |scene| {
            elsewhere(scene, |_| ());
        }),
        row(
            "avm-res-authorization-roleassignment#124",
            "made anew for the enclosing group",
            Quiet,
            |scene| {
                elsewhere(scene, |values| {
                    values["scope"] = format!("{SUBSCRIPTION}/resourceGroups/dns").into()
                });
            },
        ),
        row(
            "avm-res-authorization-roleassignment#124",
            "made anew for who is known after apply",
            Loss,
            |scene| {
                elsewhere(scene, |values| later(values, &["principal_id"]));
            },
        ),
        row("terraform#29603", "moved", Quiet, |scene| {
            scene.without(GRANT).stays("module.dns.azurerm_role_assignment.writer", assignment(1, |_| ()));
            scene.with("previous_address", GRANT.into());
        }),
        row("tfcmt#932", "moved, and described otherwise", Quiet, |scene| {
            let after = assignment(1, |values| values["description"] = "records".into());
            scene.without(GRANT).object("azurerm_role_assignment.records", assignment(1, |_| ()), after);
            scene.with("previous_address", GRANT.into());
        }),
        row("tfcmt#932", "moved, and to another zone", Loss, |scene| {
            let after = assignment(1, |values| {
                later(values, &["id", "name"]);
                values["scope"] = format!("{}2", zone()).into();
            });
            let address = "azurerm_role_assignment.records";
            scene.without(GRANT).doing(address, &["delete", "create"], assignment(1, |_| ()), after);
            scene.with("previous_address", GRANT.into());
        }),
        row("google#6308", "for_each, with moved", Quiet, |scene| {
            scene.without(GRANT).stays(r#"azurerm_role_assignment.writer["dns"]"#, assignment(1, |_| ()));
            scene.with("index", "dns".into()).with("previous_address", format!("{GRANT}[0]").into());
        }),
        row("google#6308", "for_each without moved, of the assignment", Quiet, |scene| {
            scene.without(GRANT).object(
                "azurerm_role_assignment.writer[0]",
                assignment(1, |_| ()),
                Json::Null,
            );
            scene.with("index", 0.into()).with("action_reason", "delete_because_no_move_target".into());
            let after = assignment(1, |values| later(values, &["id", "name"]));
            scene
                .object(r#"azurerm_role_assignment.writer["dns"]"#, Json::Null, after)
                .with("index", "dns".into());
        }),
        row("google#6308", "for_each without moved, of the identity", Loss, |scene| {
            scene.without("azurerm_user_assigned_identity.app");
            scene
                .object("azurerm_user_assigned_identity.app[0]", identity(|_| ()), Json::Null)
                .with("index", 0.into());
            let after = identity(|values| later(values, &["id", "principal_id", "client_id"]));
            scene
                .object(r#"azurerm_user_assigned_identity.app["a"]"#, Json::Null, after)
                .with("index", "a".into());
        }),
        row("terraform#28803", "tags of the identity alone", Quiet, |scene| {
            let after = identity(|values| values["tags"] = json!({"team": "b"}));
            scene.without("azurerm_user_assigned_identity.app");
            scene.object("azurerm_user_assigned_identity.app", identity(|_| ()), after);
        }),
        row(
            "terraform#28803",
            "tags, where the provider says that ids are known after apply",
            Quiet,
            |scene| {
                let after = identity(|values| {
                    values["tags"] = json!({"team": "b"});
                    later(values, &["id", "principal_id", "client_id"]);
                });
                scene.without("azurerm_user_assigned_identity.app");
                scene.object("azurerm_user_assigned_identity.app", identity(|_| ()), after);
            },
        ),
        row("checkov#7675", "forgotten", Quiet, |scene| {
            scene.without(GRANT).doing(GRANT, &["forget"], assignment(1, |_| ()), Json::Null);
        }),
        row("terraform#38641", "forgotten, and made anew", Quiet, |scene| {
            let after = assignment(1, |values| later(values, &["id", "name"]));
            scene.without(GRANT).doing(GRANT, &["create", "forget"], assignment(1, |_| ()), after);
        }),
        row("terraform#29808", "drift of a description, which changes nothing", Quiet, |scene| {
            let after = assignment(1, |values| values["description"] = "by hand".into());
            scene.drifted(json!({"address": GRANT, "mode": "managed", "type": "azurerm_role_assignment",
                "name": "writer", "provider_name": "registry.terraform.io/hashicorp/azurerm",
                "change": {"actions": ["update"], "before": assignment(1, |_| ()), "after": after, "after_unknown": {}}}));
        }),
        row("driftctl#331", "a grant that nobody uses goes beside", Quiet, |scene| {
            let reader = assignment(2, |values| {
                values["role_definition_id"] = role(READER).into();
                values["role_definition_name"] = "Reader".into();
            });
            let reader = |change: &dyn Fn(&mut Json)| {
                let mut reader = reader.clone();
                change(&mut reader);
                reader
            };
            scene.object(
                "azurerm_role_assignment.reader",
                reader(&|_| ()),
                reader(&|values| values["description"] = "x".into()),
            );
        }),
    ];
    judge(&azure(), rows);
}

const PROJECT: &str = "//cloudresourcemanager.googleapis.com/projects/shop-1";
const EMAIL: &str = "app@shop-1.iam.gserviceaccount.com";
const UNIQUE: &str = "112233445566778899001";
const ROLE: &str = "roles/dns.admin";
const OTHER: &str = "user:ann@example.io";
const MEMBER: &str = "google_project_iam_member.dns";
const BINDING: &str = "google_project_iam_binding.dns";
const ACCOUNT: &str = "google_service_account.app";

fn account(change: impl FnOnce(&mut Json)) -> Json {
    let mut values = json!({
        "id": format!("projects/shop-1/serviceAccounts/{EMAIL}"), "name": format!("projects/shop-1/serviceAccounts/{EMAIL}"),
        "account_id": "app", "project": "shop-1", "email": EMAIL, "member": format!("serviceAccount:{EMAIL}"),
        "unique_id": UNIQUE, "display_name": "app", "disabled": false,
    });
    change(&mut values);
    values
}

fn own() -> String {
    format!("serviceAccount:{EMAIL}")
}

fn iam_member(change: impl FnOnce(&mut Json)) -> Json {
    let mut values = json!({"id": format!("shop-1/{ROLE}/{}", own()), "project": "shop-1", "role": ROLE, "member": own(),
        "condition": [], "etag": "BwY"});
    change(&mut values);
    values
}

fn iam_binding(members: &[&str]) -> Json {
    json!({"id": format!("shop-1/{ROLE}"), "project": "shop-1", "role": ROLE, "members": members, "condition": [],
        "etag": "BwY"})
}

fn iam_policy(data: &str) -> Json {
    json!({"id": "shop-1", "project": "shop-1", "policy_data": data, "etag": "BwY"})
}

/// A function that writes records in the zones of its project, as a service account.
fn google() -> Scene {
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"google_cloudfunctions_function.app\"]\n\
         [[workload.needs]]\nidentity = \"{ACCOUNT}\"\naction = \"dns.changes.create\"\nscope = \"projects/shop-1\"\n"
    ));
    scene.stays(
        "google_cloudfunctions_function.app",
        json!({"id": "projects/shop-1/locations/europe-west1/functions/app", "name": "app", "project": "shop-1",
            "service_account_email": EMAIL}),
    );
    scene.stays(ACCOUNT, account(|_| ()));
    scene.lists(
        "roles.json",
        json!([
            {"name": ROLE, "title": "DNS Administrator", "stage": "GA", "includedPermissions": ["dns.changes.create", "dns.changes.get"]},
            {"name": "roles/dns.reader", "title": "DNS Reader", "stage": "GA", "includedPermissions": ["dns.changes.get"]},
        ]),
        json!({}),
    );
    scene.lists(
        "policies.json",
        json!([{"assetType": "cloudresourcemanager.googleapis.com/Project", "organization": "organizations/9", "folders": [],
            "project": "projects/777", "resource": PROJECT,
            "policy": {"bindings": [{"role": ROLE, "members": [own(), OTHER]}]}}]),
        json!({"command": "gcloud asset search-all-iam-policies --scope=organizations/9 --format=json"}),
    );
    scene.lists(
        "accounts.json",
        json!([{"email": EMAIL, "name": format!("projects/shop-1/serviceAccounts/{EMAIL}"), "projectId": "shop-1",
            "uniqueId": UNIQUE, "disabled": false}]),
        json!({"command": "gcloud iam service-accounts list --project=shop-1 --format=json"}),
    );
    scene
}

const DATA: &str = r#"{"bindings":[{"members":["serviceAccount:app@shop-1.iam.gserviceaccount.com","user:ann@example.io"],"role":"roles/dns.admin"},{"members":["user:ann@example.io"],"role":"roles/dns.reader"}]}"#;

#[test]
fn google_traps() {
    let both = || iam_binding(&[&own(), OTHER]);
    let rows = vec![
        row("checkov#4279", "the member goes", Loss, |scene| {
            scene.object(MEMBER, iam_member(|_| ()), Json::Null);
        }),
        row("checkov#4279", "a member goes whom nobody needs", Quiet, |scene| {
            scene.stays(MEMBER, iam_member(|_| ()));
            let other = |address: &str| {
                iam_member(|values| {
                    values["member"] = OTHER.into();
                    values["id"] = address.into();
                })
            };
            let mut after = other("x");
            after["etag"] = "BwZ".into();
            scene.object("google_project_iam_member.ann", other("x"), after);
        }),
        row("google#7073", "members of a binding in another order", Quiet, move |scene| {
            scene.object(BINDING, both(), iam_binding(&[OTHER, &own()]));
        }),
        row("google#7073", "a member is added to a binding", Quiet, move |scene| {
            scene.object(BINDING, both(), iam_binding(&[OTHER, &own(), "user:bob@example.io"]));
        }),
        row("google#7073", "a member is taken out of a binding", Loss, move |scene| {
            scene.object(BINDING, both(), iam_binding(&[OTHER]));
        }),
        row("google#7073", "an e-mail in other letters", Quiet, move |scene| {
            scene.object(BINDING, both(), iam_binding(&[&own().replace("app@", "App@"), OTHER]));
        }),
        row("google#11032", "a binding is made that lists all who are there", Quiet, move |scene| {
            let mut made = both();
            later(&mut made, &["id", "etag"]);
            scene.object(BINDING, Json::Null, made);
        }),
        row("google#11032", "a binding is made that leaves out who is there", Loss, |scene| {
            let mut made = iam_binding(&[OTHER]);
            later(&mut made, &["id", "etag"]);
            scene.object(BINDING, Json::Null, made);
        }),
        row("google#7073", "a policy with its bindings and members in another order", Quiet, |scene| {
            let after = r#"{"bindings": [{"role": "roles/dns.reader", "members": ["user:ann@example.io"]},
                {"role": "roles/dns.admin", "members": ["user:ann@example.io", "serviceAccount:app@shop-1.iam.gserviceaccount.com"]}]}"#;
            scene.object("google_project_iam_policy.all", iam_policy(DATA), iam_policy(after));
        }),
        row("google#7073", "a binding of a policy split in two", Quiet, |scene| {
            let after = DATA.replace(r#"","user:ann@example.io"],"role":"roles/dns.admin"}"#,
                r#""],"role":"roles/dns.admin"},{"members":["user:ann@example.io"],"role":"roles/dns.admin"}"#);
            assert_ne!(after, DATA);
            scene.object("google_project_iam_policy.all", iam_policy(DATA), iam_policy(&after));
        }),
        row("google#1225", "a policy without the member", Loss, |scene| {
            let after = DATA.replace(r#""serviceAccount:app@shop-1.iam.gserviceaccount.com","#, "");
            scene.object("google_project_iam_policy.all", iam_policy(DATA), iam_policy(&after));
        }),
        row(
            "terraform-aws-eks#3403",
            "replaced, the new one made first: its deletion takes both",
            Loss,
            |scene| {
                let after = iam_member(|values| later(values, &["id", "etag"]));
                scene.doing(MEMBER, &["create", "delete"], iam_member(|_| ()), after);
            },
        ),
        row("terraform-aws-eks#3403", "replaced, the old one deleted first", Quiet, |scene| {
            let after = iam_member(|values| later(values, &["id", "etag"]));
            scene.doing(MEMBER, &["delete", "create"], iam_member(|_| ()), after);
        }),
        row("google#17329", "a member becomes one of a binding, in no order", Loss, move |scene| {
            let mut made = both();
            later(&mut made, &["id", "etag"]);
            scene.object(MEMBER, iam_member(|_| ()), Json::Null).object(BINDING, Json::Null, made);
        }),
        row("terraform#29603", "moved", Quiet, |scene| {
            scene.stays("module.dns.google_project_iam_member.dns", iam_member(|_| ()));
            scene.with("previous_address", MEMBER.into());
        }),
        row("google#6308", "a service account in for_each, with moved", Quiet, |scene| {
            scene.stays(MEMBER, iam_member(|_| ())).without(ACCOUNT);
            scene.stays(r#"google_service_account.app["a"]"#, account(|_| ()));
            scene.with("index", "a".into()).with("previous_address", ACCOUNT.into());
        }),
        row(
            "google#6308",
            "a service account in for_each, without moved: another one of the same name",
            Loss,
            |scene| {
                scene.stays(MEMBER, iam_member(|_| ())).without(ACCOUNT);
                scene
                    .object(ACCOUNT, account(|_| ()), Json::Null)
                    .with("action_reason", "delete_because_no_move_target".into());
                let after = account(|values| later(values, &["id", "name", "email", "member", "unique_id"]));
                scene
                    .object(r#"google_service_account.app["a"]"#, Json::Null, after)
                    .with("index", "a".into());
            },
        ),
        row(
            "terraform#28803",
            "a display name alone, where ids are said to be known after apply",
            Quiet,
            |scene| {
                let after = account(|values| {
                    values["display_name"] = "the app".into();
                    later(values, &["id", "name", "email", "member", "unique_id"]);
                });
                scene.stays(MEMBER, iam_member(|_| ())).without(ACCOUNT).object(
                    ACCOUNT,
                    account(|_| ()),
                    after,
                );
            },
        ),
        row("checkov#7675", "forgotten", Quiet, |scene| {
            scene.doing(MEMBER, &["forget"], iam_member(|_| ()), Json::Null);
        }),
        row("google#6532", "a binding forgotten", Quiet, move |scene| {
            scene.doing(BINDING, &["forget"], both(), Json::Null);
        }),
        row("terraform#29808", "drift of a display name, which changes nothing", Quiet, |scene| {
            let after = account(|values| values["display_name"] = "by hand".into());
            scene.stays(MEMBER, iam_member(|_| ())).drifted(json!({"address": ACCOUNT, "mode": "managed",
                "type": "google_service_account", "name": "app",
                "provider_name": "registry.terraform.io/hashicorp/google",
                "change": {"actions": ["update"], "before": account(|_| ()), "after": after, "after_unknown": {}}}));
        }),
        row("driftctl#366", "another's etag", Quiet, move |scene| {
            let mut after = both();
            later(&mut after, &["etag"]);
            scene.object(BINDING, both(), after);
        }),
    ];
    judge(&google(), rows);
}

const RBAC: &str = "rbac.authorization.k8s.io";
const BOUND: &str = "kubernetes_role_binding_v1.app";
const RULES: &str = "kubernetes_role_v1.app";

fn subject(kind: &str, name: &str) -> Json {
    let group = if kind == "ServiceAccount" { "" } else { RBAC };
    json!({"kind": kind, "name": name, "namespace": if kind == "ServiceAccount" { "shop" } else { "" }, "api_group": group})
}

fn binding(name: &str, role: &str, subjects: &[Json]) -> Json {
    json!({"id": format!("shop/{name}"), "metadata": [{"name": name, "namespace": "shop", "labels": {}}],
        "role_ref": [{"api_group": RBAC, "kind": "Role", "name": role}], "subject": subjects})
}

fn rules(name: &str, rules: &[(&[&str], &[&str])]) -> Json {
    let one = |(resources, verbs): &(&[&str], &[&str])| json!({"api_groups": [""], "resources": resources, "verbs": verbs, "resource_names": [], "non_resource_urls": []});
    json!({"id": format!("shop/{name}"), "metadata": [{"name": name, "namespace": "shop", "labels": {}}],
        "rule": rules.iter().map(one).collect::<Vec<_>>()})
}

/// A deployment that reads and writes configuration in its namespace.
fn kubernetes() -> Scene {
    let mut scene = Scene::of(
        "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/shop/app\"]\n\
         [[workload.needs]]\nidentity = \"kubernetes:ServiceAccount/shop/app\"\naction = \"update configmaps\"\nscope = \"shop\"\n",
    );
    scene.stays(BOUND, binding("app", "app", &[subject("ServiceAccount", "app"), subject("User", "ann")]));
    scene.stays(RULES, rules("app", &[(&["configmaps"], &["get", "update"])]));
    let object = |kind: &str, version: &str, more: Json| {
        let mut made =
            json!({"apiVersion": version, "kind": kind, "metadata": {"name": "app", "namespace": "shop"}});
        made.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        made
    };
    let rbac = format!("{RBAC}/v1");
    let items = json!([
        object("ServiceAccount", "v1", json!({})),
        object(
            "Deployment",
            "apps/v1",
            json!({"spec": {"template": {"metadata": {"labels": {}},
            "spec": {"serviceAccountName": "app", "containers": [{"name": "a", "image": "a:1"}]}}}})
        ),
        object(
            "Role",
            &rbac,
            json!({"rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "update"]}]})
        ),
        object(
            "RoleBinding",
            &rbac,
            json!({"roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "app"},
            "subjects": [{"kind": "ServiceAccount", "name": "app", "namespace": "shop"}, {"kind": "User", "name": "ann", "apiGroup": RBAC}]})
        ),
    ]);
    scene.lists(
        "cluster.json",
        json!({"apiVersion": "v1", "kind": "List", "items": items}),
        json!({"command": "kubectl get all,sa,role,rolebinding,clusterrole,clusterrolebinding -A -o json"}),
    );
    scene
}

#[test]
fn kubernetes_traps() {
    let was = || binding("app", "app", &[subject("ServiceAccount", "app"), subject("User", "ann")]);
    let rows = vec![
        row("-", "the binding goes", Loss, move |scene| {
            scene.without(BOUND).object(BOUND, was(), Json::Null);
        }),
        row("-", "subjects in another order", Quiet, move |scene| {
            let after = binding("app", "app", &[subject("User", "ann"), subject("ServiceAccount", "app")]);
            scene.without(BOUND).object(BOUND, was(), after);
        }),
        row("-", "a subject is taken out", Loss, move |scene| {
            scene.without(BOUND).object(BOUND, was(), binding("app", "app", &[subject("User", "ann")]));
        }),
        row("-", "a binding split in two", Quiet, move |scene| {
            scene.without(BOUND).object(BOUND, was(), binding("app", "app", &[subject("User", "ann")]));
            let mut made = binding("app-own", "app", &[subject("ServiceAccount", "app")]);
            later(&mut made, &["id"]);
            scene.object("kubernetes_role_binding_v1.own", Json::Null, made);
        }),
        row("aws#3972", "replaced by the same under another name", Quiet, move |scene| {
            scene.without(BOUND).object(BOUND, was(), Json::Null);
            let mut made =
                binding("renamed", "app", &[subject("User", "ann"), subject("ServiceAccount", "app")]);
            later(&mut made, &["id"]);
            scene.object("kubernetes_role_binding_v1.renamed", Json::Null, made);
        }),
        row("aws#3972", "replaced in place", Quiet, move |scene| {
            let mut after = was();
            later(&mut after, &["id"]);
            scene.without(BOUND).doing(BOUND, &["delete", "create"], was(), after);
        }),
        row("aws#3972", "replaced by one of another role", Loss, move |scene| {
            let mut after = binding("app", "other", &[subject("ServiceAccount", "app")]);
            later(&mut after, &["id"]);
            scene.without(BOUND).doing(BOUND, &["delete", "create"], was(), after);
        }),
        row("-", "rules in another order, a verb first", Quiet, |scene| {
            let before = rules("app", &[(&["configmaps"], &["get", "update"])]);
            let after = rules("app", &[(&["configmaps"], &["update", "get"])]);
            scene.without(RULES).object(RULES, before, after);
        }),
        row("-", "a rule split in two", Quiet, |scene| {
            let before = rules("app", &[(&["configmaps"], &["get", "update"])]);
            let after = rules("app", &[(&["configmaps"], &["update"]), (&["configmaps"], &["get"])]);
            scene.without(RULES).object(RULES, before, after);
        }),
        row("-", "a rule that allows more", Quiet, |scene| {
            let before = rules("app", &[(&["configmaps"], &["get", "update"])]);
            scene.without(RULES).object(RULES, before, rules("app", &[(&["configmaps"], &["*"])]));
        }),
        row("-", "a rule that allows less", Loss, |scene| {
            let before = rules("app", &[(&["configmaps"], &["get", "update"])]);
            scene.without(RULES).object(RULES, before, rules("app", &[(&["configmaps"], &["get"])]));
        }),
        row("terraform#29603", "moved", Quiet, move |scene| {
            scene.without(BOUND).stays("module.shop.kubernetes_role_binding_v1.app", was());
            scene.with("previous_address", BOUND.into());
        }),
        row("terraform#29808", "drift of a label, which changes nothing", Quiet, move |scene| {
            let mut after = was();
            after["metadata"][0]["labels"] = json!({"team": "b"});
            scene.drifted(json!({"address": BOUND, "mode": "managed", "type": "kubernetes_role_binding_v1",
                "name": "app", "provider_name": "registry.terraform.io/hashicorp/kubernetes",
                "change": {"actions": ["update"], "before": was(), "after": after, "after_unknown": {}}}));
        }),
        row("google#6308", "for_each, with moved", Quiet, move |scene| {
            scene.without(BOUND).stays(r#"kubernetes_role_binding_v1.app["a"]"#, was());
            scene.with("index", "a".into()).with("previous_address", BOUND.into());
        }),
        row("terraform#28803", "labels alone", Quiet, move |scene| {
            let mut after = was();
            after["metadata"][0]["labels"] = json!({"team": "b"});
            scene.without(BOUND).object(BOUND, was(), after);
        }),
        row("checkov#7675", "forgotten", Quiet, move |scene| {
            scene.without(BOUND).doing(BOUND, &["forget"], was(), Json::Null);
        }),
    ];
    judge(&kubernetes(), rows);
}
