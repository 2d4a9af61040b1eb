//! Steps of SQL: columns set to expressions, set-based statements.

use crate::run::{Checked, Run, label_of, pick, same};
use orm::Error;
use orm::prelude::*;

impl Run<'_> {
    pub(super) fn raise(&mut self, session: &mut Session, object: u8) -> Checked<Option<Error>> {
        let Some(mark) = pick(&self.all_alive(), object) else { return Ok(None) };
        self.trace.push(format!("set the note of #{mark} to note + 1"));
        self.oracle.raise(mark);
        let done = self.handle(mark)?.raise(session);
        done.map_err(|error| format!("set to an expression: {error}"))?;
        Ok(None)
    }

    pub(super) fn update_all(
        &mut self,
        session: &mut Session,
        kind: u8,
        label: u8,
        note: i8,
    ) -> Checked<Option<Error>> {
        let kind = pick(self.oracle.shape.kinds, kind).expect("a shape has kinds");
        let (label, note) = (label_of(label), i64::from(note));
        self.trace.push(format!("update all {kind:?} {label:?}: note {note}"));
        let mut next = self.oracle.clone();
        let (expected, rows) = next.update_all(kind, &label, note);
        let done = kind.update_all(session, &label, note);
        if let Ok(done) = &done {
            same("rows updated", done, &(rows as u64))?;
        }
        Ok(self.compare(&expected, done, session, next)?.err())
    }

    pub(super) fn delete_all(
        &mut self,
        session: &mut Session,
        kind: u8,
        label: u8,
    ) -> Checked<Option<Error>> {
        let kind = pick(self.oracle.shape.kinds, kind).expect("a shape has kinds");
        let label = label_of(label);
        self.trace.push(format!("delete all {kind:?} {label:?}"));
        let mut next = self.oracle.clone();
        let (expected, rows) = next.delete_all(kind, &label);
        let done = kind.delete_all(session, &label);
        if let Ok(done) = &done {
            same("rows deleted", done, &(rows as u64))?;
        }
        Ok(self.compare(&expected, done, session, next)?.err())
    }
}
