//! The stand-in's cloud, as a person at the portal sees it: look, take away, change, without Terraform.

use std::fs;
use std::path::PathBuf;

use serde_json::Value as Json;

pub struct Cloud {
    root: PathBuf,
}

impl Cloud {
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// All objects of a type, in the order of their ids.
    pub fn list(&self, kind: &str) -> Vec<Json> {
        let mut objects: Vec<Json> = self.files(kind).into_iter().map(|(_, object)| object).collect();
        objects.sort_by_key(|object| object["id"].to_string());
        objects
    }

    /// The one object with that id or name.
    pub fn get(&self, kind: &str, which: &str) -> Json {
        self.find(kind, which).1
    }

    /// Takes an object away behind Terraform's back.
    pub fn remove(&self, kind: &str, which: &str) {
        fs::remove_file(self.find(kind, which).0).unwrap();
    }

    /// Changes an object behind Terraform's back.
    pub fn edit(&self, kind: &str, which: &str, change: impl FnOnce(&mut Json)) {
        let (file, mut object) = self.find(kind, which);
        change(&mut object);
        fs::write(file, serde_json::to_vec_pretty(&object).unwrap()).unwrap();
    }

    /// What Terraform had done, oldest first: `create TYPE ID`, `update TYPE ID`, `delete TYPE ID`.
    /// Behind-the-back changes are not in it.
    pub fn ops(&self) -> Vec<String> {
        let log = fs::read_to_string(self.root.join("ops.log")).unwrap_or_default();
        log.lines().map(str::to_string).collect()
    }

    fn find(&self, kind: &str, which: &str) -> (PathBuf, Json) {
        let is = |object: &Json| {
            object["id"] == which || object["name"] == which || object["metadata"][0]["name"] == which
        };
        let mut found: Vec<_> = self.files(kind).into_iter().filter(|(_, object)| is(object)).collect();
        assert!(found.len() == 1, "{} objects of {kind} are called {which}", found.len());
        found.remove(0)
    }

    fn files(&self, kind: &str) -> Vec<(PathBuf, Json)> {
        let Ok(entries) = fs::read_dir(self.root.join(kind)) else { return Vec::new() };
        let files = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "json"));
        files.map(|file| (file.clone(), serde_json::from_slice(&fs::read(&file).unwrap()).unwrap())).collect()
    }
}
