//! What a check costs that takes access away: a plan that deletes a tenth of all grants, beside snapshots that list them
//! all, of each cloud and of all four together.
//!
//! `cargo bench --bench access` with 1,000, 10,000 and 100,000 grants in snapshots; `cargo bench --bench access -- 20000
//! google` with so many, of one cloud. What counts is how the time grows with the grants: ten times as many should take
//! some ten times as long. The last row is the worst of estates: one identity has the grants of ten teams.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints, and stops where it cannot go on"
)]

use mainstay::config;
use mainstay::judge::{self, Content, Inputs, PlanInput, SnapshotInput};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant as Stopwatch};

/// Grants of one team: of its identity, but one of a group that it may be in and one of somebody else.
const OF_A_TEAM: usize = 20;

const CLOUDS: [(&str, Make); 4] =
    [("azure", azure), ("aws", aws), ("google", google), ("kubernetes", kubernetes)];

/// Of how many teams one identity has the grants, in the last row.
const SHARED: usize = 10;

/// Adds teams of a cloud to what is listed and what changes.
type Make = fn(std::ops::Range<usize>, &mut World);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = match given.as_slice() {
        [] if arguments.iter().any(|argument| argument == "--bench") => vec![1_000, 10_000, 100_000],
        // `cargo test --benches` runs benchmarks too, as a test that they still run.
        [] => vec![400],
        given => given.to_vec(),
    };
    let mut rows: Vec<(&str, Vec<&(&str, Make)>)> = CLOUDS.iter().map(|one| (one.0, vec![one])).collect();
    rows.push(("together", CLOUDS.iter().collect()));
    // A role of AWS has twenty policies at most.
    rows.push((CROWDED, CLOUDS.iter().filter(|(name, _)| *name != "aws").collect()));
    let chosen = |name: &str| arguments.iter().any(|argument| argument == name);
    if rows.iter().any(|(name, _)| chosen(name)) {
        rows.retain(|(name, _)| chosen(name));
    }
    println!("{:<14}{}", "grants", sizes.iter().map(|size| format!("{size:>28}")).collect::<String>());
    for (name, clouds) in rows {
        let mut line = format!("{name:<14}");
        let mut last: Option<(usize, Duration)> = None;
        for size in &sizes {
            let time = measured(&clouds, *size, if name == CROWDED { SHARED } else { 1 });
            let growth = last.map_or_else(String::new, |(before, earlier)| {
                let more = f64::from(u32::try_from(size / before).unwrap());
                let longer = time.as_secs_f64() / earlier.as_secs_f64();
                format!(" ({longer:.1} x for {more:.0} x)")
            });
            line.push_str(&format!("{:>28}", format!("{:.2} s{growth}", time.as_secs_f64())));
            last = Some((*size, time));
        }
        println!("{line}");
    }
}

const CROWDED: &str = "crowded";

/// The best of some runs of the whole check.
fn measured(clouds: &[&(&str, Make)], grants: usize, shared: usize) -> Duration {
    let directory = tempfile::tempdir().unwrap();
    let teams = grants / OF_A_TEAM;
    let mut world = World { shared, ..World::default() };
    for (number, (_, make)) in clouds.iter().enumerate() {
        make(teams * number / clouds.len()..teams * (number + 1) / clouds.len(), &mut world);
    }
    let changed = world.changes.len();
    assert_eq!(changed, teams * 2, "a tenth of the grants goes");
    let inputs = world.written(directory.path());
    let now = "2026-01-01T12:00:00Z".parse().unwrap();
    let runs = if grants > 20_000 { 1 } else { 3 };
    let once = || {
        let start = Stopwatch::now();
        let report = judge::check(&inputs, now).unwrap();
        assert_eq!(report.examined.changes, changed);
        // The first grant of each team falls, the second is covered: unless access is not read at all.
        assert!(report.findings.len() >= teams, "{} findings of {teams} teams", report.findings.len());
        assert!(report.covered.len() >= teams, "{} covered of {teams} teams", report.covered.len());
        start.elapsed()
    };
    (0..runs).map(|_| once()).min().unwrap()
}

/// What snapshots list, and what a plan deletes.
#[derive(Default)]
struct World {
    changes: Vec<Value>,
    /// By name of the file, with its sidecar.
    files: Vec<(&'static str, Value, Value)>,
    /// Of the cluster, for all clouds.
    items: Vec<Value>,
    /// How many teams have one identity.
    shared: usize,
}

impl World {
    fn delete(&mut self, kind: &str, name: &str, before: &Value) {
        self.changes.push(json!({
            "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/x",
            "change": {"actions": ["delete"], "before": before, "after": null, "after_unknown": {},
                "before_sensitive": {}, "after_sensitive": false},
        }));
    }

    /// Whose identity a team has, and whether it is the first to have it.
    fn identity(&self, team: usize) -> (usize, bool) {
        (team - team % self.shared, team.is_multiple_of(self.shared))
    }

    /// A workload and its service account, with the annotation that says as whom it acts.
    fn run(&mut self, team: usize, labels: &Value, annotations: &Value) {
        let metadata =
            json!({"name": "app", "namespace": format!("team-{team}"), "annotations": annotations});
        self.items.push(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}));
        self.items.push(json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "app", "namespace": format!("team-{team}")},
            "spec": {"template": {"metadata": {"labels": labels},
                "spec": {"serviceAccountName": "app", "containers": [{"name": "app", "image": "app:1"}]}}}}));
    }

    fn written(mut self, directory: &Path) -> Inputs {
        let items = std::mem::take(&mut self.items);
        self.files.push((
            "cluster.json",
            json!({"apiVersion": "v1", "kind": "List", "items": items}),
            json!({"command": "kubectl get all,sa,role,clusterrole,rolebinding,clusterrolebinding -A -o json"}),
        ));
        let mut snapshots = Vec::new();
        for (name, content, mut sidecar) in self.files {
            let path = directory.join(name);
            fs::write(&path, content.to_string()).unwrap();
            sidecar["taken_at"] = "2026-01-01T10:00:00Z".into();
            fs::write(directory.join(format!("{name}.meta.json")), sidecar.to_string()).unwrap();
            snapshots.push(SnapshotInput { path, shown: name.to_owned(), taken_at: None, listed: false });
        }
        let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": self.changes,
            "complete": true, "errored": false, "timestamp": "2026-01-01T11:00:00Z"});
        let path = directory.join("plan");
        fs::write(&path, plan.to_string()).unwrap();
        let plan = PlanInput {
            path: "plan.json".to_owned(),
            content: Content::File(path),
            sources: None,
            file: None,
        };
        Inputs {
            plans: vec![plan],
            snapshots,
            declarations: config::defaults(),
            digests: false,
            notes: Vec::new(),
        }
    }
}

/// Which of a team's grants are on which of its places: the last is on the place above the second one's, and so covers it.
fn places(grant: usize) -> usize {
    if grant == OF_A_TEAM - 1 { 1 } else { grant }
}

fn guid(team: usize, sort: usize) -> String {
    format!("{team:08x}-0000-4000-8000-{sort:012x}")
}

const SUBSCRIPTION: &str = "/subscriptions/11111111-2222-4333-8444-555555555555";
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";

fn azure(teams: std::ops::Range<usize>, world: &mut World) {
    let role = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}");
    let mut rows = Vec::new();
    let mut identities = Vec::new();
    for team in teams {
        let group = format!("{SUBSCRIPTION}/resourceGroups/team-{team}");
        let id = format!("{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app");
        let (own, first) = world.identity(team);
        if first {
            identities
                .push(json!({"id": id, "name": "app", "principalId": guid(own, 1), "clientId": guid(own, 2),
                "type": "Microsoft.ManagedIdentity/userAssignedIdentities"}));
        }
        world.run(
            team,
            &json!({"azure.workload.identity/use": "true"}),
            &json!({"azure.workload.identity/client-id": guid(own, 2)}),
        );
        for grant in 0..OF_A_TEAM {
            let (kind, principal) = match grant {
                2 => ("Group", guid(team, 3)),
                3 => ("User", guid(team % 50, 4)),
                _ => ("ServicePrincipal", guid(own, 1)),
            };
            let account =
                format!("{group}-{}/providers/Microsoft.Storage/storageAccounts/store", places(grant));
            let scope = if grant == OF_A_TEAM - 1 { format!("{group}-1") } else { account };
            let id = format!(
                "{scope}/providers/Microsoft.Authorization/roleAssignments/{}",
                guid(team, 100 + grant)
            );
            if grant < 2 {
                world.delete(
                    "azurerm_role_assignment",
                    &format!("team_{team}_{grant}"),
                    &json!({"id": id, "scope": scope, "principal_id": principal, "principal_type": kind,
                        "role_definition_id": role, "role_definition_name": "Contributor"}),
                );
            }
            rows.push(
                json!({"id": id, "name": guid(team, 100 + grant), "scope": scope, "principalId": principal,
                "principalType": kind, "principalName": "", "roleDefinitionId": role,
                "roleDefinitionName": "Contributor", "type": "Microsoft.Authorization/roleAssignments"}),
            );
        }
    }
    let roles = json!([{"id": role, "name": CONTRIBUTOR, "roleName": "Contributor", "roleType": "BuiltInRole",
        "assignableScopes": ["/"], "type": "Microsoft.Authorization/roleDefinitions",
        "permissions": [{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write"], "dataActions": [], "notDataActions": []}]}]);
    let of = json!({"of": {"subscription": SUBSCRIPTION}});
    world.files.push(("assignments.json", rows.into(), of.clone()));
    world.files.push(("identities.json", identities.into(), of));
    world.files.push(("roles.json", roles, json!({})));
}

const ACCOUNT: &str = "111122223333";

fn aws(teams: std::ops::Range<usize>, world: &mut World) {
    let policy = |number: usize| format!("arn:aws:iam::{ACCOUNT}:policy/policy-{number}");
    let mut roles = Vec::new();
    for team in teams {
        let name = format!("team-{team}");
        let arn = format!("arn:aws:iam::{ACCOUNT}:role/{name}");
        world.run(team, &json!({}), &json!({"eks.amazonaws.com/role-arn": arn}));
        let mut attached = Vec::new();
        for grant in 0..OF_A_TEAM {
            // The last policy allows all that the second one does, which is an even one.
            let number = if grant == OF_A_TEAM - 1 { 1_000 } else { team * 14 % 880 + grant + 1 };
            attached.push(json!({"PolicyName": format!("policy-{number}"), "PolicyArn": policy(number)}));
            if grant < 2 {
                world.delete(
                    "aws_iam_role_policy_attachment",
                    &format!("team_{team}_{grant}"),
                    &json!({"id": format!("{name}-{grant}"), "role": name, "policy_arn": policy(number)}),
                );
            }
        }
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.example.com/id/A")},
            "Condition": {"StringEquals": {"oidc.example.com/id/A:sub": format!("system:serviceaccount:team-{team}:app")}}}]});
        roles.push(
            json!({"Path": "/", "RoleName": name, "RoleId": format!("AROA{team:016}"), "Arn": arn,
            "CreateDate": "2025-01-01T00:00:00Z", "AssumeRolePolicyDocument": trust, "InstanceProfileList": [],
            "RolePolicyList": [], "AttachedManagedPolicies": attached, "Tags": [], "RoleLastUsed": {}}),
        );
    }
    let policies: Vec<Value> = (0..1_001)
        .map(|number| {
            let resource = match number {
                1_000 => "arn:aws:s3:::*".to_owned(),
                // Every other is of something that the broad one does not give.
                number if number % 2 == 0 => format!("arn:aws:s3:::bucket-{number}/*"),
                number => format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:queue-{number}"),
            };
            let action = if resource.contains(":s3:") { "s3:GetObject" } else { "sqs:SendMessage" };
            let document = json!({"Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": [action], "Resource": [resource]}]});
            json!({"PolicyName": format!("policy-{number}"), "PolicyId": format!("ANPA{number:016}"), "Arn": policy(number),
                "Path": "/", "DefaultVersionId": "v1", "AttachmentCount": 1, "IsAttachable": true,
                "PolicyVersionList": [{"Document": document, "VersionId": "v1", "IsDefaultVersion": true}]})
        })
        .collect();
    let details =
        json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": policies});
    let command = json!({"command": "aws iam get-account-authorization-details"});
    world.files.push(("aws.json", details, command));
}

fn google(teams: std::ops::Range<usize>, world: &mut World) {
    let mut rows = Vec::new();
    let mut accounts = Vec::new();
    for team in teams {
        let project = format!("team-{team}");
        let (own, first) = world.identity(team);
        let home = format!("team-{own}");
        let email = format!("app@{home}.iam.gserviceaccount.com");
        if first {
            accounts.push(json!({"email": email, "name": format!("projects/{home}/serviceAccounts/{email}"),
                "projectId": home, "uniqueId": format!("1{own:020}"), "disabled": false}));
        }
        world.run(team, &json!({}), &json!({"iam.gke.io/gcp-service-account": email}));
        let user = format!("serviceAccount:cluster.svc.id.goog[{project}/app]");
        let mut row = |resource: String, role: &str, member: &str| {
            rows.push(
                json!({"resource": resource, "project": format!("projects/{team}"), "organization": "organizations/9",
                "folders": [], "assetType": "x/Y", "policy": {"bindings": [{"role": role, "members": [member]}]}}),
            );
        };
        row(
            format!("//iam.googleapis.com/projects/{home}/serviceAccounts/{email}"),
            "roles/iam.workloadIdentityUser",
            &user,
        );
        for grant in 0..OF_A_TEAM - 1 {
            let member = match grant {
                2 => format!("group:team-{team}@example.com"),
                3 => format!("user:someone-{}@example.com", team % 50),
                _ => format!("serviceAccount:{email}"),
            };
            let topic = format!("topic-{}", places(grant));
            let resource = format!("//pubsub.googleapis.com/projects/{project}/topics/{topic}");
            let role = if grant == 1 { "roles/pubsub.viewer" } else { "roles/pubsub.publisher" };
            if grant < 2 {
                world.delete(
                    "google_pubsub_topic_iam_member",
                    &format!("team_{team}_{grant}"),
                    &json!({"id": format!("{topic}/{role}/{member}"), "project": project, "topic": topic, "role": role,
                        "member": member, "condition": []}),
                );
            }
            row(resource, role, &member);
        }
        row(
            format!("//cloudresourcemanager.googleapis.com/projects/{project}"),
            "roles/pubsub.viewer",
            &format!("serviceAccount:{email}"),
        );
    }
    let role = |name: &str, permissions: &[&str]| json!({"name": name, "title": name, "stage": "GA", "includedPermissions": permissions});
    let roles = json!([
        role("roles/pubsub.publisher", &["pubsub.topics.publish"]),
        role("roles/pubsub.viewer", &["pubsub.topics.get", "pubsub.topics.list"]),
        role("roles/iam.workloadIdentityUser", &["iam.serviceAccounts.getAccessToken"]),
    ]);
    world.files.push((
        "policies.json",
        rows.into(),
        json!({"command": "gcloud asset search-all-iam-policies --scope=organizations/9 --format=json"}),
    ));
    world.files.push(("accounts.json", accounts.into(), json!({})));
    world.files.push(("google-roles.json", roles, json!({})));
}

fn kubernetes(teams: std::ops::Range<usize>, world: &mut World) {
    for (name, verbs) in [
        ("reader", json!(["get", "list"])),
        ("writer", json!(["update"])),
        ("viewer", json!(["get", "list", "watch"])),
    ] {
        world.items.push(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": {"name": name},
            "rules": [{"apiGroups": [""], "resources": ["configmaps", "secrets"], "verbs": verbs}]}));
    }
    for team in teams {
        let (own, _) = world.identity(team);
        world.run(team, &json!({}), &json!({}));
        for grant in 0..OF_A_TEAM {
            let subject = match grant {
                2 => {
                    json!({"kind": "Group", "name": format!("team-{team}"), "apiGroup": "rbac.authorization.k8s.io"})
                }
                3 => {
                    json!({"kind": "User", "name": format!("someone-{}", team % 50), "apiGroup": "rbac.authorization.k8s.io"})
                }
                _ => json!({"kind": "ServiceAccount", "name": "app", "namespace": format!("team-{own}")}),
            };
            // In a namespace of its own each, so that only the last stands in for the second one.
            let namespace = format!("team-{team}-{}", places(grant));
            let role = match grant {
                1 => "reader",
                grant if grant == OF_A_TEAM - 1 => "viewer",
                _ => "writer",
            };
            let name = format!("grant-{grant}");
            if grant < 2 {
                world.delete(
                    "kubernetes_role_binding_v1",
                    &format!("team_{team}_{grant}"),
                    &json!({"id": format!("{namespace}/{name}"), "metadata": [{"name": name, "namespace": namespace}],
                        "role_ref": [{"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}],
                        "subject": [{"kind": subject["kind"], "name": subject["name"], "namespace": subject["namespace"],
                            "api_group": ""}]}),
                );
            }
            world.items.push(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                "metadata": {"name": name, "namespace": namespace}, "subjects": [subject],
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}}));
        }
    }
}
