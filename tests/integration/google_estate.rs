//! Google Cloud as states really hold it: what bindings are on, whose tokens are believed, what is switched off.
//!
//! Sources: documentation of hashicorp/google; Cloud Asset Inventory, "Asset names"; IAM documentation, "Create and manage custom
//! roles", "Configure temporary access"; GKE documentation, "Authenticate to Google Cloud APIs from GKE workloads".

use serde_json::{Value as Json, json};

use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

const EMAIL: &str = "app@shop-1.iam.gserviceaccount.com";
const RUN: &str = "google_cloud_run_v2_service.app";
const PROJECT: &str = "//cloudresourcemanager.googleapis.com/projects/shop-1";
const ACCOUNT: &str = "projects/shop-1/serviceAccounts/app@shop-1.iam.gserviceaccount.com";

fn own() -> String {
    format!("serviceAccount:{EMAIL}")
}

fn account() -> Json {
    json!({"id": ACCOUNT, "name": ACCOUNT, "account_id": "app", "project": "shop-1", "email": EMAIL, "member": own(),
        "unique_id": "1001"})
}

fn bound(resource: &str, role: &str, member: &str, condition: &Json) -> Json {
    let mut binding = json!({"role": role, "members": [member]});
    if !condition.is_null() {
        binding["condition"] = condition.clone();
    }
    json!({"assetType": "x", "organization": "organizations/9", "folders": ["folders/22"], "project": "projects/777",
        "resource": resource, "policy": {"bindings": [binding]}})
}

/// Something that runs as an account, which needs a permission on a resource, and what the listing shows.
fn scene(needs: &str, on: &str, listed: &[Json]) -> Scene {
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"{RUN}\"]\n[[workload.needs]]\n\
         identity = \"google_service_account.app\"\naction = \"{needs}\"\nscope = \"{on}\"\n"
    ));
    scene.stays(
        RUN,
        json!({"id": "projects/shop-1/locations/l/services/app", "name": "app", "project": "shop-1",
            "template": [{"service_account": EMAIL}]}),
    );
    scene.stays("google_service_account.app", account());
    let role = |name: &str, allows: &[&str]| json!({"name": name, "title": name, "stage": "GA", "includedPermissions": allows});
    scene.lists(
        "roles.json",
        json!([
            role("roles/owner", &["a.b.c"]),
            role("roles/x", &["x.y.z"]),
            role("roles/iam.workloadIdentityUser", &["i.j.k"])
        ]),
        json!({}),
    );
    let mut rows = listed.to_vec();
    rows.push(bound(PROJECT, "roles/owner", "user:ann@example.io", &Json::Null));
    let command = "gcloud asset search-all-iam-policies --scope=organizations/9 --format=json";
    scene.lists("policies.json", rows.into(), json!({"command": command}));
    scene
}

fn member(more: &Json) -> Json {
    let mut member = json!({"id": "x", "role": "roles/x", "member": own(), "condition": [], "etag": "BwY"});
    for (key, value) in more.as_object().unwrap() {
        member[key] = value.clone();
    }
    member
}

/// What a binding is on may be written in short or in full, and the provider writes it back with prefixes.
#[test]
fn scopes_in_all_their_spellings() {
    let (run, key) = (
        "//run.googleapis.com/projects/shop-1/locations/l/services/api",
        "//cloudkms.googleapis.com/projects/shop-1/locations/eu/keyRings/r/cryptoKeys/k",
    );
    let secret = "//secretmanager.googleapis.com/projects/shop-1/secrets/db";
    let topic = "//pubsub.googleapis.com/projects/shop-1/topics/t";
    let zone = "//dns.googleapis.com/projects/shop-1/managedZones/z";
    for (kind, more, on) in [
        ("storage_bucket", json!({"bucket": "b/shop-data"}), "//storage.googleapis.com/shop-data"),
        ("storage_bucket", json!({"bucket": "shop-data"}), "//storage.googleapis.com/shop-data"),
        (
            "secret_manager_secret",
            json!({"project": "shop-1", "secret_id": "projects/shop-1/secrets/db"}),
            secret,
        ),
        ("secret_manager_secret", json!({"project": "shop-1", "secret_id": "db"}), secret),
        ("pubsub_topic", json!({"project": "shop-1", "topic": "projects/shop-1/topics/t"}), topic),
        (
            "cloud_run_service",
            json!({"project": "shop-1", "location": "l", "service": "v1/projects/shop-1/locations/l/services/api"}),
            run,
        ),
        (
            "cloud_run_v2_service",
            json!({"project": "shop-1", "location": "l", "name": "projects/shop-1/locations/l/services/api"}),
            run,
        ),
        (
            "dns_managed_zone",
            json!({"project": "shop-1", "managed_zone": "projects/shop-1/managedZones/z"}),
            zone,
        ),
        ("kms_crypto_key", json!({"crypto_key_id": "shop-1/eu/r/k"}), key),
        (
            "kms_crypto_key",
            json!({"crypto_key_id": "projects/shop-1/locations/eu/keyRings/r/cryptoKeys/k"}),
            key,
        ),
        ("project", json!({"project": "projects/shop-1"}), PROJECT),
        ("folder", json!({"folder": "22"}), "//cloudresourcemanager.googleapis.com/folders/22"),
        ("folder", json!({"folder": "folders/22"}), "//cloudresourcemanager.googleapis.com/folders/22"),
        (
            "organization",
            json!({"org_id": "organizations/9"}),
            "//cloudresourcemanager.googleapis.com/organizations/9",
        ),
    ] {
        let needed = if on.contains("cloudresourcemanager") { PROJECT } else { on };
        let address = format!("google_{kind}_iam_member.it");
        let mut scene = scene("x.y.z", needed, &[bound(on, "roles/x", &own(), &Json::Null)]);
        let mut kept = scene.clone();
        scene.object(&address, member(&more), Json::Null);
        let judged = scene.check();
        let falls = judged.by_plan("breaks-workload");
        assert_eq!((judged.code, falls.len()), (3, 1), "{kind} {more}: {:#}", judged.report);
        assert_eq!(falls[0]["certainty"], "certain", "{kind} {more}");
        // Written in another way it is the same binding, replaced.
        kept.doing(&address, &["delete", "create"], member(&more), member(&more));
        assert!(kept.check().by_plan("breaks-workload").is_empty(), "{kind} {more}");
    }
}

/// Created first under another spelling, the deletion takes the new one along.
#[test]
fn a_binding_in_another_spelling_is_the_same() {
    let bucket = "//storage.googleapis.com/shop-data";
    let scene = scene("x.y.z", bucket, &[bound(bucket, "roles/x", &own(), &Json::Null)]);
    let (long, short) =
        (member(&json!({"bucket": "b/shop-data"})), member(&json!({"bucket": "shop-data", "id": "?"})));
    let doing = move |actions: &'static [&'static str]| {
        let (long, short) = (long.clone(), short.clone());
        move |scene: &mut Scene| {
            scene.doing("google_storage_bucket_iam_member.it", actions, long.clone(), short.clone());
        }
    };
    judge(
        &scene,
        vec![
            row("", "created first", Loss, doing(&["create", "delete"])),
            row("", "deleted first", Quiet, doing(&["delete", "create"])),
        ],
    );
}

/// Bindings of a custom role stay when it is disabled, and grant nothing.
#[test]
fn a_custom_role_that_is_disabled() {
    let role = |stage: &str, deleted: bool| {
        json!({"id": "projects/shop-1/roles/w", "name": "projects/shop-1/roles/w", "role_id": "w", "title": "w", "project": "shop-1",
            "permissions": ["x.y.z"], "stage": stage, "deleted": deleted})
    };
    let scene = scene("x.y.z", PROJECT, &[bound(PROJECT, "projects/shop-1/roles/w", &own(), &Json::Null)]);
    let to = move |after: Json| {
        move |scene: &mut Scene| {
            scene.object("google_project_iam_custom_role.w", role("GA", false), after.clone());
        }
    };
    judge(
        &scene,
        vec![
            row("", "disabled", Loss, to(role("DISABLED", false))),
            row("", "deleted", Loss, to(role("GA", true))),
            row("", "deprecated", Quiet, to(role("DEPRECATED", false))),
        ],
    );
}

/// A condition that names a day, and nothing else, is an end.
#[test]
fn a_grant_for_a_time_ends() {
    let until = |day: &str| json!({"title": "t", "description": "", "expression": format!("request.time < timestamp(\"{day}\")")});
    let plain = member(&json!({"project": "shop-1"}));
    let bounded = |day: &str| member(&json!({"project": "shop-1", "condition": [until(day)], "id": "?"}));
    let mut scene = scene("x.y.z", PROJECT, &[bound(PROJECT, "roles/x", &own(), &Json::Null)]);
    let mut kept = scene.clone();
    scene.doing(
        "google_project_iam_member.it",
        &["delete", "create"],
        plain,
        bounded("2026-03-11T00:00:00Z"),
    );
    let judged = scene.check();
    let finding = judged.the("breaks-workload");
    assert_eq!((judged.code, &finding["certainty"]), (3, &json!("certain")), "{finding:#}");
    assert_eq!(finding["affects"][0]["breaks_at"], "2026-03-11T00:00:00Z", "{finding:#}");
    // One that is over covers nothing, one that is under another condition as well ends on no known day.
    for (listed, certainty) in [
        (until("2026-01-11T00:00:00Z"), "certain"),
        (
            json!({"title": "t", "expression": "request.time < timestamp(\"2026-09-11T00:00:00Z\") && resource.name == 'a'"}),
            "possible",
        ),
    ] {
        let rows = json!([
            bound(PROJECT, "roles/x", &own(), &Json::Null),
            bound(PROJECT, "roles/x", &own(), &listed)
        ]);
        let command = "gcloud asset search-all-iam-policies --scope=organizations/9 --format=json";
        let mut scene = kept.clone();
        scene.lists("policies.json", rows, json!({"command": command}));
        scene.object("google_project_iam_member.it", member(&json!({"project": "shop-1"})), Json::Null);
        assert_eq!(scene.check().the("breaks-workload")["certainty"], certainty, "{listed}");
    }
    // As it was before.
    let bounded = member(&json!({"project": "shop-1", "condition": [until("2026-09-11T00:00:00Z")]}));
    kept.stays("google_project_iam_member.it", bounded);
    assert_eq!(kept.check().code, 0);
}

/// A pod believed by its account: the trust goes with the binding, whoever lists it, and with the cluster's pool.
#[test]
fn the_trust_of_a_pod() {
    let pod = "serviceAccount:shop-1.svc.id.goog[prod/web]";
    let on = format!("//iam.googleapis.com/{ACCOUNT}");
    let rows = [
        bound(PROJECT, "roles/x", &own(), &Json::Null),
        bound(&on, "roles/iam.workloadIdentityUser", pod, &Json::Null),
    ];
    let mut scene = scene("x.y.z", PROJECT, &rows);
    scene.without(RUN);
    let mut web = Scene::of(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/prod/web\"]\n",
    );
    web.stays("google_service_account.app", account());
    web.lists(
        "policies.json",
        rows.to_vec().into(),
        json!({"command": "gcloud asset search-all-iam-policies --scope=organizations/9 --format=json"}),
    );
    let role = |name: &str, allows: &str| json!({"name": name, "title": name, "stage": "GA", "includedPermissions": [allows]});
    web.lists(
        "roles.json",
        json!([role("roles/x", "x.y.z"), role("roles/iam.workloadIdentityUser", "i.j.k")]),
        json!({}),
    );
    web.lists(
        "cluster.json",
        json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": "prod",
                "annotations": {"iam.gke.io/gcp-service-account": EMAIL}}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "prod"},
                "spec": {"template": {"metadata": {}, "spec": {"serviceAccountName": "web", "containers": []}}}}]}),
        json!({"command": "kubectl get deploy,sa -A -o json"}),
    );
    let trust = json!({"id": "x", "role": "roles/iam.workloadIdentityUser", "member": pod, "service_account_id": ACCOUNT, "condition": []});
    let other = json!({"id": "?", "role": "roles/iam.workloadIdentityUser", "service_account_id": ACCOUNT, "condition": [],
        "members": ["serviceAccount:shop-1.svc.id.goog[x/y]"]});
    let cluster = |pool: Json, label: &str| json!({"id": "projects/shop-1/locations/l/clusters/c", "name": "c", "workload_identity_config": pool, "resource_labels": {"a": label}});
    let pool = json!([{"workload_pool": "shop-1.svc.id.goog"}]);
    let becomes = |address: &'static str, before: Json, after: Json| {
        move |scene: &mut Scene| {
            scene.object(address, before.clone(), after.clone());
        }
    };
    let (wi, gke) = ("google_service_account_iam_member.it", "google_container_cluster.c");
    judge(
        &web,
        vec![
            row("", "the binding goes", Loss, becomes(wi, trust.clone(), Json::Null)),
            row("", "it stays", Quiet, becomes(wi, trust.clone(), trust)),
            row(
                "",
                "another is put in its place",
                Loss,
                becomes("google_service_account_iam_binding.it", Json::Null, other),
            ),
            row(
                "",
                "the cluster has no pool",
                Loss,
                becomes(gke, cluster(pool.clone(), "1"), cluster(json!([]), "1")),
            ),
            row("", "another label", Quiet, becomes(gke, cluster(pool.clone(), "1"), cluster(pool, "2"))),
        ],
    );
}

/// Whoever is let in is told by who is not: a deny that is relaxed, or goes, only lets more people in.
#[test]
fn a_deny_that_is_relaxed() {
    let deny = |except: Json| {
        json!({"id": "x", "name": "d", "parent": "cloudresourcemanager.googleapis.com%2Fprojects%2Fshop-1", "display_name": "d",
            "rules": [{"deny_rule": [{"denied_principals": ["principalSet://goog/public:all"], "exception_principals": except,
                "denied_permissions": ["iam.googleapis.com/roles.create"], "exception_permissions": [], "denial_condition": []}]}]})
    };
    let scene = scene("x.y.z", PROJECT, &[bound(PROJECT, "roles/x", &own(), &Json::Null)]);
    let becomes = |after: Json| {
        move |scene: &mut Scene| {
            scene.object("google_iam_deny_policy.d", deny(json!([])), after.clone());
        }
    };
    judge(
        &scene,
        vec![
            row(
                "",
                "an exception more",
                Quiet,
                becomes(deny(json!(["principal://goog/subject/ann@example.io"]))),
            ),
            row("", "deleted", Quiet, becomes(Json::Null)),
        ],
    );
}

/// A binding under a condition, replaced by its equal, is as good as it was.
#[test]
fn a_conditional_binding_is_replaced_by_its_equal() {
    let condition = json!({"title": "t", "description": "", "expression": "resource.type == 'x'"});
    let scene = scene("x.y.z", PROJECT, &[bound(PROJECT, "roles/x", &own(), &condition)]);
    let with = member(&json!({"project": "shop-1", "condition": [condition]}));
    let other = member(
        &json!({"project": "shop-1", "condition": [{"title": "t", "description": "", "expression": "false"}]}),
    );
    let becomes = |after: Json| {
        let with = with.clone();
        move |scene: &mut Scene| {
            scene.doing("google_project_iam_member.it", &["delete", "create"], with.clone(), after.clone());
        }
    };
    judge(
        &scene,
        vec![
            row("", "equal", Quiet, becomes(with.clone())),
            row("", "another condition", Loss, becomes(other)),
        ],
    );
}

/// Each of these was silent, or a mere warning.
#[test]
fn what_goes_is_told() {
    let group = json!([{"id": EMAIL, "namespace": ""}]);
    let provider = |condition: &str, map: Json, issuer: &str| {
        json!({"id": "projects/shop-1/locations/global/workloadIdentityPools/g/providers/g", "attribute_condition": condition,
            "attribute_mapping": map, "oidc": [{"issuer_uri": issuer}]})
    };
    let (both, one) = (
        json!({"google.subject": "assertion.sub", "attribute.r": "assertion.r"}),
        json!({"google.subject": "assertion.sub"}),
    );
    let was = provider("a", both.clone(), "https://a");
    let service = |stays: bool| json!({"id": "x", "project": "shop-1", "service": "dns.googleapis.com", "disable_on_destroy": !stays});
    let version = |on: bool| json!({"id": "v", "name": "projects/7/secrets/db/versions/1", "secret": "projects/shop-1/secrets/db", "enabled": on});
    let gone = Json::Null;
    for (address, before, after, code) in [
        (
            "google_cloud_identity_group_membership.m",
            json!({"id": "m", "group": "groups/g", "preferred_member_key": group, "type": "SERVICE_ACCOUNT"}),
            gone.clone(),
            3,
        ),
        (
            "google_iam_workload_identity_pool_provider.p",
            was.clone(),
            provider("b", both.clone(), "https://a"),
            3,
        ),
        ("google_iam_workload_identity_pool_provider.p", was.clone(), provider("a", one, "https://a"), 3),
        (
            "google_iam_workload_identity_pool_provider.p",
            was.clone(),
            provider("a", both.clone(), "https://b"),
            3,
        ),
        ("google_iam_workload_identity_pool_provider.p", was.clone(), was, 0),
        ("google_project_service.s", service(false), gone.clone(), 3),
        ("google_project_service.s", service(true), gone.clone(), 0),
        ("google_secret_manager_secret_version.v", version(true), version(false), 3),
        ("google_secret_manager_secret_version.v", version(true), version(true), 0),
        ("google_redis_instance.r", json!({"id": "r", "name": "r"}), gone.clone(), 3),
        ("google_alloydb_cluster.r", json!({"id": "r", "name": "r"}), gone.clone(), 3),
        ("google_filestore_instance.r", json!({"id": "r", "name": "r"}), gone, 3),
    ] {
        let mut scene = Scene::of("");
        scene.object(address, before, after.clone());
        let judged = scene.check();
        assert_eq!(judged.code, code, "{address} {after}: {:#}", judged.report);
    }
}
