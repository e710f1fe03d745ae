//! What LaunchDarkly's API prints of flags: one object for each flag and environment.

use super::Error;
use super::found::{Found, says, step};
use super::sidecar::Sidecar;
use serde_json::{Map, Value};

/// Reads a document if it is a flag or a list of them; gives it back if not.
///
/// # Errors
/// If a flag has another form.
pub(super) fn read(document: Value, sidecar: &Sidecar, path: &str) -> Result<Result<Found, Value>, Error> {
    let Value::Object(mut top) = document else { return Ok(Err(document)) };
    let mut found = Found::of("launchdarkly:flags");
    if is(&top) {
        flag(top, "", sidecar, path, &mut found)?;
        return Ok(Ok(found));
    }
    let flags = match top.get("items") {
        Some(Value::Array(items)) => {
            !items.is_empty() && items.iter().all(|item| item.as_object().is_some_and(is))
        }
        _ => false,
    };
    let Some(Value::Array(items)) = top.get_mut("items").filter(|_| flags).map(Value::take) else {
        return Ok(Err(Value::Object(top)));
    };
    let total = top.get("totalCount").and_then(Value::as_u64).unwrap_or_default();
    if u64::try_from(items.len()).is_ok_and(|here| here < total) {
        found.cut(format!("{} of {total} flags are here: ask for all pages", items.len()));
    } else if top.get("_links").is_some_and(|links| says(links.get("next"))) {
        found.cut("only the first page is here (_links.next is set): ask for all pages");
    }
    for (number, item) in items.into_iter().enumerate() {
        let place = format!("/items/{number}");
        let Value::Object(item) = item else { return Err(Error::row(path, place, "it is no object")) };
        flag(item, &place, sidecar, path, &mut found)?;
    }
    Ok(Ok(found))
}

/// Whether it is a flag: its environments say whether it is on.
fn is(top: &Map<String, Value>) -> bool {
    let environments = top.get("environments").and_then(Value::as_object);
    let on = |environment: &Value| environment.get("on").is_some_and(Value::is_boolean);
    top.get("key").is_some_and(Value::is_string)
        && !top.contains_key("apiVersion")
        && environments.is_some_and(|all| !all.is_empty() && all.values().all(on))
}

fn flag(
    mut flag: Map<String, Value>,
    pointer: &str,
    sidecar: &Sidecar,
    path: &str,
    found: &mut Found,
) -> Result<(), Error> {
    let key = flag.remove("key").unwrap_or_default();
    let project = sidecar.of("project").map(str::to_owned).or_else(|| project(&flag));
    let Some(Value::Object(environments)) = flag.remove("environments") else {
        return Err(Error::row(path, format!("{pointer}/environments"), "it is no object"));
    };
    for (name, environment) in environments {
        let place = format!("{pointer}/environments/{}", step(&name));
        let Value::Object(mut row) = environment else {
            return Err(Error::row(path, place, "it is no object"));
        };
        // A list gives summaries unless it is asked for more.
        if !row.contains_key("rules") && !row.contains_key("fallthrough") {
            found.cut(format!("{place} is a summary without rules: ask for each flag, or with summary=0"));
        }
        // Links, access rights and who changed it last.
        row.retain(|key, _| !key.starts_with('_'));
        row.insert("flag".to_owned(), key.clone());
        row.insert("environment".to_owned(), Value::String(name));
        if let Some(project) = &project {
            row.insert("project".to_owned(), Value::String(project.clone()));
        }
        super::mark(&mut row, sidecar);
        found.add("launchdarkly:flag-environment", place, row);
    }
    Ok(())
}

/// The project, which stands in the flag's link to itself only: `/api/v2/flags/PROJECT/FLAG`.
fn project(flag: &Map<String, Value>) -> Option<String> {
    let link = flag.get("_links")?.get("self")?.get("href")?.as_str()?;
    let (_, rest) = link.split_once("/flags/")?;
    let (project, _) = rest.split_once('/')?;
    (!project.is_empty()).then(|| project.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn given(document: Value, of: &[(&str, &str)]) -> Result<Found, Value> {
        let of = of.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        read(document, &Sidecar { of, ..Sidecar::default() }, "l.json").unwrap()
    }

    fn flag() -> Value {
        json!({"key": "new-login", "kind": "boolean", "_version": 3,
        "_links": {"self": {"href": "/api/v2/flags/shop/new-login", "type": "application/json"}},
        "environments": {
            "production": {"on": true, "rules": [], "targets": [], "fallthrough": {"variation": 0}, "offVariation": 1,
                "prerequisites": [{"key": "base", "variation": 0}], "_access": {"x": 1}},
            "a/b": {"on": false, "rules": []},
        }})
    }

    #[test]
    fn one_object_for_each_environment() {
        let found = given(flag(), &[]).unwrap();
        assert_eq!(found.objects.len(), 2);
        let (kind, pointer, value) = &found.objects[1];
        assert_eq!(
            (kind.as_str(), pointer.as_str()),
            ("launchdarkly:flag-environment", "/environments/production")
        );
        assert_eq!(
            value.reveal(),
            &json!({"flag": "new-login", "environment": "production", "project": "shop", "on": true, "rules": [], "targets": [],
                "fallthrough": {"variation": 0}, "offVariation": 1, "prerequisites": [{"key": "base", "variation": 0}]})
        );
        assert_eq!(found.objects[0].1, "/environments/a~1b");
        assert!(found.lists.is_empty() && found.cut.is_none());
    }

    #[test]
    fn the_sidecar_may_name_the_project() {
        let mut bare = flag();
        bare.as_object_mut().unwrap().remove("_links");
        assert!(given(bare.clone(), &[]).unwrap().objects[0].2.reveal().get("project").is_none());
        let named = given(bare, &[("project", "p")]).unwrap();
        assert_eq!(named.objects[0].2.reveal()["project"], "p");
        assert_eq!(named.objects[0].2.reveal()["of"]["project"], "p");
    }

    #[test]
    fn lists_that_are_short_are_cut() {
        let whole = given(json!({"items": [flag()], "totalCount": 1}), &[]).unwrap();
        assert_eq!((whole.objects[0].1.as_str(), whole.cut), ("/items/0/environments/a~1b", None));
        let short = given(json!({"items": [flag()], "totalCount": 2}), &[]).unwrap();
        assert!(short.cut.unwrap().contains("1 of 2 flags"));
        let page = given(json!({"items": [flag()], "_links": {"next": {"href": "x"}}}), &[]).unwrap();
        assert!(page.cut.is_some());
        let mut summary = flag();
        summary["environments"]["production"] = json!({"on": true, "_summary": {}});
        assert!(given(json!({"items": [summary]}), &[]).unwrap().cut.unwrap().contains("summary=0"));
    }

    #[test]
    fn other_documents_are_given_back() {
        for other in [
            json!({}),
            json!([]),
            json!({"items": []}),
            json!({"items": [flag(), {"key": "x"}]}),
            json!({"key": "x", "environments": {}}),
            json!({"key": "x", "environments": {"production": {"on": "yes"}}}),
            json!({"key": "x", "environments": ["production"]}),
        ] {
            assert_eq!(given(other.clone(), &[]).unwrap_err(), other);
        }
    }
}
