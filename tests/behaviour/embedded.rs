//! Embedded structs (`#[derive(Embed)]`, `#[orm(embed)]`): their fields are columns of the table, each
//! of its own in statements and in what a flush writes.

use crate::setup::statements;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    embedded_structs_go_out_and_come_back,
    columns_of_embedded_structs_stand_in_statements,
    one_embedded_field_is_one_update_of_its_column,
    an_embedded_option_is_null_in_all_columns,
    embedded_columns_have_their_constraints,
    embedded_columns_are_set_by_statements,
    a_set_column_leaves_what_the_program_changed_beside_it,
    a_value_that_would_be_half_there_is_told,
    a_rollback_restores_embedded_fields,
    what_embedded_fields_were_is_told,
    columns_that_meet_are_told,
);

type Done = orm::Result<()>;

#[derive(orm::Embed, Clone, Debug, PartialEq)]
struct Place {
    #[orm(column = "latitude", check = "{column} BETWEEN -90 AND 90")]
    north: f64,
    #[orm(column = "longitude")]
    east: f64,
}

#[derive(orm::Embed, Clone, Debug, PartialEq)]
struct Address {
    #[orm(length = 20, comment = "with the number")]
    street: String,
    #[orm(index)]
    city: String,
    zip: Option<String>,
    #[orm(embed)]
    place: Option<Place>,
    #[orm(unique, default = 7)]
    number: i64,
    #[orm(default = "XX", server_default = "'XX'")]
    country: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "customers", index(name, address.desc(), name = "by_name"))]
struct Customer {
    #[orm(embed)]
    address: Address,
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(embed, prefix = "ship_")]
    shipping: Option<Address>,
    #[orm(embed, prefix = "", default = Place::new(1.0, 2.0))]
    seat: Place,
    note: Option<String>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of(Customer)).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn address(city: &str, number: i64) -> Address {
    Address { number, ..Address::new("Long Lane 1", city) }
}

/// Ann of Bath, who lives there and has nothing shipped, and Bob of York with both.
fn two(session: &mut Session) -> orm::Result<(Handle<Customer>, Handle<Customer>)> {
    let ann = session.add(Customer::new(address("Bath", 1), "Ann"));
    let bob = session.add(Customer {
        shipping: Some(Address {
            zip: Some("YO1".into()),
            place: Some(Place::new(53.5, -1.0)),
            ..address("York", 2)
        }),
        ..Customer::new(address("York", 2), "Bob")
    });
    session.commit()?;
    Ok((ann, bob))
}

fn embedded_structs_go_out_and_come_back(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (ann, bob) = two(&mut session)?;
    assert_eq!(session[ann].seat, Place { north: 1.0, east: 2.0 });
    let mut connection = engine.connect()?;
    let read = select(Customer).order_by(Customer.id.asc()).all(&mut connection)?;
    assert_eq!(read[0].address, address("Bath", 1));
    assert_eq!(read[0].shipping, None);
    assert_eq!(read[1].address.country, "XX");
    assert_eq!(read[1].shipping, session[bob].shipping);
    connection.commit()?;
    let mut other = engine.session();
    let bob = other.query(Customer).filter(Customer.name.eq("Bob")).one()?;
    let shipping = other[bob].shipping.clone().expect("an address");
    assert_eq!(shipping.place, Some(Place { north: 53.5, east: -1.0 }));
    assert_eq!(shipping.zip.as_deref(), Some("YO1"));
    drop(other);
    engine.drop_all()?;
    engine.create_all()
}

fn columns_of_embedded_structs_stand_in_statements(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (ann, bob) = two(&mut session)?;
    let log = engine.record();
    let found = select(Customer)
        .filter(Customer.address.city.eq("Bath").and(Customer.shipping.zip.is_null()))
        .order_by(Customer.address.street.desc())
        .all(&mut session)?;
    assert_eq!(found, [ann]);
    let sent = statements(&log).concat();
    assert!(sent.contains("\"customers\".\"address_city\" = "), "{sent}");
    assert!(sent.contains("\"customers\".\"ship_zip\" IS NULL"), "{sent}");
    assert!(sent.contains("ORDER BY \"customers\".\"address_street\" DESC"), "{sent}");
    let order = (Customer.seat.north.asc(), Customer.address.city.asc());
    let cities: Vec<(String, Option<String>, Option<f64>)> =
        select((Customer.address.city, Customer.shipping.city, Customer.shipping.place.north))
            .order_by(order)
            .all(&mut session)?;
    assert_eq!(
        cities,
        [("Bath".into(), None, None), ("York".into(), Some("York".into()), Some(53.5))]
    );
    let other = Customer.alias("other");
    let pairs: Vec<(String, String)> = select((Customer.name, other.name))
        .filter(other.shipping.city.eq(Customer.address.city))
        .all(&mut session)?;
    assert_eq!(pairs, [("Bob".to_owned(), "Bob".to_owned())]);
    let whole: Vec<(Address, Option<Address>)> = select((Customer.address, Customer.shipping))
        .order_by(Customer.id.asc())
        .all(&mut session)?;
    assert_eq!(whole[0], (address("Bath", 1), None));
    assert_eq!(whole[1].1, session[bob].shipping);
    let shipped = select(Customer).filter(Customer.shipping.is_not_null()).all(&mut session)?;
    assert_eq!(shipped, [bob]);
    let not = select(Customer).filter(Customer.shipping.is_null()).all(&mut session)?;
    assert_eq!(not, [ann]);
    assert_eq!(format!("{:?}", Customer.shipping.place.north), "Customer.shipping.place.north");
    let mixed = select((Customer.address.city, count(Customer.id))).all(&mut session);
    let told = mixed.unwrap_err().to_string();
    assert!(told.contains("`Customer.address.city`"), "{told}");
    Ok(())
}

fn one_embedded_field_is_one_update_of_its_column(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (ann, bob) = two(&mut session)?;
    session[ann].address.city = "Wells".into();
    session[ann].address.street = "other".into();
    session[ann].address.street = "Long Lane 1".into();
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    let update = if engine.dialect().features.unnest {
        "UPDATE \"customers\" SET \"address_city\" = v.c2 FROM unnest($1::BIGINT[], $2::TEXT[]) AS \
         v(c1, c2) WHERE \"customers\".\"id\" = v.c1"
    } else {
        "UPDATE \"customers\" SET \"address_city\" = ?2 WHERE \"customers\".\"id\" = ?1"
    };
    assert_eq!(sent, [update]);
    let shipping = session[bob].shipping.as_mut().expect("an address");
    shipping.place.as_mut().expect("a place").north = 54.0;
    session.commit()?;
    let sent = statements(&log).concat();
    assert!(sent.contains("SET \"ship_place_latitude\" = "), "{sent}");
    assert!(!sent.contains("ship_place_longitude"), "{sent}");
    let read: Vec<(String, Option<f64>)> =
        select((Customer.address.city, Customer.shipping.place.north))
            .order_by(Customer.id.asc())
            .all(&mut engine.connect()?)?;
    assert_eq!(read, [("Wells".into(), None), ("York".into(), Some(54.0))]);
    Ok(())
}

fn an_embedded_option_is_null_in_all_columns(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (ann, bob) = two(&mut session)?;
    let log = engine.record();
    session[bob].shipping = None;
    session[ann].shipping = Some(address("Bath", 5));
    session.commit()?;
    let sent = statements(&log).join("\n");
    assert!(!sent.contains("\"address_"), "{sent}");
    // NULL before and now
    assert!(!sent.contains("ship_zip\" = v.c2, \"ship_place"), "{sent}");
    let read = select(Customer).order_by(Customer.id.asc()).all(&mut engine.connect()?)?;
    assert_eq!(read[0].shipping, Some(address("Bath", 5)));
    assert_eq!(read[1].shipping, None);
    log.take();
    session[bob].shipping = None;
    session.commit()?;
    assert!(statements(&log).is_empty());
    Ok(())
}

fn embedded_columns_have_their_constraints(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let sql = Customer.table().to_string();
    assert!(sql.contains("address_city"), "{sql}");
    let table = Customer.table();
    let names = |names: &mut dyn Iterator<Item = &String>| names.cloned().collect::<Vec<String>>();
    assert_eq!(
        names(&mut table.uniques.iter().map(|unique| &unique.name)),
        ["uq_customers_address_number", "uq_customers_ship_number"]
    );
    assert_eq!(
        names(&mut table.indexes.iter().map(|index| &index.name)),
        ["by_name", "ix_customers_address_city", "ix_customers_ship_city"]
    );
    assert_eq!(table.indexes[0].columns.len(), 8);
    let checks: Vec<&str> = table.checks.iter().map(|check| check.sql.as_str()).collect();
    assert_eq!(
        checks,
        [
            "\"address_place_latitude\" BETWEEN -90 AND 90",
            "\"ship_place_latitude\" BETWEEN -90 AND 90",
            "\"latitude\" BETWEEN -90 AND 90",
            "(\"address_place_latitude\" IS NULL AND \"address_place_longitude\" IS NULL) OR \
             (\"address_place_latitude\" IS NOT NULL AND \"address_place_longitude\" IS NOT NULL)",
            "(\"ship_place_latitude\" IS NULL AND \"ship_place_longitude\" IS NULL) OR \
             (\"ship_place_latitude\" IS NOT NULL AND \"ship_place_longitude\" IS NOT NULL)",
            "(\"ship_street\" IS NULL AND \"ship_city\" IS NULL AND \"ship_zip\" IS NULL AND \
             \"ship_place_latitude\" IS NULL AND \"ship_place_longitude\" IS NULL AND \
             \"ship_number\" IS NULL AND \"ship_country\" IS NULL) OR (\"ship_street\" IS NOT NULL \
             AND \"ship_city\" IS NOT NULL AND \"ship_number\" IS NOT NULL AND \"ship_country\" IS \
             NOT NULL)"
        ]
    );
    let column = |name: &str| table.columns.iter().find(|column| column.name == name);
    assert!(column("ship_street").is_some_and(|column| column.nullable));
    assert!(column("address_street").is_some_and(|column| !column.nullable));
    assert_eq!(column("address_street").and_then(|column| column.comment), Some("with the number"));
    assert_eq!(column("address_country").and_then(|column| column.server_default), Some("'XX'"));
    assert_eq!(column("ship_country").and_then(|column| column.server_default), None);
    let mut session = engine.session();
    let (ann, _) = two(&mut session)?;
    session[ann].address.number = 2;
    let error = session.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation, "{error}");
    session.rollback()?;
    session[ann].seat.north = 100.0;
    let error = session.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckViolation, "{error}");
    session.rollback()?;
    session[ann].address.street = "a street that is far too long".into();
    assert!(session.commit().is_err());
    session.rollback()?;
    let connection = &mut engine.connect()?;
    let insert = "INSERT INTO customers (name, address_street, address_city, address_number, latitude, \
                  longitude) VALUES ('Cid', 's', 'c', 9, 0, 0)";
    connection.execute(text(insert))?;
    let cid = select(Customer).filter(Customer.name.eq("Cid")).one(connection)?;
    assert_eq!((cid.address.country.as_str(), cid.shipping), ("XX", None));
    Ok(())
}

fn embedded_columns_are_set_by_statements(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (ann, bob) = two(&mut session)?;
    let log = engine.record();
    session.query(Customer).update((
        Customer.address.city.set("Hull"),
        Customer.address.zip.set(Customer.shipping.zip),
        Customer.name.set("all"),
    ))?;
    let sent = statements(&log).concat();
    assert!(sent.starts_with("UPDATE \"customers\" SET \"address_city\" = "), "{sent}");
    assert_eq!(session[ann].address, address("Hull", 1));
    assert_eq!(session[bob].address.zip.as_deref(), Some("YO1"));
    assert_eq!(session[bob].name, "all");
    let anns = select(Customer).filter(Customer.id.eq(1));
    anns.clone().update(&mut session, Customer.shipping.set(Some(address("Ely", 8))))?;
    assert_eq!(session[ann].shipping, Some(address("Ely", 8)));
    anns.clone().update(&mut session, Customer.shipping.set(None))?;
    assert_eq!(session[ann].shipping, None);
    anns.clone().update(&mut session, Customer.address.set(address("Ely", 9)))?;
    assert_eq!(session[ann].address, address("Ely", 9));
    log.take();
    session.commit()?;
    assert!(statements(&log).is_empty(), "what the statements set is not written again");
    let read = anns.one(&mut engine.connect()?)?;
    assert_eq!((read.address, read.shipping), (address("Ely", 9), None));
    Ok(())
}

fn a_set_column_leaves_what_the_program_changed_beside_it(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session().autoflush(false);
    let (_, bob) = two(&mut session)?;
    session[bob].address.street = "mine".into();
    if let Some(shipping) = &mut session[bob].shipping {
        shipping.street = "mine too".into();
    }
    session
        .query(Customer)
        .filter(Customer.shipping.is_not_null())
        .update((Customer.address.city.set("Hull"), Customer.shipping.city.set("Ely")))?;
    assert_eq!((&*session[bob].address.city, &*session[bob].address.street), ("Hull", "mine"));
    let shipping = session[bob].shipping.clone().expect("an address");
    assert_eq!((&*shipping.city, &*shipping.street), ("Ely", "mine too"));
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log).concat();
    assert!(
        sent.contains("\"address_street\" = ") && sent.contains("\"ship_street\" = "),
        "{sent}"
    );
    assert!(!sent.contains("_city\" = "), "{sent}");
    Ok(())
}

fn a_value_that_would_be_half_there_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (ann, _) = two(&mut session)?;
    let set = session.query(Customer).update(Customer.shipping.city.set("Ely"));
    let error = set.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
    assert_eq!(error.constraint(), Some("ck_customers_shipping"));
    session.rollback()?;
    assert_eq!(session[ann].shipping, None);
    // nor by anybody else
    let connection = &mut engine.connect()?;
    for sql in [
        "UPDATE customers SET ship_city = 'Ely' WHERE id = 1",
        "UPDATE customers SET ship_zip = 'E1' WHERE id = 1",
        "UPDATE customers SET ship_street = NULL WHERE id = 2",
        "UPDATE customers SET address_place_latitude = 1 WHERE id = 1",
    ] {
        let error = connection.execute(text(sql)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CheckViolation, "{sql}: {error}");
        connection.rollback()?;
    }
    connection.execute(text("UPDATE customers SET ship_zip = NULL WHERE id = 2"))?;
    Ok(())
}

fn a_rollback_restores_embedded_fields(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (ann, bob) = two(&mut session)?;
    session[ann].address.city = "Wells".into();
    session[ann].shipping = Some(address("Wells", 3));
    session[bob].shipping = None;
    session.flush()?;
    session[ann].address.zip = Some("W".into());
    session.rollback()?;
    assert_eq!(session[ann].address, address("Bath", 1));
    assert_eq!(session[ann].shipping, None);
    assert!(session[bob].shipping.is_some());
    session.refresh(ann)?;
    assert_eq!(session[ann].address, address("Bath", 1));
    Ok(())
}

fn what_embedded_fields_were_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let (ann, _) = two(&mut session)?;
    session[ann].address.city = "Wells".into();
    session[ann].shipping = Some(address("Wells", 3));
    let city = session.history(ann, Customer.address.city)?;
    assert_eq!((city.before.as_deref(), city.now.as_deref()), (Some("Bath"), Some("Wells")));
    assert!(!session.history(ann, Customer.address.street)?.is_changed());
    assert!(!session.history(ann, Customer.shipping.zip)?.is_changed());
    let shipped = session.history(ann, Customer.shipping.city)?;
    assert_eq!((shipped.before, shipped.now), (Some(None), Some(Some("Wells".to_owned()))));
    assert_eq!(session.dirty(Customer), [ann]);
    Ok(())
}

#[derive(orm::Embed, Clone, Debug)]
struct Named {
    name: String,
    #[orm(length = 3)]
    size: Size,
}

/// A column's type that the derive can't see through.
type Size = i32;

#[derive(Model, Clone, Debug)]
struct Meeting {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(embed, prefix = "")]
    named: Named,
}

fn columns_that_meet_are_told(db: &TestDatabase) -> Done {
    let built = Engine::builder(db.url()).models(Schema::of(Meeting)).build();
    let told = built.unwrap_err().to_string();
    let said = "`Meeting.name` and `Meeting.named.name` are both column `name`; rename one by \
                `#[orm(column = \"…\")]`, or give the embedded struct another `prefix`";
    assert!(told.contains(said), "{told}");
    assert!(told.contains("`Meeting.named.size`: `length` is for text, this is Integer"), "{told}");
    Ok(())
}
