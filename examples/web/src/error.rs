//! The one error of the API: a status, and a body that says what was wrong.
//!
//! What the database refuses is told by its kind and by the column it is about. The text of an
//! error holds SQL: it goes to the log, not to the client.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use orm::ErrorKind;
use serde::Serialize;

/// `{"error": "is taken", "column": "slug"}`
#[derive(Debug, Serialize)]
pub struct Problem {
    #[serde(skip)]
    status: StatusCode,
    error: String,
    /// The column that a value was refused for, as far as the database told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    /// The version there is, where the client has seen another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

impl Problem {
    fn new(status: StatusCode, error: impl Into<String>) -> Problem {
        Problem { status, error: error.into(), column: None, version: None }
    }

    pub fn not_found() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "there is no such article")
    }

    pub fn conflict(version: i64) -> Problem {
        let problem = Problem::new(StatusCode::CONFLICT, "it was changed since you read it");
        Problem { version: Some(version), ..problem }
    }

    pub fn internal() -> Problem {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong here")
    }
}

impl From<orm::Error> for Problem {
    fn from(error: orm::Error) -> Problem {
        let refused = match error.kind() {
            ErrorKind::NotFound => return Problem::not_found(),
            ErrorKind::UniqueViolation => "is taken",
            ErrorKind::ForeignKeyViolation => "does not exist",
            ErrorKind::NotNullViolation => "must be given",
            ErrorKind::CheckViolation => "is not allowed",
            ErrorKind::ValueOutOfRange => "is too long, or of another range",
            kind => {
                eprintln!("{error}"); // for whoever runs this; values are in no error's text
                return Problem::of_database(kind);
            }
        };
        let column = (!error.columns().is_empty()).then(|| error.columns().join(", "));
        Problem { column, ..Problem::new(StatusCode::UNPROCESSABLE_ENTITY, refused) }
    }
}

impl Problem {
    /// The client did nothing wrong: it may come again, or somebody has to look into the log.
    fn of_database(kind: ErrorKind) -> Problem {
        match kind {
            ErrorKind::PoolTimeout
            | ErrorKind::Unreachable
            | ErrorKind::ConnectionLost
            | ErrorKind::LockNotAvailable
            | ErrorKind::SerializationFailure
            | ErrorKind::Deadlock => {
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too busy just now, try again")
            }
            _ => Problem::internal(),
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(refused: JsonRejection) -> Problem {
        Problem::new(refused.status(), refused.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(refused: QueryRejection) -> Problem {
        Problem::new(refused.status(), refused.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}
