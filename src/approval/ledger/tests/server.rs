//! A PostgreSQL server for the tests of one process: on a socket in a new directory, gone when the process is.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Its own input is a pipe that this process holds: when the process ends, in whatever way, the pipe closes, and the
/// server is stopped and its directory removed.
const SCRIPT: &str = r#"
set -eu
directory=$(mktemp -d /tmp/mainstay-ledger.XXXXXX)
trap 'rm -rf "$directory"' EXIT
"$1/initdb" -D "$directory/data" --auth=trust --username=owner --encoding=UTF8 --locale=C --no-sync >"$directory/log" 2>&1 \
    || { cat "$directory/log" >&2; exit 1; }
# Two databases that ask who is there; the others trust.
for login in 'scram_login pat scram-sha-256' 'cleartext_login pat password'; do echo "local $login"; done >"$directory/hba"
cat "$directory/data/pg_hba.conf" >>"$directory/hba"
mv "$directory/hba" "$directory/data/pg_hba.conf"
"$1/postgres" -D "$directory/data" -k "$directory" -c listen_addresses= -c fsync=off -c full_page_writes=off \
    -c max_connections=200 -c shared_buffers=16MB -c autovacuum=off >"$directory/log" 2>&1 </dev/null &
server=$!
tries=0
until "$1/pg_isready" -q -h "$directory" -U owner -d postgres; do
    tries=$((tries + 1))
    kill -0 $server 2>/dev/null && [ $tries -lt 400 ] || { cat "$directory/log" >&2; exit 1; }
    sleep 0.05
done
echo "$directory"
cat >/dev/null
kill -INT $server
wait $server || true
"#;

/// The directory of its socket. Without PostgreSQL the tests are skipped, and say so; on CI that is a failure.
pub(super) fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<(String, Child)>> = OnceLock::new();
    SERVER.get_or_init(start).as_ref().map(|(directory, _)| directory.as_str())
}

#[expect(
    clippy::disallowed_methods,
    reason = "whether a skipped test may pass is said by the environment alone"
)]
#[allow(clippy::explicit_write, reason = "where `eprintln` is denied, and where it is not")]
fn start() -> Option<(String, Child)> {
    let Some(programs) = programs() else {
        let why = "no PostgreSQL server is installed (looked for initdb and postgres)";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
        // Past the capture of output, which would hide it.
        writeln!(std::io::stderr(), "SKIPPED: ledger on a server: {why}").unwrap();
        return None;
    };
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(SCRIPT).arg("sh").arg(programs);
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
    if said("id", "-u").as_deref() == Some("0") {
        // The server refuses to run as root.
        let users = std::fs::read_to_string("/etc/passwd").unwrap();
        let (user, group) = ["postgres", "nobody"].iter().find_map(|name| ids(&users, name)).unwrap();
        command.uid(user).gid(group);
    }
    // A group of its own: an interrupt at the terminal must not end the script before it has cleaned up.
    let mut child = command.process_group(0).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.ends_with('\n'), "PostgreSQL did not start; see above");
    Some((line.trim_end().to_owned(), child))
}

fn ids(users: &str, name: &str) -> Option<(u32, u32)> {
    let fields: Vec<&str> =
        users.lines().map(|line| line.split(':').collect()).find(|fields: &Vec<&str>| fields[0] == name)?;
    Some((fields[2].parse().ok()?, fields[3].parse().ok()?))
}

fn said(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).stderr(Stdio::null()).output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

#[expect(clippy::disallowed_methods, reason = "where programs are is said by the environment")]
fn programs() -> Option<PathBuf> {
    let told = said("pg_config", "--bindir").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter(|directory| directory.is_absolute());
    let mut packaged: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|found| found.map(|version| version.unwrap().path().join("bin")).collect())
        .unwrap_or_default();
    packaged.sort();
    let whole = |directory: &Path| {
        ["initdb", "postgres", "pg_isready"].iter().all(|name| directory.join(name).is_file())
    };
    told.into_iter().chain(on_path).chain(packaged.into_iter().rev()).find(|directory| whole(directory))
}
