//! Set-based statements: all rows of a kind with a label.

use super::{Expected, Mark, Oracle, Stage};
use crate::kinds::Kind;
use crate::shapes::OnDelete;

impl Oracle {
    fn labelled(&self, kind: Kind, label: &str) -> Vec<Mark> {
        let rows = self.tables.rows.iter();
        let found = rows.filter(|(_, row)| row.kind == kind && row.label == label);
        found.map(|(&mark, _)| mark).collect()
    }

    /// Sets the note of the rows with a label; how many these are. Objects in memory are told.
    pub fn update_all(&mut self, kind: Kind, label: &str, note: i64) -> (Expected, usize) {
        let expected = self.flush();
        self.begin();
        let found = self.labelled(kind, label);
        for &mark in &found {
            self.tables.count_on(self.shape, mark);
            let Some(row) = self.tables.rows.get_mut(&mark) else { continue };
            row.note = Some(note);
            let version = row.version;
            if let Some(object) = self.objects.get_mut(&mark).filter(|it| it.stage.has_row()) {
                // where others wrote in between, the next change is told so
                let goes_on = object.known.version + 1 == version;
                for known in [&mut object.now, &mut object.known] {
                    known.note = Some(note);
                    if goes_on {
                        known.version = version;
                    }
                }
            }
        }
        (expected, found.len())
    }

    /// Deletes the rows with a label; how many these are. Objects in memory are told of what the
    /// database does to them.
    pub fn delete_all(&mut self, kind: Kind, label: &str) -> (Expected, usize) {
        let expected = self.flush();
        self.begin();
        let found = self.labelled(kind, label);
        for &mark in &found {
            self.tables.erase(self.shape, mark);
        }
        let refused = self.tables.violations(self.shape);
        let mut deleted: Vec<Mark> = Vec::new();
        for mark in found.iter().copied() {
            for edge in self.shape.edges.iter().filter(|edge| edge.owner == kind) {
                let points = |it: &&Mark| self.objects[*it].now.parent == Some(mark);
                let children = self.alive(edge.child);
                let children: Vec<Mark> = children.iter().filter(points).copied().collect();
                for child in children {
                    match edge.on_delete {
                        OnDelete::Nothing => {}
                        OnDelete::Cascade => deleted.push(child),
                        OnDelete::SetNull => {
                            let object = self.object(child);
                            object.now.parent = None;
                            object.known.parent = None;
                            object.settled = None;
                        }
                    }
                }
            }
            if self.objects.get(&mark).is_some_and(|it| it.stage.has_row()) {
                deleted.push(mark);
            }
        }
        for &mark in &deleted {
            self.object(mark).stage = Stage::Deleted;
        }
        self.leave_collections(&deleted);
        let deletion = if refused.is_empty() { Expected::Fine } else { Expected::Refused(refused) };
        (expected.then(deletion), found.len())
    }
}
