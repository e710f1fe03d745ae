//! Plan files: as they come, and as a whole zip whose entries are what was given, so that not only checksums are tried.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mainstay::plan::{self, Asked};

const ENTRIES: [&str; 5] =
    ["tfplan", "tfstate", "tfconfig/m-/main.tf", "tfconfig/m-a/main.tf.json", "tfconfig/modules.json"];

fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 })
    })
}

/// A zip that packs nothing.
fn zip(contents: &[&[u8]]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in ENTRIES.iter().zip(contents) {
        let at = (out.len() as u32).to_le_bytes();
        let (length, name_length) = ((content.len() as u32).to_le_bytes(), (name.len() as u16).to_le_bytes());
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(checksum(content).to_le_bytes());
        common.extend(length);
        common.extend(length);
        common.extend(name_length);
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(*content);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(at);
        directory.extend(name.as_bytes());
    }
    let (count, start) = ((contents.len() as u16).to_le_bytes(), (out.len() as u32).to_le_bytes());
    let size = (directory.len() as u32).to_le_bytes();
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend([size, start].concat());
    out.extend([0, 0]);
    out
}

fn open(bytes: &[u8]) {
    let sources = plan::sources_of_zip(bytes, "p.tfplan");
    if let Some((json, sources)) = plan::stored(bytes, &sources, "p.tfplan", "no terraform") {
        let asked = Asked { sources: Some(&sources), ..Asked::all("p.tfplan") };
        if let Err(error) = plan::read_bytes(&json, asked) {
            assert!(error.to_string().starts_with("p.tfplan: "));
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    open(bytes);
    let parts: Vec<&[u8]> = bytes.split(|byte| *byte == 0xFF).take(ENTRIES.len()).collect();
    open(&zip(&parts));
});
