//! The traps of the format, one by one.

use super::*;
use crate::model::{ChangeIx, Reference};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A plan of these entries, with everything a whole one has; `more` overlays the top.
fn document(changes: Value, more: Value) -> Value {
    let mut whole = json!({"format_version": "1.2", "terraform_version": "1.11.4", "timestamp": "2023-09-22T10:00:00Z",
        "errored": false, "complete": true, "resource_changes": changes});
    for (key, value) in more.as_object().unwrap() {
        whole[key] = value.clone();
    }
    whole
}

fn entry(address: &str, actions: &[&str], before: Value, after: Value) -> Value {
    let kind = address.rsplit("].").next().unwrap().split('.').rev().nth(1).unwrap_or("t").to_owned();
    json!({"address": address, "mode": "managed", "type": kind, "name": "x",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": {},
                   "before_sensitive": {}, "after_sensitive": {}}})
}

fn read(bytes: &[u8], plan: usize, source: SourceIx, first_change: u32) -> Result<Plan, Error> {
    read_bytes(bytes, Asked { plan, source, first_change, digest: true, ..Asked::all("p.json") })
}

fn plan_of(value: &Value) -> Plan {
    read(value.to_string().as_bytes(), 0, SourceIx(3), 10).unwrap()
}

fn plan(changes: Value, more: Value) -> Plan {
    plan_of(&document(changes, more))
}

fn refusal(text: &str) -> Error {
    read(text.as_bytes(), 0, SourceIx(0), 0).unwrap_err()
}

fn path() -> String {
    "p.json".to_owned()
}

#[test]
fn other_files_are_refused_with_what_to_give_instead() {
    assert_eq!(refusal("PK\u{3}\u{4}zip"), Error::IsPlanFile { path: path() });
    let log = r#"{"@level":"info","@message":"Terraform 1.11.4","type":"version"}"#;
    assert_eq!(refusal(&format!("{log}\n{log}\n")), Error::IsLog { path: path() });
    assert_eq!(refusal(&format!("[{log},{log}]")), Error::IsLog { path: path() });
    assert_eq!(
        refusal(r#"{"version":4,"serial":1,"lineage":"x","resources":[]}"#),
        Error::IsState { path: path() }
    );
    assert_eq!(
        refusal(r#"{"format_version":"1.0","values":{"root_module":{}}}"#),
        Error::IsState { path: path() }
    );
    assert_eq!(refusal(r#"{"remote_plan_format":1,"run_id":"run-1"}"#), Error::IsBookmark { path: path() });
    let envelope = r#"{"serial":1,"lineage":"x","meta":{},"encrypted_data":"…","encryption_version":"v0"}"#;
    assert_eq!(refusal(envelope), Error::IsEncrypted { path: path() });
    assert_eq!(
        refusal(r#"{"plan_format_version":"1.1","provider_schemas":{},"resource_changes":[]}"#),
        Error::IsRedacted { path: path() }
    );
    assert_eq!(refusal(r#"{"resource_changes":[]}"#), Error::NoVersion { path: path() });
    assert_eq!(refusal(r#"{"format_version":"1.0","valid":true}"#), Error::NotAPlan { path: path() });
    assert_eq!(refusal("[]"), Error::NotAPlan { path: path() });
    for version in [r#""2.0""#, "1.2", r#""""#, "{}"] {
        let error = refusal(&format!(r#"{{"format_version":{version},"resource_changes":[]}}"#));
        assert!(matches!(error, Error::Version { .. }), "{error}");
    }
}

#[test]
fn lines_around_the_json_are_left_out_or_refused_with_their_place() {
    let good =
        document(json!([entry("t.a", &["delete"], json!({"id": "1"}), Value::Null)]), json!({})).to_string();
    let wrapped =
        format!("[command]/opt/terraform-bin show -json p\n{good}\n::set-output name=exitcode::0\n");
    let plan = read(wrapped.as_bytes(), 0, SourceIx(0), 0).unwrap();
    assert_eq!(plan.changes.len(), 1);
    assert_eq!(plan.notes, ["p.json: 1 line before and 1 line after the JSON left out"]);
    assert!(plan_of(&document(json!([]), json!({}))).notes.is_empty());
    // Two documents are never one.
    for text in [format!("{good}\n{good}"), format!("{{}}\n{good}"), format!("[{good}]\n{good}")] {
        assert!(read(text.as_bytes(), 0, SourceIx(0), 0).is_err(), "{text}");
    }
    assert!(refusal(&format!("plan: {good}")).to_string().contains("line 1"));
    assert!(refusal(&format!("{good}\n\nDone.")).to_string().contains("line 3"));
    assert!(refusal("").to_string().contains("empty"));
    assert!(refusal(good.trim_end_matches('}')).to_string().contains("EOF"));
    assert!(
        refusal(r#"{"format_version":"1.2","resource_changes":[{"address":NaN}]}"#)
            .to_string()
            .contains("line 1")
    );
}

#[test]
fn what_was_deleted_outside_is_gone_and_not_unmentioned() {
    let was = json!({"id": "1", "secret": "s"});
    let mut drifted = entry("t.a", &["delete"], was, Value::Null);
    drifted["change"]["before_sensitive"] = json!({"secret": true});
    let drift = json!([
        drifted,
        entry("t.b", &["delete"], json!({"id": "2"}), Value::Null),
        entry("t.c", &["update"], json!({"id": "3"}), json!({"id": "3"}))
    ]);
    let plan =
        plan(json!([entry("t.a", &["create"], Value::Null, json!({}))]), json!({"resource_drift": drift}));
    let gone: Vec<_> = plan.summary.gone.iter().map(|gone| (gone.address.as_str(), gone.made_anew)).collect();
    assert_eq!(gone, [("t.a", true), ("t.b", false)]);
    let objects: Vec<&Object> = plan.objects.iter().filter(|object| object.gone).collect();
    assert_eq!(objects.len(), 2);
    assert_eq!(objects[0].evidence.pointer.as_ref(), "/resource_drift/0");
    let before = objects[0].before.as_ref().unwrap();
    assert_eq!(before.value.reveal(), &json!({"id": "1", "secret": PLACEHOLDER}));
}

#[test]
fn actions_that_no_change_shows_are_told() {
    let more = json!({"action_invocations": [{"address": "action.aws_lambda_invoke.a", "type": "aws_lambda_invoke",
        "config_values": {"payload": "secret"}, "lifecycle_action_trigger": {"action_trigger_event": "AfterUpdate"}}],
        "deferred_action_invocations": [{"reason": "deferred_prereq"}]});
    let partial = plan(json!([]), more).summary.partial;
    let invoked = vec!["action.aws_lambda_invoke.a".to_owned()];
    assert_eq!(partial, [Partial::Deferred(1), Partial::Invokes(invoked)]);
}

#[test]
fn outputs_are_known_by_name_and_digest_and_what_they_are_made_of() {
    let more = json!({
        "prior_state": {"values": {"outputs": {"net": {"value": {"b": 1.5, "a": [1]}}, "key": {"value": "s", "sensitive": true}}}},
        "configuration": {"root_module": {"outputs": {
            "net": {"expression": {"references": ["t.a.id", "t.a", "module.m.o", "module.m"]}}, "new": {"expression": {}}},
            "module_calls": {"m": {"module": {"outputs": {"o": {"expression": {"references": ["t.b.id", "t.b"]}}},
                "resources": [{"address": "t.b"}]}}}, "resources": [{"address": "t.a"}]}}});
    let outputs = plan(json!([]), more).outputs;
    let told: Vec<_> = outputs.iter().map(|one| (one.name.as_str(), one.digest.is_some())).collect();
    assert_eq!(told, [("key", false), ("net", true), ("new", false)]);
    assert_eq!(outputs[1].resources, Some(vec![Address::new("module.m.t.b"), Address::new("t.a")]));
    let value: Value = serde_json::from_str(r#"{"a":[1],"b":1.5}"#).unwrap();
    assert_eq!(outputs[1].digest, Some(digest(&value)));
}

#[test]
fn files_of_a_directory_are_told_apart() {
    let told = |text: &str| recognised(text.as_bytes(), "p.json");
    assert_eq!(told(&document(json!([]), json!({})).to_string()), Some(Ok(())));
    assert_eq!(told("PK\u{3}\u{4}"), Some(Err(Error::IsPlanFile { path: path() })));
    assert_eq!(told(r#"{"name":"package"}"#), None);
    assert_eq!(told("{\"compilerOptions\": {} // a comment\n}"), None);
    assert!(matches!(
        told(r#"{"format_version":"1.2","resource_changes":[{"#),
        Some(Err(Error::NotJson { .. }))
    ));
    assert_eq!(told(r#"{"version":4,"serial":1}"#), Some(Err(Error::IsState { path: path() })));
}

#[test]
fn byte_order_marks_and_utf16_are_accepted_and_the_given_bytes_are_hashed() {
    let good = document(json!([]), json!({})).to_string();
    let marked = [b"\xEF\xBB\xBF", good.as_bytes()].concat();
    let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide_marked = [b"\xFF\xFE", wide.as_slice()].concat();
    for bytes in [&marked, &wide, &wide_marked] {
        let plan = read(bytes, 0, SourceIx(0), 0).unwrap();
        let expect: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(plan.summary.sha256, Some(expect));
    }
}

#[test]
fn errors_do_not_show_values() {
    let error =
        refusal(r#"{"format_version":"1.2","resource_changes":[{"address":"a.b","change":"hunter2"}]}"#);
    assert!(
        error.to_string().contains("/resource_changes/0") && !error.to_string().contains("hunter2"),
        "{error}"
    );
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let change = format!(
        r#"{{"address":"a.b","change":{{"actions":["update"],"before":{{"x":{deep}}},"after":null}}}}"#
    );
    let error = refusal(&format!(r#"{{"format_version":"1.2","resource_changes":[{change}]}}"#));
    assert!(error.to_string().contains("/resource_changes/0/change/before: recursion limit"), "{error}");
    let skipped = format!(r#"{{"format_version":"1.2","resource_changes":[],"variables":{deep}}}"#);
    assert!(read(skipped.as_bytes(), 0, SourceIx(0), 0).is_ok());
    let configuration = r#"{"module_calls":{"a":{"module":"#.repeat(100_000);
    let error =
        refusal(&format!(r#"{{"format_version":"1.2","configuration":{{"root_module":{configuration}"#));
    assert!(matches!(error, Error::NotJson { .. } | Error::Form { .. }), "{error}");
}

#[test]
fn a_value_that_comes_twice_counts_as_its_last() {
    let text = r#"{"format_version":"1.2","resource_changes":[
        {"address":"a.b","type":"a","change":{"actions":["delete"],"before":{"x":1,"x":2},"after":null}}]}"#;
    let plan = read(text.as_bytes(), 0, SourceIx(0), 0).unwrap();
    assert_eq!(plan.objects[0].before.as_ref().unwrap().value.reveal(), &json!({"x": 2}));
}

#[test]
fn what_decides_must_not_come_twice() {
    let entry = |fields: &str, change: &str| {
        format!(
            r#"{{"format_version":"1.2","resource_changes":[{{"address":"a.b",{fields}"change":{{{change}"before":{{}}}}}}]}}"#
        )
    };
    for (key, text) in [
        ("actions", entry("", r#""actions":["delete"],"actions":["no-op"],"#)),
        ("actions", entry("", r#""actions":["delete"],"\u0061ctions":["no-op"],"#)),
        ("before", entry("", r#""actions":["delete"],"before":null,"#)),
        ("address", entry(r#""address":"c.d","#, "")),
        ("change", entry(r#""change":{"actions":["delete"]},"#, r#""actions":["no-op"],"#)),
        (
            "resource_changes",
            r#"{"format_version":"1.2","resource_changes":[],"resource_changes":[]}"#.to_owned(),
        ),
        (
            "complete",
            r#"{"format_version":"1.2","complete":false,"resource_changes":[],"complete":true}"#.to_owned(),
        ),
    ] {
        let error = refusal(&text).to_string();
        assert!(error.contains(&format!("two keys are called `{key}`")), "{text}: {error}");
    }
}

#[test]
fn sections_may_be_missing() {
    let plan = plan_of(&json!({"format_version": "0.1", "planned_values": {}}));
    assert!(plan.changes.is_empty() && plan.objects.is_empty());
    assert_eq!(plan.summary.partial, [Partial::CompletenessUnknown]);
    let drift = json!({"format_version": "1.2", "complete": true, "resource_drift":
        [entry("t.a", &["delete"], json!({"id": "1"}), Value::Null)]});
    let plan = plan_of(&drift);
    assert_eq!(plan.drift.len(), 1);
    assert_eq!(plan.drift[0].action, Action::Delete);
    assert!(plan.drift[0].before.is_some() && plan.drift[0].after.is_none());
}

#[test]
fn what_is_partial_is_said() {
    let more = json!({"errored": true, "complete": false, "deferred_changes": [{"reason": "unknown"}, {}]});
    let plan = plan(json!([]), more);
    assert_eq!(plan.summary.partial, [Partial::Errored, Partial::Incomplete, Partial::Deferred(2)]);
}

#[test]
fn changes_carry_their_numbers_and_places() {
    let plan = plan(
        json!([
            entry("t.a", &["no-op"], json!({}), json!({})),
            entry("t.b", &["delete"], json!({}), Value::Null)
        ]),
        json!({}),
    );
    assert_eq!(plan.objects[1].change, Some(ChangeIx(11)));
    assert_eq!(plan.objects[1].evidence.pointer.as_ref(), "/resource_changes/1");
    assert_eq!(plan.objects[1].evidence.source, SourceIx(3));
    assert_eq!(plan.summary.changes, BTreeMap::from([("no-op", 1), ("delete", 1)]));
    assert_eq!(plan.objects[1].taken_at, Some("2023-09-22T10:00:00Z".parse().unwrap()));
}

#[test]
fn each_action_has_its_sides() {
    let one = |actions: &[&str], before: Value, after: Value| {
        let objects = plan(json!([entry("t.a", actions, before, after)]), json!({})).objects;
        objects
            .iter()
            .map(|object| (object.before.is_some(), object.after.is_some(), object.standing))
            .collect::<Vec<_>>()
    };
    let here = || json!({"id": "1"});
    assert_eq!(one(&["no-op"], here(), here()), [(true, false, true)]);
    assert_eq!(one(&["create"], Value::Null, here()), [(false, true, false)]);
    assert_eq!(one(&["update"], here(), here()), [(true, true, false)]);
    assert_eq!(one(&["delete"], here(), Value::Null), [(true, false, false)]);
    assert_eq!(one(&["delete", "create"], here(), here()), [(true, true, false)]);
    assert_eq!(one(&["forget"], here(), Value::Null), [(true, true, false)]);
    assert_eq!(one(&["create", "forget"], here(), here()), [(true, true, false), (false, true, false)]);
    // What an action says must be there and is not told is unknown.
    assert_eq!(one(&["create"], Value::Null, Value::Null), [(false, true, false)]);
    assert_eq!(one(&["delete"], Value::Null, Value::Null), [(true, false, false)]);
    assert_eq!(one(&["Open"], Value::Null, Value::Null), [(true, false, false)]);
}

#[test]
fn unknown_and_missing_actions_stay_open() {
    let mut missing = entry("t.b", &[], json!({}), json!({}));
    missing["change"] = json!({"before": {}, "after": {}});
    let plan = plan(json!([entry("t.a", &["evaporate"], json!({}), json!({})), missing]), json!({}));
    assert_eq!(plan.changes[0].action, Action::Other(vec!["evaporate".to_owned()]));
    assert_eq!(plan.changes[1].action, Action::Other(vec![]));
    assert!(plan.changes[1].action.is_destructive());
}

#[test]
fn importing_may_be_false_and_moves_are_kept() {
    let mut imported = entry("t.a", &["update"], json!({"id": "1"}), json!({"id": "1"}));
    imported["change"]["importing"] = json!({"id": "1"});
    let mut not = entry("t.b", &["create"], Value::Null, json!({}));
    not["change"]["importing"] = json!(false);
    not["previous_address"] = json!("t.old");
    let plan = plan(json!([imported, not]), json!({}));
    assert!(plan.changes[0].importing && plan.objects[0].before.is_some());
    assert!(!plan.changes[1].importing);
    assert_eq!(plan.changes[1].previous_address, Some(Address::new("t.old")));
}

#[test]
fn sensitive_values_are_gone_on_both_sides_and_in_the_state() {
    let mut change =
        entry("t.a", &["update"], json!({"p": "s1", "q": "s2"}), json!({"p": "s3", "q": "s4", "r": "s5"}));
    change["change"]["before_sensitive"] = json!({"p": true});
    change["change"]["after_sensitive"] = json!({"q": true});
    let state = |address: &str| {
        json!({"address": address, "mode": "managed", "type": "t", "name": "a",
        "values": {"r": "s5", "z": "s6"}, "sensitive_values": {"r": true, "z": true}})
    };
    let prior = json!({"values": {"outputs": {"o": {"value": "s7"}}, "root_module": {"resources": [state("t.a"), state("t.b")]}}});
    let plan = plan(json!([change]), json!({"prior_state": prior, "variables": {"v": {"value": "s8"}}}));
    let all = format!("{:?}", plan);
    for secret in 1..=8 {
        assert!(!all.contains(&format!("s{secret}")), "s{secret} in {all}");
    }
    let after = plan.objects[0].after.as_ref().unwrap();
    assert_eq!(after.value.reveal(), &json!({"p": PLACEHOLDER, "q": PLACEHOLDER, "r": PLACEHOLDER}));
    assert_eq!(after.sensitive, json!({"p": true, "q": true, "r": true, "z": true}));
}

#[test]
fn numbers_keep_all_their_digits() {
    let text = r#"{"format_version":"1.2","resource_changes":[{"address":"a.b","change":{"actions":["delete"],
        "before":{"n":123456789012345678901234567890,"f":1.50},"after":null}}]}"#;
    let plan = read(text.as_bytes(), 0, SourceIx(0), 0).unwrap();
    assert_eq!(
        plan.objects[0].before.as_ref().unwrap().value.reveal().to_string(),
        r#"{"f":1.50,"n":123456789012345678901234567890}"#
    );
}

#[test]
fn deposed_objects_stand_beside_the_current_one() {
    let mut deposed = entry("t.a", &["delete"], json!({"id": "old"}), Value::Null);
    deposed["deposed"] = json!("0a1b2c3d");
    let resource = |depends: Value, key: Value| {
        json!({"address": "t.a", "mode": "managed", "type": "t", "deposed_key": key,
        "values": {}, "depends_on": depends})
    };
    let prior = json!({"values": {"root_module": {"resources": [
        resource(json!(["t.new"]), Value::Null), resource(json!(["t.old"]), json!("0a1b2c3d"))]}}});
    let plan =
        plan(json!([entry("t.a", &["no-op"], json!({}), json!({})), deposed]), json!({"prior_state": prior}));
    assert_eq!(plan.objects.len(), 2);
    assert_eq!(plan.changes[1].deposed.as_deref(), Some("0a1b2c3d"));
    assert_eq!(plan.objects[0].depends_on, [Address::new("t.new")]);
    assert_eq!(plan.objects[1].depends_on, [Address::new("t.old")]);
    assert!(plan.objects[1].before.is_some() && plan.objects[1].after.is_none());
}

#[test]
fn what_only_the_state_holds_stands() {
    let resource = |address: &str, mode: &str| json!({"address": address, "mode": mode, "type": "t", "values": {"id": "1"}});
    let prior = json!({"values": {"root_module": {"resources": [resource("t.moved", "managed")], "child_modules": [
        {"address": "module.m", "resources": [resource("module.m.data.t.d", "data"), resource("module.m.t.left", "managed")]}]}}});
    let mut moved = entry("t.now", &["no-op"], json!({}), json!({}));
    moved["previous_address"] = json!("t.moved");
    let plan = plan(json!([moved]), json!({"prior_state": prior}));
    let names: Vec<_> = plan.objects.iter().map(|object| object.address.as_ref().unwrap().as_str()).collect();
    assert_eq!(names, ["t.now", "module.m.data.t.d", "module.m.t.left"]);
    assert!(plan.objects[2].standing && plan.objects[2].change.is_none());
    assert_eq!(
        plan.objects[2].evidence.pointer.as_ref(),
        "/prior_state/values/root_module/child_modules/0/resources/1"
    );
}

#[test]
fn data_read_during_apply_stands_with_what_is_known() {
    let mut read = entry("data.t.a", &["read"], Value::Null, json!({"name": "x"}));
    read["mode"] = json!("data");
    read["change"]["after_unknown"] = json!({"id": true});
    let mut empty = entry("data.t.b", &["read"], Value::Null, Value::Null);
    empty["mode"] = json!("data");
    let mut ephemeral = entry("ephemeral.t.c", &["open"], Value::Null, Value::Null);
    ephemeral["mode"] = json!("ephemeral");
    let plan = plan(json!([read, empty, ephemeral]), json!({}));
    assert_eq!((plan.changes.len(), plan.objects.len()), (3, 1));
    let before = plan.objects[0].before.as_ref().unwrap();
    assert!(plan.objects[0].standing && before.unknown == json!({"id": true}));
}

fn block(address: &str, expressions: Value) -> Value {
    json!({"address": address, "mode": "managed", "expressions": expressions})
}

fn references(list: &[&str]) -> Value {
    json!({"references": list})
}

fn found(plan: &Plan, address: &str, path: &str) -> Vec<(String, Option<String>)> {
    let object = plan.objects.iter().find(|object| object.address == Some(Address::new(address))).unwrap();
    let side = object.after.as_ref().or(object.before.as_ref()).unwrap();
    let list = side.references.get(path).cloned().unwrap_or_default();
    list.into_iter()
        .map(|Reference { address, attribute }| (address.as_str().to_owned(), attribute))
        .collect()
}

fn is(address: &str, attribute: &str) -> Vec<(String, Option<String>)> {
    vec![(address.to_owned(), Some(attribute.to_owned()))]
}

fn created(addresses: &[&str]) -> Value {
    let open = |address: &&str| {
        let mut entry = entry(address, &["create"], Value::Null, json!({}));
        entry["change"]["after_unknown"] = json!({"id": true});
        entry
    };
    addresses.iter().map(open).collect()
}

#[test]
fn references_keep_path_and_attribute() {
    let configuration = json!({"root_module": {"resources": [
        block("t.a", json!({"identity": [{"identity_ids": references(&["t.b.id", "t.b"])}],
            "key": references(&["t.c[\"x.y\"].id", "t.c[\"x.y\"]", "t.c"]), "local": references(&["local.l"])})),
        json!({"address": "t.b", "depends_on": ["data.t.d"], "count_expression": references(&["t.e.n", "t.e"])}),
        block("t.c", json!({}))]}});
    let plan = plan(
        created(&["t.a", "t.b", "t.c[\"x.y\"]", "t.c[\"z\"]", "t.gone"]),
        json!({"configuration": configuration}),
    );
    assert_eq!(found(&plan, "t.a", "identity.0.identity_ids"), is("t.b", "id"));
    assert_eq!(found(&plan, "t.a", "key"), is("t.c[\"x.y\"]", "id"));
    let configured = |number: usize| {
        plan.objects[number]
            .configured
            .clone()
            .map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(configured(0), Some(vec!["t.b".to_owned(), "t.c".to_owned()]));
    assert_eq!(configured(1), Some(vec!["data.t.d".to_owned(), "t.e".to_owned()]));
    assert_eq!(configured(2), Some(vec![]));
    assert_eq!(configured(4), None);
}

#[test]
fn what_a_local_hides_is_known_where_one_block_alone_can_have_taken_it() {
    let entries = json!([
        entry("t.a[\"x\"]", &["update"], json!({}), json!({})),
        entry("t.a[\"y\"]", &["no-op"], json!({}), json!({})),
        entry("t.b", &["delete", "create"], json!({}), json!({})),
        entry("t.gone", &["delete"], json!({}), Value::Null),
        entry("t.c", &["no-op"], json!({}), json!({})),
    ]);
    let local = || json!({"v": references(&["local.l"])});
    let configured = |changes: &Value, output: &str, action: &str| {
        let outputs = json!({"o": {"expression": references(&[output])}});
        let resources = json!([block("t.a", local()), block("t.b", json!({})), block("t.c", local())]);
        let more = json!({"relevant_attributes": [{"resource": "t.b", "attribute": ["id"]}, {"resource": "t.far"}],
            "output_changes": {"o": {"actions": [action], "after": "canary"}},
            "configuration": {"root_module": {"resources": resources, "outputs": outputs}}});
        let plan = plan(changes.clone(), more);
        let named = plan.objects.iter().filter(|object| object.configured.iter().flatten().count() > 0);
        let all = named
            .map(|object| (object.address.clone().unwrap().to_string(), object.configured.clone().unwrap()));
        all.map(|(own, names)| format!("{own} {}", names[0])).collect::<Vec<_>>()
    };
    let alone = configured(&entries, "local.l", "no-op");
    assert_eq!(alone, ["t.a[\"x\"] t.b", "t.a[\"y\"] t.b"]);
    assert_eq!(configured(&entries, "t.b.id", "update"), alone);
    // The output may have taken it, or the third block.
    assert!(configured(&entries, "local.l", "update").is_empty());
    let mut two = entries;
    two[4]["change"]["actions"] = json!(["update"]);
    assert!(configured(&two, "local.l", "no-op").is_empty());
}

#[test]
fn references_pass_through_modules_to_the_same_instance() {
    let grant = block(
        "t.grant",
        json!({"principal": references(&["var.identity.principal_id", "var.identity"]), "scope": references(&["t.zone.id", "t.zone"])}),
    );
    let outputs = json!({"id": {"expression": references(&["t.zone.id", "t.zone"])}, "other": {"expression": references(&["t.grant"])}});
    let call = json!({"for_each_expression": references(&["var.all"]), "depends_on": ["module.n"],
        "expressions": {"identity": references(&["t.identity", "each.key"])},
        "module": {"resources": [grant, block("t.zone", json!({}))], "outputs": outputs}});
    let leaf = json!({"module": {"resources": [block("t.leaf", json!({}))]}});
    let configuration = json!({"root_module": {"module_calls": {"m": call, "n": leaf}, "resources": [
        block("t.identity", json!({})), block("t.keyed", json!({"z": references(&["module.m[\"b\"].id", "module.m[\"b\"]"])})),
        block("t.any", json!({"z": references(&["module.m", "each.key"])}))]}});
    let addresses = [
        "t.identity[\"a\"]",
        "t.identity[\"b\"]",
        "module.m[\"a\"].t.grant",
        "module.m[\"b\"].t.grant",
        "module.m[\"a\"].t.zone",
        "module.m[\"b\"].t.zone",
        "t.keyed",
        "t.any[\"a\"]",
    ];
    let plan = plan(created(&addresses), json!({"configuration": configuration}));
    assert_eq!(found(&plan, "module.m[\"b\"].t.grant", "scope"), is("module.m[\"b\"].t.zone", "id"));
    assert_eq!(found(&plan, "module.m[\"b\"].t.grant", "principal"), is("t.identity[\"b\"]", "principal_id"));
    assert_eq!(found(&plan, "t.keyed", "z"), is("module.m[\"b\"].t.zone", "id"));
    assert_eq!(found(&plan, "t.any[\"a\"]", "z").len(), 2);
    assert!(
        found(&plan, "t.any[\"a\"]", "z")
            .contains(&("module.m[\"a\"].t.zone".to_owned(), Some("id".to_owned())))
    );
    let grant = plan.objects[2].configured.clone().unwrap();
    let names: Vec<_> = grant.iter().map(Address::as_str).collect();
    assert_eq!(names, ["module.m.t.zone", "module.n.t.leaf", "t.identity"]);
}

#[test]
fn several_possible_instances_give_the_block_unless_a_key_agrees() {
    let configuration = json!({"root_module": {"resources": [block("t.b", json!({})),
        json!({"address": "t.a", "for_each_expression": references(&["t.b"]),
            "expressions": {"v": references(&["each.value.id", "each.value"]), "all": references(&["t.b"])}}) ]}});
    let plan = plan(
        created(&["t.a[\"x\"]", "t.a[\"q\"]", "t.b[\"x\"]", "t.b[\"y\"]"]),
        json!({"configuration": configuration}),
    );
    assert_eq!(found(&plan, "t.a[\"x\"]", "v"), is("t.b[\"x\"]", "id"));
    assert_eq!(found(&plan, "t.a[\"q\"]", "v"), is("t.b", "id"));
    assert_eq!(found(&plan, "t.a[\"x\"]", "all"), [("t.b".to_owned(), None)]);
}

#[test]
fn a_name_given_up_by_a_move_may_be_taken_by_another() {
    let configuration = json!({"root_module": {"resources": [block("t.b", json!({})), block("t.a", json!({"x": references(&["t.b"])}))]}});
    let mut moved = entry("t.b[1]", &["no-op"], json!({}), json!({}));
    moved["previous_address"] = json!("t.b[0]");
    let taker = entry("t.b[0]", &["create"], Value::Null, json!({}));
    let changes = json!([created(&["t.a"])[0], taker, moved]);
    let plan = plan(changes, json!({"configuration": configuration}));
    assert_eq!(found(&plan, "t.a", "x"), [("t.b".to_owned(), None)]);
}

#[test]
fn circles_and_long_chains_of_modules_end() {
    let mut calls = serde_json::Map::new();
    for number in 0..3000 {
        let to = format!("module.m{}.o", (number + 1) % 3000);
        calls.insert(
            format!("m{number}"),
            json!({"expressions": {"v": references(&[to.as_str()])},
            "module": {"outputs": {"o": {"expression": references(&["var.v"])}}}}),
        );
    }
    let configuration = json!({"root_module": {"module_calls": calls, "resources": [block("t.a", json!({"x": references(&["module.m0.o"])}))]}});
    let plan = plan(created(&["t.a"]), json!({"configuration": configuration}));
    assert_eq!(plan.objects[0].configured, Some(vec![]));
}
