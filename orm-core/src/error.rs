//! The one error type of the library.
//!
//! Every fallible call returns [`Error`]. It says *what kind* of thing went wrong ([`ErrorKind`], to
//! act on), *what, where and what to do* in its message, and keeps facts the database told
//! (constraint, table, columns, SQLSTATE). Bound values and the server's DETAIL are kept apart and
//! are printed by [`Error::details`] only: no `Display`, `Debug` or source chain shows them.

use std::fmt;

/// `Result` with this library's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] tells of; made to be matched on.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A UNIQUE or PRIMARY KEY constraint refused a row.
    UniqueViolation,
    /// A FOREIGN KEY constraint refused a row or a deletion.
    ForeignKeyViolation,
    /// A NOT NULL column was given NULL.
    NotNullViolation,
    /// A CHECK constraint refused a row.
    CheckViolation,
    /// A value does not fit its column or its type.
    ValueOutOfRange,
    /// The transaction could not be serialized with others; running it again may succeed.
    SerializationFailure,
    /// The transaction was chosen to end a deadlock; running it again may succeed.
    Deadlock,
    /// The connection broke; nothing of the open transaction was kept.
    ConnectionLost,
    /// The connection broke while COMMIT was under way: the transaction may or may not be kept.
    CommitOutcomeUnknown,
    /// The server could not be reached within the connect timeout.
    Unreachable,
    /// The server refused the user or the password.
    Authentication,
    /// The server has no database of that name.
    UnknownDatabase,
    /// An encrypted connection was demanded and could not be had.
    Tls,
    /// No connection became free within the pool's timeout.
    PoolTimeout,
    /// The statement ran longer than the statement timeout.
    StatementTimeout,
    /// The statement was cancelled.
    Cancelled,
    /// A row could not be locked at once.
    LockNotAvailable,
    /// UPDATE or DELETE touched fewer rows than there were objects.
    Stale,
    /// A row was asked for that is not there.
    NotFound,
    /// One row was asked for and several were found.
    SeveralFound,
    /// Something was read that has not been loaded.
    NotLoaded,
    /// A value of the database can't be turned into the Rust type.
    Decode,
    /// The database can't do what was asked.
    Unsupported,
    /// An earlier error ended the transaction; only `rollback()` goes on.
    SessionFailed,
    /// The engine, connection, session or object is closed or gone.
    Closed,
    /// The URL, the engine's options or the models contradict themselves.
    Configuration,
    /// The statement contradicts itself; told before any SQL is sent.
    InvalidStatement,
    /// The objects of the session contradict one another; told before any SQL is sent.
    InvalidState,
    /// The database has no such table.
    UndefinedTable,
    /// The database has no such column.
    UndefinedColumn,
    /// The user may not do this.
    PermissionDenied,
    /// The database answered with an error of no other kind; see [`Error::sqlstate`].
    Database,
    /// A user's own error, carried by [`Error::custom`].
    Custom,
}

/// What went wrong: a kind to act on, a message to read, facts as far as the database told them.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    facts: Facts,
    statement: Option<String>,
    context: Vec<String>,
    source: Option<Source>,
}

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What the database told of an error; each as far as it told it.
#[derive(Clone, Default)]
pub struct Facts {
    /// The five letters of the SQL standard, or the SQLite result code's name.
    pub sqlstate: Option<String>,
    /// The constraint that refused.
    pub constraint: Option<String>,
    /// The table spoken of.
    pub table: Option<String>,
    /// The columns spoken of.
    pub columns: Vec<String>,
    /// Text that may hold values: never printed unless [`Error::details`] is called.
    pub details: Option<String>,
}

impl Error {
    /// An error of `kind` whose message says what, where and what to do; no values in it.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            facts: Facts::default(),
            statement: None,
            context: Vec::new(),
            source: None,
        }))
    }

    /// Carries a user's own error through a closure that returns [`Result`]; back by
    /// [`Error::downcast`].
    ///
    /// ```
    /// # use orm_core::error::{Error, ErrorKind};
    /// let error = Error::custom(std::fmt::Error);
    /// assert_eq!(error.kind(), ErrorKind::Custom);
    /// assert!(error.downcast::<std::fmt::Error>().is_ok());
    /// ```
    #[must_use]
    pub fn custom(error: impl Into<Source>) -> Error {
        let source = error.into();
        Error::new(ErrorKind::Custom, source.to_string()).with_source(source)
    }

    /// The kind, to act on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether running the whole transaction again may succeed: serialization failures and
    /// deadlocks.
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.kind, ErrorKind::SerializationFailure | ErrorKind::Deadlock)
    }

    /// The constraint that refused, as far as the database told it.
    pub fn constraint(&self) -> Option<&str> {
        self.0.facts.constraint.as_deref()
    }

    /// The table spoken of, as far as the database told it.
    pub fn table(&self) -> Option<&str> {
        self.0.facts.table.as_deref()
    }

    /// The columns spoken of, as far as the database told them.
    pub fn columns(&self) -> &[String] {
        &self.0.facts.columns
    }

    /// The SQLSTATE of PostgreSQL, or the name of SQLite's result code.
    pub fn sqlstate(&self) -> Option<&str> {
        self.0.facts.sqlstate.as_deref()
    }

    /// The SQL of the statement that failed, without its values.
    pub fn statement(&self) -> Option<&str> {
        self.0.statement.as_deref()
    }

    /// What the database said in full. **May hold values of rows**: print it only where secrets
    /// may be printed.
    pub fn details(&self) -> Option<&str> {
        self.0.facts.details.as_deref()
    }

    /// The user's error given to [`Error::custom`], or this error unchanged.
    pub fn downcast<E: std::error::Error + Send + Sync + 'static>(mut self) -> Result<E, Error> {
        match self.0.source.take() {
            Some(source) if self.0.kind == ErrorKind::Custom => match source.downcast::<E>() {
                Ok(error) => Ok(*error),
                Err(source) => Err(self.with_source(source)),
            },
            source => {
                self.0.source = source;
                Err(self)
            }
        }
    }

    /// The user's error given to [`Error::custom`], by reference.
    pub fn downcast_ref<E: std::error::Error + Send + Sync + 'static>(&self) -> Option<&E> {
        self.0.source.as_ref().and_then(|source| source.downcast_ref::<E>())
    }

    /// Adds what the database told.
    #[doc(hidden)]
    #[must_use]
    pub fn with_facts(mut self, facts: Facts) -> Error {
        self.0.facts = facts;
        self
    }

    /// Adds the cause; it must print no values.
    #[doc(hidden)]
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Error {
        self.0.source = Some(source.into());
        self
    }

    /// Adds the SQL (without values) that failed; the first one told is kept.
    #[doc(hidden)]
    #[must_use]
    pub fn with_statement(mut self, sql: &str) -> Error {
        self.0.statement.get_or_insert_with(|| sql.to_owned());
        self
    }

    /// Adds where it happened: objects, the query that made an autoflush run.
    #[doc(hidden)]
    #[must_use]
    pub fn with_context(mut self, context: impl Into<String>) -> Error {
        self.0.context.push(context.into());
        self
    }

    /// The same error under another kind (a lost connection during COMMIT).
    #[doc(hidden)]
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Error {
        self.0.kind = kind;
        self
    }

    /// A copy for every later call that meets the same failure; the cause's text stays, the cause
    /// itself does not.
    #[doc(hidden)]
    #[must_use]
    pub fn repeat(&self) -> Error {
        Error(Box::new(Inner {
            kind: self.0.kind,
            message: self.0.message.clone(),
            facts: self.0.facts.clone(),
            statement: self.0.statement.clone(),
            context: self.0.context.clone(),
            source: None,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for context in &self.0.context {
            write!(f, "; {context}")?;
        }
        match &self.0.statement {
            Some(sql) => write!(f, " [SQL: {}]", shortened(sql)),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, message, facts, statement, context, source } = &*self.0;
        let mut shown = f.debug_struct("Error");
        shown.field("kind", kind).field("message", message);
        if let Some(sqlstate) = &facts.sqlstate {
            shown.field("sqlstate", sqlstate);
        }
        if let Some(constraint) = &facts.constraint {
            shown.field("constraint", constraint);
        }
        if let Some(table) = &facts.table {
            shown.field("table", table);
        }
        if !facts.columns.is_empty() {
            shown.field("columns", &facts.columns);
        }
        if !context.is_empty() {
            shown.field("context", context);
        }
        if let Some(statement) = statement {
            shown.field("statement", &shortened(statement));
        }
        if let Some(source) = source {
            shown.field("source", source);
        }
        shown.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}

/// Long statements are cut in messages: the beginning says which one it is.
fn shortened(sql: &str) -> String {
    const MOST: usize = 500;
    match sql.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} …", &sql[..end]),
        None => sql.to_owned(),
    }
}
