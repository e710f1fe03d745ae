//! The plan file: the zip that `terraform plan -out` writes. It comes from outside, so names, counts and sizes are
//! looked at before anything is inflated, and every checksum after.
//! Source: Terraform's `planfile` writer: `tfplan`, `tfstate`, `tfstate-prev`, `tfconfig/…`, `.terraform.lock.hcl`.

use miniz_oxide::inflate::decompress_to_vec_with_limit;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder};
use std::cell::Cell;
use std::collections::BTreeMap;

/// More entries than any configuration has files.
const MOST_ENTRIES: usize = 50_000;

/// What may be inflated of one file in all.
const MOST_BYTES: usize = 512 << 20;

/// Entries of an open plan file.
pub(super) struct Package<'a> {
    archive: rawzip::ZipSliceArchive<&'a [u8]>,
    entries: BTreeMap<String, Entry>,
    left: Cell<usize>,
}

struct Entry {
    place: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    crc: u32,
}

impl<'a> Package<'a> {
    /// Reads the directory of a zip; the error is why not, in words.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Package<'a>, String> {
        let archive =
            ZipArchive::from_slice(bytes).map_err(|error| format!("it is no whole zip: {error}"))?;
        let mut entries = BTreeMap::new();
        let mut list = archive.entries();
        while let Some(record) =
            list.next_entry().map_err(|error| format!("its directory is broken: {error}"))?
        {
            if entries.len() >= MOST_ENTRIES {
                return Err(format!("it has more than {MOST_ENTRIES} entries"));
            }
            let path = record.file_path();
            let name = std::str::from_utf8(path.as_bytes()).ok().filter(|name| is_plain(name));
            let Some(name) = name else { return Err("an entry has a name that leads elsewhere".to_owned()) };
            let entry =
                Entry { place: record.wayfinder(), method: record.compression_method(), crc: record.crc32() };
            if entries.insert(name.to_owned(), entry).is_some() {
                return Err("two entries have one name".to_owned());
            }
        }
        Ok(Package { archive, entries, left: Cell::new(MOST_BYTES) })
    }

    /// The names of all entries, in order.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The files of the configuration: name of the entry, key of the module in `tfconfig/modules.json`, name of the file.
    pub(super) fn module_files(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.names().filter_map(|name| {
            let (key, file) = name.strip_prefix("tfconfig/m-")?.rsplit_once('/')?;
            Some((name, key, file))
        })
    }

    /// The content of an entry, if there is one of this name, of `most` bytes at most.
    pub(super) fn read(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>, String> {
        let Some(entry) = self.entries.get(name) else { return Ok(None) };
        let most = most.min(self.left.get());
        let packed =
            self.archive.get_entry(entry.place).map_err(|error| format!("an entry is broken: {error}"))?;
        let content = match entry.method {
            CompressionMethod::STORE if packed.data().len() <= most => packed.data().to_vec(),
            CompressionMethod::DEFLATE => decompress_to_vec_with_limit(packed.data(), most)
                .map_err(|_| "an entry is too large or cannot be inflated".to_owned())?,
            CompressionMethod::STORE => return Err("an entry is too large".to_owned()),
            _ => return Err("an entry is packed in a way that Terraform does not use".to_owned()),
        };
        if rawzip::crc32(&content) != entry.crc {
            return Err("an entry does not have the checksum that it says".to_owned());
        }
        self.left.set(self.left.get().saturating_sub(content.len()));
        Ok(Some(content))
    }
}

/// Whether a name stays where it is put.
fn is_plain(name: &str) -> bool {
    let odd = |letter: char| letter.is_control() || matches!(letter, '\\' | ':');
    let parts = name.trim_end_matches('/').split('/');
    !name.contains(odd) && parts.into_iter().all(|part| !matches!(part, "" | "." | ".."))
}
