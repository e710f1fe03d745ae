//! What lies in something goes with it, and a cluster with all that runs in it.

use serde_json::{Value as Json, json};

use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

const EMAIL: &str = "app@shop-1.iam.gserviceaccount.com";

fn project(id: &str) -> Json {
    json!({"id": format!("projects/{id}"), "project_id": id, "name": id, "number": "777", "folder_id": "1"})
}

/// Source: Resource Manager documentation, "Shutting down projects".
#[test]
fn a_project_takes_its_accounts_along() {
    let mut scene =
        Scene::of("[[workload]]\nname = \"app\"\nmatch = [\"google_cloudfunctions_function.app\"]\n");
    scene
        .stays(
            "google_cloudfunctions_function.app",
            json!({"id": "projects/other/locations/europe-west1/functions/app", "name": "app", "project": "other",
                "service_account_email": EMAIL}),
        )
        .stays(
            "google_service_account.app",
            json!({"id": format!("projects/shop-1/serviceAccounts/{EMAIL}"), "name": format!("projects/shop-1/serviceAccounts/{EMAIL}"),
                "account_id": "app", "project": "shop-1", "email": EMAIL, "unique_id": "1001"}),
        );
    let gone = |id: &'static str| {
        move |scene: &mut Scene| {
            scene.object("google_project.it", project(id), Json::Null);
        }
    };
    judge(&scene, vec![row("", "its own project", Loss, gone("shop-1"))]);
    gone("shop-2")(&mut scene);
    let judged = scene.check();
    assert!(judged.by_plan("breaks-workload").is_empty(), "{:#}", judged.report);
}

/// Nobody knows what runs in a cluster unless somebody says so: it is never deleted in silence.
#[test]
fn a_cluster_is_never_deleted_in_silence() {
    for (address, values) in [
        (
            "aws_eks_cluster.c",
            json!({"id": "c", "name": "c", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/c"}),
        ),
        (
            "google_container_cluster.c",
            json!({"id": "projects/p/locations/europe-west1/clusters/c", "name": "c"}),
        ),
        (
            "azurerm_kubernetes_cluster.c",
            json!({"id": "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/a/providers/Microsoft.ContainerService/managedClusters/c", "name": "c"}),
        ),
    ] {
        for actions in [["delete"].as_slice(), &["delete", "create"]] {
            let mut scene = Scene::of("");
            let after =
                if actions.len() == 1 { Json::Null } else { json!({"id": "?", "name": "d", "arn": "?"}) };
            scene.doing(address, actions, values.clone(), after);
            let judged = scene.check();
            assert_eq!(judged.code, 3, "{address}, {actions:?}: {:#}", judged.report);
        }
        let mut scene = Scene::of("");
        let mut after = values.clone();
        after["tags"] = json!({"team": "a"});
        scene.object(address, values, after);
        assert_eq!(scene.check().loud(), Vec::<String>::new(), "{address}");
    }
}

/// The role that a cluster on AWS runs as. Source: Amazon EKS User Guide, "Amazon EKS cluster IAM role".
#[test]
fn a_cluster_runs_as_its_role() {
    let role = json!({"id": "eks", "name": "eks", "path": "/", "arn": "arn:aws:iam::111122223333:role/eks", "unique_id": "AROAEKS",
        "assume_role_policy": json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "eks.amazonaws.com"}}]}).to_string(), "inline_policy": [], "managed_policy_arns": []});
    let cluster = json!({"id": "c", "name": "c", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/c",
        "role_arn": "arn:aws:iam::111122223333:role/eks"});
    let mut scene = Scene::of("[[workload]]\nname = \"c\"\nmatch = [\"aws_eks_cluster.c\"]\n");
    scene.stays("aws_eks_cluster.c", cluster);
    let renamed = role.clone();
    judge(
        &scene,
        vec![
            row("", "the role goes", Loss, {
                let role = role.clone();
                move |scene: &mut Scene| {
                    scene.object("aws_iam_role.eks", role.clone(), Json::Null);
                }
            }),
            row("", "the role stays", Quiet, move |scene: &mut Scene| {
                scene.stays("aws_iam_role.eks", renamed.clone());
            }),
        ],
    );
}

/// What is in a namespace is gone with it, though one of the same name is there afterwards. Source: Kubernetes
/// documentation, "Namespaces" (deleting one deletes everything under it).
#[test]
fn a_namespace_made_anew_is_empty() {
    let namespace =
        |name: &str, label: &str| json!({"id": name, "metadata": [{"name": name, "labels": {"a": label}}]});
    let deployment = json!({"id": "shop/api", "metadata": [{"name": "api", "namespace": "shop"}],
        "spec": [{"template": [{"spec": [{"service_account_name": "api", "container": [{"name": "api"}]}]}]}]});
    let shop = namespace("shop", "1");
    let scene = |way: Json, after: Json| {
        let mut scene =
            Scene::of("[[workload]]\nname = \"api\"\nmatch = [\"kubernetes:Deployment/shop/api\"]\n");
        let ways: Vec<String> = serde_json::from_value(way).unwrap();
        let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
        let before = if ways == ["create"] { Json::Null } else { deployment.clone() };
        scene.doing("kubernetes_deployment.api", &ways, before, after);
        scene
    };
    let mut scaled = deployment.clone();
    scaled["spec"][0]["replicas"] = json!("3");
    let anew = |scene: &mut Scene| {
        let shop = json!({"id": "shop", "metadata": [{"name": "shop"}]});
        scene.doing("kubernetes_namespace.shop", &["delete", "create"], shop.clone(), shop);
    };
    let rows = |scene: &Scene, comes| {
        let (one, other) = (shop.clone(), shop.clone());
        judge(
            scene,
            vec![
                row("", "replaced", comes, anew),
                row("", "deleted at one address, made at another", comes, move |scene| {
                    scene.object("kubernetes_namespace.old", one.clone(), Json::Null);
                    scene.object("kubernetes_namespace_v1.new", Json::Null, other.clone());
                }),
                row("", "another is replaced", Quiet, move |scene| {
                    scene.stays("kubernetes_namespace.shop", namespace("shop", "1"));
                    let other = namespace("other", "1");
                    scene.doing("kubernetes_namespace.other", &["delete", "create"], other.clone(), other);
                }),
                row("", "another label", Quiet, move |scene| {
                    scene.object("kubernetes_namespace.shop", namespace("shop", "1"), namespace("shop", "2"));
                }),
            ],
        );
    };
    rows(&scene(json!(["no-op"]), deployment.clone()), Loss);
    rows(&scene(json!(["update"]), scaled.clone()), Loss);
    // What is made in the new one is there.
    let mut made = scene(json!(["delete", "create"]), scaled.clone());
    anew(&mut made);
    let judged = made.check();
    assert!(judged.by_plan("breaks-workload").is_empty(), "{:#}", judged.report);
    // What only the cluster's listing tells of is gone too.
    let mut listed =
        Scene::of("[[workload]]\nname = \"api\"\nmatch = [\"kubernetes:Deployment/shop/api\"]\n");
    listed.lists(
        "cluster.json",
        json!({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"},
                "spec": {"template": {"spec": {"containers": [{"name": "api"}]}}}}]}),
        json!({}),
    );
    anew(&mut listed);
    assert_eq!(listed.check().code, 3);
}

/// Source: Azure Resource Manager documentation, "Delete resource group".
#[test]
fn a_resource_group_made_anew_is_empty() {
    const GROUP: &str = "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/shop";
    let app = |name: &str| json!({"id": format!("{GROUP}/providers/Microsoft.Web/sites/{name}"), "name": name, "resource_group_name": "shop"});
    let mut scene = Scene::of("[[workload]]\nname = \"app\"\nmatch = [\"azurerm_linux_web_app.app\"]\n");
    scene.stays("azurerm_linux_web_app.app", app("app"));
    let group = |place: &str| json!({"id": GROUP, "name": "shop", "location": place});
    judge(
        &scene,
        vec![
            row("", "moved to another region", Loss, move |scene| {
                scene.doing("azurerm_resource_group.shop", &["delete", "create"], group("a"), group("b"));
            }),
            row("", "and the app with it", Quiet, move |scene| {
                scene.doing("azurerm_resource_group.shop", &["delete", "create"], group("a"), group("b"));
                scene.without("azurerm_linux_web_app.app");
                scene.doing("azurerm_linux_web_app.app", &["delete", "create"], app("app"), app("app"));
            }),
        ],
    );
}

/// A project or an account that is moved leaves what it had from above, and comes under what is above there. Sources:
/// Resource Manager documentation, "Moving a project"; AWS Organizations User Guide, "Moving an account".
#[test]
fn what_is_moved_is_under_another() {
    let app = json!({"id": "projects/shop-1/locations/europe-west1/services/app", "name": "app", "project": "shop-1",
        "template": [{"service_account": EMAIL}]});
    let account = json!({"id": format!("projects/shop-1/serviceAccounts/{EMAIL}"), "account_id": "app", "project": "shop-1",
        "email": EMAIL, "member": format!("serviceAccount:{EMAIL}"), "unique_id": "1001"});
    let grant = |folder: &str| {
        json!({"id": format!("folders/{folder}/dns/{EMAIL}"), "folder": format!("folders/{folder}"),
        "role": "projects/shop-1/roles/dns", "member": format!("serviceAccount:{EMAIL}")})
    };
    let role = json!({"id": "projects/shop-1/roles/dns", "name": "projects/shop-1/roles/dns", "role_id": "dns", "project": "shop-1",
        "permissions": ["dns.changes.create"], "stage": "GA"});
    let lies = |folder: &str| {
        let mut project = project("shop-1");
        project["folder_id"] = folder.into();
        project
    };
    let mut google = Scene::of(&format!(
        "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"google_cloud_run_v2_service.app\"]\n\
         [[workload.needs]]\nidentity = \"{EMAIL}\"\naction = \"dns.changes.create\"\nscope = \"projects/shop-1\"\n"
    ));
    google
        .stays("google_cloud_run_v2_service.app", app)
        .stays("google_service_account.app", account)
        .stays("google_project_iam_custom_role.dns", role)
        .stays("google_folder_iam_member.dns", grant("22"));
    let other = grant("33");
    let (from, to, same) = (lies("22"), lies("33"), lies("22"));
    judge(
        &google,
        vec![
            row("", "out of the folder with the grant", Loss, {
                let (from, to) = (from.clone(), to.clone());
                move |scene| {
                    scene.object("google_project.it", from.clone(), to.clone());
                }
            }),
            row("", "into another one with the same grant", Quiet, move |scene| {
                scene.stays("google_folder_iam_member.other", other.clone());
                scene.object("google_project.it", from.clone(), to.clone());
            }),
            row("", "and so does the folder that it is in", Loss, {
                let folder = |parent: &str| {
                    json!({"id": "folders/44", "name": "folders/44", "folder_id": "44", "display_name": "in",
                    "parent": format!("folders/{parent}")})
                };
                let project = lies("44");
                move |scene| {
                    scene.stays("google_project.it", project.clone());
                    scene.object("google_folder.in", folder("22"), folder("33"));
                }
            }),
            row("", "another label", Quiet, move |scene| {
                let mut labelled = same.clone();
                labelled["labels"] = json!({"a": "b"});
                scene.object("google_project.it", same.clone(), labelled);
            }),
        ],
    );
}
