//! What `vault read -format=json` and the HTTP API print of roles, mounts and tokens.

use super::Error;
use super::found::{Found, says, step};
use super::sidecar::Sidecar;
use serde_json::{Map, Value};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sort {
    Token,
    /// Something that was issued with a token, and is renewed and revoked by itself.
    Lease,
    AppRole,
    /// Of the auth method of Kubernetes.
    KubernetesRole,
    TokenRole,
    DatabaseRole,
    /// The settings of one mount.
    Tune,
    /// All mounts of a kind; whether those are of auth methods.
    Mounts(bool),
}

/// Reads a document if it is one of these; gives it back if not.
///
/// # Errors
/// If nothing says which role or mount it is of.
pub(super) fn read(document: Value, sidecar: &Sidecar, path: &str) -> Result<Result<Found, Value>, Error> {
    let mut top = match document {
        Value::Object(top) => top,
        Value::Array(rows) if !rows.is_empty() && rows.iter().all(is_looked_up) => {
            return many(rows, sidecar, path).map(Ok);
        }
        other => return Ok(Err(other)),
    };
    // The listing of mounts stands in `data` and once more at the top.
    let inner = top.get("data").and_then(Value::as_object).and_then(sort_of);
    let Some(sort) = inner.or_else(|| sort_of(&top)) else { return Ok(Err(Value::Object(top))) };
    let (row, pointer) = match top.remove("data") {
        Some(Value::Object(data)) if inner.is_some() => (data, "/data"),
        _ => (top, ""),
    };
    if let Sort::Mounts(auth) = sort {
        return Ok(Ok(mounts(row, auth, pointer, sidecar)));
    }
    one(sort, row, pointer, sidecar, path).map(Ok)
}

/// Whether it is the answer of a look-up: of a token or a lease, of which there are many and which name themselves.
fn is_looked_up(answer: &Value) -> bool {
    let data = answer.get("data").unwrap_or(answer);
    data.as_object().and_then(sort_of).is_some_and(|sort| matches!(sort, Sort::Token | Sort::Lease))
}

/// Many look-ups in one file, a line or an element for each.
fn many(rows: Vec<Value>, sidecar: &Sidecar, path: &str) -> Result<Found, Error> {
    let mut all = Found::of("vault:tokens");
    for (number, row) in rows.into_iter().enumerate() {
        let Ok(found) = read(row, sidecar, path)? else { continue };
        let placed = |(kind, pointer, value)| (kind, format!("/{number}{pointer}"), value);
        all.objects.extend(found.objects.into_iter().map(placed));
    }
    Ok(all)
}

/// What the keys of an answer say it is.
fn sort_of(row: &Map<String, Value>) -> Option<Sort> {
    let all = |keys: &[&str]| keys.iter().all(|key| row.contains_key(*key));
    Some(if all(&["accessor", "policies"]) && (all(&["creation_ttl"]) || all(&["creation_time"])) {
        Sort::Token
    } else if all(&["id", "issue_time", "expire_time", "last_renewal", "renewable"]) {
        Sort::Lease
    } else if all(&["bound_service_account_names"]) {
        Sort::KubernetesRole
    } else if all(&["bind_secret_id"]) || all(&["secret_id_ttl", "secret_id_num_uses"]) {
        Sort::AppRole
    } else if all(&["allowed_policies", "orphan"]) {
        Sort::TokenRole
    } else if all(&["db_name"])
        && ["creation_statements", "rotation_statements", "rotation_period", "default_ttl"]
            .iter()
            .any(|key| row.contains_key(*key))
    {
        Sort::DatabaseRole
    } else if all(&["default_lease_ttl", "max_lease_ttl"]) {
        Sort::Tune
    } else {
        Sort::Mounts(auth(row)?)
    })
}

/// Whether these are auth methods and no secrets engines; `None` if they are not mounts at all. A mount of an auth method
/// has an accessor that begins with `auth_`, and tokens are always among them.
fn auth(row: &Map<String, Value>) -> Option<bool> {
    let mounts = || row.iter().filter(|(path, _)| path.ends_with('/'));
    let mount =
        |mount: &Value| mount.get("type").is_some_and(Value::is_string) && mount.get("accessor").is_some();
    if mounts().next().is_none() || !mounts().all(|(_, one)| mount(one)) {
        return None;
    }
    Some(mounts().all(|(_, mount)| {
        mount.get("accessor").and_then(Value::as_str).is_some_and(|accessor| accessor.starts_with("auth_"))
    }))
}

/// One role, token or setting.
fn one(
    sort: Sort,
    mut row: Map<String, Value>,
    pointer: &str,
    sidecar: &Sidecar,
    path: &str,
) -> Result<Found, Error> {
    let role = || sidecar.of("role").ok_or_else(|| Error::needs(path, "role", "ROLE-NAME"));
    let kind = match sort {
        Sort::Token => {
            // The token itself; the accessor names it as well.
            row.remove("id");
            "vault:token"
        }
        Sort::Lease => "vault:lease",
        Sort::AppRole => {
            role()?;
            "vault:approle"
        }
        Sort::KubernetesRole => {
            role()?;
            "vault:kubernetes-role"
        }
        Sort::TokenRole => {
            if !says(row.get("name")) {
                row.insert("name".to_owned(), Value::String(role()?.to_owned()));
            }
            "vault:token-role"
        }
        Sort::DatabaseRole => {
            role()?;
            "vault:database-role"
        }
        Sort::Tune | Sort::Mounts(_) => {
            let mount = sidecar.of("mount").ok_or_else(|| Error::needs(path, "mount", "auth/approle"))?;
            let asked = sidecar.words().iter().any(|word| word.trim_start_matches('/').contains("sys/auth/"));
            let below = mount.trim_start_matches('/').strip_prefix("auth/");
            let mount = below.unwrap_or(mount).trim_matches('/');
            row.insert("path".to_owned(), Value::String(format!("{mount}/")));
            if asked || below.is_some() { "vault:auth-mount" } else { "vault:mount" }
        }
    };
    let mut found = Found::of(kind);
    super::mark(&mut row, sidecar);
    found.add(kind, pointer.to_owned(), row);
    Ok(found)
}

/// All mounts: one object for each path.
fn mounts(row: Map<String, Value>, auth: bool, pointer: &str, sidecar: &Sidecar) -> Found {
    let (kind, listing) =
        if auth { ("vault:auth-mount", "vault:auth-mounts") } else { ("vault:mount", "vault:mounts") };
    let mut found = Found::of(listing);
    found.lists(listing, sidecar.of("namespace").unwrap_or_default());
    for (path, mount) in row {
        // The API writes its envelope between the mounts.
        let Value::Object(mut mount) = mount else { continue };
        if !path.ends_with('/') {
            continue;
        }
        let place = format!("{pointer}/{}", step(&path));
        mount.insert("path".to_owned(), Value::String(path));
        super::mark(&mut mount, sidecar);
        found.add(kind, place, mount);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn given(
        document: Value,
        of: &[(&str, &str)],
        command: Option<&str>,
    ) -> Result<Result<Found, Value>, Error> {
        let of = of.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let sidecar = Sidecar { of, command: command.map(str::to_owned), ..Sidecar::default() };
        read(document, &sidecar, "v.json")
    }

    fn plain(document: Value, of: &[(&str, &str)]) -> Found {
        given(document, of, None).unwrap().unwrap()
    }

    fn wrapped(data: Value) -> Value {
        json!({"request_id": "r", "lease_id": "", "lease_duration": 0, "renewable": false, "data": data, "warnings": null,
            "wrap_info": null, "auth": null})
    }

    /// Kind, pointer and value of the only object.
    fn only(found: &Found) -> (&str, &str, &Value) {
        assert_eq!((found.objects.len(), found.lists.len()), (1, 0));
        let (kind, pointer, value) = &found.objects[0];
        (kind.as_str(), pointer.as_str(), value.reveal())
    }

    #[test]
    fn many_look_ups_in_one_file() {
        let token = |accessor: &str| json!({"accessor": accessor, "policies": [], "creation_ttl": 60, "id": "s.secret"});
        let lease = json!({"id": "database/creds/r/x", "issue_time": "2026-01-01T00:00:00Z", "expire_time": null, "last_renewal": null, "renewable": true});
        let found = plain(json!([wrapped(token("a")), token("b"), wrapped(lease)]), &[]);
        let at: Vec<_> = found.objects.iter().map(|(kind, at, _)| (kind.as_str(), at.as_str())).collect();
        assert_eq!(at, [("vault:token", "/0/data"), ("vault:token", "/1"), ("vault:lease", "/2/data")]);
        assert!(found.lists.is_empty(), "nobody says that these are all");
        assert!(found.objects.iter().all(|(_, _, value)| !value.reveal().to_string().contains("s.secret")));
        // Among others it is no such file.
        assert!(given(json!([token("a"), {"x": 1}]), &[], None).unwrap().is_err());
        assert!(given(json!([]), &[], None).unwrap().is_err());
    }

    #[test]
    fn token_roles_name_themselves() {
        let role = json!({"name": "ci", "allowed_policies": ["deploy"], "orphan": false, "token_period": 0});
        assert_eq!(only(&plain(wrapped(role.clone()), &[])), ("vault:token-role", "/data", &role));
        let unnamed = json!({"allowed_policies": [], "orphan": true});
        let error = given(unnamed.clone(), &[], None).unwrap_err().to_string();
        assert!(error.contains(r#"v.json.meta.json with {"of": {"role": "ROLE-NAME"}}"#), "{error}");
        let found = plain(unnamed, &[("role", "ci")]);
        assert_eq!((only(&found).1, &only(&found).2["name"]), ("", &json!("ci")));
    }

    #[test]
    fn other_roles_need_their_names() {
        let app = json!({"bind_secret_id": true, "token_ttl": 1200, "token_policies": ["default"]});
        let database =
            json!({"db_name": "pg", "default_ttl": 3600, "max_ttl": 86400, "creation_statements": ["x"]});
        let fixed = json!({"db_name": "pg", "username": "u", "rotation_period": 86400});
        let account = json!({"bound_service_account_names": ["a"], "bound_service_account_namespaces": ["b"],
            "token_ttl": 0, "alias_name_source": "serviceaccount_uid"});
        for (row, kind) in [
            (account, "vault:kubernetes-role"),
            (app, "vault:approle"),
            (database, "vault:database-role"),
            (fixed, "vault:database-role"),
        ] {
            let error = given(wrapped(row.clone()), &[("mount", "m")], None).unwrap_err();
            assert!(matches!(error, Error::NeedsOf { key: "role", .. }), "{error}");
            let found = plain(json!({"data": row}), &[("mount", "m"), ("role", "r")]);
            assert_eq!((only(&found).0, only(&found).1), (kind, "/data"));
            assert_eq!(only(&found).2["of"], json!({"mount": "m", "role": "r"}));
        }
    }

    #[test]
    fn tokens_come_in_without_the_token() {
        let token = json!({"id": "hvs.hunter2", "accessor": "a1", "creation_time": 1_790_000_000, "creation_ttl": 10,
            "policies": ["default"], "ttl": 5, "orphan": true});
        let found = plain(wrapped(token), &[]);
        let (kind, _, value) = only(&found);
        assert_eq!((kind, &value["accessor"]), ("vault:token", &json!("a1")));
        assert!(!value.to_string().contains("hunter2"));
    }

    #[test]
    fn leases_name_themselves() {
        let lease = json!({"id": "database/creds/directory/2f6a614c", "issue_time": "2023-12-16T09:00:00Z", "ttl": 3000,
            "expire_time": "2023-12-16T10:00:00Z", "last_renewal": null, "renewable": true});
        let found = plain(wrapped(lease.clone()), &[("token", "a1")]);
        let (kind, pointer, value) = only(&found);
        assert_eq!((kind, pointer, &value["id"]), ("vault:lease", "/data", &lease["id"]));
        assert_eq!(value["of"], json!({"token": "a1"}));
    }

    #[test]
    fn settings_of_a_mount_bare_and_wrapped() {
        let tune =
            json!({"default_lease_ttl": 2_764_800, "max_lease_ttl": 2_764_800, "force_no_cache": false});
        assert!(matches!(given(tune.clone(), &[], None), Err(Error::NeedsOf { key: "mount", .. })));
        for (mount, kind, path) in [
            ("auth/approle/", "vault:auth-mount", "approle/"),
            ("secret", "vault:mount", "secret/"),
            ("/kv/team/", "vault:mount", "kv/team/"),
        ] {
            let found = plain(wrapped(tune.clone()), &[("mount", mount)]);
            assert_eq!((only(&found).0, &only(&found).2["path"]), (kind, &json!(path)));
        }
        let command = Some("vault read -format=json sys/auth/approle/tune");
        let found = given(tune, &[("mount", "approle")], command).unwrap().unwrap();
        assert_eq!((only(&found).0, only(&found).1), ("vault:auth-mount", ""));
    }

    #[test]
    fn listings_of_mounts() {
        let mount =
            |accessor: &str| json!({"type": "x", "accessor": accessor, "config": {"max_lease_ttl": 0}});
        let secrets = json!({"sys/": mount("system_1"), "kv/team/": mount("kv_1")});
        let methods = json!({"token/": mount("auth_token_1"), "approle/": mount("auth_approle_1")});
        for (data, kind, listing) in
            [(secrets, "vault:mount", "vault:mounts"), (methods, "vault:auth-mount", "vault:auth-mounts")]
        {
            // The API prints them in `data` and, with its envelope between them, at the top.
            let mut both = wrapped(data.clone());
            both.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
            for (document, prefix) in [(data, ""), (both, "/data")] {
                let found = plain(document, &[]);
                assert_eq!(found.lists.keys().next().unwrap().as_str(), listing);
                assert_eq!((found.objects.len(), found.objects[0].0.as_str()), (2, kind));
                assert!(
                    found.objects[0].1.starts_with(&format!("{prefix}/"))
                        && found.objects[0].1.ends_with("~1")
                );
            }
        }
        let of = plain(json!({"kv/team/": mount("kv_1")}), &[("namespace", "n1")]);
        assert_eq!(of.lists.values().next().unwrap().iter().next().unwrap(), "n1");
        assert_eq!(of.objects[0].1, "/kv~1team~1");
        assert_eq!(of.objects[0].2.reveal()["path"], "kv/team/");
    }

    #[test]
    fn other_documents_are_given_back() {
        for other in [
            json!({}),
            json!([]),
            json!({"data": {}}),
            json!({"errors": ["permission denied"]}),
            json!({"request_id": "r", "data": {"keys": ["a"]}}),
            json!({"data": {"User": {}}, "status_code": 200}),
            json!({"a/": 1}),
            json!({"a/": {"type": "x"}}),
        ] {
            assert!(given(other.clone(), &[], None).unwrap().is_err(), "{other}");
        }
    }
}
