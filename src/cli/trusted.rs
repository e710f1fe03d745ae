//! What is read from a commit that is trusted, and never from the checkout: configuration, roster, waivers, catalog and
//! snapshots. A change under review brings its own of all of these.

use super::arguments::Sources;
use super::error::Error;
use super::paths::{checkout_of, plain, real, real_parent, within};
use crate::approval::quorum::Identity;
use crate::approval::request::CommitRef;
use crate::config;
use crate::git::{self, Commit, Git, People, Role};
use crate::judge::{Inputs, PlanFile};
use crate::model::{Context, Declarations, Digest};
use crate::plan;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A trusted commit, and what is checked out.
pub(super) struct Trusted {
    pub(super) declarations: Declarations,
    reference: CommitRef,
    authors: Result<Vec<Identity>, String>,
    root: PathBuf,
    head: Commit,
    context: Context,
    /// The directory whose plans are judged, from the root with `/`.
    directory: String,
    /// Where the files of the trusted commit lie while they are read.
    _files: TempDir,
}

/// How a commit may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// By its full id: what is let through must not hang on a name that an earlier step of the job can move.
    Id,
    /// By a branch or a tag as well, where nothing is let through.
    Name,
}

impl Trusted {
    /// Reads the commit that is named, if one is.
    pub(super) fn read(
        plans: &[PathBuf],
        sources: &Sources,
        by: By,
        context: &Context,
    ) -> Result<Option<Trusted>, Error> {
        let Some(id) = &sources.trusted_commit else { return Ok(None) };
        let beside = plans.first().and_then(|plan| context.directory.join(plan).parent().map(Path::to_owned));
        let from = sources.config_dir.as_ref().map(|directory| context.directory.join(directory)).or(beside);
        let from = real(&from.unwrap_or_else(|| context.directory.clone()));
        let root = checkout_of(&from).ok_or_else(|| Error::NoCheckout(from.display().to_string()))?;
        let git = Git::new(context.search_path(), &root, &context.environment)?;
        let commit = match by {
            By::Id => git.commit(id)?,
            By::Name => git.named(id)?,
        };
        let head = git.head()?;
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
                tree: git.tree(&head)?,
            },
            authors: authors(&git, &commit, &head)?,
            directory: within(&root, &from).unwrap_or_default(),
            root,
            head,
            context: context.clone(),
            _files: files,
        }))
    }

    /// The commits that a request is bound to.
    pub(super) fn commit(&self) -> CommitRef {
        self.reference.clone()
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
        let since = || {
            let git = self.git()?;
            authors(&git, &git.commit(trusted)?, &self.head)
        };
        since().map_err(|error: Error| error.to_string())?
    }

    fn git(&self) -> Result<Git<'_>, git::Error> {
        Git::new(self.context.search_path(), &self.root, &self.context.environment)
    }

    /// Files that are not as the commit has them, but for those that were given.
    pub(super) fn touched(&self, given: &[PathBuf]) -> Result<Vec<String>, Error> {
        let given: Vec<PathBuf> =
            given.iter().map(|path| real_parent(&self.context.directory.join(path))).collect();
        let mut touched = self.git()?.touched()?;
        touched.retain(|path| !given.contains(&self.root.join(path)));
        Ok(touched)
    }

    /// Why the plans may be of another configuration than the commit's, one line for each plan.
    pub(super) fn foreign(&self, inputs: &Inputs) -> Vec<String> {
        inputs.plans.iter().filter_map(|input| self.differs(&input.path, input.file.as_ref())).collect()
    }

    fn differs(&self, path: &str, file: Option<&PlanFile>) -> Option<String> {
        let unknown =
            |why: String| Some(format!("{path}: which configuration it was made of is not known: {why}"));
        let Some(file) = file else { return unknown("only the JSON was given".to_owned()) };
        let origin = match plan::origin(&file.bytes) {
            Ok(origin) => origin,
            Err(why) => return unknown(why),
        };
        // Modules from registries are fixed by their version, and are in no commit of this repository.
        let own = origin.files.iter().filter(|(name, _)| !name.starts_with(".terraform/"));
        let differs = || -> Result<Option<String>, git::Error> {
            let git = self.git()?;
            for (name, digest) in own {
                let place = plain(&Path::new(&self.directory).join(name));
                let place = place.to_string_lossy().replace('\\', "/");
                match git.file_at(&self.head, &place)? {
                    Some(bytes) if Digest::of(&bytes) == *digest => {}
                    _ => return Ok(Some(name.clone())),
                }
            }
            Ok(None)
        };
        match differs() {
            Ok(other) => {
                other.map(|name| format!("{path}: its {name} is not that of the commit that is checked out"))
            }
            Err(error) => unknown(error.to_string()),
        }
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
    let populations = declarations.statements.populations.iter();
    let inventories = populations.map(|population| population.inventory.clone());
    snapshots.chain(catalog).chain(signing).chain(inventories).collect()
}

/// Writes what a path is at a commit: a file with its sidecar, or all of a directory.
fn export(git: &Git<'_>, commit: &Commit, path: &str, base: &Path) -> Result<(), Error> {
    let mut files = git.files_under(commit, path)?;
    if files.is_empty() {
        for name in [path.to_owned(), format!("{path}.meta.json")] {
            files.extend(git.find(commit, &name)?);
        }
    }
    let failed = |error| Error::Write { to: "a temporary directory".to_owned(), error };
    for file in files {
        let to = base.join(&file.path);
        std::fs::create_dir_all(to.parent().unwrap_or(base)).map_err(failed)?;
        std::fs::write(&to, git.content(&file)?).map_err(failed)?;
    }
    Ok(())
}
