//! The files of one module become one list of blocks: override files change what the others say.
//! Source: "Override Files" of Terraform's documentation.

use crate::plan::hcl::{self, Block, Body};

/// A block and the file that it stands in.
pub(super) struct Placed {
    /// Its path from the directory of the configuration.
    pub file: String,
    /// The block.
    pub block: Block,
}

/// The blocks of a module.
#[derive(Default)]
pub(super) struct Blocks {
    /// In the order of the files.
    pub list: Vec<Placed>,
    /// Files that could not be understood from end to end.
    pub broken: Vec<String>,
}

/// Whether terraform reads a file of this name as configuration.
pub(super) fn is_configuration(name: &str) -> bool {
    let hidden =
        name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    let known = [".tf", ".tf.json", ".tofu", ".tofu.json"].iter().any(|ending| name.ends_with(ending));
    known && !hidden
}

fn is_override(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

/// Reads the files of a module; `directory` is where they are, `.` for the root.
pub(super) fn blocks(directory: &str, files: &[(String, Vec<u8>)]) -> Blocks {
    let mut all = Blocks::default();
    let mut files: Vec<&(String, Vec<u8>)> =
        files.iter().filter(|(name, _)| is_configuration(name)).collect();
    files.sort_by_key(|(name, _)| (is_override(name), name.as_str()));
    for (name, bytes) in files {
        let file = if matches!(directory, "" | ".") { name.clone() } else { format!("{directory}/{name}") };
        let read = hcl::read(name, bytes);
        if !read.whole {
            all.broken.push(file.clone());
        }
        for mut block in read.body.blocks {
            if block.kind == "check" {
                // The data source of a check is one of the module.
                let inner = std::mem::take(&mut block.body.blocks);
                let inner = inner.into_iter().filter(|block| block.kind == "data");
                all.list.extend(inner.map(|block| Placed { file: file.clone(), block }));
            }
            if is_override(name) {
                override_by(&mut all.list, &file, block);
            } else {
                all.list.push(Placed { file: file.clone(), block });
            }
        }
    }
    all
}

/// Lets a block of an override file change the one that it names; one that names none stands for itself.
fn override_by(list: &mut Vec<Placed>, file: &str, mut block: Block) {
    if block.kind == "locals" {
        for placed in list.iter_mut().filter(|placed| placed.block.kind == "locals") {
            placed
                .block
                .body
                .attributes
                .retain(|own| block.body.attributes.iter().all(|new| new.name != own.name));
        }
    } else {
        let is_it = |placed: &&mut Placed| {
            !placed.block.labels.is_empty()
                && placed.block.kind == block.kind
                && placed.block.labels == block.labels
                // Configurations of one provider are told apart by their alias.
                && (block.kind != "provider" || placed.block.body.plain("alias") == block.body.plain("alias"))
        };
        if let Some(known) = list.iter_mut().find(is_it) {
            merge(&mut known.block.body, std::mem::take(&mut block.body));
            return;
        }
    }
    list.push(Placed { file: file.to_owned(), block });
}

/// Attributes and blocks of the same name are replaced; `lifecycle` is merged.
fn merge(body: &mut Body, new: Body) {
    let Body { attributes, blocks } = new;
    body.attributes.retain(|own| attributes.iter().all(|new| new.name != own.name));
    // What is made by a `dynamic` block of a type is of that type.
    let kind = |block: &Block| match (block.kind.as_str(), block.labels.first()) {
        ("dynamic", Some(label)) => label.clone(),
        (kind, _) => kind.to_owned(),
    };
    let replaced: Vec<String> = blocks.iter().map(kind).filter(|kind| kind != "lifecycle").collect();
    body.blocks.retain(|own| !replaced.contains(&kind(own)));
    body.attributes.extend(attributes);
    for block in blocks {
        match body.blocks.iter_mut().find(|own| own.kind == "lifecycle" && block.kind == "lifecycle") {
            Some(own) => merge(&mut own.body, block.body),
            None => body.blocks.push(block),
        }
    }
}
