//! A list that never moves what is in it: long lists of large things grow without copying, and leave
//! no holes in memory behind.

use std::ops::{Index, IndexMut};

/// How many things one piece of memory holds; the first piece grows up to that.
const CHUNK: usize = 512;

/// A growing list.
#[derive(Debug)]
pub struct Chunks<T> {
    /// All but the last are full.
    chunks: Vec<Vec<T>>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Chunks<T> {
        Chunks { chunks: Vec::new() }
    }
}

impl<T> Chunks<T> {
    /// How many things there are.
    #[inline]
    pub fn len(&self) -> usize {
        match self.chunks.last() {
            Some(last) => (self.chunks.len() - 1) * CHUNK + last.len(),
            None => 0,
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds something behind the others.
    #[inline]
    pub fn push(&mut self, thing: T) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => last.push(thing),
            _ => self.begin_chunk().push(thing),
        }
    }

    #[cold]
    fn begin_chunk(&mut self) -> &mut Vec<T> {
        let room = if self.chunks.is_empty() { 1 } else { CHUNK };
        self.chunks.push(Vec::with_capacity(room));
        let last = self.chunks.len() - 1;
        &mut self.chunks[last]
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, more: usize) {
        let chunks = &mut self.chunks;
        chunks.reserve(more.div_ceil(CHUNK));
        if chunks.is_empty() {
            chunks.push(Vec::with_capacity(more.min(CHUNK)));
        }
    }

    /// The thing at a place.
    #[inline]
    pub fn get(&self, place: usize) -> Option<&T> {
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }

    /// The thing at a place.
    #[inline]
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.chunks.get_mut(place / CHUNK)?.get_mut(place % CHUNK)
    }

    /// Several different places at once.
    pub fn disjoint_mut<const N: usize>(&mut self, places: [usize; N]) -> Option<[&mut T; N]> {
        let mut rising: [usize; N] = std::array::from_fn(|index| index);
        rising.sort_unstable_by_key(|&index| places[index]);
        let mut found = [const { None }; N];
        let mut chunks = self.chunks.iter_mut();
        let mut here: &mut [T] = &mut [];
        let mut passed = 0;
        for index in rising {
            let place = places[index];
            // a place before what was passed was given twice
            let mut ahead = place.checked_sub(passed)?;
            while ahead >= here.len() {
                ahead -= here.len();
                here = chunks.next()?;
            }
            let (_, from) = here.split_at_mut(ahead);
            let (thing, rest) = from.split_first_mut()?;
            found[index] = Some(thing);
            here = rest;
            passed = place + 1;
        }
        let mut all = Vec::with_capacity(N);
        for thing in found {
            all.push(thing?);
        }
        all.try_into().ok()
    }

    /// All things in order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks.iter_mut().flatten()
    }
}

impl<T> Index<usize> for Chunks<T> {
    type Output = T;

    #[inline]
    fn index(&self, place: usize) -> &T {
        &self.chunks[place / CHUNK][place % CHUNK]
    }
}

impl<T> IndexMut<usize> for Chunks<T> {
    #[inline]
    fn index_mut(&mut self, place: usize) -> &mut T {
        &mut self.chunks[place / CHUNK][place % CHUNK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_found_by_their_places() {
        let mut list = Chunks::default();
        assert!(list.is_empty());
        list.reserve(3);
        for thing in 0..=CHUNK * 3 {
            assert_eq!(list.len(), thing);
            list.push(thing);
        }
        assert_eq!(list.len(), CHUNK * 3 + 1);
        assert!((0..list.len()).all(|place| list[place] == place));
        assert_eq!(list.get(list.len()), None);
        assert!(list.iter_mut().map(|thing| *thing).eq(0..=CHUNK * 3));
    }

    #[test]
    fn several_places_are_lent_together_unless_one_is_given_twice() {
        let mut list = Chunks::default();
        (0..CHUNK * 3).for_each(|thing| list.push(thing));
        let wanted = [CHUNK * 2 + 1, 0, CHUNK * 2, 1, CHUNK - 1, CHUNK];
        assert_eq!(list.disjoint_mut(wanted).map(|found| found.map(|thing| *thing)), Some(wanted));
        assert_eq!(list.disjoint_mut([5, 5]), None);
        assert_eq!(list.disjoint_mut([CHUNK, 7, CHUNK]), None);
        assert_eq!(list.disjoint_mut([CHUNK * 3]), None);
        assert_eq!(list.disjoint_mut([]), Some([]));
    }
}
