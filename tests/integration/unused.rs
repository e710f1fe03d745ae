//! A grant that nobody uses may go.

use serde_json::json;

use crate::support::story::{DNS_CONTRIBUTOR, SUBSCRIPTION, Story};

const AUDIT: &str = "e1e1e1e1-0000-4000-8000-000000000001";

/// The story, in which what goes is the assignment of an identity that is there and that nothing runs as.
fn unused() -> Story {
    let story = Story::of("mender-2023/twins/without-deletion");
    let scope = format!("{SUBSCRIPTION}/resourceGroups/dns");
    story.add(
        "snapshots/identities.json",
        json!({
            "clientId": "e1e1e1e1-0000-4000-8000-000000000002", "principalId": AUDIT, "name": "audit",
            "id": format!("{scope}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/audit"),
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "location": "westeurope", "resourceGroup": "dns",
        }),
    );
    story.assign(AUDIT, "ServicePrincipal", DNS_CONTRIBUTOR, &scope);
    let row = story.read("snapshots/role-assignments.json").as_array().unwrap().last().unwrap().clone();
    let values = json!({
        "id": row["id"], "name": row["name"], "principal_id": AUDIT, "principal_type": "ServicePrincipal", "scope": scope,
        "role_definition_id": row["roleDefinitionId"], "role_definition_name": "DNS Zone Contributor", "condition": null,
    });
    let address = "azurerm_role_assignment.audit";
    let provider = "registry.terraform.io/hashicorp/azurerm";
    story.edit("plan.json", |plan| {
        let resource = json!({"address": address, "mode": "managed", "type": "azurerm_role_assignment", "name": "audit",
            "provider_name": provider, "schema_version": 0, "values": values, "sensitive_values": {}});
        plan["prior_state"]["values"]["root_module"]["resources"].as_array_mut().unwrap().push(resource);
        plan["resource_changes"].as_array_mut().unwrap().push(json!({
            "address": address, "mode": "managed", "type": "azurerm_role_assignment", "name": "audit", "provider_name": provider,
            "change": {"actions": ["delete"], "before": values, "after": null, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": false},
            "action_reason": "delete_because_no_resource_config",
        }));
    });
    story
}

#[test]
fn what_nobody_uses_may_go() {
    let judged = unused().check();
    judged.assert_passes();
    let finding = judged.the("removes-access");
    assert_eq!(finding["level"], "note");
    assert_eq!(finding["subject"]["address"], "azurerm_role_assignment.audit");
    assert_eq!(finding["affects"], json!([]));
    assert_eq!(finding["undo"], "restorable");
    assert!(judged.by_plan("unknown-users").is_empty());
    assert_eq!(judged.report["covered"], json!([]));
}

#[test]
fn without_the_cluster_nobody_knows_that() {
    let story = unused();
    story.remove("snapshots/cluster.json").remove("snapshots/cluster.json.meta.json");
    let judged = story.check();
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    assert_eq!(judged.the("unknown-users")["subject"]["address"], "azurerm_role_assignment.audit");
    judged.assert_reason("kubectl get ");
}
