//! Relationships to the objects that point to this one, or are linked to it: `Author.articles`,
//! `Person.passport`.

use super::relation::{self, IncludePath, JoinTo, Joined, Path, Relation};
use super::{Condition, Predicate};
use crate::error::Result;
use crate::model::{Entity, Handle, Model, RawHandle};
use crate::statement::{Node, Source};
use std::fmt;
use std::marker::PhantomData;

/// The relationship from `M` to many `T`.
pub struct ToMany<M, T> {
    source: Source,
    field: u16,
    models: PhantomData<fn() -> (M, T)>,
}

/// The relationship from `M` to the one `T` that points to it.
pub struct OneToOne<M, T> {
    source: Source,
    field: u16,
    models: PhantomData<fn() -> (M, T)>,
}

macro_rules! relationship {
    ($name:ident, $loaded:ty, |$found:ident| $convert:expr) => {
        impl<M, T> $name<M, T> {
            /// The relationship of the field at `field`.
            #[doc(hidden)]
            pub const fn __new(source: Source, field: u16) -> $name<M, T> {
                $name { source, field, models: PhantomData }
            }

            /// What it comes from.
            #[doc(hidden)]
            pub const fn __source(self) -> Source {
                self.source
            }
        }

        impl<M, T> Clone for $name<M, T> {
            fn clone(&self) -> $name<M, T> {
                *self
            }
        }

        impl<M, T> Copy for $name<M, T> {}

        impl<M, T> fmt::Debug for $name<M, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let model = self.source.model;
                write!(f, "{}.{}", model.name, model.fields[usize::from(self.field)].name)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<M: Model, T: Model> Relation for $name<M, T> {
            type From = M;
            type To = T;
            type Loaded = $loaded;

            fn start(&self) -> Source {
                self.source
            }

            fn position(&self) -> usize {
                usize::from(self.field)
            }

            fn loaded($found: Vec<RawHandle>) -> Result<$loaded> {
                Ok($convert)
            }
        }
    };
}

relationship!(ToMany, Vec<Handle<T>>, |found| relation::typed(found));
relationship!(OneToOne, Option<Handle<T>>, |found| found.first().map(|handle| handle.typed()));

impl<M, T: Model> ToMany<M, T> {
    /// One of them at least meets a condition.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let log = engine.record();
    /// let about_rust = Author.articles.any(|article| article.title.contains("Rust"));
    /// let authors = select(Author).filter(about_rust).all(&mut session)?;
    /// // … WHERE EXISTS (SELECT … FROM "articles" AS "articles_1" WHERE …)
    /// # assert!(log.take().iter().any(|sql| sql.contains("EXISTS (SELECT ")));
    /// # assert_eq!(authors.len(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn any<C: Condition>(self, condition: impl FnOnce(T::Entity) -> C) -> Predicate {
        relation::exists(self.source, usize::from(self.field), T::entity(), condition)
    }

    /// There is one at least.
    pub fn exists(self) -> Predicate {
        self.any(|_| Predicate::of(Node::And(Vec::new())))
    }

    /// The same relationship to an alias of the other model, for `join`.
    pub fn to(self, other: T::Entity) -> JoinTo {
        JoinTo::new(self.source, usize::from(self.field), other.__source())
    }

    /// What is loaded further, in `include`.
    pub fn then(self, path: impl IncludePath<T>) -> Path<M> {
        Path::new(self.source.model, usize::from(self.field), path.nodes())
    }

    /// The same, read in the rows of its owner by a LEFT JOIN, in `include`.
    pub fn joined(self) -> Joined<M, T> {
        Joined::new(self.source.model, usize::from(self.field))
    }
}

impl<M, T: Model> OneToOne<M, T> {
    /// It is there and meets a condition.
    pub fn has<C: Condition>(self, condition: impl FnOnce(T::Entity) -> C) -> Predicate {
        relation::exists(self.source, usize::from(self.field), T::entity(), condition)
    }

    /// It is there.
    pub fn exists(self) -> Predicate {
        self.has(|_| Predicate::of(Node::And(Vec::new())))
    }

    /// The same relationship to an alias of the other model, for `join`.
    pub fn to(self, other: T::Entity) -> JoinTo {
        JoinTo::new(self.source, usize::from(self.field), other.__source())
    }

    /// What is loaded further, in `include`.
    pub fn then(self, path: impl IncludePath<T>) -> Path<M> {
        Path::new(self.source.model, usize::from(self.field), path.nodes())
    }

    /// The same, read in the rows of its owner by a LEFT JOIN, in `include`.
    pub fn joined(self) -> Joined<M, T> {
        Joined::new(self.source.model, usize::from(self.field))
    }
}
