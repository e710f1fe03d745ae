//! Blocks and attributes of a file, with the references of each attribute.

use super::File;
use super::lexer::{Placed, Token, Tokens, tokens};
use super::references::references;
use crate::plan::configuration::Expression;

/// Blocks within each other: more is nobody's file, and what holds them is dropped recursively.
const DEEPEST: usize = 64;

/// Attributes whose strings are references.
const QUOTED: [&str; 2] = ["depends_on", "replace_triggered_by"];

/// The content of a file or a block.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// `name = expression`.
    pub attributes: Vec<Attribute>,
    /// Blocks, in order.
    pub blocks: Vec<Block>,
}

/// An attribute.
#[derive(Debug)]
pub(crate) struct Attribute {
    /// Its name.
    pub name: String,
    /// What it is set to.
    pub value: Value,
}

/// What is kept of an expression.
#[derive(Debug, Default)]
pub(crate) struct Value {
    /// What it refers to.
    pub tree: Expression,
    /// The expression as it is, where it is a single name, reference, number or string without holes: those are the
    /// forms of which `source`, `alias`, `provider`, `from` and `to` can be.
    pub plain: Option<String>,
    /// `key = name` entries, where it is an object of them: `providers` is.
    pub pairs: Vec<(String, String)>,
}

/// A block.
#[derive(Debug)]
pub(crate) struct Block {
    /// Its type: `resource`, `lifecycle`.
    pub kind: String,
    /// What stands between the type and the brace.
    pub labels: Vec<String>,
    /// Line of the type, from 1.
    pub line: usize,
    /// What is in it.
    pub body: Body,
}

impl Body {
    /// The attribute of a name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| &attribute.value)
    }

    /// The attribute of a name, as it is, if it is plain.
    pub(crate) fn plain(&self, name: &str) -> Option<&str> {
        self.attribute(name)?.plain.as_deref()
    }

    /// The blocks of a type.
    pub(crate) fn of(&self, kind: &str) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

/// Reads a file in the native syntax. What cannot be understood is passed over up to the end of its line.
pub(super) fn read(text: &str) -> File {
    let Tokens { list, whole } = tokens(text);
    let mut reader = Reader { tokens: &list, at: 0, open: Vec::new(), body: Body::default(), whole };
    while reader.at < list.len() {
        reader.item();
    }
    reader.whole &= reader.open.is_empty();
    while !reader.open.is_empty() {
        reader.close();
    }
    File { body: reader.body, whole: reader.whole }
}

struct Reader<'r, 't> {
    tokens: &'r [Placed<'t>],
    at: usize,
    /// The blocks that are open, each with the body around it.
    open: Vec<(Block, Body)>,
    /// The innermost body.
    body: Body,
    whole: bool,
}

impl<'r, 't> Reader<'r, 't> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).map(|placed| placed.token)
    }

    fn item(&mut self) {
        let Some(placed) = self.tokens.get(self.at).copied() else { return };
        self.at += 1;
        match placed.token {
            Token::Newline => {}
            Token::Name(name) if self.peek() == Some(Token::Assign) => {
                self.at += 1;
                let expression = self.expression();
                let mut found = references(expression);
                self.whole &= found.whole;
                if QUOTED.contains(&name) {
                    found.references.extend(quoted(expression));
                }
                let value = Value {
                    tree: match found.references {
                        none if none.is_empty() => Expression::Nothing,
                        some => Expression::References(some),
                    },
                    plain: plain(expression),
                    pairs: pairs(expression),
                };
                self.body.attributes.push(Attribute { name: name.to_owned(), value });
            }
            Token::Name(kind) => self.block(kind, placed.line),
            Token::Close('}') if !self.open.is_empty() => self.close(),
            _ => self.pass(),
        }
    }

    fn pass(&mut self) {
        self.whole = false;
        self.expression();
    }

    fn block(&mut self, kind: &str, line: u32) {
        let mut labels = Vec::new();
        loop {
            let token = self.peek();
            self.at += 1;
            match token {
                Some(Token::Name(label)) => labels.push(label.to_owned()),
                Some(Token::Quote) => {
                    let mut label = String::new();
                    while let Some(Token::Text(text)) = self.peek() {
                        label.push_str(text);
                        self.at += 1;
                    }
                    if self.peek() != Some(Token::Unquote) {
                        return self.pass();
                    }
                    self.at += 1;
                    labels.push(label);
                }
                Some(Token::Open('{')) if self.open.len() < DEEPEST => break,
                _ => {
                    self.at -= 1;
                    return self.pass();
                }
            }
        }
        let line = usize::try_from(line).unwrap_or_default();
        let block = Block { kind: kind.to_owned(), labels, line, body: Body::default() };
        self.open.push((block, std::mem::take(&mut self.body)));
    }

    fn close(&mut self) {
        if let Some((mut block, outer)) = self.open.pop() {
            block.body = std::mem::replace(&mut self.body, outer);
            self.body.blocks.push(block);
        }
    }

    /// The tokens up to the end of the line, or of the block if it is on one line. Line ends within brackets and
    /// templates do not count.
    fn expression(&mut self) -> &'r [Placed<'t>] {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            match token {
                Token::Newline if depth == 0 => break,
                Token::Close(_) | Token::Unquote | Token::HoleEnd if depth == 0 => break,
                Token::Open(_) | Token::Quote | Token::Hole | Token::Directive => depth += 1,
                Token::Close(_) | Token::Unquote | Token::HoleEnd => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        self.tokens.get(start..self.at).unwrap_or_default()
    }
}

/// The expression as it is, if it is plain.
pub(super) fn plain(tokens: &[Placed<'_>]) -> Option<String> {
    let list: Vec<Token<'_>> = tokens.iter().map(|placed| placed.token).take(64).collect();
    match list.as_slice() {
        [Token::Quote, Token::Unquote] => Some(String::new()),
        [Token::Quote, Token::Text(text), Token::Unquote] => Some((*text).to_owned()),
        [Token::Name(name)] | [Token::Number(name)] => Some((*name).to_owned()),
        [Token::Name(_), ..] => spelled(&list),
        _ => None,
    }
}

/// Names, dots and literal keys, written together.
fn spelled(tokens: &[Token<'_>]) -> Option<String> {
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Name(piece) | Token::Text(piece) | Token::Number(piece) => text.push_str(piece),
            Token::Dot => text.push('.'),
            Token::Quote | Token::Unquote => text.push('"'),
            Token::Open('[') => text.push('['),
            Token::Close(']') => text.push(']'),
            _ => return None,
        }
    }
    Some(text)
}

/// The strings of a list: until Terraform 0.12 references stood in quotes, and these may still.
fn quoted(tokens: &[Placed<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = [None, None];
    for (at, placed) in tokens.iter().enumerate() {
        let is_key = matches!(before, [Some(Token::Name(_) | Token::Close(_)), Some(Token::Open('['))]);
        if let (Token::Quote, false, Some(Placed { token: Token::Text(text), .. })) =
            (placed.token, is_key, tokens.get(at + 1))
        {
            found.push((*text).to_owned());
        }
        before = [before[1], Some(placed.token)];
    }
    found
}

/// The entries of an object whose keys and values are plain names.
fn pairs(tokens: &[Placed<'_>]) -> Vec<(String, String)> {
    let [Placed { token: Token::Open('{'), .. }, inner @ .., Placed { token: Token::Close('}'), .. }] =
        tokens
    else {
        return Vec::new();
    };
    let entries = inner.split(|placed| matches!(placed.token, Token::Newline | Token::Comma));
    let entry = |entry: &[Placed<'_>]| {
        let at = entry.iter().position(|placed| matches!(placed.token, Token::Assign | Token::Colon))?;
        let (key, value) = entry.split_at_checked(at)?;
        Some((plain(key)?, plain(value.get(1..)?)?))
    };
    entries.filter_map(entry).collect()
}
