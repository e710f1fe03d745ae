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

fn token(more: Json) -> Json {
    let data = json!({"accessor": "acc1", "creation_time": 1_771_581_600, "creation_ttl": 3600, "display_name": "token-web",
        "expire_time": "2026-03-01T13:00:00Z", "explicit_max_ttl": 0, "id": "", "issue_time": "2026-02-20T10:00:00Z",
        "meta": {"service": "web", "namespace": "shop"}, "num_uses": 0, "orphan": true, "path": "auth/token/create/ci",
        "policies": ["ci"], "renewable": true, "role": "ci", "ttl": 3500, "type": "service"});
    json!({"request_id": "x", "lease_id": "", "lease_duration": 0, "renewable": false, "data": with(data, more)})
}

/// Sources: Vault, token_store.go, `authRenew` (of the role count the period and the explicit maximum), "Tokens".
#[test]
fn tokens_that_are_there_and_what_their_role_says() {
    let with_token = || {
        let mut scene = scene();
        scene.lists("token.json", token(json!({})), json!({}));
        let tune = json!({"request_id": "x", "lease_id": "", "lease_duration": 0, "renewable": false,
            "data": {"default_lease_ttl": 2_764_800, "max_lease_ttl": 2_764_800, "description": ""}});
        let of =
            json!({"command": "vault read -format=json sys/auth/token/tune", "of": {"mount": "auth/token"}});
        scene.lists("tune.json", tune, of);
        scene
    };
    // Nobody tells of the role: it may have a period.
    let judged = with_token().check();
    let ended = judged.report["findings"].as_array().unwrap().iter();
    let certain = ended.filter(|one| one["rule"] == "bounded-credential" && one["certainty"] == "certain");
    assert_eq!(certain.count(), 0, "{:#}", judged.report);
    // That the role issues none any more that are renewed ends none that are there.
    let role = |renewable: bool| {
        json!({"id": "auth/token/roles/ci", "role_name": "ci", "renewable": renewable, "token_period": 3600, "orphan": true,
            "token_type": "default-service", "token_explicit_max_ttl": 0})
    };
    let mut scene = with_token();
    scene.object("vault_token_auth_backend_role.ci", role(true), role(false));
    let judged = scene.check();
    for finding in judged.report["findings"].as_array().unwrap() {
        for affected in finding["affects"].as_array().into_iter().flatten() {
            assert_ne!(affected["until"]["possible"], "2026-03-01T13:00:00Z", "{finding:#}");
        }
    }
}
