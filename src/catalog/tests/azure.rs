//! Resources of hashicorp/azurerm, and rows of azure-cli.

use super::{SUB, lines, read, standing, wants};
use crate::model::{Class, UndoClass};
use serde_json::json;

const GUID: &str = "11111111-2222-3333-4444-555555555555";

#[test]
fn role_assignments() {
    let scope = format!("{SUB}/resourceGroups/rg/providers/Microsoft.Network/dnsZones/a.example");
    let role = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/befefa01";
    let planned = json!({"id": format!("{SUB}/x/roleAssignments/G1"), "name": "G1", "principal_id": "P1",
        "principal_type": "ServicePrincipal", "role_definition_id": role, "role_definition_name": "DNS Zone Contributor",
        "scope": scope, "condition": "", "condition_version": "", "description": ""});
    let listed = json!({"id": format!("{SUB}/x/roleAssignments/G1"), "name": "G1", "principalId": "P1",
        "principalType": "ServicePrincipal", "principalName": "", "roleDefinitionId": role,
        "roleDefinitionName": "DNS Zone Contributor", "scope": scope, "condition": null});
    let grant = lines("azurerm_role_assignment", planned);
    assert_eq!(
        grant,
        [format!(
            "grant DNS Zone Contributor on {scope} ~azure:/subscriptions/s/x/roleassignments/g1 | \
             ServicePrincipal principal:p1 has DNS Zone Contributor ({role}) on {scope} if -"
        )]
    );
    assert_eq!(lines("azure:role-assignment", listed), grant, "a listing says the same as a state");
}

#[test]
fn a_listing_names_service_principals_by_their_client_id() {
    let row = |name: &str, kind: &str| {
        json!({"id": "/x/G", "principalId": "P1", "principalType": kind, "principalName": name,
            "roleDefinitionId": "/r/R", "scope": SUB})
    };
    let found = lines("azure:role-assignment", row(GUID, "ServicePrincipal"));
    assert_eq!(found[1], format!("identity {GUID} =principal:p1 =client:{GUID}"));
    assert_eq!(lines("azure:role-assignment", row("ada@a.example", "User")).len(), 1);
    assert_eq!(lines("azure:role-assignment", row(GUID, "Group")).len(), 1);
}

#[test]
fn role_definitions() {
    let planned = json!({"id": "/d/R1|/subscriptions/s", "name": "dns", "role_definition_id": "R1",
        "role_definition_resource_id": "/subscriptions/s/d/R1", "scope": SUB,
        "permissions": [{"actions": ["A/*"], "not_actions": ["A/b"], "data_actions": null, "not_data_actions": []}]});
    let listed = json!({"id": "/subscriptions/s/d/R1", "name": "R1", "roleName": "dns", "roleType": "CustomRole",
        "permissions": [{"actions": ["A/*"], "notActions": ["A/b"], "dataActions": [], "notDataActions": []}]});
    let line = |id: &str| {
        format!(
            "role dns =role:r1 ~azure:/subscriptions/s/d/r1 | \
             role dns is {id}: [\"A/*\"] less [\"A/b\"], data [] less []"
        )
    };
    assert_eq!(lines("azurerm_role_definition", planned), [line("R1")]);
    assert_eq!(lines("azure:role-definition", listed), [line("R1")]);
}

#[test]
fn deny_assignments() {
    let row = |effect: &str, condition: serde_json::Value| {
        json!({"id": "/x/D", "denyAssignmentName": "no deletes", "scope": SUB, "doNotApplyToChildScopes": true,
            "denyAssignmentEffect": effect, "condition": condition,
            "permissions": [{"actions": ["*/delete"], "notActions": [], "dataActions": [], "notDataActions": []}],
            "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
            "excludePrincipals": [{"id": "P9", "type": "ServicePrincipal"}]})
    };
    let said = |condition: &str| {
        [format!(
            "other deny no deletes ~azure:/x/d | denies [\"*/delete\"] to everyone [] but [\"p9\"] on {SUB} only if {condition}"
        )]
    };
    assert_eq!(lines("azure:deny-assignment", row("enforced", json!(null))), said("-"));
    assert_eq!(lines("azure:deny-assignment", row("enforced", json!("@Resource[x]"))), said("@Resource[x]"));
    assert!(lines("azure:deny-assignment", row("audit", json!(null))).is_empty(), "it only logs");
}

#[test]
fn identities() {
    let planned = json!({"id": format!("{SUB}/ids/cm"), "name": "cm", "principal_id": "P1", "client_id": "C1", "tenant_id": "T"});
    let listed = json!({"id": format!("{SUB}/ids/cm"), "name": "cm", "principalId": "P1", "clientId": "C1", "tenantId": "T"});
    let line = "identity cm =principal:p1 =client:c1 ~azure:/subscriptions/s/ids/cm";
    assert_eq!(lines("azurerm_user_assigned_identity", planned.clone()), [line]);
    assert_eq!(lines("azure:identity", listed), [line]);
    let facts = read(&standing("azurerm_user_assigned_identity", planned));
    assert_eq!(facts[0].undo.as_ref().unwrap().undo, UndoClass::NewIdentity);
    let principal =
        json!({"id": "P2", "appId": "C2", "displayName": "runner", "servicePrincipalType": "Application"});
    assert_eq!(lines("azure:service-principal", principal), ["identity runner =principal:p2 =client:c2"]);
    let application = json!({"id": "O", "appId": "C2", "displayName": "runner"});
    assert_eq!(
        lines("azure:application", application),
        ["identity runner =application:c2 ~azuread:/applications/o"]
    );
    let member = json!({"id": "P1", "displayName": "cm", "of": {"group": "G"}});
    assert_eq!(lines("azure:group-member", member), ["membership cm in G | principal:p1 is in principal:g"]);
}

#[test]
fn federated_credentials() {
    let line = "trust system:serviceaccount:cm:cm ~azure:/subscriptions/s/fic | \
                azure:/subscriptions/s/ids/cm believes subject:system:serviceaccount:cm:cm";
    for parent in ["parent_id", "user_assigned_identity_id"] {
        let value = json!({"id": format!("{SUB}/fic"), "name": "k", "issuer": "https://oidc.example/",
            "subject": "system:serviceaccount:cm:cm", "audience": ["api://AzureADTokenExchange"], parent: format!("{SUB}/ids/cm")});
        assert_eq!(lines("azurerm_federated_identity_credential", value), [line], "{parent}");
    }
    let listed = json!({"id": format!("{SUB}/fic"), "issuer": "https://oidc.example", "subject": "system:serviceaccount:cm:cm", "of": {"identity": format!("{SUB}/ids/cm")}});
    assert_eq!(lines("azure:federated-credential", listed), [line]);
}

#[test]
fn clusters_by_the_identity_they_run_as() {
    let cluster = |identity: serde_json::Value| {
        json!({"id": format!("{SUB}/aks"), "name": "aks", "oidc_issuer_url": "https://oidc.example/", "identity": identity,
            "kubelet_identity": []})
    };
    let main = "workload aks =azure-cluster:/subscriptions/s/aks ~azure:/subscriptions/s/aks ~issuer:https://oidc.example";
    let system = cluster(
        json!([{"type": "SystemAssigned", "principal_id": "P1", "tenant_id": "T", "identity_ids": null}]),
    );
    assert_eq!(
        lines("azurerm_kubernetes_cluster", system),
        [
            main.to_owned(),
            "identity aks (system-assigned) =principal:p1".to_owned(),
            "trust runs as its own identity | azure:/subscriptions/s/aks acts as principal:p1".to_owned(),
        ]
    );
    // The provider writes an empty principal for a cluster that has no identity of its own.
    let own = format!("{SUB}/ids/Own");
    let user = cluster(
        json!([{"type": "UserAssigned", "principal_id": "", "tenant_id": "", "identity_ids": [own]}]),
    );
    assert_eq!(
        lines("azurerm_kubernetes_cluster", user.clone()),
        [
            main.to_owned(),
            format!(
                "trust runs as {own} | azure:/subscriptions/s/aks acts as azure:/subscriptions/s/ids/own"
            ),
        ]
    );
    assert_eq!(
        wants("azurerm_kubernetes_cluster", user),
        ["the identity it runs as: whatever azure:/subscriptions/s/aks acts as"]
    );
}

#[test]
fn applications_that_run() {
    let app = json!({"id": format!("{SUB}/app"), "name": "jobs", "tags": {"mainstay:criticality": "critical"},
        "identity": [{"type": "SystemAssigned, UserAssigned", "principal_id": "P1", "identity_ids": ["/i/a", "/i/b"]}]});
    for kind in ["azurerm_linux_function_app", "azurerm_windows_web_app", "azurerm_container_app"] {
        let found = lines(kind, app.clone());
        assert_eq!(found.len(), 5, "{found:?}");
        assert_eq!(found[0], "workload jobs ~azure:/subscriptions/s/app");
        assert_eq!(found[2], "trust runs as /i/b | azure:/subscriptions/s/app acts as azure:/i/b");
    }
    let facts = read(&standing("azurerm_linux_function_app", app));
    assert_eq!(facts[0].criticality, Some(crate::model::Criticality::Critical));
    let none = json!({"id": format!("{SUB}/app"), "name": "jobs", "identity": []});
    assert_eq!(lines("azurerm_linux_function_app", none).len(), 1);
}

#[test]
fn stores_and_vaults() {
    let rows = [
        ("azurerm_key_vault", json!({"id": "/v", "name": "kv"}), Class::Store, UndoClass::Window(90)),
        (
            "azurerm_key_vault_secret",
            json!({"id": "https://v/secrets/s/1", "name": "s", "resource_versionless_id": "/v/secrets/s"}),
            Class::Secret,
            UndoClass::Window(90),
        ),
        ("azurerm_storage_account", json!({"id": "/st", "name": "st"}), Class::Store, UndoClass::Lost),
        ("azurerm_mssql_database", json!({"id": "/db", "name": "db"}), Class::Store, UndoClass::Lost),
        ("azurerm_dns_zone", json!({"id": "/z", "name": "a.example"}), Class::Dns, UndoClass::Lost),
        (
            "azurerm_dns_txt_record",
            json!({"id": "/z/TXT/x", "name": "x", "zone_name": "a.example"}),
            Class::Dns,
            UndoClass::Restorable,
        ),
    ];
    for (kind, value, class, undo) in rows {
        let facts = read(&standing(kind, value));
        assert_eq!(facts[0].class, class, "{kind}");
        assert_eq!(facts[0].undo.as_ref().map(|cost| cost.undo), Some(undo), "{kind}");
        assert!(facts[0].names.iter().any(|alias| alias.space() == "azure"), "{kind}");
    }
    let policy = json!({"id": "/v/objectId/P1", "key_vault_id": "/v", "object_id": "P1", "secret_permissions": ["Get"]});
    assert_eq!(
        lines("azurerm_key_vault_access_policy", policy),
        [
            "grant access policy of P1 on /v ~azure:/v/objectid/p1",
            "grant secret Get of P1 on /v | - principal:p1 has secret Get (-) on /v if -"
        ]
    );
    let pim = json!({"id": "/pim", "principal_id": "P1", "role_definition_id": "/r/R", "scope": SUB});
    assert_eq!(
        lines("azurerm_pim_active_role_assignment", pim),
        [
            "grant /r/R on /subscriptions/s ~azure:/pim | - principal:p1 has - (/r/R) on /subscriptions/s if active for a time only"
        ]
    );
}

#[test]
fn a_type_that_nobody_described_names_what_it_uses() {
    let value = json!({"id": format!("{SUB}/new"), "name": "new", "vault": format!("{SUB}/kv"), "client": GUID,
        "deep": [{"client": GUID, "text": "plain"}]});
    assert_eq!(lines("azurerm_brand_new", value.clone()), ["other new ~azure:/subscriptions/s/new"]);
    assert_eq!(
        wants("azurerm_brand_new", value),
        [
            format!("names {SUB}/kv: first of azure:/subscriptions/s/kv"),
            format!("names {GUID}: first of principal:{GUID}, client:{GUID}"),
        ]
    );
}
