//! `server_default`: values of rows that others insert.

use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_row_of_another_program_gets_the_defaults,
    a_session_writes_the_values_itself,
    a_foreign_key_is_set_to_its_default,
    a_default_of_several_columns_is_refused,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "wards")]
struct Ward {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "patients")]
struct Patient {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(server_default = "'it''s ' || 'new'", length = 20)]
    note: String,
    #[orm(server_default = "2 + 3")]
    urgency: Option<i32>,
    #[orm(server_default = "7", on_delete = set_default)]
    ward: Ref<Ward>,
}

fn hospital(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of(Patient)).build()?;
    engine.create_all()?;
    run(&engine, &["INSERT INTO wards (id) VALUES (7), (8)"]);
    Ok(engine)
}

fn a_row_of_another_program_gets_the_defaults(db: &TestDatabase) -> Done {
    let engine = hospital(db)?;
    run(&engine, &["INSERT INTO patients (name) VALUES ('Ada')"]);
    let mut session = engine.session();
    let ada = select(Patient).one(&mut session)?;
    assert_eq!(session[ada].note, "it's new");
    assert_eq!(session[ada].urgency, Some(5));
    let ward = session.get(Ward, 7)?.expect("a ward");
    assert_eq!(session.load(ada, Patient.ward)?, ward);
    Ok(())
}

fn a_session_writes_the_values_itself(db: &TestDatabase) -> Done {
    let engine = hospital(db)?;
    let mut session = engine.session();
    session.add(Patient::new("Bo", "old", 8));
    session.commit()?;
    let rows = committed::<(String, Option<i32>, i64)>(
        &engine,
        text("SELECT note, urgency, ward_id FROM patients"),
    );
    assert_eq!(rows, [("old".to_owned(), None, 8)], "also NULL, which is a value");
    Ok(())
}

fn a_foreign_key_is_set_to_its_default(db: &TestDatabase) -> Done {
    let engine = hospital(db)?;
    let mut session = engine.session();
    session.add(Patient::new("Bo", "old", 8));
    session.commit()?;
    run(&engine, &["DELETE FROM wards WHERE id = 8"]);
    assert_eq!(committed::<(i64,)>(&engine, text("SELECT ward_id FROM patients")), [(7,)]);
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "beds", primary_key(ward, number))]
struct Bed {
    ward: Ref<Ward>,
    number: i32,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "stays")]
struct Stay {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(server_default = "1")]
    bed: Ref<Bed>,
}

fn a_default_of_several_columns_is_refused(db: &TestDatabase) -> Done {
    let error = Engine::builder(db.url()).models(Schema::of(Stay)).build().expect_err("two");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "`Stay.bed`: `server_default` is the value of one column, the key of `Bed` has 2; leave it \
         out"
    );
    Ok(())
}

#[test]
fn defaults_are_shown_with_the_table() {
    let shown = "\
patients (model Patient)
  id       BIGINT       NOT NULL  PRIMARY KEY  GENERATED
  name     TEXT         NOT NULL
  note     VARCHAR(20)  NOT NULL  DEFAULT 'it''s ' || 'new'
  urgency  INTEGER      NULL      DEFAULT 2 + 3
  ward_id  BIGINT       NOT NULL  DEFAULT 7  → wards.id  ON DELETE SET DEFAULT
  PRIMARY KEY pk_patients (id)
  FOREIGN KEY fk_patients_ward_id (ward_id)
  INDEX ix_patients_ward_id (ward_id)
";
    assert_eq!(Patient.table().to_string(), shown);
}
