//! A workload stays as it is in the plan, and what it runs as does not: its service account comes to act as another role, or
//! as none; its namespace goes; its role is changed in a way that nobody knows.
//!
//! Source: Amazon EKS User Guide, "IAM roles for service accounts", "Configure Pods to use a Kubernetes service account".

use serde_json::{Value as Json, json};

use crate::support::amazon::{ISSUER, account, cluster, document, irsa, listed_role, role, role_arn};
use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;
use crate::support::story::Story;

const READ: &str = "arn:aws:s3:::shop-orders/*";
const ACCOUNT: &str = "kubernetes_service_account.web";

fn reads() -> Json {
    document(json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": READ}]))
}

fn trust(subject: &str) -> Json {
    document(json!([irsa(&json!(subject))]))
}

fn own() -> Json {
    trust("system:serviceaccount:shop:web")
}

fn named(role: Option<&str>) -> Json {
    let annotations = role.map_or(json!({}), |role| json!({"eks.amazonaws.com/role-arn": role_arn(role)}));
    json!({"id": "shop/web", "metadata": [{"name": "web", "namespace": "shop", "annotations": annotations}]})
}

/// The deployment reads a bucket as the role `app`; `other` may as much, `deaf` believes another account, and `bare` may nothing.
fn scene(needs: &str) -> Scene {
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/shop/web\"]\n{needs}"
    ));
    let roles = [
        listed_role("app", &own(), &[("read", reads())]),
        listed_role("other", &own(), &[("read", reads())]),
        listed_role("deaf", &trust("system:serviceaccount:shop:api"), &[("read", reads())]),
        listed_role("bare", &own(), &[]),
    ];
    account(&mut scene, &roles, &[]);
    cluster(&mut scene, Some("app"));
    scene.stays("aws_iam_openid_connect_provider.own", json!({"id": ISSUER, "arn": ISSUER}));
    scene
}

fn declared() -> String {
    format!(
        "[[workload.needs]]\nidentity = \"kubernetes:ServiceAccount/shop/web\"\naction = \"s3:GetObject\"\nscope = \"{READ}\"\n"
    )
}

fn moved(to: Option<&'static str>) -> impl Fn(&mut Scene) {
    move |scene| {
        scene.object(ACCOUNT, named(Some("app")), named(to));
    }
}

#[test]
fn another_role() {
    let make = |scene: &mut Scene| {
        moved(Some("new"))(scene);
        scene.object("aws_iam_role.new", Json::Null, role("new", &own()));
        scene.object(
            "aws_iam_role_policy.new",
            Json::Null,
            json!({"id": "new:read", "role": "new", "name": "read", "policy": reads().to_string()}),
        );
    };
    judge(
        &scene(&declared()),
        vec![
            row("", "to one that believes it and may as much", Quiet, moved(Some("other"))),
            row("", "to one that the plan makes", Quiet, make),
            row("", "to one that believes another", Loss, moved(Some("deaf"))),
            row("", "to one that may nothing", Loss, moved(Some("bare"))),
            row("", "to none", Loss, moved(None)),
            row("", "from none", Quiet, |scene: &mut Scene| {
                cluster(scene, None);
                scene.object(ACCOUNT, named(None), named(Some("app")));
            }),
            row("", "from none to one that does not believe it", Quiet, |scene: &mut Scene| {
                cluster(scene, None);
                scene.object(ACCOUNT, named(None), named(Some("deaf")));
            }),
        ],
    );
}

/// A new revision of a task definition is what each deployment on ECS comes to: the old one goes on serving what runs by it. Source:
/// Amazon ECS Developer Guide, "Deregistering an Amazon ECS task definition revision".
#[test]
fn a_deployment_on_ecs() {
    let task = |revision: &str, role: &str, image: &str| {
        json!({"id": "web", "family": "web", "arn": format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/web:{revision}"),
            "revision": revision, "task_role_arn": role_arn(role), "container_definitions": json!([{"name": "web", "image": image}]).to_string()})
    };
    let service = |revision: &str| {
        json!({"id": "arn:aws:ecs:eu-west-1:111122223333:service/c/web", "name": "web", "cluster": "c",
            "task_definition": format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/web:{revision}")})
    };
    let believes = |service: &str| {
        document(json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}]))
    };
    let tasks = believes("ecs-tasks.amazonaws.com");
    let mut scene = Scene::of(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"aws_ecs_service.web\"]\n",
    );
    let others = believes("ec2.amazonaws.com");
    let roles = [
        listed_role("app", &tasks, &[("read", reads())]),
        listed_role("other", &tasks, &[("read", reads())]),
        listed_role("deaf", &others, &[("read", reads())]),
    ];
    account(&mut scene, &roles, &[]);
    let deployed = move |role: &'static str, actions: [&'static str; 2]| {
        move |scene: &mut Scene| {
            scene.doing(
                "aws_ecs_task_definition.web",
                &actions,
                task("1", "app", "web:1"),
                task("2", role, "web:2"),
            );
            scene.object("aws_ecs_service.web", service("1"), service("2"));
        }
    };
    let forgotten = move |scene: &mut Scene| {
        scene.object("aws_ecs_task_definition.web", task("1", "app", "web:1"), Json::Null);
        scene.stays("aws_ecs_service.web", service("1"));
    };
    judge(
        &scene,
        vec![
            row("", "another image", Quiet, deployed("app", ["delete", "create"])),
            row("", "another image, made first", Quiet, deployed("app", ["create", "delete"])),
            row("", "another role that may as much", Quiet, deployed("other", ["delete", "create"])),
            row("", "a role that does not believe it", Loss, deployed("deaf", ["delete", "create"])),
            row("", "the revision in use is deregistered", Quiet, forgotten),
        ],
    );
}

/// A namespace takes along what is in it, and nothing else.
#[test]
fn a_namespace_that_goes() {
    let gone = |name: &'static str| {
        move |scene: &mut Scene| {
            let values = json!({"id": name, "metadata": [{"name": name, "labels": {}}]});
            scene.object("kubernetes_namespace.it", values, Json::Null);
        }
    };
    let mut scene = scene("");
    judge(&scene, vec![row("", "that of the deployment", Loss, gone("shop"))]);
    gone("pay")(&mut scene);
    let judged = scene.check();
    assert!(judged.by_plan("breaks-workload").is_empty(), "{:#}", judged.report);
}

/// What Helm has installed goes with the release, unless it is to be kept.
#[test]
fn a_helm_release_that_goes() {
    let release = |name: &str| json!({"id": name, "name": name, "namespace": "shop", "chart": "web", "version": "1.0.0"});
    let installed = |annotations: Json| {
        let mut scene = scene("");
        let metadata = json!({"name": "web", "namespace": "shop", "annotations": annotations});
        scene.lists(
            "cluster.json",
            json!({"apiVersion": "v1", "kind": "List", "items": [
                {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": "shop"}},
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": {"metadata": {"labels": {}},
                    "spec": {"serviceAccountName": "web", "containers": [{"name": "a", "image": "a:1"}]}}}},
            ]}),
            json!({"command": "kubectl get all,sa -A -o json"}),
        );
        scene
    };
    let own = json!({"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop"});
    let mut kept = own.clone();
    kept["helm.sh/resource-policy"] = "keep".into();
    let gone = move |scene: &mut Scene| {
        scene.object("helm_release.it", release("web"), Json::Null);
    };
    let upgraded = move |scene: &mut Scene| {
        let mut after = release("web");
        after["version"] = "1.1.0".into();
        scene.object("helm_release.it", release("web"), after);
    };
    let another = move |scene: &mut Scene| {
        scene.object("helm_release.it", release("api"), Json::Null);
    };
    judge(
        &installed(own),
        vec![
            row("", "it is uninstalled", Loss, gone),
            row("", "it is upgraded", Quiet, upgraded),
            row("", "another is uninstalled", Quiet, another),
        ],
    );
    judge(&installed(kept), vec![row("", "what is to be kept is kept", Quiet, gone)]);
}

/// The definition of a kind takes along all objects of it, in whatever namespace, and none of another.
#[test]
fn a_definition_that_goes() {
    let falls = |group: &str, kind: &str| {
        let story = Story::covered();
        let address = "kubernetes_manifest.definition";
        let manifest = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("things.{group}")}, "spec": {"group": group, "names": {"kind": kind, "plural": "things"}}});
        story.edit("plan.json", |plan| {
            let changes = plan["resource_changes"].as_array_mut().unwrap();
            changes.push(json!({"address": address, "mode": "managed", "type": "kubernetes_manifest", "name": "definition",
                "provider_name": "registry.terraform.io/hashicorp/kubernetes",
                "change": {"actions": ["delete"], "before": {"manifest": manifest}, "after": null,
                    "after_unknown": {}, "before_sensitive": false, "after_sensitive": false}}));
        });
        let judged = story.check();
        let by_it = |one: &&&Json| one["causes"][0]["address"] == address;
        judged.by_plan("breaks-workload").iter().filter(by_it).count()
    };
    assert!(falls("cert-manager.io", "ClusterIssuer") > 0);
    assert!(falls("cert-manager.io", "Certificate") > 0);
    assert_eq!(falls("example.io", "Certificate"), 0);
    assert_eq!(falls("cert-manager.io", "Issuer"), 0);
}

/// Whatever a plan says will be after: nobody knows what an action does that no version has had yet.
#[test]
fn an_action_that_nobody_knows() {
    let mut scene = scene("");
    scene.doing("aws_iam_role.app", &["teleport"], role("app", &own()), role("app", &own()));
    let judged = scene.check();
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    let finding = judged.the("breaks-workload");
    assert_eq!(finding["certainty"], "possible", "{finding:#}");
    assert_eq!(finding["causes"][0]["address"], "aws_iam_role.app");
    let title = judged.the("destroys-identity")["title"].as_str().unwrap().to_owned();
    assert!(title.starts_with("this plan may destroy identity app"), "{title}");
}

/// Nobody says what it needs: that its new role believes it, it needs in any case.
#[test]
fn what_no_one_declared() {
    judge(
        &scene(""),
        vec![
            row("", "to one that believes it and may as much", Quiet, moved(Some("other"))),
            row("", "to one that believes another", Loss, moved(Some("deaf"))),
            row("", "to none", Loss, moved(None)),
        ],
    );
}

/// The change of the service account is what brings it about, and it brings it about by itself.
#[test]
fn the_account_is_the_cause() {
    for to in [Some("deaf"), None] {
        let mut scene = scene("");
        moved(to)(&mut scene);
        let judged = scene.check();
        let finding = judged.the("breaks-workload");
        assert_eq!(finding["cause"], "plan", "{finding:#}");
        let cause = json!({"address": ACCOUNT, "plan": "plan.json", "sufficient": true, "necessary": true});
        assert_eq!(finding["causes"], json!([cause]), "{finding:#}");
        // The annotation is read when a pod starts. Source: Amazon EKS User Guide, "Configure Pods to use a Kubernetes service account".
        assert_eq!(finding["affects"][0]["trigger"], "next-start", "{finding:#}");
        let standing = judged.findings().iter().filter(|one| one["cause"] == "standing").count();
        assert_eq!(standing, 0, "before the plan all is well: {:#}", judged.report);
    }
}

/// What runs goes on as whom it started: when that one goes, or believes it no more, it is down at once, whatever the account
/// asks for by then.
#[test]
fn what_runs_rests_on_whom_it_started_as() {
    for to in ["app", "other"] {
        let mut scene = scene("");
        if to == "other" {
            moved(Some(to))(&mut scene);
        }
        scene.object("aws_iam_role.app", role("app", &own()), Json::Null);
        let judged = scene.check();
        let hit = |one: &&Json| {
            one["causes"][0]["address"] == "aws_iam_role.app" && one["affects"][0]["trigger"] == "apply"
        };
        assert!(
            judged.by_plan("breaks-workload").into_iter().any(|one| hit(&one)),
            "{to}: {:#}",
            judged.report
        );
    }
}

/// Made anew, an identity gives up the id by which an account asks for it: by its own change and by no other.
#[test]
fn an_identity_made_anew_gives_its_names_up() {
    let id = "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/a/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app";
    let client = "1d484d52-d826-4db9-84de-020471f36f3b";
    let identity = |principal: &str, client: &str| json!({"id": id, "name": "app", "principal_id": principal, "client_id": client});
    let mut scene = Scene::of("[[workload]]\nname = \"web\"\nmatch = [\"kubernetes:Deployment/shop/web\"]\n");
    scene.lists(
        "cluster.json",
        json!({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": "shop",
                "annotations": {"azure.workload.identity/client-id": client}}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
                "spec": {"template": {"metadata": {"labels": {"azure.workload.identity/use": "true"}},
                    "spec": {"serviceAccountName": "web", "containers": [{"name": "a", "image": "a:1"}]}}}},
        ]}),
        json!({"command": "kubectl get all,sa -A -o json"}),
    );
    let address = "azurerm_user_assigned_identity.app";
    let before = identity("5b38ea98-7805-4c8a-9b32-84587fa7ddf8", client);
    scene.doing(address, &["delete", "create"], before, identity("?", "?"));
    let judged = scene.check();
    let cause = json!({"address": address, "plan": "plan.json", "sufficient": true, "necessary": true});
    assert_eq!(judged.the("breaks-workload")["causes"], json!([cause]), "{:#}", judged.report);
}

/// A need that is declared of an identity is one of the workload: it does not hold on when that comes to act as another one.
#[test]
fn a_declared_need_hides_no_other_account() {
    let email = |name: &str| format!("{name}@shop-1.iam.gserviceaccount.com");
    let account = |name: &str| {
        json!({"id": format!("projects/shop-1/serviceAccounts/{}", email(name)), "account_id": name,
        "project": "shop-1", "email": email(name), "member": format!("serviceAccount:{}", email(name)), "unique_id": name.len().to_string()})
    };
    let grant = move |name: &str| {
        json!({"id": format!("shop-1/dns/serviceAccount:{}", email(name)), "project": "shop-1",
        "role": "projects/shop-1/roles/dns", "member": format!("serviceAccount:{}", email(name))})
    };
    let service = move |name: &str| {
        json!({"id": "projects/shop-1/locations/europe-west1/services/app", "name": "app", "project": "shop-1",
        "template": [{"service_account": email(name)}]})
    };
    let role = json!({"id": "projects/shop-1/roles/dns", "name": "projects/shop-1/roles/dns", "role_id": "dns", "project": "shop-1",
        "permissions": ["dns.changes.create"], "stage": "GA"});
    for declared in [true, false] {
        let needs = match declared {
            true => format!(
                "[[workload.needs]]\nidentity = \"{}\"\naction = \"dns.changes.create\"\nscope = \"projects/shop-1\"\n",
                email("app")
            ),
            false => String::new(),
        };
        let mut scene = Scene::of(&format!(
            "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"google_cloud_run_v2_service.app\"]\n{needs}"
        ));
        scene
            .stays("google_service_account.app", account("app"))
            .stays("google_service_account.other", account("other"))
            .stays("google_project_iam_custom_role.dns", role.clone())
            .stays("google_project_iam_member.app", grant("app"));
        judge(
            &scene,
            vec![
                row("", "another one that may not", Loss, move |scene| {
                    scene.object("google_cloud_run_v2_service.app", service("app"), service("other"));
                }),
                row("", "another one that may as well", Quiet, move |scene| {
                    scene.stays("google_project_iam_member.other", grant("other"));
                    scene.object("google_cloud_run_v2_service.app", service("app"), service("other"));
                }),
                row("", "the same one", Quiet, move |scene| {
                    let mut labelled = service("app");
                    labelled["labels"] = json!({"a": "b"});
                    scene.object("google_cloud_run_v2_service.app", service("app"), labelled);
                }),
            ],
        );
    }
}
