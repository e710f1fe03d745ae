//! The bytes of one plan, held where nothing changes them between being judged and being applied.
//!
//! On Linux that is a memory file with seals: it never touches a disk, and no process can write to it any more, not
//! even this one. The child opens it as `/proc/PID/fd/N` of *this* process. So no descriptor is inherited and none of
//! it leaks into other children, whichever thread starts them: the descriptor stays close-on-exec. Elsewhere, and
//! where `/proc` does not give the file back, it is a read-only file in a directory of our own; there another process
//! of the same user could change it, so [`Sealed::intact`] is asked again before it is applied.

use crate::model::Digest;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// No plan file is larger. That of 10,000 changed resources has less than one mebibyte.
const LARGEST: u64 = 512 << 20;

/// Why a plan cannot be held.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read the plan file {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is a directory, a pipe, a device.
    #[error("{} is no plan file: it is no regular file; save the plan with `terraform plan -out=FILE`", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// It is larger than any plan.
    #[error("{} is no plan file: it has more than {} MiB", path.display(), LARGEST >> 20)]
    TooLarge {
        /// What was named.
        path: PathBuf,
    },
    /// There is no private place.
    #[error("no private place for the plan: {0}; look at the permissions and the free space of TMPDIR")]
    Place(#[source] io::Error),
    /// It changed after it was judged.
    #[error("the plan that was judged has been changed since; nothing was applied")]
    Changed,
}

/// A place for a plan that is still to be written, by `terraform plan -out=`.
#[derive(Debug)]
pub struct Blank {
    place: Place,
}

#[derive(Debug)]
struct Place {
    file: File,
    path: PathBuf,
    /// Whether nobody can write to it any more, rather than nobody should.
    sealed: bool,
    /// Removed with us.
    _directory: Option<tempfile::TempDir>,
}

impl Blank {
    /// Makes one.
    ///
    /// # Errors
    /// If there is no place for it.
    pub fn new() -> Result<Blank, Error> {
        Ok(Blank { place: in_memory().map_or_else(in_directory, Ok).map_err(Error::Place)? })
    }

    /// Where terraform is to write it.
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// Nothing changes it from here on.
    ///
    /// # Errors
    /// If it cannot be sealed or read again.
    pub fn seal(self) -> Result<Sealed, Error> {
        let mut place = self.place;
        close(&mut place).map_err(Error::Place)?;
        let bytes = content(&mut place.file, &place.path)?;
        Ok(Sealed { digest: Digest::of(&bytes), bytes, place })
    }
}

/// A plan whose bytes are fixed.
#[derive(Debug)]
pub struct Sealed {
    place: Place,
    bytes: Vec<u8>,
    digest: Digest,
}

impl Sealed {
    /// Copies a plan file, once. Links are followed while it is opened; after that there are only bytes.
    ///
    /// # Errors
    /// If it cannot be read, is no regular file, is too large, or there is no place for it.
    pub fn copy(path: &Path) -> Result<Sealed, Error> {
        let failed = |source| Error::Read { path: path.to_owned(), source };
        // A pipe would make the opening wait for a writer.
        if !path.metadata().map_err(failed)?.is_file() {
            return Err(Error::NotAFile { path: path.to_owned() });
        }
        let mut file = open(path).map_err(failed)?;
        // It may be another by now.
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(Error::NotAFile { path: path.to_owned() });
        }
        let bytes = content(&mut file, path)?;
        let mut blank = Blank::new()?;
        blank.place.file.write_all(&bytes).map_err(Error::Place)?;
        blank.seal()
    }

    /// Their digest.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The bytes. They hold the state, and with it secrets in clear text.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where terraform, started by this process while it lives, reads just these bytes.
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// Says that what [`Sealed::path`] leads to is still what was judged.
    ///
    /// # Errors
    /// [`Error::Changed`] if it is not.
    pub fn intact(&self) -> Result<(), Error> {
        if self.place.sealed {
            return Ok(());
        }
        let read = File::open(self.path()).map_err(|_| Error::Changed);
        let bytes = read.and_then(|mut file| content(&mut file, self.path()))?;
        if bytes == self.bytes { Ok(()) } else { Err(Error::Changed) }
    }
}

/// All of a file, from its beginning.
fn content(file: &mut File, path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or_default();
    std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// A memory file that children can reach; none where the system has no such thing.
#[cfg(target_os = "linux")]
fn in_memory() -> Option<Place> {
    use rustix::fs::{MemfdFlags, memfd_create};
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;
    let file = File::from(memfd_create("plan", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).ok()?);
    let path = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
    // Another `/proc` than that of our own numbers would give another file, or none.
    let (own, found) = (file.metadata().ok()?, path.metadata().ok()?);
    let reached = (own.dev(), own.ino()) == (found.dev(), found.ino()) && File::open(&path).is_ok();
    reached.then_some(Place { file, path, sealed: false, _directory: None })
}

#[cfg(not(target_os = "linux"))]
fn in_memory() -> Option<Place> {
    None
}

/// A file in a directory that only this user can enter.
fn in_directory() -> io::Result<Place> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("mainstay-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let directory = builder.tempdir()?;
    let path = directory.path().join("plan");
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path)?;
    Ok(Place { file, path, sealed: false, _directory: Some(directory) })
}

fn close(place: &mut Place) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if place._directory.is_none() {
        use rustix::fs::{SealFlags, fcntl_add_seals};
        fcntl_add_seals(
            &place.file,
            SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL,
        )?;
        place.sealed = true;
        return Ok(());
    }
    // Terraform may have put another file into its place.
    place.file = File::open(&place.path)?;
    let mut permissions = place.file.metadata()?.permissions();
    permissions.set_readonly(true);
    place.file.set_permissions(permissions)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_copy_is_fixed_whatever_becomes_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let (plan, link) = (folder.path().join("plan"), folder.path().join("link"));
        fs::write(&plan, "the plan").unwrap();
        std::os::unix::fs::symlink(&plan, &link).unwrap();
        let sealed = Sealed::copy(&link).unwrap();
        fs::write(&plan, "another").unwrap();
        assert_eq!(sealed.bytes(), b"the plan");
        assert_eq!(sealed.digest(), Digest::of(b"the plan"));
        assert_eq!(fs::read(sealed.path()).unwrap(), b"the plan");
        // A child of its own sees the same, twice.
        for _ in 0..2 {
            let output = std::process::Command::new("cat").arg(sealed.path()).output().unwrap();
            assert_eq!(output.stdout, b"the plan");
        }
        sealed.intact().unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn nobody_writes_to_what_is_sealed() {
        let blank = Blank::new().unwrap();
        assert!(blank.path().starts_with("/proc"));
        fs::write(blank.path(), "by terraform").unwrap();
        let sealed = blank.seal().unwrap();
        assert_eq!(sealed.bytes(), b"by terraform");
        assert!(fs::write(sealed.path(), "x").is_err());
        let mut open = fs::OpenOptions::new().append(true).open(sealed.path()).unwrap();
        assert!(open.write_all(b"x").is_err());
        assert!(open.set_len(1).is_err());
        assert_eq!(fs::read(sealed.path()).unwrap(), b"by terraform");
        // No child has it open.
        let output = std::process::Command::new("ls").args(["-l", "/proc/self/fd"]).output().unwrap();
        assert!(!String::from_utf8_lossy(&output.stdout).contains("memfd"), "{output:?}");
    }

    #[test]
    fn without_memory_files_a_private_one_serves_and_is_looked_at_again() {
        let mut place = in_directory().unwrap();
        let (path, folder) = (place.path.clone(), place.path.parent().unwrap().to_owned());
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        place.file.write_all(b"the plan").unwrap();
        let sealed = Blank { place }.seal().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o400);
        sealed.intact().unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "another").unwrap();
        assert!(matches!(sealed.intact(), Err(Error::Changed)));
        assert_eq!(sealed.bytes(), b"the plan");
        drop(sealed);
        assert!(!folder.exists());
    }

    #[test]
    fn only_regular_files_are_plans() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Sealed::copy(folder.path()), Err(Error::NotAFile { .. })));
        assert!(matches!(Sealed::copy(Path::new("/dev/zero")), Err(Error::NotAFile { .. })));
        assert!(matches!(Sealed::copy(&folder.path().join("none")), Err(Error::Read { .. })));
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(matches!(Sealed::copy(&pipe), Err(Error::NotAFile { .. })));
        let large = folder.path().join("large");
        File::create(&large).unwrap().set_len(LARGEST + 1).unwrap();
        assert!(matches!(Sealed::copy(&large), Err(Error::TooLarge { .. })));
    }
}
