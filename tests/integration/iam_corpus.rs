//! Exports of clouds and clusters that nobody here wrote: every one is read with as many objects as a simple walk over
//! its JSON counts, and is incomplete if it says so, or it is refused for the reason that its shape lets expect.
//!
//! `MAINSTAY_CORPUS` holds `aws-iam/`, `gcp-iam/`, `azure-rbac/`, `k8s/` and `other/`; `MAINSTAY_ROLE_DATA` the roles and
//! managed policies that the clouds themselves define.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use mainstay::model::Object;
use mainstay::snapshot::{self, Loaded, Settings};
use serde_json::Value as Json;

use crate::support::corpus::{bounded, document, files, folder};

const FOLDERS: [&str; 5] = ["aws-iam", "gcp-iam", "azure-rbac", "k8s", "other"];

/// Lists of AWS under a key of their own.
const AWS: [&str; 8] = [
    "UserDetailList",
    "GroupDetailList",
    "RoleDetailList",
    "Policies",
    "AccessKeyMetadata",
    "ServerCertificateMetadataList",
    "InstanceProfiles",
    "OpenIDConnectProviderList",
];

/// What a file should come to.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// So many objects; whether it shows that it is a part.
    Read(usize, bool),
    /// Other words than these would be wrong.
    Refused(&'static str),
}

fn length(value: &Json) -> usize {
    value.as_array().map_or(0, Vec::len)
}

/// Members of all bindings of a policy, and the policy.
fn grants(policy: &Json) -> usize {
    let bindings = policy["bindings"].as_array().into_iter().flatten();
    usize::from(policy.is_object()) + bindings.map(|binding| length(&binding["members"])).sum::<usize>()
}

/// What a document should come to, by its shape.
fn of(document: &Json) -> Outcome {
    let has = |key: &str| document.get(key).is_some();
    let refused = Outcome::Refused("not recognised");
    if let Some(rows) = document.as_array() {
        let asset = |row: &Json| row["name"].as_str().is_some_and(|name| name.starts_with("//"));
        if rows.is_empty() || !rows.iter().all(asset) {
            return refused;
        }
        let policies: usize =
            rows.iter().map(|row| grants(&row["iam_policy"]) + grants(&row["iamPolicy"])).sum();
        let hidden = rows.iter().any(|row| row["iam_policy"].to_string().contains("_withcond_"));
        return Outcome::Read(rows.len() + policies, hidden);
    }
    if has("apiVersion") && has("kind") && has("items") {
        let metadata = &document["metadata"];
        let page = metadata["continue"].as_str().is_some_and(|token| !token.is_empty());
        return Outcome::Read(length(&document["items"]), page || metadata["remainingItemCount"].is_number());
    }
    if has("Url") && has("ThumbprintList") {
        return Outcome::Refused("nothing says which arn");
    }
    // `list-policies` prints no documents; only beside the other lists are they there.
    let aws = AWS.iter().filter(|key| has(key)).count();
    if aws > 1 || (aws == 1 && !has("Policies")) {
        let cut = document["IsTruncated"] == true || document["Marker"].is_string();
        return Outcome::Read(AWS.iter().map(|key| length(&document[*key])).sum(), cut);
    }
    if document["value"].is_array() {
        return Outcome::Read(length(&document["value"]), has("nextLink"));
    }
    // A state tells its objects to another reader.
    let state = has("format_version") && document.as_object().is_some_and(|keys| keys.len() == 1);
    if state { Outcome::Read(0, false) } else { refused }
}

/// What a file should come to: recordings of a library hold the answer in `data`, and so are none of these.
fn expected(bytes: &[u8]) -> Outcome {
    let Ok(text) = mainstay::model::decode_text(bytes) else { return Outcome::Refused("neither UTF-8") };
    match serde_json::from_str::<Json>(&text) {
        Ok(document) => of(&document),
        Err(_) if text.lines().all(|line| serde_json::from_str::<Json>(line).is_ok()) => {
            Outcome::Refused("not recognised")
        }
        Err(_) => Outcome::Refused("not a JSON document"),
    }
}

fn load(file: &Path) -> Result<Loaded, String> {
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    let settings = Settings { now, max_age_seconds: 86_400, inventories: &[] };
    let given = file.to_owned();
    let read = move || {
        snapshot::load(&given, "corpus.json", Some(now), &settings, 0, &mut snapshot::Ahead::default())
    };
    bounded(file, read).map_err(|error| error.to_string())
}

fn outcome(file: &Path, expected: &Outcome, kinds: &mut BTreeMap<String, usize>) -> Outcome {
    match (load(file), expected) {
        (Ok(loaded), _) => {
            for object in &loaded.objects {
                *kinds.entry(object.kind.as_str().to_owned()).or_default() += 1;
            }
            let source = &loaded.sources[0];
            *kinds.entry(format!("files of {}", source.kind)).or_default() += 1;
            if !source.complete() {
                *kinds.entry("incomplete".to_owned()).or_default() += 1;
            }
            assert_eq!(source.objects, loaded.objects.len());
            Outcome::Read(loaded.objects.len(), !source.complete())
        }
        (Err(why), Outcome::Refused(words)) if why.contains(words) => {
            *kinds.entry(format!("refused: {words}")).or_default() += 1;
            Outcome::Refused(words)
        }
        (Err(why), _) => {
            kinds.insert(format!("{}: {why}", file.display()), 1);
            Outcome::Refused("for another reason")
        }
    }
}

#[test]
fn every_export_of_the_corpus_is_read_or_refused_as_expected() {
    let test = "every_export_of_the_corpus_is_read_or_refused_as_expected";
    let Some(corpus) = folder("MAINSTAY_CORPUS", test) else { return };
    let scratch = tempfile::tempdir().unwrap();
    let (mut kinds, mut problems, mut seen) = (BTreeMap::new(), Vec::new(), 0);
    for file in FOLDERS.iter().flat_map(|folder| files(&corpus.join(folder))) {
        let bytes = fs::read(&file).unwrap();
        let mut given = vec![(file.clone(), expected(&bytes))];
        // The answer in a recording is what the tool itself would print.
        let recorded = document(&bytes).and_then(|mut recording| Some(recording.get_mut("data")?.take()));
        if let Some(answer) = recorded.filter(|answer| answer.get("ResponseMetadata").is_some()) {
            let path = scratch.path().join("answer.json");
            fs::write(&path, answer.to_string()).unwrap();
            given.push((path, of(&answer)));
        }
        for (path, expected) in given {
            let outcome = outcome(&path, &expected, &mut kinds);
            if outcome != expected {
                problems.push(format!("{}: {outcome:?}, and it should be {expected:?}", file.display()));
            }
            seen += 1;
        }
    }
    for (kind, count) in &kinds {
        println!("{count:6}  {kind}");
    }
    println!("{seen:6}  documents");
    assert!(problems.is_empty(), "{} files:\n{}", problems.len(), problems.join("\n"));
    assert!(seen > 500, "{seen}");
}

fn value(object: &Object) -> &Json {
    object.before.as_ref().unwrap().value.reveal()
}

#[test]
fn the_roles_that_clouds_define_are_snapshots() {
    let Some(data) = folder("MAINSTAY_ROLE_DATA", "the_roles_that_clouds_define_are_snapshots") else {
        return;
    };
    for (file, kind, listing, part, count) in [
        ("azure-builtin-roles.json", "azure:role-definition", "azure:role-definitions", "", 928),
        ("gcp-predefined-roles.json", "google:role", "google:roles", "roles", 2461),
        ("aws-managed-policies.json", "aws:policy", "aws:policies", "aws", 1661),
    ] {
        let started = Instant::now();
        let loaded = load(&data.join(file)).unwrap();
        println!("{file}: {:?}", started.elapsed());
        assert_eq!(loaded.objects.len(), count, "{file}");
        assert!(loaded.objects.iter().all(|object| object.kind.as_str() == kind), "{file}");
        let source = &loaded.sources[0];
        assert!(
            source.complete() && loaded.notes.is_empty(),
            "{file}: {:?} {:?}",
            source.doubt,
            loaded.notes
        );
        let lists: Vec<_> =
            source.lists.iter().map(|(listing, parts)| (listing.as_str(), parts.clone())).collect();
        assert_eq!(lists, [(listing, vec![part.to_owned()])], "{file}");
        if kind == "aws:policy" {
            for policy in loaded.objects.iter().map(value) {
                assert!(policy["Arn"].is_string() && policy["PolicyName"].is_string(), "{policy}");
                assert!(policy["Document"]["Statement"].is_array(), "{policy}");
            }
        }
    }
}
