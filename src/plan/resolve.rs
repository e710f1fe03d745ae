//! From the references of an expression to the resources they mean, through module inputs and outputs.

use super::address::{Step, Token, attribute, resource, tokens};
use super::configuration::{Call, Expression, Module};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Which instance a step or a resource means, as far as the reference tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pick {
    /// Any: a splat, a computed key, or no key at all.
    Any,
    /// This one.
    Exactly(Option<String>),
}

impl Pick {
    /// Whether an instance of this key may be meant.
    pub(super) fn allows(&self, key: &Option<String>) -> bool {
        match self {
            Pick::Any => true,
            Pick::Exactly(wanted) => wanted == key,
        }
    }

    /// The key that is meant, if one is: `Some(None)` is an instance without a key.
    pub(super) fn exact(&self) -> Option<Option<String>> {
        match self {
            Pick::Any => None,
            Pick::Exactly(key) => Some(key.clone()),
        }
    }

    fn key(&self) -> Option<String> {
        match self {
            Pick::Any => None,
            Pick::Exactly(key) => key.clone(),
        }
    }
}

/// A module (or an instance of it) seen from within.
pub(super) struct Scope<'c> {
    parent: Option<Rc<Scope<'c>>>,
    name: String,
    pick: Pick,
    module: &'c Module<'c>,
    call: Option<&'c Call<'c>>,
}

impl<'c> Scope<'c> {
    /// The root module.
    pub(super) fn root(module: &'c Module<'c>) -> Rc<Scope<'c>> {
        Rc::new(Scope { parent: None, name: String::new(), pick: Pick::Exactly(None), module, call: None })
    }

    /// A module called here; `None` if there is no such call.
    pub(super) fn child(self: &Rc<Self>, name: &str, pick: Pick) -> Option<Rc<Scope<'c>>> {
        let call = self.module.calls.get(name)?;
        let parent = Some(Rc::clone(self));
        Some(Rc::new(Scope { parent, name: name.to_owned(), pick, module: &call.module, call: Some(call) }))
    }

    /// The module at the end of these steps; with `keys`, the instance of it.
    pub(super) fn descend(self: &Rc<Self>, steps: &[Step], keys: bool) -> Option<Rc<Scope<'c>>> {
        steps.iter().try_fold(Rc::clone(self), |scope, (name, key)| {
            scope.child(name, if keys { Pick::Exactly(key.clone()) } else { Pick::Any })
        })
    }

    /// The module's content.
    pub(super) fn module(&self) -> &'c Module<'c> {
        self.module
    }

    /// The `module` block and the module it stands in.
    pub(super) fn caller(&self) -> Option<(&'c Call<'c>, &Rc<Scope<'c>>)> {
        self.call.zip(self.parent.as_ref())
    }

    /// The steps from the root to here.
    pub(super) fn path(&self) -> Vec<(String, Pick)> {
        let mut path = self.parent.as_ref().map(|parent| parent.path()).unwrap_or_default();
        if self.call.is_some() {
            path.push((self.name.clone(), self.pick.clone()));
        }
        path
    }
}

/// What `each` and `count` mean where an expression stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Loop<'c, 'k> {
    /// The key of the instance.
    pub key: Option<&'k str>,
    /// What `for_each` goes over.
    pub over: Option<&'c Expression>,
}

/// A resource that an expression means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    /// The module instances on the way.
    pub modules: Vec<(String, Pick)>,
    /// `type.name`.
    pub resource: String,
    /// Which instance.
    pub key: Pick,
    /// Which attribute of it.
    pub attribute: Option<String>,
    /// The key that `each.key` has there, where the expression uses it: the likely choice among several.
    pub prefer: Option<String>,
}

/// References that are followed for one expression with what is taken from their values; beyond, only to the resource.
const PRECISE: usize = 1_000;

/// Steps that are taken from a value at most: a module input that is made of the module's own output goes on for ever.
const LONGEST_TAIL: usize = 100;

/// One reference still to be resolved: where it stands, and what is taken from its value.
struct Job<'c> {
    scope: Rc<Scope<'c>>,
    reference: String,
    tail: Vec<String>,
    key: Option<String>,
    over: Option<&'c Expression>,
    prefer: Option<String>,
    /// Only which resource it leads to, not which attribute.
    blunt: bool,
}

/// Resolves the references of one expression in `scope`. A list of jobs rather than recursion: a chain of modules may
/// be longer than the stack is deep.
pub(super) fn resolve<'c>(
    scope: &Rc<Scope<'c>>,
    references: &[String],
    around: Loop<'c, '_>,
) -> BTreeSet<Target> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut jobs: Vec<Job<'c>> = Vec::new();
    push(&mut jobs, scope, references, around.key.map(str::to_owned), around.over, None, (&[], false));
    while let Some(mut job) = jobs.pop() {
        if job.tail.len() > LONGEST_TAIL {
            // It goes in a circle, and all that lies on it was met with fewer steps.
            continue;
        }
        if job.blunt || seen.len() >= PRECISE {
            // Without what is taken from the value there are as many jobs as references, whatever refers to whatever.
            (job.blunt, job.tail, job.prefer, job.key) = (true, Vec::new(), None, None);
        }
        if seen.insert((
            job.scope.path(),
            job.reference.clone(),
            job.tail.clone(),
            job.prefer.clone(),
            job.blunt,
        )) {
            step(job, &mut jobs, &mut found);
        }
    }
    found
}

fn push<'c>(
    jobs: &mut Vec<Job<'c>>,
    scope: &Rc<Scope<'c>>,
    references: &[String],
    key: Option<String>,
    over: Option<&'c Expression>,
    inherited: Option<&String>,
    (tail, blunt): (&[String], bool),
) {
    let by_key = references.iter().any(|text| text.starts_with("each.") || text.starts_with("count."));
    let prefer = if by_key { key.clone() } else { inherited.cloned() };
    for reference in longest(references) {
        let (scope, reference, tail) = (Rc::clone(scope), reference.clone(), tail.to_vec());
        jobs.push(Job { scope, reference, tail, key: key.clone(), over, prefer: prefer.clone(), blunt });
    }
}

/// Without the prefixes that terraform lists after each reference.
fn longest(references: &[String]) -> Vec<&String> {
    let mut kept = Vec::new();
    let mut before: Vec<Token<'_>> = Vec::new();
    for reference in references {
        let now = tokens(reference);
        if !(now.len() < before.len() && before.starts_with(&now)) {
            kept.push(reference);
        }
        before = now;
    }
    kept
}

fn step<'c>(job: Job<'c>, jobs: &mut Vec<Job<'c>>, found: &mut BTreeSet<Target>) {
    let Job { scope, reference, tail, key, over, prefer, blunt } = job;
    let parts = tokens(&reference);
    match parts.as_slice() {
        [Token::Name("var"), Token::Name(name), rest @ ..] => {
            let Some((call, parent)) = scope.caller() else { return };
            let Some(expression) = call.expressions.get(*name) else { return };
            let tail = joined(rest, &tail);
            let key = scope.pick.key();
            expression.walk("", &mut |_, references| {
                push(jobs, parent, references, key.clone(), Some(&call.for_each), None, (&tail, blunt));
            });
        }
        [Token::Name("module"), Token::Name(name), rest @ ..] => {
            let (pick, rest) = picked(rest);
            let Some(child) = scope.child(name, pick) else { return };
            let (named, rest) = match rest {
                [Token::Name(output), rest @ ..] => (Some(*output), rest),
                other => (None, other),
            };
            let tail = joined(rest, &tail);
            let outputs = child.module().outputs.iter();
            for (_, output) in outputs.filter(|(output, _)| named.is_none_or(|name| name == output.as_str()))
            {
                output.expression.walk("", &mut |_, references| {
                    push(jobs, &child, references, None, None, prefer.as_ref(), (&tail, blunt));
                });
                push(jobs, &child, &output.depends_on, None, None, None, (&[], blunt));
            }
        }
        [Token::Name("local"), Token::Name(name), rest @ ..] => {
            let Some(local) = scope.module().local(name) else { return };
            let tail = joined(rest, &tail);
            local.walk("", &mut |_, references| {
                push(jobs, &scope, references, None, None, prefer.as_ref(), (&tail, blunt));
            });
        }
        [Token::Name("each"), Token::Name("value"), rest @ ..] => {
            let tail = joined(rest, &tail);
            if let Some(over) = over {
                over.walk("", &mut |_, references| {
                    push(jobs, &scope, references, None, None, key.as_ref(), (&tail, blunt));
                });
            }
        }
        [
            Token::Name(
                "each" | "count" | "path" | "terraform" | "self" | "local" | "var" | "module" | "action",
            ),
            ..,
        ] => {}
        parts => {
            let Some((resource, rest)) = resource(parts) else { return };
            let (key, rest) = picked(rest);
            let attribute = attribute(rest).or_else(|| {
                // The value was the whole resource, or a list of it; what is taken from it is the attribute.
                let steps: Vec<&str> =
                    tail.iter().map(String::as_str).skip_while(|step| is_index(step)).collect();
                (!steps.is_empty()).then(|| steps.join("."))
            });
            let attribute = attribute.filter(|_| !blunt);
            found.insert(Target { modules: scope.path(), resource, key, attribute, prefer });
        }
    }
}

/// The key at the front, if it is a plain one.
fn picked<'t, 'a>(parts: &'t [Token<'a>]) -> (Pick, &'t [Token<'a>]) {
    match parts {
        [Token::Key("*"), rest @ ..] => (Pick::Any, rest),
        [Token::Key(key), rest @ ..] => (Pick::Exactly(Some((*key).to_owned())), rest),
        rest => (Pick::Any, rest),
    }
}

/// What is taken here, then what was to be taken further out.
fn joined(parts: &[Token<'_>], tail: &[String]) -> Vec<String> {
    let steps = parts.iter().map(|part| match part {
        Token::Name(name) => (*name).to_owned(),
        Token::Key(key) => key.trim_matches('"').to_owned(),
    });
    steps.chain(tail.iter().cloned()).collect()
}

fn is_index(step: &str) -> bool {
    step == "*" || step.bytes().all(|byte| byte.is_ascii_digit())
}
