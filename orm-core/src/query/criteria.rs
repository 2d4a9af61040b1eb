//! Criteria of engines, sessions and connections, typed; and statements that leave them out.

use super::Select;
use crate::expression::{Condition, apart};
use crate::model::{Entity, Model};
use crate::statement::{Criteria, Criterion};
use std::sync::Arc;

impl Criteria {
    /// Adds a condition that holds for each mention of a model's table.
    #[must_use]
    pub fn with<E: Entity, C: Condition>(
        mut self,
        name: &'static str,
        entity: E,
        condition: impl Fn(E) -> C + Send + Sync + 'static,
    ) -> Criteria {
        let condition = Arc::new(move |source: crate::statement::Source| {
            let mentioned = match source.alias {
                Some(alias) => entity.__aliased(alias),
                None => E::Model::entity(),
            };
            apart(|| condition(mentioned).into_predicate().node)
        });
        self.add(Criterion { name, model: <E::Model as Model>::meta(), condition });
        self
    }
}

impl<S, X> Select<S, X> {
    /// Leaves out the criteria of this name, which the session, the connection or the engine has: in
    /// this statement, and in what it includes. Others hold.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, session) = blog()?; drop(session);
    /// let mut session =
    ///     engine.session().criterion("at home", Author, |author| author.country.is_null());
    /// let all = select(Author).without_criterion("at home");
    /// assert_eq!(session.query(Author).count()?, 2);
    /// assert_eq!(all.count(&mut session)?, 3);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// A name that no criterion has is `InvalidStatement` where the statement is run.
    pub fn without_criterion(mut self, name: &'static str) -> Self {
        self.statement.left_out.names.push(name);
        self
    }

    /// Leaves out all criteria, in this statement and in what it includes.
    pub fn without_criteria(mut self) -> Self {
        self.statement.left_out.all = true;
        self
    }
}
