//! Another plan, another place, other programs than those that people signed for.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use mainstay::approval::differences;
use mainstay::approval::request::SignedRequest;
use mainstay::judge::{Inputs, PlanFile, PlanInput, bind};

use super::{passes, refused};
use crate::support::office::Office;
use crate::support::{program, said};
use crate::two_people::{accounts, both_go};

fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn only_the_plan_that_was_signed_for_is_applied() {
    let Some((office, plan)) = both_go("only_the_plan_that_was_signed_for_is_applied") else { return };
    for person in ["alice", "bob"] {
        office.sign(person, &[]);
    }
    let both = ["alice", "bob"];
    let good = fs::read(&plan).unwrap();
    for place in [0, good.len() / 3, good.len() / 2, good.len() - 1] {
        let mut other = good.clone();
        other[place] ^= 1;
        fs::write(&plan, other).unwrap();
        refused(
            &office,
            &format!("byte {place}"),
            &mut office.applying(&plan, &both),
            &[2, 3],
            "not applied",
        );
    }
    fs::write(&plan, &good).unwrap();
    each_byte_counts(&office, &plan);
    // One that destroys the group as well, under the name of the first: as a file, and by a link.
    let more = office.bed.plan(&["-destroy"]);
    let (link, next) = (office.file("link.tfplan"), office.file("next.tfplan"));
    fs::copy(&more, office.file("copy.tfplan")).unwrap();
    symlink("copy.tfplan", &link).unwrap();
    refused(&office, "linked", &mut office.applying(&link, &both), &[3], "the plan is another");

    // The name leads to the one or the other, again and again, while it is hashed, shown and applied.
    let stop = AtomicBool::new(false);
    let through = std::thread::scope(|scope| {
        let (plan, more, link, stop) = (&plan, &more, &link, &stop);
        scope.spawn(move || {
            for target in [more, plan].into_iter().cycle().take_while(|_| !stop.load(Ordering::Relaxed)) {
                symlink(target, &next).unwrap();
                fs::rename(&next, link).unwrap();
            }
        });
        let through = (0..3).any(|_| {
            let code = program::run(&mut office.applying(link, &both)).status.code();
            assert_eq!(accounts(&office), if code == Some(0) { 0 } else { 2 }, "{code:?}");
            code == Some(0)
        });
        stop.store(true, Ordering::Relaxed);
        through
    });
    if !through {
        passes(&office, &mut office.applying(&plan, &both));
    }
    assert_eq!(office.bed.cloud().list("azurerm_resource_group").len(), 1, "the other plan's deed");
}

/// Every byte of the file, in process: it is bound as another plan.
fn each_byte_counts(office: &Office, plan: &Path) {
    let request = fs::read(office.file("request.json")).unwrap();
    let signed = SignedRequest::read(&request).unwrap().request;
    let (json, bytes) = (office.bed.show(plan), fs::read(plan).unwrap());
    let differs = |bytes: Vec<u8>| {
        let input = PlanInput { file: Some(PlanFile::new(bytes)), ..PlanInput::json("plan", json.clone()) };
        let inputs = Inputs {
            plans: vec![input],
            snapshots: Vec::new(),
            declarations: mainstay::config::defaults(),
            digests: false,
            notes: Vec::new(),
        };
        let mut now = signed.clone();
        now.plans[0].sha256 = bind(&inputs, None).unwrap()[0].sha256;
        differences(&signed, &now, false)
    };
    assert_eq!(differs(bytes.clone()), [""; 0]);
    for place in 0..bytes.len() {
        let mut other = bytes.clone();
        other[place] ^= 1;
        assert_eq!(differs(other), ["the plan is another"], "byte {place}");
    }
}

#[test]
fn it_is_applied_where_it_was_asked_for_and_with_the_same_programs() {
    let Some((office, plan)) = both_go("it_is_applied_where_it_was_asked_for") else { return };
    for person in ["alice", "bob"] {
        office.sign(person, &[]);
    }
    let apply = || office.applying(&plan, &["alice", "bob"]);
    let refused = |attack: &str, command: &mut std::process::Command, code: i32, why: &str| {
        refused(&office, attack, command, &[code], why);
    };
    for name in ["AWS_PROFILE", "ARM_SUBSCRIPTION_ID", "KUBE_CTX"] {
        let why = format!("the variable {name} is not what it was");
        refused("another account", apply().env(name, "other"), 3, &why);
    }
    refused("another workspace", apply().env("TF_WORKSPACE", "other"), 2, "another state");
    refused(
        "processes for providers",
        apply().env("TF_REATTACH_PROVIDERS", "{}"),
        2,
        "TF_REATTACH_PROVIDERS",
    );
    for (flag, why) in [
        ("-state-out=x", "puts the state somewhere else"),
        ("-lock=false", "lets others change the state"),
        ("-target=azurerm_resource_group.apps", "ignored"),
        ("-unheard-of", "no argument that mainstay knows"),
    ] {
        refused(flag, apply().args(["--", flag]), 2, why);
    }
    // Providers of one's own, in a file that only terraform would find: it starts in another directory than we do.
    let overrides =
        "provider_installation {\n  dev_overrides {\n    \"hashicorp/azurerm\" = \"/x\"\n  }\n}\n";
    office.bed.write("own.rc", overrides);
    let elsewhere = office.bed.path().parent().unwrap().to_owned();
    let mut command = apply();
    command.current_dir(&elsewhere).env("TF_CLI_CONFIG_FILE", "own.rc");
    refused("overrides beside the plan", &mut command, 2, "dev_overrides");
    office.bed.write("home/.terraformrc", overrides);
    let mut command = apply();
    command.env("TF_CLI_CONFIG_FILE", "").env("HOME", office.file("home"));
    refused("overrides at home", &mut command, 2, "dev_overrides");

    // Another binary in the place of the provider.
    let versions = office.file(".terraform/providers/registry.terraform.io/hashicorp/azurerm/4.20.0");
    let platform = fs::read_dir(versions).unwrap().next().unwrap().unwrap().path();
    let binary = fs::read_dir(platform).unwrap().next().unwrap().unwrap().path();
    let (ran, kept) = (elsewhere.join("ran"), elsewhere.join("kept"));
    fs::rename(&binary, &kept).unwrap();
    script(&binary, &format!("touch '{}'\nexec '{}' \"$@\"", ran.display(), kept.display()));
    refused("another provider", &mut apply(), 2, "checksums");
    fs::rename(&kept, &binary).unwrap();

    // Programs of the checkout on the search path, and words for terraform in variables, change nothing.
    for name in ["terraform", "tofu", "git", "ssh-keygen"] {
        let text = format!("touch '{}'", ran.display());
        script(&office.file(name), &text);
        script(&office.file(&format!("bin/{name}")), &text);
    }
    let path = std::env::var("PATH").unwrap();
    let mut command = apply();
    command
        .env("PATH", format!(".::bin:./bin:{path}"))
        .env("TF_CLI_ARGS", "-lock=false")
        .env("TF_CLI_ARGS_apply", "-state-out=elsewhere.tfstate")
        .env("TF_CLI_ARGS_show", "-help");
    passes(&office, &mut command);
    assert!(!ran.exists() && !office.file("elsewhere.tfstate").exists());
    assert_eq!(office.bed.cloud().list("azurerm_resource_group").len(), 1);
}

#[test]
fn a_plan_that_did_not_ask_the_cloud_needs_the_same_people_and_says_so() {
    let Some((office, plan)) = both_go("a_plan_that_did_not_ask_the_cloud") else { return };
    for person in ["alice", "bob"] {
        office.sign(person, &[]);
    }
    // Made in the same second it is the same plan, byte by byte.
    let another = |made: &std::path::PathBuf| fs::read(made).unwrap() != fs::read(&plan).unwrap();
    let blind = std::iter::repeat_with(|| office.bed.plan(&["-refresh=false"])).find(another).unwrap();
    let check = said(&office.mainstay(&["check", blind.to_str().unwrap()]));
    assert!(check.contains("does not say whether it was refreshed"), "{check}");
    refused(&office, "nobody", &mut office.applying(&blind, &[]), &[3], "0 of 2");
    refused(
        &office,
        "another's",
        &mut office.applying(&blind, &["alice", "bob"]),
        &[3],
        "the plan is another",
    );
    passes(&office, &mut office.applying(&plan, &["alice", "bob"]));
}
