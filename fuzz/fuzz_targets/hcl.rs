//! Configuration files: nothing falls over, nothing takes long, and comments and empty lines change nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mainstay::plan::{self, Asked, Folder};

/// A plan of two blocks, whose edges come from the files.
const PLAN: &[u8] = br#"{"format_version":"1.2","complete":true,"resource_changes":[
    {"address":"a.b","mode":"managed","type":"a","name":"b","change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"x":true}}},
    {"address":"c.d","mode":"managed","type":"c","name":"d","change":{"actions":["create"],"before":null,"after":{}}}],
    "configuration":{"root_module":{"resources":[{"address":"a.b","mode":"managed"},{"address":"c.d","mode":"managed"}]}}}"#;

fn edges(name: &str, file: Vec<u8>) -> Option<Vec<String>> {
    let files: Folder = vec![(name.to_owned(), file)];
    let sources = plan::sources_of_directory("p.json", None, &mut |folder| (folder == ".").then(|| files.clone()))?;
    let asked = Asked { sources: Some(&sources), ..Asked::all("p.json") };
    let read = plan::read_bytes(PLAN, asked).expect("the plan itself is whole");
    Some(read.objects.iter().map(|object| format!("{:?}", object.configured)).collect())
}

fuzz_target!(|bytes: &[u8]| {
    let name = if bytes.first() == Some(&b'{') { "main.tf.json" } else { "main.tf" };
    let plain = edges(name, bytes.to_vec());
    if name == "main.tf" {
        let commented = [b"# a comment\n\n/* and\n another */\n".as_slice(), bytes].concat();
        assert_eq!(plain, edges(name, commented));
    }
});
