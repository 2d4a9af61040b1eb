//! Rows that others deleted, and objects that are deleted already.

use crate::setup::*;
use orm::prelude::*;
use orm::{Error, ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    what_a_stale_error_named_is_asked_for_again,
    a_deletion_that_was_stale_is_asked_for_again,
    a_savepoint_that_was_stale_is_remembered_outside,
    an_object_is_not_given_to_one_that_is_deleted,
    a_new_object_is_not_given_to_one_that_is_deleted,
    what_pointed_to_it_before_goes_with_it,
    a_deletion_that_is_restricted_is_a_foreign_key_violation,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "customers")]
struct Customer {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "orders")]
struct Order {
    #[orm(primary_key)]
    id: i64,
    note: String,
    #[orm(on_delete = cascade)]
    customer: Ref<Customer>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "invoices")]
struct Invoice {
    #[orm(primary_key)]
    id: i64,
    #[orm(on_delete = restrict)]
    customer: Ref<Customer>,
}

fn two_customers(db: &TestDatabase) -> orm::Result<Engine> {
    let engine =
        Engine::builder(db.url()).models(Schema::of((Customer, Order, Invoice))).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    session.add_all([Customer::new(1, "Ada"), Customer::new(2, "Bo")]);
    session.add(Order::new(5, "first", 1));
    session.commit()?;
    Ok(engine)
}

fn customers(session: &mut Session) -> orm::Result<(Handle<Customer>, Handle<Customer>)> {
    let (one, two) = (session.get(Customer, 1)?, session.get(Customer, 2)?);
    Ok((one.expect("there"), two.expect("there")))
}

fn what_a_stale_error_named_is_asked_for_again(db: &TestDatabase) -> Done {
    let engine = two_customers(db)?;
    let mut session = engine.session();
    let (ada, bo) = customers(&mut session)?;
    session.commit()?;
    run(&engine, &["DELETE FROM customers WHERE id = 2"]);
    session[bo].name = "Bob".into();
    assert_eq!(session.flush().expect_err("gone").kind(), ErrorKind::Stale);
    session.rollback()?;
    assert_eq!(session.state(bo)?, State::Stale);
    assert_eq!(session.get(Customer, 2)?, None);
    assert_eq!(session.get(Customer, 1)?, Some(ada));
    Ok(())
}

fn a_deletion_that_was_stale_is_asked_for_again(db: &TestDatabase) -> Done {
    let engine = two_customers(db)?;
    let mut session = engine.session();
    let (_, bo) = customers(&mut session)?;
    session.commit()?;
    run(&engine, &["DELETE FROM customers WHERE id = 2"]);
    session.delete(bo)?;
    assert_eq!(session.flush().expect_err("gone").kind(), ErrorKind::Stale);
    session.rollback()?;
    assert_eq!(session.get(Customer, 2)?, None);
    Ok(())
}

fn a_savepoint_that_was_stale_is_remembered_outside(db: &TestDatabase) -> Done {
    let engine = two_customers(db)?;
    let mut session = engine.session();
    let (_, bo) = customers(&mut session)?;
    session.commit()?;
    run(&engine, &["DELETE FROM customers WHERE id = 2"]);
    session.add(Customer::new(3, "Cy"));
    let inside = session.savepoint(|session| {
        session[bo].name = "Bob".into();
        session.flush()
    });
    assert_eq!(inside.expect_err("gone").kind(), ErrorKind::Stale);
    assert_eq!(session.state(bo)?, State::Stale);
    session.rollback()?;
    assert_eq!(session.get(Customer, 2)?, None);
    Ok(())
}

/// Before any SQL, naming both.
fn refused(engine: &Engine, error: Option<Error>, both: [&str; 2]) {
    let error = error.expect("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidState, "{error:?}");
    assert!(error.sqlstate().is_none());
    for name in both {
        assert!(error.to_string().contains(name), "{error}");
    }
    let orders: Vec<(i64, i64)> = committed(engine, text("SELECT id, customer_id FROM orders"));
    assert_eq!(orders, [(5, 1)]);
}

fn an_object_is_not_given_to_one_that_is_deleted(db: &TestDatabase) -> Done {
    let engine = two_customers(db)?;
    let mut session = engine.session();
    for flushed in [false, true] {
        let (ada, bo) = customers(&mut session)?;
        let order = session.get(Order, 5)?.expect("there");
        session.delete(bo)?;
        if flushed {
            session.flush()?;
        }
        session[order].customer = bo.into();
        refused(&engine, session.flush().err(), ["Order(5)", "Customer(2)"]);
        // the way on: another one
        session[order].customer = ada.into();
        session.flush()?;
        session.rollback()?;
        let (_, bo) = customers(&mut session)?;
        session.delete(bo)?;
        session[order].customer = 2_i64.into();
        refused(&engine, session.flush().err(), ["Order(5)", "Customer(2)"]);
        session.rollback()?;
    }
    Ok(())
}

fn a_new_object_is_not_given_to_one_that_is_deleted(db: &TestDatabase) -> Done {
    let engine = two_customers(db)?;
    let mut session = engine.session();
    let (ada, _) = customers(&mut session)?;
    session.delete(ada)?;
    session.add(Order::new(6, "second", ada));
    refused(&engine, session.commit().err(), ["Order(new", "Customer(1)"]);
    session.rollback()?;
    assert!(session.get(Order, 5)?.is_some());
    Ok(())
}

fn what_pointed_to_it_before_goes_with_it(db: &TestDatabase) -> Done {
    let engine = two_customers(db)?;
    let mut session = engine.session();
    let (ada, bo) = customers(&mut session)?;
    let order = session.get(Order, 5)?.expect("there");
    let new = session.add(Order::new(6, "second", ada));
    session.delete(ada)?;
    session[order].note = "changed, and still of Ada".into();
    session.commit()?;
    assert!(session.try_get(order).is_err() && session.try_get(new).is_err());
    assert_eq!(session.query(Order).count()?, 0);
    // found another one in time
    let order = session.add(Order::new(7, "third", bo));
    let cy = session.add(Customer::new(3, "Cy"));
    session.flush()?;
    session.delete(bo)?;
    session[order].customer = cy.into();
    session.commit()?;
    assert_eq!(session[order].customer.key(), Some(3));
    Ok(())
}

fn a_deletion_that_is_restricted_is_a_foreign_key_violation(db: &TestDatabase) -> Done {
    let engine = two_customers(db)?;
    let mut session = engine.session();
    let (_, bo) = customers(&mut session)?;
    session.add(Invoice::new(1, bo));
    session.commit()?;
    session.delete(bo)?;
    let by_object = session.flush().expect_err("an invoice is there");
    session.rollback()?;
    let statement = select(Customer).filter(Customer.id.eq(2));
    let by_statement = statement.delete(&mut session).expect_err("an invoice is there");
    session.rollback()?;
    for error in [by_object, by_statement] {
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation, "{error:?}");
    }
    Ok(())
}
