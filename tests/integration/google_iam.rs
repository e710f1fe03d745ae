//! Google Cloud: grants on kinds of resources that nobody described, deny policies, and an account made anew.

use serde_json::{Value as Json, json};

use crate::support::scene::Scene;
use crate::support::story::Judged;

const EMAIL: &str = "app@shop-1.iam.gserviceaccount.com";
const ACCOUNT: &str = "google_service_account.app";
const ROLE: &str = "roles/gkebackup.restoreAdmin";
const PLAN: &str = "//gkebackup.googleapis.com/projects/shop-1/locations/europe-west1/backupPlans/nightly";

fn own() -> String {
    format!("serviceAccount:{EMAIL}")
}

fn account(unique: &str) -> Json {
    json!({"id": format!("projects/shop-1/serviceAccounts/{EMAIL}"), "name": format!("projects/shop-1/serviceAccounts/{EMAIL}"),
        "account_id": "app", "project": "shop-1", "email": EMAIL, "member": own(), "unique_id": unique})
}

/// A function that restores backups, as a service account. `listed`: the grants that the organization's listing shows.
fn scene(listed: &Json) -> Scene {
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"google_cloudfunctions_function.app\"]\n\
         [[workload.needs]]\nidentity = \"{ACCOUNT}\"\naction = \"gkebackup.backups.get\"\nscope = \"{PLAN}\"\n"
    ));
    scene.stays(
        "google_cloudfunctions_function.app",
        json!({"id": "projects/shop-1/locations/europe-west1/functions/app", "name": "app", "project": "shop-1",
            "service_account_email": EMAIL}),
    );
    scene.stays(ACCOUNT, account("1001"));
    scene.lists(
        "roles.json",
        json!([{"name": "roles/browser", "title": "Browser", "stage": "GA", "includedPermissions": ["resourcemanager.projects.get"]},
            {"name": ROLE, "title": "Restore Admin", "stage": "GA", "includedPermissions": ["gkebackup.backups.get", "gkebackup.restores.create"]}]),
        json!({}),
    );
    // By a row of its own it is known in which organization the project lies.
    let mut rows = listed.as_array().unwrap().clone();
    rows.push(json!({"assetType": "cloudresourcemanager.googleapis.com/Project", "organization": "organizations/9", "folders": [],
        "project": "projects/777", "resource": "//cloudresourcemanager.googleapis.com/projects/shop-1",
        "policy": {"bindings": [{"role": "roles/browser", "members": ["user:eve@example.io"]}]}}));
    scene.lists(
        "policies.json",
        rows.into(),
        json!({"command": "gcloud asset search-all-iam-policies --scope=organizations/9 --format=json"}),
    );
    scene
}

fn listed(resource: &str, members: &[&str]) -> Json {
    json!({"assetType": "x", "organization": "organizations/9", "folders": [], "project": "projects/777", "resource": resource,
        "policy": {"bindings": [{"role": ROLE, "members": members}]}})
}

fn member(name: &str) -> Json {
    json!({"id": format!("projects/shop-1/locations/europe-west1/backupPlans/{name}/{ROLE}/{}", own()), "project": "shop-1",
        "location": "europe-west1", "name": name, "role": ROLE, "member": own(), "condition": [], "etag": "BwY"})
}

const MEMBER: &str = "google_gke_backup_backup_plan_iam_member.app";

fn falls(judged: &Judged) -> usize {
    judged.by_plan("breaks-workload").len()
}

/// What it is on is told by attributes alone: its deletion is never silent, whether or not the same is listed by its full
/// name.
#[test]
fn a_grant_on_a_kind_that_nobody_described_goes() {
    for shown in [json!([]), json!([listed(PLAN, &[&own()])])] {
        let mut scene = scene(&shown);
        scene.object(MEMBER, member("nightly"), Json::Null);
        let judged = scene.check();
        assert_eq!((judged.code, falls(&judged)), (3, 1), "{shown}: {:#}", judged.report);
    }
}

/// That of another resource is no loss for this one, and covers nothing here.
#[test]
fn a_grant_on_another_resource_is_another() {
    let mut other = scene(&json!([listed(PLAN, &[&own()])]));
    other.object(MEMBER, member("weekly"), Json::Null);
    let judged = other.check();
    assert_eq!(falls(&judged), 0, "{:#}", judged.report);
    let mut kept = scene(&json!([]));
    kept.object(MEMBER, member("nightly"), Json::Null);
    kept.stays("google_gke_backup_backup_plan_iam_member.weekly", member("weekly"));
    assert_eq!(falls(&kept.check()), 1);
}

/// It may be the same resource as one that is named in full, and so it never surely covers.
#[test]
fn it_never_surely_covers() {
    let mut scene =
        scene(&json!([listed("//cloudresourcemanager.googleapis.com/projects/shop-1", &[&own()])]));
    let on_project = json!({"id": format!("shop-1/{ROLE}/{}", own()), "project": "shop-1", "role": ROLE, "member": own(), "condition": []});
    scene.object("google_project_iam_member.app", on_project, Json::Null).stays(MEMBER, member("nightly"));
    let judged = scene.check();
    assert_eq!(judged.code, 3);
    let certainty = judged.the("breaks-workload")["certainty"].clone();
    assert_eq!(certainty, "possible", "{:#}", judged.report);
}

fn binding(members: &[&str]) -> Json {
    json!({"id": "?", "project": "shop-1", "location": "europe-west1", "name": "nightly", "role": ROLE, "members": members,
        "condition": [], "etag": "?"})
}

/// A binding of such a kind evicts as any other does; who is listed under the full name may be meant.
#[test]
fn a_binding_of_such_a_kind_evicts() {
    let both = json!([listed(PLAN, &[&own(), "user:ann@example.io"])]);
    let mut out = scene(&both);
    out.object(
        "google_gke_backup_backup_plan_iam_binding.all",
        Json::Null,
        binding(&["user:ann@example.io"]),
    );
    let judged = out.check();
    let finding = judged.the("evicts-access");
    assert_eq!(finding["certainty"], "possible");
    assert!(finding["title"].as_str().unwrap().contains("from app@shop-1"), "{finding:#}");
    assert_eq!((judged.code, falls(&judged)), (3, 1));
    let mut all = scene(&both);
    all.object(
        "google_gke_backup_backup_plan_iam_binding.all",
        Json::Null,
        binding(&["user:ann@example.io", &own()]),
    );
    let judged = all.check();
    assert_eq!((judged.by_plan("evicts-access").len(), falls(&judged)), (0, 0), "{:#}", judged.report);
    // Of another plan, of which the listing shows nobody.
    let mut elsewhere = scene(&both);
    let mut weekly = binding(&["user:ann@example.io"]);
    weekly["name"] = "weekly".into();
    elsewhere.object("google_gke_backup_backup_plan_iam_binding.all", Json::Null, weekly);
    let judged = elsewhere.check();
    assert_eq!((judged.by_plan("evicts-access").len(), falls(&judged)), (0, 0), "{:#}", judged.report);
}

/// What is made here is that somebody has no role any more.
#[test]
fn a_member_is_removed_by_making_something() {
    let project = "//cloudresourcemanager.googleapis.com/projects/shop-1";
    let made = |member: &str| json!({"id": "?", "project": "shop-1", "role": ROLE, "member": member});
    for (member, code, falling) in
        [(own(), 3, 1), ("user:ann@example.io".to_owned(), 3, 0), ("user:zoe@example.io".to_owned(), 0, 0)]
    {
        let mut scene = scene(&json!([listed(project, &[&own(), "user:ann@example.io"])]));
        scene.object("google_project_iam_member_remove.app", Json::Null, made(&member));
        let judged = scene.check();
        assert_eq!((judged.code, falls(&judged)), (code, falling), "{member}: {:#}", judged.report);
        assert_eq!(judged.by_plan("evicts-access").len(), usize::from(code == 3), "{member}");
    }
}

fn deny(principals: &[&str], more: &[Json]) -> Json {
    let rule = json!({"description": "", "deny_rule": [{"denied_principals": principals, "exception_principals": [],
        "denied_permissions": ["gkebackup.googleapis.com/backups.get"], "exception_permissions": [], "denial_condition": []}]});
    let rules: Vec<Json> = [rule].into_iter().chain(more.iter().cloned()).collect();
    json!({"id": "policies/x", "parent": "cloudresourcemanager.googleapis.com%2Fprojects%2Fshop-1", "name": "no-restores",
        "display_name": "no restores", "rules": rules})
}

const DENY: &str = "google_iam_deny_policy.restores";
const BOB: &str = "principal://goog/subject/bob@example.io";

fn app() -> String {
    format!("principal://iam.googleapis.com/projects/-/serviceAccounts/{EMAIL}")
}

/// Made, widened to another principal, or by a further rule: a deny takes what bindings give.
#[test]
fn a_deny_policy_takes_access() {
    let with = json!([listed(PLAN, &[&own(), "user:ann@example.io"])]);
    let rule = deny(&[&app()], &[])["rules"][0].clone();
    for (what, before, after) in [
        ("made", Json::Null, deny(&[&app()], &[])),
        ("made for everyone", Json::Null, deny(&["principalSet://goog/public:all"], &[])),
        ("widened", deny(&[BOB], &[]), deny(&[BOB, &app()], &[])),
        ("with a second rule", deny(&[BOB], &[]), deny(&[BOB], &[rule])),
    ] {
        let mut scene = scene(&with);
        scene.object(DENY, before, after);
        let judged = scene.check();
        let finding = judged.the("evicts-access");
        let title = finding["title"].as_str().unwrap();
        assert!(title.contains(EMAIL), "{what}: {title}");
        assert_eq!(title.contains("ann@example.io"), what.ends_with("everyone"), "{what}: {title}");
        assert_eq!((judged.code, falls(&judged)), (3, 1), "{what}: {:#}", judged.report);
        assert_eq!(finding["affects"][0]["workload"], "app", "{what}");
    }
}

/// What is denied already, what nobody has, whoever is excepted: nothing is taken.
#[test]
fn a_deny_policy_that_takes_nothing() {
    let with = json!([listed(PLAN, &[&own()])]);
    let mut excepted = deny(&["principalSet://goog/public:all"], &[]);
    excepted["rules"][0]["deny_rule"][0]["exception_principals"] = json!([app()]);
    let mut other = deny(&[&app()], &[]);
    other["rules"][0]["deny_rule"][0]["denied_permissions"] = json!(["dns.googleapis.com/changes.create"]);
    let mut elsewhere = deny(&[&app()], &[]);
    elsewhere["parent"] = "cloudresourcemanager.googleapis.com%2Fprojects%2Fshop-2".into();
    for (what, before, after) in [
        ("for somebody else", Json::Null, deny(&[BOB], &[])),
        ("with an exception", Json::Null, excepted),
        ("of what its role does not allow", Json::Null, other),
        ("in another project", Json::Null, elsewhere),
        ("widened, where it was denied before", deny(&[&app()], &[]), deny(&[BOB, &app()], &[])),
        ("narrowed", deny(&[BOB, &app()], &[]), deny(&[BOB], &[])),
    ] {
        let mut scene = scene(&with);
        scene.object(DENY, before, after);
        let judged = scene.check();
        assert_eq!(
            (judged.by_plan("evicts-access").len(), falls(&judged)),
            (0, 0),
            "{what}: {:#}",
            judged.report
        );
    }
}

/// The binding names the e-mail, and means the account that had it: the new one of the same e-mail has nothing
/// ("Service accounts", recreating; members become `deleted:serviceAccount:…?uid=`).
#[test]
fn an_account_made_anew_under_its_e_mail_inherits_nothing() {
    let mut scene = scene(&json!([listed(PLAN, &[&own()])]));
    let bound = json!({"id": "x", "project": "shop-1", "role": ROLE, "members": [own()], "condition": [], "etag": "BwY"});
    scene.stays("google_project_iam_binding.app", bound);
    let mut after = account("?");
    after["account_id"] = "app".into();
    scene.without(ACCOUNT).doing(ACCOUNT, &["delete", "create"], account("1001"), after);
    let judged = scene.check();
    assert_eq!((judged.code, falls(&judged)), (3, 1), "{:#}", judged.report);
    let listing = json!([listed(PLAN, &[&format!("deleted:serviceAccount:{EMAIL}?uid=1001")])]);
    let mut left = self::scene(&listing);
    left.object(
        "google_service_account.other",
        Json::Null,
        json!({"account_id": "other", "project": "shop-1"}),
    );
    let judged = left.check();
    assert_eq!(falls(&judged), 0, "what a deleted one had, the new one never had: {:#}", judged.report);
}
