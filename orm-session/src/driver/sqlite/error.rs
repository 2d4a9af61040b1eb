//! SQLite's failures as our errors. While a statement is prepared, and of a constraint, messages
//! name tables, columns and pieces of the statement, never values. What a trigger raises, and what
//! else is said while a statement runs, goes to `Error::details()`.
//!
//! SQLite runs ON DELETE RESTRICT as a trigger of its own, which is told by its words.

use super::connect::unreachable;
use orm_core::error::{Error, ErrorKind, Facts};
use rusqlite::ffi;
use std::time::Duration;

/// What SQLite says of a foreign key, whoever checks it.
const FOREIGN_KEY: &str = "FOREIGN KEY constraint failed";

/// When a statement failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
    /// While it was prepared: no value was known yet.
    pub(super) preparing: bool,
    /// Inside a transaction that has read: what it read may be old by now.
    pub(super) has_read: bool,
    /// How long it was allowed to run.
    pub(super) timeout: Option<Duration>,
}

/// The error of a statement.
pub(super) fn of_statement(failure: rusqlite::Error, when: When) -> Error {
    let (code, said) = match failure {
        rusqlite::Error::SqliteFailure(error, said) => (error.extended_code, said),
        rusqlite::Error::SqlInputError { error, msg, .. } => (error.extended_code, Some(msg)),
        rusqlite::Error::MultipleStatement => {
            return Error::new(
                ErrorKind::InvalidStatement,
                "one statement is run at a time; send several by several calls",
            );
        }
        other => {
            return Error::new(ErrorKind::Database, "the driver failed")
                .with_facts(Facts { details: Some(other.to_string()), ..Facts::default() });
        }
    };
    let said = said.unwrap_or_default();
    let kind = kind(code, &said, when);
    let message = message(kind, code, &said, when);
    Error::new(kind, message).with_facts(facts(kind, code, said, when))
}

/// The error of opening a database.
pub(super) fn of_connect(failure: &rusqlite::Error, place: &str) -> Error {
    let why = match failure {
        rusqlite::Error::SqliteFailure(error, _) => match error.extended_code & 0xff {
            ffi::SQLITE_NOTADB => "the file is no SQLite database",
            ffi::SQLITE_CANTOPEN => "the file can't be opened",
            ffi::SQLITE_READONLY | ffi::SQLITE_PERM => "the file may not be written",
            ffi::SQLITE_BUSY => "another program has locked it",
            _ => "SQLite failed",
        },
        _ => "SQLite failed",
    };
    unreachable(place, why)
}

fn kind(code: i32, said: &str, when: When) -> ErrorKind {
    match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => ErrorKind::UniqueViolation,
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ErrorKind::ForeignKeyViolation,
        ffi::SQLITE_CONSTRAINT_TRIGGER if said == FOREIGN_KEY => ErrorKind::ForeignKeyViolation,
        ffi::SQLITE_CONSTRAINT_NOTNULL => ErrorKind::NotNullViolation,
        ffi::SQLITE_CONSTRAINT_CHECK => ErrorKind::CheckViolation,
        ffi::SQLITE_CONSTRAINT_DATATYPE => ErrorKind::ValueOutOfRange,
        _ => match code & 0xff {
            // a reader that would write while another does: only running again helps
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED if when.has_read => {
                ErrorKind::SerializationFailure
            }
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => ErrorKind::LockNotAvailable,
            ffi::SQLITE_INTERRUPT if when.timeout.is_some() => ErrorKind::StatementTimeout,
            ffi::SQLITE_INTERRUPT => ErrorKind::Cancelled,
            ffi::SQLITE_TOOBIG | ffi::SQLITE_MISMATCH | ffi::SQLITE_RANGE => {
                ErrorKind::ValueOutOfRange
            }
            ffi::SQLITE_READONLY | ffi::SQLITE_PERM | ffi::SQLITE_AUTH => {
                ErrorKind::PermissionDenied
            }
            ffi::SQLITE_ERROR if said == "integer overflow" => ErrorKind::ValueOutOfRange,
            ffi::SQLITE_ERROR if said.contains("no such table") => ErrorKind::UndefinedTable,
            ffi::SQLITE_ERROR
                if said.contains("no such column") || said.contains("has no column named") =>
            {
                ErrorKind::UndefinedColumn
            }
            _ => ErrorKind::Database,
        },
    }
}

fn message(kind: ErrorKind, code: i32, said: &str, when: When) -> String {
    match (kind, when.timeout) {
        (ErrorKind::StatementTimeout, Some(timeout)) => {
            return format!("the statement ran longer than the statement timeout of {timeout:?}");
        }
        (ErrorKind::SerializationFailure, _) => {
            return "another transaction wrote, or is writing, since this one began to read; run it \
                    again"
                .into();
        }
        (ErrorKind::LockNotAvailable, _) => {
            return "another connection holds the database's lock for writing; try again when it is \
                    done"
                .into();
        }
        _ => {}
    }
    // RAISE in a trigger says what its author wrote, values perhaps among it
    let names_things_only = match code & 0xff {
        ffi::SQLITE_CONSTRAINT => code != ffi::SQLITE_CONSTRAINT_TRIGGER || said == FOREIGN_KEY,
        ffi::SQLITE_ERROR => when.preparing,
        _ => false,
    };
    if names_things_only {
        return said.to_owned();
    }
    format!(
        "{} ({}); `Error::details` tells SQLite's words, which may hold values",
        ffi::code_to_str(code),
        name(code)
    )
}

/// What the message names: `UNIQUE constraint failed: t.a, t.b`, `no such table: t`.
fn facts(kind: ErrorKind, code: i32, said: String, when: When) -> Facts {
    let mut facts = Facts { sqlstate: Some(name(code)), ..Facts::default() };
    let named = said.split_once(": ").map(|(_, named)| named.to_owned());
    match (kind, named) {
        (ErrorKind::UniqueViolation | ErrorKind::NotNullViolation, Some(named)) => {
            if let Some(index) = named.strip_prefix("index ") {
                facts.constraint = Some(index.trim_matches('\'').to_owned());
            } else {
                for column in named.split(", ") {
                    let (table, column) = column.rsplit_once('.').unwrap_or(("", column));
                    facts.table = (!table.is_empty()).then(|| table.to_owned());
                    facts.columns.push(column.to_owned());
                }
            }
        }
        (ErrorKind::CheckViolation, named) => facts.constraint = named,
        (ErrorKind::UndefinedTable, named) if when.preparing => facts.table = named,
        (ErrorKind::UndefinedColumn, Some(named)) if when.preparing => facts.columns = vec![named],
        _ => {}
    }
    facts.details = Some(said);
    facts
}

/// The name of a result code, as SQLite's documentation spells it.
fn name(code: i32) -> String {
    let known = match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE => "SQLITE_CONSTRAINT_UNIQUE",
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY => "SQLITE_CONSTRAINT_PRIMARYKEY",
        ffi::SQLITE_CONSTRAINT_ROWID => "SQLITE_CONSTRAINT_ROWID",
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => "SQLITE_CONSTRAINT_FOREIGNKEY",
        ffi::SQLITE_CONSTRAINT_NOTNULL => "SQLITE_CONSTRAINT_NOTNULL",
        ffi::SQLITE_CONSTRAINT_CHECK => "SQLITE_CONSTRAINT_CHECK",
        ffi::SQLITE_CONSTRAINT_TRIGGER => "SQLITE_CONSTRAINT_TRIGGER",
        ffi::SQLITE_CONSTRAINT_DATATYPE => "SQLITE_CONSTRAINT_DATATYPE",
        ffi::SQLITE_BUSY => "SQLITE_BUSY",
        ffi::SQLITE_BUSY_SNAPSHOT => "SQLITE_BUSY_SNAPSHOT",
        ffi::SQLITE_LOCKED => "SQLITE_LOCKED",
        ffi::SQLITE_INTERRUPT => "SQLITE_INTERRUPT",
        ffi::SQLITE_ERROR => "SQLITE_ERROR",
        other => return format!("SQLITE_{other}"),
    };
    known.to_owned()
}
