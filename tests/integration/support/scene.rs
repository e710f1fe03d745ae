//! A plan, snapshots and a configuration put together piece by piece, and judged.

use std::fs;

use serde_json::{Value as Json, json};

use super::story::{Judged, mainstay};

pub const NOW: &str = "2026-03-01T12:00:00Z";
const TAKEN: &str = "2026-03-01T10:00:00Z";
const PLANNED: &str = "2026-03-01T11:00:00Z";

/// What a test has, changed row by row.
#[derive(Clone, Default)]
pub struct Scene {
    changes: Vec<Json>,
    drift: Vec<Json>,
    files: Vec<(String, Json, Json)>,
    toml: String,
    configured: Vec<Json>,
}

impl Scene {
    /// A configuration.
    pub fn of(toml: &str) -> Scene {
        Scene { toml: format!("snapshots = [\"snapshots/\"]\n{toml}"), ..Scene::default() }
    }

    /// Adds an object of the plan: made, changed, deleted or as it was, by what stands before and after.
    pub fn object(&mut self, address: &str, before: Json, after: Json) -> &mut Scene {
        let actions: &[&str] = match (before.is_null(), after.is_null()) {
            (true, _) => &["create"],
            (_, true) => &["delete"],
            _ if before == after => &["no-op"],
            _ => &["update"],
        };
        self.doing(address, actions, before, after)
    }

    /// Adds an object that stays as it is.
    pub fn stays(&mut self, address: &str, values: Json) -> &mut Scene {
        self.object(address, values.clone(), values)
    }

    /// Adds an object with these actions. A value of `"?"` after is known only after apply.
    pub fn doing(&mut self, address: &str, actions: &[&str], before: Json, mut after: Json) -> &mut Scene {
        let unknown = unknown(&mut after);
        let last = address.rsplit_once('[').map_or(address, |(plain, _)| plain);
        let (kind, name) = last.rsplit_once('.').unwrap();
        let kind = kind.rsplit('.').next().unwrap();
        self.changes.push(json!({
            "address": address, "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/x",
            "change": {"actions": actions, "before": before, "after": after, "after_unknown": unknown,
                "before_sensitive": {}, "after_sensitive": {}},
        }));
        self
    }

    /// Says of the last object which keys it has besides.
    pub fn with(&mut self, key: &str, value: Json) -> &mut Scene {
        self.changes.last_mut().unwrap()[key] = value;
        self
    }

    /// Says what the configuration has of a resource of the root module: expressions, as `terraform show -json` gives them.
    pub fn configured(&mut self, address: &str, expressions: Json) -> &mut Scene {
        let (kind, name) = address.split_once('.').unwrap();
        self.configured.push(json!({"address": address, "mode": "managed", "type": kind, "name": name,
            "provider_config_key": "any", "expressions": expressions}));
        self
    }

    /// Takes an object out of the plan again.
    pub fn without(&mut self, address: &str) -> &mut Scene {
        let count = self.changes.len();
        self.changes.retain(|change| change["address"] != address);
        assert_eq!(self.changes.len() + 1, count, "{address} was there once");
        self
    }

    /// What a refresh found to be otherwise.
    pub fn drifted(&mut self, change: Json) -> &mut Scene {
        self.drift.push(change);
        self
    }

    /// Adds a snapshot, or puts another in its place. The sidecar has its time besides.
    pub fn lists(&mut self, name: &str, content: Json, sidecar: Json) -> &mut Scene {
        self.files.retain(|(known, ..)| known != name);
        self.files.push((name.to_owned(), content, sidecar));
        self
    }

    pub fn check(&self) -> Judged {
        let folder = tempfile::Builder::new().prefix("ms-").tempdir().unwrap();
        fs::create_dir(folder.path().join("snapshots")).unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        for (name, content, sidecar) in &self.files {
            let mut sidecar = sidecar.clone();
            sidecar["taken_at"] = TAKEN.into();
            write(&format!("snapshots/{name}"), &content.to_string());
            write(&format!("snapshots/{name}.meta.json"), &sidecar.to_string());
        }
        write("mainstay.toml", &self.toml);
        let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4", "complete": true, "errored": false,
            "timestamp": PLANNED, "resource_changes": self.changes, "resource_drift": self.drift,
            "configuration": {"root_module": {"resources": self.configured}}});
        write("plan.json", &plan.to_string());
        let arguments = ["check", "plan.json", "--now", NOW, "--format", "json"];
        Judged::of(&mainstay(folder.path(), &arguments))
    }
}

/// Takes out what is known only after apply, and says where it was.
fn unknown(value: &mut Json) -> Json {
    match value {
        Json::Object(map) => {
            let later: Vec<String> =
                map.iter().filter(|(_, value)| *value == "?").map(|(key, _)| key.clone()).collect();
            let mut told = serde_json::Map::new();
            for key in later {
                map.remove(&key);
                told.insert(key, true.into());
            }
            for (key, inner) in map.iter_mut() {
                let inner = unknown(inner);
                if inner.as_object().is_some_and(|inner| !inner.is_empty()) || inner.is_array() {
                    told.insert(key.clone(), inner);
                }
            }
            told.into()
        }
        Json::Array(items) => items.iter_mut().map(unknown).collect(),
        _ => json!({}),
    }
}
