//! Calling hooks, by the unit of work, the transaction and the statements of a session.
//!
//! 1. A flush is rounds: hooks before it, the objects' hooks, what is sent, hooks after it. There is
//!    another round while hooks after it leave something to write; [`ROUNDS`] at most.
//! 2. An object's hook is called once a round, at what the program did with it: added, changed, deleted.
//!    What hooks of objects add is called for in the same round.
//! 3. Inside a hook of a flush there is no flush, no commit, no rollback and no autoflush.
//! 4. An error before anything was sent ends the flush, nothing else; one after that ends the
//!    transaction, for half a flush is none.

use super::Session;
use super::by_database::DoneByDatabase;
use super::hooks::{EndHook, Hooks, Moment, Running};
use super::identity_map::ObjectId;
use super::state::State;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::model::Collection;
use rustc_hash::FxHashSet;

/// How often hooks may add work to one flush.
const ROUNDS: usize = 100;

impl Session {
    /// A flush with its hooks, in rounds.
    pub(super) fn flush_with(&mut self, hooks: &Hooks) -> Result<()> {
        let mut sent = false;
        let mut adding = "";
        for _ in 0..ROUNDS {
            let done = self.flush_once(hooks, &mut sent, &mut adding);
            match done {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) if sent && self.failed.is_none() => return Err(self.fail(error)),
                Err(error) => return Err(error),
            }
        }
        Err(self.fail(endless("after_flush", adding)))
    }

    /// One round; whether there is to be another.
    fn flush_once(
        &mut self,
        hooks: &Hooks,
        sent: &mut bool,
        adding: &mut &'static str,
    ) -> Result<bool> {
        if !hooks.before_flush.is_empty() {
            self.reconcile()?;
            if self.has_to_write() {
                for hook in &hooks.before_flush {
                    self.inside(Running::Flush("before_flush"), |session| (hook.call)(session))
                        .map_err(|error| error.with_context("told by a `before_flush` hook"))?;
                }
            }
        }
        if !self.write()? {
            return Ok(false);
        }
        *sent = true;
        for hook in &hooks.after_flush {
            let clean = self.is_clean();
            self.inside(Running::Flush("after_flush"), |session| (hook.call)(session))
                .map_err(|error| error.with_context("told by an `after_flush` hook"))?;
            if clean && !self.is_clean() {
                *adding = hook.place;
            }
        }
        Ok(!self.is_clean())
    }

    /// An error of a hook, with the object that it was called for.
    fn told_by(&self, hook: &str, id: ObjectId, error: Error) -> Error {
        error.with_context(format!("told by a `{hook}` hook of {}", self.map.describe(id)))
    }

    fn is_clean(&self) -> bool {
        self.work.is_empty() && self.edits.is_empty()
    }

    /// Whether anything was added, deleted, or differs from its row.
    fn has_to_write(&self) -> bool {
        let added = self.work.added.iter().any(|&id| self.map.state(id) == State::Pending);
        added
            || !self.work.deleting.is_empty()
            || !self.edits.is_empty()
            || self.work.touched.iter().any(|&id| self.differs(id))
    }

    /// Calls the hooks of all objects of a flush; what they change is settled again.
    pub(super) fn call_for_objects(
        &mut self,
        hooks: &Hooks,
        done: &mut DoneByDatabase,
    ) -> Result<()> {
        if hooks.objects.is_empty() {
            return Ok(());
        }
        let mut called = FxHashSet::default();
        let mut last = ("", "");
        for _ in 0..ROUNDS {
            let known = called.len();
            for moment in [Moment::BeforeInsert, Moment::BeforeUpdate, Moment::BeforeDelete] {
                for id in self.objects_at(moment) {
                    let model = (self.map.models[id.model].meta.type_id)();
                    let of_model = hooks.of(model, moment);
                    if of_model.is_empty() || !called.insert((id, moment)) {
                        continue;
                    }
                    for hook in of_model {
                        last = (moment.name(), hook.place);
                        self.inside(Running::Flush(moment.name()), |session| {
                            (hook.call)(session, id)
                        })
                        .map_err(|error| self.told_by(moment.name(), id, error))?;
                    }
                }
            }
            // hooks of what a cascade loads may have changed something, too
            if called.len() == known && self.work.unsettled.is_empty() {
                return Ok(());
            }
            self.reconcile()?;
            *done = self.cascade()?;
        }
        Err(endless(last.0, last.1))
    }

    /// The objects that a flush is about to insert, update or delete.
    fn objects_at(&self, moment: Moment) -> Vec<ObjectId> {
        let in_state = |ids: &[ObjectId], wanted: &[State]| -> Vec<ObjectId> {
            ids.iter().copied().filter(|&id| wanted.contains(&self.map.state(id))).collect()
        };
        match moment {
            Moment::BeforeInsert => in_state(&self.work.added, &[State::Pending]),
            Moment::BeforeUpdate => {
                let mut lent = in_state(&self.work.touched, &[State::Persistent, State::Stale]);
                lent.retain(|&id| self.differs(id));
                lent
            }
            Moment::BeforeDelete => in_state(&self.work.deleting, &[State::ToBeDeleted]),
            Moment::AfterLoad => Vec::new(),
        }
    }

    /// Calls the hooks of objects whose rows were just read.
    pub(super) fn tell_loaded(&mut self) -> Result<()> {
        if self.map.read.is_empty() {
            return Ok(());
        }
        let mut read = std::mem::take(&mut self.map.read).into_iter();
        let Some(hooks) = self.hooks.clone() else { return Ok(()) };
        while let Some(id) = read.next() {
            if let Err(error) = self.tell_one_loaded(&hooks, id) {
                // they are read again before anybody has them
                for id in std::iter::once(id).chain(read) {
                    if self.map.state(id) == State::Persistent {
                        self.map.set_state(id, State::Stale);
                    }
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn tell_one_loaded(&mut self, hooks: &Hooks, id: ObjectId) -> Result<()> {
        let model = (self.map.models[id.model].meta.type_id)();
        let has_copy = |session: &Session| {
            session.map.values(id.model).is_some_and(|values| values.original(id.slot).is_some())
        };
        let lent_before = has_copy(self);
        let mut done = Ok(());
        for hook in hooks.of(model, Moment::AfterLoad) {
            done = done.and_then(|()| {
                self.inside(Running::Flush("after_load"), |session| (hook.call)(session, id))
                    .map_err(|error| self.told_by("after_load", id, error))
            });
        }
        if lent_before || !has_copy(self) {
            return done;
        }
        let refused = done.is_err();
        if !refused && (self.differs(id) || self.collections_differ(id)) {
            return done;
        }
        // nobody keeps a copy of what was not changed
        if let Some(values) = self.map.values_mut(id.model) {
            if refused {
                values.revert(id.slot);
            }
            values.take_original(id.slot);
        }
        if self.work.touched.last() == Some(&id) {
            self.work.touched.pop();
        }
        done
    }

    /// Whether something was put into collections of an object, or taken out.
    fn collections_differ(&mut self, id: ObjectId) -> bool {
        let Some(values) = self.map.values_mut(id.model) else { return false };
        let Some((object, original)) = values.changed(id.slot) else { return false };
        let fields = if object.meta().has_collections() { object.meta().fields.len() } else { 0 };
        (0..fields).any(|field| {
            let before = original.field(field).collection().map(content);
            object.field_mut(field).collection_mut().is_some_and(|collection| {
                !collection.objects_mut().is_empty() || before != Some(content(collection))
            })
        })
    }

    /// Calls hooks after the end of a transaction, unless one of them ended this one.
    pub(super) fn after_end(&mut self, of: impl Fn(&Hooks) -> &[EndHook]) {
        let Some(hooks) = self.hooks.clone() else { return };
        if self.running.is_some() {
            return;
        }
        for hook in of(&hooks) {
            self.inside(Running::End, |session| hook(session));
        }
    }

    /// Refuses what can't be done inside a hook of a flush.
    pub(super) fn outside_of_hooks(&self, what: &str) -> Result<()> {
        let Some(Running::Flush(hook)) = self.running else { return Ok(()) };
        Err(Error::new(
            ErrorKind::InvalidState,
            format!(
                "`{what}` inside the hook `{hook}`; what a hook adds and changes is written by the \
                 flush it is in, an error that it returns ends that"
            ),
        ))
    }

    /// Whether a hook of a flush is running.
    pub(super) fn is_flushing(&self) -> bool {
        matches!(self.running, Some(Running::Flush(_)))
    }

    /// Calls a hook; also where it panics the session knows that it ended.
    fn inside<T>(&mut self, running: Running, work: impl FnOnce(&mut Session) -> T) -> T {
        let before = self.running.replace(running);
        let hooked = Hooked { session: self, before };
        hooked.session.under_all_criteria(work)
    }
}

/// A session inside a hook.
struct Hooked<'a> {
    session: &'a mut Session,
    before: Option<Running>,
}

impl Drop for Hooked<'_> {
    fn drop(&mut self) {
        self.session.running = self.before;
    }
}

/// What is known of a collection.
fn content(collection: &dyn Collection) -> (bool, Vec<orm_core::model::RawHandle>) {
    (collection.is_loaded(), collection.handles())
}

fn endless(hook: &str, place: &str) -> Error {
    Error::new(
        ErrorKind::InvalidState,
        format!(
            "the hook `{hook}` ({place}) added work in each of {ROUNDS} rounds of a flush; let it add \
             only what is not there yet"
        ),
    )
}
