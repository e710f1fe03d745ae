//! `can`: may it, by which grants, and after the plan?

use std::process::Output;

use serde_json::Value as Json;

use crate::support::said;
use crate::support::story::{CLIENT, GRANT, NOW, PRINCIPAL, SUBSCRIPTION, incidents, mainstay, zone};

const ACTION: &str = "Microsoft.Network/dnsZones/TXT/write";
const IDENTITY: &str = "azurerm_user_assigned_identity.cert_manager";

fn can(case: &str, who: &str, action: &str, more: &[&str]) -> Output {
    let zone = zone();
    let now: &[&str] = if more.contains(&"--now") { &[] } else { &["--now", NOW] };
    let arguments = [&["can", who, action, &zone], now, more].concat();
    mainstay(&incidents().join(case), &arguments)
}

fn answer(output: &Output) -> Json {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)))
}

#[test]
fn before_and_after_the_plan_by_every_name() {
    let more = ["--plan", "plan.json", "--format", "json"];
    let resource = format!(
        "{SUBSCRIPTION}/resourceGroups/dns/providers/Microsoft.ManagedIdentity/userAssignedIdentities/cert-manager"
    );
    let account = "kubernetes:ServiceAccount/cert-manager/cert-manager";
    for who in [IDENTITY, PRINCIPAL, CLIENT, &resource, account] {
        let output = can("mender-2023", who, ACTION, &more);
        assert_eq!(output.status.code(), Some(1), "{who}: {}", said(&output));
        let answer = answer(&output);
        assert_eq!(
            (&answer["before"]["may"], &answer["after"]["may"]),
            (&"yes".into(), &"no".into()),
            "{who}"
        );
        assert_eq!(answer["before"]["by"][0]["grant"], GRANT, "{who}");
        assert!(answer["after"]["by"].as_array().unwrap().is_empty(), "{who}");
        let why = answer["after"]["why"].as_array().unwrap();
        assert_eq!(why.last().unwrap()["node"], GRANT, "{who}: {why:#?}");
    }
    // Something else still covers it.
    let covered = can("mender-2023/twins/covered", IDENTITY, ACTION, &more);
    assert_eq!(covered.status.code(), Some(0), "{}", said(&covered));
    let by = answer(&covered)["after"]["by"].clone();
    assert_eq!(by[0]["grant"], "azurerm_role_assignment.cert_manager_dns_group");
    assert_eq!(by.as_array().unwrap().len(), 1);
    // Before the plan only, the answer is what stands.
    let stands = can("mender-2023", PRINCIPAL, ACTION, &["--format", "json"]);
    assert_eq!(stands.status.code(), Some(0), "{}", said(&stands));
    assert!(answer(&stands).get("after").is_none());
    let never = can("mender-2023", PRINCIPAL, "Microsoft.Compute/virtualMachines/delete", &[]);
    assert_eq!(never.status.code(), Some(1), "{}", said(&never));
}

#[test]
fn what_is_not_known_is_neither_yes_nor_no() {
    let unknown = |case: &str, action: &str, more: &[&str], why: &str| {
        let output = can(case, IDENTITY, action, &[&["--plan", "plan.json"], more].concat());
        assert_eq!(output.status.code(), Some(4), "{}", said(&output));
        let words: String = said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(why), "{words}");
    };
    unknown("mender-2023", ACTION, &["--config", "/dev/null"], "no source lists azure:role-assignments");
    unknown("mender-2023", ACTION, &["--now", "2024-09-22T12:00:00Z"], "366 days ago");
    unknown("mender-2023", "s3:GetObject", &[], "is spelled as no cloud spells it");
    let typo =
        can("mender-2023", "azurerm_user_assigned_identity.cert_manger", ACTION, &["--plan", "plan.json"]);
    assert_eq!(typo.status.code(), Some(2));
    assert!(said(&typo).contains(&format!("did you mean `{IDENTITY}`")), "{}", said(&typo));
    let several = can("mender-2023", "cert-manager", ACTION, &[]);
    assert_eq!(several.status.code(), Some(2));
    assert!(said(&several).contains("give a name that only one of them has"), "{}", said(&several));
}

#[test]
fn it_reads_like_this() {
    let mut text = String::new();
    for case in ["mender-2023", "mender-2023/twins/covered"] {
        let output = can(case, IDENTITY, ACTION, &["--plan", "plan.json"]);
        text.push_str(&String::from_utf8(output.stdout).unwrap());
        text.push_str("----\n");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn commands_that_give_snapshots() {
    let here = incidents();
    let all = said(&mainstay(&here, &["snapshot", "commands"]));
    let azure = said(&mainstay(&here, &["snapshot", "commands", "azure"]));
    assert!(all.contains("kubectl get") && all.contains("az role assignment list --all"), "{all}");
    assert!(!azure.contains("kubectl") && azure.contains("az role definition list"), "{azure}");
    let other = mainstay(&here, &["snapshot", "commands", "azur"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(said(&other).contains("azure"), "{}", said(&other));
}

/// Whoever is in a group of Google has what the group is granted, by the list of its members alone.
#[test]
fn by_a_group_whose_members_are_listed() {
    let folder = tempfile::Builder::new().prefix("ms-").tempdir().unwrap();
    let write = |file: &str, text: &Json| std::fs::write(folder.path().join(file), text.to_string()).unwrap();
    let resource = "//cloudresourcemanager.googleapis.com/projects/p1";
    let meta = |more: Json| {
        let mut meta = serde_json::json!({"taken_at": NOW});
        meta.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        meta
    };
    write(
        "policies.json",
        &serde_json::json!([{"resource": resource, "project": "projects/p1", "organization": "organizations/1", "policy": {"bindings": [
            {"role": "roles/x", "members": ["group:team@example.test"]},
            {"role": "roles/y", "members": ["user:carol@example.test"]}]}}]),
    );
    write("policies.json.meta.json", &meta(serde_json::json!({"of": {"scope": "organizations/1"}})));
    write(
        "roles.json",
        &serde_json::json!([{"name": "roles/x", "title": "X", "includedPermissions": ["a.b.get"]},
            {"name": "roles/y", "title": "Y", "includedPermissions": ["a.b.list"]}]),
    );
    write("roles.json.meta.json", &meta(serde_json::json!({})));
    let members = |rows: Json| write("members.json", &rows);
    write("members.json.meta.json", &meta(serde_json::json!({"of": {"group": "team@example.test"}})));
    let member = |id: &str, kind: &str| serde_json::json!({"name": "groups/g/memberships/m", "preferredMemberKey": {"id": id}, "type": kind});
    let ask = |who: &str| {
        let arguments = ["can", who, "a.b.get", "projects/p1", "--snapshot", ".", "--now", NOW];
        let output = mainstay(folder.path(), &arguments);
        (output.status.code().unwrap(), said(&output))
    };
    let [alice, account] = ["user:alice@example.test", "serviceAccount:b@p1.iam.gserviceaccount.com"];
    members(Json::Array(vec![
        member("Alice@example.test", "USER"),
        member("b@p1.iam.gserviceaccount.com", "SERVICE_ACCOUNT"),
    ]));
    for who in [alice, account] {
        let (code, told) = ask(who);
        assert_eq!(code, 0, "{who}: {told}");
        assert!(told.contains("team@example.test"), "{told}");
    }
    // A name that no grant and no list has is a slip.
    assert_eq!(ask("user:dave@example.test").0, 2);
    // The list is complete: whoever is not in it is not in the group.
    assert_eq!(ask("user:carol@example.test").0, 1, "{}", ask("user:carol@example.test").1);
    // A group in it, of which nobody lists the members, may have anybody in it.
    members(Json::Array(vec![member("inner@example.test", "GROUP")]));
    let (code, told) = ask("user:carol@example.test");
    assert_eq!(code, 4, "{told}");
    // A list without types does not tell which members are groups.
    members(
        serde_json::json!([{"name": "groups/g/memberships/m", "preferredMemberKey": {"id": "x@example.test"}}]),
    );
    assert_eq!(ask("user:carol@example.test").0, 4, "{}", ask("user:carol@example.test").1);
}
