//! The client's failures as our errors: a kind, a message and facts, and never a value.
//!
//! The server's DETAIL, HINT and CONTEXT, and the primary message wherever it may quote a value, go
//! to `Error::details()` only. The server quotes values as names, too, where a function looks them
//! up (`nextval(:name)`): names are told only where they stand in the statement itself. The client's own error is not kept as a cause, because its `Debug`
//! prints DETAIL; what is kept is the SQLSTATE, or the I/O error.

use orm_core::error::{Error, ErrorKind, Facts};
use postgres::error::{DbError, ErrorPosition, SqlState};
use std::error::Error as _;
use std::fmt::{self, Write as _};
use std::time::Duration;

use super::held::Failure;

type Cause = dyn std::error::Error + Send + Sync;

/// Why a call could not be made.
pub(super) enum Refusal {
    /// The connection has been closed.
    Closed,
    /// The caller is async code.
    InsideRuntime,
}

/// The error of a statement, and whether the server told it (so that its transaction has failed).
pub(super) fn of_statement(failure: Failure, sent: Sent) -> (Error, bool) {
    match failure {
        Failure::Refused(Refusal::Closed) => (lost("the connection is closed"), false),
        Failure::Refused(Refusal::InsideRuntime) => (
            Error::new(
                ErrorKind::InvalidState,
                "a blocking call was made from async code; make it inside `tokio::task::spawn_blocking`",
            ),
            false,
        ),
        Failure::Client(error) => match error.as_db_error() {
            Some(told) => (of_server(told, sent), true),
            None => (of_client(error), false),
        },
    }
}

/// Whether the connection can't be used after this error.
pub(super) fn breaks(error: &Error) -> bool {
    error.kind() == ErrorKind::ConnectionLost
}

fn lost(why: &str) -> Error {
    Error::new(
        ErrorKind::ConnectionLost,
        format!("{why}; nothing of the open transaction was kept"),
    )
}

/// What the client says itself: the connection broke, or an answer it can't read.
fn of_client(error: postgres::Error) -> Error {
    let shown = error.to_string();
    if error.is_closed() {
        return lost("the connection to the server was closed");
    }
    match error.into_source().map(<Cause>::downcast::<std::io::Error>) {
        Some(Ok(cause)) => lost("the connection to the server broke").with_source(cause),
        _ => Error::new(ErrorKind::Database, format!("the driver failed: {shown}")),
    }
}

/// What is known of the statement that failed.
#[derive(Clone, Copy, Default)]
pub(super) struct Sent {
    /// Whether it had parameters.
    pub(super) bound: bool,
    /// How long it was allowed to run.
    pub(super) timeout: Option<Duration>,
}

/// What the server says.
fn of_server(told: &DbError, sent: Sent) -> Error {
    let timeout = sent.timeout;
    let state = told.code();
    let kind = kind(told, timeout);
    let columns = match told.column() {
        Some(column) => vec![column.to_owned()],
        None => key_columns(told),
    };
    let facts = Facts {
        sqlstate: Some(state.code().to_owned()),
        constraint: told.constraint().map(str::to_owned),
        table: told.table().map(str::to_owned),
        columns,
        details: Some(details(told)),
    };
    let mut message = message(told, sent);
    if let (ErrorKind::StatementTimeout, Some(timeout)) = (kind, timeout) {
        message = format!("the statement ran longer than the statement timeout of {timeout:?}");
    }
    if kind == ErrorKind::ConnectionLost {
        message = format!(
            "the server ended the connection ({message}); nothing of the open transaction was kept"
        );
    }
    if let Some(ErrorPosition::Original(position)) = told.position() {
        message = format!("{message}, at character {position} of the statement");
    }
    Error::new(kind, message).with_facts(facts).with_source(Condition(state.code().to_owned()))
}

/// The columns of a key that was refused: `Key (a, b)=(…) already exists.` in whatever language.
fn key_columns(told: &DbError) -> Vec<String> {
    let is_key =
        matches!(*told.code(), SqlState::UNIQUE_VIOLATION | SqlState::FOREIGN_KEY_VIOLATION);
    let detail = told.detail().filter(|_| is_key).unwrap_or_default();
    let names = detail.split_once(")=(").and_then(|(before, _)| before.split_once('('));
    names.map_or_else(Vec::new, |(_, names)| {
        names.split(", ").map(|name| name.trim_matches('"').to_owned()).collect()
    })
}

/// All that the server said; may hold values.
fn details(told: &DbError) -> String {
    let mut text = format!("{}: {}", told.severity(), told.message());
    for (name, part) in
        [("DETAIL", told.detail()), ("HINT", told.hint()), ("CONTEXT", told.where_())]
    {
        if let Some(part) = part {
            let _ = write!(text, "\n{name}: {part}");
        }
    }
    text
}

/// The primary message where it names only things of the schema or of the statement; otherwise
/// what the SQLSTATE means.
fn message(told: &DbError, sent: Sent) -> String {
    let code = told.code().code();
    let at_our_text = matches!(told.position(), Some(ErrorPosition::Original(_)));
    let ours = told.position().is_none() && told.where_().is_none() && !sent.bound;
    let names_things_only = match code.get(..2).unwrap_or_default() {
        // RAISE says what its author wrote, under whatever SQLSTATE
        _ if told.routine() == Some("exec_stmt_raise") => false,
        "42" => at_our_text || ours || code == "42501",
        "08" | "0A" | "21" | "23" | "25" | "26" | "28" | "2B" | "34" | "3B" | "3D" | "3F"
        | "40" | "53" | "54" | "55" | "57" => true,
        "22" => harmless(told.message()),
        _ => false,
    };
    if *told.code() == SqlState::DEPENDENT_OBJECTS_STILL_EXIST
        && let Some(detail) = told.detail()
    {
        // which ones: names of the schema, a line for each
        return format!("{}: {}", told.message(), detail.replace('\n', ", "));
    }
    if names_things_only {
        return told.message().to_owned();
    }
    let meaning = meaning(code);
    format!(
        "{meaning} (SQLSTATE {code}); `Error::details` tells the server's words, which may hold values"
    )
}

/// Messages of class 22 that quote no value.
fn harmless(message: &str) -> bool {
    message.starts_with("value too long for type ")
        || matches!(
            message,
            "smallint out of range"
                | "integer out of range"
                | "bigint out of range"
                | "numeric field overflow"
                | "value out of range: overflow"
                | "value out of range: underflow"
                | "division by zero"
                | "timestamp out of range"
                | "date out of range"
        )
}

/// The SQL standard's word for a condition that is told without the server's words.
fn meaning(code: &str) -> &'static str {
    match code {
        "22001" => "the text is too long for its type",
        "22003" => "the number is out of range of its type",
        "22007" => "the text is no valid date or time",
        "22008" => "the date or time is out of range",
        "22012" => "division by zero",
        "22021" => "the text is not valid in the database's encoding",
        "22023" => "the value is not valid for this parameter",
        "22032" | "22P02" => "the text is no valid value of its type",
        "22P03" => "the binary form is no valid value of its type",
        "42P01" => "there is no such table, view or sequence",
        "42703" => "there is no such column",
        "42883" => "there is no such function",
        "44000" => "the row is outside its view",
        "P0001" => "a function of the database raised an error",
        _ => match code.get(..2).unwrap_or_default() {
            "22" => "the value is not valid for its type",
            "23" => "a constraint refused the row",
            "P0" => "a function of the database failed",
            "XX" => "internal error of the server",
            _ => "the server refused the statement",
        },
    }
}

fn kind(told: &DbError, timeout: Option<Duration>) -> ErrorKind {
    let state = told.code();
    match *state {
        SqlState::UNIQUE_VIOLATION => ErrorKind::UniqueViolation,
        SqlState::FOREIGN_KEY_VIOLATION | SqlState::RESTRICT_VIOLATION => {
            ErrorKind::ForeignKeyViolation
        }
        SqlState::NOT_NULL_VIOLATION => ErrorKind::NotNullViolation,
        SqlState::CHECK_VIOLATION => ErrorKind::CheckViolation,
        SqlState::T_R_SERIALIZATION_FAILURE => ErrorKind::SerializationFailure,
        SqlState::T_R_DEADLOCK_DETECTED => ErrorKind::Deadlock,
        SqlState::LOCK_NOT_AVAILABLE => ErrorKind::LockNotAvailable,
        SqlState::QUERY_CANCELED
            if timeout.is_some() && !told.message().contains("user request")
                || told.message().contains("statement timeout") =>
        {
            ErrorKind::StatementTimeout
        }
        SqlState::QUERY_CANCELED => ErrorKind::Cancelled,
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::DATABASE_DROPPED
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        | SqlState::IDLE_SESSION_TIMEOUT => ErrorKind::ConnectionLost,
        SqlState::UNDEFINED_TABLE => ErrorKind::UndefinedTable,
        SqlState::UNDEFINED_COLUMN => ErrorKind::UndefinedColumn,
        SqlState::INSUFFICIENT_PRIVILEGE => ErrorKind::PermissionDenied,
        SqlState::INVALID_CATALOG_NAME => ErrorKind::UnknownDatabase,
        SqlState::IN_FAILED_SQL_TRANSACTION => ErrorKind::SessionFailed,
        _ => match state.code().get(..2).unwrap_or_default() {
            "08" => ErrorKind::ConnectionLost,
            "22" => ErrorKind::ValueOutOfRange,
            "28" => ErrorKind::Authentication,
            _ => ErrorKind::Database,
        },
    }
}

/// The cause as far as it holds no values.
#[derive(Debug)]
struct Condition(String);

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server reported SQLSTATE {}", self.0)
    }
}

impl std::error::Error for Condition {}

/// How a failed attempt to connect goes on.
pub(super) enum Attempt {
    /// The server may be there in a moment.
    Again(Error),
    /// Trying again would not help.
    Failed(Error),
}

/// The error of an attempt to connect to `place`.
pub(super) fn of_connect(error: postgres::Error, place: &str) -> Attempt {
    if let Some(told) = error.as_db_error() {
        let starting = *told.code() == SqlState::CANNOT_CONNECT_NOW;
        let error = of_server(told, Sent::default()).with_context(format!("connecting to {place}"));
        return if starting {
            Attempt::Again(error.with_kind(ErrorKind::Unreachable))
        } else {
            Attempt::Failed(error)
        };
    }
    let shown = error.to_string();
    if shown.contains("TLS") {
        let why = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
        return Attempt::Failed(Error::new(
            ErrorKind::Tls,
            format!(
                "no encrypted connection to {place} could be had{why}; `sslmode` and `sslrootcert` of the URL say what is demanded"
            ),
        ));
    }
    if shown.contains("authentication") || shown.contains("invalid configuration") {
        let why = error.source().map_or(shown.clone(), ToString::to_string);
        return Attempt::Failed(Error::new(
            ErrorKind::Authentication,
            format!("{place} could not be entered: {why}"),
        ));
    }
    match error.into_source().map(<Cause>::downcast::<std::io::Error>) {
        Some(Ok(cause)) => of_io(*cause, place),
        _ => Attempt::Failed(Error::new(
            ErrorKind::Unreachable,
            format!("{place} did not answer as a PostgreSQL server: {shown}"),
        )),
    }
}

fn of_io(cause: std::io::Error, place: &str) -> Attempt {
    use std::io::ErrorKind as Io;
    let again = matches!(
        cause.kind(),
        Io::ConnectionRefused | Io::NotFound | Io::ConnectionReset | Io::UnexpectedEof
    );
    let error = Error::new(
        ErrorKind::Unreachable,
        format!(
            "{place} could not be reached: {cause}; check host and port, and that the server runs"
        ),
    )
    .with_source(cause);
    if again { Attempt::Again(error) } else { Attempt::Failed(error) }
}
