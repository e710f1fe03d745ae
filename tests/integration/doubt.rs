//! What cannot be read, or not all of it, is never silence: the answer is undetermined, or possible with the
//! reason. Each test is the story of mender-2023 with one thing about its input changed.

use serde_json::{Value as Json, json};

use crate::support::said;
use crate::support::story::{CLIENT, GRANT, Story, zone};

const ASSIGNMENTS: &str = "snapshots/role-assignments.json";
const CLUSTER: &str = "snapshots/cluster.json";

#[test]
fn a_plan_alone_has_unknown_users() {
    let story = Story::mender();
    let alone = Story::mender();
    std::fs::remove_dir_all(alone.path().join("snapshots")).unwrap();
    alone.remove("mainstay.toml");
    let judged = alone.check();
    assert_eq!(judged.code, 3);
    let finding = judged.the("unknown-users");
    assert_eq!((&finding["level"], &finding["certainty"]), (&json!("approval"), &json!("possible")));
    assert_eq!(finding["subject"]["address"], GRANT);
    judged.assert_reason("kubectl get ");
    assert_eq!(judged.report["approvals_required"], 2);
    // With the snapshots of the story, the users are known.
    assert!(story.check().by_plan("unknown-users").is_empty());
}

#[test]
fn a_listed_snapshot_that_is_gone_leaves_it_undetermined() {
    let story = Story::mender();
    story.list_each().remove(ASSIGNMENTS);
    story.check().assert_falls(4, "possible").assert_reason("role-assignments.json");
    assert_eq!(story.check().report["approvals_required"], 3);
}

#[test]
fn a_page_of_resource_graph_is_not_all() {
    let story = Story::mender();
    story.edit(ASSIGNMENTS, |rows| {
        let nested = |row: &Json| {
            let mut row = row.clone();
            let fields = row.as_object_mut().unwrap();
            let outer: serde_json::Map<String, Json> = ["id", "name", "type"]
                .iter()
                .map(|key| ((*key).to_owned(), fields.remove(*key).unwrap()))
                .collect();
            let mut outer = Json::Object(outer);
            outer["properties"] = row;
            outer
        };
        let data: Vec<Json> = rows.as_array().unwrap().iter().map(nested).collect();
        *rows =
            json!({"count": 3, "data": data, "skip_token": "ew0KICAiJGlkIjogIjEi", "total_records": 1204});
    });
    story.check().assert_falls(4, "possible").assert_reason("role-assignments.json");
}

#[test]
fn the_same_page_without_a_mark_is_all() {
    let story = Story::mender();
    story.edit(ASSIGNMENTS, |rows| {
        *rows = json!({"count": 3, "data": rows.take(), "skip_token": null, "total_records": 3})
    });
    story.check().assert_falls(3, "certain");
}

#[test]
fn a_hundred_service_principals_are_the_first_hundred() {
    let story = Story::mender();
    let one = |number: u32| {
        json!({"appId": format!("aaaaaaaa-0000-4000-8000-{number:012}"), "id": format!("bbbbbbbb-0000-4000-8000-{number:012}"),
               "displayName": format!("app {number}"), "servicePrincipalType": "Application"})
    };
    story.write("snapshots/principals.json", &Json::from_iter((0..100).map(one)).to_string());
    story.write("snapshots/principals.json.meta.json", r#"{"taken_at": "2023-09-22T10:00:00Z"}"#);
    let source = |judged: &crate::support::story::Judged| {
        let all = judged.report["sources"].as_array().unwrap().clone();
        all.into_iter().find(|source| source["path"] == "snapshots/principals.json").unwrap()
    };
    let judged = story.check();
    assert_eq!(source(&judged)["complete"], false);
    assert!(source(&judged)["why_incomplete"].as_str().unwrap().contains("--all"), "{}", source(&judged));
    // Nothing of this story hangs on them.
    judged.assert_falls(3, "certain");
    story.edit("snapshots/principals.json", |rows| drop(rows.as_array_mut().unwrap().pop()));
    assert_eq!(source(&story.check())["complete"], true);
}

#[test]
fn without_sidecars_nothing_says_how_old_they_are() {
    let story = Story::mender();
    for name in ["cluster", "identities", "role-assignments", "role-definitions"] {
        story.remove(&format!("snapshots/{name}.json.meta.json"));
    }
    let judged = story.check();
    judged.assert_falls(4, "possible").assert_reason("when it was taken");
    assert!(judged.report["sources"].as_array().unwrap().iter().all(|source| source["complete"] == false));
}

#[test]
fn forty_days_are_too_old() {
    let story = Story::mender();
    for name in ["cluster", "identities", "role-assignments", "role-definitions"] {
        story.write(&format!("snapshots/{name}.json.meta.json"), r#"{"taken_at": "2023-08-13T10:00:00Z"}"#);
    }
    story.check().assert_falls(4, "possible").assert_reason("40 d");
    // Who thinks that this is young enough says so.
    let text = std::fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
    story.write("mainstay.toml", &format!("max_snapshot_age = \"60d\"\n{text}"));
    story.check().assert_falls(3, "certain");
}

#[test]
fn a_role_that_nothing_defines_may_be_the_one() {
    let without = |story: &Story| {
        story.edit("snapshots/role-definitions.json", |rows| {
            rows.as_array_mut().unwrap().retain(|row| row["roleName"] != "DNS Zone Contributor");
        });
    };
    // What goes may have carried it, and after it nothing does.
    let story = Story::mender();
    without(&story);
    let judged = story.check();
    judged
        .assert_reason("no source defines role DNS Zone Contributor")
        .assert_reason("az role definition list");
    judged.assert_falls(4, "certain");
    // What stays may carry it.
    let story = Story::covered();
    without(&story);
    let judged = story.check();
    judged
        .assert_reason("no source defines role DNS Zone Contributor")
        .assert_reason("az role definition list");
    judged.assert_falls(4, "possible");
}

#[test]
fn a_cut_dump_of_the_cluster_does_not_list_all_users() {
    let story = Story::mender();
    story.edit(CLUSTER, |cluster| cluster["metadata"]["continue"] = "eyJ2IjoibWV0YS5rOHMuaW8vdjEi".into());
    let judged = story.check();
    // What it shows falls for certain; who else falls is not known.
    judged.assert_falls(4, "certain").assert_reason("cluster.json").assert_reason("metadata.continue");
    assert_eq!(judged.the("unknown-users")["subject"]["address"], GRANT);
}

#[test]
fn broken_json_is_no_answer() {
    let story = Story::mender();
    let text = std::fs::read_to_string(story.path().join(CLUSTER)).unwrap();
    story.write(CLUSTER, text.get(..text.len() / 2).unwrap());
    let output = story.run(&["check", "plan.json", "--now", "2023-09-22T12:00:00Z"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty(), "{}", said(&output));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("snapshots/cluster.json") && message.contains(" line "), "{message}");
}

#[test]
fn without_the_cluster_the_workloads_are_not_known() {
    let story = Story::mender();
    story.list_each().remove(CLUSTER);
    let judged = story.check();
    assert_eq!(judged.code, 4, "{:#}", judged.report);
    let finding = judged.the("unknown-users");
    assert_eq!(finding["certainty"], "possible");
    judged.assert_reason("cluster.json").assert_reason("kubectl get ");
    assert!(judged.findings().iter().any(|one| one["rule"] == "unmatched-name"));
}

#[test]
fn without_identities_the_plan_may_still_tell() {
    // The plan holds the identity with both its ids, so the fall is certain. What else the file that is gone would
    // have told is not known.
    let story = Story::mender();
    story.list_each().remove("snapshots/identities.json");
    story.check().assert_falls(4, "certain").assert_reason("identities.json");
    // Where nobody misses it, the plan is enough.
    let story = Story::mender();
    story.remove("snapshots/identities.json");
    story.check().assert_falls(3, "certain");
}

#[test]
fn a_certificate_without_dates_ends_some_day() {
    let story = Story::mender();
    story.edit_object("Certificate", "gateway-tls", |certificate| drop(certificate["status"].take()));
    let judged = story.check();
    judged.assert_falls(3, "certain");
    let affected = &judged.the("breaks-workload")["affects"][0];
    assert_eq!(affected["until"]["possible"], "eventually");
    assert_eq!(affected["trigger"], "next-renewal");
    assert_eq!(affected["breaks_at"], Json::Null);
}

#[test]
fn an_issuer_with_a_client_secret_hangs_on_its_application() {
    let with_client = |client: &str| {
        let story = Story::mender();
        story.edit_object("ClusterIssuer", "letsencrypt", |issuer| {
            let solver = issuer["spec"]["acme"]["solvers"][0]["dns01"]["azureDNS"].as_object_mut().unwrap();
            solver.remove("managedIdentity");
            solver.insert("clientID".into(), client.into());
            solver.insert("tenantID".into(), "66666666-7777-4888-8999-aaaaaaaaaaaa".into());
            solver
                .insert("clientSecretSecretRef".into(), json!({"name": "azuredns", "key": "client-secret"}));
        });
        story
    };
    let judged = with_client(CLIENT).check();
    judged.assert_falls(3, "certain");
    let path = judged.the("breaks-workload")["path"].as_array().unwrap().clone();
    assert!(path.iter().all(|step| !step["node"].as_str().unwrap().contains("ServiceAccount")), "{path:#?}");
    // An application that no source knows. The grant is not its own; that the controller uses it is assumed.
    let judged = with_client("99999999-0000-4000-8000-000000000000").check();
    judged.assert_falls(3, "possible");
    let path = judged.the("breaks-workload")["path"].to_string();
    assert!(path.contains("assumed: its identity has this grant"), "{path}");
}

#[test]
fn only_the_solver_that_serves_the_name_counts() {
    let story = Story::mender();
    let other = zone().replace("hosted.example.io", "other.example.org");
    story.edit_object("ClusterIssuer", "letsencrypt", |issuer| {
        let solvers = issuer["spec"]["acme"]["solvers"].as_array_mut().unwrap();
        let mut second = solvers[0].clone();
        solvers[0]["selector"] = json!({"dnsZones": ["hosted.example.io"]});
        second["selector"] = json!({"dnsZones": ["other.example.org"]});
        second["dns01"]["azureDNS"]["hostedZoneName"] = "other.example.org".into();
        solvers.push(second);
    });
    story.assign(
        crate::support::story::PRINCIPAL,
        "ServicePrincipal",
        crate::support::story::DNS_CONTRIBUTOR,
        &other,
    );
    story.check().assert_falls(3, "certain");
    story.edit_object("Certificate", "gateway-tls", |certificate| {
        certificate["spec"]["dnsNames"] = json!(["shop.other.example.org"]);
    });
    let judged = story.check();
    assert!(judged.by_plan("breaks-workload").is_empty(), "{:#}", judged.report);
    judged.assert_passes();
    assert_eq!(judged.the("removes-access")["subject"]["address"], GRANT);
}
