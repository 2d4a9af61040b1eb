//! Parts of collections, read beside their owners: objects of the session, and no collection of it
//! knows of them.
//!
//! One statement for each part, whatever the number of owners. As every query it gives what the
//! database has; changes of the session are flushed before.

use super::Session;
use super::identity_map::ObjectId;
use super::loader::Overwrite;
use super::related::included;
use orm_core::error::Result;
use orm_core::model::{Arena, RawHandle};
use orm_core::query::{PartOwners, owner_key, part_statement};
use orm_core::statement::{PartNode, SelectStatement};
use orm_core::types::Key;
use rustc_hash::{FxHashMap, FxHashSet};

impl Session {
    /// What each part that a statement selects holds for each of its rows.
    pub(super) fn read_parts(
        &mut self,
        statement: &SelectStatement,
        owners: PartOwners,
        arenas: Vec<Box<dyn Arena>>,
    ) -> Result<Vec<Vec<Vec<RawHandle>>>> {
        let mut parts = Vec::new();
        for ((part, keys), arena) in statement.parts.iter().zip(owners.keys).zip(arenas) {
            parts.push(self.read_part(part, &keys, arena)?);
        }
        Ok(parts)
    }

    fn read_part(
        &mut self,
        part: &PartNode,
        keys: &[Option<Key>],
        arena: Box<dyn Arena>,
    ) -> Result<Vec<Vec<RawHandle>>> {
        let relationship = included(part.start.model, part.field)?;
        let target = self.map.model(relationship.target);
        self.map.set_arena(target, arena);
        let table = part.start.table();
        let width = table.primary_key.len();
        let different: FxHashSet<&Key> = keys.iter().flatten().collect();
        let mut different: Vec<Key> = different.into_iter().cloned().collect();
        different.sort_unstable();
        let mut members: FxHashMap<Key, Vec<ObjectId>> = FxHashMap::default();
        let mut loaded = Vec::new();
        for some in self.chunks(&different) {
            let statement = part_statement(relationship, part, some);
            self.each_row(&statement, target, Overwrite::Older, &mut |loader, target, row| {
                let owner = owner_key(table, width, row)?;
                row.skip(width);
                let member = loader.load(target, row)?;
                loaded.push(member);
                if let Some(owner) = owner {
                    members.entry(owner).or_default().push(member);
                }
                Ok(())
            })?;
        }
        if different.is_empty() {
            return Ok(vec![Vec::new(); keys.len()]);
        }
        self.note_asked(loaded.iter().copied());
        self.make_cohort(loaded.iter().copied().collect());
        self.include(&loaded, &part.include)?;
        let handles = |key: &Option<Key>| {
            let members = key.as_ref().and_then(|key| members.get(key));
            members.into_iter().flatten().map(|&id| self.map.handle(id)).collect()
        };
        Ok(keys.iter().map(handles).collect())
    }
}
