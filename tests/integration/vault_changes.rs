//! What roles of Vault rest on, deleted or changed in place; and flags that go with their environment or project.
//!
//! Sources: Vault, "Policies", and API: "Kubernetes auth method" ("Configure method", "Create/Update role"), "Database secrets
//! engine" ("Configure connection", static roles), "KV secrets engine"; LaunchDarkly, "Environments", "Projects".

use serde_json::{Value as Json, json};

use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

fn role(more: Json) -> Json {
    with(
        json!({"id": "auth/kubernetes/role/web", "backend": "kubernetes", "role_name": "web",
            "bound_service_account_names": ["web"], "bound_service_account_namespaces": ["shop"], "audience": null,
            "token_policies": ["web"], "token_bound_cidrs": [], "token_ttl": 3600}),
        more,
    )
}

fn configuration(more: Json) -> Json {
    let own = json!({"id": "auth/kubernetes/config", "backend": "kubernetes", "kubernetes_host": "https://10.0.0.1:443",
        "kubernetes_ca_cert": "x", "issuer": "", "pem_keys": [], "disable_local_ca_jwt": false});
    with(own, more)
}

fn connection(more: Json) -> Json {
    let own = json!({"id": "database/config/pg", "backend": "database", "name": "pg", "plugin_name": "p",
        "allowed_roles": ["web"], "verify_connection": true, "postgresql": [{"connection_url": "u"}]});
    with(own, more)
}

fn policy(text: &str) -> Json {
    json!({"id": "web", "name": "web", "policy": text})
}

fn with(mut own: Json, more: Json) -> Json {
    own.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    own
}

const POLICY: &str = "path \"database/creds/web\" {\n  capabilities = [\"read\"]\n}\npath \"secret/data/web/*\" {\n  capabilities = [\"read\"]\n}\n";

const ROLE: &str = "vault_kubernetes_auth_backend_role.web";
const CONFIGURATION: &str = "vault_kubernetes_auth_backend_config.k";
const CONNECTION: &str = "vault_database_secret_backend_connection.pg";

/// A workload that logs in by a role and asks for a password.
fn scene() -> Scene {
    let mut scene = Scene::of(
        "[[workload]]\nname = \"shop\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/shop/web\"]\n\
         uses = [\"vault:auth/kubernetes/role/web\", \"vault:database/roles/web\"]\n",
    );
    let template =
        json!({"spec": {"serviceAccountName": "web", "containers": [{"name": "c", "image": "c"}]}});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"template": template}});
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": "shop"}});
    let list = json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": [deployment, account]});
    scene.lists("cluster.json", list, json!({}));
    scene.stays(
        "vault_database_secret_backend_role.web",
        json!({"id": "database/roles/web", "backend": "database", "name": "web", "db_name": "pg",
            "creation_statements": ["c"], "default_ttl": 3600, "max_ttl": 7200}),
    );
    for (address, values) in [
        (ROLE, role(json!({}))),
        (CONFIGURATION, configuration(json!({}))),
        (CONNECTION, connection(json!({}))),
        ("vault_policy.web", policy(POLICY)),
    ] {
        scene.stays(address, values);
    }
    scene
}

fn to(address: &'static str, before: Json, after: Json) -> impl Fn(&mut Scene) {
    move |scene| {
        scene.without(address).object(address, before.clone(), after.clone());
    }
}

#[test]
fn what_a_role_rests_on() {
    let gone = |address: &'static str, own: Json| to(address, own, Json::Null);
    let of_role = |more: Json| to(ROLE, role(json!({})), role(more));
    let configured = |more: Json| to(CONFIGURATION, configuration(json!({})), configuration(more));
    let connected = |more: Json| to(CONNECTION, connection(json!({})), connection(more));
    let says = |text: &str| to("vault_policy.web", policy(POLICY), policy(text));
    let spelled = "# again\npath \"secret/data/web/*\" { capabilities = [\"read\"] }\npath \"database/creds/web\" { capabilities=[\"read\"] }";
    let more = format!("{POLICY}path \"secret/data/more\" {{ capabilities = [\"read\"] }}");
    let less = "path \"secret/data/web/*\" { capabilities = [\"read\"] }";
    let refused = format!("{POLICY}path \"secret/data/web/a\" {{ capabilities = [\"deny\"] }}");
    judge(
        &scene(),
        vec![
            row("", "its policy is deleted", Loss, gone("vault_policy.web", policy(POLICY))),
            row("", "its policy says less", Loss, says(less)),
            row("", "its policy denies", Loss, says(&refused)),
            row("", "its policy says the same", Quiet, says(spelled)),
            row("", "its policy says more", Quiet, says(&more)),
            row("", "another policy", Loss, of_role(json!({"token_policies": ["default"]}))),
            row("", "one policy more", Quiet, of_role(json!({"token_policies": ["web", "more"]}))),
            row("", "from some networks only", Loss, of_role(json!({"token_bound_cidrs": ["10.9.0.0/16"]}))),
            row("", "for another audience", Loss, of_role(json!({"audience": "vault"}))),
            row("", "for longer", Quiet, of_role(json!({"token_ttl": 7200}))),
            row("", "the configuration is deleted", Loss, gone(CONFIGURATION, configuration(json!({})))),
            row("", "another cluster", Loss, configured(json!({"kubernetes_host": "https://10.0.0.2:443"}))),
            row("", "nothing of that", Quiet, configured(json!({"disable_local_ca_jwt": true}))),
            row("", "the connection is deleted", Loss, gone(CONNECTION, connection(json!({})))),
            row("", "the connection is for others", Loss, connected(json!({"allowed_roles": ["other"]}))),
            row("", "the connection is for all", Quiet, connected(json!({"allowed_roles": ["*"]}))),
            row("", "the connection is not tried", Quiet, connected(json!({"verify_connection": false}))),
        ],
    );
}

#[test]
fn names_of_what_is_read() {
    for (uses, address, values) in [
        (
            "database/static-creds/web",
            "vault_database_secret_backend_static_role.web",
            json!({"id": "database/static-roles/web", "backend": "database", "name": "web", "db_name": "pg", "username": "w"}),
        ),
        (
            "secret/data/web/app",
            "vault_kv_secret_v2.app",
            json!({"id": "secret/data/web/app", "mount": "secret", "name": "web/app", "path": "secret/data/web/app"}),
        ),
    ] {
        let mut scene = Scene::of(&format!(
            "[[workload]]\nname = \"shop\"\ncriticality = \"critical\"\nmatch = [\"aws_ecs_service.web\"]\nuses = [\"vault:{uses}\"]\n"
        ));
        scene.stays("aws_ecs_service.web", json!({"id": "web", "name": "web"}));
        scene.object(address, values, Json::Null);
        let judged = scene.check();
        assert_eq!(judged.by_plan("breaks-workload").len(), 1, "{uses}: {:#}", judged.report);
    }
}

#[test]
fn flags_go_with_their_environment_and_project() {
    let environment =
        json!({"id": "app/production", "project_key": "app", "key": "production", "name": "Production"});
    let project = json!({"id": "app", "key": "app", "name": "app"});
    let flag = json!({"id": "app/enroll", "project_key": "app", "key": "enroll", "name": "enroll"});
    let setting =
        json!({"id": "app/enroll/production", "flag_id": "app/enroll", "env_key": "production", "on": true});
    let mut scene = Scene::of(
        "[[workload]]\nname = \"shop\"\ncriticality = \"critical\"\nmatch = [\"aws_ecs_service.web\"]\n\
         uses = [\"launchdarkly_feature_flag_environment.production\"]\n",
    );
    scene.stays("aws_ecs_service.web", json!({"id": "web", "name": "web"}));
    scene.stays("launchdarkly_feature_flag.enroll", flag);
    scene.stays("launchdarkly_feature_flag_environment.production", setting);
    let gone = |address: &'static str, values: Json| {
        move |scene: &mut Scene| {
            scene.object(address, values.clone(), Json::Null);
        }
    };
    judge(
        &scene,
        vec![
            row("", "its environment", Loss, gone("launchdarkly_environment.production", environment)),
            row("", "its project", Loss, gone("launchdarkly_project.app", project)),
        ],
    );
}
