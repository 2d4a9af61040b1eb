//! Objects that were loaded together.

use super::identity_map::ObjectId;

/// Objects in the order they were loaded. New ones have places that follow one another: for these
/// no list is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cohort {
    first: Option<ObjectId>,
    /// How many follow one another from the first on, itself included.
    run: usize,
    rest: Vec<ObjectId>,
}

impl Cohort {
    #[inline]
    pub fn push(&mut self, id: ObjectId) {
        match self.first {
            None => {
                self.first = Some(id);
                self.run = 1;
            }
            Some(first)
                if self.rest.is_empty()
                    && id.model == first.model
                    && id.slot == first.slot + self.run =>
            {
                self.run += 1;
            }
            Some(_) => self.rest.push(id),
        }
    }

    pub fn len(&self) -> usize {
        self.run + self.rest.len()
    }

    pub fn get(&self, position: usize) -> Option<ObjectId> {
        match self.first {
            Some(first) if position < self.run => {
                Some(ObjectId { model: first.model, slot: first.slot + position })
            }
            _ => self.rest.get(position.checked_sub(self.run)?).copied(),
        }
    }

    /// The objects from a position on.
    pub fn from(&self, position: usize) -> impl Iterator<Item = ObjectId> + '_ {
        (position..self.len()).filter_map(|position| self.get(position))
    }
}

impl FromIterator<ObjectId> for Cohort {
    fn from_iter<I: IntoIterator<Item = ObjectId>>(ids: I) -> Cohort {
        let mut cohort = Cohort::default();
        ids.into_iter().for_each(|id| cohort.push(id));
        cohort
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cohort_is_the_list_it_was_made_from() {
        let id = |model, slot| ObjectId { model, slot };
        let lists = [
            vec![],
            vec![id(0, 3)],
            vec![id(0, 3), id(0, 4), id(0, 5)],
            vec![id(0, 3), id(0, 4), id(1, 5), id(0, 5), id(0, 3)],
            vec![id(0, 3), id(0, 3), id(0, 4)],
        ];
        for list in lists {
            let cohort: Cohort = list.iter().copied().collect();
            assert_eq!(cohort.len(), list.len());
            assert!(cohort.from(0).eq(list.iter().copied()), "{list:?}");
            assert!(cohort.from(1).eq(list.iter().skip(1).copied()), "{list:?}");
            assert_eq!(cohort.get(list.len()), None);
        }
    }
}
