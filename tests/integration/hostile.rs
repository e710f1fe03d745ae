//! Input made to hurt: it is read or refused with a reason, in bounded time and memory, and never a panic.

use std::fs;
use std::time::{Duration, Instant};

use mainstay::model::Action;
use mainstay::plan::{self, Asked, Plan};
use serde_json::{Value as Json, json};

use crate::support::said;
use crate::support::story::{NOW, Story};

/// How long one file may take, in a build that is not optimised and on a machine that does other things.
const PATIENCE: Duration = Duration::from_secs(30);

/// A plan with this text as the change's `before`, and with this after the entry.
fn around(entry: &str, before: &str, top: &str) -> String {
    format!(
        r#"{{"format_version":"1.2","complete":true,"errored":false,"resource_changes":[{{"address":"a.b","mode":"managed","type":"a","name":"b"{entry},"change":{{"actions":["delete"],"before":{before},"after":null,"after_unknown":{{}},"before_sensitive":{{}},"after_sensitive":false}}}}]{top}}}"#
    )
}

fn before(value: &str) -> String {
    around("", value, "")
}

fn top(more: &str) -> String {
    around("", "{}", more)
}

/// Reads it in time. What was read of the one entry that is always there is what it says.
fn read(name: &str, bytes: &[u8]) -> Result<Plan, String> {
    let start = Instant::now();
    let result = plan::read_bytes(bytes, Asked::all("p.json"));
    let took = start.elapsed();
    assert!(took < PATIENCE, "{name}: took {took:?}");
    match result {
        Ok(plan) => {
            assert_eq!(plan.changes[0].action, Action::Delete, "{name}");
            Ok(plan)
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.len() < 2_000, "{name}: a message of {} bytes", message.len());
            Err(message)
        }
    }
}

fn repeated(open: &str, middle: &str, close: &str, times: usize) -> String {
    open.repeat(times) + middle + &close.repeat(times)
}

#[test]
fn depth_is_skipped_or_refused() {
    const DEEP: usize = 100_000;
    let list = repeated("[", "", "]", DEEP);
    let object = repeated("{\"a\":", "1", "}", DEEP);
    for deep in [&list, &object] {
        // What is not read may be as deep as it likes.
        for section in ["variables", "planned_values", "output_changes", "checks", "nobody_knows"] {
            assert!(read(section, top(&format!(r#","{section}":{deep}"#)).as_bytes()).is_ok(), "{section}");
        }
        let resource = |key: &str| {
            format!(
                r#","prior_state":{{"values":{{"root_module":{{"resources":[{{"address":"a.c","type":"a","{key}":{deep}}}]}}}}}}"#
            )
        };
        let configured = |what: &str| format!(r#","configuration":{{"root_module":{{{what}}}}}"#);
        for (name, text) in [
            ("before", before(&format!(r#"{{"x":{deep}}}"#))),
            ("before itself", before(deep)),
            (
                "after_unknown",
                around("", "{}", "").replace(r#""after_unknown":{}"#, &format!(r#""after_unknown":{deep}"#)),
            ),
            (
                "sensitive",
                around("", "{}", "")
                    .replace(r#""before_sensitive":{}"#, &format!(r#""before_sensitive":{deep}"#)),
            ),
            (
                "importing",
                around("", "{}", "")
                    .replace(r#""before":{}"#, &format!(r#""before":{{}},"importing":{deep}"#)),
            ),
            ("address", around(&format!(r#","previous_address":{deep}"#), "{}", "")),
            ("index", around(&format!(r#","index":{deep}"#), "{}", "")),
            ("state values", top(&resource("values"))),
            ("state sensitive", top(&resource("sensitive_values"))),
            ("state depends_on", top(&resource("depends_on"))),
            ("state", top(&format!(r#","prior_state":{deep}"#))),
            (
                "drift",
                top(&format!(
                    r#","resource_drift":[{{"address":"a.b","change":{{"actions":["update"],"before":{deep}}}}}]"#
                )),
            ),
            ("deferred", top(&format!(r#","deferred_changes":{deep}"#))),
            ("configuration", top(&format!(r#","configuration":{deep}"#))),
            (
                "expressions",
                top(&configured(&format!(
                    r#""resources":[{{"address":"a.b","expressions":{{"x":{deep}}}}}]"#
                ))),
            ),
            (
                "constant",
                top(&configured(&format!(
                    r#""resources":[{{"address":"a.b","expressions":{{"x":{{"constant_value":{deep}}}}}}}]"#
                ))),
            ),
            ("version", top("").replace(r#""1.2""#, deep)),
        ] {
            // Some of these are skipped by one reader and refused by another; none may fall over.
            if let Err(message) = read(name, text.as_bytes()) {
                assert!(message.starts_with("p.json: "), "{name}: {message}");
            }
        }
        assert!(read("alone", deep.as_bytes()).is_err());
    }
    for (name, open, close) in [
        ("modules of the state", r#"{"child_modules":["#, "]}"),
        ("calls", r#"{"module_calls":{"m":{"module":"#, "}}}"),
    ] {
        let tree = repeated(open, "{}", close, DEEP / 4);
        let state = format!(r#","prior_state":{{"values":{{"root_module":{tree}}}}}"#);
        let configuration = format!(r#","configuration":{{"root_module":{tree}}}"#);
        for text in [state, configuration] {
            let _ = read(name, top(&text).as_bytes());
        }
        // And never closed.
        assert!(read(name, open.repeat(DEEP).as_bytes()).is_err());
    }
    let opened = format!(r#"{{"format_version":"1.2","resource_changes":{}"#, "[".repeat(DEEP));
    assert!(read("never closed", opened.as_bytes()).is_err());
}

#[test]
fn modules_of_any_depth_that_people_write_are_read() {
    // Forty levels of modules are more than anybody has.
    let path = |depth: usize| "module.m.".repeat(depth);
    let resource = format!(
        r#"{{"address":"{}a.deep","mode":"managed","type":"a","name":"deep","values":{{}}}}"#,
        path(40)
    );
    let state = repeated(r#"{"child_modules":["#, &format!(r#"{{"resources":[{resource}]}}"#), "]}", 40);
    let text = top(&format!(r#","prior_state":{{"values":{{"root_module":{state}}}}}"#));
    let plan = read("forty modules", text.as_bytes()).unwrap();
    assert!(
        plan.objects
            .iter()
            .any(|object| object.address.as_ref().is_some_and(|it| it.as_str().ends_with("a.deep")))
    );
}

#[test]
fn width_costs_time_in_proportion() {
    let keys: String = (0..300_000).map(|number| format!("\"k{number}\":{number},")).collect();
    let same: String = "\"k\":1,".repeat(300_000);
    let elements = "1,".repeat(300_000);
    let strings = "\"a.b\",".repeat(300_000);
    for (name, text) in [
        ("keys", before(&format!("{{{keys}\"last\":1}}"))),
        ("the same key", before(&format!("{{{same}\"last\":1}}"))),
        ("elements", before(&format!("{{\"x\":[{elements}1]}}"))),
        ("top", top(&format!(",{}", keys.trim_end_matches(',')))),
        ("of an entry", around(&format!(",{}", keys.trim_end_matches(',')), "{}", "")),
        (
            "actions",
            before("{}").replace(r#"["delete"]"#, &format!("[{}\"delete\"]", "\"delete\",".repeat(100_000))),
        ),
        (
            "depends_on",
            top(&format!(
                r#","prior_state":{{"values":{{"root_module":{{"resources":[{{"address":"a.b","type":"a","depends_on":[{strings}"a.c"]}}]}}}}}}"#
            )),
        ),
        (
            "references",
            top(&format!(
                r#","configuration":{{"root_module":{{"resources":[{{"address":"a.b","expressions":{{"x":{{"references":[{strings}"a.c"]}}}}}}]}}}}"#
            )),
        ),
    ] {
        let start = Instant::now();
        let result = plan::read_bytes(text.as_bytes(), Asked::all("p.json"));
        assert!(start.elapsed() < PATIENCE, "{name}: {:?}", start.elapsed());
        let plan = result.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(plan.changes[0].action.is_destructive(), "{name}");
    }
}

#[test]
fn strings_and_numbers_of_any_size_are_read() {
    let long = "x".repeat(32 << 20);
    let digits = "9".repeat(1_000_000);
    for (name, text) in [
        ("string", before(&format!(r#"{{"x":"{long}"}}"#))),
        ("key", before(&format!(r#"{{"{long}":1}}"#))),
        ("type", before("{}").replace(r#""type":"a""#, &format!(r#""type":"{long}""#))),
        ("digits", before(&format!(r#"{{"x":{digits},"y":-{digits}.{digits},"name":{digits}}}"#))),
        ("exponents", before(r#"{"x":1e999999999,"y":1e-999999999,"name":-1E+999999999,"z":-0,"id":0.1e1}"#)),
        ("nul", before(r#"{"name":"a\u0000b","\u0000":"\u0000"}"#)),
        ("pairs", before(r#"{"name":"\ud83d\ude00"}"#)),
        ("reserved", before(r#"{"tags":{"constructor":1,"__proto__":{}}}"#)),
    ] {
        let plan = read(name, text.as_bytes()).unwrap_or_else(|message| panic!("{name}: {message}"));
        assert_eq!(plan.objects.len(), 1, "{name}");
    }
    let exact = before(r#"{"x":123456789012345678901234567890.123456789012345678901234567890}"#);
    let plan = read("decimals", exact.as_bytes()).unwrap();
    let said = plan.objects[0].before.as_ref().unwrap().value.reveal().to_string();
    assert!(said.contains("123456789012345678901234567890.123456789012345678901234567890"), "{said}");
}

#[test]
fn a_long_address_is_an_address() {
    for key in [
        "x".repeat(1 << 20),
        "\\\"".repeat(1 << 18),
        "]".repeat(1 << 19),
        "[".repeat(1 << 19),
        ".".repeat(1 << 19),
    ] {
        let text = before("{}").replace(
            r#""a.b""#,
            &format!(r#""a.b[\"{}\"]""#, key.replace('\\', "\\\\").replace('"', "\\\"")),
        );
        let plan = read("key", text.as_bytes()).unwrap_or_else(|message| panic!("{message}"));
        assert_eq!(plan.changes[0].kind, "a");
    }
    for address in [
        "module.".repeat(1 << 17),
        "module.m[0].".repeat(1 << 16) + "a.b",
        "a.b".to_owned() + &"[0]".repeat(1 << 18),
        "[\"".repeat(1 << 18),
    ] {
        let address = address.replace('"', "\\\"");
        let text = before("{}").replace(r#""address":"a.b""#, &format!(r#""address":"{address}""#));
        let configuration = r#","configuration":{"root_module":{"module_calls":{"m":{"module":{}}},"resources":[{"address":"a.b"}]}}}"#;
        let text = text.strip_suffix('}').unwrap().to_owned() + configuration;
        let plan = read("address", text.as_bytes()).unwrap_or_else(|message| panic!("{message}"));
        assert_eq!(plan.changes.len(), 1);
    }
}

/// Values are read when somebody looks at them: what cannot be read then must be refused when it comes in.
#[test]
fn values_that_no_reader_takes_are_refused_at_once() {
    for value in [
        r#"{"id":"\ud800"}"#,
        r#"{"id":{"$serde_json::private::Number":"x"}}"#,
        r#"{"id":01}"#,
        r#"{"id":tru}"#,
    ] {
        let message = read(value, before(value).as_bytes()).unwrap_err();
        let place = "p.json: /resource_changes/0/change/before";
        assert!(
            message.starts_with(place) || message.contains("not a single JSON document"),
            "{value}: {message}"
        );
    }
}

#[test]
fn what_is_no_text_is_refused_with_its_place() {
    for (name, bytes) in [
        (
            "latin-1",
            before(r#"{"name":"é"}"#)
                .replace('é', "\u{1}")
                .replace('\u{1}', "%")
                .into_bytes()
                .iter()
                .map(|byte| if *byte == b'%' { 0xe9 } else { *byte })
                .collect::<Vec<u8>>(),
        ),
        ("lone surrogate", before(r#"{"x":1}"#).replace(r#""a.b""#, r#""a.\ud800b""#).into_bytes()),
        ("wrong pair", before(r#"{"x":1}"#).replace(r#""a.b""#, r#""a.\udc00\ud800""#).into_bytes()),
        ("raw nul", before("{\"name\":\"a\u{0}b\"}").into_bytes()),
        ("zeros", vec![0; 10_000]),
        (
            "overlong",
            [
                b"{\"format_version\":\"1.2\",\"resource_changes\":[],\"x\":\"".as_slice(),
                &[0xc0, 0xaf],
                b"\"}",
            ]
            .concat(),
        ),
        ("utf-16 cut", [&[0xff, 0xfe], b"{\0\"\0f".as_slice()].concat()),
        ("nan", before(r#"{"x":NaN}"#).into_bytes()),
        ("infinity", before(r#"{"x":-Infinity}"#).into_bytes()),
        ("comment", before(r#"{} /* no */"#).into_bytes()),
        ("trailing comma", before(r#"{"x":1,}"#).into_bytes()),
        ("leading zero", before(r#"{"x":01}"#).into_bytes()),
        ("plus", before(r#"{"x":+1}"#).into_bytes()),
        ("single quotes", before(r#"{'x':1}"#).into_bytes()),
        ("another after it", (before("{}") + &before("{}")).into_bytes()),
    ] {
        let message = read(name, &bytes).map(|_| ()).unwrap_err();
        assert!(message.starts_with("p.json: "), "{name}: {message}");
    }
}

/// A small plan with all sections that are read.
fn small() -> Json {
    let entry = |address: &str, actions: Json| {
        json!({"address": address, "mode": "managed", "type": "a", "name": "b", "previous_address": "a.old",
            "change": {"actions": actions, "before": {"name": "n", "x": [1, {"y": null}]}, "after": {"name": "n"},
                "after_unknown": {"id": true}, "before_sensitive": {"x": [true]}, "after_sensitive": false}})
    };
    json!({"format_version": "1.2", "complete": true, "errored": false, "timestamp": "2023-09-22T10:00:00Z",
        "resource_changes": [entry("a.b", json!(["delete"])), entry("module.m[\"k\"].a.c", json!(["update"]))],
        "resource_drift": [entry("a.b", json!(["update"]))],
        "prior_state": {"values": {"root_module": {"resources": [{"address": "a.b", "type": "a", "values": {"name": "n"},
            "sensitive_values": {}, "depends_on": ["a.c"]}], "child_modules": [{"resources": []}]}}},
        "configuration": {"provider_config": {"x": {"expressions": {"y": {"references": ["var.z"]}}}}, "root_module": {
            "resources": [{"address": "a.b", "provider_config_key": "x", "expressions": {"n": {"references": ["module.m.o", "module.m"]}},
                "depends_on": ["a.c"]}],
            "module_calls": {"m": {"expressions": {"i": {"constant_value": 1}}, "module": {"outputs": {"o": {"expression":
                {"references": ["a.c.id", "a.c"]}}}, "resources": [{"address": "a.c"}]}}}}}})
}

#[test]
fn a_cut_file_is_refused_wherever_it_is_cut() {
    let whole = small().to_string();
    assert!(read("whole", whole.as_bytes()).is_ok());
    for end in 0..whole.len() {
        assert!(read("cut", &whole.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn no_wrong_byte_makes_it_fall_over() {
    let whole = small().to_string().into_bytes();
    for at in 0..whole.len() {
        for wrong in [b'"', b'{', b'}', b'[', b',', b'\\', b'0', 0, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = wrong;
            let _ = plan::read_bytes(&bytes, Asked::all("p.json"));
        }
        let mut bytes = whole.clone();
        bytes.remove(at);
        let _ = plan::read_bytes(&bytes, Asked::all("p.json"));
    }
}

#[test]
fn a_wrong_type_anywhere_is_refused_or_harmless() {
    fn places(value: &Json, at: &str, all: &mut Vec<String>) {
        all.push(at.to_owned());
        match value {
            Json::Array(items) => {
                items.iter().enumerate().for_each(|(n, item)| places(item, &format!("{at}/{n}"), all))
            }
            Json::Object(map) => map.iter().for_each(|(key, item)| {
                places(item, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), all)
            }),
            _ => {}
        }
    }
    let whole = small();
    let mut all = Vec::new();
    places(&whole, "", &mut all);
    for place in all {
        for wrong in [
            json!(null),
            json!(true),
            json!(-1.5),
            json!("text"),
            json!([]),
            json!([[]]),
            json!({}),
            json!({"a": {"a": 1}}),
        ] {
            let mut plan = whole.clone();
            *plan.pointer_mut(&place).unwrap() = wrong;
            let _ = plan::read_bytes(plan.to_string().as_bytes(), Asked::all("p.json"));
        }
    }
}

/// A configuration of one resource and these outputs and inputs of a module that is called once.
fn wired(outputs: Json, inputs: Json) -> String {
    let configuration = json!({"root_module": {
        "resources": [{"address": "a.b", "expressions": {"x": {"references": ["module.m.o0", "module.m"]}}}],
        "module_calls": {"m": {"expressions": inputs, "module": {"outputs": outputs, "resources": [{"address": "a.c"}]}}}}});
    before("{}")
        .replace(r#"["delete"]"#, r#"["update"]"#)
        .replace(r#""after":null"#, r#""after":{}"#)
        .strip_suffix('}')
        .unwrap()
        .to_owned()
        + &format!(",\"configuration\":{configuration}}}")
}

#[test]
fn references_that_go_in_circles_come_to_an_end() {
    let refers = |list: &[String]| json!({"expression": {"references": list}});
    // Each output is made of the next one, by two ways; the module feeds itself through its input.
    let chain = |steps: &dyn Fn(usize) -> Vec<String>| -> (Json, Json) {
        let (mut outputs, mut inputs) = (json!({}), json!({}));
        for level in 0..60 {
            outputs[format!("o{level}")] = refers(&[format!("var.i{level}.p"), format!("var.i{level}.q")]);
            inputs[format!("i{level}")] = json!({"references": steps(level)});
        }
        outputs["o60"] = refers(&["a.c.id".to_owned(), "a.c".to_owned()]);
        (outputs, inputs)
    };
    let doubling =
        chain(&|level| vec![format!("module.m.o{}.r", level + 1), format!("module.m.o{}.s", level + 1)]);
    let circle =
        chain(&|level| vec![format!("module.m.o{}.r", level / 2), format!("module.m.o{}", (level + 1) % 61)]);
    let own = (
        json!({"o0": refers(&["var.i.a".to_owned()])}),
        json!({"i": {"references": ["module.m.o0.b", "module.m.o0"]}}),
    );
    let whole = (
        json!({"o0": refers(&["var.i".to_owned(), "a.c".to_owned()])}),
        json!({"i": {"references": ["module.m"]}}),
    );
    for (name, (outputs, inputs), reaches) in
        [("doubling", doubling, true), ("circle", circle, true), ("own", own, false), ("whole", whole, true)]
    {
        let start = Instant::now();
        let plan = plan::read_bytes(wired(outputs, inputs).as_bytes(), Asked::all("p.json"))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(start.elapsed() < PATIENCE, "{name}: {:?}", start.elapsed());
        // What it leads to in the end is still found.
        let configured = plan.objects[0].configured.as_ref().unwrap();
        assert_eq!(
            configured.iter().any(|address| address.as_str() == "module.m.a.c"),
            reaches,
            "{name}: {configured:?}"
        );
    }
}

/// Runs the program on a plan in half a gigabyte.
#[cfg(target_os = "linux")]
fn check_in(story: &Story, mebibytes: u64, arguments: &[&str]) -> std::process::Output {
    use crate::support::program;
    let start = Instant::now();
    let mut command = program::limited(mebibytes);
    command.env_clear().args(arguments).current_dir(story.path()).stdin(std::process::Stdio::null());
    let output = program::run(&mut command);
    assert!(start.elapsed() < PATIENCE * 2, "{arguments:?}: {:?}", start.elapsed());
    let code = output.status.code().unwrap_or_else(|| panic!("{arguments:?}: {}", said(&output)));
    assert!((0..=4).contains(&code), "{arguments:?}: {}", said(&output));
    output
}

#[test]
#[cfg(target_os = "linux")]
fn the_program_stays_within_its_memory() {
    let change = |number: usize| {
        format!(
            r#"{{"address":"acme_thing.t[{number}]","mode":"managed","type":"acme_thing","name":"t","index":{number},"change":{{"actions":["delete"],"before":{{"id":"{number}","name":"t{number}"}},"after":null,"after_unknown":{{}},"before_sensitive":{{}},"after_sensitive":false}}}}"#
        )
    };
    let changes: Vec<String> = (0..10_000).map(change).collect();
    let crowd =
        format!(r#"{{"format_version":"1.2","complete":true,"resource_changes":[{}]}}"#, changes.join(","));
    let deep = repeated("[", "", "]", 100_000);
    for (name, plan, code) in [
        ("crowd", crowd, None),
        ("deep", before(&format!(r#"{{"x":{deep}}}"#)), None),
        (
            "modules",
            top(&format!(
                r#","configuration":{{"root_module":{}"#,
                r#"{"module_calls":{"m":{"module":"#.repeat(100_000)
            )),
            Some(2),
        ),
        ("string", before(&format!(r#"{{"name":"{}"}}"#, "x".repeat(16 << 20))), None),
        (
            "address",
            before("{}").replace(r#""a.b""#, &format!(r#""a.b[\"{}\"]""#, "x".repeat(1 << 20))),
            None,
        ),
        ("cut", before("{}").split_at(100).0.to_owned(), Some(2)),
        ("nothing", String::new(), Some(2)),
    ] {
        let story = Story::mender();
        story.write("plan.json", &plan);
        let output = check_in(&story, 1024, &["check", "plan.json", "--now", NOW]);
        if code.is_some() {
            assert_eq!(output.status.code(), code, "{name}: {}", said(&output));
            assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{name}");
        }
        check_in(&story, 1024, &["check", "plan.json", "--now", NOW, "--format", "json"]);
        check_in(&story, 1024, &["explain", "a.c", "--plan", "plan.json", "--now", NOW]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn snapshots_and_files_of_the_user_are_bounded_too() {
    let deep = repeated("[", "", "]", 100_000);
    let object = repeated("{\"a\":", "1", "}", 100_000);
    let list = |items: &str| format!(r#"{{"apiVersion":"v1","kind":"List","items":[{items}]}}"#);
    let pod =
        |spec: &str| format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"x"}},"spec":{spec}}}"#);
    let many = vec![pod("{}"); 20_000].join(",");
    for (name, text, refused) in [
        ("deep list", list(&pod(&deep)), true),
        ("deep object", object, true),
        ("deep, unclosed", "[".repeat(1_000_000), true),
        ("many", list(&many), false),
        ("cut", list(&pod("{}")).split_at(80).0.to_owned(), true),
        ("a value of a magic key", list(&pod(r#"{"$serde_json::private::Number":true}"#)), true),
        ("twice", list(&pod("{}")).replace(r#""name":"x""#, r#""name":"x","name":"y""#), false),
    ] {
        let story = Story::mender();
        story.write("snapshots/more.json", &text);
        let output = check_in(&story, 1024, &["check", "plan.json", "--now", NOW]);
        assert_eq!(output.status.code() == Some(2), refused, "{name}: {}", said(&output));
    }
    let toml = fs::read_to_string(Story::mender().path().join("mainstay.toml")).unwrap();
    for (name, more) in [
        ("deep", format!("\n[x]\ny = {deep}")),
        ("tables", format!("\n[{}x]\n", "a.".repeat(100_000))),
        ("string", format!("\nx = \"{}\"", "x".repeat(4 << 20))),
    ] {
        let story = Story::mender();
        story.write("mainstay.toml", &(toml.clone() + &more));
        let output = check_in(&story, 1024, &["check", "plan.json", "--now", NOW]);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", said(&output));
    }
    for (name, catalog) in [
        ("pattern", "[[type]]\nkind = \"x\"\nclass = \"other\"\nwhen = [{ path = \"a\", matches = \"((a{1000}){1000}){1000}\" }]\n".to_owned()),
        ("deep", format!("x = {deep}")),
        ("stars", format!("[[type]]\nkind = \"{}\"\nclass = \"other\"\nname = [\"{{name}}\"]\n", "*a".repeat(100_000))),
        ("path", format!("[[type]]\nkind = \"x\"\nclass = \"other\"\nname = [\"{{{}}}\"]\n", "*.".repeat(100_000))),
    ] {
        let story = Story::mender();
        story.write("mine.toml", &catalog);
        story.write("mainstay.toml", &format!("catalog = [\"mine.toml\"]\n{toml}"));
        let output = check_in(&story, 1024, &["check", "plan.json", "--now", NOW]);
        assert!(output.status.code().is_some(), "{name}");
    }
}

/// What steers a terminal, reorders or hides text.
const HOSTILE: &str = "a\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\u{85}\u{202e}gpj.exe\u{2066}\u{200b}\u{feff}\r\n::error::x\u{e0041}\u{7f}";

#[test]
fn names_steer_nothing_in_any_format() {
    let harmless = |text: &str| {
        text.chars().all(|letter| {
            letter == '\n'
                || !letter.is_control()
                    && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
        })
    };
    let story = Story::mender();
    let mut plan = story.read("plan.json");
    let mut all = Vec::new();
    for (number, action) in ["delete", "update", "create", "no-op"].iter().enumerate() {
        all.push(json!({"address": format!("azurerm_thing.x[\"{HOSTILE}{number}\"]"), "mode": "managed", "type": format!("azurerm_thing{HOSTILE}"),
            "name": "x", "action_reason": HOSTILE, "change": {"actions": [action], "before": {"name": HOSTILE, "id": HOSTILE},
                "after": {"name": HOSTILE}, "after_unknown": {}}}));
    }
    all.push(json!({"address": format!("{HOSTILE}.y"), "mode": HOSTILE, "type": HOSTILE, "deposed": HOSTILE,
        "previous_address": HOSTILE, "change": {"actions": [HOSTILE], "before": {"display_name": HOSTILE}, "after": null}}));
    all.push(json!({"address": "kubernetes_deployment.z", "mode": "managed", "type": "kubernetes_deployment", "name": "z",
        "change": {"actions": ["delete"], "after": null, "before": {"metadata": [{"name": HOSTILE, "namespace": HOSTILE}],
            "spec": [{"template": [{"spec": [{"service_account_name": HOSTILE, "container": []}]}]}]}}}));
    plan["resource_changes"].as_array_mut().unwrap().extend(all);
    plan["terraform_version"] = json!(HOSTILE);
    story.write("plan.json", &plan.to_string());
    let file = "s\u{202e}\u{1b}[1m.json";
    story.write(
        &format!("snapshots/{file}"),
        &json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": HOSTILE, "namespace": HOSTILE}, "spec": {}})
        .to_string(),
    );
    story.write(&format!("snapshots/not{file}"), "{}");
    let hostile = format!("azurerm_thing.x[\"{HOSTILE}0\"]");
    for arguments in [
        &["check", "plan.json", "--unblock"][..],
        &["explain", &hostile, "--plan", "plan.json"],
        &["explain", HOSTILE, "--plan", "plan.json"],
        &["explain", "azurerm_thing", "--plan", "plan.json"],
        &["rank", "--top", "100", "--plan", "plan.json"],
        &["forecast", "--plan", "plan.json", "--format", "ics=ends.ics"],
        &["check", file],
        &["check", HOSTILE],
    ] {
        for format in [&["-v"][..], &["--format", "json"]] {
            let output = story.run(&[arguments, format, &["--now", NOW]].concat());
            for text in [&output.stdout, &output.stderr] {
                let text = String::from_utf8(text.clone()).unwrap();
                let line = text.lines().find(|line| !harmless(line));
                assert!(line.is_none(), "{arguments:?} {format:?}: {line:?}");
                // Nor does a name begin a line of its own, where a program that reads the log takes it for a command.
                assert!(
                    !text.lines().any(|line| line.trim_start().starts_with("::error")),
                    "{arguments:?}: {text}"
                );
            }
        }
    }
    // A program reads the very name.
    let output = story.run(&["check", "plan.json", "--format", "json", "--now", NOW]);
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let mut subjects = report["findings"].as_array().unwrap().iter().map(|one| &one["subject"]["id"]);
    let told = subjects.any(|id| id == &format!("kubernetes:Deployment/{HOSTILE}/{HOSTILE}"));
    assert!(told, "{report:#}");
}
