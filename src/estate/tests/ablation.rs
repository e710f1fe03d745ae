//! Each part of the model taken away in turn: some worked case must then come out wrong, or the part is an ornament.

use super::worked;
use crate::estate::part::{ALL, Part, without};

#[test]
fn every_part_decides_some_case() {
    let mut idle: Vec<Part> = Vec::new();
    for part in ALL {
        let wrong: Vec<&str> = without(*part, || {
            let cases = worked::all().into_iter().map(|case| (case.name, case.wrong()));
            cases.filter(|(_, wrong)| !wrong.is_empty()).map(|(name, _)| name).collect()
        });
        println!("without {part:?}, {} wrong: {}", wrong.len(), wrong.join("; "));
        if wrong.is_empty() {
            idle.push(*part);
        }
    }
    assert!(idle.is_empty(), "no case is wrong without {idle:?}");
}
