//! Modules from files: what they refer to, where they stand, and whether they are those that were planned.

use super::*;
use crate::plan::{Asked, Plan, read_bytes};
use serde_json::{Value, json};

type Files<'f> = &'f [(&'f str, &'f str)];

/// The configuration of these files, by their paths.
fn directory(files: Files<'_>, manifest: Option<&str>) -> Sources {
    let mut list = |folder: &str| -> Option<Folder> {
        let prefix = if folder == "." { String::new() } else { format!("{folder}/") };
        let within = files.iter().filter_map(|(path, text)| {
            let name = path.strip_prefix(&prefix).filter(|name| !name.contains('/'))?;
            Some((name.to_owned(), text.as_bytes().to_vec()))
        });
        let found: Folder = within.collect();
        (!found.is_empty()).then_some(found)
    };
    sources_of_directory("p.json", manifest.map(str::as_bytes), &mut list).unwrap()
}

/// The same as if it came from the plan file.
fn planned(files: Files<'_>) -> Sources {
    let mut read = Arc::try_unwrap(directory(files, None).read).ok().unwrap();
    read.origin = Origin::Package;
    Sources::from(read)
}

fn plan_of(addresses: &[&str], configuration: Value, sources: &Sources) -> Plan {
    let changes: Vec<Value> = addresses
        .iter()
        .map(|address| {
            json!({"address": address, "mode": "managed", "type": "t", "name": "x",
                   "change": {"actions": ["create"], "before": null, "after": {}, "after_unknown": {"id": true}}})
        })
        .collect();
    let plan = json!({"format_version": "1.2", "complete": true, "resource_changes": changes,
                      "configuration": configuration});
    let asked = Asked { sources: Some(sources), ..Asked::all("p.json") };
    read_bytes(plan.to_string().as_bytes(), asked).unwrap()
}

fn edges(plan: &Plan, address: &str) -> Vec<String> {
    let object =
        plan.objects.iter().find(|object| object.address.as_ref().unwrap().as_str() == address).unwrap();
    object.configured.iter().flatten().map(|target| target.as_str().to_owned()).collect()
}

fn place(plan: &Plan, address: &str) -> Option<(String, usize)> {
    let change = plan.changes.iter().find(|change| change.address.as_str() == address).unwrap();
    change.place.as_ref().map(|place| (place.file.clone(), place.line))
}

#[test]
fn files_tell_what_blocks_refer_to() {
    let sources = planned(&[
        (
            "main.tf",
            r#"
locals {
  one = local.two.x
  two = { x = t.source.id, same = t.source.id }
}
resource "t" "source" {}
resource "t" "local" { x = local.one }
resource "t" "dynamic" {
  dynamic "rule" {
    for_each = t.source
    content {
      port = rule.value
      dynamic "inner" {
        for_each = rule.value.list
        iterator = it
        content {
          a = it.value
          b = t.local.id
        }
      }
    }
  }
}
resource "t" "life" {
  lifecycle {
    replace_triggered_by = [t.source]
    ignore_changes       = [t.local]
    postcondition {
      condition     = self.id != t.dynamic.id
      error_message = "no"
    }
  }
}
resource "t" "wired" {
  provisioner "remote-exec" {
    connection { host = t.source.ip }
    inline = [t.life.id]
  }
}
module "m" {
  source = "./m"
  input  = local.one
}
resource "t" "out" { x = module.m["any"].o[var.k] }
resource "t" "by_provider" { provider = p.west }
provider "p" {
  alias = "west"
  host  = t.local.ip
}
"#,
        ),
        (
            "m/main.tf",
            "variable \"input\" {}\nlocals { given = var.input }\nresource \"t\" \"inner\" { x = local.given }\noutput \"o\" { value = t.inner }\n",
        ),
    ]);
    let addresses = [
        "t.source",
        "t.local",
        "t.dynamic",
        "t.life",
        "t.wired",
        "module.m.t.inner",
        "t.out",
        "t.by_provider",
    ];
    // The JSON tells nothing at all: everything comes from the files.
    let plan = plan_of(&addresses, json!(null), &sources);
    let expected: [(&str, &[&str]); 7] = [
        ("t.local", &["t.source"]),
        ("t.dynamic", &["t.local", "t.source"]),
        ("t.life", &["t.dynamic", "t.source"]),
        ("t.wired", &["t.life", "t.source"]),
        ("module.m.t.inner", &["t.source"]),
        ("t.out", &["module.m.t.inner"]),
        ("t.by_provider", &["t.local"]),
    ];
    for (address, targets) in expected {
        assert_eq!(edges(&plan, address), targets, "{address}");
    }
    assert_eq!(place(&plan, "t.life"), Some(("main.tf".into(), 24)));
    assert_eq!(place(&plan, "module.m.t.inner"), Some(("m/main.tf".into(), 3)));
    // An attribute that goes through a local and a module still meets the one it is taken from.
    let inner =
        plan.objects.iter().find(|object| object.address.as_ref().unwrap().as_str() == "module.m.t.inner");
    let references = &inner.unwrap().after.as_ref().unwrap().references["x"];
    assert_eq!(references.len(), 1);
    assert_eq!(
        (references[0].address.as_str(), references[0].attribute.as_deref()),
        ("t.source", Some("id"))
    );
}

#[test]
fn locals_that_refer_to_themselves_end() {
    let mut text = String::from("resource \"t\" \"a\" { x = local.l0.y }\nresource \"t\" \"end\" {}\n");
    for number in 0..50 {
        let next = (number + 1) % 50;
        text.push_str(&format!(
            "locals {{ l{number} = [local.l{next}.a, local.l{next}.b, local.l{number}.c, t.end.id] }}\n"
        ));
    }
    let plan = plan_of(&["t.a", "t.end"], json!(null), &planned(&[("main.tf", &text)]));
    assert_eq!(edges(&plan, "t.a"), ["t.end"]);
}

#[test]
fn what_is_gone_has_the_place_where_that_is_said() {
    let sources = planned(&[(
        "main.tf",
        "removed {\n  from = t.gone\n}\nmoved {\n  from = t.old\n  to = t.nowhere[0]\n}\nremoved { from = module.x[\"k\"].module.y }\n",
    )]);
    let addresses =
        ["t.gone[1]", "t.old", "t.nowhere[0]", "module.x[\"k\"].module.y.t.a", "module.x.t.b", "t.never"];
    let plan = plan_of(&addresses, json!(null), &sources);
    let lines: Vec<Option<usize>> =
        addresses.iter().map(|address| place(&plan, address).map(|(_, line)| line)).collect();
    assert_eq!(lines, [Some(1), Some(4), Some(4), Some(8), None, None]);
}

#[test]
fn override_files_change_what_others_say() {
    let sources = planned(&[
        (
            "a.tf",
            "resource \"t\" \"a\" {\n  x = t.old.id\n  y = t.kept.id\n  rule { z = t.old.id }\n}\nlocals { l = t.old.id }\n",
        ),
        (
            "override.tf",
            "resource \"t\" \"a\" {\n  x = t.new.id\n  dynamic \"rule\" {\n for_each = [1]\n content { z = t.new.id }\n }\n}\nlocals { l = t.new.id }\n",
        ),
        ("b.tf", "resource \"t\" \"b\" { x = local.l }"),
    ]);
    let plan = plan_of(&["t.a", "t.b"], json!(null), &sources);
    assert_eq!(edges(&plan, "t.a"), ["t.kept", "t.new"]);
    assert_eq!(edges(&plan, "t.b"), ["t.new"]);
    assert_eq!(place(&plan, "t.a"), Some(("a.tf".into(), 1)));
}

#[test]
fn a_directory_of_something_else_gives_no_edge() {
    let files: Files<'_> = &[(
        "main.tf",
        "locals { l = t.b.id }\nresource \"t\" \"a\" { x = local.l }\nresource \"t\" \"b\" {}\n",
    )];
    let block = |name: &str, expressions: Value| json!({"address": format!("t.{name}"), "mode": "managed", "expressions": expressions});
    let with = |resources: Value| json!({"root_module": {"resources": resources}});
    let local = json!({"x": {"references": ["local.l"]}});
    let fitting = with(json!([block("a", local.clone()), block("b", json!({}))]));
    let plan = plan_of(&["t.a", "t.b"], fitting, &directory(files, None));
    assert_eq!((edges(&plan, "t.a"), plan.notes.len()), (vec!["t.b".to_owned()], 0));
    let others = [
        (
            "a block more in the plan",
            with(json!([block("a", local.clone()), block("b", json!({})), block("c", json!({}))])),
        ),
        ("a block more in the files", with(json!([block("a", local.clone())]))),
        (
            "another expression",
            with(json!([block("a", json!({"x": {"references": ["t.c.id", "t.c"]}})), block("b", json!({}))])),
        ),
        ("no configuration", json!(null)),
    ];
    for (name, configuration) in others {
        let plan = plan_of(&["t.a", "t.b"], configuration, &directory(files, None));
        assert!(edges(&plan, "t.a").iter().all(|target| target != "t.b"), "{name}");
        assert_eq!(plan.notes.len(), 1, "{name}: {:?}", plan.notes);
        assert!(plan.notes[0].contains("not the one that was planned"), "{name}: {:?}", plan.notes);
        assert_eq!(place(&plan, "t.a"), Some(("main.tf".into(), 2)), "{name}");
    }
}

#[test]
fn modules_are_found_where_they_are() {
    let files: Files<'_> = &[
        (
            "main.tf",
            "module \"a\" { source = \"./mod/a\" }\nmodule \"r\" { source = \"hashicorp/x/y\" }\nmodule \"none\" { source = \"git::x\" }\n",
        ),
        ("mod/a/main.tf", "module \"b\" { source = \"../b\" }\nresource \"t\" \"in_a\" {}\n"),
        ("mod/b/main.tf.json", "{\"resource\": {\"t\": {\"in_b\": {}}}}"),
        (".terraform/modules/r/main.tf", "resource \"t\" \"in_r\" {}\n"),
    ];
    let manifest = r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"r","Source":"x","Dir":".terraform/modules/r"}]}"#;
    let sources = directory(files, Some(manifest));
    assert_eq!(sources.notes().len(), 1);
    assert!(sources.notes()[0].contains("module none"), "{:?}", sources.notes());
    let addresses = ["module.a.t.in_a", "module.a.module.b.t.in_b", "module.r.t.in_r"];
    let plan = plan_of(&addresses, json!(null), &sources);
    let files: Vec<String> = addresses.iter().map(|address| place(&plan, address).unwrap().0).collect();
    assert_eq!(files, ["mod/a/main.tf", "mod/b/main.tf.json", ".terraform/modules/r/main.tf"]);
}

#[test]
fn a_module_that_calls_itself_ends() {
    let sources =
        directory(&[("main.tf", "module \"a\" { source = \"./\" }\nresource \"t\" \"x\" {}\n")], None);
    assert_eq!(sources.notes().len(), 1);
}

#[test]
fn a_broken_zip_is_a_note() {
    for bytes in [&b"PK\x03\x04"[..], b"", b"{\"meta\":{}}"] {
        let sources = sources_of_zip(bytes, "p.tfplan");
        assert_eq!(sources.notes().len(), 1, "{:?}", sources.notes());
        assert!(sources.notes()[0].starts_with("p.tfplan: "), "{:?}", sources.notes());
    }
}

#[test]
fn large_counts_stay_blocks() {
    let sources = planned(&[(
        "main.tf",
        "locals { all = t.a[*].id }\nresource \"t\" \"a\" { count = 2000 }\nresource \"t\" \"b\" {\n  count = 2000\n  x = local.all\n  y = t.a[count.index].id\n  z = t.a[7].id\n}\n",
    )]);
    let addresses: Vec<String> = (0..4000)
        .map(|number| format!("t.{}[{}]", if number < 2000 { "a" } else { "b" }, number % 2000))
        .collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let plan = plan_of(&addresses, json!(null), &sources);
    let kept: usize = plan.objects.iter().map(|object| object.configured.iter().flatten().count()).sum();
    assert_eq!(kept, 2000, "one for each instance, not one for each pair");
    let last = plan.objects.last().unwrap();
    let meant = |path: &str| -> Vec<&str> {
        last.after.as_ref().unwrap().references[path]
            .iter()
            .map(|reference| reference.address.as_str())
            .collect()
    };
    assert_eq!(meant("x"), ["t.a"]);
    assert_eq!(meant("y"), ["t.a[1999]"]);
    assert_eq!(meant("z"), ["t.a[7]"]);
}
