//! People, companies and employees: insert, get by id, create what depends on two others, update,
//! delete, filter, and what a foreign key refuses.
//!
//! ```sh
//! cargo run --example employees                               # SQLite in memory, no server
//! DATABASE_URL=postgresql://… cargo run --example employees   # PostgreSQL, the same lines
//! ```
//!
//! It begins by dropping and creating its tables: give it a database that holds no `people`,
//! `companies` and `employees` of yours.

mod models;

use chrono::Utc;
use models::{Company, Employee, Person};
use orm::ErrorKind;
use orm::prelude::*;

fn main() -> orm::Result<()> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let engine = Engine::builder(url).models(Schema::of((Person, Company, Employee))).build()?;
    engine.drop_all()?;
    engine.create_all()?;

    insert(&engine)?;
    hire(&engine)?;
    update_and_delete(&engine)?;
    filter(&engine)?;
    refused(&engine)
}

/// A session that writes only when it is told to, and keeps what it knows over a commit.
fn session(engine: &Engine) -> Session {
    engine.session().autoflush(false).expire_on_commit(false)
}

fn insert(engine: &Engine) -> orm::Result<()> {
    heading("insert");
    let mut session = session(engine);
    let date = Utc::now();
    let companies = session.add_all([
        Company::new("IBM", "1 Orchard Rd, Armonk", "USA", date),
        Company::new("Apple", "Infinite Loop, Cupertino", "USA", date),
        Company::new("Microsoft", "1 Microsoft Way Redmond", "USA", date),
    ]);
    let people = session.add_all([
        Person::new("Mathiew Pirx", "10 Wall Street, New York", "USA", date),
        Person::new("Kelly Jetson", "23 Pennsylvania Avenue, Washington", "USA", date),
        Person::new("Deniss Kirkman", "3 Beale Street, Memphis", "USA", date),
    ]);

    // Nothing was sent: a query does not see them yet.
    println!("{} companies before the commit", session.query(Company).count()?);
    session.commit()?;
    println!("{} companies after it", session.query(Company).count()?);

    for company in companies {
        println!("{} {}", session[company].id, session[company].name);
    }
    for person in people {
        println!("{} {}", session[person].id, session[person].full_name);
    }
    Ok(())
}

/// An employee is made only where both the person and the company are there.
fn hire(engine: &Engine) -> orm::Result<()> {
    heading("get by id, and create what depends on both");
    let mut session = session(engine);
    for (card, person, company) in [(1, 2, 1), (2, 1, 3), (3, 3, 3), (4, 2, 77)] {
        let (Some(person), Some(company)) =
            (session.get(Person, person)?, session.get(Company, company)?)
        else {
            println!("no card {card}: the person or the company is not there");
            continue;
        };
        session.add(Employee::new(card, person, company, Utc::now()));
        println!("card {card}: {} at {}", session[person].full_name, session[company].name);
    }
    session.commit()
}

fn update_and_delete(engine: &Engine) -> orm::Result<()> {
    heading("update and delete");
    let mut session = session(engine);

    let kelly = session.query(Person).filter(Person.full_name.eq("Kelly Jetson")).one()?;
    session[kelly].country = "Canada".into();
    session.commit()?;
    println!("{} lives in {}", session[kelly].full_name, session[kelly].country);

    let third = session.query(Employee).filter(Employee.card_id.eq(3)).one()?;
    session.delete(third)?;
    session.commit()?;
    println!("{} employees are left", session.query(Employee).count()?);
    Ok(())
}

fn filter(engine: &Engine) -> orm::Result<()> {
    heading("filter");
    // Without a session: plain values, nothing is tracked.
    let mut connection = engine.connect()?;
    let abroad: Vec<Person> =
        select(Person).filter(Person.country.ne("USA")).all(&mut connection)?;
    for person in abroad {
        println!("{} lives in {}", person.full_name, person.country);
    }

    let work = select((Employee.card_id, Person.full_name, Company.name))
        .filter(Employee.person.eq(Person.id))
        .filter(Employee.company.eq(Company.id))
        .order_by(Employee.card_id);
    for (card, person, company) in work.all(&mut connection)? {
        println!("card {card}: {person} works at {company}");
    }
    Ok(())
}

/// Ids are taken at their word; what they promise is held against the tables.
fn refused(engine: &Engine) -> orm::Result<()> {
    heading("a foreign key refuses");
    let mut session = session(engine);
    let nobody = session.add(Employee::new(5, 99, 1, Utc::now()));
    match session.commit() {
        Err(error) if error.kind() == ErrorKind::ForeignKeyViolation => {
            println!("there is no person 99: {:?}", error.kind());
        }
        other => return other,
    }

    // Until it is rolled back, the session says so. Then it goes on, and gives the value back.
    println!("{:?}", session.query(Employee).count().map_err(|error| error.kind()));
    session.rollback()?;
    let mut employee = session.take(nobody)?;
    employee.person = 3.into();
    session.add(employee);
    session.commit()?;
    println!("{} employees", session.query(Employee).count()?);
    Ok(())
}

fn heading(text: &str) {
    println!("\n== {text}");
}
