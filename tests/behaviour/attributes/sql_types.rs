//! `sql_type`: columns of a type that does not follow from the Rust type.

use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database, on_postgres};
use rust_decimal::Decimal;

on_each_database!(
    values_of_declared_types_come_back,
    conditions_meet_declared_types,
    keys_of_declared_types_are_found,
    set_based_updates_meet_declared_types,
    a_type_of_an_enum_is_refused,
    sums_of_decimals_are_exact_or_told,
    zeros_at_the_end_are_those_of_the_type,
);
on_postgres!(
    what_is_too_long_is_told,
    a_domain_and_a_type_without_reading_are_cast,
    columns_are_of_the_declared_types,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "hosts")]
struct Host {
    #[orm(primary_key, sql_type = "varchar(20)")]
    name: String,
    #[orm(sql_type = "char(3)", check = "country <> 'XXX'")]
    country: String,
    #[orm(sql_type = "smallint")]
    port: i64,
    #[orm(sql_type = "numeric(10, 2)")]
    price: Decimal,
    #[orm(sql_type = "smallint", server_default = "7")]
    rank: Auto<Option<i64>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "services")]
struct Service {
    #[orm(primary_key)]
    id: Auto<i64>,
    host: Ref<Host>,
}

fn new(name: &str, port: i64) -> Host {
    Host::new(name, "EGY", port, Decimal::new(1250, 2))
}

fn network(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of((Service, Host))).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn values_of_declared_types_come_back(db: &TestDatabase) -> Done {
    let engine = network(db)?;
    let mut session = engine.session();
    let hosts = [session.add(new("b", 1)), session.add(new("a", 2))];
    session.commit()?;
    assert_eq!(session[hosts[0]].rank, Some(7));
    session[hosts[1]].port = 300;
    session[hosts[1]].price = Decimal::new(99, 2);
    session.commit()?;
    let mut other = engine.session();
    let read = other.get(Host, "a")?.expect("it is there");
    let host = &other[read];
    assert_eq!((host.country.as_str(), host.port, host.price), ("EGY", 300, Decimal::new(99, 2)));
    assert_eq!(host.rank, Some(7));
    let prices: Vec<(i64, Decimal)> =
        select((Host.port, Host.price)).order_by(Host.price).all(&mut other)?;
    assert_eq!(prices, [(300, Decimal::new(99, 2)), (1, Decimal::new(1250, 2))]);
    Ok(())
}

fn conditions_meet_declared_types(db: &TestDatabase) -> Done {
    let engine = network(db)?;
    let mut session = engine.session();
    let host = session.add(new("a", 80));
    session.add(new("b", 443));
    session.commit()?;
    let conditions = [
        Host.name.eq("a"),
        Host.country.eq("EGY").and(Host.port.lt(100)),
        Host.port.eq(80),
        Host.port.ne(100_000).and(Host.port.in_([80, 70_000])),
        Host.price.gt(Decimal::ONE).and(Host.port.between(1, 90)),
        Host.name.in_(["a", "z"]).and(Host.name.like("a%")),
    ];
    for condition in conditions {
        assert_eq!(select(Host).filter(condition).all(&mut session)?, [host]);
    }
    Ok(())
}

fn keys_of_declared_types_are_found(db: &TestDatabase) -> Done {
    let engine = network(db)?;
    let mut session = engine.session();
    let host = session.add(new("a", 80));
    let services = [session.add(Service::new(host)), session.add(Service::new(host))];
    session.commit()?;
    session.clear();
    let loaded = select(Service).include(Service.host).all(&mut session)?;
    assert_eq!(loaded.len(), services.len());
    for &service in &loaded {
        session.delete(service)?;
    }
    session.commit()?;
    let host = session.get(Host, "a")?.expect("it is there");
    session[host].name = "c".into();
    session.commit()?;
    session.delete(host)?;
    session.commit()?;
    assert_eq!(select(Host).count(&mut session)?, 0);
    Ok(())
}

fn set_based_updates_meet_declared_types(db: &TestDatabase) -> Done {
    let engine = network(db)?;
    let mut session = engine.session();
    let host = session.add(new("a", 80));
    session.commit()?;
    let set = (Host.port.set(81), Host.price.set(Decimal::new(5, 1)), Host.country.set("SDN"));
    session.query(Host).filter(Host.name.eq("a")).update(set)?;
    assert_eq!((session[host].port, session[host].price), (81, Decimal::new(5, 1)));
    assert_eq!(session[host].country, "SDN");
    Ok(())
}

fn sums_of_decimals_are_exact_or_told(db: &TestDatabase) -> Done {
    let engine = network(db)?;
    let mut session = engine.session();
    session.add_all([new("a", 1), new("b", 2)]);
    session.commit()?;
    let log = engine.record();
    let total = select(sum(Host.price)).one(&mut session);
    let dearer = select(Host).filter(Host.price.gt(Host.price + Decimal::ONE)).all(&mut session);
    if engine.dialect().features.decimal_arithmetic {
        assert_eq!((total?, dearer?.len()), (Some(Decimal::new(2500, 2)), 0));
        return Ok(());
    }
    let error = total.expect_err("text can't be added up");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let message = error.to_string();
    assert!(message.contains("`sum` of `Host.price`; read the values and reckon"), "{message}");
    let message = dearer.expect_err("nor can this be").to_string();
    assert!(message.contains("`arithmetic` of `Host.price`"), "{message}");
    assert!(!log.take().iter().any(|sql| sql.contains("price")), "before any SQL");
    Ok(())
}

fn zeros_at_the_end_are_those_of_the_type(db: &TestDatabase) -> Done {
    let engine = network(db)?;
    let mut session = engine.session();
    session.add(new("a", 1));
    session.commit()?;
    session.clear();
    let price = session.query(Host.price).one()?;
    let kept = engine.dialect().features.decimal_arithmetic;
    assert_eq!(price.to_string(), if kept { "12.50" } else { "12.5" }, "numeric(10, 2), or text");
    assert_eq!(price, Decimal::new(125, 1), "equal either way");
    Ok(())
}

#[derive(orm::DbEnum, Clone, Copy, Debug, PartialEq)]
enum Mood {
    Calm,
    Loud,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "moods")]
struct Moody {
    #[orm(primary_key)]
    id: i64,
    #[orm(sql_type = "text")]
    mood: Mood,
}

fn a_type_of_an_enum_is_refused(db: &TestDatabase) -> Done {
    let error = Engine::builder(db.url()).models(Schema::of(Moody)).build().expect_err("an enum");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "`Moody.mood`: `sql_type` of an enum, which is of a type of its own; name that by \
         `#[orm(name = \"…\")]` on the enum"
    );
    let both = Moody { mood: Mood::Loud, ..Moody::new(1, Mood::Calm) };
    assert_eq!(both.mood, Mood::Loud);
    Ok(())
}

fn what_is_too_long_is_told(db: &TestDatabase) -> Done {
    let engine = network(db)?;
    let mut session = engine.session();
    session.add(new("a name of more than twenty characters", 80));
    assert_eq!(session.flush().expect_err("too long").kind(), ErrorKind::ValueOutOfRange);
    session.rollback()?;
    session.add(Host { country: "EGYPT".into(), ..new("a", 80) });
    assert_eq!(session.flush().expect_err("too long").kind(), ErrorKind::ValueOutOfRange);
    session.rollback()?;
    session.add(new("a", 80_000));
    assert_eq!(session.flush().expect_err("too large").kind(), ErrorKind::ValueOutOfRange);
    session.rollback()
}

#[derive(Model, Clone, Debug)]
#[orm(table = "machines")]
struct Machine {
    #[orm(primary_key, sql_type = "macaddr")]
    address: String,
    #[orm(sql_type = "public.\"small name\"")]
    name: String,
    #[orm(sql_type = "macaddr", computed = "trunc(address)")]
    maker: Auto<String>,
}

fn a_domain_and_a_type_without_reading_are_cast(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Machine)).build()?;
    run(&engine, &["CREATE DOMAIN public.\"small name\" AS text CHECK (length(value) < 5)"]);
    engine.create_all()?;
    let mut session = engine.session();
    let machines = [
        session.add(Machine::new("08:00:2b:00:00:02", "two")),
        session.add(Machine::new("08:00:2b:00:00:01", "one")),
    ];
    session.commit()?;
    assert_eq!(session[machines[1]].maker, "08:00:2b:00:00:00".to_owned());
    session[machines[0]].name = "duo".into();
    session.commit()?;
    let found = select(Machine)
        .filter(Machine.address.gt("08:00:2b:00:00:01").and(Machine.name.eq("duo")))
        .all(&mut session)?;
    assert_eq!(found, [machines[0]]);
    session.clear();
    let machine = session.get(Machine, "08:00:2b:00:00:01")?.expect("it is there");
    assert_eq!((&*session[machine].address, &*session[machine].name), ("08:00:2b:00:00:01", "one"));
    let set = Machine.name.set("uno");
    session.query(Machine).filter(Machine.address.eq("08:00:2b:00:00:01")).update(set)?;
    assert_eq!(session[machine].name, "uno");
    session.delete(machine)?;
    session.commit()?;
    session.add(Machine::new("08:00:2b:00:00:03", "much too long"));
    assert_eq!(session.flush().expect_err("the domain").kind(), ErrorKind::CheckViolation);
    session.rollback()
}

fn columns_are_of_the_declared_types(db: &TestDatabase) -> Done {
    let engine = network(db)?;
    let types = committed::<(String,)>(
        &engine,
        text(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute \
             WHERE attrelid IN ('hosts'::regclass, 'services'::regclass) AND attnum > 0 \
             ORDER BY attrelid::regclass::text, attnum",
        ),
    );
    let types: Vec<&str> = types.iter().map(|(ty,)| ty.as_str()).collect();
    let host = ["character varying(20)", "character(3)", "smallint", "numeric(10,2)", "smallint"];
    assert_eq!(types[..5], host);
    assert_eq!(types[5..], ["bigint", "character varying(20)"]);
    Ok(())
}
