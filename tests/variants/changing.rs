//! Objects of variants in a session: added, changed, made another variant, deleted, rolled back, merged.

use crate::common::{committed, run, statements};
use crate::models::*;
use orm::prelude::*;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    variants_are_inserted_together,
    one_field_of_a_variant_is_one_update_of_its_column,
    a_shared_field_is_changed_without_a_match,
    an_object_becomes_another_variant_by_one_update,
    a_rollback_brings_the_variant_back,
    a_merge_changes_the_variant,
    a_merge_takes_over_what_is_said,
    a_row_that_became_another_variant_is_read_again,
    a_field_of_another_variant_is_not_set,
    variants_are_deleted,
    a_constraint_of_a_variant_is_told,
    a_detached_variant_goes_out_and_comes_back,
    a_variant_takes_over_the_key_of_a_deleted_one,
    who_changes_a_variant_second_is_told,
);

type Done = orm::Result<()>;

type Stored = (String, i64, Option<String>, Option<String>);

fn stored(engine: &Engine) -> Vec<Stored> {
    committed(
        engine,
        text("SELECT kind, amount, number, account_iban FROM payments ORDER BY amount"),
    )
}

fn row(kind: &str, amount: i64, number: Option<&str>, iban: Option<&str>) -> Stored {
    (kind.to_owned(), amount, number.map(str::to_owned), iban.map(str::to_owned))
}

/// What was sent for the table itself.
fn of_payments(log: &orm::engine::StatementLog) -> Vec<String> {
    let sent = statements(log).into_iter();
    sent.filter(|sql| sql.contains("\"payments\"")).collect()
}

fn variants_are_inserted_together(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let bank = session.add(Bank::new("GLS"));
    session.commit()?;
    let log = engine.record();
    let card = session.add(card(20, "4111"));
    session.add(Payment::Transfer(wire(70, "DE02", bank)));
    session.add(CashPayment::new(5));
    session.commit()?;
    assert_eq!(statements(&log).len(), 1, "one INSERT for all variants");
    assert_eq!(
        stored(&engine),
        [
            row("cash", 5, None, None),
            row("card", 20, Some("4111"), None),
            row("wire", 70, None, Some("DE02")),
        ]
    );
    assert!(session[card].id().get().is_some());
    assert_eq!(session[card].version(), &0);
    Ok(())
}

fn one_field_of_a_variant_is_one_update_of_its_column(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, ..] = three(&mut session)?;
    let Payment::Card(changed) = &mut session[card] else { panic!("it is a card") };
    changed.holder = Some("Ann".into());
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains(r#""holder""#) && !sent[0].contains(r#""number""#), "{}", sent[0]);
    assert!(!sent[0].contains(r#""kind""#), "{}", sent[0]);
    // touched and the same: nothing
    let Payment::Card(same) = &mut session[card] else { panic!("it is a card") };
    same.number = "4111".into();
    let log = engine.record();
    session.commit()?;
    assert!(statements(&log).is_empty());
    Ok(())
}

fn a_shared_field_is_changed_without_a_match(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let all = three(&mut session)?;
    for payment in all {
        *session[payment].amount_mut() += 1;
    }
    session.commit()?;
    let amounts: Vec<i64> = stored(&engine).into_iter().map(|(_, amount, ..)| amount).collect();
    assert_eq!(amounts, [6, 21, 71]);
    Ok(())
}

/// What the card payment becomes.
fn cash_of(payment: &Payment) -> Payment {
    CashPayment {
        id: *payment.id(),
        amount: *payment.amount(),
        customer: payment.customer().clone(),
        labels: payment.labels().clone(),
        version: *payment.version(),
    }
    .into()
}

fn an_object_becomes_another_variant_by_one_update(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, ..] = three(&mut session)?;
    session[card] = cash_of(&session[card].clone());
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.len(), 1);
    let written = |column: &str| sent[0].contains(&format!("\"{column}\""));
    assert!(written("kind") && written("number"), "{}", sent[0]);
    // what was NULL before is not written
    assert!(!written("holder") && !written("amount") && !written("account_iban"), "{}", sent[0]);
    assert_eq!(stored(&engine)[1], row("cash", 20, None, None));
    session.clear();
    assert_eq!(select(CashPayment).count(&mut session)?, 2);
    Ok(())
}

fn a_rollback_brings_the_variant_back(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, ..] = three(&mut session)?;
    session[card] = cash_of(&session[card].clone());
    session.flush()?;
    assert!(matches!(session[card], Payment::Cash(_)));
    session.rollback()?;
    assert!(matches!(&session[card], Payment::Card(card) if card.number == "4111"));
    session.commit()?;
    let undone = session.savepoint(|session| {
        session[card] = cash_of(&session[card].clone());
        session.flush()?;
        Err::<(), _>(orm::Error::custom(std::io::Error::other("undone")))
    });
    assert!(undone.is_err());
    assert!(matches!(&session[card], Payment::Card(card) if card.number == "4111"));
    session.commit()?;
    assert_eq!(stored(&engine)[1], row("card", 20, Some("4111"), None));
    Ok(())
}

fn a_merge_changes_the_variant(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [first, ..] = three(&mut session)?;
    let id = *session[first].id().get().unwrap();
    let customer = session[first].customer().clone();
    let mut other = engine.session();
    let value = CashPayment {
        id: Auto::Set(id),
        customer: customer.and_then(|customer| customer.key()).map(Ref::from),
        version: 0,
        ..CashPayment::new(25)
    };
    let merged = other.merge(Payment::from(value))?;
    assert!(matches!(other[merged], Payment::Cash(_)));
    let log = engine.record();
    other.commit()?;
    assert_eq!(of_payments(&log).len(), 1);
    assert_eq!(stored(&engine)[1], row("cash", 25, None, None));
    Ok(())
}

fn a_merge_takes_over_what_is_said(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [first, ..] = three(&mut session)?;
    let mut value = session.detached(first)?;
    *value.amount_mut() = 22;
    if let Payment::Card(card) = &mut value {
        card.number = "4999".into();
    }
    session.clear();
    session.merge(value)?;
    session.commit()?;
    assert_eq!(stored(&engine)[1], row("card", 22, Some("4999"), None));
    Ok(())
}

fn a_row_that_became_another_variant_is_read_again(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, ..] = three(&mut session)?;
    run(&engine, &["UPDATE payments SET kind = 'cash', number = NULL WHERE kind = 'card'"]);
    session.refresh(card)?;
    assert!(matches!(session[card], Payment::Cash(_)));
    session.commit()?;
    run(&engine, &["UPDATE payments SET kind = 'card', number = '7' WHERE amount = 20"]);
    // changes that are given up, of another variant than the row
    let mut session = session.autoflush(false);
    *session[card].amount_mut() = 99;
    session.refresh(card)?;
    assert!(matches!(&session[card], Payment::Card(card) if card.number == "7"));
    assert_eq!(session[card].amount(), &20);
    let log = engine.record();
    session.commit()?;
    assert!(statements(&log).iter().all(|sql| !sql.starts_with("UPDATE")));
    Ok(())
}

fn a_field_of_another_variant_is_not_set(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, wire, _] = three(&mut session)?;
    let bank = session.add(Bank::new("DKB"));
    let error = session.set(card, TransferPayment.bank, bank).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let told = error.to_string();
    assert!(told.contains("can't be set: only a `TransferPayment` has it"), "{told}");
    let error = session.load(card, TransferPayment.bank).unwrap_err();
    assert!(error.to_string().contains("can't be loaded: only a `TransferPayment`"), "{error}");
    let error = session.set(wire, CardPayment.holder, "SECRET").unwrap_err();
    assert!(error.to_string().starts_with("`holder` of Payment("), "{error}");
    assert!(!error.to_string().contains("SECRET"));
    let error = session.set(wire, Payment.kind, "cash").unwrap_err();
    assert!(error.to_string().contains("it says which variant the object is"), "{error}");
    // what it has is set
    session.set(wire, TransferPayment.bank, bank)?;
    session.set(card, CardPayment.holder, "Ann")?;
    session.set(card, CardPayment.amount, Payment.amount + 1)?;
    session.commit()?;
    assert_eq!(stored(&engine)[1], row("card", 21, Some("4111"), None));
    assert_eq!(session.load(wire, TransferPayment.bank)?, bank);
    Ok(())
}

fn variants_are_deleted(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, wire, cash] = three(&mut session)?;
    let log = engine.record();
    session.delete(card)?;
    session.delete(cash)?;
    session.commit()?;
    assert_eq!(of_payments(&log).len(), 1, "one DELETE for all variants");
    assert!(matches!(session.state(wire), Ok(State::Persistent)));
    assert_eq!(stored(&engine), [row("wire", 70, None, Some("DE02"))]);
    Ok(())
}

fn a_constraint_of_a_variant_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    three(&mut session)?;
    session.add(card(1, "4111"));
    let error = session.flush().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(error.columns(), ["number"]);
    session.rollback()?;
    let mut connection = engine.connect()?;
    let half = "INSERT INTO payments (kind, amount, version, holder) VALUES ('card', 1, 1, 'Ann')";
    let error = connection.execute(text(half)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
    assert_eq!(error.constraint(), Some("ck_payments_kind_card"));
    connection.rollback()?;
    let both = "INSERT INTO payments (kind, amount, version, holder) VALUES ('cash', 1, 1, 'Ann')";
    assert_eq!(connection.execute(text(both)).unwrap_err().kind(), ErrorKind::CheckViolation);
    connection.rollback()?;
    let unknown = "INSERT INTO payments (kind, amount, version) VALUES ('check', 1, 1)";
    let error = connection.execute(text(unknown)).unwrap_err();
    assert_eq!(error.constraint(), Some("ck_payments_kind"));
    Ok(())
}

fn a_detached_variant_goes_out_and_comes_back(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [_, wire, _] = three(&mut session)?;
    let value = session.detached(wire)?;
    let Payment::Transfer(transfer) = &value else { panic!("it is a transfer") };
    assert_eq!(transfer.account.iban, "DE02");
    let log = engine.record();
    let back = session.merge(value)?;
    session.commit()?;
    assert_eq!(back, wire);
    assert!(statements(&log).iter().all(|sql| sql.starts_with("SELECT")));
    Ok(())
}

fn a_variant_takes_over_the_key_of_a_deleted_one(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let [card, ..] = three(&mut session)?;
    let id = *session[card].id().get().unwrap();
    session.delete(card)?;
    let cash = session.add(CashPayment { id: Auto::Set(id), ..CashPayment::new(20) });
    let log = engine.record();
    session.commit()?;
    assert_eq!(of_payments(&log).len(), 1);
    assert_eq!(stored(&engine)[1], row("cash", 20, None, None));
    assert_eq!(session.get(Payment, id)?, Some(cash));
    Ok(())
}

fn who_changes_a_variant_second_is_told(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    three(&mut engine.session())?;
    let mut first = engine.session();
    let mut second = engine.session();
    let one = select(CardPayment).one(&mut first)?;
    let other = select(CardPayment).one(&mut second)?;
    first.commit()?;
    second.commit()?;
    *first[one].amount_mut() = 1;
    first.commit()?;
    second[other] = cash_of(&second[other].clone());
    assert_eq!(second.commit().unwrap_err().kind(), ErrorKind::Stale);
    Ok(())
}
