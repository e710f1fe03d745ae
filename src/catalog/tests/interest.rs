//! What the catalog says that it looks at is all that it looks at: facts of objects that were read for it alone are those
//! of objects that were read whole.

use crate::catalog::Catalog;
use crate::model::{Interest, Wanted};
use crate::plan::{Asked, read_bytes};
use std::collections::BTreeSet;
use std::path::Path;

fn plans(directory: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            plans(&path, found);
        } else if path.file_name().is_some_and(|name| name == "plan.json" || name == "applied.json") {
            found.push(path);
        }
    }
}

#[test]
fn facts_are_the_same_whether_all_was_read_or_what_is_wanted() {
    let catalog = Catalog::builtin().unwrap();
    let mut found = Vec::new();
    plans(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut found);
    let (mut facts, mut left_out) = (0, 0);
    for path in &found {
        let bytes = std::fs::read(path).unwrap();
        let whole = read_bytes(&bytes, Asked::all("plan.json")).unwrap();
        let wanted = read_bytes(&bytes, Asked { interest: &catalog, ..Asked::all("plan.json") }).unwrap();
        for (whole, wanted) in whole.objects.iter().zip(&wanted.objects) {
            let told = |object| format!("{:?}", catalog.facts(object, false, &BTreeSet::new()));
            assert_eq!(told(whole), told(wanted), "{}: {:?}", path.display(), whole.address);
            facts += 1;
            let values = |side: &crate::model::Object| side.before.as_ref().map(|side| side.value.clone());
            left_out += usize::from(values(whole) != values(wanted));
        }
    }
    assert!(facts > 50 && left_out > 10, "{facts} compared, {left_out} of them with something left out");
}

#[test]
fn what_may_name_another_thing_is_wanted_wherever_it_stands() {
    let catalog = Catalog::builtin().unwrap();
    let Wanted::Members { names, or: Some(or) } = catalog.wanted("nobody_described_this") else {
        panic!("all of it")
    };
    assert!(names.contains("id") && names.contains("name") && names.contains("tags"));
    for (text, named) in [
        (r#"{"a":["/subscriptions/x/y"]}"#, true),
        (r#""/SUBSCRIPTIONS/x""#, true),
        (r#""5b38ea98-7805-4c8a-9b32-84587fa7ddf8""#, true),
        (r#""5b38ea98\u002d7805-4c8a-9b32-84587fa7ddf8""#, true),
        (r#"{"a":"plain","b":[1,2,true],"c":"5b38ea98"}"#, false),
    ] {
        assert_eq!(or(text), named, "{text}");
    }
}
