//! Tables of command lines, and what they mean.

use super::command_line::{CommandLine, Malformed, Meaning};
use super::surgery::Kind;
use super::{Stale, refused_arguments, refused_environment, stale};
use crate::model::Variables;
use std::ffi::OsString;

fn environment(pairs: &[(&str, &str)]) -> Variables {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

fn line(text: &str, pairs: &[(&str, &str)]) -> Result<CommandLine, Malformed> {
    let words: Vec<OsString> =
        text.split_whitespace().map(|word| OsString::from(word.replace('~', " "))).collect();
    CommandLine::read(&words, &environment(pairs))
}

fn meaning(text: &str) -> Result<Meaning, Malformed> {
    line(text, &[])?.meaning()
}

#[test]
fn what_changes_nothing_goes_straight_through() {
    let lines = [
        "",
        "-version",
        "--version",
        "-v",
        "version",
        "version -json",
        "-help",
        "--help",
        "-h",
        "help",
        "apply -help",
        "apply --help",
        "apply -h plan",
        "destroy -help",
        "-help apply",
        "apply -version",
        "apply -v",
        "plan",
        "plan -out=p -destroy",
        "plan -destroy -auto-approve",
        "-chdir=x plan",
        "show -json p",
        "state",
        "state list",
        "state pull",
        "state show a.b",
        "state rm -help",
        "import -h",
        "workspace",
        "workspace list",
        "workspace select x",
        "workspace new x",
        "workspace show",
        "env list",
        "init",
        "init -upgrade",
        "init -reconfigure=false",
        "init -backend-config=migrate-state",
        "validate -json",
        "fmt -check",
        "output -json",
        "console",
        "graph",
        "get",
        "login",
        "logout",
        "providers",
        "providers schema -json",
        "providers mirror d",
        "metadata functions -json",
        "modules -json",
        "state -x rm",
        "workspace -x delete",
        "init -help -reconfigure",
        "force-unlock --help",
        "test -help",
    ];
    for text in lines {
        assert_eq!(meaning(text), Ok(Meaning::Other), "{text}");
    }
}

#[test]
fn what_makes_no_plan_is_told_by_kind() {
    let lines = [
        ("state rm a.b", Kind::StateRemove),
        ("state rm -dry-run a.b", Kind::StateRemove),
        ("-chdir=x state rm a.b", Kind::StateRemove),
        ("state mv a.b a.c", Kind::StateMove),
        ("state push -force s", Kind::StatePush),
        ("push", Kind::StatePush),
        ("state replace-provider a b", Kind::StateReplaceProvider),
        ("import a.b id", Kind::Import),
        ("import -- -help id", Kind::Import),
        ("taint a.b", Kind::Taint),
        ("untaint a.b", Kind::Untaint),
        ("refresh", Kind::Refresh),
        ("force-unlock -force 1", Kind::ForceUnlock),
        ("workspace delete x", Kind::WorkspaceDelete),
        ("env delete x", Kind::WorkspaceDelete),
        ("init -migrate-state", Kind::MoveState),
        ("init -input=false --reconfigure", Kind::MoveState),
        ("init -force-copy=1", Kind::MoveState),
        ("test", Kind::Test),
        ("apply -invoke=action.a.b", Kind::Invoke),
        ("apply -invoke action.a.b -auto-approve", Kind::Invoke),
        ("stacks deployment-run list", Kind::Remote),
        ("rpcapi", Kind::Remote),
        ("aply", Kind::Unknown),
        ("teardown -all", Kind::Unknown),
    ];
    for (text, kind) in lines {
        let Ok(Meaning::Surgery(surgery)) = meaning(text) else { panic!("{text}: {:?}", meaning(text)) };
        assert_eq!(surgery.kind, kind, "{text}");
        let told = text.strip_prefix("-chdir=x ").unwrap_or(text);
        assert_eq!(surgery.words.join(" "), told);
        assert!(!kind.name().is_empty());
    }
}

#[test]
fn a_saved_plan_is_told_from_its_flags() {
    let lines = [
        ("apply p", "p", ""),
        ("apply -input=false p", "p", "-input=false"),
        ("apply -auto-approve p", "p", "-auto-approve"),
        ("-chdir=d apply ./x/p", "./x/p", ""),
        ("apply -var a=b p", "p", "-var=a=b"),
        ("apply --var=a=b --var-file f p", "p", "-var=a=b -var-file=f"),
        ("apply -target a.b -lock-timeout 3s p", "p", "-target=a.b -lock-timeout=3s"),
        ("apply -lock=false p", "p", "-lock=false"),
        ("apply -- -p", "-p", ""),
        ("apply -", "-", ""),
        ("apply p -no-color", "p", "-no-color"),
        ("apply -state-out=o -compact-warnings p", "p", "-compact-warnings -state-out=o"),
        ("apply -destroy p", "p", "-destroy"),
        ("apply -refresh-only p", "p", "-refresh-only"),
        ("apply -strange p", "p", "-strange"),
        ("apply -input false", "false", "-input"),
    ];
    for (text, file, given) in lines {
        let Ok(Meaning::Saved { plan, flags }) = meaning(text) else { panic!("{text}: {:?}", meaning(text)) };
        let flags: Vec<String> = flags.iter().map(ToString::to_string).collect();
        assert_eq!((plan.as_str(), flags.join(" ").as_str()), (file, given), "{text}");
    }
}

#[test]
fn a_fresh_apply_becomes_plan_and_apply() {
    let lines = [
        ("apply", "", ""),
        ("apply -auto-approve", "", ""),
        ("apply -auto-approve=false -input=false", "-input=false", "-input=false"),
        ("destroy", "-destroy", ""),
        ("destroy -target=a.b -auto-approve", "-destroy -target=a.b", ""),
        ("apply -destroy", "-destroy", ""),
        ("apply -target a.b -target c.d", "-target=a.b -target=c.d", ""),
        ("apply -replace=a.b", "-replace=a.b", ""),
        ("apply -refresh-only", "-refresh-only", ""),
        ("apply --refresh-only=true -auto-approve", "-refresh-only=true", ""),
        ("apply -refresh=false -refresh-only=false", "-refresh=false -refresh-only=false", ""),
        ("apply -exclude=a.b -exclude-file=f", "-exclude=a.b -exclude-file=f", ""),
        ("apply -var a=b -var-file f", "-var=a=b -var-file=f", "-var=a=b -var-file=f"),
        (
            "apply -lock-timeout=3s -parallelism 4",
            "-lock-timeout=3s -parallelism=4",
            "-lock-timeout=3s -parallelism=4",
        ),
        ("apply -json -auto-approve", "-json", "-json"),
        ("apply -no-color -compact-warnings", "-no-color -compact-warnings", "-no-color -compact-warnings"),
        ("apply -json-into=f", "", "-json-into=f"),
        ("apply -state=s -state-out=o -backup=b", "-state=s", "-state=s -state-out=o -backup=b"),
        ("apply -lock=false", "-lock=false", "-lock=false"),
        ("apply -target -v", "-target=-v", ""),
        ("apply -var -help -no-color", "-no-color -var=-help", "-no-color -var=-help"),
        ("apply -policies=d -allow-deferral", "-policies=d -allow-deferral", "-policies=d"),
    ];
    for (text, plan, apply) in lines {
        let Ok(Meaning::Fresh(fresh)) = meaning(text) else { panic!("{text}: {:?}", meaning(text)) };
        assert_eq!((fresh.plan.join(" ").as_str(), fresh.apply.join(" ").as_str()), (plan, apply), "{text}");
        assert_eq!(fresh.destroy, text.contains("destroy"), "{text}");
        assert_eq!(fresh.approved, text.split(' ').any(|word| word == "-auto-approve"), "{text}");
        assert_eq!(fresh.input, !text.contains("-input=false") && !text.contains("-json "), "{text}");
    }
}

#[test]
fn what_cannot_be_said_is_refused() {
    let lines = [
        "apply a b",
        "apply a -auto-approve",
        "destroy p",
        "apply -strange",
        "destroy -strange=1",
        "apply ---x",
        "apply -=x",
        "apply -target",
        "apply -auto-approve=yes",
        "apply -input=",
        "-foo apply",
        "-chdir=a -chdir=b apply",
        "-chdir apply",
        "-foo state rm a",
        "apply -- a b",
        "apply -detailed-exitcode",
        "apply -destroy=maybe p",
    ];
    for text in lines {
        let Err(error) = meaning(text) else { panic!("{text}: {:?}", meaning(text)) };
        let said = error.to_string();
        assert!(!said.contains("auto-approve") || text.contains("auto-approve"), "{said}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        let odd = [OsString::from("apply"), OsString::from_vec(vec![b'-', 0xff])];
        let read = CommandLine::read(&odd, &Variables::default()).unwrap().meaning();
        assert_eq!(read, Err(Malformed::NotText));
    }
}

#[test]
fn words_of_the_environment_come_first() {
    let both =
        [("TF_CLI_ARGS", "-one"), ("TF_CLI_ARGS_apply", "-two -three"), ("TF_CLI_ARGS_plan", "-other")];
    let read = line("-chdir=d apply -four p", &both).unwrap();
    assert_eq!(read.words(), ["apply", "-two", "-three", "-one", "-four", "p"]);
    assert_eq!(read.chdir.as_deref(), Some("d"));
    let read = line("state rm a.b", &[("TF_CLI_ARGS_state_rm", "-dry-run")]).unwrap();
    assert_eq!(read.words(), ["state", "rm", "-dry-run", "a.b"]);
    let read = line("force-unlock 1", &[("TF_CLI_ARGS_force_unlock", "-force")]).unwrap();
    assert_eq!(read.words(), ["force-unlock", "-force", "1"]);
    // A plan that only the environment names, and flags that change what is planned.
    let plan = line("apply", &[("TF_CLI_ARGS_apply", "other.tfplan")]).unwrap().meaning();
    assert!(matches!(plan, Ok(Meaning::Saved { plan, .. }) if plan == "other.tfplan"));
    let destroy = line("apply", &[("TF_CLI_ARGS_apply", "-destroy -auto-approve")]).unwrap().meaning();
    assert!(matches!(destroy, Ok(Meaning::Fresh(fresh)) if fresh.destroy && fresh.approved));
    // Help that was not typed is no help.
    assert!(line("apply", &[("TF_CLI_ARGS", "-help")]).unwrap().meaning().is_err());
    let unread = line("state rm a", &[("TF_CLI_ARGS", "-help")]).unwrap().meaning();
    assert!(matches!(unread, Ok(Meaning::Surgery(_))), "{unread:?}");
    assert!(matches!(line("plan", &[("TF_CLI_ARGS_plan", "'")]), Err(Malformed::Variable { .. })));
    assert!(line("show", &[("TF_CLI_ARGS_plan", "'")]).is_ok());
}

#[test]
fn arguments_that_make_another_apply_are_refused() {
    let refused = |text: &str, allowed: &[&str]| {
        let allowed: Vec<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        match meaning(text).unwrap() {
            Meaning::Saved { flags, .. } => refused_arguments(&flags, true, &allowed),
            Meaning::Fresh(fresh) => refused_arguments(&fresh.flags, false, &allowed),
            other => panic!("{text}: {other:?}"),
        }
    };
    let saved = [
        "-state=s",
        "-state-out=s",
        "-backup=b",
        "-lock=false",
        "-target=a",
        "-replace=a",
        "-destroy",
        "-refresh=false",
        "-refresh-only",
        "-invoke=a",
        "-exclude=a",
        "-strange",
        "-strange=1",
        "-suppress-forget-errors",
        "-lock=maybe",
    ];
    for flag in saved {
        let text = format!("apply {flag} p");
        let said =
            if flag == "-lock=maybe" { continue } else { refused(&text, &[]).unwrap_err().to_string() };
        assert!(said.starts_with(&format!("`{flag}`")), "{said}");
        let name = flag.split('=').next().unwrap();
        assert_eq!(refused(&text, &[name]), Ok(()), "{text}");
        assert_eq!(refused(&text, &[name.trim_start_matches('-')]), Ok(()), "{text}");
    }
    let free = "apply -auto-approve -input=false -var a=b -lock=true -lock-timeout=1s -parallelism=2 -json -no-color \
                -refresh=true -destroy=false p";
    assert_eq!(refused(free, &[]), Ok(()));
    for text in ["apply -lock=false", "apply -state-out=s", "destroy -state=s", "apply -backup=-"] {
        assert!(refused(text, &[]).is_err(), "{text}");
    }
    assert_eq!(refused("apply -destroy -target=a -replace=b -refresh=false", &[]), Ok(()));
}

#[test]
fn variables_that_swap_providers_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rc");
    let home = folder.path().to_str().unwrap();
    let with = |name: &str, value: &str| {
        refused_environment(&environment(&[("HOME", home), (name, value)]), folder.path(), &[])
    };
    assert_eq!(with("TF_WORKSPACE", "x"), Ok(()));
    assert!(with("TF_REATTACH_PROVIDERS", "{}").unwrap_err().to_string().contains("TF_REATTACH_PROVIDERS"));
    let named = |text: &str| {
        std::fs::write(&file, text).unwrap();
        with("TF_CLI_CONFIG_FILE", file.to_str().unwrap())
    };
    assert_eq!(with("TF_CLI_CONFIG_FILE", "/nowhere/at/all"), Ok(()));
    assert_eq!(named("# dev_overrides {}\nplugin_cache_dir = \"x\"\n"), Ok(()));
    assert!(named("provider_installation {\n  dev_overrides {\n").is_err());
    assert!(named("provider_installation { /* \n # */ dev_overrides {").is_err());
    assert!(named("{\"provider_installation\": [{\"dev\\u005foverrides\": {}}]}").is_err());
    assert_eq!(named("plugin_cache_dir = \"C:\\\\Users\\\\x\""), Ok(()));
    std::fs::create_dir(folder.path().join(".terraform.d")).unwrap();
    std::fs::write(folder.path().join(".terraform.d/a.tfrc"), "dev_overrides").unwrap();
    let given = environment(&[("HOME", home)]);
    let nowhere = std::path::Path::new("/nowhere");
    assert!(refused_environment(&given, nowhere, &[]).is_err());
    assert_eq!(refused_environment(&given, nowhere, &["dev_overrides".to_owned()]), Ok(()));
    assert!(with("TF_CLI_CONFIG_FILE", "").is_err(), "terraform takes an empty one for none");
    std::fs::write(&file, "dev_overrides").unwrap();
    assert!(with("TF_CLI_CONFIG_FILE", "rc").is_err(), "a relative one is where terraform starts");
    assert!(with("TF_CLI_CONFIG_FILE", home).is_err(), "a directory cannot be read");
}

#[test]
fn a_plan_is_stale_when_serial_or_lineage_differ() {
    let state =
        |lineage: &str, serial: u64| format!(r#"{{"version":4,"serial":{serial},"lineage":"{lineage}"}}"#);
    let told = |planned: &str, current: &str| stale(planned.as_bytes(), current.as_bytes());
    assert_eq!(told(&state("a", 3), &state("a", 3)), None);
    assert_eq!(told(&state("a", 3), &state("a", 4)), Some(Stale::Serial { planned: 3, current: 4 }));
    assert_eq!(told(&state("a", 3), &state("b", 3)), Some(Stale::Lineage));
    assert_eq!(told(&state("", 0), ""), None);
    assert_eq!(told(&state("", 0), "\n"), None);
    assert!(told(&state("a", 3), "").is_some());
    assert!(told(&state("", 0), &state("b", 1)).is_some());
    assert!(matches!(told(&state("a", 3), "{"), Some(Stale::Unreadable { .. })));
    assert!(matches!(told("[]", &state("a", 3)), Some(Stale::Unreadable { .. })));
}
