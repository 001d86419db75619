//! Whose account it is, which keys are taken, and that nothing is ever sent.

use super::*;

#[tokio::test]
async fn the_account_is_named_as_in_the_dashboard() {
    let shelf = Arc::new(Shelf::default());
    let account = connector(&shelf, "rk_live_abcd1234", None).identify().await.unwrap();
    assert_eq!(account.id, "acct_1NsGk2AbCdEfGhIj");
    assert_eq!(account.name, "Harbour Paper");
    assert_eq!((account.mode, account.currency), (Some(Mode::Live), Some(Currency::USD)));
}

#[tokio::test]
async fn a_key_that_may_not_read_the_account_still_connects_and_stays_itself() {
    let shelf = Arc::new(Shelf::default());
    shelf.refuse("/v1/account", 403, include_str!("../../fixtures/error_403_permission.json"));
    let account = connector(&shelf, "rk_test_abcd1234", None).identify().await.unwrap();
    assert_eq!(account.id, "key-test-1234");
    let other = connector(&shelf, "rk_test_efgh5678", None).identify().await.unwrap();
    assert_ne!(other.id, account.id, "another key may belong to another account");
    shelf.refusals.lock().clear();
    let later = connector(&shelf, "rk_test_abcd1234", Some("key-test-1234")).identify().await.unwrap();
    assert_eq!(later.id, account.id, "the permission added later changes nothing");
}

#[tokio::test]
async fn a_key_that_may_not_read_events_cannot_connect() {
    let shelf = Arc::new(Shelf::default());
    for path in ["/v1/account", "/v1/events"] {
        shelf.refuse(path, 403, r#"{"error":{"message":"Having the 'rak_event_read' permission would allow this."}}"#);
    }
    let error = connector(&shelf, "rk_test_abcd1234", None).identify().await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unauthorized(why) if why.contains("\"Events\"")));
}

#[tokio::test]
async fn a_publishable_key_never_leaves_the_machine() {
    let shelf = Arc::new(Shelf::default());
    let stripe = connector(&shelf, "pk_live_abcd1234", None);
    assert!(matches!(stripe.identify().await, Err(ConnectorError::Unauthorized(_))));
    let request = PullRequest { stream: EVENTS, cursor: None, now: at(T0) };
    assert!(matches!(stripe.pull(request).await, Err(ConnectorError::Unauthorized(_))));
    assert!(shelf.requests.lock().is_empty());
}

#[tokio::test]
async fn nothing_is_ever_sent_to_stripe() {
    let shelf = Arc::new(Shelf::default());
    let push = Push {
        key: connector_contract::IdempotencyKey("k".into()),
        attempt: connector_contract::Attempt::Clean,
        natural_key: "x".into(),
        operation: connector_contract::Operation::Retire {
            remote_id: RemoteId("ch_1".into()),
            version: None,
            kind: RecordKind::Charge,
        },
    };
    let error = connector(&shelf, "sk_test_abcd1234", None).push(push).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Rejected(r) if r.text.contains("only read")));
    assert!(shelf.requests.lock().is_empty());
}
