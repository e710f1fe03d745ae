//! Each shape of each listing, and each rule of completeness.

use super::*;
use serde_json::json;

const DEFINITION: &str = "/subscriptions/S1/providers/Microsoft.Authorization/roleDefinitions/b24988ac";

fn given(document: Value, sidecar: &Sidecar) -> Result<Result<Found, Value>, Error> {
    read(document, sidecar, "a.json")
}

fn found(document: Value) -> Found {
    given(document, &Sidecar::default()).unwrap().unwrap()
}

fn parts(found: &Found, listing: &str) -> Vec<String> {
    let listing = crate::model::Listing::new(listing);
    found.lists.get(&listing).into_iter().flatten().cloned().collect()
}

fn of(key: &str, value: &str) -> Sidecar {
    Sidecar { of: [(key.to_owned(), value.to_owned())].into(), ..Sidecar::default() }
}

fn command(text: &str) -> Sidecar {
    Sidecar { command: Some(text.to_owned()), ..Sidecar::default() }
}

fn flat() -> Value {
    json!({"id": "/subscriptions/S1/providers/Microsoft.Authorization/roleAssignments/G1", "name": "G1",
        "scope": "/subscriptions/S1/resourceGroups/rg1", "principalId": "1111", "roleDefinitionId": DEFINITION})
}

fn nested() -> Value {
    json!({"id": "/subscriptions/S2/providers/Microsoft.Authorization/roleAssignments/G2", "type": "microsoft.authorization/roleassignments",
        "properties": {"scope": "/subscriptions/S2", "principalId": "2222", "roleDefinitionId": DEFINITION}})
}

#[test]
fn role_assignments_flat_and_nested() {
    let found = found(json!([flat(), nested()]));
    assert_eq!(found.kind, "azure:role-assignments");
    assert_eq!(parts(&found, "azure:role-assignments"), ["/subscriptions/s1", "/subscriptions/s2"]);
    assert_eq!(found.objects[1].2.reveal()["principalId"], "2222");
    assert!(found.objects[1].2.reveal().get("properties").is_none());
    // Ids stay as they are written.
    assert_eq!(found.objects[0].2.reveal()["roleDefinitionId"], DEFINITION);
    assert_eq!(found.objects[1].1, "/1");
}

#[test]
fn the_sidecar_names_the_subscription_and_marks_the_rows() {
    let found = given(json!([flat()]), &of("subscription", "ABC")).unwrap().unwrap();
    assert_eq!(parts(&found, "azure:role-assignments"), ["/subscriptions/abc"]);
    assert_eq!(found.objects[0].2.reveal()["of"], json!({"subscription": "ABC"}));
}

#[test]
fn arm_pages_are_cut() {
    assert!(found(json!({"value": [nested()], "nextLink": "https://…"})).cut.is_some());
    let whole = found(json!({"value": [nested()], "nextLink": null}));
    assert!(whole.cut.is_none());
    assert_eq!(whole.objects[0].1, "/value/0");
}

#[test]
fn resource_graph_envelopes_tell_whether_rows_are_missing() {
    let cut = |more: Value| {
        let mut envelope = json!({"data": [nested()], "count": 1});
        for (key, value) in more.as_object().unwrap() {
            envelope[key] = value.clone();
        }
        found(envelope).cut
    };
    assert!(cut(json!({})).is_none());
    assert!(cut(json!({"total_records": 1, "skip_token": null, "resultTruncated": "false"})).is_none());
    for more in [
        json!({"total_records": 2}),
        json!({"totalRecords": 2}),
        json!({"skip_token": "x"}),
        json!({"$skipToken": "x"}),
        json!({"resultTruncated": "true"}),
        json!({"resultTruncated": true}),
    ] {
        assert!(cut(more.clone()).is_some(), "{more}");
    }
    let rows = |row: Value, count: usize| found(Value::Array(vec![row; count])).cut.is_some();
    assert!(rows(nested(), 100) && rows(nested(), 1000));
    assert!(!rows(nested(), 99) && !rows(flat(), 100));
}

#[test]
fn other_rows_of_resource_graph_are_resources() {
    let vault = json!({"id": "/subscriptions/S1/resourceGroups/r/providers/Microsoft.KeyVault/vaults/v", "type": "microsoft.keyvault/vaults", "properties": {"sku": {}}});
    let found = found(json!({"data": [vault, nested()], "count": 2}));
    assert_eq!(found.kind, "azure:resources");
    assert_eq!(found.objects[0].0, Kind::new("azure:resource"));
    assert_eq!(parts(&found, "azure:role-assignments").len(), 2);
}

#[test]
fn role_definitions_of_all_spellings_become_alike() {
    let az = json!({"roleName": "R", "name": "G", "roleType": "BuiltInRole", "permissions": [{"actions": ["a/*"], "notActions": null, "condition": ""}]});
    let arm = json!({"id": DEFINITION, "name": "G", "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {"roleName": "R", "type": "BuiltInRole", "permissions": [{"actions": ["a/*"]}]}});
    let power = json!({"Name": "R", "Id": "G", "IsCustom": false, "Actions": ["a/*"], "NotActions": [], "AssignableScopes": ["/"]});
    for row in [az, arm, power] {
        let found = found(json!([row]));
        let row = found.objects[0].2.reveal();
        assert_eq!(
            (&row["roleName"], &row["name"], &row["roleType"]),
            (&json!("R"), &json!("G"), &json!("BuiltInRole"))
        );
        assert_eq!(
            row["permissions"],
            json!([{"actions": ["a/*"], "notActions": [], "dataActions": [], "notDataActions": [], "condition": null}])
        );
        assert_eq!(parts(&found, "azure:role-definitions"), [""]);
    }
}

#[test]
fn the_directory_listings() {
    let sp = |number: usize| json!({"id": number.to_string(), "appId": "a", "servicePrincipalType": "Application"});
    let hundred = Value::Array((0..100).map(sp).collect());
    assert!(found(hundred.clone()).cut.unwrap().contains("--all"));
    assert!(given(hundred, &command("az ad sp list --all -o json")).unwrap().unwrap().cut.is_none());
    assert!(found(Value::Array((0..101).map(sp).collect())).cut.is_none());
    assert_eq!(found(json!([sp(1)])).kind, "azure:service-principals");
    let app = json!([{"id": "1", "appId": "a", "publisherDomain": "x", "signInAudience": "AzureADMyOrg"}]);
    assert_eq!(found(app).kind, "azure:applications");
    let deny = json!([{"id": "/subscriptions/S/x", "denyAssignmentName": "d", "permissions": [{"actions": ["*"]}], "principals": []}]);
    assert_eq!(found(deny).kind, "azure:deny-assignments");
}

#[test]
fn identities_flat_and_nested() {
    let kind = "Microsoft.ManagedIdentity/userAssignedIdentities";
    let id =
        "/subscriptions/S/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app";
    let flat = json!([{"id": id, "type": kind, "principalId": "p", "clientId": "c"}]);
    let nested =
        json!({"value": [{"id": id, "type": kind, "properties": {"principalId": "p", "clientId": "c"}}]});
    for document in [flat, nested] {
        let found = found(document);
        assert_eq!(found.kind, "azure:identities");
        assert_eq!(found.objects[0].2.reveal()["principalId"], "p");
        assert_eq!(parts(&found, "azure:identities"), ["/subscriptions/s"]);
    }
}

#[test]
fn group_members_need_their_group() {
    let member = json!([{"@odata.type": "#microsoft.graph.user", "id": "u1", "userPrincipalName": "a@b"}]);
    let error = given(member.clone(), &Sidecar::default()).unwrap_err();
    assert!(error.to_string().contains(r#"a.json.meta.json with {"of": {"group": "OBJECT-ID"}}"#), "{error}");
    let found = given(member, &of("group", "G-1")).unwrap().unwrap();
    assert_eq!(parts(&found, "azure:group-members"), ["g-1"]);
    assert_eq!(found.objects[0].2.reveal()["of"]["group"], "G-1");
}

#[test]
fn federated_credentials_need_their_identity_unless_their_ids_name_it() {
    let row = json!({"issuer": "https://i", "subject": "system:serviceaccount:n:s", "audiences": ["x"], "name": "f"});
    assert!(matches!(given(json!([row]), &Sidecar::default()), Err(Error::NeedsOf { key: "identity", .. })));
    let found_of = given(json!([row]), &of("identity", "/subscriptions/S/X/")).unwrap().unwrap();
    assert_eq!(parts(&found_of, "azure:federated-credentials"), ["/subscriptions/s/x"]);
    let mut named = row;
    named["id"] = json!("/subscriptions/S/u/App/federatedIdentityCredentials/f");
    assert_eq!(parts(&found(json!([named])), "azure:federated-credentials"), ["/subscriptions/s/u/app"]);
}

#[test]
fn an_empty_list_is_known_by_its_command_only() {
    assert!(given(json!([]), &Sidecar::default()).unwrap().is_err());
    let mut sidecar = of("subscription", "S");
    sidecar.command = Some("/usr/bin/az role assignment list --all -o json".to_owned());
    let found = given(json!([]), &sidecar).unwrap().unwrap();
    assert_eq!(parts(&found, "azure:role-assignments"), ["/subscriptions/s"]);
    assert!(found.objects.is_empty() && found.cut.is_none());
    let unnamed = given(json!([]), &command("az role assignment list --all")).unwrap().unwrap();
    assert!(unnamed.lists.is_empty() && unnamed.notes.len() == 1);
}

#[test]
fn narrowing_commands_cut() {
    let found =
        given(json!([flat()]), &command("az role assignment list --assignee=x -o json")).unwrap().unwrap();
    assert!(found.cut.unwrap().contains("--assignee"));
    let row = json!({"issuer": "i", "subject": "s", "audiences": [], "id": "/u/App/federatedIdentityCredentials/f"});
    let all = command("az identity federated-credential list --identity-name App -g rg");
    assert!(given(json!([row]), &all).unwrap().unwrap().cut.is_none());
}

#[test]
fn one_object_is_no_listing() {
    let found = found(flat());
    assert_eq!((found.objects.len(), found.lists.len()), (1, 0));
    assert_eq!(found.objects[0].1, "");
}

#[test]
fn rows_of_another_form_are_errors() {
    assert!(given(json!([flat(), 1]), &Sidecar::default()).unwrap_err().to_string().contains("/1"));
    assert!(given(json!([flat(), {"x": 1}]), &Sidecar::default()).is_err());
    assert!(given(json!([1]), &Sidecar::default()).unwrap().is_err());
}
