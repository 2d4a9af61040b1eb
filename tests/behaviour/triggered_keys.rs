//! Values that a trigger makes before a row is written, keys among them.

use crate::setup::{committed, run, statements};
use orm::ErrorKind;
use orm::engine::text;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_postgres, on_sqlite};

on_postgres!(keys_that_a_trigger_makes_find_their_objects, a_key_that_a_trigger_leaves_out_is_told,);
on_sqlite!(keys_of_triggers_can_t_be_had);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "tickets")]
struct Ticket {
    #[orm(primary_key, server_default = trigger)]
    code: Auto<String>,
    name: String,
    #[orm(server_default = trigger)]
    made: Auto<i32>,
    #[orm(back_populates = ticket)]
    stubs: Many<Stub>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "stubs")]
struct Stub {
    #[orm(primary_key)]
    id: Auto<i64>,
    ticket: Ref<Ticket>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of((Ticket, Stub))).build()?;
    engine.create_all()?;
    run(
        &engine,
        &[
            "CREATE FUNCTION number_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
               IF NEW.name = 'left out' THEN RETURN NULL; END IF;
               NEW.code := 't-' || NEW.name;
               NEW.made := length(NEW.name);
               RETURN NEW;
             END $$",
            "CREATE TRIGGER number_ticket BEFORE INSERT ON tickets
             FOR EACH ROW EXECUTE FUNCTION number_ticket()",
        ],
    );
    Ok(engine)
}

fn keys_that_a_trigger_makes_find_their_objects(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let tickets: Vec<_> = ["c", "bb", "aaa"]
        .into_iter()
        .map(|name| {
            session.add(Ticket { stubs: [Stub::new(Ref::unset())].into(), ..Ticket::new(name) })
        })
        .collect();
    let log = engine.record();
    session.commit()?;
    // the key of each is told by its own statement
    let insert = "INSERT INTO \"tickets\" (\"name\") SELECT c1 FROM unnest($1::TEXT[]) WITH ORDINALITY \
                  AS v(c1, n) ORDER BY n RETURNING \"code\", \"made\"";
    let sent = statements(&log);
    assert_eq!(sent[..3], [insert; 3]);
    assert_eq!(sent.len(), 4, "{sent:#?}");
    for (ticket, name) in tickets.iter().zip(["c", "bb", "aaa"]) {
        let ticket = &session[*ticket];
        assert_eq!(ticket.code.get().map(String::as_str), Some(&*format!("t-{name}")));
        assert_eq!(ticket.made.get().copied(), i32::try_from(name.len()).ok());
    }
    let rows: Vec<(String,)> =
        committed(&engine, text("SELECT ticket_code FROM stubs ORDER BY id"));
    assert_eq!(rows, [("t-c".to_owned(),), ("t-bb".to_owned(),), ("t-aaa".to_owned(),)]);
    session[tickets[0]].name = "d".into();
    session.commit()?;
    assert_eq!(session.get(Ticket, "t-c")?, Some(tickets[0]));
    Ok(())
}

fn a_key_that_a_trigger_leaves_out_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    session.add(Ticket::new("left out"));
    let error = session.flush().expect_err("no row is inserted");
    assert_eq!(error.kind(), ErrorKind::Stale);
    session.rollback()?;
    run(&engine, &["DROP TRIGGER number_ticket ON tickets"]);
    session.add(Ticket::new("nobody's"));
    let error = session.flush().expect_err("nobody makes the key");
    assert_eq!(error.kind(), ErrorKind::NotNullViolation);
    Ok(())
}

fn keys_of_triggers_can_t_be_had(db: &TestDatabase) -> Done {
    let told = Engine::builder(db.url()).models(Schema::of((Ticket, Stub))).build();
    let error = told.expect_err("no trigger of it can");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("with `Ticket.code`; give the value"), "{error}");
    Ok(())
}
