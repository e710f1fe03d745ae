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
        let read = |file: &str| -> Json {
            serde_json::from_slice(&fs::read(case.folder.join(file)).unwrap()).unwrap()
        };
        let (plan, identities) = (read("plan.json"), read("snapshots/identities.json"));
        let resources = plan["prior_state"]["values"]["root_module"]["resources"].as_array().unwrap();
        for identity in
            resources.iter().filter(|resource| resource["type"] == "azurerm_user_assigned_identity")
        {
            let same = |listed: &&Json| {
                let values = &identity["values"];
                listed["id"] == values["id"]
                    && listed["clientId"] == values["client_id"]
                    && listed["principalId"] == values["principal_id"]
            };
            assert!(identities.as_array().unwrap().iter().any(|listed| same(&listed)), "{}", case.name());
            let cluster = fs::read_to_string(case.folder.join("snapshots/cluster.json")).unwrap();
            assert!(cluster.contains(identity["values"]["client_id"].as_str().unwrap()), "{}", case.name());
        }
        let assigned = read("snapshots/role-assignments.json");
        for grant in resources.iter().filter(|resource| resource["type"] == "azurerm_role_assignment") {
            let listed =
                assigned.as_array().unwrap().iter().any(|listed| listed["id"] == grant["values"]["id"]);
            assert!(listed, "{}: {} is not in the snapshot", case.name(), grant["address"]);
        }
    }
}
