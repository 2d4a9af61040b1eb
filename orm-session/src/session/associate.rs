//! Changing relationships by calls that hold on both sides at once: `push`, `link`, `unlink`, `set`
//! (which sets columns too, see `set_column`).

use super::Session;
use super::edits::members;
use super::identity_map::ObjectId;
use super::view_only::check_writable;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::expression::{Relation, SetTo, Settable, Setting};
use orm_core::model::{Collection, Handle, HandleOf, IntoItem, Many, RawHandle};
use orm_core::schema::{Relationship, RelationshipKind};

impl Session {
    /// Puts a new value or an object into a collection; both sides know at once. The collection
    /// need not be loaded, and is not. Returns the handle of what was put in.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let author = session.get(Author, 1)?.unwrap();
    /// let article = Article::new("slug", "title", Ref::unset());
    /// let article = session.push(author, Author.articles, article)?;
    /// assert!(session[article].author == author);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `Closed` for objects that are gone or of another session.
    pub fn push<R: Relation>(
        &mut self,
        owner: impl HandleOf<R::From>,
        relationship: R,
        item: impl IntoItem<R::To>,
    ) -> Result<Handle<R::To>> {
        self.usable()?;
        let owner = owner.handle();
        let id = self.changeable(owner)?;
        resolved(id, self, relationship.position())?;
        let mut items: Many<R::To> = Many::default();
        item.put_into(&mut items);
        let new = Collection::take_values(&mut items).into_iter().next();
        let object = match new {
            Some(value) => {
                let id = self.add_object(value);
                self.map.handle(id).typed()
            }
            None => match Collection::handles(&items).first() {
                Some(handle) => handle.typed(),
                None => return Err(Error::new(ErrorKind::InvalidState, "nothing to put in")),
            },
        };
        self.link(owner, relationship, object)?;
        Ok(object)
    }

    /// Connects two objects by a relationship of the first one; both sides know at once. Linked
    /// twice is linked once. Nothing is loaded.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let article = session.query(Article).filter(Article.slug.eq("sql")).one()?;
    /// # let tag = session.query(Tag).filter(Tag.name.eq("sql")).one()?;
    /// session.link(article, Article.tags, tag)?;
    /// # assert_eq!(article.tags(&mut session)?, [tag]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `Closed` for objects that are gone or of another session.
    pub fn link<R: Relation, H: HandleOf<R::From, R::To>>(
        &mut self,
        owner: H,
        relationship: R,
        other: Handle<H::Other>,
    ) -> Result<()> {
        self.usable()?;
        let (owner, other) = (
            self.changeable(owner.handle())?,
            self.changeable(RawHandle::from(other).typed::<R::To>())?,
        );
        self.settle()?;
        let relationship = resolved(owner, self, relationship.position())?;
        match relationship.kind {
            RelationshipKind::ManyToOne => self.give_to(owner, relationship.field, Some(other)),
            RelationshipKind::OneToMany { reference } => {
                self.give_to(other, reference, Some(owner));
            }
            RelationshipKind::OneToOne { .. } => {
                self.set_to_one(owner, relationship, Some(other))?;
            }
            RelationshipKind::ManyToMany { .. } => self.link_pair(owner, relationship, other),
        }
        Ok(())
    }

    /// Takes the connection of two objects away; both sides know at once. A child of a one-to-many
    /// then points to nothing, or is deleted where `delete_orphan` is declared.
    ///
    /// # Errors
    /// `Closed` for objects that are gone or of another session.
    pub fn unlink<R: Relation, H: HandleOf<R::From, R::To>>(
        &mut self,
        owner: H,
        relationship: R,
        other: Handle<H::Other>,
    ) -> Result<()> {
        self.usable()?;
        let (owner, other) = (
            self.changeable(owner.handle())?,
            self.changeable(RawHandle::from(other).typed::<R::To>())?,
        );
        self.settle()?;
        let relationship = resolved(owner, self, relationship.position())?;
        match relationship.kind {
            RelationshipKind::ManyToOne => {
                if self.map.pointed_at(owner, relationship.field) == Some(other) {
                    self.set_to_one(owner, relationship, None)?;
                }
            }
            RelationshipKind::OneToMany { reference }
            | RelationshipKind::OneToOne { reference } => {
                if self.map.pointed_at(other, reference) == Some(owner) {
                    self.orphan(owner, relationship, other, reference);
                    self.view(owner, relationship.field, other, false);
                }
            }
            RelationshipKind::ManyToMany { .. } => self.unlink_pair(owner, relationship, other),
        }
        Ok(())
    }

    /// Sets a column to a value or to an expression that the database evaluates, or points a to-one
    /// relationship to another object or to nothing; both sides know at once.
    ///
    /// An expression is sent by the next flush, in an UPDATE of its own for all objects that are set to
    /// the same, and its value comes back with it; a new row is inserted first, with what the object
    /// has. Until then the object reads its last known value. The last one of two for a column counts,
    /// also where that is a plain change of the field; a rollback drops it.
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let article = session.get(Article, 1)?.unwrap();
    /// # let before = session[article].views;
    /// session.set(article, Article.views, Article.views + 1)?;
    /// session.flush()?; // UPDATE … SET "views" = "articles"."views" + 1 … RETURNING …
    /// assert_eq!(session[article].views, before + 1);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// ```
    /// # use orm_doc_models::*;
    /// # let (engine, mut session) = blog()?;
    /// # let article = session.get(Article, 1)?.unwrap();
    /// # let ahmed = session.query(Author).filter(Author.name.eq("Ahmed")).one()?;
    /// # let employee = session.add(Employee::new("Ann"));
    /// session.set(article, Article.author, ahmed)?;
    /// session.set(employee, Employee.manager, None)?;
    /// # session.flush()?;
    /// # assert!(session[article].author == ahmed);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidState` for nothing where the foreign key can't be NULL, a relationship to many, an
    /// expression for a key, a version or a computed column; `InvalidStatement` for an expression with
    /// columns of other models.
    pub fn set<A: Settable>(
        &mut self,
        object: impl HandleOf<A::From>,
        attribute: A,
        value: impl SetTo<A>,
    ) -> Result<()> {
        let id = self.changeable(object.handle())?;
        let (field, part) = attribute.place();
        self.check_variant(id, field, "set")?;
        let other = match value.into_setting() {
            Setting::Column(node) => return self.set_column(id, (field, part), node),
            Setting::Object(Some(other)) => Some(self.changeable(other.typed::<A::To>())?),
            Setting::Object(None) => None,
        };
        self.settle()?;
        let relationship = resolved(id, self, field)?;
        self.set_to_one(id, relationship, other)
    }

    /// Whether an object, of a model that is an enum, is of a variant that has a field.
    pub(super) fn check_variant(&self, id: ObjectId, field: usize, done: &str) -> Result<()> {
        let meta = self.map.models[id.model].meta;
        if meta.variants().is_empty() {
            return Ok(());
        }
        let why = if meta.discriminates(field) {
            "it says which variant the object is; assign another one to `session[handle]`"
                .to_owned()
        } else if let Some(variant) = meta.variant_of(field)
            && self.map.object(id).is_some_and(|object| object.field(field).is_of_another_variant())
        {
            format!("only a `{}` has it", variant.model)
        } else {
            return Ok(());
        };
        let (object, field) = (self.map.describe(id), meta.fields[field].name);
        let message = format!("`{field}` of {object} can't be {done}: {why}");
        Err(Error::new(ErrorKind::InvalidState, message))
    }

    fn set_to_one(
        &mut self,
        id: ObjectId,
        relationship: &'static Relationship,
        other: Option<ObjectId>,
    ) -> Result<()> {
        let table = self.map.models[id.model].meta.table();
        let place = || {
            let meta = self.map.models[id.model].meta;
            format!("`{}.{}`", meta.name, meta.fields[relationship.field].name)
        };
        match relationship.kind {
            RelationshipKind::ManyToOne => {
                let nullable =
                    table.foreign_key_of(relationship.field).is_some_and(|key| key.nullable);
                if other.is_none() && !nullable {
                    return Err(Error::new(
                        ErrorKind::InvalidState,
                        format!("{} can't be NULL; point it to another object", place()),
                    ));
                }
                self.give_to(id, relationship.field, other);
            }
            RelationshipKind::OneToOne { reference } => {
                for before in members(&self.map, id, relationship, false) {
                    if Some(before) != other && self.map.pointed_at(before, reference) == Some(id) {
                        self.orphan(id, relationship, before, reference);
                        self.view(id, relationship.field, before, false);
                    }
                }
                if let Some(other) = other {
                    self.give_to(other, reference, Some(id));
                }
                self.replace_one(id, relationship.field, other);
            }
            RelationshipKind::OneToMany { .. } | RelationshipKind::ManyToMany { .. } => {
                return Err(Error::new(
                    ErrorKind::InvalidState,
                    format!("{} is to many; use `link`, `unlink` or `push`", place()),
                ));
            }
        }
        Ok(())
    }

    /// Makes a `One` that is not loaded hold what it was set to; the flush takes out what it held.
    fn replace_one(&mut self, id: ObjectId, field: usize, other: Option<ObjectId>) {
        if self.is_loaded(id, field) {
            return;
        }
        self.touch(id);
        let handles: Vec<RawHandle> =
            other.into_iter().map(|other| self.map.handle(other)).collect();
        let object = self.map.object_mut(id);
        if let Some(one) = object.and_then(|object| object.field_mut(field).collection_mut()) {
            one.set_handles(&handles, true);
        }
        self.edits.replaced.push((id, field));
        if let Some(other) = other {
            self.view(id, field, other, true);
        }
    }

    fn link_pair(&mut self, owner: ObjectId, relationship: &'static Relationship, other: ObjectId) {
        if self.holds(owner, relationship.field, other) {
            return;
        }
        self.change_pair(owner, relationship, other, true);
    }

    fn unlink_pair(
        &mut self,
        owner: ObjectId,
        relationship: &'static Relationship,
        other: ObjectId,
    ) {
        let field = relationship.field;
        if self.is_loaded(owner, field) && !self.holds(owner, field, other) {
            return;
        }
        self.change_pair(owner, relationship, other, false);
    }

    fn change_pair(
        &mut self,
        owner: ObjectId,
        relationship: &'static Relationship,
        other: ObjectId,
        linked: bool,
    ) {
        let known = self.knows_pair(owner, relationship, other);
        self.edits.links.change(relationship, (owner, other), linked, known);
        self.view(owner, relationship.field, other, linked);
        if let Some(back) = relationship.back {
            self.view(other, back, owner, linked);
        }
    }

    fn holds(&self, owner: ObjectId, field: usize, other: ObjectId) -> bool {
        let handle = self.map.handle(other);
        let collection = self.map.object(owner).and_then(|object| object.field(field).collection());
        collection.is_some_and(|collection| collection.holds(handle))
    }
}

/// The relationship of an object's model, both sides known.
fn resolved(id: ObjectId, session: &Session, field: usize) -> Result<&'static Relationship> {
    let meta = session.map.models[id.model].meta;
    let relationship = meta.table().relationship_of(field).ok_or_else(|| {
        let problems = meta.table().problems.join("; ");
        Error::new(
            ErrorKind::Configuration,
            format!("`{}.{}` can't be used: {problems}", meta.name, meta.fields[field].name),
        )
    })?;
    check_writable(meta, relationship)?;
    Ok(relationship)
}
