//! The pure steps of a flush as data in, data out: collect, diff, order, plan, and the matcher of
//! generated keys. No database; a plan prints itself.

use super::super::identity_map::{IdentityMap, ObjectId};
use super::super::state::{Gone, State};
use super::collect::{Work, collect};
use super::diff::{Change, diff};
use super::order::order;
use super::{FlushPlan, sync};
use orm::prelude::*;
use orm_core::dialect::POSTGRES;
use orm_core::error::ErrorKind;
use orm_core::types::Key;
use std::num::NonZeroU32;

#[derive(Model, Clone, Debug)]
#[orm(table = "parents")]
struct Parent {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    note: Option<String>,
    #[orm(default = "never".to_owned(), on_update = "now".to_owned())]
    changed: String,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "children")]
struct Child {
    #[orm(primary_key)]
    id: Auto<i64>,
    parent: Ref<Parent>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "nodes")]
struct Node {
    #[orm(primary_key)]
    id: Auto<i64>,
    parent: Option<Ref<Node>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "strict")]
struct Strict {
    #[orm(primary_key)]
    id: i64,
    next: Ref<Strict>,
}

fn map() -> IdentityMap {
    IdentityMap::new(NonZeroU32::MIN)
}

fn pointing<T>(map: &IdentityMap, id: ObjectId) -> Ref<T> {
    Ref::from(map.handle(id).typed::<T>())
}

/// An object with a row.
fn known<M: Model>(map: &mut IdentityMap, value: M, key: i64) -> ObjectId {
    let id = map.add(value, 0);
    map.set_key(id, Some(Key::Int(key)));
    map.set_state(id, State::Persistent);
    id
}

/// An object with a row, lent and changed.
fn touched(map: &mut IdentityMap, key: i64, change: impl FnOnce(&mut Parent)) -> ObjectId {
    let id = known(map, Parent { id: key.into(), ..Parent::new("name") }, key);
    map.values_mut(id.model).expect("it has values").keep_original(id.slot);
    change(map.arena_mut::<Parent>().and_then(|arena| arena.value_mut(id.slot)).expect("there"));
    id
}

fn columns(map: &IdentityMap, change: &Change) -> Vec<&'static str> {
    let table = map.models[change.id.model].meta.table();
    change.columns.iter().map(|&index| table.column(index).name.as_str()).collect()
}

fn adding(added: &[ObjectId]) -> Work {
    Work { added: added.to_vec(), ..Work::default() }
}

fn plan(map: &mut IdentityMap, work: &Work) -> orm_core::error::Result<FlushPlan> {
    super::plan(map, work, Vec::new(), &POSTGRES.features)
}

fn printed(map: &mut IdentityMap, work: &Work) -> String {
    plan(map, work).expect("no contradiction").to_string()
}

#[test]
fn collect_takes_what_the_states_say() {
    let mut map = map();
    let pending = map.add(Parent::new("pending"), 0);
    let discarded = map.add(Parent::new("discarded"), 0);
    let persistent = touched(&mut map, 1, |_| {});
    let to_be_deleted = touched(&mut map, 2, |_| {});
    map.remove(discarded, Gone::Discarded);
    map.set_state(to_be_deleted, State::ToBeDeleted);
    let work = Work {
        added: vec![pending, discarded],
        touched: vec![persistent, to_be_deleted],
        deleting: vec![to_be_deleted],
        ..Work::default()
    };
    let collected = collect(&map, &work).expect("no contradiction");
    assert_eq!(collected.inserts, [pending]);
    assert_eq!(collected.candidates, [persistent]);
    assert_eq!(collected.deletes, [to_be_deleted]);
}

#[test]
fn collect_refuses_two_objects_of_one_key() {
    let mut map = map();
    known(&mut map, Parent::new("there"), 7);
    let second = map.add(Parent { id: 7.into(), ..Parent::new("second") }, 0);
    let error = collect(&map, &adding(&[second])).err().expect("one key twice");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    assert!(error.to_string().contains("Parent(new #1) was added under the key of Parent(7)"));
}

#[test]
fn diff_names_the_changed_columns_and_those_that_follow() {
    let mut map = map();
    let one = touched(&mut map, 1, |parent| parent.note = Some("changed".into()));
    let back = touched(&mut map, 2, |parent| {
        parent.name = "other".into();
        parent.name = "name".into();
    });
    let given = touched(&mut map, 3, |parent| parent.changed = "given".into());
    let changes = diff(&mut map, &[one, back, given], &[], &rustc_hash::FxHashSet::default());
    assert_eq!(changes.len(), 2);
    assert_eq!(columns(&map, &changes[0]), ["note", "changed"]);
    assert_eq!(columns(&map, &changes[1]), ["changed"]);
    let mut value = |id: ObjectId| {
        let parent = map.arena_mut::<Parent>().and_then(|arena| arena.value(id.slot));
        parent.expect("there").changed.clone()
    };
    assert_eq!(
        (value(one), value(back), value(given)),
        ("now".into(), "never".into(), "given".into())
    );
}

#[test]
fn tables_are_ordered_by_their_foreign_keys() {
    let mut map = map();
    let parent = map.add(Parent::new("p"), 0);
    let child = map.add(Child::new(pointing::<Parent>(&map, parent)), 0);
    let work = adding(&[child, parent]);
    let expected = "insert 1 row into parents (name, note, changed)\n\
                    insert 1 row into children (parent_id)\n";
    assert_eq!(printed(&mut map, &work), expected);
    for id in [parent, child] {
        map.set_state(id, State::ToBeDeleted);
    }
    let work = Work { deleting: vec![parent, child], ..Work::default() };
    assert_eq!(printed(&mut map, &work), "delete 1 row from children\ndelete 1 row from parents\n");
}

#[test]
fn rows_of_a_tree_are_ordered_in_levels() {
    let mut map = map();
    let mut added = vec![map.add(Node::new(), 0)];
    for index in 0..6 {
        let parent = pointing(&map, added[index / 2]);
        added.push(map.add(Node { parent: Some(parent), ..Node::new() }, 0));
    }
    added.reverse();
    let expected = "insert 1 row into nodes (parent_id)\n\
                    insert 2 rows into nodes (parent_id)\n\
                    insert 4 rows into nodes (parent_id)\n";
    assert_eq!(printed(&mut map, &adding(&added)), expected);
    let ordered = order(&map, &added, Vec::new(), &[]).expect("no ring");
    let sizes: Vec<usize> = ordered.inserts.iter().map(Vec::len).collect();
    assert_eq!(sizes, [1, 2, 4]);
    assert!(ordered.deferred.is_empty());
}

#[test]
fn rings_are_cut_together_and_closed_behind() {
    let mut map = map();
    let mut added = Vec::new();
    for _ in 0..50 {
        let one = map.add(Node::new(), 0);
        let other = map.add(Node { parent: Some(pointing(&map, one)), ..Node::new() }, 0);
        let reference = pointing(&map, other);
        let node = map.arena_mut::<Node>().and_then(|arena| arena.value_mut(one.slot));
        node.expect("there").parent = Some(reference);
        added.extend([one, other]);
    }
    let expected = "insert 50 rows into nodes (parent_id), parent_id as NULL\n\
                    insert 50 rows into nodes (parent_id)\n\
                    update 50 rows of nodes (parent_id)\n";
    assert_eq!(printed(&mut map, &adding(&added)), expected);
}

#[test]
fn a_ring_that_cant_be_cut_is_printed() {
    let mut map = map();
    let one = map.add(Strict::new(1, 2), 0);
    let other = map.add(Strict::new(2, pointing::<Strict>(&map, one)), 0);
    let reference = pointing(&map, other);
    let strict = map.arena_mut::<Strict>().and_then(|arena| arena.value_mut(one.slot));
    strict.expect("there").next = reference;
    let error = plan(&mut map, &adding(&[one, other])).expect_err("neither can come first");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let ring = "Strict(new #0) –next→ Strict(new #1) –next→ Strict(new #0)";
    assert!(error.to_string().contains(ring), "{error}");
}

#[test]
fn batches_are_of_one_table_one_operation_and_one_set_of_columns() {
    let mut map = map();
    let unset = map.add(Parent::new("a"), 0);
    let set = map.add(Parent { id: 900.into(), ..Parent::new("b") }, 0);
    let again = map.add(Parent::new("c"), 0);
    let late = touched(&mut map, 9, |parent| parent.name = "n".into());
    let early = touched(&mut map, 5, |parent| parent.name = "n".into());
    let noted = touched(&mut map, 7, |parent| parent.note = Some("n".into()));
    let work = Work {
        added: vec![unset, set, again],
        touched: vec![late, early, noted],
        ..Work::default()
    };
    let plan = plan(&mut map, &work).expect("no contradiction");
    let expected = "insert 2 rows into parents (name, note, changed)\n\
                    insert 1 row into parents (id, name, note, changed)\n\
                    update 2 rows of parents (name, changed)\n\
                    update 1 row of parents (note, changed)\n";
    assert_eq!(plan.to_string(), expected);
    assert_eq!(plan.batches[0].objects, [unset, again], "in the order they were added");
    assert_eq!(plan.batches[2].objects, [early, late], "in the order of their keys");
}

#[test]
fn nothing_changed_is_an_empty_plan() {
    let mut map = map();
    let same = touched(&mut map, 1, |_| {});
    let work = Work { touched: vec![same], ..Work::default() };
    assert!(plan(&mut map, &work).expect("no contradiction").is_empty());
    assert!(plan(&mut map, &Work::default()).expect("no contradiction").is_empty());
}

#[test]
fn shuffled_keys_find_their_rows() {
    // keys are drawn in the order of the rows; they come back in any order, with gaps
    let drawn: Vec<i64> = (0..1_000).map(|row| 100 + row * 3).collect();
    let mut state = 42_u64;
    for _ in 0..20 {
        let mut shuffled = drawn.clone();
        for last in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let other = usize::try_from(state >> 33).expect("31 bits") % (last + 1);
            shuffled.swap(last, other);
        }
        assert_eq!(sync::in_order_of_rows(shuffled), drawn);
    }
}

#[derive(Model, Clone, Debug)]
#[orm(table = "seats")]
struct Seat {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    number: i32,
    #[orm(unique)]
    guest: Option<i32>,
    next: Option<Ref<Seat>>,
}

fn seat(map: &mut IdentityMap, key: i64, number: i32) -> ObjectId {
    let value = Seat { id: key.into(), guest: Some(number), ..Seat::new(number) };
    let id = known(map, value, key);
    map.values_mut(id.model).expect("it has values").keep_original(id.slot);
    id
}

fn seat_mut(map: &mut IdentityMap, id: ObjectId) -> &mut Seat {
    map.arena_mut::<Seat>().and_then(|arena| arena.value_mut(id.slot)).expect("there")
}

#[test]
fn who_gives_up_comes_before_who_takes() {
    let mut map = map();
    let seats: Vec<ObjectId> = (0..4).map(|n| seat(&mut map, i64::from(n) + 1, n)).collect();
    seat_mut(&mut map, seats[0]).number = 1;
    seat_mut(&mut map, seats[1]).number = 3;
    map.set_state(seats[3], State::ToBeDeleted);
    let new = map.add(Seat::new(0), 0);
    let other = map.add(Seat::new(50), 0);
    let work = Work {
        added: vec![new, other],
        touched: seats.clone(),
        deleting: vec![seats[3]],
        ..Work::default()
    };
    let expected = "delete 1 row from seats\n\
                    update 1 row of seats (number)\n\
                    update 1 row of seats (number)\n\
                    insert 2 rows into seats (number, guest, next_id)\n";
    assert_eq!(printed(&mut map, &work), expected);
}

#[test]
fn an_exchange_empties_one_column_first() {
    let mut map = map();
    let seats: Vec<ObjectId> = (0..4).map(|n| seat(&mut map, i64::from(n) + 1, n)).collect();
    for (seat, guest) in [(0, 1), (1, 0), (2, 3), (3, 2)] {
        seat_mut(&mut map, seats[seat]).guest = Some(guest);
    }
    let work = Work { touched: seats, ..Work::default() };
    let expected = "update 2 rows of seats (guest), guest as NULL\n\
                    update 2 rows of seats (guest)\n\
                    update 2 rows of seats (guest)\n";
    assert_eq!(printed(&mut map, &work), expected);
}

#[test]
fn a_ring_of_unique_values_that_cant_be_cut_is_printed() {
    let mut map = map();
    let seats: Vec<ObjectId> = (0..3).map(|n| seat(&mut map, i64::from(n) + 1, n)).collect();
    for (seat, number) in [(0, 1), (1, 2), (2, 0)] {
        seat_mut(&mut map, seats[seat]).number = number;
    }
    let work = Work { touched: seats.clone(), ..Work::default() };
    let error = plan(&mut map, &work).expect_err("none can come first");
    let told = error.to_string();
    for part in
        ["Seat(1) gives up `uq_seats_number` to ", "make `number` NULLable", "flush in between"]
    {
        assert!(told.contains(part), "{told}");
    }
    seat_mut(&mut map, seats[2]).number = 9;
    assert!(plan(&mut map, &work).is_ok(), "mended");
}

#[test]
fn an_update_is_split_where_its_columns_wait_for_different_rows() {
    let mut map = map();
    let old = seat(&mut map, 1, 0);
    let new = map.add(Seat::new(0), 0);
    let next = pointing(&map, new);
    let seat = seat_mut(&mut map, old);
    seat.number = 1;
    seat.next = Some(next);
    let work = Work { added: vec![new], touched: vec![old], ..Work::default() };
    let expected = "update 1 row of seats (number)\n\
                    insert 1 row into seats (number, guest, next_id)\n\
                    update 1 row of seats (next_id)\n";
    assert_eq!(printed(&mut map, &work), expected);
}

#[test]
fn a_key_deleted_and_added_is_an_update() {
    let mut map = map();
    let old = seat(&mut map, 1, 0);
    map.set_state(old, State::ToBeDeleted);
    let new = map.add(Seat { id: 1.into(), ..Seat::new(0) }, 0);
    let work = Work { added: vec![new], deleting: vec![old], ..Work::default() };
    assert_eq!(printed(&mut map, &work), "update 1 row of seats (guest)\n");
}
