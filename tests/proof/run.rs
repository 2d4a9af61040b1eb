//! Runs a program on a session and on the oracle side by side.
//!
//! Each step is asked of the oracle first, on a copy, which is kept where the step was done. A
//! refusal ends the transaction or the savepoint around it, as a program would end it.

use crate::kinds::Any;
use crate::oracle::{Expected, Mark, Oracle, Stage, Why};
use crate::program::{Program, Step};
use crate::shapes::SHAPES;
use orm::prelude::*;
use orm::{Error, ErrorKind, State};
use std::collections::BTreeMap;

/// What differs, or what went wrong beside that.
pub type Checked<T = ()> = Result<T, String>;

/// Savepoints inside one another.
const DEEPEST: usize = 3;

pub struct Run<'e> {
    pub engine: &'e Engine,
    pub oracle: Oracle,
    /// The handles of objects in memory.
    pub handles: BTreeMap<Mark, Any>,
    pub trace: Vec<String>,
    /// Whether the session is on a connection, which commits at the end.
    pub joined: bool,
    /// Whether the refusal that is under way was told without SQL, the session going on.
    pub refused_in_memory: bool,
    /// Whether rows were not as they were known, since the transaction began.
    doubts: bool,
    next: Mark,
}

/// Why the steps of a savepoint (or of the program) ended.
enum Left {
    AtTheEnd,
    Released,
    Undone,
    Refused(Error),
}

/// Runs a program in a new session; the database is empty before.
pub fn run(engine: &Engine, program: &Program) -> Checked {
    let mut run = Run {
        engine,
        oracle: Oracle::new(&SHAPES[program.shape % SHAPES.len()]),
        handles: BTreeMap::new(),
        trace: Vec::new(),
        joined: program.joined,
        refused_in_memory: false,
        doubts: false,
        next: 0,
    };
    let done = run.whole(program);
    let on = if program.joined { ", on a connection" } else { "" };
    done.map_err(|why| {
        format!("{}{on}:\n  {}\n{why}", run.oracle.shape.name, run.trace.join("\n  "))
    })
}

impl Run<'_> {
    fn whole(&mut self, program: &Program) -> Checked {
        let told = |error: Error| format!("a session on a connection: {error}");
        let mut session = self.engine.session();
        if self.joined {
            session = Session::on(self.engine.connect().map_err(told)?);
        }
        let mut steps = program.steps.iter();
        while steps.len() > 0 {
            if let Left::Refused(error) = self.steps(&mut session, &mut steps, 0)? {
                self.after_refusal(&mut session, &error)?;
            }
        }
        if let Some(error) = self.commit(&mut session)? {
            self.after_refusal(&mut session, &error)?;
        }
        if !self.joined {
            return Ok(());
        }
        self.trace.push("commit the connection".to_owned());
        let mut connection = session.into_connection().map_err(told)?;
        connection.commit().map_err(told)?;
        self.check_outside()
    }

    /// Goes on with a new session, on the same connection where it is on one.
    fn anew(&mut self, session: &mut Session) -> Checked {
        self.trace.push("a new session".to_owned());
        let old = std::mem::replace(session, self.engine.session());
        if self.joined {
            let connection = old.into_connection();
            *session = Session::on(connection.map_err(|error| format!("taken back: {error}"))?);
        } else {
            drop(old);
        }
        self.oracle.begin_anew();
        self.forget_handles(session)
    }

    fn steps(
        &mut self,
        session: &mut Session,
        steps: &mut std::slice::Iter<'_, Step>,
        depth: usize,
    ) -> Checked<Left> {
        while let Some(step) = steps.next() {
            let refused = match step {
                Step::Savepoint if depth < DEEPEST => self.savepoint(session, steps, depth)?,
                Step::Release if depth > 0 => return Ok(Left::Released),
                Step::RollbackTo if depth > 0 => return Ok(Left::Undone),
                Step::Savepoint | Step::Release | Step::RollbackTo => None,
                Step::Commit if depth > 0 => {
                    self.refused_inside(session, step)?;
                    return Ok(Left::Released);
                }
                Step::Rollback if depth > 0 => {
                    self.refused_inside(session, step)?;
                    return Ok(Left::Undone);
                }
                Step::Anew if depth == 0 => {
                    self.anew(session)?;
                    None
                }
                Step::Commit => self.commit(session)?,
                Step::Rollback => {
                    self.roll_back(session)?;
                    None
                }
                step => self.step(session, step)?,
            };
            if let Some(error) = refused {
                return Ok(Left::Refused(error));
            }
        }
        Ok(Left::AtTheEnd)
    }

    /// `commit` and `rollback` inside a savepoint's closure are refused, and do nothing.
    fn refused_inside(&mut self, session: &mut Session, step: &Step) -> Checked {
        self.trace.push(format!("{step:?}, refused inside a savepoint"));
        let refused = match step {
            Step::Commit => session.commit(),
            _ => session.rollback(),
        };
        match refused {
            Err(error) if error.kind() == ErrorKind::InvalidState => Ok(()),
            other => Err(format!("{step:?} inside a savepoint: {other:?}")),
        }
    }

    fn savepoint(
        &mut self,
        session: &mut Session,
        steps: &mut std::slice::Iter<'_, Step>,
        depth: usize,
    ) -> Checked<Option<Error>> {
        let mut next = self.oracle.clone();
        let expected = next.savepoint();
        self.trace.push(format!("{}savepoint {{", "  ".repeat(depth)));
        let mut entered = None;
        let done = session.savepoint(|session| {
            self.oracle = next.clone();
            let inside = self.check(session).and_then(|()| self.steps(session, steps, depth + 1));
            let closure = match &inside {
                Ok(Left::AtTheEnd | Left::Released) => Ok(()),
                Ok(Left::Refused(error)) => Err(error.repeat()),
                Ok(Left::Undone) | Err(_) => Err(Error::custom("undone")),
            };
            entered = Some(inside);
            closure
        });
        let Some(inside) = entered else {
            return self.compare(&expected, done, session, next).map(|it| it.err());
        };
        allowed(&expected, Ok(()))?;
        let inside = inside?;
        let how = match &inside {
            Left::Undone => "undone".to_owned(),
            Left::Refused(error) => format!("undone by {:?}", error.kind()),
            Left::AtTheEnd | Left::Released => "released".to_owned(),
        };
        self.trace.push(format!("{}}} {how}", "  ".repeat(depth)));
        match inside {
            Left::AtTheEnd | Left::Released => {
                let mut next = self.oracle.clone();
                let expected = next.release();
                allowed(&expected, why_of(&done)?)?;
                if done.is_ok() {
                    self.oracle = next;
                } else {
                    self.doubts |=
                        done.as_ref().is_err_and(|error| error.kind() == ErrorKind::Stale);
                    self.oracle.roll_back_to();
                    self.take_doubts(session)?;
                }
            }
            Left::Undone | Left::Refused(_) => {
                if done.is_ok() {
                    return Err("an error of the closure is handed on".to_owned());
                }
                self.oracle.roll_back_to();
                self.take_doubts(session)?;
            }
        }
        self.check(session)?;
        Ok(None)
    }

    fn commit(&mut self, session: &mut Session) -> Checked<Option<Error>> {
        self.trace.push("commit".to_owned());
        let mut next = self.oracle.clone();
        let expected = next.commit();
        let done = session.commit();
        let done = self.compare(&expected, done, session, next)?;
        if done.is_ok() {
            self.doubts = false;
            self.check_committed()?;
        }
        Ok(done.err())
    }

    fn roll_back(&mut self, session: &mut Session) -> Checked {
        self.trace.push("rollback".to_owned());
        session.rollback().map_err(|error| format!("rollback: {error}"))?;
        self.oracle.roll_back();
        self.take_doubts(session)?;
        self.doubts = false;
        self.check(session)?;
        self.check_committed()
    }

    /// Where rows were not as they were known, a rollback makes the objects of that batch stale: which
    /// ones these are is said by the plan of the flush. An only one is among them.
    fn take_doubts(&mut self, session: &Session) -> Checked {
        if !self.doubts {
            return Ok(());
        }
        if let (Some(&only), 1) = (self.oracle.outdated.first(), self.oracle.outdated.len()) {
            self.oracle.doubt(only);
        }
        let persistent = self.oracle.objects.iter().filter(|(_, it)| it.stage == Stage::Persistent);
        let persistent: Vec<Mark> = persistent.map(|(&mark, _)| mark).collect();
        for mark in persistent {
            let Some(any) = self.handles.get(&mark) else { continue };
            let state = any.state(session).map_err(|error| format!("#{mark}: {error}"))?;
            if state == State::Stale {
                self.oracle.doubt(mark);
            }
        }
        Ok(())
    }

    /// After an error of the database every call says so, until `rollback`.
    fn after_refusal(&mut self, session: &mut Session, error: &Error) -> Checked {
        let told_before = [ErrorKind::InvalidState, ErrorKind::NotFound].contains(&error.kind());
        if !std::mem::take(&mut self.refused_in_memory) && !told_before {
            must_have_failed(session)?;
        }
        self.roll_back(session)
    }

    /// Keeps the oracle that is right about what happened, and looks at everything.
    pub fn compare<T>(
        &mut self,
        expected: &Expected,
        happened: orm::Result<T>,
        session: &mut Session,
        next: Oracle,
    ) -> Checked<Result<T, Error>> {
        allowed(expected, why_of(&happened)?).map_err(|why| match &happened {
            Err(error) => format!("{why}: {error}"),
            Ok(_) => why,
        })?;
        match happened {
            Ok(value) => {
                self.oracle = next;
                self.check(session)?;
                Ok(Ok(value))
            }
            Err(error) => {
                if error.kind() == ErrorKind::Stale && !self.refused_in_memory {
                    self.doubts = true;
                    self.oracle.outdated = next.outdated;
                }
                if let Some(step) = self.trace.last_mut() {
                    step.push_str(&format!("  => {:?}", error.kind()));
                }
                Ok(Err(error))
            }
        }
    }

    /// Objects were taken out: their handles are of nothing any more.
    pub fn forget_handles(&mut self, session: &Session) -> Checked {
        for (mark, any) in std::mem::take(&mut self.handles) {
            if any.seen(session).is_ok() {
                return Err(format!("the handle of #{mark}, of before, reaches an object"));
            }
        }
        Ok(())
    }

    pub fn mark(&mut self) -> Mark {
        self.next += 1;
        self.next
    }

    pub fn handle(&self, mark: Mark) -> Checked<Any> {
        self.handles.get(&mark).copied().ok_or_else(|| format!("no handle of #{mark}"))
    }

    /// Notes the handle of an object; one row has one.
    pub fn note(&mut self, session: &Session, any: Any) -> Checked<Mark> {
        let seen = any.seen(session).map_err(|error| format!("what was found: {error}"))?;
        match self.handles.insert(seen.mark, any) {
            Some(before) if before != any => {
                Err(format!("#{} has the handles {before:?} and {any:?}", seen.mark))
            }
            _ => Ok(seen.mark),
        }
    }
}

pub fn label_of(label: u8) -> String {
    format!("label {label}")
}

pub fn pick<T: Clone>(of: &[T], number: u8) -> Option<T> {
    if of.is_empty() { None } else { of.get(usize::from(number) % of.len()).cloned() }
}

/// Both are the same, or what differs.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Checked {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}:\n  found    {found:?}\n  expected {expected:?}"))
}

fn allowed(expected: &Expected, happened: Result<(), Why>) -> Checked {
    if expected.allows(happened) {
        return Ok(());
    }
    Err(format!("expected {expected:?}, but it was {happened:?}"))
}

fn must_have_failed(session: &mut Session) -> Checked {
    match session.flush() {
        Err(error) if error.kind() == ErrorKind::SessionFailed => Ok(()),
        other => Err(format!("after an error of the database a flush says {other:?}")),
    }
}

/// Why something was refused, in the oracle's words.
fn why_of<T>(happened: &orm::Result<T>) -> Checked<Result<(), Why>> {
    let Err(error) = happened else { return Ok(Ok(())) };
    let why = match error.kind() {
        ErrorKind::UniqueViolation => Why::Unique,
        ErrorKind::ForeignKeyViolation => Why::ForeignKey,
        ErrorKind::Stale => Why::Stale,
        ErrorKind::NotFound => Why::NotFound,
        ErrorKind::InvalidState => Why::Invalid,
        _ => return Err(format!("an error that nothing explains: {error}")),
    };
    Ok(Err(why))
}
