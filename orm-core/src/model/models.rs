//! Several models at once: `Schema::of((Author, Article))`.

use super::{Entity, Model};
use crate::schema::Schema;

/// A model, as the value of its name, or a tuple of up to 8; tuples of tuples go further.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of models",
    label = "expected the name of a model such as `Article`, or a tuple of up to 8",
    note = "tuples of tuples go further: `((Author, Article), (Tag, Comment))`"
)]
pub trait Models {
    /// Adds them to a schema.
    #[doc(hidden)]
    fn insert_into(self, schema: &mut Schema);
}

#[diagnostic::do_not_recommend]
impl<E: Entity> Models for E {
    fn insert_into(self, schema: &mut Schema) {
        schema.insert(<E::Model as Model>::meta());
    }
}

macro_rules! tuples_of_models {
    ($(($($model:ident $index:tt),+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($model: Models),+> Models for ($($model,)+) {
            fn insert_into(self, schema: &mut Schema) {
                $(self.$index.insert_into(schema);)+
            }
        }
    )*};
}

tuples_of_models! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}

impl Schema {
    /// The models and those their foreign keys reach.
    ///
    /// ```ignore
    /// let schema = Schema::of((Author, Article, Tag));
    /// ```
    pub fn of(models: impl Models) -> Schema {
        let mut schema = Schema::new();
        models.insert_into(&mut schema);
        schema
    }
}
