//! Cascades of collections against the actions of their foreign keys: told when models are registered.

use orm::prelude::*;
use orm::{ErrorKind, Schema};

/// Models of an owner and a child, in a module of their own, and what is told of them.
macro_rules! told {
    ($name:ident, ($($of_collection:tt)*), ($($of_key:tt)*), $key:ty) => {
        fn $name() -> Result<(), orm::Error> {
            #[derive(Model, Clone, Debug)]
            struct Owner {
                #[orm(primary_key)]
                id: Auto<i64>,
                #[orm(back_populates = owner $($of_collection)*)]
                children: Many<Child>,
            }

            #[derive(Model, Clone, Debug)]
            struct Child {
                #[orm(primary_key)]
                id: Auto<i64>,
                #[orm($($of_key)*)]
                owner: $key,
            }

            Schema::of((Owner, Child)).check()
        }
    };
}

told!(deleted_and_emptied, (, cascade(all)), (on_delete = set_null), Option<Ref<Owner>>);
told!(orphans_and_emptied, (, cascade(delete_orphan)), (on_delete = set_null), Option<Ref<Owner>>);
told!(orphans_alone, (, cascade(delete_orphan)), (index = false), Ref<Owner>);
told!(no_default, (), (on_delete = set_default), Ref<Owner>);
told!(a_default, (), (on_delete = set_default, server_default = "1"), Ref<Owner>);
told!(emptied, (), (on_delete = set_null), Option<Ref<Owner>>);
told!(deleted_by_both, (, cascade(all, delete_orphan)), (on_delete = cascade), Ref<Owner>);
told!(orphans_and_deleted, (, cascade(delete_orphan)), (on_delete = cascade), Ref<Owner>);
told!(passive, (, passive_deletes), (index = false), Option<Ref<Owner>>);
told!(passive_restrict, (, passive_deletes, cascade(delete)), (on_delete = restrict), Ref<Owner>);
told!(passive_emptied, (, passive_deletes), (on_delete = set_null), Option<Ref<Owner>>);
told!(passive_deleted, (, passive_deletes, cascade(all)), (on_delete = cascade), Ref<Owner>);
told!(deleted_first, (, cascade(delete)), (on_delete = restrict), Ref<Owner>);

#[test]
fn cascades_that_contradict_their_keys_are_told() {
    let cases: [(Result<(), orm::Error>, [&str; 2]); 6] = [
        (
            deleted_and_emptied(),
            ["`Owner.children`: `cascade(delete)`", "`on_delete = set_null` of `Child.owner`"],
        ),
        (orphans_and_emptied(), ["`cascade(delete_orphan)` keeps none", "`on_delete = set_null`"]),
        (
            orphans_alone(),
            ["nothing deletes it with its owner", "`cascade(delete, delete_orphan)`"],
        ),
        (no_default(), ["`Child.owner`: `set_default`", "server_default"]),
        (
            passive(),
            ["`Owner.children`: `passive_deletes` leaves to the database", "`on_delete = cascade`"],
        ),
        (passive_restrict(), ["which refuses", "`set_null` of `Child.owner`"]),
    ];
    for (told, words) in cases {
        let error = told.expect_err(words[0]);
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(words.iter().all(|word| error.to_string().contains(word)), "{error}");
    }
}

#[test]
fn cascades_that_fit_their_keys_are_taken() -> Result<(), orm::Error> {
    a_default()?;
    emptied()?;
    deleted_by_both()?;
    orphans_and_deleted()?;
    passive_emptied()?;
    passive_deleted()?;
    deleted_first()
}

#[test]
fn contradictions_are_told_together() {
    #[derive(Model, Clone, Debug)]
    struct House {
        #[orm(primary_key)]
        id: Auto<i64>,
        #[orm(back_populates = house, cascade(all))]
        rooms: Many<Room>,
        #[orm(back_populates = house, cascade(delete_orphan))]
        doors: Many<Door>,
    }

    #[derive(Model, Clone, Debug)]
    struct Room {
        #[orm(primary_key)]
        id: Auto<i64>,
        #[orm(on_delete = set_null)]
        house: Option<Ref<House>>,
    }

    #[derive(Model, Clone, Debug)]
    struct Door {
        #[orm(primary_key)]
        id: Auto<i64>,
        house: Ref<House>,
    }

    let error = Schema::of((House, Room, Door)).check().expect_err("two contradictions");
    for word in ["2 contradictions", "`House.rooms`", "`House.doors`"] {
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_one_of_which_there_may_be_several_is_told() {
    #[derive(Model, Clone, Debug)]
    struct Desk {
        #[orm(primary_key)]
        id: Auto<i64>,
        #[orm(back_populates = desk)]
        lamp: One<Lamp>,
        #[orm(back_populates = bought_for)]
        first: One<Lamp>,
    }

    #[derive(Model, Clone, Debug)]
    struct Lamp {
        #[orm(primary_key)]
        id: Auto<i64>,
        desk: Ref<Desk>,
        #[orm(unique)]
        bought_for: Option<Ref<Desk>>,
    }

    let error = Schema::of((Desk, Lamp)).check().expect_err("many lamps on a desk");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let told = error.to_string();
    let told = &told[told.find('`').unwrap_or(0)..];
    assert_eq!(
        told,
        "`Desk.lamp`: a `One`, and several rows may point to the same by \
         `Lamp.desk`; write `#[orm(unique)]` there, or make it a `Many<Lamp>`"
    );
}
