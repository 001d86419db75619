//! The vendor's query language: its own small grammar, with its own limits and error texts.
//!
//! `SELECT * | count(*) | fields FROM Entity [WHERE p op v [AND …]] [ORDERBY …] [STARTPOSITION n] [MAXRESULTS n]`.
//! There is no OR, no `!=`, no JOIN and no doubling of quotes: `\'` and `\\` are the only escapes.

use super::refusal::Refusal;

/// Rows answered when the query does not say.
const DEFAULT_ROWS: usize = 100;
/// Rows a query may ask for.
const MOST_ROWS: usize = 1000;

/// A parsed statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What to answer.
    pub select: Select,
    /// Entity name as written.
    pub entity: String,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// Sort keys: property and whether it descends.
    pub order: Vec<(String, bool)>,
    /// First row, from 1.
    pub start: usize,
    /// Rows at most.
    pub rows: usize,
}

/// What a statement selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Select {
    /// `count(*)`.
    Count,
    /// `*`, with properties that `*` leaves out.
    All(Vec<String>),
    /// Named properties.
    Fields(Vec<String>),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Dotted property path.
    pub property: String,
    /// How to compare.
    pub operator: Operator,
    /// One value, or several for IN.
    pub values: Vec<String>,
}

/// How to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Equal,
    Less,
    Greater,
    AtMost,
    AtLeast,
    In,
    Like,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(&'static str),
    End,
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Word(w) => w.clone(),
            Self::Text(t) => format!("'{t}'"),
            Self::Sign(s) => (*s).to_owned(),
            Self::End => "<EOF>".to_owned(),
        }
    }
}

/// Parses a statement.
pub fn parse(statement: &str) -> Result<Query, Refusal> {
    let tokens = lex(statement)?;
    let mut parser = Parser { tokens, at: 0 };
    let query = parser.statement()?;
    parser.expect_end()?;
    Ok(query)
}

fn lex(statement: &str) -> Result<Vec<(Token, usize)>, Refusal> {
    let chars: Vec<char> = statement.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let column = at + 1;
        match c {
            c if c.is_whitespace() => at += 1,
            '\'' => {
                let (text, end) = quoted(&chars, at + 1).ok_or_else(|| lexical(&chars, at))?;
                tokens.push((Token::Text(text), column));
                at = end;
            }
            '<' | '>' => {
                let both = chars.get(at + 1) == Some(&'=');
                let sign = match (c, both) {
                    ('<', true) => "<=",
                    ('>', true) => ">=",
                    ('<', false) => "<",
                    _ => ">",
                };
                tokens.push((Token::Sign(sign), column));
                at += sign.len();
            }
            '=' | '(' | ')' | ',' | '*' => {
                let sign = ["=", "(", ")", ",", "*"].into_iter().find(|s| s.starts_with(c)).unwrap_or("*");
                tokens.push((Token::Sign(sign), column));
                at += 1;
            }
            c if is_word(c) => {
                let end = (at..chars.len()).find(|i| !is_word(chars[*i])).unwrap_or(chars.len());
                tokens.push((Token::Word(chars[at..end].iter().collect()), column));
                at = end;
            }
            _ => return Err(lexical(&chars, at)),
        }
    }
    tokens.push((Token::End, chars.len() + 1));
    Ok(tokens)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ':' | '+')
}

/// The text after an opening quote and the position after the closing one. A doubled quote is no escape: it ends the
/// text and starts another, which the grammar then refuses.
fn quoted(chars: &[char], mut at: usize) -> Option<(String, usize)> {
    let mut text = String::new();
    loop {
        match chars.get(at)? {
            '\'' => return Some((text, at + 1)),
            '\\' => {
                text.push(*chars.get(at + 1)?);
                at += 2;
            }
            c => {
                text.push(*c);
                at += 1;
            }
        }
    }
}

fn lexical(chars: &[char], at: usize) -> Refusal {
    let found = chars.get(at).map_or_else(|| "<EOF>".to_owned(), char::to_string);
    Refusal::query_syntax(&found, at + 1, "<STRING> ... <IDENTIFIER> ...")
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)].0
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn fail<T>(&self, expected: &str) -> Result<T, Refusal> {
        let (token, column) = &self.tokens[self.at.min(self.tokens.len() - 1)];
        Err(Refusal::query_syntax(&token.shown(), *column, expected))
    }

    fn keyword(&mut self, word: &str) -> bool {
        let hit = matches!(self.peek(), Token::Word(w) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(hit);
        hit
    }

    fn sign(&mut self, sign: &str) -> bool {
        let hit = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.at += usize::from(hit);
        hit
    }

    fn word(&mut self, expected: &str) -> Result<String, Refusal> {
        match self.peek() {
            Token::Word(_) => Ok(self.next().shown()),
            _ => self.fail(expected),
        }
    }

    fn statement(&mut self) -> Result<Query, Refusal> {
        if !self.keyword("select") {
            return self.fail("\"select\" ...");
        }
        let select = self.selection()?;
        if !self.keyword("from") {
            return self.fail("\"from\" ... \",\" ...");
        }
        let entity = self.word("<IDENTIFIER> ...")?;
        let mut query =
            Query { select, entity, conditions: Vec::new(), order: Vec::new(), start: 1, rows: DEFAULT_ROWS };
        if self.keyword("where") {
            query.conditions = self.conditions()?;
        }
        if self.keyword("orderby") || (self.keyword("order") && self.keyword("by")) {
            query.order = self.order()?;
        }
        if self.keyword("startposition") {
            query.start = self.count("StartPosition")?;
        }
        if self.keyword("maxresults") {
            query.rows = self.count("MaxResults")?;
        }
        if query.start == 0 {
            return Err(Refusal::query_invalid("value 0 is too small. Min allowed value for startPosition is 1."));
        }
        if query.rows > MOST_ROWS {
            let detail = format!("value {} is too large. Max allowed value for maxResults is {MOST_ROWS}.", query.rows);
            return Err(Refusal::query_invalid(detail));
        }
        Ok(query)
    }

    fn selection(&mut self) -> Result<Select, Refusal> {
        if self.keyword("count") {
            let whole = self.sign("(") && self.sign("*") && self.sign(")");
            return if whole { Ok(Select::Count) } else { self.fail("\"(\" \"*\" \")\"") };
        }
        let mut all = false;
        let mut fields = Vec::new();
        loop {
            if self.sign("*") {
                all = true;
            } else {
                fields.push(self.word("\"*\" ... <IDENTIFIER> ...")?);
            }
            if !self.sign(",") {
                return Ok(if all { Select::All(fields) } else { Select::Fields(fields) });
            }
        }
    }

    fn conditions(&mut self) -> Result<Vec<Condition>, Refusal> {
        let mut conditions = vec![self.condition()?];
        while self.keyword("and") {
            conditions.push(self.condition()?);
        }
        Ok(conditions)
    }

    fn condition(&mut self) -> Result<Condition, Refusal> {
        let property = self.word("<IDENTIFIER> ...")?;
        if self.keyword("in") {
            if !self.sign("(") {
                return self.fail("\"(\"");
            }
            let mut values = vec![self.value()?];
            while self.sign(",") {
                values.push(self.value()?);
            }
            if !self.sign(")") {
                return self.fail("\")\" ... \",\" ...");
            }
            return Ok(Condition { property, operator: Operator::In, values });
        }
        let operator = match self.peek() {
            Token::Sign("=") => Operator::Equal,
            Token::Sign("<") => Operator::Less,
            Token::Sign(">") => Operator::Greater,
            Token::Sign("<=") => Operator::AtMost,
            Token::Sign(">=") => Operator::AtLeast,
            Token::Word(w) if w.eq_ignore_ascii_case("like") => Operator::Like,
            _ => return self.fail("\"=\" ... \"<\" ... \">\" ... \"<=\" ... \">=\" ... \"in\" ... \"like\" ..."),
        };
        self.at += 1;
        Ok(Condition { property, operator, values: vec![self.value()?] })
    }

    fn value(&mut self) -> Result<String, Refusal> {
        match self.next() {
            Token::Text(t) => Ok(t),
            Token::Word(w) if is_literal(&w) => Ok(w),
            _ => {
                self.at -= 1;
                self.fail("<STRING> ... <NUMBER> ... \"true\" ... \"false\" ...")
            }
        }
    }

    fn order(&mut self) -> Result<Vec<(String, bool)>, Refusal> {
        let mut keys = Vec::new();
        loop {
            let property = self.word("<IDENTIFIER> ...")?;
            let descending = self.keyword("desc");
            if !descending {
                self.keyword("asc");
            }
            keys.push((property, descending));
            if !self.sign(",") {
                return Ok(keys);
            }
        }
    }

    fn count(&mut self, what: &str) -> Result<usize, Refusal> {
        match self.next() {
            Token::Word(w) if w.parse::<usize>().is_ok() => Ok(w.parse().unwrap_or_default()),
            token => {
                let detail = format!("{what} {} is not a number", token.shown());
                Err(Refusal::query_invalid(detail))
            }
        }
    }

    fn expect_end(&self) -> Result<(), Refusal> {
        // The real parser lists <OR> among its tokens although it does not support it.
        if *self.peek() == Token::End {
            return Ok(());
        }
        self.fail("<EOF> \"and\" ... <OR> ... \"orderby\" ... \"startposition\" ... \"maxresults\" ...")
    }
}

/// Unquoted values: numbers and booleans.
fn is_literal(word: &str) -> bool {
    word.eq_ignore_ascii_case("true")
        || word.eq_ignore_ascii_case("false")
        || word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
}
