//! The report of lazy loads: where a program loads relationships one by one that a query could have
//! included. For development; a session that is not watched keeps nothing.

use super::Session;
use rustc_hash::FxHashMap;
use std::fmt;
use std::panic::Location;

/// A place of the program where a relationship was loaded when it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LazyLoad {
    /// The call of `session.load`, or of an accessor on a handle.
    pub at: &'static Location<'static>,
    /// The model that the relationship starts at.
    pub model: &'static str,
    /// The relationship's field.
    pub relationship: &'static str,
    /// How often it was asked for there, what was loaded already included.
    pub calls: u64,
    /// How many statements that sent.
    pub statements: u64,
}

impl fmt::Display for LazyLoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LazyLoad { at, model, relationship, calls, statements } = self;
        write!(
            f,
            "{at}: `{model}.{relationship}` was asked for {calls} times, loaded by {statements} \
             statements; `.include({model}.{relationship})` in the query of `{model}` sends one"
        )
    }
}

/// What a watched session keeps.
#[derive(Debug, Default)]
pub(crate) struct LazyLoads {
    warn_above: u64,
    by_place: FxHashMap<(&'static Location<'static>, &'static str, &'static str), LazyLoad>,
}

impl LazyLoads {
    pub fn new(warn_above: u64) -> LazyLoads {
        LazyLoads { warn_above, by_place: FxHashMap::default() }
    }

    /// One more call, and the statements it sent; warns when these become too many.
    pub fn note(
        &mut self,
        at: &'static Location<'static>,
        model: &'static str,
        relationship: &'static str,
        statements: u64,
    ) {
        let load = self.by_place.entry((at, model, relationship)).or_insert(LazyLoad {
            at,
            model,
            relationship,
            calls: 0,
            statements: 0,
        });
        load.calls += 1;
        let before = load.statements;
        load.statements += statements;
        if before <= self.warn_above && load.statements > self.warn_above {
            tracing::warn!(
                target: "orm::lazy_loads",
                statements = load.statements,
                calls = load.calls,
                "{load}"
            );
        }
    }
}

impl Session {
    /// Watches lazy loads: [`Session::lazy_loads`] tells them, and a `tracing` warning (target
    /// `orm::lazy_loads`) the place that sends more than so many statements. For development, where
    /// it finds loops that load one by one; `Engine::builder(..).watch_lazy_loads(..)` does it for
    /// all sessions.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, _) = blog()?;
    /// let mut session = engine.session().watch_lazy_loads(1);
    /// for id in [1, 2] {
    ///     let author = session.get(Author, id)?.unwrap();
    ///     author.articles(&mut session)?;
    /// }
    /// let loads = session.lazy_loads();
    /// assert_eq!((loads[0].relationship, loads[0].calls, loads[0].statements), ("articles", 2, 2));
    /// println!("{}", loads[0]);
    /// // src/main.rs:7:12: `Author.articles` was asked for 2 times, loaded by 2 statements; …
    /// # Ok::<(), Error>(())
    /// ```
    pub fn watch_lazy_loads(mut self, warn_above: u64) -> Session {
        self.lazy_loads = Some(LazyLoads::new(warn_above));
        self
    }

    /// Where relationships were loaded when they were asked for, most statements first; nothing for
    /// a session that is not watched.
    pub fn lazy_loads(&self) -> Vec<LazyLoad> {
        let noted = self.lazy_loads.iter().flat_map(|loads| loads.by_place.values());
        let mut loads: Vec<LazyLoad> = noted.filter(|load| load.statements > 0).cloned().collect();
        loads.sort_by_key(|load| {
            (std::cmp::Reverse(load.statements), load.at, load.model, load.relationship)
        });
        loads
    }
}
