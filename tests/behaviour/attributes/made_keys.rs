//! Keys that a default of the column makes: random, or drawn from a sequence; with their objects in any order.

use crate::setup::*;
use orm::prelude::*;
use orm_test_support::TestDatabase;
use uuid::Uuid;

type Done = orm::Result<()>;

/// The cases on models whose defaults are written as the database wants them, and how many statements a
/// flush of many rows is.
macro_rules! with_keys_made_by {
    ($module:ident, $on:ident, $uuid:literal, $code:literal, $number:literal, $statements:expr) => {
        mod $module {
            use super::*;

            orm_test_support::$on!(
                many_rows_find_their_objects,
                children_point_to_keys_that_are_made,
                after_a_rollback_they_are_unset_again,
                keys_given_and_made_stand_beside_one_another,
                a_part_of_a_key_is_made,
                a_row_that_is_nothing_but_its_key,
            );

            #[derive(Model, Clone, Debug)]
            #[orm(table = "tickets")]
            struct Ticket {
                #[orm(primary_key, server_default = $uuid)]
                id: Auto<Uuid>,
                name: String,
                #[orm(back_populates = ticket, cascade(all), order_by = text)]
                remarks: Many<Remark>,
            }

            #[derive(Model, Clone, Debug)]
            #[orm(table = "remarks")]
            struct Remark {
                #[orm(primary_key, server_default = $code, length = 40)]
                code: Auto<String>,
                text: String,
                ticket: Ref<Ticket>,
            }

            #[derive(Model, Clone, Debug)]
            #[orm(table = "seats")]
            struct Seat {
                #[orm(primary_key, length = 5)]
                row: String,
                #[orm(primary_key, server_default = $number)]
                number: Auto<i64>,
                label: String,
            }

            #[derive(Model, Clone, Debug)]
            #[orm(table = "tokens")]
            struct Token {
                #[orm(primary_key, server_default = $uuid)]
                id: Auto<Uuid>,
            }

            fn engine(db: &TestDatabase) -> orm::Result<Engine> {
                let models = Schema::of((Ticket, Remark, Seat, Token));
                let engine = Engine::builder(db.url()).models(models).build()?;
                sequences(&engine);
                engine.create_all()?;
                Ok(engine)
            }

            fn many_rows_find_their_objects(db: &TestDatabase) -> Done {
                let engine = engine(db)?;
                let mut session = engine.session();
                let tickets = session.add_all((0..250).map(|n| Ticket::new(format!("{n:03}"))));
                let log = engine.record();
                session.commit()?;
                assert_eq!(statements(&log).len(), $statements(250));
                let rows: Vec<(Uuid, String)> =
                    committed(&engine, text("SELECT id, name FROM tickets ORDER BY name"));
                let objects: Vec<(Uuid, String)> = tickets
                    .iter()
                    .filter_map(|&ticket| {
                        Some((*session[ticket].id.get()?, session[ticket].name.clone()))
                    })
                    .collect();
                assert_eq!(objects, rows);
                log.take();
                assert_eq!(session.get(Ticket, rows[7].0)?, Some(tickets[7]));
                assert!(log.is_empty(), "known by its key");
                Ok(())
            }

            fn children_point_to_keys_that_are_made(db: &TestDatabase) -> Done {
                let engine = engine(db)?;
                let mut session = engine.session();
                for name in ["one", "two"] {
                    let ticket = session.add(Ticket::new(name));
                    session.add_all(
                        ["a", "b"].map(|text| Remark::new(format!("{name} {text}"), ticket)),
                    );
                }
                session.commit()?;
                let rows: Vec<(String, String)> = committed(
                    &engine,
                    text(
                        "SELECT t.name, r.text FROM remarks r JOIN tickets t ON t.id = r.ticket_id \
                         ORDER BY r.text",
                    ),
                );
                let pairs: Vec<(&str, &str)> =
                    rows.iter().map(|(name, text)| (&name[..], &text[..])).collect();
                assert_eq!(
                    pairs,
                    [("one", "one a"), ("one", "one b"), ("two", "two a"), ("two", "two b")]
                );
                let remark = session.query(Remark).filter(Remark.text.eq("two b")).one()?;
                let code = session[remark].code.get().cloned().expect("it was made");
                let mut other = engine.session();
                let found = other.get(Remark, &code[..])?.expect("by its key");
                assert_eq!(other[found].text, "two b");
                Ok(())
            }

            fn after_a_rollback_they_are_unset_again(db: &TestDatabase) -> Done {
                let engine = engine(db)?;
                let mut session = engine.session();
                let ticket = session.add(Ticket::new("one"));
                session.flush()?;
                let first = session[ticket].id.get().copied().expect("it was made");
                session.rollback()?;
                let value = session.take(ticket)?;
                assert_eq!(value.id.get(), None);
                let again = session.add(value);
                session.commit()?;
                assert_ne!(session[again].id.get(), Some(&first));
                assert_eq!(session.query(Ticket).count()?, 1);
                Ok(())
            }

            fn keys_given_and_made_stand_beside_one_another(db: &TestDatabase) -> Done {
                let engine = engine(db)?;
                let mut session = engine.session();
                let own = Uuid::from_u128(7);
                let given = session.add(Ticket { id: own.into(), ..Ticket::new("given") });
                let made = session.add(Ticket::new("made"));
                session.commit()?;
                assert_eq!(session[given].id.get(), Some(&own));
                let id = session[made].id.get().copied().expect("it was made");
                let mut other = engine.session();
                for (id, name) in [(own, "given"), (id, "made")] {
                    let found = other.get(Ticket, id)?.expect("by its key");
                    assert_eq!(other[found].name, name);
                }
                Ok(())
            }

            fn a_part_of_a_key_is_made(db: &TestDatabase) -> Done {
                let engine = engine(db)?;
                let mut session = engine.session();
                let seats = session.add_all(
                    [("b", "two"), ("a", "one"), ("c", "three")]
                        .map(|(row, label)| Seat::new(row, label)),
                );
                session.commit()?;
                let rows: Vec<(String, i64, String)> =
                    committed(&engine, text("SELECT row, number, label FROM seats ORDER BY row"));
                for (seat, place) in seats.into_iter().zip([1, 0, 2]) {
                    let Seat { row, number, label } = session[seat].clone();
                    let number = number.get().copied().expect("it was made");
                    assert_eq!((row, number, label), rows[place]);
                }
                Ok(())
            }

            fn a_row_that_is_nothing_but_its_key(db: &TestDatabase) -> Done {
                let engine = engine(db)?;
                let mut session = engine.session();
                let tokens = session.add_all((0..3).map(|_| Token::new()));
                session.commit()?;
                let mut made: Vec<Uuid> =
                    tokens.iter().filter_map(|&token| session[token].id.get().copied()).collect();
                made.sort_unstable();
                let mut rows: Vec<(Uuid,)> = committed(&engine, text("SELECT id FROM tokens"));
                rows.sort_unstable();
                assert_eq!(rows, made.into_iter().map(|id| (id,)).collect::<Vec<_>>());
                Ok(())
            }
        }
    };
}

with_keys_made_by!(
    drawn_in_one_statement,
    on_postgres,
    "gen_random_uuid()",
    "'R-' || nextval('remark_numbers')",
    "nextval('seat_numbers')",
    |_| 1
);

with_keys_made_by!(
    drawn_row_by_row,
    on_sqlite,
    "randomblob(16)",
    "'R-' || lower(hex(randomblob(8)))",
    "abs(random() / 2)",
    |rows| rows
);

/// The sequences, where the database has some.
fn sequences(engine: &Engine) {
    if engine.dialect().features.identity_columns {
        run(engine, &["CREATE SEQUENCE remark_numbers", "CREATE SEQUENCE seat_numbers"]);
    }
}
