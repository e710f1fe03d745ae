//! Files of the catalog: the builtin ones load, a user's override them, and broken ones say where.

use super::{planned, standing, values};
use crate::catalog::{BUILTIN, Catalog};
use crate::model::{Class, Criticality};
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn every_builtin_file_loads_by_itself() {
    for (file, text) in BUILTIN {
        let mut catalog = Catalog::default();
        // Shapes are used across files only by the file that defines them.
        catalog.add(file, text).unwrap_or_else(|error| panic!("{error}"));
    }
    Catalog::builtin().unwrap();
}

/// Whatever the catalog makes of an object without values, it makes it without a fuss.
#[test]
fn every_kind_bears_an_empty_object_and_one_of_which_nothing_is_known() {
    let catalog = Catalog::builtin().unwrap();
    let kinds: BTreeSet<String> = catalog
        .types
        .iter()
        .flat_map(|entry| entry.kinds.iter().map(|kind| kind.as_str().replace('*', "thing")))
        .collect();
    assert!(kinds.len() > 80, "{}", kinds.len());
    let nobody = BTreeSet::new();
    for kind in kinds {
        catalog.facts(&standing(&kind, json!({})), false, &nobody);
        catalog.facts(&standing(&kind, json!(null)), false, &nobody);
        let mut open = values(json!({}));
        open.unknown = json!(true);
        let facts = catalog.facts(&planned(&kind, None, Some(open)), false, &nobody);
        for fact in facts.iter().filter(|fact| !kind.starts_with("kubernetes:") && fact.address.is_some()) {
            assert!(!fact.name.is_empty(), "{kind}");
        }
    }
}

#[test]
fn a_user_s_entry_wins_over_a_builtin_one() {
    let mut catalog = Catalog::builtin().unwrap();
    let own = "[[type]]\nkind = \"azurerm_key_vault\"\nclass = \"secret\"\nname = [\"our {name}\"]\n";
    let object = standing("azurerm_key_vault", json!({"id": "/v", "name": "v"}));
    assert_eq!(catalog.facts(&object, false, &BTreeSet::new())[0].class, Class::Store);
    catalog.add("own.toml", own).unwrap();
    let facts = catalog.facts(&object, false, &BTreeSet::new());
    assert_eq!((facts[0].class, facts[0].name.as_str()), (Class::Secret, "our v"));
    let other = standing("azurerm_storage_account", json!({"id": "/s", "name": "s"}));
    assert_eq!(catalog.facts(&other, false, &BTreeSet::new())[0].class, Class::Store);
    // A pattern is no override of what is described exactly, and a longer pattern wins over a shorter one.
    catalog.add("own2.toml", "[[type]]\nkind = \"azurerm_k*\"\nclass = \"flag\"\nname = [\"x\"]\n").unwrap();
    assert_eq!(catalog.facts(&object, false, &BTreeSet::new())[0].class, Class::Secret);
    let fleet = standing("azurerm_kubernetes_fleet_manager", json!({"id": "/k"}));
    assert_eq!(catalog.facts(&fleet, false, &BTreeSet::new())[0].class, Class::Flag);
}

#[test]
fn needs_of_a_user_add_to_the_builtin_ones() {
    let mut catalog = Catalog::builtin().unwrap();
    let need = "[[need]]\nof = \"azurerm_key_vault\"\nlabel = \"its network\"\nphase = \"run\"\nany = [\"azure:{subnet}\"]\n";
    catalog.add("own.toml", need).unwrap();
    let facts = catalog.facts(
        &standing("azurerm_key_vault", json!({"id": "/v", "subnet": "/N"})),
        false,
        &BTreeSet::new(),
    );
    assert_eq!(super::want(&facts[0].wants[0]), "its network [run]: any of azure:/n");
    assert_eq!(facts[0].wants[0].entry.as_ref(), "own.toml");
}

#[test]
fn labels_tags_and_annotations_rate() {
    let rated = |kind: &str, value| {
        let catalog = Catalog::builtin().unwrap();
        catalog.facts(&standing(kind, value), false, &BTreeSet::new())[0].criticality
    };
    let rows = [
        (
            "kubernetes:Deployment",
            json!({"metadata": {"name": "a", "annotations": {"mainstay.dev/criticality": "Critical"}}}),
            Some(Criticality::Critical),
        ),
        (
            "kubernetes:Deployment",
            json!({"metadata": {"name": "a", "labels": {"mainstay.dev/criticality": "normal"}}}),
            Some(Criticality::Normal),
        ),
        // Where they disagree, the highest counts.
        (
            "kubernetes:Deployment",
            json!({"metadata": {"name": "a", "annotations": {"mainstay.dev/criticality": "normal"},
                "labels": {"mainstay.dev/criticality": "critical"}}}),
            Some(Criticality::Critical),
        ),
        (
            "azurerm_linux_web_app",
            json!({"tags": {"mainstay:criticality": "important"}}),
            Some(Criticality::Important),
        ),
        (
            "azurerm_linux_web_app",
            json!({"tags": {"mainstay.dev/criticality": "huge", "mainstay:criticality": "normal"}}),
            Some(Criticality::Normal),
        ),
        ("azurerm_linux_web_app", json!({"tags": {"criticality": "critical"}}), None),
        (
            "google_storage_bucket",
            json!({"labels": {"mainstay.dev/criticality": "critical"}}),
            Some(Criticality::Critical),
        ),
    ];
    for (kind, value, expected) in rows {
        assert_eq!(rated(kind, value.clone()), expected, "{kind} {value}");
    }
}

#[test]
fn what_is_wrong_is_said_with_the_file_and_the_entry() {
    let rows = [
        ("an unknown key", "[[type]]\nkind = \"a_b\"\nclas = \"grant\"\n", "clas"),
        ("no TOML", "[[type]\n", "broken.toml:1:"),
        ("an unknown class", "[[type]]\nkind = \"a_b\"\nclass = \"thing\"\n", "thing"),
        (
            "an open brace",
            "[[type]]\nkind = \"a_b\"\nname = [\"{a\"]\n",
            "type `a_b`: template `{a` has an open brace",
        ),
        (
            "an alias without a space of names",
            "[[type]]\nkind = \"a_b\"\nnames = [\"{id}\"]\n",
            "type `a_b`: alias `{id}`",
        ),
        (
            "an empty step",
            "[[type]]\nkind = \"a_b\"\nname = [\"{a..b}\"]\n",
            "type `a_b`: path `a..b` has an empty step",
        ),
        ("an open bracket", "[[type]]\nkind = \"a_b\"\nname = [\"{a[\\\"b}\"]\n", "type `a_b`: path"),
        (
            "an unknown shape",
            "[[type]]\nkind = \"a_b\"\nas = \"c\"\nshape = \"round\"\n",
            "type `a_b`: no shape `round`",
        ),
        ("an unknown undo", "[[type]]\nkind = \"a_b\"\nundo = \"window\"\n", "type `a_b`: no undo `window`"),
        ("no kind", "[[type]]\nclass = \"grant\"\n", "a [[type]] has no `kind`"),
        (
            "carried, open brace",
            "[[type]]\nkind = \"a_b\"\n[[type.carries]]\nname = [\"{a\"]\n",
            "type `a_b`: template",
        ),
        (
            "two conditions in one",
            "[[type]]\nkind = \"a_b\"\nwhen = [{ path = \"a\", equals = \"b\", not = \"c\" }]\n",
            "type `a_b`: condition on `a`",
        ),
        (
            "a broken expression",
            "[[type]]\nkind = \"a_b\"\nwhen = [{ path = \"a\", matches = \"(\" }]\n",
            "type `a_b`: ",
        ),
        ("a need of nobody", "[[need]]\nlabel = \"x\"\nany = [\"a:b\"]\n", "need `x`: no `of`"),
        ("a need of nothing", "[[need]]\nof = \"a_b\"\nlabel = \"x\"\n", "need `x`: says not exactly one of"),
        (
            "a need of two sorts",
            "[[need]]\nof = \"a_b\"\nlabel = \"x\"\nany = [\"a:b\"]\nacts-as = \"a:b\"\n",
            "need `x`: says not exactly one of",
        ),
        (
            "an unknown phase",
            "[[need]]\nof = \"a_b\"\nlabel = \"x\"\nphase = \"stop\"\nany = [\"a:b\"]\n",
            "need `x`: no phase `stop`",
        ),
        (
            "a need within a type",
            "[[type]]\nkind = \"a_b\"\n[[type.need]]\nlabel = \"x\"\nany = [\"b\"]\n",
            "type `a_b`: need `x`: alias `b`",
        ),
    ];
    for (name, text, expected) in rows {
        let error = Catalog::builtin().unwrap().add("own/broken.toml", text).unwrap_err().to_string();
        assert!(error.starts_with("own/broken.toml:") && !error.contains('\n'), "{name}: {error}");
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn what_is_wrong_with_a_file_is_told_on_one_line_with_its_place() {
    let wrong = |text: &str| Catalog::default().add("own.toml", text).unwrap_err().to_string();
    let typo = wrong("[[type]]\nkind = \"x\"\nclas = \"workload\"\n");
    assert!(typo.starts_with("own.toml:3:1: unknown field `clas`, expected one of `kind`"), "{typo}");
    let class = wrong("[[type]]\nkind = \"x\"\nclass = \"capability\"\n");
    assert!(class.starts_with("own.toml:3:9: unknown variant `capability`"), "{class}");
    assert!(!class.contains("`unseen`") && !class.contains('\n'), "{class}");
    let pattern = wrong("[[type]]\nkind = \"x\"\nwhen = [{ path = \"a\", matches = \"(\" }]\n");
    assert_eq!(pattern, "own.toml: type `x`: `(` is not a regular expression: unclosed group");
    assert_eq!(wrong("[[type]]\nclass = \"workload\"\n"), "own.toml: a [[type]] has no `kind`");
}
