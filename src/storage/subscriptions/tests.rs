//! Asking, confirming, guessing and stopping.

use jiff::ToSpan as _;

use super::*;

async fn home() -> (tempfile::TempDir, Records, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let records = Records::open(&folder.path().join("records.sqlite")).await.unwrap();
    let vault = Vault::open(folder.path()).unwrap();
    (folder, records, vault)
}

fn wishes() -> Wishes {
    Wishes { communes: vec!["29083".parse().unwrap()], crops: vec![], hazards: vec!["salt".into()] }
}

fn at(minute: i64) -> Timestamp {
    "2026-11-22T00:00:00Z".parse::<Timestamp>().unwrap() + minute.minutes()
}

#[tokio::test]
async fn what_is_asked_for_holds_when_confirmed_and_until_stopped() {
    let (_folder, records, vault) = home().await;
    let (phone, commune) = ("0912345678".parse().unwrap(), "29083".parse().unwrap());
    let asked = records.ask_subscription(&vault, &phone, "sms", &wishes(), at(0)).await.unwrap();
    let Asked::Code { subscription, round } = asked else { panic!("{asked:?}") };
    assert!(records.subscribers_of(&commune).await.unwrap().is_empty());
    let code = vault.code(&subscription, round);
    let confirm = records.confirm_subscription(&vault, &phone, &code, at(5)).await.unwrap();
    assert_eq!(confirm, Confirmed::Yes);
    let told = records.subscribers_of(&commune).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].phone(&vault).unwrap(), phone);
    assert!(told[0].wishes.ask_for(&commune, Crop::Pomelo, "salt"));
    assert!(!told[0].wishes.ask_for(&commune, Crop::Pomelo, "rain"));
    // The code is used up; what somebody else asks for with the number changes nothing.
    let again = records.confirm_subscription(&vault, &phone, &code, at(6)).await.unwrap();
    assert_eq!(again, Confirmed::No);
    let other = Wishes::default();
    records.ask_subscription(&vault, &phone, "sms", &other, at(7)).await.unwrap();
    assert_eq!(records.subscribers_of(&commune).await.unwrap(), told);
    assert!(records.stop_subscription(&vault, &phone, at(8)).await.unwrap());
    assert!(records.subscribers_of(&commune).await.unwrap().is_empty());
}

#[tokio::test]
async fn codes_are_few_grow_old_and_cannot_be_guessed_for_long() {
    let (_folder, records, vault) = home().await;
    let phone: Phone = "0912345678".parse().unwrap();
    let wishes = wishes();
    let ask = |minute| records.ask_subscription(&vault, &phone, "sms", &wishes, at(minute));
    let Asked::Code { subscription, round } = ask(0).await.unwrap() else { panic!() };
    assert_eq!(ask(0).await.unwrap(), Asked::TooOften, "not twice in a minute");
    let code = vault.code(&subscription, round);
    let confirm = |code: String, minute| {
        let (records, vault, phone) = (&records, &vault, &phone);
        async move { records.confirm_subscription(vault, phone, &code, at(minute)).await.unwrap() }
    };
    assert_eq!(confirm(code.clone(), 31).await, Confirmed::No, "too old");
    let Asked::Code { round, .. } = ask(40).await.unwrap() else { panic!() };
    let right = vault.code(&subscription, round);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..WRONG_MAX {
        assert_eq!(confirm(wrong.into(), 41).await, Confirmed::No);
    }
    assert_eq!(confirm(right, 41).await, Confirmed::No, "guessed too often");
    assert!(matches!(ask(50).await.unwrap(), Asked::Code { .. }));
    assert_eq!(ask(60).await.unwrap(), Asked::TooOften, "three a day");
    assert!(matches!(ask(24 * 60 + 1).await.unwrap(), Asked::Code { .. }));
}
