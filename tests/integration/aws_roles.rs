//! Whatever runs by a role of AWS: it may come to run by another one, of which the plan knows the ARN only after apply.
//!
//! Sources: documentation of the provider hashicorp/aws (`arn` of a role is known after apply); Amazon ECS Developer Guide,
//! "Amazon ECS task execution IAM role"; AWS Step Functions, Amazon EventBridge Scheduler, AWS CodeBuild and Amazon EC2
//! Auto Scaling documentation, on roles.

use serde_json::{Value as Json, json};

use crate::aws_noise::{OBJECTS, lambda};
use crate::support::amazon::{account, cluster, document, listed_role, role, role_arn};
use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

const WEB: &str = "aws_lambda_function.web";

fn reads() -> Json {
    document(json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}]))
}

fn inline(role: &str) -> Json {
    json!({"id": format!("{role}:read"), "name": "read", "role": role, "policy": reads().to_string()})
}

/// A workload of its own, with roles of which a listing tells.
fn scene_of(workload: &str, roles: &[Json]) -> Scene {
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"{workload}\"]\n"
    ));
    account(&mut scene, roles, &[]);
    cluster(&mut scene, None);
    scene
}

fn web(role: &str) -> Json {
    json!({"id": "web", "function_name": "web", "arn": "arn:aws:lambda:eu-west-1:111122223333:function:web", "role": role})
}

/// A role that the plan makes.
fn made(scene: &mut Scene, policy: bool) {
    let mut anew = role("app2", &lambda());
    ["id", "arn", "unique_id"].iter().for_each(|key| anew[*key] = "?".into());
    scene.object("aws_iam_role.app2", Json::Null, anew);
    if policy {
        let mut own = inline("app2");
        own["id"] = "?".into();
        scene.object("aws_iam_role_policy.app2", Json::Null, own);
    }
}

/// The function comes to run by what this refers to.
fn follows(scene: &mut Scene, reference: &str) {
    scene.object(WEB, web(&role_arn("app")), web("?"));
    let resource = reference.rsplit_once('.').unwrap().0;
    scene.configured(WEB, json!({"role": {"references": [reference, resource]}}));
}

#[test]
fn a_function_comes_to_run_by_another_role() {
    let rows = vec![
        row("-", "by a new one that may do the same", Quiet, |scene| {
            made(scene, true);
            follows(scene, "aws_iam_role.app2.arn");
        }),
        row("-", "by a new one, and the old one goes", Loss, |scene| {
            made(scene, false);
            follows(scene, "aws_iam_role.app2.arn");
            scene.object("aws_iam_role_policy.read", inline("app"), Json::Null);
        }),
        row("-", "by a new one that may do nothing", Loss, |scene| {
            made(scene, false);
            follows(scene, "aws_iam_role.app2.arn");
        }),
        row("-", "by a new one that does not believe it", Loss, |scene| {
            let trust = document(
                json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]),
            );
            let mut anew = role("app2", &trust);
            ["id", "arn", "unique_id"].iter().for_each(|key| anew[*key] = "?".into());
            scene.object("aws_iam_role.app2", Json::Null, anew);
            scene.object("aws_iam_role_policy.app2", Json::Null, inline("app2"));
            follows(scene, "aws_iam_role.app2.arn");
        }),
        row("-", "by one that is read in the apply, and nobody knows which", Loss, |scene| {
            follows(scene, "data.aws_iam_role.app.arn");
        }),
    ];
    judge(&scene_of(WEB, &[listed_role("app", &lambda(), &[("read", reads())])]), rows);
}

/// All that is made anew with a role refers to it: nothing falls, and that it is somebody else is said.
#[test]
fn a_role_is_made_anew_with_all_that_refers_to_it() {
    for order in [["create", "delete"], ["delete", "create"]] {
        let mut scene = scene_of(WEB, &[listed_role("app", &lambda(), &[("read", reads())])]);
        let mut anew = role("app2", &lambda());
        ["id", "arn", "unique_id", "name"].iter().for_each(|key| anew[*key] = "?".into());
        scene.doing("aws_iam_role.app", &order, role("app", &lambda()), anew);
        let mut policy = inline("?");
        policy["id"] = "?".into();
        scene.doing("aws_iam_role_policy.read", &order, inline("app"), policy);
        scene.configured(
            "aws_iam_role_policy.read",
            json!({"role": {"references": ["aws_iam_role.app.name", "aws_iam_role.app"]}}),
        );
        follows(&mut scene, "aws_iam_role.app.arn");
        let judged = scene.check();
        assert_eq!(judged.by_plan("breaks-workload"), Vec::<&Json>::new(), "{order:?}");
        assert!(!judged.by_plan("destroys-identity").is_empty(), "{order:?}");
    }
}

fn trusts(service: &str) -> Json {
    document(json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}]))
}

const SERVICE: &str = "aws_ecs_service.web";
const REVISION: &str = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:12";

/// A service whose tasks run as one role and are started by another.
fn tasks(task_definition: &str) -> Scene {
    let trust = trusts("ecs-tasks.amazonaws.com");
    let roles = ["task", "exec", "other"].map(|name| listed_role(name, &trust, &[("read", reads())]));
    let mut scene = scene_of(SERVICE, &roles);
    scene.stays(
        SERVICE,
        json!({"id": "arn:aws:ecs:eu-west-1:111122223333:service/main/web", "name": "web", "task_definition": task_definition}),
    );
    scene.stays(
        "aws_ecs_task_definition.web",
        json!({"id": "web", "family": "web", "revision": 12, "arn": REVISION, "task_role_arn": role_arn("task"),
            "execution_role_arn": role_arn("exec")}),
    );
    scene
}

#[test]
fn tasks_are_started_by_a_role_and_run_as_another() {
    for task_definition in [REVISION, "web:12"] {
        let rows = vec![
            row("ECS", "what starts them may no longer fetch", Loss, |scene| {
                scene.object("aws_iam_role_policy.read", inline("exec"), Json::Null);
            }),
            row("ECS", "what they run as may no longer read", Loss, |scene| {
                scene.object("aws_iam_role_policy.read", inline("task"), Json::Null);
            }),
            row("ECS", "another role may no longer", Quiet, |scene| {
                scene.object("aws_iam_role_policy.read", inline("other"), Json::Null);
            }),
            row("ECS", "what starts them believes another service", Loss, |scene| {
                let role = |service: &str| role("exec", &trusts(service));
                scene.object("aws_iam_role.exec", role("ecs-tasks.amazonaws.com"), role("ec2.amazonaws.com"));
            }),
        ];
        judge(&tasks(task_definition), rows);
    }
}

/// What runs goes on.
#[test]
fn tasks_that_cannot_be_started_are_missed_at_the_next_start() {
    let mut scene = tasks(REVISION);
    let role = |service: &str| role("exec", &trusts(service));
    scene.object("aws_iam_role.exec", role("ecs-tasks.amazonaws.com"), role("ec2.amazonaws.com"));
    let judged = scene.check();
    assert_eq!(judged.the("breaks-workload")["affects"][0]["trigger"], "next-start");
    let mut scene = tasks(REVISION);
    scene.object("aws_iam_role_policy.read", inline("exec"), Json::Null);
    let path = scene.check().the("breaks-workload")["path"].to_string();
    assert!(path.contains(", when it starts"), "{path}");
}

/// Each of these runs by a role, and is believed by its service.
#[test]
fn whatever_runs_by_a_role() {
    let arn = |what: &str| format!("arn:aws:{what}");
    let kinds = [
        (
            "aws_sfn_state_machine",
            "states.amazonaws.com",
            json!({"arn": arn("states:x"), "name": "web", "role_arn": role_arn("app")}),
        ),
        (
            "aws_scheduler_schedule",
            "scheduler.amazonaws.com",
            json!({"arn": arn("scheduler:x"), "name": "web", "target": [{"arn": "x", "role_arn": role_arn("app")}]}),
        ),
        (
            "aws_codebuild_project",
            "codebuild.amazonaws.com",
            json!({"arn": arn("codebuild:x"), "name": "web", "service_role": role_arn("app")}),
        ),
        (
            "aws_codepipeline",
            "codepipeline.amazonaws.com",
            json!({"arn": arn("codepipeline:x"), "name": "web", "role_arn": role_arn("app")}),
        ),
        (
            "aws_eks_node_group",
            "ec2.amazonaws.com",
            json!({"arn": arn("eks:x"), "node_group_name": "web", "cluster_name": "main", "node_role_arn": role_arn("app")}),
        ),
        (
            "aws_autoscaling_group",
            "ec2.amazonaws.com",
            json!({"arn": arn("autoscaling:x"), "name": "web", "launch_template": [{"id": "lt-1", "name": "web", "version": "1"}]}),
        ),
    ];
    for (kind, service, values) in kinds {
        let workload = format!("{kind}.web");
        let listed = listed_role("app", &trusts(service), &[("read", reads())]);
        let mut scene =
            scene_of(&workload, &[listed, listed_role("other", &trusts(service), &[("read", reads())])]);
        scene.stays(&workload, values);
        scene.stays(
            "aws_iam_instance_profile.app",
            json!({"id": "app", "name": "app", "arn": arn("iam::111122223333:instance-profile/app"), "role": "app", "unique_id": "AIPA1"}),
        );
        scene.stays("aws_launch_template.web", json!({"id": "lt-1", "name": "web", "arn": arn("ec2:lt-1"), "iam_instance_profile": [{"name": "app", "arn": ""}]}));
        let rows = vec![
            row(kind, "its role may do less", Loss, |scene| {
                scene.object("aws_iam_role_policy.read", inline("app"), Json::Null);
            }),
            row(kind, "its role believes another service", Loss, move |scene| {
                let role = |service: &str| role("app", &trusts(service));
                scene.object("aws_iam_role.app", role(service), role("batch.amazonaws.com"));
            }),
            row(kind, "another role may do less", Quiet, |scene| {
                scene.object("aws_iam_role_policy.read", inline("other"), Json::Null);
            }),
        ];
        judge(&scene, rows);
    }
}
