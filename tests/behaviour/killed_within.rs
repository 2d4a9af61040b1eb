//! A connection cut before, within and after each message of a flush and its COMMIT: nothing is half
//! written, the kind says what is known, the objects are as they were, and the next transaction works.

use crate::setup::committed;
use orm::prelude::*;
use orm::session::Gone;
use orm::{ErrorKind, State};
use orm_test_support::{Cut, Proxy, TestDatabase, on_postgres};

on_postgres!(
    a_flush_cut_at_any_message_is_not_half_written,
    a_transaction_cut_at_any_message_is_never_run_again,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "teams")]
struct Team {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    name: String,
    #[orm(back_populates = team, cascade(all, delete_orphan), order_by = name)]
    members: Many<Member>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "members")]
struct Member {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(version)]
    version: i32,
    team: Ref<Team>,
    #[orm(secondary = "member_skills")]
    skills: Many<Skill>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "skills")]
struct Skill {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
}

/// What the loop gives up at: far more messages than a flush has.
const MOST_MESSAGES: usize = 500;

const BEFORE: &[&str] = &["Ann of old", "Ann sings", "Bo of old", "Cy of old", "old", "sings"];
const AFTER: &[&str] = &[
    "Anna of old",
    "Cy of old",
    "Cy sings",
    "Di of new",
    "Ed of new",
    "new",
    "old",
    "sings",
    "without Bo",
];

/// All rows, told by names: keys differ from run to run.
fn rows(engine: &Engine) -> Vec<String> {
    let rows: Vec<(String,)> = committed(
        engine,
        text(
            "SELECT name FROM teams UNION ALL SELECT name FROM skills UNION ALL \
             SELECT m.name || ' of ' || t.name FROM members m JOIN teams t ON t.id = m.team_id \
             UNION ALL SELECT m.name || ' ' || s.name FROM member_skills l \
             JOIN members m ON m.id = l.member_id JOIN skills s ON s.id = l.skill_id ORDER BY 1",
        ),
    );
    rows.into_iter().map(|(row,)| row).collect()
}

fn reset(engine: &Engine) {
    crate::setup::run(
        engine,
        &[
            "DELETE FROM member_skills",
            "DELETE FROM members",
            "DELETE FROM skills",
            "DELETE FROM teams",
            "INSERT INTO teams (id, name) VALUES (-1, 'old')",
            "INSERT INTO skills (id, name) VALUES (-1, 'sings')",
            "INSERT INTO members (id, name, version, team_id) VALUES (-1, 'Ann', 1, -1), \
             (-2, 'Bo', 1, -1), (-3, 'Cy', 1, -1)",
            "INSERT INTO member_skills (member_id, skill_id) VALUES (-1, -1)",
        ],
    );
}

/// An engine whose sessions add to what is flushed, by hooks.
fn engine(url: &str) -> Engine {
    let builder = Engine::builder(url).models(Schema::of((Team, Member, Skill)));
    let hooked = builder
        .before_flush(|session: &mut Session| {
            for member in session.deleted(Member) {
                let told = format!("without {}", session[member].name);
                session.add(Skill::new(told));
            }
            Ok(())
        })
        .before_update(|member: &mut Member| {
            member.name = member.name.trim().to_owned();
            Ok(())
        });
    hooked.pool_size(1).build().expect("the models fit together")
}

/// The objects of a session that the flush is about.
struct Known {
    ann: orm::Handle<Member>,
    bo: orm::Handle<Member>,
    cy: orm::Handle<Member>,
    sings: orm::Handle<Skill>,
}

fn load(session: &mut Session) -> orm::Result<Known> {
    let team = session.query(Team).include(Team.members.then(Member.skills)).one()?;
    let members = session.load(team, Team.members)?;
    let [ann, bo, cy] = members[..] else { panic!("three members: {members:?}") };
    let sings = session.query(Skill).one()?;
    session.commit()?;
    Ok(Known { ann, bo, cy, sings })
}

/// Inserts on two levels and one by a hook, an update and a deletion by their versions, a link that goes
/// and one that comes.
fn change(
    session: &mut Session,
    known: &Known,
) -> orm::Result<(orm::Handle<Team>, Vec<orm::Handle<Member>>)> {
    let team = session.add(Team::new("new"));
    let members = session.add_all(["Ed", "Di"].map(|name| Member::new(name, team)));
    session[known.ann].name = " Anna ".into();
    session.delete(known.bo)?;
    session.unlink(known.ann, Member.skills, known.sings)?;
    session.link(known.cy, Member.skills, known.sings)?;
    Ok((team, members))
}

fn a_flush_cut_at_any_message_is_not_half_written(db: &TestDatabase) -> Done {
    let direct = engine(db.url());
    direct.create_all()?;
    let proxy = Proxy::before(db.url());
    for cut in [Cut::Before, Cut::Within, Cut::After] {
        let engine = engine(proxy.url());
        let (mut commits, mut begins, mut others) = (0, 0, 0);
        for passing in 0..=MOST_MESSAGES {
            assert!(passing < MOST_MESSAGES, "the flush has no end");
            reset(&direct);
            assert_eq!(rows(&direct), BEFORE);
            let mut session = engine.session();
            let known = load(&mut session)?;
            proxy.cut(passing, cut);
            let (team, members) = change(&mut session, &known)?;
            let done = session.commit();
            let Some(at) = proxy.disarm() else {
                done?;
                assert_eq!(rows(&direct), AFTER);
                assert_eq!(session[known.ann].version, 2);
                break;
            };
            let place = format!("{cut:?} message {passing}: {at}");
            let Err(error) = done else {
                // BEGIN probes the connection, and is the only statement that is sent again
                assert!(at.starts_with("Q BEGIN"), "{place}");
                begins += 1;
                assert_eq!(rows(&direct), AFTER, "{place}");
                continue;
            };
            let in_commit = at.starts_with("Q COMMIT");
            let kind =
                if in_commit { ErrorKind::CommitOutcomeUnknown } else { ErrorKind::ConnectionLost };
            assert_eq!(error.kind(), kind, "{place}: {error:?}");
            *(if in_commit { &mut commits } else { &mut others }) += 1;
            let kept = in_commit && cut == Cut::After;
            assert_eq!(rows(&direct), if kept { AFTER } else { BEFORE }, "{place}");

            // the session says so until `rollback`, which puts the objects back
            let error = session.query(Team).count().expect_err("until rollback");
            assert_eq!(error.kind(), ErrorKind::SessionFailed, "{place}");
            session.rollback()?;
            assert_eq!(session[known.ann].name, "Ann", "{place}");
            assert_eq!(session[known.ann].version, 1, "{place}");
            assert!(session.added(Skill).is_empty(), "{place}: what the hook added is gone");
            for member in [known.ann, known.bo, known.cy] {
                assert_eq!(session.state(member)?, State::Persistent, "{place}");
            }
            assert_eq!(session.state(members[0])?, State::Gone(Gone::RolledBack), "{place}");
            let value = session.take(team)?;
            assert_eq!((&value.name[..], value.id.get()), ("new", None), "{place}");

            // the next transaction works, with the same objects
            if !kept {
                change(&mut session, &known)?;
                session.commit()?;
            }
            assert_eq!(rows(&direct), AFTER, "{place}");
            assert_eq!(engine.session().query(Member).count()?, 4, "{place}");
        }
        assert_eq!((commits, begins), (1, 1), "{cut:?}");
        assert!(others > 20, "{cut:?}: seven statements have more than {others} messages");
    }
    Ok(())
}

fn a_transaction_cut_at_any_message_is_never_run_again(db: &TestDatabase) -> Done {
    let direct = engine(db.url());
    direct.create_all()?;
    let proxy = Proxy::before(db.url());
    for cut in [Cut::Before, Cut::After] {
        let engine = engine(proxy.url());
        let mut unknown = 0;
        for passing in 0..=MOST_MESSAGES {
            assert!(passing < MOST_MESSAGES, "the transaction has no end");
            crate::setup::run(&direct, &["DELETE FROM teams"]);
            engine.ping()?; // a connection that is open
            let mut runs = 0;
            proxy.cut(passing, cut);
            let done = engine.retry(5).transaction(|session| {
                runs += 1;
                session.add(Team::new("one"));
                session.flush()
            });
            let at = proxy.disarm();
            assert_eq!(runs, 1, "{cut:?} {at:?}");
            let in_commit = at.as_ref().is_some_and(|at| at.starts_with("Q COMMIT"));
            let kept = done.is_ok() || (in_commit && cut == Cut::After);
            assert_eq!(rows(&direct).len(), usize::from(kept), "{cut:?} {at:?}");
            match done {
                Ok(()) if at.is_none() => break,
                Ok(()) => assert!(at.is_some_and(|at| at.starts_with("Q BEGIN"))),
                Err(error) if in_commit => {
                    unknown += 1;
                    assert_eq!(error.kind(), ErrorKind::CommitOutcomeUnknown, "{error:?}");
                    assert!(!error.is_retryable());
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error:?}"),
            }
        }
        assert_eq!(unknown, 1, "{cut:?}");
    }
    Ok(())
}
