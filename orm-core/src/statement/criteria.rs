//! Criteria: conditions over one model that hold for each mention of its table, and which of them a
//! statement leaves out.
//!
//! A criterion is asked for its condition at each mention, under the name that the table has there. A
//! statement can leave criteria out by name, or all; what it leaves out is left out in all of it.

use super::{Node, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::ModelMeta;
use std::fmt;
use std::sync::Arc;

/// The condition of a criterion at a mention of its table.
pub type ConditionOf = dyn Fn(Source) -> Node + Send + Sync;

/// A condition that holds for each mention of a model's table.
#[derive(Clone)]
pub struct Criterion {
    /// What it is left out by.
    pub name: &'static str,
    /// The model.
    pub model: &'static ModelMeta,
    /// The condition.
    pub condition: Arc<ConditionOf>,
}

impl fmt::Debug for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.name, self.model.name)
    }
}

/// The criteria of an engine, a session or a connection, and those of them that are left out now.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    /// `None` where there are none, which costs nothing.
    all: Option<Arc<[Criterion]>>,
    left_out: LeftOut,
}

impl Criteria {
    /// No criteria: what reads and writes rows by keys that it knows, for objects that are there.
    pub const NONE: Criteria = Criteria { all: None, left_out: LeftOut::EVERYTHING };

    /// Adds one.
    pub fn add(&mut self, criterion: Criterion) {
        let mut all: Vec<Criterion> = self.all.as_deref().unwrap_or_default().to_vec();
        all.push(criterion);
        self.all = Some(all.into());
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_none()
    }

    /// The same, with more of them left out.
    ///
    /// # Errors
    /// `InvalidStatement` for a name that none of them has.
    pub fn leaving_out(&self, more: &LeftOut) -> Result<Criteria> {
        for name in &more.names {
            if !self.left_out.all && !self.each().any(|known| known.name == *name) {
                return Err(self.unknown(name));
            }
        }
        let mut left_out = self.left_out.clone();
        left_out.all |= more.all;
        left_out.names.extend(&more.names);
        Ok(Criteria { all: self.all.clone(), left_out })
    }

    /// The same, with none of them left out.
    #[must_use]
    pub fn whole(&self) -> Criteria {
        Criteria { all: self.all.clone(), left_out: LeftOut::NOTHING }
    }

    /// The same, with all of them left out.
    #[must_use]
    pub fn none(&self) -> Criteria {
        Criteria { all: self.all.clone(), left_out: LeftOut::EVERYTHING }
    }

    /// Those that hold for a model now.
    pub fn of(&self, model: &'static ModelMeta) -> impl Iterator<Item = &Criterion> {
        self.each().filter(move |known| *known.model == *model && !self.left_out.has(known.name))
    }

    /// Whether one holds for a model now.
    pub fn hold_for(&self, model: &'static ModelMeta) -> bool {
        self.all.is_some() && self.of(model).next().is_some()
    }

    /// Whether a model has one that is left out now.
    pub fn are_left_out_for(&self, model: &'static ModelMeta) -> bool {
        self.all.is_some()
            && self.each().any(|known| *known.model == *model && self.left_out.has(known.name))
    }

    /// All of them.
    pub fn each(&self) -> impl Iterator<Item = &Criterion> {
        self.all.as_deref().unwrap_or_default().iter()
    }

    fn unknown(&self, name: &str) -> Error {
        let mut known: Vec<String> =
            self.each().map(|criterion| format!("`{}`", criterion.name)).collect();
        known.dedup();
        let known = if known.is_empty() {
            "there are none here".to_owned()
        } else {
            format!("these are: {}", known.join(", "))
        };
        Error::new(
            ErrorKind::InvalidStatement,
            format!("no criterion is called `{name}`, which is to be left out; {known}"),
        )
    }
}

/// Which criteria a statement leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeftOut {
    /// Whatever they are called.
    pub all: bool,
    /// Those called so.
    pub names: Vec<&'static str>,
}

impl LeftOut {
    /// None of them.
    pub const NOTHING: LeftOut = LeftOut { all: false, names: Vec::new() };

    /// All of them.
    pub const EVERYTHING: LeftOut = LeftOut { all: true, names: Vec::new() };

    /// Whether nothing is left out.
    pub fn is_nothing(&self) -> bool {
        !self.all && self.names.is_empty()
    }

    fn has(&self, name: &str) -> bool {
        self.all || self.names.contains(&name)
    }
}
