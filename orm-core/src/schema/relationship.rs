//! Relationships, both sides known.
//!
//! Rules:
//! 1. A `Ref` is a many-to-one. Its other side is the collection of its target that names it by
//!    `back_populates`, where there is one.
//! 2. `Many` (or `One`) with `back_populates = f` is the other side of the `Ref` called `f`.
//! 3. `Many` with `secondary = "t"` is a many-to-many over the link table `t`: a table of two
//!    foreign keys, one per model, which are its primary key together, with ON DELETE CASCADE, and ON
//!    UPDATE CASCADE to a key that the database does not make. Of a
//!    model with itself the keys are called `left` and `right`; of two such collections that are
//!    each other's other side, the one declared first owns `left`. Of two models of one name the
//!    keys are called by their tables.
//! 4. Both sides of a many-to-many name the same table.
//! 5. A `Many` that is `view_only` reads the rows of another one, those that its condition is true for;
//!    it is no other side of anything.

use super::{
    Cascade, ConditionMeta, FieldMeta, FieldSpec, ModelMeta, ReferentialAction, RelationshipMeta,
    Table, TableMeta, Target,
};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

/// A relationship of a model.
#[derive(Debug)]
pub struct Relationship {
    /// The field that it is.
    pub field: usize,
    /// The model at the other end.
    pub target: &'static ModelMeta,
    /// How rows are connected.
    pub kind: RelationshipKind,
    /// What is done to the objects at the other end.
    pub cascade: Cascade,
    /// Whether what becomes of them with their owner is left to the database.
    pub passive_deletes: bool,
    /// The fields of the target that a collection is sorted by, and whether falling.
    pub order_by: Vec<(usize, bool)>,
    /// The target's field that is the other side.
    pub back: Option<usize>,
    /// Whether it is read only.
    pub view_only: bool,
    /// A condition of its own on what it leads to.
    pub filter: Option<ConditionMeta>,
    /// The target's field that keeps the places in a collection.
    pub position: Option<usize>,
}

/// How the rows of a relationship are connected.
#[derive(Clone, Copy, Debug)]
pub enum RelationshipKind {
    /// By this model's foreign key.
    ManyToOne,
    /// By the foreign key that is the field `reference` of the target.
    OneToMany {
        /// The target's `Ref`.
        reference: usize,
    },
    /// The same, with one row at most.
    OneToOne {
        /// The target's `Ref`.
        reference: usize,
    },
    /// By the rows of a link table.
    ManyToMany {
        /// The link table.
        link: &'static ModelMeta,
        /// The link's reference to this model.
        own: usize,
        /// The link's reference to the target.
        other: usize,
    },
}

impl Relationship {
    /// The target's `Ref` that a collection is the other side of.
    pub fn reference(&self) -> Option<usize> {
        match self.kind {
            RelationshipKind::OneToMany { reference }
            | RelationshipKind::OneToOne { reference } => Some(reference),
            RelationshipKind::ManyToOne | RelationshipKind::ManyToMany { .. } => None,
        }
    }
}

/// Adds the relationships of a model whose columns are known.
pub(super) fn add_all(table: &mut Table) {
    for (index, field) in table.model.fields.iter().enumerate() {
        match resolve(table.model, index, field) {
            Ok(Some(relationship)) if relationship.view_only => table.view_only.push(relationship),
            Ok(Some(relationship)) => table.relationships.push(relationship),
            Ok(None) => {}
            Err(problem) => table.problems.push(problem),
        }
    }
}

fn resolve(
    model: &'static ModelMeta,
    index: usize,
    field: &FieldMeta,
) -> Result<Option<Relationship>, String> {
    let said = &field.relationship;
    let (target, kind, back) = match field.spec {
        FieldSpec::Column { .. } | FieldSpec::Embedded { .. } => return Ok(None),
        FieldSpec::Reference { target, .. } => (
            target.model(),
            RelationshipKind::ManyToOne,
            collection_over(target.model(), model, field.name),
        ),
        FieldSpec::Collection { target, one } => {
            if let Some(link) = said.secondary {
                let (kind, back) = many_to_many(model, index, field, target.model(), link)?;
                (target.model(), kind, back)
            } else {
                let reference = reference_of(model, field, target.model())?;
                let kind = if one {
                    RelationshipKind::OneToOne { reference }
                } else {
                    RelationshipKind::OneToMany { reference }
                };
                (target.model(), kind, Some(reference))
            }
        }
    };
    let order_by = said
        .order_by
        .iter()
        .filter_map(|&(name, falling)| Some((target.field_index(name)?, falling)))
        .collect();
    Ok(Some(Relationship {
        field: index,
        target,
        kind,
        cascade: said.cascade,
        passive_deletes: said.passive_deletes,
        order_by,
        back,
        view_only: said.view_only,
        filter: said.filter,
        position: said.position.and_then(|name| target.field_index(name)),
    }))
}

/// The collection of `target` that is the other side of a `Ref` of `model`.
fn collection_over(
    target: &'static ModelMeta,
    model: &'static ModelMeta,
    reference: &str,
) -> Option<usize> {
    target.fields.iter().position(|field| {
        matches!(field.spec, FieldSpec::Collection { target, .. } if *target.model() == *model)
            && field.relationship.secondary.is_none()
            && !field.relationship.view_only
            && field.relationship.back_populates == Some(reference)
    })
}

/// The `Ref` that a collection is the other side of.
fn reference_of(
    model: &'static ModelMeta,
    field: &FieldMeta,
    target: &'static ModelMeta,
) -> Result<usize, String> {
    let place = format!("`{}.{}`", model.name, field.name);
    let points_back = |field: &FieldMeta| matches!(field.spec, FieldSpec::Reference { target, .. } if *target.model() == *model);
    let Some(name) = field.relationship.back_populates else {
        return Err(format!(
            "{place} has no other side; name the `Ref<{}>` of `{}` by `back_populates = …`",
            model.name, target.name
        ));
    };
    match target.field_index(name) {
        Some(index) if points_back(&target.fields[index]) => match target.variant_of(index) {
            None => Ok(index),
            Some(variant) => Err(format!(
                "{place}: `{name}` is of the variant `{}` alone; put it into `shared(…)` of `{}`, \
                 and into each variant",
                variant.model, target.name
            )),
        },
        _ => {
            let choices: Vec<String> = target
                .fields
                .iter()
                .filter(|field| points_back(field))
                .map(|field| format!("`{}`", field.name))
                .collect();
            Err(format!(
                "{place}: `back_populates = {name}` is no `Ref<{}>` of `{}`{}",
                model.name,
                target.name,
                if choices.is_empty() {
                    String::new()
                } else {
                    format!("; these are: {}", choices.join(", "))
                }
            ))
        }
    }
}

fn many_to_many(
    model: &'static ModelMeta,
    index: usize,
    field: &FieldMeta,
    target: &'static ModelMeta,
    link: &'static str,
) -> Result<(RelationshipKind, Option<usize>), String> {
    let place = format!("`{}.{}`", model.name, field.name);
    let back = match field.relationship.back_populates {
        None => None,
        Some(name) => match target.field_index(name) {
            Some(other) if is_other_side(&target.fields[other], model, link) => Some(other),
            Some(_) | None => {
                return Err(format!(
                    "{place}: `back_populates = {name}` is no `Many<{}>` of `{}` with \
                     `secondary = \"{link}\"`; both sides name the same table",
                    model.name, target.name
                ));
            }
        },
    };
    let link_model = link_model(link, model, target);
    let reversed = if *model == *target {
        back.is_some_and(|other| other < index)
    } else {
        link_model.fields[0].target() != Some(model)
    };
    let (own, other) = if reversed { (1, 0) } else { (0, 1) };
    Ok((RelationshipKind::ManyToMany { link: link_model, own, other }, back))
}

fn is_other_side(field: &FieldMeta, model: &'static ModelMeta, link: &str) -> bool {
    matches!(field.spec, FieldSpec::Collection { target, .. } if *target.model() == *model)
        && field.relationship.secondary == Some(link)
}

impl FieldMeta {
    /// The model that the field points to.
    pub fn target(&self) -> Option<&'static ModelMeta> {
        match self.spec {
            FieldSpec::Reference { target, .. } | FieldSpec::Collection { target, .. } => {
                Some(target.model())
            }
            FieldSpec::Column { .. } | FieldSpec::Embedded { .. } => None,
        }
    }
}

/// The link table between two models, the same for both sides: made once for the program.
fn link_model(
    name: &'static str,
    one: &'static ModelMeta,
    other: &'static ModelMeta,
) -> &'static ModelMeta {
    type Links = HashMap<(&'static str, usize, usize), &'static ModelMeta>;
    static LINKS: LazyLock<Mutex<Links>> = LazyLock::new(Mutex::default);
    // the same order whichever side asks, and whichever program: by names alone
    let place = |model: &'static ModelMeta| std::ptr::from_ref(model).addr();
    let names = |model: &'static ModelMeta| (model.name, model.schema, model.table);
    let (one, other) = if names(other) < names(one) { (other, one) } else { (one, other) };
    let mut links = LINKS.lock().unwrap_or_else(PoisonError::into_inner);
    links.entry((name, place(one), place(other))).or_insert_with(|| make_link(name, one, other))
}

/// What the two keys of a link table begin with: the models' names; those of their tables for two
/// models of one name.
fn end_names(one: &'static ModelMeta, other: &'static ModelMeta) -> (&'static str, &'static str) {
    let with_schema = |model: &'static ModelMeta| match model.schema {
        Some(schema) => Box::leak(format!("{schema}_{}", model.table).into_boxed_str()),
        None => model.table,
    };
    if *one == *other {
        ("left", "right")
    } else if one.snake != other.snake {
        (one.snake, other.snake)
    } else if one.table != other.table {
        (one.table, other.table)
    } else {
        (with_schema(one), with_schema(other))
    }
}

/// Whether the database makes the key, which nobody changes then.
fn has_made_key(model: &'static ModelMeta) -> bool {
    let mut key = model.key_fields().map(|field| &model.fields[field].spec);
    key.all(|spec| matches!(spec, FieldSpec::Column { auto: true, .. }))
}

fn make_link(
    name: &'static str,
    one: &'static ModelMeta,
    other: &'static ModelMeta,
) -> &'static ModelMeta {
    let (left, right) = end_names(one, other);
    let reference = |name, model: &'static ModelMeta| FieldMeta {
        primary_key: true,
        on_delete: ReferentialAction::Cascade,
        on_update_key: if has_made_key(model) {
            ReferentialAction::NoAction
        } else {
            ReferentialAction::Cascade
        },
        relationship: RelationshipMeta::NONE,
        ..FieldMeta::of(
            name,
            FieldSpec::Reference { target: Target::Known(model), nullable: false },
        )
    };
    let fields = Box::leak(Box::new([reference(left, one), reference(right, other)]));
    Box::leak(Box::new(ModelMeta {
        name,
        snake: name,
        table: name,
        schema: one.schema,
        fields,
        declared: TableMeta::NONE,
        resolved: Box::leak(Box::new(OnceLock::new())),
        type_id: std::any::TypeId::of::<Relationship>,
    }))
}
