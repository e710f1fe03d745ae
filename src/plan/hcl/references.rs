//! What an expression refers to, in the spelling of the plan's `configuration` section: `a.b.id`, `a.b["k"].id`, and
//! only `a.b` before a splat or a computed key. Names that the expression itself defines are no references.

use super::lexer::{Placed, Token};
use std::collections::BTreeSet;

/// Brackets, templates and holes within each other: more is nobody's expression.
const DEEPEST: usize = 500;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Each once, in the order of the text; without the prefixes that terraform lists after each.
    pub references: Vec<String>,
    /// The expression was followed to its end.
    pub whole: bool,
}

/// What is open at a place in an expression.
enum Frame<'t> {
    /// Parentheses, an index, a list, a hole.
    Plain,
    /// Braces of an object; at a key, or behind one.
    Object { key: bool },
    /// `[for k, v in` … `:` …; its names hold behind the colon.
    For { names: Vec<&'t str>, questions: usize, bound: bool },
    /// A string or heredoc, with the names of its `%{ for }` directives that are open.
    Template { loops: Vec<Vec<&'t str>> },
    /// A directive, with the names that hold behind it.
    Directive { names: Option<Vec<&'t str>> },
}

struct Walk<'w, 't> {
    tokens: &'w [Placed<'t>],
    at: usize,
    open: Vec<Frame<'t>>,
    seen: BTreeSet<String>,
    found: Found,
}

/// Finds them.
pub(super) fn references(tokens: &[Placed<'_>]) -> Found {
    let tokens = without_newlines(tokens);
    let found = Found { references: Vec::new(), whole: true };
    let mut walk = Walk { tokens: &tokens, at: 0, open: Vec::new(), seen: BTreeSet::new(), found };
    while let Some(token) = walk.peek(0) {
        if walk.open.len() > DEEPEST {
            walk.found.whole = false;
            break;
        }
        walk.step(token);
    }
    walk.found.whole &= walk.open.is_empty();
    walk.found
}

/// Ends of lines mean something between the entries of an object only.
fn without_newlines<'t>(tokens: &[Placed<'t>]) -> Vec<Placed<'t>> {
    let mut braces: Vec<bool> = Vec::new();
    let mut kept = Vec::with_capacity(tokens.len());
    for placed in tokens {
        match placed.token {
            Token::Open(bracket) => braces.push(bracket == '{'),
            Token::Quote | Token::Hole | Token::Directive => braces.push(false),
            Token::Close(_) | Token::Unquote | Token::HoleEnd => drop(braces.pop()),
            Token::Newline if braces.last() != Some(&true) => continue,
            _ => {}
        }
        kept.push(*placed);
    }
    kept
}

impl<'t> Walk<'_, 't> {
    fn peek(&self, ahead: usize) -> Option<Token<'t>> {
        self.tokens.get(self.at + ahead).map(|placed| placed.token)
    }

    fn before(&self) -> Option<Token<'t>> {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map(|placed| placed.token)
    }

    fn step(&mut self, token: Token<'t>) {
        match token {
            Token::Name(name) => return self.name(name),
            Token::Open(bracket) => return self.opened(bracket),
            Token::Directive => return self.directive(),
            Token::Close(_) => drop(self.open.pop()),
            Token::Quote => self.open.push(Frame::Template { loops: Vec::new() }),
            Token::Unquote => drop(self.open.pop()),
            Token::Hole => self.open.push(Frame::Plain),
            Token::HoleEnd => {
                if let Some(Frame::Directive { names: Some(names) }) = self.open.pop()
                    && let Some(Frame::Template { loops }) = self.open.last_mut()
                {
                    loops.push(names);
                }
            }
            Token::Comma | Token::Newline => {
                if let Some(Frame::Object { key }) = self.open.last_mut() {
                    *key = true;
                }
            }
            Token::Question => {
                if let Some(Frame::For { questions, bound: false, .. }) = self.open.last_mut() {
                    *questions += 1;
                }
            }
            Token::Assign | Token::Colon => match self.open.last_mut() {
                Some(Frame::Object { key }) => *key = false,
                Some(Frame::For { questions: 0, bound, .. }) => *bound = true,
                Some(Frame::For { questions, .. }) => *questions -= 1,
                _ => {}
            },
            _ => {}
        }
        self.at += 1;
    }

    fn opened(&mut self, bracket: char) {
        self.at += 1;
        if bracket != '(' {
            self.skip_newlines();
            if let Some(names) = self.loop_names() {
                self.open.push(Frame::For { names, questions: 0, bound: false });
                return;
            }
        }
        self.open.push(if bracket == '{' { Frame::Object { key: true } } else { Frame::Plain });
    }

    /// `%{ for x in …`, `%{ endfor }`, `%{ if … }`.
    fn directive(&mut self) {
        self.at += 1;
        while self.peek(0) == Some(Token::Operator) {
            self.at += 1;
        }
        if self.peek(0) == Some(Token::Name("endfor")) {
            self.at += 1;
            if let Some(Frame::Template { loops }) = self.open.last_mut() {
                loops.pop();
            }
        }
        let names = self.loop_names();
        self.open.push(Frame::Directive { names });
    }

    fn skip_newlines(&mut self) {
        while self.peek(0) == Some(Token::Newline) {
            self.at += 1;
        }
    }

    /// `for a in` or `for a, b in` at the front, which is passed over.
    fn loop_names(&mut self) -> Option<Vec<&'t str>> {
        if self.peek(0) != Some(Token::Name("for")) {
            return None;
        }
        let start = self.at;
        let mut names = Vec::new();
        self.at += 1;
        loop {
            self.skip_newlines();
            match self.peek(0) {
                Some(Token::Name("in")) if !names.is_empty() => {
                    self.at += 1;
                    return Some(names);
                }
                Some(Token::Name(name)) if names.len() < 2 => names.push(name),
                Some(Token::Comma) if names.len() == 1 => {}
                _ => break,
            }
            self.at += 1;
        }
        // A key or a name that happens to be `for`.
        self.at = start;
        None
    }

    fn name(&mut self, name: &'t str) {
        let next = self.peek(1);
        let is_step = matches!(self.before(), Some(Token::Dot | Token::DoubleColon));
        let is_call = matches!(next, Some(Token::DoubleColon | Token::Open('(')));
        let is_key = matches!(self.open.last(), Some(Frame::Object { key: true }))
            && matches!(next, Some(Token::Assign | Token::Colon));
        if is_step || is_call || is_key {
            self.at += 1;
            return;
        }
        let reference = self.traversal(name);
        if let Some(reference) = reference.filter(|_| !self.is_bound(name))
            && self.seen.insert(reference.clone())
        {
            self.found.references.push(reference);
        }
    }

    /// Whether the expression itself defines the name here.
    fn is_bound(&self, name: &str) -> bool {
        self.open.iter().any(|frame| match frame {
            Frame::For { names, bound, .. } => *bound && names.contains(&name),
            Frame::Template { loops } => loops.iter().flatten().any(|bound| *bound == name),
            _ => false,
        })
    }

    /// The steps from a name on, as far as they are literal; `None` if there is none. Stands behind them then.
    fn traversal(&mut self, root: &'t str) -> Option<String> {
        let mut text = String::from(root);
        let mut steps = 0_usize;
        self.at += 1;
        loop {
            match (self.peek(0), self.peek(1), self.peek(2), self.peek(3)) {
                (Some(Token::Dot), Some(Token::Name(name)), ..) => {
                    text.push('.');
                    text.push_str(name);
                    self.at += 2;
                }
                (Some(Token::Dot), Some(Token::Number(number)), ..)
                | (Some(Token::Open('[')), Some(Token::Number(number)), Some(Token::Close(']')), _) => {
                    text.push_str(&format!("[{number}]"));
                    self.at += if self.peek(0) == Some(Token::Dot) { 2 } else { 3 };
                }
                (
                    Some(Token::Open('[')),
                    Some(Token::Quote),
                    Some(Token::Text(key)),
                    Some(Token::Unquote),
                ) if self.peek(4) == Some(Token::Close(']')) => {
                    text.push_str(&format!("[\"{key}\"]"));
                    self.at += 5;
                }
                _ => break,
            }
            steps += 1;
        }
        // `resource.a.b` is another spelling of `a.b`.
        if root == "resource" && steps > 1 {
            text.drain(.."resource.".len());
        }
        (steps > 0).then_some(text)
    }
}
