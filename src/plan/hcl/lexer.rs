//! Text of Terraform's language, cut into tokens. One pass with a list of modes instead of recursion, so that no input
//! can exhaust the stack. Nothing is evaluated; what is no token at all is passed over and remembered.
//! Source: the HCL native syntax specification, and what terraform 1.11 makes of the corners that it leaves open.

/// A piece of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// An identifier or a keyword.
    Name(&'t str),
    /// Digits.
    Number(&'t str),
    /// Literal text within quotes or a heredoc, as written.
    Text(&'t str),
    /// A quoted string or a heredoc begins.
    Quote,
    /// It ends.
    Unquote,
    /// `${`.
    Hole,
    /// `%{`.
    Directive,
    /// The `}` of either.
    HoleEnd,
    /// `(`, `[` or `{`.
    Open(char),
    /// `)`, `]` or `}`.
    Close(char),
    /// End of a line.
    Newline,
    /// `.`
    Dot,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `::`
    DoubleColon,
    /// `=`
    Assign,
    /// `?`
    Question,
    /// `*`
    Star,
    /// Any other operator.
    Operator,
}

/// A token and the line it stands in, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed<'t> {
    /// The token.
    pub token: Token<'t>,
    /// The line.
    pub line: u32,
}

/// The tokens of a text.
pub(super) struct Tokens<'t> {
    /// In order.
    pub list: Vec<Placed<'t>>,
    /// No part of the text had to be passed over.
    pub whole: bool,
}

/// More tokens than any file of people has; beyond it the rest is not read.
const MOST_TOKENS: usize = 2_000_000;

/// Templates within holes within templates: more is nobody's file.
const MOST_MODES: usize = 500;

/// Cuts a file.
pub(super) fn tokens(text: &str) -> Tokens<'_> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Lexer::new(text, Mode::Code { braces: 0 }).run()
}

/// Cuts a text that is a template as a whole, as strings of the JSON syntax are.
pub(super) fn template(text: &str) -> Tokens<'_> {
    Lexer::new(text, Mode::Template(End::Input)).run()
}

#[derive(Clone, Copy)]
enum Mode<'t> {
    /// Outside strings, or within a hole; how many braces are open in it.
    Code { braces: usize },
    /// Within a string.
    Template(End<'t>),
}

/// What ends a template.
#[derive(Clone, Copy)]
enum End<'t> {
    Quote,
    /// A line with this word alone.
    Line(&'t str),
    Input,
}

struct Lexer<'t> {
    rest: &'t str,
    line: u32,
    modes: Vec<Mode<'t>>,
    found: Tokens<'t>,
}

impl<'t> Lexer<'t> {
    fn new(text: &'t str, mode: Mode<'t>) -> Lexer<'t> {
        Lexer { rest: text, line: 1, modes: vec![mode], found: Tokens { list: Vec::new(), whole: true } }
    }

    fn run(mut self) -> Tokens<'t> {
        while !self.rest.is_empty() {
            if self.found.list.len() >= MOST_TOKENS || self.modes.len() > MOST_MODES {
                self.found.whole = false;
                return self.found;
            }
            match self.modes.last().copied() {
                Some(Mode::Template(end)) => self.in_template(end),
                _ => self.in_code(),
            }
        }
        let open = self.modes.len() > 1 || matches!(self.modes.as_slice(), [Mode::Code { braces: 1.. }]);
        self.found.whole &= !open;
        self.found
    }

    fn put(&mut self, token: Token<'t>) {
        self.found.list.push(Placed { token, line: self.line });
    }

    /// Takes so many bytes off the front and counts their lines.
    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        let lines = taken.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.rest = rest;
        taken
    }

    fn mark(&mut self, length: usize, token: Token<'t>) {
        self.put(token);
        self.take(length);
    }

    fn in_code(&mut self) {
        let Some(first) = self.rest.chars().next() else { return };
        let starts = |sign: &str| self.rest.starts_with(sign);
        match first {
            '\n' => self.mark(1, Token::Newline),
            ' ' | '\t' | '\r' => drop(self.take(1)),
            '#' => self.line_comment(),
            '/' if starts("//") => self.line_comment(),
            '/' if starts("/*") => match self.rest.find("*/") {
                Some(end) => drop(self.take(end + 2)),
                None => {
                    self.found.whole = false;
                    self.take(self.rest.len());
                }
            },
            '"' => {
                self.mark(1, Token::Quote);
                self.modes.push(Mode::Template(End::Quote));
            }
            '<' if starts("<<") => self.heredoc(),
            '{' => {
                if let Some(Mode::Code { braces }) = self.modes.last_mut() {
                    *braces += 1;
                }
                self.mark(1, Token::Open('{'));
            }
            '}' => self.closing_brace(),
            '(' | '[' => self.mark(1, Token::Open(first)),
            ')' | ']' => self.mark(1, Token::Close(first)),
            '.' if starts("...") => self.mark(3, Token::Operator),
            '.' => self.mark(1, Token::Dot),
            ',' => self.mark(1, Token::Comma),
            ':' if starts("::") => self.mark(2, Token::DoubleColon),
            ':' => self.mark(1, Token::Colon),
            '=' if starts("==") || starts("=>") => self.mark(2, Token::Operator),
            '=' => self.mark(1, Token::Assign),
            '!' | '<' | '>' if self.rest.as_bytes().get(1) == Some(&b'=') => self.mark(2, Token::Operator),
            '?' => self.mark(1, Token::Question),
            '*' => self.mark(1, Token::Star),
            '+' | '-' | '/' | '%' | '!' | '<' | '>' | '&' | '|' | '~' => self.mark(1, Token::Operator),
            '0'..='9' => self.number(),
            other if is_name(other) => {
                let end = self.rest.find(|letter: char| !is_name(letter) && letter != '-');
                let length = end.unwrap_or(self.rest.len());
                let name = self.rest.get(..length).unwrap_or_default();
                self.mark(length, Token::Name(name));
            }
            other => {
                self.found.whole = false;
                self.take(other.len_utf8());
            }
        }
    }

    fn line_comment(&mut self) {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        self.take(end);
    }

    fn closing_brace(&mut self) {
        let within = self.modes.len() > 1;
        match self.modes.last_mut() {
            Some(Mode::Code { braces }) if *braces > 0 => {
                *braces -= 1;
                self.mark(1, Token::Close('}'));
            }
            _ if within => {
                self.modes.pop();
                self.mark(1, Token::HoleEnd);
            }
            _ => {
                self.found.whole = false;
                self.mark(1, Token::Close('}'));
            }
        }
    }

    /// `12`, `1.5`, `1e-9`; after a dot only digits, as `a.0.1` are two steps.
    fn number(&mut self) {
        let bytes = self.rest.as_bytes();
        let digits = |from: usize| {
            from + bytes
                .get(from..)
                .unwrap_or_default()
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count()
        };
        let mut end = digits(0);
        if !matches!(self.found.list.last(), Some(Placed { token: Token::Dot, .. })) {
            if bytes.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
                end = digits(end + 1);
            }
            if matches!(bytes.get(end), Some(b'e' | b'E')) {
                let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                if digits(end + 1 + sign) > end + 1 + sign {
                    end = digits(end + 1 + sign);
                }
            }
        }
        let number = self.rest.get(..end).unwrap_or_default();
        self.mark(end, Token::Number(number));
    }

    /// `<<EOT` or `<<-EOT` and the end of the line.
    fn heredoc(&mut self) {
        let after = self.rest.get(2..).unwrap_or_default();
        let after = after.strip_prefix('-').unwrap_or(after);
        let end = after.find(|letter: char| !is_name(letter) && letter != '-').unwrap_or(after.len());
        let (word, rest) = after.split_at_checked(end).unwrap_or_default();
        let rest = rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n');
        let Some(rest) = rest.filter(|_| !word.is_empty()) else {
            self.found.whole = false;
            self.mark(2, Token::Operator);
            return;
        };
        let length = self.rest.len() - rest.len();
        self.mark(length, Token::Quote);
        self.modes.push(Mode::Template(End::Line(word)));
        self.heredoc_end(word);
    }

    /// At the start of a line of a heredoc: whether it ends here.
    fn heredoc_end(&mut self, word: &'t str) -> bool {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        if self.rest.get(..end).map(str::trim) != Some(word) {
            return false;
        }
        self.mark(end, Token::Unquote);
        self.modes.pop();
        true
    }

    /// Literal text up to a hole or the end of the template.
    fn in_template(&mut self, end: End<'t>) {
        let bytes = self.rest.as_bytes();
        let mut at = 0;
        // `$${` and `%%{` stand for themselves: a sign that follows its like opens nothing.
        let mut before = 0;
        while let Some(byte) = bytes.get(at).copied() {
            match byte {
                b'\\' if matches!(end, End::Quote) => at += 1,
                b'"' if matches!(end, End::Quote) => {
                    self.text(at);
                    self.mark(1, Token::Unquote);
                    self.modes.pop();
                    return;
                }
                b'$' | b'%' if bytes.get(at + 1) == Some(&b'{') && before != byte => {
                    self.text(at);
                    self.mark(2, if byte == b'$' { Token::Hole } else { Token::Directive });
                    self.modes.push(Mode::Code { braces: 0 });
                    return;
                }
                b'\n' => match end {
                    End::Line(word) => {
                        self.text(at + 1);
                        self.heredoc_end(word);
                        return;
                    }
                    End::Quote => self.found.whole = false,
                    End::Input => {}
                },
                _ => {}
            }
            before = byte;
            at += 1;
        }
        self.text(bytes.len());
    }

    fn text(&mut self, length: usize) {
        if length > 0 {
            let text = self.rest.get(..length).unwrap_or(self.rest);
            self.mark(length, Token::Text(text));
        }
    }
}

/// Whether it may stand in an identifier: outside ASCII, where people write their own letters, nearly anything.
fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || letter == '_'
        || (!letter.is_ascii() && !letter.is_whitespace() && !letter.is_control())
}
