//! A statement made to be read: the SQL it would send to PostgreSQL, with placeholders, no values.
//!
//! `{}` is one line, `{:#}` a line for each clause. Objects of a session count as keys.

use super::compile;
use crate::dialect::{Dialect, POSTGRES};
use crate::error::Result;
use crate::model::RawHandle;
use crate::query::{Select, Statement};
use crate::schema::ModelMeta;
use crate::statement::{Criteria, SelectStatement};
use crate::types::Key;
use std::fmt;

/// The words that a clause begins with.
const CLAUSES: [&str; 10] = [
    " FROM ",
    " JOIN ",
    " LEFT JOIN ",
    " WHERE ",
    " GROUP BY ",
    " HAVING ",
    " ORDER BY ",
    " LIMIT ",
    " OFFSET ",
    " FOR ",
];

/// The SQL that the statement would send to PostgreSQL, without its values; what it contradicts in
/// itself, where it can't be sent. `{:#}` gives each clause a line of its own. Criteria of where it will
/// run are not in it.
///
/// ```
/// # use orm_doc_models::*;
/// let statement = select(Article.title).filter(Article.slug.eq("rust")).limit(1);
/// assert_eq!(
///     statement.to_string(),
///     r#"SELECT "articles"."title" FROM "articles" WHERE "articles"."slug" = $1 LIMIT $2"#
/// );
/// println!("{statement:#}");
/// ```
///
/// What it would be for the database of an engine is told by `engine.sql(&statement)`.
impl<S, X> fmt::Display for Select<S, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match sql(self.statement(), &POSTGRES, &Criteria::NONE) {
            Ok(sql) if f.alternate() => f.write_str(&lines(&sql)),
            Ok(sql) => f.write_str(&sql),
            Err(error) => write!(f, "(no SQL: {error})"),
        }
    }
}

/// As `Display`: values stay out of it.
impl<S, X> fmt::Debug for Select<S, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { write!(f, "Select({self:#})") } else { write!(f, "Select({self})") }
    }
}

/// The text that a SELECT is in a dialect, under criteria; objects of a session count as keys.
///
/// # Errors
/// [`ErrorKind::InvalidStatement`](crate::error::ErrorKind::InvalidStatement) and
/// [`Unsupported`](crate::error::ErrorKind::Unsupported), as when it is sent.
pub fn sql(
    statement: &SelectStatement,
    dialect: &'static Dialect,
    criteria: &Criteria,
) -> Result<String> {
    let key = |_: RawHandle, meta: &'static ModelMeta| Ok(stand_in(meta));
    let compiled = compile(Statement::Rows(statement), dialect, &key, criteria)?;
    Ok(compiled.sql)
}

/// A key of the right width, whose value is not looked at.
fn stand_in(meta: &'static ModelMeta) -> Key {
    match meta.table().primary_key.len() {
        1 => Key::Int(0),
        columns => Key::Composite(vec![Key::Int(0); columns].into()),
    }
}

/// The SQL with a line per clause of the outermost statement: what is in parentheses or quotes stays
/// as it is.
fn lines(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let (mut depth, mut quote) = (0_usize, None);
    for (at, character) in sql.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ' ') if depth == 0 => {
                let rest = &sql[at..];
                if CLAUSES.iter().any(|clause| rest.starts_with(clause)) {
                    text.push('\n');
                    continue;
                }
            }
            (Some(_) | None, _) => {}
        }
        text.push(character);
    }
    text
}
