//! Azure as states really hold it: identities by their type, whose tokens are believed, key vaults, what is switched off.
//!
//! Sources: documentation of hashicorp/azurerm, hashicorp/azuread and azure/azapi; Microsoft Learn, "Managed identities for Azure
//! resources", "Workload identity federation", "Azure role-based access control vs. access policies", "Prevent Shared Key
//! authorization".

use serde_json::{Value as Json, json};

use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

const GROUP: &str = "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/app/providers";
const OWN: &str = "7d50ac10-9027-4e0c-9d54-a6709cb9ff0a";
const PRINCIPAL: &str = "5b38ea98-7805-4c8a-9b32-84587fa7ddf8";
const CLIENT: &str = "1d484d52-d826-4db9-84de-020471f36f3b";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

fn app(kind: &str, principal: &Json) -> Json {
    json!({"id": format!("{GROUP}/Microsoft.Web/sites/app"), "name": "app",
        "identity": [{"type": kind, "identity_ids": [], "principal_id": principal}]})
}

fn assignment(principal: &str, role: &str, scope: &str) -> Json {
    json!({"id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/a"), "scope": scope, "principal_id": principal,
        "principal_type": "ServicePrincipal", "role_definition_name": role,
        "role_definition_id": format!("/subscriptions/11111111-2222-4333-8444-555555555555/providers/Microsoft.Authorization/roleDefinitions/{READER}")})
}

fn becomes(address: &'static str, before: Json, after: Json) -> impl Fn(&mut Scene) {
    move |scene| {
        scene.object(address, before.clone(), after.clone());
    }
}

/// The type says whether there is an identity of its own; the principal id in the state may stay.
#[test]
fn an_identity_of_its_own_goes_with_its_type() {
    for kind in [
        "azurerm_linux_web_app",
        "azurerm_container_app_job",
        "azurerm_data_factory",
        "azurerm_linux_web_app_slot",
    ] {
        let mut scene = Scene::of(&format!(
            "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"{kind}.app\"]\n"
        ));
        scene.stays(
            "azurerm_role_assignment.w",
            assignment(OWN, "Reader", GROUP.trim_end_matches("/providers")),
        );
        let to = |type_after: &'static str, principal: Json| {
            move |scene: &mut Scene| {
                let before = app("SystemAssigned", &json!(OWN));
                scene.object(&format!("{kind}.app"), before, app(type_after, &principal));
            }
        };
        judge(
            &scene,
            vec![
                row(kind, "its principal id stays", Loss, to("UserAssigned", json!(OWN))),
                row(kind, "its principal id is not known", Loss, to("UserAssigned", json!("?"))),
                row(kind, "another besides", Quiet, to("SystemAssigned, UserAssigned", json!(OWN))),
                row(kind, "as it was", Quiet, to("SystemAssigned", json!(OWN))),
            ],
        );
    }
}

/// A pod that acts as an identity, or as an application.
fn pod() -> Scene {
    let mut scene = Scene::of(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/prod/web\"]\n",
    );
    scene.lists(
        "cluster.json",
        json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": "prod",
                "annotations": {"azure.workload.identity/client-id": CLIENT}}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "prod"},
                "spec": {"template": {"metadata": {"labels": {"azure.workload.identity/use": "true"}},
                    "spec": {"serviceAccountName": "web", "containers": []}}}}]}),
        json!({"command": "kubectl get deploy,sa -A -o json"}),
    );
    scene
}

const ISSUER: &str = "https://oidc.example.net/t/";
const IDENTITY: &str = "Microsoft.ManagedIdentity/userAssignedIdentities/app";

#[test]
fn tokens_of_another_issuer_are_others() {
    let uai = format!("{GROUP}/{IDENTITY}");
    let mut managed = pod();
    managed.stays(
        "azurerm_user_assigned_identity.app",
        json!({"id": uai, "name": "app", "principal_id": PRINCIPAL, "client_id": CLIENT}),
    );
    let mut registered = pod();
    registered.stays(
        "azuread_application.app",
        json!({"id": "/applications/a", "client_id": CLIENT, "display_name": "app"}),
    );
    registered.stays(
        "azuread_service_principal.app",
        json!({"id": "/servicePrincipals/s", "object_id": PRINCIPAL, "client_id": CLIENT, "display_name": "app"}),
    );
    let subject = "system:serviceaccount:prod:web";
    let of_identity = |issuer: &str, audience: &str, name: &str| {
        json!({"id": format!("{uai}/federatedIdentityCredentials/{name}"), "name": name, "parent_id": uai, "issuer": issuer,
            "subject": subject, "audience": [audience]})
    };
    let of_application = |issuer: &str, audience: &str, name: &str| {
        json!({"id": format!("a/federatedIdentityCredential/{name}"), "credential_id": "c", "display_name": name,
            "application_id": "/applications/a", "issuer": issuer, "subject": subject, "audiences": [audience]})
    };
    let azure = "api://AzureADTokenExchange";
    for (scene, address, was, issuer, audience, spelt) in [
        (
            &managed,
            "azurerm_federated_identity_credential.w",
            of_identity(ISSUER, azure, "w"),
            of_identity("https://other/", azure, "w"),
            of_identity(ISSUER, "api://Other", "w"),
            of_identity(ISSUER.trim_end_matches('/'), azure, "w"),
        ),
        (
            &registered,
            "azuread_application_federated_identity_credential.w",
            of_application(ISSUER, azure, "w"),
            of_application("https://other/", azure, "w"),
            of_application(ISSUER, "api://Other", "w"),
            of_application(ISSUER.trim_end_matches('/'), azure, "w"),
        ),
    ] {
        judge(
            scene,
            vec![
                row(address, "deleted", Loss, becomes(address, was.clone(), Json::Null)),
                row(address, "another issuer", Loss, becomes(address, was.clone(), issuer)),
                row(address, "another audience", Loss, becomes(address, was.clone(), audience)),
                row(address, "the issuer in another spelling", Quiet, becomes(address, was.clone(), spelt)),
                row(address, "as it was", Quiet, becomes(address, was.clone(), was)),
            ],
        );
    }
    // What a listing tells of it too goes all the same.
    let mut listed = managed.clone();
    listed.lists(
        "federated.json",
        json!([{"id": format!("{uai}/federatedIdentityCredentials/w"), "name": "w", "issuer": ISSUER, "subject": subject,
            "audiences": [azure], "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"}]),
        json!({"command": "az identity federated-credential list -o json", "of": {"identity": uai}}),
    );
    judge(
        &listed,
        vec![row(
            "",
            "listed too",
            Loss,
            becomes("azurerm_federated_identity_credential.w", of_identity(ISSUER, azure, "w"), Json::Null),
        )],
    );
    // And so with the cluster that hands tokens out.
    let cluster = |on: bool, tag: &str| {
        json!({"id": format!("{GROUP}/Microsoft.ContainerService/managedClusters/c"), "name": "c", "oidc_issuer_url": ISSUER,
            "workload_identity_enabled": on, "tags": {"a": tag}})
    };
    managed.stays("azurerm_federated_identity_credential.w", of_identity(ISSUER, azure, "w"));
    let aks = "azurerm_kubernetes_cluster.c";
    judge(
        &managed,
        vec![
            row("", "switched off", Loss, becomes(aks, cluster(true, "1"), cluster(false, "1"))),
            row("", "another tag", Quiet, becomes(aks, cluster(true, "1"), cluster(true, "2"))),
        ],
    );
}

fn vault(by_roles: bool, policies: &Json, tag: &str) -> Json {
    json!({"id": format!("{GROUP}/Microsoft.KeyVault/vaults/kv"), "name": "kv", "enable_rbac_authorization": by_roles,
        "access_policy": policies, "tags": {"a": tag}})
}

/// A vault goes by role assignments or by access policies, never by both.
#[test]
fn a_key_vault_goes_by_one_of_two() {
    let on = format!("{GROUP}/Microsoft.KeyVault/vaults/kv");
    let action = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"azurerm_linux_web_app.app\"]\n[[workload.needs]]\n\
         identity = \"{CLIENT}\"\naction = \"{action}\"\nscope = \"{on}\"\n"
    ));
    acts_as_its_identity(&mut scene);
    scene.lists(
        "roles.json",
        json!([{"id": format!("/subscriptions/11111111-2222-4333-8444-555555555555/providers/Microsoft.Authorization/roleDefinitions/{READER}"),
            "name": READER, "roleName": "Key Vault Secrets User", "roleType": "BuiltInRole", "assignableScopes": ["/"],
            "type": "Microsoft.Authorization/roleDefinitions",
            "permissions": [{"actions": [], "notActions": [], "dataActions": [action], "notDataActions": []}]}]),
        json!({"command": "az role definition list -o json"}),
    );
    scene.lists(
        "assignments.json",
        json!([]),
        json!({"command": "az role assignment list --all --include-inherited -o json", "of": {"subscription": "11111111-2222-4333-8444-555555555555"}}),
    );
    let kv = "azurerm_key_vault.kv";
    let none = json!([]);
    let inline = json!([{"object_id": PRINCIPAL, "secret_permissions": ["Get"]}]);
    let mut by_roles = scene.clone();
    by_roles.stays("azurerm_role_assignment.kv", assignment(PRINCIPAL, "Key Vault Secrets User", &on));
    judge(
        &by_roles,
        vec![
            row(
                "",
                "role assignments count no more",
                Loss,
                becomes(kv, vault(true, &none, "1"), vault(false, &none, "1")),
            ),
            row("", "another tag", Quiet, becomes(kv, vault(true, &none, "1"), vault(true, &none, "2"))),
        ],
    );
    judge(
        &scene,
        vec![
            row(
                "",
                "policies count no more",
                Loss,
                becomes(kv, vault(false, &inline, "1"), vault(true, &inline, "1")),
            ),
            row(
                "",
                "the policy goes",
                Loss,
                becomes(kv, vault(false, &inline, "1"), vault(false, &none, "1")),
            ),
            // Nobody has read what an access policy allows: that is no certainty that it allows nothing.
            row(
                "",
                "another tag",
                Quiet,
                becomes(kv, vault(false, &inline, "1"), vault(false, &inline, "2")),
            ),
        ],
    );
    let policy = |permissions: Json| json!({"id": format!("{on}/objectId/{PRINCIPAL}"), "key_vault_id": on, "object_id": PRINCIPAL, "secret_permissions": permissions});
    let address = "azurerm_key_vault_access_policy.app";
    let both = policy(json!(["Get", "List"]));
    let change = |after: Json| becomes(address, both.clone(), after);
    scene.stays(kv, vault(false, &none, "1"));
    judge(
        &scene,
        vec![
            row("", "deleted", Loss, change(Json::Null)),
            row("", "shrunk", Loss, change(policy(json!(["List"])))),
            row("", "in another order", Quiet, change(policy(json!(["List", "Get"])))),
            row("", "widened", Quiet, change(policy(json!(["Get", "List", "Set"])))),
        ],
    );
    // A role assignment does not stand in for a policy there.
    scene.stays("azurerm_role_assignment.kv", assignment(PRINCIPAL, "Key Vault Secrets User", &on));
    judge(&scene, vec![row("", "deleted beside a role assignment", Loss, change(Json::Null))]);
}

/// By the name that the API of Azure has for it: the body is a map, or JSON in a text.
#[test]
fn a_role_assignment_by_another_provider() {
    let mut scene = Scene::of(
        "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"azurerm_linux_web_app.app\"]\n",
    );
    acts_as_its_identity(&mut scene);
    let body = json!({"properties": {"principalId": PRINCIPAL, "roleDefinitionId": READER}});
    let azapi = |body: Json| {
        json!({"id": format!("{GROUP}/Microsoft.Authorization/roleAssignments/a"), "type": "Microsoft.Authorization/roleAssignments@2022-04-01",
            "parent_id": GROUP.trim_end_matches("/providers"), "name": "a", "body": body})
    };
    let goes = |body: Json| becomes("azapi_resource.a", azapi(body), Json::Null);
    judge(
        &scene,
        vec![
            row("", "a map", Loss, goes(body.clone())),
            row("", "a text", Loss, goes(body.to_string().into())),
            row("", "as it was", Quiet, becomes("azapi_resource.a", azapi(body.clone()), azapi(body))),
        ],
    );
}

/// Each of these was silent, or a mere warning.
#[test]
fn what_goes_is_told() {
    let storage = |keys: bool| json!({"id": format!("{GROUP}/Microsoft.Storage/storageAccounts/s"), "name": "s", "shared_access_key_enabled": keys});
    let application = |passwords: Json| json!({"id": "/applications/a", "client_id": CLIENT, "display_name": "a", "password": passwords});
    let password = json!([{"key_id": "k", "display_name": "p", "end_date": "2027-01-01T00:00:00Z"}]);
    let policy = |out: Json| json!({"id": "p", "display_name": "p", "state": "enabled", "conditions": [{"users": [{"included_users": ["All"], "excluded_users": out}]}]});
    let group = |rule: &str| json!({"id": "/groups/g", "object_id": "g", "display_name": "g", "dynamic_membership": [{"enabled": true, "rule": rule}]});
    let gone = Json::Null;
    for (address, before, after, code) in [
        ("azurerm_pim_eligible_role_assignment.e", assignment(PRINCIPAL, "Reader", GROUP), gone.clone(), 3),
        (
            "azurerm_cosmosdb_sql_role_assignment.e",
            json!({"id": "e", "principal_id": PRINCIPAL, "role_definition_id": "r", "scope": "s"}),
            gone.clone(),
            3,
        ),
        ("azurerm_storage_account.s", storage(true), storage(false), 3),
        ("azurerm_storage_account.s", storage(false), storage(true), 0),
        ("azuread_application.a", application(password.clone()), application(json!([])), 3),
        ("azuread_application.a", application(password.clone()), application(password), 0),
        ("azuread_conditional_access_policy.p", policy(json!(["b"])), policy(json!([])), 3),
        ("azuread_conditional_access_policy.p", policy(json!([])), policy(json!(["b"])), 0),
        ("azuread_group.g", group("user.a -eq 1"), group("user.a -eq 2"), 3),
        ("azuread_group.g", group("user.a -eq 1"), group("user.a -eq 1"), 0),
        (
            "azurerm_postgresql_flexible_server_database.d",
            json!({"id": format!("{GROUP}/x/d"), "name": "d"}),
            gone.clone(),
            3,
        ),
        (
            "azurerm_cosmosdb_sql_container.d",
            json!({"id": format!("{GROUP}/x/d"), "name": "d"}),
            gone.clone(),
            3,
        ),
        ("azurerm_recovery_services_vault.d", json!({"id": format!("{GROUP}/x/d"), "name": "d"}), gone, 3),
    ] {
        let mut scene = Scene::of("");
        scene.object(address, before, after.clone());
        let judged = scene.check();
        assert_eq!(judged.code, code, "{address} {after}: {:#}", judged.report);
    }
}

/// An app, and the identity that it acts as.
fn acts_as_its_identity(scene: &mut Scene) {
    let identity = format!("{GROUP}/{IDENTITY}");
    scene.stays(
        "azurerm_linux_web_app.app",
        json!({"id": format!("{GROUP}/Microsoft.Web/sites/app"), "name": "app",
            "identity": [{"type": "UserAssigned", "identity_ids": [identity], "principal_id": ""}]}),
    );
    scene.stays(
        "azurerm_user_assigned_identity.app",
        json!({"id": identity, "name": "app", "principal_id": PRINCIPAL, "client_id": CLIENT}),
    );
}

/// What is in a container or a database is lost with it; a package that is deployed by replacing its blob is not.
#[test]
fn data_and_packages() {
    for (kind, rules) in [
        ("azurerm_storage_container", vec!["destroys-data"]),
        ("azurerm_postgresql_flexible_server_database", vec!["destroys-data"]),
        ("azurerm_storage_blob", vec![]),
    ] {
        let values = json!({"id": "one", "name": "one"});
        let mut scene = Scene::of("");
        scene.doing(&format!("{kind}.it"), &["delete", "create"], values.clone(), values);
        let judged = scene.check();
        let told: Vec<&str> = judged
            .findings()
            .iter()
            .filter(|one| one["level"] != "note")
            .filter_map(|one| one["rule"].as_str())
            .collect();
        assert_eq!(told, rules, "{kind}: {:#}", judged.report);
    }
}
