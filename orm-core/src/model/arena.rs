//! Where a session keeps its objects of one model: plain values by place, each with the copy that
//! its first change was made from. Pure storage; what it means is the session's business.

use super::{Chunks, Model, Object};
use crate::error::Result;
use crate::types::RowReader;
use std::any::Any;

/// The objects of one model, the model known at run time only.
pub trait Arena: Any + Send {
    /// The object at a place.
    fn get(&self, slot: usize) -> Option<&dyn Object>;

    /// The object at a place, to change it without a copy.
    fn get_mut(&mut self, slot: usize) -> Option<&mut dyn Object>;

    /// The copy taken before the first change.
    fn original(&self, slot: usize) -> Option<&dyn Object>;

    /// The copy, to bring it up to date with the row.
    fn original_mut(&mut self, slot: usize) -> Option<&mut dyn Object>;

    /// Both, where a change was begun.
    fn changed(&mut self, slot: usize) -> Option<(&mut dyn Object, &dyn Object)>;

    /// Takes the copy, unless there is one; `false` where there was.
    fn keep_original(&mut self, slot: usize) -> bool;

    /// Forgets the copy and hands it out.
    fn take_original(&mut self, slot: usize) -> Option<Box<dyn Object>>;

    /// Puts the copy back in place of the object.
    fn revert(&mut self, slot: usize);

    /// Puts an object of the same model at a place; hands out the one it replaces.
    fn put(&mut self, slot: usize, object: Box<dyn Object>) -> Option<Box<dyn Object>>;

    /// Takes an object out.
    fn take(&mut self, slot: usize) -> Option<Box<dyn Object>>;

    /// Reads an object from the next columns of a row and puts it at a place.
    fn read(&mut self, slot: usize, row: &mut RowReader<'_>) -> Result<()>;

    /// Reads an object from the next columns of a row.
    fn read_object(&self, row: &mut RowReader<'_>) -> Result<Box<dyn Object>>;
}

/// The objects of model `M`.
pub struct TypedArena<M> {
    places: Chunks<Place<M>>,
}

struct Place<M> {
    value: Option<M>,
    original: Option<Box<M>>,
}

impl<M> Default for TypedArena<M> {
    fn default() -> TypedArena<M> {
        TypedArena { places: Chunks::default() }
    }
}

impl<M: Model> TypedArena<M> {
    /// The object at a place.
    #[inline]
    pub fn value(&self, slot: usize) -> Option<&M> {
        self.places.get(slot)?.value.as_ref()
    }

    /// The object at a place, to change it without a copy.
    #[inline]
    pub fn value_mut(&mut self, slot: usize) -> Option<&mut M> {
        self.places.get_mut(slot)?.value.as_mut()
    }

    /// Puts an object at a place; hands out the one it replaces.
    #[inline]
    pub fn place(&mut self, slot: usize, value: M) -> Option<M> {
        if slot == self.places.len() {
            // the common case, the next place
            self.places.push(Place { value: Some(value), original: None });
            return None;
        }
        self.reach(slot).value.replace(value)
    }

    /// Several different places at once.
    pub fn disjoint_mut<const N: usize>(&mut self, slots: [usize; N]) -> Option<[&mut M; N]> {
        let places = self.places.disjoint_mut(slots)?;
        let mut values = places.map(|place| place.value.as_mut());
        let mut all = Vec::with_capacity(N);
        for value in &mut values {
            all.push(value.take()?);
        }
        all.try_into().ok()
    }

    /// Makes room for so many more objects.
    pub fn reserve(&mut self, more: usize) {
        self.places.reserve(more);
    }

    fn reach(&mut self, slot: usize) -> &mut Place<M> {
        while slot >= self.places.len() {
            self.places.push(Place { value: None, original: None });
        }
        &mut self.places[slot]
    }
}

impl<M: Model> Arena for TypedArena<M> {
    fn get(&self, slot: usize) -> Option<&dyn Object> {
        self.value(slot).map(|value| value as &dyn Object)
    }

    fn get_mut(&mut self, slot: usize) -> Option<&mut dyn Object> {
        self.value_mut(slot).map(|value| value as &mut dyn Object)
    }

    fn original(&self, slot: usize) -> Option<&dyn Object> {
        self.places.get(slot)?.original.as_deref().map(|original| original as &dyn Object)
    }

    fn original_mut(&mut self, slot: usize) -> Option<&mut dyn Object> {
        let original = self.places.get_mut(slot)?.original.as_deref_mut()?;
        Some(original)
    }

    fn changed(&mut self, slot: usize) -> Option<(&mut dyn Object, &dyn Object)> {
        let place = self.places.get_mut(slot)?;
        let original = place.original.as_deref()?;
        Some((place.value.as_mut()?, original))
    }

    fn keep_original(&mut self, slot: usize) -> bool {
        match self.places.get_mut(slot) {
            Some(Place { value: Some(value), original: original @ None }) => {
                *original = Some(Box::new(value.clone()));
                true
            }
            _ => false,
        }
    }

    fn take_original(&mut self, slot: usize) -> Option<Box<dyn Object>> {
        let original = self.places.get_mut(slot)?.original.take()?;
        Some(original)
    }

    fn revert(&mut self, slot: usize) {
        if let Some(place) = self.places.get_mut(slot)
            && let Some(original) = place.original.take()
        {
            place.value = Some(*original);
        }
    }

    fn put(&mut self, slot: usize, object: Box<dyn Object>) -> Option<Box<dyn Object>> {
        let object: Box<dyn Any> = object;
        let value = object.downcast::<M>().ok()?;
        let replaced = self.place(slot, *value)?;
        Some(Box::new(replaced))
    }

    fn take(&mut self, slot: usize) -> Option<Box<dyn Object>> {
        let place = self.places.get_mut(slot)?;
        place.original = None;
        let value = place.value.take()?;
        Some(Box::new(value))
    }

    fn read(&mut self, slot: usize, row: &mut RowReader<'_>) -> Result<()> {
        let value = M::decode(row)?;
        self.place(slot, value);
        Ok(())
    }

    fn read_object(&self, row: &mut RowReader<'_>) -> Result<Box<dyn Object>> {
        Ok(Box::new(M::decode(row)?))
    }
}
