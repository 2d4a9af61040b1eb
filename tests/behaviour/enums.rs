//! Enums stored by their labels (`#[derive(DbEnum)]`): alike on both databases, whether the database
//! has a type for them or text with a CHECK.

use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database, on_postgres};

on_each_database!(
    labels_go_out_and_come_back,
    labels_sort_and_compare_in_the_order_of_the_variants,
    labels_are_parameters_and_are_read,
    a_label_is_a_key_and_a_foreign_key,
    an_unknown_label_is_told_by_its_column,
    labels_with_quotes_go_out_and_come_back,
    tables_of_labels_are_made_and_dropped_again_and_again,
    a_label_that_is_none_is_out_of_range,
);
on_postgres!(
    an_enum_type_with_the_same_labels_is_left,
    an_enum_type_with_other_labels_is_told_with_both,
    an_enum_type_can_be_in_a_schema,
);

type Done = orm::Result<()>;

/// Not in the order of the alphabet.
#[derive(orm::DbEnum, Clone, Copy, Debug, PartialEq)]
enum Status {
    Open,
    InProgress,
    #[orm(value = "closed")]
    Done,
}

#[derive(orm::DbEnum, Clone, Copy, Debug, PartialEq)]
#[orm(name = "kind \"of\" thing", crate = "::orm")]
enum Kind {
    #[orm(value = "it's")]
    Quote,
    #[orm(value = "100% \"é\" \\ $1 :x")]
    Hostile,
    r#Type,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "tasks")]
struct Task {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    #[orm(default = Status::Open, index)]
    status: Status,
    before: Option<Status>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "columns_of_the_board")]
struct Lane {
    #[orm(primary_key)]
    status: Status,
    #[orm(unique)]
    kind: Kind,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "cards")]
struct Card {
    #[orm(primary_key)]
    id: Auto<i64>,
    lane: Ref<Lane>,
}

fn ready_tasks(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of((Task, Lane, Card))).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn labels_go_out_and_come_back(db: &TestDatabase) -> Done {
    let engine = ready_tasks(db)?;
    let mut session = engine.session();
    let all = [Status::Open, Status::InProgress, Status::Done];
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let before = (number % 2 == 0).then(|| all[number % 3]);
            let status = all[(number + 1) % 3];
            session.add(Task { status, before, ..Task::new(format!("{number:03}")) })
        })
        .collect();
    session.commit()?;
    let mut connection = engine.connect()?;
    let read = select(Task).order_by(Task.title).all(&mut connection)?;
    connection.commit()?;
    drop(connection);
    assert_eq!(read.len(), 100);
    for (task, read) in tasks.iter().zip(&read) {
        assert_eq!((session[*task].status, session[*task].before), (read.status, read.before));
    }
    assert_eq!(Task::new("new").status, Status::Open);
    session[tasks[0]].status = Status::Done;
    session[tasks[0]].before = None;
    session[tasks[1]].before = Some(Status::Open);
    session.commit()?;
    let rows: Vec<(String, Option<String>)> = committed(
        &engine,
        text("SELECT status, before FROM tasks WHERE title IN ('000', '001') ORDER BY title"),
    );
    assert_eq!(rows, [("closed".into(), None), ("closed".into(), Some("open".into()))]);
    session.delete(tasks[0])?;
    session.commit()?;
    assert_eq!(session.query(Task).count()?, 99);
    drop(session); // and with it the transaction that reads the table
    engine.drop_all()
}

fn labels_sort_and_compare_in_the_order_of_the_variants(db: &TestDatabase) -> Done {
    let engine = ready_tasks(db)?;
    let mut s = engine.session();
    for (title, status, before) in [
        ("d", Status::Done, None),
        ("o", Status::Open, Some(Status::Open)),
        ("i", Status::InProgress, Some(Status::Done)),
    ] {
        s.add(Task { status, before, ..Task::new(title) });
    }
    s.commit()?;
    let found = |condition: orm::sql::Predicate, s: &mut Session| -> orm::Result<String> {
        let rows = select(Task.title).filter(condition).order_by(Task.status).all(s)?;
        Ok(rows.concat())
    };
    let s = &mut s;
    assert_eq!(found(Task.id.gt(0), s)?, "oid");
    assert_eq!(select(Task.title).order_by(Task.status.desc()).all(s)?.concat(), "dio");
    assert_eq!(select(Task.title).order_by(Task.before).all(s)?.concat(), "oid");
    assert_eq!(found(Task.status.eq(Status::Done), s)?, "d");
    assert_eq!(found(Task.status.ne(Status::Done), s)?, "oi");
    assert_eq!(found(Task.status.lt(Status::Done), s)?, "oi");
    assert_eq!(found(Task.status.ge(Status::InProgress), s)?, "id");
    assert_eq!(found(Task.status.between(Status::Open, Status::InProgress), s)?, "oi");
    assert_eq!(found(Task.status.in_([Status::Open, Status::Done]), s)?, "od");
    assert_eq!(found(Task.status.not_in([Status::Open, Status::Done]), s)?, "i");
    assert_eq!(found(Task.before.is_not_distinct_from(None), s)?, "d");
    assert_eq!(found(Task.before.eq(Task.status), s)?, "o");
    assert_eq!(found(Task.status.lt(Task.before), s)?, "i");
    assert_eq!(found(Task.status.in_(Vec::<Status>::new()), s)?, "");
    let extremes = s.query((min(Task.status), max(Task.status), max(Task.before))).one()?;
    assert_eq!(extremes, (Some(Status::Open), Some(Status::Done), Some(Status::Done)));
    let none = s.query(min(Task.status)).filter(Task.id.eq(0)).one()?;
    assert_eq!(none, None);
    let groups =
        s.query((Task.status, count_all())).group_by(Task.status).order_by(Task.status).all()?;
    assert_eq!(groups, [(Status::Open, 1), (Status::InProgress, 1), (Status::Done, 1)]);
    s.query(Task)
        .filter(Task.status.eq(Status::Done))
        .update((Task.status.set(Status::Open), Task.before.set(Some(Status::InProgress))))?;
    s.query(Task).filter(Task.title.eq("o")).update(Task.before.set(None))?;
    s.query(Task).filter(Task.title.eq("i")).update(Task.status.set(Status::Done))?;
    assert_eq!(found(Task.before.eq(Status::InProgress), s)?, "d");
    assert_eq!(found(Task.before.is_null(), s)?, "o");
    s.query(Task).filter(Task.status.gt(Status::Open)).delete()?;
    assert_eq!(s.query(Task).count()?, 2);
    Ok(())
}

fn labels_are_parameters_and_are_read(db: &TestDatabase) -> Done {
    let engine = ready_tasks(db)?;
    let mut connection = engine.connect()?;
    let insert = "INSERT INTO tasks (title, status, before) VALUES (:title, :status, :before)";
    connection.execute(
        text(insert)
            .bind("title", "a")
            .bind("status", Status::InProgress)
            .bind("before", None::<Status>),
    )?;
    let asked = text("SELECT status, before FROM tasks WHERE status = :status");
    let rows = connection.execute(asked.bind("status", Status::InProgress))?;
    assert_eq!(rows.all::<(Status, Option<Status>)>()?, [(Status::InProgress, None)]);
    let literal = connection.execute(text("SELECT 'closed'"))?.scalar::<Status>()?;
    assert_eq!(literal, Status::Done);
    let error = connection.execute(text("SELECT 1"))?.scalar::<Status>().expect_err("a number");
    assert_eq!(error.kind(), ErrorKind::Decode);
    Ok(())
}

fn a_label_is_a_key_and_a_foreign_key(db: &TestDatabase) -> Done {
    let engine = ready_tasks(db)?;
    let mut session = engine.session();
    let lane = session.add(Lane::new(Status::InProgress, Kind::Quote));
    session.add(Lane::new(Status::Open, Kind::Hostile));
    let card = session.add(Card::new(lane));
    session.commit()?;
    let mut other = engine.session();
    let read = other.get(Lane, Status::InProgress)?.expect("by its label");
    assert_eq!(other[read].kind, Kind::Quote);
    let cards = other.query(Card).filter(Card.lane.eq(Status::InProgress)).all()?;
    assert_eq!(other.load(cards[0], Card.lane)?, read);
    other.add(Card::new(Status::Open));
    other.commit()?;
    let lanes = other.query(Lane.status).order_by(Lane.status).all()?;
    assert_eq!(lanes, [Status::Open, Status::InProgress]);
    let first = other.query(Lane).first()?.expect("some");
    assert_eq!(other[first].status, Status::Open, "`first` orders by the key");
    session.delete(card)?;
    session[lane].kind = Kind::Type;
    session.commit()?;
    session.delete(lane)?;
    session.commit()?;
    session.add(Lane::new(Status::Done, Kind::Hostile));
    let kind = session.flush().map_err(|error| error.kind());
    assert_eq!(kind, Err(ErrorKind::UniqueViolation));
    Ok(())
}

/// The same table, as a program knows it that has fewer labels.
mod older {
    use orm::prelude::*;

    #[derive(orm::DbEnum, Clone, Debug)]
    pub enum Status {
        Open,
        Closed,
    }

    #[derive(Model, Clone, Debug)]
    #[orm(table = "tasks")]
    pub struct Task {
        #[orm(primary_key)]
        pub id: Auto<i64>,
        pub title: String,
        pub status: Status,
        pub before: Option<Status>,
    }
}

fn an_unknown_label_is_told_by_its_column(db: &TestDatabase) -> Done {
    let engine = ready_tasks(db)?;
    let mut session = engine.session();
    session.add(Task { status: Status::InProgress, ..Task::new("a") });
    session.commit()?;
    let other = Engine::new(db.url())?;
    let error = other.session().query(older::Task).all().expect_err("a label it has not");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("`status`"), "{error}");
    assert!(!error.to_string().contains("in_progress"), "no value: {error}");
    Ok(())
}

fn labels_with_quotes_go_out_and_come_back(db: &TestDatabase) -> Done {
    let engine = ready_tasks(db)?;
    let mut s = engine.session();
    s.add(Lane::new(Status::Open, Kind::Hostile));
    s.add(Lane::new(Status::Done, Kind::Quote));
    s.add(Lane::new(Status::InProgress, Kind::Type));
    s.commit()?;
    let kinds = engine.session().query(Lane.kind).order_by(Lane.kind.desc()).all()?;
    assert_eq!(kinds, [Kind::Type, Kind::Hostile, Kind::Quote]);
    assert_eq!(s.query(Lane.kind).filter(Lane.kind.eq(Kind::Hostile)).all()?, [Kind::Hostile]);
    assert_eq!(s.query(Lane.kind).filter(Lane.kind.in_([Kind::Quote])).all()?, [Kind::Quote]);
    Ok(())
}

fn tables_of_labels_are_made_and_dropped_again_and_again(db: &TestDatabase) -> Done {
    let engine =
        Engine::builder(db.url()).models(Schema::of((Task, Lane, Card))).pool_size(1).build()?;
    let kind = engine.session().query(Task).all().map_err(|error| error.kind());
    assert!(kind.is_err(), "nothing is there yet");
    for _ in 0..2 {
        engine.create_all()?;
        engine.create_all()?;
        let mut session = engine.session();
        session.add(Task::new("a"));
        session.commit()?;
        let read = session.query(Task.status).filter(Task.status.eq(Status::Open)).all()?;
        assert_eq!(read, [Status::Open]);
        drop(session);
        engine.drop_all()?;
        engine.drop_all()?;
    }
    Ok(())
}

fn an_enum_type_with_the_same_labels_is_left(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Task)).build()?;
    run(&engine, &["CREATE TYPE status AS ENUM ('open', 'in_progress', 'closed')"]);
    engine.create_all()?;
    let mut session = engine.session();
    session.add(Task::new("a"));
    session.commit()
}

fn an_enum_type_with_other_labels_is_told_with_both(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Task)).build()?;
    run(&engine, &["CREATE TYPE status AS ENUM ('open', 'gone')"]);
    let error = engine.create_all().expect_err("other labels");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let told =
        "exists with the labels `open`, `gone`, the enum has `open`, `in_progress`, `closed`";
    assert!(error.to_string().contains(told), "{error}");
    Ok(())
}

#[derive(orm::DbEnum, Clone, Debug, PartialEq)]
#[orm(schema = "the types", name = "level")]
enum Level {
    Low,
    High,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "alarms")]
struct Alarm {
    #[orm(primary_key)]
    id: Auto<i64>,
    level: Level,
}

fn an_enum_type_can_be_in_a_schema(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Alarm)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let alarm = session.add(Alarm::new(Level::Low));
    session.commit()?;
    session[alarm].level = Level::High;
    session.commit()?;
    assert_eq!(session.query(Alarm.level).one()?, Level::High);
    drop(session);
    engine.drop_all()
}

fn a_label_that_is_none_is_out_of_range(db: &TestDatabase) -> Done {
    let engine = ready_tasks(db)?;
    let mut connection = engine.connect()?;
    let insert = text("INSERT INTO tasks (title, status) VALUES ('a', 'none')");
    let error = connection.execute(insert).expect_err("no label");
    assert_eq!(error.kind(), ErrorKind::ValueOutOfRange, "{error}");
    let message = error.to_string();
    let of_a_type = engine.dialect().features.enum_types.is_some();
    assert!(of_a_type || message.contains("`status` of `tasks` takes the labels"), "{message}");
    Ok(())
}
