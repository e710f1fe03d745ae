//! Files, directories, sidecars, time.

use super::*;
use std::fs;

const PODS: &str =
    r#"{"apiVersion":"v1","kind":"PodList","metadata":{},"items":[{"metadata":{"name":"x"}}]}"#;

fn settings() -> Settings<'static> {
    Settings { now: "2023-09-22T10:00:00Z".parse().unwrap(), max_age_seconds: 7 * 86_400, inventories: &[] }
}

fn file(content: &[u8], sidecar: Option<&str>) -> Result<Loaded, Error> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.json");
    fs::write(&path, content).unwrap();
    if let Some(text) = sidecar {
        fs::write(directory.path().join("a.json.meta.json"), text).unwrap();
    }
    load(&path, "a.json", None, &settings(), 5, &mut Ahead::default())
}

#[test]
fn a_file_gives_a_source_and_objects() {
    let loaded = file(PODS.as_bytes(), Some(r#"{"taken_at": "2023-09-22T09:00:00Z"}"#)).unwrap();
    let source = &loaded.sources[0];
    assert_eq!((source.path.as_str(), source.kind.as_str(), source.objects), ("a.json", "kubernetes", 1));
    assert!(source.complete() && source.taken_at == Some("2023-09-22T09:00:00Z".parse().unwrap()));
    assert_eq!(source.lists.values().next(), Some(&vec![String::new()]));
    let object = &loaded.objects[0];
    assert!(object.standing && object.taken_at == source.taken_at);
    assert_eq!(object.evidence, Evidence { source: SourceIx(5), pointer: "/items/0".into() });
}

#[test]
fn a_cut_weighs_more_than_age() {
    let cut = PODS.replace("\"metadata\":{}", r#""metadata":{"continue":"x"}"#);
    assert!(matches!(file(cut.as_bytes(), None).unwrap().sources[0].doubt, Some(Doubt::Cut(_))));
    assert!(matches!(file(PODS.as_bytes(), None).unwrap().sources[0].doubt, Some(Doubt::Old(_))));
}

#[test]
fn the_configuration_counts_before_the_sidecar() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.json");
    fs::write(&path, PODS).unwrap();
    fs::write(directory.path().join("a.json.meta.json"), r#"{"taken_at": "2020-01-01T00:00:00Z"}"#).unwrap();
    let given = Some("2023-09-23T10:00:00Z".parse().unwrap());
    let loaded = load(&path, "a.json", given, &settings(), 0, &mut Ahead::default()).unwrap();
    assert_eq!(loaded.sources[0].taken_at, given);
    assert!(loaded.sources[0].complete());
    assert!(loaded.notes[0].contains("after now"), "{:?}", loaded.notes);
}

#[test]
fn sidecars_say_only_what_sidecars_say() {
    for text in ["{", r#"{"when": "x"}"#, r#"{"taken_at": "yesterday"}"#, "[]x"] {
        let error = file(PODS.as_bytes(), Some(text)).unwrap_err();
        assert!(
            matches!(error, Error::Sidecar { .. }) && error.to_string().starts_with("a.json.meta.json"),
            "{error}"
        );
    }
}

#[test]
fn encodings_are_tolerated_and_what_is_no_json_is_not() {
    let marked = [b"\xEF\xBB\xBF", PODS.as_bytes()].concat();
    let wide: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(PODS.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(file(&marked, None).unwrap().objects.len(), 1);
    assert_eq!(file(&wide, None).unwrap().objects.len(), 1);
    let deep = "[".repeat(100_000);
    for text in ["", "{\"a\": NaN}", "{} {}", "WARNING: x\n[]", "\u{0}", deep.as_str()] {
        let error = file(text.as_bytes(), None).unwrap_err();
        assert!(matches!(error, Error::NotJson { .. }), "{error}");
    }
}

#[test]
fn a_named_file_must_be_recognised() {
    let error = file(b"{\"a\": 1}", None).unwrap_err().to_string();
    assert!(error.starts_with("a.json: not recognised") && error.contains("`kubectl`, `vault`"), "{error}");
    assert!(matches!(
        load(Path::new("/nowhere/x"), "x", None, &settings(), 0, &mut Ahead::default()),
        Err(Error::Read { .. })
    ));
}

#[test]
fn a_directory_is_read_whole_and_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    fs::create_dir(directory.path().join("sub")).unwrap();
    at("b.json", PODS);
    at("a.json", PODS);
    at("a.json.meta.json", r#"{"taken_at": "2023-09-22T09:00:00Z"}"#);
    at("sub/c.json", PODS);
    at(".hidden.json", "{");
    at("notes.txt", "not json");
    at("other.json", "{\"a\": 1}");
    let loaded = load(directory.path(), "snap", None, &settings(), 2, &mut Ahead::default()).unwrap();
    let paths: Vec<_> = loaded.sources.iter().map(|source| source.path.replace('\\', "/")).collect();
    assert_eq!(paths, ["snap/a.json", "snap/b.json", "snap/sub/c.json"]);
    assert_eq!(loaded.objects[2].evidence.source, SourceIx(4));
    assert_eq!(loaded.notes.len(), 2, "{:?}", loaded.notes);
    at("broken.json", "{");
    assert!(matches!(
        load(directory.path(), "snap", None, &settings(), 2, &mut Ahead::default()),
        Err(Error::NotJson { .. })
    ));
}

#[test]
fn an_empty_directory_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let loaded = load(directory.path(), "snap", None, &settings(), 0, &mut Ahead::default()).unwrap();
    assert_eq!(loaded.notes, ["snap: no snapshot in it"]);
}

#[test]
fn what_is_not_there_is_a_source_in_doubt() {
    let source = absent("iam.json", "no such file");
    assert_eq!((source.kind.as_str(), source.complete()), ("missing", false));
    assert_eq!(source.doubt.unwrap().reason(), "no such file");
}

#[test]
fn each_document_goes_to_its_own_reader() {
    let of = Some(
        r#"{"of": {"role": "r", "mount": "m", "listener": "l", "arn": "a", "project": "p", "identity": "i"}}"#,
    );
    for (document, kind) in [
        (PODS, "kubernetes"),
        (r#"{"UserDetailList": []}"#, "aws:account-authorization-details"),
        (r#"[{"arn": "arn:aws:iam::aws:policy/A", "document": {}}]"#, "aws:policies"),
        (r#"{"Certificates": [{"CertificateArn": "c"}]}"#, "aws:listener-certificates"),
        (r#"{"Url": "u", "ClientIDList": []}"#, "aws:oidc-provider"),
        (r#"{"bindings": [], "etag": "x", "version": 1}"#, "google:iam-policies"),
        (
            "{\"name\": \"//x/y\", \"assetType\": \"t\"}\n{\"name\": \"//x/z\", \"assetType\": \"t\"}\n",
            "google:assets",
        ),
        (r#"[{"name": "roles/a", "title": "A"}]"#, "google:roles"),
        (r#"{"name": "policies/x%2Fy/denypolicies/d", "kind": "DenyPolicy"}"#, "google:deny-policies"),
        (r#"{"data": {"bind_secret_id": true}}"#, "vault:approle"),
        (r#"{"default_lease_ttl": 1, "max_lease_ttl": 1}"#, "vault:mount"),
        (r#"{"token/": {"type": "token", "accessor": "auth_token_1"}}"#, "vault:auth-mounts"),
        (r#"{"key": "f", "environments": {"e": {"on": true}}}"#, "launchdarkly:flags"),
        (r#"{"data": [{"id": "/subscriptions/s/x", "type": "a/b"}]}"#, "azure:resources"),
        (r#"[{"issuer": "i", "subject": "s", "audiences": []}]"#, "azure:federated-credentials"),
        (r#"{"version": 4, "serial": 1, "lineage": "x"}"#, "terraform:state"),
    ] {
        let loaded = file(document.as_bytes(), of).unwrap_or_else(|error| panic!("{document}: {error}"));
        assert_eq!(loaded.sources[0].kind, kind, "{document}");
    }
}

#[test]
fn lines_of_objects_are_rows_and_a_broken_line_is_an_error() {
    let line = |name: &str| format!("{{\"name\": \"//x/{name}\", \"asset_type\": \"t\"}}\n");
    let loaded = file((line("a") + &line("b")).as_bytes(), None).unwrap();
    assert_eq!(&*loaded.objects[1].evidence.pointer, "/1");
    let error = file((line("a") + "{\"name\": }\n").as_bytes(), None).unwrap_err().to_string();
    assert!(error.starts_with("a.json: not a JSON document: expected value at line 2 column 10"), "{error}");
}

#[test]
fn commands_are_of_what_is_read() {
    let kinds: std::collections::BTreeSet<&str> =
        recognised().iter().map(|(listing, _)| listing.split(':').next().unwrap()).collect();
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["aws", "azure", "google", "kubernetes", "launchdarkly", "vault"]
    );
}
