//! Finding `:name` in SQL: not in strings, quoted names, comments and dollar quotes, nor in `::`.
//!
//! `:` begins a name where a letter or `_` follows and neither a word nor another `:` comes before
//! (so that casts and slices like `a[1:n]` stay as they are); `\:` is a plain colon.

/// A piece of SQL text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'s> {
    /// Text that is sent as it is.
    Sql(&'s str),
    /// The name of a parameter.
    Name(&'s str),
}

/// Cuts SQL at its parameters.
pub(super) fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut scanner = Scanner { sql, at: 0, from: 0, pieces: Vec::new() };
    while scanner.at < sql.len() {
        scanner.step();
    }
    scanner.cut(sql.len());
    scanner.pieces
}

struct Scanner<'s> {
    sql: &'s str,
    /// The next byte to look at.
    at: usize,
    /// Where the text not yet cut begins.
    from: usize,
    pieces: Vec<Piece<'s>>,
}

impl<'s> Scanner<'s> {
    fn byte(&self, at: usize) -> u8 {
        self.sql.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// The byte before the one looked at.
    fn before(&self) -> u8 {
        self.at.checked_sub(1).map_or(0, |at| self.byte(at))
    }

    fn rest(&self, from: usize) -> &'s str {
        self.sql.get(from..).unwrap_or("")
    }

    fn cut(&mut self, to: usize) {
        if let Some(text) = self.sql.get(self.from..to).filter(|text| !text.is_empty()) {
            self.pieces.push(Piece::Sql(text));
        }
    }

    /// Goes on to just behind the next `end`, or to the end of the text.
    fn pass(&mut self, from: usize, end: &str) {
        self.at = self.rest(from).find(end).map_or(self.sql.len(), |at| from + at + end.len());
    }

    fn step(&mut self) {
        match (self.byte(self.at), self.byte(self.at + 1)) {
            (b'\'', _) if self.is_escape_string() => self.pass_escape_string(),
            (b'\'', _) => self.pass(self.at + 1, "'"),
            (b'"', _) => self.pass(self.at + 1, "\""),
            (b'-', b'-') => self.pass(self.at + 2, "\n"),
            (b'/', b'*') => self.pass_comment(),
            (b'$', _) if !is_word(self.before()) => self.pass_dollar_quote(),
            (b'\\', b':') => {
                self.cut(self.at);
                self.from = self.at + 1;
                self.at += 2;
            }
            (b':', b':') => self.at += 2,
            (b':', next) if begins_word(next) && !is_word(self.before()) => self.take_name(),
            _ => self.at += 1,
        }
    }

    fn take_name(&mut self) {
        self.cut(self.at);
        let start = self.at + 1;
        let length = self.rest(start).bytes().take_while(|byte| is_word(*byte)).count();
        self.at = start + length;
        self.from = self.at;
        self.pieces.push(Piece::Name(self.sql.get(start..self.at).unwrap_or("")));
    }

    /// `E'…'`, where a backslash escapes.
    fn is_escape_string(&self) -> bool {
        let prefixed = matches!(self.before(), b'e' | b'E');
        prefixed && self.at.checked_sub(2).is_none_or(|at| !is_word(self.byte(at)))
    }

    fn pass_escape_string(&mut self) {
        self.at += 1;
        while self.at < self.sql.len() {
            match self.byte(self.at) {
                b'\\' => self.at += 2,
                b'\'' if self.byte(self.at + 1) == b'\'' => self.at += 2,
                b'\'' => {
                    self.at += 1;
                    return;
                }
                _ => self.at += 1,
            }
        }
    }

    /// `/* … */`, nested ones inside.
    fn pass_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.sql.len() {
            match (self.byte(self.at), self.byte(self.at + 1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    /// `$$ … $$` or `$tag$ … $tag$`; `$1` is no quote.
    fn pass_dollar_quote(&mut self) {
        let rest = self.rest(self.at + 1);
        let length = rest.bytes().take_while(|byte| is_word(*byte) && *byte != b'$').count();
        let is_quote = self.byte(self.at + 1 + length) == b'$'
            && !rest.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        if is_quote {
            let tag = self.sql.get(self.at..self.at + length + 2).unwrap_or("$$");
            self.pass(self.at + tag.len(), tag);
        } else {
            self.at += 1;
        }
    }
}

fn begins_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_word(byte: u8) -> bool {
    begins_word(byte) || byte.is_ascii_digit() || byte == b'$'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> Vec<&str> {
        pieces(sql)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Name(name) => Some(name),
                Piece::Sql(_) => None,
            })
            .collect()
    }

    fn same(sql: &str) -> bool {
        pieces(sql) == [Piece::Sql(sql)]
    }

    #[test]
    fn names_are_found() {
        assert_eq!(names("select x from t where x > :x and y=:y_2"), ["x", "y_2"]);
        assert_eq!(names("(:a,:b)"), ["a", "b"]);
        assert_eq!(names(":größe"), ["größe"]);
        assert_eq!(names("select :x::int, y::text"), ["x"]);
    }

    #[test]
    fn what_is_no_parameter_stays_as_it_is() {
        for sql in [
            "select x::int",
            "select ':x', 'it''s :x'",
            r"select E'it\'s :x', e'\\:x'",
            r#"select ":x", "a"":x""#,
            "select 1 -- :x",
            "select 1 /* :x /* nested :y */ :z */",
            "select $$ :x $$, $tag$ :x $$ :y $tag$",
            "select a[1:n], 12:x",
            "do $body$ begin perform ':x'; end $body$",
            "select 'open :x",
            "select a := 1",
        ] {
            assert!(same(sql), "{sql}: {:?}", pieces(sql));
        }
    }

    #[test]
    fn parameters_behind_what_is_no_parameter_are_found() {
        assert_eq!(names("select ':a' , :b -- :c\n, :d"), ["b", "d"]);
        assert_eq!(names(r"select 'back\', :a, E'b\'', :c"), ["a", "c"]);
        assert_eq!(names("select $1, :a, $$ :b $$, :c /* :d */ + :e"), ["a", "c", "e"]);
        assert_eq!(names("select name'x', :a"), ["a"]);
    }

    #[test]
    fn a_backslash_makes_a_plain_colon() {
        assert_eq!(pieces(r"a[\:n]"), [Piece::Sql("a["), Piece::Sql(":n]")]);
    }
}
