//! The cloud: a folder with one JSON file per object, and a log of what was done to it.
//!
//! A file per object, because Terraform runs several provider processes and many calls at once: one file for
//! all would need a lock. Tests take objects away, edit them, and read `ops.log`, which is the best witness
//! there is that a deletion never reached the cloud.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use crate::template::short_hash;
use crate::value::Value;

pub struct Cloud {
    root: PathBuf,
}

impl Cloud {
    pub fn open(root: PathBuf) -> Result<Self, String> {
        fs::create_dir_all(&root).map_err(|e| format!("{}: {e}", root.display()))?;
        Ok(Self { root })
    }

    fn file(&self, kind: &str, id: &str) -> PathBuf {
        self.root.join(kind).join(format!("{}.json", short_hash(id)))
    }

    /// The object, or null if there is none.
    pub fn read(&self, kind: &str, id: &str) -> Result<Value, String> {
        let file = self.file(kind, id);
        match fs::read(&file) {
            Ok(bytes) => parse(&file, &bytes),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(Value::Null),
            Err(e) => Err(format!("{}: {e}", file.display())),
        }
    }

    pub fn all(&self, kind: &str) -> Result<Vec<Value>, String> {
        let folder = self.root.join(kind);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(format!("{}: {e}", folder.display())),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(|e| format!("{}: {e}", folder.display()))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
        files.sort();
        let read =
            |file: &PathBuf| fs::read(file).map_err(|e| e.to_string()).and_then(|bytes| parse(file, &bytes));
        files.iter().map(read).collect()
    }

    /// Writes whole or not at all: a reader in another process must not meet half an object.
    pub fn write(&self, kind: &str, id: &str, object: &Value) -> Result<(), String> {
        let file = self.file(kind, id);
        let told = |e: std::io::Error| format!("{}: {e}", file.display());
        fs::create_dir_all(self.root.join(kind)).map_err(told)?;
        let text = serde_json::to_vec_pretty(&object.to_json()?).map_err(|e| e.to_string())?;
        let half = file.with_extension(format!("{}.half", std::process::id()));
        fs::write(&half, text).map_err(told)?;
        fs::rename(&half, &file).map_err(told)
    }

    /// False if there was nothing to remove, which a delete may find when somebody else was faster.
    pub fn remove(&self, kind: &str, id: &str) -> Result<bool, String> {
        match fs::remove_file(self.file(kind, id)) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
            Err(e) => Err(format!("{kind} {id}: {e}")),
        }
    }

    /// One line of `ops.log`; a single write of a file opened to append, so lines of two processes never mix.
    pub fn log(&self, operation: &str, kind: &str, id: &str) -> Result<(), String> {
        let mut options = OpenOptions::new();
        let mut log =
            options.append(true).create(true).open(self.root.join("ops.log")).map_err(|e| e.to_string())?;
        log.write_all(format!("{operation} {kind} {id}\n").as_bytes()).map_err(|e| e.to_string())
    }

    /// How many objects with this key were made here before. An identity that is deleted and made anew under
    /// its old name is somebody else, and gets another principal id; the same history gives the same ids.
    pub fn birth(&self, kind: &str, key: &str) -> Result<u32, String> {
        let births = self.root.join(".births");
        fs::create_dir_all(&births).map_err(|e| e.to_string())?;
        for earlier in 0.. {
            let mark = births.join(format!("{kind}-{}.{earlier}", short_hash(key)));
            match File::create_new(&mark) {
                Ok(_) => return Ok(earlier),
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(format!("{}: {e}", mark.display())),
            }
        }
        Err(format!("{kind}: too many"))
    }
}

fn parse(file: &std::path::Path, bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map(Value::from_json).map_err(|e| format!("{}: {e}", file.display()))
}
