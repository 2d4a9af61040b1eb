//! The events that programs collect by `tracing`, without values: what a flush sends, what a session
//! that is dropped loses.

use crate::models::*;
use crate::setup::ready;
use orm_test_support::{TestDatabase, on_each_database};
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};

on_each_database! {
    a_flush_tells_its_plan,
    a_session_that_is_dropped_warns_of_what_is_lost,
    a_session_that_loses_nothing_is_dropped_quietly,
}

/// Writes down the events of a target: the message, and what stands beside it.
#[derive(Clone)]
struct Heard {
    target: &'static str,
    text: Arc<Mutex<String>>,
}

impl Visit for Heard {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = self.text.lock().unwrap();
        match field.name() {
            "message" => writeln!(text, "{value:?}").unwrap(),
            name => writeln!(text, "{name}={value:?}").unwrap(),
        }
    }
}

impl tracing::Subscriber for Heard {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == self.target
    }

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// What a target tells while `work` runs.
fn heard(target: &'static str, work: impl FnOnce() -> orm::Result<()>) -> orm::Result<String> {
    let heard = Heard { target, text: Arc::default() };
    tracing::subscriber::with_default(heard.clone(), work)?;
    let text = heard.text.lock().unwrap().clone();
    Ok(text)
}

fn a_flush_tells_its_plan(db: &TestDatabase) -> orm::Result<()> {
    let engine = ready(db);
    let mut session = engine.session();
    let told = heard("orm::flush", || {
        let ann = session.add(Parent::new("Ann"));
        session.add(Child::new("Bo", 3, ann));
        session.add(Child::new("Cy", 4, ann));
        session.flush()?;
        session[ann].note = Some("s3cret".into());
        session.flush()
    })?;
    assert_eq!(
        told,
        "insert 1 row into parents (name, note)\n\
         insert 2 rows into children (name, age, parent_id)\n\n\
         update 1 row of parents (note)\n\n"
    );
    Ok(())
}

fn a_session_that_is_dropped_warns_of_what_is_lost(db: &TestDatabase) -> orm::Result<()> {
    let engine = ready(db);
    let told = heard("orm::session", || {
        let mut session = engine.session();
        session.add_all([Parent::new("Ann"), Parent::new("Bo")]);
        Ok(())
    })?;
    assert_eq!(told, "a session was dropped with changes that were not flushed\nobjects=2\n");
    Ok(())
}

fn a_session_that_loses_nothing_is_dropped_quietly(db: &TestDatabase) -> orm::Result<()> {
    let engine = ready(db);
    let told = heard("orm::session", || {
        let mut session = engine.session();
        session.add(Parent::new("Ann"));
        session.commit()
    })?;
    assert_eq!(told, "");
    Ok(())
}
