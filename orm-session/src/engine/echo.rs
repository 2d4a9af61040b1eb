//! Telling what is sent: to standard error where the engine was asked to, and as `tracing` events
//! (target `orm::sql`), which never hold values.

use orm_core::statement::{Parameter, Parameters};
use orm_core::types::{BindWriter, Value, ValueRef};
use std::fmt::Write as _;
use std::io::Write as _;

/// What an engine prints to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Echo {
    /// Nothing.
    #[default]
    Off,
    /// Statements without their parameters.
    Sql,
    /// Statements with their parameters: of a batch the first 10 rows, 300 characters each.
    Full,
}

impl From<bool> for Echo {
    fn from(echo: bool) -> Echo {
        if echo { Echo::Full } else { Echo::Off }
    }
}

/// Speaks as the engine was asked to.
#[derive(Debug)]
pub(crate) struct Voice(Echo);

impl Voice {
    pub(crate) fn new(echo: Echo) -> Voice {
        Voice(echo)
    }

    /// A statement about to be sent.
    pub(crate) fn statement(&self, sql: &str, parameters: Parameters<'_>) {
        tracing::debug!(target: "orm::sql", "{sql}");
        match self.0 {
            Echo::Off => {}
            Echo::Sql => print(&lines(sql)),
            Echo::Full => print(&(lines(sql) + &lines(&shown(parameters)))),
        }
    }

    /// A statement about to be sent once for each set of parameters.
    pub(crate) fn sets(&self, sql: &str, sets: &[Vec<Parameter>]) {
        match sets {
            [one] => self.statement(sql, Parameters::Values(one)),
            sets if self.0 == Echo::Full => {
                tracing::debug!(target: "orm::sql", "{sql}");
                let mut text: Vec<String> =
                    sets.iter().take(MOST_ROWS).map(|set| shown(Parameters::Values(set))).collect();
                if sets.len() > MOST_ROWS {
                    text.push(format!("… and {} more", sets.len() - MOST_ROWS));
                }
                print(&(lines(sql) + &lines(&text.join(", "))));
            }
            _ => self.statement(sql, Parameters::NONE),
        }
    }

    /// A control statement about to be sent; `implicit` if nobody asked for it.
    pub(crate) fn control(&self, sql: &str, implicit: bool) {
        tracing::debug!(target: "orm::sql", "{sql}");
        if self.0 != Echo::Off {
            let (verb, rest) = sql.split_once(' ').unwrap_or((sql, ""));
            let note = if implicit { " (implicit)" } else { "" };
            let rest = if rest.is_empty() { String::new() } else { format!(" {rest}") };
            print(&lines(&format!("{verb}{note}{rest}")));
        }
    }
}

/// The lines as they are printed, each with the target before it.
fn lines(text: &str) -> String {
    text.lines().fold(String::new(), |mut all, line| {
        let _ = writeln!(all, "orm::sql {line}");
        all
    })
}

/// One write, so that lines of several threads don't mix; nobody reading them is no failure.
fn print(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

const MOST_ROWS: usize = 10;
const MOST_CHARACTERS: usize = 300;

/// `[1, "a"]`, or `[(1, "a"), (2, "b"), … and 98 more rows]`.
pub(crate) fn shown(parameters: Parameters<'_>) -> String {
    match parameters {
        Parameters::Values(values) => {
            let mut text = String::from("[");
            for (index, parameter) in values.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                show_value(&parameter.value, &mut text);
            }
            cut(text) + "]"
        }
        Parameters::Arrays { types, rows } | Parameters::Grid { types, rows } => {
            let mut text = String::from("[");
            for row in 0..rows.rows().min(MOST_ROWS) {
                let mut shown = Shown(String::new());
                for column in 0..types.len() {
                    rows.write(row, column, &mut shown);
                }
                let separator = if row > 0 { ", " } else { "" };
                let _ = write!(text, "{separator}({})", cut(shown.0));
            }
            if rows.rows() > MOST_ROWS {
                let _ = write!(text, ", … and {} more rows", rows.rows() - MOST_ROWS);
            }
            text + "]"
        }
    }
}

fn show_value(value: &Value, text: &mut String) {
    match (value, value.lend()) {
        (_, Some(lent)) => {
            let _ = write!(text, "{lent}");
        }
        (Value::Array(_, values), None) => {
            text.push('[');
            for (index, element) in values.iter().take(MOST_ROWS).enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                show_value(element, text);
            }
            if values.len() > MOST_ROWS {
                let _ = write!(text, ", … and {} more", values.len() - MOST_ROWS);
            }
            text.push(']');
        }
        (_, None) => {}
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Writes values one after the other, separated by commas.
struct Shown(String);

impl BindWriter for Shown {
    fn put(&mut self, value: ValueRef<'_>) {
        if !self.0.is_empty() {
            self.0.push_str(", ");
        }
        let _ = write!(self.0, "{value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orm_core::statement::BatchRows;
    use orm_core::types::ColumnType;

    struct Numbers(usize);

    impl BatchRows for Numbers {
        fn rows(&self) -> usize {
            self.0
        }

        fn write(&self, row: usize, _: usize, out: &mut dyn BindWriter) {
            out.put(ValueRef::Int(i64::try_from(row).unwrap()));
        }
    }

    #[test]
    fn parameters_are_shown_in_order() {
        let values = [
            Parameter { ty: None, value: Value::Int(1) },
            Parameter { ty: None, value: Value::Text("o'clock".into()) },
            Parameter { ty: None, value: Value::Null },
        ];
        assert_eq!(shown(Parameters::Values(&values)), r#"[1, "o'clock", NULL]"#);
    }

    #[test]
    fn of_a_batch_ten_rows_are_shown() {
        let types = [ColumnType::Integer, ColumnType::Integer];
        let rows = Numbers(12);
        let text = shown(Parameters::Arrays { types: &types, rows: &rows });
        assert!(text.starts_with("[(0, 0), (1, 1), "), "{text}");
        assert!(text.ends_with("(9, 9), … and 2 more rows]"), "{text}");
    }

    #[test]
    fn long_parameters_are_cut() {
        let values = [Parameter { ty: None, value: Value::Text("x".repeat(5000)) }];
        assert!(shown(Parameters::Values(&values)).chars().count() < 350);
    }
}
