//! A listing tells how things are, the plan what becomes of them: a need that the plan changes is not kept by a listing.

use serde_json::{Value as Json, json};

use crate::support::scene::Scene;

const DEPLOYMENT: &str = "kubernetes_deployment.api";

/// A deployment of the plan that reads a secret.
fn deployment(secret: &str) -> Json {
    json!({"metadata": [{"name": "api", "namespace": "prod"}], "spec": [{"template": [{"spec": [{"container": [{
        "name": "main", "env_from": [{"secret_ref": [{"name": secret}]}]}]}]}]}]})
}

fn secret(name: &str) -> Json {
    json!({"metadata": [{"name": name, "namespace": "prod"}]})
}

/// What the cluster has: the deployment as it runs, with a sidecar that an admission webhook put in.
fn cluster() -> Json {
    let container =
        |name: &str, secret: &str| json!({"name": name, "envFrom": [{"secretRef": {"name": secret}}]});
    let named = |kind: &str, name: &str| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "prod"}});
    json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "prod"},
            "spec": {"template": {"spec": {"containers": [container("main", "old"), container("proxy", "mesh")]}}}},
        named("Secret", "old"), named("Secret", "mesh")]})
}

fn scene() -> Scene {
    let mut scene = Scene::of(
        "[[workload]]\nname = \"api\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/prod/api\"]\n",
    );
    scene.lists("cluster", cluster(), json!({}));
    scene
}

#[test]
fn what_is_moved_away_first_does_not_fall() {
    let mut moved = scene();
    moved.object(DEPLOYMENT, deployment("old"), deployment("new"));
    moved.object("kubernetes_secret.old", secret("old"), Json::Null);
    moved.object("kubernetes_secret.new", Json::Null, secret("new"));
    let judged = moved.check();
    assert!(judged.by_plan("breaks-workload").is_empty(), "{:#}", judged.report);
    // Not moved, it falls at the next start.
    let mut left = scene();
    left.stays(DEPLOYMENT, deployment("old"));
    left.object("kubernetes_secret.old", secret("old"), Json::Null);
    let judged = left.check();
    let finding = judged.the("breaks-workload");
    assert_eq!(finding["affects"][0]["trigger"], "next-start", "{finding:#}");
}

/// What the plan does not speak of stays needed.
#[test]
fn what_was_put_in_by_others_is_still_needed() {
    let mut scene = scene();
    scene.stays(DEPLOYMENT, deployment("old"));
    scene.object("kubernetes_secret.mesh", secret("mesh"), Json::Null);
    let judged = scene.check();
    let finding = judged.the("breaks-workload");
    assert_eq!(finding["causes"][0]["address"], "kubernetes_secret.mesh", "{finding:#}");
}
