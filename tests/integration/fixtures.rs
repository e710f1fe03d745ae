//! The fixtures are what the real Terraform makes of them today. With `MAINSTAY_REGENERATE=1` they are made anew
//! instead (`fixtures/regenerate`).
use std::fs;
use std::path::Path;

use crate::support::TestBed;
use crate::support::case::{Case, Made};
use serde_json::Value as Json;

const HINT: &str = "is not what Terraform makes of it now; if that is meant, run `fixtures/regenerate`";

#[test]
fn fixtures_are_as_terraform_makes_them() {
    let cases = Case::all();
    assert!(!cases.is_empty(), "no fixtures were found");
    for case in cases {
        let Some(bed) = TestBed::new("fixtures_are_as_terraform_makes_them") else { return };
        let made = case.make(&bed);
        if std::env::var("MAINSTAY_REGENERATE").as_deref() == Ok("1") {
            regenerate(&case, &made);
        }
        compare(&case, &made);
        // The two forms of the plan must stay the same plan.
        let shown = case.show_committed(&bed);
        assert_eq!(
            comparable(&shown),
            comparable(&made[Path::new("plan.json")]),
            "{}/plan.tfplan {HINT}",
            case.name()
        );
    }
}

fn compare(case: &Case, made: &Made) {
    for (file, fresh) in made {
        let path = case.folder.join(file);
        let committed = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}; {HINT}", path.display()));
        let same = match file.to_str() {
            Some("plan.tfplan") => continue,
            Some("plan.json") => comparable(&committed) == comparable(fresh),
            _ => committed == *fresh,
        };
        assert!(same, "{}/{} {HINT}", case.name(), file.display());
    }
    let stray = fs::read_dir(case.folder.join("snapshots")).unwrap().map(|entry| entry.unwrap().file_name());
    for name in stray {
        let file = Path::new("snapshots").join(&name);
        assert!(made.contains_key(&file), "{}/{} comes from no template", case.name(), file.display());
    }
}

/// Writes what is new. A plan that says the same stays as it is, or every run would change every plan file,
/// which holds times and a random lineage; after an edit that no plan shows (a comment), remove it first.
fn regenerate(case: &Case, made: &Made) {
    let current = |file: &str| fs::read(case.folder.join(file)).ok();
    let plan_stands = current("plan.tfplan").is_some()
        && current("plan.json")
            .is_some_and(|plan| comparable(&plan) == comparable(&made[Path::new("plan.json")]));
    let _ = fs::remove_dir_all(case.folder.join("snapshots"));
    for (file, fresh) in made {
        if plan_stands && !file.starts_with("snapshots") {
            continue;
        }
        let path = case.folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, fresh).unwrap();
    }
}

/// A plan without what differs from run to run (when it was made, by which release), and its one unordered list
/// in order.
fn comparable(plan: &[u8]) -> Json {
    let mut plan: Json = serde_json::from_slice(plan).unwrap();
    let fields = plan.as_object_mut().unwrap();
    for key in ["timestamp", "terraform_version"] {
        fields.remove(key);
    }
    if let Some(Json::Object(state)) = fields.get_mut("prior_state") {
        state.remove("terraform_version");
    }
    if let Some(Json::Array(attributes)) = fields.get_mut("relevant_attributes") {
        attributes.sort_by_key(Json::to_string);
    }
    plan
}

#[test]
fn the_ids_of_a_case_agree_everywhere() {
    for case in Case::all() {
        let plan = read(&case, "plan.json");
        let resources = plan["prior_state"]["values"]["root_module"]["resources"].as_array().unwrap();
        let provider = |name: &str| {
            let of: Vec<&Json> = resources
                .iter()
                .filter(|resource| resource["type"].as_str().unwrap().starts_with(name))
                .collect();
            (!of.is_empty()).then_some(of)
        };
        let [azure, aws, google, vault] = ["azurerm_", "aws_", "google_", "vault_"].map(provider);
        let [flags, devices] = ["launchdarkly_", "jumpcloud_"].map(provider);
        let any = [&azure, &aws, &google, &vault, &flags, &devices].into_iter().any(Option::is_some);
        assert!(any, "{}: what is it of?", case.name());
        flags.iter().for_each(|resources| flags_agree(&case, resources));
        devices.iter().for_each(|resources| devices_agree(&case, resources));
        vault.iter().for_each(|resources| vault_agrees(&case, resources));
        azure.iter().for_each(|resources| azure_agrees(&case, resources));
        aws.iter().for_each(|resources| aws_agrees(&case, resources));
        google.iter().for_each(|resources| google_agrees(&case, resources));
    }
}

fn read(case: &Case, file: &str) -> Json {
    let bytes = fs::read(case.folder.join(file)).unwrap_or_else(|e| panic!("{}/{file}: {e}", case.name()));
    serde_json::from_slice(&bytes).unwrap()
}

/// The values of the resources of a type.
fn of_type<'a>(resources: &'a [&Json], kind: &'a str) -> impl Iterator<Item = &'a Json> {
    resources.iter().filter(move |resource| resource["type"] == kind).map(|resource| &resource["values"])
}

/// Whether a listing has a row whose fields are these.
fn lists(rows: &Json, fields: &[(&str, &Json)]) -> bool {
    let is = |row: &Json| fields.iter().all(|(field, value)| row[field] == **value);
    rows.as_array().unwrap().iter().any(is)
}

fn azure_agrees(case: &Case, resources: &[&Json]) {
    let identities = read(case, "snapshots/identities.json");
    for identity in of_type(resources, "azurerm_user_assigned_identity") {
        let same = [
            ("id", &identity["id"]),
            ("clientId", &identity["client_id"]),
            ("principalId", &identity["principal_id"]),
        ];
        assert!(lists(&identities, &same), "{}: {}", case.name(), identity["id"]);
        let cluster = fs::read_to_string(case.folder.join("snapshots/cluster.json")).unwrap();
        assert!(cluster.contains(identity["client_id"].as_str().unwrap()), "{}", case.name());
    }
    let assigned = read(case, "snapshots/role-assignments.json");
    for grant in of_type(resources, "azurerm_role_assignment") {
        let listed = lists(&assigned, &[("id", &grant["id"])]);
        assert!(listed, "{}: {} is not in the snapshot", case.name(), grant["id"]);
    }
}

fn aws_agrees(case: &Case, resources: &[&Json]) {
    if of_type(resources, "aws_iam_role").next().is_some() {
        iam_agrees(case, resources);
    }
    for certificate in of_type(resources, "aws_iam_server_certificate") {
        let listed = &read(case, "snapshots/server-certificates.json")["ServerCertificateMetadataList"];
        let same = [
            ("Arn", &certificate["arn"]),
            ("ServerCertificateId", &certificate["id"]),
            ("Expiration", &certificate["expiration"]),
        ];
        assert!(lists(listed, &same), "{}: {}", case.name(), certificate["arn"]);
    }
    for certificate in of_type(resources, "aws_acm_certificate") {
        let listed = &read(case, "snapshots/certificates.json")["CertificateSummaryList"];
        let same = [("CertificateArn", &certificate["arn"]), ("NotAfter", &certificate["not_after"])];
        assert!(lists(listed, &same), "{}: {}", case.name(), certificate["arn"]);
    }
    for listener in of_type(resources, "aws_lb_listener") {
        let balancer = listener["load_balancer_arn"].as_str().unwrap().split('/').nth(2).unwrap();
        let name = balancer.trim_start_matches("internal-");
        let listed = read(case, &format!("snapshots/listeners-{name}.json"))["Listeners"].clone();
        assert!(lists(&listed, &[("ListenerArn", &listener["arn"])]), "{}: {name}", case.name());
        assert_eq!(listed[0]["Certificates"][0]["CertificateArn"], listener["certificate_arn"], "{name}");
    }
    for service in of_type(resources, "aws_ecs_service") {
        let listed = &read(case, "snapshots/services.json")["services"];
        assert!(lists(listed, &[("serviceArn", &service["id"])]), "{}: {}", case.name(), service["id"]);
    }
}

fn iam_agrees(case: &Case, resources: &[&Json]) {
    let document = |text: &Json| -> Json { serde_json::from_str(text.as_str().unwrap()).unwrap() };
    let iam = read(case, "snapshots/iam.json");
    let cluster = fs::read_to_string(case.folder.join("snapshots/cluster.json")).unwrap();
    for role in of_type(resources, "aws_iam_role") {
        let trust = document(&role["assume_role_policy"]);
        let same = [
            ("Arn", &role["arn"]),
            ("RoleId", &role["unique_id"]),
            ("RoleName", &role["name"]),
            ("AssumeRolePolicyDocument", &trust),
        ];
        assert!(lists(&iam["RoleDetailList"], &same), "{}: {}", case.name(), role["arn"]);
        assert!(cluster.contains(role["arn"].as_str().unwrap()), "{}: {}", case.name(), role["arn"]);
    }
    for policy in of_type(resources, "aws_iam_policy") {
        let same = [("Arn", &policy["arn"]), ("PolicyId", &policy["policy_id"])];
        assert!(lists(&iam["Policies"], &same), "{}: {}", case.name(), policy["arn"]);
        let listed =
            iam["Policies"].as_array().unwrap().iter().find(|row| row["Arn"] == policy["arn"]).unwrap();
        let in_force = &listed["PolicyVersionList"][0]["Document"];
        assert_eq!(*in_force, document(&policy["policy"]), "{}: {}", case.name(), policy["arn"]);
    }
    for attachment in of_type(resources, "aws_iam_role_policy_attachment") {
        let roles = iam["RoleDetailList"].as_array().unwrap();
        let role = roles.iter().find(|row| row["RoleName"] == attachment["role"]).unwrap();
        let same = [("PolicyArn", &attachment["policy_arn"])];
        assert!(lists(&role["AttachedManagedPolicies"], &same), "{}: {}", case.name(), attachment["id"]);
    }
}

fn google_agrees(case: &Case, resources: &[&Json]) {
    let accounts = read(case, "snapshots/service-accounts.json");
    for account in of_type(resources, "google_service_account") {
        let same = [
            ("email", &account["email"]),
            ("name", &account["name"]),
            ("uniqueId", &account["unique_id"]),
            ("projectId", &account["project"]),
        ];
        assert!(lists(&accounts, &same), "{}: {}", case.name(), account["email"]);
    }
    for key in of_type(resources, "google_service_account_key") {
        let (_, account) = key["service_account_id"].as_str().unwrap().rsplit_once('/').unwrap();
        let file = format!("snapshots/keys-{}.json", account.split('@').next().unwrap());
        assert!(lists(&read(case, &file), &[("name", &key["name"])]), "{}: {}", case.name(), key["name"]);
    }
    let policies = read(case, "snapshots/iam-policies.json");
    let bound = |resource: &str, grant: &Json| {
        let row = policies.as_array().unwrap().iter().find(|row| row["resource"] == resource);
        let row = row.unwrap_or_else(|| panic!("{}: no row of {resource}", case.name()));
        let binding =
            row["policy"]["bindings"].as_array().unwrap().iter().find(|one| one["role"] == grant["role"]);
        let members = binding.and_then(|binding| binding["members"].as_array());
        let there = members.is_some_and(|members| members.contains(&grant["member"]));
        assert!(there, "{}: {} is not in the snapshot", case.name(), grant["id"]);
    };
    for grant in of_type(resources, "google_project_iam_member") {
        let project = grant["project"].as_str().unwrap();
        bound(&format!("//cloudresourcemanager.googleapis.com/projects/{project}"), grant);
    }
    for grant in of_type(resources, "google_service_account_iam_member") {
        bound(&format!("//iam.googleapis.com/{}", grant["service_account_id"].as_str().unwrap()), grant);
    }
}

fn vault_agrees(case: &Case, resources: &[&Json]) {
    for role in of_type(resources, "vault_token_auth_backend_role") {
        let name = role["role_name"].as_str().unwrap();
        let told = &read(case, &format!("snapshots/token-role-{name}.json"))["data"];
        for (field, attribute) in
            [("name", "role_name"), ("token_period", "token_period"), ("orphan", "orphan")]
        {
            assert_eq!(told[field], role[attribute], "{}: {name}: {field}", case.name());
        }
    }
    for role in of_type(resources, "vault_database_secret_backend_role") {
        let name = role["name"].as_str().unwrap();
        let told = &read(case, &format!("snapshots/database-role-{name}.json"))["data"];
        for field in ["db_name", "default_ttl", "max_ttl", "creation_statements"] {
            assert_eq!(told[field], role[field], "{}: {name}: {field}", case.name());
        }
    }
}

fn flags_agree(case: &Case, resources: &[&Json]) {
    for setting in of_type(resources, "launchdarkly_feature_flag_environment") {
        let (_, flag) = setting["flag_id"].as_str().unwrap().rsplit_once('/').unwrap();
        let told = &read(case, &format!("snapshots/{flag}.json"))["environments"];
        let told = &told[setting["env_key"].as_str().unwrap()];
        assert_eq!(told["on"], setting["on"], "{}: {}", case.name(), setting["id"]);
        assert_eq!(told["offVariation"], setting["off_variation"], "{}: {}", case.name(), setting["id"]);
    }
}

/// Before the plan every device is in the inventory under its own identifier.
fn devices_agree(case: &Case, resources: &[&Json]) {
    let inventory = fs::read_to_string(case.folder.join("snapshots/devices.csv")).unwrap();
    for device in of_type(resources, "jumpcloud_mdm_device") {
        let [serial, platform, udid] =
            ["serial_number", "platform", "udid"].map(|field| device[field].as_str().unwrap());
        let row = format!("{serial},{platform},{udid},");
        assert!(inventory.lines().any(|line| line.starts_with(&row)), "{}: {row}", case.name());
    }
}

/// By each way in which an account of Kubernetes acts as somebody in a cloud.
#[test]
fn whom_a_cluster_acts_as_is_listed() {
    // Certificates and their users are no matter of a cluster.
    let with_cluster = |case: &Case| case.folder.join("snapshots/cluster.json").exists();
    for case in Case::all().into_iter().filter(with_cluster) {
        let mut seen = 0;
        for item in read(&case, "snapshots/cluster.json")["items"].as_array().unwrap() {
            let annotations = &item["metadata"]["annotations"];
            let listings = [
                ("azure.workload.identity/client-id", "identities.json", "", "clientId"),
                ("eks.amazonaws.com/role-arn", "iam.json", "/RoleDetailList", "Arn"),
                ("iam.gke.io/gcp-service-account", "service-accounts.json", "", "email"),
            ];
            for (annotation, file, rows, field) in listings {
                let who = &annotations[annotation];
                if who.is_string() {
                    let listing = read(&case, &format!("snapshots/{file}"));
                    let rows = listing.pointer(rows).unwrap();
                    assert!(lists(rows, &[(field, who)]), "{}: {who} is not in {file}", case.name());
                    seen += 1;
                }
            }
        }
        // Who asks Vault for what it needs acts as nobody in a cloud, nor does who manages devices.
        let has = |file: &str| case.folder.join("snapshots").join(file).exists();
        let of_none = has("auth-methods.json") || has("devices.csv");
        assert!(seen > 0 || of_none, "{}: nobody acts as anybody", case.name());
    }
}
