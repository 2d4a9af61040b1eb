//! What another session writes and commits, while the one that is looked at has no transaction open.

use crate::oracle::{Mark, Row, Tables};
use crate::program::Elsewhere;
use crate::run::{Checked, Run, label_of, pick};
use orm::Session;

impl Run<'_> {
    /// Another session changes the row of an object, then this one changes the object.
    pub fn conflict(&mut self, session: &mut Session, object: u8, label: u8) -> Checked {
        let rows: Vec<Mark> = self.oracle.tables.rows.keys().copied().collect();
        let both = self.all_alive().into_iter().filter(|mark| rows.contains(mark));
        let Some(mark) = pick(&both.collect::<Vec<Mark>>(), object) else { return Ok(()) };
        let row = rows.iter().position(|&row| row == mark).and_then(|row| u8::try_from(row).ok());
        let Some(row) = row else { return Ok(()) };
        self.elsewhere(&Elsewhere::Note { row, note: 9 })?;
        self.change(session, mark, Some(&label_of(label)), None)
    }

    /// What another session does while this one has no transaction open.
    pub fn elsewhere(&mut self, what: &Elsewhere) -> Checked {
        let mut tables = self.oracle.tables.clone();
        let rows: Vec<Mark> = tables.rows.keys().copied().collect();
        let mut other = self.engine.session();
        let done = match what {
            Elsewhere::Label { row, label } => {
                let Some(mark) = pick(&rows, *row) else { return Ok(()) };
                let label = label_of(*label);
                tables.count_on(self.oracle.shape, mark);
                let row = tables.rows.get_mut(&mark).expect("it is there");
                row.label.clone_from(&label);
                if !self.possible(&tables) {
                    return Ok(());
                }
                self.trace.push(format!("elsewhere: label of #{mark} is {label:?}"));
                tables.rows[&mark].kind.write(&mut other, mark, Some(&label), None).map(drop)
            }
            Elsewhere::Note { row, note } => {
                let Some(mark) = pick(&rows, *row) else { return Ok(()) };
                tables.count_on(self.oracle.shape, mark);
                let row = tables.rows.get_mut(&mark).expect("it is there");
                row.note = Some(i64::from(*note));
                self.trace.push(format!("elsewhere: note of #{mark} is {note}"));
                row.kind.write(&mut other, mark, None, Some(i64::from(*note))).map(drop)
            }
            Elsewhere::Insert { kind, label, parent } => {
                let kind = pick(self.oracle.shape.kinds, *kind).expect("a shape has kinds");
                let edge = self.oracle.shape.edge_of(kind).map(|(_, edge)| edge);
                let owners = edge.map(|edge| tables.of(edge.owner)).unwrap_or_default();
                let parent = parent.and_then(|parent| pick(&owners, parent));
                if edge.is_some_and(|edge| edge.required && parent.is_none()) {
                    return Ok(());
                }
                let (mark, label) = (self.mark(), label_of(*label));
                let row = Row { parent, ..Row::new(self.oracle.shape, kind, &label) };
                tables.rows.insert(mark, row);
                if !self.possible(&tables) {
                    return Ok(());
                }
                self.trace.push(format!("elsewhere: add {kind:?} #{mark} {label:?} of {parent:?}"));
                let owner = match edge.zip(parent) {
                    Some((edge, parent)) => edge.owner.get(&mut other, self.oracle.keys[&parent]),
                    None => Ok(None),
                };
                let any = kind.add(&mut other, mark, &label);
                match edge {
                    Some(edge) => owner.and_then(|it| (edge.calls.point)(&mut other, any, it)),
                    None => Ok(()),
                }
            }
            Elsewhere::Delete { row } => {
                let Some(mark) = pick(&rows, *row) else { return Ok(()) };
                let kind = tables.rows[&mark].kind;
                tables.erase(self.oracle.shape, mark);
                if !self.possible(&tables) {
                    return Ok(());
                }
                self.trace.push(format!("elsewhere: delete #{mark}"));
                kind.erase(&mut other, mark).map(drop)
            }
            Elsewhere::Link { pair, linked } => {
                let Some(link) = self.oracle.shape.link else { return Ok(()) };
                let left = pick(&tables.of(link.left), pair.0);
                let right = pick(&tables.of(link.right), pair.1);
                let (Some(left), Some(right)) = (left, right) else { return Ok(()) };
                let changed = if *linked {
                    tables.links.insert((left, right))
                } else {
                    tables.links.remove(&(left, right))
                };
                if !changed {
                    return Ok(());
                }
                self.trace.push(format!("elsewhere: #{left} – #{right} linked: {linked}"));
                let calls = &link.sides[0];
                let call = if *linked { calls.link } else { calls.unlink };
                let ends = link.left.get(&mut other, self.oracle.keys[&left]).and_then(|left| {
                    let right = link.right.get(&mut other, self.oracle.keys[&right])?;
                    Ok(left.zip(right))
                });
                ends.and_then(|ends| ends.map_or(Ok(()), |(own, any)| call(&mut other, own, any)))
            }
        };
        done.and_then(|()| other.commit()).map_err(|error| format!("elsewhere: {error}"))?;
        self.oracle.written_elsewhere(tables);
        self.check_committed()
    }

    fn possible(&self, tables: &Tables) -> bool {
        tables.violations(self.oracle.shape).is_empty()
    }
}
