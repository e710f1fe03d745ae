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
