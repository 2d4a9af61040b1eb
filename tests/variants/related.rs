//! Relationships to an enum and from it: shared ones, and those that one variant has.

use crate::common::statements;
use crate::models::*;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_collection_holds_all_variants,
    a_graph_of_variants_goes_in_by_one_add,
    shared_relationships_are_followed_by_the_handle,
    a_relationship_of_one_variant_is_included,
    a_plain_tree_holds_variants,
    variants_are_joined,
    a_reference_leads_to_any_variant,
    links_are_of_all_variants,
    orphans_of_a_collection_are_deleted,
    parts_of_a_collection_are_of_variants,
);

type Done = orm::Result<()>;

fn a_collection_holds_all_variants(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    three(&mut engine.session())?;
    let mut session = engine.session();
    let log = engine.record();
    let ann = select(Customer).include(Customer.payments).one(&mut session)?;
    assert_eq!(statements(&log).len(), 2);
    let payments = session[ann].payments.get()?.to_vec();
    let amounts: Vec<i64> = payments.iter().map(|&payment| *session[payment].amount()).collect();
    assert_eq!(amounts, [5, 20, 70]);
    assert!(matches!(session[payments[1]], Payment::Card(_)));
    Ok(())
}

fn a_graph_of_variants_goes_in_by_one_add(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let new: Ref<Bank> = Bank::new("GLS").into();
    let transfer = TransferPayment::new(70, Account::new("DE02"), new);
    let payments = [Payment::Card(card(20, "4111")), Payment::Transfer(transfer)];
    let ann = session.add(Customer { payments: payments.into(), ..Customer::new("Ann") });
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.iter().filter(|sql| sql.contains("INSERT INTO \"payments\"")).count(), 1);
    let payments = ann.payments(&mut session)?;
    assert_eq!(payments.len(), 2);
    let bank = session.load(payments[1], TransferPayment.bank)?;
    assert_eq!(session[bank].name, "GLS");
    Ok(())
}

fn shared_relationships_are_followed_by_the_handle(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, ..] = three(&mut session)?;
    let bob = session.add(Customer::new("Bob"));
    let ann = card.customer(&mut session)?.expect("Ann");
    assert_eq!(session[ann].name, "Ann");
    session.set(card, Payment.customer, bob)?;
    session.commit()?;
    assert_eq!(bob.payments(&mut session)?, [card]);
    assert_eq!(ann.payments(&mut session)?.len(), 2);
    Ok(())
}

fn a_relationship_of_one_variant_is_included(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    three(&mut engine.session())?;
    for joined in [false, true] {
        let mut session = engine.session().load_mode(orm::LoadMode::Forbid);
        let log = engine.record();
        let query = select(Payment).order_by(Payment.amount);
        let query = if joined {
            query.include(TransferPayment.bank.joined())
        } else {
            query.include(TransferPayment.bank)
        };
        let payments = query.all(&mut session)?;
        assert_eq!(statements(&log).len(), if joined { 1 } else { 2 });
        let bank = session.load(payments[2], TransferPayment.bank)?;
        assert_eq!(session[bank].name, "GLS");
    }
    let mut session = engine.session();
    let transfer = select(TransferPayment).include(TransferPayment.bank).one(&mut session)?;
    let log = engine.record();
    session.load(transfer, TransferPayment.bank)?;
    assert!(statements(&log).is_empty());
    Ok(())
}

fn a_plain_tree_holds_variants(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    three(&mut engine.session())?;
    let mut connection = engine.connect()?;
    let query = select(Customer).include(Customer.payments.then(TransferPayment.bank));
    for customer in query.all(&mut connection)? {
        let payments = customer.payments.values()?;
        let Payment::Transfer(transfer) = &payments[2] else { panic!("sorted by amount") };
        assert_eq!(transfer.bank.value()?.name, "GLS");
        assert!(matches!(payments[0], Payment::Cash(_)));
    }
    Ok(())
}

fn variants_are_joined(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, wire, _] = three(&mut session)?;
    let found = select((Customer.name, CardPayment)).join(Customer.payments).all(&mut session)?;
    assert_eq!(found, [("Ann".to_owned(), card)]);
    let found = select((Payment, Bank.name)).join(TransferPayment.bank).all(&mut session)?;
    assert_eq!(found, [(wire, "GLS".to_owned())]);
    let found = select(Payment).filter(TransferPayment.bank.has(|bank| bank.name.eq("GLS")));
    assert_eq!(found.all(&mut session)?, [wire]);
    session.add(Customer::new("Bob"));
    let found = select((Customer.name, CardPayment.number.optional()))
        .left_join(Customer.payments)
        .filter(Payment.kind.is_null().or(Payment.kind.eq("card")))
        .order_by(Customer.name)
        .all(&mut session)?;
    let number = Some("4111".to_owned());
    assert_eq!(found, [("Ann".to_owned(), number), ("Bob".to_owned(), None)]);
    Ok(())
}

fn a_reference_leads_to_any_variant(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, wire, _] = three(&mut session)?;
    let ann = card.customer(&mut session)?.expect("Ann");
    session.set(ann, Customer.favourite, wire)?;
    session.commit()?;
    session.clear();
    let ann = select(Customer).include(Customer.favourite).one(&mut session)?;
    let favourite = ann.favourite(&mut session)?.expect("it was set");
    assert!(matches!(session[favourite], Payment::Transfer(_)));
    Ok(())
}

fn links_are_of_all_variants(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, wire, _] = three(&mut session)?;
    let label = session.add(Label::new("urgent"));
    session.link(card, Payment.labels, label)?;
    session.link(label, Label.payments, wire)?;
    session.commit()?;
    session.clear();
    let label = session.get(Label, "urgent")?.expect("it is there");
    assert_eq!(label.payments(&mut session)?.len(), 2);
    let labelled = select(CardPayment).filter(Payment.labels.any(|label| label.name.eq("urgent")));
    assert_eq!(labelled.count(&mut session)?, 1);
    Ok(())
}

fn orphans_of_a_collection_are_deleted(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, ..] = three(&mut session)?;
    let ann = card.customer(&mut session)?.expect("Ann");
    session.unlink(ann, Customer.payments, card)?;
    session.commit()?;
    assert_eq!(select(Payment).count(&mut session)?, 2);
    session.delete(ann)?;
    session.commit()?;
    assert_eq!(select(Payment).count(&mut session)?, 0);
    Ok(())
}

fn parts_of_a_collection_are_of_variants(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, ..] = three(&mut session)?;
    let cards = Customer.payments.filter(CardPayment.number.like("4%"));
    let rows = select((Customer.name, cards)).all(&mut session)?;
    assert_eq!(rows, [("Ann".to_owned(), vec![card])]);
    Ok(())
}
