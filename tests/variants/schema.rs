//! The table of an enum, and what is told of one that contradicts itself.

use crate::models::*;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(the_table_holds_what_the_types_say);

type Done = orm::Result<()>;

fn the_table_holds_what_the_types_say(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    engine.drop_all()?;
    engine.create_all()?;
    Ok(())
}

#[test]
fn a_table_of_variants_is_printed() {
    let expected = r#"payments (model Payment)
  kind          TEXT         NOT NULL
  id            BIGINT       NOT NULL  PRIMARY KEY  GENERATED
  amount        BIGINT       NOT NULL
  customer_id   BIGINT       NULL      → customers.id
  version       INTEGER      NOT NULL  -- version
  number        VARCHAR(19)  NULL      UNIQUE
  holder        TEXT         NULL
  account_iban  TEXT         NULL
  account_bic   TEXT         NULL
  bank_id       BIGINT       NULL      → banks.id
  PRIMARY KEY pk_payments (id)
  FOREIGN KEY fk_payments_customer_id (customer_id)
  FOREIGN KEY fk_payments_bank_id (bank_id)
  UNIQUE uq_payments_number (number)
  CHECK ck_payments_amount (amount > 0)
  CHECK ck_payments_kind ("kind" IN ('card', 'wire', 'cash'))
  CHECK ck_payments_kind_card (CASE WHEN "kind" = 'card' THEN "number" IS NOT NULL ELSE "number" IS NULL AND "holder" IS NULL END)
  CHECK ck_payments_kind_transfer (CASE WHEN "kind" = 'wire' THEN "account_iban" IS NOT NULL AND "bank_id" IS NOT NULL ELSE "account_iban" IS NULL AND "account_bic" IS NULL AND "bank_id" IS NULL END)
  INDEX ix_payments_kind_amount (kind, amount)
  INDEX ix_payments_customer_id (customer_id)
  INDEX ix_payments_bank_id (bank_id)
"#;
    assert_eq!(Payment.table().to_string(), expected);
}

mod contradicting {
    use orm::prelude::*;

    #[derive(Model, Clone, Debug)]
    #[orm(discriminator = "kind")]
    #[orm(shared(#[orm(primary_key)] id: Auto<i64>, #[orm(length = 5)] name: String))]
    pub enum Animal {
        Dog(Dog),
        Cat(Cat),
    }

    #[derive(Model, Clone, Debug)]
    #[orm(variant_of = Animal)]
    pub struct Dog {
        id: Auto<i64>,
        #[orm(unique)]
        name: String,
        weight: i64,
        counter: Auto<i64>,
        puppies: Many<Animal>,
    }

    #[derive(Model, Clone, Debug)]
    #[orm(variant_of = Animal)]
    pub struct Cat {
        id: Auto<i64>,
        name: String,
        weight: i32,
        #[orm(server_default = "9")]
        lives: i32,
        owner: Ref<Owner>,
    }

    #[derive(Model, Clone, Debug)]
    pub struct Owner {
        #[orm(primary_key)]
        id: Auto<i64>,
        name: String,
    }
}

#[test]
fn contradicting_variants_are_told() {
    let error = Engine::builder("sqlite::memory:")
        .models(Schema::of(contradicting::Animal))
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), orm::ErrorKind::Configuration);
    let told = error.to_string();
    println!("{told}");
    for expected in [
        "`Dog.name`: what is said of a field that each variant has is said in `shared(…)` of `Animal`; \
         leave it out here",
        "`Cat.weight`: `Dog` has a field of that name too; put it into `shared(…)` of `Animal` if each \
         variant has it, or rename one",
        "`Dog.counter`: a value that the database makes can't be of one variant alone",
        "`Dog.puppies`: a collection can't be of one variant alone",
        "`Cat.lives`: a `server_default` can't be of one variant alone",
    ] {
        assert!(told.contains(expected), "{expected}\nis not in\n{told}");
    }
}
