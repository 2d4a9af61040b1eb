//! `debug_view`: what a session holds, as a listing for whoever looks for a mistake.
//!
//! Reads only: nothing is settled, flushed or sent. Values of rows are secrets, keys of text among
//! them; they are shown by `{:#}` alone. Objects are named as errors name them, with the place behind
//! it that their handles print.

use super::identity_map::{EntryState, ObjectId};
use super::links::PairChange;
use super::state::State;
use super::{Session, edits};
use orm_core::model::{Field, Object};
use orm_core::schema::ModelMeta;
use orm_core::types::{BindWriter, ShownKey, Value, ValueRef};
use rustc_hash::FxHashSet;
use std::fmt;

/// What a session holds, to be printed: see [`Session::debug_view`].
#[derive(Clone, Copy)]
pub struct DebugView<'a> {
    session: &'a Session,
}

impl Session {
    /// What the session holds, to be printed: the transaction, the objects by state and model, changed
    /// ones first with the fields that differ, and what is to be done to relationships.
    ///
    /// `Author(1) #0` is the object with the key 1, as errors name it, whose handle prints as
    /// `Author#0`; one without a row is `Author(new #0)`. `{}` shows no values, `{:#}` keys of text
    /// and what changed fields were and are: print that only where the data may be printed. Sends
    /// nothing and changes nothing.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// let ezz = session.get(Author, 1)?.unwrap();
    /// session[ezz].country = Some("NL".into());
    /// assert_eq!(
    ///     session.debug_view().to_string(),
    ///     "transaction open, 1 object\npersistent\n  Author(1) #0: country changed\n"
    /// );
    /// # Ok::<(), Error>(())
    /// ```
    pub fn debug_view(&self) -> DebugView<'_> {
        DebugView { session: self }
    }

    /// The fields of an object that differ from what its row was known to hold.
    fn changed_fields(&self, id: ObjectId) -> Vec<(&'static str, &dyn Field, &dyn Field)> {
        let original = self.map.values(id.model).and_then(|values| values.original(id.slot));
        let (Some(object), Some(original)) = (self.map.object(id), original) else {
            return Vec::new();
        };
        let fields = self.map.models[id.model].meta.fields.iter().enumerate();
        let fields = fields.map(|(at, field)| (field.name, original.field(at), object.field(at)));
        fields.filter(|(_, before, now)| !before.same(*now)).collect()
    }

    /// The fields of an object that are set to expressions, which the next flush sends.
    fn set_to_expressions(&self, id: ObjectId) -> Vec<&'static str> {
        let waiting = self.edits.expressions.get(&id).into_iter().flatten();
        waiting.map(|waiting| self.field_name(id, waiting.field)).collect()
    }

    /// Everything that is to be done to relationships and that no column shows, a line for each.
    fn relationship_edits(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (model, map) in self.map.models.iter().enumerate() {
            for slot in 0..map.entries.len() {
                self.collection_edits(ObjectId { model, slot }, &mut lines);
            }
        }
        for table in self.edits.links.tables() {
            for (change, word) in [
                (PairChange::Added, "linked to"),
                (PairChange::Removed, "unlinked from"),
                (PairChange::RemovedIfThere, "unlinked from"),
            ] {
                for (left, right) in table.pairs(change) {
                    let (left, right) = (self.map.describe(left), self.map.describe(right));
                    lines.push(format!("{left} {word} {right} ({})", table.link.table));
                }
            }
        }
        let mut orphans: Vec<_> = self.edits.orphans.iter().collect();
        orphans.sort_unstable_by_key(|(place, _)| **place);
        for (&(child, _), orphan) in orphans {
            let field = self.field_name(orphan.owner, orphan.collection);
            let (child, owner) = (self.map.describe(child), self.map.describe(orphan.owner));
            let then = if orphan.delete { ", deleted unless it finds another" } else { "" };
            lines.push(format!("{child} taken out of {owner}.{field}{then}"));
        }
        lines
    }

    /// What was put into and taken out of the loaded collections of an object since it was lent.
    fn collection_edits(&self, id: ObjectId, lines: &mut Vec<String>) {
        if self.map.values(id.model).and_then(|values| values.original(id.slot)).is_none() {
            return;
        }
        for relationship in &self.map.models[id.model].meta.table().relationships {
            let members =
                |original| edits::members(&self.map, id, relationship, original).into_iter();
            let is_collection =
                |object: &dyn Object| object.field(relationship.field).collection().is_some();
            if !self.map.object(id).is_some_and(is_collection) {
                continue;
            }
            let (before, now): (FxHashSet<ObjectId>, FxHashSet<ObjectId>) =
                (members(true).collect(), members(false).collect());
            let list = |those: Vec<ObjectId>| {
                those.into_iter().map(|id| self.map.describe(id)).collect::<Vec<_>>().join(", ")
            };
            let added = members(false).filter(|member| !before.contains(member)).collect();
            let removed = members(true).filter(|member| !now.contains(member)).collect();
            for (those, word) in [(list(added), "put in"), (list(removed), "taken out")] {
                if !those.is_empty() {
                    let field = self.field_name(id, relationship.field);
                    lines.push(format!("{}.{field}: {those} {word}", self.map.describe(id)));
                }
            }
        }
    }

    fn field_name(&self, id: ObjectId, field: usize) -> &'static str {
        let meta: &'static ModelMeta = self.map.models[id.model].meta;
        meta.fields[field].name
    }
}

/// The order in which states are listed; objects that are gone are not.
const LISTED: [State; 5] =
    [State::Pending, State::Persistent, State::Stale, State::ToBeDeleted, State::Deleted];

impl fmt::Display for DebugView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let session = self.session;
        let mut objects: Vec<(State, ObjectId)> = Vec::new();
        for (model, map) in session.map.models.iter().enumerate() {
            for slot in 0..map.entries.len() {
                // a key without a row that was read is no object of the session
                if let EntryState::Known(state) = map.entries[slot].state
                    && LISTED.contains(&state)
                {
                    objects.push((state, ObjectId { model, slot }));
                }
            }
        }
        heading(session, objects.len(), f)?;
        for state in LISTED {
            let mut in_state = objects.iter().filter(|(is, _)| *is == state).peekable();
            if in_state.peek().is_some() {
                writeln!(f, "{state}")?;
            }
            let with_changes = in_state.map(|&(_, id)| (id, session.changed_fields(id)));
            let (changed, unchanged): (Vec<_>, Vec<_>) = with_changes.partition(|(id, changes)| {
                !changes.is_empty() || session.edits.expressions.contains_key(id)
            });
            for (id, changes) in changed.into_iter().chain(unchanged) {
                object(session, id, changes, f)?;
            }
        }
        let edits = session.relationship_edits();
        if !edits.is_empty() {
            writeln!(f, "relationships")?;
        }
        edits.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

/// The same as its `Display`.
impl fmt::Debug for DebugView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn heading(session: &Session, objects: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let transaction = match (&session.failed, &session.transaction) {
        (Some(_), _) => "transaction failed: call `rollback`",
        (None, Some(_)) => "transaction open",
        (None, None) => "no transaction",
    };
    f.write_str(transaction)?;
    match session.scopes.len().saturating_sub(1) {
        0 => {}
        1 => f.write_str(", 1 savepoint")?,
        several => write!(f, ", {several} savepoints")?,
    }
    match objects {
        1 => writeln!(f, ", 1 object"),
        several => writeln!(f, ", {several} objects"),
    }
}

/// `  Author(1) #0: country changed`.
fn object(
    session: &Session,
    id: ObjectId,
    changed: Vec<(&'static str, &dyn Field, &dyn Field)>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let name = if f.alternate() {
        session.map.describe_by(id, |part| format!("{:?}", ShownKey(part)))
    } else {
        session.map.describe(id)
    };
    write!(f, "  {name}")?;
    if session.map.entry(id).key.is_some() {
        write!(f, " #{}", id.slot)?;
    }
    let expressions = session.set_to_expressions(id);
    if changed.is_empty() && expressions.is_empty() {
        return writeln!(f);
    }
    if f.alternate() {
        f.write_str(":")?;
        for (name, before, now) in changed {
            write!(f, "\n    {name}: {} → {}", shown(before), shown(now))?;
        }
        for name in expressions {
            write!(f, "\n    {name}: set to an expression")?;
        }
        return writeln!(f);
    }
    let mut said = Vec::new();
    if !changed.is_empty() {
        let names: Vec<&str> = changed.into_iter().map(|(name, ..)| name).collect();
        said.push(format!("{} changed", names.join(", ")));
    }
    if !expressions.is_empty() {
        said.push(format!("{} set to an expression", expressions.join(", ")));
    }
    writeln!(f, ": {}", said.join(", "))
}

/// The value of a field, in its stored form.
fn shown(field: &dyn Field) -> String {
    struct Shown(String);

    impl BindWriter for Shown {
        fn put(&mut self, value: ValueRef<'_>) {
            self.0 = match Value::from(value) {
                Value::Null => "NULL".to_owned(),
                Value::Bool(value) => value.to_string(),
                Value::Int(value) => value.to_string(),
                Value::Text(value) => format!("{value:?}"),
                other => format!("{other:?}"),
            };
        }
    }

    if let Some(reference) = field.reference() {
        match (reference.key(), reference.handle()) {
            (Some(key), _) if key.width() > 1 => return format!("{key:?}"),
            (None, Some(handle)) => return format!("{handle:?}"),
            _ => {}
        }
    }
    let mut shown = Shown(String::new());
    field.encode(0, &mut shown);
    shown.0
}
