//! SQL written by hand, with named parameters.

use super::placeholder::{Piece, pieces};
use crate::driver::ParameterFault;
use orm_core::dialect::Dialect;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::statement::Parameter;
use orm_core::types::{ToValue, Value};
use std::borrow::Cow;
use std::error::Error as _;
use std::fmt;

/// A statement of SQL text: `:name` stands for a parameter.
///
/// Takes a text known at compile time, so that no value gets into the SQL by accident; a text made
/// at run time is said to hold none by [`AssertSafe`]. `::` casts, strings, quoted names, comments
/// and dollar quotes hold no parameters; `\:` is a plain colon. A value adapts to the type that
/// the server wants: an integer to any number that holds it exactly, anything printable to text.
///
/// ```
/// # use orm_session::engine::{Engine, text};
/// # let engine = Engine::new("sqlite::memory:")?;
/// # let mut connection = engine.connect()?;
/// let sum: i64 = connection.execute(text("select :a + :b + :a").bind("a", 1).bind("b", 40))?.scalar()?;
/// assert_eq!(sum, 42); // PostgreSQL: select $1 + $2 + $1
/// # Ok::<(), orm_core::error::Error>(())
/// ```
pub fn text(sql: impl SqlText) -> Text {
    Text { sql: sql.into_sql(), binds: Vec::new(), rows: None }
}

/// A text that may be sent as SQL: one known at compile time, or [`AssertSafe`].
#[diagnostic::on_unimplemented(
    message = "`text` takes SQL known at compile time",
    label = "made at run time",
    note = "bind values with `:name` and `.bind(\"name\", value)`; if the text holds no values of others, say so with `AssertSafe(text)`"
)]
pub trait SqlText {
    /// The SQL.
    fn into_sql(self) -> Cow<'static, str>;
}

impl SqlText for &'static str {
    fn into_sql(self) -> Cow<'static, str> {
        Cow::Borrowed(self)
    }
}

/// Says that a text made at run time holds nothing that an attacker could have written.
#[derive(Clone, Debug)]
pub struct AssertSafe<S>(pub S);

impl<S: Into<String>> SqlText for AssertSafe<S> {
    fn into_sql(self) -> Cow<'static, str> {
        Cow::Owned(self.0.into())
    }
}

/// A statement of SQL text and its parameters; made by [`text`].
#[derive(Clone)]
pub struct Text {
    sql: Cow<'static, str>,
    binds: Vec<(String, Value)>,
    rows: Option<NamedRows>,
}

/// Several sets of parameters.
#[derive(Clone)]
struct NamedRows {
    names: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// One of several sets of parameters: a tuple of values, in the order of the names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of parameters",
    note = "a set is a tuple of values, for instance `(1, \"one\")`"
)]
pub trait BindRow {
    /// The values, in the order of the names.
    fn into_values(self) -> Vec<Value>;
}

macro_rules! bind_row {
    ($($type:ident $place:tt),+) => {
        impl<$($type: ToValue),+> BindRow for ($($type,)+) {
            fn into_values(self) -> Vec<Value> {
                vec![$(self.$place.to_value()),+]
            }
        }
    };
}

bind_row!(A 0);
bind_row!(A 0, B 1);
bind_row!(A 0, B 1, C 2);
bind_row!(A 0, B 1, C 2, D 3);
bind_row!(A 0, B 1, C 2, D 3, E 4);
bind_row!(A 0, B 1, C 2, D 3, E 4, F 5);
bind_row!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
bind_row!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
bind_row!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
bind_row!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
bind_row!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
bind_row!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

impl Text {
    /// The value of the parameter `:name`. `None` is NULL; a slice is an array.
    // values are taken as they are written: `bind("x", 1)`
    #[allow(clippy::needless_pass_by_value)]
    pub fn bind(mut self, name: &str, value: impl ToValue) -> Text {
        self.binds.push((name.to_owned(), value.to_value()));
        self
    }

    /// Runs the statement once for each row of values, preparing it once. The names are in the
    /// order of each row's values; parameters bound by [`bind`](Text::bind) are the same for all.
    ///
    /// ```
    /// # use orm_session::engine::text;
    /// let insert = text("INSERT INTO coordinates (x, y) VALUES (:x, :y)")
    ///     .bind_rows(["x", "y"], [(1, 1), (2, 4)]);
    /// ```
    pub fn bind_rows<R: BindRow, const N: usize>(
        mut self,
        names: [&str; N],
        rows: impl IntoIterator<Item = R>,
    ) -> Text {
        let names = names.into_iter().map(str::to_owned).collect();
        let rows = rows.into_iter().map(BindRow::into_values).collect();
        self.rows = Some(NamedRows { names, rows });
        self
    }

    /// The SQL with the database's placeholders, and the parameters in their order.
    pub(super) fn compile(&self, dialect: &Dialect) -> Result<Compiled> {
        let (sql, names) = self.numbered(dialect);
        self.check_names(&names)?;
        let sets = match &self.rows {
            None => vec![self.set(&names, None)?],
            Some(rows) => rows
                .rows
                .iter()
                .map(|row| self.set(&names, Some((&rows.names, row))))
                .collect::<Result<_>>()?,
        };
        Ok(Compiled { sql, names, sets })
    }

    fn numbered(&self, dialect: &Dialect) -> (String, Vec<String>) {
        let mark = if dialect.features.dollar_placeholders { '$' } else { '?' };
        let mut names: Vec<String> = Vec::new();
        let mut sql = String::with_capacity(self.sql.len());
        for piece in pieces(&self.sql) {
            match piece {
                Piece::Sql(text) => sql.push_str(text),
                Piece::Name(name) => {
                    let known = names.iter().position(|known| known == name);
                    let index = known.unwrap_or_else(|| {
                        names.push(name.to_owned());
                        names.len() - 1
                    });
                    sql.push(mark);
                    sql.push_str(&(index + 1).to_string());
                }
            }
        }
        (sql, names)
    }

    /// Every parameter has exactly one value, every value a parameter.
    fn check_names(&self, names: &[String]) -> Result<()> {
        let in_rows = self.rows.iter().flat_map(|rows| rows.names.iter());
        let bound: Vec<&String> = self.binds.iter().map(|(name, _)| name).chain(in_rows).collect();
        let list = |names: Vec<&String>| {
            names.iter().map(|name| format!("`:{name}`")).collect::<Vec<_>>().join(", ")
        };
        let missing: Vec<&String> = names.iter().filter(|name| !bound.contains(name)).collect();
        if !missing.is_empty() {
            return Err(self.wrong(&format!("no value is bound for {}", list(missing))));
        }
        let surplus: Vec<&String> =
            bound.iter().filter(|name| !names.contains(name)).copied().collect();
        if !surplus.is_empty() {
            return Err(self.wrong(&format!(
                "a value is bound for {}, which the text does not have",
                list(surplus)
            )));
        }
        let twice: Vec<&String> = bound
            .iter()
            .enumerate()
            .filter(|(index, name)| bound.iter().take(*index).any(|other| other == *name))
            .map(|(_, name)| *name)
            .collect();
        if !twice.is_empty() {
            return Err(self.wrong(&format!("two values are bound for {}", list(twice))));
        }
        Ok(())
    }

    fn set(
        &self,
        names: &[String],
        row: Option<(&Vec<String>, &Vec<Value>)>,
    ) -> Result<Vec<Parameter>> {
        if let Some((columns, values)) = row
            && columns.len() != values.len()
        {
            return Err(self.wrong(&format!(
                "`bind_rows` names {} parameters and a row has {} values",
                columns.len(),
                values.len()
            )));
        }
        let single = |wanted: &String| {
            self.binds.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
        };
        let in_row = |wanted: &String| {
            let (columns, values) = row?;
            let place = columns.iter().position(|name| name == wanted)?;
            values.get(place).cloned()
        };
        let value = |name| single(name).or_else(|| in_row(name)).unwrap_or(Value::Null);
        Ok(names.iter().map(|name| Parameter { ty: None, value: value(name) }).collect())
    }

    fn wrong(&self, what: &str) -> Error {
        Error::new(ErrorKind::InvalidStatement, what).with_statement(&self.sql)
    }
}

/// The SQL only: values are printed by the log, when asked for.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.binds.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Text")
            .field("sql", &self.sql)
            .field("bound", &names)
            .field("rows", &self.rows.as_ref().map_or(1, |rows| rows.rows.len()))
            .finish()
    }
}

/// A text as one database takes it.
pub(super) struct Compiled {
    pub(super) sql: String,
    names: Vec<String>,
    pub(super) sets: Vec<Vec<Parameter>>,
}

impl Compiled {
    /// Says the parameter's name where the driver knows its number only.
    pub(super) fn named(&self, error: Error) -> Error {
        let fault = error.source().and_then(|source| source.downcast_ref::<ParameterFault>());
        match fault.and_then(|fault| self.names.get(fault.index)) {
            Some(name) => {
                let context = format!("the parameter is `:{name}`");
                error.with_context(context)
            }
            None => error,
        }
    }
}
