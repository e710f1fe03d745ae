//! Each shape of each listing, and each trap.

use super::*;
use serde_json::json;

fn given(document: Value, sidecar: &Sidecar) -> Result<Result<Found, Value>, Error> {
    read(document, sidecar, "g.json")
}

fn plain(document: Value) -> Found {
    given(document, &Sidecar::default()).unwrap().unwrap()
}

fn with(document: Value, sidecar: &Sidecar) -> Found {
    given(document, sidecar).unwrap().unwrap()
}

fn of(key: &str, value: &str) -> Sidecar {
    Sidecar { of: [(key.to_owned(), value.to_owned())].into(), ..Sidecar::default() }
}

fn command(text: &str) -> Sidecar {
    Sidecar { command: Some(text.to_owned()), ..Sidecar::default() }
}

fn parts(found: &Found, listing: &str) -> Vec<String> {
    let listing = crate::model::Listing::new(listing);
    found.lists.get(&listing).into_iter().flatten().cloned().collect()
}

/// Kind, pointer and value of each object.
fn objects(found: &Found) -> Vec<(&str, &str, &Value)> {
    found.objects.iter().map(|(kind, at, value)| (kind.as_str(), at.as_str(), value.reveal())).collect()
}

const PROJECT: &str = "//cloudresourcemanager.googleapis.com/projects/p1";

fn bindings() -> Value {
    json!([
        {"role": "roles/viewer", "members": ["user:a@example.test", "serviceAccount:b@p1.iam.gserviceaccount.com"]},
        {"role": "roles/editor", "members": ["group:c@example.test"],
            "condition": {"expression": "request.time < timestamp('2027-01-01T00:00:00Z')", "title": "t"}},
        {"role": "roles/none"},
    ])
}

fn policy() -> Value {
    json!({"bindings": bindings(), "etag": "BwY", "version": 3, "auditConfigs": []})
}

#[test]
fn a_policy_gives_a_grant_for_each_member() {
    let found = with(policy(), &of("project", "p1"));
    let objects = objects(&found);
    assert_eq!(objects.len(), 4);
    assert_eq!(
        objects[1],
        (
            "google:grant",
            "/bindings/0/members/1",
            &json!({"resource": PROJECT, "role": "roles/viewer", "of": {"project": "p1"},
                "member": "serviceAccount:b@p1.iam.gserviceaccount.com"})
        )
    );
    assert_eq!(objects[2].2["condition"]["title"], "t");
    assert!(objects[0].2.get("condition").is_none());
    let whole = json!({"resource": PROJECT, "etag": "BwY", "version": 3, "of": {"project": "p1"}});
    assert_eq!(objects[3], ("google:policy", "", &whole));
    assert_eq!(parts(&found, "google:iam-policies"), [PROJECT]);
    assert!(found.cut.is_none());
}

#[test]
fn a_policy_does_not_say_what_it_is_of() {
    let error = given(policy(), &Sidecar::default()).unwrap_err().to_string();
    assert!(error.contains(r#"g.json.meta.json with {"of": {"project": "PROJECT-ID"}}"#), "{error}");
    for (sidecar, name) in [
        (of("project", "projects/p1"), PROJECT),
        (of("folder", "22"), "//cloudresourcemanager.googleapis.com/folders/22"),
        (of("organization", "organizations/33"), "//cloudresourcemanager.googleapis.com/organizations/33"),
        (of("service_account", "a@p1.x"), "//iam.googleapis.com/projects/-/serviceAccounts/a@p1.x"),
        (
            of("service_account", "projects/p1/serviceAccounts/a@p1.x"),
            "//iam.googleapis.com/projects/-/serviceAccounts/a@p1.x",
        ),
        (of("resource", "//run.googleapis.com/x"), "//run.googleapis.com/x"),
    ] {
        let found = with(json!({"etag": "ACAB"}), &sidecar);
        assert_eq!(parts(&found, "google:iam-policies"), [name]);
        assert_eq!(objects(&found)[0].2["resource"], name);
    }
    let bucket = json!({"kind": "storage#policy", "resourceId": "projects/_/buckets/b1", "version": 1, "etag": "x", "bindings": []});
    assert_eq!(parts(&plain(bucket), "google:iam-policies"), ["//storage.googleapis.com/b1"]);
}

#[test]
fn hidden_conditions_cut() {
    let hidden =
        json!({"bindings": [{"role": "roles/x_withcond_a1b2", "members": ["allUsers"]}], "version": 1});
    let found = with(hidden, &of("project", "p1"));
    assert!(found.cut.as_deref().unwrap().contains("version 3"));
    assert_eq!(objects(&found)[0].2["role"], "roles/x_withcond_a1b2");
    let low = json!({"bindings": [{"role": "roles/x", "members": ["allUsers"]}], "version": 1});
    assert!(with(low, &of("project", "p1")).cut.is_none());
}

#[test]
fn policies_of_another_form_are_errors_and_other_documents_are_given_back() {
    for (bindings, place) in [
        (json!([{"role": "r", "members": "allUsers"}]), "/bindings/0/members"),
        (json!([{"role": "r", "members": [1]}]), "/bindings/0/members/0"),
        (json!([{"role": null}]), "/bindings/0"),
    ] {
        let error = given(json!({"bindings": bindings}), &of("project", "p")).unwrap_err().to_string();
        assert!(error.contains(place), "{error}");
    }
    for other in [
        json!({"bindings": [{"members": []}]}),
        json!({"bindings": {}}),
        json!({"bindings": [], "more": 1}),
        json!({"version": 1}),
        json!({"name": "x"}),
        json!([]),
        json!([1]),
        json!([{"name": "roles"}]),
        json!({"keys": [{"kty": "RSA"}]}),
        json!({"roles": [{"name": "roles/x", "title": "X"}], "more": 1}),
    ] {
        assert!(given(other.clone(), &Sidecar::default()).unwrap().is_err(), "{other}");
    }
}

fn searched() -> Value {
    json!([{"assetType": "cloudresourcemanager.googleapis.com/Project", "explanation": {}, "folders": ["folders/22"],
        "organization": "organizations/33", "policy": {"bindings": bindings()}, "project": "projects/111", "resource": PROJECT}])
}

#[test]
fn searches_name_their_resources() {
    let found = plain(searched());
    let objects = objects(&found);
    assert_eq!(objects.len(), 5);
    assert_eq!(objects[0].1, "/0/policy/bindings/0/members/0");
    assert_eq!(
        (objects[3].0, objects[3].1, &objects[3].2["resource"]),
        ("google:policy", "/0/policy", &json!(PROJECT))
    );
    let resource = json!({"name": PROJECT, "project": "projects/111", "assetType": "cloudresourcemanager.googleapis.com/Project",
        "ancestors": ["projects/111", "folders/22", "organizations/33"]});
    assert_eq!(objects[4], ("google:resource", "/0", &resource));
    assert_eq!(parts(&found, "google:iam-policies"), [PROJECT]);
    // A folder's policy has no project.
    let mut folder = searched();
    folder[0]["project"] = json!("");
    let found = plain(folder);
    let last = found.objects.last().unwrap().2.reveal();
    assert_eq!(last["ancestors"], json!(["folders/22", "organizations/33"]));
    assert!(last.get("project").is_none());
}

#[test]
fn the_scope_of_a_search() {
    let search = "gcloud asset search-all-iam-policies --format=json";
    for (sidecar, scope) in [
        (command(&format!("{search} --scope=organizations/33")), "organizations/33"),
        (command(&format!("{search} --scope 'projects/p1'")), "projects/p1"),
        (of("scope", "folders/22"), "folders/22"),
        (of("organization", "33"), "organizations/33"),
        (command("gcloud asset export --organization 33 --content-type=iam-policy"), "organizations/33"),
        (command("gcloud asset list --folder=22"), "folders/22"),
    ] {
        let found = with(searched(), &sidecar);
        assert_eq!((parts(&found, "google:iam-policies"), found.cut), (vec![scope.to_owned()], None));
    }
    for option in ["--query=policy:x", "--asset-types=a,b", "--limit 10", "--filter=x"] {
        let found = with(searched(), &command(&format!("{search} --scope=organizations/33 {option}")));
        assert!(found.cut.is_some(), "{option}");
    }
    let none = with(json!([]), &command(&format!("/opt/bin/{search} --scope=organizations/33")));
    assert_eq!(parts(&none, "google:iam-policies"), ["organizations/33"]);
}

#[test]
fn exports_in_both_spellings() {
    let camel = json!({"name": PROJECT, "assetType": "t", "ancestors": ["projects/1", "folders/2"], "iamPolicy": policy(), "updateTime": "x"});
    let snake = json!({"name": PROJECT, "asset_type": "t", "ancestors": ["projects/1", "folders/2"], "iam_policy": policy(),
        "resource": {"data": {"secret": "hunter2"}}});
    for (row, key) in [(camel, "iamPolicy"), (snake, "iam_policy")] {
        let found = plain(json!([row]));
        let objects = objects(&found);
        assert_eq!(objects[0].1, format!("/0/{key}/bindings/0/members/0"));
        let resource = json!({"name": PROJECT, "project": "projects/1", "ancestors": ["projects/1", "folders/2"], "assetType": "t"});
        assert_eq!(objects[4].2, &resource);
        assert!(!found.objects.iter().any(|(_, _, value)| value.reveal().to_string().contains("hunter2")));
        // One line of an export is one asset.
        let one = plain(row);
        assert_eq!(one.objects[4].1, "");
        assert_eq!(parts(&one, "google:iam-policies"), [PROJECT]);
    }
}

#[test]
fn resources_without_policies_are_no_list_of_policies() {
    let rows = || json!([{"name": "//storage.googleapis.com/b", "assetType": "t", "project": "projects/1"}]);
    let found = plain(rows());
    assert!(found.lists.is_empty() && found.kind == "google:assets");
    assert_eq!(found.objects[0].2.reveal()["ancestors"], json!(["projects/1"]));
    let asked = with(rows(), &command("gcloud asset list --project=p --content-type=iam-policy"));
    assert_eq!(parts(&asked, "google:iam-policies"), ["projects/p"]);
}

#[test]
fn pages_of_the_apis_are_cut() {
    let asset = json!({"name": PROJECT, "assetType": "t", "iamPolicy": {}});
    let page = plain(json!({"assets": [asset], "readTime": "x", "nextPageToken": "t"}));
    assert!(page.cut.is_some() && page.objects[0].1 == "/assets/0/iamPolicy");
    assert!(plain(json!({"assets": [asset], "nextPageToken": ""})).cut.is_none());
}

#[test]
fn service_accounts_and_their_keys() {
    let account = json!({"email": "a@p1.x", "name": "projects/p1/serviceAccounts/a@p1.x", "projectId": "p1", "uniqueId": "1", "disabled": false});
    let found = plain(json!([account]));
    assert_eq!(parts(&found, "google:service-accounts"), ["projects/p1"]);
    assert_eq!(objects(&found), [("google:service-account", "/0", &account)]);
    assert!(plain(account).lists.is_empty());
    let key = json!({"name": "projects/p1/serviceAccounts/a@p1.x/keys/k", "keyType": "USER_MANAGED", "privateKeyData": "hunter2"});
    let found = plain(json!([key]));
    assert_eq!(parts(&found, "google:service-account-keys"), ["projects/p1/serviceAccounts/a@p1.x"]);
    assert_eq!(
        objects(&found)[0].2,
        &json!({"name": "projects/p1/serviceAccounts/a@p1.x/keys/k", "keyType": "USER_MANAGED"})
    );
    let user = "gcloud iam service-accounts keys list --iam-account=a@p1.iam.gserviceaccount.com";
    assert!(with(json!([key]), &command(&format!("{user} --managed-by=user"))).cut.is_some());
    let none = with(json!([]), &command(user));
    assert_eq!(
        parts(&none, "google:service-account-keys"),
        ["projects/p1/serviceAccounts/a@p1.iam.gserviceaccount.com"]
    );
    let none = with(json!([]), &command("gcloud iam service-accounts list --project p1"));
    assert_eq!(parts(&none, "google:service-accounts"), ["projects/p1"]);
    let unsaid = with(json!([]), &command("gcloud iam service-accounts list"));
    assert!(unsaid.lists.is_empty() && unsaid.notes.len() == 1);
}

#[test]
fn roles_are_a_listing_only_with_their_permissions() {
    let role =
        |name: &str| json!({"name": name, "title": "T", "stage": "GA", "includedPermissions": ["a.b.c"]});
    // A role may have no permission.
    let none = json!({"name": "roles/empty", "title": "E", "stage": "GA", "etag": "AA=="});
    let own = role("projects/p1/roles/own");
    let found = plain(json!([role("roles/a"), none, own]));
    assert_eq!(parts(&found, "google:roles"), ["projects/p1", "roles"]);
    assert_eq!(objects(&found)[2], ("google:role", "/2", &own));
    let bare = plain(json!([none]));
    assert!(bare.lists.is_empty() && bare.notes[0].contains("roles describe"));
    assert_eq!(bare.objects.len(), 1);
    let one = plain(role("organizations/33/roles/o"));
    assert!(one.lists.is_empty() && one.notes.is_empty() && one.objects.len() == 1);
}

#[test]
fn deny_policies_name_where_they_are_attached() {
    let point = "cloudresourcemanager.googleapis.com/projects/p1";
    let deny = json!({"name": "policies/cloudresourcemanager.googleapis.com%2Fprojects%2Fp1/denypolicies/d1", "kind": "DenyPolicy",
        "rules": [{"denyRule": {"deniedPrincipals": ["principalSet://goog/public:all"]}}]});
    let found = plain(json!([deny]));
    assert_eq!(parts(&found, "google:deny-policies"), [point]);
    assert_eq!(objects(&found)[0].2["attached"], point);
    assert!(found.cut.is_none());
    assert!(plain(deny.clone()).lists.is_empty());
    let mut bare = deny;
    bare.as_object_mut().unwrap().remove("rules");
    assert!(plain(json!({"policies": [bare]})).cut.unwrap().contains("policies get"));
    let list = "gcloud iam policies list --kind=denypolicies --attachment-point=cloudresourcemanager.googleapis.com%2Fprojects%2Fp1";
    assert_eq!(parts(&with(json!([]), &command(list)), "google:deny-policies"), [point]);
}

#[test]
fn rows_are_all_of_one_sort() {
    let role = json!({"name": "roles/a", "title": "A"});
    for other in [json!(1), json!({"name": "x"})] {
        let error = given(json!([role, other]), &Sidecar::default()).unwrap_err().to_string();
        assert!(error.contains("/1"), "{error}");
    }
}

#[test]
fn members_of_a_group() {
    let row = |id: &str, kind: Option<&str>| {
        let mut row = json!({"name": "groups/0abc/memberships/1", "preferredMemberKey": {"id": id}, "roles": [{"name": "MEMBER"}]});
        if let Some(kind) = kind {
            row["type"] = json!(kind);
        }
        row
    };
    let full = json!([row("a@example.test", Some("USER")), row("t@example.test", Some("GROUP"))]);
    // Of which group it is, only who asked knows.
    assert!(given(full.clone(), &Sidecar::default()).is_err());
    let sidecar = command(
        "gcloud identity groups memberships list --group-email=Team@example.test --view=full --format=json",
    );
    let found = with(full.clone(), &sidecar);
    assert_eq!(parts(&found, "google:group-members"), ["group:team@example.test"]);
    assert_eq!(objects(&found)[0].0, "google:group-member");
    assert!(found.cut.is_none());
    assert_eq!(
        parts(&with(full, &of("group", "team@example.test")), "google:group-members"),
        ["group:team@example.test"]
    );
    // Nobody is in it: that is known, too.
    assert_eq!(parts(&with(json!([]), &sidecar), "google:group-members"), ["group:team@example.test"]);
    // Without types any of them may be a group that others are in; a service account is none.
    let plain = json!([row("a@example.test", None)]);
    assert!(with(plain, &sidecar).cut.is_some());
    let account = json!([row("b@p1.iam.gserviceaccount.com", None)]);
    assert!(with(account, &sidecar).cut.is_none());
}
