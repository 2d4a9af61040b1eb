//! Newtypes (`#[derive(DbType)]`) are what is inside of them: as columns, keys, foreign keys, in
//! statements and as parameters.

use crate::setup::*;
use chrono::{DateTime, TimeDelta, Utc};
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    newtypes_go_out_and_come_back,
    newtypes_are_compared_as_what_is_inside,
    newtypes_are_parameters_and_are_read,
    a_newtype_is_a_key_and_a_foreign_key,
    a_newtype_is_cut_to_what_the_column_keeps,
);

type Done = orm::Result<()>;

#[derive(orm::DbType, Clone, Copy, Debug, PartialEq, Eq)]
struct UserId(i64);

#[derive(orm::DbType, Clone, Debug, PartialEq, PartialOrd)]
struct Email {
    address: String,
}

/// A newtype of a newtype.
#[derive(orm::DbType, Clone, Debug, PartialEq)]
struct Contact(Email);

#[derive(orm::DbType, Clone, Debug, PartialEq)]
struct Seen(DateTime<Utc>);

#[derive(orm::DbType, Clone, Debug, PartialEq)]
struct Token(Vec<u8>);

#[derive(Model, Clone, Debug)]
#[orm(table = "users")]
struct User {
    #[orm(primary_key)]
    id: Auto<UserId>,
    #[orm(unique, length = 40)]
    email: Email,
    second: Option<Email>,
    contact: Option<Contact>,
    token: Option<Token>,
    seen: Option<Seen>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "notes")]
struct Note {
    #[orm(primary_key)]
    topic: Email,
    user: Ref<User>,
}

fn email(address: &str) -> Email {
    Email { address: address.to_owned() }
}

fn ready_users(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of((User, Note))).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn newtypes_go_out_and_come_back(db: &TestDatabase) -> Done {
    let engine = ready_users(db)?;
    let mut session = engine.session();
    let a = session.add(User {
        second: Some(email("second")),
        contact: Some(Contact(email("contact"))),
        token: Some(Token(vec![0, 1, 255])),
        ..User::new(email("a"))
    });
    let b = session.add(User::new(email("b")));
    session.commit()?;
    assert_eq!((session[a].id, session[b].id), (UserId(1).into(), UserId(2).into()));
    session[a].second = None;
    session[b].second = Some(email("of b"));
    session[b].email = email("b"); // no change
    let log = engine.record();
    session.commit()?;
    assert!(
        log.take().iter().all(|sql| !sql.contains("\"email\"")),
        "what is the same is not sent"
    );
    let mut connection = engine.connect()?;
    let users = select(User).order_by(User.email).all(&mut connection)?;
    let [one, two] = &users[..] else { panic!("{users:?}") };
    assert_eq!((&one.email, &one.second), (&email("a"), &None));
    assert_eq!(one.contact, Some(Contact(email("contact"))));
    assert_eq!(one.token, Some(Token(vec![0, 1, 255])));
    assert_eq!((&two.email, &two.second), (&email("b"), &Some(email("of b"))));
    connection.commit()?;
    drop(connection);
    session.add(User::new(email("a")));
    assert_eq!(session.flush().map_err(|error| error.kind()), Err(ErrorKind::UniqueViolation));
    session.rollback()?;
    engine.drop_all()?;
    Ok(())
}

fn newtypes_are_compared_as_what_is_inside(db: &TestDatabase) -> Done {
    let engine = ready_users(db)?;
    let mut session = engine.session();
    for address in ["a", "b", "c"] {
        session.add(User::new(email(address)));
    }
    session.commit()?;
    let found = |condition: orm::sql::Predicate, session: &mut Session| -> orm::Result<String> {
        let emails = select(User.email).filter(condition).order_by(User.email).all(session)?;
        Ok(emails.into_iter().map(|email| email.address).collect())
    };
    let s = &mut session;
    assert_eq!(found(User.email.eq(email("b")), s)?, "b");
    let b = email("b");
    assert_eq!(found(User.email.eq(&b) & User.email.le(&b) & User.email.eq(b), s)?, "b");
    assert_eq!(found(User.email.eq("b"), s)?, "b");
    assert_eq!(found(User.email.eq("b".to_owned()), s)?, "b");
    assert_eq!(found(User.email.gt("a"), s)?, "bc");
    assert_eq!(found(User.email.between("a", email("b")), s)?, "ab");
    assert_eq!(found(User.email.in_([email("a"), email("c")]), s)?, "ac");
    assert_eq!(found(User.email.not_in([email("a"), email("c")]), s)?, "b");
    assert_eq!(found(User.email.like("%b%") | User.email.starts_with("c"), s)?, "bc");
    assert_eq!(found(User.id.eq(2), s)?, "b");
    assert_eq!(found(User.id.eq(UserId(2)), s)?, "b");
    assert_eq!(found(User.id.in_([UserId(2), UserId(3)]), s)?, "bc");
    assert_eq!(found(User.second.is_null() & User.email.ne("a"), s)?, "bc");
    assert_eq!(s.query(max(User.email)).one()?, Some(email("c")));
    let mut b = s.query(User).filter(User.email.eq("b"));
    b.update((User.second.set(email("text")), User.email.set(email("d"))))?;
    assert_eq!(found(User.second.eq("text"), s)?, "d");
    s.query(User).update(User.second.set(None))?;
    assert_eq!(found(User.second.is_not_distinct_from(None), s)?, "acd");
    s.query(User).filter(User.email.eq("a")).delete()?;
    assert_eq!(s.query(User).count()?, 2);
    Ok(())
}

fn newtypes_are_parameters_and_are_read(db: &TestDatabase) -> Done {
    let engine = ready_users(db)?;
    run(&engine, &["INSERT INTO users (email) VALUES ('a'), ('b')"]);
    let asked = text("SELECT id, email, second FROM users WHERE email = :email OR id = :id");
    let asked = asked.bind("email", email("a")).bind("id", UserId(2));
    let rows: Vec<(UserId, Email, Option<Email>)> = committed(&engine, asked);
    assert_eq!(rows, [(UserId(1), email("a"), None), (UserId(2), email("b"), None)]);
    let mut connection = engine.connect()?;
    let error = connection.execute(text("SELECT second FROM users"))?.all::<(Email,)>().err();
    let error = error.expect("NULL is no e-mail address");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("`second`"), "{error}");
    Ok(())
}

fn a_newtype_is_a_key_and_a_foreign_key(db: &TestDatabase) -> Done {
    let engine = ready_users(db)?;
    let mut session = engine.session();
    let user = session.add(User::new(email("a")));
    let note = session.add(Note::new(email("topic"), user));
    session.commit()?;
    let mut other = engine.session();
    let read = other.get(Note, "topic")?.expect("by what is inside");
    assert_eq!(other.get(Note, email("topic"))?, Some(read));
    assert_eq!(other.get(User, 1)?, other.get(User, UserId(1))?);
    assert_eq!(other.load(read, Note.user)?, other.get(User, session[user].id)?.expect("there"));
    assert_eq!(other.query(Note).filter(Note.user.eq(UserId(1))).all()?, [read]);
    assert_eq!(other.query(Note).filter(User.id.eq(Note.user)).join(Note.user).all()?, [read]);
    other.add(Note::new(email("another"), UserId(1)));
    other.add(Note { topic: email("third"), user: UserId(1).into() });
    other.commit()?;
    assert_eq!(session.query(Note).filter(Note.user.eq(user)).count()?, 3);
    session.delete(note)?;
    session.commit()?;
    assert_eq!(session.query(Note).count()?, 2);
    Ok(())
}

fn a_newtype_is_cut_to_what_the_column_keeps(db: &TestDatabase) -> Done {
    let engine = ready_users(db)?;
    let mut session = engine.session();
    let exact = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::nanoseconds(1_234_567);
    let user = session.add(User { seen: Some(Seen(exact)), ..User::new(email("a")) });
    session.commit()?;
    let kept = Some(Seen(DateTime::<Utc>::UNIX_EPOCH + TimeDelta::microseconds(1_234)));
    assert_eq!(session[user].seen, kept);
    assert_eq!(engine.session().query(User.seen).one()?, kept);
    assert_eq!(session.query(User).filter(User.seen.eq(exact)).count()?, 1);
    Ok(())
}
