//! Relationships that are read only: another look at rows that other relationships write.
//!
//! 1. They are loaded, included and asked for as all others; the statements have their condition.
//! 2. What is put into one, or taken out, is an error with the next call that takes the session, before
//!    anything is sent; so is linking by one. A copy of an object keeps nothing of them.
//! 3. They stay as they were read, whatever is written, until they are read again. One that holds an
//!    object which is deleted is not loaded any more.

use super::Session;
use super::edits::{handles_in, members};
use super::identity_map::ObjectId;
use super::state::State;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::{Object, RawHandle};
use orm_core::schema::{ModelMeta, Relationship};
use rustc_hash::FxHashSet;

impl Session {
    /// Refuses changes of collections that are read only.
    pub(super) fn check_view_only(
        &self,
        id: ObjectId,
        original: Option<&dyn Object>,
    ) -> Result<()> {
        let meta = self.map.models[id.model].meta;
        for relationship in &meta.table().view_only {
            let field = relationship.field;
            let Some(object) = self.map.object(id) else { continue };
            let Some(collection) = object.field(field).collection() else { continue };
            let now = handles_in(object, field);
            let before = original.map(|original| handles_in(original, field)).unwrap_or_default();
            let says_nothing = !collection.is_loaded() && now.is_empty();
            if collection.has_values() || (now != before && !says_nothing) {
                let what = format!(
                    "`{}.{}` of {}",
                    meta.name,
                    meta.fields[field].name,
                    self.map.describe(id)
                );
                return Err(read_only(&what));
            }
        }
        Ok(())
    }

    /// A new object that is a copy of another one has nothing of what that one looked at.
    pub(super) fn drop_copied_views(&mut self, id: ObjectId, own: RawHandle) {
        if self.map.state(id) != State::Pending {
            return;
        }
        for relationship in &self.map.models[id.model].meta.table().view_only {
            let object = self.map.object_mut(id);
            let collection =
                object.and_then(|object| object.field_mut(relationship.field).collection_mut());
            if let Some(collection) = collection
                && collection.owner().is_some_and(|owner| owner != own)
            {
                collection.set_handles(&[], false);
            }
        }
    }

    /// Collections that hold objects which are gone are to be read again.
    pub(super) fn unload_views_with(&mut self, gone: &[ObjectId]) {
        for model in 0..self.map.models.len() {
            for relationship in &self.map.models[model].meta.table().view_only {
                let target = self.map.known_model((relationship.target.type_id)());
                let gone: FxHashSet<ObjectId> =
                    gone.iter().copied().filter(|id| Some(id.model) == target).collect();
                let slots = if gone.is_empty() { 0 } else { self.map.models[model].entries.len() };
                for slot in 0..slots {
                    let owner = ObjectId { model, slot };
                    let inside = members(&self.map, owner, relationship, false);
                    if inside.iter().any(|member| gone.contains(member)) {
                        self.unload(owner, relationship.field);
                    }
                }
            }
        }
    }
}

/// Refuses to link by a relationship that is read only.
pub(super) fn check_writable(meta: &'static ModelMeta, relationship: &Relationship) -> Result<()> {
    if relationship.view_only {
        return Err(read_only(&format!(
            "`{}.{}`",
            meta.name, meta.fields[relationship.field].name
        )));
    }
    Ok(())
}

fn read_only(what: &str) -> Error {
    Error::new(
        ErrorKind::InvalidState,
        format!(
            "{what} is view_only, and nothing can be put into it or taken out; change the relationship \
             whose rows it reads, or what its condition asks for"
        ),
    )
}
