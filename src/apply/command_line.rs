//! What a command line asks of terraform, the words of `TF_CLI_ARGS` included.
//!
//! Nothing here runs anything. What is taken for harmless is handed to terraform as it is; so where versions read a
//! line differently, it is taken for the reading that changes more.
//! Source: Terraform's `main.go` (`mergeEnvArgs`, `extractChdirOption`) and `hashicorp/cli`.

use super::flags::{self, Flag};
use super::fresh::Fresh;
use super::surgery::{self, Surgery};
use super::words;
use crate::model::Variables;
use std::ffi::OsString;

/// A line that terraform could read in more than one way, or not at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// An argument is no text.
    #[error("an argument of terraform is not UTF-8 text, so what it asks for cannot be judged")]
    NotText,
    /// A variable cannot be split.
    #[error("cannot read the variable {name}: {why}; write it more plainly, or unset it")]
    Variable {
        /// The variable.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// A flag cannot be read.
    #[error("cannot read `{word}`: {why}; see `terraform {command} -help`")]
    Word {
        /// The subcommand.
        command: String,
        /// The word.
        word: String,
        /// Why.
        why: &'static str,
    },
    /// A flag of `apply` that is in no table.
    #[error(
        "mainstay does not know the argument `{flag}` of `terraform {command}`, and so cannot say what it would do; leave it out"
    )]
    Unknown {
        /// The subcommand.
        command: String,
        /// The flag.
        flag: String,
    },
    /// More than one file, or a file where there can be none.
    #[error("`terraform {command}` does not take these arguments together: {}; a saved plan comes last and alone", words.join(" "))]
    TooMany {
        /// The subcommand.
        command: String,
        /// What stands there.
        words: Vec<String>,
    },
    /// A flag before the subcommand that is none of terraform's, or one twice.
    #[error(
        "`{word}` does not belong before the subcommand; flags of a subcommand come after it, and `-chdir` once"
    )]
    Stray {
        /// The flag.
        word: String,
    },
}

/// A command line of terraform, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// What `-chdir=` says.
    pub chdir: Option<String>,
    /// The subcommand: `["apply"]`, `["state", "rm"]`; nothing if there is none.
    pub command: Vec<String>,
    /// What follows it, the words of the environment first.
    pub rest: Vec<String>,
    /// Where `rest` begins to be what was typed.
    typed: usize,
    /// A word before the subcommand that does not belong there.
    stray: Option<String>,
    text: bool,
}

/// What it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// To apply a saved plan.
    Saved {
        /// The file, relative to the directory of `-chdir`.
        plan: String,
        /// What stands before it.
        flags: Vec<Flag>,
    },
    /// To plan and apply in one go.
    Fresh(Fresh),
    /// To change the state, or real things, without any plan.
    Surgery(Surgery),
    /// Something that changes nothing that plans are about: it goes straight through.
    Other,
}

impl CommandLine {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// If a variable cannot be split.
    pub fn read(arguments: &[OsString], environment: &Variables) -> Result<CommandLine, Malformed> {
        let text = arguments.iter().all(|argument| argument.to_str().is_some());
        let words: Vec<String> =
            arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
        let at =
            words.iter().position(|word| !word.starts_with('-') && !word.is_empty()).unwrap_or(words.len());
        let (before, after) = words.split_at_checked(at).unwrap_or_default();
        let mut stray = before.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<String>>();
        // Terraform takes the last.
        let chdir = stray.iter().rposition(|word| word.starts_with("-chdir=")).map(|at| stray.remove(at));
        let chdir = chdir.and_then(|word| word.strip_prefix("-chdir=").map(str::to_owned));
        let command: Vec<String> = surgery::command(after).to_vec();
        let typed = after.get(command.len()..).unwrap_or_default();
        let mut rest = Vec::new();
        if !command.is_empty() {
            // Inserted right after the subcommand one after the other, so the second comes first.
            let own = format!("TF_CLI_ARGS_{}", command.join("_").replace('-', "_"));
            for name in [own.as_str(), "TF_CLI_ARGS"] {
                let Some(value) = environment.get(name) else { continue };
                let malformed = |why| Malformed::Variable { name: name.to_owned(), why };
                let value = value.to_str().ok_or_else(|| malformed("it is no text"))?;
                rest.extend(words::split(value).map_err(malformed)?);
            }
        }
        let from = rest.len();
        rest.extend_from_slice(typed);
        // `terraform -help apply` shows help, as `terraform apply -help` does.
        let asked = before.iter().any(|word| is_question(word));
        let command = if asked { Vec::new() } else { command };
        Ok(CommandLine { chdir, command, rest, typed: from, stray: stray.into_iter().next(), text })
    }

    /// The subcommand and all that follows, as terraform sees it.
    pub fn words(&self) -> Vec<String> {
        [self.command.as_slice(), self.rest.as_slice()].concat()
    }

    /// What it asks for.
    ///
    /// # Errors
    /// If it asks for a change, and which one cannot be said.
    pub fn meaning(&self) -> Result<Meaning, Malformed> {
        let name = self.command.join(" ");
        let changes = matches!(name.as_str(), "apply" | "destroy");
        if !changes {
            if surgery::harmless(&self.command) || self.asks_only(&[]) {
                return Ok(Meaning::Other);
            }
            let Some(kind) = surgery::kind(&self.command, &self.rest) else { return Ok(Meaning::Other) };
            self.sound()?;
            return Ok(Meaning::Surgery(Surgery { kind, words: self.words() }));
        }
        let (flags, rest) = flags::read(&self.rest).map_err(|(word, why)| Malformed::Word {
            command: name.clone(),
            word,
            why,
        })?;
        if self.asks_only(&flags) {
            return Ok(Meaning::Other);
        }
        self.sound()?;
        let broken = |flag: &&Flag| flag.known().is_some_and(|known| !known.takes) && flag.on().is_none();
        if let Some(flag) = flags.iter().find(broken) {
            let (word, why) = (flag.to_string(), "its value is neither true nor false");
            return Err(Malformed::Word { command: name, word, why });
        }
        let unknown =
            |flag: &Flag| Malformed::Unknown { command: name.clone(), flag: format!("-{}", flag.name) };
        match rest.as_slice() {
            [] => {}
            [plan] if name == "apply" && !plan.is_empty() => {
                return Ok(Meaning::Saved { plan: plan.clone(), flags });
            }
            words => return Err(Malformed::TooMany { command: name, words: words.to_vec() }),
        }
        if let Some(flag) = flags.iter().find(|flag| flag.known().is_none()) {
            return Err(unknown(flag));
        }
        if name == "apply"
            && let Some(kind) = surgery::of_apply(&flags)
        {
            return Ok(Meaning::Surgery(Surgery { kind, words: self.words() }));
        }
        Ok(Meaning::Fresh(Fresh::new(name == "destroy", &flags)))
    }

    /// Whether `-help` or `-version` was typed as a flag, so that nothing is done.
    fn asks_only(&self, flags: &[Flag]) -> bool {
        let flags_end = self.rest.iter().take_while(|word| *word != "--");
        let mut typed = flags_end.skip(self.typed).filter(|word| is_question(word)).peekable();
        match self.command.first().map(String::as_str) {
            // There a question may be the value of a flag; other versions would go on.
            Some("apply" | "destroy") => typed.any(|word| {
                let bare = word.trim_start_matches('-');
                flags.iter().any(|flag| flag.name == bare && flag.value.is_none())
            }),
            _ => typed.peek().is_some(),
        }
    }

    fn sound(&self) -> Result<(), Malformed> {
        match &self.stray {
            _ if !self.text => Err(Malformed::NotText),
            Some(word) => Err(Malformed::Stray { word: word.clone() }),
            None => Ok(()),
        }
    }
}

fn is_question(word: &str) -> bool {
    matches!(word, "-h" | "-help" | "--help" | "-v" | "-version" | "--version")
}
