//! What every case begins with: an engine, the tables of the shared models, a look from outside.

pub use crate::common::{committed, panic_of, run, statements};
use crate::models::*;
use orm::prelude::*;
use orm_test_support::TestDatabase;

/// An engine on a database with the tables of the shared models.
pub fn ready(db: &TestDatabase) -> Engine {
    let engine = engine_of(db);
    engine.create_all().expect("the tables of the shared models can be created");
    engine
}

/// An engine that knows the shared models; nothing is created.
pub fn engine_of(db: &TestDatabase) -> Engine {
    let families = (Parent, Child, Node, Natural, NaturalChild, Pair, PairChild);
    let models = Schema::of((families, Left, Right, Hen, Egg, Stamped, Lonely));
    Engine::builder(db.url()).models(models).build().expect("the shared models fit together")
}

/// A typed error of the library itself, not of the database; it shows no value.
pub fn refused<T: std::fmt::Debug>(work: impl FnOnce() -> orm::Result<T>) -> orm::Error {
    let error = work().expect_err("it can't be kept");
    assert_eq!(error.sqlstate(), None, "{error:?}");
    assert_eq!(error.kind(), orm::ErrorKind::ValueOutOfRange, "{error:?}");
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.contains("SECRET"), "{shown}");
    }
    error
}
