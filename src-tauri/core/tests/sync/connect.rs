//! Connecting: every way a sign-in can end, what is kept then, and that nothing else is.

use crate::world::{REDIRECT, World, books_draft, connected, parcels_draft, state_of, with_books, world};
use backroom_core::connections::{
    ConnectDraft, ConnectionEnvironment, NamedText, SignInFailure, SignInOutcome, SignInStarted,
};
use backroom_core::event::Event;
use backroom_core::sync::testing::{BOOKS, PARCELS, Script};
use backroom_core::testing::{TestCore, wrong_fields};
use backroom_core::{Core, Error, Parts};
use chrono::Duration;
use connector_contract::{ConnectorError, MemorySecrets, Rejection, Secret, SecretError, SecretStore};
use parking_lot::Mutex;
use std::sync::Arc;

async fn start(world: &World) -> (SignInStarted, String) {
    let started = world.start_sign_in(books_draft()).await.expect("a page to open");
    let state = state_of(&started.authorize_url);
    (started, state)
}

async fn finish(world: &World, link: &str) -> SignInOutcome {
    world.finish_sign_in(link.to_owned()).await.expect("an outcome")
}

fn reason(outcome: &SignInOutcome) -> SignInFailure {
    match outcome {
        SignInOutcome::Failed { reason, message } => {
            assert!(message.ends_with('.') && message.len() > 20, "a sentence: {message}");
            *reason
        }
        SignInOutcome::Connected { .. } => panic!("connected"),
    }
}

fn assert_nothing_kept(world: &World) {
    assert_eq!(world.secrets.names(), Vec::<String>::new());
    assert_eq!(world.count_of("connections"), 0);
}

#[tokio::test]
async fn each_form_of_the_link_connects_and_keeps_secrets_in_the_keychain_alone() {
    for form in ["backroom://oauth/books?", "https://shop.example/bounce/?", "?", ""] {
        let world = world();
        let (started, state) = start(&world).await;
        assert_eq!(started.expires_at, "2026-11-20T15:10:00.000Z");
        assert!(started.authorize_url.contains("redirect_uri=https%3A%2F%2Fshop.example%2Fbounce%2F"));
        assert_eq!(state.len(), 64, "32 random bytes");
        assert_nothing_kept(&world);
        let outcome = finish(&world, &format!("{form}code=c&state={state}&realmId=account-1")).await;
        let id = connected(outcome);
        let names = ["client_id", "client_secret", "tokens"].map(|name| format!("connection/{id}/{name}"));
        assert_eq!(world.secrets.names(), names);
        let tables =
            world.count("SELECT count(*) FROM connections WHERE endpoints LIKE '%secret%' OR settings LIKE '%secret%'");
        assert_eq!(tables, 0);
        let events = world.events.lock();
        assert!(events.iter().any(|e| matches!(e, Event::SignIn { outcome: SignInOutcome::Connected { .. } })));
        assert!(events.iter().any(|e| matches!(e, Event::Navigate { path } if path == "/settings/connections")));
    }
}

#[tokio::test]
async fn every_other_end_says_why_and_keeps_nothing() {
    let refused = |code: &str| ConnectorError::Rejected(Rejection::vendors(code, None, ""));
    let unauthorized = |text: &str| ConnectorError::Unauthorized(text.into());
    // The link's query (`S` stands for the state), how the exchange or the account fails, the reason.
    let table: Vec<(&str, Option<ConnectorError>, Option<ConnectorError>, SignInFailure)> = vec![
        ("error=access_denied&state=S", None, None, SignInFailure::Declined),
        ("error=temporarily_unavailable&state=S", None, None, SignInFailure::Unreachable),
        ("error=invalid_scope&state=S", None, None, SignInFailure::CodeRefused),
        ("state=S&realmId=account-1", None, None, SignInFailure::Malformed),
        ("code=c&state=S", None, None, SignInFailure::Malformed),
        ("code=c&realmId=account-1", None, None, SignInFailure::Malformed),
        ("", None, None, SignInFailure::Malformed),
        ("code=c&state=forged&realmId=account-1", None, None, SignInFailure::UnknownState),
        ("code=c&state=S&realmId=account-1", Some(unauthorized("used up")), None, SignInFailure::CodeRefused),
        (
            "code=c&state=S&realmId=account-1",
            Some(unauthorized("the client id or secret of the app is wrong")),
            None,
            SignInFailure::ClientRefused,
        ),
        ("code=c&state=S&realmId=account-1", Some(refused("invalid_client")), None, SignInFailure::ClientRefused),
        (
            "code=c&state=S&realmId=account-1",
            Some(ConnectorError::Unavailable("x".into())),
            None,
            SignInFailure::Unreachable,
        ),
        (
            "code=c&state=S&realmId=account-1",
            Some(ConnectorError::Unknown("x".into())),
            None,
            SignInFailure::Unreachable,
        ),
        ("code=c&state=S&realmId=account-1", None, Some(unauthorized("x")), SignInFailure::CodeRefused),
        (
            "code=c&state=S&realmId=account-1",
            None,
            Some(ConnectorError::Unavailable("x".into())),
            SignInFailure::Unreachable,
        ),
        ("code=c&state=S&realmId=account-2", None, None, SignInFailure::OtherAccount),
    ];
    for (query, exchange, identify, expected) in table {
        let world = world();
        let (_, state) = start(&world).await;
        if let Some(fault) = exchange.clone() {
            world.books.break_exchange(fault);
        }
        if let Some(fault) = identify.clone() {
            world.books.break_identify(fault);
        }
        let outcome =
            finish(&world, &format!("backroom://oauth/books?{}", query.replace("=S", &format!("={state}")))).await;
        assert_eq!(reason(&outcome), expected, "{query} {exchange:?} {identify:?}");
        assert_nothing_kept(&world);
    }
}

#[tokio::test]
async fn a_forged_link_leaves_the_sign_in_waiting_and_a_real_one_works_once() {
    let world = world();
    let (_, state) = start(&world).await;
    let query = |state: &str| format!("code=c&state={state}&realmId=account-1");
    for forged in ["0".repeat(64), state[..63].to_owned(), format!("{state}0"), String::new()] {
        assert_eq!(reason(&finish(&world, &query(&forged)).await), SignInFailure::UnknownState);
    }
    let elsewhere = format!("backroom://oauth/parcels?{}", query(&state));
    assert_eq!(reason(&finish(&world, &elsewhere).await), SignInFailure::UnknownState, "another vendor's link");
    connected(finish(&world, &query(&state)).await);
    assert_eq!(reason(&finish(&world, &query(&state)).await), SignInFailure::UnknownState, "used up");
}

#[tokio::test]
async fn one_sign_in_waits_at_a_time_and_not_for_ever() {
    let world = world();
    let (_, first) = start(&world).await;
    let (_, second) = start(&world).await;
    let query = |state: &str| format!("code=c&state={state}&realmId=account-1");
    assert_eq!(reason(&finish(&world, &query(&first)).await), SignInFailure::UnknownState, "replaced");
    world.clock.advance(Duration::minutes(11));
    assert_eq!(reason(&finish(&world, &query(&second)).await), SignInFailure::Expired);
    let (_, third) = start(&world).await;
    world.cancel_sign_in().expect("a cancel");
    assert_eq!(reason(&finish(&world, &query(&third)).await), SignInFailure::UnknownState, "cancelled");
    assert_nothing_kept(&world);
}

#[tokio::test]
async fn signing_in_again_renews_the_connection_and_refuses_another_account() {
    let (world, id) = with_books().await;
    world.customer("Ada");
    world.sync_well().await;
    let draft = || ConnectDraft { connection_id: Some(id), fields: Vec::new(), redirect_uri: None, ..books_draft() };
    let started = world.start_sign_in(draft()).await.expect("keys and address are known already");
    assert!(started.authorize_url.contains("bounce"));
    let state = state_of(&started.authorize_url);
    world.books.set_account("account-2");
    let outcome = finish(&world, &format!("code=c&state={state}&realmId=account-2")).await;
    assert_eq!(reason(&outcome), SignInFailure::OtherAccount);
    let tokens = || world.secrets.get(&format!("connection/{id}/tokens")).expect("a keychain").expect("tokens");
    assert_eq!(tokens().expose(), "token for c", "the old sign-in is untouched");
    world.books.set_account("account-1");
    let started = world.start_sign_in(draft()).await.expect("a page");
    let state = state_of(&started.authorize_url);
    let again = connected(finish(&world, &format!("code=new&state={state}&realmId=account-1")).await);
    assert_eq!(again, id);
    assert_eq!(tokens().expose(), "token for new");
    assert_eq!(world.count_of("links"), 1, "what is linked stays linked");
}

#[tokio::test]
async fn a_second_connection_to_the_same_account_is_the_first_one() {
    let (world, id) = with_books().await;
    assert_eq!(world.connect_books().await, id);
    assert_eq!(world.count_of("connections"), 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_draft_is_told_all_at_once() {
    let world = world();
    let text = |id: &str, value: &str| NamedText { id: id.into(), value: value.into() };
    let wrong = ConnectDraft {
        fields: vec![text("client_id", " "), text("client_secret", "a\u{7}b"), text("odd", "x")],
        endpoints: vec![text("api", "http://elsewhere.example"), text("other", "https://x.example"), text("api", "")],
        redirect_uri: Some("http://shop.example/bounce".into()),
        ..books_draft()
    };
    let fields = wrong_fields(world.start_sign_in(wrong).await);
    let expected =
        ["fields.client_id", "fields.client_secret", "fields.odd", "endpoints.api", "endpoints.other", "redirect_uri"];
    assert_eq!(fields, expected);
    for redirect in
        [None, Some(""), Some("https://127.0.0.1/x"), Some("https://shop.example/?q=1"), Some("backroom://x")]
    {
        let draft = ConnectDraft { redirect_uri: redirect.map(str::to_owned), ..books_draft() };
        assert_eq!(wrong_fields(world.start_sign_in(draft).await), ["redirect_uri"], "{redirect:?}");
    }
    let placeholder = world.list_vendors().expect("vendors")[0].redirect_uri.clone();
    let draft = ConnectDraft { redirect_uri: placeholder, ..books_draft() };
    assert_eq!(wrong_fields(world.start_sign_in(draft).await), ["redirect_uri"], "the placeholder is not an address");
    let draft = ConnectDraft { vendor: "nobody".into(), ..books_draft() };
    assert_eq!(wrong_fields(world.start_sign_in(draft).await), ["vendor"]);
    assert_eq!(wrong_fields(world.start_sign_in(parcels_draft()).await), ["vendor"]);
    assert_eq!(wrong_fields(world.connect_with_keys(books_draft()).await), ["vendor"]);
    let draft = ConnectDraft { environment: ConnectionEnvironment::Practice, ..books_draft() };
    assert_eq!(wrong_fields(world.start_sign_in(draft).await), ["environment"]);
    let local = ConnectDraft { endpoints: vec![text("api", "http://127.0.0.1:8080/")], ..books_draft() };
    world.start_sign_in(local).await.expect("this machine needs no encryption");
}

#[tokio::test]
async fn keys_are_checked_with_the_vendor_before_they_are_kept() {
    for (fault, expected) in [
        (ConnectorError::Unauthorized("no".into()), SignInFailure::ClientRefused),
        (ConnectorError::Unavailable("down".into()), SignInFailure::Unreachable),
    ] {
        let world = world();
        world.parcels.break_identify(fault);
        let outcome = world.connect_with_keys(parcels_draft()).await.expect("an outcome");
        assert_eq!(reason(&outcome), expected);
        assert_nothing_kept(&world);
        let id = world.connect_parcels().await;
        assert_eq!(world.secrets.names(), [format!("connection/{id}/api_key")]);
    }
}

#[tokio::test]
async fn disconnecting_revokes_forgets_the_secrets_and_keeps_the_records() {
    let (world, id) = with_books().await;
    world.customer("Ada");
    let run = world.sync_well().await;
    world.customer("Bob");
    world.disconnect(id).await.expect("an end");
    assert_eq!(world.books.revoked(), 1);
    assert_eq!(world.secrets.names(), Vec::<String>::new());
    for table in ["connections", "links", "outbox", "cursors", "problems", "connection_kinds"] {
        assert_eq!(world.count_of(table), 0, "{table}");
    }
    assert_eq!(world.count_of("customers"), 2);
    assert_eq!(world.get_run(run.id, None, 10).expect("a run").run.parts[0].vendor_name, "Books", "runs stay readable");
    assert!(matches!(world.disconnect(id).await, Err(Error::NotFound("connection"))));
}

/// A keychain that fails from the n-th write on.
#[derive(Default)]
struct Locked {
    inner: MemorySecrets,
    writes_left: Mutex<usize>,
}

impl SecretStore for Locked {
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        self.inner.get(name)
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        let mut left = self.writes_left.lock();
        if *left == 0 {
            return Err(SecretError::Refused("locked".into()));
        }
        *left -= 1;
        self.inner.set(name, secret)
    }

    fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.inner.delete(name)
    }
}

#[tokio::test]
async fn a_keychain_that_fails_in_the_middle_is_left_as_it_was() {
    // One write for the probe of each beginning, then some of the three secrets.
    for writes in 0..=3 {
        let script = Script::new(&BOOKS);
        let secrets = Arc::new(Locked { writes_left: Mutex::new(writes), ..Locked::default() });
        let clock = TestCore::new().clock;
        let parts = Parts {
            data_folder: None,
            clock,
            secrets: secrets.clone(),
            vendors: vec![script.vendor()],
            practice: None,
        };
        let core = Core::open(parts).expect("a core");
        let started = core.start_sign_in(books_draft()).await;
        if writes == 0 {
            assert!(matches!(started, Err(Error::Keychain(_))), "refused before anything else");
            continue;
        }
        let state = state_of(&started.expect("a page").authorize_url);
        let link = format!("code=c&state={state}&realmId=account-1");
        let outcome = core.finish_sign_in(link).await.expect("an outcome");
        assert_eq!(reason(&outcome), SignInFailure::Keychain, "{writes} writes");
        assert_eq!(secrets.inner.names(), Vec::<String>::new(), "{writes} writes");
        assert!(core.list_connections().expect("connections").is_empty());
    }
}

#[tokio::test]
async fn practice_fills_in_everything_from_the_stand_ins_own_description() {
    let (books, parcels) = (Script::new(&BOOKS), Script::new(&PARCELS));
    let test = TestCore::new();
    let practice = serde_json::json!({
        "base_url": "http://127.0.0.1:1",
        "books": {
            "base_url": "http://127.0.0.1:1/books", "client_id": "practice-id", "client_secret": "practice-secret",
            "redirect_uri": "http://127.0.0.1:1/bounce",
        },
    });
    let parts = Parts {
        data_folder: None,
        clock: test.clock.clone(),
        secrets: test.secrets.clone(),
        vendors: vec![books.vendor(), parcels.vendor()],
        practice: Some(practice),
    };
    let core = Core::open(parts).expect("a core");
    let vendor = core.list_vendors().expect("vendors").remove(0);
    let values: Vec<Option<String>> = vendor.fields.iter().map(|field| field.practice_value.clone()).collect();
    assert_eq!(values, [Some("practice-id".to_owned()), Some("practice-secret".to_owned())]);
    let draft = ConnectDraft {
        environment: ConnectionEnvironment::Practice,
        redirect_uri: vendor.redirect_uri,
        ..books_draft()
    };
    let started = core.start_sign_in(draft).await.expect("a page");
    assert!(started.authorize_url.contains("127.0.0.1%3A1%2Fbounce"), "{}", started.authorize_url);
    let link = format!("code=c&state={}&realmId=account-1", state_of(&started.authorize_url));
    connected(core.finish_sign_in(link).await.expect("an outcome"));
    assert_ne!(REDIRECT, "http://127.0.0.1:1/bounce");
}
