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
