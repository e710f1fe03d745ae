//! A copy of a fixture in a folder of its own, changed by small edits, and judged.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::{Value as Json, json};

use super::{copy, program, said, standin};

/// The day of the apply in mender-2023.
pub const NOW: &str = "2023-09-22T12:00:00Z";
pub const SUBSCRIPTION: &str = "/subscriptions/11111111-2222-4333-8444-555555555555";
pub const GRANT: &str = "azurerm_role_assignment.cert_manager_dns";
/// The identity of cert-manager.
pub const PRINCIPAL: &str = "5b38ea98-7805-4c8a-9b32-84587fa7ddf8";
pub const CLIENT: &str = "1d484d52-d826-4db9-84de-020471f36f3b";

pub fn zone() -> String {
    format!("{SUBSCRIPTION}/resourceGroups/dns/providers/Microsoft.Network/dnsZones/hosted.example.io")
}

pub fn incidents() -> PathBuf {
    standin::here().join("fixtures/incidents")
}

/// The program under test, with nothing of this environment but where to find Terraform.
pub fn mainstay(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = program::program();
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    program::run(command.args(arguments).current_dir(folder).stdin(Stdio::null()))
}

pub struct Story {
    root: tempfile::TempDir,
}

impl Story {
    /// What a user has of the case at this path below `fixtures/incidents`: plan, configuration, snapshots.
    pub fn of(case: &str) -> Self {
        let (root, from) =
            (tempfile::Builder::new().prefix("ms-").tempdir().unwrap(), incidents().join(case));
        for file in ["plan.json", "mainstay.toml"] {
            fs::copy(from.join(file), root.path().join(file)).unwrap();
        }
        copy(&from.join("snapshots"), &root.path().join("snapshots"));
        Self { root }
    }

    pub fn mender() -> Self {
        Self::of("mender-2023")
    }

    /// The twin where another assignment covers what goes.
    pub fn covered() -> Self {
        Self::of("mender-2023/twins/covered")
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    pub fn read(&self, file: &str) -> Json {
        serde_json::from_slice(&fs::read(self.path().join(file)).unwrap()).unwrap()
    }

    pub fn write(&self, file: &str, text: &str) -> &Self {
        fs::write(self.path().join(file), text).unwrap();
        self
    }

    pub fn remove(&self, file: &str) -> &Self {
        fs::remove_file(self.path().join(file)).unwrap();
        self
    }

    pub fn edit(&self, file: &str, change: impl FnOnce(&mut Json)) -> &Self {
        let mut document = self.read(file);
        change(&mut document);
        self.write(file, &document.to_string())
    }

    /// Changes one object of the cluster.
    pub fn edit_object(&self, kind: &str, name: &str, change: impl FnOnce(&mut Json)) -> &Self {
        self.edit("snapshots/cluster.json", |cluster| {
            let items = cluster["items"].as_array_mut().unwrap();
            let is = |item: &&mut Json| item["kind"] == kind && item["metadata"]["name"] == name;
            change(items.iter_mut().find(is).unwrap_or_else(|| panic!("no {kind} {name}")));
        })
    }

    /// Changes the values of a resource wherever the plan has them.
    pub fn edit_resource(&self, address: &str, change: impl Fn(&mut Json)) -> &Self {
        let is = |entry: &Json| entry["address"] == address;
        self.edit("plan.json", |plan| {
            let [changes, prior, planned] = [
                "/resource_changes",
                "/prior_state/values/root_module/resources",
                "/planned_values/root_module/resources",
            ]
            .map(|place| plan.pointer(place).unwrap().as_array().unwrap().iter().position(is));
            for side in ["before", "after"] {
                change(&mut plan["resource_changes"][changes.unwrap()]["change"][side]);
            }
            change(&mut plan["prior_state"]["values"]["root_module"]["resources"][prior.unwrap()]["values"]);
            change(&mut plan["planned_values"]["root_module"]["resources"][planned.unwrap()]["values"]);
        })
    }

    /// Adds a row to a listing.
    pub fn add(&self, file: &str, row: Json) -> &Self {
        self.edit(file, |rows| rows.as_array_mut().unwrap().push(row))
    }

    /// Adds a role assignment that Terraform knows nothing of.
    pub fn assign(&self, principal: &str, kind: &str, role: (&str, &str), scope: &str) -> &Self {
        let id = "0a0a0a0a-1b1b-4c2c-8d3d-4e4e4e4e4e4e";
        self.add(
            "snapshots/role-assignments.json",
            json!({
                "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{id}"),
                "name": id,
                "principalId": principal,
                "principalName": "",
                "principalType": kind,
                "roleDefinitionId": format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{}", role.0),
                "roleDefinitionName": role.1,
                "scope": scope,
                "type": "Microsoft.Authorization/roleAssignments",
            }),
        )
    }

    /// Lists each snapshot by name in the configuration, so that one that is gone is missed.
    pub fn list_each(&self) -> &Self {
        let file = self.path().join("mainstay.toml");
        let text = fs::read_to_string(&file).unwrap();
        let names = ["cluster", "identities", "role-assignments", "role-definitions"];
        let listed = names.map(|name| format!("\"snapshots/{name}.json\"")).join(", ");
        fs::write(file, text.replace("\"snapshots/\"", &listed)).unwrap();
        self
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        mainstay(self.path(), arguments)
    }

    pub fn check(&self) -> Judged {
        self.check_at(NOW)
    }

    pub fn check_at(&self, now: &str) -> Judged {
        Judged::of(&self.run(&["check", "plan.json", "--now", now, "--format", "json"]))
    }
}

/// The role of the story.
pub const DNS_CONTRIBUTOR: (&str, &str) = ("befefa01-2a29-4197-83a8-272ff33ce314", "DNS Zone Contributor");

/// A report and the exit code that came with it.
pub struct Judged {
    pub code: i32,
    pub report: Json,
}

impl Judged {
    pub fn of(output: &Output) -> Self {
        let report = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("no report: {error}: {}", said(output)));
        let judged = Self { code: output.status.code().unwrap(), report };
        assert_eq!(judged.report["exit_code"], judged.code, "the report and the process disagree");
        judged
    }

    pub fn findings(&self) -> &[Json] {
        self.report["findings"].as_array().unwrap()
    }

    /// What the plan itself brings about, of this rule.
    pub fn by_plan(&self, rule: &str) -> Vec<&Json> {
        self.findings().iter().filter(|one| one["rule"] == rule && one["cause"] == "plan").collect()
    }

    /// The one finding of a rule that the plan brings about.
    pub fn the(&self, rule: &str) -> &Json {
        match self.by_plan(rule).as_slice() {
            [one] => one,
            other => panic!("{} findings of {rule} in {:#}", other.len(), self.report),
        }
    }

    /// Plan-caused findings above a note.
    pub fn loud(&self) -> Vec<String> {
        let loud = |one: &&Json| one["cause"] == "plan" && one["level"] != "note";
        self.findings().iter().filter(loud).map(|one| format!("{}: {}", one["rule"], one["title"])).collect()
    }

    /// Every reason for a doubt that is given.
    pub fn reasons(&self) -> Vec<&str> {
        let all = self.findings().iter().flat_map(|one| one["unknown_because"].as_array().unwrap());
        all.map(|reason| reason.as_str().unwrap()).collect()
    }

    pub fn assert_reason(&self, words: &str) -> &Self {
        assert!(
            self.reasons().iter().any(|one| one.contains(words)),
            "no reason has {words:?}: {:#?}",
            self.reasons()
        );
        self
    }

    /// The fall of the gateway is reported so.
    pub fn assert_falls(&self, code: i32, certainty: &str) -> &Self {
        assert_eq!(self.code, code, "{:#}", self.report);
        let finding = self.the("breaks-workload");
        assert_eq!(finding["certainty"], certainty, "{finding:#}");
        assert_eq!(finding["affects"][0]["node"], "kubernetes:Ingress/prod/gateway");
        assert_eq!(finding["causes"][0]["address"], GRANT);
        self
    }

    /// Nothing is held back, and by the plan nothing happens above a note.
    pub fn assert_passes(&self) -> &Self {
        assert_eq!(self.code, 0, "{:#}", self.report);
        assert_eq!(self.loud(), Vec::<String>::new());
        self
    }
}
