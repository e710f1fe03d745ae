//! Printing, and writing answers to files.

use super::arguments::Global;
use super::error::Error;
use crate::model::Context;
use crate::report::{FormatTo, Known, Look, clean};
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Columns where standard output is no terminal.
const WIDTH: usize = 100;

/// Columns of the narrowest and the widest page.
const WIDTHS: (usize, usize) = (40, 140);

/// The streams of the process, or what a test puts in their place.
pub(super) struct Console<'a> {
    pub(super) input: &'a mut dyn Read,
    pub(super) out: &'a mut dyn Write,
    pub(super) err: &'a mut dyn Write,
}

/// How text on standard output should look.
pub(super) fn look(context: &Context, global: &Global) -> Look {
    let (least, most) = WIDTHS;
    Look {
        width: context.width.unwrap_or(WIDTH).clamp(least, most),
        colour: context.colour,
        quiet: global.quiet,
        verbose: global.verbose > 0,
    }
}

/// How text on standard error should look.
pub(super) fn look_of_errors(context: &Context, global: &Global) -> Look {
    Look { colour: super::context::colour_of_errors() && context.colour, ..look(context, global) }
}

/// Refuses formats that would be written over each other, before any work is done.
pub(super) fn distinct<F>(formats: &[FormatTo<F>]) -> Result<(), Error> {
    let on_output = formats.iter().filter(|format| format.file.is_none()).count();
    if on_output > 1 {
        return Err(Error::OutputTwice(on_output));
    }
    let mut files = BTreeSet::new();
    let twice = formats.iter().filter_map(|format| format.file.as_ref()).find(|file| !files.insert(*file));
    twice.map_or(Ok(()), |file| Err(Error::FileTwice(file.display().to_string())))
}

/// Writes an answer in every format asked for: files first, so that what is printed is not followed by an error.
pub(super) fn answer<F: Known>(
    formats: &[FormatTo<F>],
    look: Look,
    context: &Context,
    console: &mut Console<'_>,
    render: impl Fn(F, Look) -> Result<String, Error>,
) -> Result<(), Error> {
    for format in formats {
        if let Some(file) = &format.file {
            let plain = Look { colour: false, width: WIDTH, ..look };
            let text = render(format.format, plain)?;
            put(context, file, text.as_bytes())?;
        }
    }
    for format in formats.iter().filter(|format| format.file.is_none()) {
        print(console, &render(format.format, look)?)?;
    }
    Ok(())
}

/// Prints. A reader that has seen enough (`| head`) is no error, and the exit code stays what it was.
pub(super) fn print(console: &mut Console<'_>, text: &str) -> Result<(), Error> {
    match console.out.write_all(text.as_bytes()).and_then(|()| console.out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| Error::Write { to: "standard output".to_owned(), error }),
    }
}

/// Puts a file where it was asked for.
pub(super) fn put(context: &Context, name: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_file(&context.directory.join(name), bytes)
        .map_err(|error| Error::Write { to: format!("`{}`", name.display()), error })
}

/// Says something on standard error.
pub(super) fn warn(console: &mut Console<'_>, text: &str) {
    // Where not even that can be written there is nothing left to tell anybody.
    let _ = console.err.write_all(text.as_bytes());
}

/// Says what went wrong, one line per problem.
pub(super) fn complain(console: &mut Console<'_>, error: &Error) {
    let problems = match error {
        Error::Config(config) => config.messages().collect(),
        Error::Roster(errors) => errors.iter().map(ToString::to_string).collect(),
        other => vec![other.to_string()],
    };
    let problems = problems.iter().map(|problem| format!("error: {}\n", clean(problem)));
    let help = error.help();
    let lines = problems
        .chain(help.iter().flat_map(|help| help.lines()).map(|line| format!("help: {}\n", clean(line))));
    for line in lines {
        // Where not even an error can be written there is nothing left to tell anybody.
        let _ = console.err.write_all(line.as_bytes());
    }
}

/// Puts a whole file in place of what was there, or nothing: nobody ever reads half a report.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a link points at is replaced, not the link.
    let path: PathBuf = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if std::fs::metadata(&path).is_ok_and(|there| !there.is_file()) {
        // A device or a pipe is written to; replacing it would be a surprise.
        return std::fs::OpenOptions::new().write(true).open(&path)?.write_all(bytes);
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As any file that a program creates: the umask decides who may read it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.prefix(".mainstay-").tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(&path).map(|_| ()).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_else_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.json");
        std::fs::write(&path, "a much longer text that was there before").unwrap();
        write_file(&path, b"{}\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}\n");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        assert!(write_file(&directory.path().join("no/such/place.json"), b"{}").is_err());
    }

    #[test]
    #[cfg(unix)]
    fn links_and_devices_stay_what_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let (target, link) = (directory.path().join("target"), directory.path().join("link"));
        std::fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write_file(&link, b"new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "new");
        write_file(Path::new("/dev/null"), b"new").unwrap();
    }

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_error() {
        let mut console = Console { input: &mut io::empty(), out: &mut Closed, err: &mut io::sink() };
        assert!(print(&mut console, "text").is_ok());
    }
}
