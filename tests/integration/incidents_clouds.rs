//! The outages on other clouds, claim by claim: mender-2023 as it would have gone on AWS and on Google Cloud, and
//! servicechannel-2021.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value as Json, json};

use crate::support::story::{Judged, NOW, Story, incidents};

const INGRESS: &str = "kubernetes:Ingress/prod/gateway";

/// What every finding of mender-2023 says of the one workload that it hits.
fn assert_hits_the_gateway(finding: &Json) {
    let affects = finding["affects"].as_array().unwrap();
    let [hit] = &affects[..] else { panic!("{affects:#?}") };
    assert_eq!(hit["workload"], "hosted product");
    assert_eq!(hit["node"], INGRESS);
    assert_eq!(hit["criticality"], "critical");
    assert_eq!(hit["fall"], "starved");
    assert_eq!(hit["certainty"], "certain");
    assert_eq!(hit["trigger"], "deadline");
    assert!(hit["first_failure_at"].as_str().unwrap().starts_with("2023-09-23T"), "{hit}");
    assert_eq!(hit["breaks_at"], "2023-10-08T15:04:00Z");
    assert_eq!(hit["until"]["possible"], "2023-10-08T15:04:00Z");
    assert_eq!(hit["was"]["possible"], "forever");
}

/// The nodes from the workload to the change, each with evidence that is really there.
fn proof(case: &str, finding: &Json) -> Vec<String> {
    let path = finding["path"].as_array().unwrap();
    for step in path {
        let (source, pointer) = (&step["evidence"]["source"], step["evidence"]["pointer"].as_str().unwrap());
        let file = incidents().join(case).join(source.as_str().unwrap());
        let document: Json = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        assert!(document.pointer(pointer).is_some(), "{source} has no {pointer}");
    }
    path.iter().map(|step| step["node"].as_str().unwrap().to_string()).collect()
}

fn sole_cause(address: &str) -> Json {
    json!([{"address": address, "plan": "plan.json", "sufficient": true, "necessary": true}])
}

/// What is said to be lost of this action.
fn lost<'a>(finding: &'a Json, action: &str) -> &'a Json {
    let lost = finding["lost"].as_array().unwrap();
    lost.iter().find(|lost| lost["action"] == action).unwrap_or_else(|| panic!("no {action} in {lost:#?}"))
}

/// The values of a resource as the plan has found it.
fn prior(case: &str, address: &str) -> Json {
    let plan = Story::of(case).read("plan.json");
    let resources = plan["prior_state"]["values"]["root_module"]["resources"].as_array().unwrap();
    let found = resources.iter().find(|resource| resource["address"] == address);
    found.unwrap_or_else(|| panic!("{case} has no {address}"))["values"].clone()
}

/// What the plan does to the object at an address.
fn actions(case: &str, address: &str) -> Json {
    let plan = Story::of(case).read("plan.json");
    let changes = plan["resource_changes"].as_array().unwrap();
    let found = changes.iter().find(|change| change["address"] == address);
    found.unwrap_or_else(|| panic!("{case} does not change {address}"))["change"]["actions"].clone()
}

fn of_rule<'a>(judged: &'a Judged, rule: &str, address: &str) -> &'a Json {
    let of = judged.by_plan(rule).into_iter().find(|one| one["subject"]["address"] == address);
    of.unwrap_or_else(|| panic!("no {rule} of {address} in {:#}", judged.report))
}

// mender-2023 on AWS: a statement goes out of a policy, in place.

const AWS: &str = "mender-2023-aws";
const POLICY: &str = "aws_iam_policy.cert_manager_dns";
const ROLE: &str = "arn:aws:iam::111122223333:role/cert-manager";

fn aws() -> Judged {
    Story::of(AWS).check()
}

#[test]
fn aws_the_plan_deletes_nothing() {
    assert_eq!(actions(AWS, POLICY), json!(["update"]));
    let judged = aws();
    let changes = &judged.report["plans"][0]["changes"];
    assert_eq!((&changes["delete"], &changes["replace"]), (&json!(0), &json!(0)), "{changes}");
}

#[test]
fn aws_needs_two_people() {
    let judged = aws();
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    assert_eq!(judged.report["verdict"], "approval");
    assert_eq!(judged.report["approvals_required"], 2);
    assert_eq!(judged.loud().len(), 1, "one finding, and nothing beside it: {:?}", judged.loud());
}

#[test]
fn aws_names_the_update_in_place() {
    let judged = aws();
    let finding = judged.the("breaks-workload");
    assert_eq!(finding["level"], "approval");
    assert_eq!(finding["certainty"], "certain");
    assert_eq!(finding["subject"]["address"], POLICY);
    assert_eq!(finding["subject"]["action"], "update");
    assert_eq!(finding["causes"], sole_cause(POLICY));
    assert_eq!(finding["unknown_because"], json!([]));
}

#[test]
fn aws_says_who_falls_and_when() {
    assert_hits_the_gateway(aws().the("breaks-workload"));
}

#[test]
fn aws_proves_it_from_the_workload_to_the_policy() {
    let judged = aws();
    let nodes = proof(AWS, judged.the("breaks-workload"));
    assert_eq!(
        nodes[..5],
        [
            INGRESS,
            "kubernetes:Certificate/prod/gateway-tls",
            "kubernetes:ClusterIssuer/letsencrypt",
            "kubernetes:ServiceAccount/cert-manager/cert-manager",
            "aws_iam_role.cert_manager",
        ]
    );
    // By what the role had it: the attachment may stand between, the statement is the policy's.
    assert!(nodes.last().unwrap().starts_with(POLICY), "{nodes:?}");
}

#[test]
fn aws_says_what_is_lost_and_that_nothing_else_covers_it() {
    let judged = aws();
    let finding = judged.the("breaks-workload");
    let zone = prior(AWS, "aws_route53_zone.hosted")["arn"].clone();
    let capability = lost(finding, "route53:ChangeResourceRecordSets");
    assert_eq!(capability["scope"], zone);
    assert_eq!(capability["principal"], ROLE);
    let words = format!("{ROLE} can route53:ChangeResourceRecordSets on {}", zone.as_str().unwrap());
    assert_eq!(capability["capability"], words);
    // That statement stays.
    let rest = finding["lost"].as_array().unwrap();
    assert!(rest.iter().all(|lost| lost["action"] != "route53:GetChange"), "{rest:#?}");
    assert_eq!(finding["covered_by"], json!([]));
    assert_eq!(judged.report["covered"], json!([]));
    assert_eq!(finding["undo"], "restorable");
}

#[test]
fn aws_leaves_the_bystanders_alone() {
    let judged = aws();
    let all = judged.report["findings"].to_string();
    for bystander in ["reporting", "reports", "user/operator", "AdministratorAccess", "hosted-eu-cluster"] {
        assert!(!all.contains(bystander), "{bystander}: {all}");
    }
}

/// It is the statement that counts: with the same one on another zone the gateway falls as well.
#[test]
fn aws_another_zone_is_no_cover() {
    let other = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ";
    let story = Story::of("mender-2023-aws/twins/covered");
    let zone = |document: &mut Json| {
        let text = document.as_str().unwrap().replace("arn:aws:route53:::*", other);
        *document = json!(text);
    };
    story.edit_resource("aws_iam_policy.records", |values| zone(&mut values["policy"]));
    story.edit("snapshots/iam.json", |iam| {
        let policies = iam["Policies"].as_array_mut().unwrap();
        let records = policies.iter_mut().find(|policy| policy["PolicyName"] == "dns-records").unwrap();
        records["PolicyVersionList"][0]["Document"]["Statement"][0]["Resource"] = json!(other);
    });
    let judged = story.check();
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    let finding = judged.the("breaks-workload");
    assert_eq!(finding["subject"]["address"], POLICY);
    assert_hits_the_gateway(finding);
}

#[test]
fn aws_twins_pass() {
    for twin in ["without-deletion", "covered", "covered-inline", "split"] {
        let judged = Story::of(&format!("mender-2023-aws/twins/{twin}")).check();
        judged.assert_passes();
        assert_eq!(judged.report["approvals_required"], 0, "{twin}");
        assert!(judged.findings().iter().all(|one| one["rule"] != "breaks-workload"), "{twin}");
    }
}

#[test]
fn aws_twins_say_what_covers() {
    let covered =
        |twin: &str| Story::of(&format!("mender-2023-aws/twins/{twin}")).check().report["covered"].clone();
    assert_eq!(covered("without-deletion"), json!([]));
    // What is spelled differently, and allows the same, is no loss that something would have to cover.
    assert_eq!(actions("mender-2023-aws/twins/split", POLICY), json!(["update"]));
    for (twin, address) in [
        ("covered", "aws_iam_policy.records"),
        ("covered-inline", "aws_iam_role_policy.cert_manager_records"),
    ] {
        let told = covered(twin);
        let [one] = &told.as_array().unwrap()[..] else { panic!("{twin}: {told:#}") };
        // What is changed, or what of it shrinks.
        let shrunk = [POLICY, "aws_iam_role_policy_attachment.cert_manager_dns"];
        assert!(shrunk.contains(&one["address"].as_str().unwrap()), "{twin}: {one:#}");
        let by = one["by"].to_string();
        assert!(by.contains("dns-records") || by.contains(address), "{twin}: {by}");
    }
}

/// What covers a loss is from then on the only thing that does.
#[test]
fn aws_covered_says_what_is_left() {
    let judged = Story::of("mender-2023-aws/twins/covered").check();
    let finding = judged.the("weakens-workload");
    assert_eq!(finding["level"], "note");
    assert_eq!(finding["subject"]["address"], POLICY);
    assert_eq!(finding["causes"], sole_cause(POLICY));
    assert_eq!(affected(finding), BTreeSet::from([INGRESS]));
    let end = finding["path"].as_array().unwrap().last().unwrap();
    assert_eq!(end["address"], "aws_iam_role_policy_attachment.cert_manager_records");
}

// mender-2023 on Google Cloud: a binding that is created takes the role from whoever else has it.

const GOOGLE: &str = "mender-2023-gcp";
const BINDING: &str = "google_project_iam_binding.dns_admin";
const EVICTED: &str = "cert-manager@hosted-prod.iam.gserviceaccount.com";
const STAGING: &str = "cert-manager@hosted-staging.iam.gserviceaccount.com";

fn google() -> Judged {
    Story::of(GOOGLE).check()
}

#[test]
fn google_the_plan_creates_and_nothing_else() {
    assert_eq!(actions(GOOGLE, BINDING), json!(["create"]));
    let plan = Story::of(GOOGLE).read("plan.json");
    let changes = plan["resource_changes"].as_array().unwrap();
    let harmless = |change: &&Json| {
        change["change"]["actions"] == json!(["create"]) || change["change"]["actions"] == json!(["no-op"])
    };
    assert_eq!(changes.iter().filter(harmless).count(), changes.len());
    // It says nothing of whom it takes the role from, and its own member is known.
    assert!(!plan.to_string().contains(EVICTED));
    let binding = changes.iter().find(|change| change["address"] == BINDING).unwrap();
    assert_eq!(binding["change"]["after"]["members"], json!([format!("serviceAccount:{STAGING}")]));
}

#[test]
fn google_needs_two_people() {
    let judged = google();
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    assert_eq!(judged.report["verdict"], "approval");
    assert_eq!(judged.report["approvals_required"], 2);
    let rules: BTreeSet<&str> = judged
        .findings()
        .iter()
        .filter(|one| one["cause"] == "plan" && one["level"] != "note")
        .map(|one| one["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, BTreeSet::from(["breaks-workload", "evicts-access"]));
    assert_eq!(judged.loud().len(), 2, "{:?}", judged.loud());
}

#[test]
fn google_names_the_creation_as_an_eviction() {
    let judged = google();
    let finding = judged.the("evicts-access");
    assert_eq!(finding["level"], "approval", "the evicted is in use");
    assert_eq!(finding["certainty"], "certain");
    assert_eq!(finding["subject"]["address"], BINDING);
    assert_eq!(finding["subject"]["action"], "create");
    assert_eq!(finding["causes"], sole_cause(BINDING));
    let lost = finding["lost"].as_array().unwrap();
    let [lost] = &lost[..] else { panic!("one member loses it, not {lost:#?}") };
    assert!(lost["principal"].as_str().unwrap().contains(EVICTED), "{lost}");
    assert!(["roles/dns.admin", "DNS Administrator"].contains(&lost["role"].as_str().unwrap()), "{lost}");
    assert!(lost["scope"].as_str().unwrap().contains("projects/example-dns"), "{lost}");
    assert!(finding["title"].as_str().unwrap().contains("cert-manager"), "{}", finding["title"]);
}

#[test]
fn google_says_who_falls_and_when() {
    let judged = google();
    let finding = judged.the("breaks-workload");
    assert_eq!(finding["level"], "approval");
    assert_eq!(finding["certainty"], "certain");
    assert_eq!(finding["subject"]["address"], BINDING);
    assert_eq!(finding["subject"]["action"], "create");
    assert_eq!(finding["causes"], sole_cause(BINDING));
    assert_eq!(finding["unknown_because"], json!([]));
    assert_hits_the_gateway(finding);
    assert_hits_the_gateway(judged.the("evicts-access"));
}

#[test]
fn google_proves_it_from_the_workload_to_the_binding() {
    let judged = google();
    let nodes = proof(GOOGLE, judged.the("breaks-workload"));
    assert_eq!(
        nodes[..4],
        [
            INGRESS,
            "kubernetes:Certificate/prod/gateway-tls",
            "kubernetes:ClusterIssuer/letsencrypt",
            "kubernetes:ServiceAccount/cert-manager/cert-manager",
        ]
    );
    assert!(nodes.iter().any(|node| node.contains(EVICTED)), "{nodes:?}");
    let (last, rest) = nodes.split_last().unwrap();
    let named = last == BINDING || last.contains("roles/dns.admin") || last.contains("example-dns");
    assert!(named && rest.iter().all(|node| !node.contains("staging")), "{nodes:?}");
}

#[test]
fn google_says_what_is_lost_and_that_nothing_else_covers_it() {
    let judged = google();
    let finding = judged.the("breaks-workload");
    let lost = finding["lost"].as_array().unwrap();
    let capability = lost.iter().find(|lost| lost["capability"].is_string()).unwrap();
    assert!(capability["action"].as_str().unwrap().starts_with("dns."), "{capability}");
    assert!(capability["scope"].as_str().unwrap().contains("projects/example-dns"), "{capability}");
    assert!(capability["principal"].as_str().unwrap().contains(EVICTED), "{capability}");
    assert_eq!(finding["covered_by"], json!([]));
    assert_eq!(judged.report["covered"], json!([]));
    assert_eq!(finding["undo"], "restorable");
}

#[test]
fn google_leaves_the_bystanders_alone() {
    let judged = google();
    let all = judged.report["findings"].to_string();
    for bystander in ["reporting", "operator@", "nodes@", "roles/dns.reader"] {
        assert!(!all.contains(bystander), "{bystander}: {all}");
    }
}

/// The binding is authoritative for its role only: what another role allows is there still.
#[test]
fn google_another_role_covers() {
    let story = Story::of(GOOGLE);
    story.edit("snapshots/iam-policies.json", |rows| {
        let project = "//cloudresourcemanager.googleapis.com/projects/example-dns";
        let row = rows.as_array_mut().unwrap().iter_mut().find(|row| row["resource"] == project).unwrap();
        let own = json!({"members": [format!("serviceAccount:{EVICTED}")], "role": "roles/example"});
        row["policy"]["bindings"].as_array_mut().unwrap().push(own);
    });
    let mut role = story.read("snapshots/role-dns-admin.json");
    role["name"] = json!("roles/example");
    story.write("snapshots/role-example.json", &role.to_string());
    let sidecar = story.read("snapshots/role-dns-admin.json.meta.json");
    story.write("snapshots/role-example.json.meta.json", &sidecar.to_string());
    let judged = story.check();
    assert_eq!(judged.code, 0, "{:#}", judged.report);
    assert!(judged.by_plan("breaks-workload").is_empty(), "{:#}", judged.report);
}

/// Where no export of policies is there, nobody knows whom the binding evicts, and that is said.
#[test]
fn google_without_the_policies_it_is_not_taken_for_harmless() {
    let story = Story::of(GOOGLE);
    story.remove("snapshots/iam-policies.json").remove("snapshots/iam-policies.json.meta.json");
    let judged = story.check();
    assert_ne!(judged.code, 0, "{:#}", judged.report);
    assert!(judged.report.to_string().contains(BINDING), "{:#}", judged.report);
}

/// What a grant is called must not hang on where in its file it stands.
#[test]
fn google_the_order_of_rows_changes_nothing() {
    let turned = Story::of(GOOGLE);
    turned.edit("snapshots/iam-policies.json", |rows| {
        rows.as_array_mut().unwrap().reverse();
        for row in rows.as_array_mut().unwrap() {
            row["policy"]["bindings"].as_array_mut().unwrap().reverse();
        }
    });
    let (one, other) = (google(), turned.check());
    let told = |judged: &Judged| {
        let finding = judged.the("breaks-workload");
        let path = finding["path"].as_array().unwrap();
        let nodes: Vec<Json> = path.iter().map(|step| step["node"].clone()).collect();
        (finding["fingerprint"].clone(), finding["title"].clone(), nodes)
    };
    assert_eq!(told(&one), told(&other));
}

#[test]
fn google_twins_pass() {
    for twin in ["member", "listed"] {
        let judged = Story::of(&format!("mender-2023-gcp/twins/{twin}")).check();
        judged.assert_passes();
        assert_eq!(judged.report["approvals_required"], 0, "{twin}");
        let quiet = |one: &Json| one["rule"] != "breaks-workload" && one["rule"] != "evicts-access";
        assert!(judged.findings().iter().all(quiet), "{twin}: {:#}", judged.report);
        assert_eq!(judged.report["covered"], json!([]), "{twin}");
    }
}

// servicechannel-2021: two accounts go in one plan, and one of them is what the API runs as.

const SERVICECHANNEL: &str = "servicechannel-2021";
const THAT_DAY: &str = "2021-02-16T12:00:00Z";
const PROD: &str = "google_service_account.api_prod";
const TEST: &str = "google_service_account.api_perm_test";
/// Whatever runs as the production account.
const COMPONENTS: [&str; 4] = [
    "google_cloud_run_v2_service.api_endpoints",
    "google_cloud_run_v2_service.api_invoices",
    "google_cloud_run_v2_service.api_orders",
    "kubernetes:Deployment/api/webhooks",
];

fn servicechannel() -> Judged {
    Story::of(SERVICECHANNEL).check_at(THAT_DAY)
}

fn affected(finding: &Json) -> BTreeSet<&str> {
    let affects = finding["affects"].as_array().unwrap();
    affects.iter().map(|one| one["node"].as_str().unwrap()).collect()
}

#[test]
fn servicechannel_needs_two_people() {
    let judged = servicechannel();
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    assert_eq!(judged.report["verdict"], "approval");
    assert_eq!(judged.report["approvals_required"], 2);
    for address in
        [PROD, TEST, "google_service_account_key.api_prod", "google_service_account_key.api_perm_test"]
    {
        assert_eq!(actions(SERVICECHANNEL, address), json!(["delete"]));
    }
}

#[test]
fn servicechannel_every_component_falls_now_by_the_production_deletion_only() {
    let judged = servicechannel();
    let finding = of_rule(&judged, "breaks-workload", PROD);
    assert_eq!(finding["level"], "approval");
    assert_eq!(finding["certainty"], "certain");
    assert_eq!(finding["subject"]["action"], "delete");
    assert_eq!(finding["unknown_because"], json!([]));
    assert_eq!(affected(finding), BTreeSet::from(COMPONENTS));
    for hit in finding["affects"].as_array().unwrap() {
        assert_eq!(hit["workload"], "API");
        assert_eq!(hit["criticality"], "critical");
        assert_eq!(hit["fall"], "starved");
        assert_eq!(hit["certainty"], "certain");
        assert_eq!(hit["trigger"], "apply");
        assert_eq!((&hit["until"]["sure"], &hit["until"]["possible"]), (&json!("never"), &json!("never")));
        assert_eq!(hit["was"]["possible"], "forever");
        assert!(hit["breaks_at"].is_null(), "{hit}");
    }
    for finding in judged.by_plan("breaks-workload") {
        let causes = finding["causes"].to_string();
        assert!(!causes.contains("api_perm_test"), "{causes}");
        assert!(affected(finding).is_subset(&BTreeSet::from(COMPONENTS)), "{finding:#}");
    }
    let nodes = proof(SERVICECHANNEL, finding);
    assert!(COMPONENTS.contains(&nodes.first().unwrap().as_str()), "{nodes:?}");
    assert_eq!(nodes.last().unwrap(), PROD);
}

#[test]
fn servicechannel_says_that_it_cannot_come_back_the_same() {
    let judged = servicechannel();
    let account = of_rule(&judged, "destroys-identity", PROD);
    assert_eq!(account["level"], "approval");
    assert_eq!(account["certainty"], "certain");
    assert_eq!(affected(account), BTreeSet::from(COMPONENTS));
    // Google keeps a deleted account for thirty days; made anew it would be somebody else.
    assert_eq!(account["undo"], "window");
    let note = account["undo_note"].as_str().unwrap();
    assert!(note.contains("30 days") && note.contains("made anew"), "{note}");
    let key = of_rule(&judged, "destroys-identity", "google_service_account_key.api_prod");
    assert_eq!(key["undo"], "lost");
}

#[test]
fn servicechannel_the_test_account_alone_would_only_warn() {
    let judged = servicechannel();
    for address in [TEST, "google_service_account_key.api_perm_test"] {
        let finding = of_rule(&judged, "destroys-identity", address);
        assert_eq!(finding["level"], "warn", "{finding:#}");
        assert_eq!(finding["affects"], json!([]));
    }
    let above = judged.findings().iter().filter(|one| one["level"] == "approval");
    for finding in above {
        let address = finding["subject"]["address"].as_str().unwrap();
        assert!(!address.contains("api_perm_test"), "{finding:#}");
    }
}

#[test]
fn servicechannel_all_components_share_one_account() {
    let judged = servicechannel();
    let shared: Vec<&Json> = judged
        .findings()
        .iter()
        .filter(|one| one["rule"] == "single-mainstay" && one["cause"] == "standing")
        .collect();
    let [finding] = shared[..] else { panic!("{} of single-mainstay in {:#}", shared.len(), judged.report) };
    assert_eq!(finding["level"], "note");
    assert_eq!(finding["subject"]["address"], PROD);
    assert_eq!(affected(finding), BTreeSet::from(COMPONENTS));
}

/// Whatever is in doubt, no other cloud's commands would settle it.
#[test]
fn servicechannel_no_doubt_asks_another_cloud() {
    let judged = servicechannel();
    for reason in judged.reasons() {
        assert!(!reason.contains("az ") && !reason.contains("aws "), "{reason}");
    }
}

#[test]
fn servicechannel_leaves_the_bystanders_alone() {
    let judged = servicechannel();
    let all = judged.report["findings"].to_string();
    for bystander in ["reporting", "exports", "operator@"] {
        assert!(!all.contains(bystander), "{bystander}: {all}");
    }
}

#[test]
fn servicechannel_the_test_account_passes() {
    let judged = Story::of("servicechannel-2021/twins/test-only").check_at(THAT_DAY);
    assert_eq!(judged.code, 0, "{:#}", judged.report);
    assert_eq!(judged.report["approvals_required"], 0);
    let quiet = |one: &&Json| one["cause"] == "plan" && one["level"] != "note" && one["level"] != "warn";
    assert_eq!(judged.findings().iter().filter(quiet).count(), 0, "{:#}", judged.report);
    for rule in ["breaks-workload", "mixed-deletion", "weakens-workload"] {
        assert!(judged.by_plan(rule).is_empty(), "{rule}: {:#}", judged.report);
    }
    for finding in judged.by_plan("destroys-identity") {
        assert_eq!(finding["affects"], json!([]));
        assert!(finding["subject"]["address"].as_str().unwrap().contains("api_perm_test"), "{finding:#}");
    }
    let by_plan = judged.findings().iter().filter(|one| one["cause"] == "plan");
    assert!(by_plan.into_iter().all(|one| !one.to_string().contains("api_prod")), "{:#}", judged.report);
}

/// Each report is the same at each run.
#[test]
fn the_reports_are_the_same_twice() {
    for (case, now) in [(AWS, NOW), (GOOGLE, NOW), (SERVICECHANNEL, THAT_DAY)] {
        let story = Story::of(case);
        assert_eq!(story.check_at(now).report, story.check_at(now).report, "{case}");
    }
}
