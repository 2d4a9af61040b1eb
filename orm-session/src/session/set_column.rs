//! `session.set` of a column: a value goes into the object, an expression waits for the flush.
//!
//! 1. An expression belongs to an object and a column; the last one counts.
//! 2. The object reads the last known value until the flush brings the new one.
//! 3. A field that was changed since by hand says what counts: the expression is dropped.
//! 4. What a transaction or a savepoint is rolled back to has no expressions: both begin behind a flush.

use super::Session;
use super::flush::Expressions;
use super::identity_map::ObjectId;
use super::state::State;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Object;
use orm_core::schema::{ModelMeta, Source};
use orm_core::statement::Node;
use orm_core::types::{BindWriter, KeptCell, Value, ValueRef, decode_error};

/// An expression that a column is set to by the next flush.
pub(super) struct Waiting {
    pub(super) field: usize,
    part: usize,
    node: Node,
    /// The object when it was set.
    seen: Box<dyn Object>,
}

impl Session {
    pub(super) fn set_column(
        &mut self,
        id: ObjectId,
        (field, part): (usize, usize),
        node: Node,
    ) -> Result<()> {
        self.usable()?;
        let meta = self.map.models[id.model].meta;
        let not_loaded = || {
            Error::new(
                ErrorKind::NotLoaded,
                format!("only the key of {} is known; read it first", self.map.describe(id)),
            )
        };
        if self.map.object(id).is_none() {
            return Err(not_loaded());
        }
        let value = match &node {
            Node::Value { value, .. } => Some(value.clone()),
            _ => None,
        };
        if value.is_none() {
            check(meta, field, &node)?;
        }
        self.touch(id);
        if let Some(waiting) = self.edits.expressions.get_mut(&id) {
            waiting.retain(|other| (other.field, other.part) != (field, part));
        }
        if let Some(value) = value {
            let name = meta.fields[field].name;
            let Some(cell) = KeptCell::of(&value) else {
                return Err(Error::new(
                    ErrorKind::ValueOutOfRange,
                    format!("`{}.{name}` can't be set to a year outside 0000 to 9999", meta.name),
                ));
            };
            if let Some(object) = self.map.object_mut(id) {
                let set = object.field_mut(field).decode(part, cell.lend());
                set.map_err(|why| decode_error(name, &why))?;
            }
            return Ok(());
        }
        if let Some((object, original)) =
            self.map.values_mut(id.model).and_then(|values| values.changed(id.slot))
        {
            let mut known = Taken(Value::Null);
            original.field(field).encode(part, &mut known);
            if !original.field(field).is_loaded() {
                object.field_mut(field).assign(original.field(field));
            } else if let Some(cell) = KeptCell::of(&known.0) {
                let name = meta.fields[field].name;
                let known = object.field_mut(field).decode(part, cell.lend());
                known.map_err(|why| decode_error(name, &why))?;
            }
        }
        if let Some(seen) = self.map.object(id).map(Object::boxed) {
            self.edits.expressions.entry(id).or_default().push(Waiting { field, part, node, seen });
        }
        Ok(())
    }

    /// Whether a column of an object waits for the value of an expression.
    pub(super) fn has_expression(&self, id: ObjectId) -> bool {
        let waiting = self.edits.expressions.get(&id);
        waiting.is_some_and(|waiting| waiting.iter().any(|one| self.counts(id, one)))
    }

    /// Whether the field was not changed since it was set to an expression.
    fn counts(&self, id: ObjectId, waiting: &Waiting) -> bool {
        let Waiting { field, part, seen, .. } = waiting;
        let object = self.map.object(id);
        object.is_some_and(|object| object.field(*field).same_part(*part, seen.field(*field)))
    }

    /// The expressions that the next flush sends, in the order of the objects.
    pub(super) fn expressions(&self) -> Expressions {
        let alive = |id: ObjectId| {
            matches!(self.map.state(id), State::Pending | State::Persistent | State::Stale)
        };
        let mut all: Expressions = Vec::new();
        for (&id, waiting) in self.edits.expressions.iter().filter(|&(&id, _)| alive(id)) {
            let table = self.map.models[id.model].meta.table();
            let counting = waiting.iter().filter(|one| self.counts(id, one));
            let set: Vec<(usize, Node)> = counting
                .filter_map(|one| {
                    Some((table.columns_of(one.field).nth(one.part)?, one.node.clone()))
                })
                .collect();
            if !set.is_empty() {
                all.push((id, set));
            }
        }
        all.sort_unstable_by_key(|&(id, _)| id);
        all
    }
}

struct Taken(Value);

impl BindWriter for Taken {
    fn put(&mut self, value: ValueRef<'_>) {
        self.0 = Value::from(value);
    }
}

/// An expression that a column of a model can be set to.
fn check(meta: &'static ModelMeta, field: usize, node: &Node) -> Result<()> {
    let described = &meta.fields[field];
    let place = format!("`{}.{}`", meta.name, described.name);
    let why = match described {
        _ if meta.key_fields().any(|key| key == field) => Some("it is the key of the row"),
        described if described.version => Some("a version is written by the flush"),
        described if described.computed.is_some() => Some("the database computes it"),
        _ => None,
    };
    if let Some(why) = why {
        let message = format!("{place} can't be set to an expression: {why}");
        return Err(Error::new(ErrorKind::InvalidState, message));
    }
    let mut other = None;
    node.sources(&mut |source| {
        if source != Source::of(meta) {
            other = Some(source);
        }
    });
    let why = match other {
        Some(source) => format!("with columns of `{}`", source.name()),
        None if node.has_aggregate() => "that is an aggregate".to_owned(),
        None => return Ok(()),
    };
    Err(Error::new(
        ErrorKind::InvalidStatement,
        format!(
            "{place} can't be set to an expression {why}; read it by a query and set its value, or write \
             the UPDATE as SQL text"
        ),
    ))
}
