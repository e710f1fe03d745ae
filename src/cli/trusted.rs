//! What is read from a commit that is trusted, and never from the checkout: configuration, roster, waivers, catalog and
//! snapshots. A change under review brings its own of all of these.

use super::arguments::Sources;
use super::error::Error;
use crate::approval::quorum::Identity;
use crate::approval::request::CommitRef;
use crate::config;
use crate::git::{Commit, Git, People, Role};
use crate::judge::Inputs;
use crate::model::{Context, Declarations, Digest};
use crate::plan;
use std::path::{Component, Path, PathBuf};
use tempfile::TempDir;

/// A trusted commit, and what is checked out.
pub(super) struct Trusted {
    pub(super) declarations: Declarations,
    reference: CommitRef,
    authors: Result<Vec<Identity>, String>,
    root: PathBuf,
    head: Commit,
    context: Context,
    config_dir: Option<PathBuf>,
    /// Where the files of the trusted commit lie while they are read.
    _files: TempDir,
}

impl Trusted {
    /// Reads the commit that is named, if one is.
    pub(super) fn read(
        plans: &[PathBuf],
        sources: &Sources,
        context: &Context,
    ) -> Result<Option<Trusted>, Error> {
        let Some(id) = &sources.trusted_commit else { return Ok(None) };
        let beside = plans.first().and_then(|plan| context.directory.join(plan).parent().map(Path::to_owned));
        let from = sources.config_dir.as_ref().map(|directory| context.directory.join(directory)).or(beside);
        let from = real(&from.unwrap_or_else(|| context.directory.clone()));
        let root = checkout_of(&from).ok_or_else(|| Error::NoCheckout(from.display().to_string()))?;
        let git = Git::new(context.search_path.as_deref(), &root, &context.environment)?;
        let (commit, head) = (git.commit(id)?, git.head()?);
        let path = match &sources.config {
            None => config::FILE_NAME.to_owned(),
            Some(named) => within(&root, &real_parent(&context.directory.join(named)))
                .ok_or_else(|| Error::NotInCheckout(named.display().to_string()))?,
        };
        for snapshot in &sources.snapshots {
            if within(&root, &real(&context.directory.join(snapshot))).is_some() {
                return Err(Error::Untrusted(snapshot.display().to_string()));
            }
        }
        let shown = format!("{path} at {}", commit.id().get(..12).unwrap_or_default());
        let text = git.file_at(&commit, &path)?.ok_or_else(|| Error::NotAtCommit(shown.clone()))?;
        let text = String::from_utf8(text).map_err(|_| Error::NotText { path: shown.clone() })?;
        let temporary = |error| Error::Write { to: "a temporary directory".to_owned(), error };
        let files =
            tempfile::Builder::new().prefix("mainstay-").tempdir_in(&context.temporary).map_err(temporary)?;
        let base = real(files.path());
        let directory = base.join(&path).parent().unwrap_or(&base).to_owned();
        let mut declarations = config::parse(&text, &shown, &directory)?;
        declarations.signing.directory = root.join(&path).parent().map(Path::to_owned);
        own_ledger(&git, &head, &root, &declarations, context)?;
        let listed = listed(&declarations);
        let mut judged_by = vec![path];
        for file in listed {
            let Some(inside) = within(&base, &plain(&file)) else {
                if within(&root, &real(&file)).is_some() {
                    return Err(Error::Untrusted(file.display().to_string()));
                }
                continue;
            };
            export(&git, &commit, &inside, &base)?;
            judged_by.push(inside);
        }
        let touched = git.changed(&commit, &head)?;
        let judges = |changed: &String| {
            judged_by.iter().any(|file| changed == file || changed.starts_with(&format!("{file}/")))
        };
        declarations.edited = touched.into_iter().filter(judges).collect();
        Ok(Some(Trusted {
            declarations,
            reference: CommitRef {
                trusted: commit.id().to_owned(),
                head: head.id().to_owned(),
                tree: tree(&git, &head)?,
            },
            authors: authors(&git, &commit, &head)?,
            root,
            head,
            context: context.clone(),
            config_dir: Some(from),
            _files: files,
        }))
    }

    /// The commits that a request is bound to.
    pub(super) fn commit(&self) -> Option<CommitRef> {
        Some(self.reference.clone())
    }

    /// Who wrote what was not trusted yet.
    pub(super) fn authors(&self) -> Result<Vec<Identity>, String> {
        self.authors.clone()
    }

    /// Who wrote what came after another commit that was trusted, if it is another: whoever chooses the commit at apply
    /// must not choose with it who is left out.
    pub(super) fn authors_since(&self, trusted: &str) -> Result<Vec<Identity>, String> {
        if trusted == self.reference.trusted {
            return Ok(Vec::new());
        }
        let git = Git::new(self.context.search_path.as_deref(), &self.root, &self.context.environment);
        let git = git.map_err(|error| error.to_string())?;
        let commit = git.commit(trusted).map_err(|error| error.to_string())?;
        authors(&git, &commit, &self.head).map_err(|error| error.to_string())?
    }

    /// Files that are not as the commit has them, but for those that were given.
    pub(super) fn touched(&self, given: &[PathBuf]) -> Result<Vec<String>, Error> {
        let git = Git::new(self.context.search_path.as_deref(), &self.root, &self.context.environment)?;
        let given: Vec<PathBuf> =
            given.iter().map(|path| real_parent(&self.context.directory.join(path))).collect();
        let mut touched = git.touched()?;
        touched.retain(|path| !given.contains(&self.root.join(path)));
        Ok(touched)
    }

    /// Why the plans may be of another configuration than the commit's, one line for each plan.
    pub(super) fn foreign(&self, inputs: &Inputs) -> Vec<String> {
        inputs.plans.iter().filter_map(|input| self.differs(&input.path, input.file.as_deref())).collect()
    }

    fn differs(&self, path: &str, file: Option<&[u8]>) -> Option<String> {
        let unknown =
            |why: String| Some(format!("{path}: which configuration it was made of is not known: {why}"));
        let Some(file) = file else { return unknown("only the JSON was given".to_owned()) };
        let origin = match plan::origin(file) {
            Ok(origin) => origin,
            Err(why) => return unknown(why),
        };
        let git = match Git::new(self.context.search_path.as_deref(), &self.root, &self.context.environment) {
            Ok(git) => git,
            Err(error) => return unknown(error.to_string()),
        };
        let directory = self.config_dir.as_deref().and_then(|directory| within(&self.root, directory));
        let directory = directory.unwrap_or_default();
        for (name, digest) in &origin.files {
            // Modules from registries are fixed by their version, and are in no commit of this repository.
            if name.starts_with(".terraform/") {
                continue;
            }
            let place = plain(&Path::new(&directory).join(name));
            let place = place.to_string_lossy().replace('\\', "/");
            match git.file_at(&self.head, &place) {
                Ok(Some(bytes)) if Digest::of(&bytes) == *digest => {}
                Ok(_) => {
                    return Some(format!("{path}: its {name} is not that of the commit that is checked out"));
                }
                Err(error) => return unknown(error.to_string()),
            }
        }
        None
    }
}

fn authors(git: &Git<'_>, trusted: &Commit, head: &Commit) -> Result<Result<Vec<Identity>, String>, Error> {
    Ok(match git.people(trusted, head)? {
        People::Unknown(why) => Err(why),
        People::Known(people) => Ok(people
            .into_iter()
            .map(|author| {
                let part = match author.role {
                    Role::Author => "an author of the change",
                    Role::Committer => "a committer of the change",
                    Role::CoAuthor => "a co-author of the change",
                };
                let names = [author.name, author.email].into_iter().filter(|name| !name.is_empty()).collect();
                Identity { part: part.to_owned(), names }
            })
            .collect()),
    })
}

fn tree(git: &Git<'_>, head: &Commit) -> Result<String, Error> {
    Ok(git.tree(head)?)
}

/// A ledger that a commit brings could be one in which nothing was used yet, on each runner anew.
fn own_ledger(
    git: &Git<'_>,
    head: &Commit,
    root: &Path,
    declarations: &Declarations,
    context: &Context,
) -> Result<(), Error> {
    let Some((url, directory)) = super::case::place_of_ledger(declarations, context) else { return Ok(()) };
    let Some(path) = url.strip_prefix("sqlite:") else { return Ok(()) };
    let Some(inside) = within(root, &real(&directory.join(path))) else { return Ok(()) };
    match git.file_at(head, &inside)? {
        Some(_) => Err(Error::CommittedLedger(inside)),
        None => Ok(()),
    }
}

/// All files and directories that a configuration names.
pub(super) fn listed(declarations: &Declarations) -> Vec<PathBuf> {
    let snapshots = declarations.snapshots.iter().map(|snapshot| snapshot.path.clone());
    let catalog = declarations.catalog.iter().map(|catalog| catalog.path.clone());
    let signing =
        [&declarations.signing.roster, &declarations.signing.revoked].into_iter().flatten().cloned();
    snapshots.chain(catalog).chain(signing).collect()
}

/// Writes what a path is at a commit: a file with its sidecar, or all of a directory.
fn export(git: &Git<'_>, commit: &Commit, path: &str, base: &Path) -> Result<(), Error> {
    let mut files: Vec<String> = git.files_under(commit, path)?.into_iter().map(|file| file.path).collect();
    if files.is_empty() {
        files = vec![path.to_owned(), format!("{path}.meta.json")];
    }
    for file in files {
        let Some(bytes) = git.file_at(commit, &file)? else { continue };
        let to = base.join(&file);
        let failed = |error| Error::Write { to: "a temporary directory".to_owned(), error };
        std::fs::create_dir_all(to.parent().unwrap_or(base)).map_err(failed)?;
        std::fs::write(&to, bytes).map_err(failed)?;
    }
    Ok(())
}

/// The directory with `.git` that a path is in.
pub(super) fn checkout_of(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|directory| directory.join(".git").exists()).map(Path::to_owned)
}

/// The path from the root of a checkout, with `/`; nothing if it leads out of it.
fn within(root: &Path, path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root).ok()?;
    let parts: Vec<&str> =
        inside.components().map(|part| part.as_os_str().to_str()).collect::<Option<_>>()?;
    Some(parts.join("/"))
}

/// Without `.` and `..`, by the names alone.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// Without links and `..`, as far as it is there.
pub(super) fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| plain(path))
}

/// The same of a file that may be there only at another commit.
fn real_parent(path: &Path) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => real(parent).join(name),
        _ => plain(path),
    }
}
