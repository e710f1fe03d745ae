//! A fixture: an estate before and after a change, the plan from one to the other, and snapshots of it.
//!
//! | in a case's folder | |
//! |---|---|
//! | `before/`, `after/` | configurations, by hand |
//! | `outside` | what happened behind Terraform's back in between, by hand: lines `delete ADDRESS` |
//! | `snapshots.in/` | templates of the snapshots, by hand; those of an outer case count too, file by file |
//! | `plan.tfplan`, `plan.json` | made: `before` applied, `after` planned, by the real Terraform |
//! | `snapshots/` | made from the templates |
//!
//! In a template, `${ADDRESS.ATTRIBUTE}` is that value in the state of `before`, `${ADDRESS.ATTRIBUTE|https://}` what
//! follows `https://` in it, and an element such as
//! `"${az role assignment list}"` of a list is what that command would print there:
//!
//! | element | what comes of it |
//! |---|---|
//! | `${az role assignment list}`, `${az identity list}` | rows |
//! | `${aws iam roles}`, `${aws iam policies}` | rows of `get-account-authorization-details` |
//! | `${aws iam list-server-certificates}`, `${aws acm list-certificates}`, `${aws ecs describe-services}` | rows |
//! | `${aws elbv2 describe-listeners NAME}` | rows of the load balancer of that name |
//! | `${gcloud iam service-accounts list}`, `${gcloud keys EMAIL}` | rows |
//! | `${gcloud bindings RESOURCE}` | what Terraform has bound on the resource with that full name |

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::cloud::Cloud;
use super::{TestBed, aws_cli, aws_tls, azure_cli, gcloud, standin};

pub struct Case {
    pub folder: PathBuf,
}

/// What is made for a case: by file, relative to its folder.
pub type Made = BTreeMap<PathBuf, Vec<u8>>;

impl Case {
    /// Every folder below `fixtures` with a `before` and an `after` in it.
    pub fn all() -> Vec<Self> {
        let mut found = Vec::new();
        let mut folders = vec![standin::here().join("fixtures")];
        while let Some(folder) = folders.pop() {
            if folder.join("before").is_dir() && folder.join("after").is_dir() {
                found.push(Self { folder: folder.clone() });
            }
            folders.extend(entries(&folder).into_iter().filter(|path| path.is_dir()));
        }
        found.sort_by(|one, other| one.folder.cmp(&other.folder));
        found
    }

    /// The folder as messages name it.
    pub fn name(&self) -> String {
        self.folder.strip_prefix(standin::here()).unwrap().display().to_string()
    }

    /// Plays the case in `bed`, which is fresh.
    pub fn make(&self, bed: &TestBed) -> Made {
        bed.configure(&self.folder.join("before"));
        bed.init();
        bed.apply();
        let mut state = State { bed, values: BTreeMap::new() };
        for line in fs::read_to_string(self.folder.join("outside")).unwrap_or_default().lines() {
            let address =
                line.strip_prefix("delete ").unwrap_or_else(|| panic!("{}: outside: {line:?}", self.name()));
            let id = state.value(&format!("{address}.id"));
            bed.cloud().remove(address.split('.').next().unwrap(), &id);
        }
        let mut made = Made::new();
        for (name, template) in self.templates() {
            let file = Path::new("snapshots").join(&name);
            if name.ends_with(".meta.json") {
                made.insert(file, template.into_bytes());
                continue;
            }
            if !name.ends_with(".json") {
                // A table: text with values in it.
                made.insert(file, state.text(&template).into_bytes());
                continue;
            }
            let mut snapshot = serde_json::from_str(&template).unwrap_or_else(|e| panic!("{name}: {e}"));
            state.resolve(&mut snapshot);
            made.insert(file, format!("{snapshot:#}\n").into_bytes());
        }
        bed.configure(&self.folder.join("after"));
        bed.init();
        let plan = bed.plan(&[]);
        made.insert("plan.json".into(), self.dated(&bed.show(&plan)));
        made.insert("plan.tfplan".into(), fs::read(&plan).unwrap());
        made
    }

    /// What the plan file that is committed says, shown in a bed where its configuration is installed.
    pub fn show_committed(&self, bed: &TestBed) -> Vec<u8> {
        bed.show(&self.folder.join("plan.tfplan"))
    }

    /// The plan as if made when the snapshots were taken, in lines that can be read and compared, and with its
    /// one unordered list in order. Else order and spelling stay those of Terraform.
    fn dated(&self, plan: &[u8]) -> Vec<u8> {
        #[derive(serde::Deserialize)]
        struct Unsteady<'a> {
            timestamp: &'a str,
            #[serde(borrow)]
            relevant_attributes: Option<&'a RawValue>,
        }
        let mut text = String::from_utf8(plan.to_vec()).unwrap();
        let copy = text.clone();
        let Unsteady { timestamp, relevant_attributes } = serde_json::from_str(&copy).unwrap();
        if let Some(list) = relevant_attributes {
            let mut items: Vec<&RawValue> = serde_json::from_str(list.get()).unwrap();
            items.sort_by_key(|item| item.get());
            text = text.replacen(list.get(), &serde_json::to_string(&items).unwrap(), 1);
        }
        let taken = self.templates().into_iter().find(|(name, _)| name.ends_with(".meta.json"));
        let sidecar: Json = serde_json::from_str(&taken.unwrap().1).unwrap();
        indented(&text.replace(timestamp, sidecar["taken_at"].as_str().unwrap()))
    }

    fn templates(&self) -> BTreeMap<String, String> {
        let root = standin::here().join("fixtures");
        let mut around: Vec<&Path> = self.folder.ancestors().take_while(|folder| *folder != root).collect();
        around.reverse();
        let mut templates = BTreeMap::new();
        for file in around.iter().flat_map(|folder| entries(&folder.join("snapshots.in"))) {
            let name = file.file_name().unwrap().to_str().unwrap().to_string();
            templates.insert(name, fs::read_to_string(&file).unwrap());
        }
        templates
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).map(|all| all.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
}

struct State<'a> {
    bed: &'a TestBed,
    values: BTreeMap<String, Json>,
}

impl State<'_> {
    /// The value of `TYPE.NAME.ATTRIBUTE`.
    fn value(&mut self, reference: &str) -> String {
        let (address, attribute) =
            reference.rsplit_once('.').unwrap_or_else(|| panic!("no value: {reference}"));
        let bed = self.bed;
        let object = self.values.entry(address.to_string()).or_insert_with(|| bed.state(address));
        object[attribute].as_str().unwrap_or_else(|| panic!("{reference} is no text")).to_string()
    }

    fn resolve(&mut self, template: &mut Json) {
        match template {
            Json::String(text) => *text = self.text(text),
            Json::Object(fields) => {
                for (name, mut field) in std::mem::take(fields) {
                    self.resolve(&mut field);
                    fields.insert(self.text(&name), field);
                }
            }
            Json::Array(items) => {
                for item in std::mem::take(items) {
                    match item.as_str().and_then(|element| listing(&self.bed.cloud(), element)) {
                        Some(rows) => items.extend(rows),
                        None => items.push(item),
                    }
                }
                items.iter_mut().for_each(|item| self.resolve(item));
            }
            _ => {}
        }
    }

    fn text(&mut self, template: &str) -> String {
        let mut pieces = template.split("${");
        let mut out = pieces.next().unwrap_or_default().to_string();
        for piece in pieces {
            let (reference, rest) =
                piece.split_once('}').unwrap_or_else(|| panic!("{template:?} has no end"));
            let (reference, mark) = reference.split_once('|').unwrap_or((reference, ""));
            let value = self.value(reference);
            out.push_str(value.split_once(mark).unwrap_or_else(|| panic!("{reference} has no {mark}")).1);
            out.push_str(rest);
        }
        out
    }
}

/// What an element of a list stands for, if it stands for a command.
fn listing(cloud: &Cloud, element: &str) -> Option<Vec<Json>> {
    let command = element.strip_prefix("${")?.strip_suffix('}')?;
    Some(match command {
        "az role assignment list" => azure_cli::role_assignments(cloud),
        "az identity list" => azure_cli::identities(cloud),
        "aws iam roles" => aws_cli::roles(cloud),
        "aws iam policies" => aws_cli::policies(cloud),
        "aws iam list-server-certificates" => aws_tls::server_certificates(cloud),
        "aws acm list-certificates" => aws_tls::certificates(cloud),
        "aws ecs describe-services" => aws_tls::services(cloud),
        "gcloud iam service-accounts list" => gcloud::service_accounts(cloud),
        _ => match command.split(' ').collect::<Vec<_>>()[..] {
            ["aws", "elbv2", "describe-listeners", name] => aws_tls::listeners(cloud, name),
            ["gcloud", "keys", account] => gcloud::keys(cloud, account),
            ["gcloud", "bindings", resource] => gcloud::bindings(cloud, resource),
            _ => return None,
        },
    })
}

/// JSON with line breaks and indentation, everything else as it was; parsing it would lose the order of keys.
fn indented(json: &str) -> Vec<u8> {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::new(), 0usize, false, false);
    let mut characters = json.trim().chars().peekable();
    while let Some(character) = characters.next() {
        if quoted {
            out.push(character);
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        let line = |depth: usize| format!("\n{}", "  ".repeat(depth));
        match character {
            '{' | '[' if characters.next_if(|next| matches!(next, '}' | ']')).is_some() => {
                out.push_str(if character == '{' { "{}" } else { "[]" });
            }
            '{' | '[' => {
                depth += 1;
                out.push(character);
                out.push_str(&line(depth));
            }
            '}' | ']' => {
                depth -= 1;
                out.push_str(&line(depth));
                out.push(character);
            }
            ',' => out.push_str(&format!(",{}", line(depth))),
            ':' => out.push_str(": "),
            _ => {
                quoted = character == '"';
                out.push(character);
            }
        }
    }
    out.push('\n');
    out.into_bytes()
}
