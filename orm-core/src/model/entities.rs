//! Several models at once: `Schema::of((Author, Article, Tag))`.

use super::{Entity, Model};
use crate::schema::{ModelMeta, Schema};

/// An entity, or a tuple of entities and of such tuples.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of models",
    label = "expected a model's name such as `Article`, or a tuple of up to 12 of them (which may be tuples)"
)]
pub trait Entities {
    /// Calls `add` with each model.
    #[doc(hidden)]
    fn each(&self, add: &mut dyn FnMut(&'static ModelMeta));
}

#[diagnostic::do_not_recommend]
impl<E: Entity> Entities for E {
    fn each(&self, add: &mut dyn FnMut(&'static ModelMeta)) {
        add(<E::Model as Model>::meta());
    }
}

/// What an engine takes as its models: a [`Schema`], or what [`Schema::of`] takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of models",
    label = "expected a model's name such as `Article`, a tuple of up to 12 of them (which may be tuples), or a `Schema`"
)]
pub trait IntoSchema {
    /// The schema.
    fn into_schema(self) -> Schema;
}

impl IntoSchema for Schema {
    fn into_schema(self) -> Schema {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entities> IntoSchema for E {
    fn into_schema(self) -> Schema {
        Schema::of(self)
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: Entities),+> Entities for ($($name,)+) {
            fn each(&self, add: &mut dyn FnMut(&'static ModelMeta)) {
                $(self.$index.each(add);)+
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}

impl Schema {
    /// The models, and those their foreign keys reach.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// let schema = Schema::of((Author, Article, Tag));
    /// # assert!(schema.check().is_ok());
    /// ```
    pub fn of(models: impl Entities) -> Schema {
        let mut schema = Schema::new();
        models.each(&mut |model| schema.insert(model));
        schema
    }
}
